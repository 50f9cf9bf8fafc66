//! Which shard an entity's rows belong to.
//!
//! All rows of a seller share a shard; content without a seller is its own group. An item belongs to the seller that was named
//! first, by what was known when, whatever the order in which versions are read: a version that arrives late, however far back it
//! claims to hold, cannot move an item. Memory: 32 bytes a content version while content is read,
//! 16 bytes an item afterwards.

use super::shard::known_from;
use crate::tables::ContentRow;
use crate::units::stable_hash;

/// Seed of the routing hash; a change moves rows between shards but never changes a result.
const SEED: u64 = 0x5354_414c_4c4d_4152;

/// Which of two versions names the item's seller: one that names any, then the one known first, then the smaller hash.
type Claim = (u8, i64, u64);

/// Content identifier → the route of its seller (or of itself).
#[derive(Debug, Default)]
pub struct Routing {
    /// (hash of content_id, claim) of every version, until closed.
    versions: Vec<(u64, Claim)>,
    /// (hash of content_id, route), sorted by hash, once closed.
    entries: Vec<(u64, u64)>,
}

impl Routing {
    /// The route of rows that belong to a seller.
    #[must_use]
    pub fn of_seller(seller_id: &str) -> u64 {
        stable_hash(SEED, seller_id)
    }

    /// The claim of a version on its item's seller; the smallest wins.
    #[must_use]
    pub(super) fn claim(version: &ContentRow) -> Claim {
        match &version.seller_id {
            Some(id) => (0, known_from(version).0, Self::of_seller(id)),
            None => (1, i64::MIN, stable_hash(SEED, &version.content_id)),
        }
    }

    /// Remembers one content version.
    pub fn add_content(&mut self, version: &ContentRow) {
        self.versions.push((stable_hash(SEED, &version.content_id), Self::claim(version)));
    }

    /// Settles the routes once all content has been read.
    pub fn close(&mut self) {
        self.versions.sort_unstable();
        self.versions.dedup_by_key(|(key, _)| *key);
        self.entries = self.versions.iter().map(|(key, (_, _, route))| (*key, *route)).collect();
        self.versions = Vec::new();
    }

    /// The route of the rows of an item; `None` when no content row has that identifier.
    #[must_use]
    pub fn of_content(&self, content_id: &str) -> Option<u64> {
        let key = stable_hash(SEED, content_id);
        self.entries.binary_search_by_key(&key, |(k, _)| *k).ok().map(|at| self.entries[at].1)
    }

    /// Number of distinct content items.
    #[must_use]
    pub fn n_items(&self) -> usize {
        self.entries.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::fixtures::content;
    use crate::units::Timestamp;

    #[test]
    fn content_follows_the_seller_that_was_known_first_in_any_order() {
        let version = |seller: Option<&str>, from: i64| {
            let mut row = content("c1", 0);
            row.seller_id = seller.map(Into::into);
            row.valid_from = Some(Timestamp(from));
            row
        };
        let late = ContentRow { ingested_at: Some(Timestamp(9)), ..version(Some("s0"), 1) };
        let mut versions = [version(None, 1), version(Some("s1"), 2), version(Some("s2"), 3), late];
        for _ in 0..4 {
            versions.rotate_left(1);
            let mut routing = Routing::default();
            versions.iter().for_each(|v| routing.add_content(v));
            routing.add_content(&content("c2", 0));
            routing.close();
            assert_eq!(routing.of_content("c1"), Some(Routing::of_seller("s1")));
            assert!(routing.of_content("c2").is_some());
            assert_eq!(routing.of_content("c3"), None);
            assert_eq!(routing.n_items(), 2);
        }
    }
}
