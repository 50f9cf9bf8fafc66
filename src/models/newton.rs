//! Logistic regression on a handful of columns, by Newton's method.
//!
//! Minimises Σ w_i (t_i ln(1 + e^−f_i) + (1 − t_i) ln(1 + e^f_i)) + ½ Σ ridge_k θ_k², f_i = offset_i + x_i·θ, for soft targets t
//! in [0, 1]. The objective is convex; steps are halved until it falls. One thread, row order: the same bits everywhere.

use super::measures::{logistic_loss, sigmoid};

/// Rounds at most; from the start at zero a dozen are usual.
const MAX_ROUNDS: usize = 100;

/// What a fit of `K` numbers works on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Problem<'a, const K: usize> {
    /// The columns, row by row.
    pub(super) x: &'a [[f64; K]],
    /// Log-odds that each row starts from.
    pub(super) offset: &'a [f64],
    /// Soft targets.
    pub(super) target: &'a [f64],
    /// Weights, above 0.
    pub(super) weight: &'a [f64],
    /// L2 penalty of each number.
    pub(super) ridge: [f64; K],
}

impl<const K: usize> Problem<'_, K> {
    /// The numbers where the objective is least, and its value there. A number whose `free` is false stays 0.
    pub(super) fn solve(&self, free: [bool; K]) -> ([f64; K], f64) {
        let mut theta = [0.0; K];
        let mut current = self.loss(theta);
        let total: f64 = self.weight.iter().sum();
        for _ in 0..MAX_ROUNDS {
            let (gradient, hessian) = self.derivatives(theta, free);
            if gradient.iter().map(|g| g.abs()).sum::<f64>() <= 1e-10 * total.max(1.0) {
                break;
            }
            let Some(step) = solve_positive(hessian, gradient) else { break };
            let mut scale = 1.0;
            let (next, value) = loop {
                let trial = std::array::from_fn(|k| theta[k] - scale * step[k]);
                let value = self.loss(trial);
                if value < current || scale < 1e-6 {
                    break (trial, value);
                }
                scale *= 0.5;
            };
            if value.is_nan() || value >= current {
                break;
            }
            (theta, current) = (next, value);
        }
        (theta, current)
    }

    fn log_odds(&self, row: usize, theta: [f64; K]) -> f64 {
        self.x[row].iter().zip(theta).fold(self.offset[row], |sum, (x, t)| sum + x * t)
    }

    fn loss(&self, theta: [f64; K]) -> f64 {
        let mut sum = 0.0;
        for (row, (t, w)) in self.target.iter().zip(self.weight).enumerate() {
            let f = self.log_odds(row, theta);
            sum += w * (t * logistic_loss(f, true) + (1.0 - t) * logistic_loss(f, false));
        }
        theta.iter().zip(self.ridge).fold(sum, |sum, (t, ridge)| sum + 0.5 * ridge * t * t)
    }

    fn derivatives(&self, theta: [f64; K], free: [bool; K]) -> ([f64; K], [[f64; K]; K]) {
        let mut gradient: [f64; K] = std::array::from_fn(|k| self.ridge[k] * theta[k]);
        let mut hessian = [[0.0; K]; K];
        for (row, (t, w)) in self.target.iter().zip(self.weight).enumerate() {
            let p = sigmoid(self.log_odds(row, theta));
            let (d, h) = (w * (p - t), w * p * (1.0 - p));
            let x = &self.x[row];
            for (i, xi) in x.iter().enumerate() {
                gradient[i] += d * xi;
                for (j, xj) in x[..=i].iter().enumerate() {
                    hessian[i][j] += h * xi * xj;
                }
            }
        }
        for (i, (ridge, is_free)) in self.ridge.iter().zip(free).enumerate() {
            // A trace on the diagonal keeps columns that hardly differ from breaking the step.
            hessian[i][i] += ridge + 1e-12;
            if !is_free {
                gradient[i] = 0.0;
                hessian[i] = std::array::from_fn(|j| f64::from(u8::from(i == j)));
                (i + 1..K).for_each(|below| hessian[below][i] = 0.0);
            }
        }
        (gradient, hessian)
    }
}

/// x of A x = b for a positive definite A, of which the lower triangle is read, by Cholesky's decomposition.
#[allow(clippy::needless_range_loop)] // Triangles are walked: indices say it best.
fn solve_positive<const K: usize>(mut a: [[f64; K]; K], mut b: [f64; K]) -> Option<[f64; K]> {
    for i in 0..K {
        for j in 0..=i {
            let below: f64 = (0..j).map(|k| a[i][k] * a[j][k]).sum();
            let rest = a[i][j] - below;
            if i == j {
                if rest.is_nan() || rest <= 0.0 {
                    return None;
                }
                a[i][i] = rest.sqrt();
            } else {
                a[i][j] = rest / a[j][j];
            }
        }
    }
    for i in 0..K {
        let known: f64 = (0..i).map(|k| a[i][k] * b[k]).sum();
        b[i] = (b[i] - known) / a[i][i];
    }
    for i in (0..K).rev() {
        let known: f64 = (i + 1..K).map(|k| a[k][i] * b[k]).sum();
        b[i] = (b[i] - known) / a[i][i];
    }
    Some(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_by_hand() {
        // 4x + 2y = 10, 2x + 3y = 9: x = 1.5, y = 2.
        let found = solve_positive([[4.0, 0.0], [2.0, 3.0]], [10.0, 9.0]).unwrap();
        assert!((found[0] - 1.5).abs() < 1e-12 && (found[1] - 2.0).abs() < 1e-12, "{found:?}");
        assert_eq!(solve_positive([[1.0, 0.0], [2.0, 3.0]], [1.0, 1.0]), None);
    }

    #[test]
    fn a_ridge_draws_a_number_towards_zero() {
        let problem =
            |ridge| Problem { x: &[[1.0]; 4], offset: &[0.0; 4], target: &[1.0, 1.0, 1.0, 0.0], weight: &[1.0; 4], ridge };
        let (free, _) = problem([0.0]).solve([true]);
        assert!((free[0] - 3.0_f64.ln()).abs() < 1e-9, "{free:?}");
        let (held, _) = problem([2.0]).solve([true]);
        // Where the gradient is nought: 4 σ(θ) − 3 + 2θ = 0.
        assert!((4.0 * sigmoid(held[0]) - 3.0 + 2.0 * held[0]).abs() < 1e-9 && held[0] < 0.4, "{held:?}");
        assert_eq!(problem([0.0]).solve([false]).0, [0.0]);
    }
}
