//! Where a condition can hold: boxes of one range a column, to find conditions that meet, cover each other or never hold.
//!
//! In: a condition, its columns, the values of its parameters. Out: at most 64 boxes that together surely hold every row on which it is
//! true, and whether they hold those rows alone. What isn't understood (arithmetic on columns, `LIKE`, `CASE`, columns beside columns)
//! makes the boxes too large, never too small: what is called disjoint, covered or impossible surely is; what isn't called so may be.

mod reading;
mod values;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::dialect;
use super::error::SqlError;
use super::source::Source;
use super::types::SqlType;
use reading::Reading;

pub use values::Range;

/// Boxes that are kept.
const MOST_BOXES: usize = 64;

/// A range a column; a column that is not named may hold anything.
type Bounds = BTreeMap<String, Range>;

/// The rows on which a condition is true.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranges {
    boxes: Vec<Bounds>,
    /// Whether the condition is true on every row of the boxes.
    is_exact: bool,
}

impl Ranges {
    /// Those of the condition `sql` over `columns` (name, type), in which the parameters (name, value) stand for their values.
    ///
    /// # Errors
    /// When `sql` is not an expression.
    pub fn of(sql: &str, columns: &[(String, SqlType)], parameters: &[(String, f64)]) -> Result<Self, SqlError> {
        let is_name =
            |name: &str| columns.iter().any(|(known, _)| known == name) || parameters.iter().any(|(known, _)| known == name);
        let source = Source::read(sql, is_name)?;
        let tree = dialect::parse(&source)?;
        Ok(Reading { columns, parameters }.truth(&tree, true))
    }

    /// Those of them on which `column` is in `range`.
    #[must_use]
    pub fn within(self, column: &str, range: Range) -> Self {
        self.and(&Self::column(column, range))
    }

    /// As they are, but not known to be exact: the condition has further terms.
    #[must_use]
    pub fn or_fewer(self) -> Self {
        Self { is_exact: false, ..self }
    }

    /// No row: the condition is never true.
    #[must_use]
    pub fn is_never(&self) -> bool {
        self.boxes.is_empty()
    }

    /// Whether no row is in both.
    #[must_use]
    pub fn surely_disjoint(&self, other: &Self) -> bool {
        self.meeting(other).is_none()
    }

    /// Whether `other` surely holds wherever this does.
    #[must_use]
    pub fn surely_implies(&self, other: &Self) -> bool {
        let is_inside = |one: &Bounds| other.boxes.iter().any(|outer| is_within(one, outer));
        self.is_never() || (other.is_exact && self.boxes.iter().all(is_inside))
    }

    /// Where both may hold: the ranges of the first box that they share, by column; `None` where they never do.
    #[must_use]
    pub fn meeting(&self, other: &Self) -> Option<BTreeMap<String, Range>> {
        self.boxes.iter().find_map(|a| other.boxes.iter().find_map(|b| meet(a, b)))
    }

    /// The columns that it limits in every box.
    #[must_use]
    pub fn limited(&self) -> Vec<&str> {
        let Some((first, rest)) = self.boxes.split_first() else { return Vec::new() };
        first.keys().filter(|name| rest.iter().all(|other| other.contains_key(*name))).map(String::as_str).collect()
    }

    fn everywhere() -> Self {
        Self { boxes: vec![Bounds::new()], is_exact: true }
    }

    /// Any row, for all that is known.
    fn unknown() -> Self {
        Self { is_exact: false, ..Self::everywhere() }
    }

    fn never() -> Self {
        Self { boxes: Vec::new(), is_exact: true }
    }

    fn column(name: &str, range: Range) -> Self {
        if range.is_empty() {
            Self::never()
        } else {
            Self { boxes: vec![Bounds::from([(name.to_owned(), range)])], is_exact: true }
        }
    }

    fn and(self, other: &Self) -> Self {
        let pairs = self.boxes.iter().flat_map(|a| other.boxes.iter().filter_map(move |b| meet(a, b)));
        let boxes: Vec<Bounds> = pairs.take(MOST_BOXES + 1).collect();
        if boxes.len() > MOST_BOXES {
            // Either alone holds all of both.
            return self.or_fewer();
        }
        Self { boxes, is_exact: self.is_exact && other.is_exact }
    }

    fn or(mut self, other: Self) -> Self {
        for one in other.boxes {
            if !self.boxes.iter().any(|known| is_within(&one, known)) {
                self.boxes.push(one);
            }
        }
        if self.boxes.len() > MOST_BOXES { Self::unknown() } else { Self { is_exact: self.is_exact && other.is_exact, ..self } }
    }
}

/// What is in both, if anything is.
fn meet(a: &Bounds, b: &Bounds) -> Option<Bounds> {
    let mut both = a.clone();
    for (name, range) in b {
        let met = both.get(name).map_or_else(|| range.clone(), |known| known.and(range));
        if met.is_empty() {
            return None;
        }
        both.insert(name.clone(), met);
    }
    Some(both)
}

/// Whether all of `inner` is in `outer`.
fn is_within(inner: &Bounds, outer: &Bounds) -> bool {
    outer.iter().all(|(name, range)| inner.get(name).is_some_and(|own| own.is_within(range)))
}
