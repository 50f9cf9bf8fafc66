//! Features: what is measured of an item as of a midnight, and the matrix that models read.
//!
//! Input: an `ItemView`, which holds only what was known before its `as_of`. Output: one f32 per registered feature, missing as
//! NaN, in the order of `REGISTRY`. Training, nightly scoring and every other caller compute features here and nowhere else.
//! Deliberately not here: reading tables, choosing rows, sharding (all `dataset`), and models.

mod contacts;
mod creators;
mod duplicates;
mod engagement_days;
mod feature;
mod feature_set;
mod history;
mod item_view;
mod listing;
mod matrix;
mod rates;
mod registry;
mod text;
mod windows;

pub use contacts::RingView;
pub use creators::CreatorView;
pub use duplicates::DuplicateView;
pub use engagement_days::{EngagementDay, EngagementDays};
pub use feature::{DeclaredDoc, Feature, FeatureDoc, SimpleFeature};
pub use feature_set::FeatureSet;
pub use history::{
    ActionCounts, AfterSalesCounts, DecisionCounts, EventCounts, EventRows, ReportCounts, ReporterRecord, SellerHistory,
    SellerHistoryRows,
};
pub use item_view::{ItemView, PriceCell};
pub use matrix::FeatureMatrix;
pub use rates::{RateMoments, RatePrior, TierPriors, VIOLATION_PRIOR};
pub use registry::{REGISTRY, compute_row, coverage, docs_table_markdown, fingerprint, names};
pub use windows::{FIT_DAYS, PublicationRow, WindowMoment, WindowParts, WindowPlan, WindowRows};

#[cfg(test)]
mod conformance;
#[cfg(test)]
pub(crate) mod fixtures;
