//! Decisions to learn from: each with the midnight before it, and the rows of a spine at such midnights.
//!
//! Deliberately not here: what the decisions of an item say together, appeals among them (`feedback`).

use std::collections::BTreeSet;

use super::shard::Shard;
use super::spine::SpineRow;
use crate::tables::DecisionRow;
use crate::units::{AsOf, ContentType, Timestamp, Zones};

/// A known decision beside what only its item knows.
#[derive(Debug, Clone, Copy)]
pub struct KnownDecision<'s> {
    /// Index into `Shard::contents`.
    pub content: usize,
    /// The item's kind, by the version that was known first.
    pub content_type: ContentType,
    /// The midnight before the decision, in the item's market.
    pub as_of: AsOf,
    /// The decision.
    pub decision: &'s DecisionRow,
}

/// The decisions on items of `shard` that were made and ingested before `until`, by item.
#[must_use]
pub fn known_decisions<'s>(shard: &'s Shard, until: Timestamp, zones: &Zones) -> Vec<KnownDecision<'s>> {
    let mut known = Vec::new();
    for (content, (_, history)) in shard.contents.iter().enumerate() {
        let Some(first) = history.first() else { continue };
        let decisions = history.decisions.iter().filter(|d| d.decided_at < until && d.ingested_at.is_none_or(|at| at < until));
        known.extend(decisions.map(|decision| KnownDecision {
            content,
            content_type: first.content_type,
            as_of: zones.as_of(first.market, zones.day_of(first.market, decision.decided_at)),
            decision,
        }));
    }
    known
}

/// The rows of items (indices into `Shard::contents`) at midnights, in their order.
///
/// # Panics
/// When an index is none of the shard.
#[must_use]
pub fn decided_spine(shard: &Shard, midnights: &BTreeSet<(usize, AsOf)>) -> Vec<SpineRow> {
    let row = |(content, as_of): &(usize, AsOf)| SpineRow {
        content: *content,
        as_of: *as_of,
        same_day: !shard.contents[*content].1.is_known(*as_of),
    };
    midnights.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::ContentHistory;
    use crate::dataset::fixtures::{content, day_us, decision};
    use crate::units::Verdict::Violating;

    /// The decisions known before day 50 on one listing that was published on day 10, as identifier and day of their midnight; and
    /// whether the row there is of the day of publication.
    fn check(decisions: Vec<DecisionRow>, expect: &[(&str, i32, bool)]) {
        let history = ContentHistory { versions: vec![content("c", day_us(10.0))], decisions, ..ContentHistory::default() };
        let shard = Shard { contents: vec![("c".into(), history)], ..Shard::default() };
        let known = known_decisions(&shard, Timestamp(day_us(50.0)), &Zones::utc());
        let got: Vec<(&str, i32, bool)> = known
            .iter()
            .map(|d| {
                let spine = decided_spine(&shard, &BTreeSet::from([(d.content, d.as_of)]));
                (d.decision.decision_id.as_str(), d.as_of.day.0, spine[0].same_day)
            })
            .collect();
        assert_eq!(got, expect);
    }

    #[test]
    fn a_decision_is_learned_from_at_the_midnight_before_it() {
        let late = DecisionRow { ingested_at: Some(Timestamp(day_us(50.0))), ..decision("3", "scam", Violating, 12.5) };
        let rows = vec![decision("1", "scam", Violating, 12.5), decision("2", "scam", Violating, 50.0), late];
        check(rows, &[("1", 12, false)]);
    }

    #[test]
    fn an_item_decided_on_the_day_it_was_published_is_flagged() {
        check(vec![decision("1", "scam", Violating, 10.5)], &[("1", 10, true)]);
    }
}
