//! Step 7 of `normalise`: words and numbers spelt out with a separator between every two characters.
//!
//! Input: folded text. Output: the same with such words joined. Deliberately not here: pairs and threes, which are initials and
//! clothes sizes more often than hiding.

use super::alphabet::is_word;

/// Fewest single characters of a spelt-out word, of which `FEWEST_LETTERS` are letters.
const FEWEST: usize = 4;
const FEWEST_LETTERS: usize = 3;
/// Fewest digits of a spelt-out number: shorter ones are lists.
const FEWEST_DIGITS: usize = 7;
/// What goes on for longer is taken in pieces, so that a hostile megabyte costs no more than a megabyte.
const LONGEST: usize = 64;

/// Whether anything here could need joining.
pub(super) fn occurs(bytes: &[u8]) -> bool {
    // One separator twice at a distance of two is rare, and seen sixteen bytes at a time, for nothing stops the loop.
    let separators = bytes.iter().zip(bytes.iter().skip(2));
    if !separators.fold(false, |found, (a, b)| found | ((a == b) & (*a < 0x80) & !a.is_ascii_alphanumeric())) {
        return false;
    }
    bytes.windows(2 * FEWEST - 1).any(|w| {
        is_separator(char::from(w[1]))
            && w[3] == w[1]
            && w[5] == w[1]
            && [w[0], w[2], w[4], w[6]].iter().all(|b| b.is_ascii_alphanumeric())
    })
}

/// Joins spelt-out words and adds their characters to `joined`.
pub(super) fn join(text: &str, joined: &mut u32) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut i = 0;
    while i < chars.len() {
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
    let Some(&separator) = chars.get(start + 1).filter(|c| is_separator(**c)) else { return 0 };
    let mut n = 1;
    let mut letters = usize::from(chars[start].is_ascii_alphabetic());
    while n < LONGEST && start + 2 * n < chars.len() && chars[start + 2 * n - 1] == separator && single(start + 2 * n) {
        letters += usize::from(chars[start + 2 * n].is_ascii_alphabetic());
        n += 1;
    }
    if (n >= FEWEST && letters >= FEWEST_LETTERS) || (letters == 0 && n >= FEWEST_DIGITS) { n } else { 0 }
}

fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '.' | '-' | '_' | '*' | '|' | '~' | ',')
}
