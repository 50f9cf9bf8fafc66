//! The notebooks, executed from the first cell to the last on a generated marketplace: a cell that raises fails the test.

use std::path::Path;
use std::process::Command;

use super::project::{TestProject, program};
use super::published::python;

/// The last day of the generated history.
const AS_OF: &str = "2026-03-26";

/// Three labels, few trees and wide limits: what is tested is that every cell runs, not what a model is worth.
fn project() -> TestProject {
    let project = TestProject::empty();
    let ran = project.run(&["synth", "--content", "3000", "--out", "."]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let path = project.path().join("stallmark.toml");
    let toml = std::fs::read_to_string(&path).unwrap();
    let start = toml.find("labels = [").unwrap();
    let end = start + toml[start..].find(']').unwrap();
    let labels = "name = \"shop\"\nlabels = [\"counterfeit\", \"misleading_claim\", \"false_discount\"";
    let few = "\n[train]\nmin_positives = 15\nmin_negatives = 15\n\n[train.trees]\nrounds = 15\n\n\
               [evaluate]\ndraws = 200\nmin_slice_rows = 20\n\n[promote]\nmin_of_each = 5\n";
    std::fs::write(&path, format!("{}{labels}{}{few}", &toml[..start], &toml[end..])).unwrap();
    project
}

/// Runs pytest, which must have run something.
fn pytest(args: &[&str], path: &str, project: &Path) {
    let output = Command::new(python())
        .args(["-m", "pytest", "-q", "-p", "no:cacheprovider"])
        .args(args)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .env("STALLMARK_PROJECT", project)
        .env("STALLMARK_BIN", program())
        .env("STALLMARK_AS_OF", AS_OF)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let talk = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && talk.contains(" passed"), "{talk}");
}

/// nbmake's own limit of a cell is five minutes.
const EXECUTE: [&str; 2] = ["--nbmake", "--nbmake-timeout=600"];

#[test]
fn notebooks_are_committed_without_outputs() {
    pytest(&[], "tests/python/test_notebooks.py", Path::new("."));
}

#[test]
fn every_cell_of_the_notebooks_runs() {
    let project = project();
    assert_eq!(project.run(&["train", "--as-of", AS_OF]).code, 0);
    let ran = project.run(&["run", "--as-of", AS_OF]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    pytest(&EXECUTE, "notebooks/explore_scores.ipynb", project.path());

    let models = project.files_below("models");
    pytest(&EXECUTE, "notebooks/retrain_and_compare.ipynb", project.path());
    pytest(&EXECUTE, "notebooks/design_a_policy.ipynb", project.path());
    assert!(project.files_below("models") == models, "a notebook has changed the project that it copied");
}
