//! Files that killed runs left behind, and the attempt number that keeps a rerun from reusing a name.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::commit::{is_delta_table, open, runtime};
use super::error::PublishError;
use crate::files::{exists, list_dirs, list_files, list_files_recursively, read_text, remove_file, remove_leftovers};

/// What [`clean_orphans`] removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cleaned {
    /// Whole Parquet files that no Delta version names.
    pub n_orphans: usize,
    /// Unfinished files.
    pub n_unfinished: usize,
}

/// Removes staged files of `table` that no Delta version names, and unfinished ones. Call it under the run's lock, before
/// anything is staged. Only files with our own names are touched: what other engines write to the table is theirs.
///
/// # Errors
/// When the log cannot be read or a file cannot be removed. Nothing is removed unless the whole log was read.
pub fn clean_orphans(root: &Path, table: &str) -> Result<Cleaned, PublishError> {
    let folder = root.join(table);
    let mut cleaned = Cleaned::default();
    if !exists(&folder) {
        return Ok(cleaned);
    }
    let referenced = referenced_paths(&folder)?;
    for path in staged_files(&folder)? {
        if !referenced.contains(&relative(&folder, &path)) {
            remove_file(&path)?;
            cleaned.n_orphans += 1;
        }
    }
    for partition in partition_folders(&folder)? {
        cleaned.n_unfinished += remove_leftovers(&partition)?;
    }
    Ok(cleaned)
}

/// The first attempt number of `run_id` that no file in `tables` has yet, counted from 1. Call it after [`clean_orphans`].
///
/// # Errors
/// When a folder cannot be listed.
pub fn next_attempt(root: &Path, tables: &[&str], run_id: &str) -> Result<u32, PublishError> {
    let mut last = 0;
    for table in tables {
        let folder = root.join(table);
        if exists(&folder) {
            let attempts = staged_files(&folder)?.into_iter().filter_map(|path| attempt_of(&path, run_id));
            last = attempts.fold(last, u32::max);
        }
    }
    Ok(last + 1)
}

/// All paths that a version which can still be read names. A file live in such a version is either live now, or was removed
/// by a commit whose log entry is still there.
fn referenced_paths(folder: &Path) -> Result<BTreeSet<String>, PublishError> {
    let mut paths = BTreeSet::new();
    if !is_delta_table(folder) {
        return Ok(paths);
    }
    let failed = |e| PublishError::delta("open", folder)(e);
    let table = runtime()?.block_on(open(folder, None)).map_err(failed)?;
    let live = table.snapshot().and_then(|state| state.snapshot().try_log_data()).map_err(failed)?;
    paths.extend(live.iter().map(|file| file.path().into_owned()));
    for log in list_files(&folder.join("_delta_log"))?.iter().filter(|f| f.extension().is_some_and(|e| e == "json")) {
        for line in read_text(log)?.lines() {
            let action: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
            for kind in ["add", "remove"] {
                paths.extend(action[kind]["path"].as_str().map(str::to_owned));
            }
        }
    }
    Ok(paths)
}

/// The folders `as_of=…/market=…` of a table.
fn partition_folders(folder: &Path) -> Result<Vec<PathBuf>, PublishError> {
    let is_date = |path: &PathBuf| path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("as_of="));
    let mut folders = Vec::new();
    for date in list_dirs(folder)?.iter().filter(|p| is_date(p)) {
        folders.extend(list_dirs(date)?);
    }
    Ok(folders)
}

/// The Parquet files of a table that have our names, committed or not.
fn staged_files(folder: &Path) -> Result<Vec<PathBuf>, PublishError> {
    let mut files = Vec::new();
    for partition in partition_folders(folder)? {
        files.extend(list_files_recursively(&partition)?.into_iter().filter(|path| name_parts(path).is_some()));
    }
    Ok(files)
}

fn attempt_of(path: &Path, run_id: &str) -> Option<u32> {
    name_parts(path).filter(|(id, _)| id == run_id).map(|(_, attempt)| attempt)
}

/// Run id and attempt of `<run_id>-<attempt>-<five digits>.parquet`; other engines write `part-…`.
fn name_parts(path: &Path) -> Option<(String, u32)> {
    let name = path.file_name()?.to_str()?.strip_suffix(".parquet")?;
    let (rest, number) = name.rsplit_once('-')?;
    let (run_id, attempt) = rest.rsplit_once('-')?;
    let is_ours = number.len() == 5 && number.bytes().all(|b| b.is_ascii_digit()) && run_id != "part";
    is_ours.then(|| Some((run_id.to_owned(), attempt.parse().ok()?)))?
}

/// The path from the table's folder, with `/`.
fn relative(folder: &Path, path: &Path) -> String {
    let parts = path.strip_prefix(folder).unwrap_or(path).components();
    parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::fixture::{plan, target, write};
    use crate::publish::publish;

    #[test]
    fn only_what_no_version_names_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(clean_orphans(dir.path(), "scores").unwrap(), Cleaned::default());
        assert_eq!(next_attempt(dir.path(), &["scores"], "run").unwrap(), 1);

        publish(&plan(dir.path(), 1, 5)).unwrap();
        publish(&plan(dir.path(), 2, 5)).unwrap();
        write(target(dir.path(), "run", 3), 5);
        write(target(dir.path(), "run-x", 7), 5);
        let partition = dir.path().join("scores/as_of=2026-11-01/market=SG");
        std::fs::write(partition.join(".stallmark-killed.tmp"), b"half").unwrap();
        std::fs::write(partition.join("part-00000-0f2e-c000.zstd.parquet"), b"of another engine").unwrap();

        assert_eq!(next_attempt(dir.path(), &["scores"], "run").unwrap(), 4);
        assert_eq!(clean_orphans(dir.path(), "scores").unwrap(), Cleaned { n_orphans: 2, n_unfinished: 1 });
        assert_eq!(next_attempt(dir.path(), &["scores"], "run").unwrap(), 3);
        let left: Vec<_> = list_files(&partition).unwrap().iter().map(|p| relative(&partition, p)).collect();
        assert_eq!(left, ["part-00000-0f2e-c000.zstd.parquet", "run-1-00000.parquet", "run-2-00000.parquet"]);
    }

    #[test]
    fn without_a_log_everything_staged_goes() {
        let dir = tempfile::tempdir().unwrap();
        write(target(dir.path(), "run", 1), 5);
        assert_eq!(clean_orphans(dir.path(), "scores").unwrap(), Cleaned { n_orphans: 1, n_unfinished: 0 });
    }
}
