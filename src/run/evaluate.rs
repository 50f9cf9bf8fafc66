//! `evaluate`: a stored model measured on the decisions of the input.

use std::fmt;

use serde::Serialize;

use super::champion::load_model;
use super::classes::{self, ClassMetrics};
use super::compare::Decisions;
use super::decided::{DecidedItem, DecidedLabel, Period, decided};
use super::input;
use super::judge::{Basis, NO_RATES, PointResult, Points, View, bootstrap};
use super::project::Project;
use super::slicing::{Slicing, slicing};
use super::stages::Stages;
use super::text_table::{shown, text_table, with_interval};
use crate::config::EvaluateConfig;
use crate::evaluation::{
    CalibrationBin, CurvePoint, ECE_BINS, EceExcess, Estimate, LabelMetrics, MACRO_F1_THRESHOLD, MetricIntervals, SliceSize,
    curve, ece, metric_intervals,
};
use crate::store::Which;
use crate::units::Day;

/// Points of a curve at most.
const CURVE_POINTS: usize = 60;

/// Points of a curve that stay in `metrics.json`.
const KEPT_POINTS: usize = 12;

/// What a stored model is worth on the decisions of an input.
#[derive(Debug, Serialize)]
pub struct Evaluation {
    /// The model.
    pub model: String,
    /// The decisions that were used.
    pub decisions: Decisions,
    /// Each label, in the order of the score columns.
    pub labels: Vec<LabelEvaluation>,
    /// How well labels that exclude each other are told apart.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<ClassMetrics>,
}

/// One label.
#[derive(Debug, Serialize)]
pub struct LabelEvaluation {
    /// The metrics, each decision counted once.
    #[serde(flatten)]
    pub metrics: LabelMetrics,
    /// With intervals, at the sample's rate and, where enough decisions were drawn with a known probability, the population's.
    pub views: Vec<ViewEvaluation>,
    /// Decisions that were not drawn with a known probability: they speak for the sample alone.
    pub without_probability: u64,
    /// Where it does worse, at a threshold.
    #[serde(flatten)]
    pub slicing: Slicing,
}

/// The metrics in one view.
#[derive(Debug, Serialize)]
pub struct ViewEvaluation {
    /// What the rows stand for.
    pub basis: Basis,
    /// Rows.
    pub n: u64,
    /// Violating ones among them.
    pub positives: u64,
    /// With intervals.
    pub metrics: MetricIntervals,
    /// Calibration error, and what of it chance explains.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ece: Option<EceExcess>,
    /// The reliability curve.
    pub bins: Vec<CalibrationBin>,
    /// The operating points.
    pub points: Vec<PointResult>,
    /// Precision, recall and match rate by threshold.
    pub curve: Vec<CurvePoint>,
}

/// Measures a model on the decisions made before the midnight of `until`, each item as of the midnight before its decision. A label
/// that the model doesn't score, or without a decision, has no part.
///
/// # Errors
/// When there is no such model, an operating point cannot be read, or the input breaks its contract.
pub fn evaluate(
    project: &Project,
    which: Which<'_>,
    (period, until): (Period, Day),
    stages: &mut Stages,
) -> anyhow::Result<Evaluation> {
    let config = &project.config.evaluate;
    let points = Points::of(config)?;
    let plan = input::plan(project)?;
    let model = load_model(project, which)?;
    let input = input::read(project, plan, until, &model.features, stages)?;
    let found = decided(project, &input, &[&model], (period, until), stages)?;
    let stage = stages.begin("metrics", found.labels.len() as u64);
    let mut labels = Vec::with_capacity(found.labels.len());
    for label in &found.labels {
        labels.push(evaluate_label(label, &found.items, &points, config)?);
        stage.step();
    }
    let classes = classes::measure(&model.classes, &found);
    stages.end(stage);
    Ok(Evaluation { model: model.version, decisions: Decisions::of(&found), labels, classes })
}

impl LabelEvaluation {
    /// Without what a file that is kept with every model can do without: small slices, and most points of the curves.
    #[must_use]
    pub(super) fn shortened(mut self) -> Self {
        self.slicing.slices.retain(|slice| slice.size == SliceSize::Enough);
        for parity in &mut self.slicing.parity {
            parity.parity.groups.retain(|group| group.compared);
        }
        for view in &mut self.views {
            let (points, last) = (std::mem::take(&mut view.curve), KEPT_POINTS - 1);
            let n = points.len();
            let is_kept = |i: usize| n <= KEPT_POINTS || (0..=last).any(|k| k * (n - 1) / last == i);
            view.curve = points.into_iter().enumerate().filter(|(i, _)| is_kept(*i)).map(|(_, point)| point).collect();
        }
        self
    }
}

pub(super) fn evaluate_label(
    label: &DecidedLabel,
    items: &[DecidedItem],
    points: &Points,
    config: &EvaluateConfig,
) -> anyhow::Result<LabelEvaluation> {
    let views = [Some(View::sample(label, items)), View::population(label, items)];
    let evaluate = |view: &View| -> anyhow::Result<ViewEvaluation> {
        let (predictions, clustered) = (view.predictions(0)?, view.clustered(0)?);
        Ok(ViewEvaluation {
            basis: view.basis,
            n: view.label.rows.len() as u64,
            positives: view.label.n_positive(),
            metrics: metric_intervals(&clustered, &NO_RATES, &bootstrap(config)),
            ece: view.ece(0)?,
            bins: ece(&predictions, ECE_BINS).map(|found| found.bins).unwrap_or_default(),
            points: points.solve(&clustered, config),
            curve: curve(predictions.scores(), CURVE_POINTS),
        })
    };
    let views: Vec<ViewEvaluation> = views.iter().flatten().map(evaluate).collect::<anyhow::Result<_>>()?;
    let firm = views.iter().rev().flat_map(|view| &view.points).find_map(PointResult::firm_threshold);
    let threshold = firm.unwrap_or(MACRO_F1_THRESHOLD);
    Ok(LabelEvaluation {
        metrics: LabelMetrics::measure(label.label.id.clone(), &label.predictions(0)?),
        slicing: slicing(label, (0, threshold), items, config)?,
        views,
        without_probability: label.inclusion.iter().filter(|pi| pi.is_none()).count() as u64,
    })
}

impl fmt::Display for Evaluation {
    /// Markdown that reads as well in a terminal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# Model {}\n", self.model)?;
        self.decisions.write(f)?;
        if self.labels.is_empty() {
            writeln!(f, "No decision on a label that the model scores: nothing to judge it by.")?;
        }
        let estimate = |e: Option<Estimate>| with_interval(e.map(|e| e.value), e.and_then(|e| e.low), e.and_then(|e| e.high));
        let mut rows = Vec::new();
        let mut points = Vec::new();
        for label in &self.labels {
            for view in &label.views {
                let name =
                    || format!("{}{}", label.metrics.label, if view.basis == Basis::Population { " (population)" } else { "" });
                rows.push(vec![
                    name(),
                    view.n.to_string(),
                    view.positives.to_string(),
                    view.metrics.n_clusters.to_string(),
                    estimate(view.metrics.average_precision),
                    estimate(view.metrics.roc_auc),
                    estimate(view.metrics.macro_f1),
                    view.ece.map_or_else(|| shown(None), |e| format!("{:.3} ({:+.3})", e.ece, e.excess)),
                ]);
                for point in &view.points {
                    let mut row = vec![name(), point.point.clone()];
                    match &point.solved {
                        Some(found) => {
                            row.push(format!("{:.3}", found.threshold));
                            row.extend([found.precision, found.recall, found.match_rate].map(estimate));
                        }
                        None => row.extend(std::iter::repeat_n(shown(None), 4)),
                    }
                    points.push(row);
                }
            }
        }
        let head =
            ["label", "n", "violating", "sellers", "average precision", "ROC AUC", "macro F1 at 0.5", "ECE (beyond chance)"];
        f.write_str(&text_table(&head, &rows))?;
        if self.labels.iter().any(|label| label.without_probability < label.metrics.n) {
            writeln!(
                f,
                "\nProbabilities are meant for the population: beside reviews that were picked by suspicion they look too low, so that ECE\n\
                 there is no error of the model's."
            )?;
        }
        if !points.is_empty() {
            writeln!(f, "\nOperating points:\n")?;
        }
        f.write_str(&text_table(&["label", "point", "threshold", "precision", "recall", "match rate"], &points))?;
        for label in &self.labels {
            writeln!(f, "\n## {}\n", label.metrics.label)?;
            label.slicing.write(f)?;
        }
        let row = |classes: &ClassMetrics| {
            vec![
                classes.classes.to_string(),
                classes.n.to_string(),
                shown(classes.macro_f1),
                shown(classes.macro_f1_of_the_likeliest),
            ]
        };
        if !self.classes.is_empty() {
            writeln!(f, "\n## Labels that exclude each other\n")?;
        }
        let rows: Vec<Vec<String>> = self.classes.iter().map(row).collect();
        f.write_str(&text_table(&["classes", "n", "macro F1", "of the likeliest class"], &rows))
    }
}
