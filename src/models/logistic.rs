//! L2-regularised logistic regression on sparse rows.
//!
//! Minimises C · Σ w_i ln(1 + e^{−y_i (x_i·β + b)}) + ½‖β‖² with an unregularised intercept b (scikit-learn's
//! `LogisticRegression` objective), by L-BFGS with an exact line search: along a direction the margins are linear, so a step
//! costs one pass over the rows and the search itself none. Everything runs on one thread in row order, so a fit has the same
//! bits wherever it runs; the caller runs fits side by side.

use super::TextConfig;
use super::design::Design;
use super::lbfgs::{History, add_scaled, dot};
use super::measures::{logistic_loss, logit, sigmoid};

/// Rows to learn from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Examples<'a> {
    /// The rows of the design.
    pub(super) rows: &'a [u32],
    /// Their classes.
    pub(super) positive: &'a [bool],
    /// Their weights.
    pub(super) weight: &'a [f64],
}

/// Weights per column and an intercept.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LinearModel {
    /// One weight per column of the design.
    pub(super) weights: Vec<f64>,
    /// The intercept.
    pub(super) intercept: f64,
}

impl LinearModel {
    /// The log-odds of one row.
    pub(super) fn score(&self, design: &Design, row: u32) -> f64 {
        self.intercept + design.dot(row, &self.weights)
    }

    /// Sets all but the `keep` weights of largest |w| to zero; of equals the lower column stays. 0 keeps all.
    pub(super) fn prune(&mut self, keep: usize) {
        if keep == 0 || keep >= self.weights.len() {
            return;
        }
        let mut order: Vec<usize> = (0..self.weights.len()).collect();
        order.sort_by(|a, b| self.weights[*b].abs().total_cmp(&self.weights[*a].abs()).then(a.cmp(b)));
        order[keep..].iter().for_each(|column| self.weights[*column] = 0.0);
    }

    /// The columns with a weight, ascending, and their weights.
    pub(super) fn nonzero(&self) -> (Vec<u32>, Vec<f32>) {
        let used = || self.weights.iter().enumerate().filter(|(_, w)| **w as f32 != 0.0);
        (used().map(|(column, _)| column as u32).collect(), used().map(|(_, w)| *w as f32).collect())
    }
}

/// Fits a model, starting from `start` where there is one.
pub(super) fn fit(design: &Design, examples: Examples, config: &TextConfig, start: Option<&LinearModel>) -> LinearModel {
    let n_columns = design.n_columns;
    let mut state = State::at(design, examples, start);
    let goal = config.tolerance * gradient_norm_at_zero(design, examples, config.c);
    let mut gradient = state.gradient(design, examples, config.c);
    let mut history = History::default();
    for _ in 0..config.max_iterations {
        if dot(&gradient, &gradient).sqrt() <= goal {
            break;
        }
        let mut direction = history.direction(&gradient);
        if dot(&direction, &gradient) >= 0.0 {
            history = History::default();
            direction = gradient.iter().map(|g| -g).collect();
        }
        let along: Vec<f64> =
            examples.rows.iter().map(|row| design.dot(*row, &direction[..n_columns]) + direction[n_columns]).collect();
        let step = state.line_search(examples, config.c, &direction, &along);
        if step <= 0.0 {
            break;
        }
        add_scaled(&mut state.parameters, step, &direction);
        add_scaled(&mut state.margins, step, &along);
        let next = state.gradient(design, examples, config.c);
        direction.iter_mut().for_each(|d| *d *= step);
        let change = next.iter().zip(&gradient).map(|(new, old)| new - old).collect();
        history.push(direction, change);
        gradient = next;
    }
    let intercept = state.parameters.pop().unwrap_or(0.0);
    let mut model = LinearModel { weights: state.parameters, intercept };
    model.prune(config.max_ngrams);
    model
}

/// The share of positives, by weight.
fn positive_share(examples: Examples) -> f64 {
    let (mut hits, mut total) = (0.0, 0.0);
    for (positive, weight) in examples.positive.iter().zip(examples.weight) {
        total += weight;
        if *positive {
            hits += weight;
        }
    }
    if total > 0.0 { hits / total } else { 0.5 }
}

/// The gradient's length when nothing but the base rate is known: what the stopping rule is measured against, so that it does
/// not depend on where a fit starts.
fn gradient_norm_at_zero(design: &Design, examples: Examples, c: f64) -> f64 {
    let base = positive_share(examples);
    let mut gradient = vec![0.0; design.n_columns];
    for ((row, positive), weight) in examples.rows.iter().zip(examples.positive).zip(examples.weight) {
        design.add_scaled(*row, c * weight * (base - f64::from(u8::from(*positive))), &mut gradient);
    }
    dot(&gradient, &gradient).sqrt()
}

/// Where the search stands: weights then intercept, and the margin of each row.
struct State {
    parameters: Vec<f64>,
    margins: Vec<f64>,
}

impl State {
    fn at(design: &Design, examples: Examples, start: Option<&LinearModel>) -> Self {
        let mut parameters = start.map_or_else(|| vec![0.0; design.n_columns], |model| model.weights.clone());
        let intercept = start.map_or_else(|| logit(positive_share(examples)), |model| model.intercept);
        let margins = examples.rows.iter().map(|row| design.dot(*row, &parameters) + intercept).collect();
        parameters.push(intercept);
        Self { parameters, margins }
    }

    fn gradient(&self, design: &Design, examples: Examples, c: f64) -> Vec<f64> {
        let n_columns = design.n_columns;
        let mut gradient = self.parameters.clone();
        let mut intercept = 0.0;
        for (i, row) in examples.rows.iter().enumerate() {
            let residual = c * examples.weight[i] * (sigmoid(self.margins[i]) - f64::from(u8::from(examples.positive[i])));
            intercept += residual;
            design.add_scaled(*row, residual, &mut gradient[..n_columns]);
        }
        gradient[n_columns] = intercept;
        gradient
    }

    /// The step that minimises the objective along `direction`: Newton's method on one variable, kept within the interval
    /// where the slope changes its sign.
    fn line_search(&self, examples: Examples, c: f64, direction: &[f64], along: &[f64]) -> f64 {
        let n_columns = direction.len() - 1;
        let (weights, moves) = (&self.parameters[..n_columns], &direction[..n_columns]);
        let (weight_slope, weight_curve) = (dot(weights, moves), dot(moves, moves));
        let derivatives = |step: f64| {
            let (mut slope, mut curve) = (weight_slope + step * weight_curve, weight_curve);
            for (i, change) in along.iter().enumerate() {
                let p = sigmoid(self.margins[i] + step * change);
                let scale = c * examples.weight[i] * change;
                slope += scale * (p - f64::from(u8::from(examples.positive[i])));
                curve += scale * change * p * (1.0 - p);
            }
            (slope, curve)
        };
        let (first_slope, _) = derivatives(0.0);
        let (mut low, mut high, mut step) = (0.0, f64::INFINITY, 1.0);
        for _ in 0..20 {
            let (slope, curve) = derivatives(step);
            if slope.abs() <= 0.05 * first_slope.abs() {
                break;
            }
            if slope < 0.0 {
                low = step;
            } else {
                high = step;
            }
            let newton = step - slope / curve.max(1e-300);
            step = if newton > low && newton < high {
                newton
            } else if high.is_finite() {
                0.5 * (low + high)
            } else {
                2.0 * step
            };
        }
        step
    }
}

/// A line through one score: log-odds = intercept + slope · score. Used for the trees' starting point and Platt's sigmoid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ScoreLine {
    /// Log-odds at score 0.
    pub(super) intercept: f64,
    /// Log-odds per unit of score; never negative.
    pub(super) slope: f64,
}

impl ScoreLine {
    /// The log-odds at `score`.
    pub(super) fn at(self, score: f64) -> f64 {
        self.intercept + self.slope * score
    }

    /// Fits soft targets t_i in [0, 1] by Newton's method with halving steps. A slope below zero, which says that the score is
    /// worse than none, becomes zero.
    pub(super) fn fit(score: &[f64], target: &[f64], weight: &[f64]) -> Self {
        let total: f64 = weight.iter().sum();
        let hits: f64 = target.iter().zip(weight).map(|(t, w)| t * w).sum();
        let base = logit(if total > 0.0 { hits / total } else { 0.5 });
        let mut line = Self { intercept: base, slope: 0.0 };
        let loss = |line: Self| -> f64 {
            let mut sum = 0.0;
            for ((s, t), w) in score.iter().zip(target).zip(weight) {
                let f = line.at(*s);
                sum += w * (t * logistic_loss(f, true) + (1.0 - t) * logistic_loss(f, false));
            }
            sum
        };
        let mut current = loss(line);
        for _ in 0..100 {
            let (mut gi, mut gs, mut hii, mut his, mut hss) = (0.0, 0.0, 1e-12, 0.0, 1e-12);
            for ((s, t), w) in score.iter().zip(target).zip(weight) {
                let p = sigmoid(line.at(*s));
                let (d, h) = (w * (p - t), w * p * (1.0 - p));
                gi += d;
                gs += d * s;
                hii += h;
                his += h * s;
                hss += h * s * s;
            }
            let det = hii * hss - his * his;
            if det <= 0.0 || (gi.abs() + gs.abs()) <= 1e-10 * total.max(1.0) {
                break;
            }
            let (di, ds) = ((hss * gi - his * gs) / det, (hii * gs - his * gi) / det);
            let mut scale = 1.0;
            let next = loop {
                let trial = Self { intercept: line.intercept - scale * di, slope: line.slope - scale * ds };
                let value = loss(trial);
                if value < current || scale < 1e-6 {
                    break (trial, value);
                }
                scale *= 0.5;
            };
            if next.1.is_nan() || next.1 >= current {
                break;
            }
            (line, current) = next;
        }
        if line.slope >= 0.0 && line.slope.is_finite() && line.intercept.is_finite() {
            line
        } else {
            Self { intercept: base, slope: 0.0 }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::config::tests::quick;

    const ROWS: [&[f32]; 8] = [
        &[1.0, 0.0, 0.5],
        &[0.0, 1.0, 0.0],
        &[1.0, 1.0, 0.0],
        &[0.0, 0.0, 1.0],
        &[0.5, 0.25, 0.0],
        &[0.0, 1.0, 1.0],
        &[1.0, 0.0, 0.0],
        &[0.0, 0.5, 0.5],
    ];
    const POSITIVE: [bool; 8] = [true, false, true, false, true, false, false, true];
    const WEIGHT: [f64; 8] = [1.0, 1.0, 2.0, 1.0, 1.0, 0.5, 1.0, 1.0];

    fn fitted(c: f64, start: Option<&LinearModel>) -> LinearModel {
        let config = TextConfig { c, tolerance: 1e-10, max_iterations: 1000, ..quick().text };
        let examples = Examples { rows: &[0, 1, 2, 3, 4, 5, 6, 7], positive: &POSITIVE, weight: &WEIGHT };
        fit(&Design::of_dense(&ROWS), examples, &config, start)
    }

    /// scikit-learn 1.9.1, `LogisticRegression(C=C, tol=1e-12, max_iter=10000).fit(X, y, sample_weight=w)`.
    #[test]
    fn coefficients_are_those_of_scikit_learn() {
        let check = |c: f64, weights: [f64; 3], intercept: f64| {
            let model = fitted(c, None);
            let pairs = model.weights.iter().zip(weights).chain([(&model.intercept, intercept)]);
            pairs.for_each(|(found, expected)| assert!((found - expected).abs() < 1e-6, "{found} {expected}"));
        };
        check(1.0, [0.557_037_468, 0.169_437_002, -0.259_720_037], 0.062_749_502);
        check(10.0, [1.574_213_468, 0.613_220_420, -0.290_473_339], -0.639_178_796);
    }

    #[test]
    fn where_a_fit_starts_does_not_change_where_it_ends() {
        let start = LinearModel { weights: vec![5.0, -5.0, 2.0], intercept: 3.0 };
        let (cold, warm) = (fitted(1.0, None), fitted(1.0, Some(&start)));
        assert!(cold.weights.iter().zip(&warm.weights).all(|(a, b)| (a - b).abs() < 1e-7));
    }

    #[test]
    fn pruning_keeps_the_largest_weights() {
        let mut model = LinearModel { weights: vec![0.1, -3.0, 2.0, -2.0], intercept: 0.5 };
        model.prune(2);
        assert_eq!(model.weights, vec![0.0, -3.0, 2.0, 0.0]);
        assert_eq!(model.nonzero(), (vec![1, 2], vec![-3.0, 2.0]));
    }

    #[test]
    fn a_score_that_misleads_gets_no_slope() {
        let line = ScoreLine::fit(&[1.0, 2.0, 3.0, 4.0], &[1.0, 1.0, 0.0, 1.0], &[1.0; 4]);
        assert_eq!(line.slope, 0.0);
        assert!((sigmoid(line.intercept) - 0.75).abs() < 1e-9);
    }

    #[test]
    fn separable_scores_end_finite() {
        let line = ScoreLine::fit(&[-1.0, -0.5, 0.5, 1.0], &[0.0, 0.0, 1.0, 1.0], &[1.0; 4]);
        assert!(line.slope.is_finite() && line.slope > 1.0);
    }
}
