//! Rows as columns, in the few kinds that published tables have. One kind is one Delta type, for good.

use std::fmt;

use super::error::PublishError;
use crate::units::{Day, Timestamp};

/// The kind of a column and its Delta type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// `string`.
    Text,
    /// `float`.
    F32,
    /// `double`.
    F64,
    /// `long`; counts too.
    I64,
    /// `integer`.
    I32,
    /// `boolean`.
    Boolean,
    /// `date`.
    Date,
    /// `timestamp`, microseconds UTC.
    Timestamp,
    /// `array<struct<code: string, contribution: float>>`.
    Reasons,
    /// `array<string>`.
    TextList,
}

impl fmt::Display for ColumnKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "string",
            Self::F32 => "float",
            Self::F64 => "double",
            Self::I64 => "long",
            Self::I32 => "integer",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
            Self::Reasons => "array<struct<code,contribution>>",
            Self::TextList => "array<string>",
        })
    }
}

/// A column of a published table: its name, kind and meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnSpec {
    /// Name in Parquet and Delta.
    pub name: String,
    /// Kind.
    pub kind: ColumnKind,
    /// What it means; becomes the column's comment in the Delta schema.
    pub doc: String,
}

/// The columns of a published table without its partition columns `as_of` and `market`, which every table has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSchema {
    /// Name of the table and of its folder.
    pub name: &'static str,
    /// Columns in file order.
    pub columns: Vec<ColumnSpec>,
}

impl TableSchema {
    /// Checks that `table` has exactly these columns, all of the same length, and returns that length.
    pub(super) fn check(&self, table: &Table) -> Result<usize, PublishError> {
        let position_of_difference =
            (0..self.columns.len().max(table.columns.len())).find(|&i| match (self.columns.get(i), table.columns.get(i)) {
                (Some(spec), Some(column)) => spec.name != column.name || spec.kind != column.data.kind(),
                _ => true,
            });
        if let Some(i) = position_of_difference {
            let expected = self.columns.get(i).map_or("nothing".to_owned(), |s| format!("{} {}", s.name, s.kind));
            let got = table.columns.get(i).map_or("nothing".to_owned(), |c| format!("{} {}", c.name, c.data.kind()));
            return Err(PublishError::WrongColumn { table: self.name.to_owned(), position: i + 1, expected, got });
        }
        let n_rows = table.n_rows();
        match table.columns.iter().find(|c| c.data.len() != n_rows) {
            None => Ok(n_rows),
            Some(column) => Err(PublishError::UnequalLengths {
                table: self.name.to_owned(),
                column: column.name.clone(),
                expected: n_rows,
                got: column.data.len(),
            }),
        }
    }
}

/// Rows as columns of equal length.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The columns.
    pub columns: Vec<Column>,
}

impl Table {
    /// Rows of the first column; 0 without columns.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.data.len())
    }

    /// The values of the column called `name`.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnData> {
        self.columns.iter().find(|column| column.name == name).map(|column| &column.data)
    }
}

/// A named column of values.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Name in Parquet and Delta.
    pub name: String,
    /// One value per row.
    pub data: ColumnData,
}

/// The values of a column; `None` is null.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnData {
    /// Texts.
    Text(Vec<Option<String>>),
    /// Single-precision numbers.
    F32(Vec<Option<f32>>),
    /// Double-precision numbers.
    F64(Vec<Option<f64>>),
    /// Whole numbers; see [`ColumnData::counts`].
    I64(Vec<Option<i64>>),
    /// Small whole numbers.
    I32(Vec<Option<i32>>),
    /// Truth values.
    Boolean(Vec<Option<bool>>),
    /// Calendar days.
    Date(Vec<Option<Day>>),
    /// Instants.
    Timestamp(Vec<Option<Timestamp>>),
    /// Reason codes with their contributions, strongest first; never null, possibly empty.
    Reasons(Vec<Vec<(String, f32)>>),
    /// Lists of texts; never null, possibly empty.
    TextList(Vec<Vec<String>>),
}

impl ColumnData {
    /// Counts as whole numbers: Delta has no unsigned type. Beyond 2⁶³ − 1 they stay at that.
    #[must_use]
    pub fn counts(values: impl IntoIterator<Item = Option<u64>>) -> Self {
        Self::I64(values.into_iter().map(|v| v.map(|v| i64::try_from(v).unwrap_or(i64::MAX))).collect())
    }

    /// No values of `kind`.
    #[must_use]
    pub fn empty(kind: ColumnKind) -> Self {
        Self::nulls(kind, 0)
    }

    /// `n_rows` nulls of `kind`; empty lists for the kinds that are never null.
    #[must_use]
    pub fn nulls(kind: ColumnKind, n_rows: usize) -> Self {
        match kind {
            ColumnKind::Text => Self::Text(vec![None; n_rows]),
            ColumnKind::F32 => Self::F32(vec![None; n_rows]),
            ColumnKind::F64 => Self::F64(vec![None; n_rows]),
            ColumnKind::I64 => Self::I64(vec![None; n_rows]),
            ColumnKind::I32 => Self::I32(vec![None; n_rows]),
            ColumnKind::Boolean => Self::Boolean(vec![None; n_rows]),
            ColumnKind::Date => Self::Date(vec![None; n_rows]),
            ColumnKind::Timestamp => Self::Timestamp(vec![None; n_rows]),
            ColumnKind::Reasons => Self::Reasons(vec![Vec::new(); n_rows]),
            ColumnKind::TextList => Self::TextList(vec![Vec::new(); n_rows]),
        }
    }

    /// The kind of these values.
    #[must_use]
    pub fn kind(&self) -> ColumnKind {
        match self {
            Self::Text(_) => ColumnKind::Text,
            Self::F32(_) => ColumnKind::F32,
            Self::F64(_) => ColumnKind::F64,
            Self::I64(_) => ColumnKind::I64,
            Self::I32(_) => ColumnKind::I32,
            Self::Boolean(_) => ColumnKind::Boolean,
            Self::Date(_) => ColumnKind::Date,
            Self::Timestamp(_) => ColumnKind::Timestamp,
            Self::Reasons(_) => ColumnKind::Reasons,
            Self::TextList(_) => ColumnKind::TextList,
        }
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::F32(values) => values.len(),
            Self::F64(values) => values.len(),
            Self::I64(values) => values.len(),
            Self::I32(values) => values.len(),
            Self::Boolean(values) => values.len(),
            Self::Date(values) => values.len(),
            Self::Timestamp(values) => values.len(),
            Self::Reasons(values) => values.len(),
            Self::TextList(values) => values.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Moves the values of `other` to the end. Values of another kind are a programming error and are ignored; `check` comes
    /// before.
    pub(super) fn append(&mut self, other: Self) {
        match (self, other) {
            (Self::Text(a), Self::Text(mut b)) => a.append(&mut b),
            (Self::F32(a), Self::F32(mut b)) => a.append(&mut b),
            (Self::F64(a), Self::F64(mut b)) => a.append(&mut b),
            (Self::I64(a), Self::I64(mut b)) => a.append(&mut b),
            (Self::I32(a), Self::I32(mut b)) => a.append(&mut b),
            (Self::Boolean(a), Self::Boolean(mut b)) => a.append(&mut b),
            (Self::Date(a), Self::Date(mut b)) => a.append(&mut b),
            (Self::Timestamp(a), Self::Timestamp(mut b)) => a.append(&mut b),
            (Self::Reasons(a), Self::Reasons(mut b)) => a.append(&mut b),
            (Self::TextList(a), Self::TextList(mut b)) => a.append(&mut b),
            (_, _) => debug_assert!(false, "columns of different kinds"),
        }
    }

    /// Takes the first `n_rows` values out; the rest stays.
    pub(super) fn take_front(&mut self, n_rows: usize) -> Self {
        let mut front = Self::empty(self.kind());
        std::mem::swap(&mut front, self);
        *self = front.split_off(n_rows);
        front
    }

    fn split_off(&mut self, at: usize) -> Self {
        match self {
            Self::Text(values) => Self::Text(values.split_off(at)),
            Self::F32(values) => Self::F32(values.split_off(at)),
            Self::F64(values) => Self::F64(values.split_off(at)),
            Self::I64(values) => Self::I64(values.split_off(at)),
            Self::I32(values) => Self::I32(values.split_off(at)),
            Self::Boolean(values) => Self::Boolean(values.split_off(at)),
            Self::Date(values) => Self::Date(values.split_off(at)),
            Self::Timestamp(values) => Self::Timestamp(values.split_off(at)),
            Self::Reasons(values) => Self::Reasons(values.split_off(at)),
            Self::TextList(values) => Self::TextList(values.split_off(at)),
        }
    }
}
