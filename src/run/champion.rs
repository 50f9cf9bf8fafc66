//! A stored model bound to the project's labels and features.

use std::collections::BTreeMap;

use anyhow::Context;

use super::input;
use super::project::Project;
use super::reference::reference_of;
use crate::features::{FeatureSet, HistoryRules};
use crate::models::Model;
use crate::monitor::MarketProfile;
use crate::scoring::{RankRules, ScoreRules, ScoredLabel, Scorer};
use crate::store::{self, ClassFactors, Which};
use crate::text::{NGRAM_VERSION, NgramConfig};
use crate::units::Day;

/// A model that is ready to score this project's items.
pub(super) struct Champion {
    /// Its version.
    pub version: String,
    /// The model.
    pub model: Model,
    /// The labels of the score table, in column order.
    pub labels: Vec<ScoredLabel>,
    /// The midnight up to which it learned.
    pub trained_as_of: Day,
    /// What is odd about using it here.
    pub warnings: Vec<String>,
    /// The features that it wants, in its order.
    pub features: FeatureSet,
    /// What the rows that it learned from looked like, where the model says so.
    pub reference: Option<MarketProfile>,
    /// How labels that exclude each other are told apart.
    pub classes: BTreeMap<String, ClassFactors>,
    ngrams: NgramConfig,
    rules: ScoreRules,
}

/// Loads the champion of the project's label set.
///
/// # Errors
/// When there is none, or it does not fit the code's features or the project's configuration.
pub(super) fn load_champion(project: &Project) -> anyhow::Result<Champion> {
    load_model(project, Which::Champion)
}

/// Loads a version of the project's label set.
///
/// # Errors
/// As [`load_champion`].
pub(super) fn load_model(project: &Project, which: Which<'_>) -> anyhow::Result<Champion> {
    let config = &project.config;
    let loaded = store::load(&config.models.path, &config.models.label_set, which, None)?;
    // Its own x_ columns and the configuration decide which features the code is asked to compute; those are then compared.
    let extras = loaded.manifest.facts.feature_names.iter().filter(|name| name.starts_with("x_")).cloned().collect::<Vec<_>>();
    let features = input::feature_set(&project.config, &project.lexicons, &with_excluded(extras, project))?;
    let expected = fingerprint(&features, project);
    let facts = &loaded.manifest.facts;
    let lexicons = facts.lexicon_hashes.clone();
    let differences = features.differences(&facts.feature_names, &facts.feature_fingerprints);
    let loaded = loaded.trained_on(&expected).with_context(|| format!("the features differ: {differences}"))?;
    let version = loaded.manifest.version.clone();
    let trained_as_of = loaded.manifest.facts.trained_as_of;
    let classes = loaded.manifest.facts.classes.clone();
    let reference = loaded.reference.as_ref().and_then(reference_of);
    let model = Model::from_parts(&loaded.parts).with_context(|| format!("model {version} cannot be used"))?;
    model.check_features(features.names()).with_context(|| format!("model {version} cannot be used"))?;
    let labels = labels_of(project, &model);
    let rank = RankRules::new(&config.score.multiplier, &labels);
    let warnings = lexicon_warning(&version, lexicons.get(LEXICONS), project);
    Ok(Champion {
        version,
        trained_as_of,
        reference,
        classes,
        warnings,
        labels,
        features,
        ngrams: project.ngrams(),
        rules: ScoreRules { bands: config.score.bands, rank, expires_days: config.run.expires_days },
        model,
    })
}

/// The name under which a manifest keeps the hash of all lexicons.
pub(super) const LEXICONS: &str = "lexicons";

/// Terms may change without a new model, but not without a word: their features no longer mean what the model learned.
fn lexicon_warning(version: &str, trained_with: Option<&String>, project: &Project) -> Vec<String> {
    let changed = trained_with.filter(|hash| *hash != project.lexicons.fingerprint());
    let warning = changed.map(|_| format!("the lexicons have changed since model {version} was trained: train again"));
    if let Some(warning) = &warning {
        tracing::warn!("{warning}");
    }
    warning.into_iter().collect()
}

/// `extras` and the `x_*` columns that the project leaves out of the matrix: a signal may read them.
fn with_excluded(mut extras: Vec<String>, project: &Project) -> Vec<String> {
    extras.extend(project.config.features.exclude.iter().filter(|name| name.starts_with("x_")).cloned());
    extras.sort_unstable();
    extras.dedup();
    extras
}

/// The hash of everything that decides what a model's inputs mean: feature definitions, windows and how texts are cut.
#[must_use]
pub(super) fn fingerprint(features: &FeatureSet, project: &Project) -> String {
    let config = &project.config.features;
    let cuts = (NGRAM_VERSION, config.text_buckets, config.word_ngrams, config.char_ngrams, config.listing_min_cell);
    let rules = HistoryRules { config: config.history.clone(), severities: project.config.severities() }.definition();
    let links = (config.listing, config.duplicates, config.contacts);
    let mut hasher = blake3::Hasher::new();
    hasher.update(features.fingerprint().as_bytes());
    // What is declared counts by its definition, not by how it is documented.
    hasher.update(format!("{cuts:?} {rules} {links:?}").as_bytes());
    hasher.finalize().to_hex().to_string()
}

/// The project's labels; a project without any takes those of the model that it declares.
fn labels_of(project: &Project, model: &Model) -> Vec<ScoredLabel> {
    let active = project.scored_labels();
    if !active.is_empty() {
        return active;
    }
    let declared = |id: &str| project.config.other_labels().find(|label| label.id == id);
    let labels = model.labels().filter_map(|(id, _, _)| {
        let found = declared(id);
        if found.is_none() {
            tracing::warn!("the model's label `{id}` is not declared under [labels] and has no score");
        }
        found.map(super::project::scored_label)
    });
    labels.collect()
}

impl Champion {
    /// The scorer for items with this champion's features.
    #[must_use]
    pub(super) fn scorer(&self) -> Scorer<'_> {
        Scorer::new(&self.model, &self.labels, &self.ngrams, self.features.names(), self.rules)
    }

    /// How scores and treatments become a rank multiplier and a band.
    #[must_use]
    pub(super) fn rank(&self) -> RankRules {
        self.rules.rank
    }
}
