//! Everything that text features need to know of an item's text, from one reading.
//!
//! Input: title and body as the source wrote them. Output: a `TextProfile`. Deliberately not here: anything about the seller, the
//! market or other items.

use super::contacts::Contacts;
use super::facts::{LONG_LOWER, facts};
use super::html::strip_html;
use super::normalise::{NormaliseCounts, normalise_counted};
use super::repeats::Repeats;
use super::shares::{CharShares, share};
use super::tokens::Words;

/// What one item's text looks like. Shares lie in [0, 1]; counts are of the title and body together.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TextProfile {
    /// Title, a line break, and body; normalised, HTML stripped. Without a title or body, the other alone.
    pub normalised: String,
    /// Words and emoji.
    pub n_tokens: u32,
    /// Distinct tokens among tokens; 0 without tokens.
    pub distinct_share: f32,
    /// How often the most frequent token of two or more characters occurs.
    pub max_token_repeat: u32,
    /// Mean characters of a word; 0 without words.
    pub mean_word_chars: f32,
    /// Shares of the raw text.
    pub shares: CharShares,
    /// What normalisation undid.
    pub undone: NormaliseCounts,
    /// HTML tags.
    pub n_tags: u32,
    /// Contact details.
    pub contacts: Contacts,
    /// Contact details that only normalisation brings to light, or that are spelt in words.
    pub disguised_contacts: u32,
    /// Words of four or more letters that end in two or three digits: `pulau77`.
    pub numbered_names: u32,
    /// The title alone; `None` without one.
    pub title: Option<TitleProfile>,
}

/// What one item's title looks like.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TitleProfile {
    /// Characters.
    pub n_chars: u32,
    /// Words and emoji.
    pub n_tokens: u32,
    /// Capitals among cased letters.
    pub caps: f32,
    /// Tokens that occurred before in the title, among its tokens.
    pub repeated_share: f32,
}

impl TextProfile {
    /// Reads an item's text once. Missing and empty are alike.
    #[must_use]
    pub fn of(title: Option<&str>, body: Option<&str>) -> Self {
        let title = strip_html(title.unwrap_or(""));
        let body = strip_html(body.unwrap_or(""));
        let (mut normalised, title_undone) = normalise_counted(&title.text);
        let title_len = normalised.len();
        let (body_normalised, body_undone) = normalise_counted(&body.text);
        if !normalised.is_empty() && !body_normalised.is_empty() {
            normalised.push('\n');
        }
        normalised.push_str(&body_normalised);

        let raw = match (title.text.is_empty(), body.text.is_empty()) {
            (true, _) => body.text,
            (_, true) => title.text.clone(),
            _ => format!("{}\n{}", title.text, body.text).into(),
        };
        let Words { list: words, n_chars: word_chars } = Words::of(&normalised);
        let repeats = Repeats::of(&words);
        let contacts = Contacts::of(&normalised, &words);
        let undone = title_undone.plus(body_undone);
        let disguised_contacts = disguised(&contacts, &undone, &raw);
        let n_tokens = count(words.len());
        Self {
            n_tokens,
            distinct_share: share(repeats.distinct, n_tokens),
            max_token_repeat: repeats.most,
            mean_word_chars: share(count(word_chars), n_tokens),
            shares: CharShares::of(&raw),
            undone,
            n_tags: title.n_tags + body.n_tags,
            contacts,
            disguised_contacts,
            numbered_names: count(words.iter().filter(|word| is_numbered_name(word)).count()),
            title: (!title.text.trim().is_empty()).then(|| TitleProfile::of(&title.text, &normalised[..title_len])),
            normalised,
        }
    }

    /// Number of characters as written, HTML stripped.
    #[must_use]
    pub fn n_chars(&self) -> u32 {
        self.shares.n_chars
    }
}

impl TitleProfile {
    fn of(raw: &str, normalised: &str) -> Self {
        let shares = CharShares::of(raw);
        let words = Words::of(normalised).list;
        let n_tokens = count(words.len());
        let distinct = Repeats::of(&words).distinct;
        Self { n_chars: shares.n_chars, n_tokens, caps: shares.caps, repeated_share: share(n_tokens - distinct, n_tokens) }
    }
}

/// Whether the word is letters with two or three digits behind them.
fn is_numbered_name(word: &str) -> bool {
    let bytes = word.as_bytes();
    if !bytes.last().is_some_and(u8::is_ascii_digit) {
        return false;
    }
    let digits = bytes.iter().rev().take(4).take_while(|b| b.is_ascii_digit()).count();
    let letters = &bytes[..bytes.len() - digits];
    (2..=3).contains(&digits) && letters.len() >= 4 && letters.iter().all(u8::is_ascii_alphabetic)
}

/// How many contact details a reader without normalisation would not see in `raw`.
fn disguised(contacts: &Contacts, undone: &NormaliseCounts, raw: &str) -> u32 {
    let spelled = contacts.spelled_phones + contacts.spelled_addresses;
    let hidden = undone.invisible + undone.styled + undone.confusable + undone.marks_dropped + undone.spelled + undone.leet;
    if contacts.total() == 0 || hidden == 0 {
        return spelled;
    }
    let lower = lower_case(raw);
    let words = Words::of(&lower).list;
    spelled + contacts.total().saturating_sub(Contacts::of(&lower, &words).total())
}

/// `str::to_lowercase`, which looks every letter up in long lists.
fn lower_case(text: &str) -> String {
    let mut lower = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            lower.push(c.to_ascii_lowercase());
            continue;
        }
        let known = facts(c);
        // A sigma depends on its neighbours.
        if matches!(c, 'Σ' | 'ς') || known.any(LONG_LOWER) {
            return text.to_lowercase();
        }
        lower.push(known.lower);
    }
    lower
}

impl NormaliseCounts {
    /// Both counts together.
    fn plus(self, other: Self) -> Self {
        Self {
            invisible: self.invisible + other.invisible,
            styled: self.styled + other.styled,
            confusable: self.confusable + other.confusable,
            marks_dropped: self.marks_dropped + other.marks_dropped,
            spelled: self.spelled + other.spelled,
            leet: self.leet + other.leet,
            stretched: self.stretched + other.stretched,
        }
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn title_and_body_are_one_text() {
        let got = TextProfile::of(Some("HOT hot <b>Deal</b>"), Some("wa.me/628 &amp; soooo good"));
        assert_eq!(got.normalised, "hot hot deal\nwa.me/628 & soo good");
        assert_eq!(got.n_tags, 2);
        assert_eq!(got.undone.stretched, 2);
        assert_eq!(got.max_token_repeat, 2);
        assert_eq!(got.contacts.urls, 1);
        assert_eq!(got.contacts.handles.whatsapp, 1);
        let title = got.title.unwrap();
        assert_eq!((title.n_chars, title.n_tokens), (12, 3));
        assert_eq!(title.repeated_share, 1.0 / 3.0);
        assert_eq!(title.caps, 0.4);
    }

    #[test]
    fn missing_and_empty_are_alike() {
        assert_eq!(TextProfile::of(None, None), TextProfile::default());
        assert_eq!(TextProfile::of(Some(""), Some("")), TextProfile::default());
        assert_eq!(TextProfile::of(None, Some("x")).normalised, "x");
        assert_eq!(TextProfile::of(Some("x"), None).normalised, "x");
    }

    #[test]
    fn hiding_leaves_traces() {
        let undone = TextProfile::of(None, Some("𝐀ero g\u{200b}acor АERO a\u{335}b h4ck3d a e r o sooo")).undone;
        assert_eq!((undone.styled, undone.invisible, undone.confusable, undone.marks_dropped), (1, 1, 1, 1));
        assert_eq!((undone.leet, undone.spelled, undone.stretched), (2, 4, 1));
    }

    /// Each of these would take minutes if any step were quadratic.
    #[test]
    fn a_hostile_megabyte_costs_a_megabyte() {
        for piece in ["<!--", "<script>", "<a ", "& ", "1 ", "a.", "@a", "\u{301}", "ก่", "а", "http://", "0", "😀\u{200d}"]
        {
            let body = piece.repeat(500_000 / piece.len()) + " a";
            assert_eq!(TextProfile::of(None, Some(&body)).title, None);
        }
    }

    proptest! {
        #[test]
        fn lower_case_is_that_of_the_standard_library(text in proptest::collection::vec(any::<char>(), 0..20), more in "[A-CÀẾĐΣςσÏİ]{0,6}") {
            let text = text.into_iter().collect::<String>() + &more;
            prop_assert_eq!(lower_case(&text), text.to_lowercase());
        }

        #[test]
        fn any_text_has_a_profile(title in "\\PC{0,30}", body in proptest::collection::vec(any::<char>(), 0..40)) {
            let got = TextProfile::of(Some(&title), Some(&body.into_iter().collect::<String>()));
            prop_assert!((0.0..=1.0).contains(&got.distinct_share));
            prop_assert!((0.0..=1.0).contains(&got.shares.caps));
        }
    }
}
