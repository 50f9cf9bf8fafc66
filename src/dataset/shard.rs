//! One shard in memory: all rows of a set of sellers, keyed, de-duplicated and in a fixed order.

use std::collections::BTreeMap;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use super::DatasetError;
use super::engagement::daily_totals;
use super::intake::{ShardRecord, Spilled};
use super::routing::Routing;
use crate::config::TableName;
use crate::features::{DayCells, EngagementDays, EngagementPacker};
use crate::tables::{
    ActionRow, AfterSalesRow, ContentRow, DecisionRow, Reject, ReportRow, RowOrigin, SellerRow, TableRow, duplicate_reject,
};
use crate::units::{AsOf, Day, Id, Timestamp, Treatment, Zones};

/// Everything known of one item. Every list is in time order, ties by identifier.
#[derive(Debug, Default)]
pub struct ContentHistory {
    /// Versions, by `valid_from`; a snapshot has one without it. Never empty in a loaded shard.
    pub versions: Vec<ContentRow>,
    /// Daily engagement, by day.
    pub engagement: EngagementDays,
    /// Verdicts on the item.
    pub decisions: Vec<DecisionRow>,
    /// Treatments of the item.
    pub actions: Vec<ActionRow>,
    /// Reports of the item.
    pub reports: Vec<ReportRow>,
    /// After-sales events of the item.
    pub after_sales: Vec<AfterSalesRow>,
}

impl ContentHistory {
    /// The version in force at `as_of`, or the one that was known first when none was known yet (a `same_day` item keeps its
    /// content).
    #[must_use]
    pub fn version_at(&self, as_of: AsOf) -> Option<&ContentRow> {
        self.versions.iter().rev().find(|row| is_known(row, as_of)).or_else(|| self.first())
    }

    /// The version that was known first. Its market and publication time are the item's: a version that turns up later, however
    /// far back it claims to hold, cannot change what was known before.
    #[must_use]
    pub fn first(&self) -> Option<&ContentRow> {
        self.versions.iter().min_by_key(|row| (known_from(row), row.valid_from))
    }

    /// The seller that the item belongs to, from whenever that was known.
    #[must_use]
    pub fn seller(&self) -> Option<&Id> {
        self.versions.iter().find_map(|version| version.seller_id.as_ref())
    }

    /// From when on it was known whose item it is; `None` without a seller.
    #[must_use]
    pub fn seller_since(&self) -> Option<Timestamp> {
        self.versions.iter().filter(|version| version.seller_id.is_some()).map(known_from).min()
    }

    /// Whether anything of the item was known at `as_of`. An item is published only once it is known.
    #[must_use]
    pub fn is_known(&self, as_of: AsOf) -> bool {
        self.first().is_some_and(|first| is_known(first, as_of) && first.published_at < as_of.instant)
    }

    /// The day of the first treatment that touched the item's reach and was known at `as_of`. Engagement from that day on
    /// is the treatment's doing, not the item's (DESIGN.md §3).
    #[must_use]
    pub fn first_action_day(&self, as_of: AsOf, zones: &Zones) -> Option<Day> {
        let market = self.first()?.market;
        let known = self.actions.iter().filter(|a| limits_reach(a.treatment) && as_of.knows(a.started_at, a.ingested_at));
        known.map(|a| zones.day_of(market, a.started_at)).min()
    }
}

/// Whether a treatment changes who sees an item: what leaves its reach alone does not end its engagement windows.
pub(super) fn limits_reach(treatment: Treatment) -> bool {
    treatment.limits_reach()
}

/// From when on a version was known.
pub(super) fn known_from(row: &ContentRow) -> Timestamp {
    let holds = row.valid_from.unwrap_or(row.published_at);
    holds.max(row.ingested_at.unwrap_or(holds))
}

fn is_known(row: &ContentRow, as_of: AsOf) -> bool {
    known_from(row) < as_of.instant
}

/// Everything known of one seller beside its items.
#[derive(Debug, Default)]
pub struct SellerRecords {
    /// Versions, by `valid_from`.
    pub versions: Vec<SellerRow>,
    /// Treatments of the seller as a whole.
    pub actions: Vec<ActionRow>,
    /// After-sales events that name no item.
    pub after_sales: Vec<AfterSalesRow>,
    /// Indices into `Shard::contents` of the seller's items, ascending.
    pub items: Vec<usize>,
    /// Engagement of all its items summed by day, each item's only up to its first action.
    pub daily: EngagementDays,
}

impl SellerRecords {
    /// The version in force at `as_of`.
    #[must_use]
    pub fn version_at(&self, as_of: AsOf) -> Option<&SellerRow> {
        let known = |row: &&SellerRow| {
            let from = row.valid_from.unwrap_or(Timestamp(i64::MIN));
            as_of.knows(from, row.ingested_at)
        };
        self.versions.iter().rev().find(known)
    }
}

/// The rows of one set of sellers.
#[derive(Debug, Default)]
pub struct Shard {
    /// Items by content_id, ascending.
    pub contents: Vec<(Id, ContentHistory)>,
    /// Sellers by seller_id.
    pub sellers: BTreeMap<Id, SellerRecords>,
}

impl Shard {
    /// Reads shard `index` back. Rows that repeat a key, or a content version that names another seller than the item's,
    /// come back as rejects; `files` are the names of the input files.
    ///
    /// # Errors
    /// When the spill cannot be read.
    pub fn load(spilled: &Spilled, index: usize, zones: &Zones, files: &FileNames) -> Result<(Self, Vec<Reject>), DatasetError> {
        let mut loading = Loading::new(files);
        for record in spilled.records(index)? {
            loading.take(record.map_err(DatasetError::Spill)?);
        }
        Ok(loading.finish(zones))
    }

    /// The items that were known to be the seller's at `as_of`, in the order of the shard: the place in it, the identifier, and the
    /// version in force. An item for which the seller was named only later is not among them.
    pub(super) fn items_of(&self, seller_id: &Id, as_of: AsOf) -> impl Iterator<Item = (usize, &Id, &ContentRow)> {
        let items = self.sellers.get(seller_id).map(|seller| seller.items.as_slice()).unwrap_or_default();
        items.iter().filter_map(move |at| {
            let (id, item) = self.contents.get(*at).filter(|(_, item)| item.is_known(as_of))?;
            let in_force = item.version_at(as_of).filter(|row| row.seller_id.as_ref() == Some(seller_id))?;
            Some((*at, id, in_force))
        })
    }
}

/// The names of the input files, by file index.
pub type FileNames = Vec<String>;

/// The key of a row within its shard: the last part is `valid_from` or the day, where the key has one.
type Key = (TableName, Id, i64);

fn later(happened: Timestamp, ingested: Option<Timestamp>) -> Timestamp {
    ingested.map_or(happened, |at| at.max(happened))
}

/// When a day's row was known, but for the end of the day, which rows of one key share.
fn known_day(ingested_at: Option<Timestamp>) -> Timestamp {
    ingested_at.unwrap_or(Timestamp(i64::MIN))
}

fn known_seller(row: &SellerRow) -> Timestamp {
    later(row.valid_from.unwrap_or(Timestamp(i64::MIN)), row.ingested_at)
}

/// From when on a row was known; of rows that have one key, the smallest stands.
pub(super) fn known_at(row: &TableRow) -> Timestamp {
    match row {
        TableRow::Content(r) => known_from(r),
        TableRow::Engagement(r) => known_day(r.ingested_at),
        TableRow::Sellers(r) => known_seller(r),
        TableRow::Decisions(r) => later(r.decided_at, r.ingested_at),
        TableRow::Actions(r) => later(r.started_at, r.ingested_at),
        TableRow::Reports(r) => later(r.reported_at, r.ingested_at),
        TableRow::AfterSales(r) => later(r.occurred_at, r.ingested_at),
    }
}

fn retain_events(history: &mut ContentHistory, stands: &impl Fn(TableName, &Id, i64, Timestamp) -> bool) {
    history.decisions.retain(|row| stands(TableName::Decisions, &row.decision_id, 0, later(row.decided_at, row.ingested_at)));
    history.actions.retain(|row| stands(TableName::Actions, &row.action_id, 0, later(row.started_at, row.ingested_at)));
    history.reports.retain(|row| stands(TableName::Reports, &row.report_id, 0, later(row.reported_at, row.ingested_at)));
    history.after_sales.retain(|row| stands(TableName::AfterSales, &row.event_id, 0, later(row.occurred_at, row.ingested_at)));
}

/// A shard being filled.
struct Loading<'a> {
    files: &'a FileNames,
    contents: BTreeMap<Id, ContentHistory>,
    /// Days of engagement, until all of an item's are there.
    engagement: HashMap<Id, Vec<DayCells>>,
    sellers: BTreeMap<Id, SellerRecords>,
    /// Every key with the row that stands for it: when it was known, and where it was read.
    seen: HashMap<Key, (Timestamp, RowOrigin)>,
    /// Keys of which a row that was known later was read first.
    contested: HashSet<Key>,
    /// Where each item's versions were read, in their order.
    origins: HashMap<Id, Vec<RowOrigin>>,
    rejects: Vec<Reject>,
}

/// The key columns of a row with their values, as `duplicate_reject` shows them.
fn key_of(row: &TableRow) -> Vec<(&'static str, String)> {
    let at = |time: Option<Timestamp>| time.map(|t| ("valid_from", t.to_string()));
    let (id, part) = match row {
        TableRow::Content(r) => (("content_id", r.content_id.to_string()), at(r.valid_from)),
        TableRow::Engagement(r) => (("content_id", r.content_id.to_string()), Some(("day", r.day.to_string()))),
        TableRow::Sellers(r) => (("seller_id", r.seller_id.to_string()), at(r.valid_from)),
        TableRow::Decisions(r) => (("decision_id", r.decision_id.to_string()), None),
        TableRow::Actions(r) => (("action_id", r.action_id.to_string()), None),
        TableRow::Reports(r) => (("report_id", r.report_id.to_string()), None),
        TableRow::AfterSales(r) => (("event_id", r.event_id.to_string()), None),
    };
    std::iter::once(id).chain(part).collect()
}

/// The last part of the key of a row without `valid_from`.
const UNVERSIONED: i64 = i64::MIN;

impl<'a> Loading<'a> {
    fn new(files: &'a FileNames) -> Self {
        Self {
            contested: HashSet::new(),
            files,
            contents: BTreeMap::new(),
            engagement: HashMap::new(),
            sellers: BTreeMap::new(),
            seen: HashMap::new(),
            origins: HashMap::new(),
            rejects: Vec::new(),
        }
    }

    fn take(&mut self, record: ShardRecord) {
        let ShardRecord { origin, row, .. } = record;
        let (id, part) = match &row {
            TableRow::Content(r) => (&r.content_id, r.valid_from.map_or(UNVERSIONED, |t| t.0)),
            TableRow::Engagement(r) => (&r.content_id, i64::from(r.day.0)),
            TableRow::Sellers(r) => (&r.seller_id, r.valid_from.map_or(UNVERSIONED, |t| t.0)),
            TableRow::Decisions(r) => (&r.decision_id, 0),
            TableRow::Actions(r) => (&r.action_id, 0),
            TableRow::Reports(r) => (&r.report_id, 0),
            TableRow::AfterSales(r) => (&r.event_id, 0),
        };
        let (key, known) = ((row.table(), id.clone(), part), known_at(&row));
        match self.seen.entry(key) {
            Entry::Vacant(free) => drop(free.insert((known, origin))),
            Entry::Occupied(mut taken) if known < taken.get().0 => {
                // The row that was known first stands, whichever was read first: a later one cannot change what was known before.
                let (_, displaced) = taken.insert((known, origin));
                self.contested.insert(taken.key().clone());
                self.reject_repeated(&row, displaced);
            }
            Entry::Occupied(_) => return self.reject_repeated(&row, origin),
        }
        self.file(row, origin);
    }

    /// Rejects the row read at `origin`, which has the key of `row`.
    fn reject_repeated(&mut self, row: &TableRow, origin: RowOrigin) {
        let key = key_of(row);
        let key: Vec<(&str, &str)> = key.iter().map(|(column, value)| (*column, value.as_str())).collect();
        self.rejects.push(duplicate_reject(row.table(), &key, self.file_name(origin), origin.row));
    }

    /// Of rows that have one key, leaves the one that was known first.
    fn settle_contested(&mut self) {
        if self.contested.is_empty() {
            return;
        }
        let contested: HashMap<&Key, Timestamp> =
            self.contested.iter().filter_map(|key| Some((key, self.seen.get(key)?.0))).collect();
        let stands = |table: TableName, id: &Id, part: i64, known: Timestamp| {
            contested.get(&(table, id.clone(), part)).is_none_or(|first| *first == known)
        };
        for (id, history) in &mut self.contents {
            let versions =
                |v: &ContentRow| stands(TableName::Content, id, v.valid_from.map_or(UNVERSIONED, |t| t.0), known_from(v));
            if let Some(origins) = self.origins.get_mut(id) {
                let mut kept = history.versions.iter().map(versions).collect::<Vec<_>>().into_iter();
                origins.retain(|_| kept.next().unwrap_or(true));
            }
            history.versions.retain(versions);
            retain_events(history, &stands);
        }
        for (id, rows) in &mut self.engagement {
            rows.retain(|row| stands(TableName::Engagement, id, i64::from(row.day().0), known_day(row.ingested_at())));
        }
        for (id, seller) in &mut self.sellers {
            seller
                .versions
                .retain(|v| stands(TableName::Sellers, id, v.valid_from.map_or(UNVERSIONED, |t| t.0), known_seller(v)));
            seller.actions.retain(|row| stands(TableName::Actions, &row.action_id, 0, later(row.started_at, row.ingested_at)));
            seller
                .after_sales
                .retain(|row| stands(TableName::AfterSales, &row.event_id, 0, later(row.occurred_at, row.ingested_at)));
        }
    }

    fn file_name(&self, origin: RowOrigin) -> &'a str {
        self.files.get(origin.file as usize).map_or("", String::as_str)
    }

    fn file(&mut self, row: TableRow, origin: RowOrigin) {
        match row {
            TableRow::Content(row) => {
                self.origins.entry(row.content_id.clone()).or_default().push(origin);
                self.contents.entry(row.content_id.clone()).or_default().versions.push(*row);
            }
            TableRow::Engagement(row) => match self.engagement.get_mut(&row.content_id) {
                Some(rows) => rows.push(DayCells::of(&row)),
                None => drop(self.engagement.insert(row.content_id.clone(), vec![DayCells::of(&row)])),
            },
            TableRow::Sellers(row) => self.seller(&row.seller_id).versions.push(row),
            TableRow::Decisions(row) => self.content(&row.content_id).decisions.push(row),
            TableRow::Reports(row) => self.content(&row.content_id).reports.push(row),
            TableRow::Actions(row) => match (&row.content_id, &row.seller_id) {
                (Some(id), _) => self.content(&id.clone()).actions.push(row),
                (None, Some(id)) => self.seller(&id.clone()).actions.push(row),
                (None, None) => {}
            },
            TableRow::AfterSales(row) => match (&row.content_id, &row.seller_id) {
                (Some(id), _) => self.content(&id.clone()).after_sales.push(row),
                (None, Some(id)) => self.seller(&id.clone()).after_sales.push(row),
                (None, None) => {}
            },
        }
    }

    /// Gives every version known since the item's seller was named that seller; a version that names another is rejected.
    fn settle_seller(&mut self, id: &Id, history: &mut ContentHistory) {
        let naming = history.versions.iter().min_by_key(|v| Routing::claim(v));
        let named = naming.and_then(|v| Some((v.seller_id.clone()?, known_from(v))));
        let origins = self.origins.remove(id).unwrap_or_default();
        let mut kept = Vec::with_capacity(history.versions.len());
        for (mut version, origin) in history.versions.drain(..).zip(origins) {
            let seller = named.as_ref().map(|(seller, _)| seller);
            if version.seller_id.is_none() || version.seller_id.as_ref() == seller {
                let since_named = named.as_ref().filter(|(_, since)| known_from(&version) >= *since);
                version.seller_id = since_named.map(|(seller, _)| seller.clone());
                kept.push(version);
                continue;
            }
            self.rejects.push(Reject {
                table: TableName::Content,
                file: self.file_name(origin).to_owned(),
                row: origin.row,
                column: "seller_id".to_owned(),
                value: version.seller_id.map(|s| s.to_string()).unwrap_or_default(),
                reason: "the version that was known first names another seller: an item belongs to one seller".to_owned(),
            });
        }
        history.versions = kept;
    }

    fn content(&mut self, id: &Id) -> &mut ContentHistory {
        self.contents.entry(id.clone()).or_default()
    }

    fn seller(&mut self, id: &Id) -> &mut SellerRecords {
        self.sellers.entry(id.clone()).or_default()
    }

    /// Orders everything, drops items whose every version was rejected, and sums sellers' days.
    fn finish(mut self, zones: &Zones) -> (Shard, Vec<Reject>) {
        self.settle_contested();
        let mut contents: Vec<(Id, ContentHistory)> =
            std::mem::take(&mut self.contents).into_iter().filter(|(_, history)| !history.versions.is_empty()).collect();
        let mut days_of_items = EngagementPacker::default();
        for (id, history) in &mut contents {
            self.settle_seller(id, history);
            history.versions.sort_by_key(|r| r.valid_from);
            let mut days = self.engagement.remove(id).unwrap_or_default();
            days.sort_by_key(DayCells::day);
            days_of_items.add(&days);
            history.decisions.sort_by(|a, b| (a.decided_at, &a.decision_id).cmp(&(b.decided_at, &b.decision_id)));
            history.actions.sort_by(|a, b| (a.started_at, &a.action_id).cmp(&(b.started_at, &b.action_id)));
            history.reports.sort_by(|a, b| (a.reported_at, &a.report_id).cmp(&(b.reported_at, &b.report_id)));
            history.after_sales.sort_by(|a, b| (a.occurred_at, &a.event_id).cmp(&(b.occurred_at, &b.event_id)));
        }
        contents.iter_mut().zip(days_of_items.finish()).for_each(|((_, history), days)| history.engagement = days);
        for (at, (_, history)) in contents.iter().enumerate() {
            if let Some(seller) = history.seller() {
                self.seller(seller).items.push(at);
            }
        }
        let mut days_of_sellers = EngagementPacker::default();
        for seller in self.sellers.values_mut() {
            seller.versions.sort_by_key(|r| r.valid_from);
            seller.actions.sort_by(|a, b| (a.started_at, &a.action_id).cmp(&(b.started_at, &b.action_id)));
            seller.after_sales.sort_by(|a, b| (a.occurred_at, &a.event_id).cmp(&(b.occurred_at, &b.event_id)));
            days_of_sellers.add(&daily_totals(seller.items.iter().map(|at| &contents[*at].1), zones));
        }
        self.sellers.values_mut().zip(days_of_sellers.finish()).for_each(|(seller, days)| seller.daily = days);
        (Shard { contents, sellers: self.sellers }, self.rejects)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::fixtures::{content, day_us};

    #[test]
    fn items_are_a_sellers_from_when_that_was_known() {
        let version = |id: &str, from: f64, seller: Option<&str>| ContentRow {
            valid_from: Some(Timestamp(day_us(from))),
            seller_id: seller.map(Into::into),
            ..content(id, day_us(90.0))
        };
        let item = |versions: Vec<ContentRow>| ContentHistory { versions, ..ContentHistory::default() };
        let shard = Shard {
            contents: vec![
                (
                    "a".into(),
                    item(vec![version("a", 90.0, Some("s")), version("a", 95.0, Some("s")), version("a", 100.0, Some("s"))]),
                ),
                ("b".into(), item(vec![version("b", 90.0, None), version("b", 100.0, Some("s"))])),
                ("c".into(), item(vec![version("c", 100.0, Some("s"))])),
            ],
            sellers: BTreeMap::from([("s".into(), SellerRecords { items: vec![0, 1, 2], ..SellerRecords::default() })]),
        };
        let (seller, other): (Id, Id) = ("s".into(), "t".into());
        let items = |day: f64| {
            let as_of = AsOf { day: Day(day as i32), instant: Timestamp(day_us(day)) };
            let rows = shard.items_of(&seller, as_of);
            rows.map(|(_, _, row)| (row.content_id.to_string(), row.valid_from.unwrap().0)).collect::<Vec<_>>()
        };
        assert_eq!(items(100.0), [("a".to_owned(), day_us(95.0))]);
        assert_eq!(items(101.0).iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert!(shard.items_of(&other, AsOf { day: Day(100), instant: Timestamp(day_us(100.0)) }).next().is_none());
    }
}
