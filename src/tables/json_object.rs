//! One JSON object with the first of its keys that it repeats, which `serde_json` would pass over.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Value};

/// A JSON object.
#[derive(Debug, PartialEq)]
pub(super) struct JsonObject {
    /// Its values; of a repeated key, the last.
    pub(super) cells: Map<String, Value>,
    /// The first key that appears again. Keys of objects inside it are not looked at: nothing reads them by name.
    pub(super) repeated: Option<String>,
}

impl<'de> Deserialize<'de> for JsonObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = JsonObject;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<JsonObject, A::Error> {
        let mut object = JsonObject { cells: Map::new(), repeated: None };
        while let Some((key, value)) = entries.next_entry::<String, Value>()? {
            match object.cells.entry(key) {
                Entry::Vacant(entry) => {
                    entry.insert(value);
                }
                Entry::Occupied(mut entry) => {
                    object.repeated.get_or_insert_with(|| entry.key().clone());
                    entry.insert(value);
                }
            }
        }
        Ok(object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_key_is_found_at_the_top_only() {
        let check = |text: &str, expect: Option<&str>| {
            let object: JsonObject = serde_json::from_str(text).unwrap();
            assert_eq!(object.repeated.as_deref(), expect, "{text}");
        };
        check("{}", None);
        check("{\"a\":1,\"b\":2}", None);
        check("{\"a\":1,\"b\":2,\"b\":2,\"a\":1}", Some("b"));
        check("{\"a\":1,\"\\u0061\":null}", Some("a"));
        check("{\"a\":{\"b\":1,\"b\":2}}", None);
    }
}
