//! One Delta commit: the files of one as-of date replace the earlier ones of that date, and nothing else changes.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use deltalake::kernel::transaction::{CommitBuilder, CommitProperties};
use deltalake::kernel::{Action, Add, CommitInfo, LogicalFileView, MetadataExt, Remove, Transaction};
use deltalake::operations::create::CreateBuilder;
use deltalake::protocol::{DeltaOperation, SaveMode};
use deltalake::{DeltaTable, DeltaTableBuilder, DeltaTableError, ensure_table_uri};
use serde_json::json;
use tokio::runtime::Runtime;

use super::delta::{EvolutionError, PARTITION_COLUMNS, evolved, fields};
use super::error::PublishError;
use super::partition::WrittenFile;
use super::plan::{PublishPlan, TablePlan};
use crate::files::{FilesError, Operation, list_files, sync_file, sync_folder};

/// Names our commits in the log's transaction identifiers, so that a repeated commit is recognised.
const APP_ID: &str = "stallmark";

/// Commits one table and returns its version. If this very plan was committed before, nothing happens.
pub(super) fn commit_table(plan: &PublishPlan, table: &TablePlan) -> Result<u64, PublishError> {
    let folder = plan.root.join(table.schema.name);
    let version = match is_delta_table(&folder) {
        false => runtime()?.block_on(create(plan, table, &folder))?,
        true => runtime()?.block_on(replace(plan, table, &folder))?,
    };
    sync_log(&folder)?;
    Ok(version)
}

/// Opens a table at `version`, or at its newest.
pub(super) async fn open(folder: &Path, version: Option<u64>) -> Result<DeltaTable, DeltaTableError> {
    let builder = builder(folder)?;
    match version {
        Some(version) => builder.with_version(version).load().await,
        None => builder.load().await,
    }
}

/// A runtime on this thread only: the log is small, and nothing else here waits.
pub(super) fn runtime() -> Result<Runtime, PublishError> {
    let made = tokio::runtime::Builder::new_current_thread().enable_all().build();
    Ok(made.map_err(|source| FilesError::Io { operation: Operation::Read, path: PathBuf::from("tokio runtime"), source })?)
}

/// Whether the folder has a Delta log with at least one commit.
pub(super) fn is_delta_table(folder: &Path) -> bool {
    list_files(&folder.join("_delta_log")).is_ok_and(|files| files.iter().any(|f| f.extension().is_some_and(|e| e == "json")))
}

fn builder(folder: &Path) -> Result<DeltaTableBuilder, DeltaTableError> {
    DeltaTableBuilder::from_url(ensure_table_uri(folder.to_string_lossy())?)
}

async fn create(plan: &PublishPlan, table: &TablePlan, folder: &Path) -> Result<u64, PublishError> {
    let failed = |e| PublishError::delta("create", folder)(e);
    let log_store = builder(folder).and_then(DeltaTableBuilder::build).map_err(failed)?.log_store();
    let mut actions = vec![commit_info(plan, "CREATE TABLE")];
    actions.extend(table.files.iter().map(|file| add(plan, file)));
    let created = CreateBuilder::new()
        .with_log_store(log_store)
        .with_table_name(table.schema.name)
        .with_columns(fields(&table.schema).map_err(failed)?)
        .with_partition_columns(PARTITION_COLUMNS)
        .with_actions(actions)
        .with_commit_properties(CommitProperties::default().with_application_transaction(transaction(plan.committed_at.0)))
        .await
        .map_err(failed)?;
    Ok(created.version().unwrap_or(0))
}

async fn replace(plan: &PublishPlan, table: &TablePlan, folder: &Path) -> Result<u64, PublishError> {
    let failed = |e| PublishError::delta("commit to", folder)(e);
    let published = open(folder, None).await.map_err(PublishError::delta("open", folder))?;
    let log_store = published.log_store();
    let state = published.snapshot().map_err(failed)?;
    let last = state.transaction_version(log_store.as_ref(), APP_ID).await.map_err(failed)?;
    if last == Some(plan.committed_at.0) {
        return Ok(state.version());
    }
    // Application versions must grow even if the clock went back.
    let application_version = last.map_or(plan.committed_at.0, |last| plan.committed_at.0.max(last + 1));

    let mut actions = vec![commit_info(plan, "WRITE")];
    let new_fields = fields(&table.schema).map_err(failed)?;
    let union = evolved(&state.schema(), new_fields, &table.schema).map_err(|e| match e {
        EvolutionError::Changed(changed) => *changed,
        EvolutionError::Delta(e) => failed(e),
    })?;
    if let Some(union) = union {
        let metadata = state.metadata().clone().with_schema(&union).map_err(|e| failed(e.into()))?;
        actions.push(metadata.into());
    }
    let mut already = BTreeSet::new();
    let new_paths: BTreeSet<&str> = table.files.iter().map(|f| f.path.as_str()).collect();
    let as_of = plan.as_of.to_string();
    for file in state.snapshot().try_log_data().map_err(failed)? {
        let path = file.path().into_owned();
        let same_date = file.partition_values_map().get("as_of") == Some(&Some(as_of.clone()));
        if new_paths.contains(path.as_str()) {
            already.insert(path);
        } else if same_date {
            actions.push(remove(plan, &file, path));
        }
    }
    actions.extend(table.files.iter().filter(|f| !already.contains(&f.path)).map(|file| add(plan, file)));

    let operation = DeltaOperation::Write {
        mode: SaveMode::Overwrite,
        partition_by: Some(PARTITION_COLUMNS.map(str::to_owned).to_vec()),
        predicate: Some(format!("as_of = '{as_of}'")),
    };
    // No silent retry: whoever committed in between may have touched the files that we replace.
    let properties = CommitProperties::default().with_max_retries(0);
    let commit = CommitBuilder::from(properties.with_application_transaction(transaction(application_version)))
        .with_actions(actions)
        .build(Some(state), log_store, operation)
        .await
        .map_err(failed)?;
    Ok(commit.version())
}

fn commit_info(plan: &PublishPlan, operation: &str) -> Action {
    let mut info = vec![("runId", json!(plan.run_id)), ("asOf", json!(plan.as_of.to_string()))];
    info.extend(plan.gate_override.as_ref().map(|reason| ("gateOverride", json!(reason))));
    Action::CommitInfo(CommitInfo {
        timestamp: Some(millis(plan)),
        operation: Some(operation.to_owned()),
        engine_info: Some(concat!("stallmark:", env!("CARGO_PKG_VERSION")).to_owned()),
        info: info.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
        ..CommitInfo::default()
    })
}

fn transaction(version: i64) -> Transaction {
    Transaction::new(APP_ID, version)
}

fn millis(plan: &PublishPlan) -> i64 {
    plan.committed_at.0.div_euclid(1000)
}

fn add(plan: &PublishPlan, file: &WrittenFile) -> Action {
    let market = file.market.map(|m| m.to_string());
    Action::Add(Add {
        path: file.path.clone(),
        partition_values: HashMap::from([("as_of".to_owned(), Some(file.as_of.to_string())), ("market".to_owned(), market)]),
        size: i64::try_from(file.size).unwrap_or(i64::MAX),
        modification_time: millis(plan),
        data_change: true,
        stats: Some(json!({ "numRecords": file.rows }).to_string()),
        ..Add::default()
    })
}

fn remove(plan: &PublishPlan, file: &LogicalFileView, path: String) -> Action {
    Action::Remove(Remove {
        path,
        data_change: true,
        deletion_timestamp: Some(millis(plan)),
        extended_file_metadata: Some(true),
        partition_values: Some(file.partition_values_map()),
        size: Some(file.size()),
        deletion_vector: file.deletion_vector_descriptor(),
        ..Remove::default()
    })
}

/// The crate writes the log atomically but does not sync it; `_published.json` must not outlive what it points at.
fn sync_log(folder: &Path) -> Result<(), PublishError> {
    let log = folder.join("_delta_log");
    if let Some(newest) = list_files(&log)?.iter().rfind(|f| f.extension().is_some_and(|e| e == "json")) {
        sync_file(newest)?;
    }
    sync_folder(&log)?;
    Ok(sync_folder(folder)?)
}
