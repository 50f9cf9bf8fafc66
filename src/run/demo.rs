//! `demo`: the whole job on a generated marketplace.

use std::io::Write;
use std::path::Path;

use super::exit::VerbError;
use super::nightly::{EmptyPolicy, NightRequest, nightly};
use super::project::Project;
use super::rim::Rim;
use super::stages::Stages;
use super::synth::{SynthRequest, synth};
use super::threads::in_thread_pool;
use super::train::{PromotePolicy, TrainRequest, train};
use crate::files;
use crate::publish::{self, ColumnData};

/// First day of the demo's history.
const FIRST_DAY: &str = "2026-01-01";
/// Its days.
const DAYS: u32 = 84;
/// Items that are shown.
const SHOWN: usize = 10;
/// Says that a folder was made by an earlier demo and may be replaced.
const MARK: &str = ".stallmark-demo";

/// Generates a marketplace in `out` (which is made anew), trains on it, runs the night after its last day, and writes to `talk`
/// where the scores are and the ten items that are expected to do most harm.
///
/// # Errors
/// When `out` holds something that an earlier demo did not make, or any step fails.
pub fn demo(out: &Path, content: u64, seed: u64, rim: &Rim, talk: &mut dyn Write, stages: &mut Stages) -> anyhow::Result<()> {
    if files::exists(out) && !files::exists(&out.join(MARK)) {
        return Err(VerbError::NotADemo { path: out.display().to_string() }.into());
    }
    files::remove_dir_quietly(out);
    files::create_dir_all(out)?;
    files::write_atomic(&out.join(MARK), b"")?;

    let request = SynthRequest::new(content, seed, FIRST_DAY, DAYS)?;
    let generated = synth(&request, out, stages)?;
    let rows: Vec<String> = generated.rows.iter().map(|(table, n)| format!("{n} {table}")).collect();
    writeln!(talk, "generated  {}", rows.join(", "))?;

    let project = Project::open(out, &[], rim.clone())?;
    let always = TrainRequest { promote: PromotePolicy::Always, search: None };
    let trained = in_thread_pool(&project, |project| train(project, request.as_of(), always, stages))?;
    writeln!(talk, "trained    model {} on {} labels; out of fold:", trained.version, trained.metrics.len())?;
    for m in &trained.metrics {
        let shown = |value: Option<f64>| value.map_or("-".to_owned(), |v| format!("{v:.3}"));
        writeln!(
            talk,
            "           {:<20} n {:>5}, violating {:>4}, average precision {}, ROC AUC {}, ECE {}",
            m.label,
            m.n,
            m.positives,
            shown(m.average_precision),
            shown(m.roc_auc),
            shown(m.ece)
        )?;
    }

    let night = NightRequest { empty: EmptyPolicy::Publish, gate_override: None };
    let results = in_thread_pool(&project, |project| nightly(project, request.as_of(), &night, stages))?;
    writeln!(talk, "scored     {} items as of {} (run {})", results.items_scored, results.as_of, results.run_id)?;
    let version = results.published.get("scores").copied().unwrap_or_default();
    writeln!(talk, "published  {}/scores, version {version}", project.config.output.path.display())?;
    writeln!(talk, "page       {}/index.html", project.config.report.path.display())?;
    writeln!(talk, "\nThe {SHOWN} items with the largest expected harm:")?;
    write_worst(&project.config.output.path, version, talk)?;
    let folder = out.display();
    writeln!(
        talk,
        "\nNext: stallmark queue --project {folder} | stallmark explain CONTENT_ID --project {folder} --as-of {}",
        results.as_of
    )?;
    Ok(())
}

/// The items with the largest expected harm of the published table, read back from it.
fn write_worst(output: &Path, version: u64, talk: &mut dyn Write) -> anyhow::Result<()> {
    let names = ["content_id", "content_type", "market", "expected_harm", "abuse", "band", "reasons"];
    let table = publish::read_columns(output, "scores", version, &names)?;
    let text = |name: &str, row: usize| match table.column(name) {
        Some(ColumnData::Text(values)) => values[row].clone().unwrap_or_default(),
        _ => String::new(),
    };
    let Some(ColumnData::F64(harm)) = table.column("expected_harm") else { return Ok(()) };
    let mut order: Vec<usize> = (0..harm.len()).filter(|row| harm[*row].is_some()).collect();
    order.sort_by(|a, b| harm[*b].partial_cmp(&harm[*a]).unwrap_or(std::cmp::Ordering::Equal).then(a.cmp(b)));
    for row in order.into_iter().take(SHOWN) {
        let abuse = match table.column("abuse") {
            Some(ColumnData::F32(values)) => values[row].map_or("-".to_owned(), |p| format!("{p:.2}")),
            _ => "-".to_owned(),
        };
        let reasons = match table.column("reasons") {
            Some(ColumnData::Reasons(values)) => {
                values[row].iter().map(|(code, logit)| format!("{code} {logit:+.2}")).collect::<Vec<_>>().join(", ")
            }
            _ => String::new(),
        };
        let (id, kind, market, band) =
            (text("content_id", row), text("content_type", row), text("market", row), text("band", row));
        let harm = harm[row].unwrap_or_default();
        writeln!(talk, "  {id:<12} {kind:<8} {market} harm {harm:>10.1} abuse {abuse} {band:<7} {reasons}")?;
    }
    Ok(())
}
