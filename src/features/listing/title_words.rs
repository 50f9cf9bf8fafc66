//! How the title is put together, read off the normalised text: what it lists, quotes and repeats of the row.

use super::LISTING;
use crate::features::feature::{flag, ln_count};
use crate::features::{FeatureDoc, ItemView, SimpleFeature};
use crate::text::{normalise, tokens};

/// Digits of the title.
pub(in crate::features) static TITLE_DIGIT_SHARE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "title_digit_share",
        what: "digits among characters of the title, normalised, white space left out",
        why: "phone numbers, codes and prices stand where the goods should be named",
        range: "0 to 1",
        evaded_by: "spelling numbers out",
        inputs: &["content.title"],
        ..LISTING
    },
    value: |item| {
        let (digits, all) = title(item)?
            .chars()
            .filter(|c| !c.is_whitespace())
            .fold((0_u32, 0_u32), |(digits, all), c| (digits + u32::from(c.is_numeric()), all + 1));
        (all > 0).then(|| digits as f32 / all as f32)
    },
};

/// Separators of the title.
pub(in crate::features) static TITLE_SEPARATORS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "title_separators",
        what: "ln(1 + commas, semicolons, slashes, bars, bullets, plus signs, and dashes with a space around, of the title)",
        why: "keyword lists and several goods in one title",
        range: "0 and up",
        evaded_by: "spaces only",
        inputs: &["content.title"],
        ..LISTING
    },
    value: |item| title(item).map(|title| ln_count(separators(title))),
};

/// Hashtags of the title.
pub(in crate::features) static TITLE_HASHTAGS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "title_hashtags",
        what: "ln(1 + number signs followed by a word in the title)",
        why: "hashtags chase searches that have nothing to do with the goods",
        range: "0 and up",
        evaded_by: "the same words without the sign",
        inputs: &["content.title"],
        ..LISTING
    },
    value: |item| {
        let hashtag = |pair: &(char, char)| pair.0 == '#' && pair.1.is_alphanumeric();
        let title = title(item)?;
        Some(ln_count(title.chars().zip(title.chars().skip(1)).filter(hashtag).count() as u64))
    },
};

/// Bracketed parts of the title.
pub(in crate::features) static TITLE_BRACKETS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "title_brackets",
        what: "ln(1 + opening brackets of any kind in the title)",
        why: "`[READY STOCK]【100% ORIGINAL】` promises what the listing should show",
        range: "0 and up",
        evaded_by: "the same promises without brackets",
        inputs: &["content.title"],
        ..LISTING
    },
    value: |item| {
        let opening = |c: &char| matches!(c, '(' | '[' | '{' | '「' | '『' | '【' | '〔' | '《' | '〈');
        Some(ln_count(title(item)?.chars().filter(opening).count() as u64))
    },
};

/// Title words that the body repeats.
pub(in crate::features) static TITLE_IN_BODY: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "title_in_body",
        what: "distinct words of two or more characters among the title's first 32 that stand in the body, also inside its words, among them all",
        why: "a body that never mentions the goods was written for others, or copied",
        range: "0 to 1",
        evaded_by: "pasting the title into the body",
        inputs: &["content.title", "content.body"],
        ..LISTING
    },
    value: |item| {
        let (title, body) = parts(item)?;
        let body = body?;
        let first = tokens(title).map(|t| t.text).take(MOST_WORDS);
        let mut words: Vec<&str> = first.filter(|word| word.chars().nth(1).is_some()).collect();
        words.sort_unstable();
        words.dedup();
        let found = words.iter().filter(|word| body.contains(**word)).count();
        (!words.is_empty()).then(|| found as f32 / words.len() as f32)
    },
};

/// Words of the title that are looked for in the body: a long title and a long body must not cost their product.
const MOST_WORDS: usize = 32;

/// A title that is the category.
pub(in crate::features) static TITLE_IS_CATEGORY: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "title_is_category",
        what: "1 when the title says no more than the category, or the last segment of its path, after normalisation",
        why: "unclear titles name a kind of goods and nothing else",
        range: "0 or 1",
        evaded_by: "one more word",
        inputs: &["content.title", "content.category"],
        ..LISTING
    },
    value: |item| {
        let (title, category) = (title(item)?, item.content.category.as_deref()?);
        let last = category.rsplit(['/', '>', '|']).find(|part| !part.trim().is_empty())?;
        // A title four times as long says more; this spares most titles the reading of the category.
        let near = title.len() <= 4 * category.len();
        Some(flag(near && [category, last].iter().any(|name| normalise(name) == title)))
    },
};

/// The normalised title; `None` without a word in it.
fn title<'a>(item: &ItemView<'a>) -> Option<&'a str> {
    parts(item).map(|(title, _)| title)
}

/// The normalised title and body. Normalisation turns line breaks into spaces, so the first one ends the title.
fn parts<'a>(item: &ItemView<'a>) -> Option<(&'a str, Option<&'a str>)> {
    // Of a title without a token nothing may be left, and then the text is the body's.
    item.text.title.filter(|title| title.n_tokens > 0)?;
    let text = item.text.normalised.as_str();
    Some(text.split_once('\n').map_or((text, None), |(title, body)| (title, Some(body))))
}

fn separators(title: &str) -> u64 {
    let bytes = title.as_bytes();
    let space = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(|b| *b == b' ');
    let separates = |(at, c): &(usize, char)| match c {
        ',' | ';' | '/' | '|' | '\\' | '+' | '、' | '·' | '•' => true,
        '-' | '~' => space(at.checked_sub(1)) || space(Some(at + 1)),
        _ => false,
    };
    title.char_indices().filter(separates).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::{Fixture, content};
    use crate::tables::ContentRow;

    fn value(feature: &SimpleFeature, title: Option<&str>, body: Option<&str>) -> Option<f32> {
        let own = |t: Option<&str>| t.map(str::to_owned);
        let category = Some("Home/Phone Case".into());
        let fixture = Fixture::of(ContentRow { title: own(title), body: own(body), category, ..content("a") });
        (feature.value)(&fixture.item())
    }

    #[test]
    fn characters_of_the_title_alone_count() {
        let check = |feature: &SimpleFeature, title: &str, expect: f32| {
            assert_eq!(value(feature, Some(title), Some("12, 34 / #x [y]")), Some(expect), "{title}");
        };
        check(&TITLE_DIGIT_SHARE, "case 2024", 0.5);
        check(&TITLE_SEPARATORS, "case, cover / strap | t-shirt - new", ln_count(4));
        check(&TITLE_SEPARATORS, "case，cover｜strap", ln_count(2));
        check(&TITLE_HASHTAGS, "case #new #sale # #", ln_count(2));
        check(&TITLE_BRACKETS, "[ready] 【100%】 （x）", ln_count(3));
        check(&TITLE_BRACKETS, "ready", 0.0);
    }

    #[test]
    fn the_body_repeats_the_title_or_not() {
        assert_eq!(value(&TITLE_IN_BODY, Some("Red red phone CASE"), Some("A case, all red, a red one")), Some(2.0 / 3.0));
        assert_eq!(value(&TITLE_IN_BODY, Some("phone case x"), Some("two phones x")), Some(0.5), "phone, inside a word");
        assert_eq!(value(&TITLE_IN_BODY, Some("phone case"), Some("!!")), Some(0.0));
        assert_eq!(value(&TITLE_IN_BODY, Some("x y"), Some("x y")), None, "no words of two characters");
        assert_eq!(value(&TITLE_IN_BODY, Some("phone case"), None), None);
        assert_eq!(value(&TITLE_IN_BODY, None, Some("phone case")), None);
    }

    #[test]
    fn a_title_can_be_the_category() {
        let check = |title: &str, expect: f32| assert_eq!(value(&TITLE_IS_CATEGORY, Some(title), None), Some(expect), "{title}");
        check("PHONE  case", 1.0);
        check("home/phone case", 1.0);
        check("phone case red", 0.0);
        check("phone", 0.0);
    }

    /// A title of nothing but invisible characters leaves the body alone in the text: nothing of it may count as title.
    #[test]
    fn a_title_without_words_has_no_words() {
        let all = [&TITLE_DIGIT_SHARE, &TITLE_SEPARATORS, &TITLE_HASHTAGS, &TITLE_BRACKETS, &TITLE_IN_BODY, &TITLE_IS_CATEGORY];
        for feature in all {
            for title in [None, Some(""), Some("\u{200b}"), Some("!!")] {
                assert_eq!(value(feature, title, Some("phone case")), None, "{} {title:?}", feature.doc.name);
            }
        }
    }
}
