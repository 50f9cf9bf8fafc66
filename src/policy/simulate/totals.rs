//! What a simulation adds up to. Items and sellers are counted once however many nights they take part in; views, orders and GMV are
//! sums over the nights of the day before each.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::replay::{Judged, ReplayItem};
use super::{Change, SwapRow};
use crate::evaluation::Proportion;
use crate::policy::{Night, Policy, PolicySet, Ruling, Standing, Tally};
use crate::units::{ContentType, Id, Market, Treatment, stable_hash};

/// Seed of the hash under which items and sellers are counted.
const COUNTED: u64 = 2;

/// Distinct identifiers, by hash.
#[derive(Debug, Clone, Default)]
struct Distinct(BTreeSet<u64>);

impl Distinct {
    /// Whether it was not there.
    fn add(&mut self, id: &str) -> bool {
        self.0.insert(stable_hash(COUNTED, id))
    }

    fn n(&self) -> u64 {
        self.0.len() as u64
    }
}

/// Views, orders and GMV, with how many rows did not say.
#[derive(Debug, Clone, Default)]
struct Volume {
    views: u64,
    orders: u64,
    gmv: BTreeMap<String, f64>,
    unknown_views: u64,
}

impl Volume {
    /// Amounts whose currency is not known are kept apart by market.
    fn add(&mut self, row: &SwapRow) {
        self.views += row.views.unwrap_or(0);
        self.orders += row.orders.unwrap_or(0);
        self.unknown_views += u64::from(row.views.is_none());
        if let Some(gmv) = row.gmv.filter(|gmv| *gmv != 0.0) {
            let currency = row.currency.as_ref().map_or_else(|| format!("? ({})", row.market), ToString::to_string);
            *self.gmv.entry(currency).or_default() += gmv;
        }
    }
}

/// What one set does over all nights.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SetTotals {
    /// Items with a treatment other than `allow`, each night counted.
    pub item_nights: u64,
    /// Of these, distinct items.
    pub items: u64,
    /// And their distinct sellers.
    pub sellers: u64,
    /// Item-nights with a treatment that limits reach, beside another one or alone.
    pub limited_item_nights: u64,
    /// Distinct items that a person is asked to look at: review, hold or escalate.
    pub reviewed_items: u64,
    /// Minutes that these take.
    pub review_minutes: f64,
    /// Item-nights by treatment.
    pub by_treatment: BTreeMap<&'static str, u64>,
    #[serde(skip)]
    seen: (Distinct, Distinct, Distinct),
}

impl SetTotals {
    pub(super) fn add(&mut self, item: &ReplayItem, ruling: &Ruling, minutes: f64) {
        if ruling.treatment == Treatment::Allow {
            return;
        }
        self.item_nights += 1;
        self.limited_item_nights += u64::from(ruling.applied.iter().any(|(treatment, _)| treatment.limits_reach()));
        *self.by_treatment.entry(ruling.treatment.as_str()).or_default() += 1;
        self.items += u64::from(self.seen.0.add(&item.content_id));
        if let Some(seller) = &item.seller_id {
            self.sellers += u64::from(self.seen.1.add(seller));
        }
        if ruling.treatment >= Treatment::Review && self.seen.2.add(&item.content_id) {
            self.reviewed_items += 1;
            self.review_minutes += minutes;
        }
    }
}

/// What one policy does over all nights.
#[derive(Debug, Clone, Serialize)]
pub struct PolicyReplay {
    /// The policy.
    pub id: String,
    /// Its file's version.
    pub version: String,
    /// Its treatment.
    pub treatment: &'static str,
    /// Its mode.
    pub mode: &'static str,
    /// Item-nights in its scope.
    pub in_scope: u64,
    /// Item-nights on which its condition holds.
    pub holds: u64,
    /// Of these, item-nights that it acts on where it is live (after rollout, holdback, exceptions and guards).
    pub acts: u64,
    /// Distinct items of these.
    pub items: u64,
    /// And their distinct sellers.
    pub sellers: u64,
    /// Item-nights on which its condition is null: it did not fire.
    pub unknown: u64,
    /// Item-nights on which another policy of the set holds too.
    pub overlaps: u64,
    /// Item-nights on which no other does: its marginal value.
    pub alone: u64,
    /// Item-nights on which another policy acts with another treatment.
    pub conflicts: u64,
    /// Item-nights held back, outside the rollout, excepted, or first owners of what links alone say.
    pub spared: u64,
    /// Nights on which it fell to shadow.
    pub fallen_nights: u64,
    /// Why it fell the first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallen_reason: Option<String>,
    /// Of the items that it acts on and people have decided on its labels: those found violating.
    pub precision: Proportion,
    /// As `precision`, of the items that no other policy of the set acts on with it.
    pub precision_alone: Proportion,
    #[serde(skip)]
    seen: (Distinct, Distinct),
    #[serde(skip)]
    decided: BTreeMap<Id, (bool, bool)>,
}

impl PolicyReplay {
    pub(super) fn of(policy: &Policy) -> Self {
        Self {
            id: policy.file.id.to_string(),
            version: policy.file.version.clone(),
            treatment: policy.file.treatment.as_str(),
            mode: policy.file.mode.as_str(),
            in_scope: 0,
            holds: 0,
            acts: 0,
            items: 0,
            sellers: 0,
            unknown: 0,
            overlaps: 0,
            alone: 0,
            conflicts: 0,
            spared: 0,
            fallen_nights: 0,
            fallen_reason: None,
            precision: Proportion::new(0, 0),
            precision_alone: Proportion::new(0, 0),
            seen: (Distinct::default(), Distinct::default()),
            decided: BTreeMap::new(),
        }
    }

    /// Adds a night's counts.
    pub(super) fn add(&mut self, tally: &Tally, at: usize, night: &Night) {
        let counts = tally.of(at);
        self.in_scope += counts.in_scope;
        self.holds += counts.holds;
        self.acts += counts.acts;
        self.unknown += counts.null;
        self.alone += counts.alone;
        self.overlaps += counts.holds - counts.alone;
        self.spared += counts.held_back + counts.outside_rollout + counts.excepted + counts.first_owner;
        if let Standing::Fallen { reason } = night.standing(at) {
            self.fallen_nights += 1;
            self.fallen_reason.get_or_insert_with(|| reason.clone());
        }
    }

    /// Adds an item that it acts on; `others` are the treatments of the other policies that do.
    pub(super) fn touch(
        &mut self,
        policy: &Policy,
        item: &ReplayItem,
        decided: Option<&BTreeMap<Id, bool>>,
        others: &[Treatment],
    ) {
        self.items += u64::from(self.seen.0.add(&item.content_id));
        if let Some(seller) = &item.seller_id {
            self.sellers += u64::from(self.seen.1.add(seller));
        }
        self.conflicts += u64::from(others.iter().any(|other| *other != policy.file.treatment));
        let verdicts = policy.file.labels.iter().filter_map(|label| decided.and_then(|labels| labels.get(label)));
        if let Some(violating) = verdicts.copied().reduce(|a, b| a || b) {
            let entry = self.decided.entry(item.content_id.clone()).or_insert((violating, true));
            // Alone on every night.
            entry.1 &= others.is_empty();
        }
    }

    /// Of all items that any of `policies` acts on and people have decided on its labels: those found violating, each item once; and how
    /// many items they act on.
    #[must_use]
    pub fn pooled(policies: &[Self]) -> (Proportion, u64) {
        let mut decided: BTreeMap<&Id, bool> = BTreeMap::new();
        let mut items = Distinct::default();
        for policy in policies {
            policy.decided.iter().for_each(|(id, (violating, _))| *decided.entry(id).or_default() |= *violating);
            items.0.extend(&policy.seen.0.0);
        }
        (Proportion::new(decided.values().filter(|violating| **violating).count() as u64, decided.len() as u64), items.n())
    }

    /// The shares, once all nights are there.
    pub(super) fn close(&mut self) {
        let of = |alone: bool| {
            let rows = self.decided.values().filter(|(_, is_alone)| !alone || *is_alone);
            let (violating, all) = rows.fold((0, 0), |(v, n), (violating, _)| (v + u64::from(*violating), n + 1));
            Proportion::new(violating, all)
        };
        (self.precision, self.precision_alone) = (of(false), of(true));
    }
}

/// What changes in one way.
#[derive(Debug, Clone, Serialize)]
pub struct ChangeTotals {
    /// How.
    pub change: Change,
    /// Item-nights.
    pub item_nights: u64,
    /// Distinct items.
    pub items: u64,
    /// Distinct sellers.
    pub sellers: u64,
    /// Views of the days before.
    pub views: u64,
    /// Orders of the days before.
    pub orders: u64,
    /// GMV of the days before, by currency.
    pub gmv: BTreeMap<String, f64>,
    /// Item-nights whose views are not known: they count as 0.
    pub unknown_views: u64,
    /// Of the items that people have decided on the labels of the policies that act: those found violating.
    pub violating: Proportion,
}

/// What changes in one way in one part of the marketplace.
#[derive(Debug, Clone, Serialize)]
pub struct SegmentTotals {
    /// How.
    pub change: Change,
    /// Market.
    pub market: String,
    /// The sellers' tier.
    pub tier: Option<String>,
    /// Category.
    pub category: Option<String>,
    /// Kind of content.
    pub content_type: ContentType,
    /// Item-nights.
    pub item_nights: u64,
    /// Distinct items.
    pub items: u64,
    /// Distinct sellers.
    pub sellers: u64,
    /// Views of the days before.
    pub views: u64,
    /// Orders of the days before.
    pub orders: u64,
    /// GMV of the days before, by currency.
    pub gmv: BTreeMap<String, f64>,
}

/// A seller of whom no item is known to violate anything, and whose items would newly be treated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SellerHit {
    /// The seller.
    pub seller_id: String,
    /// Distinct items.
    pub items: u64,
    /// Views of the days before.
    pub views: u64,
    /// Of its items newly treated, those that people found compliant.
    pub found_compliant: u64,
}

/// Item-nights from one treatment to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Transition {
    /// Under the current set.
    pub before: Treatment,
    /// Under the candidate.
    pub after: Treatment,
    /// Item-nights.
    pub item_nights: u64,
}

#[derive(Debug, Clone, Default)]
struct Counter {
    item_nights: u64,
    items: Distinct,
    sellers: Distinct,
    volume: Volume,
}

impl Counter {
    fn add(&mut self, row: &SwapRow) {
        self.item_nights += 1;
        self.items.add(&row.content_id);
        if let Some(seller) = &row.seller_id {
            self.sellers.add(seller);
        }
        self.volume.add(row);
    }
}

type Segment = (Change, Market, Option<Id>, Option<Id>, ContentType);

/// What one candidate would change.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    changes: BTreeMap<Change, (Counter, BTreeMap<Id, bool>)>,
    segments: BTreeMap<Segment, Counter>,
    transitions: BTreeMap<(Treatment, Treatment), u64>,
    honest: BTreeMap<Id, (Distinct, u64, BTreeSet<Id>)>,
}

impl Outcome {
    pub(super) fn add(
        &mut self,
        row: &SwapRow,
        judged: &Judged,
        candidate: &PolicySet,
        current: &PolicySet,
        (before, after): (&Ruling, &Ruling),
    ) {
        let (counter, decided) = self.changes.entry(row.change).or_default();
        counter.add(row);
        let verdicts = judged.labels.get(&row.content_id);
        let labels_of = |set: &PolicySet, places: &[usize]| -> BTreeSet<Id> {
            places.iter().filter_map(|at| set.policies.get(*at)).flat_map(|policy| policy.file.labels.iter().cloned()).collect()
        };
        let labels: BTreeSet<Id> =
            labels_of(candidate, &after.acting).into_iter().chain(labels_of(current, &before.acting)).collect();
        let said = labels.iter().filter_map(|label| verdicts.and_then(|verdicts| verdicts.get(label)));
        let violating = said.copied().reduce(|a, b| a || b);
        if let Some(violating) = violating {
            decided.insert(row.content_id.clone(), violating);
        }
        let segment = (row.change, row.market, row.tier.clone(), row.category.clone(), row.content_type);
        self.segments.entry(segment).or_default().add(row);
        *self.transitions.entry((row.before, row.after)).or_default() += 1;
        if let Some(seller) = row.seller_id.as_ref().filter(|seller| !judged.violating_sellers.contains(*seller))
            && matches!(row.change, Change::NewlyActioned | Change::Harsher | Change::LessReach)
        {
            let (items, views, compliant) = self.honest.entry(seller.clone()).or_default();
            items.add(&row.content_id);
            *views += row.views.unwrap_or(0);
            if violating == Some(false) {
                compliant.insert(row.content_id.clone());
            }
        }
    }

    /// By kind of change.
    #[must_use]
    pub fn changes(&self) -> Vec<ChangeTotals> {
        let of = |(change, (counter, decided)): (&Change, &(Counter, BTreeMap<Id, bool>))| ChangeTotals {
            change: *change,
            item_nights: counter.item_nights,
            items: counter.items.n(),
            sellers: counter.sellers.n(),
            views: counter.volume.views,
            orders: counter.volume.orders,
            gmv: counter.volume.gmv.clone(),
            unknown_views: counter.volume.unknown_views,
            violating: Proportion::new(decided.values().filter(|violating| **violating).count() as u64, decided.len() as u64),
        };
        self.changes.iter().map(of).collect()
    }

    /// By kind of change, market, tier, category and content type.
    #[must_use]
    pub fn segments(&self) -> Vec<SegmentTotals> {
        let of = |((change, market, tier, category, content_type), counter): (&Segment, &Counter)| SegmentTotals {
            change: *change,
            market: market.to_string(),
            tier: tier.as_ref().map(ToString::to_string),
            category: category.as_ref().map(ToString::to_string),
            content_type: *content_type,
            item_nights: counter.item_nights,
            items: counter.items.n(),
            sellers: counter.sellers.n(),
            views: counter.volume.views,
            orders: counter.volume.orders,
            gmv: counter.volume.gmv.clone(),
        };
        self.segments.iter().map(of).collect()
    }

    /// From which treatment to which.
    #[must_use]
    pub fn transitions(&self) -> Vec<Transition> {
        let of = |((before, after), n): (&(Treatment, Treatment), &u64)| Transition {
            before: *before,
            after: *after,
            item_nights: *n,
        };
        self.transitions.iter().map(of).collect()
    }

    /// Of the sellers of whom nothing is known to violate, those hit most: by views, then items.
    #[must_use]
    pub fn honest_sellers(&self, most: usize) -> Vec<SellerHit> {
        let of = |(seller, (items, views, compliant)): (&Id, &(Distinct, u64, BTreeSet<Id>))| SellerHit {
            seller_id: seller.to_string(),
            items: items.n(),
            views: *views,
            found_compliant: compliant.len() as u64,
        };
        let mut hits: Vec<SellerHit> = self.honest.iter().map(of).collect();
        hits.sort_by(|a, b| (b.views, b.items, &a.seller_id).cmp(&(a.views, a.items, &b.seller_id)));
        hits.truncate(most);
        hits
    }
}
