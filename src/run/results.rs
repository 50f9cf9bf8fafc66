//! `run_results.json`: what a run did, whether it succeeded or not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::exit::{Exit, exit_of};
use super::rim::{self, Rim};
use super::stages::StageResult;
use crate::config::TableName;
use crate::dataset::TableCounts;
use crate::files::{self, FilesError};

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Under way, or killed.
    Running,
    /// Its inputs are known by now: it goes on under the identifier in `continued_as`.
    Identified,
    /// Published.
    Published,
    /// Failed; nothing was published.
    Failed,
    /// The gate refused it; nothing was published, and what was made is kept in `_refused`.
    Refused,
    /// Nothing was in scope, and the caller asked to publish nothing then.
    NothingToDo,
}

/// The content of `run_results.json`.
#[derive(Debug, Clone, Serialize)]
pub struct RunResults {
    /// Version of this file's form.
    pub format: u32,
    /// The run: a hash of inputs, configuration and model; before those are known, of the configuration alone.
    pub run_id: String,
    /// How many times this run was tried, this time included.
    pub attempt: u32,
    /// The midnight scored.
    pub as_of: String,
    /// How it stands.
    pub status: RunStatus,
    /// The identifier under which a run goes on once its inputs are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continued_as: Option<String>,
    /// Exit code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<u8>,
    /// The chain of causes of a failure, outermost first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub error: Vec<String>,
    /// When it began (UTC).
    pub started_at: String,
    /// When it ended (UTC).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// Version of the program.
    pub program: &'static str,
    /// The model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_version: Option<String>,
    /// Rows by table: `rows_in = accepted + rejected`.
    pub tables: BTreeMap<TableName, TableCounts>,
    /// Digest of each input file.
    pub inputs: BTreeMap<String, String>,
    /// Whether content came without versions, so that the as-of promise excludes its mutable columns.
    pub unversioned: bool,
    /// Items scored.
    pub items_scored: u64,
    /// Version of the policy set; `none` without policies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_version: Option<String>,
    /// What each policy did.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<PolicyResult>,
    /// Items that stand in `escalations` alone: `scores` has `items_scored` less these.
    pub urgent_routed: u64,
    /// What the challengers would change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub challengers: Vec<ShadowResult>,
    /// How far the minutes of each team went.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub queue: Vec<crate::queue::TeamResult>,
    /// What the publish gate asked and found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<crate::monitor::GateReport>,
    /// Why the night was published although the gate refused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate_override: Option<String>,
    /// Number of shards.
    pub shards: usize,
    /// The table versions that were published.
    pub published: BTreeMap<String, u64>,
    /// Warnings.
    pub warnings: Vec<String>,
    /// Stages with their times.
    pub stages: Vec<StageResult>,
}

/// What a policy did in a night.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PolicyResult {
    /// The policy.
    pub id: String,
    /// Hash of its file.
    pub version: String,
    /// What it does.
    pub treatment: String,
    /// `live`, `shadow`, or `fallen`: live by its file and in shadow for this night.
    pub standing: &'static str,
    /// Why it fell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Items of its markets, content types and days.
    pub in_scope: u64,
    /// Items on which its condition holds.
    pub held: u64,
    /// Items that it acted on.
    pub acted: u64,
    /// Items that it would act on, were it live.
    pub would_act: u64,
    /// Distinct sellers of these.
    pub sellers: u64,
    /// Items left alone for comparison.
    pub held_back: u64,
    /// Items on which its condition is null, so that it did not fire.
    pub unknown: u64,
}

/// What a model that is scored in the champion's shadow would change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShadowResult {
    /// The challenger.
    pub version: String,
    /// Items scored.
    pub items: u64,
    /// Items of another band than the champion's.
    pub changed_band: u64,
    /// `changed_band ÷ items`; absent without items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
}

impl RunResults {
    /// Results of a run that has just begun.
    #[must_use]
    pub fn begun(run_id: String, as_of: String, started_at: String) -> Self {
        Self {
            format: 1,
            run_id,
            attempt: 1,
            as_of,
            status: RunStatus::Running,
            continued_as: None,
            exit_code: None,
            error: Vec::new(),
            started_at,
            ended_at: None,
            program: concat!("stallmark ", env!("CARGO_PKG_VERSION")),
            model_version: None,
            tables: BTreeMap::new(),
            inputs: BTreeMap::new(),
            unversioned: false,
            items_scored: 0,
            policy_version: None,
            policies: Vec::new(),
            urgent_routed: 0,
            challengers: Vec::new(),
            queue: Vec::new(),
            gate: None,
            gate_override: None,
            shards: 0,
            published: BTreeMap::new(),
            warnings: Vec::new(),
            stages: Vec::new(),
        }
    }

    /// The folder of this run under `output`.
    #[must_use]
    pub fn folder(&self, output: &Path) -> PathBuf {
        output.join("_runs").join(&self.run_id)
    }

    /// Writes the file, and under its attempt's own name too, so that a retry doesn't erase what went wrong before.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn write(&self, output: &Path) -> Result<(), FilesError> {
        let folder = self.folder(output);
        files::create_dir_all(&folder)?;
        let text = self.to_json();
        files::write_atomic(&folder.join(format!("attempt-{:03}.json", self.attempt)), text.as_bytes())?;
        files::write_atomic(&folder.join("run_results.json"), text.as_bytes())
    }

    /// Counts the earlier attempts of this run, so that this one has the next number.
    ///
    /// # Errors
    /// When the folder is there but cannot be read.
    pub fn number_attempt(&mut self, output: &Path) -> Result<(), FilesError> {
        let folder = self.folder(output);
        if files::exists(&folder) {
            let attempts = files::list_files(&folder)?;
            let attempts = attempts.iter().filter_map(|p| p.file_stem()?.to_str()?.strip_prefix("attempt-")?.parse::<u32>().ok());
            self.attempt = attempts.max().unwrap_or(0) + 1;
        }
        Ok(())
    }

    /// Goes on as run `run_id`: the record under the identifier so far says so, and a new one is begun.
    ///
    /// # Errors
    /// When either cannot be written.
    pub(super) fn continue_as(&mut self, run_id: String, output: &Path) -> Result<(), FilesError> {
        let so_far = Self { status: RunStatus::Identified, continued_as: Some(run_id.clone()), ..self.clone() };
        so_far.write(output)?;
        self.run_id = run_id;
        self.attempt = 1;
        self.number_attempt(output)?;
        self.write(output)
    }

    /// Books a failure.
    pub(super) fn fail(&mut self, error: &anyhow::Error) {
        let exit = exit_of(error);
        self.status = match exit {
            Exit::NothingToDo => RunStatus::NothingToDo,
            Exit::Refused => RunStatus::Refused,
            _ => RunStatus::Failed,
        };
        self.exit_code = Some(exit.code());
        self.error = error.chain().map(ToString::to_string).collect();
        self.ended_at = Some(rim::now().to_string());
    }

    /// The file's text.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

/// Records a run that failed before its configuration, and so its output folder, was known: in the folder that the built-in
/// configuration names. A project folder that isn't there is not made.
pub fn record_unconfigured(project: &Path, rim: &Rim, error: &anyhow::Error) {
    if !files::exists(project) {
        return;
    }
    let mut results = RunResults::begun(UNCONFIGURED.to_owned(), String::new(), rim.now.to_string());
    results.fail(error);
    let output = project.join(DEFAULT_OUTPUT);
    // The failure itself is what matters; that it could not be recorded is said beside it.
    let recorded = results.number_attempt(&output).and_then(|()| results.write(&output));
    if let Err(second) = recorded {
        tracing::warn!("run_results.json could not be written: {second}");
    }
}

/// The run identifier of runs that never had a configuration.
const UNCONFIGURED: &str = "unconfigured";

/// `output.path` of the built-in configuration.
const DEFAULT_OUTPUT: &str = "out";

impl std::fmt::Display for RunResults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let version = self.published.get("scores").map_or("-".to_owned(), u64::to_string);
        write!(
            f,
            "run {}: {} items scored as of {}, published as version {version} of `scores`",
            self.run_id, self.items_scored, self.as_of
        )
    }
}
