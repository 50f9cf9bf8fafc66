//! What must hold for any rows: draws are resamples, values the metrics' own, and neither order nor threads change a bit.

use proptest::prelude::*;
use rayon::ThreadPoolBuilder;

use super::super::confusion::Confusion;
use super::super::{average_precision, brier, log_loss, roc_auc};
use super::*;

/// Probability (in many ties), truth, weight, cluster.
type TestRow = (f64, bool, f64, Option<u32>);

fn rows(of: std::ops::Range<usize>) -> impl Strategy<Value = Vec<TestRow>> {
    let probability = prop_oneof![(0..=8_u8).prop_map(|i| f64::from(i) / 8.0), 0.0..=1.0];
    let weight = prop_oneof![Just(1.0), Just(0.0), 0.1..10.0];
    let row = (probability, any::<bool>(), weight, prop::option::weighted(0.8, 0..40_u32));
    (prop::collection::vec(row, of), any::<bool>()).prop_map(|(mut rows, weighted)| {
        if !weighted {
            rows.iter_mut().for_each(|r| r.2 = 1.0);
        }
        rows
    })
}

struct Columns {
    p: Vec<f64>,
    positive: Vec<bool>,
    weight: Vec<f64>,
    clusters: Vec<Option<u32>>,
}

impl Columns {
    fn of(rows: &[TestRow]) -> Self {
        Self {
            p: rows.iter().map(|r| r.0).collect(),
            positive: rows.iter().map(|r| r.1).collect(),
            weight: rows.iter().map(|r| r.2).collect(),
            clusters: rows.iter().map(|r| r.3).collect(),
        }
    }

    fn predictions(&self) -> Predictions<'_> {
        Predictions::new(&self.p, &self.positive).unwrap().weighted(&self.weight).unwrap()
    }

    fn intervals(&self, draws: u32) -> MetricIntervals {
        let rows = Clustered::new(self.predictions(), &self.clusters).unwrap();
        metric_intervals(&rows, &AT, &BootstrapConfig { draws, seed: 5 })
    }

    fn side(&self) -> Side {
        let predictions = self.predictions();
        let kept = predictions.scores().rows().zip(&self.clusters).filter(|(row, _)| row.weight > 0.0);
        let kept = kept.map(|(row, id)| ClusteredRow { row, cluster: id.unwrap_or(60) }).collect();
        Side::new(&self.predictions(), kept, 61, &AT)
    }
}

const AT: Thresholds<'static> = Thresholds { macro_f1: 0.5, rates: &[0.25, 0.7, 2.0] };

/// All metrics by their own functions, in the order of a draw's numbers.
fn by_functions(p: &[f64], positive: &[bool], weight: &[f64]) -> Vec<Option<f64>> {
    let predictions = Predictions::new(p, positive).unwrap().weighted(weight).unwrap();
    let scores = predictions.scores();
    let at = |t: f64| Confusion::at(scores, t);
    let gap = scores.mean(|row| row.score - f64::from(u8::from(row.positive)));
    let mut found =
        vec![average_precision(scores), roc_auc(scores), log_loss(&predictions), brier(&predictions), gap, at(0.5).macro_f1()];
    found.extend(AT.rates.iter().flat_map(|t| [at(*t).precision(), at(*t).recall(), at(*t).match_rate()]));
    found
}

fn assert_close(found: &[Option<f64>], expect: &[Option<f64>], tolerance: f64) {
    assert_eq!(found.len(), expect.len());
    for (metric, (found, expect)) in found.iter().zip(expect).enumerate() {
        assert_eq!(found.is_some(), expect.is_some(), "metric {metric}");
        let (found, expect) = (found.unwrap_or(0.0), expect.unwrap_or(0.0));
        assert!((found - expect).abs() <= tolerance, "metric {metric}: {found} is not {expect}");
    }
}

proptest! {
    #[test]
    fn values_are_those_of_the_metrics(rows in rows(0..60)) {
        let columns = Columns::of(&rows);
        let expect = by_functions(&columns.p, &columns.positive, &columns.weight);
        assert_close(&columns.side().measured.values, &expect, 1e-12);
    }

    /// A draw's metrics are those of the rows written out as often as their cluster was drawn.
    #[test]
    fn a_draw_is_a_resample(rows in rows(0..60), block in 0..100_usize) {
        let columns = Columns::of(&rows);
        let side = columns.side();
        let table = multiplicities(61, 3, block);
        let totals = BlockTotals::of(&side.ranked, &side.losses, &table);
        (0..LANES).for_each(|lane| {
            let times = |r: &TestRow| usize::from(table[r.3.unwrap_or(60) as usize][lane]);
            let drawn = Columns::of(&rows.iter().flat_map(|r| std::iter::repeat_n(*r, times(r))).collect::<Vec<_>>());
            let expect = by_functions(&drawn.p, &drawn.positive, &drawn.weight);
            assert_close(&totals.metrics(lane), &expect, 1e-9);
        });
    }

    /// Against a finite difference in the weights of one cluster.
    #[test]
    fn influences_are_derivatives(rows in rows(2..60), cluster in 0..61_u32) {
        let columns = Columns::of(&rows);
        let side = columns.side();
        let step = 1e-6;
        let moved = |sign: f64| {
            let of = |r: &TestRow| if r.3.unwrap_or(60) == cluster { r.2 * (1.0 + sign * step) } else { r.2 };
            by_functions(&columns.p, &columns.positive, &rows.iter().map(of).collect::<Vec<_>>())
        };
        let (up, down) = (moved(1.0), moved(-1.0));
        for (i, metric) in Metric::all(4).into_iter().enumerate() {
            let Some(value) = side.measured.values[i] else { continue };
            let influence = side.measured.influence(&side.ranked, &side.losses, metric, value);
            let expect = (up[i].unwrap() - down[i].unwrap()) / (2.0 * step);
            prop_assert!((influence[cluster as usize] - expect).abs() < 1e-6, "{metric:?}: {} {expect}", influence[cluster as usize]);
            prop_assert!(influence.iter().sum::<f64>().abs() < 1e-12);
        }
    }

    #[test]
    fn row_order_changes_no_bit(rows in rows(0..60), shift in 0..60_usize) {
        let mut other = rows.clone();
        other.rotate_left(shift % rows.len().max(1));
        other.reverse();
        let [a, b] = [rows, other].map(|rows| Columns::of(&rows).intervals(50));
        let ends = |e: Option<Estimate>| e.map(|e| [e.low, e.high].map(|end| end.map(f64::to_bits)));
        prop_assert_eq!(ends(a.average_precision), ends(b.average_precision));
        prop_assert_eq!(ends(a.roc_auc), ends(b.roc_auc));
        prop_assert_eq!(ends(a.macro_f1), ends(b.macro_f1));
        prop_assert_eq!(a.n_clusters, b.n_clusters);
    }

    #[test]
    fn an_interval_holds_draws_of_its_metric(rows in rows(30..120)) {
        let found = Columns::of(&rows).intervals(200);
        let rates = found.thresholds.iter().flat_map(|t| [t.precision, t.recall, t.match_rate]);
        for estimate in [found.average_precision, found.roc_auc, found.brier, found.macro_f1].into_iter().chain(rates).flatten() {
            prop_assert_eq!(estimate.low.is_some(), estimate.high.is_some());
            if let (Some(low), Some(high)) = (estimate.low, estimate.high) {
                prop_assert!(0.0 <= low && low < high && high <= 1.0, "{estimate:?}");
            }
        }
    }
}

/// 60 clusters of five rows, a third of them positive.
fn plain() -> Columns {
    let row = |i: u32| (f64::from(i * 37 % 101) / 101.0, (i * 53) % 97 < 30 + i % 20, 1.0 + f64::from(i % 3), Some(i / 5));
    Columns::of(&(0..300).map(row).collect::<Vec<_>>())
}

#[test]
fn threads_change_no_bit() {
    let on = |threads| ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| plain().intervals(333));
    let one = serde_json::to_string(&on(1)).unwrap();
    assert_eq!(one, serde_json::to_string(&on(2)).unwrap());
    assert_eq!(one, serde_json::to_string(&on(5)).unwrap());
}

#[test]
fn more_draws_begin_with_the_fewer() {
    let side = plain().side();
    let draws = |n| draw_all(&[&side.ranked], &[&side.losses], 61, n, 9);
    assert_eq!(draws(100)[..33], draws(33)[..]);
}

#[test]
fn a_class_that_few_clusters_have_leaves_draws_undefined() {
    // One of 30 clusters has the only positive row: (1 − 1/30)^30 = 36 % of the draws lack it.
    let row = |i: u32| (f64::from(i) / 30.0, i == 20, 1.0, Some(i));
    let found = Columns::of(&(0..30).map(row).collect::<Vec<_>>()).intervals(1000);
    let auc = found.roc_auc.unwrap();
    assert!((300..430).contains(&auc.undefined_draws), "{auc:?}");
    assert_eq!((auc.low, auc.high), (None, None));
    // The Brier score is defined in every draw.
    let brier = found.brier.unwrap();
    assert!(brier.undefined_draws == 0 && brier.low.is_some());
    // Nothing reaches the last threshold: no precision, and a recall of 0 that one cluster alone speaks for.
    assert_eq!(found.thresholds[2].precision, None);
    assert_eq!(found.thresholds[2].recall.unwrap().low, None);
    let none = Columns::of(&[]).intervals(100);
    assert_eq!(serde_json::to_string(&none.brier).unwrap() + &none.n_clusters.to_string(), "null0");
}

#[test]
fn a_perfect_share_is_never_certain() {
    // All 25 of 50 clusters' rows that reach 0.7 are positive: Wilson's interval of 25 of 25 is 0.8668 to 1 (scipy 1.17.1).
    let row = |i: u32| (if i < 25 { 0.9 } else { 0.1 }, i < 25, 1.0, Some(i));
    let found = Columns::of(&(0..50).map(row).collect::<Vec<_>>()).intervals(200);
    let precision = found.thresholds[1].precision.unwrap();
    assert_eq!((precision.value, precision.high), (1.0, Some(1.0)));
    assert!((precision.low.unwrap() - 0.866_8).abs() < 5e-5, "{precision:?}");
    // A ranking without a fault has no such formula, and says so by having no interval.
    assert_eq!(found.roc_auc.map(|e| (e.value, e.low)), Some((1.0, None)));
}

#[test]
fn few_clusters_have_no_interval() {
    let row = |i: u32| (f64::from(i) / 190.0, i.is_multiple_of(3), 1.0, Some(i % 19));
    let found = Columns::of(&(0..190).map(row).collect::<Vec<_>>()).intervals(200);
    assert_eq!((found.n_clusters, found.brier.unwrap().low), (19, None));
    let no_draws = plain().intervals(39).brier.unwrap();
    assert_eq!((no_draws.low, no_draws.undefined_draws), (None, 0));
}

#[test]
fn a_model_against_itself_differs_by_nothing() {
    let columns = plain();
    let pair = Pair::new(columns.predictions(), columns.predictions(), &columns.clusters).unwrap();
    let found = metric_differences(&pair, [&AT, &AT], &BootstrapConfig { draws: 100, seed: 1 });
    let nothing = Difference { value: 0.0, low: Some(0.0), high: Some(0.0), b_is_worse: Some(0.0), undefined_draws: 0 };
    assert_eq!((found.average_precision, found.log_loss), (Some(nothing), Some(nothing)));
    assert_eq!(found.thresholds[0].match_rate, Some(Difference { b_is_worse: None, ..nothing }));
}

#[test]
fn the_models_change_places_with_the_sign() {
    let columns = plain();
    // B is A with its ranking half spoilt.
    let spoilt: Vec<f64> = columns.p.iter().enumerate().map(|(i, p)| if i % 2 == 0 { *p } else { 1.0 - *p }).collect();
    let b = Predictions::new(&spoilt, &columns.positive).unwrap().weighted(&columns.weight).unwrap();
    let between = |a, b| {
        let pair = Pair::new(a, b, &columns.clusters).unwrap();
        metric_differences(&pair, [&AT, &AT], &BootstrapConfig { draws: 400, seed: 1 })
    };
    let (there, back) = (between(columns.predictions(), b), between(b, columns.predictions()));
    for (there, back) in [(there.roc_auc, back.roc_auc), (there.brier, back.brier), (there.mean_gap, back.mean_gap)] {
        let (there, back) = (there.unwrap(), back.unwrap());
        assert_eq!(there.value, -back.value);
        assert!((there.low.unwrap() + back.high.unwrap()).abs() < 1e-9, "{there:?} {back:?}");
        assert_eq!(there.b_is_worse.map(|share| 1.0 - share), back.b_is_worse);
    }
}

#[test]
fn other_rows_cannot_be_compared() {
    let (p, clusters) = ([0.25, 0.75], [None, None]);
    let model = |positive| Predictions::new(&p, positive).unwrap();
    let (truth, other) = ([true, false], [true, true]);
    let refused = Pair::new(model(&truth), model(&other), &clusters).unwrap_err();
    assert_eq!(refused, EvaluationError::Pair { row: 1, what: "truth" });
    let weighted = model(&truth).weighted(&[1.0, 2.0]).unwrap();
    assert_eq!(Pair::new(model(&truth), weighted, &clusters).unwrap_err(), EvaluationError::Pair { row: 1, what: "weight" });
    assert!(matches!(Clustered::new(model(&truth), &[None]), Err(EvaluationError::Length { what: "the clusters", .. })));
}
