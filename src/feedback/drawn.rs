//! What was found of items that were drawn into review with a known probability.

use std::collections::BTreeMap;

use super::appeals::last_words;
use super::drawn_by_any;
use crate::tables::DecisionRow;
use crate::units::{Day, DecidedBy, Id, SelectedBy, Timestamp, Verdict};

/// One draw of an item into review, with what is said of it in the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Draw {
    /// The day on which it was decided.
    pub day: Day,
    /// The first decision's time.
    pub decided_at: Timestamp,
    /// The probability with which the item was drawn, in (0, 1].
    pub inclusion_probability: f64,
    /// Whether it was found violating, by label; `*` where all labels were cleared.
    pub found: BTreeMap<Id, bool>,
}

impl Draw {
    /// Whether the item was found violating of `label`; `None` where nothing was said of it.
    #[must_use]
    pub fn found(&self, label: &Id) -> Option<bool> {
        self.found.get(label).or_else(|| self.found.get("*")).copied()
    }
}

/// The draws of one item by day, from its `decisions` by time. Only the random and the importance slice draw with a known probability.
/// Decisions of one day are one draw, of any slice that drew the item; those of another day are another draw. Appeals speak in the place of
/// what they overturn, automatic decisions do not speak. Where people of one draw disagree, most say; of a tie, the last.
#[must_use]
pub fn draws(decisions: &[&DecisionRow], day_of: impl Fn(Timestamp) -> Day) -> Vec<Draw> {
    let mut by_day: BTreeMap<Day, Vec<(&DecisionRow, &DecisionRow)>> = BTreeMap::new();
    for (root, last) in last_words(decisions).spoken {
        let (Some(root), Some(last)) = (decisions.get(root), decisions.get(last)) else { continue };
        let is_drawn = matches!(root.selected_by, Some(SelectedBy::Random | SelectedBy::Importance));
        if is_drawn && root.inclusion_probability.is_some() && last.decided_by != Some(DecidedBy::Automatic) {
            by_day.entry(day_of(root.decided_at)).or_default().push((root, last));
        }
    }
    let draw = |(day, mut said): (Day, Vec<(&DecisionRow, &DecisionRow)>)| {
        said.sort_by(|(_, a), (_, b)| (a.decided_at, &a.decision_id).cmp(&(b.decided_at, &b.decision_id)));
        let mut found: BTreeMap<Id, (i64, bool)> = BTreeMap::new();
        for (_, last) in &said {
            let is_violating = last.verdict == Verdict::Violating;
            let (votes, latest) = found.entry(last.label.clone()).or_default();
            *votes += if is_violating { 1 } else { -1 };
            *latest = is_violating;
        }
        let settled = |(votes, latest): (i64, bool)| if votes == 0 { latest } else { votes > 0 };
        Some(Draw {
            day,
            decided_at: said.iter().map(|(root, _)| root.decided_at).min()?,
            inclusion_probability: drawn_by_any(said.iter().filter_map(|(root, _)| root.inclusion_probability))?,
            found: found.into_iter().map(|(label, votes)| (label, settled(votes))).collect(),
        })
    };
    by_day.into_iter().filter_map(draw).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feedback::fixtures::{decision, midnight};
    use crate::units::Verdict::{Compliant, Violating};

    fn drawn(id: &str, label: &str, verdict: Verdict, days: f64, pi: f64) -> DecisionRow {
        DecisionRow {
            selected_by: Some(SelectedBy::Random),
            inclusion_probability: Some(pi),
            ..decision(id, "c", label, verdict, days, "r")
        }
    }

    /// The draws as day, probability and what was found of `scam` and `gambling`.
    fn check(rows: &[DecisionRow], expect: &[(i32, f64, Option<bool>, Option<bool>)]) {
        let found = draws(&rows.iter().collect::<Vec<_>>(), |at| midnight(at).day);
        let got: Vec<_> = found
            .iter()
            .map(|draw| (draw.day.0, draw.inclusion_probability, draw.found(&"scam".into()), draw.found(&"gambling".into())))
            .collect();
        assert_eq!(got, expect);
    }

    #[test]
    fn days_are_draws_and_slices_of_a_day_are_one() {
        let important = DecisionRow { selected_by: Some(SelectedBy::Importance), ..drawn("2", "scam", Violating, 3.2, 0.5) };
        let rows = [drawn("1", "scam", Violating, 3.1, 0.25), important, drawn("3", "*", Compliant, 5.0, 0.25)];
        // 1 − ¾ · ½.
        check(&rows, &[(3, 0.625, Some(true), None), (5, 0.25, Some(false), Some(false))]);
    }

    #[test]
    fn appeals_speak_and_the_unknown_does_not() {
        let appeal = DecisionRow {
            overturns: Some("1".into()),
            selected_by: Some(SelectedBy::Appeal),
            ..decision("2", "c", "scam", Compliant, 9.0, "senior")
        };
        check(&[drawn("1", "scam", Violating, 3.0, 0.25), appeal], &[(3, 0.25, Some(false), None)]);
        let reported = DecisionRow { selected_by: Some(SelectedBy::Report), ..drawn("1", "scam", Violating, 3.0, 0.25) };
        let automatic = DecisionRow { decided_by: Some(DecidedBy::Automatic), ..drawn("2", "scam", Violating, 3.0, 0.25) };
        let unknown = DecisionRow { inclusion_probability: None, ..drawn("3", "scam", Violating, 3.0, 0.25) };
        check(&[reported, automatic, unknown], &[]);
        // Most say; of a tie the last.
        let rows = [
            drawn("1", "scam", Violating, 3.0, 0.25),
            drawn("2", "scam", Compliant, 3.1, 0.25),
            drawn("3", "gambling", Compliant, 3.2, 0.25),
        ];
        check(&rows, &[(3, 0.25, Some(false), Some(false))]);
    }
}
