//! While a decision stood: the one rule that histories, copies, creators and rings share.
//!
//! A decision stands from when it was known until the first decision on the same item that overturns it is known. Nothing else ends
//! it: a later verdict that finds no violation, for the same label or for `*`, is another reviewer's word and not an appeal, so
//! that it clears the item of what it speaks for (DESIGN.md §3) and leaves standing what was found before. Deliberately not here:
//! what a model learns from, where an overturn speaks through the decision that it replaces (`feedback`).

use std::collections::HashMap;

use crate::tables::DecisionRow;
use crate::units::{Id, Timestamp};

/// A decision, and while it stood.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing<'a> {
    /// The decision.
    pub decision: &'a DecisionRow,
    /// From when it was known.
    pub from: Timestamp,
    /// From when it was known to be overturned; the end of time while nothing overturns it. Not always after `from`.
    pub until: Timestamp,
}

impl Standing<'_> {
    /// Whether it was known before `instant`, and no overturn of it.
    #[must_use]
    pub fn holds(&self, instant: Timestamp) -> bool {
        self.from < instant && self.until >= instant
    }

    /// Whether anything overturns it.
    #[must_use]
    pub fn is_overturned(&self) -> bool {
        self.until != NEVER
    }

    /// Whether there was a moment at which it held.
    #[must_use]
    pub fn ever_held(&self) -> bool {
        self.from < self.until
    }
}

/// After everything.
const NEVER: Timestamp = Timestamp(i64::MAX);

/// While each of `decisions` stood, in their order; they may be of many items. Linear in the decisions.
pub fn standing<'a>(decisions: impl Iterator<Item = &'a DecisionRow> + Clone) -> impl Iterator<Item = Standing<'a>> {
    let known = |row: &DecisionRow| row.decided_at.max(row.ingested_at.unwrap_or(row.decided_at));
    // Looked up only, never walked.
    let mut overturned: HashMap<(&Id, &Id), Timestamp> = HashMap::new();
    for row in decisions.clone() {
        if let Some(id) = &row.overturns {
            let first = overturned.entry((&row.content_id, id)).or_insert(NEVER);
            *first = known(row).min(*first);
        }
    }
    decisions.map(move |decision| Standing {
        decision,
        from: known(decision),
        until: overturned.get(&(&decision.content_id, &decision.decision_id)).copied().unwrap_or(NEVER),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::{at, decision};
    use crate::units::Verdict::{Compliant, Violating};

    /// The days on which each of `rows` holds, of 10, 21, 26, 31 and 41.
    fn held(rows: &[DecisionRow]) -> Vec<Vec<i32>> {
        let days = |s: Standing<'_>| [10, 21, 26, 31, 41].into_iter().filter(|day| s.holds(at(f64::from(*day)))).collect();
        standing(rows.iter()).map(days).collect()
    }

    fn overturn(id: &str, of: &str, day: f64) -> DecisionRow {
        DecisionRow { overturns: Some(of.into()), ..decision(id, "a", Compliant, day) }
    }

    #[test]
    fn a_decision_stands_until_its_overturn_is_known() {
        let late = DecisionRow { ingested_at: Some(at(30.0)), ..overturn("2", "1", 20.0) };
        let rows = [decision("1", "a", Violating, 10.0), late];
        assert_eq!(held(&rows), [vec![21, 26], vec![31, 41]]);
        // Of two overturns, the first known ends it.
        let rows = [decision("1", "a", Violating, 10.0), overturn("2", "1", 30.0), overturn("3", "1", 25.0)];
        assert_eq!(held(&rows), [vec![21], vec![31, 41], vec![26, 31, 41]]);
    }

    #[test]
    fn what_names_another_items_decision_overturns_nothing() {
        let elsewhere = DecisionRow { content_id: "b".into(), ..overturn("2", "1", 20.0) };
        assert_eq!(held(&[decision("1", "a", Violating, 10.0), elsewhere])[0], [21, 26, 31, 41]);
    }

    /// One reviewer finds a scam, the next finds nothing at all: that is no appeal.
    #[test]
    fn a_later_verdict_that_clears_all_labels_leaves_the_first_standing() {
        let cleared = DecisionRow { label: "*".into(), ..decision("2", "a", Compliant, 20.0) };
        assert_eq!(held(&[decision("1", "a", Violating, 10.0), cleared.clone()]), [vec![21, 26, 31, 41], vec![21, 26, 31, 41]]);
        let appeal = DecisionRow { overturns: Some("1".into()), ..cleared };
        assert_eq!(held(&[decision("1", "a", Violating, 10.0), appeal])[0], Vec::<i32>::new());
    }

    #[test]
    fn what_is_overturned_before_it_is_known_never_stands() {
        let mut first = decision("1", "a", Violating, 10.0);
        first.ingested_at = Some(at(25.0));
        let rows = [first, overturn("2", "1", 20.0), overturn("3", "3", 20.0)];
        assert_eq!(held(&rows), [vec![], vec![21, 26, 31, 41], vec![]]);
        let ever: Vec<bool> = standing(rows.iter()).map(|s| s.ever_held()).collect();
        assert_eq!(ever, [false, true, false]);
    }

    #[test]
    fn a_long_chain_of_overturns_is_one_pass() {
        // Comparing every pair of these would take minutes.
        let n = 100_000;
        let rows: Vec<DecisionRow> = (1..=n).map(|i| overturn(&i.to_string(), &(i - 1).to_string(), f64::from(i))).collect();
        let spans: Vec<(Timestamp, Timestamp)> = standing(rows.iter()).map(|s| (s.from, s.until)).collect();
        assert!((1..n).zip(&spans).all(|(i, span)| *span == (at(f64::from(i)), at(f64::from(i + 1)))));
        assert_eq!(spans.len(), rows.len());
    }
}
