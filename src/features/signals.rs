//! Signals: the project's own features, each one SQL expression over content columns and other features.
//!
//! Input: a batch of content rows with the features computed for them. Output: one more value a row and signal. Everything that
//! can be wrong with a signal is found when it is compiled, before a row is read; a cast that some row could fail is refused
//! there too, because one odd title must not stop a night. Values are computed cell by cell, so that a row's signals do not
//! depend on its batch. Deliberately not here: the expressions themselves (`sql`).

use std::collections::BTreeSet;

use super::availability::{Availability, is_required};
use super::{DeclaredDoc, FeatureSetError, SignalError};
use crate::config::SignalConfig;
use crate::sql::{Compiled, SqlColumn, SqlError, SqlType, TextColumn, compile, evaluate};
use crate::tables::ContentRow;
use crate::units::AsOf;

/// The columns of a row that a signal or a policy may read besides features, in the order in which errors list them.
pub const CONTENT_COLUMNS: [(&str, SqlType); 17] = [
    ("content_id", SqlType::Text),
    ("content_type", SqlType::Text),
    ("market", SqlType::Text),
    ("language", SqlType::Text),
    ("category", SqlType::Text),
    ("title", SqlType::Text),
    ("body", SqlType::Text),
    ("price", SqlType::Number),
    ("list_price", SqlType::Number),
    ("currency", SqlType::Text),
    ("rating", SqlType::Number),
    ("duration_s", SqlType::Number),
    ("image_count", SqlType::Integer),
    ("published_at", SqlType::Timestamp),
    ("seller_id", SqlType::Text),
    ("creator_id", SqlType::Text),
    ("as_of", SqlType::Timestamp),
];

/// A compiled signal.
#[derive(Debug, Clone)]
pub(super) struct Signal {
    pub(super) name: String,
    pub(super) compiled: Compiled,
}

impl Signal {
    /// What becomes of it over an input that `is_there` knows, `feature` knowing the features before it.
    pub(super) fn availability(
        &self,
        is_there: &dyn Fn(&str) -> bool,
        feature: impl Fn(&str) -> Option<Availability>,
    ) -> Availability {
        let part = |name: &str| {
            if !CONTENT_COLUMNS.iter().any(|(column, _)| *column == name) {
                return feature(name);
            }
            let input = format!("content.{name}");
            let is_known = name == "as_of" || is_required(&input) || is_there(&input);
            Some(if is_known { Availability::Whole } else { Availability::Null })
        };
        let parts: Vec<Availability> = self.compiled.columns.iter().filter_map(|name| part(name)).collect();
        Availability::of_expression(parts.into_iter())
    }
}

/// Compiles `signals` over the columns of content, the features `others`, and each other from first to last. Each comes with its
/// doc block.
pub(super) fn compile_signals(
    signals: &[SignalConfig],
    others: &[DeclaredDoc],
) -> Result<Vec<(DeclaredDoc, Signal)>, FeatureSetError> {
    let is_column = |name: &str| CONTENT_COLUMNS.iter().any(|(column, _)| *column == name);
    let mut types: Vec<(String, SqlType)> = CONTENT_COLUMNS.iter().map(|(name, ty)| ((*name).to_owned(), *ty)).collect();
    // `rating` is both a column and a feature of the same value: the column is there for every content type.
    types.extend(others.iter().filter(|doc| !is_column(&doc.name)).map(|doc| (doc.name.clone(), SqlType::Number)));
    let mut done: Vec<(DeclaredDoc, Signal)> = Vec::new();
    for (at, config) in signals.iter().enumerate() {
        let (place, name) = (config.place.clone(), config.name.clone());
        if types.iter().any(|(known, _)| *known == name) || others.iter().any(|doc| doc.name == name) {
            return Err(FeatureSetError::NameTaken { place, name });
        }
        let compiled = compile(&config.sql, &types).map_err(|source| refusal(config, &signals[at + 1..], source))?;
        if !matches!(compiled.output, SqlType::Boolean | SqlType::Integer | SqlType::Number) {
            return Err(FeatureSetError::SignalType { place, name, found: compiled.output.to_string() });
        }
        if let Some(cast) = compiled.casts.first() {
            return Err(FeatureSetError::SignalCast { place, name, what: cast.column.clone(), to: cast.to.to_string() });
        }
        let doc = doc_of(config, &compiled, others.iter().chain(done.iter().map(|(doc, _)| doc)));
        types.push((name.clone(), compiled.output));
        done.push((doc, Signal { name, compiled }));
    }
    Ok(done)
}

/// Why `config` does not compile: `later` are the signals after it, which it cannot read.
fn refusal(config: &SignalConfig, later: &[SignalConfig], source: SqlError) -> FeatureSetError {
    let (place, name) = (config.place.clone(), config.name.clone());
    let unknown = if let SqlError::UnknownColumn { name, .. } = &source { name.clone() } else { String::new() };
    let at = Box::new(source.place().clone());
    if unknown == name {
        return FeatureSetError::SignalOfItself { place, name, at };
    }
    match later.iter().find(|signal| signal.name == unknown) {
        Some(signal) => FeatureSetError::SignalOfLater { place, name, later: signal.name.clone(), at },
        None => FeatureSetError::Signal { place, name, source: Box::new(source) },
    }
}

/// A signal reads what the features in it read.
fn doc_of<'a>(config: &SignalConfig, compiled: &Compiled, features: impl Iterator<Item = &'a DeclaredDoc>) -> DeclaredDoc {
    let columns =
        CONTENT_COLUMNS.iter().map(|(name, _)| *name).filter(|name| *name != "as_of" && compiled.columns.contains(*name));
    let mut inputs: Vec<String> = columns.map(|name| format!("content.{name}")).collect();
    let read =
        features.filter(|doc| compiled.columns.contains(&doc.name) && !CONTENT_COLUMNS.iter().any(|(name, _)| *name == doc.name));
    for input in read.flat_map(DeclaredDoc::reads) {
        if !inputs.iter().any(|known| known == input) {
            inputs.push(input.to_owned());
        }
    }
    let range = match compiled.output {
        SqlType::Boolean => "0 or 1",
        SqlType::Integer => "a whole number",
        _ => "a number",
    };
    DeclaredDoc {
        name: config.name.clone(),
        group: "signal".to_owned(),
        what: config.what.clone(),
        why: config.why.clone(),
        range: config.range.clone().unwrap_or_else(|| range.to_owned()),
        evaded_by: config.evaded_by.clone(),
        inputs,
        any_of: Vec::new(),
        uses: Vec::new(),
        applies_to: config.content_types.clone(),
        definition: config.sql.clone(),
    }
}

/// The values of `signals` over a batch, by signal. `feature` gives a feature's value in a row, NaN for missing.
pub(super) fn evaluate_signals(
    signals: &[&Signal],
    contents: &[(&ContentRow, AsOf)],
    feature: impl Fn(usize, &str) -> f32,
) -> Result<Vec<Vec<f32>>, SignalError> {
    let own: Vec<&str> = signals.iter().map(|signal| signal.name.as_str()).collect();
    let read: BTreeSet<&str> = signals.iter().flat_map(|s| &s.compiled.columns).map(String::as_str).collect();
    let number = |name: &str| {
        let cell = |row: usize| Some(f64::from(feature(row, name))).filter(|v| v.is_finite());
        SqlColumn::Number((0..contents.len()).map(cell).collect())
    };
    let gathered = read.into_iter().filter(|name| !own.contains(name));
    let columns: Vec<(&str, SqlColumn)> =
        gathered.map(|name| (name, content_column(name, contents).unwrap_or_else(|| number(name)))).collect();
    let steps: Vec<(&str, &Compiled)> = signals.iter().map(|signal| (signal.name.as_str(), &signal.compiled)).collect();
    let results = evaluate(&steps, &columns, contents.len());
    let results = results.map_err(|reason| SignalError { names: own.join("`, `"), reason })?;
    Ok(results.iter().map(values_of).collect())
}

/// The cells of a column of content ([`CONTENT_COLUMNS`]); `None` for a name that is not one.
#[must_use]
pub fn content_column(name: &str, contents: &[(&ContentRow, AsOf)]) -> Option<SqlColumn> {
    let texts = |cell: for<'c> fn(&'c ContentRow) -> Option<&'c str>| {
        let mut texts = TextColumn::default();
        contents.iter().for_each(|(content, _)| texts.push(cell(content)));
        SqlColumn::Text(texts)
    };
    let numbers = |cell: fn(&ContentRow) -> Option<f64>| {
        SqlColumn::Number(contents.iter().map(|(content, _)| cell(content).filter(|v| v.is_finite())).collect())
    };
    Some(match name {
        "content_id" => texts(|c| Some(c.content_id.as_str())),
        "content_type" => texts(|c| Some(c.content_type.as_str())),
        "market" => texts(|c| Some(c.market.as_str())),
        "language" => texts(|c| c.language.as_deref()),
        "category" => texts(|c| c.category.as_deref()),
        "title" => texts(|c| c.title.as_deref()),
        "body" => texts(|c| c.body.as_deref()),
        "price" => numbers(|c| c.price),
        "list_price" => numbers(|c| c.list_price),
        "currency" => texts(|c| c.currency.as_deref()),
        "rating" => numbers(|c| c.rating.map(f64::from)),
        "duration_s" => numbers(|c| c.duration_s),
        "image_count" => {
            SqlColumn::Integer(contents.iter().map(|(c, _)| c.image_count.and_then(|n| i64::try_from(n).ok())).collect())
        }
        "published_at" => SqlColumn::Timestamp(contents.iter().map(|(c, _)| Some(c.published_at.0)).collect()),
        "seller_id" => texts(|c| c.seller_id.as_deref()),
        "creator_id" => texts(|c| c.creator_id.as_deref()),
        "as_of" => SqlColumn::Timestamp(contents.iter().map(|(_, as_of)| Some(as_of.instant.0)).collect()),
        _ => return None,
    })
}

/// A result as feature values: true is 1, false is 0, null and what f32 cannot hold is missing.
fn values_of(result: &SqlColumn) -> Vec<f32> {
    let finite = |value: Option<f64>| value.map(|v| v as f32).filter(|v| v.is_finite()).unwrap_or(f32::NAN);
    match result {
        SqlColumn::Boolean(cells) => cells.iter().map(|cell| finite(cell.map(|yes| f64::from(u8::from(yes))))).collect(),
        SqlColumn::Integer(cells) => cells.iter().map(|cell| finite(cell.map(|n| n as f64))).collect(),
        SqlColumn::Number(cells) => cells.iter().map(|cell| finite(*cell)).collect(),
        // Compiling has let no other type through.
        _ => Vec::new(),
    }
}
