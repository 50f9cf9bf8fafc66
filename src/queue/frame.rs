//! What the items of a market add up to: from it follow the probabilities of its drawn slices.

use std::collections::BTreeSet;

use super::item::QueueItem;
use super::minutes::THOUSANDTHS;
use super::team::Teams;
use crate::config::QueueConfig;

/// The sums over a market's items, decided ones among them: a prevalence speaks for all that is in scope.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Frame {
    /// Items.
    pub items: u64,
    /// Thousandths of a minute that reviewing every item would take.
    minutes: u64,
    /// Σ importance · minutes, in the order of the items.
    important_minutes: f64,
    /// The teams that have an item.
    teams: BTreeSet<usize>,
    /// Items that no team reviews.
    pub without_team: u64,
}

/// How important it is to know an item: (1 + V)^a · (p + floor), with the forecast views V and the probability of abuse p (FIELD.md §1: draw
/// i with q ∝ V^a · g(score), with a floor). 1 is added to the views so that what is forecast to have none is drawn too.
#[must_use]
pub(super) fn importance(item: &QueueItem, config: &QueueConfig) -> f64 {
    let views = 1.0 + item.views.unwrap_or(0.0).max(0.0);
    libm::pow(views, config.importance_power) * (item.abuse.unwrap_or(0.0) + config.importance_floor)
}

impl Frame {
    /// Adds an item that takes `minutes` thousandths and would go to `team`. Items come in order of their identifiers.
    pub(super) fn add(&mut self, item: &QueueItem, minutes: u64, team: Option<usize>, config: &QueueConfig) {
        self.items += 1;
        self.minutes += minutes;
        self.important_minutes += importance(item, config) * minutes as f64;
        match team {
            Some(team) => drop(self.teams.insert(team)),
            None => self.without_team += 1,
        }
    }

    /// Thousandths of a minute of the teams that have an item.
    #[must_use]
    pub(super) fn capacity(&self, teams: &Teams<'_>) -> u64 {
        self.teams.iter().map(|team| teams.minutes(*team)).sum()
    }

    /// The probability with which every item is drawn, so that the drawn ones are expected to take their share of the capacity.
    #[must_use]
    pub(super) fn random_probability(&self, teams: &Teams<'_>, config: &QueueConfig) -> f64 {
        share_of(config.shares.random * self.capacity(teams) as f64, self.minutes as f64)
    }

    /// The probability with which `item` is drawn by its importance; never 0 where the slice has minutes. Where some are cut at 1, the
    /// others are not raised: the slice then takes less than its share.
    #[must_use]
    pub(super) fn importance_probability(&self, item: &QueueItem, teams: &Teams<'_>, config: &QueueConfig) -> f64 {
        let budget = config.shares.importance * self.capacity(teams) as f64;
        share_of(budget * importance(item, config), self.important_minutes)
    }

    /// Minutes of the frame.
    #[must_use]
    pub fn minutes(&self) -> f64 {
        self.minutes as f64 / THOUSANDTHS
    }
}

/// part ÷ whole, at most 1; 0 of nothing.
pub(super) fn share_of(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { (part / whole).min(1.0) } else { 0.0 }
}
