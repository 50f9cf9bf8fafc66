//! `[monitor.operations]`: what the desk has agreed to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::checker::Checker;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOperations {
    agreed_hours: f64,
}

/// What the desk has agreed to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct OperationsConfig {
    /// Hours within which a report is to be answered.
    pub agreed_hours: f64,
}

pub(super) fn operations(raw: &RawOperations, checker: &Checker<'_>) -> Result<OperationsConfig, ConfigError> {
    Ok(OperationsConfig { agreed_hours: checker.number("monitor.operations.agreed_hours", raw.agreed_hours, 0.1..=10_000.0)? })
}
