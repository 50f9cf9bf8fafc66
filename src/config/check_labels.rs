//! Checks of `[labels]` and of the list of active ones.

use std::collections::BTreeMap;

use super::checker::Checker;
use super::place::shown;
use super::raw::{RawLabel, RawLabelDefaults};
use super::suggest::nearest;
use super::{ConfigError, Label};
use crate::units::{ContentType, Id, Severity};

/// The active labels in the order of `active`, and the others by id.
pub(super) fn check(
    active: &[String],
    declared: BTreeMap<String, RawLabel>,
    defaults: &RawLabelDefaults,
    checker: &Checker<'_>,
) -> Result<(Vec<Label>, Vec<Label>), ConfigError> {
    weight("label_defaults", defaults.weight, checker)?;
    content_types("label_defaults", &defaults.content_types, checker)?;
    let mut others = declared
        .into_iter()
        .map(|(id, raw)| Ok((id.clone(), label(&id, raw, checker)?)))
        .collect::<Result<BTreeMap<_, _>, ConfigError>>()?;
    let mut labels: Vec<Label> = Vec::with_capacity(active.len());
    for (at, id) in active.iter().enumerate() {
        let key = format!("project.labels[{at}]");
        match others.remove(id) {
            Some(label) => labels.push(label),
            None if labels.iter().any(|label| label.id == id.as_str()) => return Err(checker.refuse(&key, "each label once")),
            None => {
                let nearest = nearest(id, others.keys().map(String::as_str)).map(str::to_owned);
                return Err(ConfigError::UndeclaredLabel { place: checker.place(&key), id: shown(id), nearest });
            }
        }
    }
    Ok((labels, others.into_values().collect()))
}

/// One label.
fn label(id: &str, raw: RawLabel, checker: &Checker<'_>) -> Result<Label, ConfigError> {
    let table = format!("labels.{id}");
    if !is_label_id(id) {
        return Err(
            checker.refuse(&table, "an id of 1 to 48 lower-case letters, digits and single underscores, starting with a letter")
        );
    }
    let severity = Severity::new(raw.severity)
        .map_err(|_| checker.refuse(&format!("{table}.severity"), "1 (nuisance) to 5 (harm to life, safety or livelihood)"))?;
    let definition = raw.definition.trim();
    if definition.is_empty() {
        return Err(checker.refuse(&format!("{table}.definition"), "a sentence that a reviewer can apply"));
    }
    Ok(Label {
        id: Id::from(id),
        kind: raw.kind,
        severity,
        definition: definition.to_owned(),
        content_types: content_types(&table, &raw.content_types, checker)?,
        weight: weight(&table, raw.weight, checker)?,
    })
}

/// Whether `id` can be a column name and a variable's segment.
pub(super) fn is_label_id(id: &str) -> bool {
    (1..=48).contains(&id.len())
        && id.starts_with(|c: char| c.is_ascii_lowercase())
        && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !id.ends_with('_')
        && !id.contains("__")
}

fn weight(table: &str, value: f64, checker: &Checker<'_>) -> Result<f64, ConfigError> {
    checker.number(&format!("{table}.weight"), value, 0.0..=100.0)
}

/// The types listed, in declaration order, each once, at least one.
fn content_types(table: &str, listed: &[ContentType], checker: &Checker<'_>) -> Result<Vec<ContentType>, ConfigError> {
    let types: Vec<_> = ContentType::all().filter(|known| listed.contains(known)).collect();
    if types.is_empty() || types.len() != listed.len() {
        return Err(checker.refuse(&format!("{table}.content_types"), "at least one content type, each once"));
    }
    Ok(types)
}
