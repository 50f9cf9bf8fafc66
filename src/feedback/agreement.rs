//! Whether reviewers agree with each other: reliability. Whether they are right is another question (see [`super::correctness`]); a whole desk
//! can agree and be wrong.

use std::collections::BTreeMap;

use serde::Serialize;

use super::cases::{CaseWindow, cases, opinions};
use super::chance_corrected::{Alpha, Kappa, cohen_kappa, krippendorff_alpha};
use super::voices::{DatedDecision, Hearing, Voices};
use crate::units::{DecidedBy, Id, Verdict};

/// Agreement on one label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Agreement {
    /// The label.
    pub label: Id,
    /// Krippendorff's α over all named reviewers; absent where nobody looked twice or only one verdict was ever given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alpha: Option<Alpha>,
    /// Pairs with cases enough in common, by name.
    pub pairs: Vec<PairAgreement>,
}

/// Agreement of two reviewers on one label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairAgreement {
    /// Their ids, in order.
    pub reviewers: [Id; 2],
    /// Cases that both judged.
    pub n: u64,
    /// Cases on which they agreed.
    pub agreed: u64,
    /// Cohen's κ; absent where both only ever gave one verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kappa: Option<Kappa>,
}

/// Agreement by label among people's first-hand verdicts: appeals are left out, because whoever decides one has seen the verdict before
/// it, and so are decisions without a reviewer's id. A reviewer's last verdict on a case counts. Pairs with fewer than `min_shared` cases
/// in common are not listed.
#[must_use]
pub fn agreement(decisions: &[DatedDecision<'_>], window: CaseWindow, min_shared: u64) -> Vec<Agreement> {
    let named =
        Voices::of(decisions, Hearing::FirstHand, |d| d.reviewer_id.is_some() && d.decided_by != Some(DecidedBy::Automatic));
    let of_label = named.voices.chunk_by(|a, b| a.label == b.label).map(|voices| {
        let mut rated: Vec<[u64; 2]> = Vec::new();
        let mut pairs: BTreeMap<[&Id; 2], [[u64; 2]; 2]> = BTreeMap::new();
        for case in cases(voices, window) {
            let mut said: Vec<(&Id, usize)> = opinions(case)
                .filter_map(|v| Some((v.spoken.reviewer_id.as_ref()?, usize::from(v.verdict? == Verdict::Violating))))
                .collect();
            said.sort();
            let mut counts = [0; 2];
            said.iter().for_each(|(_, class)| counts[*class] += 1);
            rated.push(counts);
            for (at, (one, first)) in said.iter().enumerate() {
                for (other, second) in &said[at + 1..] {
                    pairs.entry([one, other]).or_default()[*first][*second] += 1;
                }
            }
        }
        let listed = pairs.into_iter().filter_map(|(reviewers, table)| {
            let n = table.iter().flatten().sum();
            let pair = PairAgreement {
                reviewers: reviewers.map(Clone::clone),
                n,
                agreed: table[0][0] + table[1][1],
                kappa: cohen_kappa(&table),
            };
            (n >= min_shared).then_some(pair)
        });
        Agreement { label: voices[0].label.clone(), alpha: krippendorff_alpha(&rated), pairs: listed.collect() }
    });
    of_label.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::feedback::fixtures::{decision, midnight};
    use crate::tables::DecisionRow;
    use crate::units::SelectedBy;
    use crate::units::Verdict::{Compliant, Violating};

    fn of(rows: &[DecisionRow], min_shared: u64) -> Vec<Agreement> {
        let labels = BTreeSet::from([Id::from("scam")]);
        let dated: Vec<DatedDecision<'_>> = rows
            .iter()
            .map(|decision| DatedDecision { decision, as_of: midnight(decision.decided_at), labels: &labels })
            .collect();
        agreement(&dated, CaseWindow { days: 7 }, min_shared)
    }

    #[test]
    fn pairs_are_compared_on_the_cases_that_both_judged_first_hand() {
        // The table of `chance_corrected`: κ = .6995 of 100 cases, `a` by row.
        let mut rows = Vec::new();
        for (a, b, n) in
            [(Compliant, Compliant, 40), (Compliant, Violating, 9), (Violating, Compliant, 6), (Violating, Violating, 45)]
        {
            for _ in 0..n {
                let item = format!("c{}", rows.len());
                rows.push(decision(&format!("{item}a"), &item, "scam", a, 1.0, "a"));
                rows.push(decision(&format!("{item}b"), &item, "scam", b, 3.0, "b"));
            }
        }
        // None of these is a second independent look by a named person.
        rows.push(decision("x1", "c0", "scam", Violating, 3.0, ""));
        rows.push(DecisionRow {
            decided_by: Some(DecidedBy::Automatic),
            ..decision("x2", "c0", "scam", Violating, 3.0, "model")
        });
        rows.push(DecisionRow {
            selected_by: Some(SelectedBy::Appeal),
            ..decision("x3", "c0", "scam", Violating, 3.0, "senior")
        });
        rows.push(decision("x4", "c0", "scam", Violating, 30.0, "d"));
        let [found] = &of(&rows, 2)[..] else { panic!("one label") };
        let [pair] = &found.pairs[..] else { panic!("{:?}", found.pairs) };
        assert_eq!((pair.reviewers.clone(), pair.n, pair.agreed), (["a".into(), "b".into()], 100, 85));
        assert!((pair.kappa.unwrap().kappa - 0.699_519_230_769).abs() < 1e-9);
        // By hand: 200 ratings, 95 compliant and 105 violating; 1 − 30 ÷ (2·95·105 ÷ 199).
        let alpha = found.alpha.unwrap();
        assert_eq!((alpha.cases, alpha.ratings), (100, 200));
        assert!((alpha.alpha - (1.0 - 30.0 * 199.0 / (2.0 * 95.0 * 105.0))).abs() < 1e-12);
        assert!(of(&rows, 101)[0].pairs.is_empty());
    }

    #[test]
    fn one_verdict_only_leaves_agreement_undefined() {
        let rows = ["a", "b"].map(|who| decision(who, "c", "scam", Compliant, 1.0, who));
        let found = of(&rows, 1);
        assert_eq!((found[0].alpha, found[0].pairs[0].kappa, found[0].pairs[0].agreed), (None, None, 1));
        assert_eq!(of(&[], 1), []);
    }
}
