//! Rows in the one order in which a draw passes over them, and the clusters that they are drawn by.

use std::cmp::Ordering;

use super::super::predictions::Row;

/// One row that weighs something.
#[derive(Debug, Clone, Copy)]
pub(super) struct ClusteredRow {
    pub(super) row: Row,
    /// Number of its cluster, from 0 without gaps.
    pub(super) cluster: u32,
}

/// Numbers the clusters of the rows: named ones by their id, then each row without one, in the order of `compare`.
///
/// `compare` decides by what a row is, never by where it stands, so that the numbers, and with them the draws, do not depend on
/// the order of the rows. Returns each row's cluster and the number of clusters.
pub(super) fn number_clusters(ids: &[Option<u32>], compare: impl Fn(usize, usize) -> Ordering) -> (Vec<u32>, usize) {
    let mut named: Vec<u32> = ids.iter().copied().flatten().collect();
    named.sort_unstable();
    named.dedup();
    let mut alone: Vec<usize> = (0..ids.len()).filter(|i| ids[*i].is_none()).collect();
    alone.sort_by(|a, b| compare(*a, *b));
    let of_id = |id: &Option<u32>| id.and_then(|id| named.binary_search(&id).ok()).unwrap_or(0) as u32;
    let mut numbers: Vec<u32> = ids.iter().map(of_id).collect();
    for (rank, row) in alone.iter().enumerate() {
        numbers[*row] = (named.len() + rank) as u32;
    }
    (numbers, named.len() + alone.len())
}

/// Highest score first; of equal scores the positive ones first, then the heavier.
pub(super) fn descending(a: &Row, b: &Row) -> Ordering {
    b.score.total_cmp(&a.score).then(b.positive.cmp(&a.positive)).then(b.weight.total_cmp(&a.weight))
}

/// A stretch of ranked rows: the positive rows of one score, the negative rows of that score, and negative rows with lower
/// scores down to the next score that has a positive row or that a threshold stands at. Starts where the one before ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stretch {
    pub(super) positive_end: usize,
    pub(super) tied_end: usize,
    pub(super) end: usize,
}

/// Rows by falling score, laid out for many draws.
#[derive(Debug)]
pub(super) struct Ranked {
    /// Highest score first, in an order that is a function of the set of rows.
    pub(super) rows: Vec<ClusteredRow>,
    pub(super) n_clusters: usize,
    /// The rows' clusters, once more by themselves: what a draw reads of each row.
    pub(super) cluster: Vec<u32>,
    /// The rows' weights; `None` where each weighs 1 and counts are enough.
    pub(super) weight: Option<Vec<f64>>,
    pub(super) stretches: Vec<Stretch>,
    /// How many rows reach each threshold, in the order in which the thresholds were given.
    pub(super) reaching: Vec<usize>,
    /// How many stretches those rows fill.
    pub(super) stretches_reaching: Vec<usize>,
}

impl Ranked {
    pub(super) fn new(mut rows: Vec<ClusteredRow>, n_clusters: usize, thresholds: &[f64]) -> Self {
        rows.sort_unstable_by(|a, b| descending(&a.row, &b.row).then(a.cluster.cmp(&b.cluster)));
        let reaching: Vec<usize> = thresholds.iter().map(|t| rows.partition_point(|r| r.row.score >= *t)).collect();
        let stretches = stretches_of(&rows, &reaching);
        let stretches_reaching = reaching.iter().map(|n| stretches.partition_point(|s| s.end <= *n)).collect();
        let unweighted = rows.iter().all(|r| r.row.weight == 1.0);
        Self {
            n_clusters,
            cluster: rows.iter().map(|r| r.cluster).collect(),
            weight: (!unweighted).then(|| rows.iter().map(|r| r.row.weight).collect()),
            stretches,
            reaching,
            stretches_reaching,
            rows,
        }
    }
}

fn stretches_of(rows: &[ClusteredRow], breaks: &[usize]) -> Vec<Stretch> {
    let mut breaks = breaks.to_vec();
    breaks.sort_unstable();
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut start = 0;
    for tied in rows.chunk_by(|a, b| a.row.score == b.row.score) {
        let positive_end = start + tied.partition_point(|r| r.row.positive);
        let end = start + tied.len();
        let goes_on = positive_end == start && breaks.binary_search(&start).is_err();
        match stretches.last_mut() {
            Some(last) if goes_on => last.end = end,
            _ => stretches.push(Stretch { positive_end, tied_end: if positive_end == start { start } else { end }, end }),
        }
        start = end;
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(of: &[(f64, bool)]) -> Vec<ClusteredRow> {
        let row = |(i, (score, positive)): (usize, &(f64, bool))| ClusteredRow {
            row: Row { score: *score, positive: *positive, weight: 1.0 },
            cluster: i as u32,
        };
        of.iter().enumerate().map(row).collect()
    }

    fn ends(of: &[(f64, bool)], thresholds: &[f64]) -> (Vec<[usize; 3]>, Vec<usize>) {
        let ranked = Ranked::new(rows(of), of.len(), thresholds);
        (ranked.stretches.iter().map(|s| [s.positive_end, s.tied_end, s.end]).collect(), ranked.stretches_reaching)
    }

    #[test]
    fn stretches_end_at_positive_rows_and_at_thresholds() {
        let of = [(0.9, false), (0.8, true), (0.8, false), (0.7, false), (0.6, false), (0.6, true), (0.1, false)];
        assert_eq!(ends(&of, &[]).0, [[0, 0, 1], [2, 3, 4], [5, 6, 7]]);
        let (cut, reaching) = ends(&of, &[0.7, 0.75, 0.0, 1.0, 0.5]);
        assert_eq!(cut, [[0, 0, 1], [2, 3, 3], [3, 3, 4], [5, 6, 6], [6, 6, 7]]);
        assert_eq!(reaching, [3, 2, 5, 0, 4]);
        assert_eq!(ends(&[], &[0.5]), (vec![], vec![0]));
    }

    #[test]
    fn clusters_are_numbered_without_gaps_and_lone_rows_by_what_they_are() {
        let ids = [Some(7), None, Some(3), Some(7), None];
        let value = [0.0, 2.0, 0.0, 0.0, 1.0];
        let by_value = |a: usize, b: usize| f64::total_cmp(&value[a], &value[b]);
        assert_eq!(number_clusters(&ids, by_value), (vec![1, 3, 0, 1, 2], 4));
        assert_eq!(number_clusters(&[], by_value), (vec![], 0));
    }
}
