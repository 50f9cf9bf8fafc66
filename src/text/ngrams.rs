//! Hashed word and character n-grams of a normalised text.
//!
//! Input: normalised text. Output: counts per bucket, or the terms behind the buckets for reasons. Character n-grams stay within
//! pieces between white space, padded with a space on each side, as scikit-learn's `char_wb` does; a piece shorter than n gives
//! itself once. Words fall into the lower half of the buckets and characters into the upper, so that a model can weigh the two
//! apart. Counts stand in the order in which buckets first occur, characters first, which depends on the text alone: sorting
//! would cost more than hashing. Deliberately not here: weighting (the text model's) and vocabularies (hashing needs none).

use std::cell::RefCell;

use super::bucket_counts::BucketCounts;
use super::facts::{EMOJI, SPACE, WORD, facts};
use super::rolling::{bucket_of, follow, join};
use super::tokens::tokens;

/// Seeds keep words and character n-grams of equal spelling apart. Never change: stored models hold bucket numbers.
const WORD_SEED: u64 = 0x7374_616c_6c5f_776f;
const CHAR_SEED: u64 = 0x7374_616c_6c5f_6368;
/// What stands around every piece.
const PAD: u32 = b' ' as u32;
/// The longest character n-gram that there is.
const LONGEST: usize = 8;

/// The version of the buckets: raise it whenever an n-gram falls into another one. It joins the fingerprint that models guard.
pub const NGRAM_VERSION: u32 = 2;

/// Which n-grams, and how many buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NgramConfig {
    /// Number of buckets, a power of two.
    pub buckets: u32,
    /// Longest word n-gram; 0 for none.
    pub word_max: usize,
    /// Shortest character n-gram.
    pub char_min: usize,
    /// Longest character n-gram, at most 8; below `char_min` for none.
    pub char_max: usize,
}

impl Default for NgramConfig {
    fn default() -> Self {
        Self { buckets: 1 << 18, word_max: 2, char_min: 2, char_max: 5 }
    }
}

impl NgramConfig {
    /// Buckets of one half, at least 1.
    fn half(&self) -> u32 {
        (self.buckets / 2).max(1)
    }

    /// The buckets of characters.
    fn upper_half(&self) -> UpperHalf {
        UpperHalf { first: self.buckets / 2, mask: self.half() - 1 }
    }

    /// The bucket of what a hash has read, among the words.
    pub(super) fn word_bucket(&self, state: u64) -> u32 {
        bucket_of(state, self.half() - 1)
    }
}

/// The buckets of characters, by value, so that no loop reads them again.
#[derive(Clone, Copy)]
struct UpperHalf {
    first: u32,
    mask: u32,
}

/// Replaces `out` with the n-gram counts of `normalised`: (bucket, count), each bucket once.
pub fn ngram_counts(normalised: &str, config: &NgramConfig, out: &mut Vec<(u32, f32)>) {
    counts_with(normalised, config, std::iter::empty(), out);
}

/// `ngram_counts` with `more` buckets counted in.
pub(super) fn counts_with(normalised: &str, config: &NgramConfig, more: impl Iterator<Item = u32>, out: &mut Vec<(u32, f32)>) {
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.letters.read(normalised);
        let buckets = &mut scratch.buckets;
        // The usual lengths are compiled on their own, so that the loop over lengths is unrolled.
        let n = match (config.char_min, config.char_max) {
            (2, 5) => char_buckets(&scratch.letters, config, 2, 5, buckets),
            (min, max) => char_buckets(&scratch.letters, config, min.max(1), max.min(LONGEST), buckets),
        };
        scratch.others.clear();
        scratch.letters.each_word_ngram(config, |bucket, _| scratch.others.push(bucket));
        scratch.others.extend(more);
        scratch.counts.count(&[&buckets[..n], &scratch.others], out);
    });
}

/// The distinct n-grams of `normalised` with their buckets, ascending by bucket, then term. In a character n-gram the padding
/// reads `_`.
#[must_use]
pub fn ngram_terms(normalised: &str, config: &NgramConfig) -> Vec<(u32, String)> {
    let mut letters = Letters::default();
    letters.read(normalised);
    let mut terms = Vec::new();
    let (min, max) = (config.char_min.max(1), config.char_max.min(LONGEST));
    let upper = config.upper_half();
    letters.each_start(min, max, |window, max| {
        let mut buckets = [0; LONGEST];
        let (n, shortest) = hash_start(window, upper, (min, max), &mut buckets);
        for (i, bucket) in buckets[..n].iter().enumerate() {
            let spelling = window[..shortest + i].iter().filter_map(|code| char::from_u32(*code));
            terms.push((*bucket, spelling.map(|c| if c == ' ' { '_' } else { c }).collect()));
        }
    });
    let words: Vec<&str> = tokens(normalised).map(|token| token.text).collect();
    letters.each_word_ngram(config, |bucket, range| terms.push((bucket, words[range].join(" "))));
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// What is kept between texts, so that counting allocates nothing.
#[derive(Default)]
struct Scratch {
    letters: Letters,
    /// Of characters; what lies beyond those of the text at hand is left from others.
    buckets: Vec<u32>,
    /// Of words and what is counted with them.
    others: Vec<u32>,
    counts: BucketCounts,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// A text as numbers.
#[derive(Default)]
struct Letters {
    /// The characters; one `PAD` before, between and after the pieces, and `LONGEST` more at the end.
    codes: Vec<u32>,
    /// How many of `codes` begin character n-grams: all but the last `PAD` and what follows.
    n_starts: usize,
    /// The hash of each token.
    words: Vec<u64>,
}

impl Letters {
    /// Replaces what was read before.
    fn read(&mut self, text: &str) {
        // No byte gives more than one number, so both lists are made large enough first and filled without asking.
        self.codes.clear();
        self.codes.resize(text.len() + 2 + LONGEST, PAD);
        self.words.clear();
        self.words.resize(text.len() + 1, WORD_SEED);
        let (mut n, mut n_words) = (1, 0);
        let (mut word, mut in_word) = (WORD_SEED, false);
        for c in text.chars() {
            let known = facts(c);
            let (part, space) = (known.any(WORD), known.any(SPACE));
            let code = if space { PAD } else { u32::from(c) };
            self.codes[n] = code;
            n += usize::from(!space | (self.codes[n - 1] != PAD));
            self.words[n_words] = word;
            n_words += usize::from(in_word & !part);
            word = if part { follow(word, u64::from(code)) } else { WORD_SEED };
            in_word = part;
            if known.of(EMOJI | WORD) == EMOJI {
                self.words[n_words] = follow(WORD_SEED, u64::from(code));
                n_words += 1;
            }
        }
        self.words[n_words] = word;
        self.words.truncate(n_words + usize::from(in_word));
        self.n_starts = n - usize::from(self.codes[n - 1] == PAD);
        self.codes.truncate(self.n_starts + 1 + LONGEST);
        self.codes[self.n_starts..].fill(PAD);
    }

    /// Calls `visit` with the characters from every start of character n-grams on, and how many of them to take at most.
    #[inline(always)]
    fn each_start(&self, min: usize, max: usize, mut visit: impl FnMut(&[u32], usize)) {
        if min > max || self.n_starts < 2 {
            return;
        }
        self.codes[..self.n_starts + max - 1].windows(max).for_each(|window| visit(window, max));
        if min == 1 {
            // A space between pieces stands for two, of which the starts have only one.
            self.codes[1..=self.n_starts].iter().filter(|code| **code == PAD).for_each(|_| visit(&[PAD], 1));
        }
    }

    /// Calls `visit` with the bucket of every word n-gram and the tokens that it is made of.
    #[inline(always)]
    fn each_word_ngram(&self, config: &NgramConfig, mut visit: impl FnMut(u32, std::ops::Range<usize>)) {
        for last in 0..self.words.len() {
            for first in (last + 1).saturating_sub(config.word_max)..=last {
                let state = self.words[first + 1..=last].iter().fold(self.words[first], |state, word| join(state, *word));
                visit(config.word_bucket(state), first..last + 1);
            }
        }
    }
}

/// Puts the buckets of the character n-grams that begin with `window` into `buckets`, the shortest first, and gives their number and
/// the length of the first. An n-gram may begin and end with a `PAD` and hold none: what follows a closing `PAD` is hashed too and
/// not counted, which costs less than asking each time.
#[inline(always)]
fn hash_start(window: &[u32], upper: UpperHalf, (min, max): (usize, usize), buckets: &mut [u32]) -> (usize, usize) {
    let (window, buckets) = (&window[..max], &mut buckets[..=max - min]);
    let (mut state, mut open) = (CHAR_SEED, true);
    let (mut n_found, mut shortest) = (0, min);
    for n in 1..=max {
        let code = window[n - 1];
        state = follow(state, u64::from(code));
        let ends = n > 1 && code == PAD;
        if n >= min {
            buckets[n - min] = upper.first + bucket_of(state, upper.mask);
            n_found += usize::from(open);
        } else if open && ends && window[0] == PAD {
            buckets[0] = upper.first + bucket_of(state, upper.mask);
            (n_found, shortest) = (1, n);
        }
        open &= !ends;
    }
    (n_found, shortest)
}

/// Puts the buckets of all character n-grams into `buckets` and gives their number.
#[inline(always)]
fn char_buckets(letters: &Letters, config: &NgramConfig, min: usize, max: usize, buckets: &mut Vec<u32>) -> usize {
    let lengths = (max + 1).saturating_sub(min);
    let most = 2 * letters.codes.len() * lengths;
    if buckets.len() < most {
        buckets.resize(most, 0);
    }
    let buckets = buckets.as_mut_slice();
    let upper = config.upper_half();
    let mut n = 0;
    letters.each_start(min, max, |window, max| {
        n += hash_start(window, upper, (min, max), &mut buckets[n..n + lengths]).0;
    });
    n
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn grams(text: &str, config: &NgramConfig) -> Vec<String> {
        let mut terms: Vec<String> = ngram_terms(text, config).into_iter().map(|(_, term)| term).collect();
        terms.sort_unstable();
        terms
    }

    #[test]
    fn words_are_joined_over_punctuation() {
        let config = NgramConfig { char_max: 0, ..NgramConfig::default() };
        assert_eq!(grams("giá rẻ, 🔥 ok", &config), ["giá", "giá rẻ", "ok", "rẻ", "rẻ 🔥", "🔥", "🔥 ok"]);
    }

    /// `CountVectorizer(analyzer="char_wb", ngram_range=(2, 5)).build_analyzer()("ab c")` of scikit-learn, sorted and distinct,
    /// with spaces as `_`.
    #[test]
    fn characters_are_those_of_scikit_learn() {
        let config = NgramConfig { word_max: 0, ..NgramConfig::default() };
        assert_eq!(grams("ab c", &config), ["_a", "_ab", "_ab_", "_c", "_c_", "ab", "ab_", "b_", "c_"]);
        let mut counts = Vec::new();
        ngram_counts("ab c", &config, &mut counts);
        assert!(counts.iter().all(|(_, count)| *count == 1.0));
    }

    #[test]
    fn a_piece_shorter_than_the_shortest_gives_itself_once() {
        let config = NgramConfig { word_max: 0, char_min: 4, char_max: 5, ..NgramConfig::default() };
        assert_eq!(grams("a bcd", &config), ["_a_", "_bcd", "_bcd_", "bcd_"]);
    }

    #[test]
    fn counts_are_merged() {
        let config = NgramConfig { char_max: 0, word_max: 1, ..NgramConfig::default() };
        let mut out = vec![(7, 7.0)];
        ngram_counts("b a b b", &config, &mut out);
        assert_eq!(out.iter().map(|(_, count)| *count).collect::<Vec<f32>>(), [3.0, 1.0]);
    }

    #[test]
    fn the_order_of_words_and_the_kind_matter() {
        let config = NgramConfig::default();
        let bucket = |text: &str, term: &str| {
            let terms = ngram_terms(text, &config);
            terms.into_iter().find(|(_, t)| t == term).map(|(bucket, _)| bucket)
        };
        assert_ne!(bucket("ab cd", "ab cd"), bucket("cd ab", "cd ab"));
        let ab: Vec<u32> = ngram_terms("ab", &config).into_iter().filter(|(_, t)| t == "ab").map(|(bucket, _)| bucket).collect();
        assert_eq!(ab.len(), 2);
    }

    /// Stored models hold bucket numbers, so these may never change.
    #[test]
    fn the_buckets_never_change() {
        let of = |term: &str| ngram_terms("gacor", &NgramConfig::default()).into_iter().find(|(_, t)| t == term);
        assert_eq!([of("gacor"), of("_ga")].map(|found| found.map(|(bucket, _)| bucket)), [Some(7598), Some(151_803)]);
    }

    /// All n-grams as the definition says, one at a time.
    fn spelled_out(text: &str, config: &NgramConfig) -> Vec<String> {
        let mut all = Vec::new();
        for piece in text.split_whitespace() {
            let padded: Vec<char> = format!("_{piece}_").chars().collect();
            for n in config.char_min..=config.char_max {
                all.extend(padded.windows(n.min(padded.len())).map(|w| w.iter().collect::<String>()));
                if n >= padded.len() {
                    break;
                }
            }
        }
        let words: Vec<&str> = tokens(text).map(|token| token.text).collect();
        (1..=config.word_max).for_each(|n| all.extend(words.windows(n).map(|w| w.join(" "))));
        all
    }

    proptest! {
        #[test]
        fn counts_and_terms_agree(
            text in "[a-c รก้🔥 ,\\n]{0,30}", char_min in 1_usize..6, more in 0_usize..4, word_max in 0_usize..4
        ) {
            let config = NgramConfig { char_min, char_max: char_min + more, word_max, ..NgramConfig::default() };
            let terms = ngram_terms(&text, &config);
            let mut counts = Vec::new();
            ngram_counts(&text, &config, &mut counts);
            let mut buckets: Vec<u32> = terms.iter().map(|(bucket, _)| *bucket).collect();
            buckets.dedup();
            counts.sort_by_key(|(bucket, _)| *bucket);
            prop_assert_eq!(buckets, counts.iter().map(|(bucket, _)| *bucket).collect::<Vec<_>>());
            let mut all = spelled_out(&text, &config);
            prop_assert_eq!(counts.iter().map(|(_, count)| f64::from(*count)).sum::<f64>(), all.len() as f64);
            all.sort_unstable();
            all.dedup();
            let mut found: Vec<String> = terms.into_iter().map(|(_, term)| term).collect();
            found.sort_unstable();
            found.dedup();
            prop_assert_eq!(found, all);
        }
    }
}
