//! The nightly run as an engineer meets it.

use super::project::{REVIEWS, TestProject, reviews_csv};

#[test]
fn rows_in_are_accepted_or_rejected_in_every_table() {
    let project = TestProject::synthetic(1200);
    assert_eq!(project.run(&["train", "--as-of", "2026-03-26"]).code, 0);
    let ran = project.run(&["run", "--as-of", "2026-03-26", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let results: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let tables = results["tables"].as_object().unwrap();
    assert_eq!(tables.len(), 7);
    for (table, n) in tables {
        let count = |name: &str| n[name].as_u64().unwrap();
        assert!(count("rows_in") > 0, "{table}");
        assert_eq!(count("rows_in"), count("accepted") + count("rejected"), "{table}");
        assert_eq!(count("rejected"), 0, "{table}: a generated marketplace has no bad row");
    }
    assert_eq!(results["status"], "published");
    let records = project.files_below("out/_runs").into_iter().filter(|(name, _)| name.ends_with("run_results.json"));
    let mut statuses: Vec<String> = records
        .map(|(_, bytes)| serde_json::from_slice::<serde_json::Value>(&bytes).unwrap()["status"].as_str().unwrap().to_owned())
        .collect();
    statuses.sort();
    assert_eq!(statuses, ["identified", "published"], "no record may say for ever that a run is under way");
    assert!(results["items_scored"].as_u64().unwrap() > 100);
}

#[test]
fn a_killed_run_leaves_the_old_output() {
    let project = TestProject::trained();
    assert_eq!(project.run(&["run", "--as-of", "2026-01-04"]).code, 0);
    let manifest = std::fs::read(project.path().join("out/_published.json")).unwrap();
    for delay_ms in [0, 10, 20, 30, 40, 60, 80, 120, 160, 320] {
        let mut child = std::process::Command::new(super::project::program())
            .args(["run", "--as-of", "2026-01-04", "--set", "score.bands.good_max_abuse=0.05"])
            .current_dir(project.path())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(delay_ms));
        child.kill().unwrap();
        child.wait().unwrap();
        let now = std::fs::read(project.path().join("out/_published.json")).unwrap();
        let published: serde_json::Value = serde_json::from_slice(&now).unwrap();
        let version = published["tables"]["scores"]["version"].as_u64().unwrap();
        assert!(now == manifest || version > 0);
        let out = project.path().join("out");
        let table = stallmark::publish::read_columns(&out, "scores", version, &["content_id", "p_spam"]).unwrap();
        assert_eq!(table.n_rows(), 120);
    }
    let ran = project.run(&["run", "--as-of", "2026-01-04"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[test]
fn an_empty_night_is_99_only_when_asked() {
    let project = TestProject::trained();
    let ran = project.run(&["run", "--as-of", "2027-01-01", "--skip-if-empty"]);
    assert_eq!(ran.code, 99, "{}", ran.stderr);
    assert!(!project.path().join("out/_published.json").exists());
    let ran = project.run(&["run", "--as-of", "2027-01-01"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("nothing is in scope"), "{}", ran.stderr);
}

#[test]
fn score_prints_what_run_publishes_and_publishes_nothing() {
    let project = TestProject::trained();
    let ran = project.run(&["score", "--as-of", "2026-01-04"]);
    assert_eq!((ran.code, ran.stdout.lines().count()), (0, 120), "{}", ran.stderr);
    assert!(!project.path().join("out").exists());
    for line in ran.stdout.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let p = row["p_spam"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&p), "{line}");
    }
}

#[test]
fn talk_is_json_when_asked() {
    let project = TestProject::reviews();
    let ran = project.run(&["check", "--as-of", "2026-01-04", "--log-format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!ran.stderr.is_empty());
    for line in ran.stderr.lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(event["level"], "INFO");
    }
}

#[test]
fn one_source_in_three_forms_gives_the_same_scores() {
    let project = TestProject::trained();
    let csv = project.run(&["score", "--as-of", "2026-01-04"]).stdout;
    let lines = reviews_csv().lines().skip(1).map(json_line).collect::<String>();
    project.write("reviews.jsonl", lines.as_bytes());
    project.write("stallmark.toml", REVIEWS.replace("reviews.csv", "reviews.jsonl").as_bytes());
    let ran = project.run(&["score", "--as-of", "2026-01-04"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.stdout, csv);
}

fn json_line(csv: &str) -> String {
    let fields: Vec<&str> = csv.splitn(4, ',').collect();
    let (body, rest) = fields[3].strip_prefix('"').unwrap().split_once('"').unwrap();
    let (rating, label) = rest.trim_start_matches(',').split_once(',').unwrap();
    let row = serde_json::json!({
        "id": fields[0], "published": fields[1], "seller": fields[2], "body": body,
        "rating": rating.parse::<u8>().unwrap(), "label": label.parse::<u8>().unwrap(),
    });
    format!("{row}\n")
}

#[test]
fn init_writes_a_configuration_that_loads() {
    let project = TestProject::empty();
    assert_eq!(project.run(&["init"]).code, 0);
    let again = project.run(&["init"]);
    assert_eq!(again.code, 2, "{}", again.stderr);
    assert!(again.stderr.contains("already there"));
    let schema = project.run(&["schema", "config"]);
    assert!(serde_json::from_str::<serde_json::Value>(&schema.stdout).unwrap()["properties"]["run"].is_object());
}
