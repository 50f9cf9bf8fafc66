//! One declared column: where its totals stand among all of the plan's, and what is made of them.

use super::total::{SpanDays, Total, Totals};
use crate::config::{WindowEntity, WindowScale};
use crate::features::TierPriors;
use crate::units::{AsOf, ContentType, Timestamp};

/// What is made of the totals at these places.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Formula {
    /// The number that stands behind a rate.
    Chances { at: usize },
    /// The total, for all days of the window.
    Total { sum: Place },
    /// The same over the days of the window that the item existed, at least one.
    PerDay { sum: Place, days: u32 },
    /// k of n, shrunk to prior number `prior`.
    Rate { events: usize, chances: usize, prior: usize },
    /// An amount over a count; missing where the count is zero.
    Mean { amount: usize, count: usize },
    /// ln((1 + mean day of the short window) / (1 + mean day of the long one)).
    Trend { short: Place, long: Place },
}

/// Where a total stands, and the days that it is of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    pub(super) at: usize,
    pub(super) span: usize,
}

impl Place {
    fn number(self, totals: &Totals) -> Option<f64> {
        totals.totals.get(self.at)?.number()
    }

    fn days(self, totals: &Totals) -> Option<SpanDays> {
        totals.spans.get(self.span).copied()
    }

    fn of_all_days(self, totals: &Totals) -> Option<f64> {
        Some(self.days(totals)?.scaled(self.number(totals)?))
    }
}

/// A declared column.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) entity: WindowEntity,
    pub(super) applies_to: Vec<ContentType>,
}

/// How a column's value is made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measured {
    pub(super) formula: Formula,
    pub(super) scale: WindowScale,
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

impl Measured {
    /// Its value; NaN for a missing one.
    pub(super) fn value(&self, totals: &Totals, moment: WindowMoment<'_>) -> f32 {
        let number = self.formula.number(totals, moment);
        let scaled = number.map(|x| if self.scale == WindowScale::Ln { libm::log1p(x) } else { x } as f32);
        scaled.filter(|x| x.is_finite()).unwrap_or(f32::NAN)
    }
}

impl Formula {
    fn number(self, totals: &Totals, moment: WindowMoment<'_>) -> Option<f64> {
        let total = |at: usize| totals.totals.get(at).copied();
        let count = |at: usize| total(at).and_then(Total::count);
        match self {
            Self::Chances { at } => total(at)?.number(),
            Self::Total { sum } => sum.of_all_days(totals),
            Self::PerDay { sum, days } => {
                let since = moment.as_of.instant.days_since(moment.published_at);
                // Days of rows before the publication are whole, and so is then its own day.
                let early = sum.days(totals).map_or(0, |days| days.early);
                let lived = if early > 0 { libm::ceil(since) + f64::from(early) } else { since };
                let existed = lived.clamp(1.0, f64::from(days));
                Some(sum.of_all_days(totals)? / existed)
            }
            Self::Rate { events, chances, prior } => Some(moment.priors.get(prior)?.shrink(count(events)?, count(chances)?)),
            Self::Mean { amount, count: over } => {
                let n = count(over).filter(|n| *n > 0)?;
                Some(total(amount)?.number()? / n as f64)
            }
            Self::Trend { short, long } => {
                let (short_days, long_days) = (short.days(totals)?.known, long.days(totals)?.known);
                // An entity that is no older than the short window has nothing to be compared with.
                if short_days == 0 || long_days <= short_days {
                    return None;
                }
                let mean_day = |sum: Place, days: u32| Some(sum.number(totals)? / f64::from(days));
                Some(libm::log((mean_day(short, short_days)? + 1.0) / (mean_day(long, long_days)? + 1.0)))
            }
        }
    }
}
