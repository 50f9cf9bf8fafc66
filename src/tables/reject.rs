//! Rejects: rows that were refused, made safe to show.
//!
//! Input: a bad cell. Output: where it stands, why it was refused, and its value shortened, with control and bidirectional
//! characters made visible and contact details masked (DESIGN.md §11, promise 7).

use serde::{Deserialize, Serialize};

use crate::config::TableName;

/// A row that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    /// The table it was meant for.
    pub table: TableName,
    /// The source and the file within it: `reviews: day=2026-11-01/part-0.csv`.
    pub file: String,
    /// The data row in that file, from 1.
    pub row: u64,
    /// The first bad column; empty when the row as a whole is bad.
    pub column: String,
    /// Its value, as [`shown`] shows it.
    pub value: String,
    /// What is wrong with it.
    pub reason: String,
}

/// The reject of a row whose key an earlier row of `table` already has. `key` are its key columns with their values.
#[must_use]
pub fn duplicate_reject(table: TableName, key: &[(&str, &str)], file: &str, row: u64) -> Reject {
    let join = |part: fn(&(&str, &str)) -> String| key.iter().map(part).collect::<Vec<_>>().join(", ");
    Reject {
        table,
        file: file.to_owned(),
        row,
        column: join(|(column, _)| (*column).to_owned()),
        value: join(|(_, value)| shown(value)),
        reason: format!("an earlier row of `{table}` has the same key: keys must be unique"),
    }
}

/// The most characters of a value that are shown.
const SHOWN_CHARS: usize = 80;

/// From so many digits on, a run of them may be a phone number.
const PHONE_DIGITS: usize = 7;

/// `value` as it may be shown: at most 80 characters, invisible ones escaped, phone numbers and e-mail names masked.
#[must_use]
pub fn shown(value: &str) -> String {
    // Masking looks at a window wider than what is shown, so that a number cut by the limit is still recognised.
    let window: Vec<char> = value.chars().take(4 * SHOWN_CHARS).collect();
    let masked = mask_mail(mask_digits(window));
    let mut out = String::new();
    for c in masked.iter().take(SHOWN_CHARS) {
        if is_hidden(*c) {
            out.extend(c.escape_default());
        } else {
            out.push(*c);
        }
    }
    if masked.len() > SHOWN_CHARS {
        out.push('…');
    }
    out
}

/// Whether a terminal would act on `c`, or show nothing for it.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Replaces each digit of a run of seven or more by `#`. A few separators do not end a run; a date is not one.
fn mask_digits(mut text: Vec<char>) -> Vec<char> {
    let mut start = 0;
    while start < text.len() {
        if !text[start].is_numeric() {
            start += 1;
            continue;
        }
        let (mut end, mut n_digits) = (start, 0);
        while end < text.len() {
            if text[end].is_numeric() {
                n_digits += 1;
                end += 1;
            } else if let Some(next) = next_digit(&text, end) {
                end = next;
            } else {
                break;
            }
        }
        if n_digits >= PHONE_DIGITS && !is_date(&text[start..end]) {
            text[start..end].iter_mut().filter(|c| c.is_numeric()).for_each(|c| *c = '#');
        }
        start = end;
    }
    text
}

/// The next digit after at most three separators at `from`.
fn next_digit(text: &[char], from: usize) -> Option<usize> {
    let is_separator = |c: &&char| matches!(c, ' ' | '-' | '.' | '(' | ')' | '/');
    let at = from + text.get(from..)?.iter().take(3).take_while(is_separator).count();
    text.get(at).is_some_and(|c| c.is_numeric()).then_some(at)
}

/// Whether a run of digits begins like `2026-11-01` or `2026/11/01` and is no longer than a date and an hour.
fn is_date(run: &[char]) -> bool {
    let digit = |i: usize| run.get(i).is_some_and(char::is_ascii_digit);
    let dash = |i: usize| matches!(run.get(i), Some('-' | '/'));
    [0, 1, 2, 3, 5, 6, 8, 9].into_iter().all(digit)
        && dash(4)
        && dash(7)
        && run.len() <= 13
        && run.get(10).is_none_or(|c| *c == ' ')
}

/// Replaces the name before the `@` of an e-mail address by `***`.
fn mask_mail(text: Vec<char>) -> Vec<char> {
    let mut out: Vec<char> = Vec::with_capacity(text.len());
    for (i, c) in text.iter().enumerate() {
        if *c == '@' && text.get(i + 1).is_some_and(|next| next.is_alphanumeric()) {
            let named = |c: &char| c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-' | '#');
            let kept = out.iter().rposition(|c| !named(c)).map_or(0, |at| at + 1);
            if kept < out.len() {
                out.truncate(kept);
                out.extend(['*'; 3]);
            }
        }
        out.push(*c);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_are_made_safe_to_show() {
        let check = |value: &str, expect: &str| assert_eq!(shown(value), expect);
        check("abc", "abc");
        check("a\u{202e}b\nc", "a\\u{202e}b\\nc");
        check("call 08123456789 now", "call ########### now");
        check("0812-345 678", "####-### ###");
        check("tel +62 (812) 345", "tel +62 (812) 345".replace(|c: char| c.is_ascii_digit(), "#").as_str());
        check("ann.lee+x@shop.example", "***@shop.example");
        check("2026-11-01 08:30:00", "2026-11-01 08:30:00");
        check("123456", "123456");
        check(&"é".repeat(100), &format!("{}…", "é".repeat(80)));
    }

    #[test]
    fn a_number_cut_by_the_limit_is_still_masked() {
        let text = format!("{}08123456789", "x".repeat(76));
        assert!(shown(&text).ends_with("xx####…"));
    }

    #[test]
    fn a_duplicate_names_its_key() {
        let reject = duplicate_reject(TableName::Decisions, &[("decision_id", "d1")], "s: a.csv", 7);
        assert_eq!((reject.column.as_str(), reject.value.as_str(), reject.row), ("decision_id", "d1", 7));
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_ever_shown(text in any::<String>()) {
            let out = shown(&text);
            prop_assert!(!out.chars().any(is_hidden));
            let ascii_runs = out.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
            prop_assert!(ascii_runs < PHONE_DIGITS || out.contains("\\u"));
        }
    }
}
