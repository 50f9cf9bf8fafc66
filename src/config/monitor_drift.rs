//! `[monitor.drift]`: from which size on a difference between nights is told.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::checker::Checker;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDrift {
    psi_warn: f64,
    psi_alarm: f64,
    null_rate_change: f64,
    volume_ratio: f64,
    price_ratio: f64,
    new_value_share: f64,
    min_rows: i64,
    training_share: f64,
    false_discovery_rate: f64,
    movers: i64,
}

/// The limits of the drift checks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DriftLimits {
    /// PSI from which on a column is listed.
    pub psi_warn: f64,
    /// PSI from which on a column is a finding.
    pub psi_alarm: f64,
    /// Change of a null rate, in either direction, from which on it is a finding.
    pub null_rate_change: f64,
    /// A volume below so many times that of nights before, or above its inverse, is a finding.
    pub volume_ratio: f64,
    /// Times by which a market's median price in a currency must change to be a finding.
    pub price_ratio: f64,
    /// Share of a market's items at which a value that was not there before is a finding.
    pub new_value_share: f64,
    /// Rows that either side needs to be judged.
    pub min_rows: u64,
    /// Share of the columns beyond `psi_alarm` against the training rows at which the model is said to be out of place.
    pub training_share: f64,
    /// Share of false ones to be expected among the findings.
    pub false_discovery_rate: f64,
    /// Columns listed for each thing that they are compared with, besides findings.
    pub movers: usize,
}

/// Checks `[monitor.drift]`.
pub(super) fn drift(raw: &RawDrift, checker: &Checker<'_>) -> Result<DriftLimits, ConfigError> {
    let key = |name: &str| format!("monitor.drift.{name}");
    let number = |name: &str, value, range| checker.number(&key(name), value, range);
    Ok(DriftLimits {
        psi_warn: number("psi_warn", raw.psi_warn, 0.0..=100.0)?,
        psi_alarm: number("psi_alarm", raw.psi_alarm, raw.psi_warn.max(0.0)..=100.0)?,
        null_rate_change: number("null_rate_change", raw.null_rate_change, 0.0..=1.0)?,
        volume_ratio: number("volume_ratio", raw.volume_ratio, 0.01..=0.99)?,
        price_ratio: number("price_ratio", raw.price_ratio, 1.1..=1_000_000.0)?,
        new_value_share: number("new_value_share", raw.new_value_share, 0.0001..=1.0)?,
        min_rows: checker.whole(&key("min_rows"), raw.min_rows, 20..=1_000_000_000)?,
        training_share: number("training_share", raw.training_share, 0.0..=1.0)?,
        false_discovery_rate: number("false_discovery_rate", raw.false_discovery_rate, 1e-9..=0.5)?,
        movers: checker.whole(&key("movers"), raw.movers, 0..=1000)?,
    })
}
