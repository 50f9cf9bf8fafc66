//! The names of the seven canonical tables.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A canonical table (DESIGN.md §3), in the order in which they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TableName {
    /// Versions of content.
    Content,
    /// Versions of sellers.
    Sellers,
    /// Daily engagement.
    Engagement,
    /// Verdicts.
    Decisions,
    /// Treatments in force.
    Actions,
    /// Users' reports.
    Reports,
    /// After-sales events.
    AfterSales,
}

impl TableName {
    /// All tables, in reading order.
    pub const ALL: [Self; 7] =
        [Self::Content, Self::Sellers, Self::Engagement, Self::Decisions, Self::Actions, Self::Reports, Self::AfterSales];

    /// The name in configuration and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Sellers => "sellers",
            Self::Engagement => "engagement",
            Self::Decisions => "decisions",
            Self::Actions => "actions",
            Self::Reports => "reports",
            Self::AfterSales => "after_sales",
        }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
