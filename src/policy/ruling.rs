//! What is done with a row, once the night has been counted.

use super::compile::{Policy, PolicySet};
use super::evaluate::{Trace, TraceState};
use super::night::Night;
use crate::config::PolicyMode;
use crate::units::Treatment;

/// What is done with a row, and which policies had a part in it, by their places in [`PolicySet::policies`].
#[derive(Debug, Clone, PartialEq)]
pub struct Ruling {
    /// The most severe treatment of the highest priority; `allow` where none acts.
    pub treatment: Treatment,
    /// The treatments that apply, each with the factor of its policy where that has one: those of the highest priority, and escalations.
    pub applied: Vec<(Treatment, Option<f64>)>,
    /// Policies that act, by id.
    pub acting: Vec<usize>,
    /// Policies that would, were they live or the unit within their rollout.
    pub shadow: Vec<usize>,
    /// Live policies that hold the row back for comparison.
    pub held_back: Vec<usize>,
    /// Policies that escalate the row.
    pub escalating: Vec<usize>,
    /// The row goes to `escalations` alone.
    pub is_urgent: bool,
}

impl PolicySet {
    /// What is done with a row of `traces` on `night`.
    #[must_use]
    pub fn rule(&self, traces: &[Trace], night: &Night) -> Ruling {
        let mut ruling = Ruling {
            treatment: Treatment::Allow,
            applied: Vec::new(),
            acting: Vec::new(),
            shadow: Vec::new(),
            held_back: Vec::new(),
            escalating: Vec::new(),
            is_urgent: false,
        };
        let mut acting: Vec<(&Policy, Treatment)> = Vec::new();
        for trace in traces {
            let at = usize::from(trace.policy);
            let Some(policy) = self.policies.get(at) else { continue };
            match trace.state {
                TraceState::Null | TraceState::Excepted | TraceState::FirstOwner => {}
                TraceState::HeldBack if night.is_live(at) => ruling.held_back.push(at),
                TraceState::Fired | TraceState::FiredOnLinks if night.is_live(at) => {
                    ruling.acting.push(at);
                    acting.push((policy, treatment_of(policy, trace.state)));
                }
                _ => ruling.shadow.push(at),
            }
        }
        let highest = acting.iter().map(|(policy, _)| policy.file.priority).max();
        for ((policy, treatment), at) in acting.iter().zip(&ruling.acting) {
            let escalates = *treatment == Treatment::Escalate;
            if escalates {
                ruling.escalating.push(*at);
                ruling.is_urgent |= policy.file.urgent_route;
            }
            if escalates || Some(policy.file.priority) == highest {
                ruling.treatment = ruling.treatment.max(*treatment);
                let factor = policy.file.multiplier.filter(|_| *treatment == Treatment::Downrank);
                ruling.applied.push((*treatment, factor));
            }
        }
        ruling
    }

    /// Whether a row of `traces` goes to `escalations` alone: an urgent route has no cap that could stop it.
    #[must_use]
    pub fn is_urgent(&self, traces: &[Trace]) -> bool {
        let mut acting = traces.iter().filter(|trace| trace.state.acts());
        acting.any(|trace| {
            let file = self.policies.get(usize::from(trace.policy)).map(|policy| &policy.file);
            file.is_some_and(|file| file.urgent_route && file.mode == PolicyMode::Live && file.treatment == Treatment::Escalate)
        })
    }

    /// The ids of the policies at `places`.
    #[must_use]
    pub fn ids(&self, places: &[usize]) -> Vec<String> {
        places.iter().filter_map(|at| self.policies.get(*at)).map(|policy| policy.file.id.to_string()).collect()
    }

    /// Minutes of the longest review that the acting policies ask for.
    #[must_use]
    pub fn minutes(&self, ruling: &Ruling) -> Option<f64> {
        let asked = ruling.acting.iter().filter_map(|at| self.policies.get(*at)?.file.minutes);
        asked.fold(None, |most: Option<f64>, minutes| Some(most.map_or(minutes, |most| most.max(minutes))))
    }
}

/// What a policy does where it acts: on links alone no more than `review`.
fn treatment_of(policy: &Policy, state: TraceState) -> Treatment {
    if state == TraceState::FiredOnLinks { policy.file.treatment.min(Treatment::Review) } else { policy.file.treatment }
}
