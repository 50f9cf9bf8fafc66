//! Simulated sets of clustered rows with known true metrics: how often the interval covers.
//!
//! Clusters have one to nine rows, a positive rate of 0.15 or 0.45, and an offset of their own, normal with variance 0.25; a
//! row's number is z = 1.5 y + offset + noise, normal with variance 1, its score 1 ÷ (1 + e^−(z − 1.5)). Over all clusters z is
//! normal with variance 1.25 given y, so that the truth has a closed form.

use rayon::prelude::*;

use super::*;

const SETS: u64 = 1000;
const SHIFT: f64 = 1.5;
const RATE: f64 = 0.3;
const SPREAD: f64 = 1.118_033_988_749_895;

struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((x ^ (x >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Box and Muller (1958).
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(1.0 - self.uniform())).sqrt();
        radius * libm::cos(2.0 * std::f64::consts::PI * self.uniform())
    }
}

fn score_of(z: f64) -> f64 {
    1.0 / (1.0 + libm::exp(SHIFT - z))
}

#[derive(Default)]
struct Rows {
    a: Vec<f64>,
    b: Vec<f64>,
    positive: Vec<bool>,
    weight: Vec<f64>,
    cluster: Vec<Option<u32>>,
}

/// `kept` is the share of negative rows that were sampled, weighted by its inverse. Model B sees the same with noise of its own.
fn simulate(set: u64, n_clusters: u32, kept: f64) -> Rows {
    let mut random = Random(set.wrapping_mul(0xD1B5_4A32_D192_ED03));
    let mut rows = Rows::default();
    for cluster in 0..n_clusters {
        let size = 1 + (random.uniform() * 9.0) as usize;
        let rate = if random.uniform() < 0.5 { RATE - 0.15 } else { RATE + 0.15 };
        let offset = random.normal() / 2.0;
        for _ in 0..size {
            let positive = random.uniform() < rate;
            let of_class = if positive { SHIFT } else { 0.0 };
            let [a, b] = [0; 2].map(|_| score_of(of_class + offset + random.normal()));
            if positive || random.uniform() < kept {
                rows.a.push(a);
                rows.b.push(b);
                rows.positive.push(positive);
                rows.weight.push(if positive { 1.0 } else { 1.0 / kept });
                rows.cluster.push(Some(cluster));
            }
        }
    }
    rows
}

/// Share of a class above z.
fn above(z: f64, mean: f64) -> f64 {
    libm::erfc((z - mean) / SPREAD / std::f64::consts::SQRT_2) / 2.0
}

fn precision_above(z: f64) -> f64 {
    let [tp, fp] = [RATE * above(z, SHIFT), (1.0 - RATE) * above(z, 0.0)];
    tp / (tp + fp)
}

/// ∫ precision dRecall, by the midpoints of 20,000 steps from −8 to 10.
fn true_average_precision() -> f64 {
    let steps = 20_000;
    let z = |i: i32| -8.0 + 18.0 * f64::from(i) / f64::from(steps);
    let slice = |i: i32| (above(z(i), SHIFT) - above(z(i + 1), SHIFT)) * precision_above((z(i) + z(i + 1)) / 2.0);
    (0..steps).map(slice).sum()
}

const CUTS: [f64; 2] = [1.5, 2.5];

/// AP, AUC, then precision, recall and match rate at each cut.
fn truths() -> Vec<f64> {
    let mut truths = vec![true_average_precision(), above(0.0, SHIFT / std::f64::consts::SQRT_2)];
    for z in CUTS {
        let recall = above(z, SHIFT);
        truths.extend([precision_above(z), recall, RATE * recall + (1.0 - RATE) * above(z, 0.0)]);
    }
    truths
}

/// How often each interval covered, of [`SETS`]; absent ones don't.
fn coverage(n_clusters: u32, kept: f64, draws: u32) -> Vec<f64> {
    let truths = truths();
    let thresholds = CUTS.map(score_of);
    let covered: Vec<Vec<bool>> = (0..SETS)
        .into_par_iter()
        .map(|set| {
            let rows = simulate(set, n_clusters, kept);
            let predictions = Predictions::new(&rows.a, &rows.positive).unwrap().weighted(&rows.weight).unwrap();
            let clustered = Clustered::new(predictions, &rows.cluster).unwrap();
            let at = Thresholds { macro_f1: 0.5, rates: &thresholds };
            let found = metric_intervals(&clustered, &at, &BootstrapConfig { draws, seed: set });
            let rates = found.thresholds.iter().flat_map(|t| [t.precision, t.recall, t.match_rate]);
            let estimates = [found.average_precision, found.roc_auc].into_iter().chain(rates);
            let covers = |(e, truth): (Option<Estimate>, &f64)| {
                e.and_then(|e| e.low.zip(e.high)).is_some_and(|(low, high)| low <= *truth && *truth <= high)
            };
            estimates.zip(&truths).map(covers).collect()
        })
        .collect();
    (0..truths.len()).map(|i| covered.iter().filter(|c| c[i]).count() as f64 / SETS as f64).collect()
}

/// The simulation's own error is 0.7 points.
fn assert_covers(found: &[f64]) {
    assert!(found.iter().all(|share| (0.93..=0.97).contains(share)), "{found:?}");
}

#[test]
fn intervals_cover_the_truth_as_often_as_they_say() {
    assert_covers(&coverage(120, 1.0, 400));
}

#[test]
fn weighted_intervals_cover_the_population() {
    assert_covers(&coverage(250, 0.4, 400));
}

#[test]
fn differences_of_equal_models_cover_zero() {
    let covered: Vec<[bool; 4]> = (0..SETS)
        .into_par_iter()
        .map(|set| {
            let rows = simulate(set, 120, 1.0);
            let model = |p| Predictions::new(p, &rows.positive).unwrap();
            let pair = Pair::new(model(&rows.a), model(&rows.b), &rows.cluster).unwrap();
            let rates = [score_of(CUTS[0])];
            let at = Thresholds { macro_f1: 0.5, rates: &rates };
            let found = metric_differences(&pair, [&at, &at], &BootstrapConfig { draws: 400, seed: set });
            [found.average_precision, found.roc_auc, found.brier, found.thresholds[0].precision]
                .map(|d| d.and_then(|d| d.low.zip(d.high)).is_some_and(|(low, high)| low <= 0.0 && 0.0 <= high))
        })
        .collect();
    let share = |i: usize| covered.iter().filter(|c| c[i]).count() as f64 / SETS as f64;
    assert_covers(&[0, 1, 2, 3].map(share));
}
