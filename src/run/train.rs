//! `train`: from decisions to a stored model.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::champion::{LEXICONS, fingerprint};
use super::classes::{self, ClassMetrics};
use super::exit::VerbError;
use super::held_out::{metrics_json, metrics_of};
use super::input::{self, Input};
use super::project::Project;
use super::reference::{reference_json, training_profile};
use super::stages::Stages;
use super::training::{LabelledItems, LeftOut, Matrices, labelled_items};
use super::tune::{Search, Tuned, tune};
use crate::config;
use crate::evaluation::LabelMetrics;
use crate::models::{
    self, CalibrationMethod, CandidatesConfig, FitStage, Fitted, LabelReport, LeakConfig, MarketLimits, ModelConfig,
    SamplingMode, TextBlocks, TextConfig, TextWeighting, TrainingSet, TreesConfig,
};
use crate::store::{self, ClassFactors, DataWindow, Judged, LabelCounts, ManifestFacts, ModelVersion, StoreError};
use crate::units::{Day, Id};

/// When a new model becomes champion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromotePolicy {
    /// Only when there is no champion yet.
    FirstOnly,
    /// Always.
    Always,
}

/// How to train.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrainRequest {
    /// When the new model becomes champion.
    pub promote: PromotePolicy,
    /// A search for better parameters before the fit.
    pub search: Option<Search>,
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
    /// How well labels that exclude each other are told apart, out of fold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<ClassMetrics>,
    /// Labels without a model, with the reason.
    pub skipped: BTreeMap<String, String>,
    /// Decisions that were not used.
    pub left_out: LeftOut,
    /// What the search found, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tuned: Option<Tuned>,
    /// Whether all decisions fall on one day, so that nothing could be split by time.
    pub untimed: bool,
}

/// What stood in the champion's place before a training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    /// Nothing: the new model becomes champion.
    None,
    /// A champion, or a pointer to one that cannot be read: only a promotion replaces it.
    Some,
}

impl Before {
    fn read(project: &Project) -> anyhow::Result<Self> {
        let models = &project.config.models;
        match store::champion(&models.path, &models.label_set) {
            Ok(None) => Ok(Self::None),
            Ok(Some(_)) => Ok(Self::Some),
            Err(error @ StoreError::Damaged { .. }) => {
                tracing::warn!("{error}; `stallmark promote --override` replaces it");
                Ok(Self::Some)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Learns from the decisions made before the midnight of `until` and stores the model. The store is written to at the end alone.
///
/// # Errors
/// When the input breaks its contract, no label can be trained, or the journal is of another search.
pub fn train(project: &Project, until: Day, request: TrainRequest, stages: &mut Stages) -> anyhow::Result<Trained> {
    if project.config.active_labels().len() == 0 {
        return Err(VerbError::NoLabels.into());
    }
    let before = Before::read(project)?;
    let plan = input::plan(project)?;
    let features = input::feature_set(&project.config, &project.lexicons, &plan.extra_columns)?;
    let input = input::read(project, plan, until, &features, stages)?;

    let mut stage = stages.begin("features", input.spilled.n_shards() as u64);
    let mut labelled = labelled_items(project, &input, &input.features, until, &mut stage)?;
    let matrices = labelled.matrices(input.features.names(), project.config.features.text_buckets);
    stages.end(stage);

    let (config, tuned) = match request.search {
        Some(search) => {
            let (config, tuned) = tune(&project.config.train, search, &matrices, &labelled.targets, stages)?;
            (config, Some(tuned))
        }
        None => (project.config.train.clone(), None),
    };
    let fitted = fit(&config, &labelled, &matrices.set(), stages)?;
    let untimed = matrices.is_untimed();
    let metrics = metrics_of(&labelled.targets, &fitted.reports)?;
    let skipped = skipped_of(&fitted.reports);
    if metrics.is_empty() {
        return Err(VerbError::NothingToLearn { reasons: reasons(&skipped, &fitted.reports) }.into());
    }

    let (factors, classes) = classes::learn(&project.config.classes, &labelled, &matrices, &fitted.reports);
    let outcome =
        Outcome { labelled: &labelled, matrices: &matrices, fitted: &fitted, tuned: &tuned, classes: &classes, factors };
    let version = save(project, &input, outcome, until)?;
    let models = &project.config.models;
    let champion = before == Before::None || request.promote == PromotePolicy::Always;
    if champion {
        let now = store::champion(&models.path, &models.label_set).ok().flatten();
        let judged =
            Judged { expected: now.as_deref(), action: "train", at: &project.rim.now.to_string(), reason: None, shortfalls: &[] };
        store::promote_judged(&models.path, &models.label_set, &version.name, &judged)?;
    }
    Ok(Trained { version: version.name, champion, metrics, classes, skipped, left_out: labelled.left_out, tuned, untimed })
}

/// Fits a model of every label to the rows of `set`, which are those of `labelled`.
///
/// # Errors
/// When a feature tells verdicts too well.
pub(super) fn fit(
    config: &config::TrainConfig,
    labelled: &LabelledItems,
    set: &TrainingSet<'_>,
    stages: &mut Stages,
) -> anyhow::Result<Fitted> {
    let rows_of: BTreeMap<&str, u64> =
        labelled.targets.iter().map(|target| (target.label.as_str(), target.rows.len() as u64)).collect();
    let mut stage = stages.begin_shares("fit", FIT_STAGES * rows_of.values().sum::<u64>());
    stage.items = labelled.items.len() as u64;
    let seen: Mutex<BTreeMap<Id, u64>> = Mutex::new(BTreeMap::new());
    let fitted = models::fit(set, &labelled.targets, &model_config(config), &|progress| {
        stage.say(&format!("{} {:?}", progress.label, progress.stage).to_lowercase());
        let rows = rows_of.get(progress.label.as_str()).copied().unwrap_or(0);
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let so_far = seen.entry(progress.label).or_insert(0);
        // A label that is skipped is done at once.
        let now = if progress.stage == FitStage::Done { FIT_STAGES } else { (*so_far + 1).min(FIT_STAGES) };
        stage.advance(rows * (now - *so_far));
        *so_far = now;
    })?;
    stages.end(stage);
    Ok(fitted)
}

/// Stages of a label's fit before it is done, text and trees, which count the same in the estimate of the time left.
const FIT_STAGES: u64 = 2;

pub(super) fn model_config(train: &config::TrainConfig) -> ModelConfig {
    ModelConfig {
        folds: train.folds,
        gap_days: i32::try_from(train.gap_days).unwrap_or(i32::MAX),
        min_positives: train.min_positives,
        min_negatives: train.min_negatives,
        seed: train.seed,
        sampling: match train.sampling_weights {
            config::SamplingWeights::None => SamplingMode::None,
            config::SamplingWeights::Calibration => SamplingMode::Calibration,
            config::SamplingWeights::InverseInclusion => SamplingMode::InverseInclusion,
        },
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
            weighting: match train.text.weighting {
                config::TextWeighting::Auto => TextWeighting::Auto,
                config::TextWeighting::Idf => TextWeighting::Idf,
                config::TextWeighting::NaiveBayes => TextWeighting::NaiveBayes,
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
        calibration: match train.calibration.method {
            config::CalibrationMethod::Auto => CalibrationMethod::Auto,
            config::CalibrationMethod::Platt => CalibrationMethod::Platt,
            config::CalibrationMethod::Beta => CalibrationMethod::Beta,
            config::CalibrationMethod::Isotonic => CalibrationMethod::Isotonic,
        },
        markets: MarketLimits { min_rows: train.calibration.min_market_rows, min_of_each: train.calibration.min_market_of_each },
        leak: LeakConfig { max_auc: train.leak.max_auc, allow: train.leak.allow.clone() },
        candidates: CandidatesConfig {
            logistic_rows: train.candidates.logistic_rows,
            forest_rows: train.candidates.forest_rows,
            forest_trees: train.candidates.forest_trees,
        },
    }
}

/// Labels without a model, with the reason.
pub(super) fn skipped_of(reports: &[LabelReport]) -> BTreeMap<String, String> {
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

/// What a training leaves to be stored.
struct Outcome<'a> {
    labelled: &'a LabelledItems,
    matrices: &'a Matrices,
    fitted: &'a Fitted,
    tuned: &'a Option<Tuned>,
    classes: &'a [ClassMetrics],
    factors: BTreeMap<String, ClassFactors>,
}

fn save(project: &Project, input: &Input, outcome: Outcome, until: Day) -> anyhow::Result<ModelVersion> {
    let Outcome { labelled, matrices, fitted, tuned, classes, factors } = outcome;
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
        tuned: tuned.as_ref().map(|tuned| tuned.parameters.clone()),
        classes: factors,
        parent: store::champion(&project.config.models.path, &project.config.models.label_set).ok().flatten(),
        config_digest: blake3::hash(project.config.canonical_json().as_bytes()).to_hex().to_string(),
        program_version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let models = &project.config.models;
    let mut metrics = metrics_json(project, labelled, matrices, fitted)?;
    if !classes.is_empty() {
        metrics["classes"] = serde_json::to_value(classes)?;
    }
    if let Some(tuned) = tuned {
        metrics["tuned"] = serde_json::to_value(tuned)?;
    }
    let reference = reference_json(&training_profile(&labelled.items, &matrices.features));
    let beside = (&metrics, Some(&reference));
    Ok(store::save_with_reference(&models.path, &models.label_set, &fitted.model.to_parts(), &facts, beside)?)
}
