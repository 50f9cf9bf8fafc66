//! `[monitor]`: one section a part.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::checker::Checker;
use super::monitor_prevalence::{PrevalenceConfig, RawPrevalence, prevalence};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMonitor {
    prevalence: RawPrevalence,
}

/// What the run measures of itself and of the marketplace.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MonitorConfig {
    /// The share of views that go to violating content.
    pub prevalence: PrevalenceConfig,
}

/// Checks `[monitor]`.
pub(super) fn monitor(raw: &RawMonitor, checker: &Checker<'_>) -> Result<MonitorConfig, ConfigError> {
    Ok(MonitorConfig { prevalence: prevalence(&raw.prevalence, checker)? })
}
