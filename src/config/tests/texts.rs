//! The texts that ship: built-in configuration, taxonomy, template, schema.

use super::*;
use crate::units::LabelKind;

#[test]
fn the_default_taxonomy_is_the_field_s() {
    let config = load_text("");
    let labels: Vec<&Label> = config.other_labels().collect();
    let of = |kind| labels.iter().filter(|label| label.kind == kind).count();
    assert_eq!((of(LabelKind::Abuse), of(LabelKind::Quality)), (23, 11));
    assert!(labels.iter().all(|label| label.definition.ends_with('.') && label.definition.len() > 30), "sentences");
    let severity_of = |id: &str| labels.iter().find(|label| label.id == id).map(|label| label.severity.level());
    assert_eq!(severity_of("prohibited_product"), Some(5));
    assert_eq!(severity_of("knockoff"), Some(2));
    assert_eq!(severity_of("low_info_review"), Some(1));
    assert!(labels.iter().all(|label| !label.id.contains("child")));
}

#[test]
fn every_built_in_key_has_a_comment_above_it() {
    let lines: Vec<&str> = DEFAULT_CONFIG.lines().collect();
    let mut table = "";
    for (at, line) in lines.iter().enumerate() {
        if let Some(name) = line.strip_prefix('[') {
            table = name;
        }
        // The keys of labels and windows are explained once, above [labels] and [features.windows].
        let explained = ["labels.", "features.windows."].iter().any(|named| table.starts_with(named))
            || line.is_empty()
            || line.starts_with('#');
        assert!(explained || lines[at - 1].starts_with("# "), "line {}: {line}", at + 1);
    }
}

#[test]
fn the_schema_describes_every_key() {
    fn walk(schema: &serde_json::Value, value: &toml::Value, path: &str) {
        for (key, value) in value.as_table().into_iter().flatten() {
            let path = format!("{path}.{key}");
            let of_table = &schema["properties"][key];
            let found = if of_table.is_null() { &schema["additionalProperties"] } else { of_table };
            assert!(found.is_object(), "{path} is not in the schema");
            assert!(!of_table.is_object() || of_table["description"].is_string(), "{path} has no description");
            assert!(found.get("required").is_none(), "{path} has required keys");
            // Keys of the user's choice have no default of their own.
            if !value.is_table()
                && of_table.is_object()
                && ![".labels", ".features.windows"].iter().any(|named| path.starts_with(named))
            {
                assert_eq!(found["default"], serde_json::to_value(value).unwrap(), "{path}");
            }
            walk(found, value, &path);
        }
    }
    let schema = schema_json();
    walk(&schema, &toml::from_str(DEFAULT_CONFIG).unwrap(), "");
    let source = &schema["properties"]["sources"]["additionalProperties"];
    assert_eq!(source["properties"]["encoding"]["default"], "utf-8");
    assert_eq!(source["additionalProperties"], false);
    assert_eq!(source["properties"]["feeds"]["items"]["required"][0], "table");
    assert!(schema.get("required").is_none() && source.get("required").is_none());
}

#[test]
fn the_project_template_loads() {
    let config = load_text(PROJECT_TEMPLATE);
    assert_eq!((config.active_labels().len(), config.sources.len()), (3, 2));
    let uncommented: String = (PROJECT_TEMPLATE.lines())
        .map(|line| {
            line.strip_prefix("# ").filter(|rest| rest.starts_with('[') || rest.split(' ').nth(1) == Some("=")).unwrap_or(line)
        })
        .map(|line| format!("{line}\n"))
        .collect();
    let config = load_text(&uncommented);
    assert!(config.other_labels().any(|label| label.id == "parcel_fee_fraud"), "the commented examples are valid too");
    assert!(config.sources[1].feeds[0].columns.is_some());
}
