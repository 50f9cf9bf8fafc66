//! Rows → values, column by column.
//!
//! Input: a row. Output: one value into each column, in the order of the schema, `x_*` columns last. The counterpart of
//! `assemble`.

use crate::units::{Id, Timestamp};

use super::column_builder::{ColumnBuilder, Value};
use super::{ActionRow, AfterSalesRow, ContentRow, DecisionRow, EngagementRow, ReportRow, SellerRow, TableRow};

/// Appends the values of `row` to `columns`. A column that the row has no value for gets a null.
pub(super) fn disassemble(row: &TableRow, columns: &mut [ColumnBuilder]) {
    let values = match row {
        TableRow::Content(row) => content(row),
        TableRow::Sellers(row) => seller(row),
        TableRow::Engagement(row) => engagement(row),
        TableRow::Decisions(row) => decision(row),
        TableRow::Actions(row) => action(row),
        TableRow::Reports(row) => report(row),
        TableRow::AfterSales(row) => after_sales(row),
    };
    let mut values = values.into_iter();
    columns.iter_mut().for_each(|column| column.push(values.next().unwrap_or(Value::Null)));
}

fn id(id: Option<&Id>) -> Value<'_> {
    id.map_or(Value::Null, |id| Value::Text(id))
}

fn text(text: Option<&String>) -> Value<'_> {
    text.map_or(Value::Null, |text| Value::Text(text))
}

fn name(name: Option<&'static str>) -> Value<'static> {
    name.map_or(Value::Null, Value::Text)
}

fn count(n: Option<u64>) -> Value<'static> {
    n.map_or(Value::Null, Value::Count)
}

fn number(n: Option<f64>) -> Value<'static> {
    n.map_or(Value::Null, Value::Number)
}

fn small(n: Option<f32>) -> Value<'static> {
    n.map_or(Value::Null, Value::Small)
}

fn time(at: Option<Timestamp>) -> Value<'static> {
    at.map_or(Value::Null, |at| Value::Time(at.0))
}

fn content(row: &ContentRow) -> Vec<Value<'_>> {
    let mut values = vec![
        id(Some(&row.content_id)),
        time(row.valid_from),
        name(Some(row.content_type.as_str())),
        Value::Text(row.market.as_str()),
        time(Some(row.published_at)),
        id(row.seller_id.as_ref()),
        id(row.creator_id.as_ref()),
        id(row.language.as_ref()),
        id(row.category.as_ref()),
        text(row.title.as_ref()),
        text(row.body.as_ref()),
        number(row.price),
        number(row.list_price),
        id(row.currency.as_ref()),
        small(row.rating),
        number(row.duration_s),
        count(row.image_count),
        id(row.media_hash.as_ref()),
        row.embedding.as_deref().map_or(Value::Null, Value::List),
        time(row.ingested_at),
    ];
    values.extend(row.extra.iter().map(|n| small(*n)));
    values
}

fn seller(row: &SellerRow) -> Vec<Value<'_>> {
    vec![
        id(Some(&row.seller_id)),
        time(row.valid_from),
        time(row.registered_at),
        row.market.as_ref().map_or(Value::Null, |market| Value::Text(market.as_str())),
        id(row.tier.as_ref()),
        row.kyc_verified.map_or(Value::Null, Value::Flag),
        count(row.followers),
        small(row.rating),
        count(row.rating_count),
        small(row.late_dispatch_rate),
        small(row.cancel_rate),
        time(row.ingested_at),
    ]
}

fn engagement(row: &EngagementRow) -> Vec<Value<'_>> {
    vec![
        id(Some(&row.content_id)),
        Value::Day(row.day.0),
        count(row.impressions),
        count(row.views),
        number(row.watch_s),
        count(row.likes),
        count(row.comments),
        count(row.shares),
        count(row.clicks),
        count(row.orders),
        count(row.refunds),
        number(row.gmv),
        count(row.reports),
        count(row.hides),
        time(row.ingested_at),
    ]
}

fn decision(row: &DecisionRow) -> Vec<Value<'_>> {
    vec![
        id(Some(&row.decision_id)),
        id(Some(&row.content_id)),
        id(Some(&row.label)),
        name(Some(row.verdict.as_str())),
        time(Some(row.decided_at)),
        id(row.reviewer_id.as_ref()),
        name(row.decided_by.map(crate::units::DecidedBy::as_str)),
        name(row.selected_by.map(crate::units::SelectedBy::as_str)),
        number(row.inclusion_probability),
        id(row.overturns.as_ref()),
        name(row.golden_verdict.map(crate::units::Verdict::as_str)),
        number(row.minutes),
        time(row.ingested_at),
    ]
}

fn action(row: &ActionRow) -> Vec<Value<'_>> {
    vec![
        id(Some(&row.action_id)),
        id(row.content_id.as_ref()),
        id(row.seller_id.as_ref()),
        name(Some(row.treatment.as_str())),
        id(row.policy_id.as_ref()),
        time(Some(row.started_at)),
        time(row.ended_at),
        id(row.reversed_by.as_ref()),
        time(row.ingested_at),
    ]
}

fn report(row: &ReportRow) -> Vec<Value<'_>> {
    vec![
        id(Some(&row.report_id)),
        id(Some(&row.content_id)),
        id(row.reporter_id.as_ref()),
        time(Some(row.reported_at)),
        id(row.reason.as_ref()),
        time(row.ingested_at),
    ]
}

fn after_sales(row: &AfterSalesRow) -> Vec<Value<'_>> {
    vec![
        id(Some(&row.event_id)),
        id(row.content_id.as_ref()),
        id(row.seller_id.as_ref()),
        time(Some(row.occurred_at)),
        name(Some(row.kind.as_str())),
        id(row.reason.as_ref()),
        time(row.ingested_at),
    ]
}
