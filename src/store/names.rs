//! The names that may become part of a path, and the paths themselves.

use std::path::{Path, PathBuf};

use super::error::StoreError;

/// The weights.
pub(super) const WEIGHTS: &str = "model.safetensors";
/// The metrics.
pub(super) const METRICS: &str = "metrics.json";
/// The description for people.
pub(super) const CARD: &str = "MODEL_CARD.md";
/// What the rows of the training looked like; a version may lack it.
pub(super) const REFERENCE: &str = "reference.json";
/// The file that makes a folder a version; it vouches for the other three.
pub(super) const MANIFEST: &str = "manifest.json";
/// The pointer to the version in use.
pub(super) const CHAMPION: &str = "champion";
/// The record of champions.
pub(super) const PROMOTIONS: &str = "promotions.jsonl";
/// Held while the store is written.
pub(super) const LOCK: &str = ".lock";

/// Hexadecimal digits of a version name: 48 bits of its content's hash.
pub(super) const VERSION_DIGITS: usize = 12;

/// The folder of a label set.
///
/// # Errors
/// When the name could mean another place than a folder directly below `root`.
pub(super) fn label_set_folder(root: &Path, label_set: &str) -> Result<PathBuf, StoreError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let usable = (1..=64).contains(&label_set.len()) && label_set.chars().all(plain) && !label_set.starts_with(['.', '-']);
    if usable {
        Ok(root.join(label_set))
    } else {
        let expected = "1 to 64 letters, digits, dots, hyphens and underscores that start with a letter, digit or underscore";
        Err(StoreError::UnsafeName { what: "label set", name: shown(label_set), expected })
    }
}

/// The folder of a version.
///
/// # Errors
/// When either name could mean another place.
pub(super) fn version_folder(root: &Path, label_set: &str, version: &str) -> Result<PathBuf, StoreError> {
    let folder = label_set_folder(root, label_set)?;
    if is_version(version) {
        Ok(folder.join(version))
    } else {
        let expected = "12 hexadecimal digits in lower case";
        Err(StoreError::UnsafeName { what: "model version", name: shown(version), expected })
    }
}

/// Whether `name` has the form of a version name.
pub(super) fn is_version(name: &str) -> bool {
    name.len() == VERSION_DIGITS && name.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// `name`, shortened and with control characters made visible.
pub(super) fn shown(name: &str) -> String {
    name.chars().take(80).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_leaves_its_folder() {
        let root = Path::new("models");
        for name in ["", ".", "..", "../x", "a/b", "a\\b", "/etc", "a\0b", "-rf", ".hidden", "ü", &"a".repeat(65)] {
            assert!(matches!(label_set_folder(root, name), Err(StoreError::UnsafeName { .. })), "{name:?}");
        }
        assert_eq!(label_set_folder(root, "spam-vi_2.1").unwrap(), root.join("spam-vi_2.1"));
        for name in ["", "..", "0123456789a", "0123456789ABC", "0123456789AB", "../../etc/pw", "0123456789ab "] {
            assert!(matches!(version_folder(root, "x", name), Err(StoreError::UnsafeName { .. })), "{name:?}");
        }
        assert_eq!(version_folder(root, "x", "0123456789ab").unwrap(), root.join("x/0123456789ab"));
    }
}
