//! Shares of kinds of characters and of scripts in a raw text.
//!
//! Input: text as written, HTML stripped. Output: shares in [0, 1]. Deliberately not here: judgement; a share says nothing of intent.

use std::sync::LazyLock;

use unicode_script::Script;

use super::facts::{EMOJI, Facts, LATIN, LETTER, LOWER, NUMERIC, SPACE, UPPER, facts};

/// Shares of characters by kind; all zero for an empty text.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CharShares {
    /// Number of characters.
    pub n_chars: u32,
    /// Capitals among cased letters.
    pub caps: f32,
    /// Digits among characters.
    pub digits: f32,
    /// Punctuation and symbols, emoji not among them, among characters.
    pub symbols: f32,
    /// Emoji among characters.
    pub emoji: f32,
    /// White space among characters.
    pub white_space: f32,
    /// Number of exclamation marks, full-width ones included.
    pub exclamations: u32,
    /// Words of two or more letters that are all capitals, among words with letters.
    pub capital_words: f32,
    /// Scripts.
    pub scripts: ScriptShares,
}

/// Shares of letters by script; all zero for a text without letters.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ScriptShares {
    /// Latin.
    pub latin: f32,
    /// Thai.
    pub thai: f32,
    /// Han, kana and Hangul.
    pub east_asian: f32,
    /// Any other script.
    pub other: f32,
    /// Number of scripts among those four that occur.
    pub n_scripts: u32,
}

/// Raw counts behind the shares.
#[derive(Default)]
struct Counts {
    upper: u32,
    lower: u32,
    digits: u32,
    symbols: u32,
    emoji: u32,
    white_space: u32,
    exclamations: u32,
    scripts: [u32; 4],
    words: u32,
    capital_words: u32,
}

/// What one character adds: one byte for each count, so that all are added at once.
#[derive(Clone, Copy, Default)]
struct Tally {
    /// Capitals, small letters, white space, digits, symbols, emoji, exclamation marks.
    kinds: u64,
    /// Letters by script.
    scripts: u64,
}

/// The count of white space, and that of the text's end.
const WORD_ENDS: u64 = 0xff << 16 | 0xff << 56;
/// Stands behind a text and adds nothing.
const END: Tally = Tally { kinds: 1 << 56, scripts: 0 };
/// How many characters are added before a byte could overflow.
const MOST_AT_ONCE: u32 = 255;
/// Characters below this number have their tallies in one table.
const LOW: usize = 0x2000;
static TALLIES: LazyLock<Box<[Tally; LOW]>> =
    LazyLock::new(|| Box::new(std::array::from_fn(|number| char::from_u32(number as u32).map_or(Tally::default(), Tally::of))));

impl Tally {
    /// Apart, so that the loop over ordinary characters stays short.
    #[inline(never)]
    fn of_high(c: char) -> Self {
        Self::of(c)
    }

    fn of(c: char) -> Self {
        let known = facts(c);
        let place = |place: usize| 1 << (8 * place);
        let kind = match c {
            _ if known.any(LETTER) => {
                let kinds = u64::from(known.any(UPPER)) * place(0) + u64::from(known.any(LOWER)) * place(1);
                return Self { kinds, scripts: place(script_index(c, known)) };
            }
            _ if known.any(NUMERIC) => place(3),
            _ if known.any(SPACE) => place(2),
            _ if known.any(EMOJI) => place(5),
            '!' | '！' => place(4) + place(6),
            _ => place(4),
        };
        Self { kinds: kind, scripts: 0 }
    }
}

/// The word being read.
#[derive(Default)]
struct Word {
    upper: u32,
    letters: u32,
}

impl CharShares {
    /// Counts `text` once.
    pub(super) fn of(text: &str) -> Self {
        let tallies = &*TALLIES;
        let mut counts = Counts::default();
        let mut word = Word::default();
        if text.is_ascii() {
            for bytes in text.as_bytes().chunks(MOST_AT_ONCE as usize) {
                counts.add(bytes.iter().map(|b| tallies[usize::from(*b)]), &mut word);
            }
        } else {
            let tally = |c: char| match tallies.get(c as usize) {
                Some(tally) => *tally,
                None => Tally::of_high(c),
            };
            let mut rest = text;
            while !rest.is_empty() {
                let (part, more) = rest.split_at(rest.floor_char_boundary(MOST_AT_ONCE as usize));
                counts.add(part.chars().map(tally), &mut word);
                rest = more;
            }
        }
        counts.add(std::iter::once(END), &mut word);
        counts.shares()
    }
}

impl Counts {
    /// Adds at most `MOST_AT_ONCE` characters.
    #[inline(always)]
    fn add(&mut self, tallies: impl Iterator<Item = Tally>, word: &mut Word) {
        let mut all = Tally::default();
        for tally in tallies {
            all.kinds += tally.kinds;
            all.scripts += tally.scripts;
            word.upper += (tally.kinds & 1) as u32;
            word.letters += u32::from(tally.scripts != 0);
            // No branch, for where a word ends is hard to tell before.
            let ends = tally.kinds & WORD_ENDS != 0;
            self.words += u32::from(ends & (word.letters > 0));
            self.capital_words += u32::from(ends & (word.letters > 1) & (word.upper == word.letters));
            let goes_on = u32::from(!ends).wrapping_neg();
            (word.letters, word.upper) = (word.letters & goes_on, word.upper & goes_on);
        }
        let [upper, lower, white_space, digits, symbols, emoji, exclamations, _] = all.kinds.to_le_bytes().map(u32::from);
        self.upper += upper;
        self.lower += lower;
        self.white_space += white_space;
        self.digits += digits;
        self.symbols += symbols;
        self.emoji += emoji;
        self.exclamations += exclamations;
        self.scripts.iter_mut().zip(all.scripts.to_le_bytes()).for_each(|(n, more)| *n += u32::from(more));
    }

    fn shares(&self) -> CharShares {
        let letters: u32 = self.scripts.iter().sum();
        let chars = letters + self.digits + self.symbols + self.emoji + self.white_space;
        let [latin, thai, east_asian, other] = self.scripts.map(|n| share(n, letters));
        CharShares {
            n_chars: chars,
            caps: share(self.upper, self.upper + self.lower),
            digits: share(self.digits, chars),
            symbols: share(self.symbols, chars),
            emoji: share(self.emoji, chars),
            white_space: share(self.white_space, chars),
            exclamations: self.exclamations,
            capital_words: share(self.capital_words, self.words),
            scripts: ScriptShares {
                latin,
                thai,
                east_asian,
                other,
                n_scripts: self.scripts.iter().map(|n| u32::from(*n > 0)).sum(),
            },
        }
    }
}

/// Part of whole as a share; 0 of nothing is 0.
pub(super) fn share(part: u32, whole: u32) -> f32 {
    if whole == 0 { 0.0 } else { (f64::from(part) / f64::from(whole)) as f32 }
}

/// Which of the four shares a letter counts to. Mathematical and other styled letters belong to no script and count as other.
fn script_index(c: char, known: &Facts) -> usize {
    if known.any(LATIN) {
        return 0;
    }
    if ('\u{e01}'..='\u{e4e}').contains(&c) {
        return 1;
    }
    match known.script {
        Script::Latin => 0,
        Script::Thai => 1,
        Script::Han | Script::Hiragana | Script::Katakana | Script::Hangul | Script::Bopomofo => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_the_right_whole() {
        let got = CharShares::of("HOT deal 50!🔥");
        assert_eq!(got.n_chars, 13);
        assert_eq!(got.caps, 3.0 / 7.0);
        assert_eq!(got.digits, 2.0 / 13.0);
        assert_eq!(got.white_space, 2.0 / 13.0);
        assert_eq!(got.symbols, 1.0 / 13.0);
        assert_eq!(got.emoji, 1.0 / 13.0);
        assert_eq!(got.capital_words, 0.5);
        assert_eq!(got.exclamations, 1);
    }

    #[test]
    fn scripts_share_the_letters() {
        let got = CharShares::of("ab กข 𝐀 1").scripts;
        assert_eq!((got.latin, got.thai, got.other, got.n_scripts), (0.4, 0.4, 0.2, 3));
        assert_eq!(CharShares::of(""), CharShares::default());
    }
}
