//! One spine row turned into numbers: the item's features, n-grams and forecast as known at its midnight.
//!
//! This is the only place where an `ItemView` is built, so that training, the nightly run and ad hoc scoring cannot differ.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::cross_seller::{CrossSeller, DuplicateStates, RingStates, key_of};
use super::globals::{Globals, tier_at, tier_of};
use super::intake::Presence;
use super::shard::{ContentHistory, SellerRecords, Shard};
use super::spine::SpineRow;
use super::window_rows::EntityRows;
use crate::config::{TableName, WindowEntity};
use crate::features::{
    EventCounts, EventRows, FeatureSet, ItemView, SellerHistory, SellerHistoryRows, WindowMoment, WindowParts, WindowPlan,
};
use crate::tables::{ActionRow, AfterSalesRow, ContentRow, DecisionRow, ReportRow};
use crate::text::{NgramConfig, TextProfile, fingerprint, profile_counts};
use crate::units::{AsOf, ContentType, Id, Market, Zones};

/// How a forecast of views was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForecastMethod {
    /// Yesterday's views shrunk to the mean of the item's tier and age.
    YesterdayShrunk,
    /// The mean of the item's tier and age: nothing of the item itself is known yet.
    TierAge,
    /// Yesterday's views as they are: nothing is known of its tier and age.
    Yesterday,
    /// Nothing is known: no forecast.
    Missing,
}

impl ForecastMethod {
    /// The name in the score table.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::YesterdayShrunk => "yesterday_shrunk",
            Self::TierAge => "tier_age",
            Self::Yesterday => "yesterday",
            Self::Missing => "none",
        }
    }
}

/// Expected views of the coming day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    /// Expected views; `None` when nothing is known.
    pub views: Option<f64>,
    /// How.
    pub method: ForecastMethod,
}

/// One row of the spine, as models and scores see it.
#[derive(Debug, Clone)]
pub struct Item {
    /// Identifier.
    pub content_id: Id,
    /// Kind of content.
    pub content_type: ContentType,
    /// Market.
    pub market: Market,
    /// Seller.
    pub seller_id: Option<Id>,
    /// Category.
    pub category: Option<Id>,
    /// The midnight.
    pub as_of: AsOf,
    /// Published at or after the midnight.
    pub same_day: bool,
    /// Feature values in the order of the feature set, NaN = missing.
    pub features: Vec<f32>,
    /// Share of the features that are not missing, in [0, 1].
    pub coverage: f32,
    /// Hashed n-gram counts, ascending by index.
    pub ngrams: Vec<(u32, f32)>,
    /// The text that the n-grams come from.
    pub text: TextProfile,
    /// What keeps related rows in one fold: a hash of the seller, else the creator, else the normalised text.
    pub group: u64,
    /// Expected views of the coming day.
    pub forecast: Forecast,
}

/// What was known of the links of a batch.
struct Links {
    duplicates: DuplicateStates,
    rings: RingStates,
}

/// Builds items of one shard.
pub struct ItemBuilder<'a> {
    /// The shard.
    pub shard: &'a Shard,
    /// The globals of pass 1.
    pub globals: &'a Globals,
    /// The links between sellers of pass 1.
    pub cross: &'a CrossSeller,
    /// Which tables have a source.
    pub presence: &'a Presence,
    /// The features to compute.
    pub features: &'a FeatureSet,
    /// The declared windows.
    pub windows: &'a WindowPlan,
    /// How texts are cut into n-grams.
    pub ngrams: &'a NgramConfig,
    /// Prices that a category × market needs before its median is used.
    pub min_cell: u64,
    /// Item-days of prior that yesterday's views are shrunk with.
    pub forecast_prior_days: f64,
    /// Time zones.
    pub zones: &'a Zones,
}

/// What a seller looked like at one midnight, computed once for all its items.
pub(super) struct SellerState {
    /// Values of the windows over its rows.
    windows: Option<Vec<f32>>,
    history: Option<SellerHistory>,
}

impl ItemBuilder<'_> {
    /// The items of `rows`, in their order. Rows of a seller at one midnight share what is computed for the seller.
    #[must_use]
    pub fn build(&self, rows: &[SpineRow]) -> Vec<Item> {
        let keys: BTreeSet<(&Id, AsOf)> = rows.iter().filter_map(|row| Some((self.seller_of(row)?, row.as_of))).collect();
        let keys: Vec<(&Id, AsOf)> = keys.into_iter().collect();
        let states: Vec<SellerState> = keys.par_iter().map(|(id, as_of)| self.seller_state(id, *as_of)).collect();
        let links = self.links(rows, &keys);
        let sellers: BTreeMap<(&Id, AsOf), SellerState> = keys.into_iter().zip(states).collect();
        rows.par_iter().filter_map(|row| self.item(row, &sellers, &links)).collect()
    }

    /// What was known of the links of the rows' items and sellers.
    fn links(&self, rows: &[SpineRow], sellers: &[(&Id, AsOf)]) -> Links {
        let items: Vec<(u64, AsOf)> = rows.iter().map(|row| (key_of(&self.shard.contents[row.content].0), row.as_of)).collect();
        let sellers: Vec<(u64, AsOf)> = sellers.iter().map(|(id, as_of)| (key_of(id), *as_of)).collect();
        Links { duplicates: self.cross.duplicates.states(&items), rings: self.cross.rings.states(&sellers) }
    }

    fn seller_of(&self, row: &SpineRow) -> Option<&Id> {
        self.shard.contents[row.content].1.seller()
    }

    fn seller_state(&self, id: &Id, as_of: AsOf) -> SellerState {
        let Some(seller) = self.shard.sellers.get(id) else { return SellerState { windows: None, history: None } };
        SellerState { windows: Some(self.seller_windows(seller, as_of)), history: Some(self.seller_history(seller, as_of)) }
    }

    fn seller_windows(&self, seller: &SellerRecords, as_of: AsOf) -> Vec<f32> {
        let items: Vec<&ContentHistory> = seller.items.iter().map(|at| &self.shard.contents[*at].1).collect();
        let rows = EntityRows::of_seller(seller, &items, |table| self.reads(WindowEntity::Seller, table));
        let priors = self.globals.priors(&tier_of(Some(seller), as_of), as_of);
        let moment = WindowMoment { as_of, published_at: as_of.instant, priors };
        let mut values = Vec::new();
        self.windows.add_values(WindowEntity::Seller, &rows.rows(), moment, &mut values);
        values
    }

    /// Whether the windows of `entity` read `table` and it has a source.
    fn reads(&self, entity: WindowEntity, table: TableName) -> bool {
        self.windows.reads(entity, table) && self.presence.has(table)
    }

    fn seller_history(&self, seller: &SellerRecords, as_of: AsOf) -> SellerHistory {
        let items: Vec<&ContentHistory> = seller.items.iter().map(|at| &self.shard.contents[*at].1).collect();
        let content: Vec<&ContentRow> = items.iter().flat_map(|i| &i.versions).collect();
        let events = Events::of(&items, &seller.actions, &seller.after_sales);
        SellerHistory::of(&SellerHistoryRows { content: &content, events: events.rows(self.presence) }, as_of)
    }

    fn item_history(&self, item: &ContentHistory, as_of: AsOf) -> EventCounts {
        EventCounts::of(&Events::of(&[item], &[], &[]).rows(self.presence), as_of)
    }

    fn item(&self, row: &SpineRow, sellers: &BTreeMap<(&Id, AsOf), SellerState>, links: &Links) -> Option<Item> {
        let (id, history) = &self.shard.contents[row.content];
        let as_of = row.as_of;
        let content = history.version_at(as_of)?;
        let seller_rows = content.seller_id.as_ref().and_then(|s| self.shard.sellers.get(s));
        // An item that was not there yet has no history, and neither has its seller's part in it (DESIGN.md §3).
        let state = content.seller_id.as_ref().filter(|_| !row.same_day).and_then(|s| sellers.get(&(s, as_of)));
        let text = TextProfile::of(content.title.as_deref(), content.body.as_deref());
        let tier = tier_at(self.shard, content, as_of);
        let item_history = self.item_history(history, as_of);
        let versions = if self.presence.versioned && !row.same_day { known_versions(history, as_of) } else { Vec::new() };
        let past = |seller: &&Id| !row.same_day && !seller.is_empty();
        let creator = content.creator_id.as_ref().filter(past).map(key_of);
        let windows = self.windows_of(history, content, row, &tier, state, creator);
        let item = ItemView {
            as_of,
            same_day: row.same_day,
            content,
            versions_known: self.presence.versioned.then(|| versions_known(history, as_of)),
            versions: &versions,
            text: &text,
            lexicon_hits: &[],
            windows: &windows,
            item_history: Some(&item_history),
            seller: seller_rows.and_then(|s| s.version_at(as_of)),
            seller_history: state.and_then(|s| s.history.as_ref()),
            duplicates: if row.same_day { None } else { links.duplicates.get(key_of(id), as_of) },
            seller_copy_share: None,
            ring: content.seller_id.as_ref().filter(past).and_then(|s| links.rings.get(key_of(s), as_of)),
            creator: creator.and_then(|c| self.cross.creators.at(c, as_of)),
            price_cell: self.globals.price_cell(content, as_of, self.min_cell),
        };
        let mut features = Vec::with_capacity(self.features.names().len());
        self.features.compute(&item, &mut features);
        let mut ngrams = Vec::new();
        profile_counts(&text, self.ngrams, &mut ngrams);
        Some(Item {
            content_id: id.clone(),
            content_type: content.content_type,
            market: content.market,
            seller_id: content.seller_id.clone(),
            category: content.category.clone(),
            as_of,
            same_day: row.same_day,
            coverage: self.features.coverage(content.content_type, &features),
            features,
            ngrams,
            group: group_of(content, &text),
            forecast: self.forecast(history, content, as_of, &tier),
            text,
        })
    }

    /// The values of the declared windows. A `same_day` item has no rows of its own yet.
    fn windows_of(
        &self,
        history: &ContentHistory,
        content: &ContentRow,
        row: &SpineRow,
        tier: &Id,
        seller: Option<&SellerState>,
        creator: Option<u64>,
    ) -> Vec<f32> {
        let as_of = row.as_of;
        let priors = self.globals.priors(tier, as_of);
        let moment = WindowMoment { as_of, published_at: content.published_at, priors };
        let values = |entity, rows: &EntityRows<'_>| {
            let mut values = Vec::new();
            self.windows.add_values(entity, &rows.rows(), moment, &mut values);
            values
        };
        let own = (!row.same_day).then(|| {
            let until = history.first_action_day(as_of, self.zones);
            let rows = EntityRows::of_item(history, until, |table| self.reads(WindowEntity::Content, table));
            values(WindowEntity::Content, &rows)
        });
        let creator = creator.filter(|_| self.reads(WindowEntity::Creator, TableName::Content));
        let creator = creator.map(|creator| values(WindowEntity::Creator, &EntityRows::of_creator(self.cross, creator)));
        let seller = seller.and_then(|state| state.windows.as_deref());
        let parts = WindowParts { content: own.as_deref(), seller, creator: creator.as_deref() };
        self.windows.row(&parts, content.content_type)
    }

    /// Yesterday's views shrunk to the mean of tier and age: (v + k·m) / (1 + k), the posterior mean of a rate with a prior worth
    /// k days.
    fn forecast(&self, history: &ContentHistory, content: &ContentRow, as_of: AsOf, tier: &Id) -> Forecast {
        if !self.presence.has(TableName::Engagement) {
            return Forecast { views: None, method: ForecastMethod::Missing };
        }
        let yesterday = as_of.day.plus(-1);
        let born = self.zones.day_of(content.market, content.published_at);
        let observed = history.engagement.iter().rev().find(|e| e.day == yesterday && as_of.knows_day(e.day, e.ingested_at));
        // An item that was there all day and has no row was not viewed, provided that the day's rows have arrived at all.
        let silent = born < yesterday && self.globals.has_day(content.market, yesterday, as_of);
        let views = observed.map_or(silent.then_some(0), |e| e.views).map(|v| v as f64);
        let prior = self.globals.mean_daily_views(tier, as_of.instant.days_since(content.published_at), as_of);
        let k = self.forecast_prior_days;
        match (views, prior) {
            (Some(v), Some((m, _))) => Forecast { views: Some((v + k * m) / (1.0 + k)), method: ForecastMethod::YesterdayShrunk },
            (None, Some((m, _))) => Forecast { views: Some(m), method: ForecastMethod::TierAge },
            (Some(v), None) => Forecast { views: Some(v), method: ForecastMethod::Yesterday },
            (None, None) => Forecast { views: None, method: ForecastMethod::Missing },
        }
    }
}

/// The events on some items, and on their seller as a whole.
struct Events<'a> {
    decisions: Vec<&'a DecisionRow>,
    actions: Vec<&'a ActionRow>,
    reports: Vec<&'a ReportRow>,
    after_sales: Vec<&'a AfterSalesRow>,
}

impl<'a> Events<'a> {
    fn of(items: &[&'a ContentHistory], actions: &'a [ActionRow], after_sales: &'a [AfterSalesRow]) -> Self {
        Self {
            decisions: items.iter().flat_map(|i| &i.decisions).collect(),
            actions: items.iter().flat_map(|i| &i.actions).chain(actions).collect(),
            reports: items.iter().flat_map(|i| &i.reports).collect(),
            after_sales: items.iter().flat_map(|i| &i.after_sales).chain(after_sales).collect(),
        }
    }

    /// The same as features take them: a table without a source is missing, not empty.
    fn rows(&self, presence: &Presence) -> EventRows<'_> {
        EventRows {
            decisions: presence.has(TableName::Decisions).then_some(&self.decisions),
            actions: presence.has(TableName::Actions).then_some(&self.actions),
            reports: presence.has(TableName::Reports).then_some(&self.reports),
            after_sales: presence.has(TableName::AfterSales).then_some(&self.after_sales),
        }
    }
}

/// The versions known at `as_of`, oldest first.
fn known_versions(history: &ContentHistory, as_of: AsOf) -> Vec<&ContentRow> {
    history.versions.iter().filter(|v| as_of.knows(v.valid_from.unwrap_or(v.published_at), v.ingested_at)).collect()
}

fn versions_known(history: &ContentHistory, as_of: AsOf) -> u32 {
    let known = history.versions.iter().filter(|v| as_of.knows(v.valid_from.unwrap_or(v.published_at), v.ingested_at));
    u32::try_from(known.count()).unwrap_or(u32::MAX)
}

/// Seed of the group hash.
const GROUP_SEED: u64 = 0x0067_726f_7570;

fn group_of(content: &ContentRow, text: &TextProfile) -> u64 {
    match (&content.seller_id, &content.creator_id) {
        (Some(id), _) => crate::units::stable_hash(GROUP_SEED, id),
        (None, Some(id)) => crate::units::stable_hash(GROUP_SEED + 1, id),
        (None, None) => fingerprint(&text.normalised),
    }
}
