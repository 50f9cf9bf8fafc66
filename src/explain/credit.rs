//! What each character of a text adds to a score: n-grams' contributions credited to the places where the text has them.
//!
//! Input: contributions to one label, the normalised text. Output: log-odds by normalised character, and what has no place in the
//! text. N-grams are hashed and a model holds no spelling, so the text is cut again; a bucket's contribution is shared equally among its
//! occurrences, and an occurrence's among its characters. Deliberately not here: the original characters (`spans`).

use std::collections::BTreeMap;

use crate::models::{Contribution, ContributionSource};
use crate::text::{NgramConfig, TextProfile, ngram_counts, ngram_terms, profile_terms, tokens};

/// Characters of a normalised text that are looked at; of a longer one the rest is credited as a whole.
pub(super) const MOST_CHARS: usize = 40_000;

/// What the n-grams of a text add to one label's log-odds.
#[derive(Debug, Default)]
pub(super) struct Credit {
    /// By normalised character, for the first [`MOST_CHARS`].
    pub by_char: Vec<f64>,
    /// What is no place but a trait of the text (`stretched letters >= 2`), largest first.
    pub traits: Vec<(String, f64)>,
    /// What stands further on than is looked at, and what the n-grams that cancel out add together.
    pub elsewhere: f64,
}

impl Credit {
    /// Credits the n-grams among `contributions` to the characters of `text`.
    pub(super) fn of(contributions: &[Contribution], text: &TextProfile, config: &NgramConfig) -> Self {
        let chars: Vec<char> = text.normalised.chars().take(MOST_CHARS).collect();
        let head: String = chars.iter().collect();
        let mut counts = Vec::new();
        ngram_counts(&text.normalised, config, &mut counts);
        let counts: BTreeMap<u32, f64> = counts.into_iter().map(|(bucket, count)| (bucket, f64::from(count))).collect();
        let (mut each, mut left): (BTreeMap<u32, f64>, BTreeMap<u32, f64>) = (BTreeMap::new(), BTreeMap::new());
        let mut credit = Self { by_char: vec![0.0; chars.len()], ..Self::default() };
        for contribution in contributions {
            match contribution.source {
                ContributionSource::Ngram(bucket) => {
                    // A bucket that no n-gram of the text falls into is a trait's.
                    let count = counts.get(&bucket).copied();
                    left.insert(bucket, contribution.logit);
                    count.map(|count| each.insert(bucket, contribution.logit / count));
                }
                ContributionSource::Text => credit.elsewhere += contribution.logit,
                ContributionSource::Base | ContributionSource::Feature(_) => {}
            }
        }
        let mut place = |bucket: u32, logit: f64, at: &[usize]| {
            let share = logit / at.len().max(1) as f64;
            at.iter().for_each(|at| credit.by_char[*at] += share);
            if let Some(left) = left.get_mut(&bucket) {
                *left -= logit;
            }
        };
        let spelled = |config: &NgramConfig| -> BTreeMap<String, (u32, f64)> {
            let terms = ngram_terms(&head, config).into_iter();
            terms.filter_map(|(bucket, term)| Some((term, (bucket, *each.get(&bucket)?)))).collect()
        };
        each_char_ngram(&chars, config, &spelled(&NgramConfig { word_max: 0, ..*config }), &mut place);
        each_word_ngram(&head, config, &spelled(&NgramConfig { char_min: 1, char_max: 0, ..*config }), &mut place);
        // Buckets of traits hold nothing of the text; of others what is left stands further on.
        let named: BTreeMap<u32, String> =
            profile_terms(text, config).into_iter().filter(|(b, _)| !counts.contains_key(b)).collect();
        for (bucket, logit) in left {
            match named.get(&bucket) {
                Some(name) => credit.traits.push((name.clone(), logit)),
                None => credit.elsewhere += logit,
            }
        }
        credit.traits.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then_with(|| a.0.cmp(&b.0)));
        credit
    }
}

/// Gives `place` each character n-gram among `known`: its bucket, its share of it, and the places of its characters.
fn each_char_ngram(
    chars: &[char],
    config: &NgramConfig,
    known: &BTreeMap<String, (u32, f64)>,
    place: &mut impl FnMut(u32, f64, &[usize]),
) {
    if known.is_empty() {
        return;
    }
    let mut at = 0;
    while at < chars.len() {
        let len = chars[at..].iter().take_while(|c| !c.is_whitespace()).count();
        if len == 0 {
            at += 1;
            continue;
        }
        // Padded with a space on both sides, which terms show as `_`.
        let padded: Vec<char> = [&['_'], &chars[at..at + len], &['_']].concat();
        for n in config.char_min.max(1)..=config.char_max {
            for (start, window) in padded.windows(n.min(padded.len())).enumerate() {
                let Some((bucket, logit)) = known.get(&window.iter().collect::<String>()) else { continue };
                let within = (start..start + window.len()).filter(|i| (1..=len).contains(i)).map(|i| at + i - 1);
                let mut places: Vec<usize> = within.collect();
                if places.is_empty() {
                    places.push(if start == 0 { at } else { at + len - 1 });
                }
                place(*bucket, *logit, &places);
            }
            if n >= padded.len() {
                break;
            }
        }
        at += len;
    }
}

/// The same of word n-grams.
fn each_word_ngram(
    text: &str,
    config: &NgramConfig,
    known: &BTreeMap<String, (u32, f64)>,
    place: &mut impl FnMut(u32, f64, &[usize]),
) {
    if known.is_empty() {
        return;
    }
    let mut words: Vec<(&str, usize)> = Vec::new();
    let (mut byte, mut char_at) = (0, 0);
    for token in tokens(text) {
        // A token is a slice of the text, behind the one before.
        let start = (token.text.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        char_at += text.get(byte..start).map_or(0, |between| between.chars().count());
        words.push((token.text, char_at));
        char_at += token.text.chars().count();
        byte = start + token.text.len();
    }
    for n in 1..=config.word_max {
        for run in words.windows(n) {
            let joined = run.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(" ");
            let Some((bucket, logit)) = known.get(&joined) else { continue };
            let places: Vec<usize> = run.iter().flat_map(|(word, at)| *at..at + word.chars().count()).collect();
            place(*bucket, *logit, &places);
        }
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

    #[test]
    fn an_ngram_is_shared_among_its_occurrences_and_their_characters() {
        let config = NgramConfig::default();
        let text = TextProfile::of(None, Some("slot gacor gacor"));
        let bucket = |term: &str| ngram_terms(&text.normalised, &config).into_iter().find(|(_, t)| t == term).unwrap().0;
        // `_gac` has three characters of the text, at two places; the word n-gram `slot gacor` has nine.
        let credit =
            Credit::of(&[ngram(bucket("_gac"), 6.0), ngram(bucket("slot gacor"), 9.0), ngram(u32::MAX, 0.5)], &text, &config);
        let expect = [1.0, 1.0, 1.0, 1.0, 0.0, 2.0, 2.0, 2.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0];
        assert_eq!(credit.by_char, expect);
        assert_eq!((credit.elsewhere, credit.traits.len()), (0.5, 0));
    }

    #[test]
    fn what_stands_beyond_the_limit_is_elsewhere() {
        let config = NgramConfig::default();
        let text = TextProfile::of(None, Some(&format!("{} gacor", "kata lain ".repeat(MOST_CHARS / 10))));
        let bucket = ngram_terms(&text.normalised, &config).into_iter().find(|(_, t)| t == "gaco").unwrap().0;
        let credit = Credit::of(&[ngram(bucket, 2.0)], &text, &config);
        assert_eq!((credit.by_char.iter().sum::<f64>(), credit.elsewhere), (0.0, 2.0));
    }

    proptest! {
        #[test]
        fn credit_sums_to_the_contributions(body in "[a-cA .!รก้🔥0-9,\\n]{0,40}", word_max in 0_usize..4) {
            let config = NgramConfig { word_max, ..NgramConfig::default() };
            let text = TextProfile::of(Some("A b"), Some(&body));
            let mut counts = Vec::new();
            profile_counts(&text, &config, &mut counts);
            let all: Vec<Contribution> = counts.iter().enumerate().map(|(i, (bucket, _))| ngram(*bucket, 1.0 + i as f64)).collect();
            let total: f64 = all.iter().map(|c| c.logit).sum();
            let credit = Credit::of(&all, &text, &config);
            let traits: f64 = credit.traits.iter().map(|(_, logit)| logit).sum();
            let found = credit.by_char.iter().sum::<f64>() + traits + credit.elsewhere;
            prop_assert!((found - total).abs() < 1e-9 * total.max(1.0), "{} {}", found, total);
            // Buckets may collide, but nothing of the text itself is lost.
            prop_assert!(credit.elsewhere.abs() < 1e-6 * total.max(1.0), "{}", credit.elsewhere);
        }
    }
}
