//! Whole columns → checked cells of one canonical kind.
//!
//! Input: a column of a chunk and what the canonical column asks of it. Output: typed cells, and the bad ones. Works
//! column by column because that is what makes seven million rows a matter of seconds.

use crate::units::{AfterSalesKind, ContentType, Day, DecidedBy, Id, Market, SelectedBy, Timestamp, Treatment, Verdict};

use super::checks::{self, CheckLimits, Checked};
use super::chunk::{Column, TextColumn};
use super::schema::{ColumnKind, ColumnSpec, Need};

/// Checked cells of one canonical column.
#[derive(Debug)]
pub(super) enum Cells {
    /// All null.
    Absent,
    Ids(Vec<Option<Id>>),
    Texts(Vec<Option<String>>),
    Counts(Vec<Option<u64>>),
    Numbers(Vec<Option<f64>>),
    Times(Vec<Option<Timestamp>>),
    Days(Vec<Option<Day>>),
    Flags(Vec<Option<bool>>),
    Markets(Vec<Option<Market>>),
    Lists(Vec<Option<Vec<f32>>>),
    ContentTypes(Vec<Option<ContentType>>),
    Verdicts(Vec<Option<Verdict>>),
    Deciders(Vec<Option<DecidedBy>>),
    Selections(Vec<Option<SelectedBy>>),
    Treatments(Vec<Option<Treatment>>),
    AfterSales(Vec<Option<AfterSalesKind>>),
}

impl Cells {
    /// Whether any row has a value.
    pub(super) fn any(&self) -> bool {
        fn some<T>(cells: &[Option<T>]) -> bool {
            cells.iter().any(Option::is_some)
        }
        match self {
            Self::Absent => false,
            Self::Ids(c) => some(c),
            Self::Texts(c) => some(c),
            Self::Counts(c) => some(c),
            Self::Numbers(c) => some(c),
            Self::Times(c) => some(c),
            Self::Days(c) => some(c),
            Self::Flags(c) => some(c),
            Self::Markets(c) => some(c),
            Self::Lists(c) => some(c),
            Self::ContentTypes(c) => some(c),
            Self::Verdicts(c) => some(c),
            Self::Deciders(c) => some(c),
            Self::Selections(c) => some(c),
            Self::Treatments(c) => some(c),
            Self::AfterSales(c) => some(c),
        }
    }
}

/// A bad cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CellFault {
    pub(super) column: String,
    pub(super) value: String,
    pub(super) reason: String,
}

/// Bad cells with their rows, ascending.
type Faults = Vec<(usize, CellFault)>;

/// One canonical column to check.
pub(super) struct ColumnCheck<'a> {
    /// What it asks.
    pub(super) spec: &'a ColumnSpec,
    /// Its name in rejects.
    pub(super) name: &'a str,
    /// What the checks compare with.
    pub(super) limits: &'a CheckLimits,
}

impl ColumnCheck<'_> {
    /// Checks every cell of `column`.
    pub(super) fn cells(&self, column: &Column) -> (Cells, Faults) {
        let mut faults = Vec::new();
        let cells = self.checked(column, &mut faults);
        (cells, faults)
    }

    fn checked(&self, column: &Column, faults: &mut Faults) -> Cells {
        use ColumnKind as K;
        let (check, limits) = (self.spec.check, self.limits);
        match (self.spec.kind, column) {
            (K::Id, Column::Integer(c)) => {
                let written = |n: i64| Ok(Some(compact_str::format_compact!("{n}")));
                Cells::Ids(self.scan(c.iter().copied(), column, faults, written))
            }
            (K::Id, Column::Text(c)) => Cells::Ids(self.texts(c, column, faults, checks::id)),
            (K::Text, Column::Text(c)) => Cells::Texts(self.texts(c, column, faults, |t| checks::text(t, limits))),
            (K::Count, Column::Integer(c)) => {
                Cells::Counts(self.scan(c.iter().copied(), column, faults, checks::count_of_integer))
            }
            (K::Count, Column::Number(c)) => Cells::Counts(self.scan(c.iter().copied(), column, faults, checks::count_of_number)),
            (K::Count, Column::Text(c)) => Cells::Counts(self.texts(c, column, faults, checks::count_of_text)),
            (K::Number, Column::Number(c)) => {
                Cells::Numbers(self.scan(c.iter().copied(), column, faults, |n| checks::number(n, check)))
            }
            (K::Number, Column::Integer(c)) => {
                Cells::Numbers(self.scan(c.iter().copied(), column, faults, |n| checks::number(n as f64, check)))
            }
            (K::Number, Column::Boolean(c)) => {
                Cells::Numbers(self.scan(c.iter().copied(), column, faults, |b| Ok(Some(f64::from(u8::from(b))))))
            }
            (K::Number, Column::Text(c)) => Cells::Numbers(self.texts(c, column, faults, |t| checks::number_of_text(t, check))),
            (K::Time, Column::Timestamp(c)) => {
                Cells::Times(self.scan(c.iter().copied(), column, faults, |us| checks::time(us, check, limits)))
            }
            (K::Time, Column::Date(c)) => {
                Cells::Times(self.scan(c.iter().copied(), column, faults, |d| checks::time_of_date(d, check, limits)))
            }
            (K::Time, Column::Text(c)) => Cells::Times(self.texts(c, column, faults, |t| checks::time_of_text(t, check, limits))),
            (K::Day, Column::Date(c)) => Cells::Days(self.scan(c.iter().copied(), column, faults, |d| checks::day(d, limits))),
            (K::Day, Column::Timestamp(c)) => {
                Cells::Days(self.scan(c.iter().copied(), column, faults, |us| checks::day_of_time(us, limits)))
            }
            (K::Day, Column::Text(c)) => Cells::Days(self.texts(c, column, faults, |t| checks::day_of_text(t, limits))),
            (K::Flag, Column::Boolean(c)) => Cells::Flags(self.scan(c.iter().copied(), column, faults, |b| Ok(Some(b)))),
            (K::Flag, Column::Integer(c)) => Cells::Flags(self.scan(c.iter().copied(), column, faults, checks::flag_of_integer)),
            (K::Flag, Column::Text(c)) => Cells::Flags(self.texts(c, column, faults, checks::flag_of_text)),
            (K::NumberList, Column::NumberList(c)) => {
                Cells::Lists(self.scan(c.iter().map(Option::as_deref), column, faults, checks::list))
            }
            (K::NumberList, Column::Text(c)) => Cells::Lists(self.texts(c, column, faults, checks::list_of_text)),
            (K::Market, Column::Text(c)) => Cells::Markets(self.texts(c, column, faults, checks::name)),
            (K::ContentType, Column::Text(c)) => Cells::ContentTypes(self.texts(c, column, faults, checks::name)),
            (K::Verdict, Column::Text(c)) => Cells::Verdicts(self.texts(c, column, faults, checks::name)),
            (K::DecidedBy, Column::Text(c)) => Cells::Deciders(self.texts(c, column, faults, checks::name)),
            (K::SelectedBy, Column::Text(c)) => Cells::Selections(self.texts(c, column, faults, checks::name)),
            (K::Treatment, Column::Text(c)) => Cells::Treatments(self.texts(c, column, faults, checks::name)),
            (K::AfterSalesKind, Column::Text(c)) => Cells::AfterSales(self.texts(c, column, faults, checks::name)),
            // Types were proven to fit by the plan.
            _ => Cells::Absent,
        }
    }

    fn texts<T>(
        &self,
        cells: &TextColumn,
        column: &Column,
        faults: &mut Faults,
        read: impl Fn(&str) -> Checked<T>,
    ) -> Vec<Option<T>> {
        let mut out = Vec::with_capacity(cells.len());
        for (row, cell) in cells.iter().enumerate() {
            out.push(self.settle(row, cell.map_or(Ok(None), &read), column, faults));
        }
        out
    }

    fn scan<C, T>(
        &self,
        cells: impl Iterator<Item = Option<C>>,
        column: &Column,
        faults: &mut Faults,
        read: impl Fn(C) -> Checked<T>,
    ) -> Vec<Option<T>> {
        let mut out = Vec::with_capacity(cells.size_hint().0);
        for (row, cell) in cells.enumerate() {
            out.push(self.settle(row, cell.map_or(Ok(None), &read), column, faults));
        }
        out
    }

    /// The value of one cell, or null and a fault.
    #[inline]
    fn settle<T>(&self, row: usize, cell: Checked<T>, column: &Column, faults: &mut Faults) -> Option<T> {
        match cell {
            Ok(Some(value)) => Some(value),
            Ok(None) if self.spec.need == Need::Optional => None,
            Ok(None) => {
                let reason = "a value is required here".to_owned();
                faults.push((row, self.fault(row, column, reason)));
                None
            }
            Err(reason) => {
                faults.push((row, self.fault(row, column, reason)));
                None
            }
        }
    }

    #[cold]
    fn fault(&self, row: usize, column: &Column, reason: String) -> CellFault {
        CellFault { column: self.name.to_owned(), value: column.text_of(row), reason }
    }
}
