//! What was done to sellers: when they were first actioned, and while they had an item found violating.

use super::super::key_of;
use super::super::verdicts::{self, Standing, known};
use crate::dataset::shard::{ContentHistory, SellerRecords, Shard, known_from, limits_reach};
use crate::tables::ActionRow;
use crate::units::{AsOf, Id, Timestamp};

/// Gathers records of sellers in pass 1. A seller lies in one shard.
#[derive(Default)]
pub(super) struct RecordsBuilder {
    actioned: Vec<(u64, Timestamp)>,
    violating: Vec<(u64, Timestamp, bool)>,
}

/// Records of the sellers that ever shared a contact.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Records {
    /// From when on each seller was known to be actioned.
    actioned: Vec<Timestamp>,
    /// From when on a seller did or did not have an item found violating; by seller, then time.
    violating: Vec<(u32, Timestamp, bool)>,
}

/// The time of what never happened.
const NEVER: Timestamp = Timestamp(i64::MAX);

impl RecordsBuilder {
    /// Adds the sellers of a shard.
    pub(super) fn add(&mut self, shard: &Shard) {
        for (id, seller) in &shard.sellers {
            let items = || seller.items.iter().filter_map(|at| shard.contents.get(*at)).map(|(_, history)| history);
            self.actioned.extend(first_action(seller, items()).map(|at| (key_of(id), at)));
            self.add_violating(id, items());
        }
    }

    /// Adds the moments at which the seller began or ceased to have an item found violating.
    fn add_violating<'a>(&mut self, id: &Id, items: impl Iterator<Item = &'a ContentHistory>) {
        let mut changes: Vec<(Timestamp, i64)> = Vec::new();
        for item in items.filter(|item| !item.decisions.is_empty()) {
            let since = seller_since(item);
            let mut was = false;
            for (at, standing) in verdicts::steps(&item.decisions) {
                let is = standing == Standing::Violating;
                changes.push((at.max(since), i64::from(is) - i64::from(was)));
                was = is;
            }
        }
        changes.sort_unstable();
        let (mut n, mut was) = (0, false);
        for changes in changes.chunk_by(|a, b| a.0 == b.0) {
            n += changes.iter().map(|(_, change)| change).sum::<i64>();
            if let Some((at, _)) = changes.first().filter(|_| (n > 0) != was) {
                self.violating.push((key_of(id), *at, n > 0));
            }
            was = n > 0;
        }
    }

    /// Keeps the records of `sellers`, whose hashes are ascending.
    pub(super) fn finish(self, sellers: &[u64]) -> Records {
        let index = |seller: u64| sellers.binary_search(&seller).ok();
        let mut actioned = vec![NEVER; sellers.len()];
        for (seller, at) in self.actioned {
            if let Some(first) = index(seller).and_then(|seller| actioned.get_mut(seller)) {
                *first = at.min(*first);
            }
        }
        let kept = self.violating.into_iter().filter_map(|(seller, at, is)| Some((u32::try_from(index(seller)?).ok()?, at, is)));
        let mut violating: Vec<(u32, Timestamp, bool)> = kept.collect();
        violating.sort_unstable();
        Records { actioned, violating }
    }
}

impl Records {
    /// Whether an action that limits the reach of the seller or of an item of it was known.
    pub(super) fn is_actioned(&self, seller: u32, as_of: AsOf) -> bool {
        self.actioned.get(seller as usize).is_some_and(|at| *at < as_of.instant)
    }

    /// Whether an item of the seller was known to be found violating, by a decision that stood.
    pub(super) fn is_violating(&self, seller: u32, as_of: AsOf) -> bool {
        let known = self.violating.partition_point(|(other, at, _)| (*other, *at) < (seller, as_of.instant));
        let last = known.checked_sub(1).and_then(|at| self.violating.get(at));
        last.is_some_and(|(other, _, is)| *other == seller && *is)
    }
}

/// When the first action that limited the reach of the seller or of one of its items was known.
fn first_action<'a>(seller: &SellerRecords, items: impl Iterator<Item = &'a ContentHistory>) -> Option<Timestamp> {
    let limiting = |a: &&ActionRow| limits_reach(a.treatment);
    let at = |a: &ActionRow| known(a.started_at, a.ingested_at);
    let own = seller.actions.iter().filter(limiting).map(at);
    let of_items = items.filter(|item| !item.actions.is_empty()).flat_map(|item| {
        let since = seller_since(item);
        item.actions.iter().filter(limiting).map(move |a| at(a).max(since))
    });
    own.chain(of_items).min()
}

/// From when on the item was known to be its seller's.
fn seller_since(item: &ContentHistory) -> Timestamp {
    item.versions.iter().filter(|v| v.seller_id.is_some()).map(known_from).min().unwrap_or(NEVER)
}
