//! A number as the report shows it: with its interval, what it rests on, its unit and how it was measured.

use serde::Serialize;

use crate::monitor::{Figure, Unit};

/// Why a number isn't shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Suppression {
    /// It rests on fewer than this many.
    Below(u64),
    /// With it, one that is below could be worked out from their total.
    Complement,
}

/// The unit of a number of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberUnit {
    /// 0 to 1, written per cent.
    Share,
    /// 0 to 1, written per 10,000.
    PerTenThousand,
    /// Whole things.
    Count,
    /// Views.
    Views,
    /// Money in the project's currency.
    Money,
    /// Seconds.
    Seconds,
    /// Minutes.
    Minutes,
    /// Days.
    Days,
    /// Expected harm.
    Harm,
    /// Without a unit.
    Number,
}

impl From<Unit> for NumberUnit {
    fn from(unit: Unit) -> Self {
        match unit {
            Unit::Share => Self::Share,
            Unit::PerTenThousand => Self::PerTenThousand,
            Unit::Count => Self::Count,
            Unit::Views => Self::Views,
            Unit::Money => Self::Money,
            Unit::Minutes => Self::Minutes,
            Unit::Days => Self::Days,
            Unit::Harm => Self::Harm,
            Unit::Number => Self::Number,
        }
    }
}

/// How a number that is no measurement says so: a limit, a goal, the mark of an axis. It has no n.
pub const CONFIGURED: &str = "configured";
/// As [`CONFIGURED`], of an axis.
pub const AXIS: &str = "axis";

/// A number that is shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Number {
    /// The value, in the unit as it is kept: a share is 0 to 1. Absent where it is undefined or not shown.
    pub value: Option<f64>,
    /// The lower end of its 95 % interval.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// What it rests on. Absent where it isn't shown, and for what is no measurement.
    pub n: Option<u64>,
    /// Unit of value and interval.
    pub unit: NumberUnit,
    /// How it was measured.
    pub method: String,
    /// Why it isn't shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<Suppression>,
}

/// What JSON can hold, and never a negative zero.
fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value + 0.0)
}

impl Number {
    /// A value without interval.
    #[must_use]
    pub fn of(value: Option<f64>, unit: NumberUnit, n: u64, method: &str) -> Self {
        let value = value.and_then(finite);
        Self { value, low: None, high: None, n: Some(n), unit, method: method.to_owned(), suppressed: None }
    }

    /// A count, which rests on what it counts.
    #[must_use]
    pub fn count(count: u64) -> Self {
        Self::of(Some(count as f64), NumberUnit::Count, count, "count")
    }

    /// A limit or goal that the configuration sets.
    #[must_use]
    pub fn configured(value: f64, unit: NumberUnit) -> Self {
        Self { n: None, ..Self::of(Some(value), unit, 0, CONFIGURED) }
    }

    /// The mark of an axis.
    #[must_use]
    pub fn axis(value: f64, unit: NumberUnit) -> Self {
        Self { n: None, ..Self::of(Some(value), unit, 0, AXIS) }
    }

    /// Value, interval and n of a figure.
    #[must_use]
    pub fn of_figure(figure: &Figure) -> Self {
        let mut number = Self::of(figure.value, figure.unit.into(), figure.n, &super::shown(figure.method, 40));
        if let Some(range) = figure.interval {
            (number.low, number.high) = (finite(range.low), finite(range.high));
        }
        number
    }

    /// The same number, not shown.
    #[must_use]
    pub fn withheld(self, why: Suppression) -> Self {
        Self { value: None, low: None, high: None, n: None, suppressed: Some(why), ..self }
    }

    /// A count about people, not shown where it is from 1 to less than `smallest`.
    #[must_use]
    pub fn count_of_people(count: u64, smallest: u64) -> Self {
        let number = Self::count(count);
        if count > 0 && count < smallest { number.withheld(Suppression::Below(smallest)) } else { number }
    }
}
