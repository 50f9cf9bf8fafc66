//! The published form of what the monitor finds: `metrics`, `alarms`, `trends`, and back.

use std::collections::BTreeSet;
use std::sync::Mutex;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::monitor::{Alarm, Figure, Range, Segment, Trend, TrendExample};
use crate::publish::{Column, ColumnData, ColumnKind, ColumnSpec, Table, TableSchema};
use crate::run::score_table::RunColumns;
use crate::units::{Day, Id, Market};

/// Figures.
pub(in crate::run) const METRICS: &str = "metrics";
/// Alarms.
pub(in crate::run) const ALARMS: &str = "alarms";
/// Trends.
pub(in crate::run) const TRENDS: &str = "trends";

fn spec(name: &str, kind: ColumnKind, doc: &str) -> ColumnSpec {
    ColumnSpec { name: name.to_owned(), kind, doc: doc.to_owned() }
}

/// The columns of a segment beside its market, which is the partition.
fn segment_specs() -> Vec<ColumnSpec> {
    vec![
        spec("label", ColumnKind::Text, "the label, where it is about one"),
        spec("category", ColumnKind::Text, "the category, where it is about one"),
        spec("content_type", ColumnKind::Text, "the content type, where it is about one"),
        spec("tier", ColumnKind::Text, "the tier of sellers, where it is about one"),
        spec("subject", ColumnKind::Text, "what else it is about: a feature, a policy, a team, a reason"),
    ]
}

fn run_specs() -> Vec<ColumnSpec> {
    vec![
        spec("model_version", ColumnKind::Text, "the model"),
        spec("policy_version", ColumnKind::Text, "the policy set"),
        spec("run_id", ColumnKind::Text, "hash of inputs, configuration and model"),
    ]
}

/// `metrics`: one row a figure.
pub(in crate::run) fn metrics_schema() -> TableSchema {
    let own = vec![
        spec("family", ColumnKind::Text, "prevalence, drift, volume, policy and so on"),
        spec("metric", ColumnKind::Text, "which figure of the family"),
    ];
    let value = vec![
        spec("value", ColumnKind::F64, "the value; null where it is undefined"),
        spec("low", ColumnKind::F64, "lower end of its 95 % interval"),
        spec("high", ColumnKind::F64, "upper end of its 95 % interval"),
        spec("n", ColumnKind::I64, "rows, sampled items or decisions that it rests on"),
        spec("positives", ColumnKind::I64, "of these, those that count for it"),
        spec("unit", ColumnKind::Text, "share, per_ten_thousand (kept as a share), count, minutes and so on"),
        spec("method", ColumnKind::Text, "how it was measured"),
        spec("state", ColumnKind::Text, "plain, within, unknown, warning, refused"),
        spec("note", ColumnKind::Text, "what to know beside it"),
    ];
    TableSchema { name: METRICS, columns: [own, segment_specs(), value, run_specs()].concat() }
}

/// `alarms`: one row an alarm of the night.
pub(in crate::run) fn alarms_schema() -> TableSchema {
    let own = vec![spec("check", ColumnKind::Text, "what found it")];
    let rest = vec![
        spec("state", ColumnKind::Text, "raised, standing, cleared"),
        spec("since", ColumnKind::Date, "the night it was raised"),
        spec("message", ColumnKind::Text, "what was found and what was expected"),
        spec("n", ColumnKind::I64, "what it rests on"),
    ];
    TableSchema { name: ALARMS, columns: [own, segment_specs(), rest, run_specs()].concat() }
}

/// `trends`: one row a trend of the night.
pub(in crate::run) fn trends_schema() -> TableSchema {
    let own = vec![
        spec("kind", ColumnKind::Text, "what its items have in common"),
        spec("name", ColumnKind::Text, "the term, domain, masked handle, or what stands for the group"),
        spec("since", ColumnKind::Date, "the night it was first found"),
        spec("items", ColumnKind::I64, "items of the last days"),
        spec("sellers", ColumnKind::I64, "their sellers"),
        spec("views", ColumnKind::I64, "their views"),
        spec("complaints", ColumnKind::I64, "their reports, refunds and hides"),
        spec("growth", ColumnKind::F64, "rate of the last days over the rate before"),
        spec("growth_low", ColumnKind::F64, "lower end of its 95 % interval"),
        spec("growth_high", ColumnKind::F64, "upper end of its 95 % interval"),
        spec("q_value", ColumnKind::F64, "Benjamini and Hochberg's q"),
        spec("rank_score", ColumnKind::F64, "what it is ranked by"),
        spec("condition", ColumnKind::Text, "a policy condition that selects its items"),
        spec("example_ids", ColumnKind::TextList, "some of its items"),
        spec("example_texts", ColumnKind::TextList, "their texts, shortened, contacts masked"),
    ];
    TableSchema { name: TRENDS, columns: [own, run_specs()].concat() }
}

/// Columns under construction from rows.
struct Rows<'a, T> {
    rows: &'a [T],
    columns: Vec<Column>,
}

impl<'a, T> Rows<'a, T> {
    fn of(rows: &'a [T]) -> Self {
        Self { rows, columns: Vec::new() }
    }

    fn push(&mut self, name: &str, data: ColumnData) {
        self.columns.push(Column { name: name.to_owned(), data });
    }

    fn text(&mut self, name: &str, value: impl Fn(&T) -> Option<String>) {
        let data = ColumnData::Text(self.rows.iter().map(value).collect());
        self.push(name, data);
    }

    fn number(&mut self, name: &str, value: impl Fn(&T) -> Option<f64>) {
        let data = ColumnData::F64(self.rows.iter().map(value).collect());
        self.push(name, data);
    }

    fn count(&mut self, name: &str, value: impl Fn(&T) -> Option<u64>) {
        let data = ColumnData::counts(self.rows.iter().map(value));
        self.push(name, data);
    }

    fn day(&mut self, name: &str, value: impl Fn(&T) -> Day) {
        let data = ColumnData::Date(self.rows.iter().map(|row| Some(value(row))).collect());
        self.push(name, data);
    }

    fn segment(&mut self, of: impl Fn(&T) -> &Segment) {
        self.text("label", |row| of(row).label.as_ref().map(ToString::to_string));
        self.text("category", |row| of(row).category.clone());
        self.text("content_type", |row| of(row).content_type.map(|known| known.as_str().to_owned()));
        self.text("tier", |row| of(row).tier.clone());
        self.text("subject", |row| of(row).subject.clone());
    }

    fn finish(mut self, run: &RunColumns) -> Table {
        self.text("model_version", |_| Some(run.model_version.clone()));
        self.text("policy_version", |_| Some(run.policy_version.clone()));
        self.text("run_id", |_| Some(run.run_id.clone()));
        Table { columns: self.columns }
    }
}

/// The name of a plain enumeration as it is serialised.
fn name_of(value: impl Serialize) -> Option<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => Some(name),
        _ => None,
    }
}

fn named<T: DeserializeOwned>(name: Option<String>) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(name?)).ok()
}

/// Rows of `metrics`, of one market.
pub(in crate::run) fn metrics_columns(figures: &[Figure], run: &RunColumns) -> Table {
    let mut rows = Rows::of(figures);
    rows.text("family", |f| name_of(f.family));
    rows.text("metric", |f| Some(f.metric.clone()));
    rows.segment(|f| &f.segment);
    rows.number("value", |f| f.value);
    rows.number("low", |f| f.interval.map(|i| i.low));
    rows.number("high", |f| f.interval.map(|i| i.high));
    rows.count("n", |f| Some(f.n));
    rows.count("positives", |f| f.positives);
    rows.text("unit", |f| name_of(f.unit));
    rows.text("method", |f| Some(f.method.to_string()));
    rows.text("state", |f| name_of(f.state));
    rows.text("note", |f| f.note.clone());
    rows.finish(run)
}

/// Rows of `alarms`, of one market.
pub(in crate::run) fn alarms_columns(alarms: &[Alarm], run: &RunColumns) -> Table {
    let mut rows = Rows::of(alarms);
    rows.text("check", |a| Some(a.check.to_string()));
    rows.segment(|a| &a.segment);
    rows.text("state", |a| name_of(a.state));
    rows.day("since", |a| a.since);
    rows.text("message", |a| Some(a.message.clone()));
    rows.count("n", |a| Some(a.n));
    rows.finish(run)
}

/// Rows of `trends`, of one market.
pub(in crate::run) fn trends_columns(trends: &[Trend], run: &RunColumns) -> Table {
    let mut rows = Rows::of(trends);
    rows.text("kind", |t| name_of(t.kind));
    rows.text("name", |t| Some(t.name.clone()));
    rows.day("since", |t| t.since);
    rows.count("items", |t| Some(t.items));
    rows.count("sellers", |t| Some(t.sellers));
    rows.count("views", |t| Some(t.views));
    rows.count("complaints", |t| Some(t.complaints));
    rows.number("growth", |t| Some(t.growth));
    rows.number("growth_low", |t| Some(t.growth_interval.low));
    rows.number("growth_high", |t| Some(t.growth_interval.high));
    rows.number("q_value", |t| Some(t.q_value));
    rows.number("rank_score", |t| Some(t.rank_score));
    rows.text("condition", |t| t.condition.clone());
    let list = |value: &dyn Fn(&TrendExample) -> String| {
        ColumnData::TextList(trends.iter().map(|t| t.examples.iter().map(value).collect()).collect())
    };
    let (ids, texts) = (list(&|e| e.content_id.to_string()), list(&|e| e.text.clone()));
    rows.push("example_ids", ids);
    rows.push("example_texts", texts);
    rows.finish(run)
}

/// Terms that were read back: methods and checks, of which there are few.
static TERMS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// At most so many: a table that was not written by us may hold anything.
const MOST_TERMS: usize = 1000;

/// A method or check as it was published, kept for the life of the process.
fn term(text: &str) -> &'static str {
    let mut terms = TERMS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(known) = terms.get(text) {
        return known;
    }
    if terms.len() >= MOST_TERMS {
        return "other";
    }
    let kept: &'static str = Box::leak(text.to_owned().into_boxed_str());
    terms.insert(kept);
    kept
}

/// Cells of a table that was read.
struct Cells<'a>(&'a Table);

impl Cells<'_> {
    fn text(&self, name: &str, row: usize) -> Option<String> {
        match self.0.column(name) {
            Some(ColumnData::Text(cells)) => cells.get(row).cloned().flatten(),
            _ => None,
        }
    }

    fn number(&self, name: &str, row: usize) -> Option<f64> {
        match self.0.column(name) {
            Some(ColumnData::F64(cells)) => cells.get(row).copied().flatten(),
            _ => None,
        }
    }

    fn count(&self, name: &str, row: usize) -> Option<u64> {
        match self.0.column(name) {
            Some(ColumnData::I64(cells)) => cells.get(row).copied().flatten().and_then(|n| u64::try_from(n).ok()),
            _ => None,
        }
    }

    fn day(&self, name: &str, row: usize) -> Option<Day> {
        match self.0.column(name) {
            Some(ColumnData::Date(cells)) => cells.get(row).copied().flatten(),
            _ => None,
        }
    }

    fn list(&self, name: &str, row: usize) -> Vec<String> {
        match self.0.column(name) {
            Some(ColumnData::TextList(cells)) => cells.get(row).cloned().unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    fn range(&self, low: &str, high: &str, row: usize) -> Option<Range> {
        Some(Range { low: self.number(low, row)?, high: self.number(high, row)? })
    }

    fn segment(&self, market: Option<Market>, row: usize) -> Segment {
        Segment {
            market,
            label: self.text("label", row).map(Id::from),
            category: self.text("category", row),
            content_type: self.text("content_type", row).and_then(|text| text.parse().ok()),
            tier: self.text("tier", row),
            subject: self.text("subject", row),
        }
    }
}

/// The figures of a partition; a row of a form that we don't know is passed over.
pub(in crate::run) fn figures_of(table: &Table, market: Option<Market>) -> impl Iterator<Item = Figure> {
    let cells = Cells(table);
    (0..table.n_rows()).filter_map(move |row| {
        Some(Figure {
            family: named(cells.text("family", row))?,
            metric: cells.text("metric", row)?,
            segment: cells.segment(market, row),
            value: cells.number("value", row),
            interval: cells.range("low", "high", row),
            n: cells.count("n", row)?,
            positives: cells.count("positives", row),
            unit: named(cells.text("unit", row))?,
            method: term(&cells.text("method", row)?),
            state: named(cells.text("state", row))?,
            note: cells.text("note", row),
        })
    })
}

/// The alarms of a partition.
pub(in crate::run) fn alarms_of(table: &Table, market: Option<Market>) -> impl Iterator<Item = Alarm> {
    let cells = Cells(table);
    (0..table.n_rows()).filter_map(move |row| {
        Some(Alarm {
            check: cells.text("check", row)?,
            segment: cells.segment(market, row),
            state: named(cells.text("state", row))?,
            since: cells.day("since", row)?,
            message: cells.text("message", row)?,
            n: cells.count("n", row)?,
        })
    })
}

/// The trends of a partition.
pub(in crate::run) fn trends_of(table: &Table, market: Option<Market>) -> impl Iterator<Item = Trend> {
    let cells = Cells(table);
    (0..table.n_rows()).filter_map(move |row| {
        let texts = cells.list("example_texts", row);
        let examples = cells.list("example_ids", row).into_iter().zip(texts);
        Some(Trend {
            kind: named(cells.text("kind", row))?,
            name: cells.text("name", row)?,
            market: market?,
            since: cells.day("since", row)?,
            items: cells.count("items", row)?,
            sellers: cells.count("sellers", row)?,
            views: cells.count("views", row)?,
            complaints: cells.count("complaints", row)?,
            growth: cells.number("growth", row)?,
            growth_interval: cells.range("growth_low", "growth_high", row)?,
            q_value: cells.number("q_value", row)?,
            rank_score: cells.number("rank_score", row)?,
            examples: examples.map(|(id, text)| TrendExample { content_id: Id::from(id), text }).collect(),
            condition: cells.text("condition", row),
        })
    })
}
