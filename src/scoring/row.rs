//! One row of the score table.

use serde::{Deserialize, Serialize};

use super::Reason;
use crate::models::CalibrationBasis;
use crate::units::{ContentType, Id, Market, Timestamp, Treatment};

/// The score of one item at one midnight. What is constant in a run (model, policy and run identifiers) is not repeated here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoreRow {
    /// The item.
    pub content_id: Id,
    /// Kind of content.
    pub content_type: ContentType,
    /// Seller.
    pub seller_id: Option<Id>,
    /// Market.
    pub market: Market,
    /// Category.
    pub category: Option<Id>,
    /// Calibrated probability by label, in the order of the project's labels; `None` outside a label's content types or
    /// where too little was known to learn it.
    pub probabilities: Vec<Option<f32>>,
    /// What the probabilities hold for: the population where each of them does, else the sample; `None` without any.
    pub calibration: Option<CalibrationBasis>,
    /// Probability of any abuse.
    pub abuse: Option<f32>,
    /// Π(1 − p)^w over quality labels.
    pub quality: Option<f32>,
    /// Severity-weighted violating views expected in the coming day.
    pub expected_harm: Option<f64>,
    /// How the views were forecast.
    pub forecast_method: String,
    /// How many labels have a score.
    pub labels_scored: u32,
    /// What to do.
    pub treatment: Treatment,
    /// What ranking multiplies by, in [0, 1].
    pub rank_multiplier: f32,
    /// Band of the item, from `good` to `severe`; `unscored` when no label has a score; `limited` or `withheld` by treatment.
    pub band: String,
    /// Live policies that act on the item.
    pub policy_ids: Vec<String>,
    /// Policies that would, were they live, not over their cap, or the unit within their rollout.
    pub shadow_policy_ids: Vec<String>,
    /// Live policies that leave the item alone for comparison.
    pub held_back_by: Vec<String>,
    /// What drove the item's leading label, strongest first; at most three.
    pub reasons: Vec<Reason>,
    /// Share of features that were not missing, in [0, 1].
    pub coverage: f32,
    /// Until when the score may be used.
    pub expires_at: Timestamp,
}
