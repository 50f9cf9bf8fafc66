//! The one list of canonical columns: what each holds, whether it must be there, and what its values must satisfy.
//!
//! Input: nothing. Output: the columns of a table, in the field order of its row type. Reading, checking, writing and
//! `stallmark schema tables` are all driven by this list.

use serde::Serialize;

use crate::config::TableName;

/// What a column's cells are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// An identifier or short name: 1 to 256 bytes.
    Id,
    /// Free text.
    Text,
    /// A whole number, 0 or more.
    Count,
    /// A finite number.
    Number,
    /// An instant.
    Time,
    /// A calendar day.
    Day,
    /// True or false.
    Flag,
    /// An ISO 3166 alpha-2 code.
    Market,
    /// A list of finite numbers.
    NumberList,
    /// A name of `ContentType`.
    ContentType,
    /// A name of `Verdict`.
    Verdict,
    /// A name of `DecidedBy`.
    DecidedBy,
    /// A name of `SelectedBy`.
    SelectedBy,
    /// A name of `Treatment`.
    Treatment,
    /// A name of `AfterSalesKind`.
    AfterSalesKind,
}

/// Whether a column and each of its cells must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// The column must be mapped and no cell may be null.
    Required,
    /// The column may be absent and its cells null.
    Optional,
}

/// What a value must satisfy beyond its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Nothing more.
    None,
    /// 0 or more.
    NotNegative,
    /// From 0 to 1.
    UnitInterval,
    /// Above 0, up to 1.
    Probability,
    /// From 0 to 5.
    Stars,
    /// Not after the latest time that the run allows.
    NotFuture,
}

/// One canonical column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ColumnSpec {
    /// The table.
    pub table: TableName,
    /// The column.
    pub column: &'static str,
    /// What its cells are.
    pub kind: ColumnKind,
    /// Whether it must be there.
    pub need: Need,
    /// What its values must satisfy.
    pub check: Check,
}

/// The columns of `table` in the field order of its row type. `content` takes `x_*` columns of kind [`ColumnKind::Number`]
/// besides.
#[must_use]
pub fn schema(table: TableName) -> Vec<ColumnSpec> {
    COLUMNS.iter().filter(|c| c.table == table).copied().collect()
}

/// Whether `column` names a detector's column, `x_` and lower-case letters, digits or underscores.
pub(super) fn is_extra(column: &str) -> bool {
    column
        .strip_prefix("x_")
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'))
}

const fn required(table: TableName, column: &'static str, kind: ColumnKind, check: Check) -> ColumnSpec {
    ColumnSpec { table, column, kind, need: Need::Required, check }
}

const fn optional(table: TableName, column: &'static str, kind: ColumnKind, check: Check) -> ColumnSpec {
    ColumnSpec { table, column, kind, need: Need::Optional, check }
}

/// All columns, grouped by table.
pub(super) const COLUMNS: &[ColumnSpec] = &{
    use Check::{None, NotFuture, NotNegative, Probability, Stars, UnitInterval};
    use ColumnKind::{
        AfterSalesKind, ContentType, Count, Day, DecidedBy, Flag, Id, Market, Number, NumberList, SelectedBy, Text, Time,
        Treatment, Verdict,
    };
    use TableName::{Actions, AfterSales, Content, Decisions, Engagement, Reports, Sellers};
    [
        required(Content, "content_id", Id, None),
        optional(Content, "valid_from", Time, NotFuture),
        required(Content, "content_type", ContentType, None),
        required(Content, "market", Market, None),
        required(Content, "published_at", Time, NotFuture),
        optional(Content, "seller_id", Id, None),
        optional(Content, "creator_id", Id, None),
        optional(Content, "language", Id, None),
        optional(Content, "category", Id, None),
        optional(Content, "title", Text, None),
        optional(Content, "body", Text, None),
        optional(Content, "price", Number, NotNegative),
        optional(Content, "list_price", Number, NotNegative),
        optional(Content, "currency", Id, None),
        optional(Content, "rating", Number, Stars),
        optional(Content, "duration_s", Number, NotNegative),
        optional(Content, "image_count", Count, None),
        optional(Content, "media_hash", Id, None),
        optional(Content, "embedding", NumberList, None),
        optional(Content, "ingested_at", Time, NotFuture),
        required(Sellers, "seller_id", Id, None),
        optional(Sellers, "valid_from", Time, NotFuture),
        optional(Sellers, "registered_at", Time, NotFuture),
        optional(Sellers, "market", Market, None),
        optional(Sellers, "tier", Id, None),
        optional(Sellers, "kyc_verified", Flag, None),
        optional(Sellers, "followers", Count, None),
        optional(Sellers, "rating", Number, Stars),
        optional(Sellers, "rating_count", Count, None),
        optional(Sellers, "late_dispatch_rate", Number, UnitInterval),
        optional(Sellers, "cancel_rate", Number, UnitInterval),
        optional(Sellers, "ingested_at", Time, NotFuture),
        required(Engagement, "content_id", Id, None),
        required(Engagement, "day", Day, NotFuture),
        optional(Engagement, "impressions", Count, None),
        optional(Engagement, "views", Count, None),
        optional(Engagement, "watch_s", Number, NotNegative),
        optional(Engagement, "likes", Count, None),
        optional(Engagement, "comments", Count, None),
        optional(Engagement, "shares", Count, None),
        optional(Engagement, "clicks", Count, None),
        optional(Engagement, "orders", Count, None),
        optional(Engagement, "refunds", Count, None),
        optional(Engagement, "gmv", Number, NotNegative),
        optional(Engagement, "reports", Count, None),
        optional(Engagement, "hides", Count, None),
        optional(Engagement, "ingested_at", Time, NotFuture),
        required(Decisions, "decision_id", Id, None),
        required(Decisions, "content_id", Id, None),
        required(Decisions, "label", Id, None),
        required(Decisions, "verdict", Verdict, None),
        required(Decisions, "decided_at", Time, NotFuture),
        optional(Decisions, "reviewer_id", Id, None),
        optional(Decisions, "decided_by", DecidedBy, None),
        optional(Decisions, "selected_by", SelectedBy, None),
        optional(Decisions, "inclusion_probability", Number, Probability),
        optional(Decisions, "overturns", Id, None),
        optional(Decisions, "golden_verdict", Verdict, None),
        optional(Decisions, "minutes", Number, NotNegative),
        optional(Decisions, "ingested_at", Time, NotFuture),
        required(Actions, "action_id", Id, None),
        optional(Actions, "content_id", Id, None),
        optional(Actions, "seller_id", Id, None),
        required(Actions, "treatment", Treatment, None),
        optional(Actions, "policy_id", Id, None),
        required(Actions, "started_at", Time, NotFuture),
        optional(Actions, "ended_at", Time, None),
        optional(Actions, "reversed_by", Id, None),
        optional(Actions, "ingested_at", Time, NotFuture),
        required(Reports, "report_id", Id, None),
        required(Reports, "content_id", Id, None),
        optional(Reports, "reporter_id", Id, None),
        required(Reports, "reported_at", Time, NotFuture),
        optional(Reports, "reason", Id, None),
        optional(Reports, "ingested_at", Time, NotFuture),
        required(AfterSales, "event_id", Id, None),
        optional(AfterSales, "content_id", Id, None),
        optional(AfterSales, "seller_id", Id, None),
        required(AfterSales, "occurred_at", Time, NotFuture),
        required(AfterSales, "kind", AfterSalesKind, None),
        optional(AfterSales, "reason", Id, None),
        optional(AfterSales, "ingested_at", Time, NotFuture),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_columns_with_unique_names() {
        for table in TableName::ALL {
            let mut names: Vec<_> = schema(table).iter().map(|c| c.column).collect();
            assert!(!names.is_empty(), "{table}");
            names.sort_unstable();
            assert!(names.windows(2).all(|w| w[0] != w[1]), "{table}");
        }
    }

    #[test]
    fn extra_columns_are_recognised_by_name() {
        assert!(is_extra("x_nudity2") && is_extra("x_a_b"));
        assert!(!is_extra("x_") && !is_extra("x_A") && !is_extra("y_a") && !is_extra("x_a b"));
    }
}
