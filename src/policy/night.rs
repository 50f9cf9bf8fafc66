//! Which policies act on a night: the live ones, but for those that a guard or their own cap puts into shadow.

use super::compile::{Policy, PolicySet};
use super::tally::Tally;
use crate::config::PolicyMode;
use crate::units::Id;

/// Where a policy stands on a night.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It acts.
    Live,
    /// It is counted alone.
    Shadow,
    /// It would be live, but falls to shadow for the night.
    Fallen {
        /// Why, in a sentence.
        reason: String,
    },
}

impl Standing {
    /// `live`, `shadow` or `fallen`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Shadow => "shadow",
            Self::Fallen { .. } => "fallen",
        }
    }
}

/// The standing of every policy of a set, by its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Night {
    standings: Vec<Standing>,
}

impl Night {
    /// Judges the policies of `set` by what they did on all rows of the night. `is_population` says whether a label's probabilities hold
    /// for the population.
    #[must_use]
    pub fn of(set: &PolicySet, tally: &Tally, is_population: &dyn Fn(&Id) -> bool) -> Self {
        let standing = |(at, policy): (usize, &Policy)| {
            if policy.file.mode != PolicyMode::Live {
                return Standing::Shadow;
            }
            let reason = calibration(set, policy, is_population).or_else(|| over_cap(at, policy, tally));
            reason.map_or(Standing::Live, |reason| Standing::Fallen { reason })
        };
        Self { standings: set.policies.iter().enumerate().map(standing).collect() }
    }

    /// Whether the policy acts.
    #[must_use]
    pub fn is_live(&self, policy: usize) -> bool {
        self.standings.get(policy) == Some(&Standing::Live)
    }

    /// The policy's standing.
    #[must_use]
    pub fn standing(&self, policy: usize) -> &Standing {
        self.standings.get(policy).unwrap_or(&Standing::Shadow)
    }

    /// What to tell of policies that fell to shadow, by policy.
    pub fn warnings<'a>(&'a self, set: &'a PolicySet) -> impl Iterator<Item = String> + 'a {
        set.policies.iter().zip(&self.standings).filter_map(|(policy, standing)| match standing {
            Standing::Fallen { reason } => Some(format!("policy `{}` is in shadow for this night: {reason}", policy.file.id)),
            Standing::Live | Standing::Shadow => None,
        })
    }
}

fn calibration(set: &PolicySet, policy: &Policy, is_population: &dyn Fn(&Id) -> bool) -> Option<String> {
    if !policy.file.treatment.removes() {
        return None;
    }
    let label = policy.file.labels.iter().cloned().chain(policy.labels_read(&set.columns)).find(|label| !is_population(label))?;
    Some(format!(
        "it would {}, and p_{label} holds for the reviewed sample alone, not for all content; have 100 items or more reviewed that are drawn with a \
         known probability (`selected_by` random or importance), and train again",
        policy.file.treatment
    ))
}

fn over_cap(at: usize, policy: &Policy, tally: &Tally) -> Option<String> {
    let cap = &policy.file.cap;
    let acts = tally.of(at).acts;
    if let Some(most) = cap.items.filter(|most| acts > *most) {
        return Some(format!("it would act on {acts} items, and its cap is {most}"));
    }
    let sellers = tally.sellers(at);
    if let Some(most) = cap.sellers.filter(|most| sellers > *most) {
        return Some(format!("it would act on {sellers} sellers, and its cap is {most}"));
    }
    let most = cap.market_share?;
    tally.by_market(at).find_map(|(market, counts)| {
        let items = tally.items(market);
        let over = counts.acts as f64 > most * items as f64;
        over.then(|| format!("it would act on {} of {items} items of {market}, and its cap is a share of {most}", counts.acts))
    })
}
