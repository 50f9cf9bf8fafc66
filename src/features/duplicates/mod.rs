//! Features of copies: how many there are of an item, whose, and who was first.

/// The cluster of an item's exact and near copies, of those seen before a midnight.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct DuplicateView {
    /// Members, this item included; 1 when it has no copies.
    pub size: u32,
    /// Members first seen in the 7 days before the midnight.
    pub size_7d: u32,
    /// Distinct sellers (creators where there is no seller) of the members.
    pub sellers: u32,
    /// Members whose normalised text equals this item's, this one included.
    pub exact: u32,
    /// Members with this item's media_hash, this one included; 0 without one.
    pub same_media: u32,
    /// Members first seen before this item: 0 is the original.
    pub rank: u32,
    /// Days from the first member to this one.
    pub days_after_first: f64,
    /// Earlier members with a standing decision.
    pub decided_before: u32,
    /// Earlier members found violating.
    pub violating_before: u32,
}
