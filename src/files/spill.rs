//! Records on disk while a run needs them: written once, read back in the same order, checked on the way.
//!
//! Format: blocks of about 64 KiB, each `length: u64, records: u64, XXH3-64 of the payload: u64` (little-endian), then the
//! payload, which is postcard records one after the other (postcard is self-delimiting). A last block of length 0 carries the
//! total record count, so that a file that lost its end is an error and never a short read. The file is opened for each
//! block only: hundreds of partitions can be written at once without running out of file descriptors.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, ErrorKind, Read, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use twox_hash::XxHash3_64;

use super::error::{FilesError, Operation};

/// Payload bytes after which a block is written.
const BLOCK_BYTES: usize = 64 << 10;
const HEADER_BYTES: usize = 24;

/// Writes records of one type to a spill file.
#[derive(Debug)]
pub struct SpillWriter<T> {
    path: PathBuf,
    /// The header's place, then the records of the block that is being filled.
    block: Vec<u8>,
    n_in_block: u64,
    n_records: u64,
    bytes_written: u64,
    records: PhantomData<fn(&T)>,
}

impl<T: Serialize> SpillWriter<T> {
    /// Starts an empty spill file at `path`, replacing what stood there.
    ///
    /// # Errors
    /// When the file cannot be created.
    pub fn create(path: &Path) -> Result<Self, FilesError> {
        File::create(path).map_err(FilesError::io(Operation::Write, path))?;
        Ok(Self::unopened(path.to_owned()))
    }

    /// A writer whose file appears with its first block.
    pub(super) fn unopened(path: PathBuf) -> Self {
        Self { path, block: vec![0; HEADER_BYTES], n_in_block: 0, n_records: 0, bytes_written: 0, records: PhantomData }
    }

    /// Appends one record.
    ///
    /// # Errors
    /// When the record has no postcard form, or its block cannot be written.
    pub fn write(&mut self, record: &T) -> Result<(), FilesError> {
        let before = self.block.len();
        self.block = postcard::to_extend(record, std::mem::take(&mut self.block)).map_err(|source| FilesError::NotSpillable {
            path: self.path.clone(),
            n_records: self.n_records,
            source,
        })?;
        self.n_in_block += 1;
        self.n_records += 1;
        self.bytes_written += (self.block.len() - before) as u64;
        if self.block.len() < HEADER_BYTES + BLOCK_BYTES { Ok(()) } else { self.write_block(self.n_in_block) }
    }

    /// Bytes of records so far, written or waiting in the block; headers not counted.
    #[must_use]
    pub fn bytes_written(&self) -> u64 {
        self.bytes_written
    }

    /// Records so far.
    #[must_use]
    pub fn n_records(&self) -> u64 {
        self.n_records
    }

    /// Writes what is left and closes the file with its record count.
    ///
    /// # Errors
    /// When the last blocks cannot be written.
    pub fn finish(mut self) -> Result<Spill<T>, FilesError> {
        if self.n_in_block > 0 {
            self.write_block(self.n_in_block)?;
        }
        self.write_block(self.n_records)?;
        Ok(Spill { path: self.path, n_records: self.n_records, n_bytes: self.bytes_written, records: PhantomData })
    }

    fn write_block(&mut self, n_records: u64) -> Result<(), FilesError> {
        let payload = &self.block[HEADER_BYTES..];
        let header = [payload.len() as u64, n_records, XxHash3_64::oneshot(payload)];
        for (place, number) in self.block.chunks_exact_mut(8).zip(header) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        let appended = OpenOptions::new().append(true).create(true).open(&self.path).and_then(|mut f| f.write_all(&self.block));
        appended.map_err(FilesError::io(Operation::Write, &self.path))?;
        self.block.truncate(HEADER_BYTES);
        self.block.shrink_to(2 * BLOCK_BYTES);
        self.n_in_block = 0;
        Ok(())
    }
}

/// A finished spill file. It can be read any number of times; its folder removes it.
#[derive(Debug)]
pub struct Spill<T> {
    path: PathBuf,
    n_records: u64,
    n_bytes: u64,
    records: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Spill<T> {
    /// The records, in the order they were written.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn read(&self) -> Result<SpillReader<T>, FilesError> {
        SpillReader::open(&self.path)
    }

    /// How many records it holds.
    #[must_use]
    pub fn n_records(&self) -> u64 {
        self.n_records
    }

    /// How many bytes of records it holds.
    #[must_use]
    pub fn n_bytes(&self) -> u64 {
        self.n_bytes
    }
}

/// Reads a spill file's records back. The first error ends the iteration.
#[derive(Debug)]
pub struct SpillReader<T> {
    path: PathBuf,
    file: BufReader<File>,
    unread_bytes: u64,
    block: Vec<u8>,
    position: usize,
    left_in_block: u64,
    n_records: u64,
    ended: bool,
    records: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> SpillReader<T> {
    /// Opens a finished spill file.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, FilesError> {
        let failed = |source| FilesError::io(Operation::Read, path)(source);
        let file = File::open(path).map_err(failed)?;
        let unread_bytes = file.metadata().map_err(failed)?.len();
        Ok(Self {
            path: path.to_owned(),
            file: BufReader::with_capacity(2 * BLOCK_BYTES, file),
            unread_bytes,
            block: Vec::new(),
            position: 0,
            left_in_block: 0,
            n_records: 0,
            ended: false,
            records: PhantomData,
        })
    }

    fn next_record(&mut self) -> Result<Option<T>, FilesError> {
        if self.left_in_block == 0 {
            if self.position != self.block.len() {
                return Err(self.broken("has bytes that belong to no record"));
            }
            if !self.read_block()? {
                return Ok(None);
            }
        }
        let (record, rest) = postcard::take_from_bytes(&self.block[self.position..])
            .map_err(|_| self.broken("has a record that is not of the expected type"))?;
        self.position = self.block.len() - rest.len();
        self.left_in_block -= 1;
        self.n_records += 1;
        Ok(Some(record))
    }

    /// Reads and checks the next block; `false` at the proper end of the file.
    fn read_block(&mut self) -> Result<bool, FilesError> {
        let mut header = [0; HEADER_BYTES];
        self.read_exact(&mut header)?;
        let number = |i: usize| u64::from_le_bytes(std::array::from_fn(|k| header[8 * i + k]));
        let (length, n_records, checksum) = (number(0), number(1), number(2));
        if length == 0 {
            let is_end = n_records == self.n_records && checksum == XxHash3_64::oneshot(&[]) && self.unread_bytes == 0;
            return match is_end {
                true => Ok(false),
                false => Err(self.broken("does not end where it should")),
            };
        }
        if length > self.unread_bytes {
            return Err(self.broken("ends too early"));
        }
        let mut block = std::mem::take(&mut self.block);
        block.resize(usize::try_from(length).unwrap_or(usize::MAX), 0);
        self.read_exact(&mut block)?;
        if XxHash3_64::oneshot(&block) != checksum {
            return Err(self.broken("has a damaged block"));
        }
        (self.block, self.position, self.left_in_block) = (block, 0, n_records);
        Ok(true)
    }

    fn read_exact(&mut self, buffer: &mut [u8]) -> Result<(), FilesError> {
        self.file.read_exact(buffer).map_err(|source| match source.kind() {
            ErrorKind::UnexpectedEof => self.broken("ends too early"),
            _ => FilesError::io(Operation::Read, &self.path)(source),
        })?;
        self.unread_bytes = self.unread_bytes.saturating_sub(buffer.len() as u64);
        Ok(())
    }

    fn broken(&self, problem: &'static str) -> FilesError {
        FilesError::BrokenSpill { path: self.path.clone(), n_records: self.n_records, problem }
    }
}

impl<T: DeserializeOwned> Iterator for SpillReader<T> {
    type Item = Result<T, FilesError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.next_record().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Row = (u32, Option<String>, Vec<f32>);

    fn rows(n: u32) -> Vec<Row> {
        (0..n).map(|i| (i, (i % 3 > 0).then(|| "ô".repeat(i as usize % 50)), vec![i as f32; i as usize % 7])).collect()
    }

    fn spilled(path: &Path, rows: &[Row]) -> Spill<Row> {
        let mut writer = SpillWriter::create(path).unwrap();
        rows.iter().for_each(|row| writer.write(row).unwrap());
        writer.finish().unwrap()
    }

    #[test]
    fn records_come_back_in_writing_order() {
        let dir = tempfile::tempdir().unwrap();
        for n in [0, 1, 5000] {
            let spill = spilled(&dir.path().join("a"), &rows(n));
            assert_eq!(spill.n_records(), u64::from(n));
            for _twice in 0..2 {
                assert_eq!(spill.read().unwrap().collect::<Result<Vec<_>, _>>().unwrap(), rows(n));
            }
        }
    }

    #[test]
    fn a_record_larger_than_a_block_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        let big = vec![(1, Some("x".repeat(3 * BLOCK_BYTES)), vec![]), (2, None, vec![1.0])];
        let spill = spilled(&dir.path().join("a"), &big);
        assert!(spill.n_bytes() > 3 * BLOCK_BYTES as u64);
        assert_eq!(spill.read().unwrap().collect::<Result<Vec<_>, _>>().unwrap(), big);
    }

    #[test]
    fn every_truncation_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        spilled(&path, &rows(20));
        let whole = std::fs::read(&path).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            let last = SpillReader::<Row>::open(&path).unwrap().last();
            assert!(matches!(last, Some(Err(FilesError::BrokenSpill { .. }))), "cut to {length} bytes");
        }
    }

    #[test]
    fn every_flipped_bit_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        spilled(&path, &rows(12));
        let whole = std::fs::read(&path).unwrap();
        for position in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[position] ^= 1 << (position % 8);
            std::fs::write(&path, &damaged).unwrap();
            let last = SpillReader::<Row>::open(&path).unwrap().last();
            assert!(matches!(last, Some(Err(FilesError::BrokenSpill { .. }))), "byte {position}");
        }
    }
}
