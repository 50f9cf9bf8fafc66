//! Reading a version: nothing in the folder is believed before it is checked.

use std::io::Read;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::champion::champion;
use super::error::{Damage, StoreError};
use super::manifest::{FORMAT_VERSION, FileRecord, Manifest, version_name};
use super::names::{CARD, MANIFEST, METRICS, REFERENCE, WEIGHTS, is_version, label_set_folder, version_folder};
use super::tensors::{self, TensorsError};
use crate::files::{self, FilesError, Operation};
use crate::models::ModelParts;

/// Bytes of JSON or card that are read at most.
const TEXT_LIMIT: u64 = 64 << 20;
/// Bytes of weights that are read at most.
const WEIGHTS_LIMIT: u64 = 4 << 30;

/// Which version to load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which<'a> {
    /// The one that was promoted last.
    Champion,
    /// The one of this name.
    Version(&'a str),
}

/// A version that passed every check.
#[derive(Debug)]
pub struct Loaded {
    /// What `models` makes a model from.
    pub parts: ModelParts,
    /// What the version says of itself; `manifest.spec` is `parts.spec`.
    pub manifest: Manifest,
    /// Its metrics, as they were saved.
    pub metrics: Value,
    /// What the rows of its training looked like; versions of before have none.
    pub reference: Option<Value>,
}

/// Loads a version from `<root>/<label_set>/`. With `expected_fingerprint`, only one that was trained on those features.
///
/// # Errors
/// [`StoreError::NoChampion`] before the first promotion, [`StoreError::NoVersion`] for a version that is not there,
/// [`StoreError::WrongFeatures`] for another fingerprint, [`StoreError::UnknownFormat`] for a format that is not ours,
/// [`StoreError::Damaged`] with the file that is not what was saved, [`StoreError::UnsafeName`] for a name that could leave
/// the store.
pub fn load(root: &Path, label_set: &str, which: Which<'_>, expected_fingerprint: Option<&str>) -> Result<Loaded, StoreError> {
    let version = match which {
        Which::Version(name) => name.to_owned(),
        Which::Champion => champion(root, label_set)?
            .ok_or_else(|| StoreError::NoChampion { label_set: label_set.to_owned(), root: root.to_owned() })?,
    };
    let loaded = load_version(root, label_set, &version)?;
    match expected_fingerprint {
        Some(expected) => loaded.trained_on(expected),
        None => Ok(loaded),
    }
}

impl Loaded {
    /// This version, if it was trained on the features of that fingerprint. For callers that need its feature names to know
    /// which fingerprint to expect.
    ///
    /// # Errors
    /// [`StoreError::WrongFeatures`] when it was not.
    pub fn trained_on(self, fingerprint: &str) -> Result<Self, StoreError> {
        if fingerprint == self.manifest.facts.feature_fingerprint {
            return Ok(self);
        }
        Err(StoreError::WrongFeatures {
            version: self.manifest.version,
            n_features: self.manifest.facts.feature_names.len(),
            found: self.manifest.facts.feature_fingerprint,
            expected: fingerprint.to_owned(),
            expected_by: env!("CARGO_PKG_VERSION"),
            trained_by: self.manifest.facts.program_version,
        })
    }
}

/// The complete versions of a label set, in the order of their names, which are hashes and say nothing of age.
///
/// # Errors
/// When the label set's name is unsafe or its folder cannot be listed. A folder that does not exist has no versions.
pub fn versions(root: &Path, label_set: &str) -> Result<Vec<String>, StoreError> {
    let folder = label_set_folder(root, label_set)?;
    if !files::exists(&folder) {
        return Ok(Vec::new());
    }
    let complete = |path: &Path| {
        let name = path.file_name()?.to_str()?;
        (is_version(name) && files::exists(&path.join(MANIFEST))).then(|| name.to_owned())
    };
    let mut names: Vec<String> = files::list_dirs(&folder)?.iter().filter_map(|path| complete(path)).collect();
    names.sort_unstable();
    Ok(names)
}

/// Loads and checks everything but whether the features are the caller's.
pub(super) fn load_version(root: &Path, label_set: &str, version: &str) -> Result<Loaded, StoreError> {
    let folder = version_folder(root, label_set, version)?;
    let path = folder.join(MANIFEST);
    if !files::exists(&path) {
        let available = versions(root, label_set)?;
        let available = if available.is_empty() { "none".to_owned() } else { available.join(", ") };
        let folder = label_set_folder(root, label_set)?;
        return Err(StoreError::NoVersion { version: version.to_owned(), folder, available });
    }
    let manifest: Manifest = parse(&path, &read_capped(&path, TEXT_LIMIT)?)?;
    check_place(&manifest, label_set, version).map_err(|damage| damaged(&path, damage))?;

    let weights = read_checked(&folder.join(WEIGHTS), &manifest.files[WEIGHTS], WEIGHTS_LIMIT)?;
    let found = version_name(&manifest.spec, &weights, &manifest.facts);
    if found != version {
        return Err(damaged(&path, Damage::Content { found, expected: version.to_owned() }));
    }
    let parts = parts_of(manifest.spec.clone(), &weights);
    let parts = parts.map_err(|e| damaged(&folder.join(WEIGHTS), Damage::Weights(e)))?;
    let metrics = read_checked(&folder.join(METRICS), &manifest.files[METRICS], TEXT_LIMIT)?;
    let metrics = serde_json::from_slice(&metrics).map_err(|e| damaged(&folder.join(METRICS), Damage::Json(e)))?;
    // Nobody computes with the card, but people decide by it.
    read_checked(&folder.join(CARD), &manifest.files[CARD], TEXT_LIMIT)?;
    let reference = match manifest.files.get(REFERENCE) {
        Some(record) => {
            let bytes = read_checked(&folder.join(REFERENCE), record, TEXT_LIMIT)?;
            Some(serde_json::from_slice(&bytes).map_err(|e| damaged(&folder.join(REFERENCE), Damage::Json(e)))?)
        }
        None => None,
    };
    Ok(Loaded { parts, manifest, metrics, reference })
}

/// A specification and the bytes of `model.safetensors` as parts: what [`load`] does once the hashes hold.
///
/// # Errors
/// When the bytes are not the weights of a model, or a number is not finite.
pub fn parts_of(spec: Value, weights: &[u8]) -> Result<ModelParts, TensorsError> {
    Ok(ModelParts { spec, tensors: tensors::decode(weights)? })
}

/// Parses a versioned JSON file of ours, the format before anything else: a newer format may have other keys.
pub(super) fn parse<T: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T, StoreError> {
    #[derive(Deserialize)]
    struct Format {
        format_version: u64,
    }
    let as_json = |e| damaged(path, Damage::Json(e));
    let found = serde_json::from_slice::<Format>(bytes).map_err(as_json)?.format_version;
    if found != u64::from(FORMAT_VERSION) {
        return Err(StoreError::UnknownFormat { path: path.to_owned(), found, expected: FORMAT_VERSION });
    }
    serde_json::from_slice(bytes).map_err(as_json)
}

/// Reads a file, but never more than `limit` bytes of it.
pub(super) fn read_capped(path: &Path, limit: u64) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    let read = files::open(path)?.take(limit + 1).read_to_end(&mut bytes);
    read.map_err(|source| FilesError::Io { operation: Operation::Read, path: path.to_owned(), source })?;
    if bytes.len() as u64 > limit { Err(damaged(path, Damage::TooLarge { limit })) } else { Ok(bytes) }
}

pub(super) fn damaged(path: &Path, damage: Damage) -> StoreError {
    StoreError::Damaged { path: path.to_owned(), damage }
}

/// Whether the manifest stands where it says, and vouches for exactly the three files.
fn check_place(manifest: &Manifest, label_set: &str, version: &str) -> Result<(), Damage> {
    for (what, found, expected) in [("label set", &manifest.label_set, label_set), ("version", &manifest.version, version)] {
        if found != expected {
            return Err(Damage::Place { what, found: found.clone(), expected: expected.to_owned() });
        }
    }
    let expected = [CARD, METRICS, WEIGHTS];
    let found: Vec<&str> = manifest.files.keys().map(String::as_str).filter(|name| *name != REFERENCE).collect();
    if found == expected { Ok(()) } else { Err(Damage::Files { found: found.join(", "), expected: expected.join(", ") }) }
}

/// Reads a file that the manifest vouches for.
fn read_checked(path: &Path, record: &FileRecord, limit: u64) -> Result<Vec<u8>, StoreError> {
    if record.bytes > limit {
        return Err(damaged(path, Damage::TooLarge { limit }));
    }
    // One byte more than there should be is enough to know.
    let bytes = match read_capped(path, record.bytes) {
        Err(StoreError::Damaged { .. }) => {
            return Err(damaged(path, Damage::Size { found: record.bytes + 1, expected: record.bytes }));
        }
        other => other?,
    };
    let found = FileRecord::of(&bytes);
    if found.bytes != record.bytes {
        return Err(damaged(path, Damage::Size { found: found.bytes, expected: record.bytes }));
    }
    if found.blake3 != record.blake3 {
        return Err(damaged(path, Damage::Hash { found: found.blake3, expected: record.blake3.clone() }));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::{champion, fixture, promote, save, save_with_reference};
    use super::*;

    fn saved() -> (tempfile::TempDir, String) {
        let root = tempfile::tempdir().unwrap();
        let saved = save(root.path(), "spam", &fixture::parts(), &fixture::facts(), &fixture::metrics()).unwrap();
        (root, saved.name)
    }

    #[test]
    fn what_was_saved_is_loaded() {
        let (root, version) = saved();
        let loaded = load(root.path(), "spam", Which::Version(&version), Some("f00d")).unwrap();
        assert_eq!(loaded.parts.spec, fixture::parts().spec);
        assert_eq!(tensors::encode(&loaded.parts.tensors).unwrap(), tensors::encode(&fixture::parts().tensors).unwrap());
        assert_eq!(loaded.manifest.facts, fixture::facts());
        assert_eq!(loaded.metrics, fixture::metrics());
        assert_eq!(loaded.reference, None);
        assert_eq!(versions(root.path(), "spam").unwrap(), [version]);
    }

    #[test]
    fn a_reference_is_kept_and_checked() {
        let root = tempfile::tempdir().unwrap();
        let reference = serde_json::json!({"columns": []});
        let with = (&fixture::metrics(), Some(&reference));
        let kept = save_with_reference(root.path(), "spam", &fixture::parts(), &fixture::facts(), with).unwrap();
        let (folder, plain) = (kept.folder, kept.name);
        let loaded = load(root.path(), "spam", Which::Version(&plain), None).unwrap();
        assert_eq!(loaded.reference, Some(reference));
        // The version is named by what it computes.
        let (_other, without) = saved();
        assert_eq!(plain, without);
        std::fs::write(folder.join(REFERENCE), "{}").unwrap();
        let error = load(root.path(), "spam", Which::Version(&plain), None).unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    }

    #[test]
    fn other_features_are_refused_by_both_names() {
        let (root, version) = saved();
        let error = load(root.path(), "spam", Which::Version(&version), Some("beef")).unwrap_err();
        assert!(matches!(error, StoreError::WrongFeatures { n_features: 2, .. }) && error.is_usage());
        let message = error.to_string();
        assert!(message.contains("f00d") && message.contains("beef") && message.contains("stallmark train"), "{message}");
    }

    #[test]
    fn without_a_champion_the_message_names_train() {
        let (root, version) = saved();
        for label_set in ["spam", "nothing-here"] {
            let error = load(root.path(), label_set, Which::Champion, None).unwrap_err();
            assert!(matches!(error, StoreError::NoChampion { .. }) && error.is_usage());
            assert!(error.to_string().contains("`stallmark train`"), "{error}");
        }
        promote(root.path(), "spam", &version).unwrap();
        assert_eq!(champion(root.path(), "spam").unwrap(), Some(version.clone()));
        assert_eq!(load(root.path(), "spam", Which::Champion, None).unwrap().manifest.version, version);
    }

    #[test]
    fn a_missing_version_names_those_that_exist() {
        let (root, version) = saved();
        let error = load(root.path(), "spam", Which::Version("000000000000"), None).unwrap_err();
        assert!(matches!(&error, StoreError::NoVersion { available, .. } if *available == version), "{error}");
        let error = load(root.path(), "spam", Which::Version("../spam"), None).unwrap_err();
        assert!(matches!(error, StoreError::UnsafeName { .. }));
    }
}
