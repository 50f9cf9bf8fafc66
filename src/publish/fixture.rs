//! A small table with a column of every kind, for the tests of this module.

use std::ops::Range;
use std::path::Path;

use super::partition::{Compression, PartitionTarget, PartitionWriter, WriterOptions, WrittenFile};
use super::plan::{PublishPlan, TablePlan};
use super::table::{Column, ColumnData, ColumnSpec, Table, TableSchema};
use crate::units::{Day, Timestamp};

pub(super) const OPTIONS: WriterOptions =
    WriterOptions { compression: Compression::Zstd, row_group_rows: 100, max_file_rows: 1000 };

/// Row `i` has every third value null.
pub(super) fn rows(range: Range<usize>) -> Table {
    fn every<T>(range: &Range<usize>, value: impl Fn(usize) -> T) -> Vec<Option<T>> {
        range.clone().map(|i| (i % 3 != 1).then(|| value(i))).collect()
    }
    let columns = [
        ("content_id", ColumnData::Text(range.clone().map(|i| Some(format!("c{i:06}-ñ"))).collect())),
        ("p_spam", ColumnData::F32(every(&range, |i| (i % 97) as f32 / 97.0))),
        ("harm", ColumnData::F64(every(&range, |i| i as f64 * 0.1))),
        ("views", ColumnData::counts(every(&range, |i| i as u64 * 1_000_000_007))),
        ("rank", ColumnData::I32(every(&range, |i| -(i as i32)))),
        ("same_day", ColumnData::Boolean(every(&range, |i| i % 2 == 0))),
        ("expires_on", ColumnData::Date(every(&range, |i| Day(20_000 + i as i32)))),
        ("expires_at", ColumnData::Timestamp(every(&range, |i| Timestamp(1_790_000_000_000_000 + i as i64)))),
        ("reasons", ColumnData::Reasons(range.clone().map(|i| vec![("caps".to_owned(), i as f32); i % 4]).collect())),
        ("policy_ids", ColumnData::TextList(range.clone().map(|i| vec![format!("p{i}"); i % 3]).collect())),
    ];
    Table { columns: columns.into_iter().map(|(name, data)| Column { name: name.to_owned(), data }).collect() }
}

pub(super) fn schema() -> TableSchema {
    let spec = |c: Column| ColumnSpec { doc: format!("the {}", c.name), kind: c.data.kind(), name: c.name };
    TableSchema { name: "scores", columns: rows(0..0).columns.into_iter().map(spec).collect() }
}

pub(super) fn target(root: &Path, run_id: &str, attempt: u32) -> PartitionTarget {
    PartitionTarget {
        root: root.to_owned(),
        as_of: "2026-11-01".parse().unwrap(),
        market: Some("SG".parse().unwrap()),
        run_id: run_id.to_owned(),
        attempt,
    }
}

pub(super) fn write(target: PartitionTarget, n_rows: usize) -> Vec<WrittenFile> {
    let mut writer = PartitionWriter::new(target, schema(), OPTIONS).unwrap();
    writer.append(rows(0..n_rows)).unwrap();
    writer.finish().unwrap()
}

/// A plan with `scores` alone, its files written.
pub(super) fn plan(root: &Path, attempt: u32, n_rows: usize) -> PublishPlan {
    PublishPlan {
        root: root.to_owned(),
        run_id: "run".to_owned(),
        as_of: "2026-11-01".parse().unwrap(),
        committed_at: Timestamp(1_790_000_000_000_000 + i64::from(attempt) * 1_000_000),
        gate_override: None,
        tables: vec![TablePlan { schema: schema(), files: write(target(root, "run", attempt), n_rows) }],
    }
}
