//! `policy simulate` against what it stands for: running the nights again with the other policies.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

use polars::prelude::{DataType, ParquetReader, SerReader};
use serde_json::Value;
use stallmark::publish::{ColumnData, read_columns, read_published};

use super::project::TestProject;

const NIGHTS: [&str; 3] = ["2026-03-24", "2026-03-25", "2026-03-26"];

/// A swap: (night, item) → (change, before, after, current policies, candidate's policies).
pub(crate) type Swaps = BTreeMap<(String, String), (String, String, String, Vec<String>, Vec<String>)>;

/// What was published of one item on one night.
struct Row {
    treatment: String,
    multiplier: f32,
    policies: Vec<String>,
    seller: String,
    views: u64,
}

/// What changes in one way.
#[derive(Default)]
struct Total<'a> {
    item_nights: u64,
    items: BTreeSet<&'a str>,
    sellers: BTreeSet<&'a str>,
    views: u64,
}

/// All nights of an output folder, by night and item.
fn published(out: &Path) -> BTreeMap<(String, String), Row> {
    let manifest = read_published(out).unwrap().unwrap();
    let read = |table: &str, names: &[&str]| read_columns(out, table, manifest.tables[table].version, names).unwrap();
    let scores = read("scores", &["as_of", "content_id", "treatment", "rank_multiplier", "policy_ids", "seller_id"]);
    let evidence = read("evidence", &["as_of", "content_id", "day_views"]);
    let text = |data: &ColumnData| match data {
        ColumnData::Text(cells) => cells.iter().map(|c| c.clone().unwrap_or_default()).collect::<Vec<_>>(),
        ColumnData::Date(cells) => cells.iter().map(|c| c.unwrap().to_string()).collect(),
        other => panic!("{other:?}"),
    };
    let ColumnData::I64(views) = evidence.column("day_views").unwrap() else { panic!("day_views") };
    assert_eq!(text(scores.column("content_id").unwrap()), text(evidence.column("content_id").unwrap()));
    let ColumnData::F32(multipliers) = scores.column("rank_multiplier").unwrap() else { panic!("rank_multiplier") };
    let ColumnData::TextList(policies) = scores.column("policy_ids").unwrap() else { panic!("policy_ids") };
    let of = |name: &str| text(scores.column(name).unwrap());
    let (days, ids, treatments, sellers) = (of("as_of"), of("content_id"), of("treatment"), of("seller_id"));
    (0..ids.len())
        .map(|at| {
            let row = Row {
                treatment: treatments[at].clone(),
                multiplier: multipliers[at].unwrap(),
                policies: policies[at].clone(),
                seller: sellers[at].clone(),
                views: views[at].map_or(0, |v| u64::try_from(v).unwrap()),
            };
            ((days[at].clone(), ids[at].clone()), row)
        })
        .collect()
}

/// How one published row differs from the other, by the order of treatments and by the multiplier.
fn change(before: &Row, after: &Row) -> Option<&'static str> {
    const ORDER: [&str; 8] = ["allow", "label", "downrank", "no_recommend", "gate", "review", "hold", "escalate"];
    let place = |row: &Row| ORDER.iter().position(|t| *t == row.treatment).unwrap();
    match (place(before), place(after)) {
        (0, n) if n > 0 => Some("newly_actioned"),
        (n, 0) if n > 0 => Some("newly_freed"),
        (a, b) if b > a => Some("harsher"),
        (a, b) if b < a => Some("milder"),
        _ if after.multiplier < before.multiplier => Some("less_reach"),
        _ if after.multiplier > before.multiplier => Some("more_reach"),
        _ => None,
    }
}

pub(crate) fn swap_file(path: &Path) -> Swaps {
    let frame = ParquetReader::new(File::open(path).unwrap()).finish().unwrap();
    let text = |name: &str| -> Vec<String> {
        let column = frame.column(name).unwrap().cast(&DataType::String).unwrap();
        column.str().unwrap().iter().map(|cell| cell.unwrap_or_default().to_owned()).collect()
    };
    let list = |name: &str| -> Vec<Vec<String>> {
        let column = frame.column(name).unwrap().list().unwrap().clone();
        let ids = |cell: polars::prelude::Series| cell.str().unwrap().iter().map(|id| id.unwrap().to_owned()).collect();
        (0..column.len()).map(|at| ids(column.get_as_series(at).unwrap())).collect()
    };
    let (days, ids, changes) = (text("as_of"), text("content_id"), text("change"));
    let (before, after, by, by_after) = (text("before"), text("after"), list("before_policies"), list("after_policies"));
    let row = |at: usize| {
        let swap = (changes[at].clone(), before[at].clone(), after[at].clone(), by[at].clone(), by_after[at].clone());
        ((days[at].clone(), ids[at].clone()), swap)
    };
    let swaps: Swaps = (0..frame.height()).map(row).collect();
    assert_eq!(swaps.len(), frame.height(), "each item once a night");
    swaps
}

/// The candidate launches two policies, one of them in part; adds one over columns of which no evidence was kept; drops one; puts a cap
/// below what another does; and excepts a seller. Its swap set and totals are those of two sets of nights run for real, to the row.
#[test]
fn the_swap_set_is_that_of_running_the_nights_again() {
    let project = TestProject::synthetic(1500);
    assert_eq!(project.run(&["train", "--as-of", "2026-03-24"]).code, 0);
    for folder in ["policies", "candidate"] {
        let ran = project.run(&["policy", "init", folder]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    let edit = |id: &str, from: &str, to: &str| {
        let path = project.path().join(format!("candidate/{id}.toml"));
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{id}: {text}");
        std::fs::write(path, text.replace(from, to)).unwrap();
    };
    edit("misleading_claim_no_recommend", "mode = \"shadow\"", "mode = \"live\"");
    edit("misleading_claim_no_recommend", "threshold = 0.9", "threshold = 0.3");
    edit("misleading_claim_no_recommend", "market_share = 0.03", "market_share = 1.0");
    edit("keyword_spam_downrank", "mode = \"shadow\"", "mode = \"live\"\nrollout = 0.5\nunit = \"seller\"");
    edit("keyword_spam_downrank", "threshold = 0.8", "threshold = 0.05");
    edit("keyword_spam_downrank", "market_share = 0.1", "market_share = 1.0");
    edit("false_discount_review", "mode = \"live\"", "mode = \"draft\"");
    let new = "id = \"shouting\"\nowner = \"o\"\nreason = \"r\"\nlabels = [\"keyword_spam\"]\nmode = \"live\"\ntreatment = \"downrank\"\n\
               when = \"caps_share > 0.15 AND LENGTH(title) > 40 AND seller_tenure IS NOT NULL AND category <> 'toys'\"\n";
    project.write("candidate/shouting.toml", new.as_bytes());
    let capped = "id = \"capped\"\nowner = \"o\"\nreason = \"r\"\nlabels = [\"keyword_spam\"]\nmode = \"live\"\ntreatment = \"gate\"\n\
                  when = \"coverage >= 0\"\n[cap]\nitems = 3\n";
    project.write("candidate/capped.toml", capped.as_bytes());

    let night = |day: &str, sets: [&str; 2]| {
        let ran = project.run(&["run", "--as-of", day, "--set", sets[0], "--set", sets[1]]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    };
    let current = ["policies.path=policies", "output.path=out"];
    NIGHTS.iter().for_each(|day| night(day, current));
    let before = published(&project.path().join("out"));
    let excepted = &before.values().find(|row| row.treatment == "review").unwrap().seller;
    let entry = format!(
        "[[allow]]\nseller_id = \"{excepted}\"\npolicies = [\"*\"]\nuntil = \"2026-03-26\"\nowner = \"o\"\nreason = \"r\"\n"
    );
    project.write("candidate/exceptions.toml", entry.as_bytes());
    NIGHTS.iter().for_each(|day| night(day, ["policies.path=candidate", "output.path=again"]));
    let after = published(&project.path().join("again"));
    assert!(before.keys().eq(after.keys()));

    let args = ["policy", "simulate", "--candidate", "candidate", "--as-of", "2026-03-26", "--json", "--out", "swap.parquet"];
    let ran = project.run(&[&args[..], &["--set", current[0], "--set", current[1]]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let found: Value = serde_json::from_str(&ran.stdout).unwrap();

    let mut expected = Swaps::new();
    let mut totals: BTreeMap<&str, Total<'_>> = BTreeMap::new();
    for ((key, a), b) in before.iter().zip(after.values()) {
        let Some(change) = change(a, b) else { continue };
        let swap = (change.to_owned(), a.treatment.clone(), b.treatment.clone(), a.policies.clone(), b.policies.clone());
        expected.insert(key.clone(), swap);
        let total = totals.entry(change).or_default();
        total.item_nights += 1;
        total.items.insert(&key.1);
        if !a.seller.is_empty() {
            total.sellers.insert(&a.seller);
        }
        total.views += a.views;
    }
    for kind in ["newly_actioned", "newly_freed", "less_reach"] {
        assert!(totals.contains_key(kind), "{kind} is not put to the test: {:?}", totals.keys());
    }
    assert_eq!(swap_file(&project.path().join("swap.parquet")), expected);

    let changes = found["changes"].as_array().unwrap();
    assert_eq!(changes.len(), totals.len());
    for line in changes {
        let total = &totals[line["change"].as_str().unwrap()];
        let numbers = ["item_nights", "items", "sellers", "views"].map(|name| line[name].as_u64().unwrap());
        assert_eq!(numbers, [total.item_nights, total.items.len() as u64, total.sellers.len() as u64, total.views], "{line}");
        let parts = found["segments"].as_array().unwrap().iter().filter(|part| part["change"] == line["change"]);
        assert_eq!(parts.map(|part| part["item_nights"].as_u64().unwrap()).sum::<u64>(), total.item_nights);
    }
    let treated = |rows: &BTreeMap<(String, String), Row>| rows.values().filter(|row| row.treatment != "allow").count();
    assert_eq!(found["current"]["item_nights"], treated(&before));
    assert_eq!(found["candidate"]["item_nights"], treated(&after));
    assert_eq!((&found["rows"], &found["nights"], &found["differing"]), (&before.len().into(), &3.into(), &0.into()));
    assert_eq!(found["recomputed"], serde_json::json!(["caps_share", "seller_tenure", "title"]));
    let capped = found["policies"].as_array().unwrap().iter().find(|p| p["id"] == "capped").unwrap();
    assert_eq!(capped["fallen_nights"], 3);
}

/// A draft is simulated as if it were live, along its parameter; what falls as the threshold rises falls.
#[test]
fn a_draft_is_tried_along_its_threshold() {
    let project = TestProject::trained();
    assert_eq!(project.run(&["run", "--as-of", "2026-01-04"]).code, 0);
    let draft = "id = \"demote\"\nowner = \"o\"\nreason = \"r\"\nlabels = [\"spam\"]\ntreatment = \"no_recommend\"\nwhen = \"p_spam >= threshold\"\n\
                 [parameters]\nthreshold = 0.5\n";
    project.write("demote.toml", draft.as_bytes());
    let args = ["policy", "simulate", "--candidate", "demote.toml", "--as-of", "2026-01-05"];
    let ran = project.run(&[&args[..], &["--json", "--sweep", "threshold=0..1:5"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let found: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(found["taken_live"], serde_json::json!(["demote"]));
    assert_eq!(found["changes"][0]["items"], 40, "a third of 120 reviews is spam");
    assert_eq!(found["changes"][0]["violating"]["successes"], 40);
    assert_eq!(found["policies"][0]["precision"]["share"], 1.0);
    let points = found["sweep"]["points"].as_array().unwrap();
    let items: Vec<u64> = points.iter().map(|p| p["policies"][0]["items"].as_u64().unwrap()).collect();
    assert_eq!((items.len(), items[0], items[2]), (5, 120, 40));
    assert!(items.is_sorted_by(|a, b| a >= b), "{items:?}");

    let shown = project.run(&[&args[..], &["--sweep", "threshold=0..1:5"]].concat());
    for part in ["Taken to be live: demote.", "| newly actioned |", "1.00 (0.91 to 1.00) of 40", "## Along `threshold`", "████"]
    {
        assert!(shown.stdout.contains(part), "{part}: {}", shown.stdout);
    }
    for (more, part) in [
        (["--sweep", "limit=0..1"], "no policy of the candidate has `limit`"),
        (["--live", "nobody"], "no policy `nobody`"),
        (["--from", "2027-01-01"], "no published night"),
        (["--sweep", "threshold"], "threshold=0.5..0.95"),
    ] {
        let refused = project.run(&[&args[..], &more].concat());
        assert_eq!(refused.code, 2, "{}", refused.stderr);
        assert!(refused.stderr.contains(part), "{}", refused.stderr);
    }
}
