//! What a window adds up to, and the running sums that it is read from.

use std::collections::{BTreeMap, BTreeSet};

use super::rows::Name;

/// What the rows of one window add up to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Total {
    /// No row of the window holds the column.
    Missing,
    /// A whole number, exact.
    Count(u64),
    /// An amount, finite unless the sum overflows.
    Amount(f64),
}

impl Total {
    pub(super) fn count(self) -> Option<u64> {
        if let Self::Count(count) = self { Some(count) } else { None }
    }

    pub(super) fn number(self) -> Option<f64> {
        match self {
            Self::Missing => None,
            Self::Count(count) => Some(count as f64),
            Self::Amount(amount) => Some(amount),
        }
    }
}

/// The days of a window on which the entity was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SpanDays {
    /// All of them.
    pub(super) all: u32,
    /// Those of them before its publication.
    pub(super) early: u32,
    /// Those of which the table's rows have arrived.
    pub(super) known: u32,
}

impl SpanDays {
    /// What a sum over the known days stands for over all of them.
    pub(super) fn scaled(self, sum: f64) -> f64 {
        if self.known < self.all { sum * f64::from(self.all) / f64::from(self.known) } else { sum }
    }
}

/// The totals of an entity's groups, and the days of their spans, group after group.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) totals: Vec<Total>,
    pub(super) spans: Vec<SpanDays>,
}

/// A sum of amounts in the order in which they are added.
#[derive(Debug, Default)]
pub(super) struct Amounts {
    rows: u64,
    sum: Option<f64>,
}

impl Amounts {
    /// Adds a row's amount; a row without a finite one counts as a row only.
    pub(super) fn add(&mut self, amount: Option<f64>) {
        self.rows += 1;
        if let Some(amount) = amount.filter(|amount| amount.is_finite()) {
            self.sum = Some(self.sum.unwrap_or(0.0) + amount);
        }
    }

    pub(super) fn total(&self) -> Total {
        if self.rows == 0 { Total::Amount(0.0) } else { self.sum.map_or(Total::Missing, Total::Amount) }
    }
}

/// The different names so far.
#[derive(Debug, Default)]
pub(super) struct Distinct<'a>(BTreeSet<Name<'a>>);

impl<'a> Distinct<'a> {
    pub(super) fn add(&mut self, name: Option<Name<'a>>) {
        self.0.extend(name);
    }

    pub(super) fn total(&self) -> Total {
        Total::Count(self.0.len() as u64)
    }
}

/// How often each name came so far.
#[derive(Debug, Default)]
pub(super) struct Entropy<'a>(BTreeMap<Name<'a>, u64>);

impl<'a> Entropy<'a> {
    pub(super) fn add(&mut self, name: Option<Name<'a>>) {
        if let Some(name) = name {
            *self.0.entry(name).or_default() += 1;
        }
    }

    /// H = −Σ p ln p (Shannon 1948), added in the order of the names' counts so that it does not depend on what they are called;
    /// missing without a name.
    pub(super) fn total(&self) -> Total {
        let mut counts: Vec<u64> = self.0.values().copied().collect();
        counts.sort_unstable();
        let n = counts.iter().sum::<u64>() as f64;
        if counts.is_empty() {
            return Total::Missing;
        }
        let entropy = counts.iter().map(|count| *count as f64 / n).fold(0.0, |sum, p| sum - p * libm::log(p));
        Total::Amount(entropy)
    }
}
