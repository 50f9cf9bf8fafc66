//! The rings of some sellers at some midnights. Each component is laid out once for each midnight, however many ask for it.

use std::collections::BTreeMap;

use petgraph::unionfind::UnionFind;
use rayon::prelude::*;

use super::Rings;
use super::ties::Ties;
use crate::features::RingView;
use crate::units::{AsOf, Timestamp};

/// What was known of some sellers at some midnights.
#[derive(Debug, Default)]
pub struct RingStates {
    rings: BTreeMap<(u64, AsOf), RingView>,
}

impl Rings {
    /// What was known of each of `keys` (a seller's hash, and a midnight).
    #[must_use]
    pub fn states(&self, keys: &[(u64, AsOf)]) -> RingStates {
        let mut asked: BTreeMap<(u32, AsOf), Vec<u32>> = BTreeMap::new();
        for (key, as_of) in keys {
            let seller = self.sellers.binary_search(key).ok().and_then(|at| u32::try_from(at).ok());
            if let Some((seller, component)) = seller.and_then(|seller| Some((seller, self.components.component(seller)?))) {
                asked.entry((component, *as_of)).or_default().push(seller);
            }
        }
        let asked: Vec<((u32, AsOf), Vec<u32>)> = asked.into_iter().collect();
        let rings = asked.par_iter().flat_map_iter(|((component, as_of), sellers)| {
            let layout = Layout::of(self, *component, *as_of);
            let view =
                move |seller: &u32| Some(((*self.sellers.get(*seller as usize)?, *as_of), layout.view(*seller, self, *as_of)?));
            sellers.iter().filter_map(view).collect::<Vec<_>>()
        });
        RingStates { rings: rings.collect::<Vec<_>>().into_iter().collect() }
    }

    /// The hashes of all sellers of the ring that `key` was in before the midnight, itself included; none when it shared nothing.
    pub(in crate::dataset::cross_seller) fn members_with(&self, key: u64, as_of: AsOf) -> Vec<u64> {
        let seller = self.sellers.binary_search(&key).ok().and_then(|at| u32::try_from(at).ok());
        let Some((seller, component)) = seller.and_then(|seller| Some((seller, self.components.component(seller)?))) else {
            return Vec::new();
        };
        let layout = Layout::of(self, component, as_of);
        let own = layout.sellers.binary_search(&seller).ok().and_then(|at| layout.ring_of.get(at));
        let of_ring = layout.sellers.iter().zip(&layout.ring_of).filter(|(_, ring)| Some(*ring) == own);
        of_ring.filter_map(|(seller, _)| self.sellers.get(*seller as usize).copied()).collect()
    }
}

impl RingStates {
    /// What was known of `key` at `as_of`, which `states` was asked for: a seller that shares nothing is a ring of its own.
    #[must_use]
    pub fn get(&self, key: u64, as_of: AsOf) -> Option<RingView> {
        Some(self.rings.get(&(key, as_of)).copied().unwrap_or_else(RingView::alone))
    }
}

/// The sellers of a component that shared something at a midnight.
struct Layout {
    /// The sellers, ascending.
    sellers: Vec<u32>,
    /// What each has of its own.
    own: Vec<Own>,
    /// The ring of each, as the place of its representative.
    ring_of: Vec<u32>,
    /// The rings, at the places of their representatives.
    rings: Vec<Ring>,
}

/// What a seller shares itself.
#[derive(Debug, Clone, Copy, Default)]
struct Own {
    contacts: u32,
    first_of: u32,
}

/// What the members of a ring have together.
#[derive(Debug, Clone, Copy, Default)]
struct Ring {
    size: u32,
    contacts: u32,
    actioned: u32,
    violating: u32,
    newest: Option<Timestamp>,
}

impl Layout {
    fn of(rings: &Rings, component: u32, as_of: AsOf) -> Self {
        let Ties { ties, pairs } = Ties::of(rings.components.links(component, as_of), rings.min_shared_media);
        let mut sellers: Vec<u32> = ties.iter().flat_map(|tie| &tie.sellers).map(|(seller, _)| *seller).collect();
        sellers.sort_unstable();
        sellers.dedup();
        // Every seller of a tie is among `sellers`.
        let place = |seller: u32| sellers.partition_point(|other| *other < seller);
        let mut union = UnionFind::<u32>::new(sellers.len());
        for (a, b) in pairs {
            union.union(place(a) as u32, place(b) as u32);
        }
        let ring_of = union.into_labeling();
        let mut members = vec![Ring::default(); sellers.len()];
        for (seller, ring) in sellers.iter().zip(&ring_of) {
            let ring = &mut members[*ring as usize];
            ring.size += 1;
            ring.actioned += u32::from(rings.records.is_actioned(*seller, as_of));
            ring.violating += u32::from(rings.records.is_violating(*seller, as_of));
        }
        let mut own = vec![Own::default(); sellers.len()];
        for tie in &ties {
            let mut tied: Vec<u32> = Vec::with_capacity(tie.sellers.len());
            for (seller, known) in &tie.sellers {
                let at = place(*seller);
                own[at].contacts += 1;
                own[at].first_of += u32::from(tie.owner == Some(*seller));
                // A link is as new as its newest seller.
                let ring = &mut members[ring_of[at] as usize];
                ring.newest = ring.newest.max(Some(*known));
                tied.push(ring_of[at]);
            }
            tied.sort_unstable();
            tied.dedup();
            tied.iter().for_each(|ring| members[*ring as usize].contacts += 1);
        }
        Self { sellers, own, ring_of, rings: members }
    }

    /// The ring of `seller`; `None` when it shares nothing.
    fn view(&self, seller: u32, rings: &Rings, as_of: AsOf) -> Option<RingView> {
        let at = self.sellers.binary_search(&seller).ok()?;
        let own = self.own.get(at)?;
        let ring = self.rings.get(*self.ring_of.get(at)? as usize)?;
        let is_first_owner = own.first_of == own.contacts;
        // The first owner of a copied contact inherits nothing from its copiers.
        let others = |all: u32, itself: bool| if is_first_owner { 0 } else { all - u32::from(itself) };
        Some(RingView {
            size: ring.size,
            shared_keys: ring.contacts,
            own_shared_keys: own.contacts,
            is_first_owner,
            actioned: Some(others(ring.actioned, rings.records.is_actioned(seller, as_of))),
            violating: Some(others(ring.violating, rings.records.is_violating(seller, as_of))),
            days_since_link: ring.newest.map(|newest| as_of.instant.days_since(newest)),
        })
    }
}
