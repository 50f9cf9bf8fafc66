//! A small project's columns, and rows of it.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::config::{PolicyExceptions, parse_exceptions, parse_policy};
use crate::scoring::ScoredLabel;
use crate::sql::{SqlColumn, SqlType, TextColumn};
use crate::units::{ContentType, Day, Id, LabelKind, Market, Severity};

/// gambling (severity 4), knockoff (2), low_info (quality, 1).
pub(super) fn labels() -> Vec<ScoredLabel> {
    let label = |id: &str, kind, severity| ScoredLabel {
        id: Id::from(id),
        kind,
        severity: Severity::new(severity).unwrap(),
        weight: 1.0,
        content_types: ContentType::all().collect(),
    };
    vec![label("gambling", LabelKind::Abuse, 4), label("knockoff", LabelKind::Abuse, 2), label("low_info", LabelKind::Quality, 1)]
}

/// Severities of the scored labels and of `counterfeit`, which is declared alone.
pub(super) fn severities() -> BTreeMap<Id, Severity> {
    let scored = labels().into_iter().map(|label| (label.id, label.severity));
    scored.chain([(Id::from("counterfeit"), Severity::new(5).unwrap())]).collect()
}

/// The features of [`columns`] that are of links.
const LINKS: [&str; 4] = ["ring_size", "ring_first_owner", "dup_copies", "dup_is_copy"];

/// Features `urls` and four of links.
pub(super) fn columns() -> PolicyColumns {
    let features: Vec<String> = LINKS.iter().chain(&["urls"]).map(|name| (*name).to_owned()).collect();
    PolicyColumns::new(&labels(), &features, &BTreeSet::from(LINKS))
}

/// A policy's text: `id`, live, about gambling, holding, with `lines` in the place of what they set.
pub(super) fn text(id: &str, lines: &str) -> String {
    let set = |key: &str| lines.lines().any(|line| line.starts_with(&format!("{key} =")));
    let mut text = format!("id = \"{id}\"\nowner = \"a@b\"\nreason = \"why\"\n");
    for (key, value) in
        [("labels", "[\"gambling\"]"), ("when", "\"p_gambling >= 0.9\""), ("treatment", "\"hold\""), ("mode", "\"live\"")]
    {
        if !set(key) {
            text.push_str(&format!("{key} = {value}\n"));
        }
    }
    text + lines + "\n"
}

pub(super) fn set_with(policies: &[String], exceptions: &str) -> Result<PolicySet, PolicyError> {
    let files = policies.iter().enumerate().map(|(at, text)| parse_policy(&format!("p{at}.toml"), text).unwrap()).collect();
    let exceptions =
        if exceptions.is_empty() { PolicyExceptions::default() } else { parse_exceptions("e.toml", exceptions).unwrap() };
    PolicySet::compile(files, exceptions, columns(), &severities(), ShareKey::new("secret"))
}

pub(super) fn set(policies: &[String]) -> PolicySet {
    set_with(policies, "").unwrap()
}

/// A row: an item with its columns.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) content_id: String,
    pub(super) seller_id: Option<String>,
    pub(super) market: Market,
    pub(super) content_type: ContentType,
    pub(super) numbers: Vec<(&'static str, f64)>,
}

pub(super) fn row(content_id: &str, numbers: &[(&'static str, f64)]) -> Row {
    Row {
        content_id: content_id.to_owned(),
        seller_id: Some(format!("seller of {content_id}")),
        market: "TH".parse().unwrap(),
        content_type: ContentType::Listing,
        numbers: numbers.to_vec(),
    }
}

/// Calls `work` with a batch of `rows` on the day 2026-03-26.
pub(super) fn with_batch<T>(rows: &[Row], work: impl FnOnce(&Batch<'_>) -> T) -> T {
    let about: Vec<BatchRow<'_>> = rows
        .iter()
        .map(|row| BatchRow {
            content_id: &row.content_id,
            seller_id: row.seller_id.as_deref(),
            market: row.market,
            content_type: row.content_type,
        })
        .collect();
    let columns = columns();
    let column = |name: &str| match columns.get(name).map(|c| c.ty) {
        Some(SqlType::Number) => {
            let cell = |row: &Row| row.numbers.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
            SqlColumn::Number(rows.iter().map(cell).collect())
        }
        Some(SqlType::Text) if name == "market" => {
            let mut cells = TextColumn::default();
            rows.iter().for_each(|row| cells.push(Some(row.market.as_str())));
            SqlColumn::Text(cells)
        }
        ty => SqlColumn::nulls(ty.unwrap_or(SqlType::Text), rows.len()),
    };
    work(&Batch { day: day("2026-03-26"), rows: &about, column: &column })
}

pub(super) fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// The states of the first policy on each row; `None` where it has no trace.
pub(super) fn states(set: &PolicySet, rows: &[Row]) -> Vec<Option<TraceState>> {
    let traces = with_batch(rows, |batch| set.evaluate(batch)).unwrap();
    traces.iter().map(|traces| traces.iter().find(|t| t.policy == 0).map(|t| t.state)).collect()
}

/// The rulings of `rows`, in a night of its own.
pub(super) fn rulings(set: &PolicySet, rows: &[Row], is_population: bool) -> (Night, Vec<Ruling>) {
    let (traces, tally) = with_batch(rows, |batch| {
        let traces = set.evaluate(batch).unwrap();
        let mut tally = Tally::default();
        tally.add(set, batch, &traces);
        (traces, tally)
    });
    let night = Night::of(set, &tally, &|_| is_population);
    let rulings = traces.iter().map(|traces| set.rule(traces, &night)).collect();
    (night, rulings)
}
