//! `[score.multiplier]`: how scores and treatments become the number that ranking multiplies by.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::checker::Checker;
use crate::units::Treatment;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMultiplier {
    floor: f64,
    quality_exponent: f64,
    abuse_exponent: f64,
    unscored: f64,
    treatments: TreatmentFactors,
}

/// What each treatment multiplies by, in [0, 1].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TreatmentFactors {
    allow: f64,
    label: f64,
    downrank: f64,
    no_recommend: f64,
    gate: f64,
    review: f64,
    hold: f64,
    escalate: f64,
}

impl TreatmentFactors {
    /// The factor of `treatment`.
    #[must_use]
    pub fn of(&self, treatment: Treatment) -> f64 {
        match treatment {
            Treatment::Allow => self.allow,
            Treatment::Label => self.label,
            Treatment::Downrank => self.downrank,
            Treatment::NoRecommend => self.no_recommend,
            Treatment::Gate => self.gate,
            Treatment::Review => self.review,
            Treatment::Hold => self.hold,
            Treatment::Escalate => self.escalate,
        }
    }
}

/// How scores and treatments become a rank multiplier.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MultiplierConfig {
    /// Least that scores alone give, in [0, 1].
    pub floor: f64,
    /// Exponent of quality, 0 or more; 0 leaves quality out.
    pub quality_exponent: f64,
    /// Exponent of 1 − abuse, 0 or more; 0 leaves abuse out.
    pub abuse_exponent: f64,
    /// What a missing score counts as, in [0, 1].
    pub unscored: f64,
    /// What each treatment multiplies by.
    pub treatments: TreatmentFactors,
}

/// Checks `[score.multiplier]`.
pub(super) fn multiplier(raw: &RawMultiplier, checker: &Checker<'_>) -> Result<MultiplierConfig, ConfigError> {
    let number = |name: &str, value, most| checker.number(&format!("score.multiplier.{name}"), value, 0.0..=most);
    for treatment in Treatment::all() {
        number(&format!("treatments.{treatment}"), raw.treatments.of(treatment), 1.0)?;
    }
    Ok(MultiplierConfig {
        floor: number("floor", raw.floor, 1.0)?,
        quality_exponent: number("quality_exponent", raw.quality_exponent, 10.0)?,
        abuse_exponent: number("abuse_exponent", raw.abuse_exponent, 10.0)?,
        unscored: number("unscored", raw.unscored, 1.0)?,
        treatments: raw.treatments,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;
    use crate::config::{Overlays, ProjectFile, load};

    fn loaded(text: &str) -> Result<MultiplierConfig, ConfigError> {
        let overlays = Overlays { environment: &BTreeMap::new(), sets: &[] };
        let config = load(&ProjectFile { path: Path::new("stallmark.toml"), text: Some(text) }, &overlays, Path::new("/p"))?;
        Ok(config.score.multiplier)
    }

    #[test]
    fn each_treatment_has_its_factor() {
        let factors: Vec<f64> = Treatment::all().map(|treatment| loaded("").unwrap().treatments.of(treatment)).collect();
        assert_eq!(factors, [1.0, 1.0, 0.5, 0.0, 0.05, 1.0, 0.0, 1.0]);
        let other = loaded("[score.multiplier.treatments]\nlabel = 0.75").unwrap();
        assert_eq!(other.treatments.of(Treatment::Label), 0.75);
    }

    #[test]
    fn nothing_raises_an_item() {
        for key in ["floor", "unscored", "treatments.downrank", "treatments.escalate"] {
            for value in ["1.01", "-0.1", "nan"] {
                let error = loaded(&format!("[score]\nmultiplier.{key} = {value}")).unwrap_err().to_string();
                assert!(error.contains(&format!("score.multiplier.{key}")), "{error}");
            }
        }
        assert!(loaded("[score.multiplier]\nabuse_exponent = -1.0").is_err());
        assert!(loaded("[score.multiplier.treatments]\nremove = 0.0").is_err());
    }
}
