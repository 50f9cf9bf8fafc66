//! The only module that touches the file system: reading, listing, locking, spilling, and writing so that a reader sees the
//! old file or the new one, never a half.
//!
//! Input: paths. Output: bytes, records, locks, or a [`FilesError`] that names the path, what was tried and the mend.
//! Deliberately not here: what the bytes mean (`tables`, `store`, `publish`), free-space checks (they are stale as soon as they
//! are made), retries (the exit code says whether one is safe).

mod atomic;
mod error;
mod journal;
mod list;
mod lock;
mod partition;
mod read;
mod spill;
mod spill_dir;

pub use atomic::{AtomicFile, check_writable, remove_leftovers, sync_file, sync_folder, write_and_commit, write_atomic};
pub use error::{FilesError, Operation};
pub use journal::{FoundLines, LineJournal};
pub use list::{
    absolute_path, create_dir_all, exists, expand_pattern, file_size, list_dirs, list_files, list_files_recursively,
    remove_dir_quietly, remove_file,
};
pub use lock::Lock;
pub use partition::{PartitionedSpill, SpilledPartitions};
pub use read::{FileDigest, OpenFile, digest, open, read_bytes, read_text};
pub use spill::{Spill, SpillReader, SpillWriter};
pub use spill_dir::SpillDir;
