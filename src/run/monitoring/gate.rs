//! Whether tonight may go out: what the gate must know, gathered.

use std::collections::BTreeMap;
use std::path::Path;

use super::drift::DriftNight;
use crate::config::{GateLimits, PolicyMode, TableName};
use crate::dataset::TableCounts;
use crate::monitor::{Churn, Figure, GateInputs, GateReport, ModelVersions, Mover, PolicyShare, TableShare, judge_gate};
use crate::publish::{ColumnData, PublishedVersion, Table, read_published};
use crate::run::champion::Champion;
use crate::run::deciding::{NightRow, Verdicts};
use crate::run::merge::ShardRows;
use crate::run::project::Project;
use crate::scoring::ScoreRow;
use crate::units::{Day, Market};

/// What the gate judges of a night.
pub(in crate::run) struct GateNight<'a> {
    /// The midnight.
    pub day: Day,
    /// The model.
    pub champion: &'a Champion,
    /// The model of the last night.
    pub last_model: Option<&'a str>,
    /// The rows.
    pub scores: &'a ShardRows<NightRow>,
    /// What policies decide.
    pub verdicts: &'a Verdicts<'a>,
    /// Rows of the input.
    pub tables: &'a BTreeMap<TableName, TableCounts>,
    /// What the drift checks found.
    pub drift: &'a DriftNight,
    /// All other figures of tonight.
    pub figures: &'a [Figure],
}

/// Asks the gate.
///
/// # Errors
/// When the last night or tonight's rows cannot be read.
pub(in crate::run) fn ask_gate(project: &Project, night: &GateNight<'_>) -> anyhow::Result<GateReport> {
    let churn = churn(&project.config.output.path, night)?;
    let tables: Vec<TableShare> = night
        .tables
        .iter()
        .map(|(table, n)| TableShare { table: table.as_str(), rows: n.rows_in, rejected: n.rejected })
        .collect();
    let drift = night.drift;
    let inputs = GateInputs {
        tables: &tables,
        items: night.scores.n_rows(),
        items_before: &drift.baselines.items_before(&drift.profile),
        coverage: drift.profile.all().coverage(),
        drift: &drift.report,
        has_history: drift.baselines.has_history(),
        churn: churn.as_ref(),
        models: ModelVersions { tonight: &night.champion.version, last: night.last_model },
        policies: &policies(night.verdicts),
        figures: night.figures,
    };
    Ok(judge_gate(&inputs, &project.config.monitor.gate))
}

/// What becomes of a night.
pub(in crate::run) struct GateRuling {
    /// Whether nothing may be published.
    pub is_final: bool,
    /// Why it is published all the same.
    pub gate_override: Option<String>,
    /// What to tell.
    pub warning: Option<String>,
}

/// What the gate's word comes to under `limits`, with the `reason` that was given for going on, if any.
pub(in crate::run) fn rule(report: &GateReport, limits: &GateLimits, reason: Option<&str>) -> GateRuling {
    let shortfalls = report.shortfalls().join("; ");
    let told = |warning: String| {
        tracing::warn!("{warning}");
        Some(warning)
    };
    match (report.is_refused(), limits.enabled, reason) {
        (false, ..) => GateRuling { is_final: false, gate_override: None, warning: None },
        (true, false, _) => {
            let warning = told(format!("the gate would refuse the night, and monitor.gate.enabled is false: {shortfalls}"));
            GateRuling { is_final: false, gate_override: None, warning }
        }
        (true, true, Some(reason)) => {
            let warning = told(format!("published although the gate refused it ({reason}): {shortfalls}"));
            GateRuling { is_final: false, gate_override: Some(reason.to_owned()), warning }
        }
        (true, true, None) => GateRuling { is_final: true, gate_override: None, warning: None },
    }
}

/// What the policies that act do to their scope.
fn policies(verdicts: &Verdicts<'_>) -> Vec<PolicyShare> {
    let live = verdicts
        .set
        .policies
        .iter()
        .enumerate()
        .filter(|(at, policy)| policy.file.mode == PolicyMode::Live && verdicts.night.is_live(*at));
    let share = |(at, policy): (usize, &crate::policy::Policy)| {
        let counts = verdicts.tally.of(at);
        PolicyShare { id: policy.file.id.clone(), in_scope: counts.in_scope, acted: counts.acts }
    };
    live.map(share).collect()
}

/// Tonight's rows beside those of the last published night, both by market, then content; `None` without such a night. What stands in
/// `escalations` alone is left out.
fn churn(root: &Path, night: &GateNight<'_>) -> anyhow::Result<Option<Churn>> {
    let Some(published) = read_published(root)? else { return Ok(None) };
    let Some(scores) = published.tables.get(SCORES) else { return Ok(None) };
    let scores = PublishedVersion::open(root, SCORES, scores.version)?;
    let days = scores.partitions().into_iter().filter_map(|(day, _)| day).filter(|day| *day < night.day);
    let Some(last) = days.max().filter(|day| *day >= night.day.plus(-OLDEST)) else { return Ok(None) };
    let mut churn = Churn::default();
    let mut before: Option<LastNight<'_>> = None;
    for row in night.scores.merged()? {
        let mut row = row?;
        if night.verdicts.apply(&mut row).is_urgent {
            continue;
        }
        let market = row.score.market;
        if before.as_ref().is_none_or(|before| before.market != market) {
            before = Some(LastNight::open(&scores, last, market)?);
        }
        let Some(before) = &mut before else { continue };
        if let Some((abuse, band)) = before.find(&row.score)? {
            let score = row.score;
            churn.add(Mover {
                content_id: score.content_id,
                market,
                abuse: [abuse, score.abuse],
                band: [band, score.band],
                reasons: score.reasons.into_iter().map(|reason| reason.code).collect(),
            });
        }
    }
    Ok(Some(churn))
}

const SCORES: &str = "scores";
/// Days after which a night says nothing about tonight any more.
const OLDEST: i32 = 35;

/// One market of the last night, by content, one file in memory at a time.
struct LastNight<'a> {
    market: Market,
    files: Box<dyn Iterator<Item = Result<Table, crate::publish::PublishError>> + 'a>,
    rows: Table,
    at: usize,
}

impl<'a> LastNight<'a> {
    fn open(scores: &'a PublishedVersion, day: Day, market: Market) -> anyhow::Result<Self> {
        let files = scores.read_by_file(day, market, &["content_id", "abuse", "band"])?;
        Ok(Self { market, files: Box::new(files), rows: Table { columns: Vec::new() }, at: 0 })
    }

    /// Abuse and band of the item; rows are asked for in their order.
    fn find(&mut self, wanted: &ScoreRow) -> anyhow::Result<Option<(Option<f32>, String)>> {
        loop {
            if self.at >= self.rows.n_rows() {
                match self.files.next().transpose()? {
                    Some(rows) => (self.rows, self.at) = (rows, 0),
                    None => return Ok(None),
                }
                continue;
            }
            match self.text("content_id").cmp(&Some(wanted.content_id.as_str())) {
                std::cmp::Ordering::Less => self.at += 1,
                std::cmp::Ordering::Greater => return Ok(None),
                std::cmp::Ordering::Equal => {
                    let abuse = match self.rows.column("abuse") {
                        Some(ColumnData::F32(cells)) => cells.get(self.at).copied().flatten(),
                        _ => None,
                    };
                    return Ok(Some((abuse, self.text("band").unwrap_or_default().to_owned())));
                }
            }
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        match self.rows.column(name) {
            Some(ColumnData::Text(cells)) => cells.get(self.at)?.as_deref(),
            _ => None,
        }
    }
}
