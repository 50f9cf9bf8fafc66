//! The rows that declared windows sum, gathered for one item, seller or creator.
//!
//! Only tables that the plan reads and that have a source are gathered; the others are missing. Deliberately not here: the as-of rule,
//! which the plan applies to every row itself.

use super::cross_seller::{CreatorItem, key_of};
use super::shard::{ContentHistory, SellerRecords, known_from};
use crate::config::TableName;
use crate::features::{EngagementDays, PublicationRow, WindowRows};
use crate::tables::{ActionRow, AfterSalesRow, DecisionRow, ReportRow};
use crate::units::{Day, Timestamp};

/// The rows of one item, seller or creator, items in the order of the shard.
#[derive(Default)]
pub(super) struct EntityRows<'a> {
    engagement: Option<&'a EngagementDays>,
    until: Option<Day>,
    since: Option<Day>,
    unknown_days: &'a [Day],
    decisions: Option<Vec<&'a DecisionRow>>,
    actions: Option<Vec<&'a ActionRow>>,
    reports: Option<Vec<&'a ReportRow>>,
    after_sales: Option<Vec<&'a AfterSalesRow>>,
    publications: Option<Vec<PublicationRow>>,
}

impl<'a> EntityRows<'a> {
    /// The rows of an item in the tables that are `read`; its engagement ends before `until`.
    pub(super) fn of_item(item: &'a ContentHistory, until: Option<Day>, read: impl Fn(TableName) -> bool) -> Self {
        let engagement = read(TableName::Engagement).then_some(&item.engagement);
        Self { engagement, until, ..Self::events(&[item], &read) }
    }

    /// The rows of a seller and of its `items` in the tables that are `read`.
    pub(super) fn of_seller(seller: &'a SellerRecords, items: &[&'a ContentHistory], read: impl Fn(TableName) -> bool) -> Self {
        let mut rows = Self::events(items, &read);
        rows.engagement = read(TableName::Engagement).then_some(&seller.daily);
        rows.actions.iter_mut().for_each(|actions| actions.extend(&seller.actions));
        rows.after_sales.iter_mut().for_each(|events| events.extend(&seller.after_sales));
        rows.publications = read(TableName::Content).then(|| items.iter().filter_map(|item| publication(item)).collect());
        rows
    }

    /// The same of an entity that was there from day `since` on, where nothing of the engagement of `unknown_days` has arrived.
    pub(super) fn living(self, since: Option<Day>, unknown_days: &'a [Day]) -> Self {
        Self { since, unknown_days, ..self }
    }

    /// What a creator published, over all sellers.
    pub(super) fn of_creator(items: impl Iterator<Item = CreatorItem>) -> Self {
        let some = |key: u64| (key != 0).then_some(key);
        let row = |item: CreatorItem| PublicationRow {
            published_at: item.published_at,
            known_from: Some(item.known),
            seller: some(item.seller),
            category: some(item.category),
            rating: Some(item.rating).filter(|stars| !stars.is_nan()),
        };
        Self { publications: Some(items.map(row).collect()), ..Self::default() }
    }

    fn events(items: &[&'a ContentHistory], read: &impl Fn(TableName) -> bool) -> Self {
        Self {
            decisions: read(TableName::Decisions).then(|| items.iter().flat_map(|item| &item.decisions).collect()),
            actions: read(TableName::Actions).then(|| items.iter().flat_map(|item| &item.actions).collect()),
            reports: read(TableName::Reports).then(|| items.iter().flat_map(|item| &item.reports).collect()),
            after_sales: read(TableName::AfterSales).then(|| items.iter().flat_map(|item| &item.after_sales).collect()),
            ..Self::default()
        }
    }

    /// The same rows as windows take them.
    pub(super) fn rows(&self) -> WindowRows<'_> {
        WindowRows {
            engagement: self.engagement,
            until: self.until,
            since: self.since,
            unknown_days: self.unknown_days,
            decisions: self.decisions.as_deref(),
            actions: self.actions.as_deref(),
            reports: self.reports.as_deref(),
            after_sales: self.after_sales.as_deref(),
            publications: self.publications.as_deref(),
        }
    }

    /// The first and the last day of any row of an item, by the calendar of `day_of`.
    pub(super) fn days(&self, day_of: impl Fn(Timestamp) -> Day) -> impl Iterator<Item = Day> {
        let engagement = self.engagement.into_iter().flat_map(EngagementDays::days);
        let decisions = self.decisions.iter().flatten().map(|row| row.decided_at);
        let actions = self.actions.iter().flatten().map(|row| row.started_at);
        let reports = self.reports.iter().flatten().map(|row| row.reported_at);
        let after_sales = self.after_sales.iter().flatten().map(|row| row.occurred_at);
        let events = decisions.chain(actions).chain(reports).chain(after_sales).map(day_of);
        engagement.chain(events)
    }
}

/// An item as its seller published it: the version that was known first.
fn publication(item: &ContentHistory) -> Option<PublicationRow> {
    let first = item.first()?;
    Some(PublicationRow {
        published_at: first.published_at,
        known_from: Some(known_from(first)),
        seller: first.seller_id.as_ref().map(key_of),
        category: first.category.as_ref().map(key_of),
        rating: first.rating,
    })
}
#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;
    use crate::config::{self, Overlays, ProjectFile, WindowEntity};
    use crate::dataset::engagement::daily_totals;
    use crate::dataset::fixtures::{content, day_us};
    use crate::dataset::{GlobalsBuilder, Shard};
    use crate::features::fixtures::engagement;
    use crate::features::{RateMoments, WindowMoment, WindowPlan};
    use crate::tables::{ContentRow, EngagementRow};
    use crate::units::{AsOf, Id, Treatment, Zones};

    /// Views of the seller's items, its categories, and reports per view.
    const WINDOWS: &str = "
[features.windows.t_views]
table = \"engagement\"
entity = \"seller\"
days = [7]
value = \"views\"
scale = \"none\"
[features.windows.t_categories]
table = \"content\"
entity = \"seller\"
days = [28]
value = \"distinct:category\"
scale = \"none\"
[features.windows.t_report_rate]
table = \"engagement\"
days = [7]
value = \"reports\"
over = \"views\"
prior = { fit = \"tier\", mean = 0.1, strength = 10 }
";

    fn plan() -> WindowPlan {
        let documented = WINDOWS.replace("]\ntable", "]\nwhat = \"{days}\"\nwhy = \"w\"\nevaded_by = \"e\"\ntable");
        let project = ProjectFile { path: Path::new("stallmark.toml"), text: Some(&documented) };
        let overlays = Overlays { environment: &BTreeMap::new(), sets: &[] };
        let windows = config::load(&project, &overlays, Path::new("/p")).unwrap().features.windows;
        WindowPlan::compile(&windows.into_iter().filter(|window| window.name.starts_with("t_")).collect::<Vec<_>>())
    }

    fn as_of(day: i32) -> AsOf {
        AsOf { day: Day(day), instant: Timestamp(day_us(f64::from(day))) }
    }

    /// An item of seller `s` published on day `day` in `category`.
    fn item(id: &str, day: f64, category: &str, rows: &[EngagementRow]) -> (Id, ContentHistory) {
        let version = ContentRow { seller_id: Some("s".into()), category: Some(category.into()), ..content(id, day_us(day)) };
        let history =
            ContentHistory { versions: vec![version], engagement: EngagementDays::of(rows), ..ContentHistory::default() };
        (id.into(), history)
    }

    /// As of day 100 `a` has 10 + 20 views in 7 days and `b`, held back on day 98, the 5 before that; `c` is published at the midnight.
    #[test]
    fn a_sellers_windows_are_those_of_its_items_up_to_their_first_action() {
        let mut shard = Shard::default();
        shard.contents.push(item("a", 90.0, "bags", &[engagement(96, 10), engagement(99, 20)]));
        shard.contents.push(item("b", 95.0, "toys", &[engagement(97, 5), engagement(98, 100)]));
        shard.contents.push(item("c", 100.0, "food", &[]));
        shard.contents[1].1.actions.push(ActionRow {
            action_id: "1".into(),
            content_id: Some("b".into()),
            seller_id: None,
            treatment: Treatment::Hold,
            policy_id: None,
            started_at: Timestamp(day_us(98.2)),
            ended_at: None,
            reversed_by: None,
            ingested_at: None,
        });
        let items: Vec<&ContentHistory> = shard.contents.iter().map(|(_, history)| history).collect();
        let daily = EngagementDays::of_cells(&daily_totals(items.iter().copied(), &Zones::utc()));
        let seller = SellerRecords { daily, items: vec![0, 1, 2], ..SellerRecords::default() };
        let (plan, priors) = (plan(), plan().configured_priors());
        let values = |read: &dyn Fn(TableName) -> bool| {
            let mut values = Vec::new();
            let moment = WindowMoment { as_of: as_of(100), published_at: as_of(100).instant, priors: &priors };
            plan.add_values(WindowEntity::Seller, &EntityRows::of_seller(&seller, &items, read).rows(), moment, &mut values);
            values
        };
        assert_eq!(values(&|_| true), [35.0, 2.0]);
        let unread = values(&|table| table == TableName::Content);
        assert!(unread[0].is_nan() && unread[1] == 2.0, "a table without a source is missing, not zero");
    }

    /// Days 4 to 10 are a week. Items with 1 of 10 and 5 of 10 reports per view on day 5 are first seen on Monday 11, and no longer
    /// 28 days after. Item c has 9 of 10 on that day too, and was not known before Monday 11 began.
    #[test]
    fn priors_are_fitted_to_the_items_of_a_tier_on_mondays() {
        let reported = |reports: u64| EngagementRow { reports: Some(reports), ..engagement(5, 10) };
        let mut shard = Shard::default();
        shard.contents.push(item("a", 1.0, "bags", &[reported(1)]));
        shard.contents.push(item("b", 1.0, "bags", &[reported(5)]));
        let mut late = item("c", 1.0, "bags", &[reported(9)]);
        late.1.versions[0].valid_from = Some(Timestamp(day_us(11.0)));
        shard.contents.push(late);
        let plan = plan();
        let mut builder = GlobalsBuilder::new(&plan);
        builder.add(&shard, &Zones::utc());
        let globals = builder.finish();
        let mut moments = RateMoments::default();
        moments.add(1, 10);
        moments.add(5, 10);
        let configured = plan.configured_priors();
        let prior = |day: i32| globals.priors(&Id::default(), as_of(day)).get(0);
        assert_eq!([prior(10), prior(11), prior(17)], [configured.get(0), moments.fit(), moments.fit()]);
        assert!(moments.fit().is_some_and(|prior| prior.n == 2));
        moments.add(9, 10);
        assert_eq!([prior(18), prior(32)], [moments.fit(), moments.fit()]);
        let views = |day: i32| globals.mean_daily_views(&Id::default(), 4.0, as_of(day));
        assert_eq!([views(10), views(11), views(18)], [None, Some((10.0, 2)), Some((10.0, 3))]);
    }
}
