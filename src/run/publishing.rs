//! The last stage of a night: score rows and rejects become published tables.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::champion::Champion;
use super::deciding::{NightRow, Verdicts};
use super::marks::{Marks, SELLERS, sellers_schema};
use super::merge::{ShardRows, ShardScores};
use super::monitoring::{ALARMS, METRICS, Monitored, TRENDS};
use super::night_tables::{
    Escalation, escalation_columns, escalation_schema, evidence_schema, hit_columns, hit_schema, hits_of, sample_schema,
};
use super::night_writer::NightWriter;
use super::profile_table::{PROFILE, profile_columns, profile_schema};
use super::project::Project;
use super::queue_table::{golden_columns, golden_schema, queue_columns, queue_schema};
use super::queueing::NightQueue;
use super::rim;
use super::score_table::{RunColumns, reject_columns, reject_schema, score_columns, score_schema};
use crate::config;
use crate::files;
use crate::monitor::{GateReport, Profile};
use crate::publish::{
    self, Compression, PartitionTarget, PartitionWriter, PublishError, PublishPlan, TablePlan, TableSchema, WriterOptions,
    WrittenFile,
};
use crate::scoring::{ScoreRow, ScoredLabel};
use crate::tables::Reject;
use crate::units::{Day, Id, Market};

/// The published tables in commit order.
const TABLES: [&str; 14] = [
    "rejects",
    PROFILE,
    "escalations",
    "evidence",
    "evidence_sample",
    "policy_hits",
    "queue_golden",
    "queue",
    METRICS,
    ALARMS,
    TRENDS,
    SHADOW,
    SELLERS,
    "scores",
];

/// Where a night that the gate refused is kept.
const REFUSED: &str = "_refused";

/// What challengers say; written only where there are any.
const SHADOW: &str = "shadow_scores";

/// Score rows turned into columns at a time.
pub(super) const BATCH_ROWS: usize = 16_384;

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

/// The rows of a challenger.
pub(super) type Shadowed<'a> = (&'a ShardScores, RunColumns);

/// All that a night writes.
pub(super) struct NightOutput<'a> {
    /// What the monitor found.
    pub monitored: &'a Monitored,
    /// The champion's rows.
    pub scores: &'a ShardRows<NightRow>,
    /// What is the same in every row.
    pub run: RunColumns,
    /// What policies decide.
    pub verdicts: &'a Verdicts<'a>,
    /// The queue.
    pub queue: &'a NightQueue,
    /// What is said of sellers.
    pub marks: Marks<'a>,
    /// The challengers' rows.
    pub shadows: &'a [Shadowed<'a>],
    /// Rows of the input set aside.
    pub rejects: &'a [Reject],
}

/// What became of a night.
pub(super) struct Outcome {
    /// The version of each table.
    pub versions: BTreeMap<String, u64>,
    /// Items that stand in `escalations` alone.
    pub urgent: u64,
}

/// Where a night's tables go.
pub(super) struct Outlet {
    root: PathBuf,
    day: Day,
    labels: Vec<ScoredLabel>,
    features: Vec<String>,
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
        let (labels, features) = (champion.labels.clone(), champion.features.names().to_vec());
        Ok(Self { root: output.path.clone(), day, labels, features, options })
    }

    /// Decides, writes and commits a night; `gate_override` is why, if the gate refused it.
    ///
    /// # Errors
    /// When anything cannot be written; what was published before stands.
    pub(super) fn publish(&self, night: NightOutput<'_>, gate_override: Option<String>) -> anyhow::Result<Outcome> {
        let run_id = night.run.run_id.clone();
        let (tables, urgent) = self.stage(&self.root, night)?;
        let plan =
            PublishPlan { root: self.root.clone(), run_id, as_of: self.day, tables, gate_override, committed_at: rim::now() };
        let published = publish::publish(&plan)?;
        let versions = published.manifest.tables.into_iter().map(|(name, table)| (name, table.version)).collect();
        Ok(Outcome { versions, urgent })
    }

    /// Writes a night that the gate refused to a folder of its own, where no table names it, beside the gate's word in `gate.json`; only the
    /// newest refusal is kept. Returns the folder.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn keep_refused(&self, night: NightOutput<'_>, gate: &GateReport) -> anyhow::Result<PathBuf> {
        let refused = self.root.join(REFUSED);
        files::remove_dir_quietly(&refused);
        let folder = refused.join(&night.run.run_id);
        files::create_dir_all(&folder)?;
        self.stage(&folder, night)?;
        files::write_atomic(&folder.join("gate.json"), (serde_json::to_string_pretty(gate)? + "\n").as_bytes())?;
        Ok(folder)
    }

    /// Decides and writes all tables below `root`. Returns them in commit order, and how many items stand in `escalations` alone.
    fn stage(&self, root: &Path, night: NightOutput<'_>) -> anyhow::Result<(Vec<TablePlan>, u64)> {
        let NightOutput { scores, run, verdicts, queue, marks, shadows, rejects, monitored } = night;
        let profile = &monitored.drift.profile;
        let attempt = publish::next_attempt(root, &TABLES, &run.run_id)?;
        let target =
            |market| PartitionTarget { root: root.to_owned(), as_of: self.day, market, run_id: run.run_id.clone(), attempt };
        let mut reject_file = self.writer(&target, None, reject_schema())?;
        reject_file.append(reject_columns(rejects, &run))?;
        let written = NightWriter::new(self, &target, &run, verdicts).write(scores)?;
        let mut tables = vec![
            TablePlan { schema: reject_schema(), files: reject_file.finish()? },
            TablePlan { schema: profile_schema(), files: self.write_profile(&target, profile, &run)? },
            TablePlan { schema: escalation_schema(), files: self.write_escalations(&target, &written.escalations, &run)? },
            TablePlan { schema: evidence_schema(&verdicts.set.evidence_columns()), files: written.evidence },
            TablePlan { schema: sample_schema(&self.features), files: written.sample },
            TablePlan { schema: hit_schema(), files: self.write_hits(&target, verdicts, &run)? },
        ];
        tables.extend(self.write_queue(&target, queue, &run)?);
        tables.extend(monitored.write(self, &target, &run)?);
        let schema = score_schema(&self.labels);
        if !shadows.is_empty() {
            let schema = TableSchema { name: SHADOW, ..schema.clone() };
            tables.push(TablePlan { files: self.write_shadows(shadows, &schema, &target, &written.urgent)?, schema });
        }
        let writer = |market, schema| self.writer(&target, Some(market), schema);
        tables.push(TablePlan { schema: sellers_schema(&self.labels), files: marks.write(&run, writer)? });
        tables.push(TablePlan { schema, files: written.scores });
        Ok((tables, written.urgent.len() as u64))
    }

    fn write_profile(
        &self,
        target: &dyn Fn(Option<Market>) -> PartitionTarget,
        profile: &Profile,
        run: &RunColumns,
    ) -> anyhow::Result<Vec<WrittenFile>> {
        let mut files = Vec::new();
        for (market, of_market) in &profile.markets {
            let mut writer = self.writer(target, Some(*market), profile_schema())?;
            writer.append(profile_columns(of_market, &run.model_version, &run.run_id))?;
            files.extend(writer.finish()?);
        }
        Ok(files)
    }

    /// What writes one partition of a table.
    pub(super) fn writer(
        &self,
        target: &dyn Fn(Option<Market>) -> PartitionTarget,
        market: Option<Market>,
        schema: TableSchema,
    ) -> Result<PartitionWriter, PublishError> {
        PartitionWriter::new(target(market), schema, self.options.clone())
    }

    /// The labels and the features of the champion.
    pub(super) fn columns(&self) -> (&[ScoredLabel], &[String]) {
        (&self.labels, &self.features)
    }

    fn write_escalations(
        &self,
        target: &dyn Fn(Option<Market>) -> PartitionTarget,
        rows: &[Escalation],
        run: &RunColumns,
    ) -> anyhow::Result<Vec<WrittenFile>> {
        let mut files = Vec::new();
        for of_market in rows.chunk_by(|a, b| a.market == b.market) {
            let mut writer = self.writer(target, of_market.first().map(|row| row.market), escalation_schema())?;
            writer.append(escalation_columns(of_market, run))?;
            files.extend(writer.finish()?);
        }
        Ok(files)
    }

    /// The tables `queue_golden` and `queue`.
    fn write_queue(
        &self,
        target: &dyn Fn(Option<Market>) -> PartitionTarget,
        queue: &NightQueue,
        run: &RunColumns,
    ) -> anyhow::Result<[TablePlan; 2]> {
        let (mut golden, mut rows) = (Vec::new(), Vec::new());
        for (market, of_market) in &queue.markets {
            let mut writer = self.writer(target, Some(*market), golden_schema())?;
            writer.append(golden_columns(&of_market.golden, run))?;
            golden.extend(writer.finish()?);
            let mut writer = self.writer(target, Some(*market), queue_schema())?;
            writer.append(queue_columns(&of_market.rows, run))?;
            rows.extend(writer.finish()?);
        }
        Ok([TablePlan { schema: golden_schema(), files: golden }, TablePlan { schema: queue_schema(), files: rows }])
    }

    fn write_hits(
        &self,
        target: &dyn Fn(Option<Market>) -> PartitionTarget,
        verdicts: &Verdicts<'_>,
        run: &RunColumns,
    ) -> anyhow::Result<Vec<WrittenFile>> {
        let mut files = Vec::new();
        for of_market in hits_of(verdicts).chunk_by(|a, b| a.market == b.market) {
            let mut writer = self.writer(target, of_market.first().map(|hit| hit.market), hit_schema())?;
            writer.append(hit_columns(of_market, verdicts, run))?;
            files.extend(writer.finish()?);
        }
        Ok(files)
    }

    /// One partition a market; in it model after model, rows by content. What stands in `escalations` alone is left out.
    fn write_shadows(
        &self,
        models: &[Shadowed<'_>],
        schema: &TableSchema,
        target: &dyn Fn(Option<Market>) -> PartitionTarget,
        urgent: &BTreeSet<Id>,
    ) -> anyhow::Result<Vec<WrittenFile>> {
        let mut rows = Vec::with_capacity(models.len());
        for (scores, run) in models {
            rows.push((scores.merged()?.peekable(), run));
        }
        let mut files = Vec::new();
        while let Some(market) = rows.iter_mut().filter_map(|(rows, _)| Some(rows.peek()?.as_ref().ok()?.market)).min() {
            let mut writer = self.writer(target, Some(market), schema.clone())?;
            for (rows, run) in &mut rows {
                let mut batch: Vec<ScoreRow> = Vec::with_capacity(BATCH_ROWS);
                // An error is not of another market: it is taken, and ends the writing.
                while let Some(row) = rows.next_if(|row| row.as_ref().map_or(true, |row| row.market == market)) {
                    let row = row?;
                    if urgent.contains(&row.content_id) {
                        continue;
                    }
                    batch.push(row);
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
