//! Which items a reviewer should label next, for a model to learn the most that matters.
//!
//! Uncertainty × exposure, and one of each cluster of near-duplicates before a second of any: greedy, and the same for any order of
//! the input. Deliberately not here: the review queue, which orders by expected harm; items chosen here are no sample, and no rate
//! may be estimated from them.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};

use serde::Serialize;
use thiserror::Error;

use crate::units::{Id, Market, Probability};

/// An item that could be labelled.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// The item.
    pub content_id: Id,
    /// Its market.
    pub market: Market,
    /// Its labels' probabilities.
    pub labels: Vec<ScoredLabel>,
    /// The near-duplicate cluster it belongs to, if any.
    pub cluster: Option<u64>,
    /// Views it is expected to get, finite and at least 0.
    pub forecast_views: f64,
}

/// One label of an item.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredLabel {
    /// The label.
    pub label: Id,
    /// P(violating).
    pub p: Probability,
    /// Where its decision falls: the operating point, or one half.
    pub threshold: Probability,
}

impl Scored {
    /// The item with its least certain label alone, which is all that [`next_to_label`] looks at; `None` without labels.
    #[must_use]
    pub fn least_certain(self) -> Option<Self> {
        let label = Rated::of(&self)?.label.clone();
        Some(Self { labels: vec![label], ..self })
    }
}

/// How many to choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextConfig {
    /// At most so many in all.
    pub limit: usize,
    /// At most so many of one market for one label.
    pub per_market_label: usize,
}

/// An item that cannot be ranked.
#[derive(Debug, Error, PartialEq)]
#[error("{content_id} has a forecast of {views} views: expected a number from 0 up")]
pub struct NextError {
    /// The item.
    pub content_id: Id,
    /// What was given.
    pub views: f64,
}

/// A chosen item, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NextToLabel {
    /// Place, from 1.
    pub rank: usize,
    /// The item.
    pub content_id: Id,
    /// Its market.
    pub market: Market,
    /// The label that is least certain.
    pub label: Id,
    /// P(violating) of that label.
    pub p: f64,
    /// Where its decision falls.
    pub threshold: f64,
    /// 0 (certain) to 1 (at the threshold): see [`next_to_label`].
    pub uncertainty: f64,
    /// ln(1 + forecast views).
    pub exposure: f64,
    /// uncertainty × exposure.
    pub score: f64,
    /// Items of its cluster that were chosen before it.
    pub copies_before: usize,
}

/// Chooses from `items`. The uncertainty of a label is the entropy, in bits, of p rescaled so that the threshold becomes one half
/// (q = p ÷ 2t below it, 1 − (1 − p) ÷ 2(1 − t) above): at t = ½ it is uncertainty sampling by entropy (Settles, Active Learning Literature
/// Survey, 2009, §3.1). An item's is that of its least certain label. Items without labels are never chosen. Equal scores go by uncertainty,
/// then identifier. An item that meets a full market and label is passed over, and counts for no cluster.
///
/// # Errors
/// When a forecast is negative or not finite.
pub fn next_to_label(items: &[Scored], config: &NextConfig) -> Result<Vec<NextToLabel>, NextError> {
    let mut clusters: BTreeMap<(Option<u64>, usize), Vec<Rated<'_>>> = BTreeMap::new();
    for (at, item) in items.iter().enumerate() {
        if !(item.forecast_views >= 0.0 && item.forecast_views.is_finite()) {
            return Err(NextError { content_id: item.content_id.clone(), views: item.forecast_views });
        }
        // Items without a cluster are one each.
        let cluster = if item.cluster.is_some() { (item.cluster, 0) } else { (None, at) };
        clusters.entry(cluster).or_default().extend(Rated::of(item));
    }
    // Of every cluster the best that is left: a cluster's second waits until the others' firsts are chosen.
    let mut heads = BinaryHeap::new();
    for mut rated in clusters.into_values() {
        rated.sort();
        heads.extend(rated.pop().map(|head| Head { copies_before: 0, head, rest: rated }));
    }
    let mut chosen: Vec<NextToLabel> = Vec::new();
    let mut taken: BTreeMap<(Market, &Id), usize> = BTreeMap::new();
    while chosen.len() < config.limit
        && let Some(Head { copies_before, head, mut rest }) = heads.pop()
    {
        let full = taken.entry((head.item.market, &head.label.label)).or_default();
        let has_room = *full < config.per_market_label;
        if has_room {
            *full += 1;
            chosen.push(head.chosen(chosen.len() + 1, copies_before));
        }
        let copies_before = copies_before + usize::from(has_room);
        heads.extend(rest.pop().map(|head| Head { copies_before, head, rest }));
    }
    Ok(chosen)
}

/// An item with its parts of the score. The greatest is chosen first.
#[derive(Debug)]
struct Rated<'i> {
    item: &'i Scored,
    label: &'i ScoredLabel,
    uncertainty: f64,
    exposure: f64,
}

impl<'i> Rated<'i> {
    fn of(item: &'i Scored) -> Option<Self> {
        let rated = item.labels.iter().map(|label| (uncertainty(label.p.get(), label.threshold.get()), label));
        // Of equally uncertain labels the first by name, in whatever order they came.
        let least_certain =
            |a: &(f64, &ScoredLabel), b: &(f64, &ScoredLabel)| a.0.total_cmp(&b.0).then(b.1.label.cmp(&a.1.label));
        let (uncertainty, label) = rated.max_by(least_certain)?;
        Some(Self { item, label, uncertainty, exposure: libm::log1p(item.forecast_views) })
    }

    fn score(&self) -> f64 {
        self.uncertainty * self.exposure
    }

    fn chosen(&self, rank: usize, copies_before: usize) -> NextToLabel {
        NextToLabel {
            rank,
            content_id: self.item.content_id.clone(),
            market: self.item.market,
            label: self.label.label.clone(),
            p: self.label.p.get(),
            threshold: self.label.threshold.get(),
            uncertainty: self.uncertainty,
            exposure: self.exposure,
            score: self.score(),
            copies_before,
        }
    }
}

impl Ord for Rated<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_score = self.score().total_cmp(&other.score()).then(self.uncertainty.total_cmp(&other.uncertainty));
        by_score.then_with(|| other.item.content_id.cmp(&self.item.content_id))
    }
}

impl PartialOrd for Rated<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Rated<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Rated<'_> {}

/// The best that is left of one cluster, and the rest of it, the best last.
#[derive(Debug, PartialEq, Eq)]
struct Head<'i> {
    copies_before: usize,
    head: Rated<'i>,
    rest: Vec<Rated<'i>>,
}

impl Ord for Head<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.copies_before.cmp(&self.copies_before).then_with(|| self.head.cmp(&other.head))
    }
}

impl PartialOrd for Head<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// See [`next_to_label`].
fn uncertainty(p: f64, threshold: f64) -> f64 {
    let q = if p == threshold {
        0.5
    } else if p < threshold {
        p / (2.0 * threshold)
    } else {
        1.0 - (1.0 - p) / (2.0 * (1.0 - threshold))
    };
    let part = |q: f64| if q > 0.0 { -q * libm::log2(q) } else { 0.0 };
    part(q) + part(1.0 - q)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An item of SG with one label and threshold ½.
    fn item(id: &str, p: f64, views: f64, cluster: Option<u64>) -> Scored {
        let label =
            ScoredLabel { label: "scam".into(), p: Probability::new(p).unwrap(), threshold: Probability::new(0.5).unwrap() };
        Scored { content_id: id.into(), market: "SG".parse().unwrap(), labels: vec![label], cluster, forecast_views: views }
    }

    const ALL: NextConfig = NextConfig { limit: 100, per_market_label: 100 };

    fn check(items: &[Scored], config: &NextConfig, expect: &[&str]) -> Vec<NextToLabel> {
        let found = next_to_label(items, config).unwrap();
        assert_eq!(found.iter().map(|n| n.content_id.as_str()).collect::<Vec<_>>(), expect);
        found
    }

    #[test]
    fn the_less_certain_and_the_more_seen_come_first() {
        let items = [item("sure", 0.99, 100.0, None), item("unsure", 0.5, 100.0, None), item("seen", 0.6, 1e6, None)];
        let found = check(&items, &ALL, &["seen", "unsure", "sure"]);
        // By hand: H(0.5) = 1 bit, ln 101.
        assert_eq!((found[1].uncertainty, found[1].rank), (1.0, 2));
        assert!((found[1].score - 4.615_120_516_841_26).abs() < 1e-12);
        check(&[item("b", 0.3, 9.0, None), item("a", 0.3, 9.0, None)], &ALL, &["a", "b"]);
        // Nobody sees either: the less certain one.
        check(&[item("a", 0.1, 0.0, None), item("b", 0.4, 0.0, None)], &ALL, &["b", "a"]);
    }

    #[test]
    fn uncertainty_peaks_at_the_threshold() {
        for (p, threshold, expect) in [
            (0.9, 0.9, 1.0),
            (0.0, 0.9, 0.0),
            (1.0, 0.9, 0.0),
            // q = 0.45 ÷ 1.8 and 1 − 0.05 ÷ 0.2: a quarter and three quarters, 0.811278 bits.
            (0.45, 0.9, 0.811_278_124_459_132_8),
            (0.95, 0.9, 0.811_278_124_459_132_8),
            (0.0, 0.0, 1.0),
            (1.0, 1.0, 1.0),
            (1.0, 0.0, 0.0),
        ] {
            let found = uncertainty(p, threshold);
            assert!((found - expect).abs() < 1e-12, "{p} at {threshold}: {found}");
        }
    }

    #[test]
    fn every_cluster_has_its_first_before_any_has_its_second() {
        let items = [
            item("a1", 0.5, 900.0, Some(1)),
            item("a2", 0.5, 800.0, Some(1)),
            item("a3", 0.5, 700.0, Some(1)),
            item("b1", 0.5, 20.0, Some(2)),
            item("b2", 0.5, 10.0, Some(2)),
            item("lone", 0.5, 5.0, None),
        ];
        let found = check(&items, &ALL, &["a1", "b1", "lone", "a2", "b2", "a3"]);
        assert_eq!(found.iter().map(|n| n.copies_before).collect::<Vec<_>>(), [0, 0, 0, 1, 1, 2]);
    }

    #[test]
    fn markets_and_labels_are_capped_and_the_least_certain_label_speaks() {
        let mut both = item("both", 0.99, 50.0, Some(1));
        both.labels.push(ScoredLabel { label: "gambling".into(), p: Probability::new(0.5).unwrap(), ..both.labels[0].clone() });
        let elsewhere = Scored { market: "MY".parse().unwrap(), ..item("elsewhere", 0.5, 10.0, Some(1)) };
        let items = [item("a", 0.5, 900.0, None), item("b", 0.5, 800.0, Some(1)), both, elsewhere];
        let found = check(&items, &NextConfig { limit: 9, per_market_label: 1 }, &["a", "both", "elsewhere"]);
        // `b` was passed over, so that it is no copy before `both`.
        assert_eq!((found[1].label.as_str(), found[1].copies_before, found[2].copies_before), ("gambling", 0, 1));
        check(&items, &NextConfig { limit: 1, per_market_label: 1 }, &["a"]);
        check(&[Scored { labels: vec![], ..item("a", 0.5, 1.0, None) }], &ALL, &[]);
        let odd = item("odd", 0.5, f64::NAN, None);
        assert_eq!(next_to_label(&[odd], &ALL).unwrap_err().content_id, "odd");
    }

    proptest! {
        #[test]
        fn the_order_of_the_items_changes_nothing(
            specs in prop::collection::vec((0..=10_u32, 0..4_u32, prop::option::of(0..3_u64)), 1..30),
            limit in 0..40_usize,
            by in 0..30_usize,
        ) {
            let config = NextConfig { limit, per_market_label: 20 };
            let mut items: Vec<Scored> = specs
                .iter()
                .enumerate()
                .map(|(n, (p, views, cluster))| item(&format!("i{n}"), f64::from(*p) / 10.0, f64::from(*views), *cluster))
                .collect();
            let found = next_to_label(&items, &config).unwrap();
            prop_assert_eq!(found.len(), limit.min(20).min(items.len()));
            let by = by % items.len();
            items.rotate_left(by);
            items[..by].reverse();
            prop_assert_eq!(&next_to_label(&items, &config).unwrap(), &found);
            prop_assert!(found.windows(2).all(|two| two[0].copies_before <= two[1].copies_before));
        }
    }
}
