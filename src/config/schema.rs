//! The JSON Schema of a project file.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::DEFAULT_CONFIG;
use super::entry::{Entry, Node};
use super::layers::built_in;
use super::raw::RawConfig;

/// The JSON Schema (draft 2020-12) of `stallmark.toml`. Every key of the built-in configuration is optional and carries its default
/// and, as its description, the comment above it in `config/default.toml`.
#[must_use]
pub fn schema_json() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<RawConfig>().to_value();
    make_optional(&mut schema);
    if let Ok(root) = built_in() {
        describe(&mut schema, &root);
        lend(&mut schema, "source_defaults", "sources");
        lend(&mut schema, "label_defaults", "labels");
        lend(property_value(&mut schema, "features"), "window_defaults", "windows");
    }
    schema
}

/// Any layer can supply a key, so none is required of the project file, except the table of a feed: lists replace as a whole.
fn make_optional(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("properties").is_some_and(|properties| properties.get("where").is_none()) {
                members.remove("required");
            }
            members.values_mut().for_each(make_optional);
        }
        Value::Array(values) => values.iter_mut().for_each(make_optional),
        _ => {}
    }
}

/// Adds descriptions and defaults from the built-in configuration.
fn describe(schema: &mut Value, entry: &Entry) {
    for (key, value) in entry.keys() {
        let Some(Value::Object(property)) = schema.get_mut("properties").and_then(|properties| properties.get_mut(key)) else {
            continue;
        };
        if let Some(comment) = comment_above(&value.place.to_string()) {
            property.insert("description".to_owned(), Value::String(comment));
        }
        if !matches!(value.node, Node::Table(_)) {
            property.insert("default".to_owned(), json(value));
        }
        describe(property_value(schema, key), value);
    }
}

/// The schema of `key` within `schema`.
fn property_value<'a>(schema: &'a mut Value, key: &str) -> &'a mut Value {
    &mut schema["properties"][key]
}

/// Copies descriptions and defaults of `defaults` to the like-named keys of the tables under `tables`.
fn lend(schema: &mut Value, defaults: &str, tables: &str) {
    let lent = schema["properties"][defaults]["properties"].clone();
    let own = &mut schema["properties"][tables]["additionalProperties"]["properties"];
    if let (Value::Object(lent), Value::Object(own)) = (lent, own) {
        own.extend(lent.into_iter().filter(|(key, _)| !key.is_empty()).collect::<Map<_, _>>());
    }
}

/// The comment that ends on the line above `place` (`…:12`), as one paragraph.
fn comment_above(place: &str) -> Option<String> {
    let line: usize = place.rsplit(':').next()?.parse().ok()?;
    let above: Vec<&str> = DEFAULT_CONFIG.lines().take(line.checked_sub(1)?).collect();
    let start = above.iter().rposition(|text| !text.starts_with('#')).map_or(0, |at| at + 1);
    let words: Vec<&str> = above.get(start..)?.iter().map(|text| text.trim_start_matches('#').trim()).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// A value as JSON.
fn json(entry: &Entry) -> Value {
    match &entry.node {
        Node::Table(keys) => keys.iter().map(|(key, value)| (key.clone(), json(value))).collect::<Map<_, _>>().into(),
        Node::Array(values) => values.iter().map(json).collect(),
        Node::Text(text) | Node::Other(text) => Value::String(text.clone()),
        Node::Integer(number) => (*number).into(),
        Node::Float(number) => (*number).into(),
        Node::Boolean(flag) => (*flag).into(),
    }
}
