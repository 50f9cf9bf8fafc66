//! What every step asks of a character, worked out once for each and then looked up.
//!
//! Input: a character. Output: its class and what it reads as. The rules stand in `alphabet`, `plain` and `confusables`; here they are
//! only remembered, in pages of 256 characters that are filled when a text first needs them, so that a text of one script touches
//! one or two pages. Deliberately not here: anything that depends on the characters around.

use std::sync::{LazyLock, OnceLock};

use unicode_normalization::char::{decompose_compatible, is_combining_mark};
use unicode_script::{Script, UnicodeScript};

use super::plain::{Plain, plain};
use super::{alphabet, confusables};

/// What is known of one character.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts {
    flags: u32,
    /// Its script.
    pub(super) script: Script,
    /// What steps 1 to 3 of `normalise` make of it when `SIMPLE` or `MARK`; else itself.
    pub(super) reads_as: char,
    /// The Latin letter that it looks like.
    pub(super) twin: Option<char>,
    /// What `Kinds` gives.
    kind: u8,
    /// Its lower case unless `LONG_LOWER`, a final sigma's being that of any sigma.
    pub(super) lower: char,
}

/// Part of a word: `alphabet::is_word`.
pub(super) const WORD: u32 = 1;
/// A pictograph: `alphabet::is_emoji`.
pub(super) const EMOJI: u32 = 1 << 1;
/// White space.
pub(super) const SPACE: u32 = 1 << 2;
/// A control character.
pub(super) const CONTROL: u32 = 1 << 3;
/// `alphabet::is_latin`.
pub(super) const LATIN: u32 = 1 << 4;
/// `alphabet::is_thai_mark`.
pub(super) const THAI_MARK: u32 = 1 << 5;
/// `alphabet::is_thai_base`.
pub(super) const THAI_BASE: u32 = 1 << 6;
/// A letter of a script that may be there for its looks: `confusables::is_foreign`.
pub(super) const FOREIGN: u32 = 1 << 7;
/// Steps 1 to 3 make it the one character `reads_as`, which is no mark.
pub(super) const SIMPLE: u32 = 1 << 8;
/// Steps 1 to 3 make it the mark `reads_as`.
pub(super) const MARK: u32 = 1 << 9;
/// A plain letter or digit written in a style.
pub(super) const STYLED: u32 = 1 << 10;
/// A letter beyond ASCII that the markets do not write is left, so that look-alikes have to be resolved.
pub(super) const LOOK_ALIKE: u32 = 1 << 11;
/// Alphabetic.
pub(super) const LETTER: u32 = 1 << 12;
/// A capital.
pub(super) const UPPER: u32 = 1 << 13;
/// A small letter.
pub(super) const LOWER: u32 = 1 << 14;
/// Numeric.
pub(super) const NUMERIC: u32 = 1 << 15;
/// Its lower case is more than one character.
pub(super) const LONG_LOWER: u32 = 1 << 16;
/// A combining mark as it stands.
pub(super) const COMBINING: u32 = 1 << 17;
/// Steps 1 to 6 of `normalise` make it `lower`, provided that no mark stands beside it.
pub(super) const SETTLED: u32 = 1 << 18;
/// Steps 1 to 6 of `normalise` leave it as it is, provided that no mark stands beside it.
pub(super) const UNCHANGED: u32 = 1 << 19;
/// Steps 1 to 4 of `normalise` make it `reads_as`, which is visible ASCII.
pub(super) const READS_ASCII: u32 = 1 << 20;
/// Nothing, and it hides: `Plain::Invisible`.
pub(super) const INVISIBLE: u32 = 1 << 21;
/// Nothing, and it is ordinary: `Plain::Decoration`.
pub(super) const DECORATION: u32 = 1 << 22;

impl Facts {
    /// Whether any of `flags` holds.
    #[inline]
    pub(super) fn any(&self, flags: u32) -> bool {
        self.flags & flags != 0
    }

    /// Those of `flags` that hold.
    #[inline]
    pub(super) fn of(&self, flags: u32) -> u32 {
        self.flags & flags
    }

    fn work_out(c: char) -> Self {
        let mut facts = Self { flags: 0, script: c.script(), reads_as: c, twin: confusables::twin(c), kind: 0, lower: c };
        facts.set(WORD, alphabet::is_word(c));
        facts.set(EMOJI, alphabet::is_emoji(c));
        facts.set(SPACE, c.is_whitespace());
        facts.set(CONTROL, c.is_control());
        facts.set(LATIN, alphabet::is_latin(c));
        facts.set(THAI_MARK, alphabet::is_thai_mark(c));
        facts.set(THAI_BASE, alphabet::is_thai_base(c));
        facts.set(FOREIGN, confusables::is_foreign(c));
        facts.set(LETTER, c.is_alphabetic());
        facts.set(UPPER, c.is_uppercase());
        facts.set(LOWER, c.is_lowercase());
        facts.set(NUMERIC, c.is_numeric());
        facts.set(COMBINING, is_combining_mark(c));
        let mut lower = if c == 'ς' { 'σ' } else { c }.to_lowercase();
        facts.lower = lower.next().unwrap_or(c);
        facts.set(LONG_LOWER, lower.next().is_some());
        facts.decompose(c);
        facts.set(SETTLED, alphabet::is_settled(c) && !facts.any(SPACE | CONTROL | LONG_LOWER));
        facts.set(UNCHANGED, facts.any(SETTLED) && facts.lower == c);
        facts.set(READS_ASCII, facts.any(SIMPLE) && facts.reads_as.is_ascii_graphic());
        facts.kind = kind(&facts);
        facts
    }

    /// Steps 1 to 3 of `normalise` where they concern this character alone.
    fn decompose(&mut self, c: char) {
        if alphabet::is_settled(c) {
            self.set(SIMPLE, true);
            return;
        }
        let mut parts = Vec::new();
        match plain(c) {
            Plain::Char(letter) => return self.read(c, letter),
            Plain::Invisible => return self.set(INVISIBLE, true),
            Plain::Decoration => return self.set(DECORATION, true),
            Plain::Other if !self.any(THAI_MARK) => decompose_compatible(c, |d| parts.push(d)),
            _ => return,
        }
        let &[d] = parts.as_slice() else { return };
        match if d.is_ascii() { Plain::Other } else { plain(d) } {
            _ if is_combining_mark(d) => {
                self.set(MARK, true);
                self.reads_as = d;
            }
            Plain::Char(letter) => self.read(c, letter),
            Plain::Other => {
                self.read(c, d);
                self.set(LOOK_ALIKE, !d.is_ascii() && d.is_alphabetic());
            }
            _ => {}
        }
    }

    fn read(&mut self, c: char, letter: char) {
        self.set(SIMPLE, true);
        self.set(STYLED, alphabet::is_styled(c) && letter.is_ascii_alphanumeric());
        self.reads_as = letter;
    }

    fn set(&mut self, flag: u32, holds: bool) {
        self.flags |= if holds { flag } else { 0 };
    }
}

type Page = [Facts; 256];
const N_PAGES: usize = 0x11_0000 / 256;
static PAGES: [OnceLock<Box<Page>>; N_PAGES] = [const { OnceLock::new() }; N_PAGES];

/// What is known of `c`.
#[inline]
pub(super) fn facts(c: char) -> &'static Facts {
    let number = u32::from(c) as usize;
    let page = PAGES[number / 256].get_or_init(|| page(number / 256));
    &page[number % 256]
}

/// What is asked of every character, in one byte: part of a word.
pub(super) const PART: u8 = 1;
/// White space.
pub(super) const BLANK: u8 = 1 << 1;
/// A pictograph that is no part of a word.
pub(super) const PICTURE: u8 = 1 << 2;
/// `UNCHANGED`.
pub(super) const STAYS: u8 = 1 << 3;
/// `SETTLED` and not `UNCHANGED`.
pub(super) const SINKS: u8 = 1 << 4;
/// `THAI_BASE`.
pub(super) const BASE: u8 = 1 << 5;
/// `THAI_MARK`, but for U+0E4D, which may join the letter that follows.
pub(super) const SIGN: u8 = 1 << 6;

/// Characters below this number have their kinds in one table; all markets' letters but those of East Asia are among them.
const LOW: usize = 0x2000;
static KINDS: LazyLock<Box<[u8; LOW]>> =
    LazyLock::new(|| Box::new(std::array::from_fn(|number| char::from_u32(number as u32).map_or(0, |c| facts(c).kind))));

fn kind(known: &Facts) -> u8 {
    let kinds = [
        (PART, known.any(WORD)),
        (BLANK, known.any(SPACE)),
        (PICTURE, known.of(EMOJI | WORD) == EMOJI),
        (STAYS, known.any(UNCHANGED)),
        (SINKS, known.of(SETTLED | UNCHANGED) == SETTLED),
        (BASE, known.any(THAI_BASE)),
        (SIGN, known.any(THAI_MARK) && known.reads_as != '\u{e4d}'),
    ];
    kinds.into_iter().fold(0, |all, (kind, holds)| if holds { all | kind } else { all })
}

/// Apart, so that the loops over ordinary characters stay short.
#[inline(never)]
fn high_kind(c: char) -> u8 {
    facts(c).kind
}

/// The kinds of characters, to be fetched once a text.
#[derive(Clone, Copy)]
pub(super) struct Kinds {
    low: &'static [u8; LOW],
}

impl Kinds {
    pub(super) fn new() -> Self {
        Self { low: &KINDS }
    }

    /// Those of an ASCII character.
    #[inline(always)]
    pub(super) fn of_ascii(self, b: u8) -> u8 {
        self.low[usize::from(b)]
    }

    /// Those of `c`.
    #[inline(always)]
    pub(super) fn of(self, c: char) -> u8 {
        match self.low.get(c as usize) {
            Some(kind) => *kind,
            None => high_kind(c),
        }
    }
}

#[cold]
fn page(number: usize) -> Box<Page> {
    Box::new(std::array::from_fn(|i| {
        // The numbers between the two halves of UTF-16 are no characters and are never asked for.
        let c = u32::try_from(number * 256 + i).ok().and_then(char::from_u32);
        Facts::work_out(c.unwrap_or('\u{fffd}'))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_what_the_rules_say() {
        assert!(facts('ế').of(WORD | LATIN | UNCHANGED) == WORD | LATIN | UNCHANGED);
        assert_eq!((facts('Ế').lower, facts('Ế').any(SETTLED), facts('Ế').any(UNCHANGED)), ('ế', true, false));
        assert_eq!((facts('𝐀').reads_as, facts('𝐀').any(STYLED)), ('A', true));
        assert_eq!((facts('Н').twin, facts('Н').any(FOREIGN), facts('Н').any(LOOK_ALIKE)), (Some('h'), true, true));
        assert_eq!((facts('\u{301}').reads_as, facts('\u{301}').any(MARK)), ('\u{301}', true));
        assert!(facts('İ').any(LONG_LOWER));
        assert!(!facts('\u{200b}').any(SIMPLE | MARK));
    }
}
