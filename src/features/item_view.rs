//! What features may look at: one item as it was known at a midnight.
//!
//! `dataset` builds it and owns the as-of rule for rows; features add nothing to it. Deliberately not here: labels of the row.

use serde::{Deserialize, Serialize};

use super::{CreatorView, DuplicateView, EventCounts, RingView, SellerHistory, SellerListings, SellerReviews, SwitchView};
use crate::tables::{ContentRow, SellerRow};
use crate::text::TextProfile;
use crate::units::AsOf;

/// One item as it was known at `as_of`.
#[derive(Debug, Clone, Copy)]
pub struct ItemView<'a> {
    /// The midnight.
    pub as_of: AsOf,
    /// Published at or after the midnight: content counts, history and engagement do not exist yet.
    pub same_day: bool,
    /// The version of the item in force.
    pub content: &'a ContentRow,
    /// Number of versions known; `None` in a snapshot.
    pub versions_known: Option<u32>,
    /// The versions known, oldest first, the one in force last; empty in a snapshot and for a `same_day` item.
    pub versions: &'a [&'a ContentRow],
    /// Its text.
    pub text: &'a TextProfile,
    /// Values of the lexicons in its text, in the order of their docs.
    pub lexicons: &'a [f32],
    /// Values of the declared windows, in the order of their plan; NaN is missing.
    pub windows: &'a [f32],
    /// Decisions, actions, reports and after-sales events on the item itself.
    pub item_history: Option<&'a EventCounts>,
    /// The version of the seller in force.
    pub seller: Option<&'a SellerRow>,
    /// What happened to the seller, this item included (features subtract its decisions).
    pub seller_history: Option<&'a SellerHistory>,
    /// Its copies; `None` when it has neither text enough nor media to compare, and for a `same_day` item.
    pub duplicates: Option<DuplicateView>,
    /// Of the seller's items that have text enough or media to compare, the share that are copies of an earlier item of another
    /// seller; `None` without any, and without a seller.
    pub seller_copy_share: Option<f64>,
    /// The seller's ring.
    pub ring: Option<RingView>,
    /// What its creator published.
    pub creator: Option<CreatorView>,
    /// Its seller's listings; `None` without a seller and for a `same_day` item.
    pub seller_listings: Option<&'a SellerListings>,
    /// The reviews of its seller; `None` without a seller and for a `same_day` item.
    pub seller_reviews: Option<&'a SellerReviews>,
    /// How its versions differ; `None` in a snapshot and for a `same_day` item.
    pub switch: Option<SwitchView>,
    /// Tone of its text, -1 (complaint) to 1 (praise); `None` when no word tells.
    pub tone: Option<f32>,
    /// Prices in the item's category × market.
    pub price_cell: Option<PriceCell>,
}

/// Natural logarithms of the prices in one category × market, in one currency, shrunk to wider cells where there are few.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PriceCell {
    /// Median of ln(price).
    pub median_ln: f64,
    /// Median absolute deviation of ln(price) from it, not scaled; above 0.
    pub mad_ln: f64,
    /// Lower decile of ln(price).
    pub low_ln: f64,
    /// Number of prices in the category × market itself.
    pub n: u64,
}

impl ItemView<'_> {
    /// Events on the item, unless it has no past.
    pub(super) fn events(&self) -> Option<&EventCounts> {
        self.item_history.filter(|_| !self.same_day)
    }
}
