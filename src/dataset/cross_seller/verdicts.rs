//! What the standing decisions on an item said, from when on.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::tables::DecisionRow;
use crate::units::{Id, Timestamp, Verdict};

/// What the decisions that stand say of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Standing {
    /// None stands.
    Undecided,
    /// Some stand, and none of them found a violation.
    Compliant,
    /// At least one that stands found a violation.
    Violating,
}

/// From when on a fact was known.
pub(super) fn known(happened: Timestamp, ingested: Option<Timestamp>) -> Timestamp {
    happened.max(ingested.unwrap_or(happened))
}

/// Each change of what was known of an item's decisions, in time order. A decision stands until one that overturns it is known; the
/// same rule as `features::DecisionCounts`.
pub(super) fn steps(decisions: &[DecisionRow]) -> Vec<(Timestamp, Standing)> {
    let mut rows: Vec<(Timestamp, &DecisionRow)> = decisions.iter().map(|d| (known(d.decided_at, d.ingested_at), d)).collect();
    rows.sort_by_key(|(at, _)| *at);
    let mut steps: Vec<(Timestamp, Standing)> = Vec::new();
    let mut overturned: HashSet<&Id> = HashSet::new();
    let mut standing: HashMap<&Id, Verdict> = HashMap::new();
    let mut n_violating = 0_usize;
    let mut last = Standing::Undecided;
    for rows in rows.chunk_by(|a, b| a.0 == b.0) {
        for (_, decision) in rows {
            if let Some(id) = &decision.overturns {
                overturned.insert(id);
                n_violating -= usize::from(standing.remove(id) == Some(Verdict::Violating));
            }
            if !overturned.contains(&decision.decision_id) {
                let before = standing.insert(&decision.decision_id, decision.verdict);
                n_violating -= usize::from(before == Some(Verdict::Violating));
                n_violating += usize::from(decision.verdict == Verdict::Violating);
            }
        }
        let now = match (standing.is_empty(), n_violating) {
            (true, _) => Standing::Undecided,
            (false, 0) => Standing::Compliant,
            (false, _) => Standing::Violating,
        };
        if let Some((at, _)) = rows.first().filter(|_| now != last) {
            steps.push((*at, now));
        }
        last = now;
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::super::link_fixtures::{at, verdict};
    use super::*;
    use crate::units::Verdict::{Compliant, Violating};

    #[test]
    fn decisions_stand_until_an_overturn_is_known() {
        let mut decisions = vec![
            verdict("1", Compliant, 5.0, None),
            verdict("2", Violating, 6.0, None),
            verdict("3", Compliant, 8.0, Some("2")),
            verdict("4", Violating, 9.0, Some("4")),
        ];
        let expect = [(at(5.0), Standing::Compliant), (at(6.0), Standing::Violating), (at(8.0), Standing::Compliant)];
        assert_eq!(steps(&decisions), expect);
        decisions.reverse();
        assert_eq!(steps(&decisions), expect);
        // An overturn that was known before what it overturns.
        decisions[2].ingested_at = Some(at(10.0));
        assert_eq!(steps(&decisions), [(at(5.0), Standing::Compliant)]);
        assert_eq!(steps(&[]), []);
        let withdrawn = [
            verdict("1", Violating, 5.0, None),
            verdict("2", Violating, 5.0, Some("1")),
            verdict("x", Compliant, 6.0, Some("2")),
        ];
        assert_eq!(steps(&withdrawn), [(at(5.0), Standing::Violating), (at(6.0), Standing::Compliant)]);
    }
}
