//! What the decisions say, through the program.

use std::collections::BTreeSet;
use std::fs::File;

use polars::prelude::{DataType, ParquetReader, SerReader};
use serde_json::{Value, json};

use super::project::{REVIEWS, TestProject, reviews_csv};

const AS_OF: &str = "2026-01-10";

/// The review whose spam everybody called compliant.
const PLANTED: &str = "r60";

/// The reviews project, decided by people: `ann` and `ben` judge r0 to r89 and are right, but for the planted error; `cat` judges the first
/// 45 of them and calls every fourth wrongly. r90 to r119 are open, but for an automatic decision on r90.
fn project(changed: &[(&str, &str)]) -> TestProject {
    let (head, _) = REVIEWS.split_once("[[sources.reviews.feeds]]\ntable = \"decisions\"").unwrap();
    let own = "\n[sources.decisions]\npath = \"decisions.csv\"\n[[sources.decisions.feeds]]\ntable = \"decisions\"\n\
               \n[train.trees]\nrounds = 20\n\n[train.labels]\nmethod = \"dawid_skene\"\n\n[feedback]\nnext = 5\n";
    let mut toml = head.to_owned() + own;
    changed.iter().for_each(|(from, to)| toml = toml.replace(from, to));
    let project = TestProject::new(&toml);
    project.write("reviews.csv", reviews_csv().as_bytes());
    let verdict = |violating: bool| if violating { "violating" } else { "compliant" };
    let mut csv = "decision_id,content_id,label,verdict,decided_at,reviewer_id,decided_by,selected_by,overturns,golden_verdict\n"
        .to_owned();
    for n in 0..90 {
        let is_spam = n % 3 == 0 && format!("r{n}") != PLANTED;
        let mut say = |who: &str, violating: bool| {
            csv.push_str(&format!("{who}{n},r{n},spam,{},2026-01-02T12:00:00Z,{who},human,report,,\n", verdict(violating)));
        };
        say("ann", is_spam);
        say("ben", is_spam);
        if n < 45 {
            say("cat", is_spam != (n % 4 == 1));
        }
    }
    csv += "auto,r90,spam,violating,2026-01-02T12:00:00Z,bot,automatic,model,,\n";
    csv += "gold,r91,spam,compliant,2026-01-02T12:00:00Z,cat,human,golden,,compliant\n";
    csv += "appeal,r3,spam,compliant,2026-01-05T12:00:00Z,dan,human,appeal,ann3,\n";
    project.write("decisions.csv", csv.as_bytes());
    project
}

fn feedback(project: &TestProject, args: &[&str]) -> Value {
    let ran = project.run(&[&["feedback", "--as-of", AS_OF, "--json"], args].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn reviewers_are_told_apart_and_kept_apart() {
    let found = feedback(&project(&[]), &["--skip-fit"]);
    assert_eq!(found["decisions"], 228);
    assert_eq!((&found["left_out"]["automatic"], &found["left_out"]["overturned"]), (&json!(1), &json!(1)));
    let source = |selected_by: &str| {
        let sources = found["sources"].as_array().unwrap();
        sources.iter().find(|source| source["selected_by"] == selected_by).unwrap().clone()
    };
    assert_eq!(source("model"), json!({ "selected_by": "model", "decided_by": "automatic", "violating": 1, "compliant": 0 }));
    assert_eq!(source("appeal")["compliant"], 1);

    let consensus = &found["consensus"][0];
    assert_eq!((&consensus["label"], &consensus["method"]), (&json!("spam"), &json!("dawid_skene")));
    let specificity = |who: &str| {
        let reviewers = consensus["reviewers"].as_array().unwrap();
        reviewers.iter().find(|reviewer| reviewer["reviewer_id"] == who).unwrap()["specificity"].as_f64().unwrap()
    };
    assert!(specificity("ann") > 0.95 && specificity("cat") < specificity("ann") - 0.1);
    // cat is outvoted: 11 of 45 cases, and r3, of which the appeal speaks for ann alone.
    assert_eq!(found["conflicts"].as_array().unwrap().len(), 12);
    assert_eq!(
        found["labels"],
        json!([{
            "label": "spam", "violating": 29, "compliant": 62, "mean_weight": found["labels"][0]["mean_weight"]
        }])
    );

    let pairs = found["agreement"][0]["pairs"].as_array().unwrap();
    let pairs: Vec<_> = pairs.iter().map(|pair| (pair["reviewers"].clone(), pair["n"].clone(), pair["agreed"].clone())).collect();
    let pair = |a: &str, b: &str, n: u64, agreed: u64| (json!([a, b]), json!(n), json!(agreed));
    assert_eq!(pairs, [pair("ann", "ben", 90, 90), pair("ann", "cat", 45, 34), pair("ben", "cat", 45, 34)]);
    assert_eq!(found["correctness"][0]["specificity"]["trials"], 1);
    assert_eq!(found["appeals"][0]["overturned"]["successes"], 1);
    assert!(found.get("label_errors").is_none() && found.get("next_to_label").is_none());
}

#[test]
fn a_planted_error_is_found_and_open_items_are_chosen() {
    let project = project(&[]);
    let trained = project.run(&["train", "--as-of", AS_OF]);
    assert_eq!(trained.code, 0, "{}", trained.stderr);
    let store = project.files_below("models");
    let found = feedback(&project, &["--out", "told"]);
    assert!(project.files_below("models") == store, "nothing is stored");

    let errors = &found["label_errors"];
    assert_eq!(errors["labels"][0]["n"], 91, "every decided row has a held-out probability");
    let first = &errors["rows"][0];
    assert_eq!((&first["content_id"], &first["given"], &first["rank"]), (&json!(PLANTED), &json!("compliant"), &json!(1)));
    assert_eq!(first["decisions"], json!(["ann60", "ben60"]));

    let next = &found["next_to_label"];
    let items: Vec<&str> = next["items"].as_array().unwrap().iter().map(|item| item["content_id"].as_str().unwrap()).collect();
    assert_eq!(items.len(), 5);
    let open = |id: &&str| (90..120).filter(|n| *n != 91).any(|n| **id == format!("r{n}"));
    assert!(items.iter().all(open), "{items:?}");
    let limited = feedback(&project, &["--skip-fit", "--set", "feedback.next_per_market_label=2"]);
    assert_eq!(limited["next_to_label"]["items"].as_array().unwrap().len(), 2);

    let rows = |table: &str| {
        let path = project.path().join(format!("told/{table}.parquet"));
        ParquetReader::new(File::open(path).unwrap()).finish().unwrap()
    };
    let labels = rows("labels");
    let names: Vec<&str> = labels.get_column_names().iter().map(|name| name.as_str()).collect();
    let expect = "content_id,as_of,label,verdict,p_violating,weight,basis,inclusion_probability,sources";
    assert_eq!((names.join(",").as_str(), labels.height()), (expect, 91));
    assert_eq!(labels.column("as_of").unwrap().dtype(), &DataType::Date);
    assert_eq!([rows("conflicts").height(), rows("next_to_label").height()], [12, 5]);
    let listed = rows("label_errors");
    assert_eq!(listed.height(), errors["rows"].as_array().unwrap().len());
    assert_eq!(listed.column("content_id").unwrap().str().unwrap().get(0), Some(PLANTED));
}

#[test]
fn the_majority_outvotes_and_ties_teach_nothing() {
    let found = feedback(&project(&[]), &["--skip-fit", "--set", "train.labels.method=majority"]);
    let consensus = &found["consensus"][0];
    assert_eq!((&consensus["method"], &consensus["reason"]), (&json!("majority"), &json!("asked")));
    assert_eq!(found["labels"][0]["mean_weight"], 1.0);
    // ben called r3 spam, the appeal and cat did not.
    let r3 = found["conflicts"].as_array().unwrap().iter().find(|conflict| conflict["content_id"] == "r3").unwrap();
    assert_eq!(r3["verdict"], "violating");
    let weighed = ["--set", "train.labels.method=majority", "--set", "train.labels.automatic_weight=0.25"];
    let heard = feedback(&project(&[]), &[&["--skip-fit"], &weighed[..]].concat());
    assert_eq!((&heard["left_out"]["automatic"], &heard["labels"][0]["violating"]), (&json!(0), &json!(30)));
}

#[test]
fn it_reads_well_and_the_help_has_an_example() {
    let project = project(&[]);
    let ran = project.run(&["feedback", "--as-of", AS_OF]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for part in [
        "# 228 decisions before 2026-01-10",
        "## Decisions by source",
        "## Do reviewers agree?\n\nReliability, not correctness",
        "| spam  | ann and ben |           90 |     90 | ",
        "## Are they right?",
        "| spam  | Dawid–Skene |",
        "A biased sample",
        "## Verdicts that look wrong",
        "There is no champion",
    ] {
        assert!(ran.stdout.contains(part), "{part} is not in\n{}", ran.stdout);
    }
    let help = project.run(&["feedback", "--help"]).stdout;
    assert!(help.contains("Example: stallmark feedback --project"), "{help}");
}

#[test]
fn what_cannot_be_told_is_a_mistake_of_usage() {
    let no_labels = project(&[("labels = [\"spam\"]", "labels = []")]);
    let ran = no_labels.run(&["feedback", "--as-of", AS_OF]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("no labels"), "{}", ran.stderr);
    let project = project(&[("path = \"decisions.csv\"", "path = \"labels.parquet\"\nformat = \"csv\"")]);
    std::fs::rename(project.path().join("decisions.csv"), project.path().join("labels.parquet")).unwrap();
    let before = project.files_below("");
    let ran = project.run(&["feedback", "--as-of", AS_OF, "--out", "."]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("labels.parquet is read by this project"), "{}", ran.stderr);
    assert!(project.files_below("") == before);
    let ran = project.run(&["feedback", "--as-of", "tomorrow"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
}

/// Reviewers' errors are estimated over all shards, and nothing depends on how many there are.
#[test]
fn feedback_does_not_depend_on_threads_or_shards() {
    let project = TestProject::synthetic(1500);
    let few = [
        "project.labels=[\"scam\", \"misleading_claim\"]",
        "train.labels.method=dawid_skene",
        "train.labels.min_overlap=5",
        "train.labels.min_anchored=3",
        "train.folds=3",
        "train.trees.rounds=5",
    ];
    let with_few: Vec<&str> = few.iter().flat_map(|set| ["--set", *set]).collect();
    let ran = project.run(&[&["train", "--as-of", "2026-03-26"], &with_few[..]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let mut seen = BTreeSet::new();
    let mut told = String::new();
    for (threads, shards) in [(1, 1), (2, 5), (3, 11)] {
        let sets = [format!("run.threads={threads}"), format!("run.shards={shards}")];
        let own = ["--json", "--out", "told", "--set", &sets[0], "--set", &sets[1]];
        let ran = project.run(&[&["feedback", "--as-of", "2026-03-26"], &own[..], &with_few[..]].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        told.clone_from(&ran.stdout);
        seen.insert((ran.stdout, project.files_below("told")));
    }
    assert_eq!(seen.len(), 1, "threads or shards change what is told");
    let found: Value = serde_json::from_str(&told).unwrap();
    let fitted = found["consensus"].as_array().unwrap().iter().filter(|label| label["method"] == "dawid_skene").count();
    assert!(fitted > 0, "no label has overlap enough");
    assert!(!found["policies"].as_array().unwrap().is_empty());
    assert_eq!(found["next_to_label"]["items"].as_array().unwrap().len(), 100);
}
