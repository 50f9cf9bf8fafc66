//! The questions of the gate, one function each.

use super::churn::Churn;
use super::{GateCheck, GateReport, GateState};
use crate::config::GateLimits;
use crate::monitor::drift::{DriftReport, ModelVersions};
use crate::monitor::{Family, Figure};
use crate::units::{Id, Market};

/// Rows of an input table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableShare {
    /// The table.
    pub table: &'static str,
    /// Rows read.
    pub rows: u64,
    /// Of these, those set aside.
    pub rejected: u64,
}

/// What a live policy did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyShare {
    /// The policy.
    pub id: Id,
    /// Items of its markets, content types and days.
    pub in_scope: u64,
    /// Of these, those that it acts on.
    pub acted: u64,
}

/// What the gate judges by.
#[derive(Debug, Clone)]
pub struct GateInputs<'a> {
    /// The input tables.
    pub tables: &'a [TableShare],
    /// Items of the night.
    pub items: u64,
    /// Median of the items of the last nights, by market; `None` for all markets. Empty without a night before.
    pub items_before: &'a [(Option<Market>, u64, u64)],
    /// Mean coverage of the items.
    pub coverage: Option<f64>,
    /// What the drift checks found.
    pub drift: &'a DriftReport,
    /// Whether there is a night before.
    pub has_history: bool,
    /// Items of both nights; `None` without a night before.
    pub churn: Option<&'a Churn>,
    /// The models.
    pub models: ModelVersions<'a>,
    /// The live policies.
    pub policies: &'a [PolicyShare],
    /// Figures of tonight: those of [`Family::Calibration`] with the metric `calibration_gap` are judged.
    pub figures: &'a [Figure],
}

/// Asks every question. What cannot be judged does not refuse.
#[must_use]
pub fn judge_gate(inputs: &GateInputs<'_>, limits: &GateLimits) -> GateReport {
    let mut checks = rejects(inputs, limits);
    checks.extend(volumes(inputs, limits));
    checks.push(missing_markets(inputs, limits));
    checks.push(coverage(inputs, limits));
    checks.push(gone_null(inputs, limits));
    checks.push(score_drift(inputs, limits));
    checks.push(drift_share(inputs, limits));
    checks.push(churn(inputs, limits));
    checks.extend(calibration(inputs, limits));
    checks.extend(firing_rates(inputs, limits));
    checks.sort_by_key(|check| u8::from(check.state != GateState::Refused));
    let movers = inputs.churn.map_or(Vec::new(), |churn| churn.movers.clone());
    GateReport { checks, movers }
}

impl GateCheck {
    fn unknown(name: &'static str, limit: f64, n: u64, why: &str) -> Self {
        let reason = format!("{}: not judged: {why}", name.replace('_', " "));
        Self { name, subject: None, value: None, limit, n, state: GateState::Unknown, reason, market: None }
    }

    fn judged(name: &'static str, value: f64, limit: f64, n: u64, is_within: bool, reason: String) -> Self {
        let state = if is_within { GateState::Passed } else { GateState::Refused };
        Self { name, subject: None, value: Some(value), limit, n, state, reason, market: None }
    }

    fn of(self, subject: &str) -> Self {
        Self { subject: Some(subject.to_owned()), ..self }
    }
}

const NO_HISTORY: &str = "no_history, there is no night before";

fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

fn rejects(inputs: &GateInputs<'_>, limits: &GateLimits) -> Vec<GateCheck> {
    let limit = limits.max_reject_share;
    let check = |table: &TableShare| {
        if table.rows < limits.min_rows {
            let why = format!("{} rows, fewer than {}", table.rows, limits.min_rows);
            return GateCheck::unknown("rejects", limit, table.rows, &why).of(table.table);
        }
        let share = table.rejected as f64 / table.rows as f64;
        let reason = format!(
            "rejects: {} of the {} rows of {} ({}) were set aside; at most {} may be",
            table.rejected,
            table.rows,
            table.table,
            percent(share),
            percent(limit)
        );
        GateCheck::judged("rejects", share, limit, table.rows, share <= limit, reason).of(table.table)
    };
    inputs.tables.iter().filter(|table| table.rows > 0).map(check).collect()
}

fn volumes(inputs: &GateInputs<'_>, limits: &GateLimits) -> Vec<GateCheck> {
    let limit = limits.min_volume_ratio;
    if inputs.items_before.is_empty() {
        return vec![GateCheck::unknown("volume", limit, inputs.items, NO_HISTORY)];
    }
    let check = |(market, before, now): &(Option<Market>, u64, u64)| {
        let place = market.map_or("all markets".to_owned(), |market| market.to_string());
        let check = if *before < limits.min_rows {
            let why = format!("{before} items before, fewer than {}", limits.min_rows);
            GateCheck::unknown("volume", limit, *now, &why)
        } else {
            let ratio = *now as f64 / *before as f64;
            let reason = format!(
                "volume: {now} items in {place}, {:.2} times the {before} of the median of the last nights; at least {limit:.2} times are needed",
                ratio
            );
            GateCheck::judged("volume", ratio, limit, *now, ratio >= limit, reason)
        };
        GateCheck { market: *market, ..check.of(&place) }
    };
    inputs.items_before.iter().map(check).collect()
}

fn missing_markets(inputs: &GateInputs<'_>, limits: &GateLimits) -> GateCheck {
    let limit = limits.max_missing_markets as f64;
    if !inputs.has_history {
        return GateCheck::unknown("missing_market", limit, inputs.items, NO_HISTORY);
    }
    let missing = &inputs.drift.missing_markets;
    let named: Vec<String> = missing.iter().map(|(market, items)| format!("{market} ({items} items a night before)")).collect();
    let named = if named.is_empty() { "none".to_owned() } else { named.join(", ") };
    let reason = format!("missing market: {named}; at most {limit} may be missing");
    let n = inputs.items;
    GateCheck::judged("missing_market", missing.len() as f64, limit, n, missing.len() as f64 <= limit, reason)
}

fn coverage(inputs: &GateInputs<'_>, limits: &GateLimits) -> GateCheck {
    let limit = limits.min_coverage;
    let Some(coverage) = inputs.coverage else { return GateCheck::unknown("coverage", limit, 0, "no items") };
    let reason =
        format!("coverage: {} of the features are there in the mean; at least {} must be", percent(coverage), percent(limit));
    GateCheck::judged("coverage", coverage, limit, inputs.items, coverage >= limit, reason)
}

fn gone_null(inputs: &GateInputs<'_>, limits: &GateLimits) -> GateCheck {
    let limit = limits.max_gone_null_share;
    let (gone, compared) = (&inputs.drift.gone_null, inputs.drift.columns_compared + inputs.drift.gone_null.len() as u64);
    if compared == 0 {
        return GateCheck::unknown("gone_null", limit, inputs.items, NO_HISTORY);
    }
    let share = gone.len() as f64 / compared as f64;
    let names: Vec<&str> = gone.iter().take(NAMED).map(|(name, _)| name.as_str()).collect();
    let more = if gone.len() > NAMED { format!(" and {} more", gone.len() - NAMED) } else { String::new() };
    let names = if names.is_empty() { String::new() } else { format!(" ({}{more})", names.join(", ")) };
    let reason =
        format!("gone null: {} of {compared} columns{names} have no value tonight; at most {} may", gone.len(), percent(limit));
    GateCheck::judged("gone_null", share, limit, inputs.items, share <= limit, reason)
}

/// Names told in one sentence.
const NAMED: usize = 5;

fn score_drift(inputs: &GateInputs<'_>, limits: &GateLimits) -> GateCheck {
    let limit = limits.max_score_psi;
    if !inputs.has_history {
        return GateCheck::unknown("score_drift", limit, inputs.items, NO_HISTORY);
    }
    if is_other_model(inputs.models) {
        return GateCheck::unknown("score_drift", limit, inputs.items, "another model scored the last night; churn is judged");
    }
    let Some((score, psi, n)) = &inputs.drift.score_moved else {
        return GateCheck::unknown("score_drift", limit, inputs.items, "no score could be compared");
    };
    let reason = format!("score drift: {score} moved by a PSI of {psi:.3} from the nights before, on {n} items; at most {limit}");
    GateCheck::judged("score_drift", *psi, limit, *n, *psi <= limit, reason).of(score)
}

fn drift_share(inputs: &GateInputs<'_>, limits: &GateLimits) -> GateCheck {
    let (limit, compared, moved) = (limits.max_drift_share, inputs.drift.columns_compared, inputs.drift.columns_moved);
    if compared == 0 {
        return GateCheck::unknown("drift_share", limit, inputs.items, NO_HISTORY);
    }
    let share = moved as f64 / compared as f64;
    let reason =
        format!("drift share: {moved} of {compared} columns have drifted ({}); at most {} may", percent(share), percent(limit));
    GateCheck::judged("drift_share", share, limit, inputs.items, share <= limit, reason)
}

fn is_other_model(models: ModelVersions<'_>) -> bool {
    models.last.is_some_and(|last| last != models.tonight)
}

fn churn(inputs: &GateInputs<'_>, limits: &GateLimits) -> GateCheck {
    let is_other = is_other_model(inputs.models);
    let limit = if is_other { limits.max_churn_new_model } else { limits.max_churn };
    let Some(churn) = inputs.churn else { return GateCheck::unknown("churn", limit, inputs.items, NO_HISTORY) };
    let (items, changed) = churn.total();
    if items < limits.min_rows {
        return GateCheck::unknown(
            "churn",
            limit,
            items,
            &format!("{items} items of both nights, fewer than {}", limits.min_rows),
        );
    }
    let share = changed as f64 / items as f64;
    let model = match (is_other, inputs.models.last) {
        (true, Some(last)) => format!("model {last} gave way to {}: ", inputs.models.tonight),
        _ => String::new(),
    };
    let reason = format!(
        "churn: {model}{changed} of the {items} items of both nights ({}) change band; at most {} may",
        percent(share),
        percent(limit)
    );
    GateCheck::judged("churn", share, limit, items, share <= limit, reason)
}

/// The gap of each label; where it has an interval, all of it must lie beyond the limit.
fn calibration(inputs: &GateInputs<'_>, limits: &GateLimits) -> Vec<GateCheck> {
    let limit = limits.max_calibration_gap;
    let is_gap = |figure: &&Figure| figure.family == Family::Calibration && figure.metric == "calibration_gap";
    let check = |figure: &Figure| {
        let gap = figure.value?;
        let label = figure.segment.label.as_ref().map_or("all labels".to_owned(), ToString::to_string);
        let surely = figure.interval.is_none_or(|range| range.low > limit || range.high < -limit);
        let is_within = gap.abs() <= limit || !surely;
        let place = figure.segment.market.map_or(String::new(), |market| format!(" in {market}"));
        let reason = format!(
            "calibration: p_{label}{place} is {gap:+.3} away from what {} fresh decisions say; at most {limit}",
            figure.n
        );
        let check = GateCheck::judged("calibration", gap, limit, figure.n, is_within, reason).of(&label);
        Some(GateCheck { market: figure.segment.market, ..check })
    };
    inputs.figures.iter().filter(is_gap).filter_map(check).collect()
}

fn firing_rates(inputs: &GateInputs<'_>, limits: &GateLimits) -> Vec<GateCheck> {
    let limit = limits.max_actioned_share;
    let check = |policy: &PolicyShare| {
        if policy.in_scope < limits.min_rows {
            let why = format!("{} items in scope, fewer than {}", policy.in_scope, limits.min_rows);
            return GateCheck::unknown("firing_rate", limit, policy.in_scope, &why).of(&policy.id);
        }
        let share = policy.acted as f64 / policy.in_scope as f64;
        let reason = format!(
            "firing rate: policy `{}` acts on {} of {} items in its scope ({}); at most {}",
            policy.id,
            policy.acted,
            policy.in_scope,
            percent(share),
            percent(limit)
        );
        GateCheck::judged("firing_rate", share, limit, policy.in_scope, share <= limit, reason).of(&policy.id)
    };
    inputs.policies.iter().map(check).collect()
}
