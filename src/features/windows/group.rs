//! All windows over one table of one entity, summed in one pass over the rows of the longest.
//!
//! Rows are taken from the newest back and each is added once; a window's total is what has been added when its last row is reached.

use super::rows::{EventRow, Name, WindowRows};
use super::total::{Amounts, Distinct, Entropy, SpanDays, Total, Totals};
use crate::config::{TableName, WindowFilter, WindowValue};
use crate::features::EngagementDays;
use crate::features::engagement_days::{Cells, Planes};
use crate::units::{AsOf, Day};

/// Spans whose starts are kept on the stack.
const FEW_SPANS: usize = 8;

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

    /// The place of `days` days among the spans.
    pub(super) fn span(&self, days: u32) -> usize {
        self.spans.iter().position(|span| *span == days).unwrap_or(usize::MAX)
    }

    /// The number of totals.
    pub(super) fn len(&self) -> usize {
        self.measures.len() * self.spans.len()
    }

    /// Adds the totals: for each measure, those of its spans; and the days of the spans. All totals are missing where the table is.
    pub(super) fn add_totals(&self, rows: &WindowRows<'_>, as_of: AsOf, out: &mut Totals) {
        let is_daily = self.table == TableName::Engagement;
        let first_span = out.spans.len();
        let first_row = if is_daily { rows.first_known_day(as_of) } else { None };
        out.spans.extend(self.spans.iter().map(|span| rows.days_of(*span, as_of, first_row, is_daily)));
        let totals = &mut out.totals;
        let spans = out.spans.get(first_span..).unwrap_or_default();
        let summed = match self.table {
            TableName::Engagement => rows.engagement.map(|days| self.of_days(days, rows.until, spans, as_of, totals)),
            TableName::Decisions => rows.decisions.map(|rows| self.of_events(rows.iter().copied(), as_of, totals)),
            TableName::Actions => rows.actions.map(|rows| self.of_events(rows.iter().copied(), as_of, totals)),
            TableName::Reports => rows.reports.map(|rows| self.of_events(rows.iter().copied(), as_of, totals)),
            TableName::AfterSales => rows.after_sales.map(|rows| self.of_events(rows.iter().copied(), as_of, totals)),
            TableName::Content => rows.publications.map(|rows| self.of_events(rows.iter(), as_of, totals)),
            TableName::Sellers => None,
        };
        if summed.is_none() {
            totals.extend(std::iter::repeat_n(Total::Missing, self.len()));
        }
    }

    /// Totals of daily rows. A day is known from the next midnight on, unless it came later. A window without a day that counts has no
    /// totals: it lies wholly on or after `until`, so does the entity's life, or no row of any item has arrived for any of its days.
    fn of_days(&self, rows: &EngagementDays, until: Option<Day>, spans: &[SpanDays], as_of: AsOf, totals: &mut Vec<Total>) {
        let oldest = |span: u32| Day(as_of.day.0.saturating_sub(span.cast_signed()));
        let end = until.map_or(as_of.day, |until| until.min(as_of.day));
        let end = rows.before(end, rows.len());
        let first = |span: &u32| rows.before(oldest(*span), end.saturating_sub(*span as usize)).min(end);
        // Spans are few: their starts need no allocation.
        let (mut few, mut many) = ([0; FEW_SPANS], Vec::new());
        let starts = match few.get_mut(..self.spans.len()) {
            Some(starts) => starts,
            None => {
                many.resize(self.spans.len(), 0);
                &mut many[..]
            }
        };
        starts.iter_mut().zip(&self.spans).for_each(|(start, span)| *start = first(span));
        let start = starts.last().copied().unwrap_or(end);
        let late = if rows.all_ingested(start..end, as_of) {
            Vec::new()
        } else {
            (0..end).map(|at| rows.ingested_at(at).is_some_and(|ingested| ingested >= as_of.instant)).collect()
        };
        let window = DayWindow { rows, starts, end, late: &late };
        let first = totals.len();
        self.measures.iter().for_each(|measure| window.add(measure.value, totals));
        let is_over = |span: u32| until.is_some_and(|until| oldest(span) >= until);
        let is_unknown = |(span, days): (&u32, &SpanDays)| is_over(*span) || days.known == 0;
        if self.spans.iter().zip(spans).any(is_unknown) {
            let totals = totals.get_mut(first..).unwrap_or_default();
            let unknown = self.spans.iter().zip(spans).map(is_unknown).cycle();
            totals.iter_mut().zip(unknown).filter(|(_, is_unknown)| *is_unknown).for_each(|(total, _)| *total = Total::Missing);
        }
    }

    /// Totals of events. An event is in a window of d days if it happened at most d times 24 hours before the midnight.
    fn of_events<'a, E: EventRow + 'a>(&self, rows: impl Iterator<Item = &'a E>, as_of: AsOf, totals: &mut Vec<Total>) {
        let mut by_span: Vec<Vec<&E>> = vec![Vec::new(); self.spans.len()];
        for row in rows {
            let (at, ingested) = row.times();
            let age = as_of.instant.days_since(at);
            let span = self.spans.iter().position(|span| age <= f64::from(*span));
            if let Some(rows) = span.filter(|_| as_of.knows(at, ingested)).and_then(|span| by_span.get_mut(span)) {
                rows.push(row);
            }
        }
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
    }
}

/// Whether a row's column has one of the filter's names.
fn passes(filter: &WindowFilter, row: &impl EventRow) -> bool {
    match row.name(filter.column) {
        Some(Name::Text(name)) => filter.names.iter().any(|allowed| allowed == name),
        Some(Name::Key(_)) | None => false,
    }
}

/// Daily rows up to `end`, and where the rows of each span start.
struct DayWindow<'a> {
    rows: &'a EngagementDays,
    starts: &'a [usize],
    end: usize,
    /// Whether each row up to `end` came too late to be known; empty where none did.
    late: &'a [bool],
}

impl DayWindow<'_> {
    /// Adds the totals of one measure.
    fn add(&self, value: WindowValue, totals: &mut Vec<Total>) {
        let column = match value {
            WindowValue::Rows => return self.each(totals, 0_u64, |n, _| *n += 1, |n, _| Total::Count(*n)),
            // No column of engagement holds names.
            WindowValue::Distinct(_) | WindowValue::Entropy(_) => None,
            WindowValue::Sum(column) => self.rows.column(column).map(|cells| (cells, column.is_count())),
        };
        let zero = if value.is_count() { Total::Count(0) } else { Total::Amount(0.0) };
        let Some((cells, is_count)) = column else {
            return self.each(totals, (), |(), _| (), |(), rows| if rows == 0 { zero } else { Total::Missing });
        };
        match cells {
            Cells::Plain(planes) if self.late.is_empty() => return self.plain(planes, totals),
            Cells::Plain(_) | Cells::Wide(_) => {}
        }
        if is_count {
            let add = |sum: &mut Option<u64>, at| {
                if let Some(count) = cells.count(at) {
                    *sum = Some(sum.unwrap_or(0).saturating_add(count));
                }
            };
            return self.each(totals, None, add, |sum, rows| match sum {
                Some(sum) => Total::Count(*sum),
                None if rows == 0 => zero,
                None => Total::Missing,
            });
        }
        let add = |sum: &mut Amounts, at| sum.add(cells.amount(at));
        self.each(totals, Amounts::default(), add, |sum, _| sum.total());
    }

    /// Sums of a plain column over rows that are all known, from the newest span to the oldest.
    fn plain(&self, planes: Planes<'_>, totals: &mut Vec<Total>) {
        let (mut sum, mut end) = (0, self.end);
        totals.extend(self.starts.iter().map(|start| {
            sum += planes.sum(*start, end);
            end = *start;
            Total::Count(sum)
        }));
    }

    /// Adds every known row to `sum`, the newest first, and reads a total off when the first row of a span is reached.
    fn each<S>(&self, totals: &mut Vec<Total>, mut sum: S, add: impl Fn(&mut S, usize), total: impl Fn(&S, usize) -> Total) {
        let (mut n_rows, mut end) = (0, self.end);
        totals.extend(self.starts.iter().map(|start| {
            for at in (*start..end).rev().filter(|at| !self.late.get(*at).copied().unwrap_or(false)) {
                n_rows += 1;
                add(&mut sum, at);
            }
            end = *start;
            total(&sum, n_rows)
        }));
    }
}
