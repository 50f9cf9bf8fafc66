//! All windows over one table of one entity, summed in one pass over the rows of the longest.
//!
//! Rows are taken from the newest back and each is added once; a window's total is what has been added when its last row is reached.

use super::rows::{EventRow, Name, WindowRows};
use super::total::{Amounts, Distinct, Entropy, Total};
use crate::config::{TableName, WindowColumn, WindowFilter, WindowValue};
use crate::tables::EngagementRow;
use crate::units::{AsOf, Day};

/// What is measured over each span of a group.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Measure {
    pub(super) value: WindowValue,
    pub(super) filter: Vec<WindowFilter>,
}

/// The measures of one table over the same spans.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) table: TableName,
    /// Days, ascending.
    pub(super) spans: Vec<u32>,
    pub(super) measures: Vec<Measure>,
}

impl Group {
    pub(super) fn new(table: TableName) -> Self {
        Self { table, spans: Vec::new(), measures: Vec::new() }
    }

    /// Adds spans. Call it before `position`.
    pub(super) fn add_spans(&mut self, days: &[u32]) {
        self.spans.extend(days);
        self.spans.sort_unstable();
        self.spans.dedup();
    }

    /// The index of a measure, added if it is new.
    pub(super) fn measure(&mut self, measure: Measure) -> usize {
        let known = self.measures.iter().position(|known| *known == measure);
        known.unwrap_or_else(|| {
            self.measures.push(measure);
            self.measures.len() - 1
        })
    }

    /// Where the total of `measure` over `days` days stands among the totals; behind the last for days that are no span.
    pub(super) fn position(&self, measure: usize, days: u32) -> usize {
        let span = self.spans.iter().position(|span| *span == days);
        span.map_or(usize::MAX, |span| measure * self.spans.len() + span)
    }

    /// The totals: for each measure, those of its spans. `None` where the table is missing.
    pub(super) fn totals(&self, rows: &WindowRows<'_>, as_of: AsOf) -> Option<Vec<Total>> {
        match self.table {
            TableName::Engagement => rows.engagement.map(|days| self.of_days(days, rows.until, as_of)),
            TableName::Decisions => rows.decisions.map(|rows| self.of_events(rows.iter().copied(), as_of)),
            TableName::Actions => rows.actions.map(|rows| self.of_events(rows.iter().copied(), as_of)),
            TableName::Reports => rows.reports.map(|rows| self.of_events(rows.iter().copied(), as_of)),
            TableName::AfterSales => rows.after_sales.map(|rows| self.of_events(rows.iter().copied(), as_of)),
            TableName::Content => rows.publications.map(|rows| self.of_events(rows.iter(), as_of)),
            TableName::Sellers => None,
        }
    }

    /// Totals of daily rows in day order. A day is known from the next midnight on, unless it came later.
    fn of_days(&self, rows: &[EngagementRow], until: Option<Day>, as_of: AsOf) -> Vec<Total> {
        debug_assert!(rows.windows(2).all(|w| w[0].day <= w[1].day), "rows must be in day order");
        let age = |row: &EngagementRow| i64::from(as_of.day.0) - i64::from(row.day.0);
        let longest = self.spans.last().map_or(0, |span| i64::from(*span));
        let end = until.map_or(as_of.day, |until| until.min(as_of.day));
        let first = rows.partition_point(|row| age(row) > longest);
        let last = rows.partition_point(|row| row.day < end);
        let recent = rows.get(first..last).unwrap_or_default();
        let known: Vec<&EngagementRow> = recent.iter().rev().filter(|row| as_of.knows_day(row.day, row.ingested_at)).collect();
        let days =
            Days { ends: self.spans.iter().map(|span| known.partition_point(|row| age(row) <= i64::from(*span))), rows: &known };
        let mut totals = Vec::with_capacity(self.measures.len() * self.spans.len());
        for measure in &self.measures {
            days.add(measure.value, &mut totals);
        }
        totals
    }

    /// Totals of events. An event is in a window of d days if it happened at most d times 24 hours before the midnight.
    fn of_events<'a, E: EventRow + 'a>(&self, rows: impl Iterator<Item = &'a E>, as_of: AsOf) -> Vec<Total> {
        let mut by_span: Vec<Vec<&E>> = vec![Vec::new(); self.spans.len()];
        for row in rows {
            let (at, ingested) = row.times();
            let age = as_of.instant.days_since(at);
            let span = self.spans.iter().position(|span| age <= f64::from(*span));
            if let Some(rows) = span.filter(|_| as_of.knows(at, ingested)).and_then(|span| by_span.get_mut(span)) {
                rows.push(row);
            }
        }
        let mut totals = Vec::with_capacity(self.measures.len() * self.spans.len());
        for Measure { value, filter } in &self.measures {
            let passing = by_span.iter().map(|rows| rows.iter().filter(|row| filter.iter().all(|f| passes(f, **row))));
            match value {
                WindowValue::Rows => totals.extend(passing.scan(0, |n, rows| {
                    *n += rows.count() as u64;
                    Some(Total::Count(*n))
                })),
                WindowValue::Sum(column) => totals.extend(passing.scan(Amounts::default(), |sum, rows| {
                    rows.for_each(|row| sum.add(row.number(*column)));
                    Some(sum.total())
                })),
                WindowValue::Distinct(column) => totals.extend(passing.scan(Distinct::default(), |names, rows| {
                    rows.for_each(|row| names.add(row.name(*column)));
                    Some(names.total())
                })),
                WindowValue::Entropy(column) => totals.extend(passing.scan(Entropy::default(), |names, rows| {
                    rows.for_each(|row| names.add(row.name(*column)));
                    Some(names.total())
                })),
            }
        }
        totals
    }
}

/// Whether a row's column has one of the filter's names.
fn passes(filter: &WindowFilter, row: &impl EventRow) -> bool {
    match row.name(filter.column) {
        Some(Name::Text(name)) => filter.names.iter().any(|allowed| allowed == name),
        Some(Name::Key(_)) | None => false,
    }
}

/// Known daily rows, newest first, and where each span's rows end.
struct Days<'a, I> {
    rows: &'a [&'a EngagementRow],
    ends: I,
}

impl<I: Iterator<Item = usize> + Clone> Days<'_, I> {
    /// Adds the totals of one measure. The column is chosen here, outside the loop over rows.
    fn add(&self, value: WindowValue, totals: &mut Vec<Total>) {
        use WindowColumn as C;
        let column = match value {
            WindowValue::Rows => return totals.extend(self.ends.clone().map(|end| Total::Count(end as u64))),
            WindowValue::Sum(column) => column,
            // No column of engagement holds names.
            WindowValue::Distinct(_) | WindowValue::Entropy(_) => {
                return totals.extend(self.ends.clone().map(|_| Total::Missing));
            }
        };
        match column {
            C::Impressions => self.counts(|row| row.impressions, totals),
            C::Views => self.counts(|row| row.views, totals),
            C::Likes => self.counts(|row| row.likes, totals),
            C::Comments => self.counts(|row| row.comments, totals),
            C::Shares => self.counts(|row| row.shares, totals),
            C::Clicks => self.counts(|row| row.clicks, totals),
            C::Orders => self.counts(|row| row.orders, totals),
            C::Refunds => self.counts(|row| row.refunds, totals),
            C::Reports => self.counts(|row| row.reports, totals),
            C::Hides => self.counts(|row| row.hides, totals),
            C::WatchS => self.amounts(|row| row.watch_s, totals),
            C::Gmv => self.amounts(|row| row.gmv, totals),
            _ => totals.extend(self.ends.clone().map(|_| Total::Missing)),
        }
    }

    /// Sums of a column of whole numbers. A sum that overflows stays at the largest number.
    fn counts(&self, column: impl Fn(&EngagementRow) -> Option<u64>, totals: &mut Vec<Total>) {
        let (mut sum, mut is_held, mut start) = (0_u64, false, 0);
        totals.extend(self.ends.clone().map(|end| {
            for row in self.rows.get(start..end).unwrap_or_default() {
                let cell = column(row);
                is_held |= cell.is_some();
                sum = sum.saturating_add(cell.unwrap_or(0));
            }
            start = end;
            if is_held || end == 0 { Total::Count(sum) } else { Total::Missing }
        }));
    }

    /// Sums of a column of amounts.
    fn amounts(&self, column: impl Fn(&EngagementRow) -> Option<f64>, totals: &mut Vec<Total>) {
        let (mut sum, mut start) = (Amounts::default(), 0);
        totals.extend(self.ends.clone().map(|end| {
            self.rows.get(start..end).unwrap_or_default().iter().for_each(|row| sum.add(column(row)));
            start = end;
            sum.total()
        }));
    }
}
