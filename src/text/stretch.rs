//! Step 10 of `normalise`: stretched letters and repeated signs.
//!
//! Input: folded text. Output: the same with runs of three or more of one character cut to two. Digits stay (a price is not
//! stretched), and so does `www.`.

use super::hints::{ALIKE, Hints};

/// Shortens runs and adds the number of letters cut to `stretched`; `None` where there is none. Unless `all`, only ASCII is looked at.
pub(super) fn shorten(text: &str, all: bool, hints: &Hints, stretched: &mut u32) -> Option<String> {
    let mut out = String::new();
    // What lies before `from` is in `out`, and what lies before `at` has been looked at.
    let (mut from, mut at) = (0, 0);
    while let Some((start, c)) = if all { next_run(text, at) } else { next_ascii_run(text.as_bytes(), hints, at) } {
        let run = text[start..].chars().take_while(|d| *d == c).count();
        let (third, end) = (start + 2 * c.len_utf8(), start + run * c.len_utf8());
        at = end;
        let address = c == 'w'
            && run == 3
            && text[end..].starts_with('.')
            && !text[..start].chars().next_back().is_some_and(char::is_alphanumeric);
        if c.is_numeric() || address {
            continue;
        }
        if c.is_alphabetic() {
            *stretched = stretched.saturating_add(u32::try_from(run - 2).unwrap_or(u32::MAX));
        }
        if out.is_empty() {
            out.reserve(text.len());
        }
        out.push_str(&text[from..third]);
        from = end;
    }
    (from > 0).then(|| out + &text[from..])
}

/// Where the next three of one ASCII character begin, at or after `at`.
fn next_ascii_run(bytes: &[u8], hints: &Hints, at: usize) -> Option<(usize, char)> {
    let found = hints.next(at, ALIKE)?;
    Some((found, char::from(bytes[found])))
}

/// Where the next three of one character begin, at or after `at`.
fn next_run(text: &str, at: usize) -> Option<(usize, char)> {
    let (mut last, mut last_but_one) = ('\0', '\0');
    for (i, c) in text[at..].char_indices() {
        // There are no control characters in folded text.
        if c == last && last == last_but_one {
            return Some((at + i - 2 * c.len_utf8(), c));
        }
        (last, last_but_one) = (c, last);
    }
    None
}
