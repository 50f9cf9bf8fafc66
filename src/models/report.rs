//! What a fit says of itself: per label what was tried, what was chosen, and the out-of-fold probabilities.

use serde::Serialize;

use super::CalibrationMethod;
use crate::units::Id;

/// How one label's fit went.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelReport {
    /// The label.
    pub label: Id,
    /// Rows judged.
    pub n: u64,
    /// Rows found violating.
    pub positives: u64,
    /// Why there is no model, if there is none.
    pub skipped: Option<SkipReason>,
    /// How calibration rows were set apart.
    pub split: Option<SplitKind>,
    /// What was tried, in a fixed order: base rate, text only, shared text (where there are several labels), trees only, stacked.
    pub candidates: Vec<CandidateScore>,
    /// The candidate that is kept: of text only, shared text and stacked the one of lowest log loss.
    pub kept: Option<CandidateKind>,
    /// The penalty used by the text model.
    pub c: f64,
    /// Rounds of boosting in the final model.
    pub rounds: usize,
    /// The calibrator's form.
    pub calibration: Option<CalibrationMethod>,
    /// Per row of the targets: the calibrated probability from a stack and a calibrator that never saw the row's group.
    /// `None` for rows that only trained (all but the latest, in a split by time).
    pub out_of_fold: Vec<Option<f64>>,
}

/// Why a label got no model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// Fewer positives than the configuration asks for.
    TooFewPositives,
    /// Fewer negatives than the configuration asks for.
    TooFewNegatives,
    /// The groups are so uneven that a training part would hold one class only.
    TooFewGroups,
}

/// How calibration rows were set apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitKind {
    /// Latest rows, after a gap, of groups that the stack has not seen.
    Time,
    /// All rows, each of a group that its stack has not seen.
    Group,
}

/// One way of scoring, judged out of fold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CandidateScore {
    /// The candidate.
    pub kind: CandidateKind,
    /// Average precision, weighted, ties taken together.
    pub average_precision: f64,
    /// Mean log loss of the calibrated probability, weighted.
    pub log_loss: f64,
}

/// What was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CandidateKind {
    /// The share of positives among the other folds.
    BaseRate,
    /// The text model alone.
    TextOnly,
    /// The text models of all labels, weighed for this one.
    SharedText,
    /// Trees over the features without text.
    TreesOnly,
    /// Trees over the features and the text models' scores.
    Stacked,
}

/// A sign of life during a fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FitProgress {
    /// The label.
    pub label: Id,
    /// The stage that has just ended.
    pub stage: FitStage,
}

/// The stages of one label's fit, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FitStage {
    /// All text models are fitted.
    Text,
    /// All trees are grown.
    Trees,
    /// The label is done, or was skipped.
    Done,
}
