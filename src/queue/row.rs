//! A ranked row of the queue, and the answer of a golden case.

use crate::units::{ContentType, Id, Market, Verdict};

/// Why a row is in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slice {
    /// Drawn with equal probability.
    Random,
    /// Drawn by views and score.
    Importance,
    /// A second review, or a case with a known answer: nobody who reviews can tell which.
    Qa,
    /// A live policy asked for a person.
    Policy,
    /// Asked for, and waited too long.
    AgeOut,
    /// By the configured order.
    Order,
}

impl Slice {
    /// The name in the table.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Importance => "importance",
            Self::Qa => "qa",
            Self::Policy => "policy",
            Self::AgeOut => "age_out",
            Self::Order => "order",
        }
    }
}

/// One case of the queue. What is known of a model or a verdict is `None` in a second review, which is to be blind.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueRow {
    /// Market.
    pub market: Market,
    /// Place in the market, from 1.
    pub rank: u64,
    /// The case: the same for a night and an item, and no two of a night alike.
    pub case_id: String,
    /// The item to look at: of near duplicates, the one with the most expected harm.
    pub content_id: Id,
    /// Kind of content.
    pub content_type: ContentType,
    /// Its seller.
    pub seller_id: Option<Id>,
    /// Its language.
    pub language: Option<Id>,
    /// The skill that it needs.
    pub skill: Id,
    /// The team whose minutes it takes; `None` where nobody reviews its like, and a draw chose it nevertheless.
    pub team: Option<String>,
    /// Why it is here.
    pub slice: Slice,
    /// π of a drawn row: the probability that either of the drawn slices had it, 1 − Π(1 − `π_slice`).
    pub inclusion_probability: Option<f64>,
    /// Of a row drawn with equal probability, that probability: what estimates from that slice alone weigh by.
    pub random_probability: Option<f64>,
    /// What the configured order goes by; greater is sooner.
    pub priority: Option<f64>,
    /// Expected harm until the next chance of review, all members together.
    pub expected_harm: Option<f64>,
    /// Views of the item expected until then.
    pub forecast_views: Option<f64>,
    /// Minutes that it is expected to take.
    pub minutes: f64,
    /// The label that matters most.
    pub leading_label: Option<Id>,
    /// Its probability.
    pub leading_p: Option<f64>,
    /// Near duplicates in the case, this item included.
    pub cluster_size: u64,
    /// Those with the most expected harm, this item first; as many as `queue.max_members`.
    pub members: Vec<String>,
    /// Live policies that asked for it.
    pub policy_ids: Vec<String>,
    /// Days since it was published, edited or, where that was decided, reported.
    pub waiting_days: Option<f64>,
    /// Its place in words.
    pub why: String,
}

/// The answer of a golden case in the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct GoldenRow {
    /// Market.
    pub market: Market,
    /// The case.
    pub case_id: String,
    /// The item.
    pub content_id: Id,
    /// The decision that the answer stands in.
    pub decision_id: Id,
    /// The label.
    pub label: Id,
    /// The right verdict.
    pub golden_verdict: Verdict,
}
