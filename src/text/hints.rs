//! Which of the later steps of `normalise` may have something to do.
//!
//! Input: folded text. Output: yes or no for each step, from one reading of its bytes. A yes only says that it is worth looking.
//! Deliberately not here: the looking.

/// An escape: a backslash or ampersand.
pub(super) const ESCAPE: u8 = 1;
/// A digit or sign that its neighbours allow to be a letter.
pub(super) const LEET: u8 = 1 << 1;
/// An ASCII letter or digit between two ASCII signs.
pub(super) const LONE: u8 = 1 << 2;
/// An ASCII letter or digit before what may be a pictograph.
pub(super) const PICTURED: u8 = 1 << 3;
/// Three of one ASCII character in a row, which is no digit.
pub(super) const ALIKE: u8 = 1 << 4;

/// Bytes that are looked at together.
const BLOCK: usize = 32;
/// Stands behind a text: what no text has and no step looks for, but for a letter beside leet, where too much is found rather than too
/// little.
const BEHIND: u8 = 0xff;

/// What may occur in `bytes`.
pub(super) fn hints(bytes: &[u8]) -> u8 {
    let mut found = [0; BLOCK];
    for start in (0..bytes.len()).step_by(BLOCK) {
        look_from(bytes, start, &mut found);
    }
    found.into_iter().fold(0, |all, one| all | one)
}

/// Where the first of `wanted` begins, at or after `from`.
pub(super) fn next_hint(bytes: &[u8], from: usize, wanted: u8) -> Option<usize> {
    (from..bytes.len()).step_by(BLOCK).find_map(|start| {
        let mut found = [0; BLOCK];
        look_from(bytes, start, &mut found);
        let first = found.iter().position(|hints| hints & wanted != 0)?;
        Some(start + first)
    })
}

/// Whether a byte is what `is` wants. Each block is read to its end, because the compiler then takes sixteen bytes at a time.
#[inline(always)]
pub(super) fn any(bytes: &[u8], is: impl Fn(u8) -> bool) -> bool {
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    let among = |bytes: &[u8]| bytes.iter().fold(0, |found, b| found | u8::from(is(*b))) != 0;
    blocks.iter().any(|block| among(block)) || among(rest)
}

/// Adds what the bytes from `start` on begin.
#[inline(always)]
fn look_from(bytes: &[u8], start: usize, found: &mut [u8; BLOCK]) {
    if let Some(block) = bytes.get(start..start + BLOCK + 2).and_then(|block| block.try_into().ok()) {
        look(block, found);
    } else {
        let mut block = [BEHIND; BLOCK + 2];
        let rest = &bytes[start..];
        block[..rest.len()].copy_from_slice(rest);
        look(&block, found);
    }
}

/// Adds what each byte but the last two begins to its place. Without a branch, so that the compiler takes sixteen bytes at a time.
#[inline(always)]
fn look(block: &[u8; BLOCK + 2], found: &mut [u8; BLOCK]) {
    for i in 0..BLOCK {
        let (a, b, c) = (block[i], block[i + 1], block[i + 2]);
        let escape = (a == b'\\') | (a == b'&');
        let between = is_letter(a) & is_leet(b) & (is_letter(c) | (b == c));
        let leet = between | ((a == b'$') & is_letter(b));
        let lone = is_sign(a) & is_part(b) & is_sign(c);
        let pictured = is_part(a) & ((b == 0xe2) | (b == 0xf0));
        let alike = (a == b) & (b == c) & (a.wrapping_sub(b'0') >= 10) & (a < 0x80);
        found[i] |= (u8::from(escape) * ESCAPE)
            | (u8::from(leet) * LEET)
            | (u8::from(lone) * LONE)
            | (u8::from(pictured) * PICTURED)
            | (u8::from(alike) * ALIKE);
    }
}

/// A letter, or part of a character beyond ASCII.
#[inline(always)]
fn is_letter(b: u8) -> bool {
    (b.wrapping_sub(b'a') < 26) | (b >= 0x80)
}

/// What leet writes letters with.
#[inline(always)]
fn is_leet(b: u8) -> bool {
    (b.wrapping_sub(b'0') < 10) | (b == b'@') | (b == b'$')
}

/// An ASCII letter or digit. Capitals are none in folded text.
#[inline(always)]
fn is_part(b: u8) -> bool {
    (b.wrapping_sub(b'a') < 26) | (b.wrapping_sub(b'0') < 10)
}

/// ASCII that is neither letter nor digit.
#[inline(always)]
fn is_sign(b: u8) -> bool {
    (b < 0x80) & !is_part(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_hint_is_given_for_its_cause_wherever_it_stands() {
        for (text, expect) in [
            ("", 0),
            ("ab cd", 0),
            ("\\", ESCAPE),
            ("&", ESCAPE),
            (" 5 ", LONE),
            (" 50 ", 0),
            ("a5a", LEET),
            ("a55a", LEET),
            ("à5a", LEET),
            ("a@a", LEET),
            (" $a", LEET),
            (" $ ", 0),
            (" a ", LONE),
            ("(a]", LONE),
            (" a", 0),
            ("à b à", LONE),
            ("a🔥 ", PICTURED),
            ("a• ", PICTURED),
            (" 🔥a", 0),
            ("aaa", ALIKE),
            ("...", ALIKE),
            (" aa ", 0),
            (" 000 ", 0),
        ] {
            for before in [0, 1, 13, 14, 15, 30, 31, 32, 62, 64, 80] {
                for after in [0, 40] {
                    let padded = format!("{}{text}{}", "xy".repeat(before), "xy".repeat(after));
                    assert_eq!(hints(padded.as_bytes()), expect, "{padded}");
                    let place = next_hint(padded.as_bytes(), 0, expect);
                    assert!(place.is_none_or(|place| (2 * before..2 * before + 3).contains(&place)), "{padded}");
                    assert_eq!(place.is_some(), expect != 0);
                }
            }
        }
    }
}
