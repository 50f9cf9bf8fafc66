//! What is true of the generated marketplace. Nothing but evaluation may read these rows.

use serde::Serialize;

use crate::units::{Day, Id, Timestamp};

/// One true statement, written with its `kind` as a JSON line.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TruthRow {
    /// Of an item.
    Content(Box<ContentTruth>),
    /// Of a seller.
    Seller(SellerTruth),
    /// Of a campaign.
    Campaign(CampaignTruth),
    /// Of a reviewer.
    Reviewer(ReviewerTruth),
    /// Of a reporter.
    Reporter(ReporterTruth),
}

/// The truth of one item.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ContentTruth {
    /// The item.
    pub content_id: Id,
    /// Every label that it violates at the end of the window.
    pub labels: Vec<&'static str>,
    /// Since when; later than publication only for a switched listing's own label.
    pub violating_since: Option<Timestamp>,
    /// When the listing was switched, if it was.
    pub switched_at: Option<Timestamp>,
    /// The campaign it is part of.
    pub campaign_id: Option<Id>,
    /// The copy ring its seller belongs to.
    pub ring_id: Option<Id>,
    /// The item it was copied from.
    pub copied_from: Option<Id>,
    /// How thoroughly its cues were disguised, 0 to 1.
    pub disguise: f64,
    /// Views over the window, as in `engagement`.
    pub views_total: u64,
    /// Views it would have had without any treatment of it or its seller.
    pub views_untreated: u64,
    /// Reports made in bad faith, among those in `reports`.
    pub bad_faith_reports: u64,
}

/// The truth of one seller.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SellerTruth {
    /// The seller.
    pub seller_id: Id,
    /// Latent honesty, 0 to 1.
    pub honesty: f64,
    /// The copy ring it belongs to.
    pub ring_id: Option<Id>,
    /// The campaigns it colludes in.
    pub campaign_ids: Vec<Id>,
    /// Whether a brigade reports it in bad faith.
    pub brigade_victim: bool,
}

/// The truth of one campaign.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CampaignTruth {
    /// The campaign.
    pub campaign_id: Id,
    /// Its label.
    pub label: &'static str,
    /// Its market.
    pub market: Id,
    /// Its first day.
    pub first_day: Day,
    /// Its last day, possibly after the window.
    pub last_day: Day,
    /// From when the platform acted on it and its disguise grew.
    pub noticed_day: Day,
}

/// The truth of one reviewer, before the difficulty of the case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReviewerTruth {
    /// The reviewer.
    pub reviewer_id: Id,
    /// Probability of `violating` on a violating item.
    pub sensitivity: f64,
    /// Probability of `compliant` on a compliant item drawn at random; suspicion lowers it.
    pub specificity: f64,
}

/// The truth of one reporter.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReporterTruth {
    /// The reporter.
    pub reporter_id: Id,
    /// 0 (reports what it dislikes) to 1 (reports violations).
    pub reliability: f64,
    /// Whether it belongs to a brigade.
    pub brigade: bool,
}
