//! `[train.tune]`: where a search for better parameters looks, and how it spends its time.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::checker::Checker;
use super::{ConfigError, TextBlocks};

/// A search, as written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTune {
    pub(super) journal: String,
    pub(super) eta: i64,
    pub(super) rungs: i64,
    pub(super) c: Vec<f64>,
    pub(super) min_documents: Vec<i64>,
    pub(super) blocks: Vec<TextBlocks>,
    pub(super) rounds: Vec<i64>,
    pub(super) depth: Vec<i64>,
    pub(super) learning_rate: Vec<f64>,
    pub(super) l2: Vec<f64>,
    pub(super) min_child_weight: Vec<f64>,
}

/// A search: random trials, then successive halving. Each range is its least and its greatest value.
#[derive(Debug, Clone, PartialEq)]
pub struct TuneConfig {
    /// The file that results are added to, and read from when a search goes on.
    pub journal: PathBuf,
    /// One of this many trials goes on to the next rung, which has this many times the sellers; 2 to 10.
    pub eta: u32,
    /// Rungs, 1 to 5; the last has all sellers.
    pub rungs: u32,
    /// Of `text.c`.
    pub c: (f64, f64),
    /// Of `text.min_documents`.
    pub min_documents: (u32, u32),
    /// Forms of `text.blocks` to choose from, at least one.
    pub blocks: Vec<TextBlocks>,
    /// Of `trees.rounds`.
    pub rounds: (u32, u32),
    /// Of `trees.depth`.
    pub depth: (u32, u32),
    /// Of `trees.learning_rate`.
    pub learning_rate: (f64, f64),
    /// Of `trees.l2`; the least is above 0.
    pub l2: (f64, f64),
    /// Of `trees.min_child_weight`; the least is above 0.
    pub min_child_weight: (f64, f64),
}

impl RawTune {
    /// Proves the ranges. All but the whole numbers are searched on a logarithmic scale, so they begin above 0.
    pub(super) fn check(&self, checker: &Checker<'_>) -> Result<TuneConfig, ConfigError> {
        if self.blocks.is_empty() {
            return Err(checker.refuse("train.tune.blocks", "a list of joint, halves or both"));
        }
        let whole = |name: &str, range: &[i64], least, greatest| {
            let key = format!("train.tune.{name}");
            let (low, high) = in_order(checker, &key, range)?;
            let low = checker.whole(&format!("{key}[0]"), low, least..=greatest)?;
            Ok::<_, ConfigError>((low, checker.whole(&format!("{key}[1]"), high, least..=greatest)?))
        };
        let number = |name: &str, range: &[f64], least, greatest| {
            let key = format!("train.tune.{name}");
            let (low, high) = in_order(checker, &key, range)?;
            let low = checker.number(&format!("{key}[0]"), low, least..=greatest)?;
            Ok::<_, ConfigError>((low, checker.number(&format!("{key}[1]"), high, least..=greatest)?))
        };
        Ok(TuneConfig {
            journal: PathBuf::from(checker.path("train.tune.journal", &self.journal)?),
            eta: checker.whole("train.tune.eta", self.eta, 2..=10)?,
            rungs: checker.whole("train.tune.rungs", self.rungs, 1..=5)?,
            c: number("c", &self.c, 1e-4, 1e4)?,
            min_documents: whole("min_documents", &self.min_documents, 1, 1000)?,
            blocks: self.blocks.clone(),
            rounds: whole("rounds", &self.rounds, 0, 10_000)?,
            depth: whole("depth", &self.depth, 1, 10)?,
            learning_rate: number("learning_rate", &self.learning_rate, 1e-4, 1.0)?,
            l2: number("l2", &self.l2, 1e-6, 1e6)?,
            min_child_weight: number("min_child_weight", &self.min_child_weight, 1e-6, 1e6)?,
        })
    }
}

/// Two values, of which the second is no less than the first.
fn in_order<T: PartialOrd + Copy>(checker: &Checker<'_>, key: &str, range: &[T]) -> Result<(T, T), ConfigError> {
    match range {
        [low, high] if low <= high => Ok((*low, *high)),
        _ => Err(checker.refuse(key, "two numbers: the least and the greatest value to try")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;
    use crate::config::{Overlays, ProjectFile, load};

    fn loaded(text: &str) -> Result<TuneConfig, ConfigError> {
        let overlays = Overlays { environment: &BTreeMap::new(), sets: &[] };
        let project = ProjectFile { path: Path::new("stallmark.toml"), text: Some(text) };
        load(&project, &overlays, Path::new("/p")).map(|config| config.train.tune)
    }

    #[test]
    fn ranges_are_proven() {
        let refused = [
            ("c = [5.0]", "train.tune.c"),
            ("c = [5.0, 1.0]", "train.tune.c"),
            ("l2 = [0.0, 1.0]", "train.tune.l2[0]"),
            ("learning_rate = [0.1, 1.5]", "train.tune.learning_rate[1]"),
            ("depth = [2, 11]", "train.tune.depth[1]"),
            ("blocks = []", "train.tune.blocks"),
            ("eta = 1", "train.tune.eta"),
            ("rungs = 0", "train.tune.rungs"),
            ("journal = \"s3://x\"", "train.tune.journal"),
        ];
        for (line, expect) in refused {
            let error = loaded(&format!("[train.tune]\n{line}")).unwrap_err();
            assert!(matches!(&error, ConfigError::BadValue { key, .. } if key == expect), "{line}: {error}");
        }
        assert_eq!(loaded("[train.tune]\ndepth = [3, 3]").unwrap().depth, (3, 3));
        assert_eq!(loaded("").unwrap().journal, Path::new("/p/tuning.jsonl"));
    }
}
