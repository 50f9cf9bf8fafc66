//! Ctrl-C in a training: the store stays as it was, and nothing is left that the next run does not remove.

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use super::project::{TestProject, program};

/// Trains in `project` with spill files in `scratch`, and interrupts it `after` the stage named has ended.
fn interrupt(project: &TestProject, scratch: &Path, stage: &str, after: Duration) {
    // A background job of a shell ignores the signal, and its children would too.
    let mut child = Command::new("env")
        .arg("--default-signal=INT")
        .arg(program())
        .args(["train", "--as-of", "2026-03-26", "--promote", "--log-format", "json"])
        // Hundreds of times the work of the first training: the signal comes long before the end.
        .args(["--set", "train.trees.rounds=9000", "--set", "train.trees.early_stopping_rounds=9000"])
        .current_dir(project.path())
        .env("TMPDIR", scratch)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut talk = BufReader::new(child.stderr.take().unwrap()).lines();
    let ended = talk.by_ref().map_while(Result::ok).any(|line| {
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        line["stage"] == stage && !line["seconds"].is_null()
    });
    assert!(ended, "the stage {stage} never ended");
    std::thread::sleep(after);
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let status = child.wait().unwrap();
    assert_eq!(status.signal(), Some(2), "it ended by itself: {status}");
}

fn entries(folder: &Path) -> Vec<std::path::PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn an_interrupted_training_leaves_the_store_as_it_was() {
    let project = TestProject::synthetic(1000);
    let ran = project.run(&["train", "--as-of", "2026-03-26"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let before = project.files_below("models");
    assert!(before.len() > 4);
    let everything = || project.files_below(".").into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let names = everything();
    let scratch = tempfile::tempdir().unwrap();
    // While the input is spilled, while features are computed, and twice in the fit.
    for (stage, ms) in [("tables", 0), ("features", 0), ("features", 700)] {
        interrupt(&project, scratch.path(), stage, Duration::from_millis(ms));
        assert!(project.files_below("models") == before, "the store changed");
        assert_eq!(everything(), names, "files were left behind");
    }

    // The spill folders of killed processes go after ten minutes.
    let spills = entries(scratch.path());
    assert!(!spills.is_empty());
    let long_ago = SystemTime::now() - Duration::from_secs(3600);
    for folder in &spills {
        std::fs::File::open(folder).unwrap().set_modified(long_ago).unwrap();
    }
    let ran = Command::new(program())
        .args(["train", "--as-of", "2026-03-26", "--promote"])
        .current_dir(project.path())
        .env("TMPDIR", scratch.path())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert!(entries(scratch.path()).is_empty(), "spill files stay behind");
    assert!(project.files_below("models") == before, "the same training is the same model");
}
