//! Counts of decisions: those that stand, and those that were overturned.

use super::counts::{count, distinct};
use super::rules::HistoryContext;
use super::standing::{Standing, standing};
use super::strikes::Strikes;
use crate::tables::DecisionRow;
use crate::units::{Id, Timestamp, Verdict};

/// What was decided; which decisions stand is told by [`standing`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DecisionCounts {
    /// Items decided, by decisions that stand.
    pub decided_items: u32,
    /// Items found violating.
    pub violating_items: u32,
    /// Violating decisions in the last 28 days.
    pub violations_28d: u32,
    /// Violating decisions in the last 90 days.
    pub violations_90d: u32,
    /// The item that was last found violating, and when.
    pub last_violation: Option<(Id, Timestamp)>,
    /// When another item than that one was last found violating.
    pub last_violation_elsewhere: Option<Timestamp>,
    /// Decisions, whether or not they stand.
    pub decisions: u32,
    /// Decisions that were overturned.
    pub overturned: u32,
    /// The item of which a decision was last overturned, and when.
    pub last_overturn: Option<(Id, Timestamp)>,
    /// When a decision on another item than that one was last overturned.
    pub last_overturn_elsewhere: Option<Timestamp>,
    /// Strikes.
    pub strikes: Strikes,
}

impl DecisionCounts {
    /// Counts what was known before the midnight.
    #[must_use]
    pub fn of(rows: &[&DecisionRow], context: &HistoryContext<'_>) -> Self {
        let as_of = context.as_of;
        let known: Vec<&DecisionRow> = rows.iter().copied().filter(|r| as_of.knows(r.decided_at, r.ingested_at)).collect();
        let (stand, fell): (Vec<Standing<'_>>, Vec<Standing<'_>>) =
            standing(known.iter().copied()).partition(|decision| !decision.is_overturned());
        let standing: Vec<&DecisionRow> = stand.iter().map(|s| s.decision).collect();
        let mut fallen: Vec<(&Id, &Id)> = fell.iter().map(|s| (&s.decision.content_id, &s.decision.decision_id)).collect();
        fallen.sort_unstable();
        let is_overturn = |r: &DecisionRow| {
            r.overturns.as_ref().is_some_and(|decision| fallen.binary_search(&(&r.content_id, decision)).is_ok())
        };
        let overturns = || known.iter().copied().filter(|r| is_overturn(r));
        let violating = || standing.iter().copied().filter(|r| r.verdict == Verdict::Violating);
        let within = |days: f64| count(violating().filter(|r| as_of.instant.days_since(r.decided_at) <= days).count());
        let (last_violation, last_violation_elsewhere) = last_of(violating());
        let (last_overturn, last_overturn_elsewhere) = last_of(overturns());
        Self {
            decided_items: distinct(standing.iter().map(|r| r.content_id.as_str())),
            violating_items: distinct(violating().map(|r| r.content_id.as_str())),
            violations_28d: within(28.0),
            violations_90d: within(90.0),
            last_violation,
            last_violation_elsewhere,
            decisions: count(known.len()),
            overturned: count(fallen.len()),
            last_overturn,
            last_overturn_elsewhere,
            strikes: Strikes::of(&standing, context),
        }
    }
}

/// The item of the last decision and its time, and the last time of another item. Ties in time are broken by item, so that the
/// order of rows does not matter.
fn last_of<'a>(decisions: impl Iterator<Item = &'a DecisionRow> + Clone) -> (Option<(Id, Timestamp)>, Option<Timestamp>) {
    let Some(last) = decisions.clone().max_by_key(|r| (r.decided_at, &r.content_id)) else { return (None, None) };
    let elsewhere = decisions.filter(|r| r.content_id != last.content_id).map(|r| r.decided_at).max();
    (Some((last.content_id.clone(), last.decided_at)), elsewhere)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::{as_of, context, decision, rules};

    fn counts(rows: &[DecisionRow]) -> DecisionCounts {
        let rules = rules();
        DecisionCounts::of(&rows.iter().collect::<Vec<_>>(), &context(as_of(100), &rules))
    }

    #[test]
    fn decisions_count_once_known_and_while_they_stand() {
        let mut rows = vec![
            decision("1", "a", Verdict::Violating, 50.0),
            decision("2", "b", Verdict::Violating, 90.0),
            decision("3", "c", Verdict::Compliant, 95.0),
            decision("4", "a", Verdict::Violating, 99.5),
            decision("5", "d", Verdict::Violating, 100.0),
        ];
        let expect = DecisionCounts {
            decided_items: 3,
            violating_items: 2,
            violations_28d: 2,
            violations_90d: 3,
            last_violation: Some(("a".into(), rows[3].decided_at)),
            last_violation_elsewhere: Some(rows[1].decided_at),
            decisions: 4,
            overturned: 0,
            last_overturn: None,
            last_overturn_elsewhere: None,
            strikes: counts(&rows[..4]).strikes,
        };
        assert_eq!(counts(&rows), expect);
        rows.reverse();
        assert_eq!(counts(&rows), expect);

        // An overturn counts from its own time on.
        let mut overturn = decision("6", "a", Verdict::Compliant, 99.9);
        overturn.overturns = Some("4".into());
        rows.push(overturn.clone());
        assert_eq!(counts(&rows).violations_28d, 1);
        overturn.decided_at = as_of(100).instant;
        rows.pop();
        rows.push(overturn);
        assert_eq!(counts(&rows), expect);
    }

    /// Of five decisions, 1 and 3 are overturned (by 4 on day 95 and by 5 on day 97). What names a decision on another item, or one
    /// that is not known, overturns nothing.
    #[test]
    fn overturns_are_counted_once_they_are_known() {
        let overturning = |id: &str, item: &str, day, of: &str| DecisionRow {
            overturns: Some(of.into()),
            ..decision(id, item, Verdict::Compliant, day)
        };
        let mut rows = vec![
            decision("1", "a", Verdict::Violating, 90.0),
            decision("2", "b", Verdict::Violating, 91.0),
            decision("3", "c", Verdict::Violating, 92.0),
            overturning("4", "a", 95.0, "1"),
            overturning("5", "c", 97.0, "3"),
        ];
        let before = counts(&rows);
        assert_eq!((before.decisions, before.overturned), (5, 2));
        assert_eq!(before.last_overturn, Some(("c".into(), rows[4].decided_at)));
        assert_eq!(before.last_overturn_elsewhere, Some(rows[3].decided_at));
        assert_eq!(before.violating_items, 1);
        rows.push(overturning("6", "d", 98.0, "2"));
        rows.push(overturning("7", "d", 98.0, "nobody"));
        let after = counts(&rows);
        assert_eq!((after.decisions, after.overturned, after.violating_items), (7, 2, 1));
        assert_eq!(after.last_overturn, before.last_overturn);

        rows[4].ingested_at = Some(as_of(100).instant);
        let late = counts(&rows);
        assert_eq!((late.decisions, late.overturned, late.violating_items), (6, 1, 2), "ingested at the midnight: not known yet");
        assert_eq!(late.last_overturn, Some(("a".into(), rows[3].decided_at)));
        assert_eq!(late.last_overturn_elsewhere, None);
    }
}
