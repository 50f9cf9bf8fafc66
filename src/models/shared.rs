//! A label's log-odds from the text scores of all labels.
//!
//! Labels of one project overlap: what speaks for hate speech against a group speaks against hate speech against a person, and a
//! label of few positives learns from one of many. Each score s enters as it is and as 1 / (1 + e^−s), which tells likely from
//! unlikely and is flat elsewhere: log-odds = intercept + Σ_j slope_j · s_j + lift_j · σ(s_j).
//!
//! The scores must be out of fold for the rows that the line is fitted on: a text model's own training rows look too good.

use super::logistic::ScoreLine;
use super::measures::{logistic_loss, sigmoid};

/// Inverse of the L2 penalty on what the labels add, on scores scaled to unit variance: chosen on the training folds of real data.
const C: f64 = 0.1;

/// The label's own score is penalised by the square of this less: without evidence the others add nothing.
const OWN_SCALE: f64 = 10.0;

/// A line through the text scores of several labels.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SharedLine {
    /// Log-odds where all terms are 0.
    pub(super) intercept: f64,
    /// Log-odds per unit of each label's score.
    pub(super) slopes: Vec<f64>,
    /// Log-odds between each label's score far below and far above 0.
    pub(super) lifts: Vec<f64>,
}

/// What a line is fitted on.
#[derive(Debug, Clone, Copy)]
pub(super) struct SharedRows<'a> {
    /// Per label the text score of each row of the set.
    pub(super) scores: &'a [&'a [f64]],
    /// The labels that may be used.
    pub(super) usable: &'a [bool],
    /// The label that the line is for.
    pub(super) own: usize,
    /// Rows of the set.
    pub(super) rows: &'a [u32],
    /// Their classes.
    pub(super) positive: &'a [bool],
    /// Their weights.
    pub(super) weight: &'a [f64],
}

impl SharedLine {
    /// The log-odds at the labels' scores.
    pub(super) fn at(&self, scores: &[f64]) -> f64 {
        let mut sum = self.intercept;
        for (label, score) in scores.iter().enumerate() {
            sum += self.term(label, *score);
        }
        sum
    }

    /// What one label's score adds.
    pub(super) fn term(&self, label: usize, score: f64) -> f64 {
        let lift = self.lifts[label];
        // Most labels of a project with one label, or of one that keeps its own score, have none.
        self.slopes[label] * score + if lift == 0.0 { 0.0 } else { lift * sigmoid(score) }
    }

    /// One label's score alone, on a straight line.
    pub(super) fn of_one(line: ScoreLine, own: usize, n_labels: usize) -> Self {
        let mut slopes = vec![0.0; n_labels];
        slopes[own] = line.slope;
        Self { intercept: line.intercept, slopes, lifts: vec![0.0; n_labels] }
    }

    /// Fits the line of a label's own score where no other may be used, else one of all that may.
    pub(super) fn fit(rows: SharedRows) -> Self {
        let n_labels = rows.scores.len();
        if rows.usable.iter().filter(|usable| **usable).count() < 2 {
            let own: Vec<f64> = rows.rows.iter().map(|row| rows.scores[rows.own][*row as usize]).collect();
            let target: Vec<f64> = rows.positive.iter().map(|y| f64::from(u8::from(*y))).collect();
            return Self::of_one(ScoreLine::fit(&own, &target, rows.weight), rows.own, n_labels);
        }
        let scales: Vec<[Scale; 2]> = (0..n_labels).map(|label| rows.scales(label)).collect();
        let terms = (rows.rows.iter())
            .flat_map(|row| (0..n_labels).flat_map(|label| rows.terms(label, *row, &scales[label])).chain([1.0]))
            .collect();
        let ridge = Ridge { terms, n_terms: 2 * n_labels + 1, positive: rows.positive, weight: rows.weight };
        Self::unscaled(&ridge.solve(), &scales)
    }

    /// From coefficients of scaled terms, the intercept last.
    fn unscaled(coefficients: &[f64], scales: &[[Scale; 2]]) -> Self {
        let intercept = coefficients.last().copied().unwrap_or(0.0);
        let mut line = Self { intercept, slopes: Vec::new(), lifts: Vec::new() };
        for ([score, lift], of_label) in scales.iter().zip(coefficients.chunks_exact(2)) {
            let (a, b) = (of_label[0] * score.factor, of_label[1] * lift.factor);
            line.intercept -= a * score.mean + b * lift.mean;
            line.slopes.push(a);
            line.lifts.push(b);
        }
        line
    }
}

/// Logistic regression on few dense terms: C · Σ w·loss + ½‖β‖², the last term, which is 1 in every row, without a penalty.
struct Ridge<'a> {
    /// Row after row.
    terms: Vec<f64>,
    n_terms: usize,
    positive: &'a [bool],
    weight: &'a [f64],
}

impl Ridge<'_> {
    /// The minimum, by Newton's method with halving steps.
    fn solve(&self) -> Vec<f64> {
        let mut coefficients = vec![0.0; self.n_terms];
        let mut loss = self.loss(&coefficients);
        for _ in 0..MAX_NEWTON_STEPS {
            let (gradient, hessian) = self.derivatives(&coefficients);
            let Some(step) = solve_symmetric(hessian, &gradient) else { break };
            let mut scale = 1.0;
            let next = loop {
                let trial: Vec<f64> = coefficients.iter().zip(&step).map(|(b, s)| b - scale * s).collect();
                let found = self.loss(&trial);
                if found < loss || scale < 1e-6 {
                    break (trial, found);
                }
                scale *= 0.5;
            };
            if next.1.is_nan() || next.1 >= loss {
                break;
            }
            let gained = loss - next.1;
            (coefficients, loss) = next;
            if gained <= 1e-9 * loss {
                break;
            }
        }
        coefficients
    }

    fn margin(terms: &[f64], coefficients: &[f64]) -> f64 {
        terms.iter().zip(coefficients).fold(0.0, |sum, (x, b)| sum + x * b)
    }

    fn loss(&self, coefficients: &[f64]) -> f64 {
        let mut sum = 0.0;
        for ((terms, positive), weight) in self.terms.chunks_exact(self.n_terms).zip(self.positive).zip(self.weight) {
            sum += weight * logistic_loss(Self::margin(terms, coefficients), *positive);
        }
        let penalty: f64 = coefficients[..self.n_terms - 1].iter().map(|b| b * b).sum();
        C * sum + 0.5 * penalty
    }

    /// The gradient, and the lower half of the second derivatives, row after row.
    fn derivatives(&self, coefficients: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let n = self.n_terms;
        let (mut gradient, mut hessian) = (coefficients.to_vec(), vec![0.0; n * n]);
        (0..n).for_each(|i| hessian[i * n + i] = 1.0);
        gradient[n - 1] = 0.0;
        hessian[n * n - 1] = 1e-9;
        for ((terms, positive), weight) in self.terms.chunks_exact(n).zip(self.positive).zip(self.weight) {
            let p = sigmoid(Self::margin(terms, coefficients));
            let residual = C * weight * (p - f64::from(u8::from(*positive)));
            let curve = C * weight * p * (1.0 - p);
            for (i, x) in terms.iter().enumerate() {
                gradient[i] += residual * x;
                let scaled = curve * x;
                for (h, y) in hessian[i * n..=i * n + i].iter_mut().zip(terms) {
                    *h += scaled * y;
                }
            }
        }
        (gradient, hessian)
    }
}

const MAX_NEWTON_STEPS: usize = 30;

/// x of A x = b for a symmetric A given by its lower half, by Cholesky's decomposition; `None` where A is not positive definite.
fn solve_symmetric(mut a: Vec<f64>, b: &[f64]) -> Option<Vec<f64>> {
    let n = b.len();
    for i in 0..n {
        for j in 0..=i {
            let mut sum = a[i * n + j];
            for k in 0..j {
                sum -= a[i * n + k] * a[j * n + k];
            }
            if i > j {
                a[i * n + j] = sum / a[j * n + j];
            } else if sum > 0.0 {
                a[i * n + i] = sum.sqrt();
            } else {
                return None;
            }
        }
    }
    let mut x = b.to_vec();
    for i in 0..n {
        for k in 0..i {
            x[i] -= a[i * n + k] * x[k];
        }
        x[i] /= a[i * n + i];
    }
    for i in (0..n).rev() {
        for k in i + 1..n {
            x[i] -= a[k * n + i] * x[k];
        }
        x[i] /= a[i * n + i];
    }
    Some(x)
}

/// value → (value − mean) · factor
#[derive(Debug, Clone, Copy)]
struct Scale {
    mean: f64,
    factor: f64,
}

impl SharedRows<'_> {
    /// Scales that give a label's score and its sigmoid unit variance, the own ones more; 0 for a label that may not be used.
    fn scales(&self, label: usize) -> [Scale; 2] {
        if !self.usable[label] {
            return [Scale { mean: 0.0, factor: 0.0 }; 2];
        }
        let score = |row: &u32| self.scores[label][*row as usize];
        let of = |value: &dyn Fn(f64) -> f64, wanted: f64| {
            let n = self.rows.len().max(1) as f64;
            let mean = self.rows.iter().map(|row| value(score(row))).sum::<f64>() / n;
            let square = |x: f64| x * x;
            let variance = self.rows.iter().map(|row| square(value(score(row)) - mean)).sum::<f64>() / n;
            Scale { mean, factor: if variance > 1e-18 { wanted / variance.sqrt() } else { 0.0 } }
        };
        [of(&|s| s, if label == self.own { OWN_SCALE } else { 1.0 }), of(&sigmoid, 1.0)]
    }

    fn terms(&self, label: usize, row: u32, [score, lift]: &[Scale; 2]) -> [f64; 2] {
        let s = self.scores[label][row as usize];
        [(s - score.mean) * score.factor, (sigmoid(s) - lift.mean) * lift.factor]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: usize = 400;

    /// Two labels' scores, the second of which decides the class where it is above 0, and the first says little.
    fn scores() -> (Vec<f64>, Vec<f64>, Vec<bool>) {
        let first: Vec<f64> = (0..N).map(|i| ((i * 37) % 101) as f64 / 50.0 - 1.0).collect();
        let second: Vec<f64> = (0..N).map(|i| ((i * 53) % 97) as f64 / 48.0 - 1.0).collect();
        let positive = (0..N).map(|i| second[i] > 0.0 && (i % 10 != 0) || first[i] > 0.9).collect();
        (first, second, positive)
    }

    fn fitted(usable: [bool; 2]) -> SharedLine {
        let (first, second, positive) = scores();
        let rows: Vec<u32> = (0..N as u32).collect();
        SharedLine::fit(SharedRows {
            scores: &[&first, &second],
            usable: &usable,
            own: 0,
            rows: &rows,
            positive: &positive,
            weight: &[1.0; N],
        })
    }

    #[test]
    fn another_labels_score_is_used_where_it_tells_more() {
        let line = fitted([true, true]);
        assert!(line.at(&[0.0, 0.9]) > line.at(&[0.0, -0.9]) + 1.0, "{line:?}");
    }

    #[test]
    fn a_label_that_may_not_be_used_has_no_part() {
        let line = fitted([true, false]);
        assert_eq!((line.slopes[1], &line.lifts[..]), (0.0, &[0.0, 0.0][..]));
        assert!(line.slopes[0] > 0.0);
    }

    /// The weights of `logistic::coefficients_are_those_of_scikit_learn`, whose C is 1: with C = 0.1 and ten times the weights.
    #[test]
    fn newton_finds_the_coefficients_of_scikit_learn() {
        let rows = [
            [1.0, 0.0, 0.5],
            [0.0, 1.0, 0.0],
            [1.0, 1.0, 0.0],
            [0.0, 0.0, 1.0],
            [0.5, 0.25, 0.0],
            [0.0, 1.0, 1.0],
            [1.0, 0.0, 0.0],
            [0.0, 0.5, 0.5],
        ];
        let terms = rows.iter().flat_map(|[a, b, c]| [*a, *b, *c, 1.0]).collect();
        let positive = [true, false, true, false, true, false, false, true];
        let weight = [1.0, 1.0, 2.0, 1.0, 1.0, 0.5, 1.0, 1.0].map(|w: f64| w / C);
        let found = Ridge { terms, n_terms: 4, positive: &positive, weight: &weight }.solve();
        let expected = [0.557_037_468, 0.169_437_002, -0.259_720_037, 0.062_749_502];
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-4), "{found:?}");
    }

    #[test]
    fn a_system_by_hand() {
        // [4 2; 2 3] x = [8 7]: x = [1.25 1.5]
        let found = solve_symmetric(vec![4.0, 0.0, 2.0, 3.0], &[8.0, 7.0]).unwrap();
        assert!((found[0] - 1.25).abs() < 1e-12 && (found[1] - 1.5).abs() < 1e-12);
        assert_eq!(solve_symmetric(vec![1.0, 0.0, 2.0, 1.0], &[1.0, 1.0]), None);
    }

    #[test]
    fn terms_sum_to_the_log_odds() {
        let line = SharedLine { intercept: 0.5, slopes: vec![2.0, -1.0], lifts: vec![0.0, 4.0] };
        // 0.5 + 2 · 1 − 1 · 0 + 4 · σ(0)
        assert_eq!(line.at(&[1.0, 0.0]), 4.5);
    }
}
