//! Which words of an item carried its score: what its n-grams contribute, credited to the words that they stand in.
//!
//! N-grams are hashed, and a model holds no spelling. The item's own text is cut again, and each bucket's contribution is shared
//! equally among the places where the text has it: a character n-gram's place is the piece between white space that it lies in, a
//! word n-gram's the pieces of its words. What a trait of the text adds (`stretched letters >= 2`) stands under its own name.
//! The words' contributions sum to the n-grams'. Deliberately not here: the three reasons of a score row (`reasons`).

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::reasons::mask_digits;
use crate::models::{Contribution, ContributionSource};
use crate::text::{NgramConfig, TextProfile, ngram_counts, ngram_terms, profile_terms, tokens};

/// What a word adds to a label's score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WordContribution {
    /// The word as normalised, long runs of digits masked, or the name of a trait.
    pub word: String,
    /// Its part of the log-odds before calibration, all its places together.
    pub logit: f64,
}

/// Credits the n-grams among `contributions` to the words of `text`; largest |logit| first, then by word. A word whose parts cancel
/// out is left out, and so is an n-gram that the text doesn't have.
pub(super) fn word_contributions(
    contributions: &[Contribution],
    text: &TextProfile,
    ngrams: &NgramConfig,
) -> Vec<WordContribution> {
    let places = Places::of(text, ngrams);
    let mut by_word: BTreeMap<&str, f64> = BTreeMap::new();
    for contribution in contributions {
        let ContributionSource::Ngram(bucket) = contribution.source else { continue };
        let Some(places) = places.by_bucket.get(&bucket) else { continue };
        let total: f64 = places.iter().map(|(_, count)| count).sum();
        for (word, count) in places {
            *by_word.entry(word).or_default() += contribution.logit * count / total;
        }
    }
    let mut words: Vec<WordContribution> = (by_word.into_iter())
        .filter(|(_, logit)| *logit != 0.0)
        .map(|(word, logit)| WordContribution { word: mask_digits(word), logit })
        .collect();
    words.sort_by(|a, b| b.logit.abs().total_cmp(&a.logit.abs()).then_with(|| a.word.cmp(&b.word)));
    words
}

/// Where a text has its buckets: words, and how often.
#[derive(Default)]
struct Places {
    by_bucket: BTreeMap<u32, Vec<(String, f64)>>,
}

impl Places {
    fn of(text: &TextProfile, ngrams: &NgramConfig) -> Self {
        let mut places = Self::default();
        let (characters, words) = (NgramConfig { word_max: 0, ..*ngrams }, NgramConfig { char_min: 1, char_max: 0, ..*ngrams });
        let mut counts = Vec::new();
        let mut all: Vec<(&str, &str)> = Vec::new();
        for piece in text.normalised.split_whitespace() {
            ngram_counts(piece, &characters, &mut counts);
            counts.iter().for_each(|(bucket, count)| places.add(*bucket, piece, f64::from(*count)));
            all.extend(tokens(piece).map(|token| (token.text, piece)));
        }
        for n in 1..=ngrams.word_max {
            for run in all.windows(n) {
                let joined = run.iter().map(|(token, _)| *token).collect::<Vec<_>>().join(" ");
                let Some((bucket, _)) = ngram_terms(&joined, &words).into_iter().find(|(_, term)| *term == joined) else {
                    continue;
                };
                run.iter().for_each(|(_, piece)| places.add(bucket, piece, 1.0 / n as f64));
            }
        }
        let of_ngrams: BTreeSet<(u32, String)> = ngram_terms(&text.normalised, ngrams).into_iter().collect();
        let traits = profile_terms(text, ngrams).into_iter().filter(|term| !of_ngrams.contains(term));
        traits.for_each(|(bucket, name)| places.add(bucket, &name, 1.0));
        places
    }

    fn add(&mut self, bucket: u32, word: &str, count: f64) {
        self.by_bucket.entry(bucket).or_default().push((word.to_owned(), count));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::profile_counts;

    fn ngram(bucket: u32, logit: f64) -> Contribution {
        Contribution { source: ContributionSource::Ngram(bucket), logit }
    }

    fn bucket_of(text: &TextProfile, term: &str, config: &NgramConfig) -> u32 {
        profile_terms(text, config).into_iter().find(|(_, t)| t == term).map(|(bucket, _)| bucket).unwrap()
    }

    #[test]
    fn ngrams_are_credited_to_their_words() {
        let config = NgramConfig::default();
        let text = TextProfile::of(None, Some("slot gacor 08123456 gacor"));
        let of = |term: &str| bucket_of(&text, term, &config);
        let found = word_contributions(
            // `_gac` stands at both places of one word; the bigram is shared between two; the last has no place in the text.
            &[ngram(of("_gac"), 1.0), ngram(of("slot gacor"), 3.0), ngram(of("_0812"), 0.25), ngram(u32::MAX, 9.0)],
            &text,
            &config,
        );
        let word = |word: &str, logit: f64| WordContribution { word: word.to_owned(), logit };
        assert_eq!(found, [word("gacor", 2.5), word("slot", 1.5), word("########", 0.25)]);
    }

    #[test]
    fn a_trait_stands_under_its_name() {
        let config = NgramConfig::default();
        let text = TextProfile::of(None, Some("sooooo"));
        let bucket = bucket_of(&text, "stretched letters >= 3", &config);
        let found = word_contributions(&[ngram(bucket, -1.0)], &text, &config);
        assert_eq!(found, [WordContribution { word: "stretched letters >= 3".to_owned(), logit: -1.0 }]);
    }

    proptest! {
        #[test]
        fn words_sum_to_the_ngrams(body in "[a-c รก้🔥0-9 ,\\n]{0,30}", word_max in 0_usize..4) {
            let config = NgramConfig { word_max, ..NgramConfig::default() };
            let text = TextProfile::of(Some("A b"), Some(&body));
            let mut counts = Vec::new();
            profile_counts(&text, &config, &mut counts);
            let contributions: Vec<Contribution> =
                counts.iter().enumerate().map(|(i, (bucket, _))| ngram(*bucket, 1.0 + i as f64)).collect();
            let total: f64 = contributions.iter().map(|c| c.logit).sum();
            let found: f64 = word_contributions(&contributions, &text, &config).iter().map(|w| w.logit).sum();
            prop_assert!((found - total).abs() < 1e-9 * total.max(1.0), "{} {}", found, total);
        }
    }
}
