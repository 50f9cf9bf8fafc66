//! Which of the later steps of `normalise` may have something to do.
//!
//! Input: folded text. Output: yes or no for each step, from one reading of its bytes, and where. A yes only says that it is worth looking.
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

/// What may begin at each byte of a text, kept from one text to the next so that reading allocates nothing.
#[derive(Default)]
pub(super) struct Hints {
    /// By byte, in whole blocks; what lies behind the last block of the text at hand is left from others.
    at: Vec<u8>,
    len: usize,
    all: u8,
}

impl Hints {
    /// Replaces all hints by those of `bytes`.
    pub(super) fn read(&mut self, bytes: &[u8]) {
        let len = bytes.len().next_multiple_of(BLOCK);
        if self.at.len() < len {
            self.at.resize(len, 0);
        }
        let mut all = [0; BLOCK];
        for (at, start) in self.at[..len].as_chunks_mut().0.iter_mut().zip((0..len).step_by(BLOCK)) {
            look_from(bytes, start, at);
            all.iter_mut().zip(at).for_each(|(all, one)| *all |= *one);
        }
        self.len = len;
        self.all = all.into_iter().fold(0, |all, one| all | one);
    }

    /// Whether any of `wanted` may occur.
    pub(super) fn any(&self, wanted: u8) -> bool {
        self.all & wanted != 0
    }

    /// Where the first of `wanted` begins, at or after `from`.
    pub(super) fn next(&self, from: usize, wanted: u8) -> Option<usize> {
        let wanted = u64::from_ne_bytes([wanted; 8]);
        let mut from = from;
        let hints = &self.at[..self.len];
        while let Some(eight) = hints.get(from..).and_then(|rest| rest.first_chunk()) {
            let found = u64::from_le_bytes(*eight) & wanted;
            if found != 0 {
                return Some(from + found.trailing_zeros() as usize / 8);
            }
            from += 8;
        }
        let wanted = wanted as u8;
        hints.get(from..)?.iter().position(|hints| hints & wanted != 0).map(|further| from + further)
    }
}

/// Whether a byte is what `is` wants. Each block is read to its end, because the compiler then takes sixteen bytes at a time.
#[inline(always)]
pub(super) fn any(bytes: &[u8], is: impl Fn(u8) -> bool) -> bool {
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    let among = |bytes: &[u8]| bytes.iter().fold(0, |found, b| found | u8::from(is(*b))) != 0;
    blocks.iter().any(|block| among(block)) || among(rest)
}

/// Puts down what the bytes from `start` on begin.
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

/// Puts down what each byte but the last two begins. Without a branch, so that the compiler takes sixteen bytes at a time.
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
        found[i] = (u8::from(escape) * ESCAPE)
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
        let mut hints = Hints::default();
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
                    hints.read(padded.as_bytes());
                    assert_eq!(hints.all, expect, "{padded}");
                    let place = hints.next(0, expect);
                    assert!(place.is_none_or(|place| (2 * before..2 * before + 3).contains(&place)), "{padded}");
                    assert_eq!(place.is_some(), expect != 0);
                    assert!((0..=padded.len() + 40).all(|from| hints.next(from, expect).is_none_or(|next| next >= from)));
                }
            }
        }
    }
}
