//! Precision, recall and match rate at every threshold that changes a decision.
//!
//! Rows with equal scores are called together: they are one threshold. Deliberately not here: interpolation between thresholds,
//! which promises decisions that no threshold makes.

use serde::Serialize;

use super::confusion::Confusion;
use super::predictions::{Row, Scores};
use super::sum::Sum;

/// What a threshold does to the rows of a sample or to the population that they were drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rates {
    /// See [`Confusion::precision`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<f64>,
    /// See [`Confusion::recall`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recall: Option<f64>,
    /// See [`Confusion::match_rate`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub match_rate: Option<f64>,
}

/// One threshold of a curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurvePoint {
    /// Rows with at least this score are called violating.
    pub threshold: f64,
    /// Each row counted once.
    pub sample: Rates,
    /// Rows by their weights; absent where they have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub population: Option<Rates>,
}

/// One distinct score, and the decisions of a threshold there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cut {
    pub(super) threshold: f64,
    /// Each row counted once.
    pub(super) sample: Confusion,
    /// Rows by their weights; the sample's where they have none.
    pub(super) population: Confusion,
}

/// The curve over the distinct scores, highest first, thinned to at most `max_points` (and at least 2): the ends stay, and
/// between them the points that come nearest to equal steps of recall and match rate together. Empty without rows.
#[must_use]
pub fn curve(scores: &Scores<'_>, max_points: usize) -> Vec<CurvePoint> {
    let point = |cut: &Cut| CurvePoint {
        threshold: cut.threshold,
        sample: Rates::of(&cut.sample),
        population: scores.is_weighted().then(|| Rates::of(&cut.population)),
    };
    thinned(&cuts(scores), max_points.max(2)).into_iter().map(point).collect()
}

impl Rates {
    fn of(confusion: &Confusion) -> Self {
        Self { precision: confusion.precision(), recall: confusion.recall(), match_rate: confusion.match_rate() }
    }
}

/// The decisions at every distinct score, highest first. Rows without weight are part of the sample alone.
pub(super) fn cuts(scores: &Scores<'_>) -> Vec<Cut> {
    let mut rows: Vec<Row> = scores.rows().collect();
    rows.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.positive.cmp(&a.positive)).then(b.weight.total_cmp(&a.weight)));
    let all_of = |class: bool| rows.iter().filter(|r| r.positive == class).map(|r| r.weight).collect::<Sum>().value();
    let count_of = |class: bool| rows.iter().filter(|r| r.positive == class).count() as f64;
    let (all, counted) = ([all_of(true), all_of(false)], [count_of(true), count_of(false)]);
    let (mut above, mut counts) = ([Sum::default(); 2], [0.0; 2]);
    let mut cuts = Vec::new();
    for tied in rows.chunk_by(|a, b| a.score == b.score) {
        for row in tied {
            let class = usize::from(!row.positive);
            above[class].add(row.weight);
            counts[class] += 1.0;
        }
        let (sample, population) = (called(counts, counted), called(above.map(Sum::value), all));
        cuts.push(Cut { threshold: tied[0].score, sample, population });
    }
    cuts
}

/// The matrix of which `above` of `all` (positive, negative) are called violating.
fn called(above: [f64; 2], all: [f64; 2]) -> Confusion {
    Confusion {
        true_positive: above[0],
        false_positive: above[1],
        // Both are compensated sums of the same terms, which rounding can still set apart by a hair.
        false_negative: (all[0] - above[0]).max(0.0),
        true_negative: (all[1] - above[1]).max(0.0),
    }
}

fn thinned(cuts: &[Cut], max_points: usize) -> Vec<&Cut> {
    let (Some(first), Some(last)) = (cuts.first(), cuts.last()) else { return Vec::new() };
    if cuts.len() <= max_points {
        return cuts.iter().collect();
    }
    // Rises from cut to cut: the match rate does, and the recall never falls.
    let way = |cut: &Cut| cut.sample.recall().unwrap_or(0.0) + cut.sample.match_rate().unwrap_or(0.0);
    let (start, length) = (way(first), way(last) - way(first));
    let target = |k: usize| start + length * k as f64 / (max_points - 1) as f64;
    let mut indices: Vec<usize> = (1..max_points - 1).map(|k| nearest(cuts, target(k), way)).collect();
    indices.extend([0, cuts.len() - 1]);
    indices.sort_unstable();
    indices.dedup();
    indices.into_iter().map(|i| &cuts[i]).collect()
}

/// The cut whose way along the curve is nearest to `target`; the way rises.
fn nearest(cuts: &[Cut], target: f64, way: impl Fn(&Cut) -> f64) -> usize {
    let after = cuts.partition_point(|cut| way(cut) < target).min(cuts.len() - 1);
    let before = after.saturating_sub(1);
    if target - way(&cuts[before]) < way(&cuts[after]) - target { before } else { after }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Fixture: scikit-learn 1.9.1, `precision_recall_curve(drop_intermediate=False)` turned around, on the tied rows of
    /// `conformance_tests` with and without their weights.
    #[test]
    fn every_point_agrees_with_scikit_learn() {
        let truth = [true, true, false, true, false, true, false, false, true, false, false, false];
        let p = [0.9, 0.8, 0.8, 0.7, 0.55, 0.5, 0.5, 0.4, 0.3, 0.3, 0.2, 0.05];
        let weight = [1.0, 2.0, 0.5, 1.0, 3.0, 0.25, 1.0, 1.0, 4.0, 0.75, 1.0, 2.0];
        let points = curve(&Scores::new(&p, &truth).unwrap().weighted(&weight).unwrap(), 100);
        assert_eq!(points.iter().map(|c| c.threshold).collect::<Vec<_>>(), [0.9, 0.8, 0.7, 0.55, 0.5, 0.4, 0.3, 0.2, 0.05]);
        for (i, (found, expect)) in points.iter().zip(SCIKIT_LEARN).enumerate() {
            let population = found.population.unwrap();
            let rates = [found.sample.precision, found.sample.recall, population.precision, population.recall];
            for (found, expect) in rates.iter().zip(expect) {
                assert!((found.unwrap() - expect).abs() < 1e-9, "point {i}: {found:?} is not {expect}");
            }
        }
        assert_eq!(points[4].sample.match_rate, Some(7.0 / 12.0));
        assert_eq!(points[4].population.unwrap().match_rate, Some(8.75 / 17.5));
    }

    /// Precision and recall of the sample, then of the population.
    const SCIKIT_LEARN: [[f64; 4]; 9] = [
        [1.0, 0.2, 1.0, 0.121_212_121_212_121_22],
        [0.666_666_666_666_666_6, 0.4, 0.857_142_857_142_857_1, 0.363_636_363_636_363_65],
        [0.75, 0.6, 0.888_888_888_888_888_8, 0.484_848_484_848_484_86],
        [0.6, 0.6, 0.533_333_333_333_333_3, 0.484_848_484_848_484_86],
        [0.571_428_571_428_571_4, 0.8, 0.485_714_285_714_285_7, 0.515_151_515_151_515_1],
        [0.5, 0.8, 0.435_897_435_897_435_9, 0.515_151_515_151_515_1],
        [0.5, 1.0, 0.568_965_517_241_379_3, 1.0],
        [0.454_545_454_545_454_53, 1.0, 0.532_258_064_516_129, 1.0],
        [0.416_666_666_666_666_7, 1.0, 0.471_428_571_428_571_4, 1.0],
    ];

    #[test]
    fn rates_of_one_class_are_absent_where_they_say_nothing() {
        let points = curve(&Scores::new(&[0.75, 0.25], &[false, false]).unwrap(), 10);
        assert_eq!(points[0].sample, Rates { precision: Some(0.0), recall: None, match_rate: Some(0.5) });
        assert_eq!(points[0].population, None);
        assert_eq!(curve(&Scores::new(&[], &[]).unwrap(), 10), []);
        let weightless = Scores::new(&[0.75, 0.25], &[true, false]).unwrap().weighted(&[0.0, 0.0]).unwrap();
        assert_eq!(curve(&weightless, 10)[0].population, Some(Rates { precision: None, recall: None, match_rate: None }));
    }

    proptest! {
        #[test]
        fn cuts_are_the_matrices_at_their_thresholds(rows in prop::collection::vec((0..12_u8, any::<bool>(), 0..5_u8), 0..60)) {
            let p: Vec<f64> = rows.iter().map(|r| f64::from(r.0) / 12.0).collect();
            let positive: Vec<bool> = rows.iter().map(|r| r.1).collect();
            let weight: Vec<f64> = rows.iter().map(|r| f64::from(r.2)).collect();
            let counted = Scores::new(&p, &positive).unwrap();
            let weighted = counted.weighted(&weight).unwrap();
            for cut in cuts(&weighted) {
                prop_assert_eq!(cut.sample, Confusion::at(&counted, cut.threshold));
                prop_assert_eq!(cut.population, Confusion::at(&weighted, cut.threshold));
            }
        }

        #[test]
        fn thinning_keeps_the_ends_and_the_order(p in prop::collection::vec((0.0..1.0_f64, any::<bool>()), 2..200), n in 2..40_usize) {
            let (p, positive): (Vec<f64>, Vec<bool>) = p.into_iter().unzip();
            let scores = Scores::new(&p, &positive).unwrap();
            let (all, thin) = (curve(&scores, usize::MAX), curve(&scores, n));
            prop_assert!(thin.len() <= n.max(2) && (thin.len() >= 2 || all.len() == 1));
            prop_assert_eq!((thin.first(), thin.last()), (all.first(), all.last()));
            prop_assert!(thin.windows(2).all(|w| w[0].threshold > w[1].threshold));
            prop_assert!(thin.iter().all(|point| all.contains(point)));
        }
    }
}
