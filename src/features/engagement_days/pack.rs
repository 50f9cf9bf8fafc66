//! Rows turned into columns: the entities of a shard one after the other in one piece of memory.

use std::sync::Arc;

use super::cells::NULL;
use super::{EngagementDays, N_COLUMNS, NOT_RECORDED, PackedDays, is_amount};
use crate::tables::EngagementRow;
use crate::units::{Day, Timestamp};

/// The cells of one day, as they wait until the other days of the item are there: less than half of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DayCells {
    day: Day,
    ingested_at: i64,
    cells: [u64; N_COLUMNS],
}

impl DayCells {
    /// The cells of `row`. The largest count is kept as the one below it.
    #[must_use]
    pub fn of(row: &EngagementRow) -> Self {
        let count = |cell: Option<u64>| cell.map_or(NULL, |count| count.min(NULL - 1));
        let amount = |cell: Option<f64>| cell.filter(|amount| amount.is_finite()).map_or(NULL, f64::to_bits);
        let cells = [
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
        ];
        Self { day: row.day, ingested_at: row.ingested_at.map_or(NOT_RECORDED, |at| at.0), cells }
    }

    /// The day.
    #[must_use]
    pub fn day(&self) -> Day {
        self.day
    }

    /// When the row reached the lake.
    #[must_use]
    pub fn ingested_at(&self) -> Option<Timestamp> {
        (self.ingested_at != NOT_RECORDED).then_some(Timestamp(self.ingested_at))
    }
}

/// Puts the days of many items or sellers into one piece of memory.
#[derive(Debug, Default)]
pub struct EngagementPacker {
    bytes: Vec<u8>,
    entities: Vec<PackedDays>,
}

impl EngagementPacker {
    /// Adds the days of one item or seller, which must be in day order.
    pub fn add(&mut self, rows: &[DayCells]) {
        debug_assert!(rows.is_sorted_by_key(|row| row.day), "rows must be in day order");
        let (Some(first), Ok(n_days)) = (rows.first().map(|row| row.day), u32::try_from(rows.len())) else {
            self.entities.push(PackedDays::default());
            return;
        };
        let start = self.bytes.len();
        let offset = |row: &DayCells| u64::from(row.day.0.wrapping_sub(first.0).cast_unsigned());
        // What any row has and what every row has, by bit: a null is all ones.
        let (mut any, mut all) = ([0_u64; N_COLUMNS], [NULL; N_COLUMNS]);
        for row in rows {
            any.iter_mut().zip(&row.cells).for_each(|(any, cell)| *any |= *cell);
            all.iter_mut().zip(&row.cells).for_each(|(all, cell)| *all &= *cell);
        }
        let is_daily = rows.iter().enumerate().all(|(at, row)| offset(row) == at as u64);
        let last = if is_daily { 0 } else { rows.last().map_or(0, offset) };
        let mut packed =
            PackedDays { start, widths: width_of(last), first: first.0, n_days, held: 0, is_daily, is_recorded: false };
        self.planes(rows, width_of(last), offset);
        for (column, (any, all)) in any.into_iter().zip(all).enumerate() {
            if all == NULL {
                continue;
            }
            packed.held |= 1 << column;
            let width = if is_amount(column) { 8 } else { width_of(any) };
            packed.widths |= width << (4 * (column + 1));
            if width == 8 {
                self.bytes.extend(rows.iter().flat_map(|row| row.cells[column].to_le_bytes()));
            } else {
                self.planes(rows, width, |row| row.cells[column]);
            }
        }
        packed.is_recorded = rows.iter().any(|row| row.ingested_at != NOT_RECORDED);
        if packed.is_recorded {
            self.bytes.extend(rows.iter().flat_map(|row| row.ingested_at.to_le_bytes()));
        }
        self.entities.push(packed);
    }

    /// Adds the `width` lowest bytes of every cell, byte by byte.
    fn planes(&mut self, rows: &[DayCells], width: u64, cell: impl Fn(&DayCells) -> u64) {
        for byte in 0..width {
            self.bytes.extend(rows.iter().map(|row| (cell(row) >> (8 * byte)) as u8));
        }
    }

    /// The days of each item or seller, in the order in which they were added.
    pub fn finish(mut self) -> impl ExactSizeIterator<Item = EngagementDays> {
        // Sums read eight bytes at a time, those of the last column too.
        self.bytes.extend([0; 8]);
        self.bytes.shrink_to_fit();
        let bytes = Arc::new(self.bytes);
        self.entities.into_iter().map(move |packed| EngagementDays { bytes: Arc::clone(&bytes), packed })
    }
}

/// The bytes that a cell of a column takes in which any cell has the bits of `any`: 8 where it needs more than 4.
fn width_of(any: u64) -> u64 {
    match (u64::BITS - any.leading_zeros()).div_ceil(8) {
        bytes @ 0..=4 => u64::from(bytes),
        _ => 8,
    }
}
