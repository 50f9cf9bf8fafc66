//! From a training set to a model: a table of contents.

use rayon::prelude::*;

use super::abuse::{self, HeldOutLabel};
use super::bins::{BinEdges, BinnedColumn, bin_columns, feature_values};
use super::design::{Design, Vocabulary};
use super::folds::Split;
use super::model::{LabelModel, LabelSlot, Model, TextWeights};
use super::report::{FitProgress, FitStage, LabelReport, SkipReason};
use super::shapley::LazyTables;
use super::stack::{StackInput, stack};
use super::text_jobs::{LabelRows, score_text};
use super::{LabelTargets, ModelConfig, ModelError, TrainingSet, training};
use crate::features::{Direction, direction};
use crate::units::LabelKind;

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

/// One label's outcome.
struct LabelFit {
    model: Option<LabelModel>,
    report: LabelReport,
    split: Split,
}

/// Fits one model per label, side by side on rayon's current pool; the result has the same bits for any number of threads.
///
/// A label with too few rows of a class gets no model, and its report says why. `progress` is called from several threads.
///
/// # Errors
/// When the configuration or the training set breaks a rule: see [`ModelError`].
pub fn fit(
    set: &TrainingSet,
    targets: &[LabelTargets],
    config: &ModelConfig,
    progress: &(dyn Fn(FitProgress) + Sync),
) -> Result<Fitted, ModelError> {
    config.check()?;
    training::check(set, targets)?;
    let vocabulary = Vocabulary::learn(set.text, config.text.min_documents, config.text.blocks);
    let edges: Vec<BinEdges> = (0..set.features.n_features)
        .into_par_iter()
        .map(|feature| BinEdges::learn(feature_values(set.features, feature), config.trees.max_bins))
        .collect();
    let columns = bin_columns(set.features, &edges);
    let shared = Shared { set, config, design: Design::new(&vocabulary, set.text), columns, progress };
    let fits: Vec<LabelFit> = targets.par_iter().map(|target| fit_label(&shared, target)).collect();
    let abuse = fit_abuse(&shared, targets, &fits);
    let mut labels = Vec::with_capacity(fits.len());
    let mut reports = Vec::with_capacity(fits.len());
    for (target, fit) in targets.iter().zip(fits) {
        labels.push(LabelSlot { label: target.label.clone(), kind: target.kind, model: fit.model });
        reports.push(fit.report);
    }
    let model = Model { features: set.features.names.clone(), edges, vocabulary, labels, abuse };
    Ok(Fitted { model, reports })
}

fn fit_label(shared: &Shared, target: &LabelTargets) -> LabelFit {
    let split = Split::new(shared.set, target, shared.config);
    let mut report = blank_report(target, shared.config);
    report.skipped = skip_reason(target, &split, shared.config);
    let say = |stage| (shared.progress)(FitProgress { label: target.label.clone(), stage });
    if report.skipped.is_some() {
        say(FitStage::Done);
        return LabelFit { model: None, report, split };
    }
    let label = LabelRows { rows: &target.rows, positive: &target.positive, weight: &target.weight };
    let text = score_text(&shared.design, label, &split, &shared.config.text);
    say(FitStage::Text);
    let columns: Vec<BinnedColumn> = shared.columns.iter().map(|column| column.select(&target.rows)).collect();
    let directions = directions(&shared.set.features.names, target.kind);
    let stacked = stack(StackInput {
        label,
        split: &split,
        columns: &columns,
        directions: &directions,
        text: &text,
        config: shared.config,
    });
    say(FitStage::Trees);
    report.split = Some(split.kind);
    report.candidates = stacked.candidates;
    report.kept = Some(stacked.kept);
    report.rounds = stacked.trees.trees.len();
    report.calibration = Some(stacked.calibrator.method());
    report.out_of_fold = stacked.out_of_fold;
    let (columns, values) = text.model.nonzero();
    let model = LabelModel {
        text: TextWeights::new(columns, values, text.model.intercept, shared.design.n_columns),
        line: stacked.trees.line,
        text_edges: stacked.trees.text_edges,
        trees: stacked.trees.trees,
        shapley: LazyTables::default(),
        calibrator: stacked.calibrator,
    };
    say(FitStage::Done);
    LabelFit { model: Some(model), report, split }
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
        candidates: Vec::new(),
        kept: None,
        c: config.text.c,
        rounds: 0,
        calibration: None,
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

fn fit_abuse(shared: &Shared, targets: &[LabelTargets], fits: &[LabelFit]) -> Option<super::calibration::Calibrator> {
    let held_out: Vec<HeldOutLabel> = targets
        .iter()
        .zip(fits)
        .filter(|(target, fit)| target.kind == LabelKind::Abuse && fit.model.is_some())
        .map(|(target, fit)| HeldOutLabel {
            rows: &target.rows,
            positive: &target.positive,
            weight: &target.weight,
            out_of_fold: &fit.report.out_of_fold,
            split: &fit.split,
        })
        .collect();
    abuse::fit(&held_out, shared.set.groups.len(), shared.config.calibration)
}
