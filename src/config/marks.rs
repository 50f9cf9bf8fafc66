//! `[marks]`: how a seller's decisions become rates, points and health.
//!
//! Raw and checked. Deliberately not here: how long strikes last and what gives one, which stand under `[features.history]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::checker::Checker;
use super::history::ShrinkConfig;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMarks {
    rate_days: i64,
    min_sellers: i64,
    max_prior_strength: f64,
    points: Vec<i64>,
    health_per_point: f64,
    health_per_rate: Vec<f64>,
    min_decided: i64,
    prior: RawMarksPrior,
    bands: RawHealthBands,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawMarksPrior {
    mean: f64,
    strength: f64,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawHealthBands {
    healthy: i64,
    at_risk: i64,
    weak: i64,
}

/// How a seller's decisions become rates, points and health.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MarksConfig {
    /// Decisions of the last so many days make rates.
    pub rate_days: u32,
    /// Sellers with a decided item that a tier needs before a prior is fitted to it.
    pub min_sellers: u64,
    /// Most items that a fitted prior counts as.
    pub max_prior_strength: f64,
    /// Points of a strike by severity, from 1 to 5.
    pub points: [u32; 5],
    /// Health that a point costs.
    pub health_per_point: f64,
    /// Health that an established excess rate of 1 costs, by severity, from 1 to 5.
    pub health_per_rate: [f64; 5],
    /// Decided items without which a seller is not called healthy.
    pub min_decided: u64,
    /// The share of decided items found violating before any data.
    pub prior: ShrinkConfig,
    /// Least health of the bands healthy, at_risk and weak.
    pub bands: [u32; 3],
}

/// Checks `[marks]`.
pub(super) fn marks(raw: &RawMarks, checker: &Checker<'_>) -> Result<MarksConfig, ConfigError> {
    let key = |name: &str| format!("marks.{name}");
    let whole = |name: &str, value, range| checker.whole(&key(name), value, range);
    let number = |name: &str, value, range| checker.number(&key(name), value, range);
    Ok(MarksConfig {
        rate_days: checker.whole(&key("rate_days"), raw.rate_days, 1..=3650)?,
        min_sellers: checker.whole(&key("min_sellers"), raw.min_sellers, 2..=1_000_000)?,
        max_prior_strength: number("max_prior_strength", raw.max_prior_strength, 1.0..=100_000.0)?,
        points: points(&raw.points, checker)?,
        health_per_point: number("health_per_point", raw.health_per_point, 0.0..=1000.0)?,
        health_per_rate: health_per_rate(&raw.health_per_rate, checker)?,
        min_decided: checker.whole(&key("min_decided"), raw.min_decided, 0..=1_000_000)?,
        prior: ShrinkConfig {
            mean: number("prior.mean", raw.prior.mean, 0.0001..=0.9999)?,
            strength: number("prior.strength", raw.prior.strength, 0.1..=100_000.0)?,
        },
        bands: [
            whole("bands.healthy", raw.bands.healthy, raw.bands.at_risk..=1000)?,
            whole("bands.at_risk", raw.bands.at_risk, raw.bands.weak..=1000)?,
            whole("bands.weak", raw.bands.weak, 0..=1000)?,
        ],
    })
}

/// A graver violation never costs less.
fn points(raw: &[i64], checker: &Checker<'_>) -> Result<[u32; 5], ConfigError> {
    let in_range: Vec<u32> = raw.iter().filter_map(|p| u32::try_from(*p).ok().filter(|p| *p <= 1000)).collect();
    let checked = <[u32; 5]>::try_from(in_range).ok().filter(|p| raw.len() == 5 && p.is_sorted());
    checked.ok_or_else(|| checker.refuse("marks.points", "five whole numbers from 0 to 1000, none below the one before"))
}

fn health_per_rate(raw: &[f64], checker: &Checker<'_>) -> Result<[f64; 5], ConfigError> {
    let checked = <[f64; 5]>::try_from(raw.to_vec()).ok();
    let checked = checked.filter(|costs| costs.iter().all(|c| (0.0..=1000.0).contains(c)) && costs.is_sorted());
    checked.ok_or_else(|| checker.refuse("marks.health_per_rate", "five numbers from 0 to 1000, none below the one before"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;
    use crate::config::{Overlays, ProjectFile, load};

    fn loaded(text: &str) -> Result<MarksConfig, ConfigError> {
        let overlays = Overlays { environment: &BTreeMap::new(), sets: &[] };
        let project = ProjectFile { path: Path::new("stallmark.toml"), text: Some(text) };
        Ok(load(&project, &overlays, Path::new("/p"))?.marks)
    }

    #[test]
    fn ranges_and_orders_are_proven() {
        assert!(loaded("").is_ok());
        for (text, key) in [
            ("points = [1, 2, 4, 8]", "marks.points"),
            ("points = [1, 2, 4, 8, 7]", "marks.points"),
            ("points = [-1, 2, 4, 8, 12]", "marks.points"),
            ("points = [1, 2, 4, 8, 12, 16]", "marks.points"),
            ("health_per_rate = [1.0, 2.0, 3.0, 4.0, nan]", "marks.health_per_rate"),
            ("health_per_rate = [5.0, 4.0, 3.0, 2.0, 1.0]", "marks.health_per_rate"),
            ("rate_days = 0", "marks.rate_days"),
            ("min_sellers = 1", "marks.min_sellers"),
            ("prior.mean = 0.0", "marks.prior.mean"),
            ("bands.at_risk = 801", "marks.bands.healthy"),
            ("bands.weak = 700", "marks.bands.at_risk"),
        ] {
            let error = loaded(&format!("[marks]\n{text}")).unwrap_err().to_string();
            assert!(error.contains(&format!("`{key}`")), "{text}: {error}");
        }
    }
}
