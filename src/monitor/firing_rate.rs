//! Whether a policy fires on more than it used to: the one-sided exact binomial test of a night against decayed history (FIELD.md §4).
//!
//! Items stay in scope for weeks, so nights are anything but independent and a test alone would alarm on slow drift: the rate must also be a
//! quarter above the history's, and the confidence is shared among all policies that are tested in a night (Bonferroni).

use super::alarm_book::Finding;
use super::figure::Segment;
use crate::evaluation::binomial_upper_tail;

/// Weight of a night against the night after it.
const DECAY: f64 = 0.98;
/// Nights of history that it takes.
const LEAST_NIGHTS: usize = 24;
/// How much of the history's rate the night's must be.
const LEAST_RATIO: f64 = 1.25;
/// 1 less the confidence, shared among the policies of a night.
const TAIL: f64 = 0.005;

/// Nights of one policy.
#[derive(Debug, Clone, PartialEq)]
pub struct FiringHistory {
    /// The policy, and its market where it is judged by market.
    pub segment: Segment,
    /// Items that it would act on, and items in its scope, by night, the latest first.
    pub before: Vec<(u64, u64)>,
    /// The same of tonight.
    pub tonight: (u64, u64),
}

/// The policies that fire on more than they used to.
#[must_use]
pub fn firing_rate_findings(policies: &[FiringHistory]) -> Vec<Finding> {
    let judged: Vec<&FiringHistory> =
        policies.iter().filter(|policy| policy.before.len() >= LEAST_NIGHTS && policy.tonight.1 > 0).collect();
    let tail = TAIL / judged.len().max(1) as f64;
    judged.into_iter().filter_map(|policy| finding(policy, tail)).collect()
}

fn finding(policy: &FiringHistory, tail: f64) -> Option<Finding> {
    let (mut fired, mut seen, mut weight) = (0.0, 0.0, 1.0);
    for (k, n) in &policy.before {
        weight *= DECAY;
        fired += weight * *k as f64;
        seen += weight * *n as f64;
    }
    // Laplace's rule: a policy that never fired is not expected never to fire.
    let expected = (fired + 1.0) / (seen + 2.0);
    let (k, n) = policy.tonight;
    let rate = k as f64 / n as f64;
    if rate < LEAST_RATIO * expected || binomial_upper_tail(k, n, expected) >= tail {
        return None;
    }
    let message = format!(
        "it fires on {k} of {n} items ({:.2} %), and on {:.2} % of the {} nights before, the latest counting most",
        100.0 * rate,
        100.0 * expected,
        policy.before.len()
    );
    Some(Finding { check: "firing_rate".to_owned(), segment: policy.segment.clone(), message, n })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(subject: &str, before: (u64, u64), nights: usize, tonight: (u64, u64)) -> FiringHistory {
        let segment = Segment { subject: Some(subject.to_owned()), ..Segment::default() };
        FiringHistory { segment, before: vec![before; nights], tonight }
    }

    #[test]
    fn a_policy_that_floods_is_found_the_same_night() {
        let found = firing_rate_findings(&[
            of("floods", (10, 1000), 30, (100, 1000)),
            of("as_ever", (10, 1000), 30, (12, 1000)),
            of("young", (10, 1000), 23, (100, 1000)),
            of("never_fired", (0, 1000), 30, (20, 1000)),
            // Sure, but small: a tenth more of a million.
            of("a_little_more", (10_000, 1_000_000), 30, (11_000, 1_000_000)),
        ]);
        let names: Vec<&str> = found.iter().map(|f| f.segment.subject.as_deref().unwrap()).collect();
        assert_eq!(names, ["floods", "never_fired"]);
        assert!(found[0].message.contains("100 of 1000 items (10.00 %)"), "{}", found[0].message);
    }
}
