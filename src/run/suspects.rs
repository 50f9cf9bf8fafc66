//! Verdicts that look wrong: each decided row beside what a model says that has not seen its seller.

use std::collections::BTreeMap;

use serde::Serialize;

use super::project::Project;
use super::stages::Stages;
use super::train::{fit, skipped_of};
use super::training::LabelledItems;
use crate::config::{CandidatesConfig, TrainConfig};
use crate::feedback::{AggregatedLabel, GivenLabel, Noise, label_errors};
use crate::models::{LabelReport, LabelTargets, TrainingSet};
use crate::units::{AsOf, Day, Id, Probability, Verdict};

/// Verdicts to look at again.
#[derive(Debug, Clone, Serialize)]
pub struct Suspects {
    /// Label by label, how many verdicts look wrong.
    pub labels: Vec<LabelNoise>,
    /// Labels without a model, with the reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub skipped: BTreeMap<String, String>,
    /// The likeliest errors of all labels, the likeliest first; at most `feedback.max_label_errors`.
    pub rows: Vec<Suspect>,
}

/// How many of a label's verdicts look wrong, by confident learning.
#[derive(Debug, Clone, Serialize)]
pub struct LabelNoise {
    /// The label.
    pub label: Id,
    /// Rows that are confidently of the other class.
    pub confident: u64,
    /// Estimated shares of wrong verdicts.
    #[serde(flatten)]
    pub noise: Noise,
}

/// One verdict to look at again.
#[derive(Debug, Clone, Serialize)]
pub struct Suspect {
    /// The item.
    pub content_id: Id,
    /// The midnight before the decision.
    #[serde(serialize_with = "as_text")]
    pub as_of: Day,
    /// The label.
    pub label: Id,
    /// The verdict that its decisions amount to.
    pub given: Verdict,
    /// P(violating) by a model that saw neither the row nor any other of its seller.
    pub p: f64,
    /// The probability of the given verdict.
    pub score: f64,
    /// Place among the label's rows, from 1.
    pub rank: usize,
    /// Whether confident learning calls it an error.
    pub confident: bool,
    /// The decisions behind the verdict.
    pub decisions: Vec<Id>,
}

fn as_text<S: serde::Serializer>(day: &Day, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(day)
}

/// Fits as `train` does, but without a split by time, so that every decided row has a held-out probability; nothing is stored.
///
/// # Errors
/// As training, but for labels with too few decisions: those are named.
pub(super) fn suspects(project: &Project, labelled: &mut LabelledItems, stages: &mut Stages) -> anyhow::Result<Suspects> {
    let names = labelled.names.clone();
    let matrices = labelled.matrices(&names, project.config.features.text_buckets);
    // Peers are reported by training alone.
    let candidates = CandidatesConfig { logistic_rows: 0, forest_rows: 0, ..project.config.train.candidates };
    let config = TrainConfig { candidates, ..project.config.train.clone() };
    let fitted = fit(&config, labelled, &TrainingSet { timed: false, ..matrices.set() }, stages)?;
    let mut found = Suspects { labels: Vec::new(), skipped: skipped_of(&fitted.reports), rows: Vec::new() };
    for (target, report) in labelled.targets.iter().zip(&fitted.reports) {
        found.add_label(labelled, target, report, project.config.feedback.max_label_errors)?;
    }
    found.rows.sort_by(|a, b| a.score.total_cmp(&b.score).then_with(|| a.key().cmp(&b.key())));
    found.rows.truncate(project.config.feedback.max_label_errors);
    Ok(found)
}

impl Suspects {
    fn add_label(
        &mut self,
        labelled: &LabelledItems,
        target: &LabelTargets,
        report: &LabelReport,
        limit: usize,
    ) -> anyhow::Result<()> {
        let mut given = Vec::with_capacity(target.rows.len());
        let mut rows = Vec::with_capacity(target.rows.len());
        for ((row, positive), p) in target.rows.iter().zip(&target.positive).zip(&report.out_of_fold) {
            let Some(p) = p else { continue };
            let verdict = if *positive { Verdict::Violating } else { Verdict::Compliant };
            given.push(GivenLabel { given: verdict, p: Probability::new(*p)? });
            rows.push(&labelled.items[*row as usize]);
        }
        let Some(errors) = label_errors(&given) else { return Ok(()) };
        let confident = errors.candidates.iter().filter(|candidate| candidate.confident).count() as u64;
        self.labels.push(LabelNoise { label: target.label.clone(), confident, noise: errors.noise });
        self.rows.extend(errors.candidates.iter().take(limit).enumerate().map(|(place, candidate)| {
            let item = rows[candidate.row];
            Suspect {
                content_id: item.content_id.clone(),
                as_of: item.as_of.day,
                label: target.label.clone(),
                given: candidate.given,
                p: candidate.p,
                score: candidate.score,
                rank: place + 1,
                confident: candidate.confident,
                decisions: decisions_of(&labelled.aggregated.labels, &item.content_id, item.as_of, &target.label),
            }
        }));
        Ok(())
    }
}

impl Suspect {
    fn key(&self) -> (&Id, &Id, Day) {
        (&self.label, &self.content_id, self.as_of)
    }
}

/// The decisions behind one label; `labels` are by item, midnight and label.
fn decisions_of(labels: &[AggregatedLabel], content_id: &Id, as_of: AsOf, label: &Id) -> Vec<Id> {
    let key = (content_id, as_of, label);
    let found = labels.binary_search_by(|other| (&other.content_id, other.as_of, &other.label).cmp(&key)).ok();
    let sources = found.and_then(|at| labels.get(at)).map_or(&[][..], |found| &found.sources);
    sources.iter().map(|source| source.decision_id.clone()).collect()
}
