//! Text of sellers made safe to show: what a terminal or a browser would act on, or show nothing for, is spelt out.

/// Whether a terminal or browser would act on `c`, or show nothing for it: controls, bidirectional and zero-width characters, tags,
/// fillers and separators of lines. Variation selectors stay, for emoji need them.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
                | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// `text` with hidden characters spelt out as `\u{202e}`, tabs and line breaks as spaces.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| push_visible(c, &mut out));
    out
}

/// Adds `c` to `out` as it may be shown.
pub(super) fn push_visible(c: char, out: &mut String) {
    match c {
        '\n' | '\t' | '\r' => out.push(' '),
        c if is_hidden(c) => out.extend(c.escape_unicode()),
        c => out.push(c),
    }
}

/// At most `most` characters of `text`, visible, with an ellipsis where some are left out.
#[must_use]
pub fn shortened(text: &str, most: usize) -> String {
    let mut out = String::new();
    text.chars().take(most).for_each(|c| push_visible(c, &mut out));
    if text.chars().nth(most).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hostile_characters_are_spelt_out() {
        assert_eq!(visible("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(visible("\u{202e}live\u{2066}"), "\\u{202e}live\\u{2066}");
        assert_eq!(visible("x\u{9b}2J\u{200b}\u{e0041}"), "x\\u{9b}2J\\u{200b}\\u{e0041}");
        assert_eq!(visible("two\r\nlines\tand ครับ 👍️"), "two  lines and ครับ 👍️");
        assert_eq!(shortened("abcdef", 3), "abc…");
        assert_eq!(shortened("abc", 3), "abc");
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left_and_twice_is_once(text in any::<String>()) {
            let out = visible(&text);
            prop_assert!(!out.chars().any(is_hidden));
            prop_assert_eq!(visible(&out), out);
        }
    }
}
