//! The shards' sorted rows merged into one order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::files::{FilesError, Spill, SpillDir, SpillReader, SpillWriter};
use crate::scoring::ScoreRow;
use crate::units::{Id, Market};

/// A row that has a place in the order.
pub(super) trait Ordered: Serialize + DeserializeOwned {
    /// What rows are ordered by; no two rows share it.
    type Key: Ord;
    /// The row's place.
    fn key(&self) -> Self::Key;
}

/// By market, then content.
impl Ordered for ScoreRow {
    type Key = (Market, Id);

    fn key(&self) -> Self::Key {
        (self.market, self.content_id.clone())
    }
}

/// Score rows.
pub(super) type ShardScores = ShardRows<ScoreRow>;

/// Rows spilled shard by shard, each sorted.
pub(super) struct ShardRows<T> {
    dir: SpillDir,
    shards: Vec<Spill<T>>,
    /// Rows whose embedding has another length than configured.
    pub(super) odd_embeddings: u64,
}

impl<T: Ordered> ShardRows<T> {
    /// An empty set that spills under `scratch`.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub(super) fn create(scratch: &Path) -> Result<Self, FilesError> {
        Ok(Self { dir: SpillDir::create(scratch)?, shards: Vec::new(), odd_embeddings: 0 })
    }

    /// Adds one shard's rows.
    ///
    /// # Errors
    /// When they cannot be spilled.
    pub(super) fn push_shard(&mut self, mut rows: Vec<T>) -> Result<(), FilesError> {
        rows.sort_by_cached_key(Ordered::key);
        let mut writer = SpillWriter::create(&self.dir.file(&format!("rows-{:05}", self.shards.len())))?;
        for row in &rows {
            writer.write(row)?;
        }
        self.shards.push(writer.finish()?);
        Ok(())
    }

    /// Rows in all.
    #[must_use]
    pub(super) fn n_rows(&self) -> u64 {
        self.shards.iter().map(Spill::n_records).sum()
    }

    /// All rows in their order: the same for any number of shards.
    ///
    /// # Errors
    /// When a spill cannot be opened.
    pub(super) fn merged(&self) -> Result<Merged<T>, FilesError> {
        let mut merged = Merged { readers: Vec::new(), heads: Vec::new(), next: BinaryHeap::new() };
        for (index, shard) in self.shards.iter().enumerate() {
            merged.readers.push(shard.read()?);
            merged.heads.push(None);
            merged.advance(index)?;
        }
        Ok(merged)
    }
}

/// A merge under way.
pub(super) struct Merged<T: Ordered> {
    readers: Vec<SpillReader<T>>,
    heads: Vec<Option<T>>,
    next: BinaryHeap<Reverse<(T::Key, usize)>>,
}

impl<T: Ordered> Merged<T> {
    fn advance(&mut self, reader: usize) -> Result<(), FilesError> {
        if let Some(row) = self.readers[reader].next().transpose()? {
            self.next.push(Reverse((row.key(), reader)));
            self.heads[reader] = Some(row);
        }
        Ok(())
    }
}

impl<T: Ordered> Iterator for Merged<T> {
    type Item = Result<T, FilesError>;

    fn next(&mut self) -> Option<Self::Item> {
        let Reverse((_, reader)) = self.next.pop()?;
        let row = self.heads[reader].take()?;
        Some(self.advance(reader).map(|()| row))
    }
}
