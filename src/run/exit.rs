//! What a verb ends with: an exit code and, when it failed, the chain of causes (DESIGN.md §9).

use std::fmt;
use std::path::PathBuf;

use crate::config::{ConfigError, TableName};
use crate::dataset::DatasetError;
use crate::features::FeatureSetError;
use crate::files::FilesError;
use crate::models::ModelError;
use crate::policy::PolicyError;
use crate::publish::PublishError;
use crate::store::StoreError;
use crate::tables::TablesError;
use crate::text::LexiconError;

/// The documented exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, published.
    Done,
    /// Failed, nothing published.
    Failed,
    /// Usage or configuration.
    Usage,
    /// A gate refused.
    Refused,
    /// Input contract broken.
    Input,
    /// Transient, safe to retry.
    Transient,
    /// Nothing to do.
    NothingToDo,
}

impl Exit {
    /// The number that the process exits with.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::Input => 4,
            Self::Transient => 75,
            Self::NothingToDo => 99,
        }
    }
}

/// A mistake in how a verb was called, or nothing to do.
#[derive(Debug, thiserror::Error)]
pub enum VerbError {
    /// An argument cannot be read.
    #[error("{argument}: {reason}")]
    Argument {
        /// The option.
        argument: &'static str,
        /// What is wrong, and what was expected.
        reason: String,
    },
    /// A project file stands in the way.
    #[error("{path} is already there; remove it, or choose another folder")]
    AlreadyThere {
        /// The file.
        path: String,
    },
    /// The project declares no label, so there is nothing to learn.
    #[error("the project has no labels to train: name some in project.labels of stallmark.toml")]
    NoLabels,
    /// No label has enough decisions.
    #[error("no label can be trained: {reasons}; add decisions, or lower train.min_positives and train.min_negatives")]
    NothingToLearn {
        /// Why, label by label.
        reasons: String,
    },
    /// A table that must be there has no source.
    #[error(
        "no source feeds the table `{table}`; add a [sources.<name>] with a feed of it to stallmark.toml (`stallmark init` shows how)"
    )]
    NoSource {
        /// The table.
        table: TableName,
    },
    /// Nothing is in scope, and the caller asked to be told.
    #[error(
        "nothing is in scope at {as_of}: no content was published, edited, viewed or reported in the {scope_days} days before"
    )]
    NothingInScope {
        /// The day.
        as_of: String,
        /// `run.scope_days`.
        scope_days: u32,
    },
    /// A search's journal is of another search.
    #[error(
        "{}: this journal {reason}; begin anew with --restart-tuning, or name another file in train.tune.journal",
        path.display()
    )]
    OtherJournal {
        /// The journal.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file that should be a search's journal is something else.
    #[error("{}: this is not the journal of a search; name another file in train.tune.journal", path.display())]
    NoJournal {
        /// The file.
        path: PathBuf,
    },
    /// The gate refused a promotion.
    #[error("model {version} is not promoted:\n  {}", shortfalls.join("\n  "))]
    Refused {
        /// The version.
        version: String,
        /// What fell short, each in a sentence.
        shortfalls: Vec<String>,
    },
    /// The publish gate refused a night.
    #[error(
        "nothing is published: the gate refused run {run_id}\n  {}\nwhat it made is kept in {folder}; look at it, and publish it with \
         `stallmark run --override REASON` if it is right after all",
        shortfalls.join("\n  ")
    )]
    NightRefused {
        /// The run.
        run_id: String,
        /// Where its output is.
        folder: String,
        /// What fell short, each in a sentence.
        shortfalls: Vec<String>,
    },
    /// Unit cases of policies failed.
    #[error("{failed} of {cases} unit cases of the policies failed")]
    CasesFailed {
        /// How many failed.
        failed: usize,
        /// Of how many.
        cases: usize,
    },
    /// An item is shown to nobody but who answers for its kind.
    #[error(
        "{content_id} is routed to the escalations table alone (urgent_route of a policy): nothing else is shown of it; turn to the \
         owner of the policy that the table names"
    )]
    UrgentRoute {
        /// The item.
        content_id: String,
    },
    /// The demo's folder holds something else.
    #[error("{path} is not an earlier demo; choose another folder with --out")]
    NotADemo {
        /// The folder.
        path: String,
    },
}

/// The exit code of a failure, from the first cause in its chain that has one.
#[must_use]
pub fn exit_of(error: &anyhow::Error) -> Exit {
    error.chain().find_map(exit_of_cause).unwrap_or(Exit::Failed)
}

fn exit_of_cause(cause: &(dyn std::error::Error + 'static)) -> Option<Exit> {
    if let Some(error) = cause.downcast_ref::<FilesError>() {
        return Some(if error.is_transient() { Exit::Transient } else { Exit::Failed });
    }
    if let Some(error) = cause.downcast_ref::<VerbError>() {
        return Some(match error {
            VerbError::NothingToLearn { .. } => Exit::Input,
            VerbError::NothingInScope { .. } => Exit::NothingToDo,
            VerbError::Refused { .. } | VerbError::NightRefused { .. } | VerbError::UrgentRoute { .. } => Exit::Refused,
            VerbError::CasesFailed { .. } => Exit::Failed,
            _ => Exit::Usage,
        });
    }
    if cause.is::<ConfigError>() || cause.is::<LexiconError>() || cause.is::<FeatureSetError>() {
        return Some(Exit::Usage);
    }
    match cause.downcast_ref::<PolicyError>() {
        Some(PolicyError::Evaluation { .. }) => return Some(Exit::Failed),
        Some(_) => return Some(Exit::Usage),
        None => {}
    }
    if let Some(ModelError::Leak { .. } | ModelError::AllowedFeature { .. }) = cause.downcast_ref::<ModelError>() {
        return Some(Exit::Usage);
    }
    if let Some(error) = cause.downcast_ref::<StoreError>() {
        return Some(match error {
            error if error.is_transient() => Exit::Transient,
            error if error.is_usage() => Exit::Usage,
            _ => Exit::Failed,
        });
    }
    if let Some(error) = cause.downcast_ref::<TablesError>() {
        return match error {
            // What stopped the sink stands further down the chain: a full disk, for instance.
            TablesError::Sink { .. } => None,
            error if error.is_configuration() => Some(Exit::Usage),
            _ => Some(Exit::Input),
        };
    }
    match cause.downcast_ref::<DatasetError>() {
        Some(DatasetError::TooManyRejects { .. } | DatasetError::NoRows { .. }) => return Some(Exit::Input),
        Some(DatasetError::Spill(_) | DatasetError::Signal(_)) | None => {}
    }
    match cause.downcast_ref::<PublishError>() {
        Some(error) if error.is_transient() => Some(Exit::Transient),
        _ => None,
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code())
    }
}
