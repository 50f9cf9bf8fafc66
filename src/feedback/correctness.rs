//! Whether reviewers are right, on cases whose answer is known. Agreement with each other is another question (see [`super::agreement`]).

use std::collections::BTreeMap;

use serde::Serialize;

use super::appeals::is_appeal;
use super::{Proportion, Reviewer};
use crate::tables::DecisionRow;
use crate::units::{DecidedBy, Id, Verdict};

/// One reviewer's verdicts on golden cases of one label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Correctness {
    /// The label of the verdicts; `*` where all labels were cleared, or should have been.
    pub label: Id,
    /// Who; absent for all people together.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub reviewer: Option<Reviewer>,
    /// Of golden cases that violate, those called violating.
    pub sensitivity: Proportion,
    /// Of golden cases that don't, those called compliant.
    pub specificity: Proportion,
}

/// By label: all people together, then each reviewer. A decision counts if it carries its own golden answer and is no appeal; verdicts on
/// the same item that don't are another draw of cases. A golden set is chosen, not drawn: these are rates on it.
#[must_use]
pub fn correctness(decisions: &[DecisionRow]) -> Vec<Correctness> {
    // Right and all, of violating and of compliant cases.
    let mut counts: BTreeMap<(&Id, Option<Reviewer>), [[u64; 2]; 2]> = BTreeMap::new();
    for decision in decisions.iter().filter(|d| !is_appeal(d)) {
        let Some(truth) = decision.golden_verdict else { continue };
        let class = usize::from(truth == Verdict::Compliant);
        let reviewer = Reviewer::of(decision);
        let together = (reviewer.decided_by == DecidedBy::Human).then_some(None);
        for who in together.into_iter().chain([Some(reviewer)]) {
            let [right, all] = &mut counts.entry((&decision.label, who)).or_default()[class];
            *right += u64::from(decision.verdict == truth);
            *all += 1;
        }
    }
    let of = |[right, all]: [u64; 2]| Proportion::new(right, all);
    let found = counts.into_iter().map(|((label, reviewer), [violating, compliant])| Correctness {
        label: label.clone(),
        reviewer,
        sensitivity: of(violating),
        specificity: of(compliant),
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feedback::fixtures::decision;
    use crate::units::Verdict::{Compliant, Violating};

    #[test]
    fn reviewers_are_held_to_the_golden_answers() {
        let golden = |id: &str, who: &str, verdict, truth| DecisionRow {
            golden_verdict: Some(truth),
            ..decision(id, id, "scam", verdict, 1.0, who)
        };
        let model = DecisionRow { decided_by: Some(DecidedBy::Automatic), ..golden("6", "model", Violating, Compliant) };
        let appeal = DecisionRow { overturns: Some("1".into()), ..golden("7", "a", Violating, Violating) };
        let rows = [
            golden("1", "a", Violating, Violating),
            golden("2", "a", Compliant, Violating),
            golden("3", "a", Compliant, Compliant),
            golden("4", "b", Violating, Compliant),
            decision("5", "5", "scam", Violating, 1.0, "a"),
            model,
            appeal,
        ];
        let found = correctness(&rows);
        let counts = |p: Proportion| (p.successes, p.trials);
        let got: Vec<_> = found
            .iter()
            .map(|c| {
                let who = c.reviewer.as_ref().and_then(|r| r.reviewer_id.as_deref()).unwrap_or("all");
                (who, counts(c.sensitivity), counts(c.specificity))
            })
            .collect();
        assert_eq!(got, [("all", (1, 2), (1, 2)), ("a", (1, 2), (1, 1)), ("b", (0, 0), (0, 1)), ("model", (0, 0), (0, 1))]);
        let json = serde_json::to_string(&found[2].sensitivity).unwrap();
        assert_eq!(json, r#"{"successes":0,"trials":0}"#);
    }
}
