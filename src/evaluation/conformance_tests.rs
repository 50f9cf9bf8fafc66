//! The metrics against scikit-learn's, and what must hold for any rows.
//!
//! Fixtures: scikit-learn 1.9.1, numpy 2.4.6, Python 3.11.7; `average_precision_score`, `roc_auc_score`, `log_loss` (after
//! clipping at 1e-15), `brier_score_loss`, `f1_score` (macro over both classes, p ≥ 0.5), each with `sample_weight`, and
//! `calibration_curve(strategy="quantile")`.

use proptest::prelude::*;

use super::*;
use crate::units::Probability;

/// AP, ROC AUC, log loss, Brier, macro F1, then precision and recall at 0.5.
type Expected = [f64; 7];

fn check(p: &[f64], positive: &[bool], weight: Option<&[f64]>, expect: Expected) {
    let plain = Predictions::new(p, positive).unwrap();
    let predictions = weight.map_or(plain, |w| plain.weighted(w).unwrap());
    let scores = predictions.scores();
    let at_half = Confusion::at(scores, 0.5);
    let found = [
        average_precision(scores),
        roc_auc(scores),
        log_loss(&predictions),
        brier(&predictions),
        macro_f1(&predictions),
        at_half.precision(),
        at_half.recall(),
    ];
    for (metric, (found, expect)) in found.iter().zip(expect).enumerate() {
        let found = found.unwrap();
        assert!((found - expect).abs() < 1e-9, "metric {metric}: {found} is not scikit-learn's {expect}");
    }
}

const TRUTH: [bool; 12] = [true, true, false, true, false, true, false, false, true, false, false, false];
const TIED: [f64; 12] = [0.9, 0.8, 0.8, 0.7, 0.55, 0.5, 0.5, 0.4, 0.3, 0.3, 0.2, 0.05];

#[test]
fn distinct_scores_agree_with_scikit_learn() {
    let p = [0.93, 0.81, 0.77, 0.71, 0.55, 0.52, 0.48, 0.41, 0.33, 0.29, 0.2, 0.05];
    let expect = [
        0.794_444_444_444_444_5,
        0.8,
        0.537_920_096_286_651_9,
        0.185_408_333_333_333_31,
        0.748_251_748_251_748_3,
        0.666_666_666_666_666_6,
        0.8,
    ];
    check(&p, &TRUTH, None, expect);
}

#[test]
fn ties_agree_with_scikit_learn() {
    let expect = [
        0.697_619_047_619_047_6,
        0.757_142_857_142_857_1,
        0.568_777_433_201_245_9,
        0.197_083_333_333_333_3,
        0.666_666_666_666_666_6,
        0.571_428_571_428_571_4,
        0.8,
    ];
    check(&TIED, &TRUTH, None, expect);
}

#[test]
fn weights_agree_with_scikit_learn() {
    let weight = [1.0, 2.0, 0.5, 1.0, 3.0, 0.25, 1.0, 1.0, 4.0, 0.75, 1.0, 2.0];
    let expect = [
        0.727_329_120_432_568_6,
        0.665_847_665_847_665_9,
        0.622_568_672_680_478_3,
        0.225_857_142_857_142_84,
        0.513_888_888_888_888_8,
        0.485_714_285_714_285_7,
        0.515_151_515_151_515_1,
    ];
    check(&TIED, &TRUTH, Some(&weight), expect);
}

/// `confusion_matrix(truth, p >= threshold)`, without and with `sample_weight`: true and false positives, false and true negatives.
#[test]
fn matrices_at_thresholds_agree_with_scikit_learn() {
    let weight = [1.0, 2.0, 0.5, 1.0, 3.0, 0.25, 1.0, 1.0, 4.0, 0.75, 1.0, 2.0];
    let counted = Scores::new(&TIED, &TRUTH).unwrap();
    let weighted = counted.weighted(&weight).unwrap();
    for (threshold, counts, weights) in [
        (0.3, [5.0, 5.0, 0.0, 2.0], [8.25, 6.25, 0.0, 3.0]),
        (0.5, [4.0, 3.0, 1.0, 4.0], [4.25, 4.5, 4.0, 4.75]),
        (0.55, [3.0, 2.0, 2.0, 5.0], [4.0, 3.5, 4.25, 5.75]),
        (0.8, [2.0, 1.0, 3.0, 6.0], [3.0, 0.5, 5.25, 8.75]),
    ] {
        for (scores, expect) in [(counted, counts), (weighted, weights)] {
            let found = Confusion::at(&scores, threshold);
            assert_eq!([found.true_positive, found.false_positive, found.false_negative, found.true_negative], expect);
        }
    }
}

#[test]
fn certain_mistakes_agree_with_scikit_learn() {
    let expect =
        [0.588_888_888_888_888_9, 0.5, 13.954_299_913_562_3, 0.45, 0.583_333_333_333_333_3, 2.0 / 3.0, 0.666_666_666_666_666_6];
    check(&[1.0, 0.0, 1.0, 0.0, 0.5], &[true, false, false, true, true], None, expect);
}

/// 3 positives among 20,000 rows, with ties: row i scores (7919 i mod 10007) ÷ 10007 and is positive when i mod 6661 = 17; the
/// weighted run weighs it ((i mod 7) + 1) ÷ 4.
#[test]
fn extreme_imbalance_agrees_with_scikit_learn() {
    let p: Vec<f64> = (0..20_000_u32).map(|i| f64::from(i * 7919 % 10_007) / 10_007.0).collect();
    let positive: Vec<bool> = (0..20_000).map(|i| i % 6661 == 17).collect();
    let weight: Vec<f64> = (0..20_000).map(|i| f64::from(i % 7 + 1) / 4.0).collect();
    let plain = [
        0.000_247_579_541_284_310_3,
        0.609_049_690_786_951_4,
        0.999_443_527_320_491,
        0.333_258_636_590_042,
        0.333_555_517_045_134_2,
        0.000_200_020_002_000_200_03,
        0.666_666_666_666_666_6,
    ];
    check(&p, &positive, None, plain);
    let weighted = [
        0.000_243_524_439_507_508_8,
        0.624_543_988_398_114_8,
        0.999_885_465_834_913_9,
        0.333_338_999_033_879_37,
        0.333_463_844_895_209_6,
        0.000_149_996_250_093_747_66,
        0.6,
    ];
    check(&p, &positive, Some(&weight), weighted);
}

/// Distinct probabilities and 15 bins of 4 rows, where equal-mass and quantile bins are the same.
#[test]
fn calibration_error_agrees_with_scikit_learn() {
    let p: Vec<f64> = (0..60_u32).map(|i| (f64::from(i * 37 % 60) + 0.5) / 61.0).collect();
    let positive: Vec<bool> = (0..60).map(|i| (i * i + 3 * i) % 7 < 3).collect();
    let found = ece(&Predictions::new(&p, &positive).unwrap(), ECE_BINS).unwrap();
    assert!((found.ece - 0.321_038_251_366_120_24).abs() < 1e-12, "{}", found.ece);
    assert_eq!(found.bins.len(), 15);
    assert!(found.bins.iter().all(|bin| bin.n == 4));
    assert!((found.bins[1].mean_p - 0.098_360_655_737_704_9).abs() < 1e-12 && found.bins[1].rate == 0.25);
}

#[test]
fn one_class_or_no_rows_rank_nothing() {
    for truth in [[true, true], [false, false]] {
        let predictions = Predictions::new(&[0.25, 0.75], &truth).unwrap();
        assert_eq!((average_precision(predictions.scores()), roc_auc(predictions.scores())), (None, None));
        assert_eq!(macro_f1(&predictions), None);
    }
    let none = Scores::new(&[], &[]).unwrap();
    assert_eq!((average_precision(&none), roc_auc(&none)), (None, None));
    // The only positive row weighs nothing: there is one class.
    let weightless = Scores::new(&[0.25, 0.75], &[true, false]).unwrap().weighted(&[0.0, 1.0]).unwrap();
    assert_eq!((average_precision(&weightless), roc_auc(&weightless)), (None, None));
}

#[test]
fn minus_zero_ties_with_zero() {
    let scores = Scores::new(&[-0.0, 0.0], &[true, false]).unwrap();
    assert_eq!((average_precision(&scores), roc_auc(&scores)), (Some(0.5), Some(0.5)));
}

/// Rows with many ties: probability, truth, weight.
fn rows() -> impl Strategy<Value = Vec<(f64, bool, f64)>> {
    let probability = prop_oneof![(0..=8_u8).prop_map(|i| f64::from(i) / 8.0), 0.0..=1.0];
    prop::collection::vec((probability, any::<bool>(), prop_oneof![Just(1.0), 0.0..10.0]), 0..80)
}

/// All metrics of weighted rows.
fn all(rows: &[(f64, bool, f64)]) -> Vec<Option<f64>> {
    let p: Vec<f64> = rows.iter().map(|r| r.0).collect();
    let positive: Vec<bool> = rows.iter().map(|r| r.1).collect();
    let weight: Vec<f64> = rows.iter().map(|r| r.2).collect();
    let predictions = Predictions::new(&p, &positive).unwrap().weighted(&weight).unwrap();
    let scores = predictions.scores();
    vec![
        average_precision(scores),
        roc_auc(scores),
        macro_f1(&predictions),
        brier(&predictions),
        ece(&predictions, ECE_BINS).map(|c| c.ece),
        log_loss(&predictions),
    ]
}

proptest! {
    #[test]
    fn metrics_stay_in_their_bounds(rows in rows()) {
        let found = all(&rows);
        for bounded in found[..5].iter().flatten() {
            prop_assert!((0.0..=1.0 + 1e-12).contains(bounded), "{found:?}");
        }
        prop_assert!(found[5].is_none_or(|loss| (0.0..35.0).contains(&loss)));
    }

    #[test]
    fn row_order_changes_nothing(rows in rows(), shift in 0..80_usize) {
        let mut other = rows.clone();
        other.rotate_left(shift % rows.len().max(1));
        other.reverse();
        for (a, b) in all(&rows).iter().zip(all(&other)) {
            prop_assert_eq!(a.is_some(), b.is_some());
            prop_assert!((a.unwrap_or(0.0) - b.unwrap_or(0.0)).abs() <= 1e-12);
        }
    }

    #[test]
    fn a_weight_of_two_is_the_row_twice(rows in rows()) {
        let heavy: Vec<_> = rows.iter().map(|r| (r.0, r.1, 2.0)).collect();
        let twice: Vec<_> = rows.iter().flat_map(|r| [(r.0, r.1, 1.0); 2]).collect();
        for (a, b) in all(&heavy).iter().zip(all(&twice)) {
            prop_assert_eq!(a.is_some(), b.is_some());
            prop_assert!((a.unwrap_or(0.0) - b.unwrap_or(0.0)).abs() <= 1e-12);
        }
    }

    #[test]
    fn negating_the_scores_mirrors_the_auc(rows in rows()) {
        let positive: Vec<bool> = rows.iter().map(|r| r.1).collect();
        let up: Vec<f64> = rows.iter().map(|r| r.0).collect();
        let down: Vec<f64> = up.iter().map(|s| -s).collect();
        let [up, down] = [up, down].map(|s| roc_auc(&Scores::new(&s, &positive).unwrap()));
        prop_assert_eq!(up.is_some(), down.is_some());
        prop_assert!(up.zip(down).is_none_or(|(up, down)| (up + down - 1.0).abs() < 1e-12));
    }

    #[test]
    fn the_interval_holds_its_share(successes in 0..500_u64, more in 0..500_u64) {
        let trials = successes + more;
        if let Some(found) = wilson(successes, trials, Confidence::NinetyFive) {
            let share = successes as f64 / trials as f64;
            prop_assert!(0.0 <= found.low && found.low <= share && share <= found.high && found.high <= 1.0);
        } else {
            prop_assert_eq!(trials, 0);
        }
    }

    #[test]
    fn rescaling_reaches_its_base_rate(rows in rows(), rate in 0.0..=1.0) {
        let p: Vec<f64> = rows.iter().map(|r| r.0).collect();
        let positive: Vec<bool> = rows.iter().map(|r| r.1).collect();
        let sample = Confusion::at(&Scores::new(&p, &positive).unwrap(), 0.5);
        if let Some(population) = sample.at_base_rate(Probability::new(rate).unwrap()) {
            prop_assert!((population.base_rate().unwrap() - rate).abs() < 1e-12);
            prop_assert!((population.total() - sample.total()).abs() < 1e-9);
        }
    }
}
