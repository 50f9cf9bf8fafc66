//! `LIKE` patterns: `%` is any run of characters, `_` any one character, everything else itself.

use regex::{Regex, RegexBuilder};

/// Whether a match looks at upper and lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CasePolicy {
    /// `LIKE`.
    Sensitive,
    /// `ILIKE`: by Unicode's simple case folding.
    Insensitive,
}

/// The regular expression that matches what `pattern` does; matching takes linear time whatever the pattern.
///
/// # Errors
/// When the pattern ends in `escape`, or is too large.
pub(super) fn matcher(pattern: &str, case: CasePolicy, escape: Option<char>) -> Result<Regex, String> {
    let mut expression = String::from(r"\A");
    let mut characters = pattern.chars();
    while let Some(c) = characters.next() {
        match c {
            c if Some(c) == escape => {
                let next = characters.next().ok_or("the pattern ends in its escape character")?;
                expression.push_str(&regex::escape(next.encode_utf8(&mut [0; 4])));
            }
            '%' => expression.push_str(".*"),
            '_' => expression.push('.'),
            c => expression.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    expression.push_str(r"\z");
    RegexBuilder::new(&expression)
        .dot_matches_new_line(true)
        .case_insensitive(case == CasePolicy::Insensitive)
        .build()
        .map_err(|_| "the pattern is too large".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, text: &str, expect: bool) {
        assert_eq!(matcher(pattern, CasePolicy::Sensitive, None).unwrap().is_match(text), expect, "{text} LIKE {pattern}");
    }

    #[test]
    fn patterns_match_the_whole_text() {
        check("abc", "abc", true);
        check("abc", "xabc", false);
        check("%abc%", "xabcx", true);
        check("a%c", "a\n\nc", true);
        check("a_c", "añc", true);
        check("a_c", "ac", false);
        check("100%.", "100 procent.", true);
        check("a.c", "abc", false);
        check("", "", true);
        check("", "a", false);
    }

    #[test]
    fn case_and_escape() {
        assert!(matcher("GIÁ%", CasePolicy::Insensitive, None).unwrap().is_match("giá rẻ"));
        let escaped = matcher(r"100\%", CasePolicy::Sensitive, Some('\\')).unwrap();
        assert!(escaped.is_match("100%") && !escaped.is_match("1000"));
        assert!(matcher(r"100\", CasePolicy::Sensitive, Some('\\')).is_err());
    }
}
