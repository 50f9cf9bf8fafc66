//! The values of one column as plain vectors: what goes into an evaluation, and what comes out.
//!
//! Plain vectors rather than Polars columns, so that who fills or reads them needs no Polars.

/// The cells of one column.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum SqlColumn {
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
pub struct TextColumn {
    text: String,
    /// Where each cell ends, and whether it is there.
    cells: Vec<(usize, bool)>,
}

impl TextColumn {
    /// Appends a cell.
    pub fn push(&mut self, cell: Option<&str>) {
        if let Some(text) = cell {
            self.text.push_str(text);
        }
        self.cells.push((self.text.len(), cell.is_some()));
    }

    /// Appends a cell of ISO 8859-1 bytes.
    pub fn push_latin1(&mut self, bytes: &[u8]) {
        self.text.extend(bytes.iter().map(|byte| char::from(*byte)));
        self.cells.push((self.text.len(), true));
    }

    /// Number of cells.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there is no cell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The cell of `row`; `None` when it is null or not there.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        let (end, there) = *self.cells.get(row)?;
        let start = row.checked_sub(1).and_then(|before| self.cells.get(before)).map_or(0, |(end, _)| *end);
        if there { self.text.get(start..end) } else { None }
    }

    /// All cells.
    pub fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        (0..self.len()).map(|row| self.get(row))
    }
}

impl SqlColumn {
    /// `n_rows` nulls of type `ty`.
    #[must_use]
    pub fn nulls(ty: super::SqlType, n_rows: usize) -> Self {
        use super::SqlType;
        match ty {
            SqlType::Text | SqlType::Untyped => {
                let mut cells = TextColumn::default();
                (0..n_rows).for_each(|_| cells.push(None));
                Self::Text(cells)
            }
            SqlType::Integer => Self::Integer(vec![None; n_rows]),
            SqlType::Number => Self::Number(vec![None; n_rows]),
            SqlType::Boolean => Self::Boolean(vec![None; n_rows]),
            SqlType::Timestamp => Self::Timestamp(vec![None; n_rows]),
            SqlType::Date => Self::Date(vec![None; n_rows]),
            SqlType::NumberList => Self::NumberList(vec![None; n_rows]),
        }
    }

    /// How the cell would be written in a reject.
    #[must_use]
    pub fn text_of(&self, row: usize) -> String {
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
