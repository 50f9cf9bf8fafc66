//! Pass 1, second half: what every shard needs to know of all the others, on a weekly grid (DESIGN.md §3).
//!
//! Category × market price cells, rate priors by seller tier, and mean views by tier and age. Everything is accumulated in
//! integers, so the result does not depend on the number or order of shards. Grid dates are Mondays; a fact counts from the
//! first Monday after the day on which it was known.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::price_cells::{PriceCells, PriceCounts};
use super::shard::{ContentHistory, Shard};
use super::view_priors::{ViewCounts, age_bucket};
use crate::features::{PriceCell, RateKind, RateMoments, TierPriors, WindowSet};
use crate::tables::ContentRow;
use crate::units::{AsOf, ContentType, Day, Id, Timestamp, Zones};

/// Items that one thread takes at a time.
const CHUNK_ITEMS: usize = 2048;

/// The tier of items whose seller, or whose seller's tier, is unknown.
const NO_TIER: &str = "";

/// Days of engagement behind one observation of a rate.
const RATE_SPAN: u32 = 28;

/// Accumulates globals shard by shard.
#[derive(Default)]
pub struct GlobalsBuilder {
    prices: PriceCounts,
    rates: BTreeMap<(Id, Day), Vec<RateMoments>>,
    views: ViewCounts,
}

/// What pass 1 learned, by grid date.
#[derive(Default)]
pub struct Globals {
    prices: PriceCells,
    priors: BTreeMap<(Id, Day), TierPriors>,
    views: ViewCounts,
    no_history: TierPriors,
}

/// The first grid date at which a fact of `day` counts.
fn grid_after(day: Day) -> Day {
    day.week_start().plus(7)
}

impl GlobalsBuilder {
    /// Adds one shard, its items on all threads of the current pool. Sums of integers don't mind in which order they are made.
    pub fn add(&mut self, shard: &Shard, zones: &Zones) {
        let parts: Vec<Self> = shard.contents.par_chunks(CHUNK_ITEMS).map(|items| Self::of_items(shard, items, zones)).collect();
        parts.into_iter().for_each(|part| self.merge(part));
    }

    fn merge(&mut self, other: Self) {
        self.prices.merge(other.prices);
        self.views.merge(other.views);
        for (key, theirs) in other.rates {
            let mine = self.rates.entry(key).or_insert_with(|| vec![RateMoments::default(); RateKind::ALL.len()]);
            mine.iter_mut().zip(&theirs).for_each(|(mine, theirs)| mine.merge(theirs));
        }
    }

    fn of_items(shard: &Shard, items: &[(Id, ContentHistory)], zones: &Zones) -> Self {
        let mut part = Self::default();
        for (_, history) in items {
            let Some(first) = history.first() else { continue };
            for version in history.versions.iter().filter(|v| v.content_type == ContentType::Listing) {
                part.add_price(version, zones);
            }
            let tier = |as_of: AsOf| tier_at(shard, first, as_of);
            part.add_rates(history, first, &tier, zones);
            part.add_views(history, first, &tier, zones);
        }
        part
    }

    fn add_price(&mut self, version: &ContentRow, zones: &Zones) {
        if let (Some(category), Some(price)) = (&version.category, version.price) {
            let known = later(version.valid_from.unwrap_or(version.published_at), version.ingested_at);
            let from = grid_after(zones.day_of(version.market, known));
            self.prices.add((version.market, category.clone(), version.currency.clone()), from, price);
        }
    }

    /// One observation of every rate for each grid date that has engagement in the 28 days before it.
    fn add_rates(&mut self, history: &ContentHistory, first: &ContentRow, tier: &dyn Fn(AsOf) -> Id, zones: &Zones) {
        let (Some(start), Some(end)) = (history.engagement.first(), history.engagement.last()) else { return };
        let rows: Vec<&_> = history.engagement.iter().collect();
        let mut grid = grid_after(start.day);
        while grid.0 <= end.day.0 + RATE_SPAN as i32 {
            let as_of = zones.as_of(first.market, grid);
            let until = history.first_action_day(as_of, zones);
            let windows = WindowSet::of(&rows, as_of, until, &[RATE_SPAN]);
            let Some(sums) = windows.get(RATE_SPAN) else { return };
            let moments =
                self.rates.entry((tier(as_of), grid)).or_insert_with(|| vec![RateMoments::default(); RateKind::ALL.len()]);
            for (kind, moments) in RateKind::ALL.iter().zip(moments.iter_mut()) {
                if let Some((k, n)) = kind.counts(sums) {
                    moments.add(k, n);
                }
            }
            grid = grid.plus(7);
        }
    }

    fn add_views(&mut self, history: &ContentHistory, first: &ContentRow, tier: &dyn Fn(AsOf) -> Id, zones: &Zones) {
        // What holds for all rows that count from one grid date on.
        let mut week: Option<(Day, Id, Option<Day>)> = None;
        for row in &history.engagement {
            let Some(views) = row.views else { continue };
            let known = row.ingested_at.map_or(row.day, |at| row.day.max(zones.day_of(first.market, at)));
            let from = grid_after(known);
            if week.as_ref().is_none_or(|(grid, _, _)| *grid != from) {
                let as_of = zones.as_of(first.market, from);
                week = Some((from, tier(as_of), history.first_action_day(as_of, zones)));
            }
            let Some((_, tier, end)) = &week else { continue };
            if end.is_some_and(|end| row.day >= end) {
                continue;
            }
            let age = zones.as_of(first.market, row.day).instant.days_since(first.published_at);
            self.views.add(tier, age_bucket(age), from, views);
        }
    }

    /// Ends pass 1.
    #[must_use]
    pub fn finish(self) -> Globals {
        let priors = self.rates.into_iter().map(|(key, moments)| {
            let mut priors = TierPriors::default();
            for (kind, fitted) in RateKind::ALL.iter().zip(moments.iter().map(RateMoments::fit)) {
                if let Some(prior) = fitted {
                    priors.set(*kind, prior);
                }
            }
            (key, priors)
        });
        Globals { prices: self.prices.finish(), priors: priors.collect(), views: self.views, no_history: TierPriors::default() }
    }
}

fn later(happened: Timestamp, ingested: Option<Timestamp>) -> Timestamp {
    happened.max(ingested.unwrap_or(happened))
}

/// The tier of an item's seller as known at `as_of`.
pub(super) fn tier_at(shard: &Shard, first: &ContentRow, as_of: AsOf) -> Id {
    let seller = first.seller_id.as_ref().and_then(|id| shard.sellers.get(id));
    seller.and_then(|s| s.version_at(as_of)).and_then(|s| s.tier.clone()).unwrap_or_else(|| NO_TIER.into())
}

impl Globals {
    /// The price cell that `content` is compared with at `as_of`; `None` with fewer than `min_cell` prices.
    #[must_use]
    pub fn price_cell(&self, content: &ContentRow, as_of: AsOf, min_cell: u64) -> Option<PriceCell> {
        let key = (content.market, content.category.clone()?, content.currency.clone());
        self.prices.at(&key, as_of.day.week_start()).filter(|cell| cell.n >= min_cell)
    }

    /// The rate priors of `tier` at `as_of`; the configured ones with n = 0 where no history is known.
    #[must_use]
    pub fn priors(&self, tier: &Id, as_of: AsOf) -> &TierPriors {
        let grid = as_of.day.week_start();
        let known = self.priors.range((tier.clone(), Day(i32::MIN))..=(tier.clone(), grid)).next_back();
        known.map_or(&self.no_history, |(_, priors)| priors)
    }

    /// Mean daily views of items of `tier` aged `age_days` at `as_of`, with the number of item-days behind it.
    #[must_use]
    pub fn mean_daily_views(&self, tier: &Id, age_days: f64, as_of: AsOf) -> Option<(f64, u64)> {
        self.views.at(tier, age_bucket(age_days), as_of.day.week_start())
    }
}
