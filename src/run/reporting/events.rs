//! A run's OpenLineage events, one line each, beside its `run_results.json`.

use std::path::PathBuf;

use crate::config::Config;
use crate::files;
use crate::report::{LineageDataset, LineageEvent, LineageRun, open_lineage};
use crate::run::project::Project;
use crate::run::results::RunResults;
use crate::run::rim;
use crate::units::Day;

/// The events of one run.
pub(in crate::run) struct Events<'a> {
    project: &'a Project,
    day: Day,
}

impl<'a> Events<'a> {
    /// Of the run of `day`.
    pub(in crate::run) fn of(project: &'a Project, day: Day) -> Self {
        Self { project, day }
    }

    /// Writes START, or START and what the run ended with.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(in crate::run) fn write(&self, results: &RunResults, end: Option<LineageEvent<'_>>) -> anyhow::Result<()> {
        let config = &self.project.config;
        let (run, nominal) = (format!("{}/{}", results.run_id, results.attempt), format!("{}T00:00:00Z", self.day));
        let run = LineageRun { run: &run, namespace: &config.project.name, job: "stallmark.run", nominal_time: &nominal };
        let inputs: Vec<LineageDataset> = results.inputs.keys().map(|path| dataset(path, None)).collect();
        let outputs = outputs(config, results);
        let mut text = open_lineage(LineageEvent::Start, &results.started_at, &run, &inputs, &outputs)? + "\n";
        if let Some(end) = end {
            text += &open_lineage(end, &rim::now().to_string(), &run, &inputs, &outputs)?;
            text.push('\n');
        }
        let path: PathBuf = results.folder(&config.output.path).join("openlineage.jsonl");
        Ok(files::write_atomic(&path, text.as_bytes())?)
    }
}

fn dataset(name: &str, rows: Option<u64>) -> LineageDataset {
    LineageDataset { namespace: "file".to_owned(), name: name.to_owned(), rows }
}

fn outputs(config: &Config, results: &RunResults) -> Vec<LineageDataset> {
    let rows =
        |table: &str| (table == "scores").then_some(results.items_scored - results.urgent_routed.min(results.items_scored));
    results.published.keys().map(|table| dataset(&config.output.path.join(table).display().to_string(), rows(table))).collect()
}
