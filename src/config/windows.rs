//! A declared window: sums, rates, trends, distinct counts and entropies over the last days of an entity's rows.
//!
//! Input: the names of `[features.windows.<name>]`, already decoded. Output: what `features` compiles into a plan. Deliberately not
//! here: ranges (`check_windows`), and how anything is computed.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::TableName;
pub use super::window_columns::WindowColumn;
use crate::units::{ContentType, Id};

/// Whose rows are summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WindowEntity {
    /// The item.
    Content,
    /// All items of its seller.
    Seller,
    /// All items of its creator, over all sellers.
    Creator,
}

impl WindowEntity {
    /// All entities, in declaration order.
    pub const ALL: [Self; 3] = [Self::Content, Self::Seller, Self::Creator];

    /// The name in configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Seller => "seller",
            Self::Creator => "creator",
        }
    }
}

/// What is measured of the rows of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum WindowValue {
    /// The number of rows; of engagement, item-days.
    Rows,
    /// The sum of a column.
    Sum(WindowColumn),
    /// The number of different names in a column; a null is none.
    Distinct(WindowColumn),
    /// The entropy of the names in a column, in nats.
    Entropy(WindowColumn),
}

impl WindowValue {
    /// Whether it is a whole number: all but sums of amounts, and entropies.
    #[must_use]
    pub fn is_count(self) -> bool {
        match self {
            Self::Rows | Self::Distinct(_) => true,
            Self::Sum(column) => column.is_count(),
            Self::Entropy(_) => false,
        }
    }
}

impl fmt::Display for WindowValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows => f.write_str("*"),
            Self::Sum(column) => f.write_str(column.as_str()),
            Self::Distinct(column) => write!(f, "distinct:{}", column.as_str()),
            Self::Entropy(column) => write!(f, "entropy:{}", column.as_str()),
        }
    }
}

/// Rows of which one column has one of the names. A null never has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct WindowFilter {
    /// The column.
    pub column: WindowColumn,
    /// The names, ascending, at least one.
    pub names: Vec<Id>,
}

/// Where a rate's prior comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PriorFit {
    /// Fitted by moments to the items of the seller's tier, on a weekly grid.
    Tier,
    /// The mean and strength that are written.
    None,
}

/// The prior of a rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct WindowPrior {
    /// The rate before any data, above 0, below 1.
    pub mean: f64,
    /// The chances that it counts as, above 0.
    pub strength: f64,
    /// Whether history replaces both.
    pub fit: PriorFit,
}

/// How a value becomes a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WindowScale {
    /// ln for counts, sums and means, none for rates and entropies.
    Auto,
    /// ln(1 + x).
    Ln,
    /// x.
    None,
}

/// A declared window, every part of it valid.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WindowDeclaration {
    /// What its columns' names begin with: lower-case letters, digits and underscores.
    pub name: String,
    /// Whose rows.
    pub entity: WindowEntity,
    /// Of which table; never `sellers`.
    pub table: TableName,
    /// The windows in days, ascending, 1 to 366.
    pub days: Vec<u32>,
    /// What is measured.
    pub value: WindowValue,
    /// What it is divided by: always a count.
    pub over: Option<WindowValue>,
    /// Rows that count at all: those that pass every filter.
    pub filter: Vec<WindowFilter>,
    /// Rows that count as `value`; `over` counts the others too.
    pub value_filter: Vec<WindowFilter>,
    /// The prior of a rate. A sum of amounts over a count is a mean, and has none.
    pub prior: Option<WindowPrior>,
    /// Whether `over` gets a column of its own where no other window is just that.
    pub n_column: bool,
    /// Pairs of a short window and a longer one, both among `days`.
    pub trend: Vec<(u32, u32)>,
    /// `Ln` or `None`.
    pub scale: WindowScale,
    /// Whether the value is divided by the days of the window that the item existed, at least one.
    pub per_day: bool,
    /// The content types it is meant for; empty means all.
    pub content_types: Vec<ContentType>,
    /// What is measured; `{days}` stands for the window.
    #[serde(skip)]
    pub what: String,
    /// Why it predicts.
    #[serde(skip)]
    pub why: String,
    /// Why its trends predict; empty means the same.
    #[serde(skip)]
    pub trend_why: String,
    /// Values it can take; empty means what its kind can.
    #[serde(skip)]
    pub range: String,
    /// How somebody who knows it gets around it.
    #[serde(skip)]
    pub evaded_by: String,
}

impl WindowDeclaration {
    /// The column over `days` days.
    #[must_use]
    pub fn column(&self, days: u32) -> String {
        format!("{}_{days}d", self.name)
    }

    /// The column of what a rate over `days` days is divided by.
    #[must_use]
    pub fn n_column_name(&self, days: u32) -> String {
        format!("{}_n_{days}d", self.name)
    }

    /// The column of a trend.
    #[must_use]
    pub fn trend_column(&self, short: u32, long: u32) -> String {
        format!("{}_trend_{short}_{long}d", self.name)
    }

    /// The names of all columns it can have.
    pub fn column_names(&self) -> impl Iterator<Item = String> {
        let n = self.days.iter().filter(|_| self.n_column && self.over.is_some()).map(|d| self.n_column_name(*d));
        let trends = self.trend.iter().map(|(short, long)| self.trend_column(*short, *long));
        self.days.iter().map(|d| self.column(*d)).chain(n).chain(trends)
    }
}
