//! `[monitor.targets.<id>]`: goals for published figures.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::checker::Checker;
use crate::units::{ContentType, Day, Market};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTarget {
    metric: String,
    #[serde(default)]
    market: String,
    #[serde(default)]
    label: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    content_type: Option<ContentType>,
    #[serde(default)]
    subject: String,
    goal: f64,
    direction: GoalDirection,
    #[serde(default)]
    by: String,
}

/// Which side of a goal is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GoalDirection {
    /// Lower is better.
    AtMost,
    /// Higher is better.
    AtLeast,
}

/// A goal for one published figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TargetConfig {
    /// Its name.
    pub id: String,
    /// The figure's metric.
    pub metric: String,
    /// Its market.
    #[serde(serialize_with = "market_name")]
    pub market: Option<Market>,
    /// Its label.
    pub label: Option<String>,
    /// Its category.
    pub category: Option<String>,
    /// Its content type.
    pub content_type: Option<ContentType>,
    /// What else it is about.
    pub subject: Option<String>,
    /// The goal, in the unit in which the figure is published: shares as shares.
    pub goal: f64,
    /// Which side of it is good.
    pub direction: GoalDirection,
    /// When it is due.
    #[serde(skip)]
    pub by: Option<Day>,
}

fn market_name<S: serde::Serializer>(market: &Option<Market>, serializer: S) -> Result<S::Ok, S::Error> {
    market.map(|market| market.to_string()).serialize(serializer)
}

pub(super) fn targets(raw: &BTreeMap<String, RawTarget>, checker: &Checker<'_>) -> Result<Vec<TargetConfig>, ConfigError> {
    raw.iter().map(|(id, raw)| target(id, raw, checker)).collect()
}

fn target(id: &str, raw: &RawTarget, checker: &Checker<'_>) -> Result<TargetConfig, ConfigError> {
    let key = |name: &str| format!("monitor.targets.{id}.{name}");
    if raw.metric.trim().is_empty() {
        return Err(checker.refuse(&key("metric"), "the metric of a published figure, for instance violative_view_rate"));
    }
    let text = |text: &String| (!text.is_empty()).then(|| text.clone());
    let market = text(&raw.market).map(|market| market.parse()).transpose();
    let by = text(&raw.by).map(|day| day.parse()).transpose();
    Ok(TargetConfig {
        id: id.to_owned(),
        metric: raw.metric.clone(),
        market: market.map_err(|_| checker.refuse(&key("market"), "two letters of ISO 3166 alpha-2, for instance SG"))?,
        label: text(&raw.label),
        category: text(&raw.category),
        content_type: raw.content_type,
        subject: text(&raw.subject),
        goal: checker.number(&key("goal"), raw.goal, -1e18..=1e18)?,
        direction: raw.direction,
        by: by.map_err(|_| checker.refuse(&key("by"), "a day as YYYY-MM-DD"))?,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{Overlays, ProjectFile, load};

    #[test]
    fn goals_are_read_and_proven() {
        let loaded = |text: &str| {
            let overlays = Overlays { environment: &BTreeMap::new(), sets: &[] };
            load(&ProjectFile { path: Path::new("stallmark.toml"), text: Some(text) }, &overlays, Path::new("/p"))
        };
        let text = "[monitor.targets.scam_sg]\nmetric = \"violative_view_rate\"\nmarket = \"SG\"\nlabel = \"scam\"\ngoal = 0.0005\n\
                    direction = \"at_most\"\nby = \"2026-12-31\"\n";
        let target = loaded(text).unwrap().monitor.targets.remove(0);
        assert_eq!((target.id.as_str(), target.goal, target.direction), ("scam_sg", 0.0005, GoalDirection::AtMost));
        assert_eq!((target.market.unwrap().as_str(), target.by), ("SG", Some("2026-12-31".parse().unwrap())));
        for (wrong, key) in [("\"SG\"", "market"), ("\"2026-12-31\"", "by")] {
            let error = loaded(&text.replace(wrong, "\"nonsense\"")).unwrap_err().to_string();
            assert!(error.contains(&format!("monitor.targets.scam_sg.{key}")), "{error}");
        }
    }
}
