//! `[train.labels]` and `[feedback]`: how decisions become labels, and what is told of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::checker::Checker;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTrainLabels {
    pub(super) method: LabelMethod,
    pub(super) automatic_weight: f64,
    pub(super) window_days: i64,
    pub(super) min_overlap: i64,
    pub(super) min_anchored: i64,
    pub(super) prior_verdicts: f64,
}

/// How several verdicts become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LabelMethod {
    /// By how often each reviewer is right, where enough cases were seen by several; else the majority.
    DawidSkene,
    /// The majority of the votes.
    Majority,
}

/// How decisions become labels to learn from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TrainLabelsConfig {
    /// How several verdicts become one.
    pub method: LabelMethod,
    /// What a machine's verdict counts beside a person's, 0 to 1; 0 leaves it out.
    pub automatic_weight: f64,
    /// Verdicts of at most so many days after the first are about one case.
    pub window_days: u32,
    /// Cases that two reviewers saw, or whose truth is known, before reviewers' errors are estimated.
    pub min_overlap: u64,
    /// Of them, cases that three reviewers saw, or whose truth is known.
    pub min_anchored: u64,
    /// Pseudo-verdicts by which a reviewer is drawn to the others, 1 or more.
    pub prior_verdicts: f64,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFeedback {
    pub(super) min_shared: i64,
    pub(super) max_label_errors: i64,
    pub(super) next: i64,
    pub(super) next_per_market_label: i64,
}

/// What `feedback` tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedbackConfig {
    /// Cases that two reviewers must share for their agreement to be told.
    pub min_shared: u64,
    /// Verdicts to look at again that are listed at most.
    pub max_label_errors: usize,
    /// Items to label next that are listed at most.
    pub next: usize,
    /// Of them, at most so many of one market for one label.
    pub next_per_market_label: usize,
}

pub(super) fn train_labels(raw: &RawTrainLabels, checker: &Checker<'_>) -> Result<TrainLabelsConfig, ConfigError> {
    let key = |name: &str| format!("train.labels.{name}");
    Ok(TrainLabelsConfig {
        method: raw.method,
        automatic_weight: checker.number(&key("automatic_weight"), raw.automatic_weight, 0.0..=1.0)?,
        window_days: checker.whole(&key("window_days"), raw.window_days, 0..=365)?,
        min_overlap: checker.whole(&key("min_overlap"), raw.min_overlap, 1..=1_000_000_000)?,
        min_anchored: checker.whole(&key("min_anchored"), raw.min_anchored, 1..=1_000_000_000)?,
        prior_verdicts: checker.number(&key("prior_verdicts"), raw.prior_verdicts, 1.0..=1e6)?,
    })
}

pub(super) fn feedback(raw: &RawFeedback, checker: &Checker<'_>) -> Result<FeedbackConfig, ConfigError> {
    let rows = |name: &str, value| checker.whole(&format!("feedback.{name}"), value, 0..=1_000_000);
    Ok(FeedbackConfig {
        min_shared: checker.whole("feedback.min_shared", raw.min_shared, 1..=1_000_000_000)?,
        max_label_errors: rows("max_label_errors", raw.max_label_errors)?,
        next: rows("next", raw.next)?,
        next_per_market_label: rows("next_per_market_label", raw.next_per_market_label)?,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;
    use crate::config::{Config, Overlays, ProjectFile, load};

    fn loaded(text: &str) -> Result<Config, ConfigError> {
        let overlays = Overlays { environment: &BTreeMap::new(), sets: &[] };
        load(&ProjectFile { path: Path::new("stallmark.toml"), text: Some(text) }, &overlays, Path::new("/p"))
    }

    #[test]
    fn ranges_are_proven() {
        for (text, key) in [
            ("[train.labels]\nautomatic_weight = 1.5", "train.labels.automatic_weight"),
            ("[train.labels]\nprior_verdicts = 0.5", "train.labels.prior_verdicts"),
            ("[train.labels]\nwindow_days = -1", "train.labels.window_days"),
            ("[train.labels]\nmethod = \"mean\"", "train.labels.method"),
            ("[feedback]\nmin_shared = 0", "feedback.min_shared"),
            ("[feedback]\nnext = -1", "feedback.next"),
        ] {
            let error = loaded(text).unwrap_err().to_string();
            assert!(error.contains(key), "{text}: {error}");
        }
    }

    /// What decides a model decides a run; what is only told does not.
    #[test]
    fn labels_are_part_of_the_canonical_configuration() {
        let canonical = |text: &str| loaded(text).unwrap().canonical_json();
        assert_ne!(canonical("[train.labels]\nwindow_days = 0"), canonical("[train.labels]\nwindow_days = 1"));
        assert_eq!(canonical("[feedback]\nnext = 1"), canonical(""));
    }
}
