//! The stages that every verb over data begins with: sources → tables → shards → globals.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context;

use super::exit::VerbError;
use super::project::Project;
use super::stages::Stages;
use crate::config::{Config, TableName};
use crate::dataset::{
    CrossSeller, CrossSellerBuilder, FileNames, Globals, GlobalsBuilder, Intake, ItemBuilder, Presence, Shard, Spilled,
};
use crate::features::{DeclaredDoc, Embedding, FeatureSet, FeatureSetError, FeatureSpec, HistoryRules, WindowPlan};
use crate::files;
use crate::tables::{self, Plan, ReadOptions, ReadReport};
use crate::text::{Lexicons, NgramConfig};
use crate::units::Day;

/// Rows read at a time.
const CHUNK_ROWS: usize = 65_536;

/// Memory allowed a shard for each byte of input, rows and indices together: with it a generated million items peaks at 1.46 GB
/// under a limit of 2 GB.
const MEMORY_PER_INPUT_BYTE: f64 = 12.0;

/// The share of the memory limit that one shard's rows may take: the next shard is loaded beside it, and features, n-grams and score
/// rows need the rest.
const SHARD_SHARE: f64 = 0.2;

/// The checked input of a project, by shard, with the globals.
pub(super) struct Input {
    /// The rows.
    pub spilled: Spilled,
    /// What every shard needs to know of the others.
    pub globals: Globals,
    /// Links between sellers.
    pub cross: CrossSeller,
    /// Which tables have a source.
    pub presence: Presence,
    /// The tables and columns that hold a value: `engagement`, `content.title`.
    pub present: BTreeSet<String>,
    /// The input files by source and file.
    pub file_names: FileNames,
    /// Digest of every input file.
    pub inputs: BTreeMap<String, String>,
    /// The features to compute.
    pub features: FeatureSet,
    /// The `x_*` columns, and what is mapped: which features another set can have here.
    extra_columns: Vec<String>,
    mapped: BTreeSet<String>,
    /// The declared windows.
    pub windows: WindowPlan,
    /// How texts are cut.
    pub ngrams: NgramConfig,
    /// How histories are counted.
    pub history: HistoryRules,
}

/// Opens every source and checks that it can be read, before a row is.
///
/// # Errors
/// At the first source that breaks the contract.
pub(super) fn plan(project: &Project) -> anyhow::Result<Plan> {
    let fed = |table: &TableName| project.config.sources.iter().flat_map(|s| &s.feeds).any(|feed| feed.table == *table);
    if let Some(table) = project.config.input.required_tables.iter().find(|table| !fed(table)) {
        return Err(VerbError::NoSource { table: *table }.into());
    }
    tables::plan(&project.config.sources).context("the input cannot be used")
}

/// The columns of a project's matrix with the `x_*` columns `extra_columns`: the registered features and those that its
/// configuration declares.
///
/// # Errors
/// When a declared one cannot be a column.
pub(super) fn feature_set(config: &Config, lexicons: &Lexicons, extra_columns: &[String]) -> Result<FeatureSet, FeatureSetError> {
    let features = &config.features;
    FeatureSet::new(FeatureSpec {
        windows: WindowPlan::compile(&features.windows).docs().to_vec(),
        lexicons: lexicons.docs().into_iter().map(DeclaredDoc::from).collect(),
        embedding: Embedding { dims: features.embedding.dims, length: features.embedding.length },
        extra_columns: extra_columns.to_vec(),
        signals: features.signals.clone(),
        excluded: features.exclude.clone(),
        excluded_place: features.exclude_place.clone(),
    })
}

/// Reads, checks and spills the rows of `plan`, and derives the globals. `features` are those to compute of each row.
///
/// # Errors
/// When too many rows are rejected, or rows cannot be read or spilled.
pub(super) fn read(project: &Project, plan: Plan, day: Day, features: &FeatureSet, stages: &mut Stages) -> anyhow::Result<Input> {
    let config = &project.config;
    let zones = &config.time.zones;

    let mut stage = stages.begin("tables", 0);
    let inputs = digests(&plan)?;
    let mut intake = Intake::new(&project.rim.scratch, n_shards(project, &plan))?;
    let options =
        ReadOptions { latest: project.latest(day), max_text_bytes: config.input.max_text_bytes, chunk_rows: CHUNK_ROWS };
    let report = tables::read(&plan, &options, &mut intake).context("the input cannot be used")?;
    let mapped = plan.mapped();
    let file_names: FileNames = (0..plan.n_files()).map(|file| plan.file_name(file as u32)).collect();
    let filtered = report.tables.iter().map(|t| (t.table, t.filtered));
    let mut spilled = intake.finish(filtered, &file_names)?;
    stage.items = report.tables.iter().map(|t| t.rows_in).sum();
    stages.end(stage);

    let windows = WindowPlan::compile(&config.features.windows);
    let mut stage = stages.begin("globals", spilled.n_shards() as u64);
    let mut builder = GlobalsBuilder::new(&windows);
    let mut cross = CrossSellerBuilder::new(&project.rim.scratch, &config.features)?;
    let mut rejects = Vec::new();
    let load = |index| Shard::load(&spilled, index, zones, &file_names);
    each_shard(spilled.n_shards(), load, |(shard, repeated)| {
        stage.items += shard.contents.len() as u64;
        builder.add(&shard, zones);
        cross.add(&shard, zones)?;
        rejects.extend(repeated);
        stage.step();
        Ok(())
    })?;
    spilled.reject_later(rejects);
    spilled.check_rejects(config.input.max_reject_share)?;
    stages.end(stage);

    let present = present(project, &report);
    Ok(Input {
        spilled,
        present,
        globals: builder.finish(),
        windows,
        cross: cross.finish()?,
        presence: Presence::new(fed_tables(project), report.versioned),
        file_names,
        inputs,
        features: features.clone().reading(&report.extra_columns, |name| mapped.contains(name)),
        extra_columns: report.extra_columns,
        mapped,
        ngrams: project.ngrams(),
        history: HistoryRules { config: config.features.history.clone(), severities: config.severities() },
    })
}

/// Gives every shard to `work` in order, and loads the next one meanwhile.
///
/// # Errors
/// The first error of loading or of `work`.
pub(super) fn each_shard<T: Send, E: Send>(
    n_shards: usize,
    load: impl Fn(usize) -> Result<T, E> + Sync,
    mut work: impl FnMut(T) -> anyhow::Result<()> + Send,
) -> anyhow::Result<()>
where
    anyhow::Error: From<E>,
{
    let mut loaded = if n_shards > 0 { Some(load(0)?) } else { None };
    let mut next = 1;
    while let Some(shard) = loaded.take() {
        let (worked, following) = rayon::join(|| work(shard), || (next < n_shards).then(|| load(next)));
        worked?;
        loaded = following.transpose()?;
        next += 1;
    }
    Ok(())
}

/// The tables that have a source, and the columns that hold a value in some row.
fn present(project: &Project, report: &ReadReport) -> BTreeSet<String> {
    let columns = report.tables.iter().flat_map(|t| t.columns_present.iter().map(|column| format!("{}.{column}", t.table)));
    columns.chain(fed_tables(project).iter().map(ToString::to_string)).collect()
}

/// What to tell of rows whose embedding has another length than configured.
#[must_use]
pub(super) fn odd_embeddings(n: u64, project: &Project) -> Option<String> {
    let length = project.config.features.embedding.length;
    (n > 0).then(|| {
        format!(
            "{n} rows have an embedding of another length than features.embedding.length = {length}: their embedding features are \
             null; correct the key or the source"
        )
    })
}

/// The tables that the project's sources feed.
fn fed_tables(project: &Project) -> Vec<TableName> {
    project.config.sources.iter().flat_map(|source| source.feeds.iter().map(|feed| feed.table)).collect()
}

/// The digest of each input file, by name.
fn digests(plan: &Plan) -> anyhow::Result<BTreeMap<String, String>> {
    let digest = |(name, path): (String, &Path)| Ok((name, files::digest(path)?.blake3));
    plan.paths().map(digest).collect()
}

/// The configured number of shards, or as many as keep one shard within its part of the memory limit.
fn n_shards(project: &Project, plan: &Plan) -> usize {
    match project.config.run.shards {
        0 => {
            let budget = project.config.run.memory_limit as f64 * SHARD_SHARE;
            let needed = plan.total_bytes as f64 * MEMORY_PER_INPUT_BYTE;
            ((needed / budget).ceil() as usize).clamp(1, 4096)
        }
        shards => shards as usize,
    }
}

impl Input {
    /// What builds the items of `shard`.
    #[must_use]
    pub(super) fn builder<'a>(&'a self, shard: &'a Shard, project: &'a Project) -> ItemBuilder<'a> {
        self.builder_of(shard, project, &self.features)
    }

    /// Another model's features over this input.
    #[must_use]
    pub(super) fn reading(&self, features: &FeatureSet) -> FeatureSet {
        features.clone().reading(&self.extra_columns, |name| self.mapped.contains(name))
    }

    /// What builds the items of `shard` with other features; see [`Input::reading`].
    #[must_use]
    pub(super) fn builder_of<'a>(&'a self, shard: &'a Shard, project: &'a Project, features: &'a FeatureSet) -> ItemBuilder<'a> {
        ItemBuilder {
            shard,
            globals: &self.globals,
            cross: &self.cross,
            presence: &self.presence,
            features,
            windows: &self.windows,
            lexicons: &project.lexicons,
            ngrams: &self.ngrams,
            min_cell: project.config.features.listing_min_cell,
            history: &self.history,
            price_prior_n: project.config.features.listing.price_prior_n,
            forecast_prior_days: project.config.score.forecast_prior_days,
            horizon_days: project.config.queue.horizon_days,
            zones: &project.config.time.zones,
        }
    }

    /// What some feature would read and the project doesn't map, sorted: a table that has no source by its name (`reports`), a column of
    /// one that has by both (`content.price`).
    #[must_use]
    pub(super) fn unmapped(&self) -> Vec<String> {
        let read: BTreeSet<&str> = self.features.docs().flat_map(DeclaredDoc::reads).collect();
        let table = |name: &str| name.split_once('.').map_or(name, |(table, _)| table).to_owned();
        let lacks = |name: &&str| !self.mapped.contains(*name);
        let named = |name: &str| {
            if self.mapped.contains(&table(name)) || table(name) == "content" { name.to_owned() } else { table(name) }
        };
        let lacking: BTreeSet<String> = read.into_iter().filter(lacks).map(named).collect();
        lacking.into_iter().collect()
    }

    /// Shard `index`.
    ///
    /// # Errors
    /// When the spill cannot be read.
    pub(super) fn shard(&self, index: usize, project: &Project) -> anyhow::Result<Shard> {
        // The rejects of this load were booked when the globals were made.
        Ok(Shard::load(&self.spilled, index, &project.config.time.zones, &self.file_names)?.0)
    }
}
