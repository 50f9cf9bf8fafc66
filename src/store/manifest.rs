//! What a version says of itself, and how it gets its name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::names::VERSION_DIGITS;
use crate::units::Day;

/// The format of the manifest and of the folder that this program writes and reads.
pub const FORMAT_VERSION: u32 = 1;

/// The facts of a training that a manifest records; the caller knows them, the store only keeps them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestFacts {
    /// Hash of the definitions of the features that the model uses.
    pub feature_fingerprint: String,
    /// Their names, in the order of the model's columns.
    pub feature_names: Vec<String>,
    /// Hash of each one's definition, in the same order, so that a refusal can say which has changed; empty in models of earlier
    /// programs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub feature_fingerprints: Vec<String>,
    /// The ids of the labels that it scores.
    pub labels: Vec<String>,
    /// The midnight up to which facts were known.
    #[serde(with = "day_text")]
    pub trained_as_of: Day,
    /// The days that the training rows come from.
    pub data_window: DataWindow,
    /// Rows and positives by label id.
    pub counts: BTreeMap<String, LabelCounts>,
    /// BLAKE3 of each lexicon by name. A change warns and joins policy_version.
    pub lexicon_hashes: BTreeMap<String, String>,
    /// BLAKE3 of each user signal's definition by name.
    pub signal_hashes: BTreeMap<String, String>,
    /// The seed of folds and samples.
    pub seed: u64,
    /// The parameters that a search chose in the place of the configuration's, by their keys below `train`; absent without a search.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuned: Option<serde_json::Map<String, Value>>,
    /// How labels that exclude each other are told apart, by the id of their classification.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub classes: BTreeMap<String, ClassFactors>,
    /// The champion when it was trained: what it was meant to replace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Hash of the configuration.
    pub config_digest: String,
    /// The program that trained it.
    pub program_version: String,
}

/// Labels that exclude each other, and by what their probabilities are compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassFactors {
    /// The labels, in the order of the classes after that of none.
    pub labels: Vec<String>,
    /// The label that holds wherever one of them does.
    pub any: Option<String>,
    /// Of the class of none, then of each label.
    pub factors: Vec<f64>,
}

/// First and last day, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataWindow {
    /// The first day.
    #[serde(with = "day_text")]
    pub first: Day,
    /// The last day.
    #[serde(with = "day_text")]
    pub last: Day,
}

/// What a label had to learn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelCounts {
    /// Rows with a verdict on the label.
    pub rows: u64,
    /// Violating ones among them.
    pub positives: u64,
}

/// `manifest.json`, in the order of its keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// See [`FORMAT_VERSION`].
    pub format_version: u32,
    /// The version's name: the first 12 hexadecimal digits of a hash of what decides its scores.
    pub version: String,
    /// The label set that it belongs to.
    pub label_set: String,
    /// The facts of its training.
    pub facts: ManifestFacts,
    /// The other files of the version, by name.
    pub files: BTreeMap<String, FileRecord>,
    /// The model's own description of its parts.
    pub spec: Value,
}

/// What the manifest vouches for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRecord {
    /// Size in bytes.
    pub bytes: u64,
    /// BLAKE3 of the contents, in hexadecimal.
    pub blake3: String,
}

impl FileRecord {
    pub(super) fn of(contents: &[u8]) -> Self {
        Self { bytes: contents.len() as u64, blake3: blake3::hash(contents).to_hex().to_string() }
    }
}

/// The name of the version with these parts: BLAKE3 over everything that decides a score, which is the specification, the
/// weights, and the features and labels that its columns stand for. Metrics, counts and dates describe a model, they do not
/// make it another one.
pub(super) fn version_name(spec: &Value, weights: &[u8], facts: &ManifestFacts) -> String {
    let mut hasher = blake3::Hasher::new();
    // Each field is preceded by its length, so that no two sets of fields run together to the same bytes.
    let mut field = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    field(b"stallmark model 1");
    field(canonical(spec).as_bytes());
    field(weights);
    field(facts.feature_fingerprint.as_bytes());
    for names in [&facts.feature_names, &facts.labels] {
        field(&(names.len() as u64).to_le_bytes());
        names.iter().for_each(|name| field(name.as_bytes()));
    }
    // Versions without classes keep the names that they had before there were any.
    for (id, classes) in &facts.classes {
        field(id.as_bytes());
        classes.labels.iter().chain(&classes.any).for_each(|label| field(label.as_bytes()));
        classes.factors.iter().for_each(|factor| field(&factor.to_le_bytes()));
    }
    let mut name = hasher.finalize().to_hex().to_string();
    name.truncate(VERSION_DIGITS);
    name
}

/// Pretty JSON with a line end: keys in declared order, floats in their shortest form that reads back.
pub(super) fn json<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// JSON whose keys are sorted at every level, so that the order in which a map was filled does not matter.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let sorted: BTreeMap<&String, &Value> = map.iter().collect();
            let entries = sorted.iter().map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), canonical(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        scalar => scalar.to_string(),
    }
}

/// Days as YYYY-MM-DD.
mod day_text {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::units::Day;

    pub(super) fn serialize<S: Serializer>(day: &Day, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(day)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Day, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture;
    use super::*;

    #[test]
    fn the_name_follows_what_decides_a_score_and_nothing_else() {
        let facts = fixture::facts();
        let name = version_name(&json!({"a": 1, "b": [1.5]}), b"weights", &facts);
        assert_eq!(name.len(), 12);
        assert_eq!(name, version_name(&json!({"b": [1.5], "a": 1}), b"weights", &facts));
        let other = ManifestFacts { seed: 9, program_version: "9".into(), counts: BTreeMap::new(), ..facts.clone() };
        assert_eq!(name, version_name(&json!({"a": 1, "b": [1.5]}), b"weights", &other));

        assert_ne!(name, version_name(&json!({"a": 1, "b": [1.25]}), b"weights", &facts));
        assert_ne!(name, version_name(&json!({"a": 1, "b": [1.5]}), b"weight", &facts));
        let renamed = ManifestFacts { feature_fingerprint: "other".into(), ..facts.clone() };
        assert_ne!(name, version_name(&json!({"a": 1, "b": [1.5]}), b"weights", &renamed));
        let moved = ManifestFacts { feature_names: vec!["caps_share".into()], ..facts };
        assert_ne!(name, version_name(&json!({"a": 1, "b": [1.5]}), b"weights", &moved));
    }

    /// Needs serde_json's `float_roundtrip`: its default parser is off by one unit in the last place for these.
    #[test]
    fn floats_read_back_exactly() {
        for number in [0.1_f64 + 0.2, 1.0 / 3.0, 5e-324, 1.797_693_134_862_315_7e308, 3.504_690_303_345_621e-19, 122_e-23] {
            let value = json!({ "x": number });
            let again: Value = serde_json::from_slice(&super::json(&value).unwrap()).unwrap();
            assert_eq!(again["x"].as_f64().unwrap().to_bits(), number.to_bits(), "{number}");
        }
        let mut state = 1_u64;
        for _ in 0..2000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let number = f64::from_bits(state);
            if number.is_finite() {
                let again: Value = serde_json::from_str(&Value::from(number).to_string()).unwrap();
                assert_eq!(again.as_f64().unwrap().to_bits(), number.to_bits(), "{number:e}");
            }
        }
    }
}
