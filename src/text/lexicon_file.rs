//! A lexicon file: TOML with an optional `market`, a table `[groups]` of lists of terms, and an optional table `[what]` that says what a
//! new group holds.
//!
//! Input: a file's name and text. Output: its normalised terms, or an error that names file, line, term and the mend. Deliberately not
//! here: opening the file.

use std::collections::BTreeMap;

use serde::Deserialize;
use thiserror::Error;
use toml::Spanned;

use super::lexicon_groups::TONE;
use super::normalise::normalise;
use super::tokens::tokens;
use crate::units::Market;

/// Longest name of a group.
const LONGEST_NAME: usize = 40;

/// A lexicon file that somebody has read.
#[derive(Debug, Clone, Copy)]
pub struct LexiconFile<'a> {
    /// Its name for errors.
    pub name: &'a str,
    /// Its contents.
    pub text: &'a str,
}

/// What is wrong with lexicons.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum LexiconError {
    /// Not TOML, or not of this form.
    #[error(
        "{file}:{line}: not a lexicon: {message}; expected `[groups]` and below it lists of terms, for instance rival = [\"acme\"]"
    )]
    NotALexicon {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What the TOML reader said.
        message: String,
    },
    /// `market` is no market.
    #[error(
        "{file}:{line}: `{market}` is not a market; write two letters, for instance \"SG\", or leave `market` out for all markets"
    )]
    BadMarket {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The value.
        market: String,
    },
    /// A group's name cannot be part of a feature's.
    #[error(
        "{file}:{line}: group `{group}` cannot name a feature; use 1 to 40 lower-case letters, digits and `_`, and not `tone`"
    )]
    BadGroup {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The name.
        group: String,
    },
    /// Nothing of the term is left to look for, or so little that it is in every text.
    #[error(
        "{file}:{line}: term `{term}` of group `{group}` has fewer than two letters or digits; write a longer one or remove it"
    )]
    ShortTerm {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The group.
        group: String,
        /// The term as written.
        term: String,
    },
    /// The term stands in its group already.
    #[error("{file}:{line}: term `{term}` of group `{group}` reads like one on line {first}; remove either")]
    RepeatedTerm {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The group.
        group: String,
        /// The term as written.
        term: String,
        /// The line of the first.
        first: usize,
    },
    /// A disabled group that no file has.
    #[error(
        "{place}: features.lexicons.disabled names group `{group}`, which no lexicon has; did you mean `{nearest}`? (groups: {known})"
    )]
    UnknownGroup {
        /// Where the list was written.
        place: String,
        /// The name.
        group: String,
        /// The nearest name.
        nearest: String,
        /// The groups there are.
        known: String,
    },
    /// The search could not be built.
    #[error("{n_terms} lexicon terms of one market are too many to search for ({message}); remove some")]
    TooMany {
        /// How many.
        n_terms: usize,
        /// What the builder said.
        message: String,
    },
}

/// A file's terms.
pub(super) struct Terms {
    /// The market that they are for; `None` for all.
    pub(super) market: Option<Market>,
    /// Groups, and what the file says that they hold.
    pub(super) groups: Vec<(String, Option<String>)>,
    /// Group and normalised term.
    pub(super) terms: Vec<(String, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    market: Option<Spanned<String>>,
    groups: BTreeMap<String, Vec<Spanned<String>>>,
    #[serde(default)]
    what: BTreeMap<String, String>,
}

/// Reads a file.
pub(super) fn read(file: &LexiconFile<'_>) -> Result<Terms, LexiconError> {
    let name = || file.name.to_owned();
    let line = |at: usize| 1 + file.text.bytes().take(at).filter(|b| *b == b'\n').count();
    let raw: RawFile = toml::from_str(file.text).map_err(|error| LexiconError::NotALexicon {
        file: name(),
        line: line(error.span().map_or(0, |span| span.start)),
        message: error.message().to_owned(),
    })?;
    let market = raw.market.map(|market| {
        let at = line(market.span().start);
        market.get_ref().parse().map_err(|_| LexiconError::BadMarket { file: name(), line: at, market: market.into_inner() })
    });
    let mut read = Terms { market: market.transpose()?, groups: Vec::new(), terms: Vec::new() };
    for (group, terms) in raw.groups {
        if !is_name(&group) {
            let line = line(terms.first().map_or(0, |term| term.span().start));
            return Err(LexiconError::BadGroup { file: name(), line, group });
        }
        let mut lines: BTreeMap<String, usize> = BTreeMap::new();
        for term in terms {
            let at = line(term.span().start);
            let term = term.into_inner();
            let normalised = normalise(&term);
            let letters: usize = tokens(&normalised).map(|token| token.text.chars().count()).sum();
            if letters < 2 {
                return Err(LexiconError::ShortTerm { file: name(), line: at, group, term });
            }
            if let Some(first) = lines.insert(normalised.clone(), at) {
                return Err(LexiconError::RepeatedTerm { file: name(), line: at, group, term, first });
            }
            read.terms.push((group.clone(), normalised));
        }
        read.groups.push((group.clone(), raw.what.get(&group).cloned()));
    }
    Ok(read)
}

fn is_name(group: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    (1..=LONGEST_NAME).contains(&group.len()) && group.bytes().all(allowed) && group != TONE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        read(&LexiconFile { name: "own.toml", text }).err().map_or_else(String::new, |error| error.to_string())
    }

    #[test]
    fn errors_name_file_line_term_and_mend() {
        let said = refusal("[groups]\nrival = [\n  \"acme\",\n  \"!!\",\n]");
        assert!(said.starts_with("own.toml:4: term `!!` of group `rival`") && said.ends_with("remove it"), "{said}");
        let said = refusal("[groups]\nrival = [\"acme\", \"ＡＣＭＥ\"]");
        assert!(said.starts_with("own.toml:2: term `ＡＣＭＥ`") && said.contains("line 2; remove either"), "{said}");
        assert!(refusal("market = \"Singapore\"\n[groups]").starts_with("own.toml:1: `Singapore` is not a market"));
        assert!(refusal("[groups]\nRival = [\"acme\"]").starts_with("own.toml:2: group `Rival`"));
        assert!(refusal("[groups]\ntone = [\"acme\"]").contains("not `tone`"));
        assert!(refusal("[group]\nrival = [\"acme\"]").starts_with("own.toml:1: not a lexicon"));
        assert!(refusal("[groups]\nrival = [3]").starts_with("own.toml:2: not a lexicon"));
    }

    #[test]
    fn terms_are_normalised() {
        let got = read(&LexiconFile { name: "own.toml", text: "[groups]\nrival = [\"ＡＣＭＥ  Corp\"]" }).unwrap();
        assert_eq!(got.terms, [("rival".to_owned(), "acme corp".to_owned())]);
        assert_eq!(got.market, None);
    }
}
