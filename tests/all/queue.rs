//! The review queue, through the program.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use stallmark::publish::{ColumnData, Table, read_columns};

use super::project::TestProject;

/// The day after the last of a generated marketplace.
const AS_OF: &str = "2026-03-26";

/// The columns that these tests read.
const COLUMNS: [&str; 14] = [
    "market",
    "rank",
    "case_id",
    "content_id",
    "slice",
    "inclusion_probability",
    "random_probability",
    "priority",
    "expected_harm",
    "forecast_views",
    "minutes",
    "leading_label",
    "members",
    "why",
];

fn project() -> TestProject {
    let project = TestProject::synthetic(1500);
    let ran = project.run(&["train", "--as-of", AS_OF]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    project
}

fn run(project: &TestProject, sets: &[&str]) -> Value {
    let sets = sets.iter().flat_map(|set| ["--set", *set]);
    let args: Vec<&str> = ["run", "--as-of", AS_OF, "--json"].into_iter().chain(sets).collect();
    let ran = project.run(&args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

fn table(project: &TestProject, results: &Value, name: &str, columns: &[&str]) -> Table {
    let version = results["published"][name].as_u64().unwrap();
    read_columns(&project.path().join("out"), name, version, columns).unwrap()
}

fn texts(table: &Table, name: &str) -> Vec<String> {
    match table.column(name) {
        Some(ColumnData::Text(values)) => values.iter().map(|v| v.clone().unwrap_or_default()).collect(),
        other => panic!("{name}: {other:?}"),
    }
}

fn numbers(table: &Table, name: &str) -> Vec<Option<f64>> {
    match table.column(name) {
        Some(ColumnData::F64(values)) => values.clone(),
        Some(ColumnData::I64(values)) => values.iter().map(|v| v.map(|v| v as f64)).collect(),
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn a_night_has_a_queue_that_fills_its_minutes_and_explains_itself() {
    let project = project();
    let capacity = "queue.capacity=[{market=\"*\",language=\"*\",skill=\"*\",minutes=60}]";
    let results = run(&project, &[capacity, "queue.key=secret"]);
    let queue = table(&project, &results, "queue", &COLUMNS);
    let (markets, slices) = (texts(&queue, "market"), texts(&queue, "slice"));
    let ranks = numbers(&queue, "rank");
    let mut next: BTreeMap<&str, f64> = BTreeMap::new();
    for (market, rank) in markets.iter().zip(&ranks) {
        let expected = next.entry(market).or_insert(1.0);
        assert_eq!(*rank, Some(*expected), "{market}");
        *expected += 1.0;
    }
    let known: BTreeSet<&str> = slices.iter().map(String::as_str).collect();
    assert!(["random", "importance", "qa", "policy", "order"].iter().all(|slice| known.contains(slice)), "{known:?}");
    let cases: BTreeSet<String> = texts(&queue, "case_id").into_iter().collect();
    assert_eq!(cases.len(), queue.n_rows(), "no case is there twice");

    let is_drawn = |slice: &str| slice == "random" || slice == "importance";
    let probabilities = numbers(&queue, "inclusion_probability");
    for (row, slice) in slices.iter().enumerate() {
        assert_eq!(probabilities[row].is_some_and(|p| p > 0.0 && p <= 1.0), is_drawn(slice), "row {row}");
        assert_eq!(numbers(&queue, "random_probability")[row].is_some(), slice == "random", "row {row}");
        // What checks a reviewer tells nothing.
        assert_eq!(numbers(&queue, "expected_harm")[row].is_none(), slice == "qa", "row {row}");
        assert_eq!(texts(&queue, "leading_label")[row].is_empty(), slice == "qa", "row {row}");
        assert!(!texts(&queue, "why")[row].is_empty());
    }
    for team in results["queue"].as_array().unwrap() {
        let minutes = |name: &str| team[name].as_f64().unwrap();
        assert_eq!(minutes("capacity_minutes"), 60.0);
        assert!(minutes("planned_minutes") < 90.0, "{team}");
    }
    let golden = table(&project, &results, "queue_golden", &["case_id", "content_id", "golden_verdict"]);
    assert!(golden.n_rows() > 0);
    let in_queue: BTreeMap<String, String> = texts(&queue, "case_id").into_iter().zip(slices).collect();
    assert!(texts(&golden, "case_id").iter().all(|case| in_queue[case] == "qa"));
    let warnings = results["warnings"].as_array().unwrap();
    assert!(!warnings.iter().any(|w| w.as_str().unwrap().contains("queue.key")), "{warnings:?}");
    assert!(!project.files_below("out").iter().any(|(_, bytes)| bytes.windows(6).any(|w| w == b"secret")));
}

#[test]
fn the_key_decides_the_draws_and_shards_do_not() {
    let project = project();
    let drawn = |sets: &[&str]| {
        let results = run(&project, sets);
        let queue = table(&project, &results, "queue", &COLUMNS);
        (texts(&queue, "content_id"), texts(&queue, "why"))
    };
    let one = drawn(&["queue.key=a", "run.shards=1", "run.threads=1"]);
    assert!(one == drawn(&["queue.key=a", "run.shards=7", "run.threads=3"]));
    assert!(one.0 != drawn(&["queue.key=b"]).0);
}

#[test]
fn the_csv_has_the_rows_of_the_last_night() {
    let project = TestProject::trained();
    assert_eq!(project.run(&["queue"]).code, 2, "nothing has been published yet");
    for day in ["2026-01-04", "2026-01-05"] {
        assert_eq!(project.run(&["run", "--as-of", day]).code, 0);
    }
    let published: Value = serde_json::from_slice(&std::fs::read(project.path().join("out/_published.json")).unwrap()).unwrap();
    let version = published["tables"]["queue"]["version"].as_u64().unwrap();
    let queue = read_columns(&project.path().join("out"), "queue", version, &["as_of", "content_id", "why"]).unwrap();
    let Some(ColumnData::Date(days)) = queue.column("as_of") else { panic!("a date") };
    let last = |values: Vec<String>| {
        let of_day = values.into_iter().zip(days).filter(|(_, day)| day.unwrap().to_string() == "2026-01-05");
        of_day.map(|(value, _)| value).collect::<Vec<_>>()
    };
    let ran = project.run(&["queue"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let mut reader = csv::Reader::from_reader(ran.stdout.as_bytes());
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|of| of == name).unwrap();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let of = |name: &str| records.iter().map(|record| record[column(name)].to_owned()).collect::<Vec<_>>();
    assert!(records.len() > 10 && records.len() < days.len());
    assert_eq!((of("content_id"), of("why")), (last(texts(&queue, "content_id")), last(texts(&queue, "why"))));
    let of_market = project.run(&["queue", "--market", "sg", "--out", "queue.csv"]);
    assert_eq!((of_market.code, of_market.stdout.as_str()), (0, ""), "{}", of_market.stderr);
    assert_eq!(std::fs::read_to_string(project.path().join("queue.csv")).unwrap(), ran.stdout);
    assert_eq!(project.run(&["queue", "--market", "MY"]).stdout.lines().count(), 1, "the header alone");
    assert_eq!(project.run(&["queue", "--market", "nowhere"]).code, 2);
}

/// Of four reviews that nobody has decided, a policy asks for one, one is snoozed, one is passed on by its id alone, and one waits.
#[test]
fn policies_and_snoozes_decide_who_comes_before_a_reviewer() {
    let project = TestProject::trained();
    let mut csv = super::project::reviews_csv();
    (120..124).for_each(|n| csv.push_str(&format!("r{n},2026-01-03,s{n},\"BEST SHOP EVER wa {n} promo\",5,\n")));
    project.write("reviews.csv", csv.as_bytes());
    let policy = |id: &str, lines: &str| {
        let head = format!("id = \"{id}\"\nowner = \"o\"\nreason = \"r\"\nlabels = [\"spam\"]\nmode = \"live\"\n");
        project.write(&format!("policies/{id}.toml"), (head + lines).as_bytes());
    };
    policy("ask", "when = \"content_id IN ('r121', 'r122')\"\ntreatment = \"review\"\nminutes = 7.5");
    policy("urgent", "when = \"content_id = 'r120'\"\ntreatment = \"escalate\"\nurgent_route = true");
    let snooze = "[[snooze]]\ncontent_id = \"r122\"\npolicies = [\"*\"]\nuntil = \"2026-12-31\"\nowner = \"o\"\nreason = \"r\"\n";
    project.write("policies/exceptions.toml", snooze.as_bytes());
    let nothing_drawn = "queue.shares={random=0.0,importance=0.0,qa=0.0,golden=0.0,age_out=0.0}";
    let ran = project.run(&[
        "run",
        "--as-of",
        "2026-01-04",
        "--json",
        "--set",
        "policies.path=policies",
        "--set",
        nothing_drawn,
        "--set",
        "queue.join_duplicates=false",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let results: Value = serde_json::from_str(&ran.stdout).unwrap();
    let queue = table(&project, &results, "queue", &["content_id", "slice", "minutes", "policy_ids"]);
    let rows: BTreeMap<String, String> = texts(&queue, "content_id").into_iter().zip(texts(&queue, "slice")).collect();
    let expected = [("r121", "policy"), ("r123", "order")].map(|(id, slice)| (id.to_owned(), slice.to_owned()));
    assert_eq!(rows, BTreeMap::from(expected));
    let asked = texts(&queue, "slice").iter().position(|slice| slice == "policy").unwrap();
    assert_eq!(numbers(&queue, "minutes")[asked], Some(7.5), "as the policy says");
    let Some(ColumnData::TextList(policies)) = queue.column("policy_ids") else { panic!("a list") };
    assert_eq!(policies[asked], ["ask"]);
    assert_eq!(results["queue"][0]["left"], 0);
}
