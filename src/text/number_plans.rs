//! Which strings of digits are phone numbers of the six markets, and their one international form.
//!
//! Input: digits as written. Output: the E.164 number (ITU-T E.164: country code, then the number without its trunk zero). Lengths and
//! first digits are those of the national numbering plans. Deliberately not here: separators and words around a number.

use crate::units::Market;

/// Longest number in international form, by ITU-T E.164.
const LONGEST: usize = 15;

/// A number in international form, without the plus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct E164 {
    digits: [u8; LONGEST],
    len: u8,
}

impl E164 {
    /// Joins `parts`; `None` for more digits than a number may have.
    fn of(parts: [&[u8]; 2]) -> Option<Self> {
        let len = parts[0].len() + parts[1].len();
        let mut digits = [0; LONGEST];
        digits.get_mut(..parts[0].len())?.copy_from_slice(parts[0]);
        digits.get_mut(parts[0].len()..len)?.copy_from_slice(parts[1]);
        Some(Self { digits, len: u8::try_from(len).ok()? })
    }

    /// Digits that fit no plan, as they stand.
    pub(super) fn unplanned(digits: &[u8]) -> Option<Self> {
        Self::of([digits, b""])
    }

    /// Its digits.
    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.digits[..usize::from(self.len)]).unwrap_or("")
    }
}

/// Digits as somebody wrote them.
#[derive(Clone, Copy)]
pub(super) struct Written<'a> {
    pub(super) digits: &'a [u8],
    /// A plus stands before them.
    pub(super) plus: bool,
    /// An invitation to call stands near, so that land lines and numbers without a prefix are meant too.
    pub(super) invited: bool,
}

/// A market's plan.
struct Plan {
    market: &'static str,
    code: &'static [u8],
    /// Whether digits without the trunk zero are a mobile number.
    mobile: fn(&[u8]) -> bool,
    /// Whether they are a land line.
    land: fn(&[u8]) -> bool,
}

/// In the order in which a national number that fits several is read, unless it fits the home market's.
const PLANS: [Plan; 6] = [
    Plan {
        market: "MY",
        code: b"60",
        mobile: |n| n[0] == b'1' && n.len() == if matches!(n[1], b'1' | b'5') { 10 } else { 9 },
        land: |n| matches!(n[0], b'3'..=b'9') && (8..=9).contains(&n.len()),
    },
    Plan {
        market: "PH",
        code: b"63",
        mobile: |n| n[0] == b'9' && n.len() == 10,
        land: |n| matches!(n[0], b'2'..=b'8') && n.len() == 9,
    },
    Plan {
        market: "VN",
        code: b"84",
        mobile: |n| matches!(n[0], b'3' | b'5' | b'7' | b'8' | b'9') && n.len() == 9,
        land: |n| n[0] == b'2' && n.len() == 10,
    },
    Plan {
        market: "TH",
        code: b"66",
        mobile: |n| matches!(n[0], b'6' | b'8' | b'9') && n.len() == 9,
        land: |n| matches!(n[0], b'2'..=b'7') && n.len() == 8,
    },
    Plan {
        market: "ID",
        code: b"62",
        mobile: |n| n[0] == b'8' && matches!(n[1], b'1'..=b'3' | b'5' | b'7'..=b'9') && (9..=12).contains(&n.len()),
        land: |n| matches!(n[0], b'2'..=b'7' | b'9') && (8..=10).contains(&n.len()),
    },
    Plan { market: "SG", code: b"65", mobile: |n| matches!(n[0], b'6' | b'8' | b'9') && n.len() == 8, land: |_| false },
];

/// The number that the digits are. Whether they are one does not depend on `home`; which one may.
pub(super) fn read(written: Written<'_>, home: Option<Market>) -> Option<E164> {
    let digits = written.digits;
    // 0000… and the like are prices and placeholders.
    if digits.len() < 8 || digits[1..].iter().all(|d| *d == digits[1]) {
        return None;
    }
    match digits {
        _ if written.plus => international(digits, written.invited).or_else(|| abroad(digits)),
        [b'0', b'0', rest @ ..] => international(rest, written.invited),
        [b'0', rest @ ..] => national(rest, written.invited, home).or_else(|| international(rest, false)),
        _ => international(digits, false).or_else(|| bare(digits, home).filter(|_| written.invited)),
    }
}

/// A number with one of the markets' country codes; a trunk zero after the code is dropped.
fn international(digits: &[u8], invited: bool) -> Option<E164> {
    PLANS.iter().find_map(|plan| {
        let rest = digits.strip_prefix(plan.code)?;
        let rest = rest.strip_prefix(b"0").unwrap_or(rest);
        (rest.len() >= 8 && ((plan.mobile)(rest) || (invited && (plan.land)(rest)))).then(|| E164::of([plan.code, rest]))?
    })
}

/// A number of any other country, which only a plus can tell.
fn abroad(digits: &[u8]) -> Option<E164> {
    let own = PLANS.iter().any(|plan| digits.starts_with(plan.code));
    let plausible = (10..=LONGEST).contains(&digits.len()) && digits[0] != b'0' && !own;
    if plausible { E164::of([digits, b""]) } else { None }
}

/// A number after its trunk zero.
fn national(rest: &[u8], invited: bool, home: Option<Market>) -> Option<E164> {
    if rest.len() < 8 || rest[0] == b'0' {
        return None;
    }
    let mobile = |plan: &Plan| plan.market != "SG" && (plan.mobile)(rest);
    let land = |plan: &Plan| plan.market != "SG" && invited && (plan.land)(rest);
    let at_home = home.and_then(|home| PLANS.iter().find(|plan| plan.market == home.as_str()));
    let plan = at_home
        .filter(|plan| mobile(plan) || land(plan))
        .or_else(|| PLANS.iter().find(|plan| mobile(plan)))
        .or_else(|| PLANS.iter().find(|plan| land(plan)))?;
    E164::of([plan.code, rest])
}

/// A number with neither zero nor code, as Singapore writes all of its own.
fn bare(digits: &[u8], home: Option<Market>) -> Option<E164> {
    by_home(home, |plan| (plan.mobile)(digits)).and_then(|plan| E164::of([plan.code, digits]))
}

/// The first plan that fits, the home market's before the others.
fn by_home(home: Option<Market>, fits: impl Fn(&Plan) -> bool) -> Option<&'static Plan> {
    let at_home = |plan: &&Plan| home.is_some_and(|home| home.as_str() == plan.market);
    PLANS.iter().find(|plan| at_home(plan) && fits(plan)).or_else(|| PLANS.iter().find(|plan| fits(plan)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(digits: &str, market: &str, expect: Option<&str>) {
        let (plus, digits) = digits.strip_prefix('+').map_or((false, digits), |rest| (true, rest));
        let written = Written { digits: digits.as_bytes(), plus, invited: false };
        let got = read(written, market.parse().ok());
        assert_eq!(got.as_ref().map(E164::as_str), expect, "{digits} in {market}");
    }

    #[test]
    fn one_number_has_one_form() {
        for written in ["081234567890", "+6281234567890", "6281234567890", "006281234567890", "+62081234567890"] {
            check(written, "ID", Some("6281234567890"));
        }
        check("+6591234567", "SG", Some("6591234567"));
        check("0123456789", "MY", Some("60123456789"));
        check("01112345678", "MY", Some("601112345678"));
        check("09171234567", "PH", Some("639171234567"));
    }

    #[test]
    fn the_home_market_reads_what_fits_several() {
        check("0912345678", "TH", Some("66912345678"));
        check("0912345678", "VN", Some("84912345678"));
        check("0912345678", "", Some("84912345678"));
        check("0612345678", "VN", Some("66612345678"));
        check("0812345678", "ID", Some("62812345678"));
    }

    #[test]
    fn what_no_plan_has_is_no_number() {
        for digits in ["0111111111", "00812345", "0412345678", "12345678", "91234567", "0812345", "+62123456789", "1234567890"] {
            check(digits, "SG", None);
        }
        check("+8613812345678", "SG", Some("8613812345678"));
    }
}
