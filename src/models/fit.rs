//! From a training set to a model: a table of contents.

use rayon::prelude::*;

use super::abuse::{self, HeldOutLabel};
use super::bins::{BinEdges, BinnedColumn, bin_columns, feature_values};
use super::calibration_weights::CalibrationWeights;
use super::design::{Design, Vocabulary};
use super::folds::{Split, folds_of};
use super::leak::{self, Singles, Verdicts};
use super::model::{LabelModel, LabelSlot, Model};
use super::peers::peers;
use super::report::{FitProgress, FitStage, LabelReport, SkipReason};
use super::sampling_weights::{SamplingWeights, sampling_weights};
use super::shapley::LazyTables;
use super::stack::{LabelRows, StackInput, stack};
use super::text_jobs::{TextJobs, TextLabel, TextScores};
use super::text_weights::TextModel;
use super::{LabelTargets, Leaks, ModelConfig, ModelError, SamplingMode, SingleFeature, TrainingSet, training};
use crate::features::{Direction, direction};
use crate::units::{LabelKind, Market};

/// A model and what its fit says of itself, label by label in the order of the targets.
#[derive(Debug)]
pub struct Fitted {
    /// The model.
    pub model: Model,
    /// One report per set of targets.
    pub reports: Vec<LabelReport>,
}

/// What all labels share.
struct Shared<'a> {
    set: &'a TrainingSet<'a>,
    config: &'a ModelConfig,
    design: Design,
    columns: Vec<BinnedColumn>,
    progress: &'a (dyn Fn(FitProgress) + Sync),
}

/// What stands before any fit.
struct Prepared {
    edges: Vec<BinEdges>,
    columns: Vec<BinnedColumn>,
    /// One a label, as are those below.
    splits: Vec<Split>,
    skipped: Vec<Option<SkipReason>>,
    single_features: Vec<Vec<SingleFeature>>,
}

/// What the text gave, for the labels that have enough to learn from.
struct Texts {
    /// Their positions among the targets.
    labels: Vec<usize>,
    /// Their scores.
    scores: Vec<TextScores>,
    /// The bins of their scores.
    edges: Vec<BinEdges>,
}

/// One label's outcome.
struct LabelFit {
    model: Option<LabelModel>,
    report: LabelReport,
}

/// Fits one model per label, side by side on rayon's current pool; the result has the same bits for any number of threads.
///
/// A label with too few rows of a class gets no model, and its report says why. `progress` is called from several threads.
///
/// # Errors
/// When the configuration or the training set breaks a rule, or a feature is too good to be true: see [`ModelError`].
pub fn fit(
    set: &TrainingSet,
    targets: &[LabelTargets],
    config: &ModelConfig,
    progress: &(dyn Fn(FitProgress) + Sync),
) -> Result<Fitted, ModelError> {
    let Prepared { edges, columns, splits, skipped, single_features } = Prepared::new(set, targets, config)?;
    let (weighted, sampling) = weigh(targets, config.sampling);
    let targets = &weighted[..];
    let vocabulary = Vocabulary::learn(set.text, config.text.min_documents, config.text.blocks);
    let shared = Shared { set, config, design: Design::new(&vocabulary, set.text), columns, progress };
    let texts = fit_texts(&shared, targets, &splits, &skipped);
    let fits: Vec<LabelFit> = (0..targets.len())
        .into_par_iter()
        .map(|at| match skipped[at] {
            Some(reason) => skip_label(&shared, &targets[at], reason),
            None => fit_label(&shared, targets, &splits, at, &texts, sampling.get(at).and_then(Option::as_ref)),
        })
        .collect();
    let abuse = fit_abuse(&shared, targets, &splits, &fits);
    let mut labels = Vec::with_capacity(fits.len());
    let mut reports = Vec::with_capacity(fits.len());
    for ((target, fit), single_features) in targets.iter().zip(fits).zip(single_features) {
        labels.push(LabelSlot { label: target.label.clone(), kind: target.kind, model: fit.model });
        reports.push(LabelReport { single_features, ..fit.report });
    }
    let text = TextModel::of(texts.scores.iter().map(|scores| &scores.model), texts.edges, shared.design.n_columns);
    let model = Model { features: set.features.names.clone(), edges, vocabulary, text, labels, abuse };
    Ok(Fitted { model, reports })
}

/// Checks what [`fit`] checks before it fits, leaks among it, for a caller that will fit for long.
///
/// # Errors
/// Those of [`fit`].
pub fn check_fit(set: &TrainingSet, targets: &[LabelTargets], config: &ModelConfig) -> Result<(), ModelError> {
    Prepared::new(set, targets, config).map(|_| ())
}

impl Prepared {
    fn new(set: &TrainingSet, targets: &[LabelTargets], config: &ModelConfig) -> Result<Self, ModelError> {
        config.check()?;
        training::check(set, targets)?;
        let names = &set.features.names;
        leak::check_allowed(names, &config.leak)?;
        let edges: Vec<BinEdges> = (0..set.features.n_features)
            .into_par_iter()
            .map(|feature| BinEdges::learn(feature_values(set.features, feature), config.trees.max_bins))
            .collect();
        let columns = bin_columns(set.features, &edges);
        let splits: Vec<Split> = targets.iter().map(|target| Split::new(set, target, config)).collect();
        let skipped: Vec<Option<SkipReason>> =
            targets.iter().zip(&splits).map(|(target, split)| skip_reason(target, split, config)).collect();
        // Only a label that gets a model can be misled.
        let singles: Vec<Singles> = (targets.par_iter().zip(&splits).zip(&skipped))
            .map(|((target, split), skipped)| match skipped {
                Some(_) => Singles::default(),
                None => leak::singles(Verdicts::of(target, &split.trains), names, &columns, &config.leak),
            })
            .collect();
        let (single_features, leaks): (Vec<_>, Vec<_>) = singles.into_iter().map(|found| (found.best, found.leaks)).unzip();
        let leaks = Leaks(leaks.into_iter().flatten().collect());
        match leaks.0.is_empty() {
            true => Ok(Self { edges, columns, splits, skipped, single_features }),
            false => Err(ModelError::Leak { leaks, limit: config.leak.max_auc }),
        }
    }
}

/// The targets with the weights that they train with, and how much of the population their rows stand for, where that is asked for and
/// known.
fn weigh(targets: &[LabelTargets], mode: SamplingMode) -> (Vec<LabelTargets>, Vec<Option<SamplingWeights>>) {
    let mut weighted = targets.to_vec();
    if mode == SamplingMode::None {
        return (weighted, Vec::new());
    }
    let sampling = sampling_weights(targets).unwrap_or_default();
    if mode == SamplingMode::InverseInclusion {
        for (target, sampling) in weighted.iter_mut().zip(&sampling) {
            let by = sampling.iter().flat_map(|sampling| &sampling.weight);
            target.weight.iter_mut().zip(by).for_each(|(weight, by)| *weight *= by);
        }
    }
    (weighted, sampling)
}

fn fit_texts(shared: &Shared, targets: &[LabelTargets], splits: &[Split], skipped: &[Option<SkipReason>]) -> Texts {
    let n_rows = shared.set.groups.len();
    let labels: Vec<usize> = (0..targets.len()).filter(|at| skipped[*at].is_none()).collect();
    let of_label = |at: &usize| {
        let (target, split) = (&targets[*at], &splits[*at]);
        let mut label = TextLabel { positive: vec![false; n_rows], weight: vec![0.0; n_rows], trains: vec![true; n_rows] };
        for (i, row) in target.rows.iter().enumerate() {
            let row = *row as usize;
            (label.positive[row], label.weight[row], label.trains[row]) = (target.positive[i], target.weight[i], split.trains[i]);
        }
        label
    };
    let verdicts: Vec<TextLabel> = labels.iter().map(of_label).collect();
    let fold = folds_of(shared.set.groups, shared.config);
    let jobs = TextJobs {
        design: &shared.design,
        labels: &verdicts,
        fold: &fold,
        n_folds: shared.config.folds,
        config: &shared.config.text,
    };
    let scores = jobs.run();
    let max_bins = shared.config.trees.max_bins;
    let edges = scores.iter().map(|s| BinEdges::learn(s.out_of_fold.iter().map(|s| *s as f32), max_bins)).collect();
    labels.iter().for_each(|at| shared.say(&targets[*at], FitStage::Text));
    Texts { labels, scores, edges }
}

fn skip_label(shared: &Shared, target: &LabelTargets, reason: SkipReason) -> LabelFit {
    let report = LabelReport { skipped: Some(reason), ..blank_report(target, shared.config) };
    shared.say(target, FitStage::Done);
    LabelFit { model: None, report }
}

fn fit_label(
    shared: &Shared,
    targets: &[LabelTargets],
    splits: &[Split],
    at: usize,
    texts: &Texts,
    sampling: Option<&SamplingWeights>,
) -> LabelFit {
    let (target, split) = (&targets[at], &splits[at]);
    let columns: Vec<BinnedColumn> = shared.columns.iter().map(|column| column.select(&target.rows)).collect();
    let usable: Vec<bool> = texts.labels.iter().map(|other| split.may_hear(&splits[*other])).collect();
    let label = LabelRows { rows: &target.rows, positive: &target.positive, weight: &target.weight };
    let CalibrationWeights { basis, weight: calibration_weight } =
        CalibrationWeights::of(target, split, sampling.map(|sampling| &sampling.weight[..]));
    let markets: Vec<Market> = target.rows.iter().filter_map(|row| shared.set.markets.get(*row as usize).copied()).collect();
    let own = texts.labels.iter().position(|other| *other == at).unwrap_or(0);
    let stacked = stack(StackInput {
        label,
        split,
        columns: &columns,
        directions: &directions(&shared.set.features.names, target.kind),
        texts: &texts.scores,
        own,
        usable: &usable,
        text_edges: &texts.edges,
        calibration_weight: &calibration_weight,
        markets: &markets,
        peers: &peers(shared.set.features, label, split, shared.config),
        config: shared.config,
    });
    shared.say(target, FitStage::Trees);
    let report = LabelReport {
        split: Some(split.kind),
        text_weighting: texts.scores.get(own).map(|text| text.weighting),
        candidates: stacked.candidates,
        kept: Some(stacked.kept),
        rounds: stacked.trees.trees.len(),
        calibration: Some(stacked.calibrated.calibrator.common.method()),
        basis: Some(basis),
        sampling: sampling.map(|sampling| sampling.report),
        calibration_weight,
        markets: stacked.calibrated.markets,
        out_of_fold: stacked.out_of_fold,
        ..blank_report(target, shared.config)
    };
    let model = LabelModel {
        line: stacked.trees.line,
        trees: stacked.trees.trees,
        shapley: LazyTables::default(),
        calibrator: stacked.calibrated.calibrator,
        basis,
    };
    shared.say(target, FitStage::Done);
    LabelFit { model: Some(model), report }
}

impl Shared<'_> {
    fn say(&self, target: &LabelTargets, stage: FitStage) {
        (self.progress)(FitProgress { label: target.label.clone(), stage });
    }
}

/// Abuse labels are held to what the features declare; quality labels are free.
fn directions(names: &[String], kind: LabelKind) -> Vec<Option<Direction>> {
    match kind {
        LabelKind::Abuse => names.iter().map(|name| direction(name)).collect(),
        LabelKind::Quality => Vec::new(),
    }
}

fn blank_report(target: &LabelTargets, config: &ModelConfig) -> LabelReport {
    LabelReport {
        label: target.label.clone(),
        n: target.rows.len() as u64,
        positives: target.positive.iter().filter(|y| **y).count() as u64,
        skipped: None,
        split: None,
        single_features: Vec::new(),
        candidates: Vec::new(),
        kept: None,
        c: config.text.c,
        text_weighting: None,
        rounds: 0,
        calibration: None,
        basis: None,
        sampling: None,
        calibration_weight: Vec::new(),
        markets: Vec::new(),
        out_of_fold: vec![None; target.rows.len()],
    }
}

fn skip_reason(target: &LabelTargets, split: &Split, config: &ModelConfig) -> Option<SkipReason> {
    let positives = target.positive.iter().filter(|y| **y).count() as u64;
    let negatives = target.positive.len() as u64 - positives;
    if positives < config.min_positives.max(1) {
        Some(SkipReason::TooFewPositives)
    } else if negatives < config.min_negatives.max(1) {
        Some(SkipReason::TooFewNegatives)
    } else if !split.is_workable(&target.positive) {
        Some(SkipReason::TooFewGroups)
    } else {
        None
    }
}

fn fit_abuse(
    shared: &Shared,
    targets: &[LabelTargets],
    splits: &[Split],
    fits: &[LabelFit],
) -> Option<super::calibration::Calibrator> {
    let held_out: Vec<HeldOutLabel> = (targets.iter().zip(splits))
        .zip(fits)
        .filter(|((target, _), fit)| target.kind == LabelKind::Abuse && fit.model.is_some())
        .map(|((target, split), fit)| HeldOutLabel {
            rows: &target.rows,
            positive: &target.positive,
            weight: &fit.report.calibration_weight,
            out_of_fold: &fit.report.out_of_fold,
            split,
        })
        .collect();
    abuse::fit(&held_out, shared.set.groups.len(), shared.config.calibration)
}
