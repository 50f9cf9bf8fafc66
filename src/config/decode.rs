//! From the merged tree to raw types, by serde, with errors that know the place, the key and the value.

use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeSeed, IntoDeserializer, Visitor};
use serde::{Deserialize, Deserializer};

use super::ConfigError;
use super::entry::{Entry, Node};
use super::layers::built_in;
use super::raw::RawConfig;
use super::suggest::nearest;

/// Decodes the whole configuration.
pub(super) fn from_entry(root: &Entry) -> Result<RawConfig, ConfigError> {
    decode(root)
}

/// Decodes a tree.
pub(super) fn decode<T: for<'de> Deserialize<'de>>(root: &Entry) -> Result<T, ConfigError> {
    T::deserialize(Cursor { entry: root, path: String::new() }).map_err(|fault| located(fault, root, ""))
}

/// What serde found wrong, before and after its place is known.
#[derive(Debug)]
enum Fault {
    Expected(String),
    UnknownKey { key: String, valid: &'static [&'static str] },
    MissingKey(&'static str),
    Located(ConfigError),
}

/// A value about to be decoded, and its path.
struct Cursor<'a> {
    entry: &'a Entry,
    path: String,
}

impl<'a> Cursor<'a> {
    fn child(&self, key: &str, entry: &'a Entry) -> Self {
        Self { entry, path: join(&self.path, key) }
    }
}

/// `table.key`, or `key` at the top.
fn join(table: &str, key: &str) -> String {
    if table.is_empty() { key.to_owned() } else { format!("{table}.{key}") }
}

/// Gives a fault the place of the innermost value that it can be about.
fn located(fault: Fault, entry: &Entry, path: &str) -> ConfigError {
    match fault {
        Fault::Located(error) => error,
        Fault::Expected(expected) => {
            ConfigError::BadValue { place: entry.place.clone(), key: path.to_owned(), value: entry.shown(), expected }
        }
        Fault::MissingKey(key) => {
            ConfigError::MissingKey { place: entry.place.clone(), table: path.to_owned(), key: key.to_owned() }
        }
        Fault::UnknownKey { key, valid } => ConfigError::UnknownKey {
            place: entry.get(&key).unwrap_or(entry).place.clone(),
            nearest: nearest_key(path, &key, valid),
            key: join(path, &key),
            valid: valid.join(", "),
        },
    }
}

/// The key of the same table, else of the whole built-in configuration, that `key` comes nearest to.
fn nearest_key(table: &str, key: &str, valid: &[&str]) -> Option<String> {
    if let Some(sibling) = nearest(key, valid.iter().copied()) {
        return Some(join(table, sibling));
    }
    let mut all = Vec::new();
    collect_keys(&built_in().ok()?, "", &mut all);
    let names: Vec<&str> = all.iter().map(|path| path.rsplit('.').next().unwrap_or(path)).collect();
    let found = nearest(key, names.iter().copied())?;
    names.iter().position(|name| *name == found).and_then(|at| all.get(at).cloned())
}

/// The paths of all keys outside the taxonomy and the windows.
fn collect_keys(entry: &Entry, path: &str, out: &mut Vec<String>) {
    for (key, value) in entry.keys() {
        let path = join(path, key);
        if path == "labels" || path == "features.windows" {
            continue;
        }
        collect_keys(value, &path, out);
        out.push(path);
    }
}

/// serde's name of what it wanted, in words that a person would use.
fn in_words(expected: &str) -> String {
    match expected {
        "i64" | "u64" | "u32" | "usize" => "a whole number".to_owned(),
        "f64" => "a number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a string" => "text in quotes".to_owned(),
        "a sequence" => "a list in square brackets".to_owned(),
        "a map" => "a table".to_owned(),
        name if name.starts_with("struct ") => "a table".to_owned(),
        other => other.to_owned(),
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self::Expected(message.to_string())
    }

    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::Expected(in_words(&expected.to_string()))
    }

    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::Expected(in_words(&expected.to_string()))
    }

    fn invalid_length(_: usize, expected: &dyn de::Expected) -> Self {
        Self::Expected(in_words(&expected.to_string()))
    }

    fn unknown_variant(name: &str, valid: &'static [&'static str]) -> Self {
        let meant = nearest(name, valid.iter().copied()).map_or(String::new(), |near| format!("; did you mean \"{near}\"?"));
        Self::Expected(format!("one of {}{meant}", valid.join(", ")))
    }

    fn unknown_field(key: &str, valid: &'static [&'static str]) -> Self {
        Self::UnknownKey { key: key.to_owned(), valid }
    }

    fn missing_field(key: &'static str) -> Self {
        Self::MissingKey(key)
    }
}

impl<'de> Deserializer<'de> for Cursor<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let (entry, path) = (self.entry, self.path.clone());
        match &entry.node {
            Node::Table(keys) => visitor.visit_map(Keys { table: self, keys: keys.iter(), value: None }),
            Node::Array(values) => visitor.visit_seq(Elements { list: self, values: values.iter().enumerate() }),
            Node::Text(text) => visitor.visit_str(text),
            Node::Integer(number) => visitor.visit_i64(*number),
            Node::Float(number) => visitor.visit_f64(*number),
            Node::Boolean(flag) => visitor.visit_bool(*flag),
            Node::Other(text) => Err(de::Error::invalid_type(de::Unexpected::Other(text), &visitor)),
        }
        .map_err(|fault| Fault::Located(located(fault, entry, &path)))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match (&self.entry.node, &self.entry.written) {
            (Node::Integer(_) | Node::Float(_) | Node::Boolean(_) | Node::Other(_), Some(written)) => {
                let result = visitor.visit_str(written);
                result.map_err(|fault: Fault| Fault::Located(located(fault, self.entry, &self.path)))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_string(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        valid: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let result = match &self.entry.node {
            Node::Text(text) => visitor.visit_enum::<StrDeserializer<'_, Fault>>(text.as_str().into_deserializer()),
            _ => Err(Fault::Expected(format!("one of {}", valid.join(", ")))),
        };
        result.map_err(|fault| Fault::Located(located(fault, self.entry, &self.path)))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

/// The keys of a table, one after the other.
struct Keys<'a> {
    table: Cursor<'a>,
    keys: std::slice::Iter<'a, (String, Entry)>,
    value: Option<Cursor<'a>>,
}

impl<'de> de::MapAccess<'de> for Keys<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some((key, entry)) = self.keys.next() else { return Ok(None) };
        self.value = Some(self.table.child(key, entry));
        seed.deserialize::<StrDeserializer<'_, Fault>>(key.as_str().into_deserializer()).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let value = self.value.take().ok_or_else(|| Fault::Expected("a value".to_owned()))?;
        seed.deserialize(value)
    }
}

/// The elements of a list, one after the other.
struct Elements<'a> {
    list: Cursor<'a>,
    values: std::iter::Enumerate<std::slice::Iter<'a, Entry>>,
}

impl<'de> de::SeqAccess<'de> for Elements<'_> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let Some((index, entry)) = self.values.next() else { return Ok(None) };
        seed.deserialize(Cursor { entry, path: format!("{}[{index}]", self.list.path) }).map(Some)
    }
}
