//! Appeals: which decision has the last word, and how often appeals overturn.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Proportion;
use crate::tables::DecisionRow;
use crate::units::{Id, SelectedBy, Verdict};

/// Who speaks for whom among the decisions on one item, as indices.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct LastWords {
    /// An original decision, and the one that stands in its place after appeals (itself, without one).
    pub(super) spoken: Vec<(usize, usize)>,
    /// Decisions in whose place an appeal speaks, and appeals that a later one of the same decision replaced.
    pub(super) overturned: u64,
    /// Decisions that overturn each other in a circle: nobody has the last word.
    pub(super) circular: u64,
}

/// The last words of `decisions`, all on one item, by time. Of two appeals of one decision the later one stands; an appeal whose
/// original is not here speaks for itself.
pub(super) fn last_words(decisions: &[&DecisionRow]) -> LastWords {
    let ids: BTreeSet<&Id> = decisions.iter().map(|d| &d.decision_id).collect();
    let mut appeals: BTreeMap<&Id, Vec<usize>> = BTreeMap::new();
    let mut roots = Vec::new();
    for (at, decision) in decisions.iter().enumerate() {
        match decision.overturns.as_ref().filter(|id| ids.contains(id)) {
            Some(id) => appeals.entry(id).or_default().push(at),
            None => roots.push(at),
        }
    }
    let mut found = LastWords::default();
    let mut seen = vec![false; decisions.len()];
    for root in roots {
        let mut last = root;
        // At most as many steps as there are decisions, also where identifiers repeat in bad data.
        for _ in 0..decisions.len() {
            match appeals.get(&decisions[last].decision_id).and_then(|of| of.last()) {
                Some(next) => last = *next,
                None => break,
            }
        }
        found.spoken.push((root, last));
        let mut below = vec![root];
        while let Some(at) = below.pop() {
            if !std::mem::replace(&mut seen[at], true) {
                below.extend(appeals.get(&decisions[at].decision_id).into_iter().flatten());
            }
        }
    }
    let reached = seen.iter().filter(|seen| **seen).count();
    found.overturned = (reached - found.spoken.len().min(reached)) as u64;
    found.circular = (decisions.len() - reached) as u64;
    found
}

/// How appeals against violating verdicts of one label ended.
///
/// **Not a precision estimate**: who appeals is not drawn, so the share overturned is a biased sample of false positives, and those who do
/// not appeal are not counted at all (FIELD.md §3).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Appeals {
    /// The label.
    pub label: Id,
    /// Violating verdicts that were no appeals themselves.
    pub violating: u64,
    /// Of the appeals against such verdicts, those that found the item compliant.
    pub overturned: Proportion,
}

/// Appeals by label. A decision is an appeal if it was selected by one or overturns another; without `overturns` it is taken to uphold
/// or reverse the latest violating verdict before it on the same item and label, and is left out where there is none. `*` clears its
/// original's label.
#[must_use]
pub fn appeals(decisions: &[DecisionRow]) -> Vec<Appeals> {
    let by_id: BTreeMap<&Id, &DecisionRow> = decisions.iter().map(|d| (&d.decision_id, d)).collect();
    let mut originals: BTreeMap<(&Id, &Id), Vec<&DecisionRow>> = BTreeMap::new();
    let mut counts: BTreeMap<&Id, (u64, u64, u64)> = BTreeMap::new();
    for decision in decisions.iter().filter(|d| !is_appeal(d) && d.verdict == Verdict::Violating) {
        originals.entry((&decision.content_id, &decision.label)).or_default().push(decision);
        counts.entry(&decision.label).or_default().0 += 1;
    }
    for appeal in decisions.iter().filter(|d| is_appeal(d)) {
        let latest = || {
            let earlier = originals.get(&(&appeal.content_id, &appeal.label)).into_iter().flatten();
            earlier.filter(|d| d.decided_at < appeal.decided_at).max_by_key(|d| (d.decided_at, &d.decision_id)).copied()
        };
        let original = match &appeal.overturns {
            Some(id) => by_id.get(id).copied(),
            None => latest(),
        };
        let Some(original) = original.filter(|d| d.verdict == Verdict::Violating) else { continue };
        let (_, overturned, all) = counts.entry(&original.label).or_default();
        *overturned += u64::from(appeal.verdict == Verdict::Compliant);
        *all += 1;
    }
    let of = |(label, (violating, overturned, all)): (&Id, (u64, u64, u64))| Appeals {
        label: label.clone(),
        violating,
        overturned: Proportion::new(overturned, all),
    };
    counts.into_iter().map(of).collect()
}

/// Whether `decision` looked again at another rather than at the item alone.
pub(super) fn is_appeal(decision: &DecisionRow) -> bool {
    decision.overturns.is_some() || decision.selected_by == Some(SelectedBy::Appeal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feedback::fixtures::decision;
    use crate::units::Verdict::{Compliant, Violating};

    /// Decisions `1`, `2`, ... by time, each overturning the id given, if any.
    fn words(overturns: &[&str]) -> LastWords {
        let rows: Vec<DecisionRow> = (1..)
            .zip(overturns)
            .map(|(n, of)| DecisionRow {
                overturns: (!of.is_empty()).then(|| (*of).into()),
                ..decision(&n.to_string(), "c", "scam", Violating, f64::from(n), "r")
            })
            .collect();
        last_words(&rows.iter().collect::<Vec<_>>())
    }

    #[test]
    fn the_last_appeal_of_a_chain_speaks_for_the_first_decision() {
        let expect =
            |spoken: &[(usize, usize)], overturned, circular| LastWords { spoken: spoken.to_vec(), overturned, circular };
        assert_eq!(words(&["", "", "1"]), expect(&[(0, 2), (1, 1)], 1, 0));
        assert_eq!(words(&["", "1", "2"]), expect(&[(0, 2)], 2, 0));
        // Two appeals of one decision; one of a decision that is not here; circles of two and of one.
        assert_eq!(words(&["", "1", "1"]), expect(&[(0, 2)], 2, 0));
        assert_eq!(words(&["lost"]), expect(&[(0, 0)], 0, 0));
        assert_eq!(words(&["2", "1", "3", ""]), expect(&[(3, 3)], 0, 3));
        assert_eq!(words(&[]), expect(&[], 0, 0));
    }

    #[test]
    fn repeated_identifiers_end_too() {
        let rows = [("1", None), ("2", Some("1")), ("1", Some("2"))]
            .map(|(id, of)| DecisionRow { overturns: of.map(Id::from), ..decision(id, "c", "scam", Violating, 1.0, "r") });
        assert_eq!(last_words(&rows.iter().collect::<Vec<_>>()).spoken.len(), 1);
    }

    #[test]
    fn appeals_are_counted_against_the_verdicts_that_they_contest() {
        let violating = |id: &str, content: &str| decision(id, content, "scam", Violating, 1.0, "r");
        let appeal = |id: &str, content: &str, verdict, of: Option<&str>| DecisionRow {
            overturns: of.map(Id::from),
            selected_by: Some(SelectedBy::Appeal),
            ..decision(id, content, "scam", verdict, 2.0, "senior")
        };
        let cleared = DecisionRow { label: "*".into(), ..appeal("8", "d", Compliant, Some("4")) };
        let rows = [
            violating("1", "a"),
            violating("2", "b"),
            violating("3", "c"),
            violating("4", "d"),
            decision("5", "e", "scam", Compliant, 1.0, "r"),
            appeal("6", "a", Compliant, Some("1")),
            appeal("7", "b", Violating, None),
            cleared,
            // Against a compliant verdict, and against nothing that is known: neither is a contested violation.
            appeal("9", "e", Violating, Some("5")),
            appeal("10", "f", Violating, None),
        ];
        let expect = Appeals { label: "scam".into(), violating: 4, overturned: Proportion::new(2, 3) };
        assert_eq!(appeals(&rows), [expect]);
    }
}
