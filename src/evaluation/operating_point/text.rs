//! The text of an operating point: `maximum recall @ precision >= 0.95`.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use thiserror::Error;

use super::super::confusion::Confusion;

/// What is asked of a threshold: the best of one metric among the thresholds at which another keeps a bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OperatingPoint {
    /// Whether more or less of the objective is wanted.
    pub direction: Direction,
    /// What is made as large or as small as possible.
    pub objective: PointMetric,
    /// What must keep the bound.
    pub constraint: PointMetric,
    /// On which side of it.
    pub comparison: Comparison,
    /// In 0 to 1.
    pub bound: f64,
}

/// Whether more or less is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// `maximum`
    Maximum,
    /// `minimum`
    Minimum,
}

/// On which side of its bound a metric must stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
}

/// A metric that a threshold has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PointMetric {
    /// See [`Confusion::precision`].
    Precision,
    /// See [`Confusion::recall`].
    Recall,
    /// See [`Confusion::f1`].
    F1,
    /// See [`Confusion::match_rate`].
    MatchRate,
    /// Share of all below the threshold: 1 − match rate.
    FilterRate,
}

/// The text is no operating point.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("character {at} of the operating point: {found}, expected {expected}")]
pub struct OperatingPointError {
    /// Position of what is wrong, in characters from 1.
    pub at: usize,
    /// What stands there, in quotes, or that it ends there.
    pub found: String,
    /// What would be accepted.
    pub expected: &'static str,
}

const METRICS: [(&str, PointMetric); 5] = [
    ("precision", PointMetric::Precision),
    ("recall", PointMetric::Recall),
    ("f1", PointMetric::F1),
    ("match_rate", PointMetric::MatchRate),
    ("filter_rate", PointMetric::FilterRate),
];

const METRIC_NAMES: &str = "precision, recall, f1, match_rate or filter_rate";

impl PointMetric {
    /// The metric of a matrix; `None` where it is undefined.
    #[must_use]
    pub fn of(self, confusion: &Confusion) -> Option<f64> {
        match self {
            Self::Precision => confusion.precision(),
            Self::Recall => confusion.recall(),
            Self::F1 => confusion.f1(),
            Self::MatchRate => confusion.match_rate(),
            Self::FilterRate => {
                let total = confusion.total();
                (total > 0.0).then(|| (confusion.false_negative + confusion.true_negative) / total)
            }
        }
    }
}

impl fmt::Display for PointMetric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(METRICS.iter().find(|(_, metric)| metric == self).map_or("", |(name, _)| name))
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AtLeast => ">=",
            Self::AtMost => "<=",
        })
    }
}

impl fmt::Display for OperatingPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = match self.direction {
            Direction::Maximum => "maximum",
            Direction::Minimum => "minimum",
        };
        write!(f, "{direction} {} @ {} {} {}", self.objective, self.constraint, self.comparison, self.bound)
    }
}

impl FromStr for OperatingPoint {
    type Err = OperatingPointError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut words = Words { characters: text.chars().collect(), at: 0 };
        let metric = |word: &str| METRICS.iter().find(|(name, _)| *name == word).map(|(_, metric)| *metric);
        let direction = words.next("maximum or minimum", |word| match word {
            "maximum" => Some(Direction::Maximum),
            "minimum" => Some(Direction::Minimum),
            _ => None,
        })?;
        let objective = words.next(METRIC_NAMES, metric)?;
        words.next("@", |word| (word == "@").then_some(()))?;
        let constraint = words.next(METRIC_NAMES, metric)?;
        let comparison = words.next(">= or <=", |word| match word {
            ">=" => Some(Comparison::AtLeast),
            "<=" => Some(Comparison::AtMost),
            _ => None,
        })?;
        let bound = words.next("a number between 0 and 1", |word| {
            let starts_as_number = word.starts_with(|c: char| c.is_ascii_digit() || c == '.');
            word.parse().ok().filter(|bound| starts_as_number && (0.0..=1.0).contains(bound))
        })?;
        words.end()?;
        Ok(Self { direction, objective, constraint, comparison, bound })
    }
}

/// Words, signs and numbers, one after the other.
struct Words {
    characters: Vec<char>,
    at: usize,
}

impl Words {
    /// The next word's start and text; empty at the end.
    fn word(&mut self) -> (usize, String) {
        let rest = |at: usize| self.characters.iter().skip(at);
        let start = self.at + rest(self.at).take_while(|c| c.is_whitespace()).count();
        let kind = |c: &char| match c {
            '@' => 0,
            '<' | '>' | '=' => 1,
            c if c.is_whitespace() => 2,
            _ => 3,
        };
        let first = rest(start).next().map(kind);
        let length = if first == Some(0) { 1 } else { rest(start).take_while(|c| Some(kind(c)) == first).count() };
        let word = rest(start).take(length).collect();
        self.at = start + length;
        (start, word)
    }

    fn next<T>(&mut self, expected: &'static str, accept: impl Fn(&str) -> Option<T>) -> Result<T, OperatingPointError> {
        let (start, word) = self.word();
        accept(&word).ok_or_else(|| OperatingPointError { at: start + 1, found: shown(&word), expected })
    }

    fn end(&mut self) -> Result<(), OperatingPointError> {
        self.next("nothing more", |word| word.is_empty().then_some(()))
    }
}

/// A word as it stands in an error, at most forty characters of it.
fn shown(word: &str) -> String {
    if word.is_empty() { "nothing".to_owned() } else { format!("{:?}", word.chars().take(40).collect::<String>()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let found = text.parse::<OperatingPoint>().map(|point| point.to_string());
        assert_eq!(found.unwrap_or_else(|error| error.to_string()), expect, "of {text:?}");
    }

    #[test]
    fn what_is_asked_is_read_and_shown_alike() {
        check("maximum recall @ precision >= 0.95", "maximum recall @ precision >= 0.95");
        check("  minimum match_rate@recall>=.9 ", "minimum match_rate @ recall >= 0.9");
        check("maximum f1 @ match_rate <= 1", "maximum f1 @ match_rate <= 1");
        check("maximum filter_rate @ recall >= 1e-2", "maximum filter_rate @ recall >= 0.01");
    }

    #[test]
    fn what_is_wrong_is_shown_with_its_place() {
        let metrics = "precision, recall, f1, match_rate or filter_rate";
        check("", "character 1 of the operating point: nothing, expected maximum or minimum");
        check("max recall", "character 1 of the operating point: \"max\", expected maximum or minimum");
        check("maximum recal @ precision >= 0.9", &format!("character 9 of the operating point: \"recal\", expected {metrics}"));
        check("maximum recall at precision", "character 16 of the operating point: \"at\", expected @");
        check(
            "maximum recall @ Precision >= 0.9",
            &format!("character 18 of the operating point: \"Precision\", expected {metrics}"),
        );
        check("maximum recall @ precision > 0.9", "character 28 of the operating point: \">\", expected >= or <=");
        for bound in ["95%", "1.5", "-0.5", "nan", "inf", "0,9"] {
            let expect = format!("character 31 of the operating point: {bound:?}, expected a number between 0 and 1");
            check(&format!("maximum recall @ precision >= {bound}"), &expect);
        }
        check("maximum recall @ precision >=", "character 30 of the operating point: nothing, expected a number between 0 and 1");
        check("maximum recall @ recall >= 1 and", "character 30 of the operating point: \"and\", expected nothing more");
    }
}
