//! Hashed word and character n-grams of a normalised text.
//!
//! Input: normalised text. Output: counts per bucket, or the terms behind the buckets for reasons. Character n-grams stay within
//! pieces between white space, padded with a space on each side, as scikit-learn's `char_wb` does; a piece shorter than n gives
//! itself once. Words fall into the lower half of the buckets and characters into the upper, so that a model can weigh the two
//! apart. Deliberately not here: weighting (the text model's) and vocabularies (hashing needs none).

use twox_hash::XxHash3_64;

use super::tokens::tokens;

/// Seeds keep words and character n-grams of equal spelling apart. Never change: stored models hold bucket numbers.
const WORD_SEED: u64 = 0x7374_616c_6c5f_776f;
const CHAR_SEED: u64 = 0x7374_616c_6c5f_6368;

/// Which n-grams, and how many buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NgramConfig {
    /// Number of buckets, a power of two.
    pub buckets: u32,
    /// Longest word n-gram; 0 for none.
    pub word_max: usize,
    /// Shortest character n-gram.
    pub char_min: usize,
    /// Longest character n-gram; below `char_min` for none.
    pub char_max: usize,
}

impl Default for NgramConfig {
    fn default() -> Self {
        Self { buckets: 1 << 18, word_max: 2, char_min: 2, char_max: 5 }
    }
}

/// Replaces `out` with the n-gram counts of `normalised`: (bucket, count), ascending by bucket.
pub fn ngram_counts(normalised: &str, config: &NgramConfig, out: &mut Vec<(u32, f32)>) {
    let mut buckets: Vec<u32> = Vec::with_capacity(normalised.len() * 5);
    each_ngram(normalised, config, |kind, gram| buckets.push(bucket(kind, gram, config)));
    buckets.sort_unstable();
    out.clear();
    for &bucket in &buckets {
        match out.last_mut() {
            Some((last, count)) if *last == bucket => *count += 1.0,
            _ => out.push((bucket, 1.0)),
        }
    }
}

/// The distinct n-grams of `normalised` with their buckets, ascending by bucket, then term. In a character n-gram the padding
/// reads `_`.
#[must_use]
pub fn ngram_terms(normalised: &str, config: &NgramConfig) -> Vec<(u32, String)> {
    let mut terms = Vec::new();
    each_ngram(normalised, config, |kind, gram| {
        let term = match kind {
            Kind::Word => gram.to_owned(),
            Kind::Char => gram.replace(' ', "_"),
        };
        terms.push((bucket(kind, gram, config), term));
    });
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// What an n-gram is made of.
#[derive(Clone, Copy)]
enum Kind {
    Word,
    Char,
}

fn bucket(kind: Kind, gram: &str, config: &NgramConfig) -> u32 {
    match kind {
        Kind::Word => word_bucket(WORD_SEED, gram, config),
        Kind::Char => config.buckets / 2 + word_bucket(CHAR_SEED, gram, config),
    }
}

/// The low bits of the hash, in the lower half of the buckets; 0 where there are no buckets to speak of.
pub(super) fn word_bucket(seed: u64, term: &str, config: &NgramConfig) -> u32 {
    let mask = u64::from((config.buckets / 2).max(1)) - 1;
    u32::try_from(XxHash3_64::oneshot_with_seed(seed, term.as_bytes()) & mask).unwrap_or(0)
}

/// Calls `visit` with every n-gram of the text. One buffer serves them all.
fn each_ngram(normalised: &str, config: &NgramConfig, mut visit: impl FnMut(Kind, &str)) {
    each_word_ngram(normalised, config.word_max, |gram| visit(Kind::Word, gram));
    let mut padded = String::new();
    let mut starts: Vec<usize> = Vec::new();
    for piece in normalised.split_whitespace() {
        padded.clear();
        padded.push(' ');
        padded.push_str(piece);
        padded.push(' ');
        starts.clear();
        starts.extend(padded.char_indices().map(|(i, _)| i));
        starts.push(padded.len());
        let n_chars = starts.len() - 1;
        for n in config.char_min.max(1)..=config.char_max {
            if n >= n_chars {
                visit(Kind::Char, &padded);
                break;
            }
            for i in 0..=n_chars - n {
                visit(Kind::Char, &padded[starts[i]..starts[i + n]]);
            }
        }
    }
}

/// Word n-grams are the tokens joined by one space, whatever stood between them.
fn each_word_ngram(normalised: &str, word_max: usize, mut visit: impl FnMut(&str)) {
    if word_max == 0 {
        return;
    }
    let mut joined = String::with_capacity(normalised.len() + 8);
    let mut starts: Vec<usize> = Vec::new();
    for token in tokens(normalised) {
        if !joined.is_empty() {
            joined.push(' ');
        }
        starts.push(joined.len());
        joined.push_str(token.text);
        let first = starts.len().saturating_sub(word_max);
        for &start in &starts[first..] {
            visit(&joined[start..]);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn grams(text: &str, config: &NgramConfig) -> Vec<String> {
        let mut out = Vec::new();
        each_ngram(text, config, |_, gram| out.push(gram.to_owned()));
        out
    }

    #[test]
    fn words_are_joined_over_punctuation() {
        let config = NgramConfig { char_max: 0, ..NgramConfig::default() };
        assert_eq!(grams("giá rẻ, 🔥 ok", &config), ["giá", "giá rẻ", "rẻ", "rẻ 🔥", "🔥", "🔥 ok", "ok"]);
    }

    /// `CountVectorizer(analyzer="char_wb", ngram_range=(2, 5)).build_analyzer()("ab c")` of scikit-learn, same order.
    #[test]
    fn characters_are_those_of_scikit_learn() {
        let config = NgramConfig { word_max: 0, ..NgramConfig::default() };
        assert_eq!(grams("ab c", &config), [" a", "ab", "b ", " ab", "ab ", " ab ", " c", "c ", " c "]);
    }

    #[test]
    fn counts_are_merged_and_ascend() {
        let config = NgramConfig { char_max: 0, word_max: 1, ..NgramConfig::default() };
        let mut out = vec![(7, 7.0)];
        ngram_counts("b a b b", &config, &mut out);
        assert_eq!(out.len(), 2);
        assert!(out[0].0 < out[1].0);
        let mut counts: Vec<f32> = out.iter().map(|(_, count)| *count).collect();
        counts.sort_by(f32::total_cmp);
        assert_eq!(counts, [1.0, 3.0]);
    }

    #[test]
    fn the_kinds_do_not_share_buckets() {
        let config = NgramConfig::default();
        assert_ne!(bucket(Kind::Word, "ab", &config), bucket(Kind::Char, "ab", &config));
    }

    /// Stored models hold bucket numbers, so these may never change.
    #[test]
    fn the_buckets_never_change() {
        let config = NgramConfig::default();
        assert_eq!([bucket(Kind::Word, "gacor", &config), bucket(Kind::Char, " ga", &config)], [84_299, 205_277]);
    }

    proptest! {
        #[test]
        fn counts_and_terms_agree(text in "[a-c รก้🔥 ,]{0,30}") {
            let config = NgramConfig::default();
            let mut counts = Vec::new();
            ngram_counts(&text, &config, &mut counts);
            let mut buckets: Vec<u32> = ngram_terms(&text, &config).into_iter().map(|(bucket, _)| bucket).collect();
            buckets.dedup();
            prop_assert_eq!(buckets, counts.iter().map(|(bucket, _)| *bucket).collect::<Vec<_>>());
        }
    }
}
