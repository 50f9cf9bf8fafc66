//! `feedback`: what the decisions say of labels, reviewers and policies, which of them look wrong, and what to label next.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::champion::load_champion;
use super::decisions::{GatheredDecision, LabelScope, aggregate_config};
use super::exit::VerbError;
use super::feedback_files::FeedbackFiles;
use super::input::{self, Input, each_shard};
use super::next_items::{NextItems, next_items};
use super::project::Project;
use super::stages::Stages;
use super::suspects::{Suspects, suspects};
use super::training::labelled_items;
use crate::feedback::{
    Aggregated, Agreement, Appeals, Conflict, Correctness, DatedDecision, LabelConsensus, LeftOutDecisions, PolicyPrecision,
    agreement, appeals, correctness, policy_precision,
};
use crate::store;
use crate::tables::{ActionRow, DecisionRow};
use crate::units::{Day, DecidedBy, Id, SelectedBy, Verdict};

/// Whether verdicts are held against a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FitPolicy {
    /// A model is fitted for it.
    Fit,
    /// None is: verdicts that look wrong are not told.
    Skip,
}

/// What the decisions say.
#[derive(Debug, Clone, Serialize)]
pub struct Feedback {
    /// Decisions known before this day's midnight.
    #[serde(serialize_with = "as_text")]
    pub as_of: Day,
    /// Their number.
    pub decisions: u64,
    /// Those that became no label.
    pub left_out: LeftOutDecisions,
    /// Decisions by how the item was selected and who decided.
    pub sources: Vec<SourceCount>,
    /// Labels to learn from.
    pub labels: Vec<LabelCount>,
    /// Whether reviewers agree.
    pub agreement: Vec<Agreement>,
    /// Whether they are right, on golden cases.
    pub correctness: Vec<Correctness>,
    /// How appeals ended: a biased sample.
    pub appeals: Vec<Appeals>,
    /// How each label's truth was estimated, with reviewers' matrices.
    pub consensus: Vec<LabelConsensus>,
    /// Cases with different verdicts.
    pub conflicts: Vec<Conflict>,
    /// What policies selected.
    pub policies: Vec<PolicyPrecision>,
    /// Verdicts that look wrong; absent with `--skip-fit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_errors: Option<Suspects>,
    /// Items to label next; absent without a champion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_to_label: Option<NextItems>,
}

/// Decisions that came about in one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceCount {
    /// How the item was selected; absent where decisions don't say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selected_by: Option<SelectedBy>,
    /// Who decided; absent where decisions don't say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<DecidedBy>,
    /// Decisions that found a violation.
    pub violating: u64,
    /// Decisions that found none.
    pub compliant: u64,
}

/// The labels of one kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelCount {
    /// The label.
    pub label: Id,
    /// Rows found violating.
    pub violating: u64,
    /// Rows found compliant.
    pub compliant: u64,
    /// Mean weight of a row; 1 where all are certain.
    pub mean_weight: f64,
}

fn as_text<S: serde::Serializer>(day: &Day, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(day)
}

/// Tells what the decisions known before the midnight of `day` say, and writes it as tables into the folder `out` if there is one.
///
/// # Errors
/// When the input breaks its contract, the champion does not fit, a feature tells the verdicts too well, or a file cannot be written.
pub fn feedback(
    project: &Project,
    day: Day,
    policy: FitPolicy,
    out: Option<&Path>,
    stages: &mut Stages,
) -> anyhow::Result<Feedback> {
    if project.config.active_labels().len() == 0 {
        return Err(VerbError::NoLabels.into());
    }
    let plan = input::plan(project)?;
    let files = out.map(|out| FeedbackFiles::create(out, plan.paths().map(|(_, path)| path), project)).transpose()?;
    let models = &project.config.models;
    let has_champion = store::champion(&models.path, &models.label_set)?.is_some();
    let champion = has_champion.then(|| load_champion(project)).transpose()?;
    let features = input::feature_set(&project.config, &project.lexicons, &plan.extra_columns)?;
    let input = input::read(project, plan, day, &features, stages)?;

    let mut stage = stages.begin("features", input.spilled.n_shards() as u64);
    let mut labelled = labelled_items(project, &input, &input.features, day, &mut stage)?;
    stages.end(stage);
    let next = champion.map(|champion| next_items(project, &input, &labelled, &champion, day, stages)).transpose()?;
    let label_errors = match policy {
        FitPolicy::Fit => Some(suspects(project, &mut labelled, stages)?),
        FitPolicy::Skip => None,
    };
    let actions = policy_actions(project, &input, day)?;
    let found = told(project, (labelled.aggregated, labelled.decisions), &actions, day);
    let feedback = Feedback { label_errors, next_to_label: next, ..found.0 };
    if let Some(files) = files {
        files.write(&feedback, &found.1)?;
    }
    Ok(feedback)
}

/// What needs no model, and the labels.
fn told(
    project: &Project,
    (mut aggregated, decisions): (Aggregated, Vec<GatheredDecision>),
    actions: &[ActionRow],
    day: Day,
) -> (Feedback, Aggregated) {
    let scope = LabelScope::of(project);
    let dated: Vec<DatedDecision<'_>> = decisions.iter().map(|decision| decision.dated(&scope)).collect();
    let window = aggregate_config(&project.config.train.labels).window;
    let agreement = agreement(&dated, window, project.config.feedback.min_shared);
    let rows: Vec<DecisionRow> = decisions.into_iter().map(|d| d.decision).collect();
    let found = Feedback {
        as_of: day,
        decisions: rows.len() as u64,
        left_out: aggregated.left_out,
        sources: sources(rows.iter()),
        labels: labels(&aggregated),
        agreement,
        correctness: correctness(&rows),
        appeals: appeals(&rows),
        consensus: std::mem::take(&mut aggregated.consensus),
        conflicts: std::mem::take(&mut aggregated.conflicts),
        policies: policy_precision(&rows, actions),
        label_errors: None,
        next_to_label: None,
    };
    (found, aggregated)
}

/// Decisions counted by how they came about.
pub(super) fn sources<'d>(rows: impl Iterator<Item = &'d DecisionRow>) -> Vec<SourceCount> {
    let mut counts: BTreeMap<(Option<SelectedBy>, Option<DecidedBy>), [u64; 2]> = BTreeMap::new();
    for row in rows {
        counts.entry((row.selected_by, row.decided_by)).or_default()[usize::from(row.verdict == Verdict::Compliant)] += 1;
    }
    let mut sources = Vec::with_capacity(counts.len());
    for ((selected_by, decided_by), [violating, compliant]) in counts {
        sources.push(SourceCount { selected_by, decided_by, violating, compliant });
    }
    sources
}

fn labels(aggregated: &Aggregated) -> Vec<LabelCount> {
    let mut counts: BTreeMap<&Id, ([u64; 2], f64)> = BTreeMap::new();
    for found in &aggregated.labels {
        let (classes, weight) = counts.entry(&found.label).or_default();
        classes[usize::from(found.verdict == Verdict::Compliant)] += 1;
        *weight += found.weight;
    }
    let of = |(label, ([violating, compliant], weight)): (&Id, ([u64; 2], f64))| LabelCount {
        label: label.clone(),
        violating,
        compliant,
        mean_weight: weight / (violating + compliant) as f64,
    };
    counts.into_iter().map(of).collect()
}

/// The policies' actions on decided items that were known before the midnight of `day`.
fn policy_actions(project: &Project, input: &Input, day: Day) -> anyhow::Result<Vec<ActionRow>> {
    let until = project.config.time.zones.default_as_of(day).instant;
    let mut actions = Vec::new();
    each_shard(
        input.spilled.n_shards(),
        |index| input.shard(index, project),
        |shard| {
            let decided = shard.contents.iter().filter(|(_, history)| !history.decisions.is_empty());
            let known = |a: &&ActionRow| a.started_at < until && a.ingested_at.is_none_or(|at| at < until);
            let by_policy = decided.flat_map(|(_, history)| history.actions.iter().filter(known));
            actions.extend(by_policy.filter(|action| action.policy_id.is_some()).cloned());
            Ok(())
        },
    )?;
    Ok(actions)
}
