//! The last stage of a night: score rows and rejects become published tables.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::champion::Champion;
use super::merge::ShardScores;
use super::project::Project;
use super::rim;
use super::score_table::{RunColumns, reject_columns, reject_schema, score_columns, score_schema};
use crate::config;
use crate::publish::{
    self, Compression, PartitionTarget, PartitionWriter, PublishPlan, TablePlan, TableSchema, WriterOptions, WrittenFile,
};
use crate::scoring::{ScoreRow, ScoredLabel};
use crate::tables::Reject;
use crate::units::{Day, Market};

/// The published tables in commit order.
const TABLES: [&str; 2] = ["rejects", "scores"];

/// Score rows turned into columns at a time.
const BATCH_ROWS: usize = 16_384;

/// Rows after which a partition begins a new file.
const MAX_FILE_ROWS: usize = 2_000_000;

/// The configured compression.
#[must_use]
pub(super) fn codec(compression: config::Compression) -> Compression {
    match compression {
        config::Compression::Zstd => Compression::Zstd,
        config::Compression::Snappy => Compression::Snappy,
    }
}

/// Where a night's tables go.
pub(super) struct Outlet {
    root: PathBuf,
    day: Day,
    labels: Vec<ScoredLabel>,
    options: WriterOptions,
}

impl Outlet {
    /// Makes sure, before a row is read, that the output can be written, and removes what a killed run left behind. Call it
    /// under the lock.
    ///
    /// # Errors
    /// When the output folder cannot be read or written.
    pub(super) fn open(project: &Project, day: Day, champion: &Champion) -> anyhow::Result<Self> {
        let output = &project.config.output;
        publish::check_output(&output.path, &TABLES)?;
        for table in TABLES {
            publish::clean_orphans(&output.path, table)?;
        }
        let compression = codec(output.compression);
        let options = WriterOptions { compression, row_group_rows: output.row_group_rows, max_file_rows: MAX_FILE_ROWS };
        Ok(Self { root: output.path.clone(), day, labels: champion.labels.clone(), options })
    }

    /// Writes and commits `scores` and `rejects`; returns the version of each table.
    ///
    /// # Errors
    /// When anything cannot be written; what was published before stands.
    pub(super) fn publish(
        &self,
        scores: &ShardScores,
        rejects: &[Reject],
        run: &RunColumns,
    ) -> anyhow::Result<BTreeMap<String, u64>> {
        let attempt = publish::next_attempt(&self.root, &TABLES, &run.run_id)?;
        let partition =
            |market| PartitionTarget { root: self.root.clone(), as_of: self.day, market, run_id: run.run_id.clone(), attempt };
        let mut reject_file = PartitionWriter::new(partition(None), reject_schema(), self.options.clone())?;
        reject_file.append(reject_columns(rejects, run))?;
        let plan = PublishPlan {
            root: self.root.clone(),
            run_id: run.run_id.clone(),
            as_of: self.day,
            tables: vec![
                TablePlan { schema: reject_schema(), files: reject_file.finish()? },
                TablePlan { schema: score_schema(&self.labels), files: self.write_scores(scores, run, &partition)? },
            ],
            committed_at: rim::now(),
        };
        let published = publish::publish(&plan)?;
        Ok(published.manifest.tables.into_iter().map(|(name, table)| (name, table.version)).collect())
    }

    /// One partition a market, rows by content.
    fn write_scores(
        &self,
        scores: &ShardScores,
        run: &RunColumns,
        partition: &dyn Fn(Option<Market>) -> PartitionTarget,
    ) -> anyhow::Result<Vec<WrittenFile>> {
        let schema: TableSchema = score_schema(&self.labels);
        let mut files = Vec::new();
        let mut open: Option<(Market, PartitionWriter)> = None;
        let mut batch: Vec<ScoreRow> = Vec::with_capacity(BATCH_ROWS);
        for row in scores.merged()? {
            let row = row?;
            let is_new = open.as_ref().is_none_or(|(market, _)| *market != row.market);
            if let Some((_, writer)) = open.as_mut().filter(|_| is_new || batch.len() == BATCH_ROWS) {
                writer.append(score_columns(&std::mem::take(&mut batch), &self.labels, run))?;
            }
            if is_new {
                if let Some((_, writer)) = open.take() {
                    files.extend(writer.finish()?);
                }
                let writer = PartitionWriter::new(partition(Some(row.market)), schema.clone(), self.options.clone())?;
                open = Some((row.market, writer));
            }
            batch.push(row);
        }
        if let Some((_, mut writer)) = open {
            writer.append(score_columns(&batch, &self.labels, run))?;
            files.extend(writer.finish()?);
        }
        Ok(files)
    }
}
