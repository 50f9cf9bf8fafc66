//! Writing a version: each file atomically and durably, the manifest last.
//!
//! A folder is a version from the moment its manifest stands in it. A process that dies before leaves a folder that nobody
//! takes for a version and that the next save of the same model completes; versions that were there are never written to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::error::StoreError;
use super::load::load_version;
use super::manifest::{FORMAT_VERSION, FileRecord, Manifest, ManifestFacts, json, version_name};
use super::names::{CARD, LOCK, MANIFEST, METRICS, REFERENCE, WEIGHTS, label_set_folder, version_folder};
use super::{card, tensors};
use crate::files::{self, Lock};
use crate::models::ModelParts;

/// A version that is in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelVersion {
    /// Its name.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Whether this call put it there.
    pub outcome: SaveOutcome,
}

/// What saving did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaveOutcome {
    /// The version is new.
    Written,
    /// It was there, with the same facts and metrics.
    Unchanged,
    /// The same model was there with other facts or metrics; those were kept.
    KeptEarlierFacts,
}

/// Saves a model below `<root>/<label_set>/` under the name that its contents give it. Saving it again changes nothing.
///
/// # Errors
/// [`StoreError::Weights`] for a weight that is not finite or a shape that does not fit, [`StoreError::UnsafeName`] for the
/// label set, [`StoreError::Files`] when the disk refuses or another process is writing the store.
pub fn save(
    root: &Path,
    label_set: &str,
    parts: &ModelParts,
    facts: &ManifestFacts,
    metrics: &Value,
) -> Result<ModelVersion, StoreError> {
    save_with_reference(root, label_set, parts, facts, (metrics, None))
}

/// [`save`] with what the rows of the training looked like, which later nights are compared with.
///
/// # Errors
/// As [`save`].
pub fn save_with_reference(
    root: &Path,
    label_set: &str,
    parts: &ModelParts,
    facts: &ManifestFacts,
    (metrics, reference): (&Value, Option<&Value>),
) -> Result<ModelVersion, StoreError> {
    let contents = Contents::of(label_set, parts, facts, (metrics, reference))?;
    let name = contents.manifest.version.clone();
    let folder = version_folder(root, label_set, &name)?;
    let _lock = lock(root, label_set, "saving a model")?;
    let outcome = match load_version(root, label_set, &name) {
        Ok(there) if there.manifest == contents.manifest => SaveOutcome::Unchanged,
        Ok(_) => SaveOutcome::KeptEarlierFacts,
        // What is not there, or cannot be used, is written.
        Err(StoreError::NoVersion { .. } | StoreError::Damaged { .. }) => contents.write(&folder)?,
        Err(StoreError::Files(error)) if error.is_not_found() => contents.write(&folder)?,
        Err(other) => return Err(other),
    };
    Ok(ModelVersion { name, folder, outcome })
}

/// Keeps other processes from writing the label set's part of the store, and removes unfinished files that killed ones left. The
/// folder is made if need be.
pub(super) fn lock(root: &Path, label_set: &str, doing: &str) -> Result<Lock, StoreError> {
    let folder = label_set_folder(root, label_set)?;
    files::create_dir_all(&folder)?;
    let lock = Lock::acquire(&folder.join(LOCK), &format!("a stallmark process that is {doing}"))?;
    // What a killed process had begun: nobody else writes here now.
    files::remove_leftovers(&folder)?;
    for version in files::list_dirs(&folder)? {
        files::remove_leftovers(&version)?;
    }
    Ok(lock)
}

/// A version as bytes.
struct Contents {
    manifest: Manifest,
    /// The manifest's bytes.
    manifest_json: Vec<u8>,
    /// The files that it vouches for, by name.
    files: BTreeMap<&'static str, Vec<u8>>,
}

impl Contents {
    fn of(
        label_set: &str,
        parts: &ModelParts,
        facts: &ManifestFacts,
        (metrics, reference): (&Value, Option<&Value>),
    ) -> Result<Self, StoreError> {
        let not_storable = |e: serde_json::Error| StoreError::NotStorable { detail: e.to_string() };
        let weights = tensors::encode(&parts.tensors)?;
        let version = version_name(&parts.spec, &weights, facts);
        let card = card::render(label_set, &version, facts, metrics);
        let mut files =
            BTreeMap::from([(WEIGHTS, weights), (METRICS, json(metrics).map_err(not_storable)?), (CARD, card.into_bytes())]);
        if let Some(reference) = reference {
            files.insert(REFERENCE, json(reference).map_err(not_storable)?);
        }
        let manifest = Manifest {
            format_version: FORMAT_VERSION,
            version,
            label_set: label_set.to_owned(),
            facts: facts.clone(),
            files: files.iter().map(|(name, bytes)| ((*name).to_owned(), FileRecord::of(bytes))).collect(),
            spec: parts.spec.clone(),
        };
        let manifest_json = json(&manifest).map_err(not_storable)?;
        // A day out of the calendar, or a parser that rounds floats, shows itself now and not in the night's run.
        let again: Manifest = serde_json::from_slice(&manifest_json).map_err(not_storable)?;
        if again != manifest {
            return Err(StoreError::NotStorable { detail: "a number or a day changed on the way".to_owned() });
        }
        Ok(Self { manifest, manifest_json, files })
    }

    fn write(&self, folder: &Path) -> Result<SaveOutcome, StoreError> {
        files::create_dir_all(folder)?;
        // A damaged version stops being one before its files change.
        files::remove_file(&folder.join(MANIFEST))?;
        for (name, bytes) in &self.files {
            files::write_atomic(&folder.join(name), bytes)?;
        }
        // The folder's own name must be on disk before anything can point at it.
        folder.parent().map_or(Ok(()), files::sync_folder)?;
        files::write_atomic(&folder.join(MANIFEST), &self.manifest_json)?;
        Ok(SaveOutcome::Written)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Which, fixture, load, promote, versions};
    use super::*;
    use crate::models::Tensor;

    fn save_fixture(root: &Path) -> ModelVersion {
        save(root, "spam", &fixture::parts(), &fixture::facts(), &fixture::metrics()).unwrap()
    }

    fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
        files::list_files(folder).unwrap().into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
    }

    #[test]
    fn saving_twice_changes_nothing() {
        let root = tempfile::tempdir().unwrap();
        let first = save_fixture(root.path());
        assert_eq!(first.outcome, SaveOutcome::Written);
        let before = contents(&first.folder);
        let names: Vec<_> = before.iter().map(|(path, _)| path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, [CARD, MANIFEST, METRICS, WEIGHTS]);
        let second = save_fixture(root.path());
        assert_eq!(second, ModelVersion { outcome: SaveOutcome::Unchanged, ..first.clone() });
        assert_eq!(contents(&first.folder), before);
        let other = save(root.path(), "spam", &fixture::parts(), &fixture::facts(), &json!({"other": 1})).unwrap();
        assert_eq!(other, ModelVersion { outcome: SaveOutcome::KeptEarlierFacts, ..first.clone() });
        assert_eq!(contents(&first.folder), before);
    }

    #[test]
    fn the_same_model_has_the_same_bytes_in_another_store() {
        let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (a, b) = (contents(&save_fixture(a.path()).folder), contents(&save_fixture(b.path()).folder));
        assert!(a.iter().zip(&b).all(|(a, b)| a.1 == b.1));
    }

    #[test]
    fn an_interrupted_save_is_no_version_and_is_completed_by_the_next() {
        let root = tempfile::tempdir().unwrap();
        let version = save_fixture(root.path());
        promote(root.path(), "spam", &version.name).unwrap();
        std::fs::remove_file(version.folder.join(MANIFEST)).unwrap();
        std::fs::write(version.folder.join(METRICS), "half").unwrap();
        assert!(versions(root.path(), "spam").unwrap().is_empty());
        assert!(matches!(load(root.path(), "spam", Which::Champion, None), Err(StoreError::NoVersion { .. })));
        assert_eq!(save_fixture(root.path()).outcome, SaveOutcome::Written);
        load(root.path(), "spam", Which::Champion, None).unwrap();
    }

    #[test]
    fn unfinished_files_of_a_killed_process_go_with_the_next_save() {
        let root = tempfile::tempdir().unwrap();
        let first = save_fixture(root.path());
        let before = contents(&first.folder);
        for folder in [root.path().join("spam"), first.folder.clone()] {
            std::mem::forget(files::AtomicFile::create(&folder.join("champion")).unwrap());
            assert!(files::list_files(&folder).unwrap().iter().any(|path| path.extension().is_some_and(|e| e == "tmp")));
        }
        let mut parts = fixture::parts();
        parts.spec["kind"] = json!("text only");
        save(root.path(), "spam", &parts, &fixture::facts(), &fixture::metrics()).unwrap();
        assert_eq!(contents(&first.folder), before);
        let left: Vec<_> = files::list_files_recursively(&root.path().join("spam")).unwrap();
        assert!(left.iter().all(|path| path.extension().is_none_or(|e| e != "tmp")), "{left:?}");
    }

    #[test]
    fn a_damaged_or_incomplete_version_is_mended_by_saving_again() {
        let root = tempfile::tempdir().unwrap();
        let version = save_fixture(root.path());
        std::fs::write(version.folder.join(WEIGHTS), "damaged").unwrap();
        assert_eq!(save_fixture(root.path()).outcome, SaveOutcome::Written);
        std::fs::remove_file(version.folder.join(CARD)).unwrap();
        assert_eq!(save_fixture(root.path()).outcome, SaveOutcome::Written);
        load(root.path(), "spam", Which::Version(&version.name), None).unwrap();
    }

    #[test]
    fn a_save_that_fails_leaves_the_store_as_it_was() {
        let root = tempfile::tempdir().unwrap();
        let champion = save_fixture(root.path());
        promote(root.path(), "spam", &champion.name).unwrap();
        let before = contents(&champion.folder);

        let mut parts = fixture::parts();
        parts.tensors.insert("spam.text.bias".into(), Tensor::F32 { shape: vec![1], data: vec![f32::NAN] });
        let error = save(root.path(), "spam", &parts, &fixture::facts(), &json!({})).unwrap_err();
        assert!(matches!(error, StoreError::Weights { .. }), "{error}");

        parts.tensors.insert("spam.text.bias".into(), Tensor::F32 { shape: vec![1], data: vec![1.5] });
        let weights = tensors::encode(&parts.tensors).unwrap();
        let name = version_name(&parts.spec, &weights, &fixture::facts());
        // A folder stands where the weights should go, so the save fails half-way.
        std::fs::create_dir_all(root.path().join("spam").join(name).join(WEIGHTS).join("x")).unwrap();
        let error = save(root.path(), "spam", &parts, &fixture::facts(), &json!({})).unwrap_err();
        assert!(matches!(error, StoreError::Files(_)), "{error}");

        assert_eq!(versions(root.path(), "spam").unwrap(), [champion.name]);
        assert_eq!(contents(&champion.folder), before);
        load(root.path(), "spam", Which::Champion, Some("f00d")).unwrap();
    }

    #[test]
    fn two_writers_at_once_are_refused_as_transient() {
        let root = tempfile::tempdir().unwrap();
        let _held = lock(root.path(), "spam", "saving a model").unwrap();
        let error = save(root.path(), "spam", &fixture::parts(), &fixture::facts(), &fixture::metrics()).unwrap_err();
        assert!(error.is_transient(), "{error}");
    }
}
