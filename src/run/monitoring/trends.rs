//! The night's items as the search for trends reads them.

use crate::dataset::{ContentHistory, Item, Shard};
use crate::monitor::{Trend, TrendFinder, TrendItem, TrendRules};
use crate::policy::PolicySet;
use crate::run::deciding::NightRow;
use crate::tables::ContentRow;
use crate::units::{AsOf, Day, Zones};

/// Below this probability of abuse an item scores low.
const LOW_ABUSE: f32 = 0.5;

/// Bands of items that nothing is known against.
const LOW_BANDS: [&str; 3] = ["good", "fair", "unscored"];

/// Complaints a view from which on they count as many, where nobody reported the item.
const MANY_COMPLAINTS: f64 = 0.005;

/// Gathers a night's items.
pub(in crate::run) struct Trends<'a> {
    zones: &'a Zones,
    policies: &'a PolicySet,
    day: Day,
    finder: TrendFinder,
}

impl<'a> Trends<'a> {
    /// Nothing gathered yet.
    pub(in crate::run) fn begin(zones: &'a Zones, policies: &'a PolicySet, rules: TrendRules, day: Day) -> Self {
        Self { zones, policies, day, finder: TrendFinder::new(rules) }
    }

    /// Adds a batch. What a policy routes to the escalations alone is left out, whatever else is said of it.
    pub(in crate::run) fn add_batch(&mut self, shard: &Shard, items: &[(Item, &ContentRow)], rows: &[NightRow]) {
        for ((item, content), row) in items.iter().zip(rows) {
            let history = shard.contents.binary_search_by(|(id, _)| id.cmp(&item.content_id)).ok();
            let Some((_, history)) = history.and_then(|at| shard.contents.get(at)) else { continue };
            if item.same_day || self.is_urgent(row) {
                continue;
            }
            let Some(age_days) = self.age_days(history, item) else { continue };
            let facts = Complaints::of(history, item.as_of);
            let score = &row.score;
            let is_low = score.abuse.is_none_or(|abuse| abuse < LOW_ABUSE) && LOW_BANDS.contains(&score.band.as_str());
            let author = item.seller_id.as_ref().or(content.creator_id.as_ref()).unwrap_or(&item.content_id);
            self.finder.add(&TrendItem {
                content_id: &item.content_id,
                market: item.market,
                author,
                age_days,
                normalised: &item.text.normalised,
                title: content.title.as_deref().unwrap_or(""),
                body: content.body.as_deref().unwrap_or(""),
                cluster: item.cluster,
                views: facts.views,
                complaints: facts.total(),
                is_suspicious: is_low && (facts.are_many() || item.cluster.is_some()),
            });
        }
    }

    /// The night's trends; `known` are those of the nights before.
    pub(in crate::run) fn finish(self, known: &[Trend]) -> Vec<Trend> {
        self.finder.finish(self.day, known)
    }

    fn is_urgent(&self, row: &NightRow) -> bool {
        let routes = |at: u16| self.policies.policies.get(usize::from(at)).is_some_and(|policy| policy.file.urgent_route);
        row.traces.iter().any(|trace| routes(trace.policy))
    }

    /// Whole days from the day on which it was published and known to the day before the midnight.
    fn age_days(&self, history: &ContentHistory, item: &Item) -> Option<u32> {
        let first = history.first()?;
        let known = first.ingested_at.map_or(first.published_at, |at| at.max(first.published_at));
        let published = self.zones.day_of(item.market, known);
        u32::try_from(item.as_of.day.0.saturating_sub(1).saturating_sub(published.0)).ok()
    }
}

/// What people made of an item, as known at a midnight.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Complaints {
    views: u64,
    reports: u64,
    after_sales: u64,
    hides: u64,
}

impl Complaints {
    /// Reports and refunds are told by rows of their own, by daily counts, or by both: the larger number holds.
    fn of(history: &ContentHistory, as_of: AsOf) -> Self {
        let (mut daily, mut refunds) = (Self::default(), 0_u64);
        for day in history.engagement.iter().filter(|day| as_of.knows_day(day.day, day.ingested_at)) {
            daily.views = daily.views.saturating_add(day.views.unwrap_or(0));
            daily.reports = daily.reports.saturating_add(day.reports.unwrap_or(0));
            daily.hides = daily.hides.saturating_add(day.hides.unwrap_or(0));
            refunds = refunds.saturating_add(day.refunds.unwrap_or(0));
        }
        let reports = history.reports.iter().filter(|row| as_of.knows(row.reported_at, row.ingested_at)).count() as u64;
        let events = history.after_sales.iter().filter(|row| as_of.knows(row.occurred_at, row.ingested_at)).count() as u64;
        Self { reports: daily.reports.max(reports), after_sales: refunds.max(events), ..daily }
    }

    fn total(self) -> u64 {
        self.reports.saturating_add(self.after_sales).saturating_add(self.hides)
    }

    fn are_many(self) -> bool {
        self.reports > 0 || (self.total() >= 2 && self.total() as f64 >= MANY_COMPLAINTS * self.views as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_counts_and_a_few_complaints_of_many_views_do_not() {
        let views = |views, reports, hides| Complaints { views, reports, hides, after_sales: 0 };
        assert!(views(10_000, 1, 0).are_many());
        assert!(views(100, 0, 2).are_many());
        assert!(!views(100, 0, 1).are_many());
        assert!(!views(10_000, 0, 20).are_many());
    }
}
