//! Features of creators and reviewers: what one person publishes over all sellers.

/// What a creator had published before a midnight.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CreatorView {
    /// Items.
    pub items: u32,
    /// Items of the last day.
    pub items_1d: u32,
    /// Items of the last 7 days.
    pub items_7d: u32,
    /// Items of the last 28 days.
    pub items_28d: u32,
    /// Distinct sellers.
    pub sellers: u32,
    /// Distinct sellers of the last 28 days.
    pub sellers_28d: u32,
    /// Entropy of the sellers of its items, in nats.
    pub seller_entropy: f64,
    /// Days since its first item.
    pub tenure_days: f64,
    /// Mean stars of its rated items; `None` without any.
    pub mean_rating: Option<f64>,
    /// Share of its rated items with five stars.
    pub five_star_share: Option<f64>,
    /// Items found violating (standing decisions).
    pub violating_items: u32,
    /// Items decided.
    pub decided_items: u32,
}
