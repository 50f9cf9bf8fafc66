//! Log prices by category × market on the weekly grid, from counts alone, so that neither shard order nor thread count can
//! change them.
//!
//! Log prices are binned by [`PRICE_BIN`]; a cell's median, lower decile and median absolute deviation are read off the bins, exact
//! to half a bin (0.25 %). A listing's price counts from the first grid date at which it was known until that at which another is.
//!
//! Thin cells borrow from wider ones, in the manner of empirical Bayes: with n prices of its own and a prior worth k prices,
//! every figure is n / (n + k) · own + k / (n + k) · parent's. The parent of a category is the first segment of its path in the
//! same market and currency (a category without a path has none), then the whole market in that currency, whose spread is shrunk
//! to σ = 1, a factor of e either way, and whose median stands. A parent holds its children's prices too. The item's own
//! price is not taken out: it counts from the Monday after it was known, as one among n.

use std::collections::BTreeMap;

use crate::features::PriceCell;
use crate::units::{Day, Id, Market};

/// Width of a bin of ln(price).
pub const PRICE_BIN: f64 = 0.005;

/// The bin of a price; one that is not above 0 has no logarithm.
pub(super) fn bin_of(price: f64) -> Option<i32> {
    (price > 0.0 && price.is_finite()).then(|| (libm::log(price) / PRICE_BIN).round() as i32)
}

/// MAD of a normal distribution is σ / 1.4826.
const MAD_OF_ONE: f64 = 1.0 / 1.4826;

/// The lower decile of a normal distribution lies so many σ below its median.
const LOW_DECILE_OF_ONE: f64 = 1.2816;

/// Market, category or first segment of its path, and currency.
pub(super) type CellKey = (Market, Id, Option<Id>);

/// Prices known from a grid date on, by log-price bin.
type Weeks = BTreeMap<Day, BTreeMap<i32, i64>>;

/// What stands from a grid date on.
type Steps = Vec<(Day, PriceCell)>;

/// Counts of log-price bins by cell and by the grid date from which they count.
#[derive(Debug, Default)]
pub(super) struct PriceCounts {
    cells: BTreeMap<CellKey, Weeks>,
}

impl PriceCounts {
    /// Counts `n` prices of `bin` from grid date `from` on; a negative `n` takes out what was counted before.
    pub(super) fn add(&mut self, key: CellKey, from: Day, bin: i32, n: i64) {
        *self.cells.entry(key).or_default().entry(from).or_default().entry(bin).or_default() += n;
    }

    /// Adds the counts of other shards or of other items of this one.
    pub(super) fn merge(&mut self, other: Self) {
        for (key, weeks) in other.cells {
            add_weeks(self.cells.entry(key).or_default(), &weeks);
        }
    }

    /// The cells, and those that they borrow from, as they stood at each grid date on which they changed.
    pub(super) fn finish(self) -> PriceCells {
        let mut tops: BTreeMap<CellKey, Weeks> = BTreeMap::new();
        let mut markets: BTreeMap<(Market, Option<Id>), Weeks> = BTreeMap::new();
        for ((market, category, currency), weeks) in &self.cells {
            if let Some(top) = first_segment(category) {
                add_weeks(tops.entry((*market, top, currency.clone())).or_default(), weeks);
            }
            add_weeks(markets.entry((*market, currency.clone())).or_default(), weeks);
        }
        PriceCells { cells: steps_of(self.cells), tops: steps_of(tops), markets: steps_of(markets) }
    }
}

/// Price cells by grid date: categories, first segments of their paths, and markets; each as its own prices say.
#[derive(Debug, Default)]
pub(super) struct PriceCells {
    cells: BTreeMap<CellKey, Steps>,
    tops: BTreeMap<CellKey, Steps>,
    markets: BTreeMap<(Market, Option<Id>), Steps>,
}

impl PriceCells {
    /// The cell as it stood at grid date `grid`, shrunk with a prior worth `prior_n` prices; its `n` is its own. `None` when fewer than
    /// `min_prices` were known in the market and currency.
    pub(super) fn at(&self, key: &CellKey, grid: Day, min_prices: u64, prior_n: f64) -> Option<PriceCell> {
        let (market, category, currency) = key;
        let market_cell = at_grid(self.markets.get(&(*market, currency.clone())), grid).filter(|cell| cell.n >= min_prices)?;
        let unit_spread = PriceCell { mad_ln: MAD_OF_ONE, low_ln: market_cell.median_ln - LOW_DECILE_OF_ONE, ..market_cell };
        let mut parent = shrunk(market_cell, unit_spread, prior_n);
        let top = first_segment(category).and_then(|top| at_grid(self.tops.get(&(*market, top, currency.clone())), grid));
        if let Some(top) = top {
            parent = shrunk(top, parent, prior_n);
        }
        Some(at_grid(self.cells.get(key), grid).map_or(PriceCell { n: 0, ..parent }, |own| shrunk(own, parent, prior_n)))
    }
}

fn at_grid(steps: Option<&Steps>, grid: Day) -> Option<PriceCell> {
    let steps = steps?;
    let known = steps.partition_point(|(week, _)| *week <= grid);
    known.checked_sub(1).and_then(|at| steps.get(at)).map(|(_, cell)| *cell)
}

/// n / (n + k) · own + k / (n + k) · parent of every figure.
fn shrunk(own: PriceCell, parent: PriceCell, k: f64) -> PriceCell {
    let weight = own.n as f64 / (own.n as f64 + k);
    let mix = |own: f64, parent: f64| weight * own + (1.0 - weight) * parent;
    PriceCell {
        median_ln: mix(own.median_ln, parent.median_ln),
        mad_ln: mix(own.mad_ln, parent.mad_ln),
        low_ln: mix(own.low_ln, parent.low_ln),
        n: own.n,
    }
}

/// The first segment of a category path (`Phones/Cases`, `Phones > Cases`, `Phones|Cases`); `None` of a category that is no path.
fn first_segment(category: &str) -> Option<Id> {
    let separator = |c: char| matches!(c, '/' | '>' | '|');
    let (first, _) = category.trim_start_matches(|c: char| separator(c) || c.is_whitespace()).split_once(separator)?;
    let first = first.trim();
    (!first.is_empty()).then(|| first.into())
}

fn add_weeks(into: &mut Weeks, weeks: &Weeks) {
    for (week, bins) in weeks {
        let counts = into.entry(*week).or_default();
        for (bin, n) in bins {
            *counts.entry(*bin).or_default() += n;
        }
    }
}

/// What the counts come to at each grid date on which they changed.
fn steps_of<K: Ord>(cells: BTreeMap<K, Weeks>) -> BTreeMap<K, Steps> {
    let cells = cells.into_iter().map(|(key, weeks)| {
        let mut bins: BTreeMap<i32, i64> = BTreeMap::new();
        let steps = weeks.into_iter().map(|(week, counts)| {
            for (bin, n) in counts {
                *bins.entry(bin).or_default() += n;
            }
            (week, summarise(&bins))
        });
        (key, steps.collect())
    });
    cells.collect()
}

/// Median, lower decile and median absolute deviation of the binned values. Of an even count, the median is the lower of the two
/// middles.
fn summarise(bins: &BTreeMap<i32, i64>) -> PriceCell {
    let bins: BTreeMap<i32, u64> = bins.iter().filter(|(_, n)| **n > 0).map(|(bin, n)| (*bin, n.unsigned_abs())).collect();
    let bins = &bins;
    let n: u64 = bins.values().sum();
    let median = quantile(bins.iter().map(|(bin, n)| (*bin, *n)), n, 2);
    let low = quantile(bins.iter().map(|(bin, n)| (*bin, *n)), n, 10);
    let mut deviations: BTreeMap<i32, u64> = BTreeMap::new();
    for (bin, n) in bins {
        *deviations.entry((bin - median).abs()).or_default() += n;
    }
    let mad = quantile(deviations.into_iter(), n, 2);
    let [median_ln, mad_ln, low_ln] = [median, mad, low].map(|bin| f64::from(bin) * PRICE_BIN);
    PriceCell { median_ln, mad_ln, low_ln, n }
}

/// The value at rank ⌈n / parts⌉ of counted values in ascending order.
fn quantile(counts: impl Iterator<Item = (i32, u64)>, n: u64, parts: u64) -> i32 {
    let mut below = 0;
    for (value, count) in counts {
        below += count;
        if parts * below >= n {
            return value;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn week(n: i32) -> Day {
        Day(4 + 7 * n)
    }

    fn key(category: &str) -> CellKey {
        ("SG".parse().unwrap(), category.into(), Some("SGD".into()))
    }

    /// e to the `ln`, which falls on a bin.
    fn price(ln: f64) -> f64 {
        libm::exp(ln)
    }

    fn check(cell: PriceCell, expect: [f64; 3], n: u64) {
        let got = [cell.median_ln, cell.mad_ln, cell.low_ln];
        for (got, expect) in got.into_iter().zip(expect) {
            assert!((got - expect).abs() < 1e-9, "{cell:?}, expected {expect}");
        }
        assert_eq!(cell.n, n);
    }

    #[test]
    fn medians_grow_with_the_grid() {
        let mut bins = BTreeMap::new();
        let mut add = |prices: &[f64]| {
            for p in prices {
                *bins.entry((libm::log(*p) / PRICE_BIN).round() as i32).or_default() += 1;
            }
            summarise(&bins)
        };
        // 10, 20, 40: median 20, deviations ln 2, 0, ln 2, lower decile 10.
        let first = add(&[10.0, 20.0, 40.0]);
        assert_eq!(first.n, 3);
        assert!((first.median_ln - 20f64.ln()).abs() < PRICE_BIN, "{first:?}");
        assert!((first.mad_ln - 2f64.ln()).abs() < 2.0 * PRICE_BIN, "{first:?}");
        assert!((first.low_ln - 10f64.ln()).abs() < PRICE_BIN, "{first:?}");
        // 10, 20, 40, 40, 80: median 40, deviations 2 ln 2, ln 2, 0, 0, ln 2.
        let second = add(&[40.0, 80.0]);
        assert_eq!(second.n, 5);
        assert!((second.median_ln - 40f64.ln()).abs() < PRICE_BIN, "{second:?}");
        assert!((second.mad_ln - 2f64.ln()).abs() < 2.0 * PRICE_BIN, "{second:?}");
    }

    #[test]
    fn categories_are_paths_or_not() {
        let check = |category: &str, expect: Option<&str>| assert_eq!(first_segment(category).as_deref(), expect, "{category}");
        check("phones", None);
        check("phones/cases/soft", Some("phones"));
        check(" / Health & Beauty > Creams", Some("Health & Beauty"));
        check("//", None);
        check("", None);
    }

    /// By hand with k = 2, of ln(price). Market: 1, 1, 3, 3: median 1, MAD 0, low 1, n = 4, weight 4/6; σ = 1 stands for MAD
    /// 1 / 1.4826: MAD 2/6 / 1.4826 = .224830, low (4 · 1 + 2 · (1 − 1.2816)) / 6 = .572800. The path `a`: 3, 3, weight 1/2: median 2, MAD .112415,
    /// low 1.786400. `a/x`: 3, weight 1/3: median 7/3, MAD .0749433, low (3 + 2 · 1.7864) / 3 = 2.190933.
    #[test]
    fn thin_cells_borrow_from_wider_ones() {
        let mut counts = PriceCounts::default();
        for (category, ln) in [("b", 1.0), ("b", 1.0), ("a/x", 3.0), ("a/y", 3.0)] {
            counts.add(key(category), week(0), bin_of(price(ln)).unwrap(), 1);
        }
        assert_eq!([0.0, -1.0, f64::INFINITY, f64::NAN].map(bin_of), [None; 4]);
        counts.add(key("b"), week(1), bin_of(price(9.0)).unwrap(), 1);
        let cells = counts.finish();
        let mad = MAD_OF_ONE / 3.0;
        check(cells.at(&key("a/x"), week(0), 4, 2.0).unwrap(), [7.0 / 3.0, mad / 3.0, (3.0 + 2.0 * 1.7864) / 3.0], 1);
        // A category without a price, in a path that is known and in one that is not.
        check(cells.at(&key("a/z"), week(0), 4, 2.0).unwrap(), [2.0, mad / 2.0, 1.7864], 0);
        check(cells.at(&key("new"), week(0), 4, 2.0).unwrap(), [1.0, mad, 0.5728], 0);
        // Flat: straight to the market.
        check(cells.at(&key("b"), week(0), 4, 2.0).unwrap(), [1.0, mad / 2.0, (1.0 + 0.5728) / 2.0], 2);
    }

    #[test]
    fn too_few_prices_in_the_market_and_later_ones_say_nothing() {
        let mut counts = PriceCounts::default();
        counts.add(key("b"), week(1), bin_of(10.0).unwrap(), 1);
        counts.add(key("b"), week(2), bin_of(1000.0).unwrap(), 1);
        let cells = counts.finish();
        assert_eq!(cells.at(&key("b"), week(0), 1, 20.0), None);
        assert_eq!(cells.at(&key("b"), week(1), 2, 20.0), None);
        assert_eq!(cells.at(&("MY".parse().unwrap(), "b".into(), Some("SGD".into())), week(1), 1, 20.0), None);
        assert_eq!(cells.at(&key("b"), week(1), 1, 20.0).unwrap().n, 1);
        assert_eq!(cells.at(&key("b"), week(9), 1, 20.0).unwrap().n, 2);
    }

    /// An edit takes the old price out: 10 stands in week 1, 1000 alone from week 2 on.
    #[test]
    fn a_price_that_no_longer_holds_no_longer_counts() {
        let mut counts = PriceCounts::default();
        let (old, new) = (bin_of(10.0).unwrap(), bin_of(1000.0).unwrap());
        for (from, bin, n) in [(1, old, 1), (2, old, -1), (2, new, 1)] {
            counts.add(key("b"), week(from), bin, n);
        }
        let cells = counts.finish();
        let at = |from: i32| cells.at(&key("b"), week(from), 1, 0.0).map(|cell| (cell.n, cell.median_ln));
        assert_eq!(at(1), Some((1, f64::from(old) * PRICE_BIN)));
        assert_eq!(at(2), Some((1, f64::from(new) * PRICE_BIN)));
    }

    #[test]
    fn order_does_not_matter() {
        let prices = [("a/x", 0, 5.0), ("a/y", 1, 7.0), ("b", 0, 9.0), ("a/x", 1, 1e9), ("b", 2, 1e-9)];
        let cells = |order: &mut dyn Iterator<Item = &(&str, i32, f64)>| {
            let mut all = PriceCounts::default();
            for (category, from, price) in order {
                let mut one = PriceCounts::default();
                one.add(key(category), week(*from), bin_of(*price).unwrap(), 1);
                all.merge(one);
            }
            let cells = all.finish();
            [0, 1, 2].map(|at| cells.at(&key("a/x"), week(at), 1, 20.0))
        };
        assert_eq!(cells(&mut prices.iter()), cells(&mut prices.iter().rev()));
    }
}
