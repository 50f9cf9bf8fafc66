//! Where a value was written, so that an error can point at it.

use std::fmt;
use std::sync::Arc;

/// Where a value of the configuration was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A line of a TOML file.
    Line {
        /// The file, as the caller named it.
        file: Arc<str>,
        /// The line, from 1.
        line: usize,
    },
    /// A variable of the environment.
    Variable {
        /// Its name.
        name: Arc<str>,
    },
    /// A `--set` argument.
    Argument {
        /// What followed `--set`, shortened.
        text: Arc<str>,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { file, line } => write!(f, "{file}:{line}"),
            Self::Variable { name } => write!(f, "variable {name}"),
            Self::Argument { text } => write!(f, "--set {text}"),
        }
    }
}

/// What the built-in configuration is called in errors.
pub(super) const DEFAULT_FILE: &str = "(built-in) default.toml";

/// Whether a place is in the built-in configuration.
pub(super) fn is_built_in(place: &Place) -> bool {
    matches!(place, Place::Line { file, .. } if &**file == DEFAULT_FILE)
}

/// Finds the line of a byte in a file.
pub(super) struct Lines {
    file: Arc<str>,
    /// Offsets of the first byte of each line but the first.
    starts: Vec<usize>,
}

impl Lines {
    pub(super) fn new(file: &str, text: &str) -> Self {
        Self { file: file.into(), starts: text.match_indices('\n').map(|(at, _)| at + 1).collect() }
    }

    pub(super) fn place(&self, offset: usize) -> Place {
        Place::Line { file: self.file.clone(), line: 1 + self.starts.partition_point(|start| *start <= offset) }
    }
}

/// `text` cut to 60 characters, with control and bidirectional characters made visible.
pub(super) fn shown(text: &str) -> String {
    let mut out = String::new();
    for (n, c) in text.chars().enumerate() {
        if n == 60 {
            out.push('…');
            break;
        }
        let bidi = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
        if c.is_control() || bidi { out.extend(c.escape_default()) } else { out.push(c) }
    }
    out
}
