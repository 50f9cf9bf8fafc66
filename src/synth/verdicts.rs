//! Verdicts: what a reviewer says of a case, and the decision rows that come of it, second reviews and golden cases included.

use crate::tables::DecisionRow;
use crate::units::{ContentType, DecidedBy, Id, SelectedBy, Timestamp, Verdict};

use super::desk::{Desk, HOUR_US};
use super::ids::{Kind, id};
use super::labels::{ALL, Label};
use super::reviewers::{REVIEWERS, reviewer, reviewer_id};

/// Why an item is reviewed, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case {
    pub(super) by: SelectedBy,
    pub(super) at: i64,
    pub(super) probability: Option<f64>,
}

impl Desk<'_> {
    /// Hours until a person gets to it: urgent queues are shorter.
    pub(super) fn delay(&mut self, by: SelectedBy) -> i64 {
        let hours = match by {
            SelectedBy::Report => self.rng.log_normal(2.0, 0.8),
            SelectedBy::Random | SelectedBy::Importance => self.rng.log_normal(3.2, 0.5),
            _ => self.rng.log_normal(2.6, 0.8),
        };
        (hours.min(240.0) * HOUR_US) as i64
    }

    /// A person judges the suspected label and sometimes says something of the rest.
    pub(super) fn targeted(&mut self, by: SelectedBy, now: i64, suspect: Label) {
        let case = Case { by, at: now + self.delay(by), probability: None };
        let k = self.rng.below(REVIEWERS);
        // Only who looked at every label may clear them all.
        let share = if self.rng.chance(0.3) { 1.0 } else { 0.3 };
        let mut found = vec![(suspect, self.judge(k, suspect, case.at, 3.0))];
        for label in ALL.into_iter().filter(|l| *l != suspect && l.applies_to(self.plan.kind)) {
            if self.rng.chance(share) {
                let verdict = self.judge(k, label, case.at, 1.0);
                found.push((label, verdict));
            }
        }
        let all_well = share == 1.0 && found.iter().all(|(_, v)| *v == Verdict::Compliant);
        if all_well { self.clear(case, k) } else { self.record(case, k, found) }
    }

    /// A person judges every label: `*` if all is well, else one row a label, so that each label's sample stays unbiased.
    pub(super) fn full_review(&mut self, by: SelectedBy, now: i64, probability: Option<f64>) {
        let case = Case { by, at: now + self.delay(by), probability };
        let k = self.rng.below(REVIEWERS);
        let labels: Vec<Label> = ALL.into_iter().filter(|l| l.applies_to(self.plan.kind)).collect();
        let found: Vec<_> = labels.into_iter().map(|l| (l, self.judge(k, l, case.at, 0.4))).collect();
        if found.iter().all(|(_, v)| *v == Verdict::Compliant) { self.clear(case, k) } else { self.record(case, k, found) }
    }

    /// A case whose answer is known, to measure the reviewer.
    pub(super) fn golden(&mut self, now: i64) {
        let case = Case { by: SelectedBy::Golden, at: now + self.delay(SelectedBy::Golden), probability: None };
        let (label, _) = self.most_suspect(3.0, now);
        let truth = if self.plan.violates(label, case.at) { Verdict::Violating } else { Verdict::Compliant };
        let k = self.rng.below(REVIEWERS);
        let verdict = self.judge(k, label, case.at, 2.0);
        if self.write(case, label, verdict, Some(reviewer_id(self.seller.place_idx, k))).is_some()
            && let Some(row) = self.book.decisions.last_mut()
        {
            row.golden_verdict = Some(truth);
        }
    }

    /// What reviewer `k` says; `priming` multiplies false alarms.
    pub(super) fn judge(&mut self, k: usize, label: Label, at: i64, priming: f64) -> Verdict {
        let (sensitivity, specificity) = reviewer(self.world, self.seller.place_idx, k);
        let hard = 0.10 * self.plan.disguise + if matches!(label, Label::FakeReview | Label::CopiedListing) { 0.05 } else { 0.0 };
        let violating = if self.plan.violates(label, at) { sensitivity - hard } else { ((1.0 - specificity) * priming).min(0.3) };
        if self.rng.chance(violating) { Verdict::Violating } else { Verdict::Compliant }
    }

    pub(super) fn clear(&mut self, case: Case, k: usize) {
        let reviewer = Some(reviewer_id(self.seller.place_idx, k));
        if self.write(case, Label::TrafficRedirect, Verdict::Compliant, reviewer).is_some()
            && let Some(row) = self.book.decisions.last_mut()
        {
            row.label = Id::const_new("*");
        }
    }

    pub(super) fn record(&mut self, case: Case, k: usize, found: Vec<(Label, Verdict)>) {
        let place = self.seller.place_idx;
        for (label, verdict) in found {
            let Some(decision) = self.write(case, label, verdict, Some(reviewer_id(place, k))) else { continue };
            if verdict == Verdict::Violating {
                self.act(label, case.at, decision);
            }
            if self.rng.chance(0.07) {
                let other = (k + 1 + self.rng.below(REVIEWERS - 1)) % REVIEWERS;
                let again =
                    Case { by: SelectedBy::Qa, at: case.at + (self.rng.between(10.0, 72.0) * HOUR_US) as i64, probability: None };
                let second = self.judge(other, label, again.at, 2.0);
                self.write(again, label, second, Some(reviewer_id(place, other)));
            }
        }
    }

    /// Writes one decision; `None` when it would fall after the window. Without a reviewer it is automatic.
    pub(super) fn write(&mut self, case: Case, label: Label, verdict: Verdict, reviewer: Option<Id>) -> Option<Id> {
        if case.at >= self.world.end {
            return None;
        }
        let decision_id = id(Kind::Decision, self.seller.index, self.book.n_decisions);
        self.book.n_decisions += 1;
        let human = reviewer.is_some();
        let slow = if matches!(self.plan.kind, ContentType::Video | ContentType::Live) { 1.0 } else { 0.2 };
        let minutes = human.then(|| (self.rng.log_normal(slow, 0.5) * 10.0).round().max(1.0) / 10.0);
        self.book.decisions.push(DecisionRow {
            decision_id: decision_id.clone(),
            content_id: self.content_id.clone(),
            label: label.spec().id.into(),
            verdict,
            decided_at: Timestamp(case.at),
            reviewer_id: reviewer.or_else(|| Some(Id::const_new("incumbent-v3"))),
            decided_by: Some(if human { DecidedBy::Human } else { DecidedBy::Automatic }),
            selected_by: Some(case.by),
            inclusion_probability: case.probability,
            overturns: None,
            golden_verdict: None,
            minutes,
            ingested_at: None,
        });
        Some(decision_id)
    }
}
