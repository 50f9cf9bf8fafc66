//! A row of any canonical table.

use serde::{Deserialize, Serialize};

use crate::config::TableName;

use super::{ActionRow, AfterSalesRow, ContentRow, DecisionRow, EngagementRow, ReportRow, SellerRow};

/// One checked row of one of the seven tables.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum TableRow {
    /// A version of an item of content.
    Content(Box<ContentRow>),
    /// A version of a seller.
    Sellers(SellerRow),
    /// A day of engagement.
    Engagement(EngagementRow),
    /// A verdict.
    Decisions(DecisionRow),
    /// A treatment.
    Actions(ActionRow),
    /// A report.
    Reports(ReportRow),
    /// An after-sales event.
    AfterSales(AfterSalesRow),
}

impl TableRow {
    /// The table that this row belongs to.
    #[must_use]
    pub fn table(&self) -> TableName {
        match self {
            Self::Content(_) => TableName::Content,
            Self::Sellers(_) => TableName::Sellers,
            Self::Engagement(_) => TableName::Engagement,
            Self::Decisions(_) => TableName::Decisions,
            Self::Actions(_) => TableName::Actions,
            Self::Reports(_) => TableName::Reports,
            Self::AfterSales(_) => TableName::AfterSales,
        }
    }
}
