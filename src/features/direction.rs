//! Features that can only speak one way: as they rise, the risk of abuse cannot fall.
//!
//! Models of abuse labels are held to it (`models`), so that one more violation that stands, or one more credible reporter, never
//! lowers a score. Listed is what is held against an item, its seller or its like as such; what merely goes with abuse is not, nor
//! shares that other reports can dilute.

/// Which way a score may go as a feature rises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Never down.
    Up,
    /// Never up.
    Down,
}

/// Registered features and which way the risk of abuse may go as they rise. Quality labels are not held to them: a removed copy may
/// be well described.
pub const DIRECTIONS: &[(&str, Direction)] = &[
    ("item_prior_violations", Direction::Up),
    ("item_reporter_weight_7d", Direction::Up),
    ("item_reporter_weight_28d", Direction::Up),
    ("item_guarded_reports_28d", Direction::Up),
    ("seller_violations_28d", Direction::Up),
    ("seller_violations_90d", Direction::Up),
    ("seller_violation_rate", Direction::Up),
    ("seller_days_since_violation", Direction::Down),
    ("seller_strikes_active", Direction::Up),
    ("seller_strike_weight", Direction::Up),
    ("seller_strikes_30d", Direction::Up),
    ("seller_strikes_90d", Direction::Up),
    ("seller_strikes_180d", Direction::Up),
    ("seller_strikes_of_a_label", Direction::Up),
    ("seller_strike_repeats", Direction::Up),
    ("seller_strike_labels", Direction::Up),
    ("dup_violating_before", Direction::Up),
    ("ring_actioned", Direction::Up),
    ("creator_violation_rate", Direction::Up),
];

/// Which way the risk of abuse may go as the feature rises; `None` when either way.
#[must_use]
pub fn direction(feature: &str) -> Option<Direction> {
    DIRECTIONS.iter().find(|(name, _)| *name == feature).map(|(_, direction)| *direction)
}

#[cfg(test)]
mod tests {
    use super::super::names;
    use super::*;

    #[test]
    fn directions_are_of_registered_features_and_given_once() {
        for (i, (name, _)) in DIRECTIONS.iter().enumerate() {
            assert!(names().contains(name), "{name} is not registered");
            assert!(DIRECTIONS[..i].iter().all(|(earlier, _)| earlier != name), "{name} twice");
        }
        assert_eq!(direction("seller_strikes_active"), Some(Direction::Up));
        assert_eq!(direction("title_chars"), None);
    }
}
