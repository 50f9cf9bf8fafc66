//! How much of the population each reviewed row stands for, where most reviews were picked because something looked bad.
//!
//! Rows of known inclusion probability π stand for 1/π rows (Horvitz and Thompson 1952), capped. The others have none, and a policy's or
//! a model's queue holds violations far above their rate. What a queue picks by is mostly whether something is wrong with the
//! item, so its rows are a choice-based sample: weighted by class until they show the population's rate, they estimate what the
//! population would (Manski and Lerman 1977; King and Zeng 2001). That rate comes from the known rows, of which a label has few: the
//! difference of log-odds between a label's known and other rows is drawn to the labels' common difference (random effects,
//! DerSimonian and Laird 1986). Within a class, known and other rows share its weight by their effective sizes.
//!
//! Input: the labels' targets. Output: a weight a row, of mean 1 within a label, and what was done. Deliberately not here: what the
//! weights are for, and reviewers' reliability.

use serde::Serialize;

use super::LabelTargets;

/// A row stands for at most this many times what the label's median known row stands for: one lucky draw must not speak for all.
const CAP: f64 = 10.0;

/// Known rows that all labels together need, and positives among them, before anything is weighted.
const MIN_KNOWN: usize = 50;
const MIN_KNOWN_POSITIVE: usize = 10;

/// What was done with one label's rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SamplingReport {
    /// Rows of known inclusion probability.
    pub known: u64,
    /// Rows of none.
    pub unknown: u64,
    /// Known rows whose inverse probability was capped.
    pub capped: u64,
    /// Share of violating rows in the sample.
    pub sample_rate: f64,
    /// Share of violating rows in the population, as the weights have it.
    pub population_rate: f64,
    /// Kish's effective number of rows, (Σw)² ÷ Σw².
    pub n_effective: f64,
}

/// The weights of one label's rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SamplingWeights {
    /// One a row, of mean 1.
    pub(super) weight: Vec<f64>,
    /// What was done.
    pub(super) report: SamplingReport,
}

/// Weights for every label with rows. `None` where the known rows of all labels together are too few to say anything.
pub(super) fn sampling_weights(targets: &[LabelTargets]) -> Option<Vec<Option<SamplingWeights>>> {
    let samples: Vec<Sample> = targets.iter().map(Sample::of).collect();
    let known: usize = samples.iter().map(|sample| sample.known.len()).sum();
    let positive: usize = samples.iter().map(|sample| sample.known_of(true).count()).sum();
    if known < MIN_KNOWN || positive < MIN_KNOWN_POSITIVE {
        return None;
    }
    let offsets: Vec<Option<Offset>> = samples.iter().map(Sample::offset).collect();
    let common = Common::of(offsets.iter().flatten());
    Some(samples.iter().zip(&offsets).map(|(sample, offset)| sample.weigh(common, *offset)).collect())
}

/// A known row: its place among the label's rows, its class, and for how many it stands.
#[derive(Debug, Clone, Copy)]
struct Known {
    at: usize,
    positive: bool,
    inverse: f64,
}

/// One label's rows.
struct Sample<'a> {
    target: &'a LabelTargets,
    known: Vec<Known>,
    capped: u64,
    /// Other rows by class: compliant, violating.
    unknown: [f64; 2],
}

/// A difference of log-odds and its variance.
#[derive(Debug, Clone, Copy)]
struct Offset {
    value: f64,
    variance: f64,
}

impl<'a> Sample<'a> {
    fn of(target: &'a LabelTargets) -> Self {
        let mut unknown = [0.0; 2];
        let mut known = Vec::new();
        for (at, (pi, positive)) in target.inclusion.iter().zip(&target.positive).enumerate() {
            match pi {
                Some(pi) => known.push(Known { at, positive: *positive, inverse: 1.0 / pi }),
                None => unknown[usize::from(*positive)] += 1.0,
            }
        }
        let cap = CAP * median(known.iter().map(|row| row.inverse).collect());
        let capped = known.iter().filter(|row| row.inverse > cap).count() as u64;
        known.iter_mut().for_each(|row| row.inverse = row.inverse.min(cap));
        Self { target, known, capped, unknown }
    }

    fn known_of(&self, class: bool) -> impl Iterator<Item = f64> + '_ {
        self.known.iter().filter(move |row| row.positive == class).map(|row| row.inverse)
    }

    /// Known rows by class, each counted at its share of their effective number.
    fn known_counts(&self) -> [f64; 2] {
        let (sum, squares) = sums(self.known.iter().map(|row| row.inverse));
        let scale = if squares > 0.0 { sum / squares } else { 0.0 };
        [false, true].map(|class| scale * sums(self.known_of(class)).0)
    }

    /// What the known rows' log-odds differ by from the others'; `None` unless there are rows of both sorts.
    fn offset(&self) -> Option<Offset> {
        let known = self.known_counts();
        let has_unknown = self.unknown[0] + self.unknown[1] > 0.0;
        (!self.known.is_empty() && has_unknown).then(|| {
            let (known, others) = (log_odds(known), log_odds(self.unknown));
            Offset { value: known.value - others.value, variance: known.variance + others.variance }
        })
    }

    fn weigh(&self, common: Option<Common>, offset: Option<Offset>) -> Option<SamplingWeights> {
        let n = self.target.rows.len() as f64;
        let has_unknown = self.unknown[0] + self.unknown[1] > 0.0;
        // With rows of one sort only, either they are the population's, or the common difference is all that is known.
        let rate = match (has_unknown, common) {
            (false, _) => {
                let counts = self.known_counts();
                counts[1] / (counts[0] + counts[1])
            }
            (true, Some(common)) => logistic(log_odds(self.unknown).value + common.draw(offset)),
            (true, None) => return None,
        };
        let mut weight = vec![0.0; self.target.rows.len()];
        let of_each = |class: bool| self.target.positive.contains(&class);
        // A class without rows leaves its weight to the other.
        let share = if of_each(true) && of_each(false) { [1.0 - rate, rate] } else { [1.0, 1.0] };
        for class in [false, true] {
            let at = usize::from(class);
            let (sum, squares) = sums(self.known_of(class));
            let effective = if squares > 0.0 { sum * sum / squares } else { 0.0 };
            let all = effective + self.unknown[at];
            let (for_known, for_others) = (n * share[at] * effective / all, n * share[at] / all);
            for (i, (pi, positive)) in self.target.inclusion.iter().zip(&self.target.positive).enumerate() {
                if *positive == class && pi.is_none() {
                    weight[i] = for_others;
                }
            }
            self.known.iter().filter(|row| row.positive == class).for_each(|row| weight[row.at] = for_known * row.inverse / sum);
        }
        let (sum, squares) = sums(weight.iter().copied());
        let positive = self.target.positive.iter().filter(|positive| **positive).count() as f64;
        (squares > 0.0).then(|| SamplingWeights {
            report: SamplingReport {
                known: self.known.len() as u64,
                unknown: self.target.rows.len() as u64 - self.known.len() as u64,
                capped: self.capped,
                sample_rate: positive / n,
                population_rate: rate,
                n_effective: sum * sum / squares,
            },
            weight,
        })
    }
}

/// The labels' common difference and how much theirs vary around it.
#[derive(Debug, Clone, Copy)]
struct Common {
    mean: f64,
    variance: f64,
}

impl Common {
    /// DerSimonian and Laird's moments: τ² = max(0, (Q − (k − 1)) ÷ (Σu − Σu² ÷ Σu)) with u = 1 ÷ variance.
    fn of<'o>(offsets: impl Iterator<Item = &'o Offset> + Clone) -> Option<Self> {
        let (total, squares) = sums(offsets.clone().map(|offset| 1.0 / offset.variance));
        if total <= 0.0 {
            return None;
        }
        let fixed = offsets.clone().map(|offset| offset.value / offset.variance).sum::<f64>() / total;
        let spread: f64 = offsets.clone().map(|o| (o.value - fixed) * (o.value - fixed) / o.variance).sum();
        let excess = spread - (offsets.clone().count() as f64 - 1.0);
        let free = total - squares / total;
        let variance = if free > 0.0 { (excess / free).max(0.0) } else { 0.0 };
        let (mut sum, mut weights) = (0.0, 0.0);
        for offset in offsets {
            sum += offset.value / (offset.variance + variance);
            weights += 1.0 / (offset.variance + variance);
        }
        Some(Self { mean: sum / weights, variance })
    }

    /// A label's difference, drawn to the common one by how little is known of it.
    fn draw(self, offset: Option<Offset>) -> f64 {
        match offset {
            Some(own) if self.variance > 0.0 => {
                (own.value * self.variance + self.mean * own.variance) / (self.variance + own.variance)
            }
            _ => self.mean,
        }
    }
}

/// ln((positives + ½) ÷ (negatives + ½)) and its variance 1/(positives + ½) + 1/(negatives + ½) (Gart and Zweifel 1967).
fn log_odds(counts: [f64; 2]) -> Offset {
    let [negative, positive] = counts.map(|count| count + 0.5);
    Offset { value: libm::log(positive / negative), variance: 1.0 / positive + 1.0 / negative }
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

fn sums(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((0.0, 0.0), |(sum, squares), value| (sum + value, squares + value * value))
}

/// The lower median; 0 of nothing.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::LabelKind;

    /// A label's rows: how many, their class and π.
    fn target(label: &str, rows: &[(usize, bool, Option<f64>)]) -> LabelTargets {
        let all: Vec<(bool, Option<f64>)> = rows.iter().flat_map(|(n, y, pi)| vec![(*y, *pi); *n]).collect();
        LabelTargets {
            label: label.into(),
            rows: (0..all.len() as u32).collect(),
            positive: all.iter().map(|row| row.0).collect(),
            weight: vec![1.0; all.len()],
            inclusion: all.iter().map(|row| row.1).collect(),
            kind: LabelKind::Abuse,
        }
    }

    fn weights(targets: &[LabelTargets]) -> Vec<SamplingWeights> {
        sampling_weights(targets).unwrap().into_iter().flatten().collect()
    }

    /// 90 + 10 rows drawn at one tenth beside 60 + 40 picked ones: a rate of one tenth, as near as the halves added to the counts let it be.
    #[test]
    fn picked_rows_are_weighted_to_the_populations_rate() {
        let rows = [(90, false, Some(0.1)), (10, true, Some(0.1)), (60, false, None), (40, true, None)];
        let found = &weights(&[target("spam", &rows)])[0];
        let report = found.report;
        assert_eq!((report.known, report.unknown, report.capped, report.sample_rate), (100, 100, 0, 0.25));
        assert!((report.population_rate - 0.104).abs() < 0.001, "{report:?}");
        let total: f64 = found.weight.iter().sum();
        let positive: f64 = found.weight[90..100].iter().chain(&found.weight[160..]).sum();
        assert!((total - 200.0).abs() < 1e-9 && (positive / total - report.population_rate).abs() < 1e-12);
        // Within a class equal rows count the same, known or not.
        assert!((found.weight[0] - found.weight[100]).abs() < 1e-12 && (found.weight[95] - found.weight[199]).abs() < 1e-12);
        let squares: f64 = found.weight.iter().map(|w| w * w).sum();
        assert!((report.n_effective - total * total / squares).abs() < 1e-9 && report.n_effective < 200.0);
    }

    #[test]
    fn a_lucky_draw_is_capped() {
        let rows = [(60, false, Some(0.5)), (20, true, Some(0.5)), (1, false, Some(0.001))];
        let found = &weights(&[target("spam", &rows)])[0];
        assert_eq!(found.report.capped, 1);
        // All are known: 1/π, of the last one ten times the median 2.
        assert!((found.weight[80] / found.weight[0] - 10.0).abs() < 1e-9);
        assert!((found.report.population_rate - 40.0 / 180.0).abs() < 1e-12);
    }

    #[test]
    fn a_label_without_known_rows_borrows_the_others_difference() {
        let rich = [(180, false, Some(0.1)), (20, true, Some(0.1)), (60, false, None), (40, true, None)];
        let found = weights(&[target("rich", &rich), target("poor", &[(50, false, None), (50, true, None)])]);
        let odds = |rate: f64| rate / (1.0 - rate);
        let by = |report: SamplingReport, sample: f64| odds(report.population_rate) / sample;
        assert!((by(found[0].report, 40.5 / 60.5) - by(found[1].report, 1.0)).abs() < 1e-9, "{found:?}");
        assert!(found[1].report.population_rate < 0.2);
    }

    #[test]
    fn few_known_rows_say_nothing() {
        assert_eq!(sampling_weights(&[target("spam", &[(500, false, None), (100, true, None)])]), None);
        assert_eq!(sampling_weights(&[target("spam", &[(49, true, Some(0.5)), (100, true, None)])]), None);
        assert_eq!(sampling_weights(&[target("spam", &[(100, false, Some(0.5)), (9, true, Some(0.5))])]), None);
    }

    /// DerSimonian and Laird by hand: values 0, 1 and 3 of variances 1, 1 and ½ have weights 1, 1 and 2, mean 7/4 and
    /// Q = 49/16 + 9/16 + 2 · 25/16 = 27/4, so τ² = (27/4 − 2) ÷ (4 − 6/4) = 1.9; weights 1/2.9, 1/2.9 and 1/2.4.
    #[test]
    fn the_common_difference_by_hand() {
        let offset = |value, variance| Offset { value, variance };
        let common = Common::of([offset(0.0, 1.0), offset(1.0, 1.0), offset(3.0, 0.5)].iter()).unwrap();
        assert!((common.variance - 1.9).abs() < 1e-12);
        let mean = (1.0 / 2.9 + 3.0 / 2.4) / (2.0 / 2.9 + 1.0 / 2.4);
        assert!((common.mean - mean).abs() < 1e-12);
        assert!((common.draw(Some(offset(3.0, 0.5))) - (3.0 * 1.9 + mean * 0.5) / 2.4).abs() < 1e-12);
        assert_eq!(common.draw(None), common.mean);
        // Labels that differ by chance alone share one difference.
        let alike = Common::of([offset(1.0, 1.0), offset(1.1, 1.0)].iter()).unwrap();
        assert_eq!((alike.variance, alike.draw(Some(offset(1.1, 1.0)))), (0.0, alike.mean));
    }
}
