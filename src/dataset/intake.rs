//! Pass 1, first half: rows come in once, are counted, and are spilled by shard.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::DatasetError;
use super::routing::Routing;
use super::shard::{FileNames, known_at};
use crate::config::TableName;
use crate::files::{self, FilesError, PartitionedSpill, SpillDir, SpillWriter, SpilledPartitions};
use crate::tables::{Reject, RowOrigin, RowSink, SinkError, TableRow, duplicate_reject};
use crate::units::{Id, Timestamp, stable_hash};

/// One row on its way into a shard.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ShardRecord {
    /// Which accepted row of the input it is, counted in reading order over all tables.
    pub sequence: u64,
    /// Where it was read.
    pub origin: RowOrigin,
    /// The row.
    pub row: TableRow,
}

/// The key of a row whose shard does not follow from its key, so that a repeated key can stand in two shards.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct KeyRecord {
    table: TableName,
    id: Id,
    /// From when on the row was known: of rows that have one key, the one known first stands.
    known: Timestamp,
    sequence: u64,
    origin: RowOrigin,
}

/// Rejects kept for each table; more are counted, but no longer described.
const KEPT_REJECTS: u64 = 100_000;

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
    /// Rows that the feeds' `where` left out; they are not part of `rows_in`.
    pub filtered: u64,
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
    /// Content waits here until every version has been read and each item's seller is settled.
    content: Option<SpillWriter<ShardRecord>>,
    shards: PartitionedSpill<ShardRecord>,
    keys: PartitionedSpill<KeyRecord>,
    rejects: Vec<Reject>,
    counts: BTreeMap<TableName, TableCounts>,
    routing: Routing,
    n_shards: usize,
    n_accepted: u64,
}

/// The rows of all tables, by shard, ready to be read back.
pub struct Spilled {
    /// Kept so that the folder lives as long as its files are read.
    _dir: SpillDir,
    shards: SpilledPartitions<ShardRecord>,
    /// The rows that repeat a key of an earlier row in another shard.
    repeated: HashSet<u64>,
    /// Rows set aside, by table, file and row.
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
        let content = SpillWriter::create(&dir.file("content")).map_err(DatasetError::Spill)?;
        Ok(Self {
            content: Some(content),
            shards: PartitionedSpill::create(&dir, "shard", n_shards),
            keys: PartitionedSpill::create(&dir, "keys", n_shards),
            dir,
            rejects: Vec::new(),
            counts: BTreeMap::new(),
            routing: Routing::default(),
            n_shards,
            n_accepted: 0,
        })
    }

    /// Ends reading: `filtered` says how many rows of each table the feeds left out, `file_names` what the input files are called.
    ///
    /// # Errors
    /// When buffered rows cannot be written or read back.
    pub fn finish(
        mut self,
        filtered: impl Iterator<Item = (TableName, u64)>,
        file_names: &FileNames,
    ) -> Result<Spilled, DatasetError> {
        self.close_content().map_err(DatasetError::Spill)?;
        for (table, n) in filtered.filter(|(_, n)| *n > 0) {
            self.counts.entry(table).or_default().filtered = n;
        }
        let mut spilled = Spilled {
            _dir: self.dir,
            shards: self.shards.finish().map_err(DatasetError::Spill)?,
            repeated: HashSet::new(),
            rejects: self.rejects,
            counts: self.counts,
            routing: self.routing,
            n_shards: self.n_shards,
        };
        let keys = self.keys.finish().map_err(DatasetError::Spill)?;
        spilled.find_repeated(&keys, file_names)?;
        Ok(spilled)
    }

    /// Settles every item's seller and sends the waiting content to its shards.
    fn close_content(&mut self) -> Result<(), FilesError> {
        let Some(writer) = self.content.take() else { return Ok(()) };
        self.routing.close();
        let waiting = writer.finish()?;
        for record in waiting.read()? {
            let record = record?;
            if let TableRow::Content(row) = &record.row {
                let route = self.routing.of_content(&row.content_id).unwrap_or_default();
                self.shards.write((route % self.n_shards as u64) as usize, &record)?;
            }
        }
        files::remove_file(&self.dir.file("content"))
    }

    /// The route of a row, or `None` for a row that refers to content we do not have.
    fn route(&self, row: &TableRow) -> Option<u64> {
        let by_content = |id: &str| self.routing.of_content(id);
        match row {
            TableRow::Content(row) => by_content(&row.content_id),
            TableRow::Engagement(row) => by_content(&row.content_id),
            TableRow::Sellers(row) => Some(Routing::of_seller(&row.seller_id)),
            TableRow::Decisions(row) => by_content(&row.content_id),
            TableRow::Actions(row) => by_content_or_seller(row.content_id.as_deref(), row.seller_id.as_deref(), &by_content),
            TableRow::Reports(row) => by_content(&row.content_id),
            TableRow::AfterSales(row) => by_content_or_seller(row.content_id.as_deref(), row.seller_id.as_deref(), &by_content),
        }
    }
}

/// The identifier of a row that is its whole key, where the shard does not follow from it.
fn free_key(row: &TableRow) -> Option<&Id> {
    match row {
        TableRow::Decisions(row) => Some(&row.decision_id),
        TableRow::Actions(row) => Some(&row.action_id),
        TableRow::Reports(row) => Some(&row.report_id),
        TableRow::AfterSales(row) => Some(&row.event_id),
        TableRow::Content(_) | TableRow::Engagement(_) | TableRow::Sellers(_) => None,
    }
}

/// Seed of the hash that spreads keys over partitions.
const KEY_SEED: u64 = 0x6b65_7973;

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
        let counts = self.counts.entry(row.table()).or_default();
        counts.rows_in += 1;
        counts.accepted += 1;
        self.n_accepted += 1;
        let sequence = self.n_accepted;
        if let (TableRow::Content(version), Some(content)) = (&row, &mut self.content) {
            self.routing.add_content(version);
            return Ok(content.write(&ShardRecord { sequence, origin, row })?);
        }
        self.close_content()?;
        let route = self.route(&row);
        if let (Some(id), true) = (free_key(&row), route.is_some()) {
            let partition = (stable_hash(KEY_SEED, id) % self.n_shards as u64) as usize;
            let known = known_at(&row);
            self.keys.write(partition, &KeyRecord { table: row.table(), id: id.clone(), known, sequence, origin })?;
        }
        match route {
            Some(route) => self.shards.write((route % self.n_shards as u64) as usize, &ShardRecord { sequence, origin, row })?,
            None => self.counts.entry(row.table()).or_default().unmatched += 1,
        }
        Ok(())
    }

    fn reject(&mut self, reject: Reject) -> Result<(), SinkError> {
        let counts = self.counts.entry(reject.table).or_default();
        counts.rows_in += 1;
        counts.rejected += 1;
        if counts.rejected <= KEPT_REJECTS {
            self.rejects.push(reject);
        }
        Ok(())
    }
}

impl Spilled {
    /// Number of shards.
    #[must_use]
    pub fn n_shards(&self) -> usize {
        self.n_shards
    }

    /// The records of one shard, in reading order, without those that repeat a key of another shard.
    pub(super) fn records(
        &self,
        shard: usize,
    ) -> Result<impl Iterator<Item = Result<ShardRecord, FilesError>> + use<'_>, DatasetError> {
        let records = self.shards.read(shard).map_err(DatasetError::Spill)?;
        let is_new = |record: &Result<ShardRecord, FilesError>| {
            record.as_ref().map_or(true, |record| !self.repeated.contains(&record.sequence))
        };
        Ok(records.filter(is_new))
    }

    /// Finds rows that repeat the identifier of an earlier row of their table, wherever their shards are.
    fn find_repeated(&mut self, keys: &SpilledPartitions<KeyRecord>, file_names: &FileNames) -> Result<(), DatasetError> {
        let mut rejects = Vec::new();
        for partition in 0..keys.n_partitions() {
            let records = keys.read(partition).map_err(DatasetError::Spill)?;
            let mut records: Vec<KeyRecord> = records.collect::<Result<_, _>>().map_err(DatasetError::Spill)?;
            records.sort_unstable();
            for same in records.chunk_by(|a, b| (a.table, &a.id) == (b.table, &b.id)) {
                for record in &same[1..] {
                    self.repeated.insert(record.sequence);
                    let file = file_names.get(record.origin.file as usize).map_or("", String::as_str);
                    let key = [(key_column(record.table), record.id.as_str())];
                    rejects.push(duplicate_reject(record.table, &key, file, record.origin.row));
                }
            }
        }
        self.reject_later(rejects);
        Ok(())
    }

    /// Books rows that turned out to be bad once others were known: they leave `accepted` and join `rejected`. Rejects are then
    /// in the order of table, file and row, whatever shards they were found in.
    pub fn reject_later(&mut self, rejects: Vec<Reject>) {
        for reject in rejects {
            let counts = self.counts.entry(reject.table).or_default();
            counts.accepted -= 1;
            counts.rejected += 1;
            self.rejects.push(reject);
        }
        self.rejects
            .sort_by(|a, b| (a.table, &a.file, a.row, &a.column, &a.value).cmp(&(b.table, &b.file, b.row, &b.column, &b.value)));
        let mut kept: BTreeMap<TableName, u64> = BTreeMap::new();
        self.rejects.retain(|reject| {
            let n = kept.entry(reject.table).or_default();
            *n += 1;
            *n <= KEPT_REJECTS
        });
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

/// The column that holds the key of a table whose rows have identifiers of their own.
fn key_column(table: TableName) -> &'static str {
    match table {
        TableName::Decisions => "decision_id",
        TableName::Actions => "action_id",
        TableName::Reports => "report_id",
        TableName::AfterSales => "event_id",
        TableName::Content | TableName::Engagement => "content_id",
        TableName::Sellers => "seller_id",
    }
}
