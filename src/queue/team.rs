//! Who reviews what: the entries of `[queue.capacity]` as teams of one market.

use std::collections::BTreeMap;

use super::minutes::THOUSANDTHS;
use crate::config::{Capacity, GENERAL_SKILL, QueueConfig};
use crate::units::{Id, Market};

/// Which skill a label needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skills {
    by_label: BTreeMap<Id, Id>,
}

impl Skills {
    /// The skills of the configuration.
    #[must_use]
    pub fn new(config: &QueueConfig) -> Self {
        let pairs =
            config.skills.iter().flat_map(|(skill, labels)| labels.iter().map(move |label| (label.clone(), skill.clone())));
        Self { by_label: pairs.collect() }
    }

    /// The skill that an item led by `label` needs.
    #[must_use]
    pub fn of(&self, label: Option<&Id>) -> Id {
        label.and_then(|label| self.by_label.get(label)).cloned().unwrap_or_else(|| Id::const_new(GENERAL_SKILL))
    }
}

/// The teams of one market.
#[derive(Debug, Clone, PartialEq)]
pub struct Teams<'a> {
    market: Market,
    /// Those that name most first.
    entries: Vec<&'a Capacity>,
}

impl<'a> Teams<'a> {
    /// The entries that review `market`.
    #[must_use]
    pub fn of(market: Market, capacity: &'a [Capacity]) -> Self {
        let mut entries: Vec<&Capacity> = capacity.iter().filter(|entry| entry.market.is_none_or(|of| of == market)).collect();
        entries.sort_by_key(|entry| (entry.market.is_none(), entry.language.is_none(), entry.skill.is_none()));
        Self { market, entries }
    }

    /// The team that an item of `language` goes to, by its place; `None` where nobody reviews it.
    #[must_use]
    pub fn find(&self, language: Option<&Id>, skill: &Id) -> Option<usize> {
        let language = language.map(|language| language.to_ascii_lowercase());
        let speaks = |entry: &Capacity| match (&entry.language, &language) {
            (None, _) => true,
            (Some(of), Some(language)) => language == of.as_str() || language.split(['-', '_']).next() == Some(of.as_str()),
            (Some(_), None) => false,
        };
        self.entries.iter().position(|entry| speaks(entry) && entry.skill.as_ref().is_none_or(|of| of == skill))
    }

    /// How many there are.
    #[must_use]
    pub fn n(&self) -> usize {
        self.entries.len()
    }

    /// The thousandths of a minute that a team has.
    #[must_use]
    pub fn minutes(&self, team: usize) -> u64 {
        self.entries.get(team).map_or(0, |entry| (entry.minutes * THOUSANDTHS).round() as u64)
    }

    /// A team's name: TH/th/general.
    #[must_use]
    pub fn name(&self, team: usize) -> String {
        let part = |name: Option<&Id>| name.map_or("*".to_owned(), ToString::to_string);
        let entry = self.entries.get(team);
        let language = part(entry.and_then(|entry| entry.language.as_ref()));
        format!("{}/{language}/{}", self.market, part(entry.and_then(|entry| entry.skill.as_ref())))
    }
}
