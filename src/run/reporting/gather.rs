//! The published tables of a night, read into what the report is made of.

use std::path::Path;

use serde_json::Value;

use super::sellers::seller_moves;
use crate::files;
use crate::monitor::{Family, Figure, Segment, SellerMove, State, Unit};
use crate::publish::{ColumnData, PublishedManifest, PublishedVersion, Table};
use crate::report::{
    Disclosure, EscalationLine, GateLine, IdPolicy, PolicyLine, QueueCase, ReportInputs, RunFacts, RunStatus, SellerLine,
    SourceLine, StageLine, TeamLine,
};
use crate::run::monitoring::{NIGHTS, Past};
use crate::run::project::Project;
use crate::units::{Day, Market};

/// Cases of the queue that the report may show.
const MOST_CASES: usize = 50;
/// Escalations that the report may show.
const MOST_ESCALATIONS: usize = 1000;

/// What is published of the night of `day`.
///
/// # Errors
/// When a table cannot be read.
pub(super) fn gather(project: &Project, published: &PublishedManifest, day: Day) -> anyhow::Result<ReportInputs> {
    let root = &project.config.output.path;
    let mut past = Past::read(root, Day(day.0 - NIGHTS), day)?;
    let tonight = past.nights.remove(&day).unwrap_or_default();
    let night = PublishedNight { root, published, day };
    let run_id = night.first_text("scores", "run_id")?.unwrap_or_else(|| published.run_id.clone());
    let results = read_results(root, &run_id)?;
    let mut inputs = ReportInputs {
        run: run_facts(project, &results, &run_id, day),
        disclosure: disclosure(project),
        figures: tonight.figures,
        past: past.nights.into_iter().map(|(day, night)| (day, night.figures)).collect(),
        alarms: tonight.alarms,
        trends: tonight.trends,
        policies: Vec::new(),
        escalations: Vec::new(),
        teams: teams(&results),
        cases: Vec::new(),
        sellers: seller_moves(root, published, day)?.into_iter().map(seller_line).collect(),
    };
    inputs.figures.retain(is_for_a_page);
    inputs.past.values_mut().for_each(|night| night.retain(is_for_a_page));
    inputs.trends.sort_by(|a, b| b.rank_score.total_cmp(&a.rank_score));
    night.each("policy_hits", |market, rows| inputs.policies.extend(policy_lines(market, rows)))?;
    night.each("escalations", |market, rows| inputs.escalations.extend(escalation_lines(market, rows)))?;
    inputs.escalations.sort();
    inputs.escalations.truncate(MOST_ESCALATIONS);
    night.each("queue", |market, rows| inputs.cases.extend(queue_cases(market, rows)))?;
    let harm = |case: &QueueCase| case.expected_harm.unwrap_or_default();
    inputs.cases.sort_by(|a, b| harm(b).total_cmp(&harm(a)).then(a.market.cmp(&b.market)).then(a.rank.cmp(&b.rank)));
    inputs.cases.truncate(MOST_CASES);
    Ok(inputs)
}

fn seller_line(found: SellerMove) -> SellerLine {
    let (health, change) = (f64::from(found.change.health), f64::from(found.change.points()));
    SellerLine {
        seller_id: found.change.seller_id.to_string(),
        market: found.market,
        health,
        change,
        band: found.band,
        driver: found.driver,
        items: found.items,
    }
}

/// Whether the page shows a figure. What stands in the table of policies is not shown twice, and of what is estimated from scores alone only
/// the market as a whole: all of it is in `metrics`.
fn is_for_a_page(figure: &Figure) -> bool {
    let segment = &figure.segment;
    match figure.family {
        Family::Policy => figure.metric != "firing_rate" || segment.market.is_none(),
        Family::Prevalence if figure.method == "surrogate" => segment.label.is_none() && segment.content_type.is_none(),
        _ => true,
    }
}

/// One night of the published tables.
struct PublishedNight<'a> {
    root: &'a Path,
    published: &'a PublishedManifest,
    day: Day,
}

impl PublishedNight<'_> {
    fn open(&self, table: &str) -> anyhow::Result<Option<PublishedVersion>> {
        let version = self.published.tables.get(table).map(|of| of.version);
        Ok(version.map(|version| PublishedVersion::open(self.root, table, version)).transpose()?)
    }

    /// Calls `take` with the rows of each market.
    fn each(&self, table: &str, mut take: impl FnMut(Market, &Table)) -> anyhow::Result<()> {
        let Some(version) = self.open(table)? else { return Ok(()) };
        let names: Vec<&str> = version
            .columns()
            .iter()
            .filter(|(name, kind)| kind.is_some() && name != "as_of" && name != "market")
            .map(|(name, _)| name.as_str())
            .collect();
        for market in version.partitions().into_iter().filter(|(day, _)| *day == Some(self.day)).filter_map(|(_, market)| market)
        {
            take(market, &version.read(self.day, market, &names)?);
        }
        Ok(())
    }

    fn first_text(&self, table: &str, column: &str) -> anyhow::Result<Option<String>> {
        let Some(version) = self.open(table)? else { return Ok(None) };
        let market = version.partitions().into_iter().find_map(|(day, market)| market.filter(|_| day == Some(self.day)));
        Ok(market.map(|market| version.read_first_text(self.day, market, column)).transpose()?.flatten())
    }
}

/// What the run wrote of itself; null where that is gone.
fn read_results(root: &Path, run_id: &str) -> anyhow::Result<Value> {
    let path = root.join("_runs").join(run_id).join("run_results.json");
    if !files::exists(&path) {
        return Ok(Value::Null);
    }
    Ok(serde_json::from_str(&files::read_text(&path)?).unwrap_or_default())
}

/// What identifiers and small cells become.
pub(super) fn disclosure(project: &Project) -> Disclosure {
    let config = &project.config.report;
    let ids = match config.key.as_str() {
        "" => IdPolicy::Plain,
        key => IdPolicy::Keyed(blake3::derive_key("stallmark 2026 identifiers in reports", key.as_bytes())),
    };
    Disclosure { smallest_cell: config.smallest_cell, ids }
}

/// The facts of a run, from its `run_results.json`.
pub(super) fn run_facts(project: &Project, results: &Value, run_id: &str, day: Day) -> RunFacts {
    let text = |key: &str| results.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let overridden = results.get("override_reason").and_then(Value::as_str).map(str::to_owned);
    let (status, status_reason) = match (results.get("status").and_then(Value::as_str), overridden) {
        (_, Some(reason)) => (RunStatus::Overridden, Some(reason)),
        (Some("refused"), None) => (RunStatus::Refused, first_error(results)),
        (Some("failed"), None) => (RunStatus::Failed, first_error(results)),
        _ => (RunStatus::Published, None),
    };
    let lines = |key: &str| results.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    RunFacts {
        project: project.config.project.name.clone(),
        run_id: run_id.to_owned(),
        as_of: day,
        model_version: text("model_version"),
        policy_version: text("policy_version"),
        status,
        status_reason,
        items: results.get("items_scored").and_then(Value::as_u64).unwrap_or_default(),
        warnings: lines("warnings").iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        gate: results.get("gate").map(gate_lines).unwrap_or_default(),
        stages: lines("stages").iter().filter_map(stage_line).collect(),
        sources: sources(results),
    }
}

fn first_error(results: &Value) -> Option<String> {
    let causes: Vec<&str> = results.get("error")?.as_array()?.iter().filter_map(Value::as_str).collect();
    (!causes.is_empty()).then(|| causes.join(": "))
}

fn stage_line(stage: &Value) -> Option<StageLine> {
    Some(StageLine { name: stage.get("name")?.as_str()?.to_owned(), seconds: stage.get("seconds")?.as_f64()? })
}

fn sources(results: &Value) -> Vec<SourceLine> {
    let tables = results.get("tables").and_then(Value::as_object);
    let line = |(table, counts): (&String, &Value)| SourceLine {
        table: table.clone(),
        rows: counts.get("rows_in").and_then(Value::as_u64).unwrap_or_default(),
        rejects: counts.get("rejected").and_then(Value::as_u64).unwrap_or_default(),
    };
    tables.map(|tables| tables.iter().map(line).collect()).unwrap_or_default()
}

/// The checks of the gate, as `run_results.json` has them; the items that moved most go with `churn`.
fn gate_lines(gate: &Value) -> Vec<GateLine> {
    let list = |key: &str| gate.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut lines: Vec<GateLine> = list("checks").iter().filter_map(gate_line).collect();
    let movers: Vec<String> = list("movers").iter().filter_map(mover).collect();
    if let Some(churn) = lines.iter_mut().find(|line| line.name == "churn") {
        churn.movers = movers;
    }
    lines
}

/// An item that moved between two nights, in words.
fn mover(mover: &Value) -> Option<String> {
    let pair = |key: &str| Some((mover.get(key)?.get(0)?.clone(), mover.get(key)?.get(1)?.clone()));
    let p = |value: &Value| value.as_f64().map_or("none".to_owned(), |p| format!("{p:.2}"));
    let ((abuse, now), (band, band_now)) = (pair("abuse")?, pair("band")?);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let id = mover.get("content_id")?.as_str()?;
    Some(format!("{id}: abuse {} to {}, {} to {}", p(&abuse), p(&now), text(&band), text(&band_now)))
}

/// A check of the gate.
fn gate_line(check: &Value) -> Option<GateLine> {
    let text = |key: &str| check.get(key).and_then(Value::as_str).map(str::to_owned);
    Some(GateLine {
        name: text("name")?,
        segment: Segment { subject: text("subject"), ..Segment::default() },
        value: check.get("value").and_then(Value::as_f64),
        limit: check.get("limit").and_then(Value::as_f64),
        unit: if matches!(check.get("name").and_then(Value::as_str), Some("volume" | "score_drift")) {
            Unit::Number
        } else {
            Unit::Share
        },
        n: check.get("n").and_then(Value::as_u64).unwrap_or_default(),
        state: match check.get("state").and_then(Value::as_str) {
            Some("passed") => State::Within,
            Some("refused") => State::Refused,
            _ => State::Unknown,
        },
        reason: text("reason").unwrap_or_default(),
        movers: Vec::new(),
    })
}

fn teams(results: &Value) -> Vec<TeamLine> {
    let lines = results.get("queue").and_then(Value::as_array).cloned().unwrap_or_default();
    let line = |team: &Value| {
        let number = |key: &str| team.get(key).and_then(Value::as_f64).unwrap_or_default();
        Some(TeamLine {
            team: team.get("team")?.as_str()?.to_owned(),
            cases: team.get("rows").and_then(Value::as_u64).unwrap_or_default(),
            minutes: number("planned_minutes"),
            capacity: team.get("capacity_minutes").and_then(Value::as_f64),
            expected_harm: number("expected_harm"),
        })
    };
    lines.iter().filter_map(line).collect()
}

/// Cells of a table that was read.
struct Cells<'a>(&'a Table);

impl Cells<'_> {
    fn text(&self, name: &str, row: usize) -> Option<String> {
        match self.0.column(name) {
            Some(ColumnData::Text(cells)) => cells.get(row).cloned().flatten(),
            _ => None,
        }
    }

    fn number(&self, name: &str, row: usize) -> Option<f64> {
        match self.0.column(name)? {
            ColumnData::F64(cells) => cells.get(row).copied().flatten(),
            ColumnData::F32(cells) => cells.get(row).copied().flatten().map(f64::from),
            _ => None,
        }
    }

    fn count(&self, name: &str, row: usize) -> u64 {
        match self.0.column(name) {
            Some(ColumnData::I64(cells)) => {
                cells.get(row).copied().flatten().and_then(|n| u64::try_from(n).ok()).unwrap_or_default()
            }
            Some(ColumnData::I32(cells)) => {
                cells.get(row).copied().flatten().and_then(|n| u64::try_from(n).ok()).unwrap_or_default()
            }
            _ => 0,
        }
    }

    fn is(&self, name: &str, row: usize) -> bool {
        matches!(self.0.column(name), Some(ColumnData::Boolean(cells)) if cells.get(row).copied().flatten() == Some(true))
    }
}

fn policy_lines(market: Market, rows: &Table) -> Vec<PolicyLine> {
    let cells = Cells(rows);
    let line = |row: usize| PolicyLine {
        policy_id: cells.text("policy_id", row).unwrap_or_default(),
        owner: cells.text("owner", row).unwrap_or_default(),
        treatment: cells.text("treatment", row).unwrap_or_default(),
        standing: cells.text("standing", row).unwrap_or_default(),
        standing_reason: cells.text("standing_reason", row),
        market,
        in_scope: cells.count("in_scope", row),
        held: cells.count("held", row),
        acted: cells.count("acted", row),
        would_act: cells.count("would_act", row),
        held_back: cells.count("held_back", row),
        outside_rollout: cells.count("outside_rollout", row),
        excepted: cells.count("excepted", row),
        unknown: cells.count("unknown", row),
        alone: cells.count("alone", row),
    };
    (0..rows.n_rows()).map(line).collect()
}

fn escalation_lines(market: Market, rows: &Table) -> Vec<EscalationLine> {
    let cells = Cells(rows);
    let line = |row: usize| EscalationLine {
        market,
        is_urgent: cells.is("urgent", row),
        policy_id: cells.text("policy_id", row).unwrap_or_default(),
        owner: cells.text("owner", row).unwrap_or_default(),
        content_id: cells.text("content_id", row).unwrap_or_default(),
    };
    (0..rows.n_rows()).map(line).collect()
}

/// The first cases of a market's queue.
fn queue_cases(market: Market, rows: &Table) -> Vec<QueueCase> {
    let cells = Cells(rows);
    let case = |row: usize| QueueCase {
        rank: cells.count("rank", row),
        market,
        content_id: cells.text("content_id", row).unwrap_or_default(),
        seller_id: cells.text("seller_id", row),
        slice: cells.text("slice", row).unwrap_or_default(),
        leading_label: cells.text("leading_label", row),
        leading_p: cells.number("leading_p", row),
        expected_harm: cells.number("expected_harm", row),
        cluster_size: cells.count("cluster_size", row).max(1),
        why: cells.text("why", row).unwrap_or_default(),
        page: None,
    };
    (0..rows.n_rows().min(MOST_CASES)).map(case).collect()
}
