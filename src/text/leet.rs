//! Step 9 of `normalise`: digits and signs that stand for letters.
//!
//! Input: folded text. Output: the same with them read. A digit counts as a letter only between letters of a word of four or
//! more that is at least half letters, so `h4ck` is read and `iphone14`, `mp3`, `rtx3060ti`, `5kg` and `$20` are not.
//! Deliberately not here: 2, 6, 8 and 9, whose readings are doubtful and which gambling brands use as numbers.

use super::alphabet::{is_latin, is_word};
use super::hints::{Hints, LEET};

/// Shortest word, less the digits at its ends, that is read.
const SHORTEST: usize = 4;

/// Reads leet in `text`, of which `hints` are, and adds the characters read to `read`. A word is read when any of its signs could be a letter.
pub(super) fn read(text: &mut String, hints: &Hints, read: &mut u32) {
    let mut at = 0;
    let mut word: Vec<char> = Vec::with_capacity(32);
    while let Some(sign) = next_sign(text.as_bytes(), hints, at) {
        let start = sign - len_of(text[at..sign].chars().rev());
        let end = sign + len_of(text[sign..].chars());
        at = end;
        word.clear();
        word.extend(text[start..end].chars());
        if word.len() < SHORTEST {
            continue;
        }
        let after = text.as_bytes().get(end..).unwrap_or(&[]);
        let surroundings = Surroundings {
            attached: text[..start].chars().next_back().is_some_and(is_word),
            domain: matches!(after, [b'.', next, ..] if next.is_ascii_alphanumeric()),
        };
        let before = *read;
        read_word(&mut word, &surroundings, read);
        if *read > before {
            // One ASCII character for another: the length stays.
            text.replace_range(start..end, &word.iter().collect::<String>());
        }
    }
}

/// Where a sign stands, at or after `at`, that its neighbours allow to be a letter. The hints are those from before words were read,
/// and no word that was read reaches to `at`.
fn next_sign(bytes: &[u8], hints: &Hints, at: usize) -> Option<usize> {
    let mut from = at.saturating_sub(1);
    loop {
        let hint = hints.next(from, LEET)?;
        if let Some(sign) = (hint.max(at)..=hint + 1).find(|sign| may_be_letter(bytes, *sign)) {
            return Some(sign);
        }
        from = hint + 1;
    }
}

fn may_be_letter(bytes: &[u8], at: usize) -> bool {
    let letter = |i: usize| bytes.get(i).is_some_and(|b| b.is_ascii_alphabetic() || !b.is_ascii());
    let Some(&b) = bytes.get(at) else { return false };
    let between = at > 0 && letter(at - 1) && (letter(at + 1) || bytes.get(at + 1) == Some(&b));
    (b == b'$' && letter(at + 1)) || (between && (b.is_ascii_digit() || b == b'@' || b == b'$'))
}

/// Bytes of the parts of a word that `chars` begin with.
fn len_of(chars: impl Iterator<Item = char>) -> usize {
    chars.take_while(|c| is_part(*c)).map(char::len_utf8).sum()
}

fn is_part(c: char) -> bool {
    is_latin(c) || c.is_ascii_digit() || c == '@' || c == '$'
}

/// What stands beside a word.
struct Surroundings {
    /// It continues a word of another script.
    attached: bool,
    /// A full stop and more follow, so that an `@` in it makes an address.
    domain: bool,
}

fn read_word(word: &mut [char], surroundings: &Surroundings, read: &mut u32) {
    let lead = word.iter().take_while(|c| c.is_ascii_digit()).count();
    let tail = word.iter().rev().take_while(|c| c.is_ascii_digit()).count();
    if lead + tail >= word.len() {
        return;
    }
    let end = word.len() - tail;
    let core = &mut word[lead..end];
    let letters = core.iter().filter(|c| is_latin(**c)).count();
    let digits = core.iter().filter(|c| c.is_ascii_digit()).count();
    if core.len() < SHORTEST || letters < digits {
        return;
    }
    // An e-mail address or an id behind a service's name has to stay what it is.
    let is_address = |at: usize| surroundings.domain || is_mail_host(&core[at + 1..]) || is_service(&core[..at]);
    if core.iter().position(|c| *c == '@').is_some_and(is_address) {
        return;
    }
    let mut i = 1;
    while i + 1 < core.len() {
        let run = core[i..].iter().take_while(|c| **c == core[i]).count();
        let between = is_latin(core[i - 1]) && core.get(i + run).is_some_and(|c| is_latin(*c));
        if let Some(letter) = letter(core[i]).filter(|_| between && run <= most_alike(core[i])) {
            core[i..i + run].fill(letter);
            *read += u32::try_from(run).unwrap_or(u32::MAX);
        }
        i += run;
    }
    if core[0] == '$' && core[1..].iter().all(|c| is_latin(*c)) && lead == 0 && tail == 0 && !surroundings.attached {
        core[0] = 's';
        *read += 1;
    }
}

/// How many of one sign in a row may still be letters: `good` and `leet` double theirs.
fn most_alike(c: char) -> usize {
    if matches!(c, '0' | '3') { 2 } else { 1 }
}

fn letter(c: char) -> Option<char> {
    Some(match c {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        _ => return None,
    })
}

/// Whether the word before an at sign names where the id behind it counts: `line@shop`.
fn is_service(before: &[char]) -> bool {
    let names =
        ["line", "id", "ig", "insta", "instagram", "fb", "facebook", "tiktok", "telegram", "tele", "tg", "zalo", "wechat", "wa"];
    names.iter().any(|name| before.iter().copied().eq(name.chars()))
}

/// Whether an address was written without its dot.
fn is_mail_host(after: &[char]) -> bool {
    ["gmail", "yahoo", "hotmail", "outlook", "icloud"].iter().any(|host| after.iter().copied().take(host.len()).eq(host.chars()))
}
