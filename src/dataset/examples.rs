//! Training examples: one row per decision at the midnight before it was decided.

use std::collections::{BTreeMap, BTreeSet};

use super::shard::{ContentHistory, Shard};
use super::spine::SpineRow;
use crate::tables::DecisionRow;
use crate::units::{AsOf, ContentType, DecidedBy, Id, Timestamp, Verdict, Zones};

/// One verdict to learn from.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainingRow {
    /// Index into `Shard::contents`.
    pub content: usize,
    /// The midnight before the decision.
    pub as_of: AsOf,
    /// The label.
    pub label: Id,
    /// The verdict, after any appeal.
    pub verdict: Verdict,
    /// Probability with which the item was drawn into review, where it is known.
    pub inclusion_probability: Option<f64>,
    /// Minutes that the review took, where they are known.
    pub minutes: Option<f64>,
}

/// The training rows of one shard, and what was left out.
#[derive(Debug, Default)]
pub struct TrainingExamples {
    /// Rows, by item, then time, then label.
    pub rows: Vec<TrainingRow>,
    /// Verdicts of automatic decisions: learning from them would teach the model its own mistakes.
    pub automatic: u64,
    /// Verdicts for labels that the project does not score, or outside the label's content types.
    pub out_of_scope: u64,
    /// Verdicts that an appeal replaced.
    pub overturned: u64,
    /// Verdicts on items published at or after the midnight before: no history.
    pub same_day: u64,
}

impl TrainingExamples {
    /// Collects the decisions of `shard` made before `until`. `labels` maps each active label to its content types.
    #[must_use]
    pub fn of(shard: &Shard, labels: &BTreeMap<Id, BTreeSet<ContentType>>, until: Timestamp, zones: &Zones) -> Self {
        let mut examples = Self::default();
        for (content, (_, history)) in shard.contents.iter().enumerate() {
            examples.add_item(content, history, labels, until, zones);
        }
        examples
    }

    fn add_item(
        &mut self,
        content: usize,
        history: &ContentHistory,
        labels: &BTreeMap<Id, BTreeSet<ContentType>>,
        until: Timestamp,
        zones: &Zones,
    ) {
        let Some(first) = history.first() else { return };
        let known: Vec<&DecisionRow> =
            history.decisions.iter().filter(|d| d.decided_at < until && d.ingested_at.is_none_or(|at| at < until)).collect();
        let replaced: BTreeMap<&Id, &DecisionRow> =
            known.iter().filter_map(|d| d.overturns.as_ref().map(|id| (id, *d))).collect();
        let ids: BTreeSet<&Id> = known.iter().map(|d| &d.decision_id).collect();
        for decision in &known {
            // An appeal speaks through the decision that it replaces, or for itself where that one is not in the input.
            if decision.overturns.as_ref().is_some_and(|id| ids.contains(id)) {
                continue;
            }
            let (spoken, overturned) = last_word(decision, &replaced);
            self.overturned += u64::from(overturned);
            if spoken.decided_by == Some(DecidedBy::Automatic) {
                self.automatic += 1;
                continue;
            }
            let as_of = zones.as_of(first.market, zones.day_of(first.market, decision.decided_at));
            self.same_day += u64::from(!history.is_known(as_of));
            let verdict = spoken.golden_verdict.unwrap_or(spoken.verdict);
            let mut used = false;
            for (label, types) in labels {
                let speaks = *label == spoken.label || (spoken.label == "*" && verdict == Verdict::Compliant);
                if speaks && types.contains(&first.content_type) {
                    used = true;
                    self.rows.push(TrainingRow {
                        content,
                        as_of,
                        label: label.clone(),
                        verdict,
                        inclusion_probability: decision.inclusion_probability,
                        minutes: decision.minutes,
                    });
                }
            }
            self.out_of_scope += u64::from(!used);
        }
    }

    /// The distinct (item, midnight) pairs of the rows, in row order, and for each row the index of its pair.
    #[must_use]
    pub fn spine(&self, shard: &Shard) -> (Vec<SpineRow>, Vec<usize>) {
        let mut at: BTreeMap<(usize, AsOf), usize> = BTreeMap::new();
        let keys: BTreeSet<(usize, AsOf)> = self.rows.iter().map(|r| (r.content, r.as_of)).collect();
        let spine = keys.into_iter().enumerate().map(|(n, (content, as_of))| {
            at.insert((content, as_of), n);
            SpineRow { content, as_of, same_day: !shard.contents[content].1.is_known(as_of) }
        });
        let spine = spine.collect();
        let index = self.rows.iter().map(|r| at[&(r.content, r.as_of)]).collect();
        (spine, index)
    }
}

/// The decision that stands in the end after the appeals in `replaced`, and whether any did replace it.
fn last_word<'d>(decision: &'d DecisionRow, replaced: &BTreeMap<&Id, &'d DecisionRow>) -> (&'d DecisionRow, bool) {
    let mut standing = decision;
    // A chain of appeals is at most as long as there are appeals; a circle in bad data ends there too.
    for _ in 0..replaced.len() {
        match replaced.get(&standing.decision_id) {
            Some(next) => standing = next,
            None => break,
        }
    }
    (standing, standing.decision_id != decision.decision_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::fixtures::{content, day_us, decision};
    use crate::units::Verdict::{Compliant, Violating};

    /// The examples of one listing, published on day 10, from `decisions`; `scam` and `gambling` are active, `gambling` for comments
    /// only. Each is shown as label, verdict and day of its midnight.
    fn check(decisions: Vec<DecisionRow>, expect: &[(&str, Verdict, i32)]) -> TrainingExamples {
        let history = ContentHistory { versions: vec![content("c", day_us(10.0))], decisions, ..ContentHistory::default() };
        let shard = Shard { contents: vec![("c".into(), history)], ..Shard::default() };
        let labels = BTreeMap::from([
            (Id::from("scam"), BTreeSet::from([ContentType::Listing])),
            (Id::from("gambling"), BTreeSet::from([ContentType::Comment])),
        ]);
        let examples = TrainingExamples::of(&shard, &labels, Timestamp(day_us(50.0)), &Zones::utc());
        let got: Vec<(&str, Verdict, i32)> =
            examples.rows.iter().map(|row| (row.label.as_str(), row.verdict, row.as_of.day.0)).collect();
        assert_eq!(got, expect);
        examples
    }

    fn overturning(id: &str, overturned: &str, verdict: Verdict, days: f64) -> DecisionRow {
        DecisionRow { overturns: Some(overturned.into()), ..decision(id, "scam", verdict, days) }
    }

    #[test]
    fn a_decision_is_learned_from_at_the_midnight_before_it() {
        check(vec![decision("1", "scam", Violating, 12.5)], &[("scam", Violating, 12)]);
        check(vec![decision("1", "scam", Violating, 50.0)], &[]);
    }

    #[test]
    fn a_verdict_speaks_for_its_label_and_a_star_clears_all_that_apply() {
        let examples = check(vec![decision("1", "gambling", Violating, 12.5), decision("2", "other", Violating, 12.5)], &[]);
        assert_eq!(examples.out_of_scope, 2);
        check(vec![decision("1", "*", Compliant, 12.5)], &[("scam", Compliant, 12)]);
        check(vec![decision("1", "*", Violating, 12.5)], &[]);
    }

    #[test]
    fn an_appeal_speaks_at_the_midnight_of_what_it_replaces() {
        let first = decision("1", "scam", Violating, 12.5);
        let examples = check(vec![first.clone(), overturning("2", "1", Compliant, 20.5)], &[("scam", Compliant, 12)]);
        assert_eq!(examples.overturned, 1);
        // An appeal of an appeal, and one that came too late to be known.
        let chain = vec![first.clone(), overturning("2", "1", Compliant, 20.5), overturning("3", "2", Violating, 30.5)];
        check(chain, &[("scam", Violating, 12)]);
        check(vec![first, overturning("2", "1", Compliant, 60.0)], &[("scam", Violating, 12)]);
        // One whose original is not in the input speaks for itself; a circle ends.
        check(vec![overturning("2", "lost", Compliant, 20.5)], &[("scam", Compliant, 20)]);
        check(vec![overturning("1", "2", Compliant, 20.5), overturning("2", "1", Violating, 21.5)], &[]);
    }

    #[test]
    fn automatic_decisions_teach_nothing_and_golden_answers_win() {
        let automatic = DecisionRow { decided_by: Some(DecidedBy::Automatic), ..decision("1", "scam", Violating, 12.5) };
        assert_eq!(check(vec![automatic], &[]).automatic, 1);
        let golden = DecisionRow { golden_verdict: Some(Violating), ..decision("1", "scam", Compliant, 12.5) };
        check(vec![golden], &[("scam", Violating, 12)]);
    }

    #[test]
    fn an_item_decided_on_the_day_it_was_published_is_flagged() {
        let examples = check(vec![decision("1", "scam", Violating, 10.5)], &[("scam", Violating, 10)]);
        assert_eq!(examples.same_day, 1);
    }
}
