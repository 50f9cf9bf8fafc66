//! Same inputs, configuration and model: same bytes, whatever the threads and shards (DESIGN.md §11, promise 1).

use super::project::{REVIEWS, TestProject, reviews_csv};

/// The published Parquet files' contents, in the order of their paths without run and attempt.
fn published_bytes(project: &TestProject) -> Vec<Vec<u8>> {
    let files = ["out/scores", "out/sellers"].into_iter().flat_map(|table| project.files_below(table));
    files.filter(|(name, _)| name.ends_with(".parquet")).map(|(_, bytes)| bytes).collect()
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
        assert!(bytes.len() >= 12, "one file for each market and table");
        std::fs::remove_dir_all(project.path().join("out")).unwrap();
        seen.push((settings, bytes));
    }
    for (settings, bytes) in &seen[1..] {
        assert!(*bytes == seen[0].1, "{settings:?} differs from {:?}", seen[0].0);
    }
}

/// Later versions without a seller, versions that name two sellers, and repeated keys: what is kept and what is rejected must not
/// depend on the shards either, nor on the order of the rows.
#[test]
fn dirty_input_fares_the_same_in_any_shard_and_order() {
    let project = TestProject::trained();
    let columns = "content_id = \"id\", valid_from = \"from\"";
    let toml = REVIEWS.replace("content_id = \"id\", content_type", &format!("{columns}, content_type"));
    let toml = toml.replace("'d' || id", "'d' || SUBSTR(id, 1, 2)") + "\n[input]\nmax_reject_share = 1.0\n";
    project.write("stallmark.toml", toml.as_bytes());
    let mut rows: Vec<String> = Vec::new();
    for (n, line) in reviews_csv().lines().skip(1).enumerate() {
        let (id, rest) = line.split_once(',').unwrap();
        rows.push(format!("{id},2026-01-01T01:00:00Z,{rest}"));
        let later = rest.replacen(&format!(",s{},", n % 30), if n % 2 == 0 { ",," } else { ",other," }, 1);
        rows.push(format!("{id},2026-01-01T02:00:00Z,{later}"));
    }
    let write = |rows: &[String]| {
        project.write("reviews.csv", format!("id,from,published,seller,body,rating,label\n{}\n", rows.join("\n")).as_bytes())
    };
    let mut seen = Vec::new();
    for shards in ["1", "7", "20"] {
        write(&rows);
        let ran = project.run(&[
            "run",
            "--as-of",
            "2026-01-04",
            "--json",
            "--set",
            &format!("run.shards={shards}"),
            "--set",
            "monitor.gate.enabled=false",
        ]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let results: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(results["tables"]["content"]["rejected"], 60);
        assert_eq!(results["items_scored"], 120);
        let files = project.files_below("out").into_iter().filter(|(name, _)| name.ends_with(".parquet"));
        seen.push(files.map(|(_, bytes)| bytes).collect::<Vec<_>>());
        std::fs::remove_dir_all(project.path().join("out")).unwrap();
    }
    assert!(seen[0] == seen[1] && seen[0] == seen[2]);
    let in_order = project.run(&["score", "--as-of", "2026-01-04"]).stdout;
    rows.reverse();
    // The labels' keys repeat on purpose, and the first read counts: only content may be turned round.
    write(&rows);
    assert_eq!(
        project.run(&["score", "--as-of", "2026-01-04", "--set", "input.max_reject_share=1.0"]).stdout.lines().count(),
        in_order.lines().count()
    );
}

/// Byte for byte: manifest, weights, metrics and card.
#[test]
fn models_do_not_depend_on_threads_or_shards() {
    let project = TestProject::synthetic(1200);
    let mut stores: Vec<Vec<(String, Vec<u8>)>> = Vec::new();
    for (i, settings) in
        [["run.threads=1", "run.shards=1"], ["run.threads=2", "run.shards=5"], ["run.threads=3", "run.shards=11"]]
            .into_iter()
            .enumerate()
    {
        let store = format!("store{i}");
        let place = format!("models.path={store}");
        // So that reviewers' errors are estimated, over all shards.
        let labels = ["method=dawid_skene", "min_overlap=5", "min_anchored=3"].map(|set| format!("train.labels.{set}"));
        let mut args = vec!["train", "--as-of", "2026-03-26", "--json", "--set", &place];
        labels.iter().for_each(|set| args.extend(["--set", set]));
        settings.iter().for_each(|s| args.extend(["--set", *s]));
        let ran = project.run(&args);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        // The record of champions says when.
        let files = project.files_below(&store).into_iter().filter(|(name, _)| !name.ends_with("promotions.jsonl"));
        stores.push(files.map(|(name, bytes)| (name.replacen(&store, "store", 1), bytes)).collect());
    }
    let mut names: Vec<&str> = stores[0].iter().filter_map(|(name, _)| name.rsplit('/').next()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [".lock", "MODEL_CARD.md", "champion", "manifest.json", "metrics.json", "model.safetensors", "reference.json"]
    );
    let weights = stores[0].iter().find(|(name, _)| name.ends_with("model.safetensors"));
    assert!(weights.is_some_and(|(_, bytes)| bytes.len() > 10_000), "a model with weights");
    assert!(stores[0] == stores[1], "two threads differ from one");
    assert!(stores[0] == stores[2], "three threads differ from one");
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
