//! What can be wrong with the columns of a matrix, and how two sets of them differ.

use std::fmt;

use thiserror::Error;

use crate::sql::{Place, SqlError};

/// Declared features that cannot be columns.
#[derive(Debug, Error)]
pub enum FeatureSetError {
    /// A signal's expression does not compile. The source shows the place in it.
    #[error("{place}: signal `{name}` cannot be computed")]
    Signal {
        /// Where the expression stands in the configuration.
        place: String,
        /// The signal.
        name: String,
        /// The place in the expression and the mend.
        #[source]
        source: Box<SqlError>,
    },
    /// A signal reads itself.
    #[error("{place}: signal `{name}` reads itself: write what it is to be made of instead\n{at}")]
    SignalOfItself {
        /// Where the expression stands.
        place: String,
        /// The signal.
        name: String,
        /// The place in the expression.
        at: Box<Place>,
    },
    /// A signal reads one that is declared after it.
    #[error("{place}: signal `{name}` reads signal `{later}`, which comes after it: declare `{later}` above `{name}`\n{at}")]
    SignalOfLater {
        /// Where the expression stands.
        place: String,
        /// The signal.
        name: String,
        /// The signal that it reads.
        later: String,
        /// The place in the expression.
        at: Box<Place>,
    },
    /// A signal is neither a condition nor a number.
    #[error("{place}: signal `{name}` is {found}: expected a condition or a number")]
    SignalType {
        /// Where the expression stands.
        place: String,
        /// The signal.
        name: String,
        /// What it is.
        found: String,
    },
    /// A signal casts what some row may not hold.
    #[error(
        "{place}: signal `{name}` casts `{what}` to {to}, which one odd row would fail, and with it the run: write TRY_CAST, which \
         makes that row's signal missing"
    )]
    SignalCast {
        /// Where the expression stands.
        place: String,
        /// The signal.
        name: String,
        /// What is cast.
        what: String,
        /// The type it is cast to.
        to: String,
    },
    /// A signal is called like a column or feature.
    #[error("{place}: there is a column or feature called `{name}` already: give the signal another name")]
    NameTaken {
        /// Where the expression stands.
        place: String,
        /// The signal.
        name: String,
    },
    /// Two declared features have one name.
    #[error("two features are called `{name}`: give one of the declared ones another name")]
    NameTwice {
        /// The name.
        name: String,
    },
    /// `features.exclude` lists what is not there.
    #[error("{place}: features.exclude lists `{name}`, which is neither a feature nor a group; did you mean `{nearest}`?")]
    UnknownExclusion {
        /// Where the list was written.
        place: String,
        /// The name.
        name: String,
        /// The nearest name.
        nearest: String,
    },
    /// `features.exclude` leaves no column.
    #[error("{place}: features.exclude leaves no feature: list fewer")]
    NothingLeft {
        /// Where the list was written.
        place: String,
    },
}

/// Signals that could not be evaluated over the rows.
#[derive(Debug, Error)]
#[error("signal `{names}` cannot be evaluated: {reason}")]
pub struct SignalError {
    /// The signals evaluated together.
    pub names: String,
    /// What went wrong.
    pub reason: String,
}

/// Most names of a kind that are shown.
const SHOWN: usize = 5;

/// How the features that are computed differ from those that a model was trained on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeatureDifferences {
    /// Computed, but unknown to the model.
    pub new: Vec<String>,
    /// Known to the model, but not computed.
    pub missing: Vec<String>,
    /// Defined otherwise than when the model was trained.
    pub redefined: Vec<String>,
}

impl fmt::Display for FeatureDifferences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        for (kind, names) in [("new", &self.new), ("missing", &self.missing), ("redefined", &self.redefined)] {
            if let Some(more) = names.len().checked_sub(SHOWN).filter(|_| !names.is_empty()) {
                let more = if more == 0 { String::new() } else { format!(" and {more} more") };
                parts.push(format!("{kind}: {}{more}", names[..SHOWN].join(", ")));
            } else if !names.is_empty() {
                parts.push(format!("{kind}: {}", names.join(", ")));
            }
        }
        if parts.is_empty() {
            return f.write_str(
                "their names are the same, but a definition, the normalisation of texts, how they are cut, or \
                 features.listing_min_cell is another",
            );
        }
        f.write_str(&parts.join("; "))
    }
}
