//! `synth`: a generated marketplace on disk.

use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::exit::VerbError;
use super::project::PROJECT_FILE;
use super::stages::Stages;
use crate::config::TableName;
use crate::files::{self, AtomicFile};
use crate::synth::{self, EXTRA_COLUMNS, SynthConfig, SynthSink, TruthRow};
use crate::tables::{TableRow, TableWriter};
use crate::units::Day;

/// The configuration of a generated project.
const SYNTH_PROJECT: &str = include_str!("../../config/synth_project.toml");

/// What to generate.
#[derive(Debug, Clone, PartialEq)]
pub struct SynthRequest {
    /// Items, seed and window.
    pub config: SynthConfig,
}

/// What was generated.
#[derive(Debug, Clone, Serialize)]
pub struct SynthReport {
    /// Rows by table.
    pub rows: std::collections::BTreeMap<TableName, u64>,
    /// First day of history.
    pub first_day: String,
    /// The day after the last: everything generated is known at its midnight.
    pub as_of: String,
}

impl SynthRequest {
    /// `content` items over `days` days from `first_day` on.
    ///
    /// # Errors
    /// When `first_day` is not a date.
    pub fn new(content: u64, seed: u64, first_day: &str, days: u32) -> anyhow::Result<Self> {
        let first_day: Day = first_day
            .parse()
            .map_err(|e: crate::units::TimeError| VerbError::Argument { argument: "--first-day", reason: e.to_string() })?;
        Ok(Self { config: SynthConfig { content, seed, first_day, days } })
    }

    /// The day after the last one.
    #[must_use]
    pub fn as_of(&self) -> Day {
        self.config.first_day.plus(i32::try_from(self.config.days).unwrap_or(i32::MAX))
    }
}

/// Writes the tables to `<out>/tables/*.parquet`, the truth to `<out>/truth/truth.jsonl`, and `<out>/stallmark.toml` unless there is
/// one. Each file appears when it is complete.
///
/// # Errors
/// When the folder cannot be written.
pub fn synth(request: &SynthRequest, out: &Path, stages: &mut Stages) -> anyhow::Result<SynthReport> {
    let mut stage = stages.begin("synth", 0);
    let tables = out.join("tables");
    files::create_dir_all(&tables)?;
    files::create_dir_all(&out.join("truth"))?;
    let mut sink = Sink::create(&tables, &out.join("truth/truth.jsonl"))?;
    synth::generate(&request.config, &mut sink)?;
    let rows = sink.finish()?;
    let project = out.join(PROJECT_FILE);
    if !files::exists(&project) {
        files::write_atomic(&project, SYNTH_PROJECT.as_bytes())?;
    }
    stage.items = request.config.content;
    stages.end(stage);
    Ok(SynthReport { rows, first_day: request.config.first_day.to_string(), as_of: request.as_of().to_string() })
}

/// Generated rows on their way to disk.
struct Sink {
    tables: Vec<(AtomicFile, TableWriter, TableName)>,
    truth: AtomicFile,
}

impl Sink {
    fn create(tables: &Path, truth: &Path) -> anyhow::Result<Self> {
        let extra: Vec<String> = EXTRA_COLUMNS.iter().map(|&name| name.to_owned()).collect();
        let open = |table: TableName| {
            let mut file = AtomicFile::create(&tables.join(format!("{table}.parquet")))?;
            let writer = TableWriter::create(table, file.as_file()?, &extra)?;
            Ok((file, writer, table))
        };
        Ok(Self {
            tables: TableName::ALL.into_iter().map(open).collect::<anyhow::Result<_>>()?,
            truth: AtomicFile::create(truth)?,
        })
    }

    fn finish(self) -> anyhow::Result<std::collections::BTreeMap<TableName, u64>> {
        let mut rows = std::collections::BTreeMap::new();
        for (file, writer, table) in self.tables {
            rows.insert(table, writer.finish()?);
            file.commit()?;
        }
        self.truth.commit()?;
        Ok(rows)
    }
}

impl SynthSink for Sink {
    fn row(&mut self, row: TableRow) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let table = row.table();
        match self.tables.iter_mut().find(|(_, _, name)| *name == table) {
            Some((_, writer, _)) => Ok(writer.push(&row)?),
            None => Ok(()),
        }
    }

    fn truth(&mut self, row: TruthRow) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        serde_json::to_writer(&mut self.truth, &row)?;
        Ok(self.truth.write_all(b"\n")?)
    }
}
