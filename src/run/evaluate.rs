//! `evaluate`: a stored model measured on the decisions of the input.

use serde::Serialize;

use super::champion::load_model;
use super::classes::{self, ClassMetrics};
use super::input;
use super::project::Project;
use super::stages::Stages;
use super::training::labelled_items;
use crate::evaluation::{LabelMetrics, Predictions};
use crate::store::Which;
use crate::units::{Day, Id};

/// What a stored model is worth on the decisions of an input.
#[derive(Debug, Serialize)]
pub struct Evaluation {
    /// The metrics of each label, in the order of the score columns.
    pub labels: Vec<LabelMetrics>,
    /// How well labels that exclude each other are told apart.
    pub classes: Vec<ClassMetrics>,
}

/// The metrics of each active label on the decisions made before the midnight of `until`, in the order of the score columns.
/// Each decision is scored as of the midnight before it. A label that the model doesn't score, or without a decision, has no
/// line.
///
/// # Errors
/// When there is no such model or the input breaks its contract.
pub fn evaluate(project: &Project, which: Which<'_>, until: Day, stages: &mut Stages) -> anyhow::Result<Evaluation> {
    let plan = input::plan(project)?;
    let model = load_model(project, which)?;
    let input = input::read(project, plan, until, &model.features, stages)?;
    let mut stage = stages.begin("features", input.spilled.n_shards() as u64);
    let labelled = labelled_items(project, &input, &input.features, until, &mut stage)?;
    stages.end(stage);

    let scorer = model.scorer();
    let mut stage = stages.begin("evaluate", 0);
    stage.items = labelled.items.len() as u64;
    let probabilities: Vec<Vec<Option<f64>>> = labelled.items.iter().map(|item| scorer.probabilities(item)).collect();
    let column = |label: &Id| model.labels.iter().position(|scored| scored.id == *label);
    let mut labels = Vec::new();
    for target in &labelled.targets {
        let Some(column) = column(&target.label) else { continue };
        let verdicts = target.rows.iter().zip(&target.positive);
        let scored = verdicts.filter_map(|(row, positive)| Some((probabilities[*row as usize][column]?, *positive)));
        let (probability, positive): (Vec<f64>, Vec<bool>) = scored.unzip();
        if !positive.is_empty() {
            labels.push(LabelMetrics::measure(target.label.clone(), &Predictions::new(&probability, &positive)?));
        }
    }
    let probability = |at: usize, i: usize| {
        let target = &labelled.targets[at];
        probabilities[target.rows[i] as usize][column(&target.label)?]
    };
    let classes = classes::measure(&model.classes, &labelled, &probability);
    stages.end(stage);
    Ok(Evaluation { labels, classes })
}
