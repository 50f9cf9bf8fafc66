//! What can be wrong with an expression. Every error knows its place and shows it underlined.

use thiserror::Error;

use super::place::Place;

/// An expression that is refused. `Display` gives the message, the line of the expression and carets under the place.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SqlError {
    /// Not an expression at all.
    #[error("not a valid expression: {message}\n{place}")]
    Syntax {
        /// What was expected or found.
        message: String,
        /// Where.
        place: Place,
    },
    /// No column has this name.
    #[error("unknown column `{name}`{suggestion}\n{place}")]
    UnknownColumn {
        /// The name that was written.
        name: String,
        /// The nearest name and the available ones.
        suggestion: String,
        /// Where.
        place: Place,
    },
    /// No function has this name.
    #[error("unknown function `{name}`{suggestion}\n{place}")]
    UnknownFunction {
        /// The name that was written.
        name: String,
        /// The nearest name and the available ones.
        suggestion: String,
        /// Where.
        place: Place,
    },
    /// Valid SQL, but not part of what an expression may do here.
    #[error("{what}\n{place}")]
    NotAllowed {
        /// What is not allowed, and what to write instead.
        what: String,
        /// Where.
        place: Place,
    },
    /// A value of one type where another is needed.
    #[error("{message}\n{place}")]
    TypeMismatch {
        /// The types, and the mend.
        message: String,
        /// Where.
        place: Place,
    },
    /// More characters, tokens or nodes than the bound.
    #[error("the expression is too long: more than {limit} {unit}\n{place}")]
    TooLong {
        /// The bound.
        limit: usize,
        /// What is counted.
        unit: &'static str,
        /// Where the bound is passed.
        place: Place,
    },
    /// Nested deeper than the bound.
    #[error("the expression is nested deeper than {limit} levels\n{place}")]
    TooDeep {
        /// The bound.
        limit: usize,
        /// Where the bound is passed.
        place: Place,
    },
    /// A function is called with the wrong number or kind of arguments.
    #[error("{message}\n{place}")]
    WrongArguments {
        /// What the function takes.
        message: String,
        /// Where.
        place: Place,
    },
}

impl SqlError {
    /// Where the error stands.
    #[must_use]
    pub fn place(&self) -> &Place {
        match self {
            Self::Syntax { place, .. }
            | Self::UnknownColumn { place, .. }
            | Self::UnknownFunction { place, .. }
            | Self::NotAllowed { place, .. }
            | Self::TypeMismatch { place, .. }
            | Self::TooLong { place, .. }
            | Self::TooDeep { place, .. }
            | Self::WrongArguments { place, .. } => place,
        }
    }
}

/// ", did you mean `x`? (available: a, b, c)" for a name that is not among `names`, of which `listed` at most are shown.
pub(super) fn suggestion<'a>(wanted: &str, names: impl Iterator<Item = &'a str>, listed: usize) -> String {
    let names: Vec<&str> = names.collect();
    let distance = |name: &str| strsim::damerau_levenshtein(&wanted.to_lowercase(), &name.to_lowercase());
    let length = wanted.chars().count();
    let near = names.iter().map(|name| (distance(name), *name)).min().filter(|(distance, _)| *distance <= length.div_ceil(3));
    let near = near.map_or_else(String::new, |(_, name)| format!(", did you mean `{name}`?"));
    let more = names.len().saturating_sub(listed);
    let shown = names.iter().take(listed).copied().collect::<Vec<_>>().join(", ");
    match (names.is_empty(), more) {
        (true, _) => " (there are none here)".to_owned(),
        (false, 0) => format!("{near} (available: {shown})"),
        (false, more) => format!("{near} (available: {shown} and {more} more)"),
    }
}
