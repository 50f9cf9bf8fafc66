//! Same inputs, configuration and model: same bytes, whatever the threads and shards (DESIGN.md §11, promise 1).

use super::project::TestProject;

/// The published Parquet files' contents, in the order of their paths without run and attempt.
fn published_bytes(project: &TestProject) -> Vec<Vec<u8>> {
    let files = project.files_below("out/scores").into_iter().filter(|(name, _)| name.ends_with(".parquet"));
    files.map(|(_, bytes)| bytes).collect()
}

#[test]
fn scores_do_not_depend_on_threads_or_shards() {
    let project = TestProject::synthetic(1500);
    assert_eq!(project.run(&["train", "--as-of", "2026-03-26"]).code, 0);
    let mut seen: Vec<(Vec<&str>, Vec<Vec<u8>>)> = Vec::new();
    for settings in
        [vec!["run.threads=1", "run.shards=1"], vec!["run.threads=2", "run.shards=20"], vec!["run.threads=3", "run.shards=7"]]
    {
        let mut args = vec!["run", "--as-of", "2026-03-26"];
        settings.iter().for_each(|s| args.extend(["--set", *s]));
        let ran = project.run(&args);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let bytes = published_bytes(&project);
        assert!(bytes.len() >= 6, "one file for each market");
        std::fs::remove_dir_all(project.path().join("out")).unwrap();
        seen.push((settings, bytes));
    }
    for (settings, bytes) in &seen[1..] {
        assert!(*bytes == seen[0].1, "{settings:?} differs from {:?}", seen[0].0);
    }
}

#[test]
fn models_do_not_depend_on_threads_or_shards() {
    let project = TestProject::synthetic(1200);
    let mut versions = Vec::new();
    for settings in [["run.threads=1", "run.shards=1"], ["run.threads=2", "run.shards=5"], ["run.threads=3", "run.shards=11"]] {
        let mut args = vec!["train", "--as-of", "2026-03-26", "--json"];
        settings.iter().for_each(|s| args.extend(["--set", *s]));
        let ran = project.run(&args);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        // The version is a hash of specification and weights.
        let trained: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        versions.push(trained["version"].as_str().unwrap().to_owned());
    }
    assert_eq!(versions[0], versions[1]);
    assert_eq!(versions[0], versions[2]);
}

#[test]
fn a_marketplace_is_its_seed() {
    let (one, same, other) = (TestProject::synthetic(300), TestProject::synthetic(300), TestProject::empty());
    let ran = other.run(&["synth", "--content", "300", "--seed", "2", "--out", "."]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(one.files_below("tables") == same.files_below("tables"));
    assert!(one.files_below("truth") == same.files_below("truth"));
    assert!(one.files_below("tables") != other.files_below("tables"));
}
