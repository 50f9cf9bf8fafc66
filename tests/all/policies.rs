//! Policies in the nightly run, as a policy owner meets them.

use serde_json::Value;
use stallmark::publish::{ColumnData, read_columns, read_published};

use super::project::{HEADER, Ran, TestProject};

const NIGHT: &str = "2026-01-04";

/// A policy file: live, about spam, with `lines`.
fn policy(id: &str, lines: &str) -> String {
    let mut text = format!("id = \"{id}\"\nowner = \"owner@example.org\"\nreason = \"tried in a test\"\nlabels = [\"spam\"]\n");
    if !lines.contains("mode =") {
        text.push_str("mode = \"live\"\n");
    }
    text + lines
}

/// The reviews project with a champion and the policies (name, lines).
fn project(policies: &[(&str, &str)]) -> TestProject {
    let project = TestProject::trained();
    write(&project, policies);
    project
}

fn write(project: &TestProject, policies: &[(&str, &str)]) {
    for (id, lines) in policies {
        project.write(&format!("policies/{id}.toml"), policy(id, lines).as_bytes());
    }
}

fn night(project: &TestProject) -> (Ran, Value) {
    let ran = project.run(&["run", "--as-of", NIGHT, "--json", "--set", "policies.path=policies"]);
    let results = serde_json::from_str(&ran.stdout).unwrap_or_default();
    (ran, results)
}

fn column(project: &TestProject, table: &str, name: &str) -> ColumnData {
    let out = project.path().join("out");
    let published = read_published(&out).unwrap().unwrap();
    read_columns(&out, table, published.tables[table].version, &[name]).unwrap().columns.remove(0).data
}

fn texts(project: &TestProject, table: &str, name: &str) -> Vec<String> {
    match column(project, table, name) {
        ColumnData::Text(cells) => cells.into_iter().map(Option::unwrap_or_default).collect(),
        other => panic!("{other:?}"),
    }
}

fn lists(project: &TestProject, table: &str, name: &str) -> Vec<Vec<String>> {
    match column(project, table, name) {
        ColumnData::TextList(cells) => cells,
        other => panic!("{other:?}"),
    }
}

fn numbers(project: &TestProject, table: &str, name: &str) -> Vec<f64> {
    match column(project, table, name) {
        ColumnData::F32(cells) => cells.into_iter().map(|cell| cell.map_or(f64::NAN, f64::from)).collect(),
        ColumnData::I64(cells) => cells.into_iter().map(|cell| cell.map_or(f64::NAN, |n| n as f64)).collect(),
        other => panic!("{other:?}"),
    }
}

/// What a live policy says stands in the row, its reasons in `evidence`, its counts in `policy_hits`; `score` says the same.
#[test]
fn a_live_policy_treats_what_it_fires_on_and_leaves_its_evidence() {
    let project = project(&[
        ("demote", "when = \"p_spam > 0.5 AND caps_share > 0.1\"\ntreatment = \"downrank\"\nmultiplier = 0.25"),
        ("watch", "when = \"p_spam > 0.5\"\ntreatment = \"no_recommend\"\nmode = \"shadow\""),
    ]);
    let (ran, results) = night(&project);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let p = numbers(&project, "scores", "p_spam");
    let caps = numbers(&project, "evidence", "caps_share");
    let expected: Vec<&str> =
        p.iter().zip(&caps).map(|(p, c)| if *p > 0.5 && *c > f64::from(0.1_f32) { "downrank" } else { "allow" }).collect();
    let treated = expected.iter().filter(|t| **t == "downrank").count();
    assert!((30..=50).contains(&treated), "{treated} of 120");
    assert_eq!(texts(&project, "scores", "treatment"), expected);
    let multipliers = numbers(&project, "scores", "rank_multiplier");
    assert!(multipliers.iter().zip(&expected).all(|(m, t)| *t == "allow" || *m <= 0.25));
    let ids = lists(&project, "scores", "policy_ids");
    assert!(ids.iter().zip(&expected).all(|(ids, t)| *ids == if *t == "allow" { vec![] } else { vec!["demote".to_owned()] }));
    assert!(lists(&project, "scores", "shadow_policy_ids").iter().zip(&p).all(|(ids, p)| ids.is_empty() != (*p > 0.5)));
    assert_eq!(texts(&project, "evidence", "content_id"), texts(&project, "scores", "content_id"));
    assert!(texts(&project, "evidence", "_kept_columns").iter().all(|kept| kept.split(',').any(|name| name == "caps_share")));
    assert_eq!(texts(&project, "policy_hits", "policy_id"), ["demote", "watch"]);
    assert_eq!(numbers(&project, "policy_hits", "acted"), [treated as f64, 0.0]);
    assert_eq!(results["policies"][0]["acted"], treated);
    assert_eq!(texts(&project, "scores", "policy_version")[0], results["policy_version"].as_str().unwrap());

    let scored = project.run(&["score", "--as-of", NIGHT, "--set", "policies.path=policies"]);
    let treatments: Vec<String> = (scored.stdout.lines())
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["treatment"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(treatments, expected);
}

/// A policy over its cap: exit 0, a warning on the terminal and in run_results.json, and no action of it in the published table.
#[test]
fn a_policy_over_its_cap_is_in_shadow_for_the_night() {
    let project = project(&[("demote", "when = \"p_spam > 0.5\"\ntreatment = \"no_recommend\"\n[cap]\nitems = 10")]);
    let (ran, results) = night(&project);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("policy `demote` is in shadow for this night") && ran.stderr.contains("cap is 10"),
        "{}",
        ran.stderr
    );
    assert!(results["warnings"].as_array().unwrap().iter().any(|w| w.as_str().unwrap().contains("cap is 10")));
    assert_eq!((&results["policies"][0]["standing"], &results["policies"][0]["acted"]), (&"fallen".into(), &0.into()));
    assert!(texts(&project, "scores", "treatment").iter().all(|treatment| treatment == "allow"));
    assert!(lists(&project, "scores", "policy_ids").iter().all(Vec::is_empty));
    assert!(lists(&project, "scores", "shadow_policy_ids").iter().any(|ids| ids == &["demote"]));
    assert_eq!(texts(&project, "policy_hits", "standing"), ["fallen"]);
}

/// Six sellers show one text and one number. Whose they were first is the victim and gets no treatment from policies on copies and
/// rings; those who came later do.
#[test]
fn a_victim_of_copiers_and_of_a_pasted_number_gets_no_treatment() {
    let project = TestProject::reviews();
    let mut csv = super::project::reviews_csv();
    assert!(csv.starts_with(HEADER));
    let body = "genuine leather wallet handmade in our own workshop since 1987 call us +65 8123 4567 any day";
    csv.push_str(&format!("victim,2025-12-20,victim_seller,\"{body}\",5,\n"));
    for n in 0..5 {
        csv.push_str(&format!("copy{n},2026-01-02,copier{n},\"{body}\",5,\n"));
    }
    project.write("reviews.csv", csv.as_bytes());
    assert_eq!(project.run(&["train", "--as-of", NIGHT]).code, 0);
    write(
        &project,
        &[
            ("copies", "when = \"dup_copies > 0\"\ntreatment = \"review\""),
            ("ring", "when = \"ring_size > 0.7 OR p_spam > 1\"\ntreatment = \"no_recommend\""),
            ("both", "when = \"ring_size > 0.7 OR dup_copies > 1 OR p_spam > 1\"\ntreatment = \"hold\""),
        ],
    );
    let (ran, _) = night(&project);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let ids = texts(&project, "scores", "content_id");
    let (treatments, acting) = (texts(&project, "scores", "treatment"), lists(&project, "scores", "policy_ids"));
    for (at, id) in ids.iter().enumerate() {
        if id == "victim" {
            assert_eq!((treatments[at].as_str(), acting[at].len()), ("allow", 0));
            assert!(lists(&project, "scores", "shadow_policy_ids")[at].is_empty());
        } else if id.starts_with("copy") {
            assert_eq!(
                (treatments[at].as_str(), acting[at].as_slice()),
                ("review", &["copies".to_owned(), "ring".to_owned()][..]),
                "{id}"
            );
        }
    }
    assert_eq!(ids.iter().filter(|id| id.starts_with("copy") || *id == "victim").count(), 6);
    // `both` would hold: it removes on a label without drawn reviews, and links alone carry it.
    assert!(ran.stderr.contains("`both` is in shadow"), "{}", ran.stderr);
}

/// What is escalated at once stands in `escalations` by its id, and in no other table.
#[test]
fn an_urgent_route_leads_to_escalations_alone() {
    let lines = "when = \"content_id IN ('r3', 'r7')\"\ntreatment = \"escalate\"\nurgent_route = true";
    let project = project(&[("urgent", lines), ("police", "when = \"content_id = 'r9'\"\ntreatment = \"escalate\"")]);
    let champion = std::fs::read_to_string(project.path().join("models/reviews/champion")).unwrap();
    assert_eq!(project.run(&["train", "--as-of", NIGHT, "--set", "train.seed=9"]).code, 0);
    let models = std::fs::read_dir(project.path().join("models/reviews")).unwrap();
    let mut names = models.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let other = names.find(|name| name.len() == 12 && !champion.contains(name.as_str())).unwrap();
    let set = format!("models.challengers=[\"{other}\"]");
    let ran = project.run(&["run", "--as-of", NIGHT, "--json", "--set", "policies.path=policies", "--set", &set]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let results: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&results["items_scored"], &results["urgent_routed"]), (&120.into(), &2.into()));
    assert_eq!(texts(&project, "escalations", "content_id"), ["r3", "r7", "r9"]);
    assert_eq!(texts(&project, "escalations", "owner"), vec!["owner@example.org"; 3]);
    for table in ["scores", "shadow_scores", "evidence", "evidence_sample"] {
        let ids = texts(&project, table, "content_id");
        assert!(!ids.contains(&"r3".to_owned()) && !ids.contains(&"r7".to_owned()), "{table}");
    }
    let ids = texts(&project, "scores", "content_id");
    assert_eq!(ids.len(), 118);
    let police = ids.iter().position(|id| id == "r9").unwrap();
    assert_eq!(texts(&project, "scores", "treatment")[police], "escalate");
}

#[test]
fn a_broken_policy_stops_the_run_before_a_row_is_read() {
    let project = project(&[("demote", "when = \"p_spma > 0.5\"\ntreatment = \"review\"")]);
    let (ran, _) = night(&project);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("policies/demote.toml:6") && ran.stderr.contains("p_spam") && ran.stderr.contains("^^^"),
        "{}",
        ran.stderr
    );
    assert!(!project.path().join("out/_published.json").exists());
}

/// `policy check` lists, `policy test` runs the unit cases and ends with 1 if one fails, telling the values that decided.
#[test]
fn policies_are_checked_and_tested_before_they_run() {
    let cases = "when = \"p_spam > 0.5\"\ntreatment = \"review\"\n[[cases]]\nname = \"high\"\ngiven = { p_spam = 0.9 }\nexpect = \"review\"\n";
    let project = project(&[("a", cases), ("b", "when = \"p_spam > 0.9\"\ntreatment = \"hold\"")]);
    let with = |verb: &str| project.run(&["policy", verb, "--set", "policies.path=policies"]);
    let checked = with("check");
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    for part in [
        "| a ",
        "p_spam > 0.9",
        "2 policies",
        "`b` would hold by p_spam, which holds for the reviewed sample alone",
        "`b` has no unit cases",
    ] {
        assert!(checked.stdout.contains(part), "{part}: {}", checked.stdout);
    }
    let tested = with("test");
    assert_eq!((tested.code, tested.stdout.as_str()), (0, "1 of 1 cases of 1 policies passed\n"), "{}", tested.stderr);
    write(&project, &[("a", &cases.replace("0.9 }", "0.4 }"))]);
    let tested = with("test");
    assert_eq!(tested.code, 1, "{}", tested.stderr);
    for part in ["policies/a.toml:8: `high` of policy `a`", "expected review, got allow", "p_spam > 0.5 is false", "p_spam = 0.4"]
    {
        assert!(tested.stdout.contains(part), "{part}: {}", tested.stdout);
    }
    let one = project.run(&["policy", "test", "policies/b.toml"]);
    assert_eq!((one.code, one.stdout.as_str()), (0, "0 of 0 cases of 0 policies passed\n"));
}

/// `policy check` names what never fires, never decides, is undone by another or overlaps it; the built-in set has steps alone.
#[test]
fn a_check_names_policies_that_get_in_each_others_way() {
    let project = project(&[
        ("a_review", "when = \"p_spam > 0.5 AND caps_share > 0.2\"\ntreatment = \"review\""),
        ("b_demote", "when = \"p_spam > 0.4\"\ntreatment = \"no_recommend\"\npriority = 200"),
        ("c_never", "when = \"p_spam > 0.9 AND p_spam < low\"\ntreatment = \"hold\"\n[parameters]\nlow = 0.1"),
        ("d_trusted", "when = \"caps_share < 0.1\"\ntreatment = \"allow\"\npriority = 300"),
        ("e_label", "when = \"p_spam < 0.45 AND caps_share > 0.3\"\ntreatment = \"label\""),
    ]);
    let found = |arguments: &[&str]| -> (String, Vec<Value>) {
        let checked = project.run(&[&["policy", "check"], arguments].concat());
        let json = project.run(&[&["policy", "check", "--json"], arguments].concat());
        assert_eq!((checked.code, json.code), (0, 0), "{}", checked.stderr);
        let json: Value = serde_json::from_str(&json.stdout).unwrap();
        (checked.stdout, json["findings"].as_array().unwrap().clone())
    };
    let (shown, findings) = found(&["--set", "policies.path=policies"]);
    for line in [
        "unreachable: `a_review` (review, priority 100) never decides while `b_demote` (no_recommend, priority 200) acts, which fires wherever it does\n",
        "unreachable: `c_never` never fires: no item can fulfil p_spam > 0.9 AND p_spam < low\n",
        "contradictory: `d_trusted` (allow, priority 300) lets through what `b_demote` (no_recommend, priority 200) acts on where caps_share < 0.1, p_spam > 0.4\n",
        "overlapping: `e_label` (label, priority 100) and `b_demote` (no_recommend, priority 200) both fire where caps_share > 0.3, p_spam > 0.4 and < 0.45: `b_demote` decides\n",
    ] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    assert_eq!(findings.len(), 4, "{findings:?}");
    assert_eq!(findings[2]["region"], serde_json::json!(["caps_share < 0.1", "p_spam > 0.4"]));
    let (shown, findings) = found(&[]);
    assert!(findings.iter().all(|finding| finding["kind"] == "steps"), "{findings:?}");
    assert!(shown.lines().filter(|line| line.contains("steps")).count() <= 1, "{shown}");
}

/// A set to begin with is written where it is asked for, once, and its key is told as the configuration wants it.
#[test]
fn a_set_to_begin_with_is_written_once() {
    let project = TestProject::synthetic(1000);
    let inside = project.path().join("policies");
    let args = ["policy", "init", inside.to_str().unwrap(), "--project", project.path().to_str().unwrap()];
    let ran = project.run(&args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("wrote 19 policies") && ran.stderr.contains("policies.path = \"policies\""), "{}", ran.stderr);
    assert_eq!(project.run(&args).code, 2, "what is there stays");
    let tested = project.run(&["policy", "test", "policies"]);
    assert_eq!(tested.stdout, "57 of 57 cases of 19 policies passed\n", "{}", tested.stderr);
    project.write("policies/bad.toml", b"id = \"\xff\"");
    let refused = project.run(&["policy", "check", "policies"]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("bad.toml") && refused.stderr.contains("UTF-8"), "{}", refused.stderr);
}

/// Rollout shares need a secret: without one the run says that they can be foreseen; with another one others are drawn.
#[test]
fn rollout_shares_hang_on_the_secret() {
    let project = project(&[("demote", "when = \"p_spam >= 0\"\ntreatment = \"no_recommend\"\nrollout = 0.4")]);
    let with = |key: &str| {
        let key = format!("policies.key={key}");
        let ran = project.run(&["run", "--as-of", NIGHT, "--set", "policies.path=policies", "--set", &key]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(!ran.stderr.contains("first") && !ran.stderr.contains("second"), "{}", ran.stderr);
        (ran.stderr.contains("STALLMARK_POLICY_KEY"), texts(&project, "scores", "treatment"))
    };
    let (first, second, none) = (with("first"), with("second"), with(""));
    assert_eq!((first.0, none.0), (false, true));
    assert_eq!(with("first"), first);
    assert_ne!(first.1, second.1);
    let treated = first.1.iter().filter(|treatment| *treatment == "no_recommend").count();
    assert!((40..=80).contains(&treated), "{treated} of 120");
}
