//! Tonight's items counted as they are scored, and held against published nights and the rows that the model learned from.

use std::collections::BTreeMap;

use crate::dataset::Item;
use crate::monitor::{Baselines, DriftReport, ModelVersions, Profile, ProfileBuilder, ProfiledItem, Volume, judge_drift};
use crate::run::champion::Champion;
use crate::run::deciding::NightRow;
use crate::run::profile_table::PastProfiles;
use crate::run::project::Project;
use crate::tables::ContentRow;
use crate::units::{Day, Id, Market, Timestamp};

/// Columns whose values are counted by name.
const VALUES: [&str; 5] = ["content_type", "category", "language", "currency", "tier"];
/// Columns of which only counts whether they are there.
const PRESENT: [&str; 9] =
    ["title", "body", "price", "list_price", "seller_id", "creator_id", "image_count", "media_hash", "embedding"];
/// What an item had yesterday, watched as features are.
const YESTERDAY: [&str; 2] = ["day_views", "day_orders"];

/// Counts a night's items.
pub(in crate::run) struct DriftWatch<'a> {
    project: &'a Project,
    day: Day,
    /// When yesterday began in each market.
    yesterdays: BTreeMap<Market, Timestamp>,
    builder: ProfileBuilder,
    /// The seller of the last row: rows come seller by seller.
    seller: Option<Id>,
}

/// A night that is counted.
pub(in crate::run) struct DriftNight {
    /// Tonight, to be published.
    pub profile: Profile,
    /// What was found.
    pub report: DriftReport,
    /// What it was compared with.
    pub baselines: Baselines,
}

impl<'a> DriftWatch<'a> {
    /// Counts nothing yet.
    pub(in crate::run) fn begin(project: &'a Project, champion: &Champion, day: Day) -> Self {
        let scores = champion.labels.iter().map(|label| format!("p_{}", label.id));
        let scores: Vec<String> = scores.chain(["abuse", "quality"].map(str::to_owned)).collect();
        Self { project, day, yesterdays: BTreeMap::new(), seller: None, builder: builder(champion.features.names(), &scores) }
    }

    /// Counts a batch of scored items; `items[i]` belongs to `rows[i]`.
    pub(in crate::run) fn add_batch(&mut self, items: &[(Item, &ContentRow)], rows: &[NightRow]) {
        for ((item, content), row) in items.iter().zip(rows) {
            let score = &row.score;
            let scores: Vec<Option<f32>> = score.probabilities.iter().copied().chain([score.abuse, score.quality]).collect();
            let begins = || self.project.config.time.zones.as_of(item.market, self.day.plus(-1)).instant;
            let yesterday = *self.yesterdays.entry(item.market).or_insert_with(begins);
            let currency = content.currency.as_deref();
            let present = [
                content.title.is_some(),
                content.body.is_some(),
                content.price.is_some(),
                content.list_price.is_some(),
                content.seller_id.is_some(),
                content.creator_id.is_some(),
                content.image_count.is_some(),
                content.media_hash.is_some(),
                content.embedding.is_some(),
            ];
            let is_new = content.published_at >= yesterday && content.published_at < item.as_of.instant;
            let coverage = (f64::from(score.coverage).clamp(0.0, 1.0) * 1e6).round() as u64;
            let mut volumes = vec![(Volume::NewItems, u64::from(is_new)), (Volume::CoverageMillionths, coverage)];
            volumes.extend(item.yesterday.views.map(|n| (Volume::DayViews, n)));
            volumes.extend(item.yesterday.orders.map(|n| (Volume::DayOrders, n)));
            let is_first_of_seller = score.seller_id.is_some() && score.seller_id != self.seller;
            self.seller.clone_from(&score.seller_id);
            self.builder.add(&ProfiledItem {
                market: item.market,
                is_first_of_seller,
                features: &watched(item),
                scores: &scores,
                values: &values(item, currency),
                present: &present,
                price: content.price.map(|price| (currency.unwrap_or(NO_CURRENCY), price)),
                volumes: &volumes,
            });
        }
    }

    /// Holds the night against `past` and the training rows.
    pub(in crate::run) fn finish(self, champion: &Champion, past: &PastProfiles) -> DriftNight {
        let profile = self.builder.finish();
        let baselines = Baselines::of(self.day, &past.nights, champion.reference.as_ref());
        let models = ModelVersions { tonight: &champion.version, last: past.model_version.as_deref() };
        let report = judge_drift(&profile, &baselines, models, &self.project.config.monitor.drift);
        DriftNight { profile, report, baselines }
    }
}

/// What prices without a currency are counted under.
const NO_CURRENCY: &str = "none";

fn builder(features: &[String], scores: &[String]) -> ProfileBuilder {
    let features: Vec<String> = features.iter().cloned().chain(YESTERDAY.map(str::to_owned)).collect();
    ProfileBuilder::new(&features, scores, &VALUES, &PRESENT)
}

/// Features, and what the item had yesterday.
fn watched(item: &Item) -> Vec<f32> {
    let count = |n: Option<u64>| n.map_or(f32::NAN, |n| n as f32);
    item.features.iter().copied().chain([count(item.yesterday.views), count(item.yesterday.orders)]).collect()
}

fn values<'i>(item: &'i Item, currency: Option<&'i str>) -> [Option<&'i str>; 5] {
    let text = |id: &'i Option<Id>| id.as_deref();
    [Some(item.content_type.as_str()), text(&item.category), text(&item.language), currency, Some(item.tier.as_str())]
}
