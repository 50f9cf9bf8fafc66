//! `report`: the page of a published night and everything that is read beside it, from the published tables alone.

mod events;
mod gather;
mod sellers;

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Serialize;

use super::champion::load_champion;
use super::exit::VerbError;
use super::explain::explain_all;
use super::project::Project;
use super::results::RunResults;
use super::stages::Stages;
use crate::explain::ContactPolicy;
use crate::files::{self, AtomicFile, write_and_commit};
use crate::publish::read_published;
use crate::report::{EscalationLine, ReportInputs, build, prometheus};
use crate::units::Day;

pub(super) use events::Events;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct ReportRequest {
    /// The night; the last published one where absent.
    pub day: Option<Day>,
    /// The folder; that of the configuration where absent.
    pub out: Option<PathBuf>,
    /// Cases that get a page of their own; as configured where absent.
    pub cases: Option<usize>,
}

/// What was written.
#[derive(Debug, Clone, Serialize)]
pub struct Reported {
    /// The folder.
    pub folder: String,
    /// The night.
    pub as_of: String,
    /// Size of the page in bytes.
    pub bytes: usize,
    /// Cases with a page of their own.
    pub cases: usize,
}

/// Writes the page of a published night with all that belongs to it.
///
/// # Errors
/// When nothing is published, or a table or the input cannot be read, or a file not written.
pub fn report(project: &Project, request: &ReportRequest, stages: &mut Stages) -> anyhow::Result<Reported> {
    let root = &project.config.output.path;
    let Some(published) = read_published(root)? else {
        let reason = format!("nothing is published in {}; `stallmark run` publishes a night", root.display());
        return Err(VerbError::Argument { argument: "--project", reason }.into());
    };
    let day = match request.day {
        Some(day) => day,
        None => published.as_of.parse().context("_published.json names no day")?,
    };
    let folder = request.out.clone().unwrap_or_else(|| project.config.report.path.clone());
    let mut stage = stages.begin("report", 0);
    let mut inputs = gather::gather(project, &published, day)?;
    if inputs.run.items == 0 && inputs.figures.is_empty() {
        let reason = format!("the night of {day} is not published in {}", root.display());
        return Err(VerbError::Argument { argument: "--as-of", reason }.into());
    }
    stages.end(stage);
    files::create_dir_all(&folder)?;
    let cases = case_pages(project, &mut inputs, (day, request.cases.unwrap_or(project.config.report.cases)), &folder, stages)?;
    stage = stages.begin("page", 0);
    let bytes = write(&inputs, &folder)?;
    stages.end(stage);
    Ok(Reported { folder: folder.display().to_string(), as_of: day.to_string(), bytes, cases })
}

/// Writes a page for each of the first `most` cases, and names it in `inputs`. Returns how many there are.
fn case_pages(
    project: &Project,
    inputs: &mut ReportInputs,
    (day, most): (Day, usize),
    folder: &Path,
    stages: &mut Stages,
) -> anyhow::Result<usize> {
    let wanted: Vec<String> = inputs.cases.iter().take(most).map(|case| case.content_id.clone()).collect();
    // A page tells of an item by name: where names are hashed there is none.
    if wanted.is_empty() || !project.config.report.key.is_empty() {
        return Ok(0);
    }
    load_champion(project)?;
    let mut written = 0;
    for (at, case) in explain_all(project, &wanted, day, ContactPolicy::Mask, stages)?.into_iter().enumerate() {
        let Some(case) = case else { continue };
        let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
        let page = AtomicFile::create(&folder.join(format!("case-{number}.html")))?;
        write_and_commit(page, case.html().context("a case's page cannot be made")?.as_bytes())?;
        if let Some(line) = inputs.cases.get_mut(at) {
            line.page = Some(number);
        }
        written += 1;
    }
    Ok(written)
}

/// Writes `index.html`, `report.json`, `stallmark.prom` and `escalations.jsonl`; returns the size of the page.
fn write(inputs: &ReportInputs, folder: &Path) -> anyhow::Result<usize> {
    let document = build(inputs).context("the page cannot be made")?;
    let page = document.html().context("the page cannot be made")?;
    files::write_atomic(&folder.join("report.json"), document.json()?.as_bytes())?;
    let metrics = prometheus(&inputs.figures, &inputs.run, inputs.disclosure.smallest_cell);
    files::write_atomic(&folder.join("stallmark.prom"), metrics.as_bytes())?;
    files::write_atomic(&folder.join("escalations.jsonl"), escalations(&inputs.escalations)?.as_bytes())?;
    files::write_atomic(&folder.join("index.html"), page.as_bytes())?;
    Ok(page.len())
}

/// One JSON object an escalation.
fn escalations(lines: &[EscalationLine]) -> anyhow::Result<String> {
    let mut text = String::new();
    for line in lines {
        let object = serde_json::json!({
            "content_id": line.content_id, "market": line.market.as_str(), "policy_id": line.policy_id, "owner": line.owner,
            "urgent": line.is_urgent,
        });
        text += &serde_json::to_string(&object)?;
        text.push('\n');
    }
    Ok(text)
}

/// Writes the page of the night that a run has just published, without case pages, which take another look at the input.
///
/// # Errors
/// As [`report`].
pub(super) fn report_run(project: &Project, day: Day) -> anyhow::Result<()> {
    let request = ReportRequest { day: Some(day), out: None, cases: Some(0) };
    report(project, &request, &mut Stages::silent()).map(|_| ())
}

/// Tells the metrics' reader of a run that failed or was refused; the page of the last published night stands.
///
/// # Errors
/// When the file cannot be written.
pub(super) fn report_failure(project: &Project, results: &RunResults, day: Day) -> anyhow::Result<()> {
    let folder = &project.config.report.path;
    files::create_dir_all(folder)?;
    let facts = gather::run_facts(project, &serde_json::to_value(results)?, &results.run_id, day);
    Ok(files::write_atomic(&folder.join("stallmark.prom"), prometheus(&[], &facts, 0).as_bytes())?)
}

impl std::fmt::Display for Reported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let pages = if self.cases == 1 { "page" } else { "pages" };
        write!(
            f,
            "wrote {}/index.html of {} ({} kB) and {} case {pages}",
            self.folder,
            self.as_of,
            self.bytes.div_ceil(1000),
            self.cases
        )
    }
}
