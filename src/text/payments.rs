//! Ways to pay outside the platform: a bank or e-wallet named with an account number.
//!
//! Input: normalised text and its marks. Output: scheme and number. Deliberately not here: banks that are only named, as delivery
//! and refund talk does.

use super::roles::{Mark, Role};

/// How far from the scheme's name the number may begin, in bytes.
const NEAR: usize = 40;
/// Bounds of an account number's digits.
const FEWEST: usize = 9;
const MOST: usize = 18;

/// E-wallets whose accounts are phone numbers.
const WALLETS: [&str; 17] = [
    "gopay",
    "ovo",
    "dana",
    "linkaja",
    "shopeepay",
    "gcash",
    "maya",
    "promptpay",
    "truemoney",
    "momo",
    "zalopay",
    "viettelpay",
    "paynow",
    "duitnow",
    "tng",
    "grabpay",
    "boost",
];

/// An account and where its number stands.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) scheme: &'static str,
    pub(super) digits: Vec<u8>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Whether the scheme's accounts are phone numbers.
pub(super) fn is_wallet(scheme: &str) -> bool {
    WALLETS.contains(&scheme)
}

/// Calls `found` with each account.
pub(super) fn find(text: &str, marks: &[Mark], found: &mut dyn FnMut(Account)) {
    let bytes = text.as_bytes();
    let mut last = None;
    for (i, mark) in marks.iter().enumerate() {
        let Role::Pay(scheme) = mark.role else { continue };
        let next = marks[i + 1..].iter().find(|m| matches!(m.role, Role::Pay(_))).map_or(text.len(), |m| m.start);
        let end = next.min(mark.end + NEAR);
        let after = (mark.end..end).find(|at| bytes[*at].is_ascii_digit()).map(|at| (at, digits(bytes, at)));
        let account =
            after.filter(|(_, digits)| digits.is_some()).or_else(|| before(bytes, mark.start).map(|at| (at, digits(bytes, at))));
        let Some((start, Some((digits, end)))) = account else { continue };
        // `rek bca 123…` names one account twice; the later name, nearer to the number, is the bank's.
        if last != Some(start) {
            found(Account { scheme, digits, start, end });
        }
        last = Some(start);
    }
}

/// Where a number begins that ends just before `end`: `1234567890 (bca)`.
fn before(bytes: &[u8], end: usize) -> Option<usize> {
    let gap = bytes[..end].iter().rev().take(3).take_while(|b| matches!(b, b' ' | b'(' | b'-' | b'/')).count();
    let len =
        bytes[..end - gap].iter().rev().take(MOST + 6).take_while(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.')).count();
    (len >= FEWEST).then_some(end - gap - len)
}

/// The digits of an account number at `at`, if it is one and no price, and where it ends.
fn digits(bytes: &[u8], at: usize) -> Option<(Vec<u8>, usize)> {
    let mut digits = Vec::with_capacity(MOST);
    let mut groups = vec![0_usize];
    let mut i = at;
    while let Some(b) = bytes.get(i) {
        if b.is_ascii_digit() {
            digits.push(*b);
            if let Some(last) = groups.last_mut() {
                *last += 1;
            }
        } else if matches!(b, b' ' | b'-' | b'.') && bytes.get(i + 1).is_some_and(u8::is_ascii_digit) {
            groups.push(0);
        } else {
            break;
        }
        if digits.len() > MOST {
            return None;
        }
        i += 1;
    }
    let glued = bytes.get(i).is_some_and(u8::is_ascii_alphabetic);
    let price = digits.ends_with(b"000") || (groups.len() > 1 && groups[0] <= 3 && groups[1..].iter().all(|len| *len == 3));
    (digits.len() >= FEWEST && !glued && !price).then_some((digits, i))
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
        find(&normalised, &marks(&normalised, &words), &mut |account| {
            got.push(format!("{}:{}", account.scheme, String::from_utf8(account.digits).unwrap()));
        });
        assert_eq!(got, expect, "{text}: {normalised}");
    }

    #[test]
    fn accounts_are_found() {
        check("tf ke BCA 1234567891 a.n. budi", &["bca:1234567891"]);
        check("gopay / ovo 0812-3456-7891", &["ovo:081234567891"]);
        check("โอนกสิกร 012-3-45678-9", &["kbank:0123456789"]);
        check("vcb stk: 0071000123456", &["account:0071000123456"]);
        check("1234567891 (bca)", &["bca:1234567891"]);
    }

    #[test]
    fn prices_and_refunds_are_not_accounts() {
        check("bca 1.500.000", &[]);
        check("dana 100000000", &[]);
        check("refund to gcash please, order 12345", &[]);
    }
}
