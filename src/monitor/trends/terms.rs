//! The terms of a text: one to three words, or pieces of a script that is written without spaces.

use std::collections::BTreeSet;

use crate::text::{contact_spans, tokens};

/// Words of a term at most.
const MOST_WORDS: usize = 3;

/// Characters of a piece of spaceless writing.
const PIECES: [usize; 3] = [4, 6, 8];

/// The distinct terms of `normalised`. Contact details are none: handles and domains are looked at as such.
pub(super) fn terms(normalised: &str) -> BTreeSet<&str> {
    let words: Vec<&str> = tokens(normalised).filter(|token| !token.emoji).map(|token| token.text).collect();
    let contacts = contact_spans(normalised, &words);
    let mut found = BTreeSet::new();
    let place = |word: &str| {
        // A word is a slice of the text.
        let start = (word.as_ptr() as usize).saturating_sub(normalised.as_ptr() as usize);
        (start, start + word.len())
    };
    let is_contact = |start: usize, end: usize| contacts.iter().any(|span| span.start < end && start < span.end);
    for (at, first) in words.iter().enumerate() {
        let (start, first_end) = place(first);
        if is_spaceless(first) {
            if !is_contact(start, first_end) {
                pieces(first, &mut found);
            }
            continue;
        }
        for last in words.iter().skip(at).take(MOST_WORDS) {
            let (_, end) = place(last);
            if is_spaceless(last) || is_contact(start, end) {
                break;
            }
            let Some(term) = normalised.get(start..end).filter(|term| !term.contains('\n')) else { break };
            if term.chars().filter(|c| c.is_alphanumeric()).count() >= 4 && term.chars().any(char::is_alphabetic) {
                found.insert(term);
            }
        }
    }
    found
}

fn pieces<'a>(run: &'a str, found: &mut BTreeSet<&'a str>) {
    let mut edges: Vec<usize> = run.char_indices().map(|(at, _)| at).collect();
    edges.push(run.len());
    for length in PIECES {
        let ends = edges.iter().skip(length);
        found.extend(edges.iter().zip(ends).filter_map(|(start, end)| run.get(*start..*end)));
    }
}

/// Whether a word is of a script that puts no spaces between words: Thai, Lao, Myanmar, Khmer, Chinese and Japanese.
fn is_spaceless(word: &str) -> bool {
    word.chars()
        .any(|c| matches!(u32::from(c), 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x9FFF))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[&str]) {
        assert_eq!(terms(text).into_iter().collect::<Vec<_>>(), expect);
    }

    #[test]
    fn words_stand_together_and_alone() {
        check("gratis saldo", &["gratis", "gratis saldo", "saldo"]);
        check("a b", &[]);
        check("2024 1234", &[]);
    }

    #[test]
    fn spaceless_writing_is_cut_into_pieces() {
        let found = terms("ราคาดีมาก");
        assert!(found.contains("ราคา") && found.contains("ราคาดี") && found.contains("ราคาดีมา"), "{found:?}");
        assert!(found.iter().all(|piece| [4, 6, 8].contains(&piece.chars().count())));
    }

    #[test]
    fn contact_details_are_no_terms() {
        assert!(terms("call 081234567890 today").iter().all(|term| !term.contains("0812")));
        assert!(terms("see evil-shop.com now").iter().all(|term| !term.contains("evil")));
    }
}
