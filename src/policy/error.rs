//! Why a policy cannot be used.

use thiserror::Error;

use crate::sql::SqlError;

/// Each message names the file, the policy and the mend.
#[derive(Debug, Error)]
pub enum PolicyError {
    /// The condition is not one.
    #[error("{place}: the condition of policy `{id}`: {source}")]
    Condition {
        /// File and line.
        place: String,
        /// The policy.
        id: String,
        /// What is wrong, underlined.
        source: Box<SqlError>,
    },
    /// A row could fail a cast.
    #[error(
        "{place}: policy `{id}`: CAST({column} AS {to}) can fail on a row, and one row must not stop a night; write TRY_CAST, which is null there"
    )]
    Cast {
        /// File and line.
        place: String,
        /// The policy.
        id: String,
        /// What is cast.
        column: String,
        /// To which type.
        to: String,
    },
    /// It reads nothing.
    #[error("{place}: policy `{id}` reads no column, so it would fire on everything or nothing; write a condition over the item")]
    Constant {
        /// File and line.
        place: String,
        /// The policy.
        id: String,
    },
    /// A parameter has a column's name.
    #[error("{file}: policy `{id}`: the parameter `{name}` has the name of a column; choose another")]
    ParameterName {
        /// The file.
        file: String,
        /// The policy.
        id: String,
        /// The parameter.
        name: String,
    },
    /// Two policies have one id.
    #[error("{file}: policy `{id}` is also in {other}; every policy has an id of its own")]
    Twice {
        /// The file.
        file: String,
        /// The policy.
        id: String,
        /// The file before it.
        other: String,
    },
    /// A label is not declared.
    #[error("{file}: policy `{id}` is about `{label}`, which is not declared under [labels]; correct it or declare it")]
    UnknownLabel {
        /// The file.
        file: String,
        /// The policy.
        id: String,
        /// The label.
        label: String,
    },
    /// Severe labels have no holdback.
    #[error(
        "{file}: policy `{id}` holds units back, but `{label}` has severity {severity}: nobody may be left exposed to that for a comparison; set holdback = 0"
    )]
    Holdback {
        /// The file.
        file: String,
        /// The policy.
        id: String,
        /// The label.
        label: String,
        /// Its severity.
        severity: u8,
    },
    /// Only links speak.
    #[error(
        "{place}: policy `{id}` reads nothing but copies and rings ({columns}), which an item's seller may be the victim of: alone they never carry more than review; \
         set treatment = \"review\", or add a score or another feature"
    )]
    LinksAlone {
        /// File and line.
        place: String,
        /// The policy.
        id: String,
        /// The columns.
        columns: String,
    },
    /// An exception names a policy that is not there.
    #[error("{place}: the exception names policy `{id}`, which is not there; correct it, or write \"*\"")]
    UnknownPolicy {
        /// File and line.
        place: String,
        /// The policy.
        id: String,
    },
    /// Too many policies.
    #[error("{n} policies: at most {most} can be evaluated")]
    TooMany {
        /// How many there are.
        n: usize,
        /// How many may be.
        most: usize,
    },
    /// A unit case gives a column that is not there, or a value of another type.
    #[error("{place}: the case `{name}` gives `{column}` = {value}: {reason}")]
    Given {
        /// File and line.
        place: String,
        /// The case.
        name: String,
        /// The column.
        column: String,
        /// The value.
        value: String,
        /// What is wrong, and what was expected.
        reason: String,
    },
    /// The conditions could not be evaluated.
    #[error("policies cannot be evaluated: {reason}")]
    Evaluation {
        /// What the engine said.
        reason: String,
    },
}
