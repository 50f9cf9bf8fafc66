//! One item's or seller's engagement by column: what windows sum without touching the rest of a row.
//!
//! Input: rows in day order. Output: the same cells, those of a column side by side, columns that no row holds left out: 4 or 8 bytes a cell,
//! where a row takes 240. Deliberately not here: which rows were known when.

use crate::config::WindowColumn;
use crate::tables::EngagementRow;
use crate::units::{AsOf, Day, Timestamp};

/// One day's engagement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EngagementDay {
    /// Calendar day in the item's market.
    pub day: Day,
    /// Times shown.
    pub impressions: Option<u64>,
    /// Times viewed.
    pub views: Option<u64>,
    /// Seconds watched.
    pub watch_s: Option<f64>,
    /// Likes.
    pub likes: Option<u64>,
    /// Comments received.
    pub comments: Option<u64>,
    /// Shares.
    pub shares: Option<u64>,
    /// Clicks to the product.
    pub clicks: Option<u64>,
    /// Orders.
    pub orders: Option<u64>,
    /// Refunded orders.
    pub refunds: Option<u64>,
    /// Gross merchandise value in the item's currency.
    pub gmv: Option<f64>,
    /// Reports received.
    pub reports: Option<u64>,
    /// Times hidden by a viewer.
    pub hides: Option<u64>,
    /// When the row reached the lake.
    pub ingested_at: Option<Timestamp>,
}

/// A null cell: no count is as large, and as an amount it is not a number.
const NULL: u64 = u64::MAX;
/// No time of ingestion.
const NOT_RECORDED: i64 = i64::MIN;
/// Columns of engagement.
const N_COLUMNS: usize = 12;

/// Engagement in day order, by column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EngagementDays {
    n_days: usize,
    /// Times of ingestion; empty where none is recorded.
    ingested: Box<[i64]>,
    /// The columns that some row holds, by bit.
    held: u16,
    /// Those of whole numbers among them that every row holds and whose sum is below 2³².
    plain: u16,
    /// The days, then the running sums of the plain columns, one column after the other.
    narrow: Box<[u32]>,
    /// The cells of the other columns held, in the same way; amounts as their bits.
    wide: Box<[u64]>,
}

/// The cells of one column.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cells<'a> {
    /// Whole numbers without a null, each added to those before it: a window is the difference of two.
    Plain(&'a [u32]),
    /// Anything.
    Wide(&'a [u64]),
}

impl Cells<'_> {
    /// The count of row `at`.
    pub(super) fn count(self, at: usize) -> Option<u64> {
        match self {
            Self::Plain(sums) => {
                (at < sums.len()).then(|| u64::from(sum_before(sums, at + 1).wrapping_sub(sum_before(sums, at))))
            }
            Self::Wide(cells) => cells.get(at).copied().filter(|cell| *cell != NULL),
        }
    }

    /// The amount of row `at`.
    pub(super) fn amount(self, at: usize) -> Option<f64> {
        match self {
            Self::Plain(_) => self.count(at).map(|cell| cell as f64),
            Self::Wide(_) => self.count(at).map(f64::from_bits),
        }
    }
}

/// The sum of the first `n` cells of a plain column.
pub(super) fn sum_before(sums: &[u32], n: usize) -> u32 {
    n.checked_sub(1).and_then(|last| sums.get(last)).copied().unwrap_or(0)
}

impl EngagementDays {
    /// `rows` of one item or seller, which must be in day order.
    #[must_use]
    pub fn of(rows: &[EngagementRow]) -> Self {
        debug_assert!(rows.windows(2).all(|w| w[0].day <= w[1].day), "rows must be in day order");
        let table: Vec<[u64; N_COLUMNS]> = rows.iter().map(cells_of).collect();
        let (mut held, mut plain) = (0, 0);
        for (column, cell) in table.iter().flat_map(|row| row.iter().enumerate()) {
            held |= u16::from(*cell != NULL) << column;
        }
        let mut narrow: Vec<u32> = rows.iter().map(|row| row.day.0.cast_unsigned()).collect();
        let mut wide = Vec::new();
        for column in (0..N_COLUMNS).filter(|column| held >> column & 1 == 1) {
            let of_column = table.iter().filter_map(|row| row.get(column).copied());
            let sum = of_column.clone().fold(0_u64, u64::saturating_add);
            if !is_amount(column) && sum <= u64::from(u32::MAX) {
                plain |= 1 << column;
                narrow.extend(of_column.scan(0_u32, |sum, cell| {
                    *sum = sum.wrapping_add(cell as u32);
                    Some(*sum)
                }));
            } else {
                wide.extend(of_column);
            }
        }
        let is_recorded = rows.iter().any(|row| row.ingested_at.is_some());
        let ingested = rows.iter().filter(|_| is_recorded).map(|row| row.ingested_at.map_or(NOT_RECORDED, |at| at.0));
        Self {
            n_days: rows.len(),
            ingested: ingested.collect(),
            held,
            plain,
            narrow: narrow.into_boxed_slice(),
            wide: wide.into_boxed_slice(),
        }
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.n_days
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.n_days == 0
    }

    /// The days, ascending.
    pub fn days(&self) -> impl DoubleEndedIterator<Item = Day> + ExactSizeIterator + '_ {
        self.day_cells().iter().map(|cell| Day(cell.cast_signed()))
    }

    fn day_cells(&self) -> &[u32] {
        self.narrow.get(..self.n_days).unwrap_or_default()
    }

    /// The number of rows before `day`. `guess` is where it is if no day is missing, which mostly saves the search.
    pub(super) fn before(&self, day: Day, guess: usize) -> usize {
        let (days, is_before) = (self.day_cells(), |cell: &u32| cell.cast_signed() < day.0);
        let is_next = days.get(guess).is_none_or(|next| !is_before(next));
        let is_last = guess.checked_sub(1).is_none_or(|last| days.get(last).is_some_and(is_before));
        if is_next && is_last { guess } else { days.partition_point(is_before) }
    }

    /// The rows, in day order.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = EngagementDay> + ExactSizeIterator + '_ {
        self.days().enumerate().map(|(at, day)| self.row(at, day))
    }

    /// The rows of the days from `first` to before `end`, in day order.
    pub fn between(&self, first: i64, end: i64) -> impl Iterator<Item = EngagementDay> + '_ {
        let days = self.day_cells();
        let from = days.partition_point(|cell| i64::from(cell.cast_signed()) < first);
        let until = days.partition_point(|cell| i64::from(cell.cast_signed()) < end).max(from);
        (from..until).filter_map(|at| days.get(at).map(|cell| self.row(at, Day(cell.cast_signed()))))
    }

    /// When row number `at` reached the lake.
    #[must_use]
    pub fn ingested_at(&self, at: usize) -> Option<Timestamp> {
        self.ingested.get(at).copied().filter(|at| *at != NOT_RECORDED).map(Timestamp)
    }

    /// Whether all rows of `range` had reached the lake before the midnight, as far as that is recorded.
    pub(super) fn all_ingested(&self, range: std::ops::Range<usize>, as_of: AsOf) -> bool {
        self.ingested.is_empty() || self.ingested.get(range).is_some_and(|times| times.iter().all(|at| *at < as_of.instant.0))
    }

    /// The cells of a column; `None` where no row holds it.
    pub(super) fn column(&self, column: WindowColumn) -> Option<Cells<'_>> {
        self.cells_at(index(column)?)
    }

    fn cells_at(&self, column: usize) -> Option<Cells<'_>> {
        let (n, bit) = (self.n_days, 1 << column);
        let before = |columns: u16| (columns & (bit - 1)).count_ones() as usize;
        if self.plain & bit != 0 {
            let start = (before(self.plain) + 1) * n;
            return self.narrow.get(start..start + n).map(Cells::Plain);
        }
        let start = before(self.held & !self.plain) * n;
        if self.held & bit == 0 { None } else { self.wide.get(start..start + n).map(Cells::Wide) }
    }

    fn row(&self, at: usize, day: Day) -> EngagementDay {
        let cell = |column: usize| self.cells_at(column)?.count(at);
        let amount = |column: usize| self.cells_at(column)?.amount(at);
        EngagementDay {
            day,
            impressions: cell(0),
            views: cell(1),
            watch_s: amount(2),
            likes: cell(3),
            comments: cell(4),
            shares: cell(5),
            clicks: cell(6),
            orders: cell(7),
            refunds: cell(8),
            gmv: amount(9),
            reports: cell(10),
            hides: cell(11),
            ingested_at: self.ingested_at(at),
        }
    }
}

/// Where a column stands in a row.
fn index(column: WindowColumn) -> Option<usize> {
    use WindowColumn as C;
    Some(match column {
        C::Impressions => 0,
        C::Views => 1,
        C::WatchS => 2,
        C::Likes => 3,
        C::Comments => 4,
        C::Shares => 5,
        C::Clicks => 6,
        C::Orders => 7,
        C::Refunds => 8,
        C::Gmv => 9,
        C::Reports => 10,
        C::Hides => 11,
        _ => return None,
    })
}

fn is_amount(column: usize) -> bool {
    matches!(column, 2 | 9)
}

/// The cells of a row in the order of the columns. The largest count is kept as the one below it.
fn cells_of(row: &EngagementRow) -> [u64; N_COLUMNS] {
    let count = |cell: Option<u64>| cell.map_or(NULL, |count| count.min(NULL - 1));
    let amount = |cell: Option<f64>| cell.filter(|amount| amount.is_finite()).map_or(NULL, f64::to_bits);
    [
        count(row.impressions),
        count(row.views),
        amount(row.watch_s),
        count(row.likes),
        count(row.comments),
        count(row.shares),
        count(row.clicks),
        count(row.orders),
        count(row.refunds),
        amount(row.gmv),
        count(row.reports),
        count(row.hides),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::{as_of, engagement};

    #[test]
    fn rows_come_back() {
        let mut rows = [engagement(3, 5), engagement(4, u64::MAX), engagement(4, 7)];
        rows[0].gmv = Some(-0.0);
        rows[1].hides = Some(2);
        rows[2].ingested_at = Some(as_of(9).instant);
        let days = EngagementDays::of(&rows);
        let back: Vec<EngagementDay> = days.iter().collect();
        assert_eq!(days.days().collect::<Vec<_>>(), [Day(3), Day(4), Day(4)]);
        assert_eq!([0, 1, 2].map(|i| back[i].views), [Some(5), Some(u64::MAX - 1), Some(7)]);
        assert_eq!([0, 1, 2].map(|i| back[i].hides), [None, Some(2), None]);
        assert_eq!(back[0].gmv.map(f64::to_bits), Some((-0.0_f64).to_bits()));
        assert_eq!([0, 1, 2].map(|i| back[i].ingested_at), [None, None, rows[2].ingested_at]);
        assert_eq!((back[0].orders, back.len()), (None, 3));
        assert_eq!(EngagementDays::of(&[]), EngagementDays::default());
    }

    #[test]
    fn columns_are_narrow_where_no_cell_is_null_or_large() {
        let mut rows = [engagement(3, 5), engagement(4, 6)];
        (rows[0].hides, rows[0].likes, rows[1].likes) = (Some(1), Some(1 << 32), Some(2));
        let days = EngagementDays::of(&rows);
        let plain = |column| days.column(column).map(|cells| matches!(cells, Cells::Plain(_)));
        assert_eq!(plain(WindowColumn::Views), Some(true));
        assert_eq!(plain(WindowColumn::Hides), Some(false), "a null");
        assert_eq!(plain(WindowColumn::Likes), Some(false), "too large");
        assert_eq!(plain(WindowColumn::Orders), None);
    }

    #[test]
    fn a_guess_never_changes_where_a_day_starts() {
        let days = EngagementDays::of(&[3, 4, 4, 7].map(|day| engagement(day, 1)));
        for guess in 0..9 {
            assert_eq!([2, 3, 4, 5, 7, 8].map(|day| days.before(Day(day), guess)), [0, 0, 1, 3, 3, 4], "{guess}");
        }
    }

    #[test]
    fn late_rows_are_seen() {
        let mut rows = [engagement(3, 5), engagement(4, 6)];
        assert!(EngagementDays::of(&rows).all_ingested(0..2, as_of(5)));
        rows[1].ingested_at = Some(as_of(5).instant);
        let days = EngagementDays::of(&rows);
        assert!(days.all_ingested(0..1, as_of(5)) && !days.all_ingested(0..2, as_of(5)));
    }
}
