//! The one scorer: applies a fitted model to items.

use std::borrow::Borrow;
use std::collections::BTreeSet;

use rayon::prelude::*;

use super::combine::{expected_harm, quality_product};
use super::rank::RankRules;
use super::reasons::strongest;
use super::row::ScoreRow;
use super::words::{WordContribution, word_contributions};
use crate::config::BandLimits;
use crate::dataset::Item;
use crate::models::{BlockScorer, CalibrationBasis, Model, RowInput, RowScratch};
use crate::text::NgramConfig;
use crate::units::{ContentType, Id, LabelKind, Severity, Treatment};

/// A label of the project as the scorer sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredLabel {
    /// Identifier: the score column is `p_<id>`.
    pub id: Id,
    /// Abuse or quality.
    pub kind: LabelKind,
    /// Severity.
    pub severity: Severity,
    /// Exponent in `quality`.
    pub weight: f64,
    /// Content types that the label applies to.
    pub content_types: BTreeSet<ContentType>,
}

/// The band of a row (`[score.bands]` of the configuration). A score that is null is left out of the comparison; without any the
/// row is `unscored`.
#[must_use]
pub fn band_of(limits: &BandLimits, abuse: Option<f64>, quality: Option<f64>) -> &'static str {
    let within =
        |least_quality: f64, most_abuse: f64| quality.is_none_or(|q| q >= least_quality) && abuse.is_none_or(|p| p <= most_abuse);
    match (abuse, quality) {
        (None, None) => "unscored",
        (Some(p), _) if p >= limits.severe_min_abuse => "severe",
        _ if within(limits.good_min_quality, limits.good_max_abuse) => "good",
        _ if within(limits.fair_min_quality, limits.fair_max_abuse) => "fair",
        _ => "poor",
    }
}

/// What turns probabilities into the other columns of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoreRules {
    /// The bands.
    pub bands: BandLimits,
    /// The rank multiplier.
    pub rank: RankRules,
    /// Days after the midnight for which a score may be used.
    pub expires_days: u32,
}

/// A model bound to the labels of a project.
pub struct Scorer<'a> {
    pub(super) model: &'a Model,
    blocks: BlockScorer<'a>,
    pub(super) labels: &'a [ScoredLabel],
    /// For each project label, its index in the model.
    pub(super) columns: Vec<Option<usize>>,
    ngrams: &'a NgramConfig,
    feature_names: &'a [String],
    pub(super) rules: ScoreRules,
}

impl<'a> Scorer<'a> {
    /// Binds `model` to `labels`; a label that the model doesn't know has no score. `feature_names` are in the order of the
    /// items' features.
    #[must_use]
    pub fn new(
        model: &'a Model,
        labels: &'a [ScoredLabel],
        ngrams: &'a NgramConfig,
        feature_names: &'a [String],
        rules: ScoreRules,
    ) -> Self {
        let columns = labels.iter().map(|label| model.labels().position(|(id, _, _)| *id == label.id)).collect();
        Self { model, blocks: model.block_scorer(), labels, columns, ngrams, feature_names, rules }
    }

    /// Scores items, in their order, on all threads of the current pool.
    #[must_use]
    pub fn score<T: Borrow<Item> + Sync>(&self, items: &[T]) -> Vec<ScoreRow> {
        let blocks = items.par_chunks(BlockScorer::ROWS);
        let scored = blocks.map(|block| block.iter().zip(self.block_probabilities(block)));
        let rows =
            scored.flat_map_iter(|rows| rows.map(move |(item, probabilities)| self.score_one(item.borrow(), probabilities)));
        rows.collect()
    }

    /// What [`Scorer::probabilities`] says of each item, on all threads of the current pool.
    #[must_use]
    pub fn all_probabilities(&self, items: &[Item]) -> Vec<Vec<Option<f64>>> {
        items.par_chunks(BlockScorer::ROWS).flat_map_iter(|block| self.block_probabilities(block)).collect()
    }

    /// What [`Scorer::probabilities`] says of each item of a block.
    fn block_probabilities<T: Borrow<Item>>(&self, items: &[T]) -> Vec<Vec<Option<f64>>> {
        let items = || items.iter().map(Borrow::borrow);
        let texts: Vec<(Vec<u32>, Vec<f32>)> = items().map(|item: &Item| item.ngrams.iter().copied().unzip()).collect();
        let rows = items().zip(&texts);
        let rows = rows.map(|(item, (buckets, counts))| RowInput {
            features: &item.features,
            text: (buckets, counts),
            market: Some(item.market),
        });
        let rows: Vec<RowInput> = rows.collect();
        self.blocks.predict(&rows).iter().map(|all| self.of_project(all)).collect()
    }

    /// Calibrated probabilities of the project's labels, without regard to content type.
    #[must_use]
    pub fn probabilities(&self, item: &Item) -> Vec<Option<f64>> {
        let (buckets, counts): (Vec<u32>, Vec<f32>) = item.ngrams.iter().copied().unzip();
        let text = (&buckets[..], &counts[..]);
        let all = self.model.predict_row(&item.features, text, Some(item.market), &mut RowScratch::default());
        self.of_project(&all)
    }

    /// The project's labels from the model's.
    fn of_project(&self, all: &[Option<f64>]) -> Vec<Option<f64>> {
        self.columns.iter().map(|column| column.and_then(|at| all.get(at).copied().flatten())).collect()
    }

    /// Which words carried the item's score for a label of the project, by its position: largest |contribution| first. `None` for
    /// a label without a model.
    #[must_use]
    pub fn words(&self, item: &Item, label: usize) -> Option<Vec<WordContribution>> {
        let column = self.columns.get(label).copied().flatten()?;
        let (buckets, counts): (Vec<u32>, Vec<f32>) = item.ngrams.iter().copied().unzip();
        let found = self.model.contributions(column, &item.features, (&buckets, &counts), &mut RowScratch::default())?;
        Some(word_contributions(&found, &item.text, self.ngrams))
    }

    /// The probability of any abuse from the project's probabilities.
    fn abuse(&self, probabilities: &[Option<f64>]) -> Option<f64> {
        let mut of_model = vec![None; self.model.labels().count()];
        for (column, p) in self.columns.iter().zip(probabilities) {
            if let Some(at) = column {
                of_model[*at] = *p;
            }
        }
        self.model.abuse(&of_model)
    }

    /// What the probabilities hold for, by the weakest of them.
    fn calibration(&self, probabilities: &[Option<f64>]) -> Option<CalibrationBasis> {
        let scored = self.columns.iter().zip(probabilities).filter_map(|(column, p)| p.and(*column));
        let bases = scored.filter_map(|column| self.model.calibration_basis(column));
        bases.reduce(|weakest, basis| if weakest == CalibrationBasis::Sample { weakest } else { basis })
    }

    fn score_one(&self, item: &Item, mut probabilities: Vec<Option<f64>>) -> ScoreRow {
        for (p, label) in probabilities.iter_mut().zip(self.labels) {
            if !label.content_types.contains(&item.content_type) {
                *p = None;
            }
        }
        let scored = || self.labels.iter().zip(&probabilities).filter_map(|(label, p)| p.map(|p| (label, p)));
        let of_kind = |kind: LabelKind| scored().filter(move |(label, _)| label.kind == kind);
        let abuse = self.abuse(&probabilities);
        let quality = quality_product(of_kind(LabelKind::Quality).map(|(label, p)| (p, label.weight)));
        let harm = expected_harm(of_kind(LabelKind::Abuse).map(|(label, p)| (p, label.severity)), item.forecast.views);
        let labels_scored = scored().count() as u32;
        let mut row = ScoreRow {
            content_id: item.content_id.clone(),
            content_type: item.content_type,
            seller_id: item.seller_id.clone(),
            market: item.market,
            category: item.category.clone(),
            calibration: self.calibration(&probabilities),
            abuse: abuse.map(|p| p as f32),
            quality: quality.map(|q| q as f32),
            expected_harm: harm,
            forecast_method: item.forecast.method.as_str().to_owned(),
            labels_scored,
            treatment: Treatment::Allow,
            rank_multiplier: 0.0,
            band: band_of(&self.rules.bands, abuse, quality).to_owned(),
            policy_ids: Vec::new(),
            shadow_policy_ids: Vec::new(),
            held_back_by: Vec::new(),
            reasons: self.reasons(item, &probabilities),
            coverage: item.coverage,
            expires_at: item.as_of.instant.plus_days(i64::from(self.rules.expires_days)),
            probabilities: probabilities.into_iter().map(|p| p.map(|p| p as f32)).collect(),
        };
        row.rank(&self.rules.rank, &[]);
        row
    }

    /// The label that a row's reasons are of, by its position: the abuse label with the largest severity-weighted probability, else
    /// the quality label with the largest probability. `None` when no label is scored.
    pub(super) fn leading(&self, probabilities: &[Option<f64>]) -> Option<usize> {
        let weight = |at: usize| match self.labels[at].kind {
            LabelKind::Abuse => self.labels[at].severity.weight(),
            LabelKind::Quality => 1.0,
        };
        let leading = |kind: LabelKind| {
            let scored = probabilities.iter().enumerate().filter_map(|(at, p)| p.map(|p| (at, p * weight(at))));
            let of_kind = scored.filter(|(at, _)| self.labels[*at].kind == kind);
            // The first of equals leads, so that the choice doesn't depend on iteration order.
            of_kind.fold(None, |best: Option<(usize, f64)>, next| match best {
                Some(best) if best.1 >= next.1 => Some(best),
                _ => Some(next),
            })
        };
        leading(LabelKind::Abuse).or_else(|| leading(LabelKind::Quality)).map(|(at, _)| at)
    }

    /// Reasons for the leading label.
    fn reasons(&self, item: &Item, probabilities: &[Option<f64>]) -> Vec<super::Reason> {
        let Some(at) = self.leading(probabilities) else { return Vec::new() };
        let Some(column) = self.columns[at] else { return Vec::new() };
        let (buckets, counts): (Vec<u32>, Vec<f32>) = item.ngrams.iter().copied().unzip();
        let found = self.model.contributions(column, &item.features, (&buckets, &counts), &mut RowScratch::default());
        let contributions = found.unwrap_or_default();
        strongest(&self.labels[at].id, &contributions, self.feature_names, &item.text, self.ngrams)
    }
}
