//! `[policies]`: where policies are, and the secret that shares are drawn with.

use std::fmt;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::ConfigError;
use super::checker::Checker;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPolicies {
    pub(super) path: String,
    pub(super) key: String,
    pub(super) sample_share: f64,
}

/// Where policies are, and the secret that shares are drawn with.
#[derive(Clone, PartialEq)]
pub struct PoliciesConfig {
    /// The folder; `None` for the built-in set.
    pub path: Option<PathBuf>,
    /// The secret; empty for none.
    pub key: String,
    /// Share of the items whose whole row of features is kept, in [0, 1].
    pub sample_share: f64,
}

/// A secret is not printed.
impl fmt::Debug for PoliciesConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, key, sample_share } = self;
        let key = if key.is_empty() { "none" } else { "secret" };
        f.debug_struct("PoliciesConfig").field("path", path).field("key", &key).field("sample_share", sample_share).finish()
    }
}

pub(super) fn check(raw: &RawPolicies, checker: &Checker<'_>) -> Result<PoliciesConfig, ConfigError> {
    let path = if raw.path.is_empty() { None } else { Some(PathBuf::from(checker.path("policies.path", &raw.path)?)) };
    Ok(PoliciesConfig {
        path,
        key: checker.filled("policies.key", &raw.key)?,
        sample_share: checker.number("policies.sample_share", raw.sample_share, 0.0..=1.0)?,
    })
}
