//! Everything that is told of one case, as data: what `--json` prints.
//!
//! Times are UTC in RFC 3339, days calendar days of the item's market; log-odds are natural logarithms of odds. Text that somebody
//! outside wrote is safe to print (`visible`), and masked where the case was made so. A field that is `null` is not known. New fields
//! may come with any version; `schema` is raised when one changes its meaning.

use serde::Serialize;

use super::policy_case::{PolicyCase, PolicySummary};
use super::spans::TextCase;

/// Version of the meaning of the fields.
pub const CASE_SCHEMA: u32 = 1;

/// One item at one midnight.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Case {
    /// [`CASE_SCHEMA`].
    pub schema: u32,
    /// What it is.
    pub item: ItemCase,
    /// What it scores.
    pub score: ScoreCase,
    /// Why: first the label that the outcome hangs on, which is one that an acting policy is about, or else the leading one.
    pub labels: Vec<LabelCase>,
    /// Its text, marked for the first of `labels`; `null` without text.
    pub text: Option<TextCase>,
    /// What the policies say of it; `null` in a project without policies.
    pub policies: Option<PolicySummary>,
    /// Policy by policy why it fired or not.
    pub policy_cases: Vec<PolicyCase>,
    /// What would change the outcome.
    pub changes: ChangeCase,
    /// Copies of its text or pictures; `null` when it has nothing to compare.
    pub copies: Option<CopyCase>,
    /// Sellers that share contacts with its own; `null` without a seller.
    pub ring: Option<RingCase>,
    /// Its seller; `null` without one.
    pub seller: Option<SellerCase>,
    /// Its views, orders and so on of the last 28 days; empty where none are known.
    pub engagement: Vec<EngagementLine>,
    /// Reports on it; `null` without a reports table.
    pub reports: Option<ReportCase>,
    /// After-sales events of it in the last 28 days, by kind; `null` without an after-sales table.
    pub after_sales: Option<Vec<Count>>,
    /// Versions, decisions and actions that were known, in time order.
    pub events: Vec<EventLine>,
    /// Decisions and actions of the input that were not known yet at the midnight, and therefore play no part.
    pub events_not_known_yet: usize,
}

/// What an item is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ItemCase {
    /// Identifier.
    pub content_id: String,
    /// `listing`, `video`, `live`, `review` or `comment`.
    pub content_type: &'static str,
    /// Market.
    pub market: String,
    /// The day at whose beginning it is looked at.
    pub as_of: String,
    /// The same as an instant.
    pub midnight: String,
    /// Its seller.
    pub seller_id: Option<String>,
    /// Its creator.
    pub creator_id: Option<String>,
    /// Its category.
    pub category: Option<String>,
    /// Its language.
    pub language: Option<String>,
    /// When it was published.
    pub published_at: String,
    /// Versions known; `null` where the input has one of each item only.
    pub versions: Option<usize>,
    /// Price and the like, as far as they are there.
    pub facts: Vec<Fact>,
}

/// A name and a value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fact {
    /// The column.
    pub name: &'static str,
    /// Its value as text.
    pub value: String,
}

/// A name and a number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Count {
    /// What is counted.
    pub name: String,
    /// How many.
    pub n: u64,
}

/// The score columns, as published.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScoreCase {
    /// The model.
    pub model_version: String,
    /// Each label of the project.
    pub labels: Vec<LabelScore>,
    /// Probability of any abuse.
    pub abuse: Option<f32>,
    /// 1 is faultless.
    pub quality: Option<f32>,
    /// The band.
    pub band: String,
    /// Why it is in that band, in a sentence.
    pub band_rule: String,
    /// What is recommended to do.
    pub treatment: &'static str,
    /// What ranking multiplies by.
    pub rank_multiplier: f32,
    /// How that came about, in a sentence.
    pub multiplier_rule: String,
    /// Severity-weighted violating views expected on the coming day.
    pub expected_harm: Option<f64>,
    /// Views expected on the coming day.
    pub forecast_views: Option<f64>,
    /// How they were forecast, in a sentence.
    pub forecast_rule: String,
    /// What the probabilities hold for.
    pub calibration: Option<&'static str>,
    /// Share of the features that were not missing.
    pub coverage: f32,
    /// Input tables and columns that the project doesn't have and some feature would read.
    pub missing_inputs: Vec<String>,
    /// Until when the score may be used.
    pub expires_at: String,
}

/// One label's score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelScore {
    /// Identifier.
    pub id: String,
    /// `abuse` or `quality`.
    pub kind: &'static str,
    /// 1 to 5.
    pub severity: u8,
    /// What one violating view weighs in expected harm.
    pub weight: f64,
    /// What a reviewer checks.
    pub definition: String,
    /// Calibrated probability, the column `p_<id>`.
    pub p: Option<f32>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_score_because: Option<String>,
}

/// Why one label scores as it does.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelCase {
    /// The label.
    pub label: String,
    /// Whether the score row's reasons are of it.
    pub leading: bool,
    /// Whether a policy that acts is about it.
    pub acted_on: bool,
    /// Its probability.
    pub p: Option<f32>,
    /// Log-odds that every item starts from.
    pub base: f64,
    /// Log-odds of its words.
    pub text: f64,
    /// Log-odds of each feature that says something, strongest first.
    pub features: Vec<FeaturePart>,
    /// Log-odds of the features that are not listed, together, and how many they are.
    pub other_features: f64,
    /// How many they are.
    pub n_other_features: usize,
    /// Log-odds before calibration: base + text + features + other features.
    pub log_odds: f64,
    /// The text as it is marked for this label; `null` for the first, whose marks stand in `text` of the case.
    pub marked: Option<TextCase>,
}

/// What a feature adds to a label's log-odds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeaturePart {
    /// Its name.
    pub name: String,
    /// What it measures, with its unit.
    pub what: String,
    /// Its value; `null` when it is missing.
    pub value: Option<f32>,
    /// The median of it among items of the market and kind that were looked at beside this one; `null` when unknown.
    pub typical: Option<f32>,
    /// Log-odds that it adds.
    pub logit: f64,
}

/// The change that takes away title and body.
pub const NO_TEXT: &str = "it had no text at all";

/// What would change the outcome.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct ChangeCase {
    /// Each single change that was tried and computed anew with the model.
    pub tried: Vec<Change>,
    /// Items that the typical values are medians of.
    pub n_typical: usize,
}

/// A single change and what it leads to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// What is changed, in words.
    pub what: String,
    /// The probability then of the first of `labels`.
    pub p: Option<f32>,
    /// The band then.
    pub band: String,
    /// The treatment then.
    pub treatment: &'static str,
    /// Whether band or treatment are others than they are.
    pub flips: bool,
}

/// Copies of an item.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct CopyCase {
    /// Items of the cluster, this one included.
    pub size: u32,
    /// Their sellers.
    pub sellers: u32,
    /// Items with the same text, this one included.
    pub same_text: u32,
    /// Items with the same picture or video, this one included.
    pub same_media: u32,
    /// Items that were there before this one.
    pub earlier: u32,
    /// Days from the first to this one.
    pub days_after_first: f64,
    /// Whether it is a copy of another seller's item.
    pub is_copy: bool,
    /// Earlier items that were decided.
    pub decided_earlier: u32,
    /// Those of them that were found violating.
    pub violating_earlier: u32,
    /// Members, the first seen first, at most [`super::MOST_MEMBERS`].
    pub members: Vec<CopyMember>,
}

/// A member of a cluster.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CopyMember {
    /// Identifier.
    pub content_id: String,
    /// Its seller.
    pub seller_id: Option<String>,
    /// When it was first known.
    pub first_seen: String,
    /// Whether it is the item of the case.
    pub is_this: bool,
}

/// A ring of sellers.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct RingCase {
    /// Sellers, this one included; 1 when it shares nothing.
    pub size: u32,
    /// Contacts, pictures and videos that hold the ring together.
    pub shared: u32,
    /// Those of them that this seller shows.
    pub own_shared: u32,
    /// Whether this seller was the first to show each of them.
    pub is_first_owner: bool,
    /// Other sellers of it that were treated.
    pub actioned: Option<u32>,
    /// Other sellers of it that were found violating.
    pub violating: Option<u32>,
    /// Days since the newest link.
    pub days_since_link: Option<f64>,
    /// Its sellers, at most [`super::MOST_MEMBERS`].
    pub sellers: Vec<String>,
    /// What they share, what the item's own seller shows first.
    pub contacts: Vec<SharedContact>,
}

/// Something that sellers of a ring share.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SharedContact {
    /// What it is, masked unless asked for.
    pub name: String,
    /// How many sellers of the ring show it.
    pub sellers: u64,
    /// Whether the item's own seller does.
    pub own: bool,
}

/// A seller.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SellerCase {
    /// Identifier.
    pub seller_id: String,
    /// Tier.
    pub tier: Option<String>,
    /// Days since it joined.
    pub tenure_days: Option<f64>,
    /// Days since its first item.
    pub days_since_first_item: Option<f64>,
    /// Whether its identity was verified.
    pub kyc_verified: Option<bool>,
    /// Items known, and of the last 7 and 28 days.
    pub items: [u32; 3],
    /// Items decided; `null` without a decisions table.
    pub decided_items: Option<u32>,
    /// Items found violating.
    pub violating_items: Option<u32>,
    /// Decisions on its items that were overturned.
    pub overturned: Option<u32>,
    /// All decisions on its items.
    pub decisions: Option<u32>,
    /// Strikes that have not expired, by label.
    pub strikes: Vec<Count>,
    /// When the next one expires.
    pub next_expiry: Option<String>,
    /// Treatments of it or its items in the last 90 days; `null` without an actions table.
    pub actions_90d: Option<u32>,
}

/// Sums of some days of engagement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EngagementLine {
    /// Which days.
    pub days: String,
    /// Views.
    pub views: Option<u64>,
    /// Likes.
    pub likes: Option<u64>,
    /// Orders.
    pub orders: Option<u64>,
    /// Refunds.
    pub refunds: Option<u64>,
    /// Hidden by viewers.
    pub hides: Option<u64>,
}

/// Reports on an item.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct ReportCase {
    /// In the last 28 days.
    pub reports_28d: u32,
    /// Distinct reporters of them.
    pub reporters_28d: u32,
    /// How much the reporters' records weigh together: each between 0 and 2, 1 where nothing is known of them.
    pub weight_28d: f64,
    /// Reasons given, most frequent first.
    pub reasons: Vec<Count>,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventLine {
    /// When it happened.
    pub at: String,
    /// When it was known, where that is later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known_at: Option<String>,
    /// `published`, `edited`, `decision` or `action`.
    pub kind: &'static str,
    /// What, in words.
    pub what: String,
}
