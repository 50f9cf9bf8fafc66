//! From which size on a difference is told.

/// The limits of the drift checks.
#[derive(Debug, Clone, Copy, PartialEq)]
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
