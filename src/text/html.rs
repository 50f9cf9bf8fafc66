//! Text out of HTML: tags and entities become what a reader would see.
//!
//! Input: text that may hold HTML, as listing descriptions do. Output: text and the number of tags. Deliberately not here: a parser
//! of documents; broken markup is read as far as it goes, and a `<` that opens no tag stays.

use std::borrow::Cow;

use super::hints::any;

/// The text of a fragment of HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrippedHtml<'a> {
    /// What a reader sees; borrowed when nothing had to change.
    pub text: Cow<'a, str>,
    /// Number of tags, closing ones and comments included.
    pub n_tags: u32,
}

/// A tag longer than this is a `<` that somebody typed.
const LONGEST_TAG: usize = 2_000;
/// The longest entity that is read, `&thinsp;` being among the longer ones in use.
const LONGEST_ENTITY: usize = 10;
/// Tags that do not end a word; the others read as a space.
const INLINE: [&str; 12] = ["a", "b", "i", "u", "s", "em", "strong", "span", "font", "small", "sub", "sup"];

/// Strips tags, drops the contents of scripts and styles, and decodes entities.
#[must_use]
pub fn strip_html(text: &str) -> StrippedHtml<'_> {
    if !any(text.as_bytes(), |b| (b == b'<') | (b == b'&')) {
        return StrippedHtml { text: Cow::Borrowed(text), n_tags: 0 };
    }
    let mut out = String::with_capacity(text.len());
    let mut n_tags = 0;
    let mut rest = text;
    let mut ends = Ends::default();
    while let Some(at) = rest.find(['<', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with('&') {
            rest = entity(rest, &mut out);
        } else if let Some(tag) = Tag::read(text, text.len() - rest.len(), &mut ends) {
            n_tags += 1;
            if !tag.inline {
                out.push(' ');
            }
            rest = tag.after;
        } else {
            out.push('<');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    StrippedHtml { text: Cow::Owned(out), n_tags }
}

/// A tag and what follows it.
struct Tag<'a> {
    inline: bool,
    after: &'a str,
}

impl<'a> Tag<'a> {
    /// Reads the tag that begins at `at`, together with the contents that are not for reading.
    fn read(whole: &'a str, at: usize, ends: &mut Ends) -> Option<Self> {
        let text = &whole[at..];
        if text.starts_with("<!--") {
            let end = ends.comment.next(whole, "-->", at + 4)?;
            return Some(Self { inline: true, after: &whole[end + 3..] });
        }
        let name_at = 1 + usize::from(text[1..].starts_with('/'));
        if !text[name_at..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '!') {
            return None;
        }
        let end = ends.tag.next(whole, ">", at).filter(|end| end - at < LONGEST_TAG)?;
        let name: &str = whole[at + name_at..end].split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
        let after = match name_at {
            1 if name.eq_ignore_ascii_case("script") => ends.script.next(whole, "</script", end),
            1 if name.eq_ignore_ascii_case("style") => ends.style.next(whole, "</style", end),
            _ => None,
        };
        let inline = INLINE.iter().any(|i| name.eq_ignore_ascii_case(i));
        Some(Self { inline, after: &whole[after.unwrap_or(end + 1)..] })
    }
}

/// Where the things that tags end with come next. Remembered, so that a text full of openings without an end is still read once.
#[derive(Default)]
struct Ends {
    tag: Next,
    comment: Next,
    script: Next,
    style: Next,
}

/// The next place of one needle.
#[derive(Default)]
struct Next {
    searched_from: Option<usize>,
    found: Option<usize>,
}

impl Next {
    /// Where the ASCII `needle` first begins at or after `from`, whatever its case.
    fn next(&mut self, text: &str, needle: &str, from: usize) -> Option<usize> {
        let known = self.searched_from.is_some_and(|searched| searched <= from) && self.found.is_none_or(|found| found >= from);
        if !known {
            let rest = text.as_bytes().get(from..).unwrap_or(&[]);
            self.found = rest.windows(needle.len()).position(|w| w.eq_ignore_ascii_case(needle.as_bytes())).map(|i| from + i);
            self.searched_from = Some(from);
        }
        self.found
    }
}

/// Decodes the entity that `text` begins with onto `out`, or the `&` alone, and gives the rest.
fn entity<'a>(text: &'a str, out: &mut String) -> &'a str {
    let end = text.bytes().take(LONGEST_ENTITY).position(|b| b == b';');
    let decoded = end.and_then(|end| Some((decode(&text[1..end])?, end)));
    if let Some((c, end)) = decoded {
        out.push(c);
        &text[end + 1..]
    } else {
        out.push('&');
        &text[1..]
    }
}

/// The character that an entity's name or number stands for.
fn decode(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" | "ldquo" | "rdquo" => '"',
        "apos" | "lsquo" | "rsquo" => '\'',
        "nbsp" | "ensp" | "emsp" | "thinsp" => ' ',
        "ndash" | "mdash" => '-',
        "bull" | "middot" => '•',
        "hellip" => '…',
        "times" => '×',
        "deg" => '°',
        "reg" => '®',
        "copy" => '©',
        "trade" => '™',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(html: &str, text: &str, n_tags: u32) {
        let got = strip_html(html);
        assert_eq!((got.text.as_ref(), got.n_tags), (text, n_tags), "{html}");
    }

    #[test]
    fn tags_and_entities_become_text() {
        check("plain", "plain", 0);
        check("<ul><li>Calm &amp; kind</li></ul>", "  Calm & kind  ", 4);
        check("ga<b>co</b>r", "gacor", 2);
        check("i <3 you & me", "i <3 you & me", 0);
        check("a<script>alert('<b>')</script>b", "a  b", 2);
        check("<style>p{}</style>x", "  x", 2);
        check("a<!-- hidden -->b", "ab", 1);
        check("&#119;a&#x2e;me &nope; &", "wa.me &nope; &", 0);
        check("&#xD800;&#99999999999;", "&#xD800;&#99999999999;", 0);
        check("<b", "<b", 0);
        check("<", "<", 0);
        check("</", "</", 0);
        check("<é>", "<é>", 0);
    }

    proptest! {
        #[test]
        fn nothing_breaks_it(text in "[<>/&;#xa!é\\-script]{0,60}") {
            let _ = strip_html(&text);
        }
    }
}
