//! One spine row turned into numbers: the item's features, n-grams and forecast as known at its midnight.
//!
//! This is the only place where an `ItemView` is built, so that training, the nightly run and ad hoc scoring cannot differ.

mod background;
mod forecast;
mod horizon;
mod life;
mod links;
mod volumes;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::cross_seller::{
    CreatorItem, Creators, CrossSeller, DuplicateStates, RingStates, creator_at, key_of, part_of, text_of,
};
use super::engagement::orders_before;
use super::error::DatasetError;
use super::globals::{Globals, tier_at, tier_of};
use super::intake::Presence;
use super::review_state::ReviewState;
use super::shard::{ContentHistory, SellerRecords, Shard};
use super::spine::SpineRow;
use super::window_rows::EntityRows;
use crate::config::{TableName, WindowEntity};
use crate::features::{
    CreatorView, EngagementDays, EventCounts, EventRows, FeatureSet, HistoryContext, HistoryRules, ItemView, OrderDays,
    ReporterRecord, RingView, SellerHistory, SellerHistoryRows, SellerListings, SellerReviews, SwitchView, WindowMoment,
    WindowParts, WindowPlan,
};
use crate::tables::{ActionRow, AfterSalesRow, ContentRow, DecisionRow, ReportRow};
use crate::text::{Lexicons, NgramConfig, TextProfile, fingerprint, profile_counts};
use crate::units::{AsOf, ContentType, Day, Id, Market, Zones};

pub use background::Background;
pub use forecast::{Forecast, ForecastMethod};
use life::UnknownDays;
use links::Links;
pub use volumes::DayVolumes;

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
    /// Language, as the content says.
    pub language: Option<Id>,
    /// The seller's tier at the midnight, a fixed name where it is not known.
    pub tier: Id,
    /// The midnight.
    pub as_of: AsOf,
    /// Published at or after the midnight.
    pub same_day: bool,
    /// Feature values in the order of the feature set, NaN = missing.
    pub features: Vec<f32>,
    /// Share of the features that are not missing, in [0, 1].
    pub coverage: f32,
    /// Its embedding has another length than configured, and so no features.
    pub odd_embedding: bool,
    /// Hashed n-gram counts, each index once, in an order that depends on the text alone.
    pub ngrams: Vec<(u32, f32)>,
    /// The text that the n-grams come from.
    pub text: TextProfile,
    /// What keeps related rows in one fold: a hash of the seller, else the creator, else the normalised text.
    pub group: u64,
    /// Expected views of the coming day.
    pub forecast: Forecast,
    /// What happened on the last whole day.
    pub yesterday: DayVolumes,
    /// Expected views of the coming `queue.horizon_days` days; `None` when nothing is known.
    pub views_over_horizon: Option<f64>,
    /// The cluster of exact and near copies that it lies in; `None` where it has none.
    pub cluster: Option<u64>,
    /// What it waits for.
    pub review: ReviewState,
}

/// An item beside its content, with its place among the rows asked for.
type Placed<'a> = (usize, (Item, &'a ContentRow));

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
    /// Terms to look for.
    pub lexicons: &'a Lexicons,
    /// The declared windows.
    pub windows: &'a WindowPlan,
    /// How texts are cut into n-grams.
    pub ngrams: &'a NgramConfig,
    /// Prices that a market needs before a price is compared with them.
    pub min_cell: u64,
    /// How histories are counted.
    pub history: &'a HistoryRules,
    /// Prices that the wider cell stands for where a category has few.
    pub price_prior_n: u64,
    /// Item-days of prior that yesterday's views are shrunk with.
    pub forecast_prior_days: f64,
    /// Days until an item's next chance of review.
    pub horizon_days: u32,
    /// Time zones.
    pub zones: &'a Zones,
}

/// Items of sellers that one part of a batch looks at, a seller's counted once for each midnight: some 50 MB.
const MOST_VISITS: usize = 250_000;

/// What a seller looked like at one midnight, computed once for all its items.
pub(super) struct SellerState {
    /// Values of the windows over its rows.
    windows: Option<Vec<f32>>,
    history: Option<SellerHistory>,
    listings: Option<SellerListings>,
    reviews: Option<SellerReviews>,
    copy_share: Option<f64>,
}

impl ItemBuilder<'_> {
    /// The items of `rows`, in their order. Rows of a seller at one midnight share what is computed for the seller.
    ///
    /// # Errors
    /// When a signal cannot be evaluated.
    pub fn build(&self, rows: &[SpineRow]) -> Result<Vec<Item>, DatasetError> {
        Ok(self.build_beside(rows)?.into_iter().map(|(item, _)| item).collect())
    }

    /// The items of `rows`, in their order, each beside the version of its content that they are made of.
    ///
    /// # Errors
    /// When a signal cannot be evaluated.
    pub fn build_beside(&self, rows: &[SpineRow]) -> Result<Vec<(Item, &ContentRow)>, DatasetError> {
        let parts = self.parts(rows);
        let mut items: Vec<Placed<'_>> = Vec::with_capacity(rows.len());
        for part in &parts {
            items.extend(self.build_part(rows, part)?);
        }
        items.sort_unstable_by_key(|(at, _)| *at);
        Ok(items.into_iter().map(|(_, item)| item).collect())
    }

    /// The places of `rows`, cut so that no part looks at more than `MOST_VISITS` items of sellers: a large seller at many midnights
    /// would otherwise be held once for each of them.
    fn parts(&self, rows: &[SpineRow]) -> Vec<Vec<usize>> {
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by_key(|at| (self.seller_of(&rows[*at]), rows[*at].as_of));
        let (mut parts, mut part, mut visits) = (Vec::new(), Vec::new(), 0);
        let mut last = None;
        for at in order {
            let key = (self.seller_of(&rows[at]), rows[at].as_of);
            if last != Some(key) {
                let items = key.0.and_then(|id| self.shard.sellers.get(id)).map_or(0, |seller| seller.items.len());
                if visits + items > MOST_VISITS && !part.is_empty() {
                    parts.push(std::mem::take(&mut part));
                    visits = 0;
                }
                visits += items;
                last = Some(key);
            }
            part.push(at);
        }
        parts.push(part);
        parts
    }

    fn build_part(&self, rows: &[SpineRow], part: &[usize]) -> Result<Vec<Placed<'_>>, DatasetError> {
        let rows: Vec<(usize, SpineRow)> = part.iter().map(|at| (*at, rows[*at])).collect();
        let keys: BTreeSet<(&Id, AsOf)> = rows.iter().filter_map(|(_, row)| Some((self.seller_of(row)?, row.as_of))).collect();
        let keys: Vec<(&Id, AsOf)> = keys.into_iter().collect();
        let links = self.links(&rows, &keys);
        let states: Vec<SellerState> = keys.par_iter().map(|(id, as_of)| self.seller_state(id, *as_of, &links)).collect();
        let sellers: BTreeMap<(&Id, AsOf), SellerState> = keys.into_iter().zip(states).collect();
        let made = rows.par_iter().filter_map(|(at, row)| Some((*at, self.item(row, &sellers, &links)?)));
        let (places, items): (Vec<usize>, Vec<(Item, &ContentRow)>) = made.collect::<Vec<_>>().into_iter().unzip();
        Ok(places.into_iter().zip(self.complete(items)?).collect())
    }

    /// Turns what was computed item by item into rows of the matrix: signals read whole columns.
    fn complete<'a>(&self, mut items: Vec<(Item, &'a ContentRow)>) -> Result<Vec<(Item, &'a ContentRow)>, DatasetError> {
        let contents: Vec<(&ContentRow, AsOf)> = items.iter().map(|(item, content)| (*content, item.as_of)).collect();
        let rows: Vec<Vec<f32>> = items.iter_mut().map(|(item, _)| std::mem::take(&mut item.features)).collect();
        let rows = self.features.complete(&contents, rows).map_err(DatasetError::Signal)?;
        for ((item, _), features) in items.iter_mut().zip(rows) {
            item.coverage = self.features.coverage(item.content_type, &features);
            item.features = features;
        }
        Ok(items)
    }

    fn seller_of(&self, row: &SpineRow) -> Option<&Id> {
        self.shard.contents[row.content].1.seller()
    }

    fn seller_state(&self, id: &Id, as_of: AsOf, links: &Links) -> SellerState {
        let Some(seller) = self.shard.sellers.get(id) else {
            return SellerState { windows: None, history: None, listings: None, reviews: None, copy_share: None };
        };
        let in_force: Vec<&ContentRow> = self.shard.items_of(id, as_of).map(|(_, _, version)| version).collect();
        SellerState {
            windows: Some(self.seller_windows(seller, as_of, &links.unknown_days)),
            history: Some(self.seller_history(seller, as_of)),
            listings: Some(SellerListings::of(&in_force, as_of)),
            reviews: Some(SellerReviews::of(&in_force, as_of)),
            copy_share: self.copy_share(id, as_of, links),
        }
    }

    fn seller_windows(&self, seller: &SellerRecords, as_of: AsOf, unknown: &UnknownDays) -> Vec<f32> {
        let items = self.items_at(seller, as_of);
        let (since, unknown_days) = self.life_of_seller(&items, as_of, unknown);
        let rows = EntityRows::of_seller(seller, &items, |table| self.reads(WindowEntity::Seller, table));
        let rows = rows.living(since, &unknown_days);
        let priors = self.globals.priors(&tier_of(Some(seller), as_of), as_of);
        let moment = WindowMoment { as_of, published_at: as_of.instant, priors };
        let mut values = Vec::new();
        self.windows.add_values(WindowEntity::Seller, &rows.rows(), moment, &mut values);
        values
    }

    /// The seller's items, as far as it was known that they are.
    fn items_at(&self, seller: &SellerRecords, as_of: AsOf) -> Vec<&ContentHistory> {
        let known = |item: &&ContentHistory| item.seller_since().is_some_and(|since| since < as_of.instant);
        seller.items.iter().map(|at| &self.shard.contents[*at].1).filter(known).collect()
    }

    /// Whether the windows of `entity` read `table` and it has a source.
    fn reads(&self, entity: WindowEntity, table: TableName) -> bool {
        self.windows.reads(entity, table) && self.presence.has(table)
    }

    fn seller_history(&self, seller: &SellerRecords, as_of: AsOf) -> SellerHistory {
        let items = self.items_at(seller, as_of);
        let content: Vec<&ContentRow> = items.iter().flat_map(|i| &i.versions).collect();
        let events = Events::of(&items, &seller.actions, &seller.after_sales);
        // What a treatment ends was left out of the sums already.
        let orders = self.orders(&seller.daily, None);
        let rows = SellerHistoryRows { content: &content, events: EventRows { orders, ..events.rows(self.presence) } };
        SellerHistory::of(&rows, &self.context(as_of, &|id| self.cross.reporters.record(id, as_of)))
    }

    fn item_history(&self, item: &ContentHistory, as_of: AsOf) -> EventCounts {
        let orders = self.orders(&item.engagement, item.first_action_day(as_of, self.zones));
        let events = Events::of(&[item], &[], &[]);
        let rows = EventRows { orders, ..events.rows(self.presence) };
        EventCounts::of(&rows, &self.context(as_of, &|id| self.cross.reporters.record(id, as_of)))
    }

    fn context<'a>(&'a self, as_of: AsOf, reporter: &'a dyn Fn(&Id) -> ReporterRecord) -> HistoryContext<'a> {
        HistoryContext { as_of, rules: self.history, reporter }
    }

    /// The days whose orders may have closed; `None` without an engagement table.
    fn orders<'a>(&self, days: &'a EngagementDays, until: Option<Day>) -> Option<OrderDays<'a>> {
        self.presence.has(TableName::Engagement).then_some(OrderDays { days, until })
    }

    /// The item of a row, its features computed but for the signals, and its content.
    fn item(&self, row: &SpineRow, sellers: &BTreeMap<(&Id, AsOf), SellerState>, links: &Links) -> Option<(Item, &ContentRow)> {
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
        let windows = self.windows_of(history, content, row, &tier, state, links);
        let (lexicons, tone) = self.lexicons_of(&text, content.market);
        let duplicates = if row.same_day { None } else { links.duplicates.view(key_of(id), as_of, history, &text.normalised) };
        let cluster = duplicates.filter(|view| view.size > 1).map(|view| view.cluster);
        let item = ItemView {
            as_of,
            same_day: row.same_day,
            content,
            versions_known: self.presence.versioned.then(|| versions_known(history, as_of)),
            versions: &versions,
            text: &text,
            lexicons: &lexicons,
            windows: &windows,
            item_history: Some(&item_history),
            seller: seller_rows.and_then(|s| s.version_at(as_of)),
            seller_history: state.and_then(|s| s.history.as_ref()),
            duplicates,
            seller_copy_share: state.and_then(|s| s.copy_share),
            ring: self.ring(content, row, links),
            creator: self.creator(row, links),
            seller_listings: state.and_then(|s| s.listings.as_ref()),
            seller_reviews: state.and_then(|s| s.reviews.as_ref()),
            switch: SwitchView::of(&versions, as_of, |at| orders_before(history, as_of, at, self.zones)),
            tone,
            price_cell: self.globals.price_cell(content, as_of, self.min_cell, self.price_prior_n),
        };
        let mut features = Vec::with_capacity(self.features.names().len());
        self.features.compute(&item, &mut features);
        let mut ngrams = Vec::new();
        profile_counts(&text, self.ngrams, &mut ngrams);
        let made = Item {
            content_id: id.clone(),
            content_type: content.content_type,
            market: content.market,
            seller_id: content.seller_id.clone(),
            category: content.category.clone(),
            language: content.language.clone(),
            as_of,
            same_day: row.same_day,
            coverage: 0.0,
            features,
            odd_embedding: content.embedding.as_ref().is_some_and(|e| self.features.embedding().has_wrong_length(e)),
            ngrams,
            group: group_of(content, &text),
            forecast: self.forecast(history, content, as_of, &tier),
            yesterday: self.day_volumes(history, content, as_of),
            views_over_horizon: self.views_over_horizon(history, content, as_of, &tier),
            cluster,
            review: ReviewState::of(history, as_of)?,
            tier,
            text,
        };
        Some((made, content))
    }

    /// The values of the lexicons, and the tone of the text.
    fn lexicons_of(&self, text: &TextProfile, market: Market) -> (Vec<f32>, Option<f32>) {
        let (mut hits, mut values) = (Vec::new(), Vec::new());
        self.lexicons.count(&text.normalised, market, &mut hits);
        self.lexicons.values(&hits, &mut values);
        (values, self.lexicons.tone(&hits))
    }

    /// The values of the declared windows. A `same_day` item has no rows of its own yet.
    fn windows_of(
        &self,
        history: &ContentHistory,
        content: &ContentRow,
        row: &SpineRow,
        tier: &Id,
        seller: Option<&SellerState>,
        links: &Links,
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
            let (since, unknown_days) = self.life(history, as_of, &links.unknown_days);
            values(WindowEntity::Content, &rows.living(since, unknown_days))
        });
        let creator = self.creator_key(row).and_then(|key| match links.creators.get(&key) {
            Some(state) => state.windows.clone(),
            None => self.creator_windows(CreatorItem::of(history).into_iter(), key.1, as_of),
        });
        let seller = seller.and_then(|state| state.windows.as_deref());
        let parts = WindowParts { content: own.as_deref(), seller, creator: creator.as_deref() };
        self.windows.row(&parts, content.content_type)
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
            orders: None,
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

#[cfg(test)]
mod tests;
#[cfg(test)]
mod window_tests;
