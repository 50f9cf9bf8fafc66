//! What a night's rows look like, counted.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::units::Market;

/// What a column is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// A column of `content` or a segment: named values, or only whether it is there.
    Content,
    /// A feature.
    Feature,
    /// A column of `scores`.
    Score,
    /// Prices in one currency.
    Price,
}

impl ColumnKind {
    /// The name in the published table.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Feature => "feature",
            Self::Score => "score",
            Self::Price => "price",
        }
    }
}

impl FromStr for ColumnKind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Content, Self::Feature, Self::Score, Self::Price].into_iter().find(|kind| kind.as_str() == text).ok_or(())
    }
}

/// A column that is watched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Column {
    /// What it is of.
    pub kind: ColumnKind,
    /// Its name; of prices the currency.
    pub name: String,
}

impl Column {
    /// A column.
    #[must_use]
    pub fn new(kind: ColumnKind, name: &str) -> Self {
        Self { kind, name: name.to_owned() }
    }
}

/// As a finding calls it: `content.title`, `price.THB`, a feature or score by its own name.
impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ColumnKind::Content | ColumnKind::Price => write!(f, "{}.{}", self.kind.as_str(), self.name),
            ColumnKind::Feature | ColumnKind::Score => f.write_str(&self.name),
        }
    }
}

/// A part of a column's range.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    /// A bin (see [`super::number_bin`]).
    Bin(i16),
    /// A named value.
    Value(String),
}

/// The name under which values beyond the [`VALUES_KEPT`] most frequent ones are counted.
pub(super) const OTHER: &str = "(other)";

/// Named values of a column in a market that are kept.
pub(super) const VALUES_KEPT: usize = 50;

/// The counts of a column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows in which it is null.
    pub nulls: u64,
    /// Rows in each cell; none where only nulls are counted.
    pub cells: BTreeMap<Cell, u64>,
    /// Rows in which it is there.
    pub present: u64,
}

impl Counts {
    /// All rows.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.nulls + self.present
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.nulls += other.nulls;
        self.present += other.present;
        for (cell, n) in &other.cells {
            *self.cells.entry(cell.clone()).or_default() += n;
        }
    }
}

/// A sum over the items of a market.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Volume {
    /// Items in scope.
    Items,
    /// Of these, items published on the last whole day.
    NewItems,
    /// Their views on the last whole day.
    DayViews,
    /// Their orders on the last whole day.
    DayOrders,
    /// Their coverage, in millionths.
    CoverageMillionths,
}

impl Volume {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Items, Self::NewItems, Self::DayViews, Self::DayOrders, Self::CoverageMillionths];

    /// The name in the published table.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Items => "items",
            Self::NewItems => "new_items",
            Self::DayViews => "day_views",
            Self::DayOrders => "day_orders",
            Self::CoverageMillionths => "coverage_millionths",
        }
    }
}

/// One market's rows, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MarketProfile {
    /// Sums; absent where nothing is known.
    pub volumes: BTreeMap<Volume, u64>,
    /// The columns.
    pub columns: BTreeMap<Column, Counts>,
}

impl MarketProfile {
    /// Items in scope.
    #[must_use]
    pub fn items(&self) -> u64 {
        self.volumes.get(&Volume::Items).copied().unwrap_or(0)
    }

    /// Mean coverage in [0, 1]; `None` without items.
    #[must_use]
    pub fn coverage(&self) -> Option<f64> {
        let millionths = *self.volumes.get(&Volume::CoverageMillionths)?;
        (self.items() > 0).then(|| millionths as f64 / 1e6 / self.items() as f64)
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (volume, n) in &other.volumes {
            *self.volumes.entry(*volume).or_default() += n;
        }
        for (column, counts) in &other.columns {
            self.columns.entry(column.clone()).or_default().add(counts);
        }
    }
}

/// A night's rows, counted by market.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// By market; one without rows is absent.
    pub markets: BTreeMap<Market, MarketProfile>,
}

impl Profile {
    /// All markets together.
    #[must_use]
    pub fn all(&self) -> MarketProfile {
        let mut all = MarketProfile::default();
        self.markets.values().for_each(|market| all.add(market));
        all
    }
}
