//! What normalisation takes away from the words, given back to the text model as terms of its own.
//!
//! Input: a `TextProfile`. Output: bucket counts and terms, beside those of its n-grams. Cutting `soooo` to `soo` joins spellings but
//! hides that somebody stretched; a term `stretched letters >= 2` says it once for all words. Each trait gives a ladder of terms (>= 1, 2,
//! 3, 4, 6, 8, 12, …) so that a linear model can follow any monotone shape. They fall among the words.
//! Deliberately not here: traits that need more than the text.

use super::ngrams::counts_with;
use super::rolling::follow;
use super::{NgramConfig, TextProfile, ngram_terms};

/// Never change: stored models hold bucket numbers.
const TRAIT_SEED: u64 = 0x7374_616c_6c5f_7472;
/// Rungs of every ladder: powers of two and the numbers half-way between.
const LADDER: [u32; 28] = [
    1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12_288,
    16_384,
];

/// Replaces `out` with the counts of the profile's n-grams and traits: (bucket, count), each bucket once, in an order that depends
/// on the profile alone.
pub fn profile_counts(profile: &TextProfile, config: &NgramConfig, out: &mut Vec<(u32, f32)>) {
    let traits = traits(profile).into_iter().filter(|(_, value)| *value > 0);
    let buckets = traits.flat_map(|(name, value)| {
        let state = state_of(name);
        rungs(value).map(move |rung| bucket(state, rung, config))
    });
    counts_with(&profile.normalised, config, buckets, out);
}

/// The distinct n-grams and traits of a profile with their buckets, ascending by bucket, then term.
#[must_use]
pub fn profile_terms(profile: &TextProfile, config: &NgramConfig) -> Vec<(u32, String)> {
    let mut terms = ngram_terms(&profile.normalised, config);
    for (name, value) in traits(profile) {
        let state = state_of(name);
        terms.extend(rungs(value).map(|rung| (bucket(state, rung, config), format!("{name} >= {rung}"))));
    }
    terms.sort_unstable();
    terms
}

/// The traits in a fixed order.
fn traits(profile: &TextProfile) -> [(&'static str, u32); 8] {
    let undone = profile.undone;
    [
        ("characters", profile.n_chars()),
        ("stretched letters", undone.stretched),
        ("invisible characters", undone.invisible),
        ("styled characters", undone.styled),
        ("look-alike characters", undone.confusable),
        ("excess marks", undone.marks_dropped),
        ("spelt-out characters", undone.spelled),
        ("leet characters", undone.leet),
    ]
}

/// The rungs that `value` reaches.
fn rungs(value: u32) -> impl Iterator<Item = u32> {
    LADDER.into_iter().take_while(move |rung| *rung <= value)
}

/// The hash of a trait's name.
fn state_of(name: &str) -> u64 {
    name.bytes().fold(TRAIT_SEED, |state, b| follow(state, u64::from(b)))
}

fn bucket(state: u64, rung: u32, config: &NgramConfig) -> u32 {
    config.word_bucket(follow(state, u64::from(rung)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traits_stand_beside_the_words() {
        let config = NgramConfig { char_max: 0, word_max: 1, ..NgramConfig::default() };
        let profile = TextProfile::of(None, Some("sooooo a"));
        let terms: Vec<String> = profile_terms(&profile, &config).into_iter().map(|(_, term)| term).collect();
        for expect in ["soo", "a", "stretched letters >= 3", "stretched letters >= 1", "characters >= 8"] {
            assert!(terms.iter().any(|t| t == expect), "{expect}: {terms:?}");
        }
        assert_eq!(terms.len(), 2 + 3 + 6);
    }

    #[test]
    fn counts_agree_with_the_terms() {
        let config = NgramConfig { buckets: 64, ..NgramConfig::default() };
        let profile = TextProfile::of(Some("A e r o"), Some("𝐀𝐄𝐑𝐎 sooooo h4ck"));
        let mut counts = Vec::new();
        profile_counts(&profile, &config, &mut counts);
        counts.sort_by_key(|(bucket, _)| *bucket);
        assert!(counts.windows(2).all(|w| w[0].0 < w[1].0));
        let mut buckets: Vec<u32> = profile_terms(&profile, &config).into_iter().map(|(bucket, _)| bucket).collect();
        buckets.dedup();
        assert_eq!(buckets, counts.iter().map(|(bucket, _)| *bucket).collect::<Vec<_>>());
    }

    #[test]
    fn no_text_has_no_traits() {
        let mut counts = Vec::new();
        profile_counts(&TextProfile::default(), &NgramConfig::default(), &mut counts);
        assert_eq!(counts, []);
    }
}
