//! One figure: what was measured of which segment, how sure it is, and what it rests on.

use serde::{Deserialize, Serialize};

use crate::units::{ContentType, Id, Market};

/// What a figure is about; a section of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Share of views that go to violating content.
    Prevalence,
    /// Rows, rejects, coverage, nulls.
    Volume,
    /// Distributions of features and scores against the training reference and earlier nights.
    Drift,
    /// Predicted against found.
    Calibration,
    /// Hits, precision and overlap of policies.
    Policy,
    /// What a policy's treatment changes.
    Outcome,
    /// What rises among items that score low.
    Trend,
    /// Appeals, overturns, reasons of reports and after-sales.
    PainPoint,
    /// Backlog, times, agreement, staffing.
    Operations,
    /// Goals.
    Target,
    /// Sellers that move.
    Seller,
    /// The run itself.
    Run,
}

/// The unit of a value, and so how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// 0 to 1, written per cent.
    Share,
    /// 0 to 1, written per 10,000 (views).
    PerTenThousand,
    /// Whole things.
    Count,
    /// Views.
    Views,
    /// Money in the project's currency.
    Money,
    /// Minutes.
    Minutes,
    /// Days.
    Days,
    /// Expected harm (DESIGN.md §6).
    Harm,
    /// A number without a unit: PSI, a ratio, kappa.
    Number,
}

/// What a check says of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing is judged: a figure to read.
    Plain,
    /// Within its limit.
    Within,
    /// It cannot be judged yet: no history, too few rows.
    Unknown,
    /// Beyond its limit: a person should look.
    Warning,
    /// Beyond its limit, and nothing may be published.
    Refused,
}

/// Which part of the marketplace a figure is about. What is absent is not cut by.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Segment {
    /// Market.
    pub market: Option<Market>,
    /// Label.
    pub label: Option<Id>,
    /// Category.
    pub category: Option<String>,
    /// Content type.
    pub content_type: Option<ContentType>,
    /// Seller tier.
    pub tier: Option<String>,
    /// Anything else it is about: a feature, a policy, a queue, a reason.
    pub subject: Option<String>,
}

/// Both ends of an interval, in the figure's unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Range {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// A measured value with all that is needed to judge it.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// What it is about.
    pub family: Family,
    /// Which figure of the family, in the field's term: `violative_view_rate`, `psi`.
    pub metric: String,
    /// Of which part.
    pub segment: Segment,
    /// The value; absent where it is undefined.
    pub value: Option<f64>,
    /// Its 95 % interval, where it has one.
    pub interval: Option<Range>,
    /// What it rests on: rows, sampled items, decisions.
    pub n: u64,
    /// Those of `n` that count for the value, where it is a share or a rate.
    pub positives: Option<u64>,
    /// Unit of value and interval.
    pub unit: Unit,
    /// How it was measured, in a word or two: `hajek`, `ppi++`, `surrogate`, `exact`.
    pub method: &'static str,
    /// What its check says.
    pub state: State,
    /// What a reader has to know beside it: the limit, the baseline, why it is unknown.
    pub note: Option<String>,
}

impl Figure {
    /// A figure without value: what it is will be filled in.
    #[must_use]
    pub fn new(family: Family, metric: &str, segment: Segment, unit: Unit) -> Self {
        let metric = metric.to_owned();
        Self {
            family,
            metric,
            segment,
            value: None,
            interval: None,
            n: 0,
            positives: None,
            unit,
            method: "exact",
            state: State::Plain,
            note: None,
        }
    }
}
