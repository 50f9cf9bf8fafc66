//! Who else is in an item's cluster or a seller's ring: for a person who looks at one case.
//!
//! Links hold hashes, so members are named by their key, and whoever asks compares it with the keys of the identifiers that it reads.

use super::{CrossSeller, key_of};
use crate::units::{AsOf, Id};

/// What an item or seller is known by in links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkKey(u64);

impl LinkKey {
    /// That of an identifier.
    #[must_use]
    pub fn of(id: &Id) -> Self {
        Self(key_of(id))
    }
}

impl CrossSeller {
    /// The items of the cluster that `item` was in at `as_of`, itself included, sorted; none where it had no copies.
    #[must_use]
    pub fn copies_of(&self, item: &Id, as_of: AsOf) -> Vec<LinkKey> {
        let mut keys: Vec<LinkKey> = self.duplicates.members_with(key_of(item), as_of).into_iter().map(LinkKey).collect();
        keys.sort_unstable();
        keys
    }

    /// The sellers of the ring that `seller` was in at `as_of`, itself included, sorted; none where it shared nothing.
    #[must_use]
    pub fn ring_of(&self, seller: &Id, as_of: AsOf) -> Vec<LinkKey> {
        let mut keys: Vec<LinkKey> = self.rings.members_with(key_of(seller), as_of).into_iter().map(LinkKey).collect();
        keys.sort_unstable();
        keys
    }
}
