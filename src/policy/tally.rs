//! What policies did over a night, counted: caps are judged by it, and the hit table is made of it.

use std::collections::{BTreeMap, BTreeSet};

use super::batch::{Batch, BatchRow};
use super::compile::PolicySet;
use super::evaluate::{Trace, TraceState};
use crate::units::{Market, stable_hash};

/// Rows of one policy in one market.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PolicyCounts {
    /// Rows in its scope: market, content type and day fit.
    pub in_scope: u64,
    /// Rows on which its condition holds.
    pub holds: u64,
    /// Of these, rows that it acts on if it is live.
    pub acts: u64,
    /// Of these, rows that links alone carry, so that it asks for review at most.
    pub on_links: u64,
    /// Rows on which it holds by links alone, whose owner was first: left alone.
    pub first_owner: u64,
    /// Rows on which it holds, held back.
    pub held_back: u64,
    /// Rows on which it holds, outside its rollout.
    pub outside_rollout: u64,
    /// Rows on which it holds, excepted.
    pub excepted: u64,
    /// Rows on which its condition is null.
    pub null: u64,
    /// Rows on which it holds and no other policy of the set does.
    pub alone: u64,
}

impl PolicyCounts {
    fn add(&mut self, other: Self) {
        self.in_scope += other.in_scope;
        self.holds += other.holds;
        self.acts += other.acts;
        self.on_links += other.on_links;
        self.first_owner += other.first_owner;
        self.held_back += other.held_back;
        self.outside_rollout += other.outside_rollout;
        self.excepted += other.excepted;
        self.null += other.null;
        self.alone += other.alone;
    }
}

/// The counts of a night. Tallies of parts of it add up, in any order, to that of the whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    counts: BTreeMap<(usize, Market), PolicyCounts>,
    /// Items by market.
    items: BTreeMap<Market, u64>,
    /// Hashes of the sellers that each policy acts on.
    sellers: BTreeMap<usize, BTreeSet<u64>>,
    /// Rows on which both of two policies hold, the smaller place first.
    both: BTreeMap<(usize, usize), u64>,
}

/// Seed of the hash under which sellers are counted.
const SELLERS: u64 = 1;

impl Tally {
    /// Counts the rows of a batch with their traces.
    pub fn add(&mut self, set: &PolicySet, batch: &Batch<'_>, traces: &[Vec<Trace>]) {
        let mut scopes: BTreeMap<(Market, crate::units::ContentType), u64> = BTreeMap::new();
        for (row, traces) in batch.rows.iter().zip(traces) {
            *scopes.entry((row.market, row.content_type)).or_default() += 1;
            self.add_row(row, traces);
        }
        for ((market, content_type), n) in scopes {
            *self.items.entry(market).or_default() += n;
            for (at, policy) in set.policies.iter().enumerate() {
                if policy.file.covers_type(content_type) && policy.file.covers_market(market, batch.day) {
                    self.counts.entry((at, market)).or_default().in_scope += n;
                }
            }
        }
    }

    fn add_row(&mut self, row: &BatchRow<'_>, traces: &[Trace]) {
        let holding: Vec<usize> = traces.iter().filter(|t| t.state.holds()).map(|t| usize::from(t.policy)).collect();
        for trace in traces {
            let at = usize::from(trace.policy);
            let counts = self.counts.entry((at, row.market)).or_default();
            counts.holds += u64::from(trace.state.holds());
            counts.acts += u64::from(trace.state.acts());
            counts.alone += u64::from(trace.state.holds() && holding.len() == 1);
            match trace.state {
                TraceState::Fired => {}
                TraceState::FiredOnLinks => counts.on_links += 1,
                TraceState::FirstOwner => counts.first_owner += 1,
                TraceState::HeldBack => counts.held_back += 1,
                TraceState::OutsideRollout => counts.outside_rollout += 1,
                TraceState::Excepted => counts.excepted += 1,
                TraceState::Null => counts.null += 1,
            }
            if trace.state.acts()
                && let Some(seller) = row.seller_id
            {
                self.sellers.entry(at).or_default().insert(stable_hash(SELLERS, seller));
            }
        }
        for (at, first) in holding.iter().enumerate() {
            for second in &holding[at + 1..] {
                *self.both.entry((*first.min(second), *first.max(second))).or_default() += 1;
            }
        }
    }

    /// Adds the tally of another part of the night.
    pub fn merge(&mut self, other: Self) {
        other.counts.into_iter().for_each(|(key, counts)| self.counts.entry(key).or_default().add(counts));
        other.items.into_iter().for_each(|(market, n)| *self.items.entry(market).or_default() += n);
        other.both.into_iter().for_each(|(pair, n)| *self.both.entry(pair).or_default() += n);
        for (at, sellers) in other.sellers {
            self.sellers.entry(at).or_default().extend(sellers);
        }
    }

    /// The policy's counts by market, where it had rows in scope.
    pub fn by_market(&self, policy: usize) -> impl Iterator<Item = (Market, PolicyCounts)> {
        self.counts.range((policy, Market::FIRST)..).take_while(move |((at, _), _)| *at == policy).map(|((_, m), c)| (*m, *c))
    }

    /// The policy's counts in all markets.
    #[must_use]
    pub fn of(&self, policy: usize) -> PolicyCounts {
        let mut all = PolicyCounts::default();
        self.by_market(policy).for_each(|(_, counts)| all.add(counts));
        all
    }

    /// Distinct sellers whose items the policy acts on.
    #[must_use]
    pub fn sellers(&self, policy: usize) -> u64 {
        self.sellers.get(&policy).map_or(0, |sellers| sellers.len() as u64)
    }

    /// Items in scope of the night, by market.
    #[must_use]
    pub fn items(&self, market: Market) -> u64 {
        self.items.get(&market).copied().unwrap_or(0)
    }

    /// Rows on which both policies hold.
    #[must_use]
    pub fn both(&self, first: usize, second: usize) -> u64 {
        self.both.get(&(first.min(second), first.max(second))).copied().unwrap_or(0)
    }
}
