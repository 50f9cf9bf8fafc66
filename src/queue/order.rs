//! What goes first, by the configured rule.

use std::cmp::Ordering;

use super::case::Case;
use super::minutes::THOUSANDTHS;
use crate::config::QueueOrder;
use crate::units::Id;

/// A case's place among others: what policies asked for first, then the greater priority, then the identifier.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Place {
    is_asked: bool,
    priority: f64,
    content_id: Id,
}

impl Place {
    /// The place of `case`.
    pub(super) fn of(case: &Case, order: QueueOrder) -> Self {
        let content_id = case.representative.content_id.clone();
        Self { is_asked: !case.asked_by.is_empty(), priority: priority(case, order), content_id }
    }
}

impl Eq for Place {}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> Ordering {
        other
            .is_asked
            .cmp(&self.is_asked)
            .then_with(|| other.priority.total_cmp(&self.priority))
            .then_with(|| self.content_id.cmp(&other.content_id))
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The greater, the sooner: expected harm per minute (FIELD.md §2), days waited, probability of abuse, or unanswered reports.
pub(super) fn priority(case: &Case, order: QueueOrder) -> f64 {
    match order {
        QueueOrder::ExpectedHarm => case.harm / (case.minutes as f64 / THOUSANDTHS),
        QueueOrder::Fifo => case.waiting_days,
        QueueOrder::Score => case.abuse,
        QueueOrder::Reports => case.reports as f64,
    }
}
