//! Pass 1, first half: rows come in once, are counted, and are spilled by shard.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::DatasetError;
use super::routing::Routing;
use crate::config::TableName;
use crate::files::{FilesError, PartitionedSpill, SpillDir, SpilledPartitions};
use crate::tables::{Reject, RowOrigin, RowSink, SinkError, TableRow};

/// One row on its way into a shard.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ShardRecord {
    /// Where it was read.
    pub origin: RowOrigin,
    /// The row.
    pub row: TableRow,
}

/// How the rows of one table fared. `rows_in = accepted + rejected`; the other counts are parts of `accepted`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct TableCounts {
    /// Rows read (those a feed's `where` left out are not part of the input).
    pub rows_in: u64,
    /// Rows used.
    pub accepted: u64,
    /// Rows set aside with a reason.
    pub rejected: u64,
    /// Accepted rows that refer to content which is not in the input; no feature can use them.
    pub unmatched: u64,
}

/// Which optional tables had a source. A missing table makes its features null.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Presence {
    tables: Vec<TableName>,
    /// Whether content has versions (`valid_from`).
    pub versioned: bool,
}

impl Presence {
    /// The tables that the project's sources feed.
    #[must_use]
    pub fn new(mut tables: Vec<TableName>, versioned: bool) -> Self {
        tables.sort_unstable();
        tables.dedup();
        Self { tables, versioned }
    }

    /// Whether `table` has a source.
    #[must_use]
    pub fn has(&self, table: TableName) -> bool {
        self.tables.contains(&table)
    }
}

/// The sink that `tables::read` fills.
pub struct Intake {
    dir: SpillDir,
    shards: PartitionedSpill<ShardRecord>,
    rejects: Vec<Reject>,
    counts: BTreeMap<TableName, TableCounts>,
    routing: Routing,
    content_closed: bool,
    n_shards: usize,
}

/// The rows of all tables, by shard, ready to be read back.
pub struct Spilled {
    /// Kept so that the folder lives as long as its files are read.
    _dir: SpillDir,
    shards: SpilledPartitions<ShardRecord>,
    /// Rows set aside while reading, in reading order.
    pub rejects: Vec<Reject>,
    /// Counts by table.
    pub counts: BTreeMap<TableName, TableCounts>,
    /// Where each item's rows are.
    pub routing: Routing,
    n_shards: usize,
}

impl Intake {
    /// Opens `n_shards` spill files under `scratch`.
    ///
    /// # Errors
    /// When the scratch folder cannot be written.
    pub fn new(scratch: &Path, n_shards: usize) -> Result<Self, DatasetError> {
        let n_shards = n_shards.max(1);
        let dir = SpillDir::create(scratch).map_err(DatasetError::Spill)?;
        let shards = PartitionedSpill::create(&dir, "shard", n_shards);
        Ok(Self {
            dir,
            shards,
            rejects: Vec::new(),
            counts: BTreeMap::new(),
            routing: Routing::default(),
            content_closed: false,
            n_shards,
        })
    }

    /// Ends reading.
    ///
    /// # Errors
    /// When buffered rows cannot be written.
    pub fn finish(mut self) -> Result<Spilled, DatasetError> {
        self.routing.close();
        Ok(Spilled {
            _dir: self.dir,
            shards: self.shards.finish().map_err(DatasetError::Spill)?,
            rejects: self.rejects,
            counts: self.counts,
            routing: self.routing,
            n_shards: self.n_shards,
        })
    }

    /// The route of a row, or `None` for a row that refers to content we do not have.
    fn route(&mut self, row: &TableRow) -> Option<u64> {
        if !self.content_closed && !matches!(row, TableRow::Content(_)) {
            self.routing.close();
            self.content_closed = true;
        }
        let by_content = |id: &str| self.routing.of_content(id);
        match row {
            TableRow::Content(row) => Some(self.routing.add_content(&row.content_id, row.seller_id.as_deref())),
            TableRow::Engagement(row) => by_content(&row.content_id),
            TableRow::Sellers(row) => Some(Routing::of_seller(&row.seller_id)),
            TableRow::Decisions(row) => by_content(&row.content_id),
            TableRow::Actions(row) => by_content_or_seller(row.content_id.as_deref(), row.seller_id.as_deref(), &by_content),
            TableRow::Reports(row) => by_content(&row.content_id),
            TableRow::AfterSales(row) => by_content_or_seller(row.content_id.as_deref(), row.seller_id.as_deref(), &by_content),
        }
    }
}

/// A row about an item goes with the item, a row about a seller alone goes with the seller.
fn by_content_or_seller(content: Option<&str>, seller: Option<&str>, by_content: &dyn Fn(&str) -> Option<u64>) -> Option<u64> {
    match (content, seller) {
        (Some(id), _) => by_content(id),
        (None, Some(id)) => Some(Routing::of_seller(id)),
        (None, None) => None,
    }
}

impl RowSink for Intake {
    fn row(&mut self, row: TableRow, origin: RowOrigin) -> Result<(), SinkError> {
        let route = self.route(&row);
        let counts = self.counts.entry(row.table()).or_default();
        counts.rows_in += 1;
        counts.accepted += 1;
        match route {
            Some(route) => self.shards.write((route % self.n_shards as u64) as usize, &ShardRecord { origin, row })?,
            None => counts.unmatched += 1,
        }
        Ok(())
    }

    fn reject(&mut self, reject: Reject) -> Result<(), SinkError> {
        let counts = self.counts.entry(reject.table).or_default();
        counts.rows_in += 1;
        counts.rejected += 1;
        self.rejects.push(reject);
        Ok(())
    }
}

impl Spilled {
    /// Number of shards.
    #[must_use]
    pub fn n_shards(&self) -> usize {
        self.n_shards
    }

    /// The records of one shard, in reading order.
    pub(super) fn records(
        &self,
        shard: usize,
    ) -> Result<impl Iterator<Item = Result<ShardRecord, FilesError>> + use<>, DatasetError> {
        self.shards.read(shard).map_err(DatasetError::Spill)
    }

    /// Books rows that turned out to repeat a key: they leave `accepted` and join `rejected`.
    pub fn reject_later(&mut self, rejects: Vec<Reject>) {
        for reject in rejects {
            let counts = self.counts.entry(reject.table).or_default();
            counts.accepted -= 1;
            counts.rejected += 1;
            self.rejects.push(reject);
        }
    }

    /// Refuses an input whose rejects exceed `max_share` in any table, or that has no content.
    ///
    /// # Errors
    /// `TooManyRejects` naming the first rejected row of the worst table in reading order, or `NoRows`.
    pub fn check_rejects(&self, max_share: f64) -> Result<(), DatasetError> {
        for (table, counts) in &self.counts {
            if counts.rejected as f64 > max_share * counts.rows_in as f64 {
                let first = self.rejects.iter().find(|r| r.table == *table).map(super::error::describe).unwrap_or_default();
                let (rejected, rows_in) = (counts.rejected, counts.rows_in);
                return Err(DatasetError::TooManyRejects { table: *table, rejected, rows_in, limit: max_share, first });
            }
        }
        match self.counts.get(&TableName::Content) {
            Some(counts) if counts.accepted > 0 => Ok(()),
            _ => Err(DatasetError::NoRows { table: TableName::Content }),
        }
    }
}
