//! Step 4 of `normalise`: which combining marks stay on their letter.
//!
//! Input: the characters so far and the marks that follow the last one. Output: the last character composed with the marks that
//! its script uses. Deliberately not here: decomposition.

use unicode_normalization::char::{canonical_combining_class, compose, decompose_canonical};

use super::alphabet::{is_kept_latin, is_latin, is_thai_base, is_thai_mark};

/// Vietnamese puts two marks on a vowel at most, Thai two signs on a consonant.
const MOST_MARKS: usize = 2;
/// Indic and other scripts build longer clusters.
const MOST_OWN_MARKS: usize = 4;

/// Settles the `pending` marks on the last of `chars` and empties `pending`. An enclosing mark (a keycap, a circle) counts as a
/// style, any other mark that goes counts as dropped.
pub(super) fn settle(chars: &mut Vec<char>, pending: &mut Vec<char>, dropped: &mut u32, styled: &mut u32) {
    let before = pending.len();
    pending.retain(|m| !is_enclosing(*m));
    *styled += count(before - pending.len());
    let Some(&base) = chars.last() else {
        *dropped += count(pending.len());
        pending.clear();
        return;
    };
    if pending.is_empty() {
        return;
    }
    let kept = if is_latin(base) {
        settle_latin(base, chars, pending)
    } else if is_thai_base(base) {
        settle_thai(chars, pending)
    } else if base.is_alphabetic() && !is_thai_mark(base) {
        settle_other(chars, pending)
    } else {
        0
    };
    *dropped += count(pending.len().saturating_sub(kept));
    pending.clear();
}

/// Composes what makes a letter of Vietnamese or ñ; more than two marks are noise altogether.
fn settle_latin(base: char, chars: &mut [char], pending: &mut Vec<char>) -> usize {
    let mut letter = base;
    let mut own = 0;
    if !base.is_ascii() {
        let mut parts = Vec::new();
        decompose_canonical(base, |d| parts.push(d));
        if let Some((first, rest)) = parts.split_first() {
            letter = *first;
            own = rest.len();
            pending.splice(0..0, rest.iter().copied());
        }
    }
    let mut kept: usize = 0;
    if pending.len() <= MOST_MARKS {
        pending.sort_by_key(|m| canonical_combining_class(*m));
        for &mark in pending.iter() {
            if let Some(composed) = compose(letter, mark).filter(|c| is_kept_latin(*c)) {
                letter = composed;
                kept += 1;
            }
        }
    }
    pending.drain(..own);
    if let Some(last) = chars.last_mut() {
        *last = letter;
    }
    kept.saturating_sub(own)
}

/// Keeps Thai signs, each once, two at most.
fn settle_thai(chars: &mut Vec<char>, pending: &[char]) -> usize {
    let start = chars.len();
    for &mark in pending {
        if is_thai_mark(mark) && chars.len() - start < MOST_MARKS && !chars[start..].contains(&mark) {
            chars.push(mark);
        }
    }
    chars.len() - start
}

/// Composes what composes and keeps the script's own signs; marks for any script (accents, overlays) go otherwise.
fn settle_other(chars: &mut Vec<char>, pending: &mut [char]) -> usize {
    if pending.iter().filter(|m| is_for_any_script(**m)).count() > MOST_MARKS {
        return 0;
    }
    pending.sort_by_key(|m| canonical_combining_class(*m));
    let start = chars.len();
    let mut composed = 0;
    for &mark in pending.iter() {
        let joined = chars.last().and_then(|last| compose(*last, mark));
        if let (Some(joined), Some(last)) = (joined, chars.last_mut()) {
            *last = joined;
            composed += 1;
        } else if !is_for_any_script(mark)
            && !is_thai_mark(mark)
            && chars.len() - start < MOST_OWN_MARKS
            && !chars[start..].contains(&mark)
        {
            chars.push(mark);
        }
    }
    chars.len() - start + composed
}

/// A mark around the character rather than on it.
fn is_enclosing(c: char) -> bool {
    matches!(c, '\u{488}' | '\u{489}' | '\u{1abe}' | '\u{20dd}'..='\u{20e0}' | '\u{20e2}'..='\u{20e4}' | '\u{a670}'..='\u{a672}')
}

/// The blocks of combining marks that no script owns.
fn is_for_any_script(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' |
        '\u{fe20}'..='\u{fe2f}')
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
