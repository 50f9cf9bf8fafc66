//! A trend: what rises among items that score low yet are reported, refunded, copied or hidden.

use serde::{Deserialize, Serialize};

use super::figure::Range;
use crate::units::{Day, Id, Market};

/// What the items of a trend have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrendKind {
    /// Near-duplicates of one text.
    Cluster,
    /// A term.
    Term,
    /// A domain.
    Domain,
    /// A contact handle.
    Handle,
    /// Sellers that share contacts.
    Ring,
    /// Sellers that registered together.
    Cohort,
    /// Items alike in their features, which are no near-duplicates.
    Group,
}

/// An item that shows a trend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrendExample {
    /// The item.
    pub content_id: Id,
    /// Its text, shortened; contacts masked.
    pub text: String,
}

/// Something that rises in one market.
#[derive(Debug, Clone, PartialEq)]
pub struct Trend {
    /// What its items have in common.
    pub kind: TrendKind,
    /// The term, domain, masked handle, or what stands for the group.
    pub name: String,
    /// Where.
    pub market: Market,
    /// The first night on which it was found.
    pub since: Day,
    /// Items of the last days.
    pub items: u64,
    /// Their sellers.
    pub sellers: u64,
    /// Their views.
    pub views: u64,
    /// Reports, refunds and hides of them.
    pub complaints: u64,
    /// Rate of the last days over the rate before (ratio).
    pub growth: f64,
    /// Its 95 % interval.
    pub growth_interval: Range,
    /// Benjamini–Hochberg's q.
    pub q_value: f64,
    /// What it is ranked by: views at stake times growth.
    pub rank_score: f64,
    /// A few of its items, by views.
    pub examples: Vec<TrendExample>,
    /// A policy condition that selects them.
    pub condition: Option<String>,
}
