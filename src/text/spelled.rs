//! Step 8 of `normalise`: words and numbers spelt out with a separator between every two characters, or each in brackets.
//!
//! Input: folded text. Output: the same with such words joined. Deliberately not here: pairs and threes, which are initials and
//! clothes sizes more often than hiding.

use super::alphabet::{is_emoji, is_word};
use super::hints::{Hints, LONE, PICTURED};

/// Fewest single characters of a spelt-out word, of which `FEWEST_LETTERS` are letters.
const FEWEST: usize = 4;
const FEWEST_LETTERS: usize = 3;
/// Fewest letters of a word whose separators differ.
const FEWEST_UNEVEN: usize = 6;
/// Fewest digits of a spelt-out number: shorter ones are lists.
const FEWEST_DIGITS: usize = 7;
/// What goes on for longer is taken in pieces, so that a hostile megabyte costs no more than a megabyte.
const LONGEST: usize = 64;

/// Whether anything here could need joining.
pub(super) fn occurs(bytes: &[u8], hints: &Hints) -> bool {
    (hints.any(LONE) && any_lone_worth_joining(bytes, hints)) || (hints.any(PICTURED) && any_pictured_worth_joining(bytes, hints))
}

fn any_lone_worth_joining(bytes: &[u8], hints: &Hints) -> bool {
    let mut from = 0;
    while let Some(before) = hints.next(from, LONE) {
        if is_worth_joining(bytes, before + 1) {
            return true;
        }
        from = before + 1;
    }
    false
}

/// Whether the lone letter or digit at `at` is the second of four with the same separator, the second of three letters with any, or
/// in brackets.
fn is_worth_joining(bytes: &[u8], at: usize) -> bool {
    let window = |before: usize, len: usize| at.checked_sub(before).and_then(|from| bytes.get(from..from + len));
    let is_separator = |b: u8| is_separator(char::from(b));
    window(2, 7).is_some_and(|w| {
        is_separator(w[1]) && w[3] == w[1] && w[5] == w[1] && [w[0], w[4], w[6]].iter().all(u8::is_ascii_alphanumeric)
    }) || window(2, 6).is_some_and(|w| {
        [w[0], w[2], w[4]].iter().all(u8::is_ascii_alphabetic) && [w[1], w[3], w[5]].into_iter().all(is_separator)
    }) || (closing(char::from(bytes[at - 1])) == Some(char::from(bytes[at + 1])) && window(1, 6).is_some())
}

/// Whether pictographs may stand between as many characters as make a word: a pictograph's first byte tells its length.
fn any_pictured_worth_joining(bytes: &[u8], hints: &Hints) -> bool {
    let (mut from, mut n_between) = (0, 0);
    while let Some(before) = hints.next(from, PICTURED) {
        let len = if bytes[before + 1] == 0xf0 { 4 } else { 3 };
        n_between += usize::from(bytes.get(before + 1 + len).is_some_and(u8::is_ascii_alphanumeric));
        if n_between + 1 >= FEWEST {
            return true;
        }
        from = before + 1;
    }
    false
}

/// Joins spelt-out words and adds their characters to `joined`.
pub(super) fn join(text: &str, hints: &Hints, joined: &mut u32) -> String {
    let mut out = String::with_capacity(text.len());
    // What lies before `from` is in `out`.
    let (mut from, mut at) = (0, 0);
    let mut word = Word::default();
    // Its first character stands beside a hint, or its second one does.
    while let Some(hint) = hints.next(at, LONE | PICTURED) {
        at = hint + 1;
        let starts = hint.saturating_sub(2).max(from)..=hint + 1;
        let Some((start, end)) = starts.into_iter().find_map(|start| Some((start, word.read(text, start)?))) else { continue };
        out.push_str(&text[from..start]);
        out.extend(word.chars[..word.n].iter().map(|b| char::from(*b)));
        *joined += u32::try_from(word.n).unwrap_or(u32::MAX);
        // The sign behind the word may stand before the next one.
        (from, at) = (end, end.saturating_sub(1).max(at));
    }
    out.push_str(&text[from..]);
    out
}

/// A word that is spelt out.
struct Word {
    chars: [u8; LONGEST],
    n: usize,
}

impl Default for Word {
    fn default() -> Self {
        Self { chars: [0; LONGEST], n: 0 }
    }
}

impl Word {
    /// Reads what is spelt out from `start` on, in brackets or not; its end, if it is enough.
    fn read(&mut self, text: &str, start: usize) -> Option<usize> {
        let bytes = text.as_bytes();
        match bytes.get(start)? {
            b'(' | b'[' | b'{' | b'<' => self.bracketed_at(bytes, start),
            b if b.is_ascii_alphanumeric() && is_lone(bytes, start) => self.run_at(text, start),
            _ => None,
        }
    }

    /// Reads what is spelt out with separators from `start` on; its end, if it is enough.
    fn run_at(&mut self, text: &str, start: usize) -> Option<usize> {
        if text[..start].chars().next_back().is_some_and(is_word) {
            return None;
        }
        let mut rest = text[start..].chars();
        let mut next_single = || {
            let c = rest.next().filter(char::is_ascii_alphanumeric)?;
            let separator = rest.clone().next();
            // The separator behind it, and where that ends.
            let end = text.len() - rest.as_str().len();
            if separator.is_some_and(is_word) {
                return None;
            }
            rest.next();
            Some((c as u8, separator.and_then(separator_kind), end))
        };
        self.n = 0;
        // As long as the separators are the same; and as long as there are any.
        let (mut even, mut even_letters, mut even_end) = (0, 0, start);
        let (mut letters, mut end) = (0, start);
        let (mut first, mut before) = (None, None);
        while self.n < LONGEST {
            if self.n > 0 && before.is_none() {
                break;
            }
            let Some((c, separator, ends)) = next_single() else { break };
            letters += usize::from(c.is_ascii_alphabetic());
            if even == self.n && (self.n < 2 || before == first) {
                (even, even_letters, even_end) = (even + 1, letters, ends);
            }
            self.chars[self.n] = c;
            self.n += 1;
            end = ends;
            first = if self.n == 1 { separator } else { first };
            before = separator;
        }
        if self.n < 2 {
            return None;
        }
        if letters == self.n && self.n >= FEWEST_UNEVEN {
            return Some(end);
        }
        self.n = even;
        let enough = (even >= FEWEST && even_letters >= FEWEST_LETTERS) || (even_letters == 0 && even >= FEWEST_DIGITS);
        enough.then_some(even_end)
    }

    /// Reads what is spelt out in brackets from `start` on; its end, if it is enough.
    fn bracketed_at(&mut self, bytes: &[u8], start: usize) -> Option<usize> {
        let close = closing(char::from(bytes[start]))?;
        let is_element = |at: usize| {
            bytes.get(at) == Some(&bytes[start])
                && bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric)
                && bytes.get(at + 2).copied().map(char::from) == Some(close)
        };
        self.n = 0;
        let (mut at, mut end) = (start, start);
        let mut letters = 0;
        while self.n < LONGEST && is_element(at) {
            self.chars[self.n] = bytes[at + 1];
            self.n += 1;
            letters += usize::from(bytes[at + 1].is_ascii_alphabetic());
            end = at + 3;
            at = end + usize::from(is_element(at + 4) && bytes.get(at + 3).is_some_and(|b| is_separator(char::from(*b))));
        }
        let enough = (self.n >= FEWEST && letters >= FEWEST_LETTERS) || (letters == 0 && self.n >= FEWEST_DIGITS);
        enough.then_some(end)
    }
}

/// Whether no ASCII letter or digit stands beside the one at `at`.
fn is_lone(bytes: &[u8], at: usize) -> bool {
    let is_part = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    !is_part(bytes.get(at + 1)) && !is_part(at.checked_sub(1).and_then(|before| bytes.get(before)))
}

/// The bracket that closes `c`.
fn closing(c: char) -> Option<char> {
    Some(match c {
        '(' => ')',
        '[' => ']',
        '{' => '}',
        '<' => '>',
        _ => return None,
    })
}

/// The separator that the character is; all pictographs are one.
fn separator_kind(c: char) -> Option<char> {
    match c {
        _ if is_separator(c) => Some(c),
        '•' => Some('♦'),
        _ if is_emoji(c) => Some('♦'),
        _ => None,
    }
}

fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '.' | '-' | '_' | '*' | '|' | '~' | ',')
}
