//! A small model that the store's tests save, load and damage.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::manifest::{DataWindow, LabelCounts, ManifestFacts};
use crate::models::{ModelParts, Tensor};

pub(super) fn parts() -> ModelParts {
    ModelParts {
        spec: json!({"kind": "stacked", "labels": {"spam": {"platt": [-1.25, 0.1]}}}),
        tensors: BTreeMap::from([
            ("spam.text.weight".to_owned(), Tensor::F32 { shape: vec![3], data: vec![0.1, -2.5, 0.0] }),
            ("spam.trees.split".to_owned(), Tensor::U32 { shape: vec![2], data: vec![4, 1] }),
        ]),
    }
}

pub(super) fn facts() -> ManifestFacts {
    ManifestFacts {
        feature_fingerprint: "f00d".to_owned(),
        feature_names: vec!["caps_share".to_owned(), "title_length".to_owned()],
        labels: vec!["spam".to_owned()],
        trained_as_of: "2026-11-01".parse().unwrap(),
        data_window: DataWindow { first: "2026-08-01".parse().unwrap(), last: "2026-10-31".parse().unwrap() },
        counts: BTreeMap::from([("spam".to_owned(), LabelCounts { rows: 1590, positives: 432 })]),
        feature_fingerprints: Vec::new(),
        lexicon_hashes: BTreeMap::from([("off_platform".to_owned(), "ab12".to_owned())]),
        signal_hashes: BTreeMap::new(),
        seed: 7,
        tuned: None,
        classes: BTreeMap::new(),
        parent: None,
        config_digest: "c0ffee".to_owned(),
        program_version: "0.1.0".to_owned(),
    }
}

pub(super) fn metrics() -> Value {
    json!({
        "split": "by time",
        "labels": [{"label": "spam", "n": 1590, "positives": 432, "average_precision": 0.875, "ece": 0.0125}],
    })
}
