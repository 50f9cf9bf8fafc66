//! A label's calibrator with each market's own correction, drawn towards none.
//!
//! A market's log-odds are z + α + β z, z being the log-odds of the calibrator that all markets share. α and β are fitted to the
//! market's rows under independent normal priors around 0 (empirical Bayes with fixed spread, a ridge penalty of ½ λ_α α² +
//! ½ λ_β β²): base odds of markets are expected within a factor e^±1 of each other, slopes within a half. A market has a
//! correction only where it has rows enough and where the correction lowers the cross-fitted log loss of its rows by more than
//! that difference's standard error; every other market keeps the common calibrator.

use super::calibration::{Calibrator, Scored, choose, probability_at};
use super::config::MarketLimits;
use super::measures::{logistic_loss, logit};
use super::newton::Problem;
use super::{CalibrationMethod, MarketReport};
use crate::units::Market;

/// λ_α and λ_β: standard deviations of ½ and ¼.
const RIDGE: [f64; 2] = [4.0, 16.0];

/// The least 1 + β: probabilities must go on rising with the score.
const LEAST_SLOPE: f64 = 0.1;

/// A fitted calibrator of one label.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct MarketCalibrator {
    /// What all markets share.
    pub(super) common: Calibrator,
    /// Corrections, ascending by market, each market once.
    pub(super) shifts: Vec<MarketShift>,
}

/// One market's correction of the common log-odds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct MarketShift {
    /// The market.
    pub(super) market: Market,
    /// α.
    pub(super) intercept: f64,
    /// β, above −1.
    pub(super) slope: f64,
}

/// What calibrating a label found.
#[derive(Debug)]
pub(super) struct Calibrated {
    /// Fitted to all rows.
    pub(super) calibrator: MarketCalibrator,
    /// Each row's probability from a calibrator that has not seen the row's fold.
    pub(super) out_of_fold: Vec<f64>,
    /// The markets with rows enough, kept or not.
    pub(super) markets: Vec<MarketReport>,
}

impl MarketShift {
    fn at(&self, log_odds: f64) -> f64 {
        log_odds + self.intercept + self.slope * log_odds
    }
}

impl MarketCalibrator {
    /// The calibrated probability of a raw score in a market; an unknown market has the common one.
    pub(super) fn probability(&self, score: f64, market: Option<Market>) -> f64 {
        let log_odds = self.common.log_odds(score);
        let found = market.and_then(|market| self.shifts.binary_search_by_key(&market, |shift| shift.market).ok());
        probability_at(found.map_or(log_odds, |at| self.shifts[at].at(log_odds)))
    }
}

/// Fits a label's calibrator, and each row's probability out of fold.
pub(super) fn calibrate(scored: Scored, method: CalibrationMethod, limits: MarketLimits) -> Calibrated {
    let method = choose(scored, method);
    let by_fold: Vec<Calibrator> =
        (0..scored.n_folds()).map(|fold| Calibrator::of_rows(&scored.rows(|i| scored.fold[i] != fold), method)).collect();
    let mut out_of_fold: Vec<f64> =
        scored.score.iter().zip(scored.fold).map(|(score, fold)| by_fold[*fold].probability(*score)).collect();
    let common = Calibrator::of_rows(&scored.rows(|_| true), method);
    let (mut shifts, mut markets) = (Vec::new(), Vec::new());
    for market in large_markets(scored, limits) {
        let mut shifted = out_of_fold.clone();
        for (fold, calibrator) in by_fold.iter().enumerate() {
            let shift = fit_shift(scored, calibrator, market, |i| scored.fold[i] != fold);
            for i in (0..shifted.len()).filter(|i| scored.fold[*i] == fold && scored.market[*i] == market) {
                shifted[i] = probability_at(shift.at(calibrator.log_odds(scored.score[i])));
            }
        }
        let shift = fit_shift(scored, &common, market, |_| true);
        let (gain, standard_error) = gain_of(scored, &out_of_fold, &shifted, market);
        let kept = gain > standard_error;
        let of_market = scored.rows(|i| scored.market[i] == market);
        markets.push(MarketReport {
            market,
            n: of_market.row.len() as u64,
            positives: of_market.positive.iter().filter(|y| **y).count() as u64,
            intercept: shift.intercept,
            slope: shift.slope,
            gain,
            standard_error,
            kept,
        });
        if kept {
            shifts.push(shift);
            out_of_fold = shifted;
        }
    }
    Calibrated { calibrator: MarketCalibrator { common, shifts }, out_of_fold, markets }
}

/// The markets with rows enough of both classes, ascending; none where all rows are of one market.
fn large_markets(scored: Scored, limits: MarketLimits) -> Vec<Market> {
    let mut all = scored.market.to_vec();
    all.sort_unstable();
    all.dedup();
    if limits.min_rows == 0 || all.len() < 2 {
        return Vec::new();
    }
    let is_large = |market: &Market| {
        let rows = scored.rows(|i| scored.market[i] == *market);
        let positives = rows.positive.iter().filter(|y| **y).count() as u64;
        let n = rows.row.len() as u64;
        n >= limits.min_rows && positives.min(n - positives) >= limits.min_of_each
    };
    all.retain(is_large);
    all
}

/// The correction of the rows of `market` that `keep` keeps.
fn fit_shift(scored: Scored, common: &Calibrator, market: Market, keep: impl Fn(usize) -> bool) -> MarketShift {
    let rows = scored.rows(|i| scored.market[i] == market && keep(i));
    let offset: Vec<f64> = rows.score.iter().map(|score| common.log_odds(*score)).collect();
    let x: Vec<[f64; 2]> = offset.iter().map(|z| [1.0, *z]).collect();
    let target: Vec<f64> = rows.positive.iter().map(|y| f64::from(u8::from(*y))).collect();
    let problem = Problem { x: &x, offset: &offset, target: &target, weight: &rows.weight, ridge: RIDGE };
    let ([mut intercept, mut slope], _) = problem.solve([true, true]);
    if 1.0 + slope < LEAST_SLOPE {
        ([intercept, slope], _) = problem.solve([true, false]);
    }
    MarketShift { market, intercept, slope }
}

/// By how much `shifted` lowers the market's mean log loss, and the standard error of that difference.
fn gain_of(scored: Scored, common: &[f64], shifted: &[f64], market: Market) -> (f64, f64) {
    let rows = scored.rows(|i| scored.market[i] == market);
    let gain = |(at, row): (usize, &usize)| {
        let loss = |p: f64| logistic_loss(logit(p), rows.positive[at]);
        rows.weight[at] * (loss(common[*row]) - loss(shifted[*row]))
    };
    let gains: Vec<f64> = rows.row.iter().enumerate().map(gain).collect();
    let total: f64 = rows.weight.iter().sum();
    let mean = gains.iter().sum::<f64>() / total;
    // Linearised variance of a ratio: Σ (w g − w ḡ)² / (Σ w)².
    let spread: f64 = gains.iter().zip(&rows.weight).map(|(g, w)| (g - w * mean) * (g - w * mean)).sum();
    (mean, spread.sqrt() / total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::measures::sigmoid;
    use crate::units::SplitMix;

    const LIMITS: MarketLimits = MarketLimits { min_rows: 200, min_of_each: 30 };

    struct World {
        score: Vec<f64>,
        positive: Vec<bool>,
        fold: Vec<usize>,
        market: Vec<Market>,
    }

    fn market(code: &str) -> Market {
        code.parse().unwrap()
    }

    /// A market, how many rows it has, and the true log-odds at a score.
    type Part = (&'static str, usize, fn(f64) -> f64);

    fn world(parts: &[Part]) -> World {
        let mut world = World { score: vec![], positive: vec![], fold: vec![], market: vec![] };
        let mut random = SplitMix(11);
        for (code, n, of) in parts {
            for i in 0..*n {
                let score = 6.0 * random.uniform() - 3.0;
                world.score.push(score);
                world.positive.push(random.uniform() < sigmoid(of(score)));
                world.fold.push(i % 5);
                world.market.push(market(code));
            }
        }
        world
    }

    fn calibrated(world: &World, limits: MarketLimits) -> Calibrated {
        let weight = vec![1.0; world.score.len()];
        let World { score, positive, fold, market } = world;
        calibrate(Scored { score, positive, weight: &weight, fold, market }, CalibrationMethod::Platt, limits)
    }

    fn worst(found: &Calibrated, code: &str, of: impl Fn(f64) -> f64) -> f64 {
        let at = |s: f64| found.calibrator.probability(s, Some(market(code))) - sigmoid(of(s));
        (-6..=6).map(|s| at(f64::from(s) / 2.0).abs()).fold(0.0, f64::max)
    }

    #[test]
    fn a_planted_shift_is_learned_and_lowers_the_loss_out_of_fold() {
        let shifted: fn(f64) -> f64 = |s| 0.8 * s - 1.0;
        let found = calibrated(&world(&[("SG", 6000, |s| s), ("ID", 2000, shifted)]), LIMITS);
        assert!(worst(&found, "ID", shifted) < 0.05, "{found:?}", found = found.markets);
        assert!(worst(&found, "SG", |s| s) < 0.05);
        let common = MarketCalibrator { shifts: Vec::new(), ..found.calibrator.clone() };
        assert!((common.probability(0.0, Some(market("ID"))) - sigmoid(-1.0)).abs() > 0.1);
        assert!(found.markets.iter().any(|m| m.market == market("ID") && m.kept && m.gain > 0.005));
    }

    #[test]
    fn markets_that_are_alike_share_one_calibrator() {
        let found = calibrated(&world(&[("ID", 3000, |s| s), ("SG", 3000, |s| s), ("VN", 3000, |s| s)]), LIMITS);
        assert_eq!(found.calibrator.shifts, []);
        assert_eq!(found.markets.len(), 3);
    }

    #[test]
    fn a_market_of_ten_rows_keeps_the_common_calibrator_and_is_held_near_it_where_it_may_not() {
        let rows = world(&[("SG", 3000, |s| s), ("VN", 10, |_| 6.0)]);
        let found = calibrated(&rows, LIMITS);
        let at = |s: f64, code: &str| found.calibrator.probability(s, Some(market(code)));
        assert!((-3..=3).map(f64::from).all(|s| at(s, "VN") == at(s, "SG")));
        // Even where ten positives may speak, the prior holds even odds within a factor of e^1.2; alone they would say infinity.
        let weight = vec![1.0; rows.score.len()];
        let World { score, positive, fold, market: markets } = &rows;
        let scored = Scored { score, positive, weight: &weight, fold, market: markets };
        let shift = fit_shift(scored, &found.calibrator.common, market("VN"), |_| true);
        assert!(shift.at(0.0) > 0.2 && shift.at(0.0) < 1.2, "{shift:?}");
    }

    #[test]
    fn one_market_or_a_limit_of_zero_has_no_corrections() {
        let one = world(&[("SG", 2000, |s| s)]);
        assert!(calibrated(&one, LIMITS).markets.is_empty());
        let two = world(&[("SG", 2000, |s| s), ("ID", 2000, |s| s - 2.0)]);
        assert!(calibrated(&two, MarketLimits { min_rows: 0, min_of_each: 0 }).markets.is_empty());
        assert!(calibrated(&two, LIMITS).markets.iter().all(|m| m.kept));
    }

    #[test]
    fn a_market_whose_score_says_the_opposite_still_rises() {
        let found = calibrated(&world(&[("SG", 8000, |s| s), ("ID", 4000, |s| -2.0 * s)]), LIMITS);
        let at = |s: f64| found.calibrator.probability(s, Some(market("ID")));
        assert!((-5..5).map(f64::from).all(|s| at(s) < at(s + 1.0)));
    }
}
