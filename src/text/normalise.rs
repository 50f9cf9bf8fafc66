//! The one normalisation that everything which reads words starts from.
//!
//! Input: any text. Output: the text as a reader would say it, in lower case. Deliberately not here: HTML (see `html`) and
//! anything that needs to know the language.

use std::cell::RefCell;

use super::fold::fold;
use super::hints::{ALIKE, ESCAPE, Hints, LEET};
use super::{escapes, leet, spelled, stretch};

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
    HINTS.with_borrow_mut(|hints| normalise_with(text, hints))
}

thread_local! {
    static HINTS: RefCell<Hints> = RefCell::default();
}

fn normalise_with(text: &str, hints: &mut Hints) -> (String, NormaliseCounts) {
    let mut counts = NormaliseCounts::default();
    let (mut out, mut runs) = fold(text, &mut counts);
    hints.read(out.as_bytes());
    if hints.any(ESCAPE) && escapes::occurs(&out) {
        (out, runs) = (without_escapes(out, &mut counts), true);
        hints.read(out.as_bytes());
    }
    if spelled::occurs(out.as_bytes(), hints) {
        out = spelled::join(&out, hints, &mut counts.spelled);
        hints.read(out.as_bytes());
    }
    if hints.any(LEET) {
        leet::read(&mut out, hints, &mut counts.leet);
        if counts.leet > 0 {
            hints.read(out.as_bytes());
        }
    }
    if counts.spelled + counts.leet > 0 && hints.any(ESCAPE) && escapes::occurs(&out) {
        // Joining made one by accident: nobody wrote it.
        out = escapes::break_up(&out);
        hints.read(out.as_bytes());
    }
    if runs || hints.any(ALIKE) {
        out = stretch::shorten(&out, runs, hints, &mut counts.stretched).unwrap_or(out);
    }
    (out, counts)
}

/// Step 7, and steps 1 to 6 for what it yields.
fn without_escapes(mut text: String, counts: &mut NormaliseCounts) -> String {
    for _ in 0..escapes::MOST_ROUNDS {
        text = fold(&escapes::read(&text), counts).0;
        if !escapes::occurs(&text) {
            return text;
        }
    }
    escapes::break_up(&text)
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
    }
}
