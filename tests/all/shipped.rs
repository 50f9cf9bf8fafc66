//! What is shipped must fit the code: the model, its size, and the generated tables in the docs.

use std::path::Path;

use super::project::run_in;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_shipped_model_has_the_features_of_the_code() {
    // Scoring with it refuses a wrong feature fingerprint; the mend is `make models`.
    let scratch = tempfile::tempdir().unwrap();
    let out = format!("output.path={}", scratch.path().join("out").display());
    let ran = run_in(root(), &["run", "--project", "training_data", "--as-of", "2026-03-26", "--set", &out]);
    assert_eq!(ran.code, 0, "retrain with `make models`: {}", ran.stderr);
}

#[test]
fn the_shipped_model_is_small() {
    let size = |path: &Path| -> u64 {
        let mut total = 0;
        let mut folders = vec![path.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                match entry.file_type().unwrap().is_dir() {
                    true => folders.push(entry.path()),
                    false => total += entry.metadata().unwrap().len(),
                }
            }
        }
        total
    };
    assert!(size(&root().join("models")) <= 2 << 20);
    assert!(size(&root().join("training_data")) <= 8 << 20);
}

#[test]
fn the_feature_table_in_the_docs_is_fresh() {
    let ran = run_in(root(), &["schema", "features"]);
    let docs = std::fs::read_to_string(root().join("docs/features.md")).unwrap();
    assert!(docs.contains(ran.stdout.trim()), "refresh docs/features.md with `stallmark schema features`");
}
