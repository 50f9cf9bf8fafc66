//! Pass 1, second half: what every shard needs to know of all the others, on a weekly grid (DESIGN.md §3).
//!
//! Category × market price cells, rate priors by seller tier, and mean views by tier and age. Everything is accumulated in
//! integers, so the result does not depend on the number or order of shards. Grid dates are Mondays; a fact counts from the
//! first Monday at which it was known in every zone of the project (see `grid`).

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::grid::{Grid, monday_after};
use super::price_cells::{CellKey, PriceCells, PriceCounts, bin_of};
use super::shard::{ContentHistory, SellerRecords, Shard, known_from};
use super::view_priors::{ViewCounts, age_bucket};
use super::window_rows::EntityRows;
use crate::features::{FIT_DAYS, PriceCell, RateMoments, TierPriors, WindowPlan};
use crate::tables::ContentRow;
use crate::units::{AsOf, ContentType, Day, Id, Market, Timestamp, Zones};

/// Items that one thread takes at a time.
const CHUNK_ITEMS: usize = 2048;

/// The tier of items whose seller, or whose seller's tier, is unknown.
const NO_TIER: &str = "";

/// Accumulates globals shard by shard.
pub struct GlobalsBuilder<'a> {
    windows: &'a WindowPlan,
    prices: PriceCounts,
    rates: BTreeMap<(Id, Day), Vec<RateMoments>>,
    views: ViewCounts,
    /// When the first row of each market's day was known.
    days: BTreeMap<(Market, Day), Timestamp>,
}

/// An item with the version that was known first.
struct KnownItem<'a> {
    shard: &'a Shard,
    history: &'a ContentHistory,
    first: &'a ContentRow,
    /// When that was: rows of the item count from then on, whenever they came.
    known: Timestamp,
}

impl KnownItem<'_> {
    fn tier(&self, as_of: AsOf) -> Id {
        tier_at(self.shard, self.first, as_of)
    }
}

/// What pass 1 learned, by grid date.
#[derive(Default)]
pub struct Globals {
    prices: PriceCells,
    priors: BTreeMap<(Id, Day), TierPriors>,
    views: ViewCounts,
    days: BTreeMap<(Market, Day), Timestamp>,
    no_history: TierPriors,
}

impl<'a> GlobalsBuilder<'a> {
    /// An empty builder that fits the priors of `windows`.
    #[must_use]
    pub fn new(windows: &'a WindowPlan) -> Self {
        Self {
            windows,
            prices: PriceCounts::default(),
            rates: BTreeMap::new(),
            views: ViewCounts::default(),
            days: BTreeMap::new(),
        }
    }

    /// Adds one shard, its items on all threads of the current pool. Sums of integers don't mind in which order they are made.
    pub fn add(&mut self, shard: &Shard, zones: &Zones) {
        let windows = self.windows;
        let of_items = |items| Self::of_items(windows, shard, items, zones);
        let parts: Vec<Self> = shard.contents.par_chunks(CHUNK_ITEMS).map(of_items).collect();
        parts.into_iter().for_each(|part| self.merge(part));
    }

    fn merge(&mut self, other: Self) {
        self.prices.merge(other.prices);
        self.views.merge(other.views);
        for (day, known) in other.days {
            self.days.entry(day).and_modify(|first| *first = known.min(*first)).or_insert(known);
        }
        for (key, theirs) in other.rates {
            let mine = self.rates.entry(key).or_insert_with(|| vec![RateMoments::default(); theirs.len()]);
            mine.iter_mut().zip(&theirs).for_each(|(mine, theirs)| mine.merge(theirs));
        }
    }

    fn of_items(windows: &'a WindowPlan, shard: &Shard, items: &[(Id, ContentHistory)], zones: &Zones) -> Self {
        let mut part = Self::new(windows);
        let mut grid = Grid::new(zones);
        for (_, history) in items {
            let Some(first) = history.first() else { continue };
            part.add_prices(history, &mut grid);
            let item = KnownItem { shard, history, first, known: known_from(first) };
            part.add_rates(&item, &mut grid, zones);
            part.add_views(&item, &mut grid, zones);
        }
        part
    }

    /// The price of a listing counts while its version is in force: an edit takes the old one out.
    fn add_prices(&mut self, history: &ContentHistory, grid: &mut Grid<'_>) {
        let mut versions: Vec<&ContentRow> = history.versions.iter().collect();
        versions.sort_by_key(|v| (known_from(v), v.valid_from));
        let mut in_force: Option<&ContentRow> = None;
        let mut steps: Vec<(Day, Option<(CellKey, i32)>)> = Vec::new();
        for version in versions {
            if in_force.is_none_or(|current| current.valid_from <= version.valid_from) {
                in_force = Some(version);
            }
            let from = grid.of_instant(version.market, known_from(version));
            let price = in_force.and_then(price_of);
            match steps.last_mut() {
                Some((date, last)) if *date == from => *last = price,
                _ => steps.push((from, price)),
            }
        }
        let mut standing: Option<(CellKey, i32)> = None;
        for (from, price) in steps {
            if price != standing {
                if let Some((key, bin)) = standing.take() {
                    self.prices.add(key, from, bin, -1);
                }
                if let Some((key, bin)) = &price {
                    self.prices.add(key.clone(), from, *bin, 1);
                }
                standing = price;
            }
        }
    }

    /// One observation of every rate for each grid date that has rows in the days before it that priors are fitted to.
    fn add_rates(&mut self, item: &KnownItem<'_>, grid: &mut Grid<'_>, zones: &Zones) {
        let (windows, market) = (self.windows, item.first.market);
        let read = |table| windows.fits(table);
        // Only Mondays that see rows: a row of a distant year must not call up all those between.
        let mut weeks: Vec<Day> = EntityRows::of_item(item.history, None, read).days(|at| zones.day_of(market, at)).collect();
        weeks.iter_mut().for_each(|day| *day = monday_after(*day));
        weeks.dedup();
        let mut dates: Vec<Day> =
            weeks.iter().flat_map(|week| (0..=FIT_DAYS.cast_signed() / 7).map(|k| week.plus(7 * k))).collect();
        dates.sort_unstable();
        dates.dedup();
        for date in dates {
            let as_of = grid.at(market, date);
            if as_of.instant <= item.known {
                continue;
            }
            let until = item.history.first_action_day(as_of, zones);
            let counts = windows.fit_counts(&EntityRows::of_item(item.history, until, read).rows(), as_of);
            let moments =
                self.rates.entry((item.tier(as_of), date)).or_insert_with(|| vec![RateMoments::default(); counts.len()]);
            for (moments, counts) in moments.iter_mut().zip(counts) {
                if let Some((k, n)) = counts {
                    moments.add(k, n);
                }
            }
        }
    }

    fn add_views(&mut self, item: &KnownItem<'_>, grid: &mut Grid<'_>, zones: &Zones) {
        let market = item.first.market;
        // What holds for all rows that count from one grid date on.
        let mut week: Option<(Day, Id, Option<Day>)> = None;
        for row in item.history.engagement.iter() {
            let ended = Timestamp(zones.as_of(market, row.day.plus(1)).instant.0 - 1);
            // The item itself may have become known only after its first days.
            let came = row.ingested_at.max((item.known > ended).then_some(item.known));
            let known = came.map_or(ended, |at| at.max(ended));
            self.days.entry((market, row.day)).and_modify(|first| *first = known.min(*first)).or_insert(known);
            let Some(views) = row.views else { continue };
            let from = grid.of_day(market, row.day, came);
            if week.as_ref().is_none_or(|(date, _, _)| *date != from) {
                let as_of = grid.at(market, from);
                week = Some((from, item.tier(as_of), item.history.first_action_day(as_of, zones)));
            }
            let Some((_, tier, end)) = &week else { continue };
            if end.is_some_and(|end| row.day >= end) {
                continue;
            }
            let age = zones.as_of(market, row.day).instant.days_since(item.first.published_at);
            self.views.add(tier, age_bucket(age), from, views);
        }
    }

    /// Ends pass 1.
    #[must_use]
    pub fn finish(self) -> Globals {
        let configured = self.windows.configured_priors();
        let fitted = self.rates.into_iter().map(|(key, moments)| (key, configured.fitted(moments.iter().map(RateMoments::fit))));
        Globals {
            prices: self.prices.finish(),
            priors: fitted.collect(),
            views: self.views,
            days: self.days,
            no_history: configured,
        }
    }
}

/// Where the price of a version counts, and its bin; `None` without one.
fn price_of(version: &ContentRow) -> Option<(CellKey, i32)> {
    let is_listing = version.content_type == ContentType::Listing;
    let key = (version.market, version.category.clone().filter(|_| is_listing)?, version.currency.clone());
    Some((key, bin_of(version.price?)?))
}

/// The tier of an item's seller as known at `as_of`.
pub(super) fn tier_at(shard: &Shard, first: &ContentRow, as_of: AsOf) -> Id {
    tier_of(first.seller_id.as_ref().and_then(|id| shard.sellers.get(id)), as_of)
}

/// The tier of a seller as known at `as_of`.
pub(super) fn tier_of(seller: Option<&SellerRecords>, as_of: AsOf) -> Id {
    seller.and_then(|s| s.version_at(as_of)).and_then(|s| s.tier.clone()).unwrap_or_else(|| NO_TIER.into())
}

impl Globals {
    /// The price cell that `content` is compared with at `as_of`, shrunk with a prior worth `prior_n` prices; `None` with fewer than
    /// `min_cell` prices in its market and currency.
    #[must_use]
    pub fn price_cell(&self, content: &ContentRow, as_of: AsOf, min_cell: u64, prior_n: u64) -> Option<PriceCell> {
        let key = (content.market, content.category.clone()?, content.currency.clone());
        self.prices.at(&key, as_of.day.week_start(), min_cell, prior_n as f64)
    }

    /// The rate priors of `tier` at `as_of`; the configured ones with n = 0 where no history is known.
    #[must_use]
    pub fn priors(&self, tier: &Id, as_of: AsOf) -> &TierPriors {
        let grid = as_of.day.week_start();
        let known = self.priors.range((tier.clone(), Day(i32::MIN))..=(tier.clone(), grid)).next_back();
        known.map_or(&self.no_history, |(_, priors)| priors)
    }

    /// Whether engagement of `day` in `market` had arrived at `as_of`: only then does an item without a row have no views.
    #[must_use]
    pub fn has_day(&self, market: Market, day: Day, as_of: AsOf) -> bool {
        self.days.get(&(market, day)).is_some_and(|known| *known < as_of.instant)
    }

    /// The last `n` days before `as_of` of which no engagement had arrived in `market`, ascending.
    #[must_use]
    pub fn unknown_days(&self, market: Market, as_of: AsOf, n: u32) -> Vec<Day> {
        let first = Day(as_of.day.0.saturating_sub_unsigned(n));
        let known = self.days.range((market, first)..(market, as_of.day)).filter(|(_, known)| **known < as_of.instant);
        let mut known = known.map(|((_, day), _)| *day).peekable();
        (first.0..as_of.day.0).map(Day).filter(|day| known.next_if_eq(day).is_none()).collect()
    }

    /// Mean daily views of items of `tier` aged `age_days` at `as_of`, with the number of item-days behind it.
    #[must_use]
    pub fn mean_daily_views(&self, tier: &Id, age_days: f64, as_of: AsOf) -> Option<(f64, u64)> {
        self.views.at(tier, age_bucket(age_days), as_of.day.week_start())
    }

    /// Mean daily views of items of `tier` aged `age_days` at `as_of`, and the share of items that still are shown at that age.
    #[must_use]
    pub fn views_and_survival(&self, tier: &Id, age_days: f64, as_of: AsOf) -> Option<(f64, f64)> {
        self.views.with_survival(tier, age_bucket(age_days), as_of.day.week_start())
    }
}
