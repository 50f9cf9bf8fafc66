//! What to label next: tonight's undecided items, by how uncertain the champion is of them and how many will see them.

use std::collections::BTreeSet;

use serde::Serialize;

use super::champion::Champion;
use super::decided::{Decided, Period, decided};
use super::input::{Input, each_shard};
use super::judge::{Points, View};
use super::nightly::BATCH_ROWS;
use super::project::Project;
use super::stages::Stages;
use super::training::LabelledItems;
use crate::config::EvaluateConfig;
use crate::dataset::{Item, nightly_spine};
use crate::feedback::{NextConfig, NextToLabel, Scored, ScoredLabel, next_to_label};
use crate::scoring::ScoreRow;
use crate::units::{Day, DecidedBy, Id, Probability};

/// Items to label next.
#[derive(Debug, Clone, Serialize)]
pub struct NextItems {
    /// The model that is uncertain of them.
    pub model: String,
    /// Where each label's decision falls.
    pub thresholds: Vec<Threshold>,
    /// The items, the one to label first first; at most `feedback.next`.
    pub items: Vec<NextToLabel>,
}

/// Where a label's decision falls.
#[derive(Debug, Clone, Serialize)]
pub struct Threshold {
    /// The label.
    pub label: Id,
    /// Rows with at least this probability are flagged.
    pub threshold: f64,
    /// The operating point that it meets on the decisions; absent where none can be met, and one half stands in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub point: Option<String>,
}

/// Scores tonight's items with `champion` and chooses from those that no person has decided. Items' probabilities are kept for the least
/// certain label alone, some 150 bytes an item.
///
/// # Errors
/// When the spill cannot be read.
pub(super) fn next_items(
    project: &Project,
    input: &Input,
    labelled: &LabelledItems,
    champion: &Champion,
    day: Day,
    stages: &mut Stages,
) -> anyhow::Result<NextItems> {
    let thresholds = thresholds(project, &judged(project, input, labelled, champion, day, stages)?, champion)?;
    let by_people = labelled.decisions.iter().filter(|d| d.decision.decided_by != Some(DecidedBy::Automatic));
    let known: BTreeSet<&Id> = by_people.map(|d| &d.decision.content_id).collect();
    let columns: Vec<ScoredLabel> = thresholds
        .iter()
        .map(|at| {
            let threshold = Probability::new(at.threshold)?;
            Ok(ScoredLabel { label: at.label.clone(), p: threshold, threshold })
        })
        .collect::<anyhow::Result<_>>()?;
    let mut candidates: Vec<Scored> = Vec::new();
    let (scorer, features) = (champion.scorer(), input.reading(&champion.features));
    let mut stage = stages.begin("score", input.spilled.n_shards() as u64);
    each_shard(
        input.spilled.n_shards(),
        |index| input.shard(index, project),
        |shard| {
            let mut spine = nightly_spine(&shard, day, project.config.run.scope_days, &project.config.time.zones);
            spine.retain(|row| !known.contains(&shard.contents[row.content].0));
            spine.sort_by_key(|row| (shard.contents[row.content].1.seller(), row.content));
            for batch in spine.chunks(BATCH_ROWS) {
                let items = input.builder_of(&shard, project, &features).build(batch)?;
                let keys: Vec<_> = items.iter().map(|item| (&item.content_id, item.as_of)).collect();
                let clusters = input.cross.duplicates.clusters_of(&keys);
                for ((item, row), cluster) in items.iter().zip(scorer.score(&items)).zip(clusters) {
                    candidates.extend(scored(item, &row, cluster, &columns)?.least_certain());
                }
                stage.items += batch.len() as u64;
            }
            stage.step();
            Ok(())
        },
    )?;
    stages.end(stage);
    let config = &project.config.feedback;
    let limits = NextConfig { limit: config.next, per_market_label: config.next_per_market_label };
    // The first of equal ones goes by its place.
    candidates.sort_by(|a, b| a.content_id.cmp(&b.content_id));
    Ok(NextItems { model: champion.version.clone(), thresholds, items: next_to_label(&candidates, &limits)? })
}

/// The labels of `columns` that `row` has a probability for.
fn scored(item: &Item, row: &ScoreRow, cluster: Option<u64>, columns: &[ScoredLabel]) -> anyhow::Result<Scored> {
    let mut labels = Vec::new();
    for (column, p) in columns.iter().zip(&row.probabilities) {
        if let Some(p) = p {
            labels.push(ScoredLabel { p: Probability::new(f64::from(*p))?, ..column.clone() });
        }
    }
    let forecast_views = item.forecast.views.unwrap_or(0.0);
    Ok(Scored { content_id: item.content_id.clone(), market: item.market, labels, cluster, forecast_views })
}

/// What the champion says of the decided items, whose features are computed again only where it has others.
fn judged(
    project: &Project,
    input: &Input,
    labelled: &LabelledItems,
    champion: &Champion,
    day: Day,
    stages: &mut Stages,
) -> anyhow::Result<Decided> {
    if champion.features.names() != labelled.names {
        return decided(project, input, &[champion], (Period::All, day), stages);
    }
    let said = champion.scorer().all_probabilities(&labelled.items);
    let until = project.config.time.zones.default_as_of(day).instant;
    Ok(Decided::of(labelled, &[champion], &[said], (Period::All, until)))
}

/// The first operating point that can be met, at the population's rate where that is known; one half without any.
fn thresholds(project: &Project, found: &Decided, champion: &Champion) -> anyhow::Result<Vec<Threshold>> {
    // The threshold alone is wanted, without its interval.
    let config = EvaluateConfig { draws: 0, ..project.config.evaluate.clone() };
    let points = Points::of(&config)?;
    let mut thresholds = Vec::with_capacity(champion.labels.len());
    for label in &champion.labels {
        let mut threshold = Threshold { label: label.id.clone(), threshold: 0.5, point: None };
        if let Some(of_label) = found.labels.iter().find(|of| of.label.id == label.id) {
            let view = View::population(of_label, &found.items).unwrap_or_else(|| View::sample(of_label, &found.items));
            let met = points.solve(&view.clustered(0)?, &config).into_iter();
            if let Some((point, solved)) = met.filter_map(|result| Some((result.point, result.solved?))).next() {
                threshold = Threshold { threshold: solved.threshold, point: Some(point), ..threshold };
            }
        }
        thresholds.push(threshold);
    }
    Ok(thresholds)
}
