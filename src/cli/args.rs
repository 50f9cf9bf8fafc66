//! What may be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Scores marketplace content for quality and abuse every night, and turns the scores into decisions.
///
/// Data goes to stdout, talk to stderr. Exit codes: 0 done; 1 failed, nothing published; 2 usage or configuration; 3 a gate
/// refused; 4 input contract broken; 75 transient, safe to retry; 99 nothing to do (only with --skip-if-empty).
#[derive(Debug, Parser)]
#[command(name = "stallmark", version, max_term_width = 120)]
pub struct Cli {
    /// What applies to every verb.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// Options of every verb.
#[derive(Debug, Clone, Args)]
pub struct GlobalArgs {
    /// Project folder, the one with stallmark.toml.
    #[arg(long, global = true, default_value = ".", value_name = "DIR")]
    pub project: PathBuf,
    /// Overrides one key of the configuration, for instance --set run.scope_days=7. May be repeated.
    #[arg(long = "set", global = true, value_name = "KEY=VALUE")]
    pub sets: Vec<String>,
    /// Form of the talk on stderr.
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

/// Form of the talk on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Writes a commented stallmark.toml into the project folder.
    #[command(after_help = "Example: stallmark init --project shop")]
    Init,
    /// Generates a marketplace with all seven tables, and the truth in a file of its own.
    #[command(after_help = "Example: stallmark synth --content 6000 --seed 1 --out shop")]
    Synth(SynthArgs),
    /// Generates a marketplace, trains on it, runs a night and prints the ten worst items.
    #[command(after_help = "Example: stallmark demo --out demo")]
    Demo(DemoArgs),
    /// Reads and checks the input as a run would, and publishes nothing.
    #[command(after_help = "Example: stallmark check --project shop --json")]
    Check(CheckArgs),
    /// Learns a model from the decisions and stores it.
    #[command(
        after_help = "Example: stallmark train --project shop --as-of 2026-03-26 --promote\nWith a search: stallmark train --project shop --tune 27"
    )]
    Train(TrainArgs),
    /// The nightly run: scores everything in scope and publishes.
    #[command(after_help = "Example: stallmark run --project shop --as-of 2026-03-26")]
    Run(RunArgs),
    /// Writes the review queue of the last published night as CSV that is safe to open in a spreadsheet.
    #[command(after_help = "Example: stallmark queue --project shop --market TH --out queue.csv")]
    Queue(QueueArgs),
    /// Tells what the monitor found of a published night: alarms, prevalence, figures beyond their limits, trends.
    #[command(
        after_help = "Example: stallmark monitor --project shop\nA policy of a trend: stallmark monitor --project shop --trend 1a2b3c4d --draft-policy shop/policies/new.toml --label scam --owner team@shop"
    )]
    Monitor(MonitorArgs),
    /// Writes the page of a published night, with report.json, stallmark.prom, escalations.jsonl and pages of the first cases.
    #[command(after_help = "Example: stallmark report --project shop --cases 10")]
    Report(ReportArgs),
    /// Scores what a run would score and prints one JSON object a line; publishes nothing.
    #[command(after_help = "Example: stallmark score --project shop --as-of 2026-03-26 | head -3")]
    Score(ScoreArgs),
    /// Tells one item's case: what it scores and why, the text with the offending words marked, copies, ring, seller, what has happened to
    /// it, policy by policy why it fired or not, and what would change the outcome.
    #[command(after_help = "Example: stallmark explain c0000042 --project shop --as-of 2026-03-26 --html case.html")]
    Explain(ExplainArgs),
    /// Writes the feature matrix as Parquet, with what each column means in a JSON file beside it.
    #[command(after_help = "Example: stallmark features --project shop --as-of 2026-03-26 --spine train --out features.parquet")]
    Features(FeaturesArgs),
    /// Measures a stored model on the decisions of the input.
    #[command(after_help = "Example: stallmark evaluate --project shop --set sources.reviews.path=dev.csv")]
    Evaluate(EvaluateArgs),
    /// Tells what the decisions say: labels with their sources, whether reviewers agree and are right, which verdicts look wrong,
    /// and what to label next. Stores no model.
    #[command(after_help = "Example: stallmark feedback --project shop --as-of 2026-03-26 --out feedback")]
    Feedback(FeedbackArgs),
    /// Sets two stored models side by side: metrics with intervals by label and slice, and what changes on tonight's items.
    #[command(after_help = "Example: stallmark compare 0123456789ab 456789abcdef --project shop --as-of 2026-03-26")]
    Compare(CompareArgs),
    /// Makes a stored model champion if the gate of [promote] lets it; exits with 3, naming each shortfall, if not.
    #[command(after_help = "Example: stallmark promote 456789abcdef --project shop --as-of 2026-03-26")]
    Promote(PromoteArgs),
    /// Makes the champion before this one champion again.
    #[command(after_help = "Example: stallmark rollback --project shop")]
    Rollback(RollbackArgs),
    /// Lists the stored models: what they learned from, which they were meant to replace, which are in use.
    #[command(after_help = "Example: stallmark models --project shop")]
    Models(ModelsArgs),
    /// Policies: checks them, runs their unit cases, lists what they may read, writes a set to begin with.
    #[command(subcommand, after_help = "Example: stallmark policy check --project shop")]
    Policy(PolicyVerb),
    /// Prints the JSON Schema of the configuration, the columns of the tables or of the scores, or the table of features.
    #[command(after_help = "Example: stallmark schema config > stallmark.schema.json")]
    Schema(SchemaArgs),
}

/// `synth`
#[derive(Debug, Args)]
pub struct SynthArgs {
    /// Number of content items.
    #[arg(long, default_value_t = 6000, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    pub content: u64,
    /// Seed; the same seed gives the same files.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Folder to write to: tables/*.parquet, truth/*.jsonl, and a stallmark.toml if there is none.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Days of history.
    #[arg(long, default_value_t = 84, value_parser = clap::value_parser!(u32).range(28..=730))]
    pub days: u32,
    /// First day of history.
    #[arg(long, default_value = "2026-01-01")]
    pub first_day: String,
}

/// `demo`
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Folder for the demo's project; it is made anew each time.
    #[arg(long, default_value = "demo", value_name = "DIR")]
    pub out: PathBuf,
    /// Number of content items.
    #[arg(long, default_value_t = 12_000, value_parser = clap::value_parser!(u64).range(1000..=10_000_000))]
    pub content: u64,
    /// Seed of the marketplace.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// `check`
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The day whose midnight the input is checked for; today by default.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<String>,
    /// Prints counts and rejects as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `train`
#[derive(Debug, Args)]
pub struct TrainArgs {
    /// Decisions made before this day's midnight are learned from; today by default.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<String>,
    /// Makes the new model champion even if there is one. The first model of a label set always becomes champion.
    #[arg(long)]
    pub promote: bool,
    /// Tries N sets of parameters first (the configuration's own is one of them) and trains with the best: random draws from the
    /// ranges of [train.tune], then successive halving. A search that was stopped goes on from its journal, tuning.jsonl.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub tune: Option<u32>,
    /// Empties the journal of an earlier search, whatever it was of, and begins anew.
    #[arg(long, requires = "tune")]
    pub restart_tuning: bool,
    /// Prints the model's version and metrics as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `run`
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The day whose midnight is scored; today by default.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<String>,
    /// Exits with 99 instead of publishing when nothing is in scope.
    #[arg(long)]
    pub skip_if_empty: bool,
    /// Publishes the night even if the gate refuses it; the reason is kept in what is published.
    #[arg(long = "override", value_name = "REASON", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub override_gate: Option<String>,
    /// Prints run_results.json.
    #[arg(long)]
    pub json: bool,
}

/// `queue`
#[derive(Debug, Args)]
pub struct QueueArgs {
    /// The file to write; standard output by default.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Only the rows of one market.
    #[arg(long, value_name = "MARKET")]
    pub market: Option<String>,
}

/// `monitor`
#[derive(Debug, Args)]
pub struct MonitorArgs {
    /// The night; the last published one by default.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<String>,
    /// Prints everything as JSON.
    #[arg(long)]
    pub json: bool,
    /// A trend, by the id that is printed, to make a draft policy or a batch of items to label of.
    #[arg(long, value_name = "ID")]
    pub trend: Option<String>,
    /// Writes the trend as a policy in mode draft, to be completed and simulated.
    #[arg(long, value_name = "FILE", requires_all = ["trend", "label", "owner"])]
    pub draft_policy: Option<PathBuf>,
    /// The label that the draft is about.
    #[arg(long, value_name = "LABEL", requires = "draft_policy")]
    pub label: Option<String>,
    /// Who answers for the draft.
    #[arg(long, value_name = "OWNER", requires = "draft_policy")]
    pub owner: Option<String>,
    /// Writes the trend's examples as CSV that is safe to open in a spreadsheet, to be labelled.
    #[arg(long, value_name = "FILE", requires = "trend")]
    pub labelling_batch: Option<PathBuf>,
}

/// `report`
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The night; the last published one by default.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<String>,
    /// The folder to write; report.path of the configuration by default.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Cases of the top of the queue with a page of their own; report.cases of the configuration by default.
    #[arg(long, value_parser = clap::value_parser!(u64).range(0..=100))]
    pub cases: Option<u64>,
    /// Prints what was written as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `score`
#[derive(Debug, Args)]
pub struct ScoreArgs {
    /// The day whose midnight is scored; today by default.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<String>,
}

/// `explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The item.
    #[arg(value_name = "CONTENT_ID")]
    pub content_id: String,
    /// The day at whose midnight it is looked at; today by default.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<String>,
    /// Prints JSON instead of text.
    #[arg(long)]
    pub json: bool,
    /// Writes a page of HTML, too, which needs nothing else to be read.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Shows telephone numbers, addresses and accounts, which are masked otherwise.
    #[arg(long)]
    pub show_contacts: bool,
}

/// `features`
#[derive(Debug, Args)]
pub struct FeaturesArgs {
    /// The day whose midnight ends what is known: that of the nightly run, or the last of training; today by default.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<String>,
    /// Which rows: those that a run would score, or those that a training would learn from.
    #[arg(long, value_enum, default_value_t = SpineOf::Run, conflicts_with = "spine_file")]
    pub spine: SpineOf,
    /// Rows of your own: a Parquet or CSV file with the columns content_id and as_of, a date (the midnight at which it begins in the
    /// item's market) or a time (the latest such midnight before or at it). Items that are not in the input have no row.
    #[arg(long, value_name = "FILE")]
    pub spine_file: Option<PathBuf>,
    /// The Parquet file to write; the description has the same name and ends in .json.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Prints the description too.
    #[arg(long)]
    pub json: bool,
}

/// Which rows `features` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SpineOf {
    /// What a run would score.
    Run,
    /// What a training would learn from.
    Train,
}

/// `evaluate`
#[derive(Debug, Args)]
pub struct EvaluateArgs {
    /// Decisions made before this day's midnight are used; today by default.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<String>,
    /// The model's version; the champion by default.
    #[arg(long, value_name = "VERSION")]
    pub model: Option<String>,
    /// Which decisions: all of the input, or those made after the model was trained.
    #[arg(long, value_enum, default_value_t = DecisionsOf::All)]
    pub decisions: DecisionsOf,
    /// Prints JSON instead of Markdown.
    #[arg(long)]
    pub json: bool,
}

/// Which decisions models are judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DecisionsOf {
    /// Those made after every model was trained.
    Later,
    /// All: for input that no model has learned from.
    All,
}

/// `feedback`
#[derive(Debug, Args)]
pub struct FeedbackArgs {
    /// Decisions made before this day's midnight are used, and the items in scope then; today by default.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<String>,
    /// A folder for labels.parquet, conflicts.parquet, label_errors.parquet and next_to_label.parquet.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Fits no model, and so doesn't tell which verdicts look wrong: the rest takes much less time.
    #[arg(long)]
    pub skip_fit: bool,
    /// Prints JSON instead of Markdown.
    #[arg(long)]
    pub json: bool,
}

/// `compare`
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// The first model's version.
    #[arg(value_name = "A")]
    pub a: String,
    /// The second model's version.
    #[arg(value_name = "B")]
    pub b: String,
    /// Decisions made before this day's midnight are used, and the items in scope then; today by default.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<String>,
    /// Which decisions: those made after both models were trained, or all of the input.
    #[arg(long, value_enum, default_value_t = DecisionsOf::Later)]
    pub decisions: DecisionsOf,
    /// Prints JSON instead of Markdown.
    #[arg(long)]
    pub json: bool,
}

/// `promote`
#[derive(Debug, Args)]
pub struct PromoteArgs {
    /// The version.
    #[arg(value_name = "VERSION")]
    pub version: String,
    /// Decisions made before this day's midnight are used, and the items in scope then; today by default.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<String>,
    /// Which decisions: those made after both models were trained, or all of the input.
    #[arg(long, value_enum, default_value_t = DecisionsOf::Later)]
    pub decisions: DecisionsOf,
    /// Promotes whatever the gate says; the reason is kept in promotions.jsonl beside the models.
    #[arg(long = "override", value_name = "REASON", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub reason: Option<String>,
    /// Prints the gate's checks and the comparison as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `rollback`
#[derive(Debug, Args)]
pub struct RollbackArgs {
    /// Prints the champion and the one before it as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `models`
#[derive(Debug, Args)]
pub struct ModelsArgs {
    /// Prints JSON, with every label and every change of champion.
    #[arg(long)]
    pub json: bool,
}

/// `policy`
#[derive(Debug, Subcommand)]
pub enum PolicyVerb {
    /// Reads and checks policies against what the project scores, and lists them with what is odd about them.
    #[command(after_help = "Example: stallmark policy check --project shop")]
    Check(PolicyFilesArgs),
    /// Runs the unit cases in the policies' files; exits with 1 if one fails, printing the values that decided.
    #[command(after_help = "Example: stallmark policy test --project shop policies/gambling_hold.toml")]
    Test(PolicyFilesArgs),
    /// Replays published nights under a candidate set beside the current one: who would newly be treated or freed, and what that costs.
    /// Publishes nothing.
    #[command(
        after_help = "Example: stallmark policy simulate --project shop --candidate gambling_hold.toml --from 2026-03-01 --sweep threshold=0.5..0.95"
    )]
    Simulate(SimulateArgs),
    /// Lists the columns that conditions may read, with their types and meanings.
    #[command(after_help = "Example: stallmark policy columns --project shop")]
    Columns(PolicyColumnsArgs),
    /// Writes the built-in policies about the project's labels into a folder, to change and launch.
    #[command(after_help = "Example: stallmark policy init shop/policies --project shop")]
    Init(PolicyInitArgs),
}

/// `policy simulate`
#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// A folder of policies, or one file that takes the place of the current policy of its id and is taken to be live.
    #[arg(long, value_name = "PATH")]
    pub candidate: Option<PathBuf>,
    /// A policy of the candidate set that is taken to be live whatever its file says; may be repeated.
    #[arg(long, value_name = "ID")]
    pub live: Vec<String>,
    /// The first night; by default the first that is published.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub from: Option<String>,
    /// The last night; by default the last that is published.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub to: Option<String>,
    /// Tries values of a parameter of the candidate, for instance threshold=0.5..0.95 or threshold=0.5..0.95:10.
    #[arg(long, value_name = "NAME=FROM..TO[:STEPS]")]
    pub sweep: Option<String>,
    /// Decisions known before this day's midnight are used; today by default.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<String>,
    /// A Parquet file for the swap set, one row an item and night.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Prints JSON instead of Markdown.
    #[arg(long)]
    pub json: bool,
}

/// `policy columns`
#[derive(Debug, Args)]
pub struct PolicyColumnsArgs {
    /// Prints JSON.
    #[arg(long)]
    pub json: bool,
}

/// `policy init`
#[derive(Debug, Args)]
pub struct PolicyInitArgs {
    /// The folder to write to.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

/// `policy check` and `policy test`
#[derive(Debug, Args)]
pub struct PolicyFilesArgs {
    /// A folder of policies, or one file; by default the project's policies.
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// Prints JSON.
    #[arg(long)]
    pub json: bool,
}

/// `schema`
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// What to describe.
    #[arg(value_enum)]
    pub of: SchemaOf,
}

/// What `schema` describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// stallmark.toml, as JSON Schema.
    Config,
    /// The seven input tables.
    Tables,
    /// The published score table of this project.
    Scores,
    /// The features of the built-in configuration, and what is null without which input, as Markdown.
    Features,
    /// Every key of a policy file, with its meaning and default, as TOML.
    Policy,
}
