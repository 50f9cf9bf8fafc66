//! `[monitor]`: what is told of a night, and whether it may go out.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::checker::Checker;
use super::monitor_drift::{DriftLimits, RawDrift, drift};
use super::monitor_gate::{GateLimits, RawGate, gate};
use super::monitor_operations::{OperationsConfig, RawOperations, operations};
use super::monitor_prevalence::{PrevalenceConfig, RawPrevalence, prevalence};
use super::monitor_targets::{RawTarget, TargetConfig, targets};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMonitor {
    prevalence: RawPrevalence,
    drift: RawDrift,
    gate: RawGate,
    operations: RawOperations,
    targets: BTreeMap<String, RawTarget>,
}

/// What is told of a night, and whether it may go out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MonitorConfig {
    /// The share of views that go to violating content.
    pub prevalence: PrevalenceConfig,
    /// From which size on a difference between nights is told.
    pub drift: DriftLimits,
    /// What a night must keep to be published.
    pub gate: GateLimits,
    /// What the desk has agreed to.
    pub operations: OperationsConfig,
    /// Goals.
    pub targets: Vec<TargetConfig>,
}

/// Checks `[monitor]`.
pub(super) fn monitor(raw: &RawMonitor, checker: &Checker<'_>) -> Result<MonitorConfig, ConfigError> {
    Ok(MonitorConfig {
        prevalence: prevalence(&raw.prevalence, checker)?,
        drift: drift(&raw.drift, checker)?,
        gate: gate(&raw.gate, checker)?,
        operations: operations(&raw.operations, checker)?,
        targets: targets(&raw.targets, checker)?,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use crate::config::{Overlays, ProjectFile, load};

    #[test]
    fn ranges_are_proven() {
        let loaded = |text: &str| {
            let overlays = Overlays { environment: &BTreeMap::new(), sets: &[] };
            load(&ProjectFile { path: Path::new("stallmark.toml"), text: Some(text) }, &overlays, Path::new("/p"))
        };
        assert!(loaded("").is_ok());
        for (text, key) in [
            ("[monitor.drift]\npsi_alarm = 0.05", "monitor.drift.psi_alarm"),
            ("[monitor.drift]\nvolume_ratio = 1.0", "monitor.drift.volume_ratio"),
            ("[monitor.drift]\nmin_rows = 5", "monitor.drift.min_rows"),
            ("[monitor.drift]\nfalse_discovery_rate = 0.0", "monitor.drift.false_discovery_rate"),
            ("[monitor.gate]\nmax_churn = 1.5", "monitor.gate.max_churn"),
            ("[monitor.gate]\nmin_coverage = nan", "monitor.gate.min_coverage"),
            ("[monitor.gate]\nmax_missing_markets = -1", "monitor.gate.max_missing_markets"),
        ] {
            let error = loaded(text).unwrap_err().to_string();
            assert!(error.contains(&format!("`{key}`")), "{text}: {error}");
        }
    }
}
