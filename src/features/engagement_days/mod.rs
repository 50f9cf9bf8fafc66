//! One item's or seller's engagement by column: what windows sum without touching the rest of a row.
//!
//! Input: rows in day order. Output: the same cells, those of a column side by side, each in the bytes that the largest of the column needs
//! (none for a column of zeros, or that no row holds; eight for amounts and nulls), where a row takes 240. Days without a gap take none.
//! All entities of a shard share one piece of memory. Deliberately not here: which rows were known when.

mod cells;
mod pack;

use std::sync::Arc;

use crate::config::WindowColumn;
use crate::tables::EngagementRow;
use crate::units::{AsOf, Day, Timestamp};

pub(super) use cells::{Cells, Planes};
pub use pack::{DayCells, EngagementPacker};

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

/// No time of ingestion.
const NOT_RECORDED: i64 = i64::MIN;
/// Columns of engagement.
const N_COLUMNS: usize = 12;

/// Engagement in day order, by column: 48 bytes beside its cells.
#[derive(Debug, Clone, Default)]
pub struct EngagementDays {
    /// The cells of all entities that were packed together.
    bytes: Arc<Vec<u8>>,
    packed: PackedDays,
}

/// Where the cells of one entity stand: those of the days, of each column, and the times of ingestion.
#[derive(Debug, Clone, Copy, Default)]
struct PackedDays {
    start: usize,
    /// Bytes of a cell, 4 bits each: of the days' distance from the first, then of each column.
    widths: u64,
    /// The first day.
    first: i32,
    n_days: u32,
    /// The columns that some row holds, by bit.
    held: u16,
    /// Whether each day is followed by the next, so that none needs to be kept.
    is_daily: bool,
    /// Whether any time of ingestion is recorded.
    is_recorded: bool,
}

impl PackedDays {
    /// The bytes of a cell in column `slot`, 0 for the days.
    fn width(&self, slot: usize) -> usize {
        (self.widths >> (4 * slot) & 15) as usize
    }

    /// The bytes of a row in all columns before `slot`.
    fn width_before(&self, slot: usize) -> usize {
        const LOWER: u64 = 0x0f0f_0f0f_0f0f_0f0f;
        let widths = self.widths & ((1 << (4 * slot)) - 1);
        // Sums of pairs in bytes, all bytes added in the highest: at most 13 × 8.
        (((widths & LOWER) + (widths >> 4 & LOWER)).wrapping_mul(0x0101_0101_0101_0101) >> 56) as usize
    }
}

impl EngagementDays {
    /// `rows` of one item or seller, which must be in day order.
    #[must_use]
    pub fn of(rows: &[EngagementRow]) -> Self {
        Self::of_cells(&rows.iter().map(DayCells::of).collect::<Vec<_>>())
    }

    /// The same of rows that are cells already.
    #[must_use]
    pub fn of_cells(rows: &[DayCells]) -> Self {
        let mut packer = EngagementPacker::default();
        packer.add(rows);
        packer.finish().next().unwrap_or_default()
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.packed.n_days as usize
    }

    /// The memory that `entities` take, in bytes: their cells, each piece of memory once, and what finds them.
    #[must_use]
    pub fn bytes_of(entities: &[Self]) -> usize {
        let mut pieces: Vec<(*const Vec<u8>, usize)> =
            entities.iter().map(|days| (Arc::as_ptr(&days.bytes), days.bytes.capacity())).collect();
        pieces.sort_unstable();
        pieces.dedup();
        pieces.iter().map(|(_, bytes)| bytes).sum::<usize>() + size_of_val(entities)
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.packed.n_days == 0
    }

    /// The days, ascending.
    pub fn days(&self) -> impl DoubleEndedIterator<Item = Day> + ExactSizeIterator + '_ {
        let offsets = self.offsets();
        (0..self.len()).map(move |at| self.day_of(offsets, at))
    }

    /// The bytes of the columns that stand behind `width_before` bytes a row and take `width` of them.
    fn part(&self, width_before: usize, width: usize) -> &[u8] {
        let start = self.packed.start + width_before * self.len();
        self.bytes.get(start..start + width * self.len()).unwrap_or_default()
    }

    /// The same and what stands behind them, as plain cells.
    fn planes(&self, width_before: usize, width: usize) -> Planes<'_> {
        let start = self.packed.start + width_before * self.len();
        Planes { bytes: self.bytes.get(start..).unwrap_or_default(), n: self.len(), width }
    }

    /// How far each day is from the first; nothing where that is its place.
    fn offsets(&self) -> Planes<'_> {
        self.planes(0, self.packed.width(0))
    }

    fn day_of(&self, offsets: Planes<'_>, at: usize) -> Day {
        let offset = if self.packed.is_daily { at as u32 } else { offsets.cell(at).unwrap_or(0) as u32 };
        Day(self.packed.first.wrapping_add_unsigned(offset))
    }

    /// The number of rows before `day`. `guess` is where it is if no day is missing, which mostly saves the search.
    pub(super) fn before(&self, day: Day, guess: usize) -> usize {
        if self.packed.is_daily || self.is_empty() {
            let after = i64::from(day.0) - i64::from(self.packed.first);
            return usize::try_from(after.max(0)).unwrap_or(usize::MAX).min(self.len());
        }
        let offsets = self.offsets();
        let is_before = |at: usize| self.day_of(offsets, at) < day;
        let is_next = guess >= self.len() || !is_before(guess);
        let is_last = guess.checked_sub(1).is_none_or(|last| last < self.len() && is_before(last));
        if is_next && is_last {
            return guess;
        }
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if is_before(middle) { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// The rows, in day order.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = EngagementDay> + ExactSizeIterator + '_ {
        self.days().enumerate().map(|(at, day)| self.row(at, day))
    }

    /// The rows of the days from `first` to before `end`, in day order.
    pub fn between(&self, first: i64, end: i64) -> impl Iterator<Item = EngagementDay> + '_ {
        let before = |day: i64| self.before(Day(day.clamp(i32::MIN.into(), i32::MAX.into()) as i32), usize::MAX);
        let (from, until) = (before(first), before(end));
        let offsets = self.offsets();
        (from..until).map(move |at| self.row(at, self.day_of(offsets, at)))
    }

    /// The times of ingestion; none where none is recorded.
    fn ingested(&self) -> &[[u8; 8]] {
        let width = if self.packed.is_recorded { 8 } else { 0 };
        self.part(self.packed.width_before(N_COLUMNS + 1), width).as_chunks().0
    }

    /// When row number `at` reached the lake.
    #[must_use]
    pub fn ingested_at(&self, at: usize) -> Option<Timestamp> {
        self.ingested().get(at).map(|at| i64::from_le_bytes(*at)).filter(|at| *at != NOT_RECORDED).map(Timestamp)
    }

    /// Whether all rows of `range` had reached the lake before the midnight, as far as that is recorded.
    pub(super) fn all_ingested(&self, range: std::ops::Range<usize>, as_of: AsOf) -> bool {
        let is_known = |at: &[u8; 8]| i64::from_le_bytes(*at) < as_of.instant.0;
        !self.packed.is_recorded || self.ingested().get(range).is_some_and(|times| times.iter().all(is_known))
    }

    /// The cells of a column; `None` where no row holds it.
    pub(super) fn column(&self, column: WindowColumn) -> Option<Cells<'_>> {
        self.cells_at(index(column)?)
    }

    fn cells_at(&self, column: usize) -> Option<Cells<'_>> {
        if self.packed.held >> column & 1 == 0 {
            return None;
        }
        let (width, before) = (self.packed.width(column + 1), self.packed.width_before(column + 1));
        Some(if width == 8 {
            Cells::Wide(self.part(before, width).as_chunks().0)
        } else {
            Cells::Plain(self.planes(before, width))
        })
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::features::fixtures::{as_of, at, engagement};

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
        assert!(EngagementDays::of(&[]).is_empty() && EngagementDays::of(&[]).iter().next().is_none());
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

    prop_compose! {
        fn any_rows()(first in -40_000..80_000_i32, steps in prop_oneof![Just(2_i32), Just(300), Just(70_000)], cells in proptest::collection::vec(
            (any::<u32>(), proptest::option::weighted(0.9, 0..64_u32), proptest::option::of(any::<f64>()), proptest::option::of(0.0..9.0_f64)), 0..40))
            -> Vec<EngagementRow> {
            let mut day = first;
            cells.into_iter().map(|(step, bits, gmv, ingested)| {
                day += (step % steps.cast_unsigned()).cast_signed();
                let views = bits.map(|bits| u64::MAX >> bits);
                EngagementRow { views, clicks: Some(views.unwrap_or(0) % 200), hides: Some(0), gmv, ingested_at: ingested.map(at), ..engagement(day, 0) }
            }).collect()
        }
    }

    proptest! {
        #[test]
        fn packed_rows_come_back_each_entity_its_own(entities in proptest::collection::vec(any_rows(), 0..4)) {
            let mut packer = EngagementPacker::default();
            entities.iter().for_each(|rows| packer.add(&rows.iter().map(DayCells::of).collect::<Vec<_>>()));
            let packed: Vec<EngagementDays> = packer.finish().collect();
            prop_assert_eq!(packed.len(), entities.len());
            for (days, rows) in packed.iter().zip(&entities) {
                let row = |row: &EngagementRow| EngagementDay {
                    views: row.views.map(|views| views.min(u64::MAX - 1)), gmv: row.gmv.filter(|gmv| gmv.is_finite()), ..plain(row)
                };
                let expect: Vec<EngagementDay> = rows.iter().map(row).collect();
                prop_assert_eq!(days.iter().collect::<Vec<_>>(), expect.clone());
                let some = [0, rows.len() / 2, rows.len().saturating_sub(1)].map(|at| rows.get(at).map_or(0, |row| row.day.0));
                for day in some.into_iter().flat_map(|day| [day - 1, day, day + 1]) {
                    let before = rows.partition_point(|row| row.day.0 < day);
                    prop_assert_eq!([0, before, rows.len(), usize::MAX].map(|guess| days.before(Day(day), guess)), [before; 4]);
                    let until = expect.iter().filter(|row| row.day.0 < day).copied().collect::<Vec<_>>();
                    prop_assert_eq!(days.between(i64::MIN, day.into()).collect::<Vec<_>>(), until);
                }
            }
        }
    }

    /// The row's own cells.
    fn plain(row: &EngagementRow) -> EngagementDay {
        EngagementDay {
            day: row.day,
            impressions: row.impressions,
            views: row.views,
            watch_s: row.watch_s,
            likes: row.likes,
            comments: row.comments,
            shares: row.shares,
            clicks: row.clicks,
            orders: row.orders,
            refunds: row.refunds,
            gmv: row.gmv,
            reports: row.reports,
            hides: row.hides,
            ingested_at: row.ingested_at,
        }
    }
}
