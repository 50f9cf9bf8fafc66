//! The shards' score rows merged into one order: by market, then by content.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::Path;

use crate::files::{FilesError, Spill, SpillDir, SpillReader, SpillWriter};
use crate::scoring::ScoreRow;
use crate::units::{Id, Market};

/// Score rows spilled shard by shard, each sorted by market and content.
pub(super) struct ShardScores {
    dir: SpillDir,
    shards: Vec<Spill<ScoreRow>>,
    /// Rows whose embedding has another length than configured.
    pub(super) odd_embeddings: u64,
}

impl ShardScores {
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
    pub(super) fn push_shard(&mut self, mut rows: Vec<ScoreRow>) -> Result<(), FilesError> {
        rows.sort_by(|a, b| (a.market, &a.content_id).cmp(&(b.market, &b.content_id)));
        let mut writer = SpillWriter::create(&self.dir.file(&format!("scores-{:05}", self.shards.len())))?;
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

    /// All rows by market, then content: the same order for any number of shards.
    ///
    /// # Errors
    /// When a spill cannot be opened.
    pub(super) fn merged(&self) -> Result<Merged, FilesError> {
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
pub(super) struct Merged {
    readers: Vec<SpillReader<ScoreRow>>,
    heads: Vec<Option<ScoreRow>>,
    next: BinaryHeap<Reverse<(Market, Id, usize)>>,
}

impl Merged {
    fn advance(&mut self, reader: usize) -> Result<(), FilesError> {
        if let Some(row) = self.readers[reader].next().transpose()? {
            self.next.push(Reverse((row.market, row.content_id.clone(), reader)));
            self.heads[reader] = Some(row);
        }
        Ok(())
    }
}

impl Iterator for Merged {
    type Item = Result<ScoreRow, FilesError>;

    fn next(&mut self) -> Option<Self::Item> {
        let Reverse((_, _, reader)) = self.next.pop()?;
        let row = self.heads[reader].take()?;
        Some(self.advance(reader).map(|()| row))
    }
}
