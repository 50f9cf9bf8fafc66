//! `run`: the nightly run, stage by stage, in the order of the picture in DESIGN.md §2.

use anyhow::Context;

use super::champion::{Champion, load_champion, load_model};
use super::deciding::{Decider, NightRow, Verdicts};
use super::exit::VerbError;
use super::input::{self, Input, each_shard};
use super::marks::Marks;
use super::merge::{ShardRows, ShardScores};
use super::monitoring::gate::rule;
use super::monitoring::{NightSeen, Watch};
use super::policies::load_policies;
use super::project::Project;
use super::publishing::{NightOutput, Outlet, Shadowed};
use super::queueing::{Gathered, night_queue};
use super::reporting::{Events, report_failure, report_run};
use super::results::{RunResults, RunStatus, ShadowResult};
use super::rim;
use super::score_table::RunColumns;
use super::stages::Stages;
use crate::dataset::{Item, Shard, nightly_spine};
use crate::features::FeatureSet;
use crate::files::Lock;
use crate::policy::{PolicySet, Tally};
use crate::report::LineageEvent;
use crate::scoring::{ScoreRow, Scorer};
use crate::store::Which;
use crate::units::Day;

/// What the caller asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmptyPolicy {
    /// An empty night publishes an empty table.
    Publish,
    /// An empty night ends with exit code 99 and publishes nothing.
    Skip,
}

/// How to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NightRequest {
    /// What becomes of an empty night.
    pub empty: EmptyPolicy,
    /// Why the night is published even if the gate refuses it.
    pub gate_override: Option<String>,
}

/// Scores everything in scope at the midnight of `day` and publishes it. Whatever happens, `run_results.json` says so.
///
/// # Errors
/// The first failure of any stage; nothing is published then.
pub fn nightly(project: &Project, day: Day, request: &NightRequest, stages: &mut Stages) -> anyhow::Result<RunResults> {
    let output = &project.config.output.path;
    let holder = format!("stallmark run of {day}, process {}, since {}", project.rim.process, project.rim.now);
    crate::files::create_dir_all(output).context("the output folder cannot be made")?;
    let _lock = Lock::acquire(&output.join("_lock"), &holder)?;

    let provisional = run_id(&[&project.config.canonical_json(), &day.to_string()]);
    let mut results = RunResults::begun(provisional, day.to_string(), project.rim.now.to_string());
    results.number_attempt(output)?;
    results.write(output)?;
    let outcome = stages_of_the_night(project, day, request, stages, &mut results);
    results.stages = stages.finished().to_vec();
    results.ended_at = Some(rim::now().to_string());
    match outcome {
        Ok(()) => {
            results.status = RunStatus::Published;
            results.exit_code = Some(0);
            results.write(output)?;
            // What is published stands, whether or not it can be told of.
            tell("the page", report_run(project, day));
            tell("openlineage.jsonl", Events::of(project, day).write(&results, Some(LineageEvent::Complete)));
            Ok(results)
        }
        Err(error) => {
            results.fail(&error);
            // The run's own failure matters more than failing to write about it.
            tell("run_results.json", results.write(output).map_err(Into::into));
            tell("stallmark.prom", report_failure(project, &results, day));
            let causes = results.error.join(": ");
            tell("openlineage.jsonl", Events::of(project, day).write(&results, Some(LineageEvent::Fail(&causes))));
            Err(error)
        }
    }
}

/// Warns of what could not be written about a run.
fn tell(what: &str, written: anyhow::Result<()>) {
    if let Err(error) = written {
        tracing::warn!("{what} could not be written: {error:#}");
    }
}

fn stages_of_the_night(
    project: &Project,
    day: Day,
    request: &NightRequest,
    stages: &mut Stages,
    results: &mut RunResults,
) -> anyhow::Result<()> {
    // Everything that can fail without reading a row fails first.
    let plan = input::plan(project)?;
    let champion = load_champion(project)?;
    let challengers = load_challengers(project, &champion)?;
    let (policies, warnings) = load_policies(project, &champion)?;
    results.warnings.extend(warnings);
    results.policy_version = Some(policies.version.clone());
    let outlet = Outlet::open(project, day, &champion)?;
    results.model_version = Some(champion.version.clone());
    results.warnings.extend(champion.warnings.iter().cloned());

    let input = input::read(project, plan, day, &champion.features, stages)?;
    results.tables = input.spilled.counts.clone();
    results.inputs = input.inputs.clone();
    results.unversioned = !input.presence.versioned;
    results.shards = input.spilled.n_shards();
    results.continue_as(identify(project, &input, &champion, &policies, day), &project.config.output.path)?;

    let mut watch = Watch::begin(project, &input, &champion, &policies, day)?;
    tell("openlineage.jsonl", Events::of(project, day).write(results, None));

    let night = score_shards(project, &input, &champion, (&challengers, &policies, Some(&mut watch)), day, stages)?;
    let scores = &night.scores;
    results.challengers = night.shadows.iter().map(|shadow| shadow.result(scores.n_rows())).collect();
    results.items_scored = scores.n_rows();
    results.warnings.extend(input::odd_embeddings(scores.odd_embeddings, project));
    if scores.n_rows() == 0 {
        let nothing = VerbError::NothingInScope { as_of: day.to_string(), scope_days: project.config.run.scope_days };
        if request.empty == EmptyPolicy::Skip {
            return Err(nothing.into());
        }
        tracing::warn!("{nothing}");
        results.warnings.push(nothing.to_string());
    }

    let verdicts = Verdicts::settle(&policies, &champion, night.tally.clone());
    for warning in verdicts.night.warnings(&policies) {
        tracing::warn!("{warning}");
        results.warnings.push(warning);
    }
    results.policies = verdicts.results();

    let mut stage = stages.begin("queue", 0);
    stage.items = scores.n_rows();
    let queue = night_queue(project, scores, night.gathered, (&verdicts, &champion.labels), day)?;
    for warning in &queue.warnings {
        tracing::warn!("{warning}");
        results.warnings.push(warning.clone());
    }
    results.queue = queue.teams();
    stages.end(stage);

    let mut stage = stages.begin("monitor", 0);
    stage.items = scores.n_rows();
    let seen = NightSeen { champion: &champion, verdicts: &verdicts, queue: &queue, scores, tables: &results.tables };
    let monitored = watch.finish(&seen)?;
    stages.end(stage);

    let mut stage = stages.begin("publish", 0);
    stage.items = scores.n_rows();
    let columns_of = |version: &str| RunColumns {
        model_version: version.to_owned(),
        policy_version: policies.version.clone(),
        run_id: results.run_id.clone(),
    };
    let shadows: Vec<Shadowed<'_>> = night.shadows.iter().map(|shadow| (&shadow.scores, columns_of(&shadow.version))).collect();
    let run = columns_of(&champion.version);
    let night = NightOutput {
        scores,
        run,
        verdicts: &verdicts,
        queue: &queue,
        marks: night.marks,
        shadows: &shadows,
        rejects: &input.spilled.rejects,
        monitored: &monitored,
    };
    let gate = &monitored.gate;
    results.gate = Some(gate.clone());
    let ruling = rule(gate, &project.config.monitor.gate, request.gate_override.as_deref());
    results.warnings.extend(ruling.warning);
    results.gate_override.clone_from(&ruling.gate_override);
    if ruling.is_final {
        let folder = outlet.keep_refused(night, gate)?.display().to_string();
        stages.end(stage);
        return Err(VerbError::NightRefused { run_id: results.run_id.clone(), folder, shortfalls: gate.shortfalls() }.into());
    }
    let published = outlet.publish(night, ruling.gate_override)?;
    results.published = published.versions;
    results.urgent_routed = published.urgent;
    stages.end(stage);
    Ok(())
}

/// The challengers of the configuration. Their tables have the champion's columns.
///
/// # Errors
/// When one is not there, does not fit, or scores other labels.
fn load_challengers(project: &Project, champion: &Champion) -> anyhow::Result<Vec<Champion>> {
    let named = project.config.models.challengers.iter().filter(|version| **version != champion.version);
    let load = |version: &String| {
        let challenger = load_model(project, Which::Version(version))?;
        if challenger.labels == champion.labels {
            return Ok(challenger);
        }
        let reason = format!("model {version} scores other labels than the champion; name the labels in project.labels");
        Err(VerbError::Argument { argument: "models.challengers", reason }.into())
    };
    named.map(load).collect()
}

/// What a night's models and policies say of its spine.
pub(super) struct Night<'a> {
    /// The champion's rows.
    pub scores: ShardRows<NightRow>,
    /// What policies did.
    pub tally: Tally,
    /// What decisions say for the queue.
    pub gathered: Gathered,
    /// The challengers' rows.
    pub shadows: Vec<Shadow>,
    /// What it says of sellers.
    pub marks: Marks<'a>,
}

/// A challenger's night.
pub(super) struct Shadow {
    version: String,
    scores: ShardScores,
    /// Rows of another band than the champion's.
    changed: u64,
}

impl Shadow {
    fn result(&self, items: u64) -> ShadowResult {
        let share = (items > 0).then(|| self.changed as f64 / items as f64);
        ShadowResult { version: self.version.clone(), items, changed_band: self.changed, share }
    }
}

/// Scores the spine with the champion and its challengers, shard by shard.
///
/// # Errors
/// When rows cannot be spilled.
pub(super) fn score_shards<'a>(
    project: &'a Project,
    input: &'a Input,
    champion: &'a Champion,
    (challengers, policies, mut watch): (&[Champion], &PolicySet, Option<&mut Watch<'_>>),
    day: Day,
    stages: &mut Stages,
) -> anyhow::Result<Night<'a>> {
    let mut decider = Decider::new(project, champion, policies, day);
    let rivals: Vec<Rival> = challengers.iter().map(|model| Rival::of(model, champion, input)).collect();
    let scorer = champion.scorer();
    let mut gathered = Gathered::default();
    let mut marks = Marks::begin(project, input, champion, day)?;
    let mut scores = ShardRows::create(&project.rim.scratch)?;
    let mut shadows: Vec<Shadow> = Vec::with_capacity(challengers.len());
    for model in challengers {
        let scores = ShardScores::create(&project.rim.scratch)?;
        shadows.push(Shadow { version: model.version.clone(), scores, changed: 0 });
    }
    let mut stage = stages.begin("score", input.spilled.n_shards() as u64);
    each_shard(
        input.spilled.n_shards(),
        |index| input.shard(index, project),
        |shard| {
            let scored = score_shard(project, input, (&scorer, &rivals), (&mut decider, watch.as_deref_mut()), &shard, day)?;
            gathered.add(&shard, day, &project.config.time.zones, &project.config.queue);
            if let Some(watch) = watch.as_deref_mut() {
                watch.add_shard(&shard, &scored.rows)?;
            }
            stage.items += scored.rows.len() as u64;
            scores.odd_embeddings += scored.odd_embeddings;
            for (shadow, rows) in shadows.iter_mut().zip(scored.of_rivals) {
                shadow.changed += rows.iter().zip(&scored.rows).filter(|(a, b)| a.band != b.score.band).count() as u64;
                shadow.scores.push_shard(rows)?;
            }
            // Of an urgent item nothing is told but its identifier.
            marks.add(&shard, scored.rows.iter().filter(|row| !policies.is_urgent(&row.traces)).map(|row| &row.score))?;
            scores.push_shard(scored.rows)?;
            stage.step();
            Ok(())
        },
    )?;
    stages.end(stage);
    if let Some(warning) = input::odd_embeddings(scores.odd_embeddings, project) {
        tracing::warn!("{warning}");
    }
    Ok(Night { scores, tally: decider.tally, gathered, shadows, marks })
}

/// Spine rows scored at a time: enough to keep all threads busy, few enough that their n-grams stay small.
pub(super) const BATCH_ROWS: usize = 16_384;

/// A challenger ready to score.
struct Rival<'a> {
    scorer: Scorer<'a>,
    /// Its features, where they are not the champion's.
    features: Option<FeatureSet>,
}

impl<'a> Rival<'a> {
    fn of(model: &'a Champion, champion: &Champion, input: &Input) -> Self {
        let has_own = model.features.names() != champion.features.names();
        Self { scorer: model.scorer(), features: has_own.then(|| input.reading(&model.features)) }
    }
}

/// The score rows of a shard.
struct ScoredShard {
    rows: Vec<NightRow>,
    of_rivals: Vec<Vec<ScoreRow>>,
    /// How many embeddings have an odd length.
    odd_embeddings: u64,
}

fn score_shard(
    project: &Project,
    input: &Input,
    (scorer, rivals): (&Scorer, &[Rival]),
    (decider, mut watch): (&mut Decider<'_>, Option<&mut Watch<'_>>),
    shard: &Shard,
    day: Day,
) -> anyhow::Result<ScoredShard> {
    let mut spine = nightly_spine(shard, day, project.config.run.scope_days, &project.config.time.zones);
    // By seller, so that what a seller's items share is computed once a batch.
    spine.sort_by_key(|row| (shard.contents[row.content].1.seller(), row.content));
    let builder = input.builder(shard, project);
    let rows = Vec::with_capacity(spine.len());
    let mut scored = ScoredShard { rows, of_rivals: rivals.iter().map(|_| Vec::new()).collect(), odd_embeddings: 0 };
    for batch in spine.chunks(BATCH_ROWS) {
        let items = builder.build_beside(batch)?;
        scored.odd_embeddings += items.iter().filter(|(item, _)| item.odd_embedding).count() as u64;
        let alone: Vec<&Item> = items.iter().map(|(item, _)| item).collect();
        let rows = decider.decide(&items, scorer.score(&alone))?;
        if let Some(watch) = watch.as_deref_mut() {
            watch.add_batch(shard, &items, &rows)?;
        }
        scored.rows.extend(rows);
        for (rival, rows) in rivals.iter().zip(&mut scored.of_rivals) {
            rows.extend(match &rival.features {
                None => rival.scorer.score(&alone),
                Some(own) => rival.scorer.score(&input.builder_of(shard, project, own).build(batch)?),
            });
        }
    }
    Ok(scored)
}

/// The run's identifier: a hash of inputs, configuration and model (DESIGN.md §6).
fn identify(project: &Project, input: &Input, champion: &Champion, policies: &PolicySet, day: Day) -> String {
    let mut parts = vec![project.config.canonical_json(), day.to_string(), champion.version.clone(), policies.version.clone()];
    // Names of input files are not part of it: the same bytes from another folder are the same input.
    parts.extend(input.inputs.values().cloned());
    parts.push(project.lexicons.fingerprint().to_owned());
    parts.push(project.config.policies.sample_share.to_string());
    run_id(&parts.iter().map(String::as_str).collect::<Vec<_>>())
}

fn run_id(parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex()[..16].to_owned()
}
