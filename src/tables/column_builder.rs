//! Values of one canonical column on their way to Parquet.
//!
//! Input: values, in row order. Output: a Polars series of the column's canonical type.

use polars::prelude::{
    DataType, Int32Chunked, Int64Chunked, IntoSeries, NamedFrom, NewChunkedArray, PlSmallStr, Series, TimeUnit,
};

use super::chunk::TextColumn;
use super::schema::{Check, ColumnKind};
use crate::sql::list_series;

/// The values of one column.
pub(super) struct ColumnBuilder {
    name: PlSmallStr,
    values: Values,
}

enum Values {
    Text(TextColumn),
    Count(Vec<Option<u64>>),
    Number(Vec<Option<f64>>),
    Small(Vec<Option<f32>>),
    Time(Vec<Option<i64>>),
    Day(Vec<Option<i32>>),
    Flag(Vec<Option<bool>>),
    List(Vec<Option<Vec<f32>>>),
}

/// One value on its way into a column.
pub(super) enum Value<'a> {
    Null,
    Text(&'a str),
    Count(u64),
    Number(f64),
    Small(f32),
    Time(i64),
    Day(i32),
    Flag(bool),
    List(&'a [f32]),
}

impl ColumnBuilder {
    /// An empty column. Numbers with the checks of rates and stars are f32, as in the rows.
    pub(super) fn new(name: &str, kind: ColumnKind, check: Check) -> Self {
        let values = match kind {
            ColumnKind::Count => Values::Count(Vec::new()),
            ColumnKind::Number if matches!(check, Check::Stars | Check::UnitInterval) => Values::Small(Vec::new()),
            ColumnKind::Number => Values::Number(Vec::new()),
            ColumnKind::Time => Values::Time(Vec::new()),
            ColumnKind::Day => Values::Day(Vec::new()),
            ColumnKind::Flag => Values::Flag(Vec::new()),
            ColumnKind::NumberList => Values::List(Vec::new()),
            ColumnKind::Id
            | ColumnKind::Text
            | ColumnKind::Market
            | ColumnKind::ContentType
            | ColumnKind::Verdict
            | ColumnKind::DecidedBy
            | ColumnKind::SelectedBy
            | ColumnKind::Treatment
            | ColumnKind::AfterSalesKind => Values::Text(TextColumn::default()),
        };
        Self { name: name.into(), values }
    }

    /// An empty `x_*` column.
    pub(super) fn extra(name: &str) -> Self {
        Self { name: name.into(), values: Values::Small(Vec::new()) }
    }

    pub(super) fn name(&self) -> PlSmallStr {
        self.name.clone()
    }

    /// The Polars type of the column.
    pub(super) fn dtype(&self) -> DataType {
        match self.values {
            Values::Text(_) => DataType::String,
            Values::Count(_) => DataType::UInt64,
            Values::Number(_) => DataType::Float64,
            Values::Small(_) => DataType::Float32,
            Values::Time(_) => {
                DataType::Datetime(TimeUnit::Microseconds, polars::prelude::TimeZone::opt_try_new(Some("UTC")).ok().flatten())
            }
            Values::Day(_) => DataType::Date,
            Values::Flag(_) => DataType::Boolean,
            Values::List(_) => DataType::List(Box::new(DataType::Float32)),
        }
    }

    /// Appends a value; one of another kind, which the schema rules out, is null.
    pub(super) fn push(&mut self, value: Value<'_>) {
        match (&mut self.values, value) {
            (Values::Text(v), Value::Text(x)) => v.push(Some(x)),
            (Values::Text(v), _) => v.push(None),
            (Values::Count(v), x) => v.push(if let Value::Count(x) = x { Some(x) } else { None }),
            (Values::Number(v), x) => v.push(if let Value::Number(x) = x { Some(x) } else { None }),
            (Values::Small(v), x) => v.push(if let Value::Small(x) = x { Some(x) } else { None }),
            (Values::Time(v), x) => v.push(if let Value::Time(x) = x { Some(x) } else { None }),
            (Values::Day(v), x) => v.push(if let Value::Day(x) = x { Some(x) } else { None }),
            (Values::Flag(v), x) => v.push(if let Value::Flag(x) = x { Some(x) } else { None }),
            (Values::List(v), x) => v.push(if let Value::List(x) = x { Some(x.to_vec()) } else { None }),
        }
    }

    /// Takes all values out as a series.
    pub(super) fn take(&mut self) -> Series {
        let (name, dtype) = (self.name.clone(), self.dtype());
        match &mut self.values {
            Values::Text(v) => {
                let v = std::mem::take(v);
                Series::new(name, v.iter().collect::<Vec<_>>())
            }
            Values::Count(v) => Series::new(name, std::mem::take(v)),
            Values::Number(v) => Series::new(name, std::mem::take(v)),
            Values::Small(v) => Series::new(name, std::mem::take(v)),
            Values::Flag(v) => Series::new(name, std::mem::take(v)),
            Values::Time(v) => {
                let zone = if let DataType::Datetime(_, zone) = dtype { zone } else { None };
                let times = Int64Chunked::from_slice_options(name, &std::mem::take(v));
                times.into_datetime(TimeUnit::Microseconds, zone).into_series()
            }
            Values::Day(v) => Int32Chunked::from_slice_options(name, &std::mem::take(v)).into_date().into_series(),
            Values::List(v) => list_series(name, &std::mem::take(v)),
        }
    }
}
