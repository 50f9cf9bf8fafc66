//! Reading whole files, opening big ones, and hashing their contents.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use super::error::{FilesError, Operation};

/// A file that is open for reading: the type that other modules name, so that only this one names the file system.
pub type OpenFile = File;

/// The whole file.
///
/// # Errors
/// When it cannot be read.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, FilesError> {
    fs::read(path).map_err(FilesError::io(Operation::Read, path))
}

/// The whole file as text.
///
/// # Errors
/// When it cannot be read or is not UTF-8.
pub fn read_text(path: &Path) -> Result<String, FilesError> {
    String::from_utf8(read_bytes(path)?)
        .map_err(|e| FilesError::NotUtf8 { path: path.to_owned(), offset: e.utf8_error().valid_up_to() })
}

/// The file opened for reading from its start, unbuffered. A folder is refused here, not at the first read.
///
/// # Errors
/// When it cannot be opened or is a folder.
pub fn open(path: &Path) -> Result<OpenFile, FilesError> {
    let failed = |source| FilesError::io(Operation::Read, path)(source);
    let file = File::open(path).map_err(failed)?;
    match file.metadata().map_err(failed)?.is_dir() {
        true => Err(failed(std::io::ErrorKind::IsADirectory.into())),
        false => Ok(file),
    }
}

/// What a file contained when it was read through once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDigest {
    /// BLAKE3 of the contents, 64 hexadecimal digits.
    pub blake3: String,
    /// Size in bytes.
    pub size: u64,
}

/// Hashes a file's contents in a fixed amount of memory.
///
/// # Errors
/// When it cannot be read.
pub fn digest(path: &Path) -> Result<FileDigest, FilesError> {
    let mut file = open(path)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 256 << 10];
    let mut size = 0;
    loop {
        let n = file.read(&mut buffer).map_err(FilesError::io(Operation::Read, path))?;
        if n == 0 {
            return Ok(FileDigest { blake3: hasher.finalize().to_hex().to_string(), size });
        }
        hasher.update(&buffer[..n]);
        size += n as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_must_be_utf8() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.toml");
        fs::write(&path, "naïve").unwrap();
        assert_eq!(read_text(&path).unwrap(), "naïve");
        fs::write(&path, b"na\xEFve").unwrap();
        assert!(matches!(read_text(&path).unwrap_err(), FilesError::NotUtf8 { offset: 2, .. }));
    }

    #[test]
    fn missing_files_and_folders_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let missing = read_text(&dir.path().join("none.toml")).unwrap_err();
        assert!(missing.is_not_found() && missing.to_string().contains("none.toml"), "{missing}");
        assert!(open(dir.path()).unwrap_err().to_string().contains("it is a folder"));
    }

    #[test]
    fn a_digest_is_of_the_contents() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("empty");
        fs::write(&path, b"").unwrap();
        // BLAKE3 of no bytes, from the BLAKE3 test vectors.
        let expect = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";
        assert_eq!(digest(&path).unwrap(), FileDigest { blake3: expect.to_owned(), size: 0 });
    }
}
