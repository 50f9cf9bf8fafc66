//! Where to put a threshold: the best of one metric while another keeps a bound (FIELD.md §3), at the population's rate.
//!
//! Input: an operating point as text and clustered rows. Output: the threshold, what it does to the sample and to the population,
//! and intervals. Nothing is rounded before it is compared: 0.9971 does not pass 0.9975. The intervals are those of a threshold
//! that was given; the search for it makes the metric that was searched look slightly better than on other rows.

mod text;

use serde::Serialize;
use thiserror::Error;

use super::bootstrap::{BootstrapConfig, Clustered, Estimate, Thresholds, metric_intervals};
use super::confusion::{Confusion, MACRO_F1_THRESHOLD};
use super::curve::{Cut, cuts};

pub use text::{Comparison, Direction, OperatingPoint, OperatingPointError, PointMetric};

/// A threshold that does what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SolvedPoint {
    /// Rows with at least this score are called violating.
    pub threshold: f64,
    /// The rows, each counted once.
    pub sample: Confusion,
    /// The rows by their weights; absent where they have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub population: Option<Confusion>,
    /// Of the population where rows have weights, like the next two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<Estimate>,
    /// See [`Confusion::recall`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recall: Option<Estimate>,
    /// See [`Confusion::match_rate`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub match_rate: Option<Estimate>,
}

/// Why no threshold does what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Error, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Unreachable {
    /// There is nothing to decide on.
    #[error("there are no rows")]
    NoRows,
    /// A metric is defined at no threshold.
    #[error("{metric} is undefined at every threshold: a class that it needs has no weight")]
    Undefined {
        /// Which one.
        metric: PointMetric,
    },
    /// The bound is kept nowhere.
    #[error("no threshold has {metric} {} {bound}: the closest is {closest}, at {threshold}", comparison(*.at_least))]
    Bound {
        /// What should keep it.
        metric: PointMetric,
        /// Whether it is a lower bound.
        at_least: bool,
        /// The bound.
        bound: f64,
        /// The nearest that the metric comes.
        closest: f64,
        /// Where.
        threshold: f64,
    },
}

impl OperatingPoint {
    /// Finds the threshold among the rows' scores; rows with equal scores are decided alike.
    ///
    /// Of thresholds with an equal objective it is the one with the most room to the bound, then the highest.
    ///
    /// # Errors
    /// When no threshold keeps the bound, or a metric that is needed is defined at none.
    pub fn solve(&self, rows: &Clustered<'_>, config: &BootstrapConfig) -> Result<SolvedPoint, Unreachable> {
        let scores = rows.predictions().scores();
        let cut = self.best(&cuts(scores))?;
        let at = Thresholds { macro_f1: MACRO_F1_THRESHOLD, rates: &[cut.threshold] };
        let found = metric_intervals(rows, &at, config);
        let rates = found.thresholds.first();
        Ok(SolvedPoint {
            threshold: cut.threshold,
            sample: cut.sample,
            population: scores.is_weighted().then_some(cut.population),
            precision: rates.and_then(|r| r.precision),
            recall: rates.and_then(|r| r.recall),
            match_rate: rates.and_then(|r| r.match_rate),
        })
    }

    /// The best of cuts whose thresholds fall.
    fn best(&self, cuts: &[Cut]) -> Result<Cut, Unreachable> {
        if cuts.is_empty() {
            return Err(Unreachable::NoRows);
        }
        // Either is turned so that more is better.
        let objective = |cut: &Cut| {
            let value = self.objective.of(&cut.population)?;
            Some(if self.direction == Direction::Maximum { value } else { -value })
        };
        let room = |value: f64| if self.comparison == Comparison::AtLeast { value } else { -value };
        let mut best: Option<(f64, f64, &Cut)> = None;
        let mut closest: Option<(f64, &Cut)> = None;
        for cut in cuts {
            let Some(value) = self.constraint.of(&cut.population) else { continue };
            if closest.is_none_or(|(nearest, _)| room(value) > room(nearest)) {
                closest = Some((value, cut));
            }
            let keeps = match self.comparison {
                Comparison::AtLeast => value >= self.bound,
                Comparison::AtMost => value <= self.bound,
            };
            let Some(gain) = objective(cut).filter(|_| keeps) else { continue };
            if best.is_none_or(|(most, widest, _)| gain > most || gain == most && room(value) > widest) {
                best = Some((gain, room(value), cut));
            }
        }
        if let Some((_, _, cut)) = best {
            return Ok(*cut);
        }
        let (closest, cut) = closest.ok_or(Unreachable::Undefined { metric: self.constraint })?;
        if cuts.iter().all(|cut| objective(cut).is_none()) {
            return Err(Unreachable::Undefined { metric: self.objective });
        }
        let at_least = self.comparison == Comparison::AtLeast;
        Err(Unreachable::Bound { metric: self.constraint, at_least, bound: self.bound, closest, threshold: cut.threshold })
    }
}

fn comparison(at_least: bool) -> Comparison {
    if at_least { Comparison::AtLeast } else { Comparison::AtMost }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::evaluation::Predictions;

    const CONFIG: BootstrapConfig = BootstrapConfig { draws: 200, seed: 1 };

    fn solve(text: &str, p: &[f64], positive: &[bool], weight: Option<&[f64]>) -> Result<SolvedPoint, Unreachable> {
        let plain = Predictions::new(p, positive).unwrap();
        let predictions = weight.map_or(plain, |w| plain.weighted(w).unwrap());
        let alone = vec![None; p.len()];
        text.parse::<OperatingPoint>().unwrap().solve(&Clustered::new(predictions, &alone).unwrap(), &CONFIG)
    }

    /// By hand: at 0.9 precision 1/1 and recall 1/3, at 0.8 (two tied) 2/3 and 2/3, at 0.5 2/4, at 0.4 3/5 and 3/3, at 0.1 3/6.
    const P: [f64; 6] = [0.9, 0.8, 0.8, 0.5, 0.4, 0.1];
    const TRUTH: [bool; 6] = [true, true, false, false, true, false];

    fn check(text: &str, expect: Result<f64, &str>) {
        let found = solve(text, &P, &TRUTH, None);
        assert_eq!(found.map(|f| f.threshold).map_err(|e| e.to_string()), expect.map_err(ToOwned::to_owned), "{text}");
    }

    #[test]
    fn the_threshold_is_found_by_hand() {
        check("maximum recall @ precision >= 0.6", Ok(0.4));
        check("maximum recall @ precision >= 0.65", Ok(0.8));
        check("maximum recall @ precision >= 0.7", Ok(0.9));
        check("minimum match_rate @ recall >= 0.5", Ok(0.8));
        check("minimum match_rate @ recall >= 1", Ok(0.4));
        check("maximum filter_rate @ recall >= 1", Ok(0.4));
        check("maximum f1 @ match_rate <= 0.5", Ok(0.8));
        check("maximum f1 @ match_rate <= 1", Ok(0.4));
        // Recall is 1 at 0.4 and 0.1: more room to the bound at 0.4.
        check("maximum recall @ precision >= 0", Ok(0.4));
        check(
            "maximum recall @ match_rate <= 0.1",
            Err("no threshold has match_rate <= 0.1: the closest is 0.16666666666666666, at 0.9"),
        );
    }

    #[test]
    fn the_bound_is_compared_without_rounding() {
        // 99.71 % is below 99.75 %, and both would round to 100 %.
        let n = 10_000;
        let p: Vec<f64> = (0..n).map(|i| if i < n - 1 { 0.75 } else { 0.25 }).collect();
        let positive: Vec<bool> = (0..n).map(|i| i >= 29).collect();
        let found = solve("maximum recall @ precision >= 0.9975", &p, &positive, None).unwrap_err();
        let Unreachable::Bound { closest, threshold, .. } = found else { panic!("{found:?}") };
        assert_eq!((closest, threshold), (9971.0 / 10_000.0, 0.25));
        assert_eq!(solve("maximum recall @ precision >= 0.9971", &p, &positive, None).unwrap().threshold, 0.25);
    }

    #[test]
    fn the_population_decides_where_rows_have_weights() {
        // Each compliant row stands for ten: precision 1/1, 2/12, 2/22, 3/23, 3/33.
        let weight = [1.0, 1.0, 10.0, 10.0, 1.0, 10.0];
        let found = solve("maximum recall @ precision >= 0.15", &P, &TRUTH, Some(&weight)).unwrap();
        assert_eq!(found.threshold, 0.8);
        assert_eq!((found.sample.precision(), found.population.unwrap().precision()), (Some(2.0 / 3.0), Some(2.0 / 12.0)));
        assert_eq!(found.precision.unwrap().value, 2.0 / 12.0);
    }

    #[test]
    fn what_cannot_be_reached_says_why() {
        assert_eq!(solve("maximum recall @ precision >= 0.5", &[], &[], None), Err(Unreachable::NoRows));
        let message = |text, positive: &[bool]| solve(text, &[0.75, 0.25], positive, None).unwrap_err().to_string();
        let undefined = "recall is undefined at every threshold: a class that it needs has no weight";
        assert_eq!(message("maximum precision @ recall >= 0.5", &[false, false]), undefined);
        assert_eq!(message("maximum recall @ match_rate <= 0.5", &[false, false]), undefined);
        let closest = "no threshold has precision >= 0.75: the closest is 0.5, at 0.25";
        assert_eq!(message("maximum recall @ precision >= 0.75", &[false, true]), closest);
    }

    proptest! {
        /// Against trying every score by itself.
        #[test]
        fn no_other_threshold_is_better(rows in prop::collection::vec((0..15_u8, any::<bool>()), 1..50), bound in 0..=20_u8) {
            let p: Vec<f64> = rows.iter().map(|r| f64::from(r.0) / 15.0).collect();
            let positive: Vec<bool> = rows.iter().map(|r| r.1).collect();
            let bound = f64::from(bound) / 20.0;
            let predictions = Predictions::new(&p, &positive).unwrap();
            let at = |t: f64| Confusion::at(predictions.scores(), t);
            let keeping = p.iter().filter(|t| at(**t).precision().is_some_and(|v| v >= bound));
            let most = keeping.filter_map(|t| at(*t).recall()).max_by(f64::total_cmp);
            let found = solve(&format!("maximum recall @ precision >= {bound}"), &p, &positive, None);
            prop_assert_eq!(found.ok().and_then(|f| at(f.threshold).recall()), most);
        }
    }
}
