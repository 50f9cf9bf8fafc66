//! Decisions turned into a training set: one row per item and midnight, the labels' verdicts beside it.

use std::collections::{BTreeMap, BTreeSet};

use super::decisions::{GatheredDecision, LabelScope, aggregate_config, taught_spine};
use super::input::{Input, odd_embeddings};
use super::project::Project;
use super::stages::Stage;
use crate::dataset::{Item, known_decisions};
use crate::features::{FeatureMatrix, FeatureSet};
use crate::feedback::{Aggregated, AggregatedLabel, DatedDecision, aggregate};
use crate::models::{LabelTargets, TrainingSet};
use crate::scoring::ScoredLabel;
use crate::text::SparseRows;
use crate::units::{AsOf, Day, Id, Market, Verdict};

/// Rows to learn from or to measure on, ordered by item and midnight whatever the number of shards.
pub(super) struct LabelledItems {
    /// The rows.
    pub items: Vec<Item>,
    /// For each active label, the rows that have a verdict, each weighted by how certain it is.
    pub targets: Vec<LabelTargets>,
    /// Mean minutes of a review of each active label, where decisions say.
    pub minutes: Vec<Option<f64>>,
    /// What was left out of the decisions, and why.
    pub left_out: LeftOut,
    /// The labels with what they rest on.
    pub aggregated: Aggregated,
    /// The names of the items' features.
    pub names: Vec<String>,
    /// All known decisions, by item.
    pub decisions: Vec<GatheredDecision>,
}

/// Decisions that were not used.
#[derive(Debug, Clone, Copy, Default, serde::Serialize)]
pub struct LeftOut {
    /// Made by a rule or a model, where those do not count.
    pub automatic: u64,
    /// For a label that the project does not score, or outside its content types.
    pub out_of_scope: u64,
    /// Replaced by an appeal (the appeal's verdict was used).
    pub overturned: u64,
    /// They overturn each other in a circle.
    pub circular: u64,
    /// Used, but the rows are of items published at or after the midnight before: those have no history.
    pub same_day: u64,
    /// Cases of one item and label whose verdicts contradict each other in equal number.
    pub tied: u64,
}

/// Collects the decisions made before the midnight at which `until` begins, with the items' `features`.
///
/// # Errors
/// When the spill cannot be read.
pub(super) fn labelled_items(
    project: &Project,
    input: &Input,
    features: &FeatureSet,
    until: Day,
    stage: &mut Stage,
) -> anyhow::Result<LabelledItems> {
    let zones = &project.config.time.zones;
    let scope = LabelScope::of(project);
    let config = aggregate_config(&project.config.train.labels);
    let until = zones.default_as_of(until).instant;
    let mut items: Vec<Item> = Vec::new();
    let mut decisions: Vec<GatheredDecision> = Vec::new();
    let mut same_day = 0;
    for index in 0..input.spilled.n_shards() {
        let shard = input.shard(index, project)?;
        let known = known_decisions(&shard, until, zones);
        let spine = taught_spine(&shard, &known, &scope, &config);
        items.extend(input.builder_of(&shard, project, features).build(&spine)?);
        decisions.extend(known.iter().map(GatheredDecision::of));
        same_day += spine.iter().filter(|row| row.same_day).count() as u64;
        stage.items += spine.len() as u64;
        stage.step();
    }
    let odd = items.iter().filter(|item| item.odd_embedding).count() as u64;
    if let Some(warning) = odd_embeddings(odd, project) {
        tracing::warn!("{warning}");
    }
    items.sort_by(|a, b| key_of(a).cmp(&key_of(b)));
    decisions.sort_by(|a, b| a.key().cmp(&b.key()));
    let dated: Vec<DatedDecision<'_>> = decisions.iter().map(|decision| decision.dated(&scope)).collect();
    let aggregated = aggregate(&dated, &config);
    let left_out = LeftOut {
        automatic: aggregated.left_out.automatic,
        out_of_scope: aggregated.left_out.out_of_scope,
        overturned: aggregated.left_out.overturned,
        circular: aggregated.left_out.circular,
        same_day,
        tied: aggregated.left_out.tied_cases,
    };
    let labels = project.scored_labels();
    let targets = labels.iter().map(|label| targets_of(label, &aggregated, &items)).collect();
    let minutes = mean_minutes(&labels, &aggregated, &decisions);
    Ok(LabelledItems { items, targets, minutes, left_out, aggregated, names: features.names().to_vec(), decisions })
}

fn key_of(item: &Item) -> (&Id, AsOf) {
    (&item.content_id, item.as_of)
}

/// The labels of the rows, which are by item and midnight as the labels are.
fn targets_of(label: &ScoredLabel, aggregated: &Aggregated, items: &[Item]) -> LabelTargets {
    let place = |found: &AggregatedLabel| items.binary_search_by(|item| key_of(item).cmp(&(&found.content_id, found.as_of))).ok();
    let of_label = aggregated.labels.iter().filter(|found| found.label == label.id);
    let mut targets = LabelTargets {
        label: label.id.clone(),
        kind: label.kind,
        rows: Vec::new(),
        positive: Vec::new(),
        weight: Vec::new(),
        inclusion: Vec::new(),
    };
    for (row, found) in of_label.filter_map(|found| Some((place(found)?, found))) {
        targets.rows.push(row as u32);
        targets.positive.push(found.verdict == Verdict::Violating);
        targets.weight.push(found.weight);
        targets.inclusion.push(found.inclusion_probability);
    }
    targets
}

/// Mean minutes of the reviews that each label's rows rest on, where they say; an appeal's are not those of a review.
fn mean_minutes(labels: &[ScoredLabel], aggregated: &Aggregated, decisions: &[GatheredDecision]) -> Vec<Option<f64>> {
    let known: BTreeMap<&Id, f64> =
        decisions.iter().filter_map(|d| Some((&d.decision.decision_id, d.decision.minutes?))).collect();
    let mut reviews: BTreeMap<&Id, BTreeSet<&Id>> = BTreeMap::new();
    for label in &aggregated.labels {
        let originals = label.sources.iter().map(|source| source.replaces.as_ref().unwrap_or(&source.decision_id));
        reviews.entry(&label.label).or_default().extend(originals);
    }
    let mean = |label: &ScoredLabel| {
        let minutes: Vec<f64> = reviews.get(&label.id)?.iter().filter_map(|id| known.get(id).copied()).collect();
        (!minutes.is_empty()).then(|| minutes.iter().sum::<f64>() / minutes.len() as f64)
    };
    labels.iter().map(mean).collect()
}

/// The design matrices of a training set.
#[derive(Debug)]
pub(super) struct Matrices {
    /// Features.
    pub features: FeatureMatrix,
    /// N-gram counts.
    pub text: SparseRows,
    /// Fold groups.
    pub groups: Vec<u64>,
    /// Day of each row's midnight.
    pub days: Vec<i32>,
    /// Market of each row.
    pub markets: Vec<Market>,
}

impl Matrices {
    /// Fewer than two distinct days leave nothing to split by time.
    #[must_use]
    pub(super) fn is_untimed(&self) -> bool {
        self.days.iter().min() == self.days.iter().max()
    }

    /// What a fit learns from.
    #[must_use]
    pub(super) fn set(&self) -> TrainingSet<'_> {
        TrainingSet {
            features: &self.features,
            text: &self.text,
            groups: &self.groups,
            days: &self.days,
            markets: &self.markets,
            timed: !self.is_untimed(),
        }
    }
}

impl LabelledItems {
    /// The rows as matrices, in the same order. The items' own copies are given up.
    #[must_use]
    pub(super) fn matrices(&mut self, names: &[String], buckets: u32) -> Matrices {
        let mut features = FeatureMatrix::new(names.to_vec());
        let mut text = SparseRows::new(buckets);
        for item in &mut self.items {
            features.push_row(&std::mem::take(&mut item.features));
            text.push_row(&std::mem::take(&mut item.ngrams));
        }
        Matrices {
            features,
            text,
            groups: self.items.iter().map(|item| item.group).collect(),
            days: self.items.iter().map(|item| item.as_of.day.0).collect(),
            markets: self.items.iter().map(|item| item.market).collect(),
        }
    }
}
