//! The types of SQL values, and the Polars types that carry them.

use std::fmt;

use polars::prelude::{DataType, TimeUnit};

/// What a column or an expression holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SqlType {
    /// Text. Polars `String`.
    Text,
    /// Text of a file that says nothing of its types (CSV, JSON): may serve as any type. Polars `String`.
    Untyped,
    /// Whole number. Polars `Int64`.
    Integer,
    /// Number. Polars `Float64`; never NaN inside an expression.
    Number,
    /// True or false. Polars `Boolean`.
    Boolean,
    /// Instant in UTC. Polars `Datetime` in microseconds without a zone.
    Timestamp,
    /// Calendar day. Polars `Date`.
    Date,
    /// List of numbers: can be passed through and tested for null, nothing else.
    NumberList,
}

impl SqlType {
    /// The Polars type of an expression of this type. A bare `NumberList` column keeps whatever list type it has.
    #[must_use]
    pub fn dtype(self) -> DataType {
        match self {
            Self::Text | Self::Untyped => DataType::String,
            Self::Integer => DataType::Int64,
            Self::Number => DataType::Float64,
            Self::Boolean => DataType::Boolean,
            Self::Timestamp => DataType::Datetime(TimeUnit::Microseconds, None),
            Self::Date => DataType::Date,
            Self::NumberList => DataType::List(Box::new(DataType::Float64)),
        }
    }
}

impl fmt::Display for SqlType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Untyped => "untyped text",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::Boolean => "a boolean",
            Self::Timestamp => "a timestamp",
            Self::Date => "a date",
            Self::NumberList => "a list of numbers",
        })
    }
}
