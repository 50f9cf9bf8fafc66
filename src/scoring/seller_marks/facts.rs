//! What was known of each seller of a shard at the midnight: counts and strikes, before any rate.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::config::{MarksConfig, TableName};
use crate::dataset::{ContentHistory, Presence, SellerRecords, Shard};
use crate::features::{HistoryRules, Standing, Strike, standing, struck};
use crate::scoring::{ScoreRow, ScoredLabel};
use crate::tables::DecisionRow;
use crate::units::{AsOf, ContentType, Day, Id, Market, Timestamp, Verdict, Zones};

/// The bands that the scores give, in the order of [`SellerFacts::views`].
pub const NIGHT_BANDS: [&str; 5] = ["good", "fair", "poor", "severe", "unscored"];

/// What facts are counted with.
#[derive(Clone, Copy)]
pub struct MarkRules<'a> {
    /// `[marks]`.
    pub config: &'a MarksConfig,
    /// What gives a strike, and for how long.
    pub history: &'a HistoryRules,
    /// The labels that have columns.
    pub labels: &'a [ScoredLabel],
    /// Which tables have a source.
    pub presence: &'a Presence,
    /// Time zones.
    pub zones: &'a Zones,
    /// The day whose midnight it is.
    pub day: Day,
}

/// What was known of a seller.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SellerFacts {
    /// The seller.
    pub seller_id: Id,
    /// Its home market, else the one of most of its items.
    pub market: Market,
    /// The midnight of that market.
    pub as_of: Timestamp,
    /// Its tier, where known.
    pub tier: Option<Id>,
    /// Published items that were known to be the seller's.
    pub items_known: u64,
    /// Of its items, those that were scored this night.
    pub items_scored: u64,
    /// Views of the scored items in the last 7 days, by [`NIGHT_BANDS`]; `None` without an engagement table.
    pub views: Option<[u64; 5]>,
    /// What was decided; `None` without a decisions table.
    pub record: Option<SellerRecord>,
}

/// What was decided of a seller's items, decisions of machines left out unless configured.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SellerRecord {
    /// Decisions, whether or not they stand.
    pub decisions: u64,
    /// Of these, those that an appeal overturned.
    pub overturned: u64,
    /// Items with a decision that stands, of the days that make rates.
    pub items_decided: u64,
    /// Of these, items found violating.
    pub items_violating: u64,
    /// Day of the last decision, in the seller's market.
    pub last_decision: Option<Day>,
    /// Day of the last violating decision that stands.
    pub last_violation: Option<Day>,
    /// By label, in the order of [`MarkRules::labels`].
    pub labels: Vec<LabelRecord>,
    /// Strikes that have not expired: when each does, and its label; soonest first.
    pub strikes: Vec<(Timestamp, Id)>,
    /// Σ w(severity) · 2^(−age / half-life) over them.
    pub strike_weight: f64,
}

/// What was decided of one label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LabelRecord {
    /// Items decided, by decisions that stand.
    pub decided: u64,
    /// Of these, items found violating.
    pub violating: u64,
}

/// What a night's scores say of a seller's items.
#[derive(Debug, Clone, Copy, Default)]
struct NightCounts {
    items: u64,
    views: [u64; 5],
}

impl MarkRules<'_> {
    /// The facts of every seller of `shard` of whom an item or a decision was known, by seller. `rows` are the scores of the shard's
    /// items, their bands those of the scores.
    pub fn facts<'r>(&self, shard: &Shard, rows: impl Iterator<Item = &'r ScoreRow>) -> Vec<SellerFacts> {
        let night = self.night(shard, rows);
        let sellers: Vec<(&Id, &SellerRecords)> = shard.sellers.iter().collect();
        let of = |(id, seller): &(&Id, &SellerRecords)| self.of_seller(shard, id, seller, night.get(*id));
        sellers.par_iter().filter_map(of).collect()
    }

    fn night<'r>(&self, shard: &Shard, rows: impl Iterator<Item = &'r ScoreRow>) -> BTreeMap<&'r Id, NightCounts> {
        let mut night: BTreeMap<&Id, NightCounts> = BTreeMap::new();
        for row in rows {
            let Some(seller) = &row.seller_id else { continue };
            let counts = night.entry(seller).or_default();
            counts.items += 1;
            let item =
                shard.contents.binary_search_by(|(id, _)| id.cmp(&row.content_id)).ok().and_then(|at| shard.contents.get(at));
            let views = item.map_or(0, |(_, history)| recent_views(history, self.zones.as_of(row.market, self.day)));
            if let Some((_, sum)) = NIGHT_BANDS.iter().zip(&mut counts.views).find(|(band, _)| **band == row.band) {
                *sum = sum.saturating_add(views);
            }
        }
        night
    }

    fn of_seller(&self, shard: &Shard, id: &Id, seller: &SellerRecords, night: Option<&NightCounts>) -> Option<SellerFacts> {
        let items: Vec<&ContentHistory> = seller.items.iter().filter_map(|at| Some(&shard.contents.get(*at)?.1)).collect();
        let market = self.market_of(seller, &items)?;
        let as_of = self.zones.as_of(market, self.day);
        let its: Vec<&ContentHistory> =
            items.into_iter().filter(|item| item.seller_since().is_some_and(|since| since < as_of.instant)).collect();
        let items_known = its.iter().filter(|item| item.is_known(as_of)).count() as u64;
        let record = self.presence.has(TableName::Decisions).then(|| self.record(&its, market, as_of));
        let night = night.copied().unwrap_or_default();
        if items_known == 0 && night.items == 0 && record.as_ref().is_none_or(|record| record.decisions == 0) {
            return None;
        }
        Some(SellerFacts {
            seller_id: id.clone(),
            market,
            as_of: as_of.instant,
            tier: seller.version_at(as_of).and_then(|version| version.tier.clone()),
            items_known,
            items_scored: night.items,
            views: self.presence.has(TableName::Engagement).then_some(night.views),
            record,
        })
    }

    /// The home market as known at the first midnight of the day anywhere, so that whose midnight it is does not depend on what was
    /// known by then; else the market of most items, each known at its own midnight, the first of equals.
    fn market_of(&self, seller: &SellerRecords, items: &[&ContentHistory]) -> Option<Market> {
        let anywhere = AsOf { day: self.day, instant: self.zones.earliest(self.day) };
        if let Some(home) = seller.version_at(anywhere).and_then(|version| version.market) {
            return Some(home);
        }
        let mut counts: BTreeMap<Market, u64> = BTreeMap::new();
        for item in items {
            let Some(market) = item.first().map(|first| first.market) else { continue };
            let as_of = self.zones.as_of(market, self.day);
            if item.seller_since().is_some_and(|since| since < as_of.instant) {
                *counts.entry(market).or_default() += 1;
            }
        }
        counts.iter().rev().max_by_key(|(_, n)| **n).map(|(market, _)| *market)
    }

    fn record(&self, items: &[&ContentHistory], market: Market, as_of: AsOf) -> SellerRecord {
        let known = |r: &&DecisionRow| as_of.knows(r.decided_at, r.ingested_at) && self.history.counts(r);
        let decisions: Vec<&DecisionRow> = items.iter().flat_map(|item| &item.decisions).filter(known).collect();
        let (stand, fell): (Vec<Standing<'_>>, Vec<Standing<'_>>) =
            standing(decisions.iter().copied()).partition(|decision| !decision.is_overturned());
        let stand: Vec<&DecisionRow> = stand.iter().map(|s| s.decision).collect();
        let strikes = struck(stand.iter().copied(), self.history);
        let violating = || stand.iter().filter(|r| r.verdict == Verdict::Violating);
        let day_of = |at: Option<Timestamp>| at.map(|at| self.zones.day_of(market, at));
        let recent: Vec<&DecisionRow> = stand
            .iter()
            .copied()
            .filter(|r| as_of.instant.days_since(r.decided_at) <= f64::from(self.config.rate_days))
            .collect();
        SellerRecord {
            decisions: decisions.len() as u64,
            overturned: fell.len() as u64,
            items_decided: distinct(recent.iter().copied()),
            items_violating: distinct(recent.iter().copied().filter(|r| r.verdict == Verdict::Violating)),
            last_decision: day_of(decisions.iter().map(|r| r.decided_at).max()),
            last_violation: day_of(violating().map(|r| r.decided_at).max()),
            labels: self.of_labels(&recent, items),
            strike_weight: self.weight_of(&strikes, as_of.instant),
            strikes: self.active(&strikes, as_of.instant),
        }
    }

    /// An item is decided for a label once a verdict on it stands, or a compliant one for `*` and the label covers its content type.
    fn of_labels(&self, recent: &[&DecisionRow], items: &[&ContentHistory]) -> Vec<LabelRecord> {
        let types: BTreeMap<&Id, ContentType> =
            items.iter().filter_map(|item| item.first()).map(|first| (&first.content_id, first.content_type)).collect();
        let mut by_label: BTreeMap<&Id, Vec<&DecisionRow>> = BTreeMap::new();
        recent.iter().for_each(|r| by_label.entry(&r.label).or_default().push(r));
        let none = Vec::new();
        let of = |label: &str| by_label.iter().find(|(id, _)| id.as_str() == label).map_or(&none, |(_, rows)| rows);
        let cleared = || of("*").iter().copied().filter(|r| r.verdict == Verdict::Compliant);
        let record = |label: &ScoredLabel| {
            let covers = |r: &&DecisionRow| types.get(&r.content_id).is_some_and(|ty| label.content_types.contains(ty));
            let own = of(&label.id);
            LabelRecord {
                decided: distinct(own.iter().copied().chain(cleared().filter(covers))),
                violating: distinct(own.iter().copied().filter(|r| r.verdict == Verdict::Violating)),
            }
        };
        self.labels.iter().map(record).collect()
    }

    fn active(&self, strikes: &[Strike<'_>], now: Timestamp) -> Vec<(Timestamp, Id)> {
        let dated = strikes.iter().map(|strike| (strike.expires(self.history), strike.label.clone()));
        let mut active: Vec<(Timestamp, Id)> = dated.filter(|(expires, _)| *expires > now).collect();
        active.sort_unstable();
        active
    }

    fn weight_of(&self, strikes: &[Strike<'_>], now: Timestamp) -> f64 {
        // In the order of labels and items, which is the same for any order of rows.
        strikes.iter().filter(|strike| strike.expires(self.history) > now).map(|strike| strike.weight(now, self.history)).sum()
    }
}

/// Distinct items.
fn distinct<'a>(rows: impl Iterator<Item = &'a DecisionRow>) -> u64 {
    rows.map(|r| &r.content_id).collect::<BTreeSet<_>>().len() as u64
}

/// Views of the last days that are known; days that are not count as none, because only the share by band is told.
fn recent_views(history: &ContentHistory, as_of: AsOf) -> u64 {
    let first = as_of.day.plus(-VIEW_DAYS);
    let known = history.engagement.iter().rev().take_while(|e| e.day >= first).filter(|e| as_of.knows_day(e.day, e.ingested_at));
    known.filter_map(|e| e.views).fold(0, u64::saturating_add)
}

/// Days whose views are told by band: a single one has often not arrived at the midnight.
const VIEW_DAYS: i32 = 7;
