//! Nights one after the other, and what they add up to for each candidate.

use std::collections::{BTreeMap, BTreeSet};

use super::night::{ReplayNight, Touched};
use super::totals::{Outcome, PolicyReplay, SetTotals};
use super::{Change, SwapRow};
use crate::policy::{Batch, PolicyError, PolicySet, Ruling};
use crate::units::{ContentType, Day, Id, Market, Treatment};

/// What is known of an item beside what policies read.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplayItem {
    /// The item.
    pub content_id: Id,
    /// Its seller.
    pub seller_id: Option<Id>,
    /// Its market.
    pub market: Market,
    /// Its kind.
    pub content_type: ContentType,
    /// Its seller's tier.
    pub tier: Option<Id>,
    /// Its category.
    pub category: Option<Id>,
    /// The currency of its GMV.
    pub currency: Option<Id>,
    /// Views of the day before the night.
    pub views: Option<u64>,
    /// Orders of that day.
    pub orders: Option<u64>,
    /// GMV of that day.
    pub gmv: Option<f64>,
    /// The treatment that was published.
    pub published: Treatment,
}

/// What people have decided, as it is known when the simulation is made.
#[derive(Debug, Clone, Default)]
pub struct Judged {
    /// By item, then label: whether it violates.
    pub labels: BTreeMap<Id, BTreeMap<Id, bool>>,
    /// Sellers with an item that violates some label.
    pub violating_sellers: BTreeSet<Id>,
}

/// The simulation of candidates against the first set.
pub struct Replay<'a> {
    /// The current set, then the candidates.
    sets: &'a [PolicySet],
    judged: &'a Judged,
    /// By candidate.
    outcomes: Vec<Outcome>,
    /// By set.
    totals: Vec<SetTotals>,
    policies: Vec<Vec<PolicyReplay>>,
    /// Rows replayed, and rows whose treatment under the current set is the published one.
    pub rows: u64,
    /// Rows whose treatment under the current set is not the one that was published.
    pub differing: u64,
    /// Nights replayed.
    pub nights: u64,
    night: Option<(Day, ReplayNight<'a>)>,
    default_minutes: f64,
    factors: &'a dyn Fn(Treatment, Option<f64>) -> f64,
}

impl<'a> Replay<'a> {
    /// A simulation of `sets`, the current one first, judged by what people decided. A review takes `default_minutes` where no policy
    /// says; `factors` is what a treatment multiplies rank by.
    #[must_use]
    pub fn new(
        sets: &'a [PolicySet],
        judged: &'a Judged,
        default_minutes: f64,
        factors: &'a dyn Fn(Treatment, Option<f64>) -> f64,
    ) -> Self {
        let policies = |set: &PolicySet| set.policies.iter().map(PolicyReplay::of).collect();
        Self {
            sets,
            judged,
            outcomes: sets.iter().skip(1).map(|_| Outcome::default()).collect(),
            totals: sets.iter().map(|_| SetTotals::default()).collect(),
            policies: sets.iter().map(policies).collect(),
            rows: 0,
            differing: 0,
            nights: 0,
            night: None,
            default_minutes,
            factors,
        }
    }

    /// Adds a market of a night, with the treatments that were published; all markets of a night come one after the other, before the next night.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn add(
        &mut self,
        batch: &Batch<'_>,
        item: &dyn Fn(usize) -> ReplayItem,
        published: &[Treatment],
    ) -> Result<(), PolicyError> {
        let night = self.night.get_or_insert_with(|| (batch.day, ReplayNight::new(self.sets)));
        night.1.add(batch, item, published)
    }

    /// Ends the night: caps are judged, rows ruled, and the swap set of each candidate handed to `swapped` (candidate, row), by market,
    /// then item.
    ///
    /// # Errors
    /// What `swapped` returned.
    pub fn end_night<E>(
        &mut self,
        is_population: &dyn Fn(&Id) -> bool,
        swapped: &mut dyn FnMut(usize, SwapRow) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some((day, night)) = self.night.take() else { return Ok(()) };
        self.nights += 1;
        self.rows += night.rows;
        self.differing += night.unexplained;
        let standings = night.settle(is_population);
        for ((policies, tally), standing) in self.policies.iter_mut().zip(&night.tallies).zip(&standings) {
            for (at, policy) in policies.iter_mut().enumerate() {
                policy.add(tally, at, standing);
            }
        }
        for touched in &night.touched {
            let rulings: Vec<Ruling> = (self.sets.iter().zip(&touched.traces).zip(&standings))
                .map(|((set, traces), night)| set.rule(traces, night))
                .collect();
            self.differing += u64::from(rulings.first().map(|r| r.treatment) != Some(touched.item.published));
            self.count(touched, &rulings);
            for (candidate, ruling) in rulings.iter().enumerate().skip(1) {
                if let Some(row) = self.swap(day, &touched.item, &rulings[0], ruling, candidate) {
                    self.outcomes[candidate - 1].add(
                        &row,
                        self.judged,
                        &self.sets[candidate],
                        &self.sets[0],
                        (&rulings[0], ruling),
                    );
                    swapped(candidate - 1, row)?;
                }
            }
        }
        Ok(())
    }

    fn count(&mut self, touched: &Touched, rulings: &[Ruling]) {
        let decided = self.judged.labels.get(&touched.item.content_id);
        for (set, ruling) in rulings.iter().enumerate() {
            let minutes = self.sets[set].minutes(ruling).unwrap_or(self.default_minutes);
            self.totals[set].add(&touched.item, ruling, minutes);
            for trace in touched.traces[set].iter().filter(|trace| trace.state.acts()) {
                let at = usize::from(trace.policy);
                let acting: Vec<Treatment> = touched.traces[set]
                    .iter()
                    .filter(|other| other.state.acts() && other.policy != trace.policy)
                    .filter_map(|other| self.sets[set].policies.get(usize::from(other.policy)))
                    .map(|policy| policy.file.treatment)
                    .collect();
                if let Some(policy) = self.policies[set].get_mut(at) {
                    policy.touch(&self.sets[set].policies[at], &touched.item, decided, &acting);
                }
            }
        }
    }

    fn swap(&self, day: Day, item: &ReplayItem, before: &Ruling, after: &Ruling, candidate: usize) -> Option<SwapRow> {
        let least = |ruling: &Ruling| ruling.applied.iter().map(|(t, own)| (self.factors)(*t, *own)).fold(1.0, f64::min);
        let change = Change::between((before.treatment, least(before)), (after.treatment, least(after)))?;
        Some(SwapRow {
            day,
            content_id: item.content_id.clone(),
            seller_id: item.seller_id.clone(),
            market: item.market,
            content_type: item.content_type,
            tier: item.tier.clone(),
            category: item.category.clone(),
            currency: item.currency.clone(),
            views: item.views,
            orders: item.orders,
            gmv: item.gmv,
            change,
            before: before.treatment,
            after: after.treatment,
            before_policies: self.sets[0].ids(&before.acting),
            after_policies: self.sets[candidate].ids(&after.acting),
        })
    }

    /// What the nights add up to: totals and policies of each set, the current one first, and the outcome of each candidate.
    #[must_use]
    pub fn finish(mut self) -> (Vec<(SetTotals, Vec<PolicyReplay>)>, Vec<Outcome>) {
        self.policies.iter_mut().flatten().for_each(PolicyReplay::close);
        (self.totals.into_iter().zip(self.policies).collect(), self.outcomes)
    }
}
