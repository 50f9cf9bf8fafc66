//! `policy simulate`: a candidate set of policies against the current one, over nights that are published.

mod candidate;
mod nights;
mod recompute;
mod report;
mod swap_file;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::champion::{Champion, load_champion, load_model};
use super::exit::VerbError;
use super::input::{self, Input, each_shard};
use super::policies::is_population;
use super::project::Project;
use super::stages::Stages;
use super::urgent::published_urgent;
use crate::dataset::known_decisions;
use crate::evaluation::Proportion;
use crate::feedback::{DatedDecision, aggregate};
use crate::policy::{
    ChangeTotals, Judged, Outcome, PolicyReplay, PolicySet, Replay, SegmentTotals, SellerHit, SetTotals, SwapRow, Transition,
};
use crate::publish::PublishError;
use crate::sql::SqlColumn;
use crate::store::Which;
use crate::units::{Day, Id, Verdict};

use super::decisions::{GatheredDecision, LabelScope, aggregate_config};
use candidate::Sets;
use nights::{Nights, Partition};
use recompute::Recomputed;
use swap_file::SwapFile;

/// Sellers that are listed at most.
const HONEST_SELLERS: usize = 10;

/// What is asked of a simulation.
#[derive(Debug, Clone)]
pub struct SimulateRequest {
    /// A folder of policies, or one file that takes the place of the current policy of its id.
    pub candidate: Option<PathBuf>,
    /// Policies of the candidate set that are taken to be live, whatever their files say.
    pub live: Vec<String>,
    /// The first and the last night; all that are published where one is absent.
    pub nights: (Option<Day>, Option<Day>),
    /// A parameter and its values, `threshold=0.5..0.95` or `threshold=0.5..0.95:10`.
    pub sweep: Option<String>,
    /// Where the swap set goes.
    pub out: Option<PathBuf>,
    /// Decisions known before this day's midnight are used.
    pub known: Day,
}

/// What a simulation found.
#[derive(Debug, Clone, Serialize)]
pub struct Simulation {
    /// The first night.
    pub from: String,
    /// The last night.
    pub to: String,
    /// Nights replayed.
    pub nights: u64,
    /// Item-nights replayed.
    pub rows: u64,
    /// Item-nights whose evidence was not kept: what policies read of them beside scores is null.
    pub without_evidence: u64,
    /// Item-nights that stand in `escalations` alone: nothing else is kept of them, so no set is tried on them.
    pub in_escalations_alone: u64,
    /// Item-nights that the current set treats otherwise than was published: by other policies or exceptions then, for instance.
    pub differing: u64,
    /// Columns that were not kept and have been computed again from the input as it is now.
    pub recomputed: Vec<String>,
    /// Columns that were not kept and cannot be computed again: null.
    pub unknown: Vec<String>,
    /// Version of the current set.
    pub current_version: String,
    /// Version of the candidate set.
    pub candidate_version: String,
    /// Policies that were taken to be live though their files say otherwise.
    pub taken_live: Vec<String>,
    /// What the current set does.
    pub current: SetTotals,
    /// What the candidate does.
    pub candidate: SetTotals,
    /// By kind of change.
    pub changes: Vec<ChangeTotals>,
    /// From which treatment to which.
    pub transitions: Vec<Transition>,
    /// By market, tier, category and content type.
    pub segments: Vec<SegmentTotals>,
    /// The candidate's policies.
    pub policies: Vec<PolicyReplay>,
    /// The current policies.
    pub current_policies: Vec<PolicyReplay>,
    /// Sellers of whom nothing is known to violate, hit most.
    pub honest_sellers: Vec<SellerHit>,
    /// The trade-off along a parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sweep: Option<Sweep>,
}

/// What the values of a parameter would do.
#[derive(Debug, Clone, Serialize)]
pub struct Sweep {
    /// The parameter.
    pub parameter: String,
    /// By value, rising.
    pub points: Vec<SweepPoint>,
}

/// What one value would do.
#[derive(Debug, Clone, Serialize)]
pub struct SweepPoint {
    /// The value.
    pub value: f64,
    /// What the candidate does with it.
    pub totals: SetTotals,
    /// What changes against the current set.
    pub changes: Vec<ChangeTotals>,
    /// The policies that have the parameter.
    pub policies: Vec<PolicyReplay>,
    /// Distinct items that these act on.
    pub items: u64,
    /// Of those that people have decided on their labels: those found violating, each once.
    pub precision: Proportion,
}

/// Replays the published nights under the current policies and a candidate.
///
/// # Errors
/// When nothing is published, a policy cannot be used, or a table or the input cannot be read.
pub fn simulate(project: &Project, request: &SimulateRequest, stages: &mut Stages) -> anyhow::Result<Simulation> {
    let champion = load_champion(project)?;
    let sets = Sets::of(project, &champion, request)?;
    let nights = Nights::open(project, &champion, request.nights)?;
    let days = nights.days();
    let (Some(first), Some(last)) = (days.first().copied(), days.last().copied()) else {
        let reason = "no published night lies in the range; `stallmark run` publishes one".to_owned();
        return Err(VerbError::Argument { argument: "--from", reason }.into());
    };
    let missing = nights.missing(&sets.all)?;
    let has_decisions =
        project.config.sources.iter().flat_map(|s| &s.feeds).any(|f| f.table == crate::config::TableName::Decisions);
    let input =
        if has_decisions || !missing.is_empty() { Some(read_input(project, &champion, request.known, stages)?) } else { None };
    let judged = input.as_ref().map(|input| judged(project, input, request.known)).transpose()?.unwrap_or_default();
    let recomputed = match &input {
        Some(input) if !missing.is_empty() => Recomputed::of(project, input, &champion, &missing, stages)?,
        _ => Recomputed::default(),
    };

    let mut stage = stages.begin("simulate", days.len() as u64);
    let rank = champion.rank();
    let factor = |treatment, own| rank.factor(treatment, own);
    let minutes = project.config.evaluate.minutes_per_review;
    let mut replay = Replay::new(&sets.all, &judged, minutes, &factor);
    let mut file = request.out.as_deref().map(|path| SwapFile::create(path, project)).transpose()?;
    let mut models = Models { project, champion: &champion, known: BTreeMap::new() };
    let (mut without_evidence, mut unknown) = (0, BTreeSet::new());
    for day in &days {
        let mut model = None;
        for market in nights.markets(*day) {
            let partition = nights.read(*day, market, &sets.all)?;
            without_evidence += partition.without_evidence;
            model = model.or_else(|| partition.model_version());
            replay_partition(&mut replay, &partition, &recomputed, &mut unknown)?;
        }
        let population = models.population(model.as_deref());
        replay.end_night(&|label| population.contains(label), &mut |candidate, row: SwapRow| match &mut file {
            Some(file) if candidate == 0 => file.push(row),
            _ => Ok::<(), PublishError>(()),
        })?;
        if let Some(file) = &mut file {
            file.flush()?;
        }
        stage.step();
    }
    stage.items = replay.rows;
    stages.end(stage);
    if let Some(file) = file {
        file.finish()?;
    }
    let mut again = recomputed.columns();
    again.extend(nights.lacks_band(&sets.all)?.then(|| "band".to_owned()));
    let urgent = published_urgent(&project.config.output.path)?;
    let in_escalations_alone = urgent.range(first..=last).map(|(_, items)| items.len() as u64).sum();
    let facts = Facts { from: first, to: last, without_evidence, in_escalations_alone, recomputed: again, unknown };
    Ok(found(replay, &sets, facts))
}

struct Facts {
    from: Day,
    to: Day,
    without_evidence: u64,
    in_escalations_alone: u64,
    recomputed: Vec<String>,
    unknown: BTreeSet<String>,
}

fn found(replay: Replay<'_>, sets: &Sets, facts: Facts) -> Simulation {
    let (nights, rows, differing) = (replay.nights, replay.rows, replay.differing);
    let (totals, outcomes) = replay.finish();
    let mut totals = totals.into_iter();
    let (current, current_policies) = totals.next().unwrap_or_default();
    let mut of_candidates = totals.zip(outcomes);
    let ((candidate, policies), outcome) = of_candidates.next().unwrap_or_default();
    let point = |(value, ((totals, policies), outcome)): (&f64, ((SetTotals, Vec<PolicyReplay>), Outcome))| {
        let policies: Vec<PolicyReplay> = policies.into_iter().filter(|policy| sets.swept.contains(&policy.id)).collect();
        let (precision, items) = PolicyReplay::pooled(&policies);
        SweepPoint { value: *value, totals, changes: outcome.changes(), policies, items, precision }
    };
    let sweep = sets.parameter.as_ref().map(|parameter| Sweep {
        parameter: parameter.clone(),
        points: sets.values.iter().zip(of_candidates).map(point).collect(),
    });
    Simulation {
        from: facts.from.to_string(),
        to: facts.to.to_string(),
        nights,
        rows,
        without_evidence: facts.without_evidence,
        in_escalations_alone: facts.in_escalations_alone,
        differing,
        recomputed: facts.recomputed,
        unknown: facts.unknown.into_iter().collect(),
        current_version: sets.all.first().map_or(String::new(), |set| set.version.clone()),
        candidate_version: sets.all.get(1).map_or(String::new(), |set| set.version.clone()),
        taken_live: sets.taken_live.clone(),
        current,
        candidate,
        changes: outcome.changes(),
        transitions: outcome.transitions(),
        segments: outcome.segments(),
        policies,
        current_policies,
        honest_sellers: outcome.honest_sellers(HONEST_SELLERS),
        sweep,
    }
}

/// Rows replayed at a time.
const BATCH_ROWS: usize = 131_072;

fn replay_partition(
    replay: &mut Replay<'_>,
    partition: &Partition<'_>,
    recomputed: &Recomputed,
    unknown: &mut BTreeSet<String>,
) -> anyhow::Result<()> {
    let mut start = 0;
    while start < partition.n_rows() {
        let end = (start + BATCH_ROWS).min(partition.n_rows());
        let rows = partition.batch_rows(start..end);
        let lost = std::cell::RefCell::new(BTreeSet::new());
        // Every set asks for the same columns.
        let made: std::cell::RefCell<BTreeMap<String, SqlColumn>> = std::cell::RefCell::default();
        let make = |name: &str| {
            let known = partition.column(name, start..end).or_else(|| recomputed.column(name, partition, start..end));
            known.unwrap_or_else(|| {
                lost.borrow_mut().insert(name.to_owned());
                partition.nulls(name, end - start)
            })
        };
        let column = |name: &str| made.borrow_mut().entry(name.to_owned()).or_insert_with(|| make(name)).clone();
        let batch = crate::policy::Batch { day: partition.day, rows: &rows, column: &column };
        let published: Vec<_> = (start..end).map(|row| partition.treatment(row)).collect();
        replay.add(&batch, &|row| partition.item(start + row), &published)?;
        unknown.extend(lost.into_inner());
        start = end;
    }
    Ok(())
}

/// The labels whose probabilities hold for the population, by the model of a night.
struct Models<'a> {
    project: &'a Project,
    champion: &'a Champion,
    known: BTreeMap<String, BTreeSet<Id>>,
}

impl Models<'_> {
    /// Of the model `version`; of the champion where it is no longer stored.
    fn population(&mut self, version: Option<&str>) -> BTreeSet<Id> {
        let version = version.unwrap_or(&self.champion.version).to_owned();
        if !self.known.contains_key(&version) {
            let labels = if version == self.champion.version {
                population_labels(self.champion)
            } else {
                let other = load_model(self.project, Which::Version(&version));
                if other.is_err() {
                    tracing::warn!(
                        "model {version} of a night is not in the store any more: the champion's calibration stands in for it"
                    );
                }
                other.map_or_else(|_| population_labels(self.champion), |model| population_labels(&model))
            };
            self.known.insert(version.clone(), labels);
        }
        self.known.get(&version).cloned().unwrap_or_default()
    }
}

fn population_labels(model: &Champion) -> BTreeSet<Id> {
    model.labels.iter().map(|label| &label.id).filter(|label| is_population(model, label)).cloned().collect()
}

fn read_input(project: &Project, champion: &Champion, known: Day, stages: &mut Stages) -> anyhow::Result<Input> {
    let plan = input::plan(project)?;
    input::read(project, plan, known, &champion.features, stages)
}

/// What people have decided before the midnight of `known`, the last word on each item and label.
fn judged(project: &Project, input: &Input, known: Day) -> anyhow::Result<Judged> {
    let zones = &project.config.time.zones;
    let until = zones.default_as_of(known).instant;
    let scope = LabelScope::of(project);
    let mut decisions: Vec<GatheredDecision> = Vec::new();
    let mut sellers: BTreeMap<Id, Id> = BTreeMap::new();
    each_shard(
        input.spilled.n_shards(),
        |index| input.shard(index, project),
        |shard| {
            for decision in known_decisions(&shard, until, zones) {
                if let Some(seller) = shard.contents.get(decision.content).and_then(|(_, history)| history.seller()) {
                    sellers.insert(decision.decision.content_id.clone(), seller.clone());
                }
                decisions.push(GatheredDecision::of(&decision));
            }
            Ok(())
        },
    )?;
    decisions.sort_by(|a, b| a.key().cmp(&b.key()));
    // A machine's word is no measure of a machine.
    let people = decisions.iter().filter(|d| d.decision.decided_by != Some(crate::units::DecidedBy::Automatic));
    let dated: Vec<DatedDecision<'_>> = people.map(|decision| decision.dated(&scope)).collect();
    let mut judged = Judged::default();
    for label in aggregate(&dated, &aggregate_config(&project.config.train.labels)).labels {
        let violating = label.verdict == Verdict::Violating;
        if violating && let Some(seller) = sellers.get(&label.content_id) {
            judged.violating_sellers.insert(seller.clone());
        }
        judged.labels.entry(label.content_id).or_default().insert(label.label, violating);
    }
    Ok(judged)
}

/// Whether a path is a policy file rather than a folder.
fn is_file(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "toml")
}

/// All columns that some set reads, and those of its guards.
fn reads(sets: &[PolicySet]) -> BTreeSet<String> {
    sets.iter().flat_map(PolicySet::reads).map(str::to_owned).collect()
}
