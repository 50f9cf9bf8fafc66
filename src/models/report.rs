//! What a fit says of itself: per label what was tried, what was chosen, and the out-of-fold probabilities.

use serde::Serialize;

use super::{CalibrationMethod, SamplingReport, SingleFeature, TextWeighting};
use crate::units::{Id, Market};

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
    /// The five features that alone tell most, on the rows that train.
    pub single_features: Vec<SingleFeature>,
    /// What was tried, in a fixed order: base rate, text only, shared text (where there are several labels), trees only, stacked, then
    /// the peers that are only reported (logistic, forest) unless they were left out or could not be fitted.
    pub candidates: Vec<CandidateScore>,
    /// The candidate that is kept: of text only, shared text and stacked the one of lowest log loss.
    pub kept: Option<CandidateKind>,
    /// The penalty used by the text model.
    pub c: f64,
    /// How the text model weighs n-grams, never automatic.
    pub text_weighting: Option<TextWeighting>,
    /// Rounds of boosting in the final model.
    pub rounds: usize,
    /// The calibrator's form.
    pub calibration: Option<CalibrationMethod>,
    /// What the calibrated probabilities hold for.
    pub basis: Option<CalibrationBasis>,
    /// How the rows were weighted to stand for the population, where they were.
    pub sampling: Option<SamplingReport>,
    /// Per row of the targets: how much it counted in calibration; 0 where it only trained.
    pub calibration_weight: Vec<f64>,
    /// The markets with rows enough for a correction of their own, ascending.
    pub markets: Vec<MarketReport>,
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

/// What calibrated probabilities hold for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalibrationBasis {
    /// The reviewed rows: too few of them were drawn with a known probability to speak for the others, even if they lend the others
    /// weights (`SamplingMode`).
    #[default]
    Sample,
    /// All content: the calibrator was fitted to rows of known inclusion probability, weighted by its inverse.
    Population,
}

impl CalibrationBasis {
    /// `sample` or `population`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sample => "sample",
            Self::Population => "population",
        }
    }
}

/// A market's correction of the common calibrator, tried out of fold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MarketReport {
    /// The market.
    #[serde(serialize_with = "as_text")]
    pub market: Market,
    /// Its calibration rows.
    pub n: u64,
    /// Positives among them.
    pub positives: u64,
    /// What is added to the common log-odds.
    pub intercept: f64,
    /// What is added to their slope of 1.
    pub slope: f64,
    /// By how much the correction lowers the market's mean log loss out of fold.
    pub gain: f64,
    /// The gain's standard error.
    pub standard_error: f64,
    /// Whether the correction is part of the model: whether the gain is above its standard error.
    pub kept: bool,
}

fn as_text<S: serde::Serializer>(market: &Market, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(market)
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
    /// Rows judged.
    pub n: u64,
    /// Most rows that one fold of a peer learned from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learned_from: Option<u64>,
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
    /// linfa's logistic regression on the features without text. Never kept.
    Logistic,
    /// smartcore's random forest on the features without text. Never kept.
    Forest,
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
