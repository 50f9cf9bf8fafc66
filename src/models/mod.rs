//! One probability per label from a matrix of features and hashed n-grams.
//!
//! Input: a [`TrainingSet`] (features, n-gram counts, group and day of each row) and [`LabelTargets`] per label. Output: a
//! [`Model`] that scores rows, attributes its scores and turns into plain tensors, and a [`LabelReport`] per label with
//! out-of-fold probabilities.
//!
//! Per label: a sparse logistic regression over n-grams (`logistic`), whose out-of-fold score is the starting point and one
//! more feature of gradient boosting on symmetric trees (`boosting`), then a calibrator (`calibration`) fitted on rows that
//! neither the text model nor the trees of their fold have seen (`stack`). Trees also stand by themselves, over a table without
//! text (`tabular`).
//!
//! Deliberately not here: files (the `store` module writes [`ModelParts`]), the public metrics (the `evaluation` module
//! computes them from the out-of-fold probabilities), and how labels come from decisions.

mod abuse;
mod attribution;
mod bins;
mod block;
mod boosting;
mod calibration;
mod config;
mod derivatives;
mod design;
mod error;
mod fit;
mod folds;
mod growing;
mod histograms;
mod importance;
mod isotonic;
mod lbfgs;
mod leaves;
mod logistic;
mod measures;
mod model;
mod parts;
mod platt;
mod report;
mod sampling;
mod shapley;
mod split_search;
mod stack;
mod tabular;
mod target_statistics;
mod tensors;
mod text_jobs;
mod training;
mod tree;

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod tabular_tests;

pub use abuse::noisy_or;
pub use attribution::{Contribution, ContributionSource};
pub use block::{BlockScorer, RowInput};
pub use config::{CalibrationMethod, ModelConfig, TextBlocks, TextConfig, TreesConfig};
pub use error::ModelError;
pub use fit::{Fitted, fit};
pub use importance::permutation_importance;
pub use model::{Model, RowScratch};
pub use parts::{ModelParts, ModelPartsError, Tensor};
pub use report::{CandidateKind, CandidateScore, FitProgress, FitStage, LabelReport, SkipReason, SplitKind};
pub use tabular::{TabularModel, TabularSet};
pub use target_statistics::MISSING_CATEGORY;
pub use training::{LabelTargets, TrainingSet};
