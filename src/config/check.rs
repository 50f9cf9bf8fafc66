//! Raw → checked, once: every range is proven here, every path resolved.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::checker::{Checker, is_segment};
use super::raw::{RawBands, RawConfig, RawInput, RawLeak, RawModels, RawOutput, RawRun, RawTime, RawTrain, RawTrees};
use super::size::parse_size;
use super::{
    BandLimits, CalibrationConfig, CandidatesConfig, Config, ConfigError, InputLimits, LeakConfig, ModelStoreConfig,
    OutputConfig, ProjectConfig, RunConfig, ScoreConfig, TextTrainConfig, TimeConfig, TrainConfig, TreeTrainConfig,
    check_features, check_labels, check_sources, classes, feedback, judging, policies, queue,
};
use crate::units::{Market, Zones};

/// Least memory that a run can plan with.
const LEAST_MEMORY: u64 = 64_000_000;

/// Checks everything.
pub(super) fn check(raw: RawConfig, checker: &Checker<'_>) -> Result<Config, ConfigError> {
    let project = project(&raw.project.name, checker)?;
    let time = time(raw.time, checker)?;
    check_sources::defaults(&raw.source_defaults, checker)?;
    let (labels, other_labels) = check_labels::check(&raw.project.labels, raw.labels, &raw.label_defaults, checker)?;
    let known: Vec<_> = labels.iter().chain(&other_labels).collect();
    Ok(Config {
        queue: queue::queue(raw.queue, &known, checker)?,
        classes: classes::check(raw.classes, &labels, checker)?,
        labels,
        other_labels,
        input: input(&raw.input, checker)?,
        sources: check_sources::check(raw.sources, checker, &time.zone)?,
        features: check_features::check(raw.features, checker)?,
        train: train(&raw.train, checker)?,
        evaluate: judging::evaluate(raw.evaluate, checker)?,
        promote: judging::promote(&raw.promote, checker)?,
        feedback: feedback::feedback(&raw.feedback, checker)?,
        policies: policies::check(&raw.policies, checker)?,
        run: run(&raw.run, checker)?,
        marks: super::marks::marks(&raw.marks, checker)?,
        monitor: super::monitor::monitor(&raw.monitor, checker)?,
        score: ScoreConfig {
            forecast_prior_days: checker.number("score.forecast_prior_days", raw.score.forecast_prior_days, 0.0..=365.0)?,
            bands: bands(&raw.score.bands, checker)?,
            multiplier: super::multiplier::multiplier(&raw.score.multiplier, checker)?,
        },
        output: output(&raw.output, checker)?,
        models: models(&raw.models, &project, checker)?,
        time,
        project,
    })
}

fn project(name: &str, checker: &Checker<'_>) -> Result<ProjectConfig, ConfigError> {
    let folder = checker.project_dir.to_path_buf();
    if !name.is_empty() {
        checker.segment("project.name", name)?;
        return Ok(ProjectConfig { name: name.to_owned(), folder });
    }
    let from_folder: String = folder
        .file_name()
        .map(|name| {
            name.to_string_lossy()
                .chars()
                .map(|c| if is_segment(c.encode_utf8(&mut [0; 4])) { c } else { '-' })
                .take(64)
                .collect()
        })
        .map(|name: String| name.trim_start_matches(['-', '.']).to_owned())
        .unwrap_or_default();
    let name = if is_segment(&from_folder) { from_folder } else { "project".to_owned() };
    Ok(ProjectConfig { name, folder })
}

fn time(raw: RawTime, checker: &Checker<'_>) -> Result<TimeConfig, ConfigError> {
    checker.zone("time.zone", &raw.zone)?;
    let mut market_zones = BTreeMap::new();
    for (name, zone) in raw.zones {
        let key = format!("time.zones.{name}");
        let market: Market = name
            .parse()
            .map_err(|_| checker.refuse(&key, "a market as its key: two letters of ISO 3166 alpha-2, for instance SG"))?;
        checker.zone(&key, &zone)?;
        if market_zones.insert(market, zone).is_some() {
            return Err(checker.refuse(&key, format!("one zone for {market}, which is written twice in different letter case")));
        }
    }
    let zones = Zones::new(&raw.zone, &market_zones).map_err(|error| checker.refuse("time.zone", error.to_string()))?;
    let market_zones = market_zones.into_iter().map(|(market, zone)| (market.to_string(), zone)).collect();
    Ok(TimeConfig { zones, zone: raw.zone, market_zones })
}

fn input(raw: &RawInput, checker: &Checker<'_>) -> Result<InputLimits, ConfigError> {
    Ok(InputLimits {
        max_reject_share: checker.number("input.max_reject_share", raw.max_reject_share, 0.0..=1.0)?,
        max_future_days: checker.whole("input.max_future_days", raw.max_future_days, 0..=3650)?,
        max_text_bytes: checker.whole("input.max_text_bytes", raw.max_text_bytes, 1024..=1 << 30)?,
        required_tables: checker.tables("input.required_tables", &raw.required_tables)?,
    })
}

fn train(raw: &RawTrain, checker: &Checker<'_>) -> Result<TrainConfig, ConfigError> {
    Ok(TrainConfig {
        folds: checker.whole("train.folds", raw.folds, 3..=20)?,
        gap_days: checker.whole("train.gap_days", raw.gap_days, 0..=365)?,
        min_positives: checker.whole("train.min_positives", raw.min_positives, 1..=1_000_000)?,
        min_negatives: checker.whole("train.min_negatives", raw.min_negatives, 1..=1_000_000)?,
        seed: checker.whole("train.seed", raw.seed, 0..=i64::MAX)?,
        sampling_weights: raw.sampling_weights,
        labels: feedback::train_labels(&raw.labels, checker)?,
        text: TextTrainConfig {
            c: checker.number("train.text.c", raw.text.c, 1e-4..=1e4)?,
            max_ngrams: checker.whole("train.text.max_ngrams", raw.text.max_ngrams, 0..=1 << 24)?,
            min_documents: checker.whole("train.text.min_documents", raw.text.min_documents, 1..=1000)?,
            tolerance: checker.number("train.text.tolerance", raw.text.tolerance, 1e-12..=0.1)?,
            max_iterations: checker.whole("train.text.max_iterations", raw.text.max_iterations, 1..=100_000)?,
            blocks: raw.text.blocks,
            weighting: raw.text.weighting,
        },
        trees: trees(&raw.trees, checker)?,
        calibration: CalibrationConfig {
            method: raw.calibration.method,
            min_market_rows: checker.whole(
                "train.calibration.min_market_rows",
                raw.calibration.min_market_rows,
                0..=1_000_000,
            )?,
            min_market_of_each: checker.whole(
                "train.calibration.min_market_of_each",
                raw.calibration.min_market_of_each,
                0..=1_000_000,
            )?,
        },
        leak: leak(&raw.leak, checker)?,
        candidates: CandidatesConfig {
            logistic_rows: checker.whole("train.candidates.logistic_rows", raw.candidates.logistic_rows, 0..=1_000_000)?,
            forest_rows: checker.whole("train.candidates.forest_rows", raw.candidates.forest_rows, 0..=1_000_000)?,
            forest_trees: checker.whole("train.candidates.forest_trees", raw.candidates.forest_trees, 1..=1000)?,
        },
        tune: raw.tune.check(checker)?,
    })
}

fn leak(raw: &RawLeak, checker: &Checker<'_>) -> Result<LeakConfig, ConfigError> {
    let max_auc = checker.number("train.leak.max_auc", raw.max_auc, 0.5..=1.0)?;
    match raw.allow.iter().enumerate().find(|(at, name)| raw.allow[..*at].contains(name)) {
        Some((at, _)) => Err(checker.refuse(&format!("train.leak.allow[{at}]"), "each name once")),
        None => Ok(LeakConfig { max_auc, allow: raw.allow.clone() }),
    }
}

fn trees(raw: &RawTrees, checker: &Checker<'_>) -> Result<TreeTrainConfig, ConfigError> {
    let learning_rate = raw.learning_rate;
    if !(learning_rate > 0.0 && learning_rate <= 1.0) {
        return Err(checker.refuse("train.trees.learning_rate", "a number above 0, at most 1"));
    }
    Ok(TreeTrainConfig {
        rounds: checker.whole("train.trees.rounds", raw.rounds, 0..=10_000)?,
        depth: checker.whole("train.trees.depth", raw.depth, 1..=10)?,
        learning_rate,
        l2: checker.number("train.trees.l2", raw.l2, 0.0..=1e6)?,
        min_child_weight: checker.number("train.trees.min_child_weight", raw.min_child_weight, 0.0..=1e6)?,
        max_bins: checker.whole("train.trees.max_bins", raw.max_bins, 3..=255)?,
        early_stopping_rounds: checker.whole("train.trees.early_stopping_rounds", raw.early_stopping_rounds, 1..=10_000)?,
        row_share: checker.number("train.trees.row_share", raw.row_share, 0.05..=1.0)?,
        column_share: checker.number("train.trees.column_share", raw.column_share, 0.05..=1.0)?,
    })
}

fn run(raw: &RawRun, checker: &Checker<'_>) -> Result<RunConfig, ConfigError> {
    let memory_limit = parse_size(&raw.memory_limit)
        .filter(|bytes| *bytes >= LEAST_MEMORY)
        .ok_or_else(|| checker.refuse("run.memory_limit", "a size of at least 64MB, for instance 2GB or 1.5GiB"))?;
    Ok(RunConfig {
        scope_days: checker.whole("run.scope_days", raw.scope_days, 1..=3650)?,
        memory_limit,
        shards: checker.whole("run.shards", raw.shards, 0..=4096)?,
        threads: checker.whole("run.threads", raw.threads, 0..=1024)?,
        expires_days: checker.whole("run.expires_days", raw.expires_days, 1..=365)?,
    })
}

fn bands(raw: &RawBands, checker: &Checker<'_>) -> Result<BandLimits, ConfigError> {
    let number = |name: &str, value| checker.number(&format!("score.bands.{name}"), value, 0.0..=1.0);
    let limits = BandLimits {
        good_min_quality: number("good_min_quality", raw.good_min_quality)?,
        fair_min_quality: number("fair_min_quality", raw.fair_min_quality)?,
        good_max_abuse: number("good_max_abuse", raw.good_max_abuse)?,
        fair_max_abuse: number("fair_max_abuse", raw.fair_max_abuse)?,
        severe_min_abuse: number("severe_min_abuse", raw.severe_min_abuse)?,
    };
    for (name, in_order, expected) in [
        ("fair_min_quality", limits.fair_min_quality <= limits.good_min_quality, "at most score.bands.good_min_quality"),
        ("fair_max_abuse", limits.fair_max_abuse >= limits.good_max_abuse, "at least score.bands.good_max_abuse"),
        ("severe_min_abuse", limits.severe_min_abuse >= limits.fair_max_abuse, "at least score.bands.fair_max_abuse"),
    ] {
        if !in_order {
            return Err(checker.refuse(&format!("score.bands.{name}"), expected));
        }
    }
    Ok(limits)
}

fn output(raw: &RawOutput, checker: &Checker<'_>) -> Result<OutputConfig, ConfigError> {
    Ok(OutputConfig {
        path: PathBuf::from(checker.path("output.path", &raw.path)?),
        compression: raw.compression,
        row_group_rows: checker.whole("output.row_group_rows", raw.row_group_rows, 1000..=10_000_000)?,
    })
}

fn models(raw: &RawModels, project: &ProjectConfig, checker: &Checker<'_>) -> Result<ModelStoreConfig, ConfigError> {
    let path = PathBuf::from(checker.path("models.path", &raw.path)?);
    let is_version = |name: &String| name.len() == 12 && name.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let are_distinct = raw.challengers.iter().enumerate().all(|(at, name)| !raw.challengers[..at].contains(name));
    if !are_distinct || !raw.challengers.iter().all(is_version) {
        return Err(checker.refuse("models.challengers", "model versions of 12 hexadecimal digits, each once"));
    }
    let challengers = raw.challengers.clone();
    if raw.label_set.is_empty() {
        return Ok(ModelStoreConfig { path, label_set: project.name.clone(), challengers });
    }
    checker.segment("models.label_set", &raw.label_set)?;
    Ok(ModelStoreConfig { path, label_set: raw.label_set.clone(), challengers })
}
