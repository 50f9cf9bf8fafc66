//! Decisions turned into a training set: one row per item and midnight, the labels' verdicts beside it.

use std::collections::BTreeMap;

use super::input::{Input, odd_embeddings};
use super::project::Project;
use super::stages::Stage;
use crate::dataset::{Item, TrainingExamples};
use crate::features::{FeatureMatrix, FeatureSet};
use crate::models::{LabelTargets, TrainingSet};
use crate::text::SparseRows;
use crate::units::{Day, Id, Market, Verdict};

/// Rows to learn from or to measure on, ordered by item and midnight whatever the number of shards.
pub(super) struct LabelledItems {
    /// The rows.
    pub items: Vec<Item>,
    /// For each active label, the rows that have a verdict.
    pub targets: Vec<LabelTargets>,
    /// Mean minutes of a review of each active label, where decisions say.
    pub minutes: Vec<Option<f64>>,
    /// What was left out of the decisions, and why.
    pub left_out: LeftOut,
}

/// Decisions that were not used.
#[derive(Debug, Clone, Copy, Default, serde::Serialize)]
pub struct LeftOut {
    /// Made by a rule or a model.
    pub automatic: u64,
    /// For a label that the project does not score, or outside its content types.
    pub out_of_scope: u64,
    /// Replaced by an appeal (the appeal's verdict was used).
    pub overturned: u64,
    /// Used, but on an item published at or after the midnight before: it has no history.
    pub same_day: u64,
    /// Verdicts on one item, label and day that contradict each other in equal number.
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
    let labels = project.label_types();
    let until = zones.default_as_of(until).instant;
    let mut items: Vec<Item> = Vec::new();
    let mut verdicts: Vec<(usize, Id, Review)> = Vec::new();
    let mut left_out = LeftOut::default();
    for index in 0..input.spilled.n_shards() {
        let shard = input.shard(index, project)?;
        let examples = TrainingExamples::of(&shard, &labels, until, zones);
        let (spine, rows) = examples.spine(&shard);
        let first = items.len();
        items.extend(input.builder_of(&shard, project, features).build(&spine)?);
        verdicts.extend(rows.iter().zip(&examples.rows).map(|(at, row)| {
            let review = Review {
                positive: row.verdict == Verdict::Violating,
                inclusion: row.inclusion_probability,
                minutes: row.minutes,
            };
            (first + at, row.label.clone(), review)
        }));
        left_out.automatic += examples.automatic;
        left_out.out_of_scope += examples.out_of_scope;
        left_out.overturned += examples.overturned;
        left_out.same_day += examples.same_day;
        stage.items += spine.len() as u64;
        stage.step();
    }
    let odd = items.iter().filter(|item| item.odd_embedding).count() as u64;
    if let Some(warning) = odd_embeddings(odd, project) {
        tracing::warn!("{warning}");
    }
    Ok(in_fixed_order(project, items, verdicts, left_out))
}

fn in_fixed_order(
    project: &Project,
    items: Vec<Item>,
    verdicts: Vec<(usize, Id, Review)>,
    mut left_out: LeftOut,
) -> LabelledItems {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by(|a, b| (&items[*a].content_id, items[*a].as_of).cmp(&(&items[*b].content_id, items[*b].as_of)));
    let mut place = vec![0; items.len()];
    for (new, old) in order.iter().enumerate() {
        place[*old] = new;
    }
    let mut by_label: BTreeMap<Id, Vec<(u32, Review)>> = BTreeMap::new();
    for (old, label, review) in verdicts {
        by_label.entry(label).or_default().push((place[old] as u32, review));
    }
    let mut items: Vec<Option<Item>> = items.into_iter().map(Some).collect();
    let items = order.into_iter().filter_map(|old| items[old].take()).collect();
    let mut minutes = Vec::new();
    let targets: Vec<LabelTargets> = project
        .scored_labels()
        .into_iter()
        .map(|label| {
            let reviews = by_label.remove(&label.id).unwrap_or_default();
            minutes.push(mean_minutes(&reviews));
            let rows = one_verdict_a_row(reviews, &mut left_out);
            LabelTargets {
                label: label.id,
                kind: label.kind,
                weight: vec![1.0; rows.len()],
                positive: rows.iter().map(|(_, review)| review.positive).collect(),
                inclusion: rows.iter().map(|(_, review)| review.inclusion).collect(),
                rows: rows.into_iter().map(|(row, _)| row).collect(),
            }
        })
        .collect();
    LabelledItems { items, targets, minutes, left_out }
}

/// Mean minutes of the reviews that say.
fn mean_minutes(reviews: &[(u32, Review)]) -> Option<f64> {
    let mut known: Vec<f64> = reviews.iter().filter_map(|(_, review)| review.minutes).collect();
    // Reviews of one row come in the order of their shard: the sum must not.
    known.sort_by(f64::total_cmp);
    (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
}

/// What one review, or all of one row together, said.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Review {
    positive: bool,
    /// The probability with which the item was drawn, where it is known.
    inclusion: Option<f64>,
    /// What it took, where it is known.
    minutes: Option<f64>,
}

/// Several reviews of one item on one day speak as their majority; a tie says nothing and is left out.
fn one_verdict_a_row(mut reviews: Vec<(u32, Review)>, left_out: &mut LeftOut) -> Vec<(u32, Review)> {
    reviews.sort_by_key(|(row, _)| *row);
    let rows = reviews.chunk_by(|a, b| a.0 == b.0);
    let majority = rows.filter_map(|same| {
        let violating = same.iter().filter(|(_, review)| review.positive).count();
        match (2 * violating).cmp(&same.len()) {
            std::cmp::Ordering::Equal => {
                left_out.tied += same.len() as u64;
                None
            }
            order => Some((same[0].0, Review { positive: order.is_gt(), inclusion: drawn_by_any(same), minutes: None })),
        }
    });
    majority.collect()
}

/// π = 1 − Π(1 − π_slice) over the slices that drew the item. Reviews with equal probability count as one slice: a second
/// reviewer of the same case carries the same one.
fn drawn_by_any(reviews: &[(u32, Review)]) -> Option<f64> {
    let mut known: Vec<f64> = reviews.iter().filter_map(|(_, review)| review.inclusion).collect();
    known.sort_by(f64::total_cmp);
    known.dedup();
    match known[..] {
        [] => None,
        [one] => Some(one),
        _ => Some(1.0 - known.iter().fold(1.0, |missed, pi| missed * (1.0 - pi))),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_reviews_speak_as_their_majority() {
        let mut left_out = LeftOut::default();
        let review = |row, positive| (row, Review { positive, inclusion: None, minutes: None });
        let reviews =
            [(2, true), (1, false), (2, true), (2, false), (3, true), (3, false)].map(|(row, y)| review(row, y)).to_vec();
        assert_eq!(one_verdict_a_row(reviews, &mut left_out), [review(1, false), review(2, true)]);
        assert_eq!(left_out.tied, 2);
    }

    #[test]
    fn slices_that_drew_one_item_add_up_to_one_probability() {
        let drawn = |known: &[Option<f64>]| {
            let of = |inclusion: &Option<f64>| (0, Review { positive: true, inclusion: *inclusion, minutes: None });
            one_verdict_a_row(known.iter().map(of).collect(), &mut LeftOut::default())[0].1.inclusion
        };
        assert_eq!(drawn(&[None, None]), None);
        assert_eq!(drawn(&[None, Some(0.1)]), Some(0.1));
        assert_eq!(drawn(&[Some(0.1), Some(0.1)]), Some(0.1));
        // 1 − ¾ · ½.
        assert_eq!(drawn(&[Some(0.25), Some(0.5)]), Some(0.625));
    }
}
