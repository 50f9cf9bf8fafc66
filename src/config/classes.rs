//! `[classes.<id>]`: labels that exclude each other, told apart as one class an item.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::check_labels::is_label_id;
use super::checker::Checker;
use super::{ConfigError, Label};
use crate::units::Id;

/// Labels of which an item has one at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassesConfig {
    /// Name of the classification.
    pub id: Id,
    /// The labels, in the order of the classes; active, two or more, each once.
    pub labels: Vec<Id>,
    /// The label that holds wherever one of them does: none of them has the probability 1 − p of it.
    pub any: Option<Id>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawClasses {
    /// Active labels that exclude each other, two or more.
    pub(super) labels: Vec<String>,
    /// The active label that holds wherever one of them does; without it the class of none has what their probabilities leave.
    pub(super) any: Option<String>,
}

pub(super) fn check(
    raw: BTreeMap<String, RawClasses>,
    active: &[Label],
    checker: &Checker<'_>,
) -> Result<Vec<ClassesConfig>, ConfigError> {
    raw.into_iter().map(|(id, raw)| one(&id, raw, active, checker)).collect()
}

fn one(id: &str, raw: RawClasses, active: &[Label], checker: &Checker<'_>) -> Result<ClassesConfig, ConfigError> {
    let table = format!("classes.{id}");
    if !is_label_id(id) {
        return Err(
            checker.refuse(&table, "an id of 1 to 48 lower-case letters, digits and single underscores, starting with a letter")
        );
    }
    let is_active = |label: &String| active.iter().any(|known| known.id == label.as_str());
    let is_new = |(at, label): (usize, &String)| !raw.labels[..at].contains(label);
    let are_distinct = raw.labels.iter().enumerate().all(is_new);
    if raw.labels.len() < 2 || !are_distinct || !raw.labels.iter().all(is_active) {
        return Err(checker.refuse(&format!("{table}.labels"), "two or more of project.labels, each once"));
    }
    if let Some(any) = &raw.any
        && (!is_active(any) || raw.labels.contains(any))
    {
        return Err(checker.refuse(&format!("{table}.any"), "one of project.labels that is not among the classes"));
    }
    Ok(ClassesConfig {
        id: Id::from(id),
        labels: raw.labels.iter().map(|label| Id::from(label.as_str())).collect(),
        any: raw.any.map(|any| Id::from(any.as_str())),
    })
}
