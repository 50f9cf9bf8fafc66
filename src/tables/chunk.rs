//! A batch of source rows, by column, as plain vectors: what every file reader yields and every check reads.
//!
//! Plain vectors rather than Polars columns, because the per-cell work is ours and is compiled with our own crate.

use crate::sql::SqlType;

/// Consecutive rows of one file.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    /// The number of the first row, from 1.
    pub(super) first_row: u64,
    /// How many rows.
    pub(super) n_rows: usize,
    /// The file's columns in the order of its layout; those that nobody asked for are [`Column::Unread`].
    pub(super) columns: Vec<Column>,
    /// Rows that could not be taken apart, ascending; their cells are null.
    pub(super) broken: Vec<BrokenRow>,
}

/// A row that is in the file but is not a row of its columns.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BrokenRow {
    /// Which row of the chunk, from 0.
    pub(super) at: usize,
    /// The column at fault, or empty.
    pub(super) column: String,
    /// What stands there.
    pub(super) value: String,
    /// What is wrong, and the mend.
    pub(super) reason: String,
}

/// The cells of one column.
#[derive(Debug, Default)]
pub(super) enum Column {
    /// Not read.
    #[default]
    Unread,
    /// Text, typed or untyped.
    Text(TextColumn),
    /// Whole numbers.
    Integer(Vec<Option<i64>>),
    /// Numbers.
    Number(Vec<Option<f64>>),
    /// True and false.
    Boolean(Vec<Option<bool>>),
    /// UTC microseconds.
    Timestamp(Vec<Option<i64>>),
    /// Days since 1970.
    Date(Vec<Option<i32>>),
    /// Lists of numbers.
    NumberList(Vec<Option<Vec<f32>>>),
}

/// Texts, end to end in one buffer.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct TextColumn {
    text: String,
    /// Where each cell ends, and whether it is there.
    cells: Vec<(usize, bool)>,
}

impl TextColumn {
    pub(super) fn push(&mut self, cell: Option<&str>) {
        if let Some(text) = cell {
            self.text.push_str(text);
        }
        self.cells.push((self.text.len(), cell.is_some()));
    }

    /// Appends a cell of ISO 8859-1 bytes.
    pub(super) fn push_latin1(&mut self, bytes: &[u8]) {
        self.text.extend(bytes.iter().map(|byte| char::from(*byte)));
        self.cells.push((self.text.len(), true));
    }

    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    pub(super) fn get(&self, row: usize) -> Option<&str> {
        let (end, there) = *self.cells.get(row)?;
        let start = row.checked_sub(1).and_then(|before| self.cells.get(before)).map_or(0, |(end, _)| *end);
        if there { self.text.get(start..end) } else { None }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        (0..self.len()).map(|row| self.get(row))
    }
}

impl Column {
    /// How the cell would be written in a reject.
    pub(super) fn text_of(&self, row: usize) -> String {
        match self {
            Self::Unread => String::new(),
            Self::Text(cells) => cells.get(row).unwrap_or_default().to_owned(),
            Self::Integer(cells) => written(cells, row),
            Self::Number(cells) => written(cells, row),
            Self::Boolean(cells) => written(cells, row),
            Self::Timestamp(cells) => {
                cells.get(row).copied().flatten().map(|us| crate::units::Timestamp(us).to_string()).unwrap_or_default()
            }
            Self::Date(cells) => cells.get(row).copied().flatten().map(|d| crate::units::Day(d).to_string()).unwrap_or_default(),
            Self::NumberList(cells) => cells.get(row).and_then(Option::as_ref).map(|l| format!("{l:?}")).unwrap_or_default(),
        }
    }
}

fn written<T: ToString>(cells: &[Option<T>], row: usize) -> String {
    cells.get(row).and_then(Option::as_ref).map(T::to_string).unwrap_or_default()
}

/// A column that a file has.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SourceColumn {
    /// Its name in the file.
    pub(super) name: String,
    /// What it holds, or the file's name for a type that nothing here reads.
    pub(super) kind: Result<SqlType, String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_keep_null_and_empty_apart() {
        let mut column = TextColumn::default();
        for cell in [Some("a"), None, Some(""), Some("é")] {
            column.push(cell);
        }
        column.push_latin1(&[0xe9]);
        assert_eq!(column.iter().collect::<Vec<_>>(), [Some("a"), None, Some(""), Some("é"), Some("é")]);
        assert_eq!(column.get(9), None);
    }
}
