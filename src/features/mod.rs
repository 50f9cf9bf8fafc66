//! Features: what is measured of an item as of a midnight, and the matrix that models read.
//!
//! Input: an `ItemView`, which holds only what was known before its `as_of`. Output: one f32 per registered feature, missing as
//! NaN, in the order of `REGISTRY`. Training, nightly scoring and every other caller compute features here and nowhere else.
//! Deliberately not here: reading tables, choosing rows, sharding (all `dataset`), and models.

mod contacts;
mod creators;
mod duplicates;
mod engagement;
mod feature;
mod feature_set;
mod history;
mod item_view;
mod listing;
mod matrix;
mod others;
mod rates;
mod registry;
mod review;
mod text;
mod windows;

pub use contacts::RingView;
pub use creators::CreatorView;
pub use duplicates::DuplicateView;
pub use feature::{DeclaredDoc, Feature, FeatureDoc, SimpleFeature};
pub use feature_set::FeatureSet;
pub use history::{
    ActionCounts, AfterSalesCounts, DecisionCounts, EventCounts, EventRows, ReportCounts, ReporterRecord, SellerHistory,
    SellerHistoryRows,
};
pub use item_view::{ItemView, PriceCell};
pub use listing::{SellerListings, SwitchView};
pub use matrix::FeatureMatrix;
pub use rates::{RateKind, RateMoments, RatePrior, TierPriors};
pub use registry::{REGISTRY, compute_row, coverage, docs_table_markdown, fingerprint, names};
pub use review::SellerReviews;
pub use windows::{WindowSet, WindowSums};

/// The windows, in days, that the registered features read.
pub const SPANS: [u32; 3] = [1, 7, 28];

#[cfg(test)]
mod conformance;
#[cfg(test)]
pub(crate) mod fixtures;
