//! What isn't mapped is null, and says so: over random marketplaces, table by table and column by column (DESIGN.md §3).
//!
//! Of a project that lacks a table or a column, the features that the report calls null are missing in every row and no others are;
//! and a feature that does not say that it reads what is lacking keeps every bit. Deliberately not here: `ingested_at`, which is no
//! input of a feature but when a row was known.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::Presence;
use super::fixtures::{Engine, day_us, engine};
use super::random_market::{DAY, Era, Matrix, RICH, Reading, SPARSE, rows_of_size};
use crate::config::TableName;
use crate::features::null_features;
use crate::tables::{Need, TableRow, schema};
use crate::units::{Timestamp, Zones};

/// Empties `column` of `row`, which is a row of its table; a column that can be absent and isn't listed here fails the test.
pub(super) fn blank(row: &mut TableRow, column: &str) {
    match row {
        TableRow::Content(row) => match column {
            "valid_from" => row.valid_from = None,
            "seller_id" => row.seller_id = None,
            "creator_id" => row.creator_id = None,
            "language" => row.language = None,
            "category" => row.category = None,
            "title" => row.title = None,
            "body" => row.body = None,
            "price" => row.price = None,
            "list_price" => row.list_price = None,
            "currency" => row.currency = None,
            "rating" => row.rating = None,
            "duration_s" => row.duration_s = None,
            "image_count" => row.image_count = None,
            "media_hash" => row.media_hash = None,
            "embedding" => row.embedding = None,
            other => panic!("content.{other}"),
        },
        TableRow::Sellers(row) => match column {
            "valid_from" => row.valid_from = None,
            "registered_at" => row.registered_at = None,
            "market" => row.market = None,
            "tier" => row.tier = None,
            "kyc_verified" => row.kyc_verified = None,
            "followers" => row.followers = None,
            "rating" => row.rating = None,
            "rating_count" => row.rating_count = None,
            "late_dispatch_rate" => row.late_dispatch_rate = None,
            "cancel_rate" => row.cancel_rate = None,
            other => panic!("sellers.{other}"),
        },
        TableRow::Engagement(row) => match column {
            "impressions" => row.impressions = None,
            "views" => row.views = None,
            "watch_s" => row.watch_s = None,
            "likes" => row.likes = None,
            "comments" => row.comments = None,
            "shares" => row.shares = None,
            "clicks" => row.clicks = None,
            "orders" => row.orders = None,
            "refunds" => row.refunds = None,
            "gmv" => row.gmv = None,
            "reports" => row.reports = None,
            "hides" => row.hides = None,
            other => panic!("engagement.{other}"),
        },
        TableRow::Decisions(row) => match column {
            "reviewer_id" => row.reviewer_id = None,
            "decided_by" => row.decided_by = None,
            "selected_by" => row.selected_by = None,
            "inclusion_probability" => row.inclusion_probability = None,
            "overturns" => row.overturns = None,
            "golden_verdict" => row.golden_verdict = None,
            "minutes" => row.minutes = None,
            other => panic!("decisions.{other}"),
        },
        TableRow::Actions(row) => match column {
            "content_id" => row.content_id = None,
            "seller_id" => row.seller_id = None,
            "policy_id" => row.policy_id = None,
            "ended_at" => row.ended_at = None,
            "reversed_by" => row.reversed_by = None,
            other => panic!("actions.{other}"),
        },
        TableRow::Reports(row) => match column {
            "reporter_id" => row.reporter_id = None,
            "reason" => row.reason = None,
            other => panic!("reports.{other}"),
        },
        TableRow::AfterSales(row) => match column {
            "content_id" => row.content_id = None,
            "seller_id" => row.seller_id = None,
            "reason" => row.reason = None,
            other => panic!("after_sales.{other}"),
        },
    }
}

/// Every column that a project can do without, but for the time of ingestion.
pub(super) fn optional_columns(table: TableName) -> impl Iterator<Item = &'static str> {
    let optional = schema(table).into_iter().filter(|spec| spec.need == Need::Optional && spec.column != "ingested_at");
    optional.map(|spec| spec.column)
}

/// Whether a row names neither item nor seller, which reading refuses.
fn is_nobodys(row: &TableRow) -> bool {
    match row {
        TableRow::Actions(row) => row.content_id.is_none() && row.seller_id.is_none(),
        TableRow::AfterSales(row) => row.content_id.is_none() && row.seller_id.is_none(),
        _ => false,
    }
}

/// What a project lacks: a whole table, or one column of it.
#[derive(Clone, Copy)]
struct Lack {
    table: TableName,
    column: Option<&'static str>,
}

impl Lack {
    fn all() -> Vec<Self> {
        let columns = |table| optional_columns(table).map(move |column| Self { table, column: Some(column) });
        let tables = TableName::ALL.into_iter().filter(|table| *table != TableName::Content);
        tables.map(|table| Self { table, column: None }).chain(TableName::ALL.into_iter().flat_map(columns)).collect()
    }

    fn name(self) -> String {
        self.column.map_or(self.table.to_string(), |column| format!("{}.{column}", self.table))
    }

    /// Whether `input` is lacking.
    fn takes(self, input: &str) -> bool {
        let name = self.name();
        input == name || (self.column.is_none() && input.strip_prefix(&name).is_some_and(|rest| rest.starts_with('.')))
    }

    fn is_versions(self) -> bool {
        self.column == Some("valid_from")
    }

    /// The rows that are compared with what is left of them. Without versions there is one row an item or seller: it is compared
    /// with one that has a version, which holds from the beginning.
    fn whole(self, rows: &[TableRow]) -> Vec<TableRow> {
        if !self.is_versions() {
            return rows.to_vec();
        }
        let (table, holds) = (self.table, Timestamp(day_us(1.0)));
        let mut seen = BTreeSet::new();
        let first = |row: &&TableRow| match row {
            _ if row.table() != table => true,
            TableRow::Content(row) => seen.insert(row.content_id.clone()),
            TableRow::Sellers(row) => seen.insert(row.seller_id.clone()),
            _ => true,
        };
        let mut rows: Vec<TableRow> = rows.iter().filter(first).cloned().collect();
        for row in &mut rows {
            match row {
                TableRow::Content(row) if table == TableName::Content => row.valid_from = Some(row.published_at),
                TableRow::Sellers(row) if table == TableName::Sellers => row.valid_from = Some(holds),
                _ => {}
            }
        }
        rows
    }

    fn without(self, mut rows: Vec<TableRow>) -> Vec<TableRow> {
        match self.column {
            None => rows.retain(|row| row.table() != self.table),
            Some(column) => {
                rows.iter_mut().filter(|row| row.table() == self.table).for_each(|row| blank(row, column));
                rows.retain(|row| !is_nobodys(row));
            }
        }
        rows
    }

    fn presence(self) -> Presence {
        let there = |table: &TableName| self.column.is_some() || *table != self.table;
        let is_versioned = !(self.is_versions() && self.table == TableName::Content);
        Presence::new(TableName::ALL.into_iter().filter(there).collect(), is_versioned)
    }
}

/// The values of feature `at` in all rows.
fn values(matrices: &[Matrix], at: usize) -> Vec<f32> {
    matrices.iter().flat_map(|matrix| matrix.values().map(move |bits| f32::from_bits(bits[at]))).collect()
}

fn everything() -> Presence {
    Presence::new(TableName::ALL.to_vec(), true)
}

fn matrices(engine: &Engine, presence: impl Fn() -> Presence, markets: &[Vec<TableRow>]) -> Vec<Matrix> {
    let utc = Zones::utc();
    markets.iter().map(|rows| Reading { presence: presence(), ..Reading::whole(engine, &utc) }.matrix(rows)).collect()
}

/// What is wrong with the features of a project that lacks something.
fn faults(lack: Lack, markets: &[Vec<TableRow>], of_all: &[Matrix]) -> Vec<String> {
    let (whole, name) = (engine(), lack.name());
    let lacking = engine().reading(|input| !lack.takes(input));
    let report = null_features(&lacking.features, |_| true);
    let markets: Vec<Vec<TableRow>> = markets.iter().map(|rows| lack.whole(rows)).collect();
    let before = if lack.is_versions() { &matrices(&whole, everything, &markets) } else { of_all };
    let left: Vec<Vec<TableRow>> = markets.into_iter().map(|rows| lack.without(rows)).collect();
    let after = matrices(&lacking, || lack.presence(), &left);
    let mut faults = Vec::new();
    let (mut n_using, mut n_changed) = (0, 0);
    for (at, doc) in whole.features.docs().enumerate() {
        let (before, after) = (values(before, at), values(&after, at));
        let n_known = after.iter().filter(|value| !value.is_nan()).count();
        let said_null = report.null.contains(&doc.name);
        let same = before.len() == after.len() && before.iter().zip(&after).all(|(a, b)| a.to_bits() == b.to_bits());
        let mut fault = |what: &str| faults.push(format!("without {name}, {} {what}", doc.name));
        if said_null && n_known > 0 {
            fault("is said to be null and has values");
        }
        // Whether a signal can do without a part is for its expression to say.
        if !said_null && n_known == 0 && doc.group != "signal" {
            fault("is null and not said to be");
        }
        if !same && !doc.reads().any(|input| lack.takes(input)) {
            fault("changes, and does not say that it reads that");
        }
        if doc.uses.iter().any(|input| lack.takes(input)) {
            n_using += 1;
            n_changed += usize::from(!same);
        }
    }
    if n_using > 0 && n_changed == 0 {
        faults.push(format!("{n_using} features say that they use {name}, and none changes without it"));
    }
    faults
}

/// Marketplaces that together give every feature a value.
fn markets() -> Vec<Vec<TableRow>> {
    let markets = [(1, RICH), (2, RICH), (3, SPARSE), (4, SPARSE), (5, SPARSE)];
    markets.into_iter().map(|(seed, size)| rows_of_size(Era::Past, f64::from(DAY), seed, size)).collect()
}

#[test]
fn every_feature_has_a_value_where_all_is_mapped() {
    let engine = engine();
    let matrices = matrices(&engine, everything, &markets());
    let null = |(at, _): &(usize, &String)| values(&matrices, *at).iter().all(|value| value.is_nan());
    let null: Vec<&String> = engine.features.names().iter().enumerate().filter(null).map(|(_, name)| name).collect();
    assert_eq!(null, Vec::<&String>::new());
}

#[test]
fn what_is_not_mapped_is_null_and_changes_nothing_else() {
    let markets = markets();
    let of_all = matrices(&engine(), everything, &markets);
    let faults: Vec<String> = Lack::all().into_par_iter().flat_map_iter(|lack| faults(lack, &markets, &of_all)).collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
