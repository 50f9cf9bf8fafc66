//! Treatment: what is done about a violating item some hours after the verdict, how it is appealed, and when strikes restrict the
//! seller. The book keeps one seller's decisions and actions.

use crate::tables::{ActionRow, DecisionRow};
use crate::units::{Id, LabelKind, SelectedBy, Timestamp, Treatment, Verdict};

use super::DAY_US;
use super::desk::{Desk, HOUR_US};
use super::ids::{Kind, id};
use super::labels::Label;
use super::verdicts::Case;

/// The desk's book of one seller: rows so far and the counters of their ids.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) decisions: Vec<DecisionRow>,
    pub(super) actions: Vec<ActionRow>,
    pub(super) n_decisions: u64,
    pub(super) n_actions: u64,
    /// Starts of actions for abuse on the seller's items.
    pub(super) strikes: Vec<i64>,
    /// Until when the seller is restricted, and since when.
    pub(super) restrictions: Vec<(i64, i64)>,
}

impl Desk<'_> {
    /// Share of the item's natural traffic that it is given between `from` and `until`.
    pub(super) fn share_of_traffic(&self, from: i64, until: i64) -> f64 {
        let length = (until - from).max(1) as f64;
        let overlap = |a: i64, b: i64| (b.min(until) - a.max(from)).max(0) as f64 / length;
        let item: f64 = self.treated.iter().map(|(a, b, left)| overlap(*a, *b) * (1.0 - left)).sum();
        let seller: f64 = self.book.restrictions.iter().map(|(a, b)| overlap(*a, *b) * 0.5).sum();
        (1.0 - item.min(1.0)) * (1.0 - seller.min(0.5))
    }

    /// Treats a violating item some hours later, and hears the appeal.
    pub(super) fn act(&mut self, label: Label, decided: i64, decision: Id) {
        let start = decided + (self.rng.log_normal(1.2, 1.0).min(60.0) * HOUR_US) as i64;
        let already = self.treated.iter().any(|(a, b, _)| (*a..*b).contains(&start));
        if start >= self.world.end || already || !self.rng.chance(0.9) {
            return;
        }
        let spec = label.spec();
        let (treatment, left) = match (spec.kind, spec.severity) {
            (LabelKind::Abuse, 4..) => (Treatment::Hold, 0.0),
            (LabelKind::Abuse, _) if self.rng.chance(0.4) => (Treatment::Hold, 0.0),
            (LabelKind::Abuse, _) => (Treatment::NoRecommend, 0.25),
            (LabelKind::Quality, _) => (Treatment::Downrank, 0.45),
        };
        let expires = (treatment != Treatment::Hold).then(|| start + (self.rng.between(10.0, 30.0) * DAY_US as f64) as i64);
        let appeal = self.appeal(label, start, decision);
        let until = appeal.as_ref().map_or(i64::MAX, |(t, _)| *t).min(expires.unwrap_or(i64::MAX));
        let action_id = id(Kind::Action, self.seller.index, self.book.n_actions);
        self.book.n_actions += 1;
        self.book.actions.push(ActionRow {
            action_id,
            content_id: Some(self.content_id.clone()),
            seller_id: None,
            treatment,
            policy_id: Some(compact_str::format_compact!("{}-{}", spec.id, treatment.as_str())),
            started_at: Timestamp(start),
            ended_at: (until < self.world.end).then_some(Timestamp(until)),
            reversed_by: appeal.filter(|(t, _)| *t == until).map(|(_, by)| by),
            ingested_at: None,
        });
        self.treated.push((start, until, left));
        if spec.kind == LabelKind::Abuse {
            self.strike(start);
        }
    }

    /// A treated seller appeals, more often when wronged. Returns when and by which decision the treatment ends.
    pub(super) fn appeal(&mut self, label: Label, start: i64, decision: Id) -> Option<(i64, Id)> {
        let at = start + (self.rng.between(12.0, 130.0) * HOUR_US) as i64;
        let wronged = !self.plan.violates(label, at);
        if !self.rng.chance(if wronged { 0.45 } else { 0.09 }) {
            return None;
        }
        let upheld = self.rng.chance(if wronged { 0.08 } else { 0.94 });
        let verdict = if upheld { Verdict::Violating } else { Verdict::Compliant };
        let case = Case { by: SelectedBy::Appeal, at, probability: None };
        let senior = compact_str::format_compact!("senior-{}", self.seller.place().code.to_ascii_lowercase());
        let by = self.write(case, label, verdict, Some(senior))?;
        if upheld {
            return None;
        }
        if let Some(row) = self.book.decisions.last_mut() {
            row.overturns = Some(decision);
        }
        Some((at, by))
    }

    /// Three treated items within thirty days restrict the seller for a fortnight.
    pub(super) fn strike(&mut self, start: i64) {
        self.book.strikes.push(start);
        let recent = self.book.strikes.iter().filter(|t| (start - 30 * DAY_US..=start).contains(*t)).count();
        let from = start + DAY_US;
        let until = from + 14 * DAY_US;
        let overlaps = self.book.restrictions.iter().any(|(a, b)| from < *b && *a < until);
        if recent < 3 || overlaps || from >= self.world.end {
            return;
        }
        let action_id = id(Kind::Action, self.seller.index, self.book.n_actions);
        self.book.n_actions += 1;
        self.book.actions.push(ActionRow {
            action_id,
            content_id: None,
            seller_id: Some(self.seller.id.clone()),
            treatment: Treatment::NoRecommend,
            policy_id: Some(Id::const_new("three_strikes")),
            started_at: Timestamp(from),
            ended_at: (until < self.world.end).then_some(Timestamp(until)),
            reversed_by: None,
            ingested_at: None,
        });
        self.book.restrictions.push((from, until));
    }
}
