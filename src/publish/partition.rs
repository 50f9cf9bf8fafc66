//! Writes the rows of one partition to Parquet files whose bytes depend on the rows alone: not on how they were batched, not on
//! the number of threads, not on the clock.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::PublishError;
use super::parquet::ParquetFile;
use super::table::{ColumnData, Table, TableSchema};
use crate::files::{AtomicFile, FilesError, Operation, absolute_path, create_dir_all, exists};
use crate::units::{Day, Market};

/// Compression of the data pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Zstandard, level 1.
    Zstd,
    /// Snappy, for readers that know nothing newer.
    Snappy,
    /// None.
    Uncompressed,
}

/// How the files are cut and compressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriterOptions {
    /// Compression of the data pages.
    pub compression: Compression,
    /// Rows of a row group; only the last of a file has fewer.
    pub row_group_rows: usize,
    /// Rows after which a new file begins; rounded down to whole row groups, at least one.
    pub max_file_rows: usize,
}

/// Where the rows of one partition go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionTarget {
    /// The published folder; the table is a folder in it.
    pub root: PathBuf,
    /// The partition's midnight.
    pub as_of: Day,
    /// The partition's market; `None` for rows without one.
    pub market: Option<Market>,
    /// Hash of inputs, configuration and model.
    pub run_id: String,
    /// Which attempt at this run it is: no two attempts share a file name.
    pub attempt: u32,
}

/// A finished Parquet file, durable on disk but not yet part of any Delta version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenFile {
    /// Path from the table's folder, with `/`.
    pub path: String,
    /// The partition's midnight.
    pub as_of: Day,
    /// The partition's market.
    pub market: Option<Market>,
    /// Size in bytes.
    pub size: u64,
    /// Number of rows.
    pub rows: u64,
    /// BLAKE3 of the contents, 64 hexadecimal digits.
    pub blake3: String,
}

/// Writes one partition. Memory: one row group of rows, and one encoded. Dropped before [`PartitionWriter::finish`], it leaves
/// at most whole files that no Delta version names; `clean_orphans` removes them.
pub struct PartitionWriter {
    target: PartitionTarget,
    schema: TableSchema,
    options: WriterOptions,
    waiting: Vec<ColumnData>,
    open: Option<OpenFile>,
    written: Vec<WrittenFile>,
}

struct OpenFile {
    path: String,
    absolute: PathBuf,
    rows: usize,
    parquet: ParquetFile<HashedFile>,
}

impl PartitionWriter {
    /// Starts a partition without rows; no file is made before there is one.
    ///
    /// # Errors
    /// When the folder cannot be published to, or `run_id` or the table's name could not be part of a path.
    pub fn new(target: PartitionTarget, schema: TableSchema, options: WriterOptions) -> Result<Self, PublishError> {
        check_folder(&target.root)?;
        check_name(&target.run_id)?;
        check_name(schema.name)?;
        let waiting = schema.columns.iter().map(|c| ColumnData::empty(c.kind)).collect();
        Ok(Self { target, schema, options, waiting, open: None, written: Vec::new() })
    }

    /// Appends rows, in the order in which they are to be read.
    ///
    /// # Errors
    /// When the columns are not the table's, or a full row group cannot be written.
    pub fn append(&mut self, batch: Table) -> Result<(), PublishError> {
        self.schema.check(&batch)?;
        for (waiting, column) in self.waiting.iter_mut().zip(batch.columns) {
            waiting.append(column.data);
        }
        while self.n_waiting() >= self.row_group_rows() {
            self.write_row_group()?;
        }
        Ok(())
    }

    /// Writes what is left and returns the partition's files, in reading order.
    ///
    /// # Errors
    /// When the last row group or the footer cannot be written.
    pub fn finish(mut self) -> Result<Vec<WrittenFile>, PublishError> {
        if self.n_waiting() > 0 {
            self.write_row_group()?;
        }
        self.close_file()?;
        Ok(self.written)
    }

    fn n_waiting(&self) -> usize {
        self.waiting.first().map_or(0, ColumnData::len)
    }

    fn row_group_rows(&self) -> usize {
        self.options.row_group_rows.max(1)
    }

    fn write_row_group(&mut self) -> Result<(), PublishError> {
        let n_rows = self.n_waiting().min(self.row_group_rows());
        let columns = self.waiting.iter_mut().map(|column| column.take_front(n_rows)).collect();
        let file = match &mut self.open {
            Some(file) => file,
            None => {
                let file = self.start_file()?;
                self.open.insert(file)
            }
        };
        file.parquet.write_row_group(columns).map_err(PublishError::parquet(Operation::Write, &file.absolute))?;
        file.rows += n_rows;
        // The next group would exceed the limit: this file is full.
        if file.rows + self.row_group_rows() > self.options.max_file_rows {
            self.close_file()?;
        }
        Ok(())
    }

    fn start_file(&self) -> Result<OpenFile, PublishError> {
        let PartitionTarget { root, as_of, market, run_id, attempt } = &self.target;
        let folder = format!("as_of={as_of}/market={}", market_folder(*market));
        let path = format!("{folder}/{run_id}-{attempt}-{:05}.parquet", self.written.len());
        let table = root.join(self.schema.name);
        create_dir_all(&table.join(&folder))?;
        let absolute = table.join(&path);
        // A file of that name may belong to a published version, and those never change.
        if exists(&absolute) {
            let source = io::ErrorKind::AlreadyExists.into();
            return Err(FilesError::Io { operation: Operation::Write, path: absolute, source }.into());
        }
        let out = HashedFile { file: AtomicFile::create(&absolute)?, hasher: blake3::Hasher::new(), size: 0 };
        let parquet = ParquetFile::create(out, &self.schema, &self.options);
        Ok(OpenFile { path, parquet: parquet.map_err(PublishError::parquet(Operation::Write, &absolute))?, absolute, rows: 0 })
    }

    fn close_file(&mut self) -> Result<(), PublishError> {
        let Some(OpenFile { path, absolute, rows, parquet }) = self.open.take() else { return Ok(()) };
        let out = parquet.finish().map_err(PublishError::parquet(Operation::Write, &absolute))?;
        out.file.commit()?;
        self.written.push(WrittenFile {
            path,
            as_of: self.target.as_of,
            market: self.target.market,
            size: out.size,
            rows: rows as u64,
            blake3: out.hasher.finalize().to_hex().to_string(),
        });
        Ok(())
    }
}

/// The market's part of a path; Hive's name for null where there is none.
fn market_folder(market: Option<Market>) -> String {
    market.map_or("__HIVE_DEFAULT_PARTITION__".to_owned(), |m| m.to_string())
}

/// Refuses names that a path or a Delta log would have to escape.
pub(super) fn check_name(name: &str) -> Result<(), PublishError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match !name.is_empty() && name.chars().all(allowed) {
        true => Ok(()),
        false => Err(PublishError::BadName { name: name.chars().take(80).collect() }),
    }
}

/// Refuses folders that the Delta library, which decodes percent signs twice, would look for elsewhere.
pub(super) fn check_folder(root: &Path) -> Result<(), PublishError> {
    match absolute_path(root).to_str() {
        Some(text) if !text.contains('%') => Ok(()),
        _ => Err(PublishError::BadFolder { path: root.to_owned() }),
    }
}

/// The absolute path of a written file.
pub(super) fn absolute(root: &Path, table: &str, file: &WrittenFile) -> PathBuf {
    root.join(table).join(&file.path)
}

/// A file that hashes and counts what goes through it, so that nothing has to be read back.
struct HashedFile {
    file: AtomicFile,
    hasher: blake3::Hasher,
    size: u64,
}

impl Write for HashedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.file.write(bytes)?;
        self.hasher.update(&bytes[..n]);
        self.size += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{digest, list_files_recursively};
    use crate::publish::fixture::{rows, schema, target, write};

    const OPTIONS: WriterOptions = WriterOptions { compression: Compression::Zstd, row_group_rows: 100, max_file_rows: 350 };

    fn written_in_batches(root: &Path, n_rows: usize, batch: usize) -> Vec<WrittenFile> {
        let mut writer = PartitionWriter::new(target(root, "run", 1), schema(), OPTIONS).unwrap();
        for start in (0..n_rows).step_by(batch) {
            writer.append(rows(start..n_rows.min(start + batch))).unwrap();
        }
        writer.finish().unwrap()
    }

    #[test]
    fn bytes_do_not_depend_on_batches() {
        let all: Vec<Vec<WrittenFile>> = [1, 7, 100, 333, 1000]
            .into_iter()
            .map(|batch| written_in_batches(tempfile::tempdir().unwrap().path(), 777, batch))
            .collect();
        assert!(all.iter().all(|files| *files == all[0]));
        assert_eq!(all[0].iter().map(|f| f.rows).collect::<Vec<_>>(), [300, 300, 177]);
    }

    #[test]
    fn bytes_do_not_depend_on_the_run_or_on_threads() {
        let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let first = write(target(a.path(), "run", 1), 500);
        let roots: Vec<PathBuf> = (0..4).map(|i| b.path().join(i.to_string())).collect();
        let others: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = roots.iter().map(|root| scope.spawn(|| write(target(root, "other", 9), 500))).collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        for other in others {
            assert_eq!(first[0].blake3, other[0].blake3);
            assert_ne!(first[0].path, other[0].path);
        }
    }

    #[test]
    fn what_is_reported_is_what_is_on_disk() {
        let dir = tempfile::tempdir().unwrap();
        let files = write(target(dir.path(), "run", 1), 10);
        assert_eq!(files[0].path, "as_of=2026-11-01/market=SG/run-1-00000.parquet");
        let on_disk = digest(&absolute(dir.path(), "scores", &files[0])).unwrap();
        assert_eq!((on_disk.blake3, on_disk.size), (files[0].blake3.clone(), files[0].size));
    }

    #[test]
    fn no_rows_make_no_file_and_a_dropped_writer_leaves_none() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(write(target(dir.path(), "run", 1), 0), []);
        let mut writer = PartitionWriter::new(target(dir.path(), "run", 1), schema(), OPTIONS).unwrap();
        writer.append(rows(0..150)).unwrap();
        drop(writer);
        assert_eq!(list_files_recursively(dir.path()).unwrap(), Vec::<PathBuf>::new());
    }

    #[test]
    fn a_file_name_is_never_used_twice() {
        let dir = tempfile::tempdir().unwrap();
        write(target(dir.path(), "run", 1), 1);
        let mut writer = PartitionWriter::new(target(dir.path(), "run", 1), schema(), OPTIONS).unwrap();
        writer.append(rows(0..1)).unwrap();
        let error = writer.finish().unwrap_err();
        assert!(error.to_string().contains("run-1-00000.parquet`: it exists already"), "{error}");
    }

    #[test]
    fn wrong_columns_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = PartitionWriter::new(target(dir.path(), "run", 1), schema(), OPTIONS).unwrap();
        let mut wrong = rows(0..3);
        wrong.columns[1].data = ColumnData::F64(vec![None; 3]);
        let error = writer.append(wrong).unwrap_err().to_string();
        assert_eq!(error, "table `scores` expects column 2 to be `p_spam float`, got `p_spam double`");
        let mut short = rows(0..3);
        short.columns[1].data = ColumnData::F32(vec![None; 2]);
        assert!(matches!(writer.append(short).unwrap_err(), PublishError::UnequalLengths { expected: 3, got: 2, .. }));
        let bad = PartitionWriter::new(target(dir.path(), "../run", 1), schema(), OPTIONS);
        assert!(matches!(bad.err(), Some(PublishError::BadName { .. })));
    }

    #[test]
    fn an_unwritable_folder_is_named() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("scores"), b"a file where the table should be").unwrap();
        let mut writer = PartitionWriter::new(target(dir.path(), "run", 1), schema(), OPTIONS).unwrap();
        writer.append(rows(0..1)).unwrap();
        let error = writer.finish().unwrap_err();
        assert!(error.to_string().contains("scores/as_of=2026-11-01"), "{error}");
        assert!(!error.is_transient());
    }
}
