//! What has happened to an item or a seller before a midnight.
//!
//! Input: rows of one item or one seller. Output: counts. Every constructor drops what was not known before `as_of` itself, so a
//! caller cannot leak by passing too much. Deliberately not here: how reporters were judged (`dataset` asks all sellers), and the
//! `reversed_by` and `ended_at` of actions, which are written later than the row without saying when: an action that was ended or
//! reversed counts as before, and what was a mistake shows in the decisions that were overturned.

mod after_sales;
mod counts;
mod decisions;
mod features;
mod reports;
mod rules;
mod seller;
mod standing;
mod strikes;

#[cfg(test)]
mod properties;

pub use after_sales::{MatureRates, MatureSpan, OrderDays};
pub use counts::{ActionCounts, AfterSalesCounts, EventCounts, EventRows, ReporterRecord};
pub use decisions::DecisionCounts;
pub(super) use features::*;
pub use reports::ReportCounts;
pub use rules::{HistoryContext, HistoryRules};
pub use seller::{SellerHistory, SellerHistoryRows};
pub use standing::{Standing, standing};
pub use strikes::{Strike, StrikeTotals, Strikes, struck};
