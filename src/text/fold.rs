//! Steps 1 to 6 of `normalise`.
//!
//! Input: any text. Output: it folded. Most of every text needs only case and white space settled: that is done for all of it at once,
//! and the general rules, which look at each character several times, are left with the pieces between spaces that need them. No rule
//! looks beyond its piece but the last of step 5, and where that would apply, the whole text goes the general way.
//! Deliberately not here: the later steps.

use std::cell::RefCell;

use unicode_normalization::char::{compose, decompose_compatible, is_combining_mark};

use super::facts::{
    BASE, CONTROL, DECORATION, EMOJI, INVISIBLE, Kinds, LONG_LOWER, LOOK_ALIKE, MARK, READS_ASCII, SIGN, SIMPLE, SINKS, SPACE,
    STAYS, STYLED, THAI_MARK, UNCHANGED, facts,
};
use super::normalise::NormaliseCounts;
use super::plain::Plain;
use super::{alphabet, confusables, marks, plain};

/// Steps 1 to 6 for any text; adds what was undone to `counts`. Tells as well whether three of one character beyond ASCII may stand
/// in a row.
pub(super) fn fold(text: &str, counts: &mut NormaliseCounts) -> (String, bool) {
    let tidy = tidied(text);
    if text.is_ascii() {
        return (tidy, false);
    }
    let before = *counts;
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.fold_pieces(tidy, counts).unwrap_or_else(|| {
            *counts = before;
            (scratch.fold_whole(text, counts), true)
        })
    })
}

/// The bits that tell bytes beyond ASCII.
const HIGH: u64 = 0x8080_8080_8080_8080;

/// What is kept between texts, so that folding allocates nothing but its result.
#[derive(Default)]
struct Scratch {
    chars: Vec<char>,
    /// Marks on the last of `chars`.
    pending: Vec<char>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Scratch {
    /// Folds `tidy`, in which ASCII is as it has to be; `None` where only the whole text can tell.
    fn fold_pieces(&mut self, mut tidy: String, counts: &mut NormaliseCounts) -> Option<(String, bool)> {
        let kinds = Kinds::new();
        let mut out = String::new();
        // Where the part begins that is not in `out` yet.
        let mut from = 0;
        let mut at = 0;
        let mut runs = false;
        while let Some(next) = next_beyond_ascii(tidy.as_bytes(), at) {
            at = settled_to(&mut tidy, next, kinds, &mut runs);
            if tidy.as_bytes().get(at).is_none_or(u8::is_ascii) {
                continue;
            }
            let start = tidy.as_bytes()[..at].iter().rposition(|b| *b == b' ').map_or(0, |space| space + 1);
            let end = tidy.as_bytes()[at..].iter().position(|b| *b == b' ').map_or(tidy.len(), |space| at + space);
            if out.is_empty() {
                out.reserve(tidy.len() + tidy.len() / 8);
            }
            out.push_str(&tidy[from..start]);
            let len = out.len();
            runs |= self.fold_piece(&tidy[start..end], &mut out, counts)?;
            // Of a piece without a visible character one of the spaces around it goes too.
            from = end + usize::from(out.len() == len);
            at = end;
            if from > tidy.len() {
                out.pop();
                return Some((out, runs));
            }
        }
        if from == 0 {
            return Some((tidy, runs));
        }
        out.push_str(&tidy[from..]);
        Some((out, runs))
    }

    /// Adds a piece, folded, to `out`; whether it has three of one character beyond ASCII in a row.
    fn fold_piece(&mut self, piece: &str, out: &mut String, counts: &mut NormaliseCounts) -> Option<bool> {
        if let Some(runs) = push_disguised(piece, out, counts) {
            return Some(runs);
        }
        if self.read(piece, counts) && !confusables::resolve_piece(&mut self.chars, &mut counts.confusable) {
            return None;
        }
        let start = out.len();
        lower_and_collapse(&self.chars, out);
        // Its letters may only be alike when both are small.
        Some(!out[start..].is_ascii())
    }

    fn fold_whole(&mut self, text: &str, counts: &mut NormaliseCounts) -> String {
        if self.read(text, counts) {
            confusables::resolve(&mut self.chars, &mut counts.confusable);
        }
        let mut out = String::with_capacity(text.len() + text.len() / 8);
        lower_and_collapse(&self.chars, &mut out);
        out
    }

    /// Steps 1 to 4, into `chars`; whether step 5 may have something to do.
    fn read(&mut self, text: &str, counts: &mut NormaliseCounts) -> bool {
        let (chars, pending) = (&mut self.chars, &mut self.pending);
        chars.clear();
        pending.clear();
        let mut foreign = false;
        for c in text.chars() {
            let known = facts(c);
            if known.any(SIMPLE) {
                counts.styled += u32::from(known.any(STYLED));
                foreign |= known.any(LOOK_ALIKE);
                push_base(known.reads_as, chars, pending, counts);
            } else if known.any(MARK) {
                pending.push(known.reads_as);
            } else if known.any(THAI_MARK) {
                push_thai_mark(c, chars, pending, counts);
            } else if !push_plain(c, c, chars, pending, counts) {
                decompose_compatible(c, |d| {
                    if is_combining_mark(d) {
                        pending.push(d);
                    } else if d.is_ascii() || !push_plain(d, c, chars, pending, counts) {
                        foreign |= !d.is_ascii() && d.is_alphabetic();
                        counts.styled += u32::from(alphabet::is_styled(c) && d.is_ascii_alphanumeric());
                        push_base(d, chars, pending, counts);
                    }
                });
            }
        }
        marks::settle(chars, pending, &mut counts.marks_dropped, &mut counts.styled);
        foreign
    }
}

/// What `fold_piece` does for the usual disguises: styled letters, invisible characters and pictographs. `None`, and nothing is done,
/// where there is anything else.
fn push_disguised(piece: &str, out: &mut String, counts: &mut NormaliseCounts) -> Option<bool> {
    let start = out.len();
    let (mut invisible, mut styled) = (0, 0);
    // The two characters before.
    let (mut last, mut last_but_one) = ('\0', '\0');
    let mut runs = false;
    for c in piece.chars() {
        let known = facts(c);
        if known.any(READS_ASCII) {
            styled += u32::from(known.any(STYLED));
            (last, last_but_one) = (known.reads_as.to_ascii_lowercase(), last);
            out.push(last);
        } else if known.any(INVISIBLE) {
            invisible += u32::from(!facts(last).any(EMOJI));
        } else if known.of(EMOJI | UNCHANGED) == EMOJI | UNCHANGED {
            runs |= (c == last) & (last == last_but_one);
            (last, last_but_one) = (c, last);
            out.push(c);
        } else if !known.any(DECORATION) {
            out.truncate(start);
            return None;
        }
    }
    counts.invisible += invisible;
    counts.styled += styled;
    Some(runs)
}

/// Where the first byte at or after `at` stands that is not ASCII.
fn next_beyond_ascii(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at;
    while let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        let high = u64::from_le_bytes(*eight) & HIGH;
        if high != 0 {
            return Some(at + high.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    bytes.get(at..)?.iter().position(|b| !b.is_ascii()).map(|further| at + further)
}

/// Settles case from `at` on, where a run of characters beyond ASCII begins: gives the end of the run, or the place of the first
/// character in it that needs more. Sets `runs` where three of one character beyond ASCII stand in a row.
fn settled_to(text: &mut String, at: usize, kinds: Kinds, runs: &mut bool) -> usize {
    let mut at = at;
    // Whether a Thai consonant or the first sign on it came before: at most two different signs stand on one consonant. And the two
    // characters before.
    let (mut before, mut last, mut last_but_one) = (0, '\0', '\0');
    loop {
        let mut rest = text[at..].chars();
        let c = loop {
            let Some(c) = rest.next() else { return text.len() };
            let kind = kinds.of(c);
            // Thai puts signs on any letter, so that a branch would be taken wrongly all the time: bits are moved instead.
            let first = kind & (before << 1) & SIGN;
            let second = kind & before & SIGN & (u8::from(c != last) * SIGN);
            if c.is_ascii() | (first | second | kind & STAYS == 0) {
                break c;
            }
            before = first | kind & BASE;
            *runs |= (c == last) & (last == last_but_one);
            (last, last_but_one) = (c, last);
        };
        at = text.len() - rest.as_str().len() - c.len_utf8();
        if c.is_ascii() || kinds.of(c) & SINKS == 0 {
            return at;
        }
        let mut buffer = [0; 4];
        let lower = facts(c).lower;
        let written = lower.encode_utf8(&mut buffer);
        text.replace_range(at..at + c.len_utf8(), written);
        at += written.len();
        *runs |= (lower == last) & (last == last_but_one);
        (before, last, last_but_one) = (0, lower, last);
    }
}

/// Steps 1 to 6 for ASCII: case, control characters and white space. The rest of the text is copied.
fn tidied(text: &str) -> String {
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
    // Only ASCII was left out, so that this is still UTF-8 and nothing is ever lost here.
    String::from_utf8(out).unwrap_or_default()
}

/// Whether every stretch of white space is one space between other things, and nothing is a control character. Reads all of the
/// text without a branch, because the compiler then takes sixteen bytes at a time.
fn is_tidy(bytes: &[u8]) -> bool {
    let control = bytes.iter().fold(false, |found, b| found | (*b < b' ') | (*b == 0x7f));
    let double = bytes.iter().zip(bytes.iter().skip(1)).fold(false, |found, (a, b)| found | ((*a == b' ') & (*b == b' ')));
    !(control | double | bytes.starts_with(b" ") | bytes.ends_with(b" "))
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

/// Step 6, added to `out`. A final sigma is written as any sigma, for it is the same letter.
fn lower_and_collapse(chars: &[char], out: &mut String) {
    let start = out.len();
    let mut space_owed = false;
    for &c in chars {
        let known = facts(c);
        if known.any(SPACE | CONTROL) {
            space_owed = true;
            continue;
        }
        if space_owed && out.len() > start {
            out.push(' ');
        }
        space_owed = false;
        if known.any(LONG_LOWER) {
            out.extend(c.to_lowercase());
        } else {
            out.push(known.lower);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All of `text` by the general rules.
    fn whole(text: &str) -> (String, NormaliseCounts) {
        let mut counts = NormaliseCounts::default();
        (Scratch::default().fold_whole(text, &mut counts), counts)
    }

    fn pieces(text: &str) -> (String, NormaliseCounts) {
        let mut counts = NormaliseCounts::default();
        let (folded, runs) = fold(text, &mut counts);
        // Repeats are squeezed only where they are announced.
        assert!(runs || !has_run(&folded), "{text:?} gives {folded:?}, whose run is not announced");
        (folded, counts)
    }

    /// Whether three of one character beyond ASCII stand in a row.
    fn has_run(text: &str) -> bool {
        let chars: Vec<char> = text.chars().collect();
        chars.windows(3).any(|three| !three[0].is_ascii() && three[0] == three[1] && three[1] == three[2])
    }

    #[test]
    fn runs_are_announced() {
        for (text, runs) in [("aaaa", false), ("ààà", true), ("aààa", false), ("มากกก", true), ("a ğğğ b", false), ("ÀàÀ", true)]
        {
            assert_eq!(fold(text, &mut NormaliseCounts::default()).1, runs, "{text}");
        }
    }

    #[test]
    fn a_piece_that_vanishes_takes_a_space_with_it() {
        for text in [
            "\u{a0} b",
            "a \u{200b} b",
            "a \u{200b}",
            "\u{200b} \u{200b}",
            "\u{200b}",
            "a \u{a0} \u{a0}",
            "\u{a0} \u{a0} b \u{3000}\u{200b} c",
        ] {
            assert_eq!(pieces(text), whole(text), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn ascii_takes_the_same_way_as_everything_else(text in "[ -~\\t\\n]{0,60}") {
            prop_assert_eq!(pieces(&text), whole(&text));
        }

        #[test]
        fn pieces_take_the_same_way_as_the_whole(
            text in "[a-cA-C  .\\n\\t\u{a0}\u{200b}\u{3000}àẾơƯđñกดมาำ\u{e48}\u{e35}\u{e4d}\u{301}\u{323}าเ🔥\u{fe0f}가\u{1161}\u{11a8}のаеНОРςΣщ𝐀Ａß™ďĐ]{0,30}"
        ) {
            prop_assert_eq!(pieces(&text), whole(&text));
        }

        #[test]
        fn any_pieces_take_the_same_way_as_the_whole(
            text in proptest::collection::vec(
                prop_oneof![3 => any::<char>(), 1 => prop::sample::select(vec![' ', '\t', '\u{a0}', '\u{200b}', 'A', 'Q', 'z'])],
                0..40,
            )
        ) {
            let text = text.into_iter().collect::<String>();
            prop_assert_eq!(pieces(&text), whole(&text));
        }
    }
}
