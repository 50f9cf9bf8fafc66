//! Each verb's arguments turned into one call of `run`, and its result printed.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use serde::Serialize;

use super::args::{Cli, DecisionsOf, ExplainArgs, GlobalArgs, LogFormat, MonitorArgs, PolicyVerb, SchemaOf, SpineOf, Verb};
use super::talk;
use crate::explain::{ContactPolicy, TerminalStyle};
use crate::run::{
    self, CompareRequest, EmptyPolicy, ExplainRequest, FitPolicy, JournalPolicy, NightRequest, Period, Project, PromotePolicy,
    PromoteRequest, ReportRequest, Rim, Search, SimulateRequest, SpineChoice, Stages, SynthRequest, TalkForm, TrainRequest,
    Trained, in_thread_pool,
};
use crate::store::Which;

/// Reads the arguments, does what they say, and returns the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help goes to stdout with code 0, a mistake to stderr with code 2: clap's codes are the documented ones.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    talk::open(cli.global.log_format);
    match dispatch(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            talk::failure(&error);
            ExitCode::from(run::exit_of(&error).code())
        }
    }
}

/// `stallmark score | head` closes our stdout: that is the reader's right, not a failure.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

fn dispatch(cli: &Cli) -> anyhow::Result<()> {
    let global = &cli.global;
    let mut stages = Stages::new(talk_form(global));
    match &cli.verb {
        Verb::Init => say(&format!("wrote {}", run::init(&global.project)?.display())),
        Verb::Synth(args) => {
            let request = SynthRequest::new(args.content, args.seed, &args.first_day, args.days)?;
            print_json(&run::synth(&request, &args.out, &mut stages)?)
        }
        Verb::Demo(args) => run::demo(&args.out, args.content, args.seed, &Rim::of_process(), &mut io::stdout(), &mut stages),
        Verb::Check(args) => with_project(global, |project| {
            let report = run::check(project, project.day(args.as_of.as_deref())?, &mut stages)?;
            if args.json { print_json(&report) } else { write_out(&report.to_string()) }
        }),
        Verb::Train(args) => with_project(global, |project| {
            let promote = if args.promote { PromotePolicy::Always } else { PromotePolicy::FirstOnly };
            let journal = if args.restart_tuning { JournalPolicy::Restart } else { JournalPolicy::Resume };
            let search = args.tune.map(|n_trials| Search { n_trials: n_trials as usize, journal });
            let request = TrainRequest { promote, search };
            let trained = run::train(project, project.day(args.as_of.as_deref())?, request, &mut stages)?;
            if args.json { print_json(&trained) } else { print_trained(&trained) }
        }),
        Verb::Run(args) => with_recorded_project(global, |project| {
            let empty = if args.skip_if_empty { EmptyPolicy::Skip } else { EmptyPolicy::Publish };
            let request = NightRequest { empty, gate_override: args.override_gate.clone() };
            let results = run::nightly(project, project.day(args.as_of.as_deref())?, &request, &mut stages)?;
            if args.json { write_out(&results.to_json()) } else { say(&results.to_string()) }
        }),
        Verb::Queue(args) => with_project(global, |project| {
            let csv = run::queue_csv(project, args.market.as_deref())?;
            match &args.out {
                Some(path) => Ok(run::write_queue_csv(path, &csv)?),
                None => write_out(&csv),
            }
        }),
        Verb::Monitor(args) => with_project(global, |project| {
            let day = args.as_of.as_deref().map(|text| project.day(Some(text))).transpose()?;
            let found = run::monitor(project, day)?;
            if let Some(id) = &args.trend {
                return export_trend(args, &found, id);
            }
            if args.json { print_json(&found) } else { write_out(&found.to_string()) }
        }),
        Verb::Report(args) => with_project(global, |project| {
            let day = args.as_of.as_deref().map(|text| project.day(Some(text))).transpose()?;
            let cases = args.cases.map(|most| usize::try_from(most).unwrap_or(usize::MAX));
            let request = ReportRequest { day, out: args.out.clone(), cases };
            let written = run::report(project, &request, &mut stages)?;
            if args.json { print_json(&written) } else { say(&written.to_string()) }
        }),
        Verb::Score(args) => with_project(global, |project| {
            let mut out = io::BufWriter::new(io::stdout().lock());
            run::score(project, project.day(args.as_of.as_deref())?, &mut out, &mut stages)?;
            Ok(out.flush()?)
        }),
        Verb::Explain(args) => with_project(global, |project| explain(args, project, &mut stages)),
        Verb::Features(args) => with_project(global, |project| {
            let spine = match (&args.spine_file, args.spine) {
                (Some(path), _) => SpineChoice::File(path.clone()),
                (None, SpineOf::Run) => SpineChoice::Run,
                (None, SpineOf::Train) => SpineChoice::Train,
            };
            let summary = run::features(project, project.day(args.as_of.as_deref())?, &spine, &args.out, &mut stages)?;
            if args.json { print_json(&summary) } else { say(&format!("wrote {summary}")) }
        }),
        Verb::Evaluate(args) => with_project(global, |project| {
            let which = args.model.as_deref().map_or(Which::Champion, Which::Version);
            let day = project.day(args.as_of.as_deref())?;
            let found = run::evaluate(project, which, (period_of(args.decisions), day), &mut stages)?;
            if args.json { print_json(&found) } else { write_out(&found.to_string()) }
        }),
        Verb::Feedback(args) => with_project(global, |project| {
            let policy = if args.skip_fit { FitPolicy::Skip } else { FitPolicy::Fit };
            let day = project.day(args.as_of.as_deref())?;
            let found = run::feedback(project, day, policy, args.out.as_deref(), &mut stages)?;
            if args.json { print_json(&found) } else { write_out(&found.to_string()) }
        }),
        Verb::Compare(args) => with_project(global, |project| {
            let [a, b] = [&args.a, &args.b].map(|version| Which::Version(version));
            let request = CompareRequest { a, b, period: period_of(args.decisions) };
            let found = run::compare(project, request, project.day(args.as_of.as_deref())?, &mut stages)?;
            if args.json { print_json(&found) } else { write_out(&found.to_string()) }
        }),
        Verb::Promote(args) => with_project(global, |project| {
            let period = period_of(args.decisions);
            let request = PromoteRequest { version: &args.version, period, reason: args.reason.as_deref() };
            let found = run::promote(project, request, project.day(args.as_of.as_deref())?, &mut stages)?;
            if args.json {
                print_json(&found)?;
            } else {
                found.gate.iter().try_for_each(|gate| write_out(&gate.to_string()))?;
            }
            if let Some(refusal) = found.refusal() {
                return Err(refusal.into());
            }
            let before = found.previous.map_or(String::new(), |previous| format!(" in the place of {previous}"));
            let overruled = found.overruled.map_or(String::new(), |reason| format!("; the gate was overruled: {reason}"));
            say(&format!("model {} is champion{before}{overruled}", found.version))
        }),
        Verb::Rollback(args) => with_project(global, |project| {
            let promotion = run::rollback(project)?;
            if args.json {
                return print_json(&promotion);
            }
            say(&format!("model {} is champion again", promotion.version))
        }),
        Verb::Models(args) => with_project(global, |project| {
            let found = run::models(project)?;
            if args.json { print_json(&found) } else { write_out(&found.to_string()) }
        }),
        Verb::Policy(PolicyVerb::Check(args)) => with_project(global, |project| {
            let found = run::check_policies(project, args.path.as_deref())?;
            if args.json { print_json(&found) } else { write_out(&found.to_string()) }
        }),
        Verb::Policy(PolicyVerb::Test(args)) => with_project(global, |project| {
            let found = run::test_policies(project, args.path.as_deref())?;
            if args.json {
                print_json(&found)?
            } else {
                write_out(&found.to_string())?
            }
            found.refusal().map_or(Ok(()), |refusal| Err(refusal.into()))
        }),
        Verb::Policy(PolicyVerb::Simulate(args)) => with_project(global, |project| {
            let day = |text: &Option<String>| text.as_deref().map(|text| project.day(Some(text))).transpose();
            let request = SimulateRequest {
                candidate: args.candidate.clone(),
                live: args.live.clone(),
                nights: (day(&args.from)?, day(&args.to)?),
                sweep: args.sweep.clone(),
                out: args.out.clone(),
                known: project.day(args.as_of.as_deref())?,
            };
            let found = run::simulate(project, &request, &mut stages)?;
            if args.json { print_json(&found) } else { write_out(&found.to_string()) }
        }),
        Verb::Policy(PolicyVerb::Columns(args)) => with_project(global, |project| {
            let found = run::readable_columns(project)?;
            if args.json { print_json(&found) } else { write_out(&found.to_string()) }
        }),
        Verb::Policy(PolicyVerb::Init(args)) => with_project(global, |project| {
            let written = run::init_policies(project, &args.folder)?;
            // Paths of the configuration are relative to the project folder.
            let key = args.folder.strip_prefix(&project.dir).unwrap_or(&args.folder).display();
            let (n, folder) = (written.len(), args.folder.display());
            say(&format!("wrote {n} policies to {folder}; set policies.path = \"{key}\" in stallmark.toml to use them"))
        }),
        Verb::Schema(args) => match args.of {
            SchemaOf::Config => print_json(&crate::config::schema_json()),
            SchemaOf::Tables => print_json(&run::tables_schema()),
            SchemaOf::Policy => write_out(crate::config::POLICY_DEFAULTS),
            SchemaOf::Features => write_out(&run::features_page()?),
            SchemaOf::Scores => with_project(global, |project| print_json(&run::scores_schema(project))),
        },
    }
}

fn export_trend(args: &MonitorArgs, found: &run::Watched, id: &str) -> anyhow::Result<()> {
    if let (Some(path), Some(label), Some(owner)) = (&args.draft_policy, &args.label, &args.owner) {
        found.write_draft_policy(id, (label, owner), path)?;
        say(&format!(
            "wrote {}; next: stallmark policy check, stallmark policy simulate --candidate {}",
            path.display(),
            path.display()
        ))?;
    }
    if let Some(path) = &args.labelling_batch {
        found.write_labelling_batch(id, path)?;
        say(&format!("wrote {}", path.display()))?;
    }
    if args.draft_policy.is_none() && args.labelling_batch.is_none() {
        return write_out(&found.trend_text(id)?);
    }
    Ok(())
}

fn explain(args: &ExplainArgs, project: &Project, stages: &mut Stages) -> anyhow::Result<()> {
    let contacts = if args.show_contacts { ContactPolicy::Show } else { ContactPolicy::Mask };
    let request = ExplainRequest { content_id: &args.content_id, day: project.day(args.as_of.as_deref())?, contacts };
    let case = run::explain(project, request, args.html.as_deref(), stages)?;
    if args.json {
        return print_json(&case);
    }
    let style = if io::stdout().is_terminal() { TerminalStyle::Coloured } else { TerminalStyle::Plain };
    write_out(&case.text(style))
}

fn period_of(decisions: DecisionsOf) -> Period {
    match decisions {
        DecisionsOf::Later => Period::AfterTraining,
        DecisionsOf::All => Period::All,
    }
}

/// Opens the project and works in a pool of as many threads as it asks for.
fn with_project(global: &GlobalArgs, work: impl FnOnce(&Project) -> anyhow::Result<()> + Send) -> anyhow::Result<()> {
    let project = Project::open(&global.project, &global.sets, Rim::of_process())?;
    in_thread_pool(&project, work)
}

/// As [`with_project`]; a configuration that cannot be used leaves a `run_results.json` too.
fn with_recorded_project(global: &GlobalArgs, work: impl FnOnce(&Project) -> anyhow::Result<()> + Send) -> anyhow::Result<()> {
    let rim = Rim::of_process();
    match Project::open(&global.project, &global.sets, rim.clone()) {
        Ok(project) => in_thread_pool(&project, work),
        Err(error) => {
            run::record_unconfigured(&global.project, &rim, &error);
            Err(error)
        }
    }
}

fn talk_form(global: &GlobalArgs) -> TalkForm {
    match global.log_format {
        LogFormat::Text => TalkForm::Text,
        LogFormat::Json => TalkForm::Json,
    }
}

fn print_trained(trained: &Trained) -> anyhow::Result<()> {
    trained.metrics.iter().try_for_each(print_line)?;
    trained.classes.iter().try_for_each(print_line)?;
    for (label, reason) in &trained.skipped {
        say(&format!("`{label}` has no model: {}", reason.replace('_', " ")))?;
    }
    if let Some(tuned) = &trained.tuned {
        let shown = |loss: Option<f64>| loss.map_or("-".to_owned(), |loss| format!("{loss:.5}"));
        say(&format!(
            "trial {} of {} won: mean log loss {}, of the configuration as it stands {}; to keep its parameters:\n\n{}",
            tuned.winner,
            tuned.trials,
            shown(tuned.log_loss),
            shown(tuned.configured_log_loss),
            tuned.toml()
        ))?;
    }
    let place = if trained.champion { "champion" } else { "stored; `--promote` would make it champion" };
    say(&format!("model {}: {place}; the metrics are out of fold", trained.version))
}

fn say(text: &str) -> anyhow::Result<()> {
    tracing::info!("{text}");
    Ok(())
}

fn write_out(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

fn print_line(value: &impl Serialize) -> anyhow::Result<()> {
    write_out(&(serde_json::to_string(value)? + "\n"))
}

fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    write_out(&(serde_json::to_string_pretty(value)? + "\n"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::run::{Exit, VerbError};

    #[test]
    fn every_verb_shows_an_example() {
        Cli::command().debug_assert();
        for verb in Cli::command().get_subcommands() {
            let help = verb.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains(&format!("stallmark {}", verb.get_name())), "{}", verb.get_name());
        }
    }

    #[test]
    fn a_usage_error_has_the_documented_code() {
        assert_eq!(Exit::Usage.code(), 2);
        let error = SynthRequest::new(10, 1, "yesterday", 84).unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(VerbError::Argument { .. })));
    }
}
