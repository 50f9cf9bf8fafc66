//! The links that decide what is connected when.
//!
//! Two items are connected before a midnight when a path of links seen before it joins them. For that the minimum spanning forest
//! over the links' times is enough: a link whose ends earlier links join already says nothing new. So memory is bounded by the
//! items that have links, whatever the number of links, and nothing has to be sorted outside memory. Ties in time are broken by
//! the items, which makes the forest one and the same for any order of links.

use std::collections::HashMap;

use crate::units::Timestamp;

/// A link between two items, seen from some time on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edge {
    /// From when both ends were known.
    pub(super) seen_at: Timestamp,
    /// The smaller key.
    pub(super) a: u64,
    /// The larger key.
    pub(super) b: u64,
}

impl Edge {
    /// A link of two items; `None` from an item to itself.
    pub(super) fn between(a: u64, b: u64, seen_at: Timestamp) -> Option<Self> {
        (a != b).then_some(Self { seen_at, a: a.min(b), b: a.max(b) })
    }
}

/// Links that wait before they are sifted, at least; 24 bytes each.
const LEAST_WAITING: usize = 1 << 20;

/// The minimum spanning forest of the links so far, and links that wait to be sifted: at most as many as the forest has, or
/// [`LEAST_WAITING`].
#[derive(Debug, Default)]
pub(super) struct Forest {
    edges: Vec<Edge>,
    n_sifted: usize,
}

/// An item in its place: the items of a cluster, at whatever time, are neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Leaf {
    /// Its key.
    pub(super) item: u64,
    /// From when on it was connected to the next one; the end of time for never.
    pub(super) link: Timestamp,
}

/// Never.
const NEVER: Timestamp = Timestamp(i64::MAX);

impl Forest {
    /// Adds links.
    pub(super) fn extend(&mut self, edges: impl IntoIterator<Item = Edge>) {
        for edge in edges {
            self.edges.push(edge);
            if self.edges.len() >= self.n_sifted + self.n_sifted.max(LEAST_WAITING) {
                self.sift();
            }
        }
    }

    /// Kruskal's algorithm: keeps the links that join what earlier ones don't.
    fn sift(&mut self) {
        self.edges.sort_unstable();
        self.edges.dedup();
        let items = items_of(&self.edges);
        let places: HashMap<u64, usize> = items.iter().copied().zip(0..).collect();
        let mut connected = UnionFind::new(items.len());
        self.edges.retain(|edge| match (places.get(&edge.a), places.get(&edge.b)) {
            (Some(&a), Some(&b)) if connected.find(a) != connected.find(b) => {
                connected.union(a, b);
                true
            }
            _ => false,
        });
        self.n_sifted = self.edges.len();
    }

    /// Lays the items out. Joining two clusters puts the one list behind the other with the time of the link between them, so that all
    /// links inside a list are older than the one between lists: two items are connected before a midnight exactly when all links
    /// between their places are. (This is a dendrogram of single linkage, written as a list.)
    pub(super) fn leaves(mut self) -> Vec<Leaf> {
        self.sift();
        let items = items_of(&self.edges);
        let places: HashMap<u64, usize> = items.iter().copied().zip(0..).collect();
        let mut connected = UnionFind::new(items.len());
        // By the root of a list its first and last item; by an item the next one and when it was linked.
        let mut ends: Vec<(usize, usize)> = (0..items.len()).map(|at| (at, at)).collect();
        let mut next: Vec<Option<(usize, Timestamp)>> = vec![None; items.len()];
        for edge in &self.edges {
            let (Some(&a), Some(&b)) = (places.get(&edge.a), places.get(&edge.b)) else { continue };
            let ((first, middle), (after, last)) = (ends[connected.find(a)], ends[connected.find(b)]);
            next[middle] = Some((after, edge.seen_at));
            connected.union(a, b);
            ends[connected.find(a)] = (first, last);
        }
        let mut leaves = Vec::with_capacity(items.len());
        let roots = (0..items.len()).filter(|at| connected.find(*at) == *at);
        for mut place in roots.map(|root| ends[root].0) {
            while let Some((after, link)) = next[place] {
                leaves.push(Leaf { item: items[place], link });
                place = after;
            }
            leaves.push(Leaf { item: items[place], link: NEVER });
        }
        leaves
    }
}

/// The items that have links, by key.
fn items_of(edges: &[Edge]) -> Vec<u64> {
    let mut items: Vec<u64> = edges.iter().flat_map(|edge| [edge.a, edge.b]).collect();
    items.sort_unstable();
    items.dedup();
    items
}

/// Disjoint sets of the numbers below n (Tarjan: union by size, path halving).
#[derive(Debug)]
pub(super) struct UnionFind {
    parents: Vec<usize>,
    sizes: Vec<usize>,
}

impl UnionFind {
    /// Every number by itself.
    pub(super) fn new(n: usize) -> Self {
        Self { parents: (0..n).collect(), sizes: vec![1; n] }
    }

    /// The number that stands for the set of `at`.
    pub(super) fn find(&mut self, mut at: usize) -> usize {
        while self.parents[at] != at {
            self.parents[at] = self.parents[self.parents[at]];
            at = self.parents[at];
        }
        at
    }

    /// Makes one set of two.
    pub(super) fn union(&mut self, a: usize, b: usize) {
        let (a, b) = (self.find(a), self.find(b));
        if a != b {
            let (small, large) = if self.sizes[a] < self.sizes[b] { (a, b) } else { (b, a) };
            self.parents[small] = large;
            self.sizes[large] += self.sizes[small];
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn edge(seen_at: i64, a: u64, b: u64) -> Edge {
        Edge::between(a, b, Timestamp(seen_at)).unwrap()
    }

    fn leaves(edges: &[Edge]) -> Vec<Leaf> {
        let mut forest = Forest::default();
        forest.extend(edges.iter().copied());
        forest.leaves()
    }

    /// The cluster of `item` before `instant` as the leaves have it, by key.
    fn cluster(leaves: &[Leaf], item: u64, instant: i64) -> Vec<u64> {
        let mut runs = leaves.chunk_by(|leaf, _| leaf.link < Timestamp(instant));
        let run = runs.find(|run| run.iter().any(|leaf| leaf.item == item));
        let mut items: Vec<u64> = run.map_or(vec![item], |run| run.iter().map(|leaf| leaf.item).collect());
        items.sort_unstable();
        items
    }

    #[test]
    fn clusters_grow_with_time() {
        let got = leaves(&[edge(9, 1, 3), edge(5, 1, 2), edge(7, 3, 4), edge(8, 3, 4), edge(9, 2, 4), edge(3, 8, 9)]);
        assert_eq!(cluster(&got, 1, 5), [1]);
        assert_eq!(cluster(&got, 1, 6), [1, 2]);
        assert_eq!(cluster(&got, 4, 8), [3, 4]);
        assert_eq!(cluster(&got, 4, 10), [1, 2, 3, 4]);
        assert_eq!(cluster(&got, 9, 10), [8, 9]);
        assert_eq!(Edge::between(1, 1, Timestamp(0)), None);
        assert_eq!(leaves(&[]), vec![]);
    }

    proptest! {
        #[test]
        fn clusters_are_those_of_a_search(
            edges in proptest::collection::vec((0..8_i64, 0..12_u64, 0..12_u64), 0..40), instant in 0..9_i64
        ) {
            let edges: Vec<Edge> = edges.into_iter().filter_map(|(t, a, b)| Edge::between(a, b, Timestamp(t))).collect();
            let got = leaves(&edges);
            let mut backwards = Forest::default();
            for edge in edges.iter().rev() {
                backwards.extend([*edge]);
                backwards.sift();
            }
            prop_assert_eq!(&backwards.leaves(), &got, "the order of links does not matter");
            for item in 0..12 {
                let mut found = vec![item];
                let mut at = 0;
                while at < found.len() {
                    for edge in edges.iter().filter(|e| e.seen_at < Timestamp(instant)) {
                        for (from, to) in [(edge.a, edge.b), (edge.b, edge.a)] {
                            if from == found[at] && !found.contains(&to) {
                                found.push(to);
                            }
                        }
                    }
                    at += 1;
                }
                found.sort_unstable();
                prop_assert_eq!(cluster(&got, item, instant), found);
            }
        }
    }
}
