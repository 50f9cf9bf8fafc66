//! Our side of the comparison with LightGBM and CatBoost: trains on a table, scores its last rows, and prints one line of JSON.
//! Started by `benches/peer/tabular.py`, which writes the table and reads the scores.
//!
//! The folder holds `features.f32` (40 little-endian floats a row) and `positive.u8`; `scores.f64` is written there.

// A figure on standard output is the whole point, and without its table there is nothing to measure.
#![allow(clippy::expect_used, clippy::print_stdout)]

use std::path::Path;
use std::time::Instant;

use stallmark::features::FeatureMatrix;
use stallmark::models::{TabularModel, TabularSet, TreesConfig};

const N_FEATURES: usize = 40;
const TRAIN: usize = 400_000;
/// Passes over the rows to score, of which the best counts.
const PASSES: usize = 7;

/// Chosen on the first 300,000 rows against the next 100,000.
const CONFIG: TreesConfig = TreesConfig {
    rounds: 400,
    depth: 6,
    learning_rate: 0.07,
    l2: 3.0,
    min_child_weight: 1.0,
    max_bins: 254,
    early_stopping_rounds: 50,
    row_share: 0.2,
    column_share: 0.6,
    seed: 0,
};

/// Seconds of processor time that this process's threads have used.
fn cpu() -> f64 {
    let mut ns = 0.0;
    for task in std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        let stat = std::fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        ns += stat.split_whitespace().next().and_then(|time| time.parse::<f64>().ok()).unwrap_or(0.0);
    }
    ns / 1e9
}

fn main() {
    // Cargo adds `--bench`, and without a folder there is nothing to do: `cargo bench` runs the other benchmarks alone.
    let Some(folder) = std::env::args().skip(1).find(|arg| !arg.starts_with("--")) else { return };
    let folder = Path::new(&folder);
    let read = |name: &str| std::fs::read(folder.join(name)).expect("a readable table");
    let values: Vec<f32> = read("features.f32").as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let positive: Vec<bool> = read("positive.u8").iter().map(|byte| *byte == 1).collect();
    let names: Vec<String> = (0..N_FEATURES).map(|i| format!("f{i}")).collect();
    let (train, test) = values.split_at(TRAIN * N_FEATURES);
    let matrix = |values: &[f32]| FeatureMatrix { names: names.clone(), values: values.to_vec(), n_features: N_FEATURES };
    let (train, test) = (matrix(train), matrix(test));
    let weight = vec![1.0; TRAIN];
    let set = TabularSet { features: &train, categories: &[], positive: &positive[..TRAIN], weight: &weight, directions: &[] };
    let (start, used) = (Instant::now(), cpu());
    let model = TabularModel::fit(&set, None, &CONFIG).expect("a table of whole rows");
    let (fit_s, fit_cpu_s) = (start.elapsed().as_secs_f64(), cpu() - used);

    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let (mut best, mut best_cpu) = (f64::INFINITY, f64::INFINITY);
    let mut scores = Vec::new();
    for _ in 0..PASSES {
        let (start, used) = (Instant::now(), cpu());
        scores = one_thread.install(|| model.scores(&test, &[]));
        best = best.min(start.elapsed().as_secs_f64());
        best_cpu = best_cpu.min(cpu() - used);
    }
    let bytes: Vec<u8> = scores.iter().flat_map(|score| score.to_le_bytes()).collect();
    std::fs::write(folder.join("scores.f64"), bytes).expect("a writable folder");
    let report = serde_json::json!({
        "fit_s": fit_s, "fit_cpu_s": fit_cpu_s, "score_ms": best * 1e3, "score_cpu_ms": best_cpu * 1e3,
    });
    println!("{report}");
}
