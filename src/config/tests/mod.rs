//! What a project, the environment and `--set` can say, and what they are told when it is wrong.

mod features;
mod layering;
mod refusals;
mod sources;
mod texts;
mod windows;

use std::collections::BTreeMap;
use std::path::Path;

use super::*;

/// Loads `text` as `stallmark.toml` of the folder `/p`.
fn load_with(text: &str, environment: &[(&str, &str)], sets: &[&str]) -> Result<Config, ConfigError> {
    let project = ProjectFile { path: Path::new("./stallmark.toml"), text: Some(text) };
    let environment: BTreeMap<_, _> = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let sets: Vec<_> = sets.iter().map(|set| (*set).to_owned()).collect();
    load(&project, &Overlays { environment: &environment, sets: &sets }, Path::new("/p"))
}

fn load_text(text: &str) -> Config {
    load_with(text, &[], &[]).unwrap()
}

/// The message that `text` is refused with.
fn refusal(text: &str, environment: &[(&str, &str)], sets: &[&str]) -> String {
    load_with(text, environment, sets).unwrap_err().to_string()
}

#[track_caller]
fn check_file(text: &str, expect: &str) {
    assert_eq!(refusal(text, &[], &[]), expect);
}
