//! What can be wrong with a configuration.

use thiserror::Error;

use super::Place;

/// Why a configuration was refused. Each message names the place, the key and the mend.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ConfigError {
    /// The file is not TOML.
    #[error("{place}: not TOML: {reason}")]
    NotToml {
        /// The line.
        place: Place,
        /// What the parser met.
        reason: String,
    },
    /// A `--set` argument has no `=`, or no key before it.
    #[error("--set {text}: expected key=value, for instance --set run.scope_days=7")]
    NotASetting {
        /// The argument, shortened.
        text: String,
    },
    /// No such key.
    #[error("{place}: unknown key `{key}`; {}", mend(nearest.as_deref(), valid))]
    UnknownKey {
        /// Where it was written.
        place: Place,
        /// The key with its tables.
        key: String,
        /// The nearest valid key with its tables, if any is near.
        nearest: Option<String>,
        /// The keys that are valid there, separated by commas.
        valid: String,
    },
    /// A value of the wrong type, outside its range, or not one of the names allowed.
    #[error("{place}: `{key}` is {value}: expected {expected}")]
    BadValue {
        /// Where it was written.
        place: Place,
        /// The key with its tables.
        key: String,
        /// The value, shortened.
        value: String,
        /// What was expected.
        expected: String,
    },
    /// A table without a key that it must have.
    #[error("{place}: `{table}` has no `{key}`: add it")]
    MissingKey {
        /// Where the table was written.
        place: Place,
        /// The table.
        table: String,
        /// The key that it must have.
        key: String,
    },
    /// A label is listed that is not declared.
    #[error("{place}: `project.labels` lists `{id}`, which is not declared; {} or add [labels.{id}]", nearest_label(nearest.as_deref()))]
    UndeclaredLabel {
        /// Where the list was written.
        place: Place,
        /// The label.
        id: String,
        /// The nearest declared label, if any is near.
        nearest: Option<String>,
    },
    /// `${NAME}` names a variable that is not set.
    #[error("{place}: `{key}` needs the variable {name}, which is not set: set it, or write ${{{name}:-fallback}}")]
    VariableNotSet {
        /// Where the value was written.
        place: Place,
        /// The key with its tables.
        key: String,
        /// The variable.
        name: String,
    },
}

/// The sentence that ends an unknown-key message.
fn mend(nearest: Option<&str>, valid: &str) -> String {
    match nearest {
        Some(key) => format!("did you mean `{key}`?"),
        None => format!("the keys valid there are {valid}"),
    }
}

/// The middle of an undeclared-label message.
fn nearest_label(nearest: Option<&str>) -> String {
    nearest.map_or_else(|| "correct it".to_owned(), |id| format!("did you mean `{id}`? Correct it,"))
}
