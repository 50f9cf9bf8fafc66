//! Step 9 of `normalise`: digits and signs that stand for letters.
//!
//! Input: folded text. Output: the same with them read. A digit counts as a letter only between letters of a word of four or
//! more that is at least half letters, so `h4ck` is read and `iphone14`, `mp3`, `rtx3060ti`, `5kg` and `$20` are not.
//! Deliberately not here: 2, 6, 8 and 9, whose readings are doubtful and which gambling brands use as numbers.

use super::alphabet::{is_latin, is_word};

/// Shortest word, less the digits at its ends, that is read.
const SHORTEST: usize = 4;

/// Whether anything here could need reading.
pub(super) fn occurs(bytes: &[u8]) -> bool {
    // Most texts have no digit and no sign between letters: that is seen sixteen bytes at a time, for nothing stops the loop.
    if !bytes.iter().fold(false, |found, b| found | b.is_ascii_digit() | (*b == b'@') | (*b == b'$')) {
        return false;
    }
    let letter = |b: u8| b.is_ascii_alphabetic() || b >= 0x80;
    bytes
        .windows(3)
        .any(|w| (w[1].is_ascii_digit() || w[1] == b'@' || w[1] == b'$') && letter(w[0]) && (letter(w[2]) || w[2] == w[1]))
        || bytes.windows(2).any(|w| w[0] == b'$' && letter(w[1]))
}

/// Reads leet and adds the characters read to `read`.
pub(super) fn read(text: &str, read: &mut u32) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let mut start = 0;
    while start < chars.len() {
        let len = chars[start..].iter().take_while(|c| is_part(**c)).count();
        if len >= SHORTEST {
            let surroundings = Surroundings {
                attached: start > 0 && is_word(chars[start - 1]),
                domain: chars.get(start + len) == Some(&'.')
                    && chars.get(start + len + 1).is_some_and(char::is_ascii_alphanumeric),
            };
            read_word(&mut chars[start..start + len], &surroundings, read);
        }
        start += len.max(1);
    }
    chars.into_iter().collect()
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
