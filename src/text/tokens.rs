//! Words and emoji of a normalised text.
//!
//! Input: normalised text. Output: its tokens in order. A word is a run of letters, digits and their marks; Thai has no spaces, so
//! a run of Thai is one word and character n-grams do the work. Deliberately not here: dictionaries and segmentation.

use super::facts::{EMOJI, WORD, facts};

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

#[cfg(test)]
mod tests {
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
}
