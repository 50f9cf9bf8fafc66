//! What the standing decisions on an item said, from when on.

use serde::{Deserialize, Serialize};

use crate::features::{self, standing};
use crate::tables::DecisionRow;
use crate::units::{Timestamp, Verdict};

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

/// Each change of what was known of an item's decisions, in time order.
pub(super) fn steps(decisions: &[DecisionRow]) -> Vec<(Timestamp, Standing)> {
    let mut changes: Vec<(Timestamp, i64, i64)> = Vec::new();
    for stood in standing(decisions.iter()).filter(features::Standing::ever_held) {
        let violating = i64::from(stood.decision.verdict == Verdict::Violating);
        changes.push((stood.from, 1, violating));
        if stood.is_overturned() {
            changes.push((stood.until, -1, -violating));
        }
    }
    changes.sort_unstable();
    let (mut n, mut n_violating, mut last) = (0, 0, Standing::Undecided);
    let mut steps: Vec<(Timestamp, Standing)> = Vec::new();
    for changes in changes.chunk_by(|a, b| a.0 == b.0) {
        n += changes.iter().map(|(_, one, _)| one).sum::<i64>();
        n_violating += changes.iter().map(|(_, _, violating)| violating).sum::<i64>();
        let now = match (n, n_violating) {
            (0, _) => Standing::Undecided,
            (_, 0) => Standing::Compliant,
            _ => Standing::Violating,
        };
        if let Some((at, ..)) = changes.first().filter(|_| now != last) {
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
