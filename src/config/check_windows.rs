//! Checks of `[features.windows]`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use super::check_labels::is_label_id;
use super::checker::Checker;
use super::place::{is_built_in, shown};
use super::raw::{RawPrior, RawWindow};
use super::suggest::nearest;
use super::window_columns::Holds;
use super::{
    ConfigError, PriorFit, TableName, WindowColumn, WindowDeclaration, WindowEntity, WindowFilter, WindowPrior, WindowScale,
    WindowValue,
};
use crate::units::{ContentType, Id};

/// Longest window in days.
const MOST_DAYS: i64 = 366;

/// The windows that are enabled, in the order of the files.
pub(super) fn check(raw: Vec<(String, RawWindow)>, checker: &Checker<'_>) -> Result<Vec<WindowDeclaration>, ConfigError> {
    let mut columns = BTreeSet::new();
    let mut windows = Vec::with_capacity(raw.len());
    for (name, raw) in raw {
        let (key, enabled) = (format!("features.windows.{name}"), raw.enabled);
        let window = window(name, raw, &At { key: &key, checker })?;
        if !enabled {
            continue;
        }
        for column in window.column_names() {
            if columns.contains(&column) {
                return Err(checker.refuse(&key, format!("another name: two windows would have the column {column}")));
            }
            columns.insert(column);
        }
        windows.push(window);
    }
    Ok(windows)
}

/// A declaration being checked.
struct At<'a> {
    key: &'a str,
    checker: &'a Checker<'a>,
}

impl At<'_> {
    fn key(&self, part: &str) -> String {
        format!("{}.{part}", self.key)
    }

    fn refuse(&self, part: &str, expected: impl Into<String>) -> ConfigError {
        self.refuse_key(&self.key(part), expected)
    }

    /// The value of `key` is refused. Where a project overrides a built-in window and what it left does not fit, the place is the
    /// project's: nobody can mend the built-in file.
    fn refuse_key(&self, key: &str, expected: impl Into<String>) -> ConfigError {
        self.blame_project(key, self.checker.refuse(key, expected))
    }

    fn blame_project(&self, key: &str, error: ConfigError) -> ConfigError {
        let overriding = self.checker.place(self.key);
        match error {
            ConfigError::BadValue { place, key: named, value, expected }
                if is_built_in(&place) && !is_built_in(&overriding) && self.checker.root.find(key).is_some() =>
            {
                let part = key.strip_prefix(self.key).unwrap_or(key).trim_start_matches('.');
                let part = part.split(['.', '[']).next().unwrap_or(part);
                let value = format!("{value}, which is built in");
                let expected = format!("{expected}; what is overridden here does not go with it: write `{part}` too");
                ConfigError::BadValue { place: overriding, key: named, value, expected }
            }
            error => error,
        }
    }

    fn whole(&self, part: &str, value: i64, range: RangeInclusive<i64>) -> Result<u32, ConfigError> {
        let key = self.key(part);
        self.checker.whole(&key, value, range).map_err(|error| self.blame_project(&key, error))
    }

    fn number(&self, part: &str, value: f64, range: RangeInclusive<f64>) -> Result<f64, ConfigError> {
        let key = self.key(part);
        self.checker.number(&key, value, range).map_err(|error| self.blame_project(&key, error))
    }

    fn sentence(&self, part: &str, text: &str) -> Result<String, ConfigError> {
        let text = text.trim();
        if text.is_empty() { Err(self.refuse(part, "a phrase for the table of features")) } else { Ok(text.to_owned()) }
    }
}

/// One declaration.
fn window(name: String, raw: RawWindow, at: &At<'_>) -> Result<WindowDeclaration, ConfigError> {
    if !is_label_id(&name) || name.starts_with("x_") || name.starts_with("p_") {
        let expected =
            "a name of 1 to 48 lower-case letters, digits and single underscores, starting with a letter, not with x_ or p_";
        return Err(at.checker.refuse(at.key, expected));
    }
    table(&raw, at)?;
    let value = value("value", raw.table, &raw.value, at)?;
    let over = if raw.over.is_empty() { None } else { Some(over(&raw, value, at)?) };
    let days = days(&raw.days, at)?;
    if over.is_none() && !raw.value_filter.is_empty() {
        return Err(at.refuse("value_filter", "nothing where there is no `over`: use `filter`"));
    }
    let is_sum = over.is_none() && matches!(value, WindowValue::Rows | WindowValue::Sum(_));
    if raw.per_day && !(is_sum && raw.entity == WindowEntity::Content) {
        return Err(at.refuse("per_day", "false: only counts and sums of an item's own rows have days that the item existed"));
    }
    if !raw.trend.is_empty() && !is_sum {
        return Err(at.refuse("trend", "an empty list: only counts and sums have trends"));
    }
    let what = at.sentence("what", &raw.what)?;
    if !what.contains("{days}") {
        let expected = format!("{{days}} where the phrase names the window, for instance \"{} over {{days}}\"", shown(&what));
        return Err(at.refuse("what", expected));
    }
    Ok(WindowDeclaration {
        entity: raw.entity,
        table: raw.table,
        trend: trend(&raw.trend, &days, at)?,
        days,
        prior: prior(raw.prior.as_ref(), raw.table, value, over, at)?,
        value,
        over,
        filter: filter("filter", raw.table, &raw.filter, at)?,
        value_filter: filter("value_filter", raw.table, &raw.value_filter, at)?,
        n_column: raw.n_column,
        scale: match raw.scale {
            WindowScale::Auto if (over.is_some() && value.is_count()) || matches!(value, WindowValue::Entropy(_)) => {
                WindowScale::None
            }
            WindowScale::Auto => WindowScale::Ln,
            scale => scale,
        },
        per_day: raw.per_day,
        content_types: content_types(&raw.content_types, at)?,
        what,
        why: at.sentence("why", &raw.why)?,
        trend_why: raw.trend_why.trim().to_owned(),
        range: raw.range.trim().to_owned(),
        evaded_by: at.sentence("evaded_by", &raw.evaded_by)?,
        name,
    })
}

/// Whether the entity has rows of the table.
fn table(raw: &RawWindow, at: &At<'_>) -> Result<(), ConfigError> {
    match (raw.entity, raw.table) {
        (_, TableName::Sellers) => Err(at
            .refuse("table", "one of engagement, decisions, actions, reports, after_sales, content: sellers has no rows to sum")),
        (WindowEntity::Content, TableName::Content) => {
            Err(at.refuse("entity", "seller or creator: the table content holds what one of them published"))
        }
        (WindowEntity::Creator, table) if table != TableName::Content => {
            Err(at.refuse("entity", "content or seller: of a creator only the table content is known"))
        }
        _ => Ok(()),
    }
}

/// What is measured.
fn value(part: &str, table: TableName, text: &str, at: &At<'_>) -> Result<WindowValue, ConfigError> {
    let is_named = |holds| matches!(holds, Holds::Names | Holds::Keys | Holds::OneOf(_));
    match text.split_once(':') {
        None if text == "*" => Ok(WindowValue::Rows),
        None => {
            let numbers = |holds| matches!(holds, Holds::Count | Holds::Amount);
            let hint = ", or \"*\" for the number of rows";
            column(&at.key(part), table, text, numbers, hint, at).map(|(column, _)| WindowValue::Sum(column))
        }
        Some(("distinct", name)) => column(&at.key(part), table, name, is_named, " after \"distinct:\"", at)
            .map(|(column, _)| WindowValue::Distinct(column)),
        Some(("entropy", name)) => column(&at.key(part), table, name, is_named, " after \"entropy:\"", at)
            .map(|(column, _)| WindowValue::Entropy(column)),
        Some(_) => Err(at.refuse(part, "a column, \"*\", \"distinct:<column>\" or \"entropy:<column>\"")),
    }
}

/// The column `name` of `table`, of a kind that `fits`; where there is none, the error under `key` names the nearest.
fn column(
    key: &str,
    table: TableName,
    name: &str,
    fits: fn(Holds) -> bool,
    hint: &str,
    at: &At<'_>,
) -> Result<(WindowColumn, Holds), ConfigError> {
    let columns: Vec<(WindowColumn, Holds)> = WindowColumn::of(table, fits).collect();
    if let Some(found) = columns.iter().find(|(column, _)| column.as_str() == name) {
        return Ok(*found);
    }
    let names: Vec<&str> = columns.iter().map(|(column, _)| column.as_str()).collect();
    if names.is_empty() {
        return Err(at.refuse_key(key, format!("something else: the table {table} has no such columns")));
    }
    let expected = format!("one of {}{hint}{}", names.join(", "), did_you_mean(name, names.iter().copied()));
    Err(at.refuse_key(key, expected))
}

fn did_you_mean<'a>(name: &str, valid: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, valid).map_or(String::new(), |near| format!("; did you mean \"{near}\"?"))
}

/// What the value is divided by.
fn over(raw: &RawWindow, of: WindowValue, at: &At<'_>) -> Result<WindowValue, ConfigError> {
    if matches!(of, WindowValue::Entropy(_)) {
        return Err(at.refuse("over", "nothing: an entropy is no part of anything"));
    }
    let over = value("over", raw.table, &raw.over, at)?;
    if over.is_count() {
        Ok(over)
    } else {
        Err(at.refuse("over", "a count: a column of whole numbers, \"*\" or \"distinct:<column>\""))
    }
}

fn days(listed: &[i64], at: &At<'_>) -> Result<Vec<u32>, ConfigError> {
    let days = (listed.iter().enumerate())
        .map(|(i, days)| at.whole(&format!("days[{i}]"), *days, 1..=MOST_DAYS))
        .collect::<Result<Vec<u32>, _>>()?;
    if days.is_empty() || !days.is_sorted_by(|a, b| a < b) {
        return Err(at.refuse("days", "at least one number of days, the shortest first, each once"));
    }
    Ok(days)
}

fn trend(listed: &[Vec<i64>], days: &[u32], at: &At<'_>) -> Result<Vec<(u32, u32)>, ConfigError> {
    let mut trends: Vec<(u32, u32)> = Vec::with_capacity(listed.len());
    for (i, pair) in listed.iter().enumerate() {
        let known = |wanted: &i64| days.iter().copied().find(|days| i64::from(*days) == *wanted);
        match &pair[..] {
            [short, long] if short < long => match (known(short), known(long)) {
                (Some(short), Some(long)) if !trends.contains(&(short, long)) => trends.push((short, long)),
                (Some(_), Some(_)) => return Err(at.refuse(&format!("trend[{i}]"), "each trend once")),
                _ => return Err(at.refuse(&format!("trend[{i}]"), "two windows that are among `days`")),
            },
            _ => return Err(at.refuse(&format!("trend[{i}]"), "a short window and a longer one, for instance [7, 28]")),
        }
    }
    Ok(trends)
}

fn filter(
    part: &str,
    table: TableName,
    listed: &BTreeMap<String, Vec<String>>,
    at: &At<'_>,
) -> Result<Vec<WindowFilter>, ConfigError> {
    let mut filters = Vec::with_capacity(listed.len());
    for (name, names) in listed {
        let key = at.key(&format!("{part}.{name}"));
        let chosen = |holds| matches!(holds, Holds::Names | Holds::OneOf(_));
        let (column, holds) = column(&key, table, name, chosen, " as its key", at)?;
        if let Holds::OneOf(all) = holds {
            let all = all();
            if let Some((i, name)) = names.iter().enumerate().find(|(_, name)| !all.contains(&name.as_str())) {
                let expected = format!("one of {}{}", all.join(", "), did_you_mean(name, all.iter().copied()));
                return Err(at.refuse_key(&format!("{key}[{i}]"), expected));
            }
        }
        let ascending: BTreeSet<&String> = names.iter().collect();
        if ascending.is_empty() || ascending.len() != names.len() {
            return Err(at.refuse_key(&key, "at least one name, each once"));
        }
        filters.push(WindowFilter { column, names: ascending.into_iter().map(|name| Id::from(name.as_str())).collect() });
    }
    Ok(filters)
}

/// The prior that a rate must have and nothing else can.
fn prior(
    raw: Option<&RawPrior>,
    table: TableName,
    value: WindowValue,
    over: Option<WindowValue>,
    at: &At<'_>,
) -> Result<Option<WindowPrior>, ConfigError> {
    let Some(raw) = raw else {
        if over.is_some() && value.is_count() {
            let expected = "a `prior` beside it, for instance prior = { fit = \"tier\", mean = 0.03, strength = 100 }";
            return Err(at.refuse("over", expected));
        }
        return Ok(None);
    };
    if over.is_none() {
        return Err(at.refuse("prior", "nothing: only a rate, which has an `over`, has a prior"));
    }
    if !value.is_count() {
        return Err(at.refuse("prior", "nothing: a sum of amounts over a count is a mean, not a rate"));
    }
    if raw.fit == PriorFit::Tier && table == TableName::Content {
        return Err(at.refuse("prior.fit", "none: what is published is not fitted by tier"));
    }
    let mean = at.number("prior.mean", raw.mean, 1e-9..=1.0 - 1e-9)?;
    let strength = at.number("prior.strength", raw.strength, 1e-3..=1e6)?;
    Ok(Some(WindowPrior { mean, strength, fit: raw.fit }))
}

/// The types listed, in declaration order, each once.
fn content_types(listed: &[ContentType], at: &At<'_>) -> Result<Vec<ContentType>, ConfigError> {
    let types: Vec<_> = ContentType::all().filter(|known| listed.contains(known)).collect();
    if types.len() != listed.len() {
        return Err(at.refuse("content_types", "content types, each once; none for all"));
    }
    Ok(types)
}
