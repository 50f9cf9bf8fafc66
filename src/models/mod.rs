//! One probability per label from a matrix of features and hashed n-grams.
//!
//! Input: a [`TrainingSet`] (features, n-gram counts, group and day of each row) and [`LabelTargets`] per label. Output: a
//! [`Model`] that scores rows, attributes its scores and turns into plain tensors, and a [`LabelReport`] per label with
//! out-of-fold probabilities.
//!
//! Per label: a sparse logistic regression over n-grams (`logistic`), weighed by the label's own counts where that helps
//! (`naive_bayes`). The out-of-fold scores of all labels (`text_jobs`), weighed for each (`shared`), are where gradient boosting on symmetric trees (`boosting`) starts from, and more features of it; then
//! comes a calibrator (`calibration`) fitted on rows that neither the text models nor the trees of their fold have seen (`stack`), and a
//! market's own correction where it proves itself (`market_calibration`). Two peers from other crates are judged beside them and never
//! kept (`peers`). A feature that is too good alone stops the fit before any of this (`leak`). Trees also stand by themselves, over a table without text (`tabular`).
//!
//! Deliberately not here: files (the `store` module writes [`ModelParts`]), the public metrics (the `evaluation` module
//! computes them from the out-of-fold probabilities), and how labels come from decisions.

mod abuse;
mod attribution;
mod beta;
mod bins;
mod block;
mod boosting;
mod calibration;
mod calibration_weights;
mod config;
mod derivatives;
mod design;
mod edge_table;
mod error;
mod fit;
mod folds;
mod growing;
mod histograms;
mod importance;
mod isotonic;
mod lanes;
mod lbfgs;
mod leak;
mod leaves;
mod logistic;
mod market_calibration;
mod measures;
mod model;
mod naive_bayes;
mod newton;
mod parts;
mod peer_forest;
mod peer_logistic;
mod peers;
mod platt;
mod report;
mod sampling;
mod sampling_weights;
mod shapley;
mod shared;
mod split_search;
mod stack;
mod tabular;
mod target_statistics;
mod tensors;
mod text_jobs;
mod text_weights;
mod training;
mod tree;

#[cfg(test)]
mod calibration_conformance;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod tabular_tests;

pub use abuse::noisy_or;
pub use attribution::{Contribution, ContributionSource};
pub use block::{BlockScorer, RowInput};
pub use config::{
    CalibrationMethod, CandidatesConfig, LeakConfig, MarketLimits, ModelConfig, SamplingMode, TextBlocks, TextConfig,
    TextWeighting, TreesConfig,
};
pub use error::ModelError;
pub use fit::{Fitted, check_fit, fit};
pub use importance::permutation_importance;
pub use leak::{Leak, Leaks, SingleFeature};
pub use model::{Model, RowScratch};
pub use parts::{ModelParts, ModelPartsError, Tensor};
pub use report::{
    CalibrationBasis, CandidateKind, CandidateScore, FitProgress, FitStage, LabelReport, MarketReport, SkipReason, SplitKind,
};
pub use sampling_weights::SamplingReport;
pub use tabular::{TabularModel, TabularSet};
pub use target_statistics::MISSING_CATEGORY;
pub use training::{LabelTargets, TrainingSet};
