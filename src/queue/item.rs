//! One item in scope, as the queue sees it.

use crate::units::{ContentType, Id, Market, Timestamp};

/// One item in scope.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueItem {
    /// The item.
    pub content_id: Id,
    /// Kind of content.
    pub content_type: ContentType,
    /// Market.
    pub market: Market,
    /// Seller.
    pub seller_id: Option<Id>,
    /// Language, as the content says.
    pub language: Option<Id>,
    /// Probability of any abuse; `None` where no abuse label has a score.
    pub abuse: Option<f64>,
    /// Σ p · w(severity) over abuse labels: the harm of one view; `None` where none has a score.
    pub harm_per_view: Option<f64>,
    /// The label that matters most.
    pub leading: Option<Leading>,
    /// Views expected until the next chance of review; `None` when nothing is known.
    pub views: Option<f64>,
    /// The cluster of near duplicates that it lies in.
    pub cluster: Option<u64>,
    /// Whether it needs no review: a person has decided it since its last version and report, or it is snoozed.
    pub is_settled: bool,
    /// Since when it waits: its version in force, or where that has been decided, the first report after.
    pub since: Timestamp,
    /// The first unanswered report.
    pub reported_since: Option<Timestamp>,
    /// Unanswered reports.
    pub reports: u32,
    /// Minutes that a policy says the review takes; `None` where none does.
    pub minutes: Option<f64>,
    /// Live policies that fired and ask for a person.
    pub asked_by: Vec<String>,
}

/// The label that matters most of an item: the abuse label with the largest p · w, else the quality label with the largest p.
#[derive(Debug, Clone, PartialEq)]
pub struct Leading {
    /// The label.
    pub label: Id,
    /// Its calibrated probability.
    pub p: f64,
    /// The weight of its severity; 0 for a quality label, which does no harm.
    pub weight: f64,
}

impl QueueItem {
    /// Expected harm until the next chance of review, H = Σ p · w · E[views] (FIELD.md §2); 0 without a score. Views of which nothing is
    /// known count as one, so that without engagement the order is by the harm of a view.
    #[must_use]
    pub fn harm(&self) -> f64 {
        self.harm_per_view.unwrap_or(0.0) * self.views.unwrap_or(1.0)
    }

    /// Since when it is asked for: the first unanswered report (by the last one, every further report would send it back to the end), or
    /// since it waits where a policy fires on it.
    #[must_use]
    pub fn asked_since(&self) -> Option<Timestamp> {
        let by_policy = (!self.asked_by.is_empty()).then_some(self.since);
        self.reported_since.into_iter().chain(by_policy).min()
    }
}
