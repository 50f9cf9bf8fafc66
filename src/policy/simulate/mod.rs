//! A candidate set of policies tried on nights that are over, against the current one.
//!
//! Input: the rows of each night as policies see them, market by market. Output: the swap set, and what it adds up to. Both sets are
//! evaluated, counted, capped and ruled by the very code of the nightly run. Deliberately not here: where rows come from (`run`).

mod night;
mod replay;
mod totals;
#[cfg(test)]
mod tests;

pub use replay::{Judged, Replay, ReplayItem};
pub use totals::{ChangeTotals, Outcome, PolicyReplay, SegmentTotals, SellerHit, SetTotals, Transition};

use serde::Serialize;

use crate::units::{ContentType, Day, Id, Market, Treatment};

/// How the candidate treats an item otherwise than the current set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It was left alone, and would be treated.
    NewlyActioned,
    /// It was treated, and would be left alone.
    NewlyFreed,
    /// It would be treated more severely.
    Harsher,
    /// It would be treated less severely.
    Milder,
    /// The treatment is the same, and the item would be seen less: another one applies beside it.
    LessReach,
    /// The treatment is the same, and the item would be seen more.
    MoreReach,
}

impl Change {
    /// The name in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NewlyActioned => "newly_actioned",
            Self::NewlyFreed => "newly_freed",
            Self::Harsher => "harsher",
            Self::Milder => "milder",
            Self::LessReach => "less_reach",
            Self::MoreReach => "more_reach",
        }
    }

    /// From (treatment, least factor of the treatments that apply) to another; `None` where nothing changes.
    fn between(before: (Treatment, f64), after: (Treatment, f64)) -> Option<Self> {
        match (before.0, after.0) {
            (Treatment::Allow, after) if after != Treatment::Allow => Some(Self::NewlyActioned),
            (before, Treatment::Allow) if before != Treatment::Allow => Some(Self::NewlyFreed),
            (before, after) if after > before => Some(Self::Harsher),
            (before, after) if after < before => Some(Self::Milder),
            _ if after.1 < before.1 => Some(Self::LessReach),
            _ if after.1 > before.1 => Some(Self::MoreReach),
            _ => None,
        }
    }
}

/// An item that would be treated otherwise on one night.
#[derive(Debug, Clone, PartialEq)]
pub struct SwapRow {
    /// The night.
    pub day: Day,
    /// The item.
    pub content_id: Id,
    /// Its seller.
    pub seller_id: Option<Id>,
    /// Its market.
    pub market: Market,
    /// Its kind.
    pub content_type: ContentType,
    /// Its seller's tier.
    pub tier: Option<Id>,
    /// Its category.
    pub category: Option<Id>,
    /// The currency of its GMV.
    pub currency: Option<Id>,
    /// Views of the day before the night.
    pub views: Option<u64>,
    /// Orders of that day.
    pub orders: Option<u64>,
    /// GMV of that day.
    pub gmv: Option<f64>,
    /// What changes.
    pub change: Change,
    /// The treatment under the current set.
    pub before: Treatment,
    /// The treatment under the candidate.
    pub after: Treatment,
    /// Policies of the current set that act.
    pub before_policies: Vec<String>,
    /// Policies of the candidate that act.
    pub after_policies: Vec<String>,
}
