//! A number proven to lie in [0, 1].

use thiserror::Error;

/// A probability in [0, 1], never NaN.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Probability(f64);

/// The number given is not a probability.
#[derive(Debug, Error, PartialEq)]
#[error("{value} is not a probability: it must lie between 0 and 1")]
pub struct ProbabilityError {
    /// The number that was given.
    pub value: f64,
}

impl Probability {
    /// Checks that `value` lies in [0, 1].
    ///
    /// # Errors
    /// When it does not, or is NaN.
    pub fn new(value: f64) -> Result<Self, ProbabilityError> {
        if (0.0..=1.0).contains(&value) { Ok(Self(value)) } else { Err(ProbabilityError { value }) }
    }

    /// The nearest probability to `value`; NaN becomes 0.5, the least informative one.
    #[must_use]
    pub fn clamped(value: f64) -> Self {
        if value.is_nan() { Self(0.5) } else { Self(value.clamp(0.0, 1.0)) }
    }

    /// The number itself.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}
