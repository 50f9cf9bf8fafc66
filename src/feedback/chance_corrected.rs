//! Agreement beyond what chance would bring: Cohen's κ of two raters and Krippendorff's α of any number of them.
//!
//! Both are 1 where all agree, 0 where they agree as often as chance, and undefined where only one class occurs.

use serde::Serialize;

/// The two-sided normal quantile of 95 %.
const Z: f64 = 1.959_963_984_540_054;

/// Both ends of a 95 % interval, each in −1 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AgreementInterval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Cohen's κ of two raters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Kappa {
    /// κ.
    pub kappa: f64,
    /// Cases that both rated.
    pub n: u64,
    /// κ ± 1.96 standard errors for large samples; absent where the standard error is 0, as it is when all agree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<AgreementInterval>,
}

/// Krippendorff's α, nominal.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Alpha {
    /// α.
    pub alpha: f64,
    /// Cases with two ratings or more.
    pub cases: u64,
    /// Ratings of those cases.
    pub ratings: u64,
    /// α ± 1.96 standard errors from leaving out each case in turn; absent where that says nothing (all agree, or without one case
    /// only one class is left).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<AgreementInterval>,
}

/// κ = (pₒ − pₑ) ÷ (1 − pₑ) (Cohen, Educational and Psychological Measurement 20, 1960) of a square table of counts: one rater's class by
/// row, the other's by column. The standard error is that of Fleiss, Cohen and Everitt (Psychological Bulletin 72, 1969, eq. 13).
/// `None` for an empty table, or one in which both raters know one class only.
#[must_use]
pub fn cohen_kappa<const K: usize>(table: &[[u64; K]; K]) -> Option<Kappa> {
    let n: u64 = table.iter().flatten().sum();
    let p = |i: usize, j: usize| table[i][j] as f64 / n as f64;
    let rows: Vec<f64> = (0..K).map(|i| (0..K).map(|j| p(i, j)).sum()).collect();
    let columns: Vec<f64> = (0..K).map(|j| (0..K).map(|i| p(i, j)).sum()).collect();
    let observed: f64 = (0..K).map(|i| p(i, i)).sum();
    let chance: f64 = (0..K).map(|i| rows[i] * columns[i]).sum();
    let one_class = table.iter().enumerate().any(|(i, row)| row[i] == n);
    if n == 0 || one_class {
        return None;
    }
    let kappa = (observed - chance) / (1.0 - chance);
    let square = |x: f64| x * x;
    let agree: f64 = (0..K).map(|i| p(i, i) * square(1.0 - (rows[i] + columns[i]) * (1.0 - kappa))).sum();
    let cells = (0..K).flat_map(|i| (0..K).map(move |j| (i, j))).filter(|(i, j)| i != j);
    let differ: f64 = cells.map(|(i, j)| p(i, j) * square(columns[i] + rows[j])).sum();
    let variance =
        (agree + square(1.0 - kappa) * differ - square(kappa - chance * (1.0 - kappa))) / (n as f64 * square(1.0 - chance));
    Some(Kappa { kappa, n, interval: interval(kappa, variance) })
}

/// α = 1 − Dₒ ÷ Dₑ for nominal classes (Krippendorff, Content Analysis, 3rd ed. 2013, §12.3) of cases given as ratings per class. Any number
/// of raters a case; cases with fewer than two ratings say nothing. With as many raters in every case, 1 − α is (n − 1) ÷ n of 1 minus
/// Fleiss' κ, n being all ratings. The standard error is the jackknife's over cases (Efron and Tibshirani 1993, ch. 11). `None` where
/// nothing was rated twice or one class only was used.
#[must_use]
pub fn krippendorff_alpha<const K: usize>(cases: &[[u64; K]]) -> Option<Alpha> {
    let rated: Vec<(f64, [f64; K])> = cases
        .iter()
        .filter(|case| case.iter().sum::<u64>() >= 2)
        .map(|case| (disagreement(case), case.map(|n| n as f64)))
        .collect();
    let mut observed = 0.0;
    let mut classes = [0.0; K];
    for (disagreement, counts) in &rated {
        observed += disagreement;
        classes.iter_mut().zip(counts).for_each(|(sum, n)| *sum += n);
    }
    let alpha = alpha_of(observed, &classes)?;
    let without = |(disagreement, counts): &(f64, [f64; K])| {
        let rest: [f64; K] = std::array::from_fn(|k| classes[k] - counts[k]);
        alpha_of(observed - disagreement, &rest)
    };
    let left_out: Option<Vec<f64>> = rated.iter().map(without).collect();
    let n = rated.len() as f64;
    let variance = left_out.map(|left_out| {
        let mean = left_out.iter().sum::<f64>() / n;
        (n - 1.0) / n * left_out.iter().map(|a| (a - mean) * (a - mean)).sum::<f64>()
    });
    let everybody_agrees = rated.iter().all(|(disagreement, _)| *disagreement == 0.0);
    Some(Alpha {
        alpha,
        cases: rated.len() as u64,
        ratings: classes.iter().sum::<f64>() as u64,
        interval: variance.filter(|_| !everybody_agrees).and_then(|variance| interval(alpha, variance)),
    })
}

/// Σ over classes n (m − n) ÷ (m − 1): what one case of m ratings adds to m·Dₒ.
fn disagreement<const K: usize>(case: &[u64; K]) -> f64 {
    let m: u64 = case.iter().sum();
    case.iter().map(|n| (n * (m - n)) as f64).sum::<f64>() / (m - 1) as f64
}

fn alpha_of<const K: usize>(observed: f64, classes: &[f64; K]) -> Option<f64> {
    let n: f64 = classes.iter().sum();
    let expected: f64 = classes.iter().map(|c| c * (n - c)).sum::<f64>() / (n - 1.0);
    (n > 1.0 && expected > 0.0).then(|| 1.0 - observed / expected)
}

fn interval(centre: f64, variance: f64) -> Option<AgreementInterval> {
    // Rounding leaves a hair of variance where there is none.
    let half = Z * variance.max(0.0).sqrt();
    (half > 1e-7).then(|| AgreementInterval { low: (centre - half).max(-1.0), high: (centre + half).min(1.0) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(found: f64, expect: f64, tolerance: f64) {
        assert!((found - expect).abs() < tolerance, "{found} is not {expect}");
    }

    /// Cohen 1960, table 1 (200 patients, three diagnoses): pₒ = .29, pₑ = .35, κ = −.09. The interval: statsmodels 0.15.0,
    /// `cohens_kappa` (`std_kappa` 0.040051544).
    #[test]
    fn cohens_own_example() {
        let found = cohen_kappa(&[[50, 26, 24], [24, 4, 32], [6, 30, 4]]).unwrap();
        close(found.kappa, -0.06 / 0.65, 1e-12);
        let interval = found.interval.unwrap();
        close(interval.low, -0.170_807_276_299_829_5, 1e-9);
        close(interval.high, -0.013_808_108_315_555_276, 1e-9);
    }

    /// statsmodels 0.15.0, `cohens_kappa([[40, 9], [6, 45]])`.
    #[test]
    fn two_classes_agree_with_statsmodels() {
        let found = cohen_kappa(&[[40, 9], [6, 45]]).unwrap();
        close(found.kappa, 0.699_519_230_769_231, 1e-12);
        let interval = found.interval.unwrap();
        close(interval.low, 0.559_590_340_750_692_3, 1e-9);
        close(interval.high, 0.839_448_120_787_769_2, 1e-9);
    }

    /// Fleiss, Psychological Bulletin 76, 1971, table 1: 30 patients, 6 psychiatrists, 5 diagnoses, κ = .430. Through α, by the identity in
    /// the documentation.
    #[test]
    fn fleiss_own_example() {
        let table = [
            [0, 0, 0, 6, 0],
            [0, 3, 0, 0, 3],
            [0, 1, 4, 0, 1],
            [0, 0, 0, 0, 6],
            [0, 3, 0, 3, 0],
            [2, 0, 4, 0, 0],
            [0, 0, 4, 0, 2],
            [2, 0, 3, 1, 0],
            [2, 0, 0, 4, 0],
            [0, 0, 0, 0, 6],
            [1, 0, 0, 5, 0],
            [1, 1, 0, 4, 0],
            [0, 3, 3, 0, 0],
            [1, 0, 0, 5, 0],
            [0, 2, 0, 3, 1],
            [0, 0, 5, 0, 1],
            [3, 0, 0, 1, 2],
            [5, 1, 0, 0, 0],
            [0, 2, 0, 4, 0],
            [1, 0, 2, 0, 3],
            [0, 0, 0, 0, 6],
            [0, 1, 0, 5, 0],
            [0, 2, 0, 1, 3],
            [2, 0, 0, 4, 0],
            [1, 0, 0, 4, 1],
            [0, 5, 0, 1, 0],
            [4, 0, 0, 0, 2],
            [0, 2, 0, 4, 0],
            [1, 0, 5, 0, 0],
            [0, 0, 0, 0, 6],
        ];
        let found = krippendorff_alpha(&table).unwrap();
        assert_eq!((found.cases, found.ratings), (30, 180));
        // krippendorff 0.9.0, `alpha(value_counts=...)`; statsmodels 0.15.0, `fleiss_kappa`.
        close(found.alpha, 0.433_409_828_282_029, 1e-12);
        close(1.0 - (1.0 - found.alpha) * 180.0 / 179.0, 0.430_244_520_060_140_74, 1e-12);
        // The standard error of 30 alphas of the same package, each without one case: 0.054738315.
        let interval = found.interval.unwrap();
        close(interval.low, 0.326_124_703_242_612_3, 1e-9);
        close(interval.high, 0.540_694_953_321_445_6, 1e-9);
    }

    /// Krippendorff, Computing Krippendorff's Alpha-Reliability (2011): example A, two observers, α = .095; example C, four observers, missing
    /// ratings, α = .743.
    #[test]
    fn krippendorffs_own_examples() {
        let both = [[1, 1], [0, 2], [1, 1], [2, 0], [2, 0], [1, 1], [2, 0], [2, 0], [1, 1], [2, 0]];
        close(krippendorff_alpha(&both).unwrap().alpha, 0.095_238_095_238, 1e-9);
        let four = [
            [3, 0, 0, 0, 0],
            [0, 3, 1, 0, 0],
            [0, 0, 4, 0, 0],
            [0, 0, 4, 0, 0],
            [0, 4, 0, 0, 0],
            [1, 1, 1, 1, 0],
            [0, 0, 0, 4, 0],
            [3, 1, 0, 0, 0],
            [0, 4, 0, 0, 0],
            [0, 0, 0, 0, 3],
            [2, 0, 0, 0, 0],
            [0, 0, 1, 0, 0],
        ];
        let found = krippendorff_alpha(&four).unwrap();
        close(found.alpha, 0.743_421_052_631_579, 1e-12);
        assert_eq!((found.cases, found.ratings), (11, 40));
        // As above, 0.146326652; the upper end would be 1.03.
        let interval = found.interval.unwrap();
        close(interval.low, 0.456_626_084_339_876_3, 1e-9);
        assert_eq!(interval.high, 1.0);
    }

    #[test]
    fn undefined_is_absent() {
        assert_eq!(cohen_kappa(&[[0, 0], [0, 0]]), None);
        assert_eq!(cohen_kappa(&[[9, 0], [0, 0]]), None);
        assert_eq!(krippendorff_alpha(&[[2, 0], [3, 0]]), None);
        assert_eq!(krippendorff_alpha(&[[1, 0], [0, 1]]), None);
        // All agree: 1, but no claim of certainty.
        assert_eq!(cohen_kappa(&[[5, 0], [0, 5]]).map(|k| (k.kappa, k.interval)), Some((1.0, None)));
        assert_eq!(krippendorff_alpha(&[[2, 0], [2, 0], [0, 2], [0, 2]]).map(|a| (a.alpha, a.interval)), Some((1.0, None)));
    }

    proptest! {
        #[test]
        fn classes_and_raters_may_be_renamed(cells in prop::array::uniform4(0..40_u64)) {
            let [a, b, c, d] = cells;
            let found = cohen_kappa(&[[a, b], [c, d]]);
            for other in [cohen_kappa(&[[a, c], [b, d]]), cohen_kappa(&[[d, c], [b, a]])] {
                prop_assert_eq!(found.is_some(), other.is_some());
                if let (Some(found), Some(other)) = (found, other) {
                    prop_assert!((found.kappa - other.kappa).abs() < 1e-12 && found.kappa <= 1.0 && found.kappa >= -1.0 - 1e-12);
                }
            }
        }
    }
}
