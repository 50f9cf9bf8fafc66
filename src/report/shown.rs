//! Text of others as the page may show it: hidden characters spelt out, no towers of accents, short; ids hashed where asked.

use unicode_normalization::char::is_combining_mark;

use super::inputs::IdPolicy;
use crate::explain::is_hidden;

/// More accents than this on one letter are spelt out: Thai and Vietnamese need two, Hebrew with its signs three.
const MOST_MARKS: usize = 4;

/// `text` made safe to show: of its beginning as much as takes `most` bytes of HTML, with an ellipsis where some is left out. White
/// space is one space.
pub(super) fn shown(text: &str, most: usize) -> String {
    let (mut out, mut bytes, mut n_marks) = (String::new(), 0, 0);
    for c in text.chars() {
        n_marks = if is_combining_mark(c) { n_marks + 1 } else { 0 };
        let piece = if c.is_whitespace() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{85}' | '\u{b}' | '\u{c}') {
            " ".to_owned()
        } else if is_hidden(c) || n_marks > MOST_MARKS {
            c.escape_unicode().to_string()
        } else {
            c.to_string()
        };
        let size = if matches!(c, '<' | '>' | '&' | '"' | '\'') { 5 } else { piece.len() };
        if bytes + size > most {
            out.push('…');
            break;
        }
        bytes += size;
        if !(piece == " " && (out.is_empty() || out.ends_with(' '))) {
            out.push_str(&piece);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// The id as `policy` has it.
pub(super) fn id_shown(id: &str, policy: IdPolicy) -> String {
    match policy {
        IdPolicy::Plain => shown(id, 60),
        IdPolicy::Keyed(key) => blake3::keyed_hash(&key, id.as_bytes()).to_hex().chars().take(12).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_short_visible_and_flat() {
        assert_eq!(shown("a\n\t b\u{202e}c", 60), "a b\\u{202e}c");
        assert_eq!(shown("abcdef", 3), "abc…");
        assert_eq!(shown("<<<", 10), "<<…", "an escaped character takes five bytes");
        assert_eq!(shown("a\u{301}\u{301}\u{301}\u{301}\u{301}", 60), "a\u{301}\u{301}\u{301}\u{301}\\u{301}");
        assert_eq!(shown("ที่นี่", 60), "ที่นี่");
        assert_eq!(shown("\u{0}\u{1b}[2J", 60), "\\u{0}\\u{1b}[2J");
        assert_eq!(shown("  ", 60), "");
    }

    #[test]
    fn keyed_ids_are_stable_and_differ_by_key() {
        let keyed = |byte: u8| id_shown("seller-1", IdPolicy::Keyed([byte; 32]));
        assert_eq!(keyed(1), keyed(1));
        assert_ne!(keyed(1), keyed(2));
        assert_eq!(keyed(1).len(), 12);
        assert_eq!(id_shown("seller-1", IdPolicy::Plain), "seller-1");
    }
}
