//! What can go wrong with a file, in words that name the path, the operation and the mend.

use std::fmt;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// What was being done when the operating system refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Reading a file.
    Read,
    /// Writing or renaming a file.
    Write,
    /// Making a folder.
    CreateFolder,
    /// Listing a folder.
    List,
    /// Removing a file or folder.
    Remove,
    /// Taking a lock.
    Lock,
}

/// A file that could not be read, written, listed, removed or locked.
#[derive(Debug, Error)]
pub enum FilesError {
    /// The operating system refused.
    #[error("cannot {operation} `{}`: {}", path.display(), mend(source))]
    Io {
        /// What was tried.
        operation: Operation,
        /// On which file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: Error,
    },
    /// Another process holds the lock.
    #[error("`{}` is locked by {holder}: wait until it has finished, then try again", path.display())]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// What the holder wrote about itself: process and since when.
        holder: String,
    },
    /// The bytes are not text.
    #[error("`{}` is not UTF-8 text at byte {offset}: save it as UTF-8", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The first byte that does not belong to a UTF-8 sequence.
        offset: usize,
    },
    /// A pattern of file names that cannot be read.
    #[error("`{pattern}` is not a file pattern: {problem} at character {position}")]
    BadPattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        problem: &'static str,
        /// Where, counted from 1.
        position: usize,
    },
    /// A spill file that does not read back as it was written.
    #[error("spill file `{}` {problem} after {n_records} records: check the disk and run again", path.display())]
    BrokenSpill {
        /// The spill file.
        path: PathBuf,
        /// Records that did read back.
        n_records: u64,
        /// What is wrong.
        problem: &'static str,
    },
    /// A record that cannot be written to a spill file.
    #[error("record {n_records} cannot be spilled to `{}`", path.display())]
    NotSpillable {
        /// The spill file.
        path: PathBuf,
        /// Records written before it.
        n_records: u64,
        /// What the encoder said.
        source: postcard::Error,
    },
    /// A partition number outside the range.
    #[error("partition {partition} of spill `{}` does not exist: there are {n_partitions}, counted from 0", path.display())]
    NoPartition {
        /// The spill's common path.
        path: PathBuf,
        /// The number asked for.
        partition: usize,
        /// How many there are.
        n_partitions: usize,
    },
}

impl FilesError {
    /// Makes the error of one refused operation; for `map_err`.
    pub(super) fn io(operation: Operation, path: &Path) -> impl FnOnce(Error) -> Self {
        move |source| Self::Io { operation, path: path.to_owned(), source }
    }

    /// Whether the same command can succeed later without anybody changing anything but the machine's state: disk full,
    /// locked, device or network trouble. The exit code is then 75.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Locked { .. } | Self::BrokenSpill { .. } => true,
            Self::Io { source, .. } => is_transient_io(source),
            Self::NotUtf8 { .. } | Self::BadPattern { .. } | Self::NotSpillable { .. } | Self::NoPartition { .. } => false,
        }
    }

    /// Whether the file or folder does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == ErrorKind::NotFound)
    }
}

/// `EIO`: std has no kind for it. On a network mount or a flaky device it passes; on a dead disk a retry does no harm.
const EIO: i32 = 5;

fn is_transient_io(source: &Error) -> bool {
    let transient_kind = matches!(
        source.kind(),
        ErrorKind::StorageFull
            | ErrorKind::QuotaExceeded
            | ErrorKind::TimedOut
            | ErrorKind::Interrupted
            | ErrorKind::WouldBlock
            | ErrorKind::ResourceBusy
            | ErrorKind::StaleNetworkFileHandle
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::NetworkDown
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::OutOfMemory
    );
    transient_kind || source.raw_os_error() == Some(EIO)
}

/// The cause in plain words, and what to do about it.
fn mend(source: &Error) -> &'static str {
    match source.kind() {
        ErrorKind::NotFound => "there is no such file or folder; correct the path",
        ErrorKind::PermissionDenied => "no permission; give the user that runs stallmark access to it, or choose another path",
        ErrorKind::ReadOnlyFilesystem => "the file system is read-only; choose another path",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "the disk is full; free some space and run again",
        ErrorKind::IsADirectory => "it is a folder where a file is expected; correct the path",
        ErrorKind::NotADirectory => "part of the path is a file, not a folder; correct the path",
        ErrorKind::AlreadyExists => "it exists already; remove it or choose another path",
        ErrorKind::InvalidFilename => "the name is too long or not allowed here; choose another path",
        ErrorKind::Unsupported => "this file system cannot do it; choose a path on a local disk",
        _ if source.raw_os_error() == Some(EIO) => "the device failed; check the disk or mount and run again",
        _ if is_transient_io(source) => "the file system did not answer; run again",
        _ => "the operating system refused for the reason below",
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::CreateFolder => "create folder",
            Self::List => "list folder",
            Self::Remove => "remove",
            Self::Lock => "lock",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: ErrorKind, expect_transient: bool, expect_mend: &str) {
        let error = FilesError::io(Operation::Write, Path::new("/out/x.json"))(kind.into());
        assert_eq!(error.is_transient(), expect_transient, "{kind:?}");
        let text = error.to_string();
        assert!(text.starts_with("cannot write `/out/x.json`: ") && text.contains(expect_mend), "{text}");
    }

    #[test]
    fn each_refusal_says_whether_to_retry_and_how_to_mend() {
        check(ErrorKind::StorageFull, true, "free some space");
        check(ErrorKind::TimedOut, true, "run again");
        check(ErrorKind::PermissionDenied, false, "give the user that runs stallmark access");
        check(ErrorKind::NotFound, false, "correct the path");
        check(ErrorKind::Other, false, "reason below");
        let eio = FilesError::io(Operation::Read, Path::new("x"))(Error::from_raw_os_error(EIO));
        assert!(eio.is_transient());
    }
}
