//! The publish gate as whoever runs the night meets it.

use serde_json::Value;

use super::project::TestProject;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn manifest(project: &TestProject) -> Vec<u8> {
    std::fs::read(project.path().join("out/_published.json")).unwrap()
}

#[test]
fn a_night_that_is_refused_is_kept_and_not_published_until_overruled() {
    let project = TestProject::synthetic(1200);
    assert_eq!(project.run(&["train", "--as-of", "2026-03-24"]).code, 0);
    let first = project.run(&["run", "--as-of", "2026-03-24", "--json"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    let second = project.run(&["run", "--as-of", "2026-03-25", "--json"]);
    assert_eq!(second.code, 0, "{}", second.stderr);
    let gate = &json(&second.stdout)["gate"];
    let state = |name: &str| {
        let checks = gate["checks"].as_array().unwrap();
        checks.iter().find(|check| check["name"] == name).map(|check| check["state"].as_str().unwrap().to_owned())
    };
    for name in ["rejects", "volume", "missing_market", "coverage", "gone_null", "score_drift", "drift_share", "churn"] {
        assert_eq!(state(name).as_deref(), Some("passed"), "{name}: {gate}");
    }

    // Only what was published, edited or seen within a day: far fewer items than on the nights before.
    let before = manifest(&project);
    let halved = ["run", "--as-of", "2026-03-26", "--set", "run.scope_days=1"];
    let limit = ["--set", "monitor.gate.min_volume_ratio=0.99"];
    let refused = project.run(&[&halved[..], &limit].concat());
    assert_eq!(refused.code, 3, "{}", refused.stderr);
    assert!(refused.stderr.contains("volume: ") && refused.stderr.contains("--override REASON"), "{}", refused.stderr);
    assert_eq!(manifest(&project), before);
    let kept = project.files_below("out/_refused");
    let gate_json = kept.iter().find(|(name, _)| name.ends_with("gate.json")).unwrap();
    let told = json(std::str::from_utf8(&gate_json.1).unwrap());
    assert_eq!(told["checks"][0]["state"], "refused");
    for table in ["scores", "profile", "queue", "sellers"] {
        assert!(kept.iter().any(|(name, _)| name.contains(&format!("/{table}/")) && name.ends_with(".parquet")), "{table}");
    }
    let runs = project.files_below("out/_runs");
    let results =
        runs.iter().filter(|(name, _)| name.ends_with("run_results.json")).map(|(_, b)| json(std::str::from_utf8(b).unwrap()));
    assert!(
        results
            .clone()
            .any(|r| r["status"] == "refused" && r["exit_code"] == 3 && r["published"] == Value::Object(Default::default()))
    );

    let reason = "the import was late";
    let overruled = project.run(&[&halved[..], &limit, &["--override", reason, "--json"]].concat());
    assert_eq!(overruled.code, 0, "{}", overruled.stderr);
    assert_eq!(json(&overruled.stdout)["gate_override"], reason);
    assert_eq!(json(std::str::from_utf8(&manifest(&project)).unwrap())["gate_override"], reason);
    let logs = project.files_below("out/scores/_delta_log");
    assert!(logs.iter().any(|(_, bytes)| String::from_utf8_lossy(bytes).contains("\"gateOverride\":\"the import was late\"")));
}

#[test]
fn another_model_is_told_by_both_names_and_a_gate_that_is_off_only_warns() {
    let project = TestProject::synthetic(1200);
    let version = |until: &str| {
        let ran = project.run(&["train", "--as-of", until, "--promote", "--json"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        json(&ran.stdout)["version"].as_str().unwrap().to_owned()
    };
    let old = version("2026-03-10");
    assert_eq!(project.run(&["run", "--as-of", "2026-03-25"]).code, 0);
    let new = version("2026-03-24");
    let strict = ["run", "--as-of", "2026-03-26", "--set", "monitor.gate.max_churn_new_model=0.0"];
    let refused = project.run(&strict);
    assert_eq!(refused.code, 3, "{}", refused.stderr);
    assert!(refused.stderr.contains(&format!("churn: model {old} gave way to {new}")), "{}", refused.stderr);
    let off = [&strict[..], &["--set", "monitor.gate.enabled=false"]].concat();
    let ran = project.run(&off);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("the gate would refuse the night"), "{}", ran.stderr);
}

#[test]
fn a_profile_does_not_depend_on_shards_or_threads() {
    let project = TestProject::synthetic(600);
    assert_eq!(project.run(&["train", "--as-of", "2026-03-24"]).code, 0);
    let profile = |shards: &str, threads: &str| {
        let args = ["run", "--as-of", "2026-03-24", "--json", "--set", shards, "--set", threads];
        let ran = project.run(&args);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let version = json(&ran.stdout)["published"]["profile"].as_u64().unwrap();
        let names = ["market", "kind", "column", "cell", "bin", "value", "rows"];
        stallmark::publish::read_columns(&project.path().join("out"), "profile", version, &names).unwrap()
    };
    let one = profile("run.shards=1", "run.threads=1");
    assert!(one.n_rows() > 500, "{}", one.n_rows());
    assert_eq!(one, profile("run.shards=7", "run.threads=3"));
}
