//! One declared column: where its totals stand among all of the plan's, and what is made of them.

use super::total::Total;
use crate::config::{WindowEntity, WindowScale};
use crate::features::TierPriors;
use crate::units::{AsOf, ContentType, Timestamp};

/// What is made of the totals at these places.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Formula {
    /// The total itself.
    Total { at: usize },
    /// The total over the days of the window that the item existed, at least one.
    PerDay { at: usize, days: u32 },
    /// k of n, shrunk to prior number `prior`.
    Rate { events: usize, chances: usize, prior: usize },
    /// An amount over a count; missing where the count is zero.
    Mean { amount: usize, count: usize },
    /// ln((1 + mean day of the short window) / (1 + mean day of the long one)).
    Trend { short: (usize, u32), long: (usize, u32) },
}

/// A declared column.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) entity: WindowEntity,
    pub(super) formula: Formula,
    pub(super) scale: WindowScale,
    pub(super) applies_to: Vec<ContentType>,
}

/// What values depend on beside rows.
#[derive(Debug, Clone, Copy)]
pub struct WindowMoment<'a> {
    /// The midnight.
    pub as_of: AsOf,
    /// When the item was published; nothing of sellers and creators depends on it.
    pub published_at: Timestamp,
    /// What rates are shrunk to.
    pub priors: &'a TierPriors,
}

impl Column {
    /// Its value; NaN for a missing one.
    pub(super) fn value(&self, totals: &[Total], moment: WindowMoment<'_>) -> f32 {
        let number = self.formula.number(totals, moment);
        let scaled = number.map(|x| if self.scale == WindowScale::Ln { libm::log1p(x) } else { x } as f32);
        scaled.filter(|x| x.is_finite()).unwrap_or(f32::NAN)
    }
}

impl Formula {
    fn number(self, totals: &[Total], moment: WindowMoment<'_>) -> Option<f64> {
        let number = |at: usize| totals.get(at)?.number();
        let count = |at: usize| totals.get(at)?.count();
        match self {
            Self::Total { at } => number(at),
            Self::PerDay { at, days } => {
                let existed = moment.as_of.instant.days_since(moment.published_at).clamp(1.0, f64::from(days));
                Some(number(at)? / existed)
            }
            Self::Rate { events, chances, prior } => Some(moment.priors.get(prior)?.shrink(count(events)?, count(chances)?)),
            Self::Mean { amount, count: over } => {
                let n = count(over).filter(|n| *n > 0)?;
                Some(number(amount)? / n as f64)
            }
            Self::Trend { short, long } => {
                let mean_day = |(at, days): (usize, u32)| Some(number(at)? / f64::from(days));
                Some(libm::log((mean_day(short)? + 1.0) / (mean_day(long)? + 1.0)))
            }
        }
    }
}
