//! Rows for this module's tests.

use crate::tables::DecisionRow;
use crate::units::{AsOf, Day, Timestamp, Verdict, Zones};

/// SplitMix64: noise without a dependency.
pub(super) fn noise(seed: &mut u64) -> f64 {
    *seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut x = *seed;
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((x ^ (x >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// A verdict of `reviewer` for `label` on item `content`, `days` days after 1970.
pub(super) fn decision(id: &str, content: &str, label: &str, verdict: Verdict, days: f64, reviewer: &str) -> DecisionRow {
    DecisionRow {
        decision_id: id.into(),
        content_id: content.into(),
        label: label.into(),
        verdict,
        decided_at: Timestamp((days * 86_400e6) as i64),
        reviewer_id: (!reviewer.is_empty()).then(|| reviewer.into()),
        decided_by: None,
        selected_by: None,
        inclusion_probability: None,
        overturns: None,
        golden_verdict: None,
        minutes: None,
        ingested_at: None,
    }
}

/// The midnight before `at` in UTC.
pub(super) fn midnight(at: Timestamp) -> AsOf {
    let day = Day(at.0.div_euclid(86_400_000_000) as i32);
    Zones::utc().default_as_of(day)
}
