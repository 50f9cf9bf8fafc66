//! What the policies of the night decide of one item, as a run decides it.

use crate::config::{PolicyCap, PolicyMode};
use crate::dataset::Item;
use crate::policy::{PolicySet, Ruling, Tally};
use crate::run::champion::Champion;
use crate::run::deciding::{Decider, NightRow, Verdicts};
use crate::run::input::Input;
use crate::run::nightly::score_shards;
use crate::run::project::Project;
use crate::run::stages::Stages;
use crate::tables::ContentRow;
use crate::units::Day;

/// The night's policies with what is known of their caps.
pub(super) struct Judge<'a> {
    project: &'a Project,
    champion: &'a Champion,
    pub(super) set: &'a PolicySet,
    pub(super) verdicts: Verdicts<'a>,
    day: Day,
}

impl<'a> Judge<'a> {
    /// The judge of a night before its caps: who needs them asks [`Judge::with_caps`].
    pub(super) fn new(project: &'a Project, champion: &'a Champion, set: &'a PolicySet, day: Day) -> Self {
        let verdicts = Verdicts::settle(set, champion, Tally::default());
        Self { project, champion, set, verdicts, day }
    }

    /// The same, once the whole night has been counted where a policy with a cap acts on the item: only then is it known whether the
    /// policy is over its cap.
    ///
    /// # Errors
    /// As a run, but for publishing.
    pub(super) fn with_caps(self, row: &NightRow, input: &Input, stages: &mut Stages) -> anyhow::Result<Self> {
        let acts_under_a_cap = row.traces.iter().filter(|trace| trace.state.acts()).any(|trace| {
            let file = self.set.policies.get(usize::from(trace.policy)).map(|policy| &policy.file);
            file.is_some_and(|file| file.mode == PolicyMode::Live && file.cap != PolicyCap::default())
        });
        if !acts_under_a_cap {
            return Ok(self);
        }
        let night = score_shards(self.project, input, self.champion, (&[], self.set, None), self.day, stages)?;
        Ok(Self { verdicts: Verdicts::settle(self.set, self.champion, night.tally), ..self })
    }

    /// The item's row as a run would publish it, and what its policies decide.
    ///
    /// # Errors
    /// When a policy cannot be evaluated.
    pub(super) fn judge(&self, item: &Item, content: &ContentRow) -> anyhow::Result<Option<(NightRow, Ruling)>> {
        let rows = self.champion.scorer().score(std::slice::from_ref(item));
        let mut decider = Decider::new(self.project, self.champion, self.set, self.day);
        let decided = decider.decide(&[(item.clone(), content)], rows)?.into_iter().next();
        Ok(decided.map(|mut row| {
            let ruling = self.verdicts.apply(&mut row);
            (row, ruling)
        }))
    }
}
