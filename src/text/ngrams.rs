//! Hashed word and character n-grams of a normalised text.
//!
//! Input: normalised text. Output: counts per bucket, or the terms behind the buckets for reasons. Character n-grams stay within
//! pieces between white space, padded with a space on each side, as scikit-learn's `char_wb` does; a piece shorter than n gives
//! itself once. Words fall into the lower half of the buckets and characters into the upper, so that a model can weigh the two
//! apart. Counts stand in the order in which buckets first occur, characters first, which depends on the text alone: sorting
//! would cost more than hashing. Deliberately not here: weighting (the text model's) and vocabularies (hashing needs none).

use std::cell::RefCell;

use super::bucket_counts::BucketCounts;
use super::facts::{BLANK, Kinds, PART, PICTURE};
use super::rolling::{POWERS, bucket_of, follow, join, mixed, restart};
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
        // The usual lengths have loops of their own.
        let n = match (config.char_min, config.char_max) {
            (2, 5) => usual_buckets(&mut scratch.letters, config, buckets),
            (min, max) => {
                scratch.letters.follow();
                char_buckets(&scratch.letters, config, min.max(1), max.min(LONGEST), buckets)
            }
        };
        scratch.letters.hash_words();
        scratch.others.clear();
        match config.word_max {
            2 => scratch.letters.each_pair(config, &mut scratch.others),
            _ => scratch.letters.each_word_ngram(config, |bucket, _| scratch.others.push(bucket)),
        }
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
    letters.follow();
    letters.hash_words();
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
    /// The state of a hash that began before the first of `codes`, before each of them.
    states: Vec<u64>,
    /// How many of `codes` begin character n-grams: all but the last `PAD` and what follows.
    n_starts: usize,
    /// Where tokens begin and end in `codes`, in turns.
    edges: Vec<u32>,
    n_edges: usize,
    /// The hash of each token.
    words: Vec<u64>,
    /// The powers that hashes of tokens are multiplied with.
    powers: Vec<u64>,
}

impl Letters {
    /// Replaces the characters and the places of tokens.
    fn read(&mut self, text: &str) {
        // No byte gives more than one number and two edges, so the lists are made large enough first and filled without asking.
        let most = text.len() + 2 + LONGEST;
        if self.codes.len() < most {
            self.codes.resize(most, PAD);
            self.edges.resize(2 * most, 0);
            self.states.resize(most + 1, 0);
        }
        let mut reading =
            Reading { codes: &mut self.codes[..most], edges: &mut self.edges[..2 * most], n: 1, n_edges: 0, code: PAD, kind: 0 };
        reading.codes[0] = PAD;
        let kinds = Kinds::new();
        if text.is_ascii() {
            text.bytes().for_each(|b| reading.add(u32::from(b), kinds.of_ascii(b)));
        } else {
            text.chars().for_each(|c| reading.add(u32::from(c), kinds.of(c)));
        }
        let (n, n_edges, last) = (reading.n, reading.n_edges, reading.code);
        reading.edges[n_edges] = n as u32;
        self.n_edges = n_edges + n_edges % 2;
        self.n_starts = n - usize::from(last == PAD);
        self.codes[self.n_starts..self.n_starts + 1 + LONGEST].fill(PAD);
    }

    /// Makes `states`.
    fn follow(&mut self) {
        let n = self.n_starts + 1 + LONGEST;
        let mut state = 0;
        for (code, after) in self.codes[..n].iter().zip(&mut self.states[1..=n]) {
            state = follow(state, u64::from(*code));
            *after = state;
        }
    }

    /// Makes `words` of `states`.
    fn hash_words(&mut self) {
        self.words.clear();
        let (states, powers) = (&self.states, &mut self.powers);
        self.words.extend(self.edges[..self.n_edges].chunks_exact(2).map(|edges| {
            let (start, end) = (edges[0] as usize, edges[1] as usize);
            let len = end - start;
            if powers.len() <= len {
                powers.clear();
                powers.extend(std::iter::successors(Some(1), |power| Some(follow(0, *power))).take(2 * len + 32));
            }
            restart(WORD_SEED, states[start], states[end], powers[len])
        }));
    }

    /// What `each_word_ngram` gives for n-grams of at most 2 words.
    fn each_pair(&self, config: &NgramConfig, buckets: &mut Vec<u32>) {
        let mut before = None;
        for &word in &self.words {
            buckets.extend(before.map(|before| config.word_bucket(join(before, word))));
            buckets.push(config.word_bucket(word));
            before = Some(word);
        }
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

/// A text while it is read, with what the character before was.
struct Reading<'a> {
    codes: &'a mut [u32],
    edges: &'a mut [u32],
    n: usize,
    n_edges: usize,
    code: u32,
    kind: u8,
}

impl Reading<'_> {
    #[inline(always)]
    fn add(&mut self, code: u32, kind: u8) {
        let code = if kind & BLANK == 0 { code } else { PAD };
        self.codes[self.n] = code;
        self.edges[self.n_edges] = self.n as u32;
        self.n_edges += usize::from((kind ^ self.kind) & PART);
        if kind & PICTURE != 0 {
            self.edges[self.n_edges] = self.n as u32;
            self.edges[self.n_edges + 1] = self.n as u32 + 1;
            self.n_edges += 2;
        }
        self.n += usize::from((code != PAD) | (self.code != PAD));
        (self.code, self.kind) = (code, kind);
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

/// Makes `states`, and does what `char_buckets` does for the n-grams of 2 to 5 characters.
fn usual_buckets(letters: &mut Letters, config: &NgramConfig, buckets: &mut Vec<u32>) -> usize {
    let n_starts = letters.n_starts;
    if n_starts < 2 {
        return 0;
    }
    if buckets.len() < 4 * n_starts {
        buckets.resize(4 * n_starts, 0);
    }
    let upper = config.upper_half();
    // Two buckets are cut to size at once.
    let [mask, first] = [upper.mask, upper.first].map(|part| u64::from(part) << 32 | u64::from(part));
    let pair = |low: u64, high: u64| first + ((low >> 32 | high & HIGH_HALF) & mask);
    let (codes, states) = (&letters.codes[..n_starts + 4], &mut letters.states[..n_starts + 5]);
    for at in 0..4 {
        states[at + 1] = follow(states[at], u64::from(codes[at]));
    }
    let [mut a, mut b, mut c, mut d, mut e] = [states[0], states[1], states[2], states[3], states[4]];
    let mut letters_behind = usize::from(codes[1] != PAD) << 1 | usize::from(codes[2] != PAD);
    let mut n = 0;
    for (codes, after) in codes.windows(5).zip(&mut states[5..]) {
        let f = follow(e, u64::from(codes[4]));
        *after = f;
        let out = &mut buckets[n..n + 4];
        let (two, three) = (mixed(restart(CHAR_SEED, a, c, POWERS[2])), mixed(restart(CHAR_SEED, a, d, POWERS[3])));
        let (four, five) = (mixed(restart(CHAR_SEED, a, e, POWERS[4])), mixed(restart(CHAR_SEED, a, f, POWERS[5])));
        for (out, pair) in out.as_chunks_mut::<2>().0.iter_mut().zip([pair(two, three), pair(four, five)]) {
            *out = [pair as u32, (pair >> 32) as u32];
        }
        (a, b, c, d, e) = (b, c, d, e, f);
        // What lies behind a closing `PAD` was hashed for nothing, which costs less than asking first.
        letters_behind = (letters_behind << 1 | usize::from(codes[3] != PAD)) % N_BEFORE_PAD.len();
        n += usize::from(N_BEFORE_PAD[letters_behind]);
    }
    n
}

const HIGH_HALF: u64 = 0xffff_ffff_0000_0000;

/// How many of the n-grams of 2 to 5 characters end before or with a `PAD`, by which of the second to fourth characters are none: the
/// second is the highest bit.
const N_BEFORE_PAD: [u8; 8] = [1, 1, 1, 1, 2, 2, 3, 4];

/// Puts the buckets of all character n-grams into `buckets` and gives their number.
fn char_buckets(letters: &Letters, config: &NgramConfig, min: usize, max: usize, buckets: &mut Vec<u32>) -> usize {
    let lengths = (max + 1).saturating_sub(min);
    let most = 2 * (letters.n_starts + 1) * lengths;
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
