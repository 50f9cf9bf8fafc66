//! L2-regularised logistic regression on sparse rows, several regressions in one pass.
//!
//! Minimises C · Σ w_i ln(1 + e^{−y_i (x_i·β + b)}) + ½‖β‖² with an unregularised intercept b (scikit-learn's
//! `LogisticRegression` objective), by L-BFGS with a line search: along a direction the margins are linear, so a step costs one
//! pass over the rows and the search itself none.
//!
//! Up to eight regressions over the same rows run side by side, their weights laid out lane by lane for each column: a pass
//! reads every n-gram once for all of them. No lane reads another's numbers, so a regression has the same bits whatever stands
//! beside it. A block runs on one thread in row order; the caller runs blocks side by side.

use super::design::{Design, LANES, Lanes};
use super::lbfgs::{History, add_scaled, dot};
use super::measures::{logistic_loss, logit, sigmoid};
use super::naive_bayes::factors;
use super::{TextConfig, TextWeighting};

/// One regression of a block.
#[derive(Debug, Clone)]
pub(super) struct Regression<'a> {
    /// The classes, one for each row of the block.
    pub(super) positive: Vec<bool>,
    /// The weights, one for each row of the block; 0 leaves a row out.
    pub(super) weight: Vec<f64>,
    /// How much each n-gram may say; automatic is as inverse document frequencies alone have it.
    pub(super) weighting: TextWeighting,
    /// Where the search starts, if not at zero.
    pub(super) start: Option<&'a LinearModel>,
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

/// Fits at most eight regressions over `rows` of the design, and gives their models in order.
pub(super) fn fit_block(design: &Design, rows: &[u32], regressions: &[Regression], config: &TextConfig) -> Vec<LinearModel> {
    let mut block = Block::new(design, rows, regressions, config.c);
    let goal = block.gradient_norms_at_zero().map(|norm| config.tolerance * norm);
    let mut gradient = block.gradient();
    let mut history = History::default();
    let mut is_done = [false; LANES];
    for _ in 0..config.max_iterations {
        let norm = dot(&gradient, &gradient);
        (0..LANES).for_each(|lane| is_done[lane] |= norm[lane].sqrt() <= goal[lane]);
        if is_done == [true; LANES] {
            break;
        }
        let mut direction = history.direction(&gradient);
        let mut slope = dot(&direction, &gradient);
        let uphill: [bool; LANES] = std::array::from_fn(|lane| slope[lane] >= 0.0 && !is_done[lane]);
        if uphill.contains(&true) {
            history.forget(uphill);
            turn_downhill(&mut direction, &gradient, uphill);
            slope = dot(&direction, &gradient);
        }
        let step = block.advance(&direction, slope, is_done);
        (0..LANES).for_each(|lane| is_done[lane] |= step[lane] <= 0.0);
        direction.iter_mut().for_each(|d| (0..LANES).for_each(|lane| d[lane] *= step[lane]));
        add_scaled(&mut block.parameters, [1.0; LANES], &direction);
        let next = block.gradient();
        let mut change = gradient;
        for (old, new) in change.iter_mut().zip(&next) {
            (0..LANES).for_each(|lane| old[lane] = new[lane] - old[lane]);
        }
        history.push(direction, change);
        gradient = next;
    }
    (0..regressions.len()).map(|lane| block.model(lane, config.max_ngrams)).collect()
}

/// Puts the steepest way down into the lanes that ask for it.
fn turn_downhill(direction: &mut [Lanes], gradient: &[Lanes], lanes: [bool; LANES]) {
    for (d, g) in direction.iter_mut().zip(gradient) {
        (0..LANES).filter(|lane| lanes[*lane]).for_each(|lane| d[lane] = -g[lane]);
    }
}

/// The share of positives, by weight.
fn positive_share(regression: &Regression) -> f64 {
    let (mut hits, mut total) = (0.0, 0.0);
    for (positive, weight) in regression.positive.iter().zip(&regression.weight) {
        total += weight;
        if *positive {
            hits += weight;
        }
    }
    if total > 0.0 { hits / total } else { 0.5 }
}

/// Where the searches stand.
struct Block<'a> {
    design: &'a Design,
    rows: &'a [u32],
    regressions: &'a [Regression<'a>],
    c: f64,
    /// What each column is multiplied by: weights are parameters times factors, and the penalty is on the parameters.
    factors: Vec<Lanes>,
    /// Parameters of each column, then the intercepts.
    parameters: Vec<Lanes>,
    /// Per regression and row: the log-odds.
    margins: Vec<Vec<f64>>,
    /// Per regression and row: the probability.
    probability: Vec<Vec<f64>>,
}

impl<'a> Block<'a> {
    fn new(design: &'a Design, rows: &'a [u32], regressions: &'a [Regression<'a>], c: f64) -> Self {
        let n_columns = design.n_columns;
        let mut parameters = vec![[0.0; LANES]; n_columns + 1];
        let mut scales = vec![[1.0; LANES]; n_columns];
        for (lane, regression) in regressions.iter().enumerate().filter(|(_, r)| r.weighting == TextWeighting::NaiveBayes) {
            scales.iter_mut().zip(factors(design, rows, regression)).for_each(|(scale, factor)| scale[lane] = factor);
        }
        for (lane, regression) in regressions.iter().enumerate() {
            if let Some(start) = regression.start {
                for ((p, w), scale) in parameters.iter_mut().zip(&start.weights).zip(&scales) {
                    p[lane] = if scale[lane] > 0.0 { w / scale[lane] } else { 0.0 };
                }
            }
            parameters[n_columns][lane] =
                regression.start.map_or_else(|| logit(positive_share(regression)), |model| model.intercept);
        }
        let mut block =
            Self { design, rows, regressions, c, factors: scales, parameters, margins: Vec::new(), probability: Vec::new() };
        block.margins = block.along(&block.parameters);
        block.probability = block.margins.iter().map(|lane| lane.iter().map(|m| sigmoid(*m)).collect()).collect();
        block
    }

    /// x · vector + its last entry, per regression and row.
    fn along(&self, vector: &[Lanes]) -> Vec<Vec<f64>> {
        let n_columns = self.design.n_columns;
        let mut along = vec![vec![0.0; self.rows.len()]; self.regressions.len()];
        let weights: Vec<Lanes> = vector.iter().zip(&self.factors).map(|(v, s)| product(v, s)).collect();
        for (i, row) in self.rows.iter().enumerate() {
            let sums = self.design.dot_lanes(*row, &weights);
            for (lane, values) in along.iter_mut().enumerate() {
                values[i] = sums[lane] + vector[n_columns][lane];
            }
        }
        along
    }

    /// The gradient at the current margins.
    fn gradient(&self) -> Vec<Lanes> {
        let mut gradient = self.parameters.clone();
        self.add_residuals(&mut gradient, |lane, i| self.probability[lane][i]);
        gradient
    }

    /// Adds what rows contribute to the gradient when the probabilities are `probability(lane, row)`.
    fn add_residuals(&self, gradient: &mut [Lanes], probability: impl Fn(usize, usize) -> f64) {
        let n_columns = self.design.n_columns;
        let mut intercepts = [0.0; LANES];
        let mut slopes = vec![[0.0; LANES]; n_columns];
        for (i, row) in self.rows.iter().enumerate() {
            let mut residuals = [0.0; LANES];
            for (lane, regression) in self.regressions.iter().enumerate() {
                let target = f64::from(u8::from(regression.positive[i]));
                residuals[lane] = self.c * regression.weight[i] * (probability(lane, i) - target);
                intercepts[lane] += residuals[lane];
            }
            self.design.add_scaled_lanes(*row, residuals, &mut slopes);
        }
        for ((target, slope), scale) in gradient.iter_mut().zip(&slopes).zip(&self.factors) {
            let slope = product(slope, scale);
            (0..LANES).for_each(|lane| target[lane] += slope[lane]);
        }
        gradient[n_columns] = intercepts;
    }

    /// The gradients' lengths when nothing but the base rate is known: what the stopping rule is measured against, so that it
    /// does not depend on where a fit starts.
    fn gradient_norms_at_zero(&self) -> Lanes {
        let base: Vec<f64> = self.regressions.iter().map(positive_share).collect();
        let mut gradient = vec![[0.0; LANES]; self.design.n_columns + 1];
        self.add_residuals(&mut gradient, |lane, _| base[lane]);
        gradient.truncate(self.design.n_columns);
        dot(&gradient, &gradient).map(f64::sqrt)
    }

    /// Moves margins and probabilities along `direction` and gives the step of each lane; 0 in lanes that are done.
    fn advance(&mut self, direction: &[Lanes], slope: Lanes, is_done: [bool; LANES]) -> Lanes {
        let weights = self.design.n_columns;
        let along = self.along(direction);
        let weight_slope = dot(&self.parameters[..weights], &direction[..weights]);
        let weight_curve = dot(&direction[..weights], &direction[..weights]);
        let mut steps = [0.0; LANES];
        for (lane, along) in along.iter().enumerate() {
            if is_done[lane] {
                continue;
            }
            let search = LineSearch {
                regression: &self.regressions[lane],
                c: self.c,
                margins: &self.margins[lane],
                along,
                weight_slope: weight_slope[lane],
                weight_curve: weight_curve[lane],
            };
            let step = search.run(slope[lane], &mut self.probability[lane]);
            self.margins[lane].iter_mut().zip(along).for_each(|(m, a)| *m += step * a);
            steps[lane] = step;
        }
        steps
    }

    /// The model of one lane, with its `keep` largest weights; 0 keeps all.
    fn model(&self, lane: usize, keep: usize) -> LinearModel {
        let n_columns = self.design.n_columns;
        let weights = self.parameters.iter().zip(&self.factors).map(|(p, scale)| p[lane] * scale[lane]).collect();
        let mut model = LinearModel { weights, intercept: self.parameters[n_columns][lane] };
        model.prune(keep);
        model
    }
}

fn product(a: &Lanes, b: &Lanes) -> Lanes {
    std::array::from_fn(|lane| a[lane] * b[lane])
}

/// A search is over when the slope has fallen to this share of the first one.
const FLAT_ENOUGH: f64 = 0.1;

/// One regression along one direction.
struct LineSearch<'a> {
    regression: &'a Regression<'a>,
    c: f64,
    margins: &'a [f64],
    along: &'a [f64],
    weight_slope: f64,
    weight_curve: f64,
}

impl LineSearch<'_> {
    /// The step that minimises the objective: Newton's method on one variable, kept within the interval where the slope
    /// changes its sign. Leaves the probabilities at that step behind.
    fn run(&self, first_slope: f64, probability: &mut [f64]) -> f64 {
        let (mut low, mut high, mut step) = (0.0, f64::INFINITY, 1.0);
        for _ in 0..20 {
            let (slope, curve) = self.derivatives(step, probability);
            if slope.abs() <= FLAT_ENOUGH * first_slope.abs() {
                return step;
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
        self.derivatives(step, probability);
        step
    }

    fn derivatives(&self, step: f64, probability: &mut [f64]) -> (f64, f64) {
        let (mut slope, mut curve) = (self.weight_slope + step * self.weight_curve, self.weight_curve);
        for (i, change) in self.along.iter().enumerate() {
            let weight = self.regression.weight[i];
            if weight == 0.0 {
                continue;
            }
            let p = sigmoid(self.margins[i] + step * change);
            probability[i] = p;
            let scale = self.c * weight * change;
            slope += scale * (p - f64::from(u8::from(self.regression.positive[i])));
            curve += scale * change * p * (1.0 - p);
        }
        (slope, curve)
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
        let regression =
            Regression { positive: POSITIVE.to_vec(), weight: WEIGHT.to_vec(), weighting: TextWeighting::Idf, start };
        fit_block(&Design::of_dense(&ROWS), &[0, 1, 2, 3, 4, 5, 6, 7], &[regression], &config).remove(0)
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
    fn a_regression_has_the_same_bits_whatever_stands_beside_it() {
        let other = |i: usize| Regression {
            positive: POSITIVE.iter().enumerate().map(|(at, y)| (at % (i + 2) == 0) ^ y).collect(),
            weight: (0..8).map(|at| if at == i { 0.0 } else { 1.0 + i as f64 }).collect(),
            weighting: if i.is_multiple_of(2) { TextWeighting::Idf } else { TextWeighting::NaiveBayes },
            start: None,
        };
        let config = quick().text;
        let design = Design::of_dense(&ROWS);
        let rows = [0, 1, 2, 3, 4, 5, 6, 7];
        let together = fit_block(&design, &rows, &(0..8).map(other).collect::<Vec<_>>(), &config);
        for (i, model) in together.iter().enumerate() {
            assert_eq!(*model, fit_block(&design, &rows, &[other(i)], &config)[0]);
        }
    }

    #[test]
    fn a_row_without_weight_is_as_good_as_absent() {
        let config = quick().text;
        let design = Design::of_dense(&ROWS);
        let mut weight = WEIGHT.to_vec();
        weight[7] = 0.0;
        let all = Regression { positive: POSITIVE.to_vec(), weight, weighting: TextWeighting::NaiveBayes, start: None };
        let fewer = Regression {
            positive: POSITIVE[..7].to_vec(),
            weight: WEIGHT[..7].to_vec(),
            weighting: TextWeighting::NaiveBayes,
            start: None,
        };
        let rows = [0, 1, 2, 3, 4, 5, 6, 7];
        assert_eq!(fit_block(&design, &rows, &[all], &config), fit_block(&design, &rows[..7], &[fewer], &config));
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
