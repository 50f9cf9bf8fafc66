//! Words and emoji of a normalised text.
//!
//! Input: normalised text. Output: its tokens in order. A word is a run of letters, digits and their marks; Thai has no spaces, so
//! a run of Thai is one word and character n-grams do the work. Deliberately not here: dictionaries and segmentation.

use std::cell::RefCell;

use super::facts::{EMOJI, Kinds, PART, PICTURE, WORD, facts};

/// One token of a normalised text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// The token as it stands in the text.
    pub text: &'a str,
    /// Whether it is a pictograph rather than a word.
    pub emoji: bool,
}

/// The tokens of `normalised`, in order.
pub fn tokens(normalised: &str) -> impl Iterator<Item = Token<'_>> {
    let mut chars = normalised.char_indices();
    std::iter::from_fn(move || {
        let (start, first) = chars.find(|(_, c)| facts(*c).any(WORD | EMOJI))?;
        let emoji = !facts(first).any(WORD);
        // The character that ends a word is looked at again, for it may be an emoji.
        let mut rest = chars.clone();
        let mut end = chars.offset();
        while let Some((_, c)) = rest.next().filter(|_| !emoji) {
            if !facts(c).any(WORD) {
                break;
            }
            end = rest.offset();
            chars = rest.clone();
        }
        Some(Token { text: &normalised[start..end], emoji })
    })
}

/// The tokens of a text all at once.
pub(super) struct Words<'a> {
    /// As `tokens` gives them.
    pub(super) list: Vec<&'a str>,
    /// Characters of all of them.
    pub(super) n_chars: usize,
}

thread_local! {
    /// Where tokens begin and end, in turns.
    static EDGES: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

impl<'a> Words<'a> {
    /// Reads `normalised` once.
    pub(super) fn of(normalised: &'a str) -> Self {
        EDGES.with_borrow_mut(|edges| {
            // No byte makes more than two edges: the list is large enough before it is filled.
            if edges.len() < 2 * normalised.len() + 3 {
                edges.resize(2 * normalised.len() + 3, 0);
            }
            let kinds = Kinds::new();
            let mut reading = Edges { edges, n: 0, n_chars: 0, kind: 0 };
            if normalised.is_ascii() {
                normalised.bytes().enumerate().for_each(|(at, b)| reading.add(at, 1, kinds.of_ascii(b)));
            } else {
                normalised.char_indices().for_each(|(at, c)| reading.add(at, c.len_utf8(), kinds.of(c)));
            }
            reading.add(normalised.len(), 0, 0);
            let (n, n_chars) = (reading.n, reading.n_chars);
            let list = edges[..n].chunks_exact(2).filter_map(|edges| normalised.get(edges[0]..edges[1])).collect();
            Self { list, n_chars }
        })
    }
}

/// Edges found so far.
struct Edges<'a> {
    edges: &'a mut [usize],
    n: usize,
    n_chars: usize,
    /// Of the character before.
    kind: u8,
}

impl Edges<'_> {
    /// Goes on with a character of `len` bytes at `at`. Every place is written down and only edges are kept, for a branch would be
    /// taken wrongly twice a word.
    #[inline(always)]
    fn add(&mut self, at: usize, len: usize, kind: u8) {
        self.edges[self.n] = at;
        self.n += usize::from((kind ^ self.kind) & PART);
        self.n_chars += usize::from(kind & PART);
        self.kind = kind;
        if kind & PICTURE != 0 {
            self.edges[self.n] = at;
            self.edges[self.n + 1] = at + len;
            self.n += 2;
            self.n_chars += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expect: &[&str]) {
        assert_eq!(tokens(text).map(|t| t.text).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn words_and_emoji_are_tokens() {
        check("", &[]);
        check("... !", &[]);
        check("giá rẻ, 100k", &["giá", "rẻ", "100k"]);
        check("ก็ดี 🔥🔥ok", &["ก็ดี", "🔥", "🔥", "ok"]);
    }

    proptest! {
        #[test]
        fn all_at_once_are_the_same_as_one_by_one(text in "[a-c5 .à\u{301}ก็🔥가，\n]{0,30}") {
            let words = Words::of(&text);
            prop_assert_eq!(&words.list, &tokens(&text).map(|t| t.text).collect::<Vec<_>>());
            prop_assert_eq!(words.n_chars, words.list.iter().map(|word| word.chars().count()).sum::<usize>());
        }
    }
}
