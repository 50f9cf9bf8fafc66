//! The columns that a declared window can read, by table.
//!
//! `features` proves in a test that they are columns of the input contract (`tables` lies to the right of `config`).

use serde::Serialize;

use super::TableName;
use crate::units::{AfterSalesKind, DecidedBy, SelectedBy, Treatment, Verdict};

/// A column that a window reads. Which tables have it: see [`WindowColumn::find`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the column of its name: `tables::schema` says what it holds")]
pub enum WindowColumn {
    Impressions,
    Views,
    WatchS,
    Likes,
    Comments,
    Shares,
    Clicks,
    Orders,
    Refunds,
    Gmv,
    Reports,
    Hides,
    ContentId,
    Label,
    Verdict,
    ReviewerId,
    DecidedBy,
    SelectedBy,
    Minutes,
    Treatment,
    PolicyId,
    ReporterId,
    Reason,
    Kind,
    SellerId,
    Category,
    Rating,
}

/// What a column holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Holds {
    /// Whole numbers.
    Count,
    /// Numbers.
    Amount,
    /// Any names.
    Names,
    /// Names that are kept as hashes: they can be counted but not chosen.
    Keys,
    /// The names of an enumeration.
    OneOf(fn() -> Vec<&'static str>),
}

/// Every column with its tables.
const COLUMNS: &[(TableName, WindowColumn, Holds)] = &{
    use Holds::{Amount, Count, Keys, Names, OneOf};
    use TableName::{Actions, AfterSales, Content, Decisions, Engagement, Reports};
    use WindowColumn as C;
    [
        (Engagement, C::Impressions, Count),
        (Engagement, C::Views, Count),
        (Engagement, C::WatchS, Amount),
        (Engagement, C::Likes, Count),
        (Engagement, C::Comments, Count),
        (Engagement, C::Shares, Count),
        (Engagement, C::Clicks, Count),
        (Engagement, C::Orders, Count),
        (Engagement, C::Refunds, Count),
        (Engagement, C::Gmv, Amount),
        (Engagement, C::Reports, Count),
        (Engagement, C::Hides, Count),
        (Decisions, C::ContentId, Names),
        (Decisions, C::Label, Names),
        (Decisions, C::Verdict, OneOf(|| Verdict::all().map(Verdict::as_str).collect())),
        (Decisions, C::ReviewerId, Names),
        (Decisions, C::DecidedBy, OneOf(|| DecidedBy::all().map(DecidedBy::as_str).collect())),
        (Decisions, C::SelectedBy, OneOf(|| SelectedBy::all().map(SelectedBy::as_str).collect())),
        (Decisions, C::Minutes, Amount),
        (Actions, C::ContentId, Names),
        (Actions, C::Treatment, OneOf(|| Treatment::all().map(Treatment::as_str).collect())),
        (Actions, C::PolicyId, Names),
        (Reports, C::ContentId, Names),
        (Reports, C::ReporterId, Names),
        (Reports, C::Reason, Names),
        (AfterSales, C::ContentId, Names),
        (AfterSales, C::Kind, OneOf(|| AfterSalesKind::all().map(AfterSalesKind::as_str).collect())),
        (AfterSales, C::Reason, Names),
        (Content, C::SellerId, Keys),
        (Content, C::Category, Keys),
        (Content, C::Rating, Amount),
    ]
};

impl WindowColumn {
    /// The columns that windows can read, with their tables.
    pub fn all() -> impl Iterator<Item = (TableName, Self)> {
        COLUMNS.iter().map(|(table, column, _)| (*table, *column))
    }

    /// The columns of `table` whose kind passes `fits`.
    pub(super) fn of(table: TableName, fits: fn(Holds) -> bool) -> impl Iterator<Item = (Self, Holds)> {
        COLUMNS.iter().filter(move |(of, _, holds)| *of == table && fits(*holds)).map(|(_, column, holds)| (*column, *holds))
    }

    /// Whether it holds whole numbers.
    #[must_use]
    pub fn is_count(self) -> bool {
        COLUMNS.iter().any(|(_, column, holds)| *column == self && matches!(holds, Holds::Count))
    }

    /// The name in the table.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Impressions => "impressions",
            Self::Views => "views",
            Self::WatchS => "watch_s",
            Self::Likes => "likes",
            Self::Comments => "comments",
            Self::Shares => "shares",
            Self::Clicks => "clicks",
            Self::Orders => "orders",
            Self::Refunds => "refunds",
            Self::Gmv => "gmv",
            Self::Reports => "reports",
            Self::Hides => "hides",
            Self::ContentId => "content_id",
            Self::Label => "label",
            Self::Verdict => "verdict",
            Self::ReviewerId => "reviewer_id",
            Self::DecidedBy => "decided_by",
            Self::SelectedBy => "selected_by",
            Self::Minutes => "minutes",
            Self::Treatment => "treatment",
            Self::PolicyId => "policy_id",
            Self::ReporterId => "reporter_id",
            Self::Reason => "reason",
            Self::Kind => "kind",
            Self::SellerId => "seller_id",
            Self::Category => "category",
            Self::Rating => "rating",
        }
    }
}
