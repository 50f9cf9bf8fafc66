//! Interim.

use super::ScoreRow;
use crate::units::Treatment;

/// Interim.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankRules {}

impl ScoreRow {
    /// Interim.
    pub fn rank(&mut self, _rules: &RankRules, applied: &[(Treatment, Option<f64>)]) {
        for (treatment, factor) in applied {
            let f = match treatment {
                Treatment::Downrank => factor.unwrap_or(0.5),
                Treatment::Hold | Treatment::NoRecommend => 0.0,
                Treatment::Gate => 0.05,
                _ => 1.0,
            };
            self.rank_multiplier = self.rank_multiplier.min(f as f32);
        }
    }
}
