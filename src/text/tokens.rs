//! Words and emoji of a normalised text.
//!
//! Input: normalised text. Output: its tokens in order. A word is a run of letters, digits and their marks; Thai has no spaces, so
//! a run of Thai is one word and character n-grams do the work. Deliberately not here: dictionaries and segmentation.

use super::alphabet::{is_emoji, is_word};

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
    let mut rest = normalised;
    std::iter::from_fn(move || {
        let start = rest.find(|c: char| is_word(c) || is_emoji(c))?;
        rest = &rest[start..];
        let first = rest.chars().next()?;
        let emoji = !is_word(first);
        let end = if emoji { first.len_utf8() } else { rest.find(|c: char| !is_word(c)).unwrap_or(rest.len()) };
        let (text, after) = rest.split_at(end);
        rest = after;
        Some(Token { text, emoji })
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
