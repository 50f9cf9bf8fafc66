//! The one normalisation that everything which reads words starts from.
//!
//! Input: any text. Output: the text as a reader would say it, in lower case. Deliberately not here: HTML (see `html`) and
//! anything that needs to know the language.

use unicode_normalization::char::{compose, decompose_compatible, is_combining_mark};

use super::facts::{
    CONTROL, LONG_LOWER, LOOK_ALIKE, MARK, SETTLED, SIMPLE, SPACE, STYLED, THAI_BASE, THAI_MARK, UNCHANGED, facts,
};
use super::plain::Plain;
use super::{alphabet, confusables, escapes, leet, marks, plain, spelled, stretch};

/// The version of the rules below. It joins the feature fingerprint: raise it with every change of outcome.
pub const NORMALISE_VERSION: u32 = 2;

/// What had to be undone, counted: each is a trace of hiding or of shouting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NormaliseCounts {
    /// Zero-width, bidirectional and other invisible characters removed.
    pub invisible: u32,
    /// Letters and digits written in a style that Unicode holds for mathematics, boxes, circles or wide type.
    pub styled: u32,
    /// Letters of another script standing for the Latin letter they look like.
    pub confusable: u32,
    /// Combining marks dropped because the script does not use them there.
    pub marks_dropped: u32,
    /// Characters of words spelt out with separators (`a e r o`).
    pub spelled: u32,
    /// Digits and signs read as letters (`h4ck`).
    pub leet: u32,
    /// Letters cut from runs of one letter longer than two.
    pub stretched: u32,
}

/// Normalises `text`: what everything that reads words starts from, so that a disguise undone here is undone everywhere.
///
/// | step | what happens | what it undoes |
/// |---|---|---|
/// | 1 | format characters, soft hyphens, variation selectors, fillers (Unicode `Default_Ignorable_Code_Point`) and skin tones go; control characters become spaces | zero-width and bidirectional characters between letters |
/// | 2 | styled characters that NFKC leaves alone become plain: regional indicators, negative circled and squared letters, keycaps, small capitals; digits of other scripts become 0 to 9; typographic quotes and dashes become ASCII | flag, box and emoji writing; Thai, Khmer, Myanmar, Arabic and Indian digits |
/// | 3 | NFKD (Unicode Standard Annex 15) | full-width, mathematical, circled and superscript letters |
/// | 4 | combining marks stay only where the script of their letter uses them: Latin keeps the letters of Vietnamese and ñ, Thai at most two signs, others their own signs and whatever NFC composes. What is kept is composed (NFC; Thai sara am stays one character) | underlines, strokes and stacks of marks (zalgo), accents for show |
/// | 5 | letters of a foreign script become the Latin letter that they look like (Unicode Technical Standard 39, with a few of our own) in a word that also has Latin letters, or in a Latin text where every letter of that script has a twin | Cyrillic, Greek, Cherokee look-alikes |
/// | 6 | lower case; white space becomes one space; ends are trimmed | shouting, layout |
/// | 7 | escapes that a broken export left (`\\xf0\\x9f…`, `\\u0041`, `&#65;`) become their characters, and steps 1 to 6 are taken again; an escape three deep loses its first sign | residue of exports, entities in plain text |
/// | 8 | four or more single characters with the same separator between them (any pictographs are the same), or each in brackets, become a word; seven or more digits a number; six or more letters whatever separators stand between | `a e r o`, `0.8.1.2.…`, `[z][a][l][o]` |
/// | 9 | digits and signs between letters of a word that is mostly letters become letters; digits at either end, runs of digits and short words stay, since they are prices, sizes and model numbers | `h4ck`, `ca$h` |
/// | 10 | a run of three or more of one character that is not a digit becomes two | `goooood` |
///
/// What it leaves to its readers: digits spelt in words and `dot com`, which `Contacts` reads, since only there they mean digits.
///
/// Idempotent and total. Linear in the length of the text.
#[must_use]
pub fn normalise(text: &str) -> String {
    normalise_counted(text).0
}

/// `normalise`, with counts of what it undid.
#[must_use]
pub fn normalise_counted(text: &str) -> (String, NormaliseCounts) {
    let mut counts = NormaliseCounts::default();
    let mut out = if text.is_ascii() { fold_ascii(text) } else { fold_settled(text).unwrap_or_else(|| fold(text, &mut counts)) };
    if escapes::occurs(&out) {
        out = without_escapes(out, &mut counts);
    }
    if spelled::occurs(out.as_bytes()) {
        out = spelled::join(&out, &mut counts.spelled);
    }
    if leet::occurs(out.as_bytes()) {
        out = leet::read(&out, &mut counts.leet);
    }
    if counts.spelled + counts.leet > 0 && escapes::occurs(&out) {
        // Joining made one by accident: nobody wrote it.
        out = escapes::break_up(&out);
    }
    if stretch::occurs(&out) {
        out = stretch::shorten(&out, &mut counts.stretched);
    }
    (out, counts)
}

/// Step 7, and steps 1 to 6 for what it yields.
fn without_escapes(mut text: String, counts: &mut NormaliseCounts) -> String {
    for _ in 0..escapes::MOST_ROUNDS {
        text = fold(&escapes::read(&text), counts);
        if !escapes::occurs(&text) {
            return text;
        }
    }
    escapes::break_up(&text)
}

/// Steps 1 to 6 for a text that needs only control characters, case and white space settled.
fn fold_ascii(text: &str) -> String {
    if is_tidy(text.as_bytes()) {
        return text.to_ascii_lowercase();
    }
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    let mut space_owed = false;
    for b in text.bytes() {
        if b <= b' ' || b == 0x7f {
            space_owed = true;
            continue;
        }
        if space_owed {
            if !out.is_empty() {
                out.push(b' ');
            }
            space_owed = false;
        }
        out.push(b.to_ascii_lowercase());
    }
    // ASCII is UTF-8, so nothing is ever lost here.
    String::from_utf8(out).unwrap_or_default()
}

/// Whether every stretch of white space is one space between other things, and nothing is a control character. Reads all of the
/// text without a branch, because the compiler then takes sixteen bytes at a time.
fn is_tidy(bytes: &[u8]) -> bool {
    let control = bytes.iter().fold(false, |found, b| found | (*b < b' ') | (*b == 0x7f));
    let double = bytes.iter().zip(bytes.iter().skip(1)).fold(false, |found, (a, b)| found | ((*a == b' ') & (*b == b' ')));
    !(control | double | bytes.starts_with(b" ") | bytes.ends_with(b" "))
}

/// Steps 1 to 6 for a text in which only case and white space have to be settled, as in most of Vietnamese and Thai; `None` for
/// any other. What stays as it is, is copied in one piece.
fn fold_settled(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    // Where the piece begins that has not been copied; what the character before was.
    let mut from = 0;
    let mut before = SPACE;
    for (at, c) in text.char_indices() {
        let known = facts(c);
        if known.any(UNCHANGED) {
            before = known.of(THAI_BASE);
        } else if known.any(THAI_MARK) {
            // One on a consonant. U+0E4D may join the letter that follows.
            if before != THAI_BASE || c == '\u{e4d}' {
                return None;
            }
            before = 0;
        } else if known.any(SPACE | CONTROL) {
            if before == SPACE || c != ' ' {
                out.push_str(&text[from..at]);
                from = at + c.len_utf8();
                if before != SPACE {
                    out.push(' ');
                }
            }
            before = SPACE;
        } else if known.any(SETTLED) {
            out.push_str(&text[from..at]);
            from = at + c.len_utf8();
            out.push(known.lower);
            before = 0;
        } else {
            return None;
        }
    }
    out.push_str(&text[from..]);
    if out.ends_with(' ') {
        out.pop();
    }
    Some(out)
}

/// Steps 1 to 6 for any text.
fn fold(text: &str, counts: &mut NormaliseCounts) -> String {
    let mut chars: Vec<char> = Vec::with_capacity(text.len());
    let mut pending: Vec<char> = Vec::new();
    let mut foreign = false;
    for c in text.chars() {
        let known = facts(c);
        if known.any(SIMPLE) {
            counts.styled += u32::from(known.any(STYLED));
            foreign |= known.any(LOOK_ALIKE);
            push_base(known.reads_as, &mut chars, &mut pending, counts);
        } else if known.any(MARK) {
            pending.push(known.reads_as);
        } else if known.any(THAI_MARK) {
            push_thai_mark(c, &mut chars, &mut pending, counts);
        } else if !push_plain(c, c, &mut chars, &mut pending, counts) {
            decompose_compatible(c, |d| {
                if is_combining_mark(d) {
                    pending.push(d);
                } else if d.is_ascii() || !push_plain(d, c, &mut chars, &mut pending, counts) {
                    foreign |= !d.is_ascii() && d.is_alphabetic();
                    counts.styled += u32::from(alphabet::is_styled(c) && d.is_ascii_alphanumeric());
                    push_base(d, &mut chars, &mut pending, counts);
                }
            });
        }
    }
    marks::settle(&mut chars, &mut pending, &mut counts.marks_dropped, &mut counts.styled);
    if foreign {
        confusables::resolve(&mut chars, &mut counts.confusable);
    }
    lower_and_collapse(&chars)
}

/// Steps 1 and 2 for `c`, which was part of `written`; false when they do not know it.
fn push_plain(c: char, written: char, chars: &mut Vec<char>, pending: &mut Vec<char>, counts: &mut NormaliseCounts) -> bool {
    let styled =
        |first: Option<char>| u32::from(alphabet::is_styled(written) && first.is_some_and(|l| l.is_ascii_alphanumeric()));
    match plain::plain(c) {
        Plain::Other => return false,
        Plain::Decoration => {}
        // A joiner between the people of a family emoji hides nothing.
        Plain::Invisible => counts.invisible += u32::from(!chars.last().is_some_and(|last| alphabet::is_emoji(*last))),
        Plain::Char(letter) => {
            counts.styled += styled(Some(letter));
            push_base(letter, chars, pending, counts);
        }
        Plain::Text(letters) => {
            counts.styled += styled(letters.chars().next());
            letters.chars().for_each(|letter| push_base(letter, chars, pending, counts));
        }
    }
    true
}

/// Adds a Thai sign: at once where it plainly belongs, for Thai has one on every other letter.
fn push_thai_mark(c: char, chars: &mut Vec<char>, pending: &mut Vec<char>, counts: &mut NormaliseCounts) {
    match chars.as_slice() {
        [.., last] if pending.is_empty() && alphabet::is_thai_base(*last) => chars.push(c),
        [.., base, last] if pending.is_empty() && alphabet::is_thai_mark(*last) => {
            if *last != c && alphabet::is_thai_base(*base) {
                chars.push(c);
            } else {
                counts.marks_dropped += 1;
            }
        }
        _ => pending.push(c),
    }
}

/// Adds a character that is not a mark, after settling the marks of the one before.
fn push_base(c: char, chars: &mut Vec<char>, pending: &mut Vec<char>, counts: &mut NormaliseCounts) {
    if !pending.is_empty() {
        marks::settle(chars, pending, &mut counts.marks_dropped, &mut counts.styled);
    }
    // NFKC would take Thai sara am apart, though typists write it whole; Hangul arrives in parts and is put together.
    let whole = chars.last().and_then(|last| match c {
        'า' if *last == '\u{e4d}' => Some('ำ'),
        '\u{1161}'..='\u{11c2}' => compose(*last, c),
        _ => None,
    });
    match (whole, chars.last_mut()) {
        (Some(whole), Some(last)) => *last = whole,
        _ => chars.push(c),
    }
}

/// Step 6. A final sigma is written as any sigma, for it is the same letter.
fn lower_and_collapse(chars: &[char]) -> String {
    let mut out = String::with_capacity(chars.len() + chars.len() / 2);
    let mut space_owed = false;
    for &c in chars {
        let known = facts(c);
        if known.any(SPACE | CONTROL) {
            space_owed = true;
            continue;
        }
        if space_owed && !out.is_empty() {
            out.push(' ');
        }
        space_owed = false;
        if known.any(LONG_LOWER) {
            out.extend(c.to_lowercase());
        } else {
            out.push(known.lower);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in "\\PC{0,60}") {
            let once = normalise(&text);
            prop_assert_eq!(normalise(&once), once);
        }

        #[test]
        fn normalising_twice_changes_nothing_in_any_characters(text in proptest::collection::vec(any::<char>(), 0..40)) {
            let once = normalise(&text.into_iter().collect::<String>());
            prop_assert_eq!(normalise(&once), once);
        }

        #[test]
        fn normalising_twice_changes_nothing_in_hostile_text(
            text in "[a-zA-F 0-9@$&#;\\\\\\[\\](){}<>.\\-_aаеНОРςΣ𝐀Ａ\u{301}\u{302}\u{323}\u{200b}\u{e48}\u{e35}กำเđơế🅰8️⃣♦♥•ſßİĳǅ가각゙が́]{0,40}"
        ) {
            let once = normalise(&text);
            prop_assert_eq!(normalise(&once), once);
        }

        #[test]
        fn ascii_takes_the_same_way_as_everything_else(text in "[ -~\\t\\n]{0,60}") {
            let mut counts = NormaliseCounts::default();
            prop_assert_eq!(fold_ascii(&text), fold(&text, &mut counts));
        }

        #[test]
        fn settled_text_takes_the_same_way_as_everything_else(text in "[a-cA-C .\\nàẾơƯđñกดมาำ\u{e48}\u{e35}\u{e4d}าเ🔥가の]{0,30}") {
            let mut counts = NormaliseCounts::default();
            let folded = fold(&text, &mut counts);
            if let Some(settled) = fold_settled(&text) {
                prop_assert_eq!(settled, folded);
                prop_assert_eq!(counts, NormaliseCounts::default());
            }
        }
    }
}
