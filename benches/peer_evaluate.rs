//! Our side of the comparison with scikit-learn's metrics: 1,000 draws by cluster of all metrics and of the rates at one threshold,
//! five labels over a million rows, on the threads of rayon; one line of JSON, microseconds of all five labels. Started by
//! `benches/peer/run.sh`, which alternates it with `benches/peer/evaluate.py` (20 draws). With `--report` it prints the metrics of all
//! rows instead, which must agree with theirs.

// A figure on standard output is the whole point, and rows that cannot be judged would be a fault of this file.
#![allow(clippy::expect_used, clippy::print_stdout)]

use std::hint::black_box;
use std::time::Instant;

use stallmark::evaluation::{
    BootstrapConfig, Clustered, MACRO_F1_THRESHOLD, MetricIntervals, Predictions, Thresholds, metric_intervals,
};

const N_ROWS: u64 = 1_000_000;
const N_CLUSTERS: f64 = 100_000.0;
const N_LABELS: u64 = 5;

/// Numbers in [0, 1), one a row. The same as in `evaluate.py`.
fn uniform(stream: u64) -> Vec<f64> {
    let mix = |x: u64| {
        let x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ (x >> 31)
    };
    let number = |row: u64| (mix((row + (stream << 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15)) >> 11) as f64 / (1_u64 << 53) as f64;
    (0..N_ROWS).map(number).collect()
}

fn intervals(p: &[f64], positive: &[bool], clusters: &[Option<u32>], draws: u32) -> MetricIntervals {
    let predictions = Predictions::new(p, positive).expect("probabilities with a truth each");
    let rows = Clustered::new(predictions, clusters).expect("a cluster for each row");
    let at = Thresholds { macro_f1: MACRO_F1_THRESHOLD, rates: &[0.5] };
    metric_intervals(&rows, &at, &BootstrapConfig { draws, seed: 7 })
}

fn main() {
    // `cargo bench` runs every benchmark with `--bench` alone; this one is started by name.
    let args: Vec<String> = std::env::args().skip(1).collect();
    if !args.iter().any(|arg| arg == "--run" || arg == "--report") {
        return;
    }
    let clusters: Vec<Option<u32>> = uniform(0).iter().map(|u| Some((u * N_CLUSTERS) as u32)).collect();
    let labels: Vec<(Vec<f64>, Vec<bool>)> = (0..N_LABELS)
        .map(|j| {
            let p: Vec<f64> = uniform(1 + 2 * j).iter().map(|u| u * u).collect();
            let positive = uniform(2 + 2 * j).iter().zip(&p).map(|(u, p)| *u < 0.15 * p).collect();
            (p, positive)
        })
        .collect();
    if args.iter().any(|arg| arg == "--report") {
        for (p, positive) in &labels {
            let found = intervals(p, positive, &clusters, 0);
            let all = [found.average_precision, found.roc_auc, found.log_loss, found.brier];
            println!("{}", serde_json::json!(all.map(|e| e.map(|e| e.value))));
        }
        return;
    }
    let start = Instant::now();
    for (p, positive) in &labels {
        black_box(intervals(p, positive, &clusters, 1000));
    }
    println!("{}", serde_json::json!({ "ours_1000_draws": start.elapsed().as_secs_f64() * 1e6 }));
}
