//! The published table as a stranger reads it: with Python's deltalake and Polars.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::project::TestProject;

#[test]
fn python_reads_both_versions() {
    let project = TestProject::synthetic(1200);
    assert_eq!(project.run(&["train", "--as-of", "2026-03-26"]).code, 0);
    for _ in 0..2 {
        let ran = project.run(&["run", "--as-of", "2026-03-26"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    let output = Command::new(python())
        .args(["-m", "pytest", "-q", "-p", "no:cacheprovider"])
        .args(
            ["test_published.py", "test_marks.py"]
                .map(|file| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python").join(file)),
        )
        .env("STALLMARK_PUBLISHED_DIR", project.path().join("out"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let talk = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{talk}");
}

/// The Python that `make test` prepares.
pub(crate) fn python() -> PathBuf {
    match std::env::var_os("STALLMARK_PYTHON") {
        Some(path) => path.into(),
        None => PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache/stallmark/venv/bin/python"),
    }
}
