//! Whose verdict it is.

use serde::Serialize;

use crate::tables::DecisionRow;
use crate::units::{DecidedBy, Id};

/// Whoever decided. Decisions without a name count as one reviewer of their kind, whose errors are the pool's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Reviewer {
    /// A person or a machine; decisions that do not say are a person's, as in training.
    pub decided_by: DecidedBy,
    /// The reviewer's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reviewer_id: Option<Id>,
}

impl Reviewer {
    /// Who made `decision`.
    #[must_use]
    pub fn of(decision: &DecisionRow) -> Self {
        Self { decided_by: decision.decided_by.unwrap_or(DecidedBy::Human), reviewer_id: decision.reviewer_id.clone() }
    }
}
