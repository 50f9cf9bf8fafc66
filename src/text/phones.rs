//! Phone numbers in a normalised text, written in digits or in words.
//!
//! Input: normalised text (spaced-out single digits are already joined). Output: how many. Numbers count when they begin as the
//! markets' numbers do: with 0, + or a country code. Deliberately not here: proof that a number is in service.

/// Fewest and most digits of a number, country code included (E.164 allows 15; the markets use 13).
const FEWEST: usize = 9;
const MOST: usize = 13;
/// Country codes of the markets: SG, MY, TH, VN, PH, ID.
const COUNTRY_CODES: [&[u8]; 6] = [b"65", b"60", b"66", b"84", b"63", b"62"];
/// Fewest digits spelt in words, in a row.
const FEWEST_SPELLED: usize = 7;

/// Number of phone numbers written in digits, with spaces, dots, dashes or brackets between groups.
pub(super) fn count(normalised: &str) -> u32 {
    let bytes = normalised.as_bytes();
    let mut found = 0;
    let mut i = 0;
    while i < bytes.len() {
        if !bytes[i].is_ascii_digit() || (i > 0 && bytes[i - 1].is_ascii_alphanumeric()) {
            i += 1;
            continue;
        }
        let plus = i > 0 && bytes[i - 1] == b'+';
        let (digits, end) = read_groups(bytes, i);
        let glued = bytes.get(end).is_some_and(|b| b.is_ascii_alphabetic() || *b == b'%');
        found += u32::from(!glued && is_phone(&digits, plus));
        i = end;
    }
    found
}

/// The digits from `start` on with single separators between them, and where they end. Reads one digit more than a number may
/// have, so that longer ones are seen to be longer.
fn read_groups(bytes: &[u8], start: usize) -> (Vec<u8>, usize) {
    let mut digits = Vec::with_capacity(MOST + 1);
    let mut i = start;
    loop {
        while i < bytes.len() && bytes[i].is_ascii_digit() {
            if digits.len() <= MOST {
                digits.push(bytes[i]);
            }
            i += 1;
        }
        let gap = bytes[i..].iter().take(2).take_while(|b| matches!(b, b' ' | b'.' | b'-' | b'(' | b')')).count();
        if gap == 0 || !bytes.get(i + gap).is_some_and(u8::is_ascii_digit) || digits.len() >= MOST {
            return (digits, i);
        }
        i += gap;
    }
}

fn is_phone(digits: &[u8], plus: bool) -> bool {
    if !(FEWEST..=MOST).contains(&digits.len()) {
        return false;
    }
    // 0000… and the like are prices and placeholders.
    if digits[1..].iter().all(|d| *d == digits[1]) {
        return false;
    }
    let national = digits[0] == b'0' && digits[1] != b'0';
    let international = digits.len() > FEWEST && COUNTRY_CODES.iter().any(|code| digits.starts_with(code));
    plus || national || international
}

/// Number of runs of seven or more digits of which at least four are spelt in words of English, Indonesian, Malay,
/// Vietnamese or Tagalog (`kosong lapan satu …`).
pub(super) fn count_spelled<'a>(words: impl Iterator<Item = &'a str>) -> u32 {
    let (mut found, mut run, mut spelled) = (0, 0_usize, 0_usize);
    let mut close = |run: &mut usize, spelled: &mut usize| {
        found += u32::from(*run >= FEWEST_SPELLED && *spelled >= 4);
        (*run, *spelled) = (0, 0);
    };
    for word in words {
        if is_digit_word(word) {
            run += 1;
            spelled += 1;
        } else if word.len() == 1 && word.as_bytes()[0].is_ascii_digit() {
            run += 1;
        } else {
            close(&mut run, &mut spelled);
        }
    }
    close(&mut run, &mut spelled);
    found
}

/// Digit words, sorted for the search.
const DIGIT_WORDS: [&str; 48] = [
    "anim", "apat", "ba", "bay", "bảy", "bốn", "chín", "dalawa", "delapan", "dua", "eight", "empat", "enam", "five", "four",
    "hai", "isa", "khong", "không", "kosong", "lapan", "lima", "linh", "lăm", "mốt", "một", "nine", "nol", "năm", "one", "pito",
    "sambilan", "satu", "sembilan", "seven", "six", "siyam", "sáu", "tam", "tatlo", "three", "tiga", "tujuh", "two", "tám", "tư",
    "walo", "zero",
];

fn is_digit_word(word: &str) -> bool {
    DIGIT_WORDS.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::normalise;

    fn check(text: &str, expect: u32) {
        assert_eq!(count(&normalise(text)), expect, "{text}");
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
        check("hotline:0912.345.678.", 1);
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
        check("", 0);
    }

    #[test]
    fn spelt_digits_are_counted_in_runs() {
        let n = |t: &str| count_spelled(t.split(' '));
        assert_eq!(n("wa nol delapan satu dua tiga empat lima ya"), 1);
        assert_eq!(n("không chín một hai ba bốn năm 6 7"), 1);
        assert_eq!(n("satu dua tiga"), 0);
        assert_eq!(n("1 2 3 4 5 6 7"), 0);
        assert!(DIGIT_WORDS.is_sorted());
    }
}
