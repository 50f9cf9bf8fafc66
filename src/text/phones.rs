//! Phone numbers in a normalised text, written in digits.
//!
//! Input: normalised text (spaced-out single digits are already joined) and its marks. Output: the numbers and where they stand. A
//! number counts when it is one that a market gives out: see `number_plans`. Deliberately not here: proof that a number is in
//! service, and numbers in words (see `numbers`).

use super::hints::any;
use super::number_plans::{E164, Written, read};
use super::roles::{Mark, Role, ending_at};
use crate::units::Market;

/// Most digits of a number as written, country code and zeros included.
const MOST: usize = 17;
/// Fewest digits of any number.
const FEWEST: usize = 8;
/// How near, in bytes, an invitation to call makes a number of digits a phone number.
const NEAR_BEFORE: usize = 28;
const NEAR_AFTER: usize = 14;

/// Calls `found` with each phone number in digits and where it begins and ends. Nothing is read inside `taken`.
pub(super) fn find(
    text: &str,
    marks: &[Mark],
    taken: &[(usize, usize)],
    home: Option<Market>,
    found: &mut dyn FnMut(E164, usize, usize),
) {
    let bytes = text.as_bytes();
    let mut i = 0;
    while let Some(digit) = next_digit(bytes, i) {
        // An `o` before it may stand for a nought.
        i = if digit > i && bytes[digit - 1] == b'o' { digit - 1 } else { digit };
        let Some(group) = Group::at(bytes, i) else {
            i += 1;
            continue;
        };
        if glued_before(bytes, i, marks) {
            i += bytes[i..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
            continue;
        }
        if let Some(&(_, end)) = taken.get(taken.partition_point(|(_, end)| *end <= i)).filter(|(start, _)| *start <= i) {
            i = end;
            continue;
        }
        let run = Run::of(bytes, group);
        match run.phone(bytes, marks, home) {
            Some((number, end)) => {
                found(number, run.groups[0].start, end);
                i = end;
            }
            // A number may follow another after a space: `2 pcs 0812…`, but not inside one: `12-0812…`.
            None => i = run.next_start(bytes),
        }
    }
}

/// Where the next digit stands, at or after `from`.
fn next_digit(bytes: &[u8], from: usize) -> Option<usize> {
    let mut from = from;
    while let Some(stretch) = bytes.get(from..).and_then(<[u8]>::first_chunk::<16>) {
        if any(stretch, |b| b.is_ascii_digit()) {
            break;
        }
        from += stretch.len();
    }
    bytes.get(from..)?.iter().position(u8::is_ascii_digit).map(|further| from + further)
}

/// Whether letters before the digits make them part of a model or order number. Those of a mark do not: `wa0812…`.
fn glued_before(bytes: &[u8], start: usize, marks: &[Mark]) -> bool {
    let before = bytes[..start].iter().rev().take_while(|b| b.is_ascii_alphanumeric() || **b == b'#').count();
    let invites = || {
        let word = &bytes[start - before..start];
        [
            &b"wa"[..],
            b"tel",
            b"telp",
            b"tlp",
            b"hp",
            b"no",
            b"zalo",
            b"line",
            b"call",
            b"sdt",
            b"dt",
            b"whatsapp",
            b"viber",
            b"dana",
        ]
        .contains(&word)
            || ending_at(marks, start).is_some_and(|m| m.role == Role::Call)
    };
    before > 0 && !invites()
}

/// Digits without a gap.
#[derive(Clone, Copy)]
struct Group {
    start: usize,
    end: usize,
}

impl Group {
    /// The group that begins at `at`. Letters that look like digits count among them if they are few: `o812l456`.
    fn at(bytes: &[u8], at: usize) -> Option<Self> {
        let first = *bytes.get(at)?;
        let begins = first.is_ascii_digit() || (first == b'o' && bytes.get(at + 1).is_some_and(u8::is_ascii_digit));
        if !begins {
            return None;
        }
        let len = bytes[at..].iter().take_while(|b| digit(**b).is_some()).count();
        let digits = bytes[at..at + len].iter().filter(|b| b.is_ascii_digit()).count();
        if digits == len || (2 * digits >= len && len >= 3 && ends_word(bytes, at + len)) {
            return Some(Self { start: at, end: at + len });
        }
        let plain = bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
        (plain > 0).then_some(Self { start: at, end: at + plain })
    }
}

fn ends_word(bytes: &[u8], at: usize) -> bool {
    !bytes.get(at).is_some_and(u8::is_ascii_alphanumeric)
}

/// The digit that the byte is or looks like.
fn digit(b: u8) -> Option<u8> {
    match b {
        b'0'..=b'9' => Some(b),
        b'o' => Some(b'0'),
        b'i' | b'l' => Some(b'1'),
        _ => None,
    }
}

/// Groups of digits with separators between them.
struct Run {
    groups: Vec<Group>,
    plus: bool,
}

impl Run {
    fn of(bytes: &[u8], first: Group) -> Self {
        let plus = bytes[..first.start].iter().rev().find(|b| **b != b' ' && **b != b'(') == Some(&b'+');
        let mut groups = vec![first];
        let mut n_digits = first.end - first.start;
        while n_digits <= MOST {
            let end = groups[groups.len() - 1].end;
            let gap = bytes[end..].iter().take(3).take_while(|b| is_separator(**b)).count();
            let Some(next) = Group::at(bytes, end + gap).filter(|_| gap > 0) else { break };
            n_digits += next.end - next.start;
            groups.push(next);
        }
        Self { groups, plus }
    }

    /// The longest number that the first groups make, and where it ends.
    fn phone(&self, bytes: &[u8], marks: &[Mark], home: Option<Market>) -> Option<(E164, usize)> {
        let mut digits: Vec<u8> = Vec::with_capacity(MOST);
        let start = self.groups[0].start;
        let mut best = None;
        let mut letters = 0;
        for (n, group) in self.groups.iter().enumerate() {
            let written = &bytes[group.start..group.end];
            letters += written.iter().filter(|b| !b.is_ascii_digit()).count();
            digits.extend(written.iter().filter_map(|b| digit(*b)));
            if digits.len() > MOST {
                break;
            }
            if digits.len() < FEWEST
                || 3 * letters > digits.len()
                || !self.may_end(bytes, n)
                || self.is_number_of_something(bytes, n)
            {
                continue;
            }
            let written = Written { digits: &digits, plus: self.plus, invited: letters == 0 && invited(marks, start, group.end) };
            best = read(written, home).map(|number| (number, group.end)).or(best);
        }
        best
    }

    /// Whether a number may end with group `n`: what follows is not part of it.
    fn may_end(&self, bytes: &[u8], n: usize) -> bool {
        let end = self.groups[n].end;
        match self.groups.get(n + 1) {
            None => !bytes.get(end).is_some_and(|b| b.is_ascii_alphabetic() || *b == b'%') || before_word(bytes, end),
            Some(next) => {
                let gap = &bytes[end..next.start];
                gap.iter().any(|b| matches!(b, b' ' | b'/' | b',' | b')')) || matches!(bytes[next.start], b'0')
            }
        }
    }

    /// Whether the first groups, up to `n`, are a price, a decimal, a date or a list.
    fn is_number_of_something(&self, bytes: &[u8], n: usize) -> bool {
        let groups = &self.groups[..=n];
        let len = |i: usize| groups[i].end - groups[i].start;
        let gap = |i: usize| &bytes[groups[i].end..groups[i + 1].start];
        let same_gap = |sign: &[u8]| n > 0 && (0..n).all(|i| gap(i) == sign);
        let first = bytes[groups[0].start];
        let thousands = first != b'0' && len(0) <= 3 && (1..=n).all(|i| len(i) == 3);
        let decimal = n == 1 && first == b'0' && len(0) == 1 && matches!(gap(0), b"." | b",");
        let year = |i: usize| len(i) == 4 && matches!(&bytes[groups[i].start..groups[i].start + 2], b"19" | b"20");
        let date = n >= 2 && ((len(0) <= 2 && len(1) <= 2 && year(2)) || (year(0) && len(1) <= 2 && len(2) <= 2));
        let value =
            |i: usize| bytes[groups[i].start..groups[i].end].iter().fold(0_u64, |v, b| v.saturating_mul(10) + u64::from(b & 0xf));
        // `01 02 03 04 05` are colours or sizes.
        let list = n >= 3 && (1..=n).all(|i| len(i) == len(0) && len(0) > 1 && value(i) == value(i - 1) + 1);
        date || list || decimal || (thousands && !self.plus && (same_gap(b".") || same_gap(b",")))
    }

    /// Where a reading may begin anew.
    fn next_start(&self, bytes: &[u8]) -> usize {
        let after = self.groups.windows(2).find(|w| bytes[w[0].end..w[1].start].iter().any(|b| matches!(b, b' ' | b'/' | b',')));
        after.map_or(self.groups[self.groups.len() - 1].end, |w| w[1].start)
    }
}

/// Whether the letters at `at` are an invitation or a service rather than a unit: `0812…wa`.
fn before_word(bytes: &[u8], at: usize) -> bool {
    let word = &bytes[at..at + bytes[at..].iter().take_while(|b| b.is_ascii_alphanumeric()).count()];
    [&b"wa"[..], b"call", b"zalo", b"line", b"whatsapp", b"telp", b"sms", b"ya", b"viber"].contains(&word)
}

fn is_separator(b: u8) -> bool {
    matches!(b, b' ' | b'.' | b'-' | b'(' | b')' | b'/' | b'_' | b',' | b'*' | b'~' | b'|')
}

/// Whether an invitation or a service stands beside the place.
fn invited(marks: &[Mark], start: usize, end: usize) -> bool {
    let first = marks.partition_point(|m| m.end + NEAR_BEFORE < start);
    let near = marks[first..].iter().take_while(|m| m.start <= end + NEAR_AFTER);
    near.into_iter().any(|m| matches!(m.role, Role::Call | Role::Service(_) | Role::Maybe(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::roles::marks;
    use crate::text::{normalise, tokens};

    fn numbers(text: &str) -> Vec<String> {
        let normalised = normalise(text);
        let words: Vec<&str> = tokens(&normalised).map(|t| t.text).collect();
        let mut got = Vec::new();
        find(&normalised, &marks(&normalised, &words), &[], None, &mut |n, _, _| got.push(n.as_str().to_owned()));
        got
    }

    fn check(text: &str, expect: usize) {
        assert_eq!(numbers(text).len(), expect, "{text}: {:?}", numbers(text));
    }

    #[test]
    fn phone_numbers_are_found_in_their_disguises() {
        check("call 0812-3456-7890 now", 1);
        check("+62 812 3456 7890", 1);
        check("(084) 912 345 678", 1);
        check("０９１２３４５６７８", 1);
        check("0️⃣9️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣", 1);
        check("0 9 1 2 3 4 5 6 7 8", 1);
        check("6591234567 or 0912345678", 2);
        check("6591234567; 0912345678", 2);
        check("0912345678 0987654321", 2);
        check("0812-3456-7890/0813-3456-7890", 2);
        check("hotline:0912.345.678.", 1);
        check("o812 3456 789o", 1);
        check("wa081234567890ya", 1);
        check("order 2 0812 3456 7890", 1);
    }

    #[test]
    fn prices_and_models_are_not_phone_numbers() {
        check("Rp 1.500.000", 0);
        check("100000000", 0);
        check("000000000", 0);
        check("iso 9001:2015", 0);
        check("sku a0912345678", 0);
        check("12345678901234567890", 0);
        check("2026-11-22", 0);
        check("01-02-2025 08:00", 0);
        check("0.912345678", 0);
        check("call now, only 81.500.000", 0);
        check("91234567", 0);
        check("", 0);
    }

    #[test]
    fn an_invitation_makes_eight_digits_a_number() {
        assert_eq!(numbers("call 9123 4567"), ["6591234567"]);
        assert_eq!(numbers("91234567 whatsapp"), ["6591234567"]);
    }
}
