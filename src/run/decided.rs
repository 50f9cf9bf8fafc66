//! Decisions beside what models say of the decided items: what `evaluate`, `compare` and `promote` judge by.

use std::collections::{BTreeMap, BTreeSet};

use super::champion::Champion;
use super::input::Input;
use super::project::Project;
use super::stages::Stages;
use super::training::{LabelledItems, LeftOut, labelled_items};
use crate::dataset::Item;
use crate::evaluation::Predictions;
use crate::models::LabelReport;
use crate::scoring::ScoredLabel;
use crate::units::{ContentType, Day, Id, Market, Timestamp};

/// Which decisions are judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// All of the input. Those that a model has learned from flatter it.
    All,
    /// Those made after every model was trained.
    AfterTraining,
}

/// An item with a decision.
#[derive(Debug, Clone)]
pub(super) struct DecidedItem {
    pub content_type: ContentType,
    pub market: Market,
    pub language: Option<Id>,
    pub category: Option<Id>,
    pub tier: Id,
    /// Characters of its text.
    pub text_chars: usize,
    /// A number for its seller, else its creator, else its text.
    pub cluster: u32,
}

/// The decisions on one label that every model scores.
#[derive(Debug)]
pub(super) struct DecidedLabel {
    pub label: ScoredLabel,
    /// Mean minutes of a review, where decisions say.
    pub minutes: Option<f64>,
    /// Positions among the items, ascending.
    pub rows: Vec<u32>,
    pub positive: Vec<bool>,
    /// The probability with which each was drawn into review, where it is known.
    pub inclusion: Vec<Option<f64>>,
    /// For each model, its probabilities.
    pub probability: Vec<Vec<f64>>,
}

/// Decisions on all labels.
pub(super) struct Decided {
    pub items: Vec<DecidedItem>,
    pub labels: Vec<DecidedLabel>,
    /// Decisions that are not used at all.
    pub left_out: LeftOut,
    /// Verdicts on items and labels that something was decided of before a model was trained; 0 where those were left out.
    pub before_training: u64,
    /// Verdicts left out because of it.
    pub too_early: u64,
}

impl DecidedLabel {
    /// What model `at` says.
    ///
    /// # Errors
    /// When a probability is none, which no stored model's is.
    pub(super) fn predictions(&self, at: usize) -> anyhow::Result<Predictions<'_>> {
        Ok(Predictions::new(&self.probability[at], &self.positive)?)
    }

    /// How many rows are violating.
    #[must_use]
    pub(super) fn n_positive(&self) -> u64 {
        self.positive.iter().filter(|positive| **positive).count() as u64
    }

    /// The rows for which `keep` holds of their place and item.
    #[must_use]
    pub(super) fn only(&self, items: &[DecidedItem], keep: impl Fn(usize, &DecidedItem) -> bool) -> Self {
        let kept: Vec<usize> = (0..self.rows.len()).filter(|i| keep(*i, &items[self.rows[*i] as usize])).collect();
        Self {
            label: self.label.clone(),
            minutes: self.minutes,
            rows: kept.iter().map(|i| self.rows[*i]).collect(),
            positive: kept.iter().map(|i| self.positive[*i]).collect(),
            inclusion: kept.iter().map(|i| self.inclusion[*i]).collect(),
            probability: self.probability.iter().map(|p| kept.iter().map(|i| p[*i]).collect()).collect(),
        }
    }

    /// The cluster of each row.
    #[must_use]
    pub(super) fn clusters(&self, items: &[DecidedItem]) -> Vec<Option<u32>> {
        self.rows.iter().map(|row| Some(items[*row as usize].cluster)).collect()
    }
}

/// Scores the decisions made before the midnight of `until` with every model, each item as of the midnight before its decision.
/// `input` was read for the features of the first.
///
/// # Errors
/// When the spill cannot be read.
pub(super) fn decided(
    project: &Project,
    input: &Input,
    models: &[&Champion],
    (period, until): (Period, Day),
    stages: &mut Stages,
) -> anyhow::Result<Decided> {
    let mut probability = Vec::with_capacity(models.len());
    let mut first: Option<LabelledItems> = None;
    for (at, model) in models.iter().enumerate() {
        let shared = (at > 0 && models[0].features.names() == model.features.names()).then_some(()).and(first.as_ref());
        let own = match shared {
            Some(_) => None,
            None => {
                let mut stage = stages.begin("features", input.spilled.n_shards() as u64);
                let labelled = labelled_items(project, input, &input.reading(&model.features), until, &mut stage)?;
                stages.end(stage);
                Some(labelled)
            }
        };
        let items = own.as_ref().or(shared).map_or(&[][..], |labelled| &labelled.items);
        let mut stage = stages.begin("evaluate", 0);
        stage.items = items.len() as u64;
        probability.push(model.scorer().all_probabilities(items));
        stages.end(stage);
        if first.is_none() {
            first = own;
        }
    }
    let Some(labelled) = first else { return Err(anyhow::anyhow!("no model to judge")) };
    let trained = models.iter().map(|model| model.trained_as_of).max().unwrap_or(until);
    let trained = project.config.time.zones.default_as_of(trained).instant;
    Ok(Decided::of(&labelled, models, &probability, (period, trained)))
}

impl Decided {
    /// The decided rows beside each model's `probability` of every label it scores, by item; `trained` is when the latest was.
    pub(super) fn of(
        labelled: &LabelledItems,
        models: &[&Champion],
        probability: &[Vec<Vec<Option<f64>>>],
        (period, trained): (Period, Timestamp),
    ) -> Self {
        let early = decided_before(labelled, trained);
        let mut found = Self {
            items: decided_items(&labelled.items),
            labels: Vec::new(),
            left_out: labelled.left_out,
            before_training: 0,
            too_early: 0,
        };
        for (target, minutes) in labelled.targets.iter().zip(&labelled.minutes) {
            let column = |model: &&Champion| model.labels.iter().position(|label| label.id == target.label);
            let Some(columns) = models.iter().map(column).collect::<Option<Vec<usize>>>() else { continue };
            let Some(label) = models[0].labels.get(columns[0]).cloned() else { continue };
            let mut of_label = DecidedLabel {
                label,
                minutes: *minutes,
                rows: Vec::new(),
                positive: Vec::new(),
                inclusion: Vec::new(),
                probability: vec![Vec::new(); models.len()],
            };
            for (i, row) in target.rows.iter().enumerate() {
                let at = *row as usize;
                // What is published has 32 bits: a threshold that is solved on more would miss its own row.
                let said = probability.iter().zip(&columns).map(|(p, column)| Some(f64::from(p[at][*column]? as f32)));
                let Some(said) = said.collect::<Option<Vec<f64>>>() else { continue };
                if early.contains(&(&labelled.items[at].content_id, &target.label)) {
                    match period {
                        Period::All => found.before_training += 1,
                        Period::AfterTraining => {
                            found.too_early += 1;
                            continue;
                        }
                    }
                }
                of_label.rows.push(*row);
                of_label.positive.push(target.positive[i]);
                of_label.inclusion.push(target.inclusion[i]);
                of_label.probability.iter_mut().zip(said).for_each(|(all, p)| all.push(p));
            }
            if !of_label.rows.is_empty() {
                found.labels.push(of_label);
            }
        }
        found
    }
}

/// Items and labels of which something was decided before `trained`. A later verdict on one of them is no news to a model that has
/// learned the earlier, whatever it says.
fn decided_before(labelled: &LabelledItems, trained: Timestamp) -> BTreeSet<(&Id, &Id)> {
    let decided_at: BTreeMap<&Id, Timestamp> =
        labelled.decisions.iter().map(|gathered| (&gathered.decision.decision_id, gathered.decision.decided_at)).collect();
    let is_early = |id: &Id| decided_at.get(id).is_some_and(|at| *at < trained);
    let labels = labelled.aggregated.labels.iter();
    let early = labels
        .filter(|found| found.sources.iter().any(|s| is_early(&s.decision_id) || s.replaces.as_ref().is_some_and(is_early)));
    early.map(|found| (&found.content_id, &found.label)).collect()
}

/// The rows that a fit held out, beside what the models that never saw them say. Labels without a model have no part.
#[must_use]
pub(super) fn held_out(labels: Vec<ScoredLabel>, labelled: &LabelledItems, reports: &[LabelReport]) -> Decided {
    let mut found = Decided {
        items: decided_items(&labelled.items),
        labels: Vec::new(),
        left_out: labelled.left_out,
        before_training: 0,
        too_early: 0,
    };
    for (i, (target, report)) in labelled.targets.iter().zip(reports).enumerate() {
        let Some(label) = labels.iter().find(|label| label.id == target.label) else { continue };
        let known = (0..target.rows.len()).filter_map(|row| Some((row, report.out_of_fold.get(row).copied().flatten()?)));
        let known: Vec<(usize, f64)> = known.collect();
        if !known.is_empty() {
            found.labels.push(DecidedLabel {
                label: label.clone(),
                minutes: labelled.minutes.get(i).copied().flatten(),
                rows: known.iter().map(|(row, _)| target.rows[*row]).collect(),
                positive: known.iter().map(|(row, _)| target.positive[*row]).collect(),
                inclusion: known.iter().map(|(row, _)| target.inclusion[*row]).collect(),
                probability: vec![known.iter().map(|(_, p)| *p).collect()],
            });
        }
    }
    found
}

fn decided_items(items: &[Item]) -> Vec<DecidedItem> {
    let mut clusters: BTreeMap<u64, u32> = items.iter().map(|item| (item.group, 0)).collect();
    clusters.values_mut().enumerate().for_each(|(at, number)| *number = at as u32);
    let of = |item: &Item| DecidedItem {
        content_type: item.content_type,
        market: item.market,
        language: item.language.clone(),
        category: item.category.clone(),
        tier: item.tier.clone(),
        text_chars: item.text.normalised.chars().count(),
        cluster: clusters.get(&item.group).copied().unwrap_or(0),
    };
    items.iter().map(of).collect()
}
