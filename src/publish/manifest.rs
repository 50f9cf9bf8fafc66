//! `_published.json`: the one file that says what is published. It is replaced atomically, after all tables are committed.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::PublishError;
use crate::files::{FilesError, read_bytes, write_atomic};

/// Its name in the published folder.
pub const MANIFEST_NAME: &str = "_published.json";

/// The format this version reads and writes.
const FORMAT: u32 = 1;

/// What the last complete run published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedManifest {
    /// Format of this file, 1.
    pub format: u32,
    /// The run: a hash of inputs, configuration and model.
    pub run_id: String,
    /// The date it scored, `YYYY-MM-DD`.
    pub as_of: String,
    /// When it was published, RFC 3339 in UTC.
    pub published_at: String,
    /// Why it was published although the gate refused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate_override: Option<String>,
    /// Version and folder of each table.
    pub tables: BTreeMap<String, PublishedTable>,
}

/// Where a table stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedTable {
    /// The Delta version to read.
    pub version: u64,
    /// Its folder, relative to the manifest's.
    pub path: String,
}

/// What is published in `root`; `None` before the first run.
///
/// # Errors
/// When the manifest cannot be read or is of another format.
pub fn read_published(root: &Path) -> Result<Option<PublishedManifest>, PublishError> {
    let path = root.join(MANIFEST_NAME);
    let bytes = match read_bytes(&path) {
        Err(e) if FilesError::is_not_found(&e) => return Ok(None),
        read => read?,
    };
    let bad = |source| PublishError::BadManifest { path: path.clone(), expected: FORMAT, source };
    let manifest: PublishedManifest = serde_json::from_slice(&bytes).map_err(|e| bad(Some(e)))?;
    if manifest.format == FORMAT { Ok(Some(manifest)) } else { Err(bad(None)) }
}

pub(super) fn write_published(root: &Path, manifest: &PublishedManifest) -> Result<(), PublishError> {
    let path = root.join(MANIFEST_NAME);
    let bad = |e| PublishError::BadManifest { path: path.clone(), expected: FORMAT, source: Some(e) };
    let mut text = serde_json::to_vec_pretty(manifest).map_err(bad)?;
    text.push(b'\n');
    Ok(write_atomic(&path, &text)?)
}

impl PublishedManifest {
    /// A manifest of the present format without tables.
    pub(super) fn new(run_id: &str, as_of: String, published_at: String) -> Self {
        let run_id = run_id.to_owned();
        Self { format: FORMAT, run_id, as_of, published_at, gate_override: None, tables: BTreeMap::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_back_and_an_unknown_format_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read_published(dir.path()).unwrap(), None);
        let mut manifest = PublishedManifest::new("run", "2026-11-01".to_owned(), "2026-11-02T01:00:00Z".to_owned());
        manifest.tables.insert("scores".to_owned(), PublishedTable { version: 3, path: "scores".to_owned() });
        write_published(dir.path(), &manifest).unwrap();
        assert_eq!(read_published(dir.path()).unwrap(), Some(manifest.clone()));
        manifest.format = 2;
        write_published(dir.path(), &manifest).unwrap();
        assert!(matches!(read_published(dir.path()).unwrap_err(), PublishError::BadManifest { source: None, .. }));
        std::fs::write(dir.path().join(MANIFEST_NAME), b"{").unwrap();
        assert!(matches!(read_published(dir.path()).unwrap_err(), PublishError::BadManifest { source: Some(_), .. }));
    }
}
