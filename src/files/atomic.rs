//! Files that appear whole or not at all: temporary file in the same folder, fsync, rename, fsync of the folder.
//!
//! A rename within a folder is atomic on every POSIX file system; the fsync before it keeps the new name from pointing at
//! unwritten blocks after a power cut, and the fsync after it keeps the name itself.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::error::{FilesError, Operation};
use super::list::list_files;

/// How the names of unfinished files start and end. They are hidden, so that no lake reader takes them for data.
const TEMPORARY: (&str, &str) = (".stallmark-", ".tmp");

/// A file that becomes visible under its name only on [`AtomicFile::commit`]. Dropped before, it leaves nothing behind.
#[derive(Debug)]
pub struct AtomicFile {
    path: PathBuf,
    folder: PathBuf,
    writer: BufWriter<NamedTempFile>,
}

impl AtomicFile {
    /// Starts writing what will be `path`. Its folder must exist.
    ///
    /// # Errors
    /// When a file cannot be created in that folder.
    pub fn create(path: &Path) -> Result<Self, FilesError> {
        let folder = folder_of(path);
        let temporary = temporary_in(&folder).map_err(FilesError::io(Operation::Write, path))?;
        Ok(Self { path: path.to_owned(), folder, writer: BufWriter::with_capacity(256 << 10, temporary) })
    }

    /// The name it will have.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The unfinished file itself, for writers that want one. Bytes written to it come after those written before through
    /// [`Write`].
    ///
    /// # Errors
    /// When what was written before cannot be flushed.
    pub fn as_file(&mut self) -> Result<File, FilesError> {
        let failed = FilesError::io(Operation::Write, &self.path);
        self.writer.flush().and_then(|()| self.writer.get_ref().as_file().try_clone()).map_err(failed)
    }

    /// Makes the contents durable, then visible under the name, replacing what stood there.
    ///
    /// # Errors
    /// When the contents cannot be flushed, synced or renamed; the old file, if any, is then untouched.
    pub fn commit(self) -> Result<(), FilesError> {
        let failed = |source: io::Error| FilesError::io(Operation::Write, &self.path)(source);
        let temporary = self.writer.into_inner().map_err(|e| failed(e.into_error()))?;
        temporary.as_file().sync_all().map_err(failed)?;
        temporary.persist(&self.path).map_err(|e| failed(e.error))?;
        sync_folder(&self.folder)
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Replaces the contents of `path` by `bytes`, atomically and durably. Its folder must exist.
///
/// # Errors
/// When the file cannot be written; the old one, if any, is then untouched.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), FilesError> {
    write_and_commit(AtomicFile::create(path)?, bytes)
}

/// Fills a file that was begun earlier, and makes it durable and visible.
///
/// # Errors
/// When it cannot be written; what stood under its name is then untouched.
pub fn write_and_commit(mut file: AtomicFile, bytes: &[u8]) -> Result<(), FilesError> {
    let path = file.path().to_owned();
    file.write_all(bytes).map_err(FilesError::io(Operation::Write, &path))?;
    file.commit()
}

/// Checks that files can be made in `folder`, by making one and dropping it.
///
/// # Errors
/// When they cannot.
pub fn check_writable(folder: &Path) -> Result<(), FilesError> {
    AtomicFile::create(&folder.join("probe")).map(drop).map_err(|e| match e {
        FilesError::Io { operation, source, .. } => FilesError::Io { operation, path: folder.to_owned(), source },
        other => other,
    })
}

/// Makes the contents of a finished file durable.
///
/// # Errors
/// When it cannot be opened or synced.
pub fn sync_file(path: &Path) -> Result<(), FilesError> {
    File::open(path).and_then(|f| f.sync_all()).map_err(FilesError::io(Operation::Write, path))
}

/// Makes the names in `folder` durable.
///
/// # Errors
/// When the folder cannot be opened or synced.
pub fn sync_folder(folder: &Path) -> Result<(), FilesError> {
    // Only Unix can open a folder as a file; elsewhere the rename alone has to do.
    if cfg!(unix) { sync_file(folder) } else { Ok(()) }
}

/// Removes unfinished files that a killed process left in `folder` and returns how many. Call it under the lock only.
///
/// # Errors
/// When the folder cannot be listed or a leftover cannot be removed.
pub fn remove_leftovers(folder: &Path) -> Result<usize, FilesError> {
    let is_leftover = |path: &&PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(TEMPORARY.0) && name.ends_with(TEMPORARY.1)
    };
    let files = list_files(folder)?;
    let leftovers: Vec<&PathBuf> = files.iter().filter(is_leftover).collect();
    for path in &leftovers {
        fs::remove_file(path).map_err(FilesError::io(Operation::Remove, path))?;
    }
    Ok(leftovers.len())
}

/// The folder that `path` stands in; `.` for a bare name.
fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn temporary_in(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY.0).suffix(TEMPORARY.1);
    // tempfile's default is 0600; published files follow the umask like any other file.
    #[cfg(unix)]
    let builder = builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        list_files(folder).unwrap().iter().map(|p| p.file_name().unwrap().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_commit_replaces_and_a_drop_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        write_atomic(&path, b"old").unwrap();

        let mut unfinished = AtomicFile::create(&path).unwrap();
        unfinished.write_all(b"half").unwrap();
        unfinished.flush().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        drop(unfinished);
        assert_eq!(names(dir.path()), ["a.json"]);
        assert_eq!(fs::read(&path).unwrap(), b"old");

        write_atomic(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(names(dir.path()), ["a.json"]);
    }

    #[test]
    fn a_killed_writer_leaves_a_file_that_the_next_one_removes() {
        let dir = tempfile::tempdir().unwrap();
        write_atomic(&dir.path().join("kept.json"), b"{}").unwrap();
        let unfinished = AtomicFile::create(&dir.path().join("a.json")).unwrap();
        std::mem::forget(unfinished);
        assert_eq!(names(dir.path()).len(), 2);
        assert_eq!(remove_leftovers(dir.path()).unwrap(), 1);
        assert_eq!(names(dir.path()), ["kept.json"]);
    }

    #[test]
    fn a_missing_folder_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let error = write_atomic(&dir.path().join("no/such/a.json"), b"x").unwrap_err();
        assert!(error.is_not_found() && !error.is_transient());
        assert!(error.to_string().contains("no/such/a.json"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn others_may_read_what_the_umask_lets_them() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let (ours, plain) = (dir.path().join("ours"), dir.path().join("plain"));
        write_atomic(&ours, b"x").unwrap();
        fs::write(&plain, b"x").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&ours), mode(&plain));
    }
}
