//! Cells that a spreadsheet opens as text, by the rules of OWASP's "CSV Injection".
//!
//! Every cell stands in double quotes, quotes within it doubled. A cell that begins with `=`, `+`, `-`, `@`, tab, CR or LF, or with a
//! form that spreadsheets of some languages take for one of them (full-width and small variants, a minus sign), is given an apostrophe
//! in front, white space and what is not seen notwithstanding. So is such a character after `,`, `;`, `|`, a quote, a tab or a line
//! break within the cell: a reader that splits at another separator than ours, or ends the cell at a quote, begins a cell there. NUL,
//! other controls and invisible or direction-changing characters are written out as `\u{202E}`: nothing in a cell is hidden.

use std::fmt::Write as _;

use unicode_normalization::UnicodeNormalization;

/// Writes one cell.
#[must_use]
pub fn csv_cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len() + 2);
    cell.push('"');
    // Whether a cell could begin at this character: only what a reader may trim lies since the last place where one does.
    let mut begins = true;
    for c in text.chars() {
        if begins && is_formula(c) {
            cell.push('\'');
        }
        begins = is_separator(c) || (begins && is_trimmed(c));
        match c {
            '"' => cell.push_str("\"\""),
            '\t' | '\n' | '\r' => cell.push(c),
            c if is_hidden(c) => {
                let _ = write!(cell, "\\u{{{:04X}}}", u32::from(c));
            }
            c => cell.push(c),
        }
    }
    cell.push('"');
    cell
}

/// Writes one record of `cells`, which ends in CR LF (RFC 4180).
#[must_use]
pub fn csv_line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(csv_cell).collect();
    cells.join(",") + "\r\n"
}

/// Whether a cell that begins with `c` may be taken for a formula.
fn is_formula(c: char) -> bool {
    let begins = |c: char| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '\0');
    begins(c) || c == '\u{2212}' || c.nfkc().next().is_some_and(begins)
}

/// Whether some reader may begin a cell after `c`.
fn is_separator(c: char) -> bool {
    matches!(c, ',' | ';' | '|' | '"' | '\t' | '\r' | '\n') || matches!(c, '\u{FF0C}' | '\u{FF1B}' | '\u{FF02}')
}

/// Whether a reader may skip `c` at the beginning of a cell. Quotes end and begin cells, so an apostrophe of ours is not skipped.
fn is_trimmed(c: char) -> bool {
    c.is_whitespace() || is_hidden(c)
}

/// Controls, and characters that are not seen or change the direction of others.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0x00AD | 0x034F | 0x061C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F | 0x2028..=0x202E
            | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB | 0x1BCA0..=0x1BCA3
            | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_hostile_cell_opens_as_text() {
        for (text, expect) in [
            ("=1+1", "\"'=1+1\""),
            ("+62811", "\"'+62811\""),
            ("-1+cmd|' /C calc'!A0", "\"'-1+cmd|' /C calc'!A0\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t'=1\""),
            ("\r=1", "\"'\r'=1\""),
            ("\n=1", "\"'\n'=1\""),
            ("\0=1", "\"'\\u{0000}'=1\""),
            ("  =1", "\"  '=1\""),
            ("\u{200B}=1", "\"\\u{200B}'=1\""),
            ("\u{FEFF}=1", "\"\\u{FEFF}'=1\""),
            ("\u{FF1D}1", "\"'\u{FF1D}1\""),
            ("\u{FF0B}1", "\"'\u{FF0B}1\""),
            ("\u{FF0D}1", "\"'\u{FF0D}1\""),
            ("\u{FF20}a", "\"'\u{FF20}a\""),
            ("\u{FE66}1", "\"'\u{FE66}1\""),
            ("\u{2212}1", "\"'\u{2212}1\""),
            ("a\",=1", "\"a\"\",'=1\""),
            ("a;=HYPERLINK(\"x\")", "\"a;'=HYPERLINK(\"\"x\"\")\""),
            ("\"=1", "\"\"\"'=1\""),
            ("\u{202E}=1", "\"\\u{202E}'=1\""),
            ("a\u{2066}b", "\"a\\u{2066}b\""),
        ] {
            assert_eq!(csv_cell(text), expect, "{text:?}");
        }
    }

    #[test]
    fn what_is_harmless_stays_as_it_is() {
        for text in ["", "c123", "a = b", "3 x 4 - 1", "p 0.92 x weight 30", "ราคา 100", "it's", "x@y"] {
            assert_eq!(csv_cell(text), format!("\"{text}\""));
        }
        assert_eq!(csv_line(["a", "b\"c"]), "\"a\",\"b\"\"c\"\r\n");
    }

    proptest! {
        /// Whatever a reader splits at and trims, no cell begins with a formula; and a reader of RFC 4180 finds one record.
        #[test]
        fn no_cell_begins_a_formula(text in "[=+\\-@\t\r\n\0 ,;|\"'\u{FF1D}\u{FF0B}\u{202E}\u{200B}\u{FEFF}a1]{0,12}") {
            let line = csv_line([text.as_str(), "end"]);
            for piece in line.trim_end().split([',', ';', '|', '"', '\t', '\r', '\n']) {
                let first = piece.trim_start_matches(|c: char| c.is_whitespace() || is_hidden(c)).chars().next();
                prop_assert!(!first.is_some_and(|c| is_formula(c) && c != '\t' && c != '\r' && c != '\n'), "{:?}", line);
            }
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
            let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
            prop_assert_eq!(records.len(), 1);
            prop_assert_eq!(records[0].len(), 2);
            prop_assert!(!records[0][0].chars().any(|c| is_hidden(c) && !matches!(c, '\t' | '\r' | '\n')));
        }
    }
}
