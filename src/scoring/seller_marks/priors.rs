//! What a seller's rates are shrunk to: by label, those of its tier, else of all tiers, else the configured one (FIELD.md §6).

use std::collections::BTreeMap;

use super::facts::SellerFacts;
use crate::config::MarksConfig;
use crate::features::{RateMoments, RatePrior};
use crate::units::Id;

/// Sums over sellers from which priors are fitted. All are integers: neither the order of sellers nor their shards matter.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MarkPriorsBuilder {
    tiers: BTreeMap<Option<Id>, Vec<RateMoments>>,
}

/// The priors of every tier, and of all.
#[derive(Debug, Clone, PartialEq)]
pub struct MarkPriors {
    tiers: BTreeMap<Option<Id>, Vec<RatePrior>>,
    /// Of a tier of which nothing was decided.
    all: Vec<RatePrior>,
    configured: RatePrior,
}

impl MarkPriorsBuilder {
    /// Adds one seller; a label of which nothing was decided says nothing.
    pub fn add(&mut self, facts: &SellerFacts) {
        let Some(record) = &facts.record else { return };
        let moments = self.tiers.entry(facts.tier.clone()).or_insert_with(|| vec![RateMoments::default(); record.labels.len()]);
        for (moments, label) in moments.iter_mut().zip(&record.labels) {
            moments.add(label.violating, label.decided);
        }
    }

    /// Fits the priors. A tier with fewer than `min_sellers` sellers of whom something was decided takes those of all tiers.
    #[must_use]
    pub fn finish(self, config: &MarksConfig) -> MarkPriors {
        let configured = RatePrior::configured(config.prior.mean, config.prior.strength);
        let fit = |moments: &RateMoments| {
            let fitted = moments.fit().filter(|prior| prior.n >= config.min_sellers)?;
            Some(at_most(fitted, config.max_prior_strength))
        };
        let mut together: Vec<RateMoments> = Vec::new();
        for moments in self.tiers.values() {
            together.resize(together.len().max(moments.len()), RateMoments::default());
            together.iter_mut().zip(moments).for_each(|(all, tier)| all.merge(tier));
        }
        let all: Vec<RatePrior> = together.iter().map(|moments| fit(moments).unwrap_or(configured)).collect();
        let of_tier =
            |moments: &[RateMoments]| moments.iter().zip(&all).map(|(moments, all)| fit(moments).unwrap_or(*all)).collect();
        let tiers = self.tiers.iter().map(|(tier, moments)| (tier.clone(), of_tier(moments))).collect();
        MarkPriors { tiers, all, configured }
    }
}

impl MarkPriors {
    /// The prior of label number `label` for sellers of `tier`.
    #[must_use]
    pub fn of(&self, tier: Option<&Id>, label: usize) -> RatePrior {
        let priors = self.tiers.get(&tier.cloned()).unwrap_or(&self.all);
        priors.get(label).copied().unwrap_or(self.configured)
    }
}

/// The prior with its mean, counting as at most `strength` chances.
fn at_most(prior: RatePrior, strength: f64) -> RatePrior {
    let scale = (strength / (prior.alpha + prior.beta)).min(1.0);
    RatePrior { alpha: prior.alpha * scale, beta: prior.beta * scale, n: prior.n }
}
