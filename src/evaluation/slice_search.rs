//! Slices in which the model is worse than on the rest, found among all values of all attributes and their pairs.
//!
//! Plain log loss would find every slice with more violations, because they are harder, not because the model fails there. So a row's
//! loss is held against what its own probability promises: the calibration gap is y − p, the excess loss
//! l − E l = (p − y) logit p, and both have mean 0 wherever the probabilities are right. A slice's weighted mean is compared with the
//! rest's by a t-test whose variance is linearised and summed by seller, with Satterthwaite's degrees of freedom, but never taken for less
//! than the probabilities promise, p (1 − p) a row (times logit² p): a slice that lacks violations by chance would seem sure of it. The
//! gap is tested both ways, the excess upwards.
//!
//! The search is bounded: values with too few rows, sellers or expected violations are not tested, of an attribute at most [`MAX_VALUES`], the
//! most frequent, and pairs of these only. Everything tested counts in the false-discovery control. A pair is left out where one of
//! its attributes alone was found with an effect as large. Benjamini and Hochberg's control is proven for independent and positively
//! dependent tests; slices and what remains of them overlap in both directions, so the simulation in the tests is what vouches for it,
//! and Benjamini and Yekutieli's can be asked for.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::calibration::LOG_LOSS_CLIP;
use super::distributions::student_upper_tail;
use super::false_discovery::FalseDiscoveryControl;
use super::slices::{Slice, SliceRows, rows_by_value};
use super::sum::Sum;

/// Values of an attribute that are looked at, the most frequent.
pub const MAX_VALUES: usize = 40;

/// What worse means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SliceCriterion {
    /// Mean y − p: positive where violations are missed, negative where innocents are suspected.
    CalibrationGap,
    /// Mean log loss above what the probabilities promise: overconfidence.
    ExcessLoss,
}

/// What to search for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SliceSearch {
    /// What worse means.
    pub criterion: SliceCriterion,
    /// The share of false findings among the findings, on average.
    pub q: f64,
    /// How it is controlled.
    pub control: FalseDiscoveryControl,
    /// Rows that a slice and its rest need.
    pub min_rows: u64,
    /// Sellers that a slice and its rest need; at least 2.
    pub min_clusters: u64,
    /// Violations, and innocents, that the probabilities promise of a slice: a mean of rarer events is not near normal.
    pub min_expected: f64,
    /// Smaller effects are not reported, however sure.
    pub min_effect: f64,
}

impl Default for SliceSearch {
    fn default() -> Self {
        Self {
            criterion: SliceCriterion::CalibrationGap,
            q: 0.05,
            control: FalseDiscoveryControl::BenjaminiHochberg,
            min_rows: 100,
            min_clusters: 20,
            min_expected: 20.0,
            min_effect: 0.02,
        }
    }
}

/// A slice that is worse than the rest.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SliceFinding {
    /// The slice.
    pub slice: Slice,
    /// Rows.
    pub n: u64,
    /// Violating rows.
    pub positives: u64,
    /// Sellers.
    pub clusters: u64,
    /// Its share of the weight.
    pub share: f64,
    /// The criterion's mean in the slice.
    pub mean: f64,
    /// The criterion's mean in the rest.
    pub rest: f64,
    /// `mean − rest`.
    pub effect: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// The test's p-value.
    pub p_value: f64,
    /// The p-value after false-discovery control.
    pub q_value: f64,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SliceFindings {
    /// Slices that were tested.
    pub tested: u64,
    /// Those that are worse than the rest, the largest |effect| × share first.
    pub found: Vec<SliceFinding>,
}

impl SliceSearch {
    /// Searches `rows`. Of the same rows the same is found, in whatever order they come but for rounding.
    #[must_use]
    pub fn run(&self, rows: &SliceRows<'_>) -> SliceFindings {
        let whole = Whole::new(rows, self.criterion);
        let mut tested = Vec::new();
        let values: Vec<Vec<(&str, Vec<u32>)>> = rows.attributes.iter().map(|a| self.frequent(rows_by_value(a))).collect();
        for (at, attribute) in rows.attributes.iter().enumerate() {
            for (value, of_value) in &values[at] {
                let slice = Slice { of: vec![(attribute.name.to_owned(), (*value).to_owned())] };
                tested.extend(self.test(&whole, slice, of_value));
                for (other_at, other) in rows.attributes.iter().enumerate().skip(at + 1) {
                    let usable: BTreeSet<&str> = values[other_at].iter().map(|(value, _)| *value).collect();
                    let mut pairs: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
                    for row in of_value {
                        let second = other.values[*row as usize];
                        if usable.contains(second) {
                            pairs.entry(second).or_default().push(*row);
                        }
                    }
                    for (second, of_pair) in pairs {
                        // A pair that is the whole of its first value says nothing new.
                        if of_pair.len() < of_value.len() {
                            let name = |attribute: &str, value: &str| (attribute.to_owned(), value.to_owned());
                            let slice = Slice { of: vec![name(attribute.name, value), name(other.name, second)] };
                            tested.extend(self.test(&whole, slice, &of_pair));
                        }
                    }
                }
            }
        }
        self.believe(tested)
    }

    /// The values with rows enough, at most [`MAX_VALUES`].
    fn frequent<'a>(&self, values: BTreeMap<&'a str, Vec<u32>>) -> Vec<(&'a str, Vec<u32>)> {
        let mut values: Vec<(&str, Vec<u32>)> =
            values.into_iter().filter(|(_, rows)| rows.len() as u64 >= self.min_rows).collect();
        values.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then(a.0.cmp(b.0)));
        values.truncate(MAX_VALUES);
        values
    }

    /// The slice against the rest; `None` where either is too small to tell.
    fn test(&self, whole: &Whole<'_>, slice: Slice, rows: &[u32]) -> Option<SliceFinding> {
        let n = rows.len() as u64;
        if n < self.min_rows || whole.value.len() as u64 - n < self.min_rows {
            return None;
        }
        let mut inside = vec![false; whole.value.len()];
        rows.iter().for_each(|row| inside[*row as usize] = true);
        let part = whole.part(&inside);
        let enough_clusters = |n: u64| n >= self.min_clusters.max(2);
        if !enough_clusters(part.clusters)
            || !enough_clusters(part.rest_clusters)
            || part.promised.min(n as f64 - part.promised) < self.min_expected
            || part.standard_error <= 0.0
        {
            return None;
        }
        let effect = part.mean - part.rest;
        let t = effect / part.standard_error;
        let degrees = part.degrees.min((part.clusters.min(part.rest_clusters) - 1) as f64).max(1.0);
        let p_value = match self.criterion {
            SliceCriterion::CalibrationGap => 2.0 * student_upper_tail(t.abs(), degrees),
            SliceCriterion::ExcessLoss => student_upper_tail(t, degrees),
        };
        Some(SliceFinding {
            slice,
            n,
            positives: part.positives,
            clusters: part.clusters,
            share: part.share,
            mean: part.mean,
            rest: part.rest,
            effect,
            standard_error: part.standard_error,
            p_value,
            q_value: 1.0,
        })
    }

    /// What is left after false-discovery control, the least effect, and pairs that one of their attributes explains.
    fn believe(&self, mut tested: Vec<SliceFinding>) -> SliceFindings {
        let p: Vec<f64> = tested.iter().map(|slice| slice.p_value).collect();
        tested.iter_mut().zip(self.control.adjust(&p)).for_each(|(slice, q)| slice.q_value = q);
        let n_tested = tested.len() as u64;
        tested.retain(|slice| slice.q_value <= self.q && slice.effect.abs() >= self.min_effect);
        let alone: BTreeMap<(String, String), f64> =
            tested.iter().filter(|s| s.slice.of.len() == 1).map(|s| (s.slice.of[0].clone(), s.effect)).collect();
        tested.retain(|found| {
            found.slice.of.len() == 1
                || !found
                    .slice
                    .of
                    .iter()
                    .any(|of| alone.get(of).is_some_and(|e| e * found.effect > 0.0 && e.abs() >= found.effect.abs()))
        });
        let rank = |slice: &SliceFinding| slice.effect.abs() * slice.share;
        tested.sort_by(|a, b| rank(b).total_cmp(&rank(a)).then_with(|| a.slice.cmp(&b.slice)));
        SliceFindings { tested: n_tested, found: tested }
    }
}

/// All rows with their criterion, ordered by seller.
struct Whole<'a> {
    rows: &'a SliceRows<'a>,
    value: Vec<f64>,
    /// The variance of each that its own probability promises.
    promised: Vec<f64>,
    order: Vec<u32>,
}

/// A slice beside the rest.
struct Part {
    positives: u64,
    clusters: u64,
    rest_clusters: u64,
    promised: f64,
    share: f64,
    mean: f64,
    rest: f64,
    standard_error: f64,
    degrees: f64,
}

impl<'a> Whole<'a> {
    fn new(rows: &'a SliceRows<'a>, criterion: SliceCriterion) -> Self {
        let value = (0..rows.n_rows()).map(|row| {
            let (p, positive, _) = rows.row(row);
            let y = f64::from(u8::from(positive));
            match criterion {
                SliceCriterion::CalibrationGap => y - p,
                SliceCriterion::ExcessLoss => {
                    let p = p.clamp(LOG_LOSS_CLIP, 1.0 - LOG_LOSS_CLIP);
                    (p - y) * libm::log(p / (1.0 - p))
                }
            }
        });
        let promised = (0..rows.n_rows()).map(|row| {
            let p = rows.row(row).0.clamp(LOG_LOSS_CLIP, 1.0 - LOG_LOSS_CLIP);
            let logit = libm::log(p / (1.0 - p));
            match criterion {
                SliceCriterion::CalibrationGap => p * (1.0 - p),
                SliceCriterion::ExcessLoss => p * (1.0 - p) * logit * logit,
            }
        });
        let mut order: Vec<u32> = (0..rows.n_rows() as u32).collect();
        order.sort_by_key(|row| (rows.cluster[*row as usize], *row));
        Self { value: value.collect(), promised: promised.collect(), rows, order }
    }

    /// Both means, and the linearised variance of their difference: m ÷ (m − 1) Σ (Σ u)² over the m sellers, with
    /// u = ± w (v − mean) ÷ Σ w of the row's side.
    fn part(&self, inside: &[bool]) -> Part {
        let (mut weight, mut sum) = ([Sum::default(); 2], [Sum::default(); 2]);
        let (mut promised, mut positives) = (0.0, 0);
        for (row, is_inside) in inside.iter().enumerate() {
            let (p, positive, w) = self.rows.row(row);
            let side = usize::from(*is_inside);
            weight[side].add(w);
            sum[side].add(w * self.value[row]);
            if *is_inside {
                promised += p;
                positives += u64::from(positive);
            }
        }
        let weight = weight.map(Sum::value);
        let mean = [0, 1].map(|side| if weight[side] > 0.0 { sum[side].value() / weight[side] } else { 0.0 });
        let [mut squares, mut fourths, mut least] = [Sum::default(); 3];
        let (mut clusters, mut all) = ([0_u64; 2], 0_u64);
        let same = |a: &u32, b: &u32| self.rows.cluster[*a as usize] == self.rows.cluster[*b as usize];
        for cluster in self.order.chunk_by(same) {
            let (mut influence, mut seen) = (0.0, [false; 2]);
            for row in cluster {
                let row = *row as usize;
                let (side, w) = (usize::from(inside[row]), self.rows.row(row).2);
                if w > 0.0 {
                    seen[side] = true;
                    let part = w / weight[side];
                    let by = part * (self.value[row] - mean[side]);
                    least.add(part * part * self.promised[row]);
                    influence += if side == 1 { by } else { -by };
                }
            }
            let square = influence * influence;
            squares.add(square);
            fourths.add(square * square);
            clusters.iter_mut().zip(seen).for_each(|(n, seen)| *n += u64::from(seen));
            all += u64::from(seen[0] || seen[1]);
        }
        let (m, squares) = (all as f64, squares.value());
        let excess = fourths.value() / (squares * squares) - 1.0 / m;
        Part {
            positives,
            clusters: clusters[1],
            rest_clusters: clusters[0],
            promised,
            share: if weight[0] + weight[1] > 0.0 { weight[1] / (weight[0] + weight[1]) } else { 0.0 },
            mean: mean[1],
            rest: mean[0],
            standard_error: if all > 1 { (m / (m - 1.0) * squares).max(least.value()).sqrt() } else { 0.0 },
            degrees: if excess > 0.0 { 2.0 / excess } else { m },
        }
    }
}
