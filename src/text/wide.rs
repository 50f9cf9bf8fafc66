//! The search for terms in scripts without spaces, where one may begin at any character.
//!
//! Input: a list of terms, once; then texts. Output: the leftmost of them, of those the longest, and so on behind it. A hundred terms
//! begin in few ways, so most places are passed over by their first two characters. Deliberately not here: what terms mean.

use super::head::head;

/// Bytes of the beginning by which terms are told apart: two characters of three bytes.
const BEGINNING: usize = 6;
const BEGINNING_MASK: u64 = (1 << (8 * BEGINNING)) - 1;
const FIRST_MASK: u64 = (1 << 24) - 1;
/// Bits that say whether a beginning is one of a term: many more than terms, so that few others look alike.
const BITS: usize = 8192;

/// Terms of characters that take three bytes each.
pub(super) struct WideTerms {
    /// Of each term: its beginning, its index and itself; by beginning, the longest first.
    terms: Vec<(u64, usize, &'static [u8])>,
    may_begin: [u64; BITS / 64],
}

impl WideTerms {
    pub(super) fn new(terms: impl Iterator<Item = &'static str>) -> Self {
        let mut terms: Vec<(u64, usize, &'static [u8])> =
            terms.enumerate().map(|(i, term)| (head(term.as_bytes()) & BEGINNING_MASK, i, term.as_bytes())).collect();
        terms.sort_by_key(|(beginning, _, term)| (*beginning, std::cmp::Reverse(term.len())));
        let mut may_begin = [0; BITS / 64];
        for (beginning, _, _) in &terms {
            let bit = bit_of(*beginning);
            may_begin[bit / 64] |= 1 << (bit % 64);
        }
        Self { terms, may_begin }
    }

    /// Calls `found` with the beginning, the end and the index of each term in `text`.
    pub(super) fn find(&self, text: &[u8], mut found: impl FnMut(usize, usize, usize)) {
        let mut at = 0;
        while at < text.len() {
            let first = text[at];
            if first < 0xe0 {
                at += 1;
                continue;
            }
            let eight = head(&text[at..]);
            let (two, one) = (eight & BEGINNING_MASK, eight & FIRST_MASK);
            // Thai terms, which are most, have two characters or more.
            if self.may_begin(two) || (first > 0xe0 && self.may_begin(one)) {
                let term = self.term_at(&text[at..], two).or_else(|| self.term_at(&text[at..], one));
                if let Some((index, len)) = term {
                    found(at, at + len, index);
                    at += len;
                    continue;
                }
            }
            at += 3;
        }
    }

    #[inline(always)]
    fn may_begin(&self, beginning: u64) -> bool {
        let bit = bit_of(beginning);
        self.may_begin[bit / 64] >> (bit % 64) & 1 != 0
    }

    /// The longest term with this beginning that `text` begins with, and its length.
    fn term_at(&self, text: &[u8], beginning: u64) -> Option<(usize, usize)> {
        let first = self.terms.partition_point(|(known, _, _)| *known < beginning);
        let alike = self.terms[first..].iter().take_while(|(known, _, _)| *known == beginning);
        alike.into_iter().find(|(_, _, term)| text.starts_with(term)).map(|(_, index, term)| (*index, term.len()))
    }
}

fn bit_of(beginning: u64) -> usize {
    (beginning.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 51) as usize % BITS
}

#[cfg(test)]
mod tests {
    use aho_corasick::{AhoCorasick, MatchKind};
    use proptest::prelude::*;

    use super::*;
    use crate::text::role_words::WIDE;

    #[test]
    fn terms_are_of_characters_of_three_bytes() {
        assert!(WIDE.iter().all(|(term, _)| term.chars().all(|c| c.len_utf8() == 3)));
        assert!(WIDE.iter().all(|(term, _)| term.len() >= BEGINNING || !term.starts_with(|c: char| c < '\u{1000}')));
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_an_automaton_finds(pieces in proptest::collection::vec((0..2 * WIDE.len(), 0..7_usize), 0..12)) {
            let mut text = String::new();
            for (term, cut) in pieces {
                let term = WIDE.get(term).map_or(["a ", "é", "🔥", "ก", "เ", "加", "5"][cut], |(term, _)| term);
                text.extend(term.chars().take(if cut == 0 { term.chars().count() } else { cut }));
            }
            let mut got = Vec::new();
            WideTerms::new(WIDE.iter().map(|(term, _)| *term)).find(text.as_bytes(), |start, end, i| got.push((start, end, i)));
            let automaton = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(WIDE.iter().map(|(term, _)| term));
            let expect: Vec<_> =
                automaton.unwrap().find_iter(&text).map(|m| (m.start(), m.end(), m.pattern().as_usize())).collect();
            prop_assert_eq!(got, expect);
        }
    }
}
