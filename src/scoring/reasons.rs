//! Why an item scored as it did: the strongest contributions to its leading label, as codes a person can read.

use serde::{Deserialize, Serialize};

use crate::models::{Contribution, ContributionSource};
use crate::text::{NgramConfig, TextProfile, profile_terms};

/// One reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// `<label>/<feature>` or `<label>/text:<words or characters>`.
    pub code: String,
    /// Its part of the raw score, in logits; positive raises the probability.
    pub contribution: f32,
}

/// How many reasons a row carries.
pub(super) const MOST: usize = 3;

/// The strongest of `contributions` as reasons for `label`. N-grams are shown as the item's own words, with long runs of digits
/// masked: they may be a phone number. Of n-grams that overlap in the text, the strongest speaks for all.
pub(super) fn strongest(
    label: &str,
    contributions: &[Contribution],
    feature_names: &[String],
    text: &TextProfile,
    ngrams: &NgramConfig,
) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Vec::new();
    let mut terms: Option<Vec<(u32, String)>> = None;
    let mut shown: Vec<String> = Vec::new();
    for contribution in contributions {
        if reasons.len() == MOST {
            break;
        }
        let what = match contribution.source {
            ContributionSource::Feature(at) => match feature_names.get(at as usize) {
                Some(name) => name.clone(),
                None => continue,
            },
            ContributionSource::Ngram(bucket) => {
                let terms = terms.get_or_insert_with(|| profile_terms(text, ngrams));
                let Some(term) = terms.iter().find(|(index, _)| *index == bucket).map(|(_, term)| term.trim()) else { continue };
                if term.is_empty() || shown.iter().any(|s| s.contains(term) || term.contains(s.as_str())) {
                    continue;
                }
                shown.push(term.to_owned());
                format!("text:{}", mask_digits(term))
            }
            ContributionSource::Text => "text".to_owned(),
            ContributionSource::Base => continue,
        };
        reasons.push(Reason { code: format!("{label}/{what}"), contribution: contribution.logit as f32 });
    }
    reasons
}

/// Every digit of a run of four or more becomes `#`.
pub(super) fn mask_digits(term: &str) -> String {
    let chars: Vec<char> = term.chars().collect();
    let mut out = String::with_capacity(term.len());
    let mut at = 0;
    while at < chars.len() {
        let run = chars[at..].iter().take_while(|c| c.is_numeric()).count();
        if run >= 4 {
            out.extend(std::iter::repeat_n('#', run));
        } else {
            out.extend(&chars[at..at + run.max(1)]);
        }
        at += run.max(1);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_masked() {
        assert_eq!(mask_digits("wa 0812345"), "wa #######");
        assert_eq!(mask_digits("a1b 99 2026"), "a1b 99 ####");
    }
}
