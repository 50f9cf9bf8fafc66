//! `[features.history]`: how strikes age, how far reporters are trusted, and when after-sales outcomes count.
//!
//! Raw and checked. Deliberately not here: what is counted with these numbers (`features::history`), and the severities of
//! labels, which stand under `[labels]`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::checker::Checker;
use crate::units::{Id, Severity};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHistory {
    strike_half_life_days: f64,
    strike_expires_days: i64,
    count_automatic: bool,
    unknown_label_severity: i64,
    bad_reporter_weight: f64,
    burst_free_weight: f64,
    after_sales_maturity_days: i64,
    label_expires_days: BTreeMap<String, i64>,
    overturn_prior: RawPrior,
    takedown_prior: RawPrior,
    reporter_prior: RawPrior,
    after_sales_prior: RawAfterSalesPrior,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawPrior {
    mean: f64,
    strength: f64,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawAfterSalesPrior {
    refunds: f64,
    returns: f64,
    not_as_described: f64,
    low_ratings: f64,
    strength: f64,
}

/// How strikes age, how far reporters are trusted, and when after-sales outcomes count.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HistoryConfig {
    /// Days after which a strike weighs half, above 0.
    pub strike_half_life_days: f64,
    /// Days after which a strike of a label that `label_expires_days` does not name expires.
    pub strike_expires_days: u32,
    /// Label → days after which its strikes expire.
    pub label_expires_days: BTreeMap<Id, u32>,
    /// Whether automatic decisions give strikes.
    pub count_automatic: bool,
    /// Severity of a decided label that is declared nowhere.
    pub unknown_label_severity: Severity,
    /// A reporter of less weight than this has a bad record, in [0, 1].
    pub bad_reporter_weight: f64,
    /// Weight of the reporters of one burst up to which it counts in full, at least 1.
    pub burst_free_weight: f64,
    /// Days until the after-sales outcomes of an order are in.
    pub after_sales_maturity_days: u32,
    /// Share of decisions that are overturned.
    pub overturn_prior: ShrinkConfig,
    /// Share of a seller's items that are treated.
    pub takedown_prior: ShrinkConfig,
    /// Share of a reporter's reports that are upheld.
    pub reporter_prior: ShrinkConfig,
    /// Events per order: refunds, returns, complaints that goods are not as described, low ratings.
    pub after_sales_prior: [ShrinkConfig; 4],
}

/// What a rate is shrunk to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ShrinkConfig {
    /// The rate before any data, in (0, 1).
    pub mean: f64,
    /// The number of chances that it counts as, above 0.
    pub strength: f64,
}

/// Checks `[features.history]`.
pub(super) fn check(raw: &RawHistory, checker: &Checker<'_>) -> Result<HistoryConfig, ConfigError> {
    let key = |name: &str| format!("features.history.{name}");
    let days = |name: &str, value, least| checker.whole(&key(name), value, least..=3650);
    let prior = |name: &str, raw: &RawPrior| {
        let (mean, strength) = (format!("{name}.mean"), format!("{name}.strength"));
        Ok::<_, ConfigError>(ShrinkConfig {
            mean: rate(&mean, raw.mean, checker)?,
            strength: chances(&strength, raw.strength, checker)?,
        })
    };
    Ok(HistoryConfig {
        strike_half_life_days: checker.number(&key("strike_half_life_days"), raw.strike_half_life_days, 1.0..=3650.0)?,
        strike_expires_days: days("strike_expires_days", raw.strike_expires_days, 1)?,
        label_expires_days: label_expires_days(&raw.label_expires_days, checker)?,
        count_automatic: raw.count_automatic,
        unknown_label_severity: Severity::new(raw.unknown_label_severity)
            .map_err(|_| checker.refuse(&key("unknown_label_severity"), "a severity from 1 to 5"))?,
        bad_reporter_weight: checker.number(&key("bad_reporter_weight"), raw.bad_reporter_weight, 0.0..=1.0)?,
        burst_free_weight: checker.number(&key("burst_free_weight"), raw.burst_free_weight, 1.0..=1e6)?,
        after_sales_maturity_days: days("after_sales_maturity_days", raw.after_sales_maturity_days, 0)?,
        overturn_prior: prior("overturn_prior", &raw.overturn_prior)?,
        takedown_prior: prior("takedown_prior", &raw.takedown_prior)?,
        reporter_prior: prior("reporter_prior", &raw.reporter_prior)?,
        after_sales_prior: after_sales_prior(&raw.after_sales_prior, checker)?,
    })
}

fn label_expires_days(raw: &BTreeMap<String, i64>, checker: &Checker<'_>) -> Result<BTreeMap<Id, u32>, ConfigError> {
    let checked = raw.iter().map(|(label, days)| {
        let key = format!("features.history.label_expires_days.{label}");
        if label.contains(['.', '[']) || checker.root.find(&format!("labels.{label}")).is_none() {
            return Err(checker.refuse(&key, "a label as its key that [labels] declares"));
        }
        Ok((Id::from(label.as_str()), checker.whole(&key, *days, 1..=3650)?))
    });
    checked.collect()
}

fn after_sales_prior(raw: &RawAfterSalesPrior, checker: &Checker<'_>) -> Result<[ShrinkConfig; 4], ConfigError> {
    let strength = chances("after_sales_prior.strength", raw.strength, checker)?;
    let prior = |name: &str, mean| {
        Ok::<_, ConfigError>(ShrinkConfig { mean: rate(&format!("after_sales_prior.{name}"), mean, checker)?, strength })
    };
    Ok([
        prior("refunds", raw.refunds)?,
        prior("returns", raw.returns)?,
        prior("not_as_described", raw.not_as_described)?,
        prior("low_ratings", raw.low_ratings)?,
    ])
}

fn rate(name: &str, value: f64, checker: &Checker<'_>) -> Result<f64, ConfigError> {
    checker.number(&format!("features.history.{name}"), value, 0.0001..=0.9999)
}

fn chances(name: &str, value: f64, checker: &Checker<'_>) -> Result<f64, ConfigError> {
    checker.number(&format!("features.history.{name}"), value, 0.1..=1_000_000.0)
}
