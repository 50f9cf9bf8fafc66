//! What `evaluate` and `compare` share: rows of a label as predictions, at the sample's rate and at the population's.

use serde::Serialize;

use super::decided::{DecidedItem, DecidedLabel};
use super::exit::VerbError;
use crate::config::EvaluateConfig;
use crate::evaluation::{
    BootstrapConfig, Clustered, ECE_BINS, EceExcess, MACRO_F1_THRESHOLD, OperatingPoint, Predictions, SolvedPoint, Thresholds,
    Unreachable, ece_excess,
};

/// Rows of known inclusion probability that a label needs to be judged at the population's rate (DESIGN.md §5).
pub(super) const MIN_DRAWN: usize = 100;

/// What a label's rows stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Themselves: each decision counts once.
    Sample,
    /// All content: decisions drawn with a known probability, weighted by its inverse.
    Population,
}

/// The rows of a label in one of the two views.
pub(super) struct View {
    pub basis: Basis,
    pub label: DecidedLabel,
    weight: Option<Vec<f64>>,
    clusters: Vec<Option<u32>>,
}

impl View {
    /// Every row, counted once.
    pub(super) fn sample(label: &DecidedLabel, items: &[DecidedItem]) -> Self {
        Self::of(Basis::Sample, label.only(items, |_, _| true), None, items)
    }

    /// The rows of known inclusion probability, weighted; `None` where they are too few of a class to speak for the others.
    pub(super) fn population(label: &DecidedLabel, items: &[DecidedItem]) -> Option<Self> {
        let drawn = label.only(items, |i, _| label.inclusion[i].is_some());
        let n_positive = drawn.n_positive() as usize;
        if drawn.rows.len() < MIN_DRAWN || n_positive == 0 || n_positive == drawn.rows.len() {
            return None;
        }
        let weight = drawn.inclusion.iter().map(|pi| 1.0 / pi.unwrap_or(1.0)).collect();
        Some(Self::of(Basis::Population, drawn, Some(weight), items))
    }

    fn of(basis: Basis, label: DecidedLabel, weight: Option<Vec<f64>>, items: &[DecidedItem]) -> Self {
        let clusters = label.clusters(items);
        Self { basis, label, weight, clusters }
    }

    /// What model `at` says of the rows.
    ///
    /// # Errors
    /// When a number is not a probability or a weight out of range.
    pub(super) fn predictions(&self, at: usize) -> anyhow::Result<Predictions<'_>> {
        let predictions = self.label.predictions(at)?;
        Ok(match &self.weight {
            Some(weight) => predictions.weighted(weight)?,
            None => predictions,
        })
    }

    /// The same by seller.
    ///
    /// # Errors
    /// As [`View::predictions`].
    pub(super) fn clustered(&self, at: usize) -> anyhow::Result<Clustered<'_>> {
        Ok(Clustered::new(self.predictions(at)?, &self.clusters)?)
    }

    /// The sellers of the rows.
    pub(super) fn clusters(&self) -> &[Option<u32>] {
        &self.clusters
    }

    /// Calibration error, and what of it chance explains.
    ///
    /// # Errors
    /// As [`View::predictions`].
    pub(super) fn ece(&self, at: usize) -> anyhow::Result<Option<EceExcess>> {
        Ok(ece_excess(&self.predictions(at)?, ECE_BINS))
    }
}

/// An operating point on some rows: what it does, or why it cannot be met.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PointResult {
    /// What was asked for.
    pub point: String,
    /// The threshold and what it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub solved: Option<SolvedPoint>,
    /// Why no threshold does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreachable: Option<String>,
}

/// Rows that a threshold must call violating before costs and slices rest on it.
const MIN_CALLED: f64 = 10.0;

impl PointResult {
    /// The threshold, if it rests on more than a few rows: enough are called, and their precision has an interval.
    #[must_use]
    pub(super) fn firm_threshold(&self) -> Option<f64> {
        let solved = self.solved?;
        let called = solved.sample.true_positive + solved.sample.false_positive;
        let is_firm = called >= MIN_CALLED && solved.precision.is_some_and(|precision| precision.low.is_some());
        is_firm.then_some(solved.threshold)
    }
}

/// The configured operating points, read.
pub(super) struct Points(Vec<(String, OperatingPoint)>);

impl Points {
    /// # Errors
    /// At the first text that is no operating point.
    pub(super) fn of(config: &EvaluateConfig) -> anyhow::Result<Self> {
        let read = |text: &String| {
            let point = text.parse::<OperatingPoint>();
            let point =
                point.map_err(|e| VerbError::Argument { argument: "evaluate.operating_points", reason: e.to_string() })?;
            Ok((text.clone(), point))
        };
        Ok(Self(config.operating_points.iter().map(read).collect::<Result<_, VerbError>>()?))
    }

    /// Every point on the rows.
    pub(super) fn solve(&self, rows: &Clustered<'_>, config: &EvaluateConfig) -> Vec<PointResult> {
        let solve = |(text, point): &(String, OperatingPoint)| {
            let found: Result<SolvedPoint, Unreachable> = point.solve(rows, &bootstrap(config));
            let unreachable = found.as_ref().err().map(ToString::to_string);
            PointResult { point: text.clone(), solved: found.ok(), unreachable }
        };
        self.0.iter().map(solve).collect()
    }
}

/// The resamples behind an interval.
pub(super) fn bootstrap(config: &EvaluateConfig) -> BootstrapConfig {
    BootstrapConfig { draws: config.draws, seed: config.seed }
}

/// No threshold but that of the macro F1.
pub(super) const NO_RATES: Thresholds<'static> = Thresholds { macro_f1: MACRO_F1_THRESHOLD, rates: &[] };
