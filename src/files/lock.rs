//! One run at a time: an advisory lock that the kernel releases when its holder dies, however it dies.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use fs4::{FileExt, TryLockError};

use super::error::{FilesError, Operation};

/// A held lock. Dropping it, or the death of the process, releases it. The lock file stays: removing it would let two
/// processes hold locks on two files of the same name.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    file: File,
}

impl Lock {
    /// Takes the lock at `path` without waiting, and writes `holder` (process and since when) for whoever finds it taken.
    ///
    /// # Errors
    /// [`FilesError::Locked`] when another process, or another part of this one, holds it; [`FilesError::Io`] when the file
    /// cannot be opened or the file system knows no locks.
    pub fn acquire(path: &Path, holder: &str) -> Result<Self, FilesError> {
        let failed = |source| FilesError::io(Operation::Lock, path)(source);
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
        match FileExt::try_lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Self::taken(path, &mut file)),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        file.set_len(0).and_then(|()| file.write_all(holder.as_bytes())).map_err(failed)?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// The lock file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn taken(path: &Path, file: &mut File) -> FilesError {
        let mut holder = String::new();
        let _ = file.take(1000).read_to_string(&mut holder);
        let holder = if holder.trim().is_empty() { "another process" } else { holder.trim() };
        FilesError::Locked { path: path.to_owned(), holder: holder.to_owned() }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // An empty file says that nobody holds it; failing to say so does no harm.
        let _ = self.file.set_len(0);
        let _ = FileExt::unlock(&self.file);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_told_who_the_first_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("_lock");
        let first = Lock::acquire(&path, "process 17 since 2026-11-01T00:00:00Z").unwrap();
        let second = Lock::acquire(&path, "process 18").unwrap_err();
        assert!(second.is_transient());
        assert!(second.to_string().contains("process 17 since 2026-11-01T00:00:00Z"), "{second}");
        drop(first);
        Lock::acquire(&path, "process 18").unwrap();
    }

    #[test]
    fn a_stale_file_is_not_a_lock() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("_lock");
        std::fs::write(&path, "process 1, which was killed and wrote more than its successor").unwrap();
        let _held = Lock::acquire(&path, "process 2").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "process 2");
    }
}
