//! A spill split into partitions: shards, folds, hash buckets. A partition costs a file only once it has records.

use std::marker::PhantomData;
use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::FilesError;
use super::spill::{Spill, SpillReader, SpillWriter};
use super::spill_dir::SpillDir;

/// Writes records to numbered partitions. Memory: up to 128 KiB for each partition that has records.
#[derive(Debug)]
pub struct PartitionedSpill<T> {
    path: PathBuf,
    writers: Vec<Option<SpillWriter<T>>>,
}

impl<T: Serialize> PartitionedSpill<T> {
    /// Starts `n_partitions` empty partitions under `name`, which must be unique in `dir`.
    #[must_use]
    pub fn create(dir: &SpillDir, name: &str, n_partitions: usize) -> Self {
        Self { path: dir.file(name), writers: (0..n_partitions).map(|_| None).collect() }
    }

    /// Appends one record to `partition`, counted from 0.
    ///
    /// # Errors
    /// When there is no such partition or the record cannot be written.
    pub fn write(&mut self, partition: usize, record: &T) -> Result<(), FilesError> {
        let n_partitions = self.writers.len();
        let Some(writer) = self.writers.get_mut(partition) else {
            return Err(FilesError::NoPartition { path: self.path.clone(), partition, n_partitions });
        };
        match writer {
            Some(writer) => writer.write(record),
            None => {
                let mut path = self.path.clone().into_os_string();
                path.push(format!(".{partition:05}"));
                writer.insert(SpillWriter::create(&PathBuf::from(path))?).write(record)
            }
        }
    }

    /// Bytes of records so far, over all partitions.
    #[must_use]
    pub fn bytes_written(&self) -> u64 {
        self.writers.iter().flatten().map(SpillWriter::bytes_written).sum()
    }

    /// Closes all partitions.
    ///
    /// # Errors
    /// When the last blocks cannot be written.
    pub fn finish(self) -> Result<SpilledPartitions<T>, FilesError> {
        let partitions = self.writers.into_iter().map(|writer| writer.map(SpillWriter::finish).transpose());
        Ok(SpilledPartitions { path: self.path, partitions: partitions.collect::<Result<_, _>>()?, records: PhantomData })
    }
}

/// Finished partitions.
#[derive(Debug)]
pub struct SpilledPartitions<T> {
    path: PathBuf,
    partitions: Vec<Option<Spill<T>>>,
    records: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> SpilledPartitions<T> {
    /// How many partitions there are, empty ones included.
    #[must_use]
    pub fn n_partitions(&self) -> usize {
        self.partitions.len()
    }

    /// Records in `partition`; 0 for one that does not exist.
    #[must_use]
    pub fn n_records(&self, partition: usize) -> u64 {
        self.partitions.get(partition).and_then(Option::as_ref).map_or(0, Spill::n_records)
    }

    /// Bytes of records in `partition`; 0 for one that does not exist.
    #[must_use]
    pub fn n_bytes(&self, partition: usize) -> u64 {
        self.partitions.get(partition).and_then(Option::as_ref).map_or(0, Spill::n_bytes)
    }

    /// The records of `partition`, in writing order.
    ///
    /// # Errors
    /// When there is no such partition or its file cannot be opened; each record can fail by itself.
    pub fn read(&self, partition: usize) -> Result<impl Iterator<Item = Result<T, FilesError>> + use<T>, FilesError> {
        let no_partition = || FilesError::NoPartition { path: self.path.clone(), partition, n_partitions: self.partitions.len() };
        let spill = self.partitions.get(partition).ok_or_else(no_partition)?;
        let reader: Option<SpillReader<T>> = spill.as_ref().map(Spill::read).transpose()?;
        Ok(reader.into_iter().flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_partition_keeps_its_records_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let spills = SpillDir::create(dir.path()).unwrap();
        let mut spill = PartitionedSpill::create(&spills, "content", 300);
        for i in 0..10_000_u64 {
            spill.write((i % 299) as usize, &(i, "text".to_owned())).unwrap();
        }
        assert!(matches!(spill.write(300, &(0, String::new())).unwrap_err(), FilesError::NoPartition { partition: 300, .. }));
        let spilled = spill.finish().unwrap();
        for partition in 0..299 {
            let rows: Vec<(u64, String)> = spilled.read(partition).unwrap().collect::<Result<_, _>>().unwrap();
            assert!(rows.iter().map(|r| r.0).eq((0..10_000).filter(|i| i % 299 == partition as u64)));
            assert_eq!(spilled.n_records(partition), rows.len() as u64);
        }
        assert_eq!(spilled.read(299).unwrap().count(), 0);
        assert_eq!((spilled.n_partitions(), spilled.n_records(299), spilled.n_bytes(299)), (300, 0, 0));
    }
}
