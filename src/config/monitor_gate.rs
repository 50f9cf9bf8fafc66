//! `[monitor.gate]`: what a night must keep to be published.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::checker::Checker;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawGate {
    enabled: bool,
    max_reject_share: f64,
    min_rows: i64,
    min_volume_ratio: f64,
    min_coverage: f64,
    max_gone_null_share: f64,
    max_score_psi: f64,
    max_drift_share: f64,
    max_churn: f64,
    max_churn_new_model: f64,
    max_calibration_gap: f64,
    max_actioned_share: f64,
    max_missing_markets: i64,
}

/// The limits of the gate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct GateLimits {
    /// Whether a refusal stops the night; else it is only told.
    pub enabled: bool,
    /// Most of a table's rows that may be rejected.
    pub max_reject_share: f64,
    /// Rows of a table, and items of the night, that a share is judged by.
    pub min_rows: u64,
    /// Least times the items of the median of the last nights.
    pub min_volume_ratio: f64,
    /// Least mean share of the features that are there.
    pub min_coverage: f64,
    /// Most of the columns that may have gone null since the nights before.
    pub max_gone_null_share: f64,
    /// Largest PSI of a score against nights before, under the same model.
    pub max_score_psi: f64,
    /// Most of the columns that may have drifted.
    pub max_drift_share: f64,
    /// Most of the items of both nights that may change band, under the same model.
    pub max_churn: f64,
    /// The same on the first night of another model.
    pub max_churn_new_model: f64,
    /// Largest calibration gap of a label on fresh decisions.
    pub max_calibration_gap: f64,
    /// Most of the items in scope of a live policy that it may act on.
    pub max_actioned_share: f64,
    /// Markets of nights before that may be missing.
    pub max_missing_markets: u64,
}

/// Checks `[monitor.gate]`.
pub(super) fn gate(raw: &RawGate, checker: &Checker<'_>) -> Result<GateLimits, ConfigError> {
    let key = |name: &str| format!("monitor.gate.{name}");
    let share = |name: &str, value| checker.number(&key(name), value, 0.0..=1.0);
    Ok(GateLimits {
        enabled: raw.enabled,
        max_reject_share: share("max_reject_share", raw.max_reject_share)?,
        min_rows: checker.whole(&key("min_rows"), raw.min_rows, 1..=1_000_000_000)?,
        min_volume_ratio: share("min_volume_ratio", raw.min_volume_ratio)?,
        min_coverage: share("min_coverage", raw.min_coverage)?,
        max_gone_null_share: share("max_gone_null_share", raw.max_gone_null_share)?,
        max_score_psi: checker.number(&key("max_score_psi"), raw.max_score_psi, 0.0..=100.0)?,
        max_drift_share: share("max_drift_share", raw.max_drift_share)?,
        max_churn: share("max_churn", raw.max_churn)?,
        max_churn_new_model: share("max_churn_new_model", raw.max_churn_new_model)?,
        max_calibration_gap: share("max_calibration_gap", raw.max_calibration_gap)?,
        max_actioned_share: share("max_actioned_share", raw.max_actioned_share)?,
        max_missing_markets: checker.whole(&key("max_missing_markets"), raw.max_missing_markets, 0..=1000)?,
    })
}
