//! Models of every format version that this program reads, kept as files and loaded for ever.
//!
//! `tests/golden/model-format-<n>/` is a model store, with the scores of [`ROWS`] in `scores.tsv`. CONTRIBUTING.md says when and
//! how a folder of a new format is added; the folders of earlier formats are never written again.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::manifest::{DataWindow, LabelCounts, ManifestFacts};
use super::{FORMAT_VERSION, Which, load, promote, save, versions};
use crate::features::FeatureMatrix;
use crate::models::{
    CalibrationMethod, CandidatesConfig, LabelTargets, LeakConfig, MarketLimits, Model, ModelConfig, RowScratch, SamplingMode,
    TextBlocks, TextConfig, TextWeighting, TrainingSet, TreesConfig, fit,
};
use crate::text::SparseRows;
use crate::units::{Day, LabelKind, Market};

/// A row to score: features in the models' order, buckets of n-grams and their counts.
pub(super) type Row = ([f32; 3], &'static [u32], &'static [f32]);

/// Ordinary rows, and what a model must bear: nothing known, values beyond all bins, buckets that it does not have.
pub(super) const ROWS: [Row; 6] = [
    ([0.4, 0.7, 0.2], &[0, 12], &[1.0, 2.0]),
    ([1.3, f32::NAN, 0.9], &[1, 40, 9], &[3.0, 1.0, 1.0]),
    ([f32::NAN, f32::NAN, f32::NAN], &[], &[]),
    ([f32::INFINITY, f32::NEG_INFINITY, 1e30], &[63, 64, u32::MAX], &[1.0, 1.0, 1.0]),
    ([-0.0, 0.0, f32::MIN_POSITIVE], &[1, 0], &[1e9, f32::NAN]),
    ([0.9, 0.1, 0.5], &[1, 33], &[1.0, 7.0]),
];

/// The label sets of a golden store: one for each form of calibration.
pub(super) const LABEL_SETS: [(&str, CalibrationMethod, TextBlocks); 3] = [
    ("platt", CalibrationMethod::Platt, TextBlocks::Joint),
    ("isotonic", CalibrationMethod::Isotonic, TextBlocks::Halves),
    ("beta", CalibrationMethod::Beta, TextBlocks::Halves),
];

/// The market of every row, one of the two that the models have met.
fn market() -> Option<Market> {
    "MY".parse().ok()
}

const FINGERPRINT: &str = "golden";

/// The store of format version `format`.
pub(super) fn golden(format: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/model-format-{format}"))
}

/// One line per row: label set, row, then the bits of each label's probability and of abuse.
fn scores(root: &Path) -> String {
    let mut table = String::from("label_set\trow\tspam\tscam\tdull\trare\tabuse\n");
    for (label_set, ..) in LABEL_SETS {
        let loaded = load(root, label_set, Which::Champion, Some(FINGERPRINT)).unwrap();
        let model = Model::from_parts(&loaded.parts).unwrap();
        model.check_features(&loaded.manifest.facts.feature_names).unwrap();
        let mut scratch = RowScratch::default();
        for (i, (features, buckets, counts)) in ROWS.iter().enumerate() {
            let p = model.predict_row(features, (buckets, counts), market(), &mut scratch);
            let abuse = model.abuse(&p);
            write!(table, "{label_set}\t{i}").unwrap();
            for p in p.into_iter().chain([abuse]) {
                write!(table, "\t{}", p.map_or("-".to_owned(), |p| format!("{:016x}", p.to_bits()))).unwrap();
            }
            table.push('\n');
        }
    }
    table
}

#[test]
fn models_of_every_format_load_and_score_as_they_always_did() {
    for format in 1..=FORMAT_VERSION {
        let root = golden(format);
        let expected = std::fs::read_to_string(root.join("scores.tsv")).unwrap();
        assert_eq!(scores(&root), expected, "format {format}");
        for (label_set, ..) in LABEL_SETS {
            assert_eq!(versions(&root, label_set).unwrap().len(), 1);
        }
    }
}

#[test]
fn golden_scores_are_probabilities_that_differ_and_one_label_has_none() {
    let expected = std::fs::read_to_string(golden(FORMAT_VERSION).join("scores.tsv")).unwrap();
    let cells: Vec<Vec<&str>> = expected.lines().skip(1).map(|line| line.split('\t').skip(2).collect()).collect();
    assert_eq!(cells.len(), LABEL_SETS.len() * ROWS.len());
    assert!(cells.iter().all(|row| row.len() == 5 && row[3] == "-"));
    let spam: Vec<f64> = cells.iter().map(|row| f64::from_bits(u64::from_str_radix(row[0], 16).unwrap())).collect();
    assert!(spam.iter().all(|p| *p > 0.0 && *p < 1.0));
    assert!(spam[0] < 0.3 && spam[1] > 0.6 && spam[6] < 0.3 && spam[7] > 0.6, "{spam:?}");
}

/// Makes the golden store of the current format anew: `cargo test --lib write_the_golden_models -- --ignored`.
#[test]
#[ignore = "writes tests/golden; only for a new format version"]
fn write_the_golden_models() {
    let root = golden(FORMAT_VERSION);
    let _ = std::fs::remove_dir_all(&root);
    for (label_set, calibration, blocks) in LABEL_SETS {
        let (parts, rounds) = fitted(calibration, blocks);
        let saved = save(&root, label_set, &parts, &facts(), &json!({"golden": label_set, "rounds": rounds})).unwrap();
        promote(&root, label_set, &saved.name).unwrap();
        std::fs::remove_file(root.join(label_set).join(super::names::LOCK)).unwrap();
    }
    std::fs::write(root.join("scores.tsv"), scores(&root)).unwrap();
}

fn facts() -> ManifestFacts {
    ManifestFacts {
        feature_fingerprint: FINGERPRINT.to_owned(),
        feature_names: ["price", "rate", "noise"].map(str::to_owned).to_vec(),
        labels: ["spam", "scam", "dull", "rare"].map(str::to_owned).to_vec(),
        trained_as_of: Day(20_000),
        data_window: DataWindow { first: Day(19_900), last: Day(19_999) },
        counts: [("spam".to_owned(), LabelCounts { rows: 300, positives: 100 })].into(),
        program_version: "0.1.0".to_owned(),
        ..super::fixture::facts()
    }
}

/// A model of 300 rows: a word and a price that tell spam, scam among the spam, a label of noise and one of too few rows.
fn fitted(calibration: CalibrationMethod, blocks: TextBlocks) -> (crate::models::ModelParts, Vec<usize>) {
    let n = 300_u32;
    let mut random = super::mutation_tests::Random::new(11);
    let mut features = FeatureMatrix::new(facts().feature_names);
    let mut text = SparseRows::new(64);
    let mut positive = [const { Vec::new() }; 4];
    let markets: Vec<Market> = (0..n).map(|i| if i / 2 % 3 == 0 { "MY" } else { "SG" }.parse().unwrap()).collect();
    for i in 0..n {
        let is_bad = random.unit() < if i / 2 % 3 == 0 { 0.75 } else { 0.25 };
        let word = u32::from(is_bad == (random.unit() < 0.85));
        text.push_row(&[(word, 1.0), (8 + random.below(24) as u32, 2.0), (32 + random.below(32) as u32, 1.0)]);
        let rate = if random.unit() < 0.3 { f32::NAN } else { random.unit() as f32 };
        features.push_row(&[random.unit() as f32 + if is_bad { 0.5 } else { 0.0 }, rate, random.unit() as f32]);
        let classes = [is_bad, is_bad && random.unit() < 0.6, random.unit() < 0.5, i < 5];
        positive.iter_mut().zip(classes).for_each(|(of_label, class)| of_label.push(class));
    }
    let names =
        [("spam", LabelKind::Abuse), ("scam", LabelKind::Abuse), ("dull", LabelKind::Quality), ("rare", LabelKind::Abuse)];
    let targets: Vec<LabelTargets> = (names.into_iter().zip(positive))
        .map(|((label, kind), positive)| LabelTargets {
            label: label.into(),
            rows: (0..n).collect(),
            positive,
            weight: vec![1.0; n as usize],
            inclusion: vec![None; n as usize],
            kind,
        })
        .collect();
    let groups: Vec<u64> = (0..u64::from(n)).map(|i| i / 2).collect();
    let days = vec![0; n as usize];
    let set = TrainingSet { features: &features, text: &text, groups: &groups, days: &days, markets: &markets, timed: false };
    let fitted = fit(&set, &targets, &config(calibration, blocks), &|_| {}).unwrap();
    (fitted.model.to_parts(), fitted.reports.iter().map(|report| report.rounds).collect())
}

fn config(calibration: CalibrationMethod, blocks: TextBlocks) -> ModelConfig {
    ModelConfig {
        folds: 3,
        gap_days: 1,
        min_positives: 20,
        min_negatives: 20,
        seed: 7,
        sampling: SamplingMode::None,
        text: TextConfig {
            c: 3.0,
            max_ngrams: 0,
            min_documents: 2,
            tolerance: 1e-3,
            max_iterations: 100,
            blocks,
            weighting: TextWeighting::Idf,
        },
        trees: TreesConfig {
            rounds: 12,
            depth: 2,
            learning_rate: 0.3,
            l2: 1.0,
            min_child_weight: 1.0,
            max_bins: 12,
            early_stopping_rounds: 4,
            row_share: 0.8,
            column_share: 1.0,
            seed: 7,
        },
        calibration,
        markets: MarketLimits { min_rows: 50, min_of_each: 10 },
        candidates: CandidatesConfig { logistic_rows: 0, forest_rows: 0, forest_trees: 1 },
        leak: LeakConfig { max_auc: 1.0, allow: Vec::new() },
    }
}
