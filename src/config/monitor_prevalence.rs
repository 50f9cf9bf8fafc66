//! `[monitor.prevalence]`: what a rate of violating views needs to be told.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::checker::Checker;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPrevalence {
    min_labelled: i64,
    min_positives: i64,
    min_golden: i64,
}

/// What a rate of violating views needs to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PrevalenceConfig {
    /// Labelled items without which a part has no rate of its own; at least 10.
    pub min_labelled: u64,
    /// Violating items below which draws of 28 days count; at least 1.
    pub min_positives: u64,
    /// Golden cases of either kind without which nothing is corrected for reviewers' errors; at least 10.
    pub min_golden: u64,
}

/// Checks `[monitor.prevalence]`.
pub(super) fn prevalence(raw: &RawPrevalence, checker: &Checker<'_>) -> Result<PrevalenceConfig, ConfigError> {
    let whole = |name: &str, value, least| checker.whole(&format!("monitor.prevalence.{name}"), value, least..=1_000_000);
    Ok(PrevalenceConfig {
        min_labelled: whole("min_labelled", raw.min_labelled, 10)?,
        min_positives: whole("min_positives", raw.min_positives, 1)?,
        min_golden: whole("min_golden", raw.min_golden, 10)?,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use crate::config::{Overlays, ProjectFile, load};

    #[test]
    fn ranges_are_proven() {
        let overlays = Overlays { environment: &BTreeMap::new(), sets: &[] };
        for text in ["min_labelled = 9", "min_positives = 0", "min_golden = 1000001"] {
            let text = format!("[monitor.prevalence]\n{text}");
            let project = ProjectFile { path: Path::new("stallmark.toml"), text: Some(&text) };
            let error = load(&project, &overlays, Path::new("/p")).unwrap_err().to_string();
            assert!(error.contains("stallmark.toml:2") && error.contains("`monitor.prevalence.min_"), "{text}: {error}");
        }
    }
}
