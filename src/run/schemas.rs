//! `schema`: what goes in and what comes out, described by the code that reads and writes it.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::input::feature_set;
use super::project::{PROJECT_FILE, Project};
use super::score_table::score_schema;
use crate::config::{self, Overlays, ProjectFile, TableName};
use crate::features;
use crate::tables;
use crate::text::Lexicons;

/// The columns of the seven input tables.
#[must_use]
pub fn tables_schema() -> Value {
    let of = |table: &TableName| (table.to_string(), json!(tables::schema(*table)));
    Value::Object(TableName::ALL.iter().map(of).collect())
}

/// The columns of the project's score table, its partition columns last.
#[must_use]
pub fn scores_schema(project: &Project) -> Value {
    let schema = score_schema(&project.scored_labels());
    let column = |name: &str, kind: &str, doc: &str| json!({"name": name, "type": kind, "doc": doc});
    let mut columns: Vec<Value> = schema.columns.iter().map(|c| column(&c.name, &c.kind.to_string(), &c.doc)).collect();
    columns.push(column("as_of", "date", "partition: the day whose midnight was scored"));
    columns.push(column("market", "string", "partition: ISO 3166 alpha-2"));
    json!({"table": schema.name, "columns": columns})
}

/// The features of the built-in configuration as Markdown: the registered ones, and those that it declares.
///
/// # Errors
/// When the built-in configuration is broken.
pub fn features_page() -> anyhow::Result<String> {
    let nothing = ProjectFile { path: Path::new(PROJECT_FILE), text: None };
    let config = config::load(&nothing, &Overlays { environment: &BTreeMap::new(), sets: &[] }, Path::new("project"))?;
    Ok(features::docs_markdown(&feature_set(&config, &Lexicons::built_in(), &[])?))
}
