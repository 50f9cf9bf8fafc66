//! What a training measured on the rows that its models had not seen: `metrics.json`.

use serde_json::{Value, json};

use super::decided::held_out;
use super::evaluate::{LabelEvaluation, evaluate_label};
use super::feedback::sources;
use super::judge::Points;
use super::project::Project;
use super::training::{LabelledItems, Matrices};
use crate::evaluation::{Calibration, ECE_BINS, EceExcess, LabelMetrics, Predictions, ece, ece_excess};
use crate::models::{CalibrationBasis, Fitted, LabelReport, LabelTargets};
use crate::units::Id;

/// The held-out rows of one label, as they count in calibration.
struct HeldOut {
    probability: Vec<f64>,
    positive: Vec<bool>,
    /// Unless all rows count the same.
    weight: Option<Vec<f64>>,
}

impl HeldOut {
    /// `None` for a label without a model.
    fn of(target: &LabelTargets, report: &LabelReport) -> Option<Self> {
        let basis = report.basis?;
        let rows = report.out_of_fold.iter().zip(&target.positive).zip(&report.calibration_weight);
        let counted = rows.filter_map(|((p, positive), weight)| Some((((*p)?, *positive), *weight)));
        let (rows, weight): (Vec<(f64, bool)>, Vec<f64>) = counted.filter(|(_, weight)| *weight > 0.0).unzip();
        let (probability, positive) = rows.into_iter().unzip();
        Some(Self {
            probability,
            positive,
            weight: (basis == CalibrationBasis::Population || weight.windows(2).any(|pair| pair[0] != pair[1])).then_some(weight),
        })
    }

    fn predictions(&self) -> anyhow::Result<Predictions<'_>> {
        let predictions = Predictions::new(&self.probability, &self.positive)?;
        Ok(match &self.weight {
            Some(weight) => predictions.weighted(weight)?,
            None => predictions,
        })
    }
}

/// Out-of-fold metrics of each label that has a model, at the population's rate where that is known.
pub(super) fn metrics_of(targets: &[LabelTargets], reports: &[LabelReport]) -> anyhow::Result<Vec<LabelMetrics>> {
    let held_out = targets.iter().zip(reports).filter_map(|(target, report)| Some((target, HeldOut::of(target, report)?)));
    held_out.map(|(target, rows)| Ok(LabelMetrics::measure(target.label.clone(), &rows.predictions()?))).collect()
}

/// `metrics.json`: out-of-fold metrics, candidates, reliability and choices by label.
pub(super) fn metrics_json(
    project: &Project,
    labelled: &LabelledItems,
    matrices: &Matrices,
    fitted: &Fitted,
) -> anyhow::Result<Value> {
    let metrics = metrics_of(&labelled.targets, &fitted.reports)?;
    let config = &project.config.evaluate;
    let points = Points::of(config)?;
    let held_out = held_out(project.scored_labels(), labelled, &fitted.reports);
    let judge = |label: &Id| -> anyhow::Result<Option<LabelEvaluation>> {
        let rows = held_out.labels.iter().find(|rows| rows.label.id == *label);
        let judged = rows.map(|rows| evaluate_label(rows, &held_out.items, &points, config)).transpose()?;
        Ok(judged.map(LabelEvaluation::shortened))
    };
    let mut labels = Vec::with_capacity(fitted.reports.len());
    for (target, report) in labelled.targets.iter().zip(&fitted.reports) {
        labels.push(json!({
            "label": report.label,
            "n": report.n,
            "positives": report.positives,
            "skipped": report.skipped,
            "split": report.split,
            "single_features": report.single_features,
            "held_out": metrics.iter().find(|m| m.label == report.label),
            "candidates": report.candidates,
            "kept": report.kept,
            "c": report.c,
            "text_weighting": report.text_weighting,
            "rounds": report.rounds,
            "calibration": report.calibration,
            "calibration_basis": report.basis,
            "sampling": report.sampling,
            "reliability": reliability(target, report)?,
            "judged": judge(&target.label)?,
            "markets": report.markets,
        }));
    }
    Ok(json!({
        "untimed": matrices.is_untimed(),
        "rows": labelled.items.len(),
        "left_out": labelled.left_out,
        "sources": sources(labelled.decisions.iter().map(|gathered| &gathered.decision)),
        "labels": labels,
    }))
}

/// The calibration error, the part of it that chance explains, and the bins with their signed gaps.
fn reliability(target: &LabelTargets, report: &LabelReport) -> anyhow::Result<Value> {
    let Some(rows) = HeldOut::of(target, report) else { return Ok(Value::Null) };
    let predictions = rows.predictions()?;
    let found = ece(&predictions, ECE_BINS).zip(ece_excess(&predictions, ECE_BINS));
    let Some((Calibration { bins, .. }, EceExcess { ece, expected, excess })) = found else { return Ok(Value::Null) };
    Ok(json!({ "ece": ece, "ece_expected": expected, "ece_excess": excess, "bins": bins }))
}
