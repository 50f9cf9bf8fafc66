//! Rows as policies see them.

use crate::sql::SqlColumn;
use crate::units::{ContentType, Day, Market};

/// What is known of a row beside its columns.
#[derive(Debug, Clone, Copy)]
pub struct BatchRow<'a> {
    /// The item.
    pub content_id: &'a str,
    /// Its seller.
    pub seller_id: Option<&'a str>,
    /// Its market.
    pub market: Market,
    /// Its kind.
    pub content_type: ContentType,
}

/// Some rows of one night.
pub struct Batch<'a> {
    /// The night.
    pub day: Day,
    /// The rows.
    pub rows: &'a [BatchRow<'a>],
    /// The cells of a column for all rows, in their order, of the column's type. Asked once for each column that a policy reads; where a
    /// column is not known its cells are null.
    pub column: &'a dyn Fn(&str) -> SqlColumn,
}
