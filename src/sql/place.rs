//! Where in an expression something stands, and how that place is shown to the person who wrote it.
//!
//! In: the expression's text and a range of characters. Out: line, column and the two lines of an error message (the text, and
//! `^^^^` below it). What is wrong there is not said here but in `error`.

use std::fmt;

/// Characters of a line that are shown at most; a longer line is cut around the place.
const SHOWN: usize = 120;

/// A place in an expression. Columns and lengths count characters, not bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column of the first character, from 1. One past the last character of the line where something is missing at its end.
    pub column: usize,
    /// Characters underlined, at least 1. A place that goes over several lines is cut at the end of its first.
    pub length: usize,
    /// The line of the expression that holds the place.
    text: String,
}

impl Place {
    /// The place of characters `start..end` of `sql`, both clipped to the text.
    pub(super) fn new(sql: &str, start: usize, end: usize) -> Self {
        let mut line_start = 0;
        let mut found = (1, 0, "");
        for (number, text) in sql.split('\n').enumerate() {
            found = (number + 1, line_start, text);
            let width = text.chars().count();
            if start <= line_start + width {
                break;
            }
            line_start += width + 1;
        }
        let (line, line_start, text) = found;
        let text = text.trim_end_matches('\r');
        let width = text.chars().count();
        let offset = start.saturating_sub(line_start).min(width);
        let length = end.saturating_sub(start).clamp(1, width.saturating_sub(offset).max(1));
        Self { line, column: offset + 1, length, text: text.to_owned() }
    }
}

/// The line, and carets under the place. Control and bidi characters other than tabs are shown as `\u{FFFD}`; tabs before the place are
/// repeated below, so that both lines align whatever the tab width.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<char> = self.text.chars().map(|c| if is_hidden(c) { char::REPLACEMENT_CHARACTER } else { c }).collect();
        let first = self.column - 1;
        let from = if shown.len() <= SHOWN { 0 } else { first.saturating_sub(SHOWN / 3) };
        let to = if shown.len() <= SHOWN { shown.len() } else { shown.len().min(from + SHOWN) };
        let (cut_before, cut_after) = (if from > 0 { "…" } else { "" }, if to < shown.len() { "…" } else { "" });
        let line: String = shown[from..to].iter().collect();
        let pad: String = shown[from..first].iter().map(|c| if *c == '\t' { '\t' } else { ' ' }).collect();
        let indent = if cut_before.is_empty() { "" } else { " " };
        let carets = "^".repeat(self.length.min(to.saturating_sub(first).max(1)));
        write!(f, "  {cut_before}{line}{cut_after}\n  {indent}{pad}{carets}")
    }
}

/// Whether a terminal would obey `c`, or show the line in another order.
fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\t') || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sql: &str, start: usize, end: usize, expect: &str) {
        assert_eq!(Place::new(sql, start, end).to_string(), expect);
    }

    #[test]
    fn the_place_is_underlined() {
        check("a + b", 4, 5, "  a + b\n      ^");
        check("giá + b", 0, 3, "  giá + b\n  ^^^");
        check("a\n\t+ xy\n- c", 5, 7, "  \t+ xy\n  \t  ^^");
        check("a +", 3, 3, "  a +\n     ^");
        check("", 0, 0, "  \n  ^");
        check("a + b\r\n- c", 4, 9, "  a + b\n      ^");
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let shown = Place::new(&"x".repeat(500), 300, 303).to_string();
        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines[0].starts_with("  …x") && lines[0].ends_with("x…"));
        assert_eq!(lines[1].chars().position(|c| c == '^'), Some(2 + 1 + 40));
    }

    #[test]
    fn control_characters_are_made_visible() {
        check("a\u{1b}[2J", 0, 1, "  a\u{fffd}[2J\n  ^");
    }
}
