//! The four layers, from lowest to highest: built-in, project file, environment, `--set`.

use std::collections::BTreeMap;
use std::path::Path;

use super::entry::{Entry, Node};
use super::place::{DEFAULT_FILE, Place, shown};
use super::{ConfigError, DEFAULT_CONFIG};

/// What stands before the names of our variables.
const PREFIX: &str = "STALLMARK_";
/// No key lies deeper than this.
const MOST_SEGMENTS: usize = 8;

/// The project file, read by the caller.
#[derive(Debug, Clone, Copy)]
pub struct ProjectFile<'a> {
    /// Its path, as errors name it (a leading `./` is dropped).
    pub path: &'a Path,
    /// Its text; `None` when there is no such file.
    pub text: Option<&'a str>,
}

/// The layers above the project file.
#[derive(Debug, Clone, Copy)]
pub struct Overlays<'a> {
    /// The environment. `STALLMARK_RUN__SCOPE_DAYS` sets `run.scope_days`; names without a double underscore set nothing.
    pub environment: &'a BTreeMap<String, String>,
    /// The arguments of `--set`: `dotted.key=value`, where the value is TOML or else text. The last one wins.
    pub sets: &'a [String],
}

/// The built-in configuration alone.
pub(super) fn built_in() -> Result<Entry, ConfigError> {
    Entry::parse(DEFAULT_FILE, DEFAULT_CONFIG)
}

/// All layers in one tree, with the defaults of labels, sources and windows laid under each of them.
pub(super) fn merge(project: &ProjectFile<'_>, overlays: &Overlays<'_>) -> Result<Entry, ConfigError> {
    let mut root = built_in()?;
    if let Some(text) = project.text {
        let path = project.path.strip_prefix(".").unwrap_or(project.path);
        root.merge(Entry::parse(&path.display().to_string(), text)?);
    }
    for (name, value) in overlays.environment {
        if let Some(path) = variable_path(name) {
            let place = Place::Variable { name: name.as_str().into() };
            set(&mut root, path, Entry::parse_value(&place, value))?;
        }
    }
    for text in overlays.sets {
        let not_a_setting = || ConfigError::NotASetting { text: shown(text) };
        let (key, value) = text.split_once('=').ok_or_else(not_a_setting)?;
        let path: Vec<String> = key.split('.').map(|segment| segment.trim().to_owned()).collect();
        if path.iter().any(String::is_empty) {
            return Err(not_a_setting());
        }
        set(&mut root, path, Entry::parse_value(&Place::Argument { text: shown(text).into() }, value.trim()))?;
    }
    lay_under(&mut root, "label_defaults", "labels");
    lay_under(&mut root, "source_defaults", "sources");
    if let Some(features) = root.get_mut("features") {
        lay_under(features, "window_defaults", "windows");
    }
    Ok(root)
}

/// The segments that a variable names, in lower case, or nothing for a variable that is not about a key.
fn variable_path(name: &str) -> Option<Vec<String>> {
    let rest = name.strip_prefix(PREFIX)?;
    rest.contains("__").then(|| rest.split("__").map(str::to_ascii_lowercase).collect())
}

/// Lays one value on the tree. A segment means the key that is already there under it in any letter case, else a new key.
fn set(root: &mut Entry, path: Vec<String>, value: Entry) -> Result<(), ConfigError> {
    if path.len() > MOST_SEGMENTS {
        let valid = root.keys().iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>().join(", ");
        return Err(ConfigError::UnknownKey { place: value.place, key: shown(&path.join(".")), nearest: None, valid });
    }
    let place = value.place.clone();
    let mut names = Vec::with_capacity(path.len());
    let mut at = Some(&*root);
    for segment in path {
        let keys = at.map_or(&[][..], Entry::keys);
        let exact = keys.iter().find(|(key, _)| *key == segment);
        let known = exact.or_else(|| keys.iter().find(|(key, _)| key.eq_ignore_ascii_case(&segment)));
        names.push(known.map_or(segment, |(key, _)| key.clone()));
        at = known.map(|(_, entry)| entry);
    }
    let over = names
        .into_iter()
        .rev()
        .fold(value, |below, name| Entry { node: Node::Table(vec![(name, below)]), ..Entry::empty_table(&place) });
    root.merge(over);
    Ok(())
}

/// Gives every table under `root.<tables>` the keys of `root.<defaults>` that it lacks.
fn lay_under(root: &mut Entry, defaults: &str, tables: &str) {
    let Some(defaults) = root.get(defaults).cloned() else { return };
    let Some(Entry { node: Node::Table(named), .. }) = root.get_mut(tables) else { return };
    for (_, entry) in named.iter_mut().filter(|(_, entry)| matches!(entry.node, Node::Table(_))) {
        let own = std::mem::replace(entry, defaults.clone());
        entry.merge(own);
    }
}
