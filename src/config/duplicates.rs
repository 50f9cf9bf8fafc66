//! `[features.duplicates]`: what counts as a copy.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::checker::Checker;

/// What counts as a copy, as written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDuplicates {
    pub(super) shingle_chars: i64,
    pub(super) min_shingles: i64,
    pub(super) min_chars: i64,
    pub(super) min_likeness: f64,
    pub(super) max_media_items: i64,
}

/// What counts as a copy.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DuplicateConfig {
    /// Characters of a shingle, 3 to 16.
    pub shingle_chars: usize,
    /// Distinct shingles that a text needs for near copies to be looked for, 1 to 256.
    pub min_shingles: usize,
    /// Characters that a normalised text needs to be compared at all, at least 1.
    pub min_chars: usize,
    /// Estimated Jaccard index from which texts are near copies, 0.5 to 1.
    pub min_likeness: f64,
    /// Items that a media_hash joins, the first ones seen; at least 2.
    pub max_media_items: usize,
}

impl RawDuplicates {
    /// Proves the ranges.
    pub(super) fn check(&self, checker: &Checker<'_>) -> Result<DuplicateConfig, ConfigError> {
        let key = |name: &str| format!("features.duplicates.{name}");
        Ok(DuplicateConfig {
            shingle_chars: checker.whole(&key("shingle_chars"), self.shingle_chars, 3..=16)?,
            min_shingles: checker.whole(&key("min_shingles"), self.min_shingles, 1..=256)?,
            min_chars: checker.whole(&key("min_chars"), self.min_chars, 1..=1000)?,
            min_likeness: checker.number(&key("min_likeness"), self.min_likeness, 0.5..=1.0)?,
            max_media_items: checker.whole(&key("max_media_items"), self.max_media_items, 2..=1_000_000)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;
    use crate::config::{Overlays, ProjectFile, load};

    fn loaded(text: &str) -> Result<DuplicateConfig, ConfigError> {
        let overlays = Overlays { environment: &BTreeMap::new(), sets: &[] };
        let project = ProjectFile { path: Path::new("stallmark.toml"), text: Some(text) };
        load(&project, &overlays, Path::new("/p")).map(|config| config.features.duplicates)
    }

    #[test]
    fn defaults_are_those_that_were_measured() {
        let expect =
            DuplicateConfig { shingle_chars: 5, min_shingles: 8, min_chars: 8, min_likeness: 0.7, max_media_items: 1000 };
        assert_eq!(loaded("").unwrap(), expect);
    }

    #[test]
    fn ranges_are_proven() {
        for key in ["shingle_chars = 2", "min_shingles = 0", "min_chars = 0", "min_likeness = 0.4", "max_media_items = 1"] {
            let error = loaded(&format!("[features.duplicates]\n{key}")).unwrap_err();
            let expect = format!("features.duplicates.{}", key.split(' ').next().unwrap());
            assert!(matches!(&error, ConfigError::BadValue { key, .. } if *key == expect), "{error}");
        }
        assert_eq!(loaded("[features.duplicates]\nmin_likeness = 1.0").unwrap().min_likeness, 1.0);
    }
}
