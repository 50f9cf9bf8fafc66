//! Category × market medians of log price on the weekly grid, from counts alone, so that neither shard order nor thread
//! count can change them.
//!
//! Log prices are binned by [`PRICE_BIN`]; a cell's median and median absolute deviation are read off the bins, exact to half
//! a bin (0.25 %). A price counts from the first grid date after the day on which it was known.

use std::collections::BTreeMap;

use crate::features::PriceCell;
use crate::units::{Day, Id, Market};

/// Width of a bin of ln(price).
pub const PRICE_BIN: f64 = 0.005;

/// Market, category and currency.
pub(super) type CellKey = (Market, Id, Option<Id>);

/// Counts of log-price bins by cell and by the grid date from which they count.
#[derive(Debug, Default)]
pub(super) struct PriceCounts {
    cells: BTreeMap<CellKey, BTreeMap<Day, BTreeMap<i32, u64>>>,
}

impl PriceCounts {
    /// Counts one price, known from grid date `from` on. Prices that are not above 0 have no logarithm and are left out.
    pub(super) fn add(&mut self, key: CellKey, from: Day, price: f64) {
        if price > 0.0 && price.is_finite() {
            let bin = (libm::log(price) / PRICE_BIN).round() as i32;
            *self.cells.entry(key).or_default().entry(from).or_default().entry(bin).or_default() += 1;
        }
    }

    /// Adds the counts of other shards or of other items of this one.
    pub(super) fn merge(&mut self, other: Self) {
        for (key, weeks) in other.cells {
            let cell = self.cells.entry(key).or_default();
            for (week, bins) in weeks {
                let counts = cell.entry(week).or_default();
                for (bin, n) in bins {
                    *counts.entry(bin).or_default() += n;
                }
            }
        }
    }

    /// The cells as they stood at each grid date on which they changed.
    pub(super) fn finish(self) -> PriceCells {
        let cells = self.cells.into_iter().map(|(key, weeks)| {
            let mut bins: BTreeMap<i32, u64> = BTreeMap::new();
            let steps = weeks.into_iter().map(|(week, counts)| {
                for (bin, n) in counts {
                    *bins.entry(bin).or_default() += n;
                }
                (week, summarise(&bins))
            });
            (key, steps.collect())
        });
        PriceCells { cells: cells.collect() }
    }
}

/// Price cells by grid date.
#[derive(Debug, Default)]
pub(super) struct PriceCells {
    cells: BTreeMap<CellKey, Vec<(Day, PriceCell)>>,
}

impl PriceCells {
    /// The cell as it stood at grid date `grid`; `None` when no price was known.
    pub(super) fn at(&self, key: &CellKey, grid: Day) -> Option<PriceCell> {
        let steps = self.cells.get(key)?;
        let known = steps.partition_point(|(week, _)| *week <= grid);
        known.checked_sub(1).map(|at| steps[at].1)
    }
}

/// Median and median absolute deviation of the binned values. The median of an even count is the lower of the two middles.
fn summarise(bins: &BTreeMap<i32, u64>) -> PriceCell {
    let n: u64 = bins.values().sum();
    let median = lower_median(bins.iter().map(|(bin, n)| (*bin, *n)), n);
    let mut deviations: BTreeMap<i32, u64> = BTreeMap::new();
    for (bin, n) in bins {
        *deviations.entry((bin - median).abs()).or_default() += n;
    }
    let mad = lower_median(deviations.into_iter(), n);
    PriceCell { median_ln: f64::from(median) * PRICE_BIN, mad_ln: f64::from(mad) * PRICE_BIN, n }
}

/// The value at rank ⌈n/2⌉ of counted values in ascending order.
fn lower_median(counts: impl Iterator<Item = (i32, u64)>, n: u64) -> i32 {
    let mut below = 0;
    for (value, count) in counts {
        below += count;
        if 2 * below >= n {
            return value;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_grow_with_the_grid() {
        let key: CellKey = ("SG".parse().unwrap(), "phones".into(), Some("SGD".into()));
        let week = |n: i32| Day(4 + 7 * n);
        let mut counts = PriceCounts::default();
        for (from, price) in [(0, 10.0), (0, 20.0), (0, 40.0), (1, 40.0), (1, 80.0), (1, 0.0)] {
            counts.add(key.clone(), week(from), price);
        }
        let cells = counts.finish();
        assert!(cells.at(&key, week(-1)).is_none());
        // 10, 20, 40: median 20, deviations ln 2, 0, ln 2.
        let first = cells.at(&key, week(0)).unwrap();
        assert_eq!(first.n, 3);
        assert!((first.median_ln - 20f64.ln()).abs() < PRICE_BIN, "{first:?}");
        assert!((first.mad_ln - 2f64.ln()).abs() < 2.0 * PRICE_BIN, "{first:?}");
        // 10, 20, 40, 40, 80: median 40, deviations 2 ln 2, ln 2, 0, 0, ln 2.
        let second = cells.at(&key, week(9)).unwrap();
        assert_eq!(second.n, 5);
        assert!((second.median_ln - 40f64.ln()).abs() < PRICE_BIN, "{second:?}");
        assert!((second.mad_ln - 2f64.ln()).abs() < 2.0 * PRICE_BIN, "{second:?}");
    }
}
