//! Unit cases: rows written into a policy's file, and what it must do with them.

use super::batch::{Batch, BatchRow};
use super::compile::{Policy, PolicySet};
use super::error::PolicyError;
use super::links::OnLinks;
use crate::config::{GivenValue, PolicyCase};
use crate::sql::{SqlColumn, SqlType, TextColumn};
use crate::units::{ContentType, Day, Market, Timestamp, Treatment};

/// A case in which a policy does something else than expected.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseFailure {
    /// The policy.
    pub policy: String,
    /// Where the case stands.
    pub place: String,
    /// What it shows.
    pub name: String,
    /// The treatment expected.
    pub expected: Treatment,
    /// What the policy did.
    pub got: Treatment,
    /// What the condition said; `None` for null.
    pub condition: Option<bool>,
    /// Why it does not act though its condition holds: market, content type or links.
    pub because: Option<String>,
    /// The columns that the condition reads, with the values given; `None` for null.
    pub values: Vec<(String, Option<String>)>,
}

/// Runs the cases of `policy` by itself, whatever its mode, days and shares. Columns that a case doesn't give are null; without a
/// content type or market it is in the policy's own.
///
/// # Errors
/// When a case gives a column that is not there, or a value of another type.
pub fn run_cases(set: &PolicySet, policy: &Policy) -> Result<Vec<CaseFailure>, PolicyError> {
    let mut failures = Vec::new();
    for case in &policy.file.cases {
        failures.extend(run_case(set, policy, case)?);
    }
    Ok(failures)
}

fn run_case(set: &PolicySet, policy: &Policy, case: &PolicyCase) -> Result<Option<CaseFailure>, PolicyError> {
    let mut given: Vec<(&str, SqlColumn)> = Vec::with_capacity(case.given.len());
    for (name, value) in &case.given {
        let refuse = |reason: String| PolicyError::Given {
            place: case.place.clone(),
            name: case.name.clone(),
            column: name.clone(),
            value: value.to_string(),
            reason,
        };
        let column = set.columns.get(name).ok_or_else(|| refuse("there is no such column".to_owned()))?;
        given.push((name, cell(value, column.ty).map_err(refuse)?));
    }
    let text_of = |name: &str| case.given.iter().find(|(known, _)| known == name).map(|(_, value)| unquoted(value));
    let wrong = |name: &str, reason: String| PolicyError::Given {
        place: case.place.clone(),
        name: case.name.clone(),
        column: name.to_owned(),
        value: text_of(name).unwrap_or_default(),
        reason,
    };
    let content_type: Option<ContentType> = match text_of("content_type") {
        Some(text) => Some(text.parse().map_err(|e: crate::units::UnknownName| wrong("content_type", e.to_string()))?),
        None => None,
    };
    let market: Option<Market> = match text_of("market") {
        Some(text) => Some(text.parse().map_err(|e: crate::units::MarketError| wrong("market", e.to_string()))?),
        None => None,
    };
    let content_type = content_type.or_else(|| policy.file.content_types.first().copied()).unwrap_or(ContentType::Listing);
    let market = market.or_else(|| policy.file.markets.first().copied()).unwrap_or(Market::FIRST);
    let rows = [BatchRow { content_id: "case", seller_id: None, market, content_type }];
    let column = |name: &str| {
        let found = given.iter().find(|(known, _)| *known == name).map(|(_, cells)| cells.clone());
        let ty = set.columns.get(name).map_or(SqlType::Text, |column| column.ty);
        let of_row = match name {
            "content_type" => Some(one_text(content_type.as_str())),
            "market" => Some(one_text(market.as_str())),
            _ => None,
        };
        of_row.or(found).unwrap_or_else(|| SqlColumn::nulls(ty, 1))
    };
    let batch = Batch { day: policy.file.effective.from.unwrap_or(Day(0)), rows: &rows, column: &column };
    let (got, condition, because) = set.one(policy, &batch)?;
    if got == case.expect {
        return Ok(None);
    }
    let value = |name: &str| {
        let cells = column(name);
        let is_null = matches!(
            super::EvidenceColumn { name: String::new(), ty: SqlType::Text, is_feature: false }.cell(&cells, 0),
            super::EvidenceCell::Null
        );
        (name.to_owned(), (!is_null).then(|| cells.text_of(0)))
    };
    Ok(Some(CaseFailure {
        policy: policy.file.id.to_string(),
        place: case.place.clone(),
        name: case.name.clone(),
        expected: case.expect,
        got,
        condition,
        because,
        values: policy.reads().map(value).collect(),
    }))
}

impl PolicySet {
    /// What a policy by itself does with the only row of `batch`: the treatment, what its condition says, and why it does not act all the
    /// same, or does less. Modes, days, shares and exceptions are left out.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn one(&self, policy: &Policy, batch: &Batch<'_>) -> Result<(Treatment, Option<bool>, Option<String>), PolicyError> {
        let condition = self.condition(policy, batch)?.first().copied().flatten();
        let Some(row) = batch.rows.first() else { return Ok((Treatment::Allow, condition, None)) };
        if condition != Some(true) {
            return Ok((Treatment::Allow, condition, None));
        }
        if !policy.file.covers_type(row.content_type) {
            return Ok((Treatment::Allow, condition, Some(format!("it isn't about a {}", row.content_type))));
        }
        if !policy.file.markets.is_empty() && !policy.file.markets.contains(&row.market) {
            return Ok((Treatment::Allow, condition, Some(format!("it isn't about market {}", row.market))));
        }
        let names = policy.reads().chain(policy.guards());
        let columns = names.map(|name| (name.to_owned(), (batch.column)(name))).collect();
        let on_links = self.on_links(&[policy], &columns, batch.rows.len())?;
        match on_links.first().and_then(|rows| rows.first()) {
            Some(OnLinks::First) => {
                let because = "features of copies and rings alone carry it, and the item was first of them: a victim".to_owned();
                Ok((Treatment::Allow, condition, Some(because)))
            }
            Some(OnLinks::Alone) => {
                let because = "features of copies and rings alone carry it, which never do more than review".to_owned();
                Ok((policy.file.treatment.min(Treatment::Review), condition, Some(because)))
            }
            Some(OnLinks::More) | None => Ok((policy.file.treatment, condition, None)),
        }
    }
}

fn unquoted(value: &GivenValue) -> String {
    match value {
        GivenValue::Text(text) => text.clone(),
        other => other.to_string(),
    }
}

fn one_text(text: &str) -> SqlColumn {
    let mut cells = TextColumn::default();
    cells.push(Some(text));
    SqlColumn::Text(cells)
}

/// A value as the only cell of a column of type `ty`.
fn cell(value: &GivenValue, ty: SqlType) -> Result<SqlColumn, String> {
    let expected = |what: &str| Err(format!("the column is a {ty}: expected {what}"));
    match (ty, value) {
        (SqlType::Text | SqlType::Untyped, GivenValue::Text(text)) => Ok(one_text(text)),
        (SqlType::Text | SqlType::Untyped, _) => expected("text in quotes"),
        (SqlType::Integer, GivenValue::Integer(value)) => Ok(SqlColumn::Integer(vec![Some(*value)])),
        (SqlType::Integer, _) => expected("a whole number"),
        (SqlType::Number, GivenValue::Integer(value)) => Ok(SqlColumn::Number(vec![Some(*value as f64)])),
        (SqlType::Number, GivenValue::Number(value)) if value.is_finite() => Ok(SqlColumn::Number(vec![Some(*value)])),
        (SqlType::Number, _) => expected("a number"),
        (SqlType::Boolean, GivenValue::Boolean(value)) => Ok(SqlColumn::Boolean(vec![Some(*value)])),
        (SqlType::Boolean, _) => expected("true or false"),
        (SqlType::Timestamp, GivenValue::Text(text)) => match Timestamp::parse(text, chrono_tz::Tz::UTC) {
            Ok(at) => Ok(SqlColumn::Timestamp(vec![Some(at.0)])),
            Err(error) => Err(error.to_string()),
        },
        (SqlType::Timestamp, _) => expected("a time in quotes"),
        (SqlType::Date | SqlType::NumberList, _) => expected("nothing: such a column cannot be given"),
    }
}
