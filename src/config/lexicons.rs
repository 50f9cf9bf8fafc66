//! `[features.lexicons]`: a project's own lexicon files, and groups that it does without.
//!
//! Input: raw keys. Output: paths resolved, names proven. Deliberately not here: opening the files (`run` does) and their contents
//! (`text` reads them), so whether a disabled group exists is found there.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::checker::Checker;

/// The keys as written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLexicons {
    pub(super) files: Vec<String>,
    pub(super) disabled: Vec<String>,
}

/// Lexicons beyond, and without some of, the built-in ones.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct LexiconConfig {
    /// The project's own files. What lies there is hashed with the lexicons, so the paths are not.
    #[serde(skip)]
    pub files: Vec<PathBuf>,
    /// Groups that are left out, sorted, each once.
    pub disabled: Vec<String>,
    /// Where they were written, for the error about one that no lexicon has.
    #[serde(skip)]
    pub disabled_place: String,
}

/// Checks the section.
pub(super) fn check(raw: &RawLexicons, checker: &Checker<'_>) -> Result<LexiconConfig, ConfigError> {
    let file = |(at, path): (usize, &String)| checker.path(&format!("features.lexicons.files[{at}]"), path).map(PathBuf::from);
    let files = raw.files.iter().enumerate().map(file).collect::<Result<Vec<_>, _>>()?;
    let mut disabled = raw.disabled.clone();
    disabled.sort_unstable();
    disabled.dedup();
    let named =
        |group: &String| !group.is_empty() && group.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if disabled.len() != raw.disabled.len() || !disabled.iter().all(named) {
        return Err(checker.refuse("features.lexicons.disabled", "names of lexicon groups, each once, for instance \"insult\""));
    }
    let disabled_place = checker.place("features.lexicons.disabled").to_string();
    Ok(LexiconConfig { files, disabled, disabled_place })
}
