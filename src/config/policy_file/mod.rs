//! A policy as its owner writes it: one TOML file, and beside the policies of a folder `exceptions.toml` with who is left alone.
//!
//! Input: a file's name and text. Output: a [`PolicyFile`] or [`PolicyExceptions`] whose shape and ranges are proven, or an error that
//! names the place, the key, the value and what was expected. Defaults stand in `config/policy.toml`. Deliberately not here: what
//! `when` says and which labels there are (`policy` compiles it over the columns of a project).

mod check;
mod exceptions;
mod raw;
#[cfg(test)]
mod tests;

pub use exceptions::{ExceptionKind, ExceptionTarget, PolicyException, PolicyExceptions, parse_exceptions};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::checker::Checker;
use super::decode;
use super::entry::Entry;
use crate::units::{ContentType, Day, Id, Market, Treatment};

/// Every key of a policy file with its meaning and default.
pub const POLICY_DEFAULTS: &str = include_str!("../../../config/policy.toml");

/// Where a policy is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PolicyMode {
    /// Checked and tested, never evaluated by a run.
    Draft,
    /// Evaluated and counted, acts on nothing.
    Shadow,
    /// Acts.
    Live,
    /// Kept for the record.
    Expired,
}

impl PolicyMode {
    /// The name in files and tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Shadow => "shadow",
            Self::Live => "live",
            Self::Expired => "expired",
        }
    }
}

/// What rollout and holdback draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PolicyUnit {
    /// Each item by itself.
    Content,
    /// All items of a seller alike; an item without a seller by itself.
    Seller,
}

/// The days at whose midnights a policy acts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EffectiveDays {
    /// The first.
    pub from: Option<Day>,
    /// The first on which it no longer does.
    pub until: Option<Day>,
}

impl EffectiveDays {
    /// Whether `day` is one of them.
    #[must_use]
    pub fn contains(&self, day: Day) -> bool {
        self.from.is_none_or(|from| day >= from) && self.until.is_none_or(|until| day < until)
    }
}

/// The most that a policy may act on in a night; `None` for no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PolicyCap {
    /// Items.
    pub items: Option<u64>,
    /// Sellers.
    pub sellers: Option<u64>,
    /// Share of the items in scope of any one market, in (0, 1].
    pub market_share: Option<f64>,
}

/// A value of a unit case.
#[derive(Debug, Clone, PartialEq)]
pub enum GivenValue {
    /// Text; a time too, where the column is one.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// True or false.
    Boolean(bool),
}

impl std::fmt::Display for GivenValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => write!(f, "'{text}'"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value}"),
            Self::Boolean(value) => write!(f, "{value}"),
        }
    }
}

/// A unit case: what the policy must do with a row.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyCase {
    /// What it shows.
    pub name: String,
    /// Columns and their values; the others are null.
    pub given: Vec<(String, GivenValue)>,
    /// The treatment expected; `allow` where the policy must not fire.
    pub expect: Treatment,
    /// Where it stands, for instance `policies/hold.toml:31`.
    pub place: String,
}

/// A policy as written.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyFile {
    /// The file.
    pub file: String,
    /// Version: the first 12 hexadecimal digits of the BLAKE3 of the file's text.
    pub version: String,
    /// Identifier.
    pub id: Id,
    /// Who answers for it.
    pub owner: String,
    /// Why it is as it is.
    pub reason: String,
    /// Labels that it is about; at least one.
    pub labels: Vec<Id>,
    /// Markets; empty for all.
    pub markets: Vec<Market>,
    /// Content types; empty for all.
    pub content_types: Vec<ContentType>,
    /// The condition.
    pub when: String,
    /// Where the condition stands.
    pub when_place: String,
    /// What to do.
    pub treatment: Treatment,
    /// Where it is in its life.
    pub mode: PolicyMode,
    /// Its rank where several fire.
    pub priority: u32,
    /// What a downrank multiplies by; `None` for the configured factor.
    pub multiplier: Option<f64>,
    /// Share of units that it acts on, in (0, 1].
    pub rollout: f64,
    /// Share of units left alone, in [0, 0.5].
    pub holdback: f64,
    /// What both draw.
    pub unit: PolicyUnit,
    /// Minutes of a review that it asks for.
    pub minutes: Option<f64>,
    /// Whether what it fires on goes to `escalations` alone.
    pub urgent_route: bool,
    /// When it acts, where a market has no days of its own.
    pub effective: EffectiveDays,
    /// Markets with days of their own.
    pub market_effective: Vec<(Market, EffectiveDays)>,
    /// The most that it may act on.
    pub cap: PolicyCap,
    /// Numbers that the condition may name.
    pub parameters: Vec<(String, f64)>,
    /// The most that it may cost, by metric, as a share of what those held back have; told by `monitor`, not enforced.
    pub guardrails: Vec<(String, f64)>,
    /// Unit cases.
    pub cases: Vec<PolicyCase>,
}

impl PolicyFile {
    /// Whether it acts on content of this type.
    #[must_use]
    pub fn covers_type(&self, content_type: ContentType) -> bool {
        self.content_types.is_empty() || self.content_types.contains(&content_type)
    }

    /// Whether it acts in `market` at the midnight of `day`.
    #[must_use]
    pub fn covers_market(&self, market: Market, day: Day) -> bool {
        let own = self.market_effective.iter().find(|(known, _)| *known == market);
        let days = own.map_or(&self.effective, |(_, days)| days);
        (self.markets.is_empty() || self.markets.contains(&market)) && days.contains(day)
    }
}

/// Reads a policy file.
///
/// # Errors
/// At the first key that is unknown, missing, of the wrong type or outside its range.
pub fn parse_policy(file: &str, text: &str) -> Result<PolicyFile, ConfigError> {
    let mut root = Entry::parse("config/policy.toml", POLICY_DEFAULTS)?;
    root.merge(Entry::parse(file, text)?);
    let (markets, root) = take_market_days(root);
    let raw = decode::decode(&root)?;
    let checker = Checker { root: &root, environment: &std::collections::BTreeMap::new(), project_dir: std::path::Path::new("") };
    check::check(raw, &markets, &checker, file, text)
}

/// `[effective.<market>]` tables, taken out of `effective`, which has keys of its own beside them.
fn take_market_days(mut root: Entry) -> (Vec<(String, Entry)>, Entry) {
    let mut taken = Vec::new();
    if let Some(effective) = root.get_mut("effective")
        && let super::entry::Node::Table(keys) = &mut effective.node
    {
        let (markets, own): (Vec<_>, Vec<_>) =
            std::mem::take(keys).into_iter().partition(|(_, entry)| matches!(entry.node, super::entry::Node::Table(_)));
        *keys = own;
        taken = markets;
    }
    (taken, root)
}
