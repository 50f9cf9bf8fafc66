//! What has happened to an item or a seller before a midnight.
//!
//! Input: rows of one item or one seller. Output: counts. Every constructor drops what was not known before `as_of` itself, so a
//! caller cannot leak by passing too much. Deliberately not here: labels (histories speak of violations of any kind) and the
//! `reversed_by` and `ended_at` of actions, which are written later than the row without saying when.

mod counts;
mod features;
mod seller;

pub use counts::{ActionCounts, AfterSalesCounts, DecisionCounts, EventCounts, EventRows, ReportCounts, ReporterRecord};
pub(super) use features::*;
pub use seller::{SellerHistory, SellerHistoryRows};
