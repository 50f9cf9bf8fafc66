//! `models`: which versions there are, what they come from, and which is in use. `rollback`: the champion before this one.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::project::Project;
use super::text_table::{shown, text_table};
use crate::store::{self, DataWindow, LabelCounts, Promotion, PromotionRecord, Which};
use crate::units::Day;

/// A version of the project's label set.
#[derive(Debug, Clone, Serialize)]
pub struct ModelLine {
    /// Its name.
    pub version: String,
    /// What it does in a run.
    pub role: Role,
    /// The midnight up to which it learned.
    #[serde(serialize_with = "as_text")]
    pub trained_as_of: Day,
    /// The days that its rows come from.
    pub data_window: DataWindow,
    /// The champion when it was trained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The program that trained it.
    pub program_version: String,
    /// Its labels.
    pub labels: Vec<LabelLine>,
}

/// What a version does in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Its scores are published.
    Champion,
    /// Scored in the champion's shadow.
    Challenger,
    /// Kept.
    Stored,
}

/// A label of a version, with what was measured out of fold.
#[derive(Debug, Clone, Serialize)]
pub struct LabelLine {
    /// The label.
    pub label: String,
    /// Rows it was learned from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Violating ones among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub positives: Option<u64>,
    /// Rows out of fold, which the next figure is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_out: Option<u64>,
    /// Average precision out of fold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average_precision: Option<f64>,
}

/// All versions, the latest trained first.
#[derive(Debug, Clone, Serialize)]
pub struct ModelList {
    /// The label set.
    pub label_set: String,
    /// The versions.
    pub models: Vec<ModelLine>,
    /// Every change of champion, the oldest first.
    pub promotions: Vec<PromotionRecord>,
}

/// Every version that passes the checks of loading; of the others a warning says why not.
///
/// # Errors
/// When the store cannot be read.
pub fn models(project: &Project) -> anyhow::Result<ModelList> {
    let config = &project.config.models;
    let champion = store::champion(&config.path, &config.label_set)?;
    let mut models = Vec::new();
    for version in store::versions(&config.path, &config.label_set)? {
        let loaded = match store::load(&config.path, &config.label_set, Which::Version(&version), None) {
            Ok(loaded) => loaded,
            Err(error) => {
                tracing::warn!("model {version} is left out: {error}");
                continue;
            }
        };
        let facts = loaded.manifest.facts;
        let role = match &champion {
            Some(champion) if *champion == version => Role::Champion,
            _ if config.challengers.contains(&version) => Role::Challenger,
            _ => Role::Stored,
        };
        let line = |label: &String| {
            let counts: Option<&LabelCounts> = facts.counts.get(label);
            LabelLine {
                label: label.clone(),
                rows: counts.map(|counts| counts.rows),
                positives: counts.map(|counts| counts.positives),
                held_out: held_out(&loaded.metrics, label, "n").and_then(Value::as_u64),
                average_precision: held_out(&loaded.metrics, label, "average_precision").and_then(Value::as_f64),
            }
        };
        models.push(ModelLine {
            labels: facts.labels.iter().map(line).collect(),
            version,
            role,
            trained_as_of: facts.trained_as_of,
            data_window: facts.data_window,
            parent: facts.parent,
            program_version: facts.program_version,
        });
    }
    models.sort_by(|a, b| b.trained_as_of.cmp(&a.trained_as_of).then_with(|| a.version.cmp(&b.version)));
    let promotions = store::promotions(&config.path, &config.label_set)?;
    Ok(ModelList { label_set: config.label_set.clone(), models, promotions })
}

/// Makes the champion before this one champion again.
///
/// # Errors
/// When there is none, or it cannot be trusted.
pub fn rollback(project: &Project) -> anyhow::Result<Promotion> {
    let config = &project.config.models;
    Ok(store::rollback(&config.path, &config.label_set, &project.rim.now.to_string())?)
}

/// A held-out metric of a label in `metrics.json`.
fn held_out<'m>(metrics: &'m Value, label: &str, metric: &str) -> Option<&'m Value> {
    let labels = metrics.get("labels")?.as_array()?;
    let found = labels.iter().find(|entry| entry.get("label").and_then(Value::as_str) == Some(label))?;
    found.get("held_out")?.get(metric)
}

fn as_text<S: serde::Serializer>(day: &Day, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(day)
}

impl fmt::Display for ModelList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.models.is_empty() {
            return writeln!(f, "label set {} has no models: `stallmark train` makes one", self.label_set);
        }
        let line = |model: &ModelLine| {
            let known: Vec<f64> = model.labels.iter().filter_map(|label| label.average_precision).collect();
            let mean = (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64);
            let role = match model.role {
                Role::Champion => "champion",
                Role::Challenger => "challenger",
                Role::Stored => "",
            };
            vec![
                model.version.clone(),
                role.to_owned(),
                model.trained_as_of.to_string(),
                format!("{} to {}", model.data_window.first, model.data_window.last),
                model.parent.clone().unwrap_or_else(|| "–".to_owned()),
                format!("{} of {}", known.len(), model.labels.len()),
                shown(mean),
            ]
        };
        let head = ["version", "role", "trained as of", "decisions", "replaces", "labels scored", "mean average precision"];
        f.write_str(&text_table(&head, &self.models.iter().map(line).collect::<Vec<_>>()))
    }
}
