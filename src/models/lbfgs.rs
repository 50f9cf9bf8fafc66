//! The limited-memory BFGS direction: two-loop recursion of Nocedal and Wright, Numerical Optimization, algorithm 7.4.
//!
//! Plain loops in a fixed order; the line search is the caller's.

/// How many steps are remembered.
const MEMORY: usize = 5;

/// The last steps and what they did to the gradient.
#[derive(Debug, Default)]
pub(super) struct History {
    steps: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    moved: Vec<f64>,
    gradient_change: Vec<f64>,
    /// 1 / (moved · gradient_change)
    rho: f64,
}

impl History {
    /// Remembers a step, unless the curvature along it is too small to be trusted.
    pub(super) fn push(&mut self, moved: Vec<f64>, gradient_change: Vec<f64>) {
        let curvature = dot(&moved, &gradient_change);
        if curvature <= 1e-12 * dot(&gradient_change, &gradient_change) {
            return;
        }
        if self.steps.len() == MEMORY {
            self.steps.remove(0);
        }
        self.steps.push(Step { moved, gradient_change, rho: 1.0 / curvature });
    }

    /// The direction −H·gradient.
    pub(super) fn direction(&self, gradient: &[f64]) -> Vec<f64> {
        let mut direction: Vec<f64> = gradient.iter().map(|g| -g).collect();
        let mut alphas = Vec::with_capacity(self.steps.len());
        for step in self.steps.iter().rev() {
            let alpha = step.rho * dot(&step.moved, &direction);
            add_scaled(&mut direction, -alpha, &step.gradient_change);
            alphas.push(alpha);
        }
        if let Some(last) = self.steps.last() {
            let scale = 1.0 / (last.rho * dot(&last.gradient_change, &last.gradient_change));
            direction.iter_mut().for_each(|d| *d *= scale);
        }
        for (step, alpha) in self.steps.iter().zip(alphas.iter().rev()) {
            let beta = step.rho * dot(&step.gradient_change, &direction);
            add_scaled(&mut direction, alpha - beta, &step.moved);
        }
        direction
    }
}

/// Σ a b in four running sums, which are added at the end: always the same order, and quick.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (heads_a, rest_a) = a.as_chunks::<4>();
    let (heads_b, rest_b) = b.as_chunks::<4>();
    for (x, y) in heads_a.iter().zip(heads_b) {
        for lane in 0..4 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    let mut rest = 0.0;
    for (x, y) in rest_a.iter().zip(rest_b) {
        rest += x * y;
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// target += scale · source
pub(super) fn add_scaled(target: &mut [f64], scale: f64, source: &[f64]) {
    for (t, s) in target.iter_mut().zip(source) {
        *t += scale * s;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_direction_is_downhill() {
        assert_eq!(History::default().direction(&[1.0, -2.0]), vec![-1.0, 2.0]);
    }

    #[test]
    fn one_step_on_a_quadratic_learns_its_curvature() {
        // f = 2x²: the gradient at x is 4x; after a step from 2 to 1 the next direction leads to the minimum.
        let mut history = History::default();
        history.push(vec![-1.0], vec![-4.0]);
        assert_eq!(history.direction(&[4.0]), vec![-1.0]);
    }

    #[test]
    fn dot_takes_rests() {
        assert_eq!(dot(&[1.0, 2.0, 3.0, 4.0, 5.0], &[1.0; 5]), 15.0);
    }
}
