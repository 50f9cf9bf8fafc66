//! The rows that windows sum: one entity's, table by table.

use super::total::SpanDays;
use crate::config::WindowColumn;
use crate::features::EngagementDays;
use crate::tables::{ActionRow, AfterSalesRow, DecisionRow, ReportRow};
use crate::units::{AsOf, Day, Timestamp};

/// The rows of one item, seller or creator; `None` where the table is missing. What was not known at the midnight is left out by
/// the plan, so a caller cannot leak by passing too much.
#[derive(Debug, Clone, Copy, Default)]
pub struct WindowRows<'a> {
    /// Engagement.
    pub engagement: Option<&'a EngagementDays>,
    /// The first day on which engagement no longer counts: that of the item's first action.
    pub until: Option<Day>,
    /// The first day of the entity's life: that of its publication, a seller's or creator's first. `None`: it was always there.
    /// Of daily rows, life begins with the first that is known, where that is earlier: an item that is listed anew was there before.
    pub since: Option<Day>,
    /// The days before the midnight of which no row of engagement had arrived in the entity's markets, ascending.
    pub unknown_days: &'a [Day],
    /// Decisions. Events come in any fixed order.
    pub decisions: Option<&'a [&'a DecisionRow]>,
    /// Actions.
    pub actions: Option<&'a [&'a ActionRow]>,
    /// Reports.
    pub reports: Option<&'a [&'a ReportRow]>,
    /// After-sales events.
    pub after_sales: Option<&'a [&'a AfterSalesRow]>,
    /// What the seller or creator published.
    pub publications: Option<&'a [PublicationRow]>,
}

impl WindowRows<'_> {
    /// The first day of daily rows that is known; `None` where nothing depends on it.
    pub(super) fn first_known_day(&self, as_of: AsOf) -> Option<Day> {
        let rows = self.engagement.filter(|_| self.since.is_some())?;
        let is_known = |at: &usize| rows.ingested_at(*at).is_none_or(|ingested| ingested < as_of.instant);
        let first = (0..rows.len()).find(is_known)?;
        rows.days().nth(first).filter(|day| *day < as_of.day)
    }

    /// The days of the last `span` on which the entity was there. Of daily rows, of which `first_row` is the first known, those before
    /// `until`, and known are those that have arrived.
    pub(super) fn days_of(&self, span: u32, as_of: AsOf, first_row: Option<Day>, is_daily: bool) -> SpanDays {
        let oldest = Day(as_of.day.0.saturating_sub(span.cast_signed()));
        let published = self.since.map_or(oldest, |since| oldest.max(since));
        let first = first_row.map_or(published, |row| published.min(row.max(oldest)));
        let end = self.until.filter(|_| is_daily).map_or(as_of.day, |until| until.min(as_of.day));
        let all = u32::try_from(i64::from(end.0) - i64::from(first.0)).unwrap_or(0);
        let unknown = if is_daily && all > 0 && !self.unknown_days.is_empty() {
            let before = |day: Day| self.unknown_days.partition_point(|unknown| *unknown < day);
            before(end) - before(first)
        } else {
            0
        };
        let early = u32::try_from(i64::from(published.0.min(as_of.day.0)) - i64::from(first.0)).unwrap_or(0);
        SpanDays { all, early, known: all.saturating_sub(u32::try_from(unknown).unwrap_or(u32::MAX)) }
    }
}

/// One item that a seller or creator published, as it was known first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PublicationRow {
    /// When it was published.
    pub published_at: Timestamp,
    /// When that was known, where it is recorded.
    pub known_from: Option<Timestamp>,
    /// Key of its seller.
    pub seller: Option<u64>,
    /// Key of its category.
    pub category: Option<u64>,
    /// Its stars.
    pub rating: Option<f32>,
}

/// A name in a column, or the key that stands for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name<'a> {
    Text(&'a str),
    Key(u64),
}

/// A row that happened at an instant.
pub(super) trait EventRow {
    /// When it happened, and when that was known where it is recorded.
    fn times(&self) -> (Timestamp, Option<Timestamp>);
    /// The number in a column.
    fn number(&self, _column: WindowColumn) -> Option<f64> {
        None
    }
    /// The name in a column.
    fn name(&self, column: WindowColumn) -> Option<Name<'_>>;
}

impl EventRow for DecisionRow {
    fn times(&self) -> (Timestamp, Option<Timestamp>) {
        (self.decided_at, self.ingested_at)
    }

    fn number(&self, column: WindowColumn) -> Option<f64> {
        if column == WindowColumn::Minutes { self.minutes } else { None }
    }

    fn name(&self, column: WindowColumn) -> Option<Name<'_>> {
        let name = match column {
            WindowColumn::ContentId => Some(self.content_id.as_str()),
            WindowColumn::Label => Some(self.label.as_str()),
            WindowColumn::Verdict => Some(self.verdict.as_str()),
            WindowColumn::ReviewerId => self.reviewer_id.as_deref(),
            WindowColumn::DecidedBy => self.decided_by.map(|by| by.as_str()),
            WindowColumn::SelectedBy => self.selected_by.map(|by| by.as_str()),
            _ => None,
        };
        name.map(Name::Text)
    }
}

impl EventRow for ActionRow {
    fn times(&self) -> (Timestamp, Option<Timestamp>) {
        (self.started_at, self.ingested_at)
    }

    fn name(&self, column: WindowColumn) -> Option<Name<'_>> {
        let name = match column {
            WindowColumn::ContentId => self.content_id.as_deref(),
            WindowColumn::Treatment => Some(self.treatment.as_str()),
            WindowColumn::PolicyId => self.policy_id.as_deref(),
            _ => None,
        };
        name.map(Name::Text)
    }
}

impl EventRow for ReportRow {
    fn times(&self) -> (Timestamp, Option<Timestamp>) {
        (self.reported_at, self.ingested_at)
    }

    fn name(&self, column: WindowColumn) -> Option<Name<'_>> {
        let name = match column {
            WindowColumn::ContentId => Some(self.content_id.as_str()),
            WindowColumn::ReporterId => self.reporter_id.as_deref(),
            WindowColumn::Reason => self.reason.as_deref(),
            _ => None,
        };
        name.map(Name::Text)
    }
}

impl EventRow for AfterSalesRow {
    fn times(&self) -> (Timestamp, Option<Timestamp>) {
        (self.occurred_at, self.ingested_at)
    }

    fn name(&self, column: WindowColumn) -> Option<Name<'_>> {
        let name = match column {
            WindowColumn::ContentId => self.content_id.as_deref(),
            WindowColumn::Kind => Some(self.kind.as_str()),
            WindowColumn::Reason => self.reason.as_deref(),
            _ => None,
        };
        name.map(Name::Text)
    }
}

impl EventRow for PublicationRow {
    fn times(&self) -> (Timestamp, Option<Timestamp>) {
        (self.published_at, self.known_from)
    }

    fn number(&self, column: WindowColumn) -> Option<f64> {
        if column == WindowColumn::Rating { self.rating.map(f64::from) } else { None }
    }

    fn name(&self, column: WindowColumn) -> Option<Name<'_>> {
        let key = match column {
            WindowColumn::SellerId => self.seller,
            WindowColumn::Category => self.category,
            _ => None,
        };
        key.map(Name::Key)
    }
}
