//! What is kept of a night so that it can be replayed: every column that a policy read.

use serde::{Deserialize, Serialize};

use super::columns::ColumnKind;
use super::compile::PolicySet;
use crate::sql::{SqlColumn, SqlType};
use crate::units::Id;

/// A cell of evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum EvidenceCell {
    /// Null.
    Null,
    /// Text.
    Text(Id),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// A feature, as it is computed.
    Feature(f32),
    /// UTC microseconds.
    Timestamp(i64),
}

/// A column of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceColumn {
    /// Its name, as policies read it.
    pub name: String,
    /// Its type.
    pub ty: SqlType,
    /// Whether it is a feature, kept in single precision.
    pub is_feature: bool,
}

/// Columns that stand in the score table, or in every published table.
const ELSEWHERE: [&str; 6] = ["content_id", "content_type", "market", "seller_id", "category", "as_of"];

/// Score columns that the score table hasn't got as policies read them: the forecast, and the band before any treatment.
const NOT_PUBLISHED: [&str; 2] = ["forecast_views", "band"];

impl PolicySet {
    /// The columns to keep of a night, by name: what evaluated policies read that the score table hasn't got, and what replays are cut
    /// and counted by.
    #[must_use]
    pub fn evidence_columns(&self) -> Vec<EvidenceColumn> {
        let kept = self.reads().into_iter().filter(|name| !ELSEWHERE.contains(name)).filter_map(|name| self.columns.get(name));
        let kept = kept.filter(|column| column.kind != ColumnKind::Score || NOT_PUBLISHED.contains(&column.name.as_str()));
        let column = |column: &super::PolicyColumn| EvidenceColumn {
            name: column.name.clone(),
            ty: column.ty,
            is_feature: matches!(column.kind, ColumnKind::Feature | ColumnKind::Link),
        };
        kept.map(column).collect()
    }
}

impl EvidenceColumn {
    /// The cell of `row` in `cells`.
    #[must_use]
    pub fn cell(&self, cells: &SqlColumn, row: usize) -> EvidenceCell {
        let known = match cells {
            SqlColumn::Text(cells) => cells.get(row).map(|text| EvidenceCell::Text(text.into())),
            SqlColumn::Integer(cells) => cells.get(row).copied().flatten().map(EvidenceCell::Integer),
            // Features come from f32 and go back to it: nothing is lost.
            SqlColumn::Number(cells) if self.is_feature => {
                cells.get(row).copied().flatten().map(|value| EvidenceCell::Feature(value as f32))
            }
            SqlColumn::Number(cells) => cells.get(row).copied().flatten().map(EvidenceCell::Number),
            SqlColumn::Timestamp(cells) => cells.get(row).copied().flatten().map(EvidenceCell::Timestamp),
            SqlColumn::Boolean(_) | SqlColumn::Date(_) | SqlColumn::NumberList(_) | SqlColumn::Unread => None,
        };
        known.unwrap_or(EvidenceCell::Null)
    }
}
