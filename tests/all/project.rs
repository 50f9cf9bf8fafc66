//! A small project in a folder of its own, and the program run on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A project folder that is removed when the test ends.
pub(crate) struct TestProject {
    dir: TempDir,
}

/// What a run of the program gave.
pub(crate) struct Ran {
    /// Exit code.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

/// The program under test.
pub(crate) fn program() -> PathBuf {
    assert_cmd::cargo::cargo_bin!("stallmark").to_path_buf()
}

/// Configuration of a project whose reviews stand in reviews.csv with the columns id, published, seller, body, rating, label.
pub(crate) const REVIEWS: &str = r#"
[project]
name = "reviews"
labels = ["spam"]

[train]
min_positives = 10
min_negatives = 10

# Capitals alone give this spam away.
[train.leak]
max_auc = 1.0

[labels.spam]
kind = "abuse"
severity = 2
definition = "The review is spam."
content_types = ["review"]

[sources.reviews]
path = "reviews.csv"

[[sources.reviews.feeds]]
table = "content"
columns = { content_id = "id", content_type = "'review'", market = "'SG'", published_at = "published", seller_id = "seller", body = "body", rating = "rating" }

[[sources.reviews.feeds]]
table = "decisions"
columns = { decision_id = "'d' || id", content_id = "id", label = "'spam'", verdict = "CASE WHEN label = 1 THEN 'violating' ELSE 'compliant' END", decided_at = "TIMESTAMP '2026-01-02 12:00:00'" }
where = "label IS NOT NULL"
"#;

/// The header of reviews.csv.
pub(crate) const HEADER: &str = "id,published,seller,body,rating,label\n";

/// 120 reviews of 30 sellers: spam praises in capitals, the others speak of the product.
pub(crate) fn reviews_csv() -> String {
    let mut csv = HEADER.to_owned();
    for n in 0..120 {
        let (body, label) = match n % 3 {
            0 => (format!("BEST SHOP EVER follow us wa {n} promo promo"), 1),
            1 => (format!("the strap broke after {n} days but fits well"), 0),
            _ => (format!("colour as shown, delivery took {n} hours"), 0),
        };
        csv.push_str(&format!("r{n},2026-01-01,s{},\"{body}\",{},{label}\n", n % 30, 1 + n % 5));
    }
    csv
}

impl TestProject {
    /// A project with the configuration `toml`.
    pub(crate) fn new(toml: &str) -> Self {
        let project = Self { dir: tempfile::tempdir().unwrap() };
        project.write("stallmark.toml", toml.as_bytes());
        project
    }

    /// An empty folder.
    pub(crate) fn empty() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// A generated marketplace of `content` items, untrained. Its history ends before 2026-03-26.
    pub(crate) fn synthetic(content: u32) -> Self {
        let project = Self::empty();
        let ran = project.run(&["synth", "--content", &content.to_string(), "--out", "."]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let path = project.path().join("stallmark.toml");
        let few = "\n[train]\nmin_positives = 15\nmin_negatives = 15\n\n[train.trees]\nrounds = 20\n";
        fs::write(&path, fs::read_to_string(&path).unwrap() + few).unwrap();
        project
    }

    /// The reviews project with its 120 reviews, untrained.
    pub(crate) fn reviews() -> Self {
        let project = Self::new(REVIEWS);
        project.write("reviews.csv", reviews_csv().as_bytes());
        project
    }

    /// The reviews project with a champion.
    pub(crate) fn trained() -> Self {
        let project = Self::reviews();
        let ran = project.run(&["train", "--as-of", "2026-01-04"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        project
    }

    /// Its folder.
    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Writes one file of it.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Runs the program in it.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        run_in(self.path(), args)
    }

    /// Another project with the same files.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::empty();
        for (name, bytes) in self.files_below(".") {
            copy.write(&name, &bytes);
        }
        copy
    }

    /// All files below `folder` with their bytes, by path from the project, sorted.
    pub(crate) fn files_below(&self, folder: &str) -> Vec<(String, Vec<u8>)> {
        let mut found = Vec::new();
        collect(&self.path().join(folder), &mut found);
        let relative = |path: &Path| path.strip_prefix(self.path()).unwrap().display().to_string();
        let mut files: Vec<_> = found.iter().map(|path| (relative(path), fs::read(path).unwrap())).collect();
        files.sort();
        files
    }
}

/// Runs the program in `dir`.
pub(crate) fn run_in(dir: &Path, args: &[&str]) -> Ran {
    let Output { status, stdout, stderr } =
        Command::new(program()).args(args).current_dir(dir).env_remove("STALLMARK_REAL_DATA").output().unwrap();
    Ran {
        code: status.code().unwrap_or(-1),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() { collect(&path, found) } else { found.push(path) }
    }
}
