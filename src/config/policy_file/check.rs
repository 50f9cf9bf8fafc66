//! Raw policy → [`PolicyFile`]: ranges, and the guards that need nothing but the file.

use super::super::check_labels::is_label_id;
use super::super::checker::Checker;
use super::super::entry::Entry;
use super::super::{ConfigError, decode};
use super::raw::{RawCase, RawDays, RawPolicy};
use super::{EffectiveDays, PolicyCap, PolicyCase, PolicyFile};
use crate::units::{Day, Id, Market, Treatment};

/// How many unit cases, labels or parameters a file may have: more is a mistake.
const MOST: usize = 1000;

pub(super) fn check(
    raw: RawPolicy,
    markets: &[(String, Entry)],
    checker: &Checker<'_>,
    file: &str,
    text: &str,
) -> Result<PolicyFile, ConfigError> {
    if !is_label_id(&raw.id) {
        return Err(checker.refuse("id", "1 to 48 lower-case letters, digits and single underscores, starting with a letter"));
    }
    for (key, value) in [("owner", &raw.owner), ("reason", &raw.reason), ("when", &raw.when)] {
        if value.trim().is_empty() {
            return Err(checker.refuse(key, OWED[usize::from(key == "reason") + 2 * usize::from(key == "when")]));
        }
    }
    let no_duplicates = |at: usize| !raw.labels[..at].contains(&raw.labels[at]);
    if raw.labels.is_empty() || raw.labels.len() > MOST || !(0..raw.labels.len()).all(no_duplicates) {
        return Err(checker.refuse("labels", "at least one id of [labels], each once"));
    }
    let multiplier = checker.number("multiplier", raw.multiplier, 0.0..=1.0)?;
    if multiplier >= 1.0 || multiplier > 0.0 && raw.treatment != Treatment::Downrank {
        return Err(checker.refuse("multiplier", "a number above 0, below 1, and only where treatment = \"downrank\""));
    }
    let rollout = checker.number("rollout", raw.rollout, 0.0..=1.0)?;
    if rollout == 0.0 {
        return Err(checker.refuse("rollout", "a number above 0, to 1; mode = \"shadow\" acts on nothing"));
    }
    if raw.urgent_route && (raw.treatment != Treatment::Escalate || rollout < 1.0 || raw.holdback > 0.0) {
        return Err(checker.refuse("urgent_route", "true only with treatment = \"escalate\", rollout = 1 and holdback = 0"));
    }
    let cap = PolicyCap {
        items: limit(checker.whole("cap.items", raw.cap.items, 0..=i64::MAX)?),
        sellers: limit(checker.whole("cap.sellers", raw.cap.sellers, 0..=i64::MAX)?),
        market_share: Some(checker.number("cap.market_share", raw.cap.market_share, 0.0..=1.0)?).filter(|share| *share > 0.0),
    };
    if raw.urgent_route && cap != PolicyCap::default() {
        return Err(checker.refuse("cap", "no limits where urgent_route = true"));
    }
    if let Some((name, _)) = raw.parameters.iter().find(|(name, value)| !is_parameter_name(name) || !value.is_finite()) {
        let expected = "a finite number under a name of lower-case letters, digits and single underscores that is no word of SQL";
        return Err(checker.refuse(&format!("parameters.{name}"), expected));
    }
    let is_rail = |(metric, most): (&String, &f64)| GUARDED.contains(&metric.as_str()) && (0.0..1.0).contains(most);
    if let Some((name, _)) = raw.guardrails.iter().find(|rail| !is_rail(*rail)) {
        let expected = "views, orders or gmv, each with the share that the policy may cost of it, from 0 to below 1";
        return Err(checker.refuse(&format!("guardrails.{name}"), expected));
    }
    let mut market_effective = Vec::with_capacity(markets.len());
    for (name, entry) in markets {
        let key = format!("effective.{name}");
        let market: Market = name.parse().map_err(|_| refuse(entry, &key, "two letters of ISO 3166 alpha-2, for instance SG"))?;
        let own = Checker { root: entry, environment: checker.environment, project_dir: checker.project_dir };
        market_effective.push((market, days(&decode::decode(entry)?, &own, "")?));
    }
    Ok(PolicyFile {
        file: file.to_owned(),
        version: blake3::hash(text.as_bytes()).to_hex()[..12].to_owned(),
        id: Id::from(raw.id),
        owner: raw.owner,
        reason: raw.reason,
        labels: raw.labels.iter().map(|label| Id::from(label.as_str())).collect(),
        markets: parse_markets(&raw.markets, checker)?,
        content_types: raw.content_types,
        when: raw.when,
        when_place: checker.place("when").to_string(),
        treatment: raw.treatment,
        mode: raw.mode,
        priority: checker.whole("priority", raw.priority, 0..=1000)?,
        multiplier: Some(multiplier).filter(|m| *m > 0.0),
        rollout,
        holdback: checker.number("holdback", raw.holdback, 0.0..=0.5)?,
        unit: raw.unit,
        minutes: Some(checker.number("minutes", raw.minutes, 0.0..=1000.0)?).filter(|m| *m > 0.0),
        urgent_route: raw.urgent_route,
        effective: days(&raw.effective, checker, "effective.")?,
        market_effective,
        cap,
        parameters: raw.parameters.into_iter().collect(),
        guardrails: raw.guardrails.into_iter().collect(),
        cases: cases(raw.cases, checker)?,
    })
}

/// What a guardrail may be about.
const GUARDED: [&str; 3] = ["views", "orders", "gmv"];

/// What `owner`, `reason` and `when` must say.
const OWED: [&str; 3] = [
    "who answers for the policy: a person's or team's address",
    "why the policy is as it is: what changed last, and what for",
    "an SQL condition, for instance p_gambling >= 0.9",
];

fn limit(value: u64) -> Option<u64> {
    Some(value).filter(|value| *value > 0)
}

fn refuse(entry: &Entry, key: &str, expected: &str) -> ConfigError {
    ConfigError::BadValue { place: entry.place.clone(), key: key.to_owned(), value: entry.shown(), expected: expected.to_owned() }
}

fn parse_markets(listed: &[String], checker: &Checker<'_>) -> Result<Vec<Market>, ConfigError> {
    let mut markets: Vec<Market> = Vec::with_capacity(listed.len());
    for (at, text) in listed.iter().enumerate() {
        let key = format!("markets[{at}]");
        let market = text.parse().map_err(|_| checker.refuse(&key, "two letters of ISO 3166 alpha-2, for instance SG"))?;
        if markets.contains(&market) {
            return Err(checker.refuse(&key, "each market once"));
        }
        markets.push(market);
    }
    Ok(markets)
}

fn days(raw: &RawDays, checker: &Checker<'_>, table: &str) -> Result<EffectiveDays, ConfigError> {
    let day = |key: &str, text: &str| -> Result<Option<Day>, ConfigError> {
        let refuse = |_| checker.refuse(&format!("{table}{key}"), "a date as YYYY-MM-DD, or \"\" for no limit");
        if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(refuse) }
    };
    let days = EffectiveDays { from: day("from", &raw.from)?, until: day("until", &raw.until)? };
    match (days.from, days.until) {
        (Some(from), Some(until)) if until <= from => Err(checker.refuse(&format!("{table}until"), "a day after `from`")),
        _ => Ok(days),
    }
}

fn cases(raw: Vec<RawCase>, checker: &Checker<'_>) -> Result<Vec<PolicyCase>, ConfigError> {
    let mut cases: Vec<PolicyCase> = Vec::with_capacity(raw.len());
    for (at, case) in raw.into_iter().enumerate() {
        let key = format!("cases[{at}]");
        if case.name.trim().is_empty() || cases.iter().any(|known| known.name == case.name) {
            return Err(checker.refuse(&format!("{key}.name"), "what the case shows, each name once"));
        }
        let place = checker.place(&key).to_string();
        cases.push(PolicyCase { name: case.name, given: case.given.into_iter().collect(), expect: case.expect, place });
    }
    Ok(cases)
}

/// Words that SQL reads as something else than a column where one may stand.
const SQL_WORDS: [&str; 28] = [
    "all",
    "and",
    "any",
    "as",
    "between",
    "case",
    "cast",
    "current_date",
    "current_time",
    "current_timestamp",
    "date",
    "distinct",
    "else",
    "end",
    "exists",
    "extract",
    "false",
    "from",
    "in",
    "interval",
    "is",
    "like",
    "not",
    "null",
    "or",
    "select",
    "timestamp",
    "true",
];

fn is_parameter_name(name: &str) -> bool {
    is_label_id(name) && !SQL_WORDS.contains(&name)
}
