//! `[evaluate]` and `[promote]`: how models are judged, and when one may replace another.

use schemars::JsonSchema;
use serde::Deserialize;

use super::ConfigError;
use super::checker::Checker;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEvaluate {
    pub(super) draws: i64,
    pub(super) seed: i64,
    pub(super) operating_points: Vec<String>,
    pub(super) min_slice_rows: i64,
    pub(super) false_discovery_rate: f64,
    pub(super) minutes_per_review: f64,
    pub(super) movers: i64,
}

/// How models are judged.
#[derive(Debug, Clone, PartialEq)]
pub struct EvaluateConfig {
    /// Resamples behind an interval; 0 for none, else 40 or more.
    pub draws: u32,
    /// Seed of the resamples.
    pub seed: u64,
    /// Operating points as text, for instance `maximum recall @ precision >= 0.95`; the first is the one that costs are given at.
    pub operating_points: Vec<String>,
    /// Rows that a slice needs.
    pub min_slice_rows: u64,
    /// Share of false ones among the slices that are found, above 0, below 1.
    pub false_discovery_rate: f64,
    /// Minutes of a review where decisions don't say.
    pub minutes_per_review: f64,
    /// Items shown that move most between two models.
    pub movers: usize,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPromote {
    pub(super) max_average_precision_loss: f64,
    pub(super) min_confidence: f64,
    pub(super) min_market_rows: i64,
    pub(super) min_of_each: i64,
    pub(super) max_ece_excess: f64,
    pub(super) max_churn: f64,
    pub(super) refuse_unjudged: bool,
}

/// When a model may become champion.
#[derive(Debug, Clone, PartialEq)]
pub struct PromoteConfig {
    /// By how much average precision may be lower than the champion's, on all rows of a label and on each of its markets.
    pub max_average_precision_loss: f64,
    /// The share of resamples in which the challenger must be worse for a loss to count; 0: the figure alone decides.
    pub min_confidence: f64,
    /// Rows of a label that a market needs to be judged.
    pub min_market_rows: u64,
    /// Violating and compliant rows that a label, and a market of it, needs to be judged, each.
    pub min_of_each: u64,
    /// Most calibration error beyond what chance explains.
    pub max_ece_excess: f64,
    /// Most of the items in scope that may change band.
    pub max_churn: f64,
    /// Whether what cannot be judged is refused.
    pub refuse_unjudged: bool,
}

/// Draws of an interval at most: an hour of work.
const MAX_DRAWS: i64 = 100_000;

pub(super) fn evaluate(raw: RawEvaluate, checker: &Checker<'_>) -> Result<EvaluateConfig, ConfigError> {
    if (1..40).contains(&raw.draws) {
        return Err(checker.refuse("evaluate.draws", "0 for no intervals, or 40 to 100000"));
    }
    if raw.operating_points.is_empty() {
        return Err(checker.refuse("evaluate.operating_points", "at least one, such as \"maximum recall @ precision >= 0.95\""));
    }
    let rate = raw.false_discovery_rate;
    if rate.is_nan() || rate <= 0.0 || rate >= 1.0 {
        return Err(checker.refuse("evaluate.false_discovery_rate", "a number above 0, below 1"));
    }
    Ok(EvaluateConfig {
        draws: checker.whole("evaluate.draws", raw.draws, 0..=MAX_DRAWS)?,
        seed: checker.whole("evaluate.seed", raw.seed, 0..=i64::MAX)?,
        operating_points: raw.operating_points,
        min_slice_rows: checker.whole("evaluate.min_slice_rows", raw.min_slice_rows, 20..=1_000_000)?,
        false_discovery_rate: rate,
        minutes_per_review: checker.number("evaluate.minutes_per_review", raw.minutes_per_review, 0.01..=1000.0)?,
        movers: checker.whole("evaluate.movers", raw.movers, 0..=1000)?,
    })
}

pub(super) fn promote(raw: &RawPromote, checker: &Checker<'_>) -> Result<PromoteConfig, ConfigError> {
    let share = |key: &str, value| checker.number(&format!("promote.{key}"), value, 0.0..=1.0);
    Ok(PromoteConfig {
        max_average_precision_loss: share("max_average_precision_loss", raw.max_average_precision_loss)?,
        min_confidence: share("min_confidence", raw.min_confidence)?,
        min_market_rows: checker.whole("promote.min_market_rows", raw.min_market_rows, 1..=1_000_000_000)?,
        min_of_each: checker.whole("promote.min_of_each", raw.min_of_each, 1..=1_000_000_000)?,
        max_ece_excess: share("max_ece_excess", raw.max_ece_excess)?,
        max_churn: share("max_churn", raw.max_churn)?,
        refuse_unjudged: raw.refuse_unjudged,
    })
}
