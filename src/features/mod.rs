//! Features: what is measured of an item as of a midnight, and the matrix that models read.
//!
//! Input: an `ItemView`, which holds only what was known before its `as_of`. Output: one f32 per column of a `FeatureSet`, missing
//! as NaN: the registered features in the order of `REGISTRY`, then those that configuration declares. Training, nightly scoring and every other caller compute features here and nowhere else.
//! Deliberately not here: reading tables, choosing rows, sharding (all `dataset`), and models.

mod availability;
mod contacts;
mod creators;
mod direction;
mod docs;
mod duplicates;
mod embedding;
mod engagement_days;
mod feature;
mod feature_set;
mod feature_set_error;
mod history;
mod item_view;
mod listing;
mod matrix;
mod others;
mod rates;
mod registry;
mod review;
mod signals;
mod text;
mod windows;

pub use contacts::RingView;
pub use creators::CreatorView;
pub use direction::{DIRECTIONS, Direction, direction};
pub use docs::{NullReport, docs_markdown, null_features};
pub use duplicates::DuplicateView;
pub use embedding::Embedding;
pub use engagement_days::{DayCells, EngagementDay, EngagementDays, EngagementPacker};
pub use feature::{DeclaredDoc, Feature, FeatureDoc, SimpleFeature};
pub use feature_set::{FeatureSet, FeatureSpec};
pub use feature_set_error::{FeatureDifferences, FeatureSetError, SignalError};
pub use history::{
    ActionCounts, AfterSalesCounts, DecisionCounts, EventCounts, EventRows, HistoryContext, HistoryRules, MatureRates,
    MatureSpan, OrderDays, ReportCounts, ReporterRecord, SellerHistory, SellerHistoryRows, Standing, Strike, StrikeTotals,
    Strikes, standing, struck,
};
pub use item_view::{ItemView, PriceCell};
pub use listing::{SellerListings, SwitchView};
pub use matrix::FeatureMatrix;
pub use rates::{RateMoments, RatePrior, TierPriors, VIOLATION_PRIOR};
pub use registry::{REGISTRY, compute_row, names};
pub use review::SellerReviews;
pub use signals::{CONTENT_COLUMNS, content_column};
pub use windows::{FIT_DAYS, PublicationRow, WindowMoment, WindowParts, WindowPlan, WindowRows};

#[cfg(test)]
mod conformance;
#[cfg(test)]
pub(crate) mod fixtures;
