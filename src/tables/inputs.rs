//! Which files a source's path names: a file, a glob, or a folder with its subfolders.
//!
//! Input: a [`Source`]. Output: its files in order of path, each with the `key=value` parts of the path below the source's
//! root. Deliberately not here: opening the files.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::config::Source;

use super::TablesError;

/// One file of a source.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct InputFile {
    /// Where it is.
    pub(super) path: PathBuf,
    /// The path below the source's root, with `/`: the same on every machine.
    pub(super) name: String,
    /// Hive partition columns with their values; `None` is Hive's null.
    pub(super) partitions: Vec<(String, Option<String>)>,
}

impl InputFile {
    /// The folder of the path that gives the partition `key`: `day=2026-11-01`.
    pub(super) fn folder_of<'a>(&'a self, key: &'a str) -> &'a str {
        self.name.split('/').find(|part| part.split_once('=').is_some_and(|(k, _)| k == key)).unwrap_or(key)
    }
}

/// The files of `source`, sorted by path.
///
/// In folders, names that begin with `_` or `.` are skipped, as every lake tool does: `_SUCCESS`, `_delta_log`, `.crc`.
pub(super) fn input_files(source: &Source) -> Result<Vec<InputFile>, TablesError> {
    let path = Path::new(&source.path);
    let no_files = || TablesError::NoFiles { origin: source.name.clone(), path: source.path.clone() };
    let (root, mut paths) = if path.is_dir() {
        let mut paths = Vec::new();
        walk(path, &mut paths)?;
        (path.to_owned(), paths)
    } else if path.exists() {
        (path.parent().unwrap_or(Path::new("")).to_owned(), vec![path.to_owned()])
    } else if source.path.contains(['*', '?', '[']) {
        (fixed_root(path), matches(source)?)
    } else {
        return Err(no_files());
    };
    if paths.is_empty() {
        return Err(no_files());
    }
    paths.sort();
    Ok(paths.into_iter().map(|path| described(&root, path)).collect())
}

/// Collects the files below `folder`.
fn walk(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), TablesError> {
    let unreadable = |source| TablesError::Unreadable { path: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if entry.file_name().to_string_lossy().starts_with(['_', '.']) {
            continue;
        }
        let path = entry.path();
        if path.is_dir() { walk(&path, paths)? } else { paths.push(path) }
    }
    Ok(())
}

/// The files that match a glob.
fn matches(source: &Source) -> Result<Vec<PathBuf>, TablesError> {
    let bad_glob = |e: glob::PatternError| TablesError::BadGlob {
        origin: source.name.clone(),
        path: source.path.clone(),
        reason: format!("{} at character {}", e.msg, e.pos + 1),
    };
    let mut paths = Vec::new();
    for found in glob::glob(&source.path).map_err(bad_glob)? {
        let path = found.map_err(|e| TablesError::Unreadable { path: e.path().to_owned(), source: e.into() })?;
        if path.is_file() {
            paths.push(path);
        }
    }
    Ok(paths)
}

/// The folders of a glob before its first pattern.
fn fixed_root(pattern: &Path) -> PathBuf {
    pattern.components().take_while(|c| !c.as_os_str().to_string_lossy().contains(['*', '?', '['])).collect()
}

fn described(root: &Path, path: PathBuf) -> InputFile {
    let below = path.strip_prefix(root).unwrap_or(&path);
    let parts: Vec<String> = below
        .components()
        .filter(|c| matches!(c, Component::Normal(_)))
        .map(|c| c.as_os_str().to_string_lossy().into_owned())
        .collect();
    let folders = parts.len().saturating_sub(1);
    let partitions = parts[..folders].iter().filter_map(|part| part.split_once('=')).map(|(k, v)| (k.to_owned(), hive_value(v)));
    let partitions = partitions.collect();
    InputFile { name: parts.join("/"), partitions, path }
}

/// A partition value as Hive writes it: `%3A` for `:`, and a name for null.
fn hive_value(text: &str) -> Option<String> {
    if text == "__HIVE_DEFAULT_PARTITION__" {
        return None;
    }
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(out).map_or_else(|_| Some(text.to_owned()), Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SourceFormat;

    fn source(path: &Path) -> Source {
        let path = path.to_str().unwrap().to_owned();
        Source { name: "s".to_owned(), path, format: SourceFormat::Parquet, time_zone: chrono_tz::Tz::UTC, feeds: vec![] }
    }

    fn names(path: &Path) -> Vec<String> {
        input_files(&source(path)).unwrap().into_iter().map(|f| f.name).collect()
    }

    #[test]
    fn a_path_is_a_file_a_glob_or_a_folder() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["day=2026-11-02/b.csv", "day=2026-11-01/c%3Ad.csv", "day=2026-11-01/a.csv", "_log/x", ".hidden", "_SUCCESS"]
        {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        assert_eq!(names(dir.path()), ["day=2026-11-01/a.csv", "day=2026-11-01/c%3Ad.csv", "day=2026-11-02/b.csv"]);
        assert_eq!(names(&dir.path().join("*/b.csv")), ["day=2026-11-02/b.csv"]);
        assert_eq!(names(&dir.path().join("day=2026-11-02/b.csv")), ["b.csv"]);
        let files = input_files(&source(&dir.path().join("*/b.csv"))).unwrap();
        assert_eq!(files[0].partitions, [("day".to_owned(), Some("2026-11-02".to_owned()))]);
        assert!(matches!(input_files(&source(&dir.path().join("no.csv"))), Err(TablesError::NoFiles { .. })));
        assert!(matches!(input_files(&source(&dir.path().join("*.no"))), Err(TablesError::NoFiles { .. })));
        assert!(matches!(input_files(&source(&dir.path().join("[a"))), Err(TablesError::BadGlob { .. })));
    }

    #[test]
    fn hive_values_are_unescaped() {
        assert_eq!(hive_value("a%3Ab%2"), Some("a:b%2".to_owned()));
        assert_eq!(hive_value("__HIVE_DEFAULT_PARTITION__"), None);
        assert_eq!(hive_value("%é"), Some("%é".to_owned()));
    }
}
