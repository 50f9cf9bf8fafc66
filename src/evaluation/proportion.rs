//! A share with its counts and its interval: none goes out without them.

use serde::Serialize;

use super::{Confidence, Interval, wilson};

/// `successes` of `trials`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Proportion {
    /// How many did.
    pub successes: u64,
    /// Of how many.
    pub trials: u64,
    /// The share; absent without trials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// Wilson's 95 % interval; absent without trials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
}

impl Proportion {
    /// The share with its interval.
    #[must_use]
    pub fn new(successes: u64, trials: u64) -> Self {
        let interval = wilson(successes, trials, Confidence::NinetyFive);
        Self { successes, trials, share: interval.map(|_| successes as f64 / trials as f64), interval }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_nothing_is_absent() {
        assert_eq!(serde_json::to_string(&Proportion::new(0, 0)).unwrap(), r#"{"successes":0,"trials":0}"#);
        let three = Proportion::new(3, 10);
        // scipy 1.17.1, `binomtest(3, 10).proportion_ci(0.95, "wilson")`.
        let interval = three.interval.unwrap();
        assert_eq!(three.share, Some(0.3));
        assert!(
            (interval.low - 0.107_791_267_406_301_02).abs() < 1e-12 && (interval.high - 0.603_221_852_538_854_6).abs() < 1e-12
        );
    }
}
