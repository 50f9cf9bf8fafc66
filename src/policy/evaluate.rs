//! What each policy says of each row.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::batch::{Batch, BatchRow};
use super::compile::{Policy, PolicySet};
use super::error::PolicyError;
use super::links::OnLinks;
use super::share::Draw;
use crate::config::{ExceptionKind, ExceptionTarget, PolicyUnit};
use crate::sql::{Compiled, SqlColumn, evaluate_conditions};
use crate::units::{Day, Id, Treatment};

/// What a policy says of a row. Where its condition is false, or the row is not in its scope, there is no trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// The policy, by its place in [`PolicySet::policies`].
    pub policy: u16,
    /// What it says.
    pub state: TraceState,
}

/// What a policy whose condition is not false says of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TraceState {
    /// It fires.
    Fired,
    /// It fires, but the features of copies and rings alone would do: no more than `review`.
    FiredOnLinks,
    /// It fires, but the features of copies and rings alone would do, and who is first of them is the victim: it does nothing.
    FirstOwner,
    /// It fires on a unit that is held back for comparison.
    HeldBack,
    /// It fires on a unit outside its rollout.
    OutsideRollout,
    /// It fires on someone who is excepted.
    Excepted,
    /// Its condition is null.
    Null,
}

impl TraceState {
    /// Whether the policy acts, if it is live.
    #[must_use]
    pub fn acts(self) -> bool {
        matches!(self, Self::Fired | Self::FiredOnLinks)
    }

    /// Whether the condition holds.
    #[must_use]
    pub fn holds(self) -> bool {
        self != Self::Null
    }
}

/// The entries that hold on a day, for one policy: whom they are about.
#[derive(Default)]
struct Excepted<'a> {
    content: BTreeSet<&'a str>,
    sellers: BTreeSet<&'a str>,
}

impl Excepted<'_> {
    fn has(&self, row: &BatchRow<'_>) -> bool {
        self.content.contains(row.content_id) || row.seller_id.is_some_and(|seller| self.sellers.contains(seller))
    }
}

impl PolicySet {
    /// For each row of `batch` its traces, by policy.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn evaluate(&self, batch: &Batch<'_>) -> Result<Vec<Vec<Trace>>, PolicyError> {
        let mut traces: Vec<Vec<Trace>> = vec![Vec::new(); batch.rows.len()];
        if batch.rows.is_empty() || self.policies.is_empty() {
            return Ok(traces);
        }
        let columns = self.gathered(batch);
        let conditions: Vec<&Compiled> = self.policies.iter().map(|policy| &policy.when).collect();
        let answers = self.answers(&conditions, &self.policies.iter().collect::<Vec<_>>(), &columns, batch.rows.len())?;
        let asking: Vec<(usize, &Policy)> =
            self.policies.iter().enumerate().filter(|(_, policy)| !policy.firsts.is_empty()).collect();
        let readers: Vec<&Policy> = asking.iter().map(|(_, policy)| *policy).collect();
        let on_links = self.on_links(&readers, &columns, batch.rows.len())?;
        for (at, (policy, answers)) in self.policies.iter().zip(&answers).enumerate() {
            let Ok(number) = u16::try_from(at) else { continue };
            let excepted = self.excepted(policy, batch.day);
            let on_links = asking.iter().position(|(asker, _)| *asker == at).and_then(|at| on_links.get(at));
            for (row, (answer, traces)) in answers.iter().zip(&mut traces).enumerate() {
                let (false, Some(about)) = (*answer == Some(false), batch.rows.get(row)) else { continue };
                if !policy.file.covers_type(about.content_type) || !policy.file.covers_market(about.market, batch.day) {
                    continue;
                }
                let carried = on_links.and_then(|rows| rows.get(row).copied()).unwrap_or(OnLinks::More);
                let state = match answer {
                    None => TraceState::Null,
                    Some(_) if carried == OnLinks::First => TraceState::FirstOwner,
                    Some(_) => self.state(policy, about, &excepted, carried == OnLinks::Alone),
                };
                traces.push(Trace { policy: number, state });
            }
        }
        Ok(traces)
    }

    fn state(&self, policy: &Policy, row: &BatchRow<'_>, excepted: &Excepted<'_>, links_alone: bool) -> TraceState {
        if excepted.has(row) {
            return TraceState::Excepted;
        }
        let file = &policy.file;
        let unit = match file.unit {
            PolicyUnit::Content => row.content_id,
            PolicyUnit::Seller => row.seller_id.unwrap_or(row.content_id),
        };
        let is_within = |draw, share: f64| self.key.uniform(draw, &file.id, unit) < share;
        if file.rollout < 1.0 && !is_within(Draw::Rollout, file.rollout) {
            return TraceState::OutsideRollout;
        }
        if file.holdback > 0.0 && is_within(Draw::Holdback, file.holdback) {
            return TraceState::HeldBack;
        }
        if links_alone { TraceState::FiredOnLinks } else { TraceState::Fired }
    }

    /// Whom `policy` leaves alone on `day`. Nobody is excepted from an escalation, and a snooze is about review alone.
    fn excepted(&self, policy: &Policy, day: Day) -> Excepted<'_> {
        let mut excepted = Excepted::default();
        let treatment = policy.file.treatment;
        for entry in &self.exceptions.entries {
            let named = entry.policies.is_empty() || entry.policies.contains(&policy.file.id);
            let applies = match entry.kind {
                ExceptionKind::Allow => treatment != Treatment::Escalate,
                ExceptionKind::Snooze => treatment == Treatment::Review,
            };
            if !named || !applies || day >= entry.until {
                continue;
            }
            match &entry.target {
                ExceptionTarget::Content(id) => excepted.content.insert(id.as_str()),
                ExceptionTarget::Seller(id) => excepted.sellers.insert(id.as_str()),
            };
        }
        excepted
    }

    /// Whether `content_id` or `seller_id` is snoozed on `day` for all policies: the queue passes it over.
    #[must_use]
    pub fn is_snoozed(&self, content_id: &str, seller_id: Option<&str>, day: Day) -> bool {
        self.exceptions.entries.iter().any(|entry| {
            let about = match &entry.target {
                ExceptionTarget::Content(id) => id == content_id,
                ExceptionTarget::Seller(id) => seller_id == Some(id.as_str()),
            };
            about && entry.kind == ExceptionKind::Snooze && entry.policies.is_empty() && day < entry.until
        })
    }

    /// Every column that some policy or its guards read, once.
    fn gathered(&self, batch: &Batch<'_>) -> BTreeMap<String, SqlColumn> {
        self.needs().into_iter().map(|name| (name.to_owned(), (batch.column)(name))).collect()
    }

    /// The answers of `conditions`, those of `policies`, whose parameters are columns: two policies may have one of the same name, so
    /// each distinct set of parameters is evaluated on its own.
    pub(super) fn answers(
        &self,
        conditions: &[&Compiled],
        policies: &[&Policy],
        columns: &BTreeMap<String, SqlColumn>,
        n_rows: usize,
    ) -> Result<Vec<Vec<Option<bool>>>, PolicyError> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for (at, policy) in policies.iter().enumerate() {
            let fits = |group: &Vec<usize>| group.iter().all(|other| agree(policies[*other], policy));
            match groups.iter_mut().find(|group| fits(group)) {
                Some(group) => group.push(at),
                None => groups.push(vec![at]),
            }
        }
        let mut answers: Vec<Vec<Option<bool>>> = vec![Vec::new(); conditions.len()];
        for group in groups {
            let parameters: BTreeMap<&str, f64> =
                group.iter().flat_map(|at| &policies[*at].file.parameters).map(|(name, value)| (name.as_str(), *value)).collect();
            let constants: Vec<(&str, SqlColumn)> =
                parameters.into_iter().map(|(name, value)| (name, SqlColumn::Number(vec![Some(value); n_rows]))).collect();
            let constants = constants.iter().map(|(name, cells)| (*name, cells));
            let frame: Vec<(&str, &SqlColumn)> =
                columns.iter().map(|(name, cells)| (name.as_str(), cells)).chain(constants).collect();
            let of_group: Vec<&Compiled> = group.iter().map(|at| conditions[*at]).collect();
            let done = evaluate_conditions(&of_group, &frame, n_rows).map_err(|reason| PolicyError::Evaluation { reason })?;
            for (at, answer) in group.into_iter().zip(done) {
                answers[at] = answer;
            }
        }
        Ok(answers)
    }

    /// What `policy` says of rows, whatever its mode, market, type, shares and exceptions: for its unit cases and for explanations.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn condition(&self, policy: &Policy, batch: &Batch<'_>) -> Result<Vec<Option<bool>>, PolicyError> {
        let columns = policy.reads().map(|name| (name.to_owned(), (batch.column)(name))).collect();
        let mut answers = self.answers(&[&policy.when], &[policy], &columns, batch.rows.len())?;
        Ok(answers.pop().unwrap_or_default())
    }

    /// The place in [`PolicySet::policies`] of the policy called `id`.
    #[must_use]
    pub fn position(&self, id: &Id) -> Option<usize> {
        self.policies.iter().position(|policy| policy.file.id == *id)
    }
}

/// Whether two policies give every parameter that both have the same value.
fn agree(a: &Policy, b: &Policy) -> bool {
    let value = |policy: &Policy, name: &str| policy.file.parameters.iter().find(|(own, _)| own == name).map(|(_, value)| *value);
    a.file.parameters.iter().all(|(name, own)| value(b, name).is_none_or(|other| other == *own))
}
