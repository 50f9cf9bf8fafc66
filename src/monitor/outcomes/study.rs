//! Two thousand simulated launches: does the interval cover what was planted, and is a harmless policy left alone?

use super::*;
use crate::monitor::Unit;
use crate::units::SplitMix;

fn uniform(rng: &mut SplitMix) -> f64 {
    rng.uniform().max(1e-300)
}

fn normal(rng: &mut SplitMix) -> f64 {
    let (a, b) = (uniform(rng), uniform(rng));
    (-2.0 * libm::log(a)).sqrt() * libm::cos(std::f64::consts::TAU * b)
}

fn poisson(rng: &mut SplitMix, mean: f64) -> f64 {
    if mean > 30.0 {
        return (mean + mean.sqrt() * normal(rng)).round().max(0.0);
    }
    let (limit, mut product, mut k) = (libm::exp(-mean), uniform(rng), 0.0);
    while product > limit {
        product *= uniform(rng);
        k += 1.0;
    }
    k
}

/// Sellers of 1 to 40 items with log-normal sizes; counts are Poisson around seller × item; a fifth is held back, by item or by seller.
fn launch(seed: u64, factor: f64, mean: f64) -> (Vec<ClusterSums>, f64) {
    let mut rng = SplitMix(seed);
    let (mut clusters, mut planted, mut n) = (Vec::new(), 0.0, 0.0);
    for _ in 0..500 {
        let items = (1.0 + libm::exp(normal(&mut rng))).min(40.0) as u64;
        let level = mean * libm::exp(0.8 * normal(&mut rng));
        let seller_held = uniform(&mut rng) < 0.2;
        let mut cluster = ClusterSums::default();
        for _ in 0..items {
            let own = level * libm::exp(0.5 * normal(&mut rng));
            let held = if seed.is_multiple_of(2) { seller_held } else { uniform(&mut rng) < 0.2 };
            let before = poisson(&mut rng, own);
            let after = poisson(&mut rng, own * if held { 1.0 } else { factor });
            planted += own * (factor - 1.0);
            n += 1.0;
            if held { &mut cluster.held_back } else { &mut cluster.treated }.add(before, after);
        }
        clusters.push(cluster);
    }
    (clusters, planted / n)
}

#[test]
fn intervals_cover_and_harmless_policies_are_left_alone() {
    let (mut covered, mut total, mut harmful, mut harmless, mut caught, mut launches) =
        (0_u32, 0_u32, 0_u32, 0_u32, 0_u32, 0_u32);
    for seed in 1..=2000_u64 {
        let factor = if seed % 4 < 2 { 1.0 } else { 0.7 };
        let mut effects = Vec::new();
        for (at, (metric, mean)) in [("orders", 1.5), ("gmv", 20.0), ("views", 60.0)].into_iter().enumerate() {
            let (clusters, _) = launch((seed * 10 + at as u64) * 2 + seed % 2 + 10_000, factor, mean);
            effects.push(MetricEffect { metric: metric.to_owned(), unit: Unit::Number, effect: effect(&clusters) });
        }
        // The reports' mean over sellers and items is mean × e^(0.32 + 0.125), in expectation.
        let (clusters, _) = launch(seed, factor, 0.5);
        let found = effect(&clusters).unwrap();
        let truth = TRUE_MEAN * (factor - 1.0);
        total += 1;
        covered += u32::from(found.interval.low <= truth && truth <= found.interval.high);
        effects.push(MetricEffect { metric: "reports".to_owned(), unit: Unit::Number, effect: Some(found) });
        let rails = ["orders", "gmv", "views"].map(|metric| Guardrail { metric: metric.to_owned(), max_loss: 0.02 });
        let outcome = judge("p".into(), "SG".parse().unwrap(), effects, &rails, "reports", 0.1);
        if factor == 1.0 {
            harmless += 1;
            harmful += u32::from(outcome.verdict == Verdict::Harmful);
        } else {
            launches += 1;
            caught += u32::from(outcome.verdict == Verdict::Harmful);
        }
    }
    let coverage = f64::from(covered) / f64::from(total);
    println!("coverage {coverage}, harmful {harmful} of {harmless} harmless, {caught} of {launches} that cost 30 %");
    assert!((0.935..=0.965).contains(&coverage), "{coverage}");
    assert!(harmful * 20 <= harmless, "{harmful} of {harmless}");
    assert!(caught * 10 >= launches * 9, "{caught} of {launches}");
}

/// 0.5 · exp(0.8²/2 + 0.5²/2).
const TRUE_MEAN: f64 = 0.780_245_097_916;
