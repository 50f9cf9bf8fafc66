//! The limits of the gate.

/// The limits of the gate.
#[derive(Debug, Clone, Copy, PartialEq)]
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
