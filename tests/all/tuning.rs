//! `train --tune`: the same winner on any number of threads, and after an interruption.

use std::process::Command;
use std::time::{Duration, Instant};

use super::project::{TestProject, program};

/// A search small enough for 120 reviews.
const SEARCH: &str = "\n[train.tune]\neta = 2\nrungs = 2\nrounds = [4, 12]\ndepth = [1, 3]\nc = [0.05, 50.0]\n";

fn project() -> TestProject {
    let project = TestProject::reviews();
    let path = project.path().join("stallmark.toml");
    std::fs::write(&path, std::fs::read_to_string(&path).unwrap() + SEARCH).unwrap();
    project
}

fn tune(project: &TestProject, threads: u32, more: &[&str]) -> serde_json::Value {
    let threads = format!("run.threads={threads}");
    let args = [&["train", "--as-of", "2026-01-04", "--json", "--tune", "8", "--set", &threads], more].concat();
    let ran = project.run(&args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

/// The journal's lines in the order of trials; on several threads results come in any order.
fn journal(project: &TestProject) -> Vec<String> {
    let text = std::fs::read_to_string(project.path().join("tuning.jsonl")).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn a_search_ends_the_same_on_any_threads_and_after_an_interruption() {
    let whole = project();
    let expect = tune(&whole, 1, &[]);
    let rungs = expect["tuned"]["rungs"].as_array().unwrap();
    assert_eq!((&rungs[0]["one_in"], &rungs[0]["trials"], &rungs[1]["one_in"]), (&2.into(), &8.into(), &1.into()));
    let loss = |key: &str| expect["tuned"][key].as_f64().unwrap();
    assert!(loss("log_loss") <= loss("configured_log_loss"));

    let stopped = project();
    let mut child = Command::new(program())
        .args(["train", "--as-of", "2026-01-04", "--tune", "8", "--set", "run.threads=2"])
        .current_dir(stopped.path())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let began = Instant::now();
    let n_lines = || std::fs::read_to_string(stopped.path().join("tuning.jsonl")).map_or(0, |text| text.lines().count());
    while n_lines() < 4 && began.elapsed() < Duration::from_secs(120) {
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // A process that was quicker than its killer is taken back to the middle of its search; a last line is cut off.
    let _ = std::fs::remove_dir_all(stopped.path().join("models"));
    let path = stopped.path().join("tuning.jsonl");
    let text = std::fs::read(&path).unwrap();
    let n_half = text.len() / 2 + usize::from(text[text.len() / 2 - 1] == b'\n');
    std::fs::write(&path, &text[..n_half]).unwrap();
    let kept = text[..n_half].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    assert_eq!(tune(&stopped, 3, &[]), expect);
    assert!(std::fs::read(&path).unwrap().starts_with(&text[..kept]), "what was known is not judged again");
    assert_eq!(journal(&stopped), journal(&whole));
    // The record of champions says when.
    let stored = |project: &TestProject| {
        let files = project.files_below("models").into_iter();
        files.filter(|(name, _)| !name.ends_with("promotions.jsonl")).collect::<Vec<_>>()
    };
    assert!(stored(&stopped) == stored(&whole), "the stored files differ");
}

#[test]
fn another_configuration_s_journal_is_refused_and_can_be_begun_anew() {
    let project = project();
    let first = tune(&project, 2, &[]);
    let before = (project.files_below("models"), journal(&project));
    let other = ["train", "--as-of", "2026-01-04", "--tune", "8", "--set", "train.seed=3"];
    let ran = project.run(&other);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("tuning.jsonl") && ran.stderr.contains("--restart-tuning"), "{}", ran.stderr);
    assert!(before == (project.files_below("models"), journal(&project)), "a refusal changes nothing");
    assert_eq!(tune(&project, 2, &[])["tuned"], first["tuned"]);
    let ran = project.run(&[&other[..], &["--restart-tuning"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_ne!(before.1, journal(&project));
}

#[test]
fn what_is_printed_trains_the_same_model_without_a_search() {
    let project = project();
    let ran = project.run(&["train", "--as-of", "2026-01-04", "--tune", "8"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let from = ran.stderr.find("[train.text]").unwrap();
    let printed: Vec<&str> = ran.stderr[from..].lines().take_while(|line| !line.starts_with("model ")).collect();
    let files = project.files_below("models");
    let manifest = files.iter().find(|(name, _)| name.ends_with("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest.1).unwrap();
    let metrics = files.iter().find(|(name, _)| name.ends_with("metrics.json")).unwrap();
    let metrics: serde_json::Value = serde_json::from_slice(&metrics.1).unwrap();
    assert_eq!(manifest["facts"]["tuned"], metrics["tuned"]["parameters"]);
    for (key, value) in manifest["facts"]["tuned"].as_object().unwrap() {
        let (_, key) = key.split_once('.').unwrap();
        assert!(printed.contains(&format!("{key} = {value}").as_str()), "{key} = {value} is not in {printed:?}");
    }

    let path = project.path().join("stallmark.toml");
    std::fs::write(&path, std::fs::read_to_string(&path).unwrap() + "\n" + &printed.join("\n")).unwrap();
    let again = project.run(&["train", "--as-of", "2026-01-04", "--json"]);
    let again: serde_json::Value = serde_json::from_str(&again.stdout).unwrap();
    assert_eq!(again["version"], manifest["version"]);
    assert!(again.get("tuned").is_none());
}
