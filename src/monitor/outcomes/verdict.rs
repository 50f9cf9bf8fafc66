//! What the effects of a policy amount to.

use super::effect::Effect;
use crate::monitor::{Family, Figure, Segment, State, Unit};
use crate::units::{Id, Market};

/// The most of a metric that a policy may cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Guardrail {
    /// Of what: `orders`, `gmv`.
    pub metric: String,
    /// Share of the baseline, in [0, 1).
    pub max_loss: f64,
}

/// The effect on a metric; `None` where it cannot be told.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricEffect {
    /// Of what.
    pub metric: String,
    /// Its unit.
    pub unit: Unit,
    /// The effect.
    pub effect: Option<Effect>,
}

/// What is to be made of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// What it is against falls, and no guardrail is broken.
    Working,
    /// A guardrail is broken.
    Harmful,
    /// Neither can be said; with units still needed to see the smallest effect of interest, where that can be told.
    NotYetKnown(Option<u64>),
}

/// A policy in a market.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyOutcome {
    /// The policy.
    pub policy: Id,
    /// Where.
    pub market: Market,
    /// Every metric.
    pub effects: Vec<MetricEffect>,
    /// The verdict.
    pub verdict: Verdict,
    /// Metrics whose guardrail is broken.
    pub broken: Vec<String>,
}

/// Family-wise error of all guardrails of a policy.
const ALPHA: f64 = 0.05;

/// z of a two-sided 5 % test, plus that of power 0.8.
const DETECTABLE: f64 = 1.959_963_984_540_054 + 0.841_621_233_572_914_3;

/// Judges a policy by its `goal`, a metric that should fall, and its guardrails.
///
/// A guardrail is broken where the loss is beyond chance (one-sided, Holm over all of the policy's guardrails, 5 %) and is estimated to be
/// above `max_loss`. So a policy without any effect is called harmful in at most 5 of 100 cases, and a real loss need not be *surely*
/// above the limit, which small holdbacks could never show. `min_effect` is the share of the baseline whose detection (power 0.8) is asked for.
#[must_use]
pub fn judge(
    policy: Id,
    market: Market,
    effects: Vec<MetricEffect>,
    guardrails: &[Guardrail],
    goal: &str,
    min_effect: f64,
) -> PolicyOutcome {
    let of = |metric: &str| effects.iter().find(|known| known.metric == metric).and_then(|known| known.effect);
    let mut tested: Vec<(&Guardrail, Effect)> = guardrails.iter().filter_map(|rail| Some((rail, of(&rail.metric)?))).collect();
    tested.sort_by(|a, b| a.1.p_loss.total_cmp(&b.1.p_loss).then_with(|| a.0.metric.cmp(&b.0.metric)));
    // Holm 1979: the smallest p against α/m, the next against α/(m − 1), until one fails. Guardrails that cannot be told count in m.
    let broken: Vec<String> = (tested.iter().enumerate())
        .take_while(|(rank, (_, effect))| effect.p_loss * ((guardrails.len() - rank) as f64) < ALPHA)
        .filter(|(_, (rail, effect))| -effect.difference > rail.max_loss * effect.baseline.max(0.0))
        .map(|(_, (rail, _))| rail.metric.clone())
        .collect();
    let verdict = if !broken.is_empty() {
        Verdict::Harmful
    } else if of(goal).is_some_and(|effect| effect.interval.high < 0.0) {
        Verdict::Working
    } else {
        Verdict::NotYetKnown(of(goal).and_then(|effect| still_needed(&effect, min_effect)))
    };
    PolicyOutcome { policy, market, effects, verdict, broken }
}

/// Units still to come, in the present proportion of the arms: the variance falls as 1/n.
fn still_needed(effect: &Effect, min_effect: f64) -> Option<u64> {
    let smallest = min_effect * effect.baseline;
    let n = (effect.n_treated + effect.n_held_back) as f64;
    let ratio = DETECTABLE * effect.standard_error / smallest;
    (smallest > 0.0).then(|| (n * ratio * ratio - n).ceil().max(0.0) as u64)
}

/// One figure a metric, and one for the verdict (`policy_verdict`, without value).
#[must_use]
pub fn outcome_figures(outcome: &PolicyOutcome) -> Vec<Figure> {
    let segment = || Segment { market: Some(outcome.market), subject: Some(outcome.policy.to_string()), ..Segment::default() };
    let mut figures = Vec::with_capacity(outcome.effects.len() + 1);
    for of in &outcome.effects {
        let mut figure = Figure::new(Family::Outcome, &format!("effect_{}", of.metric), segment(), of.unit);
        figure.method = "lin_clustered";
        match &of.effect {
            Some(effect) => {
                figure.value = Some(effect.difference);
                figure.interval = Some(effect.interval);
                figure.n = effect.n_treated + effect.n_held_back;
                let is_broken = outcome.broken.contains(&of.metric);
                figure.state = if is_broken { State::Warning } else { State::Plain };
                figure.note = Some(format!(
                    "{} treated, {} held back, whose mean is {:.4}{}",
                    effect.n_treated,
                    effect.n_held_back,
                    effect.baseline,
                    if is_broken { "; the guardrail is broken" } else { "" }
                ));
            }
            None => {
                figure.state = State::Unknown;
                figure.note = Some("too few sellers in an arm, or no spread".to_owned());
            }
        }
        figures.push(figure);
    }
    let mut verdict = Figure::new(Family::Outcome, "policy_verdict", segment(), Unit::Number);
    verdict.method = "holm";
    verdict.n = figures.iter().map(|figure| figure.n).max().unwrap_or(0);
    (verdict.state, verdict.note) = match outcome.verdict {
        Verdict::Working => (State::Within, Some("working".to_owned())),
        Verdict::Harmful => (State::Warning, Some(format!("harmful: {}", outcome.broken.join(", ")))),
        Verdict::NotYetKnown(Some(n)) => (State::Unknown, Some(format!("not_yet_known: {n} more units needed"))),
        Verdict::NotYetKnown(None) => (State::Unknown, Some("not_yet_known".to_owned())),
    };
    figures.push(verdict);
    figures
}
