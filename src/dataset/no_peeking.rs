//! Nothing peeks, nothing skews: properties of the whole matrix over random marketplaces (DESIGN.md §3, promise 1).
//!
//! The rows of the future differ, are there or are not; the matrix doesn't change by a bit. What was known changes it, value by value.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use rayon::prelude::*;

use super::fixtures::engine;
use super::missing_inputs::blank;
use super::random_market::{DAY, Era, Matrix, Reading, differences as differ, rows_of};
use super::{ContentHistory, Shard, SpineRow};
use crate::config::TableName;
use crate::features::DeclaredDoc;
use crate::tables::{Need, TableRow, schema};
use crate::units::{AfterSalesKind, AsOf, ContentType, Day, Id, Treatment, Verdict, Zones};

/// The matrix of `rows` as read in order into `shards` shards by `threads` threads.
fn matrix(rows: &[TableRow], zones: &Zones, shards: usize, threads: usize) -> Matrix {
    let engine = engine();
    Reading { shards, threads, ..Reading::whole(&engine, zones) }.matrix(rows)
}

fn differences(a: &Matrix, b: &Matrix) -> Vec<String> {
    differ(&engine(), a, b)
}

fn east() -> Zones {
    Zones::new("UTC", &BTreeMap::from([("SG".parse().unwrap(), "Asia/Singapore".to_owned())])).unwrap()
}

/// The midnight of `DAY` in SG, in days since 1970.
fn eastern_midnight() -> f64 {
    let as_of: AsOf = east().as_of("SG".parse().unwrap(), Day(DAY));
    as_of.instant.0 as f64 / 86_400e6
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Adds, removes and edits rows of every table that were not known at the midnight.
    #[test]
    fn the_future_changes_no_bit(seed in any::<u64>(), future in any::<u64>(), other in any::<u64>()) {
        let past = rows_of(Era::Past, f64::from(DAY), seed);
        let with = |future: u64| [past.clone(), rows_of(Era::Future, f64::from(DAY), future)].concat();
        // The future read first, table by table: of rows that have one key the one known first stands, not the one read first.
        let before = |future: u64| {
            let mut rows = [rows_of(Era::Future, f64::from(DAY), future), past.clone()].concat();
            rows.sort_by_key(TableRow::table);
            rows
        };
        let utc = Zones::utc();
        let alone = matrix(&past, &utc, 1, 1);
        prop_assert!(alone.len() >= 10, "{}", alone.len());
        prop_assert_eq!(differences(&alone, &matrix(&with(future), &utc, 2, 2)), Vec::<String>::new());
        prop_assert_eq!(differences(&matrix(&with(other), &utc, 1, 2), &matrix(&with(future), &utc, 3, 1)), Vec::<String>::new());
        prop_assert_eq!(differences(&alone, &matrix(&before(other), &utc, 2, 1)), Vec::<String>::new());
    }

    /// The same for a market whose midnight comes eight hours before the others'.
    #[test]
    fn no_market_reads_what_another_knows_only_later(seed in any::<u64>(), future in any::<u64>()) {
        let cut = eastern_midnight();
        let past = rows_of(Era::Past, cut, seed);
        let both = [past.clone(), rows_of(Era::Future, cut, future)].concat();
        let of_sg = |rows: &[TableRow]| {
            let mut matrix = matrix(rows, &east(), 2, 2);
            // Those whose own midnight it is; an item keeps the midnights of its first market.
            let midnight = east().as_of("SG".parse().unwrap(), Day(DAY));
            matrix.retain(|(_, as_of), _| *as_of == midnight);
            matrix
        };
        prop_assert_eq!(differences(&of_sg(&past), &of_sg(&both)), Vec::<String>::new());
    }

    /// No skew: the shards, the threads and the order of the rows are nothing to a row.
    #[test]
    fn a_row_is_the_same_anywhere(seed in any::<u64>()) {
        let rows = rows_of(Era::Past, f64::from(DAY), seed);
        let utc = Zones::utc();
        let one = matrix(&rows, &utc, 1, 1);
        prop_assert_eq!(differences(&one, &matrix(&rows, &utc, 7, 3)), Vec::<String>::new());
        let mut shuffled: Vec<TableRow> = rows.clone();
        // The order within a table is its own: keys that repeat keep their first row.
        shuffled.sort_by_key(|row| std::cmp::Reverse(row.table()));
        shuffled.sort_by_key(|row| row.table() != TableName::Content);
        prop_assert_eq!(differences(&one, &matrix(&shuffled, &utc, 3, 2)), Vec::<String>::new());
    }
}

/// No skew between a nightly run and training, which computes rows of many midnights in one call: each is what it is alone, whatever
/// stands beside it, and in any order.
#[test]
fn a_midnight_is_the_same_among_others() {
    let (engine, utc) = (engine(), Zones::utc());
    let nights = |shard: &Shard| -> Vec<Vec<SpineRow>> {
        [DAY - 20, DAY - 6, DAY - 1, DAY].map(|day| every_item(shard, day, &utc)).to_vec()
    };
    for seed in 0..3 {
        let rows = rows_of(Era::Past, f64::from(DAY), seed);
        let reading = Reading { shards: 2, threads: 2, ..Reading::whole(&engine, &utc) };
        let alone = reading.matrix_of(&rows, nights);
        let together = reading.matrix_of(&rows, |shard| vec![nights(shard).concat()]);
        let backwards = reading.matrix_of(&rows, |shard| vec![nights(shard).concat().into_iter().rev().collect()]);
        assert!(alone.len() > 40 && alone.values().collect::<BTreeSet<_>>().len() > 30, "{}", alone.len());
        assert_eq!(differ(&engine, &alone, &together), Vec::<String>::new(), "seed {seed}");
        assert_eq!(differ(&engine, &alone, &backwards), Vec::<String>::new(), "seed {seed}");
    }
}

/// Every item of `shard` at the midnight of `day`, those that were not there yet among them, as training asks for them.
fn every_item(shard: &Shard, day: i32, zones: &Zones) -> Vec<SpineRow> {
    let row = |(content, (_, history)): (usize, &(Id, ContentHistory))| {
        let as_of = zones.as_of(history.first().unwrap().market, Day(day));
        SpineRow { content, as_of, same_day: !history.is_known(as_of) }
    };
    shard.contents.iter().enumerate().map(row).collect()
}

/// What was known does change the matrix, whichever table it stands in.
#[test]
fn the_past_of_every_table_counts() {
    let rows = rows_of(Era::Past, f64::from(DAY), 7);
    let utc = Zones::utc();
    let all = matrix(&rows, &utc, 2, 2);
    for table in TableName::ALL {
        let without =
            |at: usize| rows.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, row)| row.clone()).collect::<Vec<_>>();
        let mut of_table = (0..rows.len()).rev().filter(|at| rows[*at].table() == table);
        assert!(
            of_table.any(|at| !differences(&all, &matrix(&without(at), &utc, 2, 2)).is_empty()),
            "no row of `{table}` counts"
        );
    }
}

/// Changes a value that a row must have.
fn change(row: &mut TableRow, column: &str) {
    let other = |verdict| if verdict == Verdict::Violating { Verdict::Compliant } else { Verdict::Violating };
    match (row, column) {
        (TableRow::Content(row), "content_type") => row.content_type = ContentType::Live,
        (TableRow::Content(row), "market") => row.market = "TH".parse().unwrap(),
        (TableRow::Content(row), "published_at") => row.published_at = row.published_at.plus_days(-3),
        (TableRow::Sellers(row), "valid_from") => row.valid_from = row.valid_from.map(|at| at.plus_days(100)),
        (TableRow::Engagement(row), "day") => row.day = row.day.plus(-100),
        (TableRow::Decisions(row), "label") => row.label = "gambling".into(),
        (TableRow::Decisions(row), "verdict") => row.verdict = other(row.verdict),
        (TableRow::Decisions(row), "decided_at") => row.decided_at = row.decided_at.plus_days(-30),
        (TableRow::Actions(row), "treatment") => row.treatment = Treatment::Allow,
        (TableRow::Actions(row), "started_at") => row.started_at = row.started_at.plus_days(-100),
        (TableRow::Reports(row), "reported_at") => row.reported_at = row.reported_at.plus_days(-30),
        (TableRow::AfterSales(row), "occurred_at") => row.occurred_at = row.occurred_at.plus_days(-100),
        (TableRow::AfterSales(row), "kind") => {
            row.kind = if row.kind == AfterSalesKind::Return { AfterSalesKind::Refund } else { AfterSalesKind::Return };
        }
        (row, column) => blank(row, column),
    }
}

/// What was known changes the matrix value by value: of each column that a feature reads some single cell does, and of one that none
/// reads no cell.
#[test]
fn an_edit_of_one_value_of_the_past_counts() {
    let (engine, utc) = (engine(), Zones::utc());
    let read: BTreeSet<&str> = engine.features.docs().flat_map(DeclaredDoc::reads).collect();
    let rows = rows_of(Era::Past, f64::from(DAY), 7);
    let matrix = |rows: &[TableRow]| Reading::whole(&engine, &utc).matrix(rows);
    let all = matrix(&rows);
    let counts = |table: TableName, column: &str| {
        let of_table = (0..rows.len()).rev().filter(|at| rows[*at].table() == table);
        let edited = |at: usize| {
            let mut edited = rows.clone();
            change(&mut edited[at], column);
            edited
        };
        of_table.map(edited).any(|edited| edited != rows && matrix(&edited) != all)
    };
    let checked: Vec<(TableName, &'static str)> = TableName::ALL
        .into_iter()
        .flat_map(|table| schema(table).into_iter().map(move |spec| (table, spec.column)))
        .filter(|(table, column)| !KEYS.contains(column) && (*table, *column) != (TableName::Sellers, "seller_id"))
        .collect();
    let required =
        |table: TableName, column: &str| schema(table).iter().any(|spec| spec.column == column && spec.need == Need::Required);
    let wrong: Vec<String> = checked
        .into_par_iter()
        .filter_map(|(table, column)| {
            let name = format!("{table}.{column}");
            let is_read = read.contains(name.as_str()) || required(table, column) || column == "valid_from";
            match (is_read, counts(table, column)) {
                (true, false) => Some(format!("no cell of {name} counts")),
                (false, true) => Some(format!("{name} counts, and no feature says that it reads it")),
                _ => None,
            }
        })
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

/// What ties rows together rather than being measured, and when they were known, which the properties above are about.
const KEYS: [&str; 6] = ["content_id", "decision_id", "action_id", "report_id", "event_id", "ingested_at"];
