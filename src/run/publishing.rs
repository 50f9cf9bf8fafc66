//! The last stage of a night: score rows and rejects become published tables.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::champion::Champion;
use super::marks::{Marks, SELLERS, sellers_schema};
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
const TABLES: [&str; 4] = ["rejects", SHADOW, SELLERS, "scores"];

/// What challengers say; written only where there are any.
const SHADOW: &str = "shadow_scores";

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

    /// Writes and commits `scores` with its run columns, the challengers' rows, `sellers` and `rejects`; returns the version of each table.
    ///
    /// # Errors
    /// When anything cannot be written; what was published before stands.
    pub(super) fn publish(
        &self,
        scores: &(&ShardScores, RunColumns),
        shadows: &[(&ShardScores, RunColumns)],
        marks: Marks<'_>,
        rejects: &[Reject],
    ) -> anyhow::Result<BTreeMap<String, u64>> {
        let run = &scores.1;
        let attempt = publish::next_attempt(&self.root, &TABLES, &run.run_id)?;
        let partition =
            |market| PartitionTarget { root: self.root.clone(), as_of: self.day, market, run_id: run.run_id.clone(), attempt };
        let mut reject_file = PartitionWriter::new(partition(None), reject_schema(), self.options.clone())?;
        reject_file.append(reject_columns(rejects, run))?;
        let mut tables = vec![TablePlan { schema: reject_schema(), files: reject_file.finish()? }];
        let schema = score_schema(&self.labels);
        if !shadows.is_empty() {
            let schema = TableSchema { name: SHADOW, ..schema.clone() };
            tables.push(TablePlan { files: self.write_scores(shadows, &schema, &partition)?, schema });
        }
        let writer = |market, schema| PartitionWriter::new(partition(Some(market)), schema, self.options.clone());
        tables.push(TablePlan { schema: sellers_schema(&self.labels), files: marks.write(run, writer)? });
        let files = self.write_scores(std::slice::from_ref(scores), &schema, &partition)?;
        tables.push(TablePlan { schema, files });
        let plan = PublishPlan {
            root: self.root.clone(),
            run_id: run.run_id.clone(),
            as_of: self.day,
            tables,
            committed_at: rim::now(),
        };
        let published = publish::publish(&plan)?;
        Ok(published.manifest.tables.into_iter().map(|(name, table)| (name, table.version)).collect())
    }

    /// One partition a market; in it model after model, rows by content.
    fn write_scores(
        &self,
        models: &[(&ShardScores, RunColumns)],
        schema: &TableSchema,
        partition: &dyn Fn(Option<Market>) -> PartitionTarget,
    ) -> anyhow::Result<Vec<WrittenFile>> {
        let mut rows = Vec::with_capacity(models.len());
        for (scores, run) in models {
            rows.push((scores.merged()?.peekable(), run));
        }
        let mut files = Vec::new();
        while let Some(market) = rows.iter_mut().filter_map(|(rows, _)| Some(rows.peek()?.as_ref().ok()?.market)).min() {
            let mut writer = PartitionWriter::new(partition(Some(market)), schema.clone(), self.options.clone())?;
            for (rows, run) in &mut rows {
                let mut batch: Vec<ScoreRow> = Vec::with_capacity(BATCH_ROWS);
                // An error is not of another market: it is taken, and ends the writing.
                while let Some(row) = rows.next_if(|row| row.as_ref().map_or(true, |row| row.market == market)) {
                    batch.push(row?);
                    if batch.len() == BATCH_ROWS {
                        writer.append(score_columns(&std::mem::take(&mut batch), &self.labels, run))?;
                    }
                }
                if !batch.is_empty() {
                    writer.append(score_columns(&batch, &self.labels, run))?;
                }
            }
            files.extend(writer.finish()?);
        }
        // A table that cannot be read from its first row on has no market.
        for (mut rows, _) in rows {
            rows.next().transpose()?;
        }
        Ok(files)
    }
}
