//! Prevalence of a segment that is too small to label, from what its score buckets hold elsewhere.
//!
//! P = `Σ_b` `s_b` `π_b` (arXiv 2602.16111), with `s_b` the share of the segment's views in score bucket b, which is known, and `π_b` the
//! rate that was found in the bucket over all segments. The interval sums those of the `π_b` (MOVER: Zou and Donner 2008): their uncertainty
//! is all there is to the figure, and where nothing was found in a bucket it is not 0. What the segment has that its scores don't show,
//! it does not see.

use super::{SampledRow, plain};
use crate::evaluation::{Interval, Sum};

/// Lower edges of the score buckets after the first.
const EDGES: [f64; 7] = [0.003, 0.01, 0.03, 0.1, 0.2, 0.4, 0.7];

/// Number of score buckets.
pub(super) const BUCKETS: usize = EDGES.len() + 1;

/// Labelled rows without which a bucket is joined with its neighbours.
const LEAST_ROWS: usize = 10;

/// The bucket of a probability, from 0.
#[must_use]
pub(super) fn bucket(predicted: f64) -> usize {
    EDGES.iter().filter(|edge| predicted >= **edge).count()
}

/// Neighbouring buckets, and what was found in them.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Group {
    /// The first bucket after the group's last.
    end: usize,
    value: f64,
    interval: Interval,
}

/// The rate found in each score bucket.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BucketRates {
    groups: Vec<Group>,
    /// Labelled rows.
    pub n: u64,
    /// Of them, violating ones.
    pub positives: u64,
}

impl BucketRates {
    /// From all labelled `rows` that have a prediction; `None` with too few.
    #[must_use]
    pub(super) fn of(rows: &[SampledRow]) -> Option<Self> {
        let mut by_bucket: Vec<Vec<SampledRow>> = vec![Vec::new(); BUCKETS];
        for row in rows.iter().filter(|row| row.weight > 0.0) {
            if let Some(of) = row.predicted.and_then(|p| by_bucket.get_mut(bucket(p))) {
                of.push(*row);
            }
        }
        let n = by_bucket.iter().map(Vec::len).sum::<usize>() as u64;
        let positives = by_bucket.iter().flatten().filter(|row| row.violating).count() as u64;
        // From above: a rare high bucket is joined with the one below it, and what is left at the bottom with the last group.
        let mut parts: Vec<(usize, Vec<SampledRow>)> = Vec::new();
        let mut open: (usize, Vec<SampledRow>) = (BUCKETS, Vec::new());
        for (at, of) in by_bucket.into_iter().enumerate().rev() {
            open.1.extend(of);
            if open.1.len() >= LEAST_ROWS {
                parts.push(std::mem::replace(&mut open, (at, Vec::new())));
            }
        }
        parts.last_mut()?.1.append(&mut open.1);
        let group = |(end, rows): &(usize, Vec<SampledRow>)| {
            plain(rows).map(|found| Group { end: *end, value: found.value, interval: found.interval })
        };
        Some(Self { groups: parts.iter().rev().map(group).collect::<Option<_>>()?, n, positives })
    }

    /// The rate of a segment with so many views in each bucket, and its 95 % interval; `None` without views.
    #[must_use]
    pub(super) fn rate(&self, views: &[u64; BUCKETS]) -> Option<(f64, Interval)> {
        let total = views.iter().map(|v| *v as f64).sum::<f64>();
        if total <= 0.0 {
            return None;
        }
        let (mut value, mut below, mut above) = (Sum::default(), Sum::default(), Sum::default());
        let mut start = 0;
        for group in &self.groups {
            let share = views.iter().take(group.end).skip(start).map(|v| *v as f64).sum::<f64>() / total;
            start = group.end;
            value.add(share * group.value);
            let (down, up) = (share * (group.value - group.interval.low), share * (group.interval.high - group.value));
            below.add(down * down);
            above.add(up * up);
        }
        let value = value.value().clamp(0.0, 1.0);
        let interval = Interval { low: (value - below.value().sqrt()).max(0.0), high: (value + above.value().sqrt()).min(1.0) };
        Some((value, interval))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(n: u64, violating: u64, predicted: f64) -> Vec<SampledRow> {
        let of = |i| SampledRow {
            violating: i < violating,
            predicted: Some(predicted),
            weight: 1.0,
            inclusion: 1e-9,
            cluster: i * 1000 + (predicted * 100.0) as u64,
        };
        (0..n).map(of).collect()
    }

    #[test]
    fn a_segment_has_the_rate_of_its_buckets() {
        assert_eq!((bucket(0.0), bucket(0.01), bucket(0.39), bucket(1.0)), (0, 2, 5, 7));
        // 10 % in the bucket of 0.05, half in that of 0.5.
        let labelled = [rows(100, 10, 0.05), rows(100, 50, 0.5)].concat();
        let rates = BucketRates::of(&labelled).unwrap();
        assert_eq!((rates.n, rates.positives), (200, 60));
        let (value, interval) = rates.rate(&[0, 0, 0, 300, 0, 0, 100, 0]).unwrap();
        // ¾ · 0.1 + ¼ · 0.5.
        assert!((value - 0.2).abs() < 1e-12);
        assert!(interval.low > 0.1 && interval.high < 0.3 && interval.low < value && value < interval.high, "{interval:?}");
        // Buckets that nobody labelled have the rate of the next one below, and the lowest that of the next above.
        assert!((rates.rate(&[0, 0, 0, 0, 0, 0, 0, 5]).unwrap().0 - 0.5).abs() < 1e-12);
        assert!((rates.rate(&[5, 0, 0, 0, 0, 0, 0, 0]).unwrap().0 - 0.1).abs() < 1e-12);
        assert_eq!(rates.rate(&[0; BUCKETS]), None);
    }

    #[test]
    fn nothing_found_is_no_proof_of_nothing() {
        let rates = BucketRates::of(&rows(100, 0, 0.001)).unwrap();
        let (value, interval) = rates.rate(&[7, 0, 0, 0, 0, 0, 0, 0]).unwrap();
        assert!(value == 0.0 && interval.high > 0.02);
        assert_eq!(BucketRates::of(&rows(9, 0, 0.001)), None);
    }
}
