//! The folder of a run's spill files: removed when the run ends, and by a later run (ten minutes later at the earliest) if this one was
//! killed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use super::error::{FilesError, Operation};
use super::list::{create_dir_all, list_dirs, remove_dir_quietly, remove_empty_dir_quietly};
use super::lock::Lock;

const PREFIX: &str = "stallmark-spill-";
const OWNER: &str = "_owner";

/// A temporary folder that disappears when this value is dropped.
#[derive(Debug)]
pub struct SpillDir {
    // The fields are dropped in this order: the folder goes while its lock is still held.
    folder: TempDir,
    _owner: Lock,
}

impl SpillDir {
    /// Makes a folder in `parent`, and removes those that killed processes left there.
    ///
    /// # Errors
    /// When `parent` or the folder cannot be made.
    pub fn create(parent: &Path) -> Result<Self, FilesError> {
        create_dir_all(parent)?;
        let made = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent);
        let folder = made.map_err(FilesError::io(Operation::CreateFolder, parent))?;
        remove_abandoned(parent, folder.path())?;
        let owner = Lock::acquire(&folder.path().join(OWNER), "the run that spills here")?;
        Ok(Self { folder, _owner: owner })
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The path of a spill file named `name`.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// How much older than a new folder another has to be before its lock is tried: between the making of a folder and the taking of its
/// lock it looks abandoned.
const GRACE: Duration = Duration::from_secs(600);

/// An old folder whose lock can be taken has no living owner. One without a lock file is empty: its maker was killed before it took the
/// lock.
fn remove_abandoned(parent: &Path, new: &Path) -> Result<(), FilesError> {
    let changed = |path: &Path| path.metadata().and_then(|it| it.modified()).ok();
    let Some(now) = changed(new) else { return Ok(()) };
    let is_old = |path: &PathBuf| changed(path).is_some_and(|at| now.duration_since(at).is_ok_and(|age| age > GRACE));
    let is_ours = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
    for folder in list_dirs(parent)?.into_iter().filter(|path| is_ours(path) && is_old(path)) {
        let owner = folder.join(OWNER);
        if !owner.exists() {
            remove_empty_dir_quietly(&folder);
        } else if Lock::acquire(&owner, "the next run, which cleans up").is_ok() {
            remove_dir_quietly(&folder);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_goes_with_its_owner_or_with_the_next_one() {
        let parent = tempfile::tempdir().unwrap();
        let alive = SpillDir::create(parent.path()).unwrap();
        std::fs::write(alive.file("a"), b"x").unwrap();

        let abandoned = parent.path().join("stallmark-spill-killed");
        std::fs::create_dir(&abandoned).unwrap();
        std::fs::write(abandoned.join(OWNER), b"").unwrap();
        std::fs::write(abandoned.join("a"), b"x").unwrap();
        let long_ago = std::time::SystemTime::now() - 2 * GRACE;
        std::fs::File::open(&abandoned).unwrap().set_modified(long_ago).unwrap();
        // And this one's owner was killed before it had taken the lock.
        let empty = parent.path().join("stallmark-spill-empty");
        std::fs::create_dir(&empty).unwrap();
        std::fs::File::open(&empty).unwrap().set_modified(long_ago).unwrap();
        let unrelated = parent.path().join("data");
        std::fs::create_dir(&unrelated).unwrap();
        // Another process has made this one a moment ago and is about to take its lock.
        let young = parent.path().join("stallmark-spill-young");
        std::fs::create_dir(&young).unwrap();
        std::fs::write(young.join(OWNER), b"").unwrap();

        let second = SpillDir::create(parent.path()).unwrap();
        assert!(alive.file("a").exists() && unrelated.exists() && young.exists());
        assert!(!abandoned.exists() && !empty.exists());
        let paths = [alive.path().to_owned(), second.path().to_owned()];
        drop((alive, second));
        assert!(paths.iter().all(|p| !p.exists()));
    }
}
