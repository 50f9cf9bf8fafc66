//! Step 8 of `normalise`: words and numbers spelt out with a separator between every two characters, or each in brackets.
//!
//! Input: folded text. Output: the same with such words joined. Deliberately not here: pairs and threes, which are initials and
//! clothes sizes more often than hiding.

use super::alphabet::{is_emoji, is_word};

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
pub(super) fn occurs(bytes: &[u8]) -> bool {
    // Looked for sixteen bytes at a time, for nothing stops the loops: a letter or digit alone between signs, or one before a pictograph.
    let lone = |(a, (b, c)): (&u8, (&u8, &u8))| is_sign(*a) & b.is_ascii_alphanumeric() & is_sign(*c);
    let alone = bytes.iter().zip(bytes.iter().skip(1).zip(bytes.iter().skip(2)));
    let shown = bytes.iter().zip(bytes.iter().skip(1));
    let pictured = |(a, b): (&u8, &u8)| a.is_ascii_alphanumeric() & ((*b == 0xe2) | (*b == 0xf0));
    if !alone.fold(false, |found, w| found | lone(w)) && !shown.fold(false, |found, w| found | pictured(w)) {
        return false;
    }
    bytes.windows(2 * FEWEST - 1).any(|w| {
        is_separator(char::from(w[1]))
            && w[3] == w[1]
            && w[5] == w[1]
            && [w[0], w[2], w[4], w[6]].iter().all(|b| b.is_ascii_alphanumeric())
    }) || bytes.windows(6).any(|w| {
        let even = [0, 2, 4].iter().all(|i| w[*i].is_ascii_alphabetic());
        (even && [1, 3, 5].iter().all(|i| is_separator(char::from(w[*i]))))
            || (closing(char::from(w[0])) == Some(char::from(w[2])) && w[1].is_ascii_alphanumeric())
    }) || between_pictographs(bytes) + 1 >= FEWEST
}

/// ASCII that is neither letter nor digit.
fn is_sign(b: u8) -> bool {
    (b < 0x80) & !b.is_ascii_alphanumeric()
}

/// How often a pictograph may stand between two characters: its first byte tells its length.
fn between_pictographs(bytes: &[u8]) -> usize {
    let after = |w: &[u8], i: usize| {
        let len = if w[1] == 0xf0 { 4 } else { 3 };
        bytes.get(i + 1 + len).is_some_and(u8::is_ascii_alphanumeric)
    };
    let begins = |w: &[u8]| w[0].is_ascii_alphanumeric() && matches!(w[1], 0xe2 | 0xf0);
    bytes.windows(2).enumerate().filter(|(i, w)| begins(w) && after(w, *i)).count()
}

/// Joins spelt-out words and adds their characters to `joined`.
pub(super) fn join(text: &str, joined: &mut u32) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut i = 0;
    while i < chars.len() {
        let bracketed = bracketed_at(&chars, i);
        if !bracketed.is_empty() {
            let elements = bracketed.iter().map(|at| chars[*at]);
            out.extend(elements);
            *joined += u32::try_from(bracketed.len()).unwrap_or(u32::MAX);
            i = bracketed.last().map_or(i + 1, |at| at + 2);
            continue;
        }
        let n = run_at(&chars, i);
        if n == 0 {
            out.push(chars[i]);
            i += 1;
            continue;
        }
        out.extend((0..n).map(|k| chars[i + 2 * k]));
        *joined += u32::try_from(n).unwrap_or(u32::MAX);
        i += 2 * n - 1;
    }
    out
}

/// How many characters are spelt out from `start` on; 0 unless they are enough.
fn run_at(chars: &[char], start: usize) -> usize {
    let single = |i: usize| chars[i].is_ascii_alphanumeric() && chars.get(i + 1).is_none_or(|c| !is_word(*c));
    if (start > 0 && is_word(chars[start - 1])) || !single(start) {
        return 0;
    }
    let separator_at = |i: usize| chars.get(i).and_then(|c| separator(*c));
    let Some(first) = separator_at(start + 1) else { return 0 };
    let (mut n, mut even) = (1, 1);
    let mut letters = usize::from(chars[start].is_ascii_alphabetic());
    let mut even_letters = letters;
    while n < LONGEST && start + 2 * n < chars.len() && separator_at(start + 2 * n - 1).is_some() && single(start + 2 * n) {
        letters += usize::from(chars[start + 2 * n].is_ascii_alphabetic());
        if even == n && separator_at(start + 2 * n - 1) == Some(first) {
            even += 1;
            even_letters = letters;
        }
        n += 1;
    }
    if letters == n && n >= FEWEST_UNEVEN {
        return n;
    }
    let enough = (even >= FEWEST && even_letters >= FEWEST_LETTERS) || (even_letters == 0 && even >= FEWEST_DIGITS);
    if enough { even } else { 0 }
}

/// Where the characters stand that are spelt out in brackets from `start` on; none unless they are enough.
fn bracketed_at(chars: &[char], start: usize) -> Vec<usize> {
    let Some(close) = closing(chars[start]) else { return Vec::new() };
    let is_element = |at: usize| {
        chars.get(at) == Some(&chars[start])
            && chars.get(at + 1).is_some_and(char::is_ascii_alphanumeric)
            && chars.get(at + 2) == Some(&close)
    };
    let mut elements = Vec::new();
    let mut at = start;
    while elements.len() < LONGEST && is_element(at) {
        elements.push(at + 1);
        at += 3 + usize::from(is_element(at + 4) && chars.get(at + 3).is_some_and(|c| is_separator(*c)));
    }
    let letters = elements.iter().filter(|i| chars[**i].is_ascii_alphabetic()).count();
    let enough = (elements.len() >= FEWEST && letters >= FEWEST_LETTERS) || (letters == 0 && elements.len() >= FEWEST_DIGITS);
    if enough { elements } else { Vec::new() }
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
fn separator(c: char) -> Option<char> {
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
