//! A configuration as a tree in which every value knows where it was written.
//!
//! `toml::de::DeTable` keeps a byte span for every key and value but sorts its keys; this tree turns spans into places, brings the
//! order of the file back (feeds list their columns in file order) and can be merged with values that come from no file.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::ConfigError;
use super::place::{Lines, Place, shown};

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) place: Place,
    pub(super) node: Node,
    /// The value as a variable or `--set` spelt it, for keys that want text: `STALLMARK_PROJECT__NAME=2026` is a name.
    pub(super) written: Option<String>,
}

/// A TOML value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// Keys in the order of the file.
    Table(Vec<(String, Entry)>),
    Array(Vec<Entry>),
    Text(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    /// A TOML date or time, or an integer beyond 64 bits: no key takes one.
    Other(String),
}

impl Entry {
    /// Parses a TOML document.
    pub(super) fn parse(file: &str, text: &str) -> Result<Self, ConfigError> {
        let lines = Lines::new(file, text);
        let table = DeTable::parse(text).map_err(|error| ConfigError::NotToml {
            place: lines.place(error.span().map_or(0, |span| span.start)),
            reason: error.message().replace('\n', "; "),
        })?;
        Ok(Self { place: lines.place(0), node: table_node(table.get_ref(), &|offset| lines.place(offset)), written: None })
    }

    /// Parses one value from outside a file: as TOML if it is that, else as text.
    pub(super) fn parse_value(place: &Place, text: &str) -> Self {
        let node = match DeValue::parse(text) {
            Ok(value) => value_node(value.get_ref(), &|_| place.clone()),
            Err(_) => Node::Text(text.to_owned()),
        };
        Self { place: place.clone(), node, written: Some(text.to_owned()) }
    }

    /// An empty table at `place`.
    pub(super) fn empty_table(place: &Place) -> Self {
        Self { place: place.clone(), node: Node::Table(Vec::new()), written: None }
    }

    /// Lays `over` on top: tables merge key by key, everything else replaces.
    pub(super) fn merge(&mut self, over: Self) {
        match (&mut self.node, over.node) {
            (Node::Table(keys), Node::Table(over_keys)) => {
                self.place = over.place;
                for (key, value) in over_keys {
                    match keys.iter_mut().find(|(known, _)| *known == key) {
                        Some((_, below)) => below.merge(value),
                        None => keys.push((key, value)),
                    }
                }
            }
            (_, node) => *self = Self { place: over.place, node, written: over.written },
        }
    }

    /// The keys of a table; none for any other value.
    pub(super) fn keys(&self) -> &[(String, Self)] {
        if let Node::Table(keys) = &self.node { keys } else { &[] }
    }

    /// The value under `key`.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.keys().iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// The value under `key`, to be changed.
    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        let Node::Table(keys) = &mut self.node else { return None };
        keys.iter_mut().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// The value at a path such as `sources.reviews.feeds[0].where`.
    pub(super) fn find(&self, path: &str) -> Option<&Self> {
        if path.is_empty() {
            return Some(self);
        }
        match &self.node {
            Node::Table(keys) => {
                let path = path.strip_prefix('.').unwrap_or(path);
                keys.iter().find_map(|(key, value)| {
                    let rest = path.strip_prefix(key.as_str())?;
                    if rest.is_empty() || rest.starts_with(['.', '[']) { value.find(rest) } else { None }
                })
            }
            Node::Array(values) => {
                let (index, rest) = path.strip_prefix('[')?.split_once(']')?;
                values.get(index.parse::<usize>().ok()?)?.find(rest)
            }
            _ => None,
        }
    }

    /// The value for an error message, shortened.
    pub(super) fn shown(&self) -> String {
        match &self.node {
            Node::Table(_) => "a table".to_owned(),
            Node::Array(values) if values.iter().any(|v| matches!(v.node, Node::Table(_) | Node::Array(_))) => {
                "a list".to_owned()
            }
            Node::Array(values) => format!("[{}]", shown(&values.iter().map(Self::shown).collect::<Vec<_>>().join(", "))),
            Node::Text(text) => format!("\"{}\"", shown(text)),
            Node::Integer(value) => value.to_string(),
            Node::Float(value) => format!("{value:?}"),
            Node::Boolean(value) => value.to_string(),
            Node::Other(text) => shown(text),
        }
    }
}

/// A table with its keys in the order of the file.
fn table_node(table: &DeTable<'_>, place: &dyn Fn(usize) -> Place) -> Node {
    let mut keys: Vec<_> = table.iter().collect();
    keys.sort_by_key(|(key, _)| key.span().start);
    Node::Table(
        keys.into_iter()
            .map(|(key, value)| {
                let node = value_node(value.get_ref(), place);
                (key.get_ref().to_string(), Entry { place: place(key.span().start), node, written: None })
            })
            .collect(),
    )
}

/// One element of a list.
fn element(value: &Spanned<DeValue<'_>>, place: &dyn Fn(usize) -> Place) -> Entry {
    Entry { place: place(value.span().start), node: value_node(value.get_ref(), place), written: None }
}

/// Any value.
fn value_node(value: &DeValue<'_>, place: &dyn Fn(usize) -> Place) -> Node {
    match value {
        DeValue::String(text) => Node::Text(text.to_string()),
        DeValue::Integer(digits) => match i64::from_str_radix(digits.as_str(), digits.radix()) {
            Ok(number) => Node::Integer(number),
            Err(_) => Node::Other(digits.to_string()),
        },
        DeValue::Float(digits) => match digits.as_str().parse() {
            Ok(number) => Node::Float(number),
            Err(_) => Node::Other(digits.to_string()),
        },
        DeValue::Boolean(flag) => Node::Boolean(*flag),
        DeValue::Datetime(time) => Node::Other(time.to_string()),
        DeValue::Array(values) => Node::Array(values.iter().map(|value| element(value, place)).collect()),
        DeValue::Table(table) => table_node(table, place),
    }
}
