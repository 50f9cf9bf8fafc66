//! Rows for this module's tests.

use crate::features;
use crate::tables::{ContentRow, DecisionRow};
use crate::units::{Timestamp, Verdict};

/// A listing of SG published at `published_us`.
pub(super) fn content(id: &str, published_us: i64) -> ContentRow {
    ContentRow { published_at: Timestamp(published_us), ..features::fixtures::content(id) }
}

/// Microseconds of `days` days since 1970.
pub(super) fn day_us(days: f64) -> i64 {
    (days * 86_400e6) as i64
}

/// A verdict for `label` on item `c`, `days` days after 1970.
pub(super) fn decision(id: &str, label: &str, verdict: Verdict, days: f64) -> DecisionRow {
    DecisionRow {
        decision_id: id.into(),
        content_id: "c".into(),
        label: label.into(),
        verdict,
        decided_at: Timestamp(day_us(days)),
        reviewer_id: None,
        decided_by: None,
        selected_by: None,
        inclusion_probability: None,
        overturns: None,
        golden_verdict: None,
        minutes: None,
        ingested_at: None,
    }
}
