//! Which characters of a text its normalised form came from.
//!
//! Input: a text and what `normalise` made of it. Output: for each normalised character the range of original characters that it
//! stands for. `normalise` itself keeps no such record, for it would cost every scored item; here, for the one item that is looked at,
//! both are laid side by side: each original character is normalised alone, and the two sequences are aligned by edit distance,
//! block by block. What stood between letters and went (separators of spelt-out words aside) belongs to the letter before it.
//! Deliberately not here: HTML, which is stripped before.

use std::collections::HashMap;
use std::ops::Range;

use super::normalise::normalise;

/// Characters of either text that are aligned at once.
const BLOCK: usize = 192;

/// So many equal characters in a row end a disagreement.
const AGREED: usize = 6;

/// An original character as it reads alone.
#[derive(Debug, Clone, Copy)]
struct Folded {
    c: char,
    /// Its place in the original.
    at: usize,
}

/// For each character of `normalised` the characters of `original` that it stands for, as ranges of character positions: ascending,
/// none empty. Linear in the length of the texts.
#[must_use]
pub fn alignment(original: &str, normalised: &str) -> Vec<Range<usize>> {
    let folded = folded(original);
    let target: Vec<char> = normalised.chars().collect();
    let mut places: Vec<Range<usize>> = Vec::with_capacity(target.len());
    let (mut i, mut j) = (0, 0);
    while j < target.len() {
        if folded.get(i).is_some_and(|f| f.c == target[j]) {
            step(&mut places, Step::Both, &folded, i);
            (i, j) = (i + 1, j + 1);
            continue;
        }
        let steps = block(&folded[i..folded.len().min(i + BLOCK)], &target[j..target.len().min(j + BLOCK)], BLOCK);
        for (kept, one) in steps.iter().enumerate() {
            step(&mut places, *one, &folded, i);
            i += usize::from(*one != Step::Target);
            j += usize::from(*one != Step::Original);
            // The rest agrees again, or a later block knows it better.
            let agreed = steps[kept + 1..].iter().take_while(|s| **s == Step::Both).count();
            if agreed >= AGREED || kept > BLOCK {
                break;
            }
        }
        if steps.is_empty() {
            step(&mut places, Step::Target, &folded, i);
            j += 1;
        }
    }
    // What is left of the last word belongs to it.
    while folded.get(i).is_some_and(|f| !f.c.is_whitespace()) {
        step(&mut places, Step::Original, &folded, i);
        i += 1;
    }
    places
}

/// One step of an alignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// A character of each, equal.
    Both,
    /// A character of each, one read as the other.
    Changed,
    /// An original character that went.
    Original,
    /// A normalised character that nothing original stands for alone.
    Target,
}

/// Books `one`, the next original character being that at `i`.
fn step(places: &mut Vec<Range<usize>>, one: Step, folded: &[Folded], i: usize) {
    let here = folded.get(i).or(folded.last()).map_or(0, |f| f.at);
    match one {
        Step::Both | Step::Changed => places.push(here..here + 1),
        Step::Target => {
            let before = places.last().cloned().unwrap_or(here..here + 1);
            places.push(before);
        }
        Step::Original => {
            let is_blank = folded.get(i).is_some_and(|f| f.c.is_whitespace());
            if let Some(last) = places.last_mut().filter(|last| !is_blank && last.end == here) {
                last.end = here + 1;
            }
        }
    }
}

/// Every character of `original` as it reads alone; one that vanishes stays as it is, to be matched or skipped.
fn folded(original: &str) -> Vec<Folded> {
    let mut known: HashMap<char, String> = HashMap::new();
    let mut all = Vec::with_capacity(original.len());
    for (at, c) in original.chars().enumerate() {
        if c.is_whitespace() || c.is_control() {
            all.push(Folded { c: ' ', at });
        } else if c.is_ascii() {
            all.push(Folded { c: c.to_ascii_lowercase(), at });
        } else {
            let reading = known.entry(c).or_insert_with(|| {
                let reading = normalise(c.encode_utf8(&mut [0; 4]));
                if reading.is_empty() { c.to_string() } else { reading }
            });
            all.extend(reading.chars().map(|c| Folded { c, at }));
        }
    }
    all
}

/// The steps of a cheapest alignment of `original` with as much of `target` as it reaches, or the other way round, where one of them
/// was cut to `limit`. A substitution, an insertion and a deletion cost one each.
fn block(original: &[Folded], target: &[char], limit: usize) -> Vec<Step> {
    let (n, m) = (original.len(), target.len());
    let width = m + 1;
    let mut cost = vec![0_u16; (n + 1) * width];
    for i in 0..=n {
        for j in 0..=m {
            cost[i * width + j] = match (i, j) {
                (0, j) => j as u16,
                (i, 0) => i as u16,
                (i, j) => {
                    let same = original[i - 1].c == target[j - 1];
                    let both = cost[(i - 1) * width + j - 1] + u16::from(!same);
                    both.min(cost[(i - 1) * width + j] + 1).min(cost[i * width + j - 1] + 1)
                }
            };
        }
    }
    let (mut i, mut j) = (n, m);
    if n >= limit || m >= limit {
        // One of them goes on: the alignment ends where either is used up most cheaply.
        let ends = (0..=m).map(|j| (n, j)).chain((0..=n).map(|i| (i, m)));
        let best = ends.filter(|(i, j)| i + j > 0).min_by_key(|(i, j)| {
            // A short cheap end would explain nothing.
            (2 * usize::from(cost[i * width + j]) + (n - i) + (m - j), n + m - i - j)
        });
        (i, j) = best.unwrap_or((n, m));
    }
    let mut steps = Vec::with_capacity(i + j);
    while i + j > 0 {
        let here = cost[i * width + j];
        if i > 0 && j > 0 {
            let same = original[i - 1].c == target[j - 1];
            if here == cost[(i - 1) * width + j - 1] + u16::from(!same) {
                steps.push(if same { Step::Both } else { Step::Changed });
                (i, j) = (i - 1, j - 1);
                continue;
            }
        }
        if i > 0 && here == cost[(i - 1) * width + j] + 1 {
            steps.push(Step::Original);
            i -= 1;
        } else {
            steps.push(Step::Target);
            j -= 1;
        }
    }
    steps.reverse();
    steps
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What stands in `original` for the part `needle` of its normalised form.
    fn check(original: &str, needle: &str, expect: &str) {
        let normalised = normalise(original);
        let places = alignment(original, &normalised);
        assert_eq!(places.len(), normalised.chars().count());
        let byte = normalised.find(needle).unwrap_or_else(|| panic!("{needle} in {normalised}"));
        let first = normalised[..byte].chars().count();
        let last = first + needle.chars().count() - 1;
        let found: String = original.chars().skip(places[first].start).take(places[last].end - places[first].start).collect();
        assert_eq!(found, expect, "{normalised}");
    }

    #[test]
    fn plain_text_is_itself() {
        check("Barang Bagus sekali", "bagus", "Bagus");
        check("  two   blanks ", "blanks", "blanks");
        check("ขายถูกมาก", "ถูก", "ถูก");
        check("น้ำดื่ม", "ดื่ม", "ดื่ม");
    }

    #[test]
    fn disguises_are_found_where_they_were_written() {
        check("main ＧＡＣＯＲ yuk", "gacor", "ＧＡＣＯＲ");
        check("main 𝐆𝐀𝐂𝐎𝐑 yuk", "gacor", "𝐆𝐀𝐂𝐎𝐑");
        check("main g4c0r yuk", "gacor", "g4c0r");
        check("main ga\u{200b}c\u{200d}or yuk", "gacor", "ga\u{200b}c\u{200d}or");
        check("main gacorrrrrr yuk", "gacorr", "gacorrrrrr");
        check("main g a c o r yuk", "gacor", "g a c o r");
        check("main g.a.c.o.r yuk", "gacor", "g.a.c.o.r");
        check("main ɢᴀᴄᴏʀ yuk", "gacor", "ɢᴀᴄᴏʀ");
        check("main g\u{336}a\u{336}c\u{336}o\u{336}r\u{336} yuk", "gacor", "g\u{336}a\u{336}c\u{336}o\u{336}r\u{336}");
    }

    #[test]
    fn the_end_of_a_long_disguised_text_is_still_found() {
        let text = format!("{}ＧＡＣＯＲ", "s l o t h o k i dan ＳＬＯＴ𝟖𝟖 ".repeat(300));
        check(&text, "gacor", "ＧＡＣＯＲ");
    }

    proptest! {
        #[test]
        fn every_character_has_a_place_in_order(text in "[a-zA 0-9.@\\u{200b}ＡＢก้่ำаеß𝐀🔥ｇ\\-_]{0,300}") {
            let normalised = normalise(&text);
            let places = alignment(&text, &normalised);
            let n = text.chars().count();
            prop_assert_eq!(places.len(), normalised.chars().count());
            prop_assert!(places.iter().all(|p| p.start < p.end && p.end <= n), "{:?} {}", places, n);
            prop_assert!(places.windows(2).all(|w| w[0].start <= w[1].start), "{:?}", places);
        }
    }
}
