//! Which shard an entity's rows belong to.
//!
//! All rows of a seller share a shard; content without a seller is its own group. Memory: 16 bytes a content version while
//! reading, 16 bytes an item afterwards.

use crate::units::stable_hash;

/// Seed of the routing hash; a change moves rows between shards but never changes a result.
const SEED: u64 = 0x5354_414c_4c4d_4152;

/// Content identifier → the route of its seller (or of itself).
#[derive(Debug, Default)]
pub struct Routing {
    /// (hash of content_id, route), sorted by hash once closed.
    entries: Vec<(u64, u64)>,
}

impl Routing {
    /// The route of rows that belong to a seller.
    #[must_use]
    pub fn of_seller(seller_id: &str) -> u64 {
        stable_hash(SEED, seller_id)
    }

    /// The route of one content version, remembered for the rows that refer to it. The first version read decides.
    pub fn add_content(&mut self, content_id: &str, seller_id: Option<&str>) -> u64 {
        let key = stable_hash(SEED, content_id);
        let route = seller_id.map_or(key, Self::of_seller);
        self.entries.push((key, route));
        route
    }

    /// Sorts the routes once all content has been read.
    pub fn close(&mut self) {
        // A stable sort keeps the first version read in front of the later ones.
        self.entries.sort_by_key(|(key, _)| *key);
        self.entries.dedup_by_key(|(key, _)| *key);
        self.entries.shrink_to_fit();
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

    #[test]
    fn content_follows_the_seller_of_its_first_version() {
        let mut routing = Routing::default();
        let first = routing.add_content("c1", Some("s1"));
        let second = routing.add_content("c1", Some("s2"));
        let own = routing.add_content("c2", None);
        routing.close();
        assert_eq!(first, Routing::of_seller("s1"));
        assert_ne!(first, second);
        assert_eq!(routing.of_content("c1"), Some(first));
        assert_eq!(routing.of_content("c2"), Some(own));
        assert_eq!(routing.of_content("c3"), None);
        assert_eq!(routing.n_items(), 2);
    }
}
