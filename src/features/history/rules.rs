//! What histories are counted with, beside the rows: the midnight, the configuration, the reporters' records.

use std::collections::BTreeMap;

use super::counts::ReporterRecord;
use crate::config::{HistoryConfig, ShrinkConfig};
use crate::features::RatePrior;
use crate::tables::DecisionRow;
use crate::units::{AsOf, DecidedBy, Id, Severity};

/// The configured rules with the severity of every declared label.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryRules {
    /// `[features.history]`.
    pub config: HistoryConfig,
    /// Severity by label.
    pub severities: BTreeMap<Id, Severity>,
}

impl HistoryRules {
    /// w(severity) of a label: 1, 3, 10, 30, 100 (FIELD.md §2); that of the configured severity for a label declared nowhere.
    #[must_use]
    pub fn strike_weight(&self, label: &Id) -> f64 {
        self.severity(label).weight()
    }

    /// Days after which a strike of a label expires.
    #[must_use]
    pub fn expires_days(&self, label: &Id) -> u32 {
        self.config.label_expires_days.get(label).copied().unwrap_or(self.config.strike_expires_days)
    }

    /// The severity of a label; the configured one for a label declared nowhere.
    #[must_use]
    pub fn severity(&self, label: &Id) -> Severity {
        self.severities.get(label).copied().unwrap_or(self.config.unknown_label_severity)
    }

    /// Whether a decision counts against a seller, or for it: a machine's only where configured. One that does not say who decided
    /// counts as a person's.
    #[must_use]
    pub fn counts(&self, decision: &DecisionRow) -> bool {
        self.config.count_automatic || decision.decided_by != Some(DecidedBy::Automatic)
    }

    /// Everything that decides the value of a feature of history for equal rows, in a fixed text that a fingerprint can be made of.
    #[must_use]
    pub fn definition(&self) -> String {
        // Only strings, numbers, lists and structs with fixed keys: serialising them cannot fail.
        let config = serde_json::to_string(&self.config).unwrap_or_default();
        let severities: Vec<String> =
            self.severities.iter().map(|(label, severity)| format!("{label}={}", severity.level())).collect();
        format!("{config} {}", severities.join(" "))
    }
}

/// The midnight, the rules, and how reporters were judged before the midnight.
#[derive(Clone, Copy)]
pub struct HistoryContext<'a> {
    /// The midnight.
    pub as_of: AsOf,
    /// The rules.
    pub rules: &'a HistoryRules,
    /// The record of a reporter as known at `as_of`.
    pub reporter: &'a dyn Fn(&Id) -> ReporterRecord,
}

/// The beta prior of a configured mean and strength: α = mean · strength, β = (1 − mean) · strength.
pub(super) fn prior_of(config: ShrinkConfig) -> RatePrior {
    RatePrior { alpha: config.mean * config.strength, beta: (1.0 - config.mean) * config.strength, n: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::rules;

    #[test]
    fn labels_weigh_and_expire_as_configured() {
        let rules = rules();
        let of = |label: &str| (rules.strike_weight(&label.into()), rules.expires_days(&label.into()));
        assert_eq!(
            [of("scam"), of("counterfeit"), of("knockoff"), of("other")],
            [(100.0, 90), (100.0, 180), (3.0, 90), (1.0, 90)]
        );
        let prior = prior_of(rules.config.overturn_prior);
        assert_eq!((prior.alpha, prior.beta, prior.n), (1.0, 9.0, 0));
    }

    #[test]
    fn whatever_decides_a_value_is_in_the_definition() {
        let (plain, mut severer, mut slower) = (rules(), rules(), rules());
        severer.severities.insert("scam".into(), Severity::new(4).unwrap());
        slower.config.strike_half_life_days = 46.0;
        assert_eq!(plain.definition(), rules().definition());
        assert!(plain.definition() != severer.definition() && plain.definition() != slower.definition());
    }
}
