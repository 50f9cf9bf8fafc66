//! Listing, making and removing: always in sorted order, because the order in which a file system lists is anybody's guess.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::{FilesError, Operation};

/// Whether a file or folder stands at `path`. A path that cannot be examined counts as absent; reading it will say why.
#[must_use]
pub fn exists(path: &Path) -> bool {
    path.exists()
}

/// `path` from the root of the file system, without looking whether it exists.
#[must_use]
pub fn absolute_path(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The size of a file in bytes.
///
/// # Errors
/// When it cannot be examined.
pub fn file_size(path: &Path) -> Result<u64, FilesError> {
    Ok(fs::metadata(path).map_err(FilesError::io(Operation::Read, path))?.len())
}

/// The files directly in `folder`, by name.
///
/// # Errors
/// When the folder cannot be listed.
pub fn list_files(folder: &Path) -> Result<Vec<PathBuf>, FilesError> {
    Ok(entries(folder)?.into_iter().filter(|(_, kind)| *kind == EntryKind::File).map(|(path, _)| path).collect())
}

/// The folders directly in `folder`, by name.
///
/// # Errors
/// When the folder cannot be listed.
pub fn list_dirs(folder: &Path) -> Result<Vec<PathBuf>, FilesError> {
    Ok(entries(folder)?.into_iter().filter(|(_, kind)| *kind == EntryKind::Folder).map(|(path, _)| path).collect())
}

/// All files in `folder` and the folders below it, by path.
///
/// # Errors
/// When one of the folders cannot be listed.
pub fn list_files_recursively(folder: &Path) -> Result<Vec<PathBuf>, FilesError> {
    let mut files = Vec::new();
    for (path, kind) in entries(folder)? {
        match kind {
            EntryKind::File => files.push(path),
            EntryKind::Folder => files.extend(list_files_recursively(&path)?),
        }
    }
    files.sort();
    Ok(files)
}

/// The files that a shell pattern (`*`, `?`, `[…]`, `**`) names, by path; a plain path names itself if it exists.
///
/// # Errors
/// When the pattern is malformed or a folder in it cannot be listed.
pub fn expand_pattern(pattern: &str) -> Result<Vec<PathBuf>, FilesError> {
    let matches = glob::glob(pattern).map_err(|e| FilesError::BadPattern {
        pattern: pattern.to_owned(),
        problem: e.msg,
        position: e.pos + 1,
    })?;
    let mut paths = Vec::new();
    for path in matches {
        let path = path.map_err(|e| {
            let folder = e.path().to_owned();
            FilesError::Io { operation: Operation::List, path: folder, source: e.into() }
        })?;
        paths.push(path);
    }
    paths.sort();
    Ok(paths)
}

/// Makes a folder and those above it; an existing one is fine.
///
/// # Errors
/// When the folder cannot be made.
pub fn create_dir_all(folder: &Path) -> Result<(), FilesError> {
    fs::create_dir_all(folder).map_err(FilesError::io(Operation::CreateFolder, folder))
}

/// Removes a file; an absent one is fine.
///
/// # Errors
/// When it exists and cannot be removed.
pub fn remove_file(path: &Path) -> Result<(), FilesError> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(FilesError::io(Operation::Remove, path)(e)),
        _ => Ok(()),
    }
}

/// Removes a folder and everything in it as far as possible. For staging only: what stays behind is removed by the next run.
pub fn remove_dir_quietly(folder: &Path) {
    let _ = fs::remove_dir_all(folder);
}

/// Removes `folder` if there is nothing in it, as far as that goes.
pub(super) fn remove_empty_dir_quietly(folder: &Path) {
    let _ = fs::remove_dir(folder);
}

#[derive(PartialEq, Clone, Copy)]
enum EntryKind {
    File,
    Folder,
}

/// Links are followed; what is neither file nor folder (a socket, a dangling link) is skipped.
fn entries(folder: &Path) -> Result<Vec<(PathBuf, EntryKind)>, FilesError> {
    let failed = |source| FilesError::io(Operation::List, folder)(source);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_file() {
            found.push((path, EntryKind::File));
        } else if path.is_dir() {
            found.push((path, EntryKind::Folder));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_and_split_by_kind() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b.csv", "a.csv", "sub/c.csv", "sub/deep/d.csv"] {
            let path = dir.path().join(name);
            create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"").unwrap();
        }
        let relative = |paths: Vec<PathBuf>| -> Vec<String> {
            paths.iter().map(|p| p.strip_prefix(dir.path()).unwrap().to_string_lossy().into_owned()).collect()
        };
        assert_eq!(relative(list_files(dir.path()).unwrap()), ["a.csv", "b.csv"]);
        assert_eq!(relative(list_dirs(dir.path()).unwrap()), ["sub"]);
        assert_eq!(relative(list_files_recursively(dir.path()).unwrap()), ["a.csv", "b.csv", "sub/c.csv", "sub/deep/d.csv"]);
        let pattern = |p: &str| relative(expand_pattern(&format!("{}/{p}", dir.path().display())).unwrap());
        assert_eq!(pattern("*.csv"), ["a.csv", "b.csv"]);
        assert_eq!(pattern("**/*.csv"), ["a.csv", "b.csv", "sub/c.csv", "sub/deep/d.csv"]);
        assert_eq!(pattern("none*"), Vec::<String>::new());
        assert!(matches!(expand_pattern("a[").unwrap_err(), FilesError::BadPattern { .. }));
    }

    #[test]
    fn removing_twice_is_fine() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        fs::write(&path, b"").unwrap();
        remove_file(&path).unwrap();
        remove_file(&path).unwrap();
        remove_dir_quietly(&dir.path().join("absent"));
    }
}
