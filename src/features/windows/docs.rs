//! The doc block of a declared column, and the text that its fingerprint is made of.

use super::FIT_DAYS;
use crate::config::{PriorFit, TableName, WindowColumn, WindowDeclaration, WindowEntity, WindowFilter, WindowScale, WindowValue};
use crate::features::DeclaredDoc;

/// Raised when the engine gives another value for an equal declaration and equal rows: that of events, and that of what knows of days
/// (engagement, and trends of anything).
const VERSION: u32 = 2;
const VERSION_OF_DAYS: u32 = 3;

/// Which of a declaration's columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The value over a window.
    Value { days: u32 },
    /// What the value is divided by.
    Chances { days: u32 },
    /// A short window against a longer one.
    Trend { short: u32, long: u32 },
}

/// The doc block of a column.
pub(super) fn of(declared: &WindowDeclaration, part: Part) -> DeclaredDoc {
    let is_ln = declared.scale == WindowScale::Ln;
    let ln = |what: String| format!("ln(1 + {what})");
    let why = declared.why.clone();
    let (name, what, why, range) = match part {
        Part::Value { days } => {
            let what = declared.what.replace("{days}", &over(days));
            let what = match declared.prior.map(|prior| prior.fit) {
                Some(PriorFit::Tier) => format!("{what}, shrunk to the tier's prior"),
                Some(PriorFit::None) => format!("{what}, shrunk to the configured prior"),
                None => what,
            };
            let range = if declared.prior.is_some() && !is_ln { "0 to 1" } else { "0 and up" };
            let range = if declared.range.is_empty() { range } else { &declared.range };
            (declared.column(days), if is_ln { ln(what) } else { what }, why, range)
        }
        Part::Chances { days } => {
            let chances = declared.over.map_or(String::new(), |value| value.to_string());
            let what = ln(format!("`{chances}` over {}, the n behind {}", over(days), declared.column(days)));
            (declared.n_column_name(days), what, format!("how much stands behind the rate: {why}"), "0 and up")
        }
        Part::Trend { short, long } => {
            let mean_day = |days| format!("1 + {}", mean_day(&declared.what).replace("{days}", &over(days)));
            let what = format!("ln(({}) / ({}))", mean_day(short), mean_day(long));
            let why = if declared.trend_why.is_empty() { why } else { declared.trend_why.clone() };
            (declared.trend_column(short, long), what, why, "any")
        }
    };
    DeclaredDoc {
        name,
        group: group(declared).to_owned(),
        what,
        why,
        range: range.to_owned(),
        evaded_by: declared.evaded_by.clone(),
        inputs: inputs(declared, part),
        any_of: Vec::new(),
        uses: uses(declared, part),
        applies_to: declared.content_types.clone(),
        definition: definition(declared, part),
    }
}

/// A window in words.
fn over(days: u32) -> String {
    if days == 1 { "the last day".to_owned() } else { format!("the last {days} days") }
}

/// What is measured, a day.
fn mean_day(what: &str) -> String {
    if what.contains(" over {days}") {
        what.replace(" over {days}", " a day over {days}")
    } else {
        format!("the mean day of {what}")
    }
}

fn group(declared: &WindowDeclaration) -> &'static str {
    match (declared.entity, declared.table) {
        (WindowEntity::Content, TableName::Engagement) => "engagement",
        (WindowEntity::Content, _) => "history",
        (WindowEntity::Seller, _) => "seller",
        (WindowEntity::Creator, _) => "creators",
    }
}

/// The columns that a column is made of; its table, where it is made of rows alone.
fn inputs(declared: &WindowDeclaration, part: Part) -> Vec<String> {
    let of_value = !matches!(part, Part::Chances { .. });
    let value = of_value.then_some(declared.value);
    let over = if matches!(part, Part::Trend { .. }) { None } else { declared.over };
    let measured: Vec<Option<WindowColumn>> = [value, over].into_iter().flatten().map(column_of).collect();
    let counts_rows = measured.contains(&None) && declared.table != TableName::Content;
    let value_filter = declared.value_filter.iter().filter(|_| of_value);
    let filters = declared.filter.iter().chain(value_filter).map(|filter| filter.column);
    let columns = measured.into_iter().flatten().chain(filters);
    let columns = columns.map(|column| format!("{}.{}", declared.table, column.as_str()));
    let owner = match declared.entity {
        WindowEntity::Content => names_its_subject(declared).then(|| format!("{}.content_id", declared.table)),
        WindowEntity::Seller => Some("content.seller_id".to_owned()),
        WindowEntity::Creator => Some("content.creator_id".to_owned()),
    };
    let published = (declared.per_day || declared.table == TableName::Content).then(|| "content.published_at".to_owned());
    let table = counts_rows.then(|| declared.table.to_string());
    let mut inputs: Vec<String> = Vec::new();
    for input in table.into_iter().chain(owner).chain(published).chain(columns) {
        if !inputs.contains(&input) {
            inputs.push(input);
        }
    }
    inputs
}

/// What changes the column without being what it is made of: engagement ends with the item's first treatment, events may name
/// the seller alone, and priors are fitted by the seller's tier.
fn uses(declared: &WindowDeclaration, part: Part) -> Vec<String> {
    let ends = declared.table == TableName::Engagement;
    let is_rate = matches!(part, Part::Value { .. });
    let by_tier = is_rate && declared.prior.is_some_and(|prior| prior.fit == PriorFit::Tier);
    let tier = ["sellers.tier", "content.seller_id"].into_iter().filter(|_| by_tier);
    let names = ["content_id", "seller_id"].map(|column| format!("{}.{column}", declared.table));
    let names = names.into_iter().filter(|_| names_its_subject(declared) && declared.entity == WindowEntity::Seller);
    let uses = ["actions.content_id"].into_iter().filter(|_| ends).chain(tier).map(str::to_owned).chain(names);
    let read = inputs(declared, part);
    uses.filter(|input| !read.contains(input)).collect()
}

/// Whether a row of the table names an item or a seller, where others always name an item.
fn names_its_subject(declared: &WindowDeclaration) -> bool {
    matches!(declared.table, TableName::Actions | TableName::AfterSales)
}

/// The column that a value is made of; none for the number of rows.
fn column_of(value: WindowValue) -> Option<WindowColumn> {
    match value {
        WindowValue::Sum(column) | WindowValue::Distinct(column) | WindowValue::Entropy(column) => Some(column),
        WindowValue::Rows => None,
    }
}

/// Everything that decides the column's value, and nothing else: other windows of the declaration do not.
fn definition(declared: &WindowDeclaration, part: Part) -> String {
    let filters = |filters: &[WindowFilter]| -> String {
        let filter = |f: &WindowFilter| format!("{} in {:?}", f.column.as_str(), f.names);
        filters.iter().map(filter).collect::<Vec<_>>().join(" and ")
    };
    let (what, value, over) = match part {
        Part::Value { days } => (format!("{days} days"), Some(declared.value), declared.over),
        Part::Chances { days } => (format!("{days} days"), declared.over, None),
        Part::Trend { short, long } => (format!("trend {short} to {long} days"), Some(declared.value), None),
    };
    let value = value.map_or(String::new(), |value| value.to_string());
    let knows_days = declared.table == TableName::Engagement || matches!(part, Part::Trend { .. });
    let version = if knows_days { VERSION_OF_DAYS } else { VERSION };
    let mut text = format!("window {version}: {what} of {value} of {} of {}", declared.table, declared.entity.as_str());
    if let Some(over) = over {
        text += &format!(" over {over}");
    }
    if !declared.filter.is_empty() {
        text += &format!(" where {}", filters(&declared.filter));
    }
    if !declared.value_filter.is_empty() && !matches!(part, Part::Chances { .. }) {
        text += &format!(" value where {}", filters(&declared.value_filter));
    }
    if let (Part::Value { .. }, Some(prior)) = (part, declared.prior) {
        let fit =
            if prior.fit == PriorFit::Tier { format!("fitted by tier over {FIT_DAYS} days") } else { "as written".to_owned() };
        text += &format!(" prior {:?} of {:?} {fit}", prior.mean, prior.strength);
    }
    let is_ln = declared.scale == WindowScale::Ln || matches!(part, Part::Chances { .. });
    if is_ln && !matches!(part, Part::Trend { .. }) {
        text += " ln";
    }
    if declared.per_day && matches!(part, Part::Value { .. }) {
        text += " per day";
    }
    for content_type in &declared.content_types {
        text += &format!(" for {content_type}");
    }
    text
}
