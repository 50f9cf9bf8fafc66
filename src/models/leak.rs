//! Features that are too good alone: a copy of the verdict, something that is written when a verdict falls, an id that counts up
//! with it. A model that learns from one looks splendid and knows nothing on the night, when the verdict isn't there yet.
//!
//! Each feature ranks the rows that train by itself: the area under its ROC curve over the bins that the trees see (a leak that the
//! bins hide is hidden from the trees too), in either direction, missing values on the side where they tell more. So it is never
//! below that of being missing alone. Refused is what is above the limit even at the lower end of its 95 % interval, so that few
//! rows and luck refuse nothing.
//!
//! Deliberately not here: n-grams, which are content that is known when an item is scored, and features that leak only together or
//! out of order.

use std::fmt;

use serde::Serialize;

use super::bins::{BinnedColumn, MISSING_BIN};
use super::{LabelTargets, LeakConfig, ModelError};
use crate::units::Id;

/// Single features that a report names at most.
const REPORTED: usize = 5;

/// Leaks that an error names at most.
const NAMED: usize = 10;

/// The two-sided 95 % quantile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// How well one feature alone tells a label's violating rows from the others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SingleFeature {
    /// Its name.
    pub feature: String,
    /// The area under its ROC curve, ½ to 1.
    pub roc_auc: f64,
    /// The lower end of its 95 % interval, at least ½.
    pub low: f64,
    /// The same area for whether it is missing.
    pub missing_roc_auc: f64,
    /// Rows that train.
    pub n: u64,
    /// Violating rows among them.
    pub positives: u64,
}

/// A feature that is too good to be true for a label.
#[derive(Debug, Clone, PartialEq)]
pub struct Leak {
    /// The label.
    pub label: Id,
    /// What was found.
    pub found: SingleFeature,
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { label, found } = self;
        write!(f, "`{}` of `{label}` has a ROC AUC of {:.4}, at least {:.4}", found.feature, found.roc_auc, found.low)?;
        if found.missing_roc_auc >= found.low {
            write!(f, ", {:.4} by being missing", found.missing_roc_auc)?;
        }
        write!(f, " ({} decisions, {} of them violating)", found.n, found.positives)
    }
}

/// Leaks as one sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaks(pub Vec<Leak>);

impl fmt::Display for Leaks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, leak) in self.0.iter().take(NAMED).enumerate() {
            write!(f, "{}{leak}", if at == 0 { "" } else { "; " })?;
        }
        match self.0.len().saturating_sub(NAMED) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

/// One label's verdicts on some rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Verdicts<'a> {
    /// The label.
    pub(super) label: &'a Id,
    /// Rows of the columns.
    pub(super) rows: &'a [u32],
    /// Their classes.
    pub(super) positive: &'a [bool],
    /// Whether each may train.
    pub(super) trains: &'a [bool],
}

impl<'a> Verdicts<'a> {
    /// Of a label's targets, and which of them may train.
    pub(super) fn of(target: &'a LabelTargets, trains: &'a [bool]) -> Self {
        Self { label: &target.label, rows: &target.rows, positive: &target.positive, trains }
    }
}

/// What a label's features can do alone.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Singles {
    /// The best, allowed or not.
    pub(super) best: Vec<SingleFeature>,
    /// Those that are too good, the best first.
    pub(super) leaks: Vec<Leak>,
}

/// Judges every feature by itself, the best first, of equals in their order.
pub(super) fn singles(verdicts: Verdicts, names: &[String], columns: &[BinnedColumn], config: &LeakConfig) -> Singles {
    let judge = |(name, column): (&String, &BinnedColumn)| {
        let counts = Counts::of(verdicts, column);
        let (positives, negatives) = counts.classes();
        let roc_auc = counts.auc()?;
        Some(SingleFeature {
            feature: name.clone(),
            roc_auc,
            low: lower_end(roc_auc, positives, negatives),
            missing_roc_auc: counts.missing_auc()?,
            n: positives + negatives,
            positives,
        })
    };
    let mut found: Vec<SingleFeature> = names.iter().zip(columns).filter_map(judge).collect();
    found.sort_by(|a, b| b.roc_auc.total_cmp(&a.roc_auc));
    let is_leak = |single: &&SingleFeature| single.low > config.max_auc && !config.allow.contains(&single.feature);
    let leaks = found.iter().filter(is_leak).map(|found| Leak { label: verdicts.label.clone(), found: found.clone() }).collect();
    found.truncate(REPORTED);
    Singles { best: found, leaks }
}

/// Checks that what is allowed is there: a name that is spelt wrongly allows nothing.
pub(super) fn check_allowed(names: &[String], config: &LeakConfig) -> Result<(), ModelError> {
    match config.allow.iter().find(|name| !names.contains(name)) {
        Some(feature) => Err(ModelError::AllowedFeature { feature: feature.clone() }),
        None => Ok(()),
    }
}

/// Violating and other rows by bin.
struct Counts([[u64; 2]; 256]);

impl Counts {
    fn of(verdicts: Verdicts, column: &BinnedColumn) -> Self {
        let mut counts = [[0; 2]; 256];
        for ((row, positive), trains) in verdicts.rows.iter().zip(verdicts.positive).zip(verdicts.trains) {
            counts[usize::from(column.bins[*row as usize])][usize::from(*positive)] += u64::from(*trains);
        }
        Self(counts)
    }

    /// Violating and other rows.
    fn classes(&self) -> (u64, u64) {
        self.0.iter().fold((0, 0), |(p, n), [negative, positive]| (p + positive, n + negative))
    }

    /// The area under the ROC curve, U ÷ (n₊ n₋) with ties counting half (Mann and Whitney 1947), where the bins of values stand in
    /// order or the other way round, and that of missing values before or after them, whichever gives most. `None` with one class.
    fn auc(&self) -> Option<f64> {
        let (mut wins, mut below) = (0_u128, 0_u64);
        let (missing, values) = (self.0[usize::from(MISSING_BIN)], &self.0[usize::from(MISSING_BIN) + 1..]);
        // In halves of a pair, so that all is counted in whole numbers.
        for [negative, positive] in values {
            wins += u128::from(*positive) * u128::from(2 * below + negative);
            below += negative;
        }
        let (positives, negatives) = self.classes();
        let of_values = 2 * pairs(positives - missing[1], below);
        let ordered = wins.max(of_values - wins);
        self.share(ordered + self.missing_apart(positives, negatives) + pairs(missing[1], missing[0]))
    }

    /// The same where nothing is known but whether a value is missing.
    fn missing_auc(&self) -> Option<f64> {
        let (positives, negatives) = self.classes();
        let missing = self.0[usize::from(MISSING_BIN)];
        let ties = pairs(positives - missing[1], negatives - missing[0]) + pairs(missing[1], missing[0]);
        self.share(self.missing_apart(positives, negatives) + ties)
    }

    /// Halves of pairs that missing values decide, on their better side.
    fn missing_apart(&self, positives: u64, negatives: u64) -> u128 {
        let missing = self.0[usize::from(MISSING_BIN)];
        2 * pairs(positives - missing[1], missing[0]).max(pairs(missing[1], negatives - missing[0]))
    }

    /// Halves of pairs as a share of all.
    fn share(&self, halves: u128) -> Option<f64> {
        let (positives, negatives) = self.classes();
        let all = 2 * pairs(positives, negatives);
        (all > 0).then(|| halves as f64 / all as f64)
    }
}

fn pairs(a: u64, b: u64) -> u128 {
    u128::from(a) * u128::from(b)
}

/// The lower end of the 95 % interval of an area under the ROC curve: the θ of auc − θ = z √V(θ), V the variance of Hanley and
/// McNeil (1982) with (m + n)/2 − 1 for both m − 1 and n − 1: method 5 of Newcombe (Statistics in Medicine 25, 2006, 559–573). Unlike
/// auc − z·√V(auc) it is below 1 where auc is 1. At least ½.
fn lower_end(auc: f64, positives: u64, negatives: u64) -> f64 {
    let (m, n) = (positives as f64, negatives as f64);
    let others = 0.5 * (m + n) - 1.0;
    let variance = |t: f64| t * (1.0 - t) * (1.0 + others * ((1.0 - t) / (2.0 - t) + t / (1.0 + t))) / (m * n);
    let is_below = |t: f64| auc - t > Z * variance(t).sqrt();
    let (mut low, mut high) = (0.5, auc.max(0.5));
    if !is_below(low) {
        return low;
    }
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if is_below(middle) { low = middle } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::bins::BinEdges;
    use super::super::config::tests::quick;
    use super::super::conformance::{World, world};
    use super::super::{TrainingSet, check_fit};
    use super::*;

    const X: f32 = f32::NAN;

    /// Verdicts (1 is violating) and values as one feature is judged.
    fn judge(positive: &[u8], values: &[f32]) -> SingleFeature {
        judged(positive, values, &LeakConfig { max_auc: 0.95, allow: Vec::new() }).best.remove(0)
    }

    fn judged(positive: &[u8], values: &[f32], config: &LeakConfig) -> Singles {
        let edges = BinEdges::learn(values.iter().copied(), 128);
        let column = BinnedColumn::new(&edges, values.iter().copied());
        let rows: Vec<u32> = (0..values.len() as u32).collect();
        let positive: Vec<bool> = positive.iter().map(|y| *y == 1).collect();
        let (label, trains) = ("spam".into(), vec![true; rows.len()]);
        let verdicts = Verdicts { label: &label, rows: &rows, positive: &positive, trains: &trains };
        singles(verdicts, &["x_flag".to_owned()], &[column], config)
    }

    fn auc(positive: &[u8], values: &[f32]) -> (f64, f64) {
        let found = judge(positive, values);
        (found.roc_auc, found.missing_roc_auc)
    }

    #[test]
    fn areas_by_hand() {
        // Of six pairs 3 > 1, 3 > 2, 2 > 1 are won, 2 = 2 is a tie, 1 < 2 lost, 1 = 1 a tie.
        assert_eq!(auc(&[1, 1, 1, 0, 0], &[3.0, 2.0, 1.0, 1.0, 2.0]), (4.0 / 6.0, 0.5));
        // The other way round.
        assert_eq!(auc(&[0, 0, 0, 1, 1], &[3.0, 2.0, 1.0, 1.0, 2.0]), (4.0 / 6.0, 0.5));
        // Missing before all values: five pairs won and one tie. After them 2.5 pairs, and 3 by being missing: 2 wins and 2 ties.
        assert_eq!(auc(&[1, 1, 0, 0, 0], &[2.0, 1.0, X, X, 1.0]), (5.5 / 6.0, 5.0 / 6.0));
        // Violating where missing, whatever the values say.
        assert_eq!(auc(&[1, 1, 0, 0], &[X, X, 1.0, 2.0]), (1.0, 1.0));
        assert_eq!(auc(&[1, 0, 0, 1], &[X, X, X, X]), (0.5, 0.5));
    }

    #[test]
    fn one_class_has_no_area() {
        let none = judged(&[1, 1], &[1.0, 2.0], &LeakConfig { max_auc: 0.5, allow: Vec::new() });
        assert_eq!(none, Singles::default());
    }

    #[test]
    fn rows_that_do_not_train_do_not_count() {
        let column = BinnedColumn { bins: vec![1, 2, 2, 1], n_bins: 3 };
        let label = "spam".into();
        let verdicts = Verdicts {
            label: &label,
            rows: &[0, 1, 2, 3],
            positive: &[false, true, false, true],
            trains: &[true, true, false, false],
        };
        let found = singles(verdicts, &["x".to_owned()], &[column], &LeakConfig { max_auc: 1.0, allow: Vec::new() });
        assert_eq!((found.best[0].roc_auc, found.best[0].n, found.best[0].positives), (1.0, 2, 1));
    }

    /// The world of the models' tests with one more feature, checked before a fit.
    fn check_with(plant: impl Fn(usize, bool) -> f32, allow: &[&str]) -> Result<(), ModelError> {
        let World { mut features, text, groups, days, targets, .. } = world(400);
        let old = std::mem::take(&mut features.values);
        for (i, (row, positive)) in old.chunks(features.n_features).zip(&targets[0].positive).enumerate() {
            features.values.extend(row);
            features.values.push(plant(i, *positive));
        }
        features.names.push("x_flag".to_owned());
        features.n_features += 1;
        let set = TrainingSet { features: &features, text: &text, groups: &groups, days: &days, markets: &[], timed: false };
        let mut config = quick();
        config.leak.allow = allow.iter().map(|name| (*name).to_owned()).collect();
        check_fit(&set, &targets[..1], &config)
    }

    #[test]
    fn planted_leaks_are_refused() {
        let one_if = |yes: bool| f32::from(u8::from(yes));
        let noisy = |i: usize, y: bool| one_if(y != (i % 50 == 7));
        let unless_violating = |_: usize, y: bool| if y { 1.0 } else { X };
        let counter = |i: usize, y: bool| (i + if y { 385 } else { 0 }) as f32;
        let plants: [&dyn Fn(usize, bool) -> f32; 5] =
            [&|_, y| one_if(y), &|_, y| -one_if(y), &noisy, &unless_violating, &counter];
        for (at, plant) in plants.into_iter().enumerate() {
            let Err(ModelError::Leak { leaks, limit }) = check_with(plant, &[]) else { panic!("plant {at} is not refused") };
            assert_eq!((leaks.0.len(), leaks.0[0].found.feature.as_str(), limit), (1, "x_flag", 0.95));
            assert_eq!(check_with(plant, &["x_flag"]), Ok(()));
        }
    }

    #[test]
    fn strong_features_are_not_refused() {
        // One verdict in ten is told wrongly: 0.9.
        assert_eq!(check_with(|i, y| f32::from(u8::from(y != (i % 10 == 7))), &[]), Ok(()));
    }

    #[test]
    fn few_lucky_rows_are_not_refused() {
        // The first row of each class is on the wrong side: 0.96, but of 100 rows only.
        let positive: Vec<u8> = (0..100).map(|i| u8::from(i % 2 == 0)).collect();
        let values: Vec<f32> = (0..100).map(|i| f32::from(u8::from((i % 2 == 0) != (i < 4)))).collect();
        let found = judged(&positive, &values, &LeakConfig { max_auc: 0.95, allow: Vec::new() });
        assert!((found.best[0].roc_auc - 0.96).abs() < 1e-12 && found.leaks.is_empty(), "{found:?}");
    }

    #[test]
    fn what_is_allowed_must_be_there() {
        let refused = check_with(|_, _| 1.0, &["x_flagg"]).unwrap_err().to_string();
        assert_eq!(
            refused,
            "train.leak.allow lists `x_flagg`, which is no feature of this training: `stallmark schema features` lists them"
        );
    }

    #[test]
    fn the_error_names_label_feature_figure_rows_and_mend() {
        let found = SingleFeature {
            feature: "x_flag".to_owned(),
            roc_auc: 0.98765,
            low: 0.98,
            missing_roc_auc: 0.5,
            n: 5000,
            positives: 400,
        };
        let by_missing = SingleFeature { feature: "x_case".to_owned(), missing_roc_auc: 0.98765, ..found.clone() };
        let leaks = [found, by_missing].map(|found| Leak { label: "spam".into(), found });
        assert_eq!(
            ModelError::Leak { leaks: Leaks(leaks.to_vec()), limit: 0.95 }.to_string(),
            "too good to be true, so probably known only with the verdict: `x_flag` of `spam` has a ROC AUC of 0.9877, at least \
             0.9800 (5000 decisions, 400 of them violating); `x_case` of `spam` has a ROC AUC of 0.9877, at least 0.9800, 0.9877 by \
             being missing (5000 decisions, 400 of them violating). The limit is 0.95: leave such a feature out with \
             features.exclude, or list it in train.leak.allow if it is known before the verdict"
        );
        let many = Leaks(vec![leaks[0].clone(); 12]).to_string();
        assert!(many.ends_with("400 of them violating); and 2 more"), "{many}");
    }

    /// scipy.optimize.brentq on auc − θ = 1.959963984540054 √V(θ).
    #[test]
    fn lower_ends_are_those_of_scipy() {
        for (auc, positives, negatives, expect) in LOWER_ENDS {
            let found = lower_end(auc, positives, negatives);
            assert!((found - expect).abs() < 1e-12, "{auc} {positives} {negatives}: {found}");
        }
    }

    const LOWER_ENDS: [(f64, u64, u64, f64); 6] = [
        (1.0, 50, 50, 0.960_344_283_189_249_2),
        (1.0, 40, 80, 0.962_949_655_041_488_7),
        (0.98, 500, 5000, 0.972_307_428_368_788_8),
        (0.98, 100, 700, 0.958_471_560_399_206_6),
        (0.9269, 3722, 16907, 0.921_896_627_587_92),
        (0.75, 20, 30, 0.588_159_363_743_524_3),
    ];

    proptest! {
        #[test]
        fn an_area_is_that_of_all_pairs_at_its_best(
            rows in prop::collection::vec((0_u8..2, prop::option::of(0_u8..5)), 2..40),
        ) {
            let positive: Vec<u8> = rows.iter().map(|(y, _)| *y).collect();
            prop_assume!(positive.contains(&0) && positive.contains(&1));
            let of_pairs = |place: &dyn Fn(Option<u8>) -> f64| {
                let (mut won, mut all) = (0.0, 0.0);
                for (_, a) in rows.iter().filter(|row| row.0 == 1) {
                    for (_, b) in rows.iter().filter(|row| row.0 == 0) {
                        let (a, b) = (place(*a), place(*b));
                        won += if a > b { 1.0 } else if a == b { 0.5 } else { 0.0 };
                        all += 1.0;
                    }
                }
                won / all
            };
            let mut best = 0.0_f64;
            for missing in [-1.0, 9.0] {
                let area = of_pairs(&|v| v.map_or(missing, f64::from));
                best = best.max(area).max(1.0 - area);
            }
            let of_missing = of_pairs(&|v| f64::from(u8::from(v.is_none())));
            let values: Vec<f32> = rows.iter().map(|(_, v)| v.map_or(X, f32::from)).collect();
            let found = judge(&positive, &values);
            prop_assert!((found.roc_auc - best).abs() < 1e-12);
            prop_assert!((found.missing_roc_auc - of_missing.max(1.0 - of_missing)).abs() < 1e-12);
            prop_assert!(found.roc_auc >= found.missing_roc_auc && found.low <= found.roc_auc && found.low >= 0.5);
        }

        #[test]
        fn more_rows_bring_the_lower_end_nearer(auc in 0.6_f64..1.0, m in 2_u64..500, n in 2_u64..5000) {
            let (few, many) = (lower_end(auc, m, n), lower_end(auc, 4 * m, 4 * n));
            prop_assert!(few <= many && many < auc, "{} {} {}", few, many, auc);
        }
    }
}
