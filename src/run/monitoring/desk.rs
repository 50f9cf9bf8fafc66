//! What the input says of the desk and of complaints, shard by shard: reports that wait or were answered, verdicts on golden cases, second
//! opinions, and reasons.

use crate::dataset::{ContentHistory, ReviewState, Shard};
use crate::monitor::{Figure, OperationsTally, PainTally, Stretch, staffing_curve_figures};
use crate::run::project::Project;
use crate::run::queueing::NightQueue;
use crate::tables::DecisionRow;
use crate::units::{AsOf, Day, DecidedBy, Market, SelectedBy, Timestamp};

/// Days that a stretch of time has.
const STRETCH_DAYS: i64 = 28;

/// Gathers what the desk did and what people complain of.
pub(super) struct Desk<'a> {
    project: &'a Project,
    day: Day,
    operations: OperationsTally,
    pains: PainTally,
}

impl<'a> Desk<'a> {
    /// Nothing gathered yet.
    pub(super) fn begin(project: &'a Project, day: Day) -> Self {
        Self { project, day, operations: OperationsTally::default(), pains: PainTally::default() }
    }

    /// Adds all items of a shard, in scope or not.
    pub(super) fn add_shard(&mut self, shard: &Shard) {
        for (_, history) in &shard.contents {
            let Some(first) = history.first() else { continue };
            let as_of = self.project.config.time.zones.as_of(first.market, self.day);
            self.add_item(history, as_of, first.market);
        }
        for seller in shard.sellers.values() {
            let Some(version) = seller.versions.last() else { continue };
            let Some(market) = version.market else { continue };
            let as_of = self.project.config.time.zones.as_of(market, self.day);
            for event in seller.after_sales.iter().filter(|row| as_of.knows(row.occurred_at, row.ingested_at)) {
                if let Some(stretch) = stretch(event.occurred_at, as_of) {
                    self.pains.add(event.kind.as_str(), event.reason.as_deref(), (market, None), stretch);
                }
            }
        }
    }

    fn add_item(&mut self, history: &ContentHistory, as_of: AsOf, market: Market) {
        let category = history.version_at(as_of).and_then(|version| version.category.as_ref());
        let place = (market, category);
        for report in history.reports.iter().filter(|row| as_of.knows(row.reported_at, row.ingested_at)) {
            if let Some(stretch) = stretch(report.reported_at, as_of) {
                self.pains.add("report", report.reason.as_deref(), place, stretch);
            }
        }
        for event in history.after_sales.iter().filter(|row| as_of.knows(row.occurred_at, row.ingested_at)) {
            if let Some(stretch) = stretch(event.occurred_at, as_of) {
                self.pains.add(event.kind.as_str(), event.reason.as_deref(), place, stretch);
            }
        }
        if let Some(since) = ReviewState::of(history, as_of).and_then(|state| state.reported_since) {
            self.operations.add_waiting(market, seconds(since, as_of.instant));
        }
        let mut known: Vec<&DecisionRow> =
            history.decisions.iter().filter(|d| as_of.knows(d.decided_at, d.ingested_at)).collect();
        known.sort_by(|a, b| (a.decided_at, &a.decision_id).cmp(&(b.decided_at, &b.decision_id)));
        for (at, decision) in known.iter().enumerate() {
            let Some(stretch) = stretch(decision.decided_at, as_of) else { continue };
            if decision.selected_by == Some(SelectedBy::Appeal) || decision.overturns.is_some() {
                let what = if decision.overturns.is_some() { "appeal overturned" } else { "appeal" };
                self.pains.add(what, Some(&decision.label), place, stretch);
            }
            if decision.decided_by == Some(DecidedBy::Automatic) || stretch == Stretch::Before {
                continue;
            }
            self.add_review(history, as_of, (decision, &known[..at]), market);
        }
    }

    /// Adds a person's review; `earlier` are the decisions before it.
    fn add_review(
        &mut self,
        history: &ContentHistory,
        as_of: AsOf,
        (decision, earlier): (&DecisionRow, &[&DecisionRow]),
        market: Market,
    ) {
        if let Some(minutes) = decision.minutes {
            self.operations.add_minutes(market, minutes);
        }
        if let Some(right) = decision.golden_verdict {
            self.operations.add_golden(market, &decision.label, right == decision.verdict);
        }
        let by_person = |d: &&&DecisionRow| d.decided_by != Some(DecidedBy::Automatic);
        let last = earlier.iter().filter(by_person).map(|d| d.decided_at).max();
        // Verdicts on several labels at one time answer the same reports once.
        if last != Some(decision.decided_at) {
            let answered = history.reports.iter().filter(|row| {
                as_of.knows(row.reported_at, row.ingested_at)
                    && row.reported_at < decision.decided_at
                    && last.is_none_or(|last| row.reported_at > last)
            });
            if let Some(first) = answered.map(|row| row.reported_at).min() {
                self.operations.add_answer(market, seconds(first, decision.decided_at));
            }
        }
        // A second opinion is one before it of another person, on the same label; who decides an appeal has seen the first.
        let is_first_hand = |d: &DecisionRow| d.overturns.is_none() && d.selected_by != Some(SelectedBy::Appeal);
        let other = |d: &&&DecisionRow| {
            d.label == decision.label && d.reviewer_id.is_some() && d.reviewer_id != decision.reviewer_id && is_first_hand(d)
        };
        if decision.reviewer_id.is_some()
            && is_first_hand(decision)
            && let Some(before) = earlier.iter().filter(by_person).rfind(other)
        {
            self.operations.add_pair(market, &decision.label, before.verdict == decision.verdict);
        }
    }

    /// What it comes to, with the harm that the queue's minutes prevent.
    pub(super) fn finish(self, queue: &NightQueue) -> Vec<Figure> {
        let mut figures = self.operations.figures(self.project.config.monitor.operations.agreed_hours);
        figures.extend(self.pains.figures());
        for (market, of_market) in &queue.markets {
            figures.extend(staffing_curve_figures(*market, &of_market.staffing));
        }
        figures
    }
}

/// Whole seconds from one instant to a later one.
fn seconds(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from((to.0 - from.0) / 1_000_000).unwrap_or(0)
}

/// The stretch in which an instant lies; none for what is older.
fn stretch(at: Timestamp, as_of: AsOf) -> Option<Stretch> {
    let days = as_of.instant.days_since(at);
    match days {
        _ if days < 0.0 => None,
        _ if days <= STRETCH_DAYS as f64 => Some(Stretch::Recent),
        _ if days <= 2.0 * STRETCH_DAYS as f64 => Some(Stretch::Before),
        _ => None,
    }
}
