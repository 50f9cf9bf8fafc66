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
            decisions: self.decisions.as_deref(),
            actions: self.actions.as_deref(),
            reports: self.reports.as_deref(),
            after_sales: self.after_sales.as_deref(),
            publications: self.publications.as_deref(),
        }
    }

    /// The first and the last day of any row of an item, by the calendar of `day_of`.
    pub(super) fn days(&self, day_of: impl Fn(Timestamp) -> Day) -> Option<(Day, Day)> {
        let engagement = self.engagement.into_iter().flat_map(|rows| rows.days()).copied();
        let decisions = self.decisions.iter().flatten().map(|row| row.decided_at);
        let actions = self.actions.iter().flatten().map(|row| row.started_at);
        let reports = self.reports.iter().flatten().map(|row| row.reported_at);
        let after_sales = self.after_sales.iter().flatten().map(|row| row.occurred_at);
        let events = decisions.chain(actions).chain(reports).chain(after_sales).map(day_of);
        engagement.chain(events).fold(None, |span: Option<(Day, Day)>, day| {
            Some(span.map_or((day, day), |(first, last)| (first.min(day), last.max(day))))
        })
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
