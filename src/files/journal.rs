//! A file of lines that only grows: what a long job has done so far, so that the next one can go on from there.
//!
//! A line is added by one write to a file opened for appending and synced before the call returns. A process that dies in between
//! leaves a last line without its end, which goes when the next one adds a line; all lines before it are whole.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use fs4::{FileExt, TryLockError};

use super::error::{FilesError, Operation};

/// An open journal. Nobody else can open it until it is dropped or the process ends.
#[derive(Debug)]
pub struct LineJournal {
    path: PathBuf,
    file: File,
    /// Bytes of whole lines, where a line that was cut off follows them.
    whole: Option<u64>,
}

/// What stood in a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundLines {
    /// The lines without their ends.
    pub whole: Vec<String>,
    /// What follows the last line end: empty, or a line that was cut off.
    pub cut: String,
}

impl LineJournal {
    /// Opens the journal at `path`, or begins one, and returns what stands in it. Nothing is changed before a line is added.
    ///
    /// # Errors
    /// [`FilesError::Locked`] when another process has it open; [`FilesError::NotUtf8`] when it is not text; when it cannot be read
    /// or written.
    pub fn open(path: &Path) -> Result<(Self, FoundLines), FilesError> {
        let failed = |source| FilesError::io(Operation::Write, path)(source);
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(failed)?;
        match FileExt::try_lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(FilesError::Locked { path: path.to_owned(), holder: "another stallmark process".to_owned() });
            }
            Err(TryLockError::Error(source)) => return Err(FilesError::io(Operation::Lock, path)(source)),
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(FilesError::io(Operation::Read, path))?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let cut = bytes.split_off(whole);
        let text = String::from_utf8(bytes)
            .map_err(|e| FilesError::NotUtf8 { path: path.to_owned(), offset: e.utf8_error().valid_up_to() })?;
        let journal = Self { path: path.to_owned(), file, whole: (!cut.is_empty()).then_some(whole as u64) };
        // A cut may go through a character.
        let cut = String::from_utf8_lossy(&cut).into_owned();
        Ok((journal, FoundLines { whole: text.lines().map(str::to_owned).collect(), cut }))
    }

    /// Adds one line and makes it durable. `line` holds no line end.
    ///
    /// # Errors
    /// When it cannot be written; a part of it may then stand in the file, as if it had been cut off.
    pub fn append(&mut self, line: &str) -> Result<(), FilesError> {
        debug_assert!(!line.contains('\n'), "one line");
        if let Some(whole) = self.whole.take() {
            self.file.set_len(whole).map_err(FilesError::io(Operation::Write, &self.path))?;
        }
        let written = self.file.write_all(format!("{line}\n").as_bytes()).and_then(|()| self.file.sync_data());
        written.map_err(FilesError::io(Operation::Write, &self.path))
    }

    /// Removes all lines.
    ///
    /// # Errors
    /// When the file cannot be cut.
    pub fn clear(&mut self) -> Result<(), FilesError> {
        self.whole = None;
        self.file.set_len(0).map_err(FilesError::io(Operation::Write, &self.path))
    }
}

impl Drop for LineJournal {
    fn drop(&mut self) {
        let _ = FileExt::unlock(&self.file);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_and_a_cut_one_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("j.jsonl");
        let (mut journal, lines) = LineJournal::open(&path).unwrap();
        assert!(lines.whole.is_empty() && lines.cut.is_empty());
        journal.append("one").unwrap();
        journal.append("two").unwrap();
        drop(journal);
        for cut in ["thr", "é"] {
            std::fs::write(&path, [&b"one\ntwo\n"[..], &cut.as_bytes()[..cut.len() - 1]].concat()).unwrap();
            let before = std::fs::read(&path).unwrap();
            let (mut journal, lines) = LineJournal::open(&path).unwrap();
            assert_eq!(lines.whole, ["one", "two"]);
            assert!(!lines.cut.is_empty());
            assert_eq!(std::fs::read(&path).unwrap(), before, "opening changes nothing");
            journal.append("three").unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntwo\nthree\n");
        }
        let (mut journal, _) = LineJournal::open(&path).unwrap();
        journal.clear().unwrap();
        journal.append("anew").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "anew\n");
    }

    #[test]
    fn two_processes_do_not_write_one_journal() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("j.jsonl");
        let held = LineJournal::open(&path).unwrap();
        assert!(LineJournal::open(&path).unwrap_err().is_transient());
        drop(held);
        LineJournal::open(&path).unwrap();
    }

    #[test]
    fn what_is_no_text_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("j.jsonl");
        std::fs::write(&path, b"na\xEFve\n").unwrap();
        assert!(matches!(LineJournal::open(&path), Err(FilesError::NotUtf8 { offset: 2, .. })));
    }
}
