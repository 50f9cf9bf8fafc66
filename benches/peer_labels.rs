//! Our side of the comparison with fastText: fits text models of twelve labels on the first texts of a file, one a line, then times
//! normalisation, n-grams and the probabilities of all labels for all texts, and prints one line of JSON, microseconds a text on one
//! core. Started by `benches/peer/run.sh`, which alternates it with `benches/peer/labels.py`.

// A figure on standard output is the whole point, and without its texts there is nothing to measure.
#![allow(clippy::expect_used, clippy::print_stdout)]

use std::hint::black_box;
use std::time::Instant;

use stallmark::features::FeatureMatrix;
use stallmark::models::{
    CalibrationMethod, CandidatesConfig, LabelTargets, LeakConfig, MarketLimits, Model, ModelConfig, RowScratch, SamplingMode,
    TextBlocks, TextConfig, TextWeighting, TrainingSet, TreesConfig, fit,
};
use stallmark::text::{NgramConfig, SparseRows, ngram_counts, normalise};
use stallmark::units::LabelKind;

const N_LABELS: u32 = 12;
const N_TRAIN: usize = 5000;

/// Label j stands where the bytes of some word sum to j modulo 23. The same as in `labels.py`.
fn has_label(text: &str, label: u32) -> bool {
    text.split_whitespace().any(|word| word.bytes().map(u32::from).sum::<u32>() % 23 == label)
}

fn fitted(texts: &[&str], ngrams: &NgramConfig) -> Model {
    let mut rows = SparseRows::new(ngrams.buckets);
    let mut counts = Vec::new();
    for text in texts {
        ngram_counts(&normalise(text), ngrams, &mut counts);
        rows.push_row(&counts);
    }
    let n_rows = texts.len();
    let target = |label: u32| LabelTargets {
        label: format!("label_{label}").as_str().into(),
        rows: (0..n_rows as u32).collect(),
        positive: texts.iter().map(|text| has_label(text, label)).collect(),
        weight: vec![1.0; n_rows],
        inclusion: vec![None; n_rows],
        kind: LabelKind::Abuse,
    };
    let targets: Vec<LabelTargets> = (0..N_LABELS).map(target).collect();
    let features = FeatureMatrix::new(Vec::new());
    let groups: Vec<u64> = (0..n_rows as u64).collect();
    let set =
        TrainingSet { features: &features, text: &rows, groups: &groups, days: &vec![0; n_rows], markets: &[], timed: false };
    // Texts alone: without trees.
    let config = ModelConfig {
        folds: 3,
        gap_days: 1,
        min_positives: 1,
        min_negatives: 1,
        seed: 1,
        sampling: SamplingMode::None,
        text: TextConfig {
            c: 5.0,
            max_ngrams: 0,
            min_documents: 1,
            tolerance: 0.05,
            max_iterations: 50,
            blocks: TextBlocks::Halves,
            weighting: TextWeighting::Idf,
        },
        trees: TreesConfig {
            rounds: 0,
            depth: 1,
            learning_rate: 0.1,
            l2: 1.0,
            min_child_weight: 1.0,
            max_bins: 16,
            early_stopping_rounds: 1,
            row_share: 1.0,
            column_share: 1.0,
            seed: 1,
        },
        calibration: CalibrationMethod::Platt,
        markets: MarketLimits { min_rows: 0, min_of_each: 0 },
        candidates: CandidatesConfig { logistic_rows: 0, forest_rows: 0, forest_trees: 1 },
        leak: LeakConfig { max_auc: 1.0, allow: Vec::new() },
    };
    fit(&set, &targets, &config, &|_| {}).expect("a training set without faults").model
}

fn main() {
    // Cargo adds `--bench`, and without a file there is nothing to do: `cargo bench` runs the other benchmarks alone.
    let Some(path) = std::env::args().skip(1).find(|arg| !arg.starts_with("--")) else { return };
    let file = std::fs::read_to_string(&path).expect("a readable file of texts");
    let texts: Vec<&str> = file.lines().collect();
    let ngrams = NgramConfig::default();
    let model = fitted(&texts[..N_TRAIN.min(texts.len())], &ngrams);
    assert!(model.labels().all(|(_, _, is_scored)| is_scored), "all labels have a model");
    let mut scratch = RowScratch::default();
    let (mut counts, mut buckets, mut values) = (Vec::new(), Vec::new(), Vec::new());
    let mut score = |text: &&str| -> f64 {
        ngram_counts(&normalise(text), &ngrams, &mut counts);
        buckets.clear();
        values.clear();
        buckets.extend(counts.iter().map(|(bucket, _)| *bucket));
        values.extend(counts.iter().map(|(_, count)| *count));
        model.predict_row(&[], (&buckets, &values), None, &mut scratch).into_iter().flatten().sum()
    };
    black_box(texts.iter().take(2000).map(&mut score).sum::<f64>());
    let start = Instant::now();
    black_box(texts.iter().map(&mut score).sum::<f64>());
    let took = start.elapsed().as_secs_f64() * 1e6 / texts.len() as f64;
    println!("{}", serde_json::json!({ "twelve_labels": took }));
}
