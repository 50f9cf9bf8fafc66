//! Publishing one night: sync, commit every table in order, then name the versions in one atomic file.
//!
//! A crash between two of these steps leaves `_published.json` pointing at the versions before; the next run commits again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::commit::commit_table;
use super::error::PublishError;
use super::manifest::{PublishedManifest, PublishedTable, write_published};
use super::partition::{WrittenFile, absolute, check_folder, check_name};
use super::table::TableSchema;
use crate::files::{check_writable, create_dir_all, exists, file_size, sync_folder};
use crate::units::{Day, Timestamp};

/// What one run wants published.
#[derive(Debug, Clone)]
pub struct PublishPlan {
    /// The published folder.
    pub root: PathBuf,
    /// Hash of inputs, configuration and model.
    pub run_id: String,
    /// The date: files of this date replace all earlier ones of it, in every market.
    pub as_of: Day,
    /// Now, as `run` read it: the commits' time and their identity, so a plan committed twice counts once.
    pub committed_at: Timestamp,
    /// Why it is published although the gate refused it; stands in every commit and in the manifest.
    pub gate_override: Option<String>,
    /// The tables in commit order; `scores` last.
    pub tables: Vec<TablePlan>,
}

/// One table of a plan.
#[derive(Debug, Clone)]
pub struct TablePlan {
    /// Its columns.
    pub schema: TableSchema,
    /// Its files, all of the plan's date; none publishes the date as empty.
    pub files: Vec<WrittenFile>,
}

/// What was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The manifest as written.
    pub manifest: PublishedManifest,
}

impl Published {
    /// The Delta version of `table`.
    #[must_use]
    pub fn version(&self, table: &str) -> Option<u64> {
        self.manifest.tables.get(table).map(|t| t.version)
    }
}

/// Publishes a plan. Call it under the run's lock.
///
/// # Errors
/// When a staged file is not what was written, a table cannot be committed, or a column would change its type. What
/// `_published.json` names then reads as before.
pub fn publish(plan: &PublishPlan) -> Result<Published, PublishError> {
    publish_with(plan, &mut |_| Ok(()))
}

/// Checks, before anything is computed, that `tables` can be published to `root`, and makes their folders.
///
/// # Errors
/// When a folder cannot be made or written to, or has a name that the Delta library misreads.
pub fn check_output(root: &Path, tables: &[&str]) -> Result<(), PublishError> {
    check_folder(root)?;
    create_dir_all(root)?;
    check_writable(root)?;
    for table in tables {
        check_name(table)?;
        let folder = root.join(table);
        create_dir_all(&folder)?;
        check_writable(&folder)?;
        let log = folder.join("_delta_log");
        if exists(&log) {
            check_writable(&log)?;
        }
    }
    Ok(())
}

/// A point at which a run can die.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Before staged files are checked and synced.
    Sync,
    /// Before the table of this position is committed.
    Commit(usize),
    /// After all commits, before the manifest is replaced.
    Manifest,
}

/// [`publish`] with a word from `before` at each step; the fault tests say no.
pub(super) fn publish_with(
    plan: &PublishPlan,
    before: &mut dyn FnMut(Step) -> Result<(), PublishError>,
) -> Result<Published, PublishError> {
    check_folder(&plan.root)?;
    before(Step::Sync)?;
    create_dir_all(&plan.root)?;
    sync_staged(plan)?;

    let mut manifest = PublishedManifest::new(&plan.run_id, plan.as_of.to_string(), plan.committed_at.to_string());
    manifest.gate_override.clone_from(&plan.gate_override);
    for (position, table) in plan.tables.iter().enumerate() {
        before(Step::Commit(position))?;
        let version = commit_table(plan, table)?;
        let name = table.schema.name.to_owned();
        manifest.tables.insert(name.clone(), PublishedTable { version, path: name });
    }

    before(Step::Manifest)?;
    write_published(&plan.root, &manifest)?;
    Ok(Published { manifest })
}

/// Checks that every staged file has the size its writer gave it (the writer has synced the contents), and syncs the folders
/// above it, which may be new.
fn sync_staged(plan: &PublishPlan) -> Result<(), PublishError> {
    let mut folders: BTreeSet<&Path> = BTreeSet::from([plan.root.as_path()]);
    let mut paths = Vec::new();
    for table in &plan.tables {
        check_name(table.schema.name)?;
        create_dir_all(&plan.root.join(table.schema.name))?;
        for file in &table.files {
            let path = absolute(&plan.root, table.schema.name, file);
            let got = file_size(&path)?;
            if got != file.size {
                return Err(PublishError::StagedFileChanged { path, expected: file.size, got });
            }
            paths.push(path);
        }
    }
    for path in &paths {
        folders.extend(path.ancestors().skip(1).take_while(|folder| folder.starts_with(&plan.root)));
    }
    // Deepest first: a folder's name is durable only once its parent is.
    for folder in folders.iter().rev() {
        sync_folder(folder)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::fixture::{OPTIONS, plan, rows, schema, target, write};
    use crate::publish::table::{ColumnData, ColumnKind, ColumnSpec};
    use crate::publish::{MANIFEST_NAME, PartitionWriter, clean_orphans, next_attempt, read_columns, read_published};

    fn ids(root: &Path, version: u64) -> Vec<Option<String>> {
        match read_columns(root, "scores", version, &["content_id"]).unwrap().columns.remove(0).data {
            ColumnData::Text(ids) => ids,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_kind_of_column_reads_back_with_its_partition() {
        let dir = tempfile::tempdir().unwrap();
        let published = publish(&plan(dir.path(), 1, 250)).unwrap();
        assert_eq!(published.version("scores"), Some(0));
        let expect = rows(0..250);
        let mut names: Vec<&str> = expect.columns.iter().map(|c| c.name.as_str()).collect();
        let read = read_columns(dir.path(), "scores", 0, &names).unwrap();
        assert_eq!(read, expect);
        names = vec!["market", "as_of"];
        let read = read_columns(dir.path(), "scores", 0, &names).unwrap();
        assert_eq!(read.column("market"), Some(&ColumnData::Text(vec![Some("SG".to_owned()); 250])));
        assert_eq!(read.column("as_of"), Some(&ColumnData::Date(vec![Some("2026-11-01".parse().unwrap()); 250])));
        let missing = read_columns(dir.path(), "scores", 0, &["p_none"]).unwrap_err().to_string();
        assert!(missing.contains("no readable column `p_none`: it has content_id, p_spam"), "{missing}");
    }

    #[test]
    fn a_rerun_replaces_its_date_and_the_old_version_still_reads() {
        let dir = tempfile::tempdir().unwrap();
        publish(&plan(dir.path(), 1, 30)).unwrap();
        let second = publish(&plan(dir.path(), 2, 20)).unwrap();
        assert_eq!(second.version("scores"), Some(1));
        assert_eq!((ids(dir.path(), 0).len(), ids(dir.path(), 1).len()), (30, 20));
        assert_eq!(read_published(dir.path()).unwrap(), Some(second.manifest));

        let mut other_day = plan(dir.path(), 3, 0);
        other_day.as_of = "2026-11-02".parse().unwrap();
        let mut to = target(dir.path(), "run", 3);
        to.as_of = other_day.as_of;
        other_day.tables[0].files = write(to, 5);
        assert_eq!(publish(&other_day).unwrap().version("scores"), Some(2));
        assert_eq!(ids(dir.path(), 2).len(), 25);
    }

    #[test]
    fn a_plan_committed_twice_counts_once() {
        let dir = tempfile::tempdir().unwrap();
        publish(&plan(dir.path(), 1, 30)).unwrap();
        let second = plan(dir.path(), 2, 20);
        let once = publish(&second).unwrap();
        assert_eq!(publish(&second).unwrap(), once);
        // The same files under a later time: a new version with the same rows.
        let later = PublishPlan { committed_at: Timestamp(second.committed_at.0 + 1), ..second.clone() };
        assert_eq!(publish(&later).unwrap().version("scores"), Some(2));
        assert_eq!(ids(dir.path(), 2), ids(dir.path(), 1));
        // A clock that went back does not stop us.
        let back = PublishPlan { committed_at: Timestamp(5), ..plan(dir.path(), 3, 7) };
        assert_eq!(publish(&back).unwrap().version("scores"), Some(3));
        assert_eq!(ids(dir.path(), 3).len(), 7);
    }

    #[test]
    fn an_empty_night_is_published_as_empty() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(publish(&plan(dir.path(), 1, 0)).unwrap().version("scores"), Some(0));
        publish(&plan(dir.path(), 2, 3)).unwrap();
        publish(&plan(dir.path(), 3, 0)).unwrap();
        assert_eq!([0, 1, 2].map(|version| ids(dir.path(), version).len()), [0, 3, 0]);
    }

    #[test]
    fn new_labels_add_nullable_columns() {
        let dir = tempfile::tempdir().unwrap();
        publish(&plan(dir.path(), 1, 4)).unwrap();
        let mut wider = schema();
        wider.columns.remove(2);
        wider.columns.push(ColumnSpec { name: "p_scam".to_owned(), kind: ColumnKind::F32, doc: "scam".to_owned() });
        let mut batch = rows(0..2);
        batch.columns.remove(2);
        batch.columns.push(crate::publish::Column { name: "p_scam".to_owned(), data: ColumnData::F32(vec![Some(0.5), None]) });
        let mut to = target(dir.path(), "run", 2);
        to.as_of = "2026-11-02".parse().unwrap();
        let mut writer = PartitionWriter::new(to, wider.clone(), OPTIONS).unwrap();
        writer.append(batch).unwrap();
        let tables = vec![TablePlan { schema: wider, files: writer.finish().unwrap() }];
        let as_of = "2026-11-02".parse().unwrap();
        let second = PublishPlan { tables, as_of, ..plan(dir.path(), 2, 0) };
        assert_eq!(publish(&second).unwrap().version("scores"), Some(1));
        // Old rows have no value in the new column, new rows none in the one that is gone.
        let read = read_columns(dir.path(), "scores", 1, &["p_scam", "harm"]).unwrap();
        assert_eq!(read.column("p_scam"), Some(&ColumnData::F32(vec![None, None, None, None, Some(0.5), None])));
        let Some(ColumnData::F64(harm)) = read.column("harm") else { panic!("{read:?}") };
        assert!(harm[..4].iter().any(Option::is_some) && harm[4..].iter().all(Option::is_none));
    }

    #[test]
    fn a_column_never_changes_its_type() {
        let dir = tempfile::tempdir().unwrap();
        publish(&plan(dir.path(), 1, 4)).unwrap();
        let mut changed = plan(dir.path(), 2, 0);
        changed.tables[0].schema.columns[1].kind = ColumnKind::F64;
        let error = publish(&changed).unwrap_err();
        assert_eq!(
            error.to_string(),
            "column `p_spam` of table `scores` is published as float and would become double: a column never changes its \
             meaning, so give the new one another name"
        );
        assert_eq!(ids(dir.path(), 0).len(), 4);
    }

    #[test]
    fn a_failure_at_any_step_leaves_what_was_published() {
        for fault in [Step::Sync, Step::Commit(0), Step::Commit(1), Step::Manifest] {
            let dir = tempfile::tempdir().unwrap();
            publish(&plan_of_two(dir.path(), 1, 30)).unwrap();
            let before = (std::fs::read(dir.path().join(MANIFEST_NAME)).unwrap(), ids(dir.path(), 0));

            let second = plan_of_two(dir.path(), 2, 20);
            let mut inject = |step: Step| match step == fault {
                true => Err(PublishError::Injected { step: format!("{step:?}") }),
                false => Ok(()),
            };
            assert!(matches!(publish_with(&second, &mut inject).unwrap_err(), PublishError::Injected { .. }), "{fault:?}");
            let after = (std::fs::read(dir.path().join(MANIFEST_NAME)).unwrap(), ids(dir.path(), 0));
            assert_eq!(before, after, "{fault:?}");

            // The next run removes what was staged and never committed, and publishes.
            let cleaned = clean_orphans(dir.path(), "scores").unwrap();
            assert_eq!(cleaned.n_orphans, usize::from(fault != Step::Manifest), "{fault:?}");
            let attempt = next_attempt(dir.path(), &["metrics", "scores"], "run").unwrap();
            let third = plan_of_two(dir.path(), attempt.max(3), 10);
            let version = publish(&third).unwrap().version("scores").unwrap();
            assert_eq!((ids(dir.path(), version).len(), ids(dir.path(), 0).len()), (10, 30), "{fault:?}");
        }
    }

    #[test]
    fn any_folder_name_without_a_percent_sign_will_do() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("a b/ñ#?&+'[x]");
        publish(&plan(&root, 1, 3)).unwrap();
        assert_eq!(publish(&plan(&root, 2, 4)).unwrap().version("scores"), Some(1));
        assert_eq!((ids(&root, 0).len(), ids(&root, 1).len()), (3, 4));
        assert_eq!(clean_orphans(&root, "scores").unwrap().n_orphans, 0);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);

        let refused = PublishPlan { root: dir.path().join("50%20"), ..plan(&root, 3, 0) };
        assert!(matches!(publish(&refused).unwrap_err(), PublishError::BadFolder { .. }));
    }

    #[test]
    fn rows_without_a_market_have_a_partition_too() {
        let dir = tempfile::tempdir().unwrap();
        for attempt in [1, 2] {
            let mut rejects = plan(dir.path(), attempt, 0);
            let to = crate::publish::PartitionTarget { market: None, ..target(dir.path(), "run", attempt) };
            rejects.tables[0].files = write(to, 3);
            assert_eq!(publish(&rejects).unwrap().version("scores"), Some(u64::from(attempt) - 1));
        }
        let read = read_columns(dir.path(), "scores", 1, &["market", "as_of"]).unwrap();
        assert_eq!(read.column("market"), Some(&ColumnData::Text(vec![None; 3])));
        assert_eq!(read.column("as_of"), Some(&ColumnData::Date(vec![Some("2026-11-01".parse().unwrap()); 3])));
    }

    #[test]
    fn an_output_that_cannot_be_written_is_found_at_once() {
        let dir = tempfile::tempdir().unwrap();
        check_output(&dir.path().join("new"), &["scores"]).unwrap();
        publish(&plan(dir.path(), 1, 1)).unwrap();
        check_output(dir.path(), &["scores", "rejects"]).unwrap();
        std::fs::write(dir.path().join("metrics"), b"a file").unwrap();
        let error = check_output(dir.path(), &["scores", "metrics"]).unwrap_err().to_string();
        assert!(error.contains("/metrics`: "), "{error}");
        assert_eq!(crate::files::list_files(dir.path()).unwrap().len(), 2, "probes are gone");
    }

    #[test]
    fn a_staged_file_that_changed_stops_the_run() {
        let dir = tempfile::tempdir().unwrap();
        let plan = plan(dir.path(), 1, 10);
        let path = absolute(dir.path(), "scores", &plan.tables[0].files[0]);
        std::fs::write(&path, b"short").unwrap();
        assert!(matches!(publish(&plan).unwrap_err(), PublishError::StagedFileChanged { got: 5, .. }));
        std::fs::remove_file(&path).unwrap();
        assert!(publish(&plan).unwrap_err().to_string().contains("run-1-00000.parquet"));
        assert_eq!(read_published(dir.path()).unwrap(), None);
    }

    #[test]
    fn an_unwritable_log_names_the_table() {
        let dir = tempfile::tempdir().unwrap();
        let plan = plan(dir.path(), 1, 10);
        std::fs::write(dir.path().join("scores/_delta_log"), b"a file where the log should be").unwrap();
        let error = publish(&plan).unwrap_err();
        assert!(error.to_string().contains("/scores`"), "{error}");
        assert_eq!(read_published(dir.path()).unwrap(), None);
    }

    fn plan_of_two(root: &Path, attempt: u32, n_rows: usize) -> PublishPlan {
        let mut plan = plan(root, attempt, n_rows);
        let mut metrics = TablePlan { schema: schema(), files: Vec::new() };
        metrics.schema.name = "metrics";
        plan.tables.insert(0, metrics);
        plan
    }
}
