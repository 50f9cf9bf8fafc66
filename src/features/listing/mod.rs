//! Features of the content row other than its text: price, title, pictures, attributes, rating, and how its versions differ.
//!
//! Deliberately not here: reading versions and sellers' rows, which `dataset` does; the summaries of them drop what was not known
//! before `as_of` all the same.

mod attributes;
mod filled;
mod market_price;
mod price;
mod price_history;
mod rating;
mod seller_listings;
mod switched;
mod title;
mod title_words;

pub(super) use attributes::*;
pub(super) use filled::*;
pub(super) use market_price::*;
pub(super) use price::*;
pub(super) use price_history::*;
pub(super) use rating::*;
pub use seller_listings::SellerListings;
pub(super) use seller_listings::*;
pub use switched::SwitchView;
pub(super) use switched::*;
pub(super) use title::*;
pub(super) use title_words::*;

use super::FeatureDoc;

/// What listing features have in common.
const LISTING: FeatureDoc = FeatureDoc {
    name: "",
    group: "listing",
    what: "",
    whose: "",
    why: "",
    range: "",
    evaded_by: "",
    inputs: &[],
    any_of: &[],
    uses: &[],
    applies_to: &[],
    version: 1,
};
