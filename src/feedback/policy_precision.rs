//! How often a policy is right, from people's decisions on items that it selected.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Proportion;
use super::appeals::last_words;
use crate::tables::{ActionRow, DecisionRow};
use crate::units::{DecidedBy, Id, SelectedBy, Timestamp, Verdict};

/// The violating share of what one policy selected.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PolicyPrecision {
    /// The policy.
    pub policy_id: Id,
    /// Items found violating, of the items reviewed without a known probability of being drawn.
    pub reviewed: Proportion,
    /// Items that were drawn into review with a known probability: for an estimate that weighs them, not for a plain share.
    pub drawn: Vec<DrawnItem>,
    /// Items whose last verdicts are a tie.
    pub tied: u64,
}

/// One item of a sample with known probabilities.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DrawnItem {
    /// The item.
    pub content_id: Id,
    /// Whether it was found violating.
    pub violating: bool,
    /// The probability with which it was drawn, in (0, 1].
    pub inclusion_probability: f64,
}

/// Every policy's precision, by its id. Decisions name no policy, so a decision that says it was selected by one is laid to every policy whose
/// action on the same item had begun before it and not ended before it; with two such policies it counts for both. Appeals speak in the
/// place of what they overturn, automatic decisions do not speak. A label is violated if most of its verdicts say so (`*` speaks of none),
/// an item if one of its labels is; where none is and one is a tie, so is the item. Items are taken as independent, which those of one
/// seller aren't: the interval is then too narrow.
#[must_use]
pub fn policy_precision(decisions: &[DecisionRow], actions: &[ActionRow]) -> Vec<PolicyPrecision> {
    let mut treated: BTreeMap<&Id, Vec<(&Id, &ActionRow)>> = BTreeMap::new();
    for action in actions {
        if let (Some(content), Some(policy)) = (&action.content_id, &action.policy_id) {
            treated.entry(content).or_default().push((policy, action));
        }
    }
    let mut items: BTreeMap<&Id, Vec<&DecisionRow>> = BTreeMap::new();
    for decision in decisions.iter().filter(|d| treated.contains_key(&d.content_id)) {
        items.entry(&decision.content_id).or_default().push(decision);
    }
    let mut found: BTreeMap<&Id, Count> = BTreeMap::new();
    for (content, mut rows) in items {
        rows.sort_by(|a, b| (a.decided_at, &a.decision_id).cmp(&(b.decided_at, &b.decision_id)));
        let mut by_policy: BTreeMap<&Id, Vec<(&DecisionRow, &DecisionRow)>> = BTreeMap::new();
        for (original, last) in last_words(&rows).spoken {
            let (original, last) = (rows[original], rows[last]);
            if original.selected_by != Some(SelectedBy::Policy) || last.decided_by == Some(DecidedBy::Automatic) {
                continue;
            }
            let on_item = treated.get(content).into_iter().flatten();
            let policies: BTreeSet<&Id> =
                on_item.filter(|(_, action)| in_force(action, original.decided_at)).map(|(id, _)| *id).collect();
            policies.into_iter().for_each(|policy| by_policy.entry(policy).or_default().push((original, last)));
        }
        for (policy, said) in by_policy {
            found.entry(policy).or_default().add(content, &said);
        }
    }
    let precision = found.into_iter().map(|(policy_id, count)| PolicyPrecision {
        policy_id: policy_id.clone(),
        reviewed: Proportion::new(count.violating, count.reviewed),
        drawn: count.drawn,
        tied: count.tied,
    });
    precision.collect()
}

/// Whether the action had begun before `at` and did not end before it. One that begins with a decision is its consequence.
fn in_force(action: &ActionRow, at: Timestamp) -> bool {
    action.started_at < at && action.ended_at.is_none_or(|ended| ended >= at)
}

#[derive(Debug, Default)]
struct Count {
    violating: u64,
    reviewed: u64,
    tied: u64,
    drawn: Vec<DrawnItem>,
}

impl Count {
    /// Adds an item by its decisions: how each was selected, and what stands in the end.
    fn add(&mut self, content: &Id, said: &[(&DecisionRow, &DecisionRow)]) {
        // Votes for and against, by label.
        let mut votes: BTreeMap<&Id, [u64; 2]> = BTreeMap::new();
        for (_, last) in said {
            votes.entry(&last.label).or_default()[usize::from(last.verdict == Verdict::Compliant)] += 1;
        }
        let violating = votes.values().any(|[violating, compliant]| violating > compliant);
        if !violating && votes.values().any(|[violating, compliant]| violating == compliant) {
            self.tied += 1;
            return;
        }
        match super::drawn_by_any(said.iter().filter_map(|(original, _)| original.inclusion_probability)) {
            Some(inclusion_probability) => {
                self.drawn.push(DrawnItem { content_id: content.clone(), violating, inclusion_probability });
            }
            None => {
                self.violating += u64::from(violating);
                self.reviewed += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feedback::fixtures::decision;
    use crate::units::Treatment;
    use crate::units::Verdict::{Compliant, Violating};

    const DAY_US: i64 = 86_400_000_000;

    fn action(content: &str, policy: &str, from: i64, until: Option<i64>) -> ActionRow {
        ActionRow {
            action_id: format!("{content}{policy}{from}").into(),
            content_id: Some(content.into()),
            seller_id: None,
            treatment: Treatment::Review,
            policy_id: Some(policy.into()),
            started_at: Timestamp(from * DAY_US),
            ended_at: until.map(|day| Timestamp(day * DAY_US)),
            reversed_by: None,
            ingested_at: None,
        }
    }

    fn selected(id: &str, content: &str, verdict: Verdict) -> DecisionRow {
        DecisionRow { selected_by: Some(SelectedBy::Policy), ..decision(id, content, "scam", verdict, 10.0, "a") }
    }

    /// Each policy as violating, reviewed, drawn and tied.
    fn check(decisions: &[DecisionRow], actions: &[ActionRow], expect: &[(&str, u64, u64, usize, u64)]) -> Vec<PolicyPrecision> {
        let found = policy_precision(decisions, actions);
        let got: Vec<_> = found
            .iter()
            .map(|p| (p.policy_id.as_str(), p.reviewed.successes, p.reviewed.trials, p.drawn.len(), p.tied))
            .collect();
        assert_eq!(got, expect);
        found
    }

    #[test]
    fn a_decision_speaks_for_the_policies_in_force_before_it() {
        let actions = [
            action("c", "early", 5, None),
            action("c", "early", 6, None),
            action("c", "also", 5, Some(10)),
            action("c", "over", 5, Some(9)),
            action("c", "consequence", 10, None),
            action("d", "other", 5, None),
        ];
        check(&[selected("1", "c", Violating)], &actions, &[("also", 1, 1, 0, 0), ("early", 1, 1, 0, 0)]);
        // Selected by something else, or decided by a machine.
        let model = DecisionRow { selected_by: Some(SelectedBy::Model), ..selected("1", "c", Violating) };
        let automatic = DecisionRow { decided_by: Some(DecidedBy::Automatic), ..selected("2", "c", Violating) };
        check(&[model, automatic], &actions, &[]);
    }

    #[test]
    fn items_count_once_by_their_last_words() {
        let actions = ["c", "d", "e", "f", "g"].map(|item| action(item, "p", 5, None));
        let appeal = DecisionRow {
            overturns: Some("1".into()),
            selected_by: Some(SelectedBy::Appeal),
            ..decision("2", "c", "scam", Compliant, 20.0, "senior")
        };
        let gambling = DecisionRow { label: "gambling".into(), ..selected("5", "e", Violating) };
        let drawn = DecisionRow { inclusion_probability: Some(0.2), ..selected("8", "g", Violating) };
        let rows = [
            selected("1", "c", Violating),
            appeal,
            selected("3", "d", Violating),
            selected("4", "e", Compliant),
            gambling,
            selected("6", "f", Violating),
            selected("7", "f", Compliant),
            drawn,
        ];
        let found = check(&rows, &actions, &[("p", 2, 3, 1, 1)]);
        assert_eq!(found[0].drawn, [DrawnItem { content_id: "g".into(), violating: true, inclusion_probability: 0.2 }]);
        assert!(found[0].reviewed.interval.unwrap().high < 1.0);
    }
}
