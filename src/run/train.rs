//! `train`: from decisions to a stored model.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::champion::{LEXICONS, fingerprint};
use super::exit::VerbError;
use super::input::{self, Input};
use super::project::Project;
use super::stages::Stages;
use super::training::{LabelledItems, LeftOut, Matrices, labelled_items};
use crate::config;
use crate::evaluation::{LabelMetrics, Predictions};
use crate::models::{
    self, CalibrationMethod, FitStage, Fitted, LabelReport, LabelTargets, ModelConfig, TextBlocks, TextConfig, TrainingSet,
    TreesConfig,
};
use crate::store::{self, DataWindow, LabelCounts, ManifestFacts, ModelVersion};
use crate::units::Day;

/// When a new model becomes champion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromotePolicy {
    /// Only when there is no champion yet.
    FirstOnly,
    /// Always.
    Always,
}

/// What a training gave.
#[derive(Debug, Serialize)]
pub struct Trained {
    /// The version.
    pub version: String,
    /// Whether it is champion now.
    pub champion: bool,
    /// Out-of-fold metrics by label; a label without a model has none.
    pub metrics: Vec<LabelMetrics>,
    /// Labels without a model, with the reason.
    pub skipped: BTreeMap<String, String>,
    /// Decisions that were not used.
    pub left_out: LeftOut,
    /// Whether all decisions fall on one day, so that nothing could be split by time.
    pub untimed: bool,
}

/// Learns from the decisions made before the midnight of `until` and stores the model.
///
/// # Errors
/// When the input breaks its contract, or no label can be trained.
pub fn train(project: &Project, until: Day, promote: PromotePolicy, stages: &mut Stages) -> anyhow::Result<Trained> {
    if project.config.active_labels().len() == 0 {
        return Err(VerbError::NoLabels.into());
    }
    let plan = input::plan(project)?;
    let features = input::feature_set(&project.config, &project.lexicons, &plan.extra_columns)?;
    let input = input::read(project, plan, until, &features, stages)?;

    let mut stage = stages.begin("features", input.spilled.n_shards() as u64);
    let mut labelled = labelled_items(project, &input, until, &mut stage)?;
    let matrices = labelled.matrices(input.features.names(), project.config.features.text_buckets);
    stages.end(stage);

    let fitted = fit(project, &labelled, &matrices, stages)?;
    let untimed = is_untimed(&matrices.days);
    let metrics = metrics_of(&labelled.targets, &fitted.reports)?;
    let skipped = skipped_of(&fitted.reports);
    if metrics.is_empty() {
        return Err(VerbError::NothingToLearn { reasons: reasons(&skipped, &fitted.reports) }.into());
    }

    let version = save(project, &input, &labelled, &matrices, &fitted, until)?;
    let models = &project.config.models;
    let first = store::champion(&models.path, &models.label_set)?.is_none();
    let champion = first || promote == PromotePolicy::Always;
    if champion {
        store::promote(&models.path, &models.label_set, &version.name)?;
    }
    Ok(Trained { version: version.name, champion, metrics, skipped, left_out: labelled.left_out, untimed })
}

fn fit(project: &Project, labelled: &LabelledItems, matrices: &Matrices, stages: &mut Stages) -> anyhow::Result<Fitted> {
    let set = TrainingSet {
        features: &matrices.features,
        text: &matrices.text,
        groups: &matrices.groups,
        days: &matrices.days,
        timed: !is_untimed(&matrices.days),
    };
    let mut stage = stages.begin("fit", labelled.targets.len() as u64);
    stage.items = labelled.items.len() as u64;
    let fitted = models::fit(&set, &labelled.targets, &model_config(&project.config.train), &|progress| {
        stage.say(&format!("{} {:?}", progress.label, progress.stage).to_lowercase());
        if progress.stage == FitStage::Done {
            stage.step();
        }
    })?;
    stages.end(stage);
    Ok(fitted)
}

/// Fewer than two distinct days leave nothing to split by time.
fn is_untimed(days: &[i32]) -> bool {
    days.iter().min() == days.iter().max()
}

fn model_config(train: &config::TrainConfig) -> ModelConfig {
    ModelConfig {
        folds: train.folds,
        gap_days: i32::try_from(train.gap_days).unwrap_or(i32::MAX),
        min_positives: train.min_positives,
        min_negatives: train.min_negatives,
        seed: train.seed,
        text: TextConfig {
            c: train.text.c,
            max_ngrams: train.text.max_ngrams,
            min_documents: train.text.min_documents,
            tolerance: train.text.tolerance,
            max_iterations: train.text.max_iterations,
            blocks: match train.text.blocks {
                config::TextBlocks::Joint => TextBlocks::Joint,
                config::TextBlocks::Halves => TextBlocks::Halves,
            },
        },
        trees: TreesConfig {
            rounds: train.trees.rounds,
            depth: train.trees.depth,
            learning_rate: train.trees.learning_rate,
            l2: train.trees.l2,
            min_child_weight: train.trees.min_child_weight,
            max_bins: train.trees.max_bins,
            early_stopping_rounds: train.trees.early_stopping_rounds,
            row_share: train.trees.row_share,
            column_share: train.trees.column_share,
            seed: train.seed,
        },
        calibration: match train.calibration {
            config::CalibrationMethod::Auto => CalibrationMethod::Auto,
            config::CalibrationMethod::Platt => CalibrationMethod::Platt,
            config::CalibrationMethod::Isotonic => CalibrationMethod::Isotonic,
        },
    }
}

/// Out-of-fold metrics of each label that has a model.
fn metrics_of(targets: &[LabelTargets], reports: &[LabelReport]) -> anyhow::Result<Vec<LabelMetrics>> {
    let fitted = targets.iter().zip(reports).filter(|(_, report)| report.skipped.is_none());
    let metrics = fitted.map(|(target, report)| {
        let held_out = report.out_of_fold.iter().zip(&target.positive).filter_map(|(p, positive)| Some(((*p)?, *positive)));
        let (probability, positive): (Vec<f64>, Vec<bool>) = held_out.unzip();
        let predictions = Predictions::new(&probability, &positive)?;
        Ok(LabelMetrics::measure(target.label.clone(), &predictions))
    });
    metrics.collect()
}

fn skipped_of(reports: &[LabelReport]) -> BTreeMap<String, String> {
    let skipped = reports.iter().filter_map(|report| Some((report.label.to_string(), name_of(&report.skipped?)?)));
    skipped.collect()
}

/// The snake-case name that serde gives a value.
fn name_of(value: &impl Serialize) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}

fn reasons(skipped: &BTreeMap<String, String>, reports: &[LabelReport]) -> String {
    let line = |report: &LabelReport| {
        let why = skipped.get(report.label.as_str()).map_or("", String::as_str).replace('_', " ");
        format!("`{}` has {} decisions, {} of them violating ({why})", report.label, report.n, report.positives)
    };
    reports.iter().map(line).collect::<Vec<_>>().join("; ")
}

fn save(
    project: &Project,
    input: &Input,
    labelled: &LabelledItems,
    matrices: &Matrices,
    fitted: &Fitted,
    until: Day,
) -> anyhow::Result<ModelVersion> {
    let days = || matrices.days.iter().copied().map(Day);
    let facts = ManifestFacts {
        feature_fingerprint: fingerprint(&input.features, project),
        feature_names: input.features.names().to_vec(),
        labels: labelled.targets.iter().map(|target| target.label.to_string()).collect(),
        trained_as_of: until,
        data_window: DataWindow { first: days().min().unwrap_or(until), last: days().max().unwrap_or(until) },
        counts: fitted
            .reports
            .iter()
            .map(|report| (report.label.to_string(), LabelCounts { rows: report.n, positives: report.positives }))
            .collect(),
        feature_fingerprints: input.features.fingerprints(),
        lexicon_hashes: BTreeMap::from([(LEXICONS.to_owned(), project.lexicons.fingerprint().to_owned())]),
        signal_hashes: input.features.hashes_of("signal"),
        seed: project.config.train.seed,
        config_digest: blake3::hash(project.config.canonical_json().as_bytes()).to_hex().to_string(),
        program_version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let models = &project.config.models;
    let metrics = metrics_json(labelled, matrices, fitted)?;
    Ok(store::save(&models.path, &models.label_set, &fitted.model.to_parts(), &facts, &metrics)?)
}

/// `metrics.json`: out-of-fold metrics, candidates and choices by label.
fn metrics_json(labelled: &LabelledItems, matrices: &Matrices, fitted: &Fitted) -> anyhow::Result<Value> {
    let metrics = metrics_of(&labelled.targets, &fitted.reports)?;
    let labels = fitted.reports.iter().map(|report| {
        json!({
            "label": report.label,
            "n": report.n,
            "positives": report.positives,
            "skipped": report.skipped,
            "split": report.split,
            "held_out": metrics.iter().find(|m| m.label == report.label),
            "candidates": report.candidates,
            "c": report.c,
            "rounds": report.rounds,
            "calibration": report.calibration,
        })
    });
    Ok(json!({
        "untimed": is_untimed(&matrices.days),
        "rows": labelled.items.len(),
        "left_out": labelled.left_out,
        "labels": labels.collect::<Vec<_>>(),
    }))
}
