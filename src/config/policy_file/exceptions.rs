//! `exceptions.toml`: who is left alone by which policies, until when, and who says so.

use super::super::checker::Checker;
use super::super::entry::Entry;
use super::super::{ConfigError, decode};
use super::raw::{RawException, RawExceptions};
use crate::units::{Day, Id};

/// What an entry does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExceptionKind {
    /// The policies do not act on it. Escalations are made all the same.
    Allow,
    /// It is not sent to a reviewer again: only treatments `review` are left out, and the queue passes it over.
    Snooze,
}

/// Whom an entry is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExceptionTarget {
    /// One item.
    Content(Id),
    /// All items of a seller.
    Seller(Id),
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyException {
    /// What it does.
    pub kind: ExceptionKind,
    /// Whom it is about.
    pub target: ExceptionTarget,
    /// The policies; empty for all.
    pub policies: Vec<Id>,
    /// The first day on which it no longer holds.
    pub until: Day,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// Where it stands.
    pub place: String,
}

/// The entries of a folder of policies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyExceptions {
    /// In file order, `allow` before `snooze`.
    pub entries: Vec<PolicyException>,
    /// The first 12 hexadecimal digits of the BLAKE3 of the file's text; empty without a file.
    pub version: String,
}

/// Reads `exceptions.toml`.
///
/// # Errors
/// At the first key that is unknown, missing or of the wrong type, or an entry that names nobody, or both.
pub fn parse_exceptions(file: &str, text: &str) -> Result<PolicyExceptions, ConfigError> {
    let root = Entry::parse(file, text)?;
    let raw: RawExceptions = decode::decode(&root)?;
    let checker = Checker { root: &root, environment: &std::collections::BTreeMap::new(), project_dir: std::path::Path::new("") };
    let mut entries = Vec::with_capacity(raw.allow.len() + raw.snooze.len());
    for (kind, table, listed) in [(ExceptionKind::Allow, "allow", raw.allow), (ExceptionKind::Snooze, "snooze", raw.snooze)] {
        for (at, entry) in listed.into_iter().enumerate() {
            entries.push(one(kind, &format!("{table}[{at}]"), entry, &checker)?);
        }
    }
    Ok(PolicyExceptions { entries, version: blake3::hash(text.as_bytes()).to_hex()[..12].to_owned() })
}

fn one(kind: ExceptionKind, key: &str, raw: RawException, checker: &Checker<'_>) -> Result<PolicyException, ConfigError> {
    let target = match (raw.content_id.is_empty(), raw.seller_id.is_empty()) {
        (false, true) => ExceptionTarget::Content(Id::from(raw.content_id)),
        (true, false) => ExceptionTarget::Seller(Id::from(raw.seller_id)),
        _ => return Err(checker.refuse(key, "either content_id or seller_id")),
    };
    let until =
        raw.until.parse().map_err(|_| checker.refuse(&format!("{key}.until"), "a date as YYYY-MM-DD: every entry ends"))?;
    for (name, value) in [("owner", &raw.owner), ("reason", &raw.reason)] {
        if value.trim().is_empty() {
            return Err(checker.refuse(&format!("{key}.{name}"), "who answers for the entry, and why"));
        }
    }
    if raw.policies.is_empty() {
        return Err(checker.refuse(&format!("{key}.policies"), "ids of policies, or [\"*\"] for all"));
    }
    let all = raw.policies.iter().any(|id| id == "*");
    let policies = if all { Vec::new() } else { raw.policies.iter().map(|id| Id::from(id.as_str())).collect() };
    let place = checker.place(key).to_string();
    Ok(PolicyException { kind, target, policies, until, owner: raw.owner, reason: raw.reason, place })
}
