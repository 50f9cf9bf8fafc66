//! The seven canonical tables as typed rows (DESIGN.md §3). A row of these types has passed `tables::check`.
//!
//! `None` is a missing value. Times are UTC instants; `day` is a calendar day of the item's market. `ingested_at`, where a
//! source has it, is when the row reached the lake and decides what was known when.

use serde::{Deserialize, Serialize};

use crate::units::{AfterSalesKind, ContentType, Day, DecidedBy, Id, Market, SelectedBy, Timestamp, Treatment, Verdict};

/// One version of a listing, short video, live stream, review or comment. Key: `content_id`, `valid_from`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContentRow {
    /// Identifier, unique among content.
    pub content_id: Id,
    /// From when this version held; `None` in a snapshot (`unversioned`).
    pub valid_from: Option<Timestamp>,
    /// Kind of content.
    pub content_type: ContentType,
    /// Market.
    pub market: Market,
    /// When the item was published.
    pub published_at: Timestamp,
    /// Seller, if any.
    pub seller_id: Option<Id>,
    /// Creator or author, if any.
    pub creator_id: Option<Id>,
    /// BCP 47 language tag.
    pub language: Option<Id>,
    /// Category path or name.
    pub category: Option<Id>,
    /// Title.
    pub title: Option<String>,
    /// Caption, description, transcript or review text.
    pub body: Option<String>,
    /// Asking price in `currency`.
    pub price: Option<f64>,
    /// Price before discount in `currency`.
    pub list_price: Option<f64>,
    /// ISO 4217 code.
    pub currency: Option<Id>,
    /// Stars, 0 to 5.
    pub rating: Option<f32>,
    /// Length in seconds.
    pub duration_s: Option<f64>,
    /// Number of pictures.
    pub image_count: Option<u64>,
    /// Perceptual or exact hash of the main picture or video.
    pub media_hash: Option<Id>,
    /// Embedding of any fixed length.
    pub embedding: Option<Vec<f32>>,
    /// Values of the project's `x_*` columns, in the order of `CheckedTables::extra_columns`.
    pub extra: Vec<Option<f32>>,
    /// When the row reached the lake.
    pub ingested_at: Option<Timestamp>,
}

/// One item's engagement on one day. Key: `content_id`, `day`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EngagementRow {
    /// The item.
    pub content_id: Id,
    /// Calendar day in the item's market.
    pub day: Day,
    /// Times shown.
    pub impressions: Option<u64>,
    /// Times viewed.
    pub views: Option<u64>,
    /// Seconds watched.
    pub watch_s: Option<f64>,
    /// Likes.
    pub likes: Option<u64>,
    /// Comments received.
    pub comments: Option<u64>,
    /// Shares.
    pub shares: Option<u64>,
    /// Clicks to the product.
    pub clicks: Option<u64>,
    /// Orders.
    pub orders: Option<u64>,
    /// Refunded orders.
    pub refunds: Option<u64>,
    /// Gross merchandise value in the item's currency.
    pub gmv: Option<f64>,
    /// Reports received.
    pub reports: Option<u64>,
    /// Times hidden by a viewer.
    pub hides: Option<u64>,
    /// When the row reached the lake.
    pub ingested_at: Option<Timestamp>,
}

/// One version of a seller. Key: `seller_id`, `valid_from`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SellerRow {
    /// Identifier.
    pub seller_id: Id,
    /// From when this version held; `None` in a snapshot.
    pub valid_from: Option<Timestamp>,
    /// When the seller joined.
    pub registered_at: Option<Timestamp>,
    /// Home market.
    pub market: Option<Market>,
    /// Tier, as the platform names it.
    pub tier: Option<Id>,
    /// Whether identity was verified.
    pub kyc_verified: Option<bool>,
    /// Followers.
    pub followers: Option<u64>,
    /// Mean stars, 0 to 5.
    pub rating: Option<f32>,
    /// Number of ratings.
    pub rating_count: Option<u64>,
    /// Share of orders dispatched late, 0 to 1.
    pub late_dispatch_rate: Option<f32>,
    /// Share of orders cancelled by the seller, 0 to 1.
    pub cancel_rate: Option<f32>,
    /// When the row reached the lake.
    pub ingested_at: Option<Timestamp>,
}

/// One verdict on one item for one label. `*` with `Compliant` clears all labels: it is one compliant verdict for each, and like
/// any later verdict it ends no earlier one, which only `overturns` does. Key: `decision_id`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DecisionRow {
    /// Identifier.
    pub decision_id: Id,
    /// The item decided.
    pub content_id: Id,
    /// The label the verdict speaks for.
    pub label: Id,
    /// The verdict.
    pub verdict: Verdict,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// The reviewer.
    pub reviewer_id: Option<Id>,
    /// A person or a machine.
    pub decided_by: Option<DecidedBy>,
    /// How the item was selected for review.
    pub selected_by: Option<SelectedBy>,
    /// Probability with which the item was drawn into review, in (0, 1].
    pub inclusion_probability: Option<f64>,
    /// The decision that this one replaces.
    pub overturns: Option<Id>,
    /// The right answer, for golden cases.
    pub golden_verdict: Option<Verdict>,
    /// Minutes the review took.
    pub minutes: Option<f64>,
    /// When the row reached the lake.
    pub ingested_at: Option<Timestamp>,
}

/// One treatment that was in force on an item or a seller. Key: `action_id`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActionRow {
    /// Identifier.
    pub action_id: Id,
    /// The item treated, or
    pub content_id: Option<Id>,
    /// the seller treated.
    pub seller_id: Option<Id>,
    /// What was done.
    pub treatment: Treatment,
    /// The policy behind it.
    pub policy_id: Option<Id>,
    /// From when.
    pub started_at: Timestamp,
    /// Until when.
    pub ended_at: Option<Timestamp>,
    /// The decision or appeal that reversed it.
    pub reversed_by: Option<Id>,
    /// When the row reached the lake.
    pub ingested_at: Option<Timestamp>,
}

/// One user's report of one item. Key: `report_id`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportRow {
    /// Identifier.
    pub report_id: Id,
    /// The item reported.
    pub content_id: Id,
    /// Who reported.
    pub reporter_id: Option<Id>,
    /// When.
    pub reported_at: Timestamp,
    /// The reason chosen.
    pub reason: Option<Id>,
    /// When the row reached the lake.
    pub ingested_at: Option<Timestamp>,
}

/// One after-sales event. Key: `event_id`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AfterSalesRow {
    /// Identifier.
    pub event_id: Id,
    /// The item bought, or
    pub content_id: Option<Id>,
    /// the seller.
    pub seller_id: Option<Id>,
    /// When.
    pub occurred_at: Timestamp,
    /// What happened.
    pub kind: AfterSalesKind,
    /// The reason given.
    pub reason: Option<Id>,
    /// When the row reached the lake.
    pub ingested_at: Option<Timestamp>,
}
