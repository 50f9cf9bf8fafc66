//! `features`: the matrix of any spine as a Parquet file, and what its columns mean beside it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::champion::fingerprint;
use super::decisions::{LabelScope, aggregate_config, taught_spine};
use super::exit::VerbError;
use super::input::{self, Input, each_shard};
use super::matrix_file::{MatrixFile, MatrixRow, MatrixSummary};
use super::merge::ShardRows;
use super::nightly::BATCH_ROWS;
use super::project::{PROJECT_FILE, Project};
use super::stages::Stages;
use crate::dataset::{DatasetError, Shard, SpineRow, asked_spine, known_decisions, nightly_spine};
use crate::files;
use crate::tables::{SpineTime, read_spine};
use crate::units::{Day, Id};

/// Whose features are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpineChoice {
    /// What a nightly run of the day would score.
    Run,
    /// What a training on the decisions before the day would learn from.
    Train,
    /// The rows of a file with the columns `content_id` and `as_of`.
    File(PathBuf),
}

/// Most items that the warning about unknown ones names.
const SHOWN_ITEMS: usize = 5;

/// Writes the features of the spine to `out`, and their docs, fingerprint and coverage to a file beside it that ends in `.json`.
///
/// # Errors
/// When the input breaks its contract, or the files cannot be written; what stood under their names is then untouched.
pub fn features(
    project: &Project,
    day: Day,
    spine: &SpineChoice,
    out: &Path,
    stages: &mut Stages,
) -> anyhow::Result<MatrixSummary> {
    // Everything that can fail without reading a row fails first.
    let asked = Asked::new(project, spine)?;
    let plan = input::plan(project)?;
    may_write(out, plan.paths().map(|(_, path)| path), project)?;
    let set = input::feature_set(&project.config, &project.lexicons, &plan.extra_columns)?;
    let file = MatrixFile::create(out, &set, fingerprint(&set, project), project)?;

    let input = input::read(project, plan, day, &set, stages)?;
    let (rows, missing) = matrix_rows(project, &input, day, &asked, stages)?;
    let mut warnings: Vec<String> = input::odd_embeddings(rows.odd_embeddings, project).into_iter().collect();
    warnings.extend(unknown_items(&missing));
    warnings.iter().for_each(|warning| tracing::warn!("{warning}"));

    let mut stage = stages.begin("write", 0);
    stage.items = rows.n_rows();
    let summary = file.write(&rows, &input, missing.len() as u64, warnings)?;
    stages.end(stage);
    Ok(summary)
}

/// Refuses a target that the project reads, or that something else has written.
fn may_write<'a>(out: &Path, mut inputs: impl Iterator<Item = &'a Path>, project: &Project) -> Result<(), VerbError> {
    let refuse = |reason: String| Err(VerbError::Argument { argument: "--out", reason });
    if out.extension().is_none_or(|extension| extension != "parquet") {
        return refuse(format!("{} does not end in .parquet, which is what is written", out.display()));
    }
    let same = |path: &Path| path.canonicalize().is_ok_and(|path| out.canonicalize().is_ok_and(|out| out == path));
    if inputs.any(same) || same(&project.dir.join(PROJECT_FILE)) || project.config.features.lexicons.files.iter().any(|f| same(f))
    {
        return refuse(format!("{} is read by this project: write elsewhere", out.display()));
    }
    let beside = out.with_extension("json");
    match files::read_text(&beside) {
        Ok(text) if !text.contains("\"fingerprint\"") => {
            refuse(format!("{} would be replaced, and does not describe a matrix: write elsewhere", beside.display()))
        }
        _ => Ok(()),
    }
}

/// Which rows of a shard are asked for.
enum Asked {
    Run,
    Train,
    Listed(BTreeMap<Id, Vec<SpineTime>>),
}

impl Asked {
    fn new(project: &Project, spine: &SpineChoice) -> anyhow::Result<Self> {
        Ok(match spine {
            SpineChoice::Run => Self::Run,
            SpineChoice::Train if project.config.active_labels().len() == 0 => return Err(VerbError::NoLabels.into()),
            SpineChoice::Train => Self::Train,
            SpineChoice::File(path) => {
                let mut listed: BTreeMap<Id, Vec<SpineTime>> = BTreeMap::new();
                for (id, time) in read_spine(path)? {
                    listed.entry(id).or_default().push(time);
                }
                Self::Listed(listed)
            }
        })
    }

    fn spine(&self, project: &Project, shard: &Shard, day: Day) -> Vec<SpineRow> {
        let zones = &project.config.time.zones;
        let mut spine = match self {
            Self::Run => nightly_spine(shard, day, project.config.run.scope_days, zones),
            Self::Train => {
                let until = zones.default_as_of(day).instant;
                let known = known_decisions(shard, until, zones);
                taught_spine(shard, &known, &LabelScope::of(project), &aggregate_config(&project.config.train.labels))
            }
            Self::Listed(listed) => asked_spine(shard, listed, zones),
        };
        // By seller, so that what a seller's items share is computed once a batch.
        spine.sort_by_key(|row| (shard.contents[row.content].1.seller(), row.content, row.as_of));
        spine
    }
}

/// The rows asked for, and the listed items that are not in the input.
fn matrix_rows(
    project: &Project,
    input: &Input,
    day: Day,
    asked: &Asked,
    stages: &mut Stages,
) -> anyhow::Result<(ShardRows<MatrixRow>, Vec<Id>)> {
    let mut rows = ShardRows::create(&project.rim.scratch)?;
    let mut missing: BTreeMap<&Id, ()> = match asked {
        Asked::Listed(listed) => listed.keys().map(|id| (id, ())).collect(),
        _ => BTreeMap::new(),
    };
    let mut stage = stages.begin("features", input.spilled.n_shards() as u64);
    each_shard(
        input.spilled.n_shards(),
        |index| input.shard(index, project),
        |shard| {
            let spine = asked.spine(project, &shard, day);
            for row in &spine {
                missing.remove(&shard.contents[row.content].0);
            }
            stage.items += spine.len() as u64;
            let (of_shard, odd_embeddings) = shard_rows(project, input, &shard, &spine)?;
            rows.odd_embeddings += odd_embeddings;
            rows.push_shard(of_shard)?;
            stage.step();
            Ok(())
        },
    )?;
    stages.end(stage);
    Ok((rows, missing.into_keys().cloned().collect()))
}

fn shard_rows(
    project: &Project,
    input: &Input,
    shard: &Shard,
    spine: &[SpineRow],
) -> Result<(Vec<MatrixRow>, u64), DatasetError> {
    let builder = input.builder(shard, project);
    let (mut rows, mut odd_embeddings) = (Vec::with_capacity(spine.len()), 0);
    for batch in spine.chunks(BATCH_ROWS) {
        let items = builder.build(batch)?;
        odd_embeddings += items.iter().filter(|item| item.odd_embedding).count() as u64;
        rows.extend(items.into_iter().map(MatrixRow::from));
    }
    Ok((rows, odd_embeddings))
}

/// What to tell of listed items that are not in the input.
fn unknown_items(missing: &[Id]) -> Option<String> {
    let shown: Vec<&str> = missing.iter().take(SHOWN_ITEMS).map(Id::as_str).collect();
    (!missing.is_empty()).then(|| {
        format!("{} items of the spine are not in the input and have no row, among them {}", missing.len(), shown.join(", "))
    })
}
