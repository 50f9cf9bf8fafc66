//! The limited-memory BFGS direction: two-loop recursion of Nocedal and Wright, Numerical Optimization, algorithm 7.4, for
//! several searches side by side.
//!
//! Plain loops in a fixed order; the line search is the caller's. No lane reads another's numbers.

use super::design::{LANES, Lanes};

/// How many steps are remembered.
const MEMORY: usize = 5;

/// The last steps and what they did to the gradient.
#[derive(Debug, Default)]
pub(super) struct History {
    steps: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    moved: Vec<Lanes>,
    gradient_change: Vec<Lanes>,
    /// 1 / (moved · gradient_change); 0 in a lane that does not use the step.
    rho: Lanes,
    /// gradient_change · gradient_change
    square: Lanes,
}

impl History {
    /// Remembers a step, in the lanes whose curvature along it is large enough to be trusted.
    pub(super) fn push(&mut self, moved: Vec<Lanes>, gradient_change: Vec<Lanes>) {
        let curvature = dot(&moved, &gradient_change);
        let square = dot(&gradient_change, &gradient_change);
        let rho = std::array::from_fn(|lane| {
            let is_usable = curvature[lane] > 1e-12 * square[lane] && curvature[lane] > 0.0;
            if is_usable { 1.0 / curvature[lane] } else { 0.0 }
        });
        if self.steps.len() == MEMORY {
            self.steps.remove(0);
        }
        self.steps.push(Step { moved, gradient_change, rho, square });
    }

    /// Forgets all steps of some lanes.
    pub(super) fn forget(&mut self, lanes: [bool; LANES]) {
        for step in &mut self.steps {
            (0..LANES).filter(|lane| lanes[*lane]).for_each(|lane| step.rho[lane] = 0.0);
        }
    }

    /// The direction −H·gradient.
    pub(super) fn direction(&self, gradient: &[Lanes]) -> Vec<Lanes> {
        let mut direction: Vec<Lanes> = gradient.iter().map(|g| g.map(|g| -g)).collect();
        let mut alphas = Vec::with_capacity(self.steps.len());
        for step in self.steps.iter().rev() {
            let alpha = times(step.rho, dot(&step.moved, &direction));
            add_scaled(&mut direction, alpha.map(|a| -a), &step.gradient_change);
            alphas.push(alpha);
        }
        let scale: Lanes = std::array::from_fn(|lane| {
            let last = self.steps.iter().rev().find(|step| step.rho[lane] > 0.0);
            last.map_or(1.0, |last| 1.0 / (last.rho[lane] * last.square[lane]))
        });
        direction.iter_mut().for_each(|d| *d = times(*d, scale));
        for (step, alpha) in self.steps.iter().zip(alphas.iter().rev()) {
            let beta = times(step.rho, dot(&step.gradient_change, &direction));
            add_scaled(&mut direction, std::array::from_fn(|lane| alpha[lane] - beta[lane]), &step.moved);
        }
        direction
    }
}

fn times(a: Lanes, b: Lanes) -> Lanes {
    std::array::from_fn(|lane| a[lane] * b[lane])
}

/// Σ a b in every lane, from the first entry to the last.
pub(super) fn dot(a: &[Lanes], b: &[Lanes]) -> Lanes {
    let mut sums = [0.0; LANES];
    for (x, y) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums
}

/// target += scale · source
pub(super) fn add_scaled(target: &mut [Lanes], scale: Lanes, source: &[Lanes]) {
    for (t, s) in target.iter_mut().zip(source) {
        for lane in 0..LANES {
            t[lane] += scale[lane] * s[lane];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same numbers in every lane.
    fn lanes(values: &[f64]) -> Vec<Lanes> {
        values.iter().map(|value| [*value; LANES]).collect()
    }

    #[test]
    fn first_direction_is_downhill() {
        assert_eq!(History::default().direction(&lanes(&[1.0, -2.0])), lanes(&[-1.0, 2.0]));
    }

    #[test]
    fn one_step_on_a_quadratic_learns_its_curvature() {
        // f = 2x²: the gradient at x is 4x; after a step from 2 to 1 the next direction leads to the minimum.
        let mut history = History::default();
        history.push(lanes(&[-1.0]), lanes(&[-4.0]));
        assert_eq!(history.direction(&lanes(&[4.0])), lanes(&[-1.0]));
    }

    #[test]
    fn a_lane_that_forgets_goes_downhill_and_the_others_remember() {
        let mut history = History::default();
        history.push(lanes(&[-1.0]), lanes(&[-4.0]));
        history.forget(std::array::from_fn(|lane| lane == 1));
        let direction = history.direction(&lanes(&[4.0]))[0];
        assert_eq!((direction[0], direction[1]), (-1.0, -4.0));
    }

    #[test]
    fn a_step_without_curvature_is_not_used() {
        let mut history = History::default();
        history.push(lanes(&[0.0]), lanes(&[0.0]));
        assert_eq!(history.direction(&lanes(&[4.0])), lanes(&[-4.0]));
    }
}
