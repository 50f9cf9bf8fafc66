//! Phone numbers in a normalised text that are spelt in words, wholly or in part: `kosong lapan 12 tiga …`.
//!
//! Input: normalised text and its marks. Output: the numbers and where they stand. Deliberately not here: numbers that are counted
//! rather than dialled (`one two three four …`).

use super::number_plans::{E164, Written, read};
use super::roles::{Mark, Role};
use crate::units::Market;

/// Fewest digits, and fewest of them in words, of a number that fits no plan.
const FEWEST: usize = 7;
const FEWEST_SPELLED: usize = 4;
/// Most digits in a row of a number that fits no plan.
const LONGEST_UNPLANNED: usize = 3;
/// Fewest digits in words of a number that fits one.
const FEWEST_SPELLED_OF_PLANNED: usize = 2;
/// Most digits; what goes on for longer is not one number.
const MOST: usize = 15;
/// Digits that are a number by themselves.
const WHOLE: usize = 9;
/// Longest gap between two digits, in bytes.
const GAP: usize = 4;

/// One piece of a number.
struct Piece<'a> {
    start: usize,
    end: usize,
    /// The digit that the word names, or none for `digits`.
    spelled: Option<u8>,
    digits: &'a [u8],
}

/// Calls `found` with each number that is spelt out and where it begins and ends.
pub(super) fn find(text: &str, marks: &[Mark], home: Option<Market>, found: &mut dyn FnMut(E164, usize, usize)) {
    let n_spelled = marks.iter().filter(|m| matches!(m.role, Role::Digit(_))).count();
    if n_spelled < FEWEST_SPELLED_OF_PLANNED {
        return;
    }
    let pieces = pieces(text, marks);
    let mut start = 0;
    while start < pieces.len() {
        let joined =
            |w: &[Piece<'_>]| w[0].digits.len() < WHOLE && w[1].digits.len() < WHOLE && joins(text, w[0].end, w[1].start);
        let len = 1 + pieces[start..].windows(2).take_while(|w| joined(w)).count();
        let run = &pieces[start..start + len];
        if let Some(number) = number(text, run, home) {
            found(number, run[0].start, run[len - 1].end);
        }
        start += len;
    }
}

/// Digits' names and runs of digits, in order.
fn pieces<'a>(text: &'a str, marks: &[Mark]) -> Vec<Piece<'a>> {
    let bytes = text.as_bytes();
    let mut pieces: Vec<Piece<'a>> = marks
        .iter()
        .filter_map(|m| match m.role {
            Role::Digit(d) => Some(Piece { start: m.start, end: m.end, spelled: Some(b'0' + d), digits: b"" }),
            _ => None,
        })
        .collect();
    let mut i = 0;
    while i < bytes.len() {
        let len = bytes[i..].iter().take_while(|b| b.is_ascii_digit()).count();
        if len > 0 {
            pieces.push(Piece { start: i, end: i + len, spelled: None, digits: &bytes[i..i + len] });
        }
        i += len.max(1);
    }
    pieces.sort_by_key(|p| p.start);
    pieces
}

/// Whether nothing but separators stands between two places.
fn joins(text: &str, end: usize, start: usize) -> bool {
    let Some(gap) = text.as_bytes().get(end..start) else { return false };
    gap.len() <= GAP && gap.iter().all(|b| b.is_ascii_punctuation() || *b == b' ') && !gap.contains(&b';')
}

fn number(text: &str, run: &[Piece<'_>], home: Option<Market>) -> Option<E164> {
    let n_spelled = run.iter().filter(|p| p.spelled.is_some()).count();
    let n = n_spelled + run.iter().map(|p| p.digits.len()).sum::<usize>();
    if n_spelled < FEWEST_SPELLED_OF_PLANNED || !(FEWEST..=MOST).contains(&n) {
        return None;
    }
    let digits: Vec<u8> = run.iter().flat_map(|p| p.spelled.iter().chain(p.digits)).copied().collect();
    let counted = digits.windows(2).all(|w| w[1] == w[0] + 1) || digits.windows(2).all(|w| w[1] + 1 == w[0]);
    if counted || digits.iter().all(|d| *d == digits[0]) {
        return None;
    }
    let plus = text[..run[0].start].trim_end().ends_with('+');
    let planned = read(Written { digits: &digits, plus, invited: n_spelled >= FEWEST_SPELLED }, home);
    // Years and amounts between number words are none of a number's digits.
    let even = run.iter().all(|p| p.digits.len() <= LONGEST_UNPLANNED);
    planned.or_else(|| if even && n_spelled >= FEWEST_SPELLED { E164::unplanned(&digits) } else { None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::roles::marks;
    use crate::text::{normalise, tokens};

    fn check(text: &str, expect: &[&str]) {
        let normalised = normalise(text);
        let words: Vec<&str> = tokens(&normalised).map(|t| t.text).collect();
        let mut got = Vec::new();
        find(&normalised, &marks(&normalised, &words), None, &mut |n, _, _| got.push(n.as_str().to_owned()));
        assert_eq!(got, expect, "{text}");
    }

    #[test]
    fn digits_in_words_make_a_number() {
        check("wa nol delapan satu dua tiga empat lima ya", &["0812345"]);
        check("không chín một hai ba bốn năm 6 7 tám", &["84912345678"]);
        check("nol delapan satu 2 3456 tujuh delapan sembilan", &["628123456789"]);
        check("โทรศูนย์แปดหนึ่งสองสามสี่ห้าหกเจ็ดแปดนะ", &["84812345678"]);
        check("电话 九一二三四五六八", &["6591234568"]);
    }

    #[test]
    fn counting_is_not_dialling() {
        check("satu dua tiga", &[]);
        check("one two three four five six seven eight", &[]);
        check("1 2 3 4 5 6 7", &[]);
        check("ba 0912345678", &[]);
        check("二〇二六年十一月", &[]);
    }
}
