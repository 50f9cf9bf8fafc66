//! Ways to be reached that a normalised text holds.
//!
//! Input: normalised text and its words. Output: counts. Deliberately not here: the values; a later table of contact edges holds
//! those, masked.

use super::handles::HandleCounts;
use super::phones;

/// Counts of contact details.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Contacts {
    /// Web addresses, with or without a scheme.
    pub urls: u32,
    /// E-mail addresses.
    pub emails: u32,
    /// Phone numbers in digits.
    pub phones: u32,
    /// Phone numbers in words.
    pub spelled_phones: u32,
    /// Messaging services.
    pub handles: HandleCounts,
}

/// Endings that make a dotted word an address, sorted.
const ENDINGS: [&str; 40] = [
    "app", "asia", "bet", "bid", "biz", "cc", "click", "club", "cn", "co", "com", "fun", "gg", "id", "in", "info", "io", "la",
    "link", "live", "ly", "me", "my", "net", "online", "org", "ph", "pro", "sg", "shop", "site", "store", "th", "to", "top",
    "tv", "vip", "vn", "win", "xyz",
];

impl Contacts {
    /// Counts the contact details of `normalised`, whose words are `words`.
    pub(super) fn of(normalised: &str, words: &[&str]) -> Self {
        let mut contacts = Self {
            phones: phones::count(normalised),
            spelled_phones: phones::count_spelled(words.iter().copied()),
            handles: HandleCounts::of(normalised, words),
            ..Self::default()
        };
        for piece in normalised.split_whitespace().filter(|p| p.contains(['.', '@', ':'])) {
            if is_email(piece) {
                contacts.emails += 1;
            } else if is_url(piece) {
                contacts.urls += 1;
            }
        }
        contacts
    }
}

fn is_email(piece: &str) -> bool {
    let Some((name, host)) = piece.split_once('@') else { return false };
    name.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-') && has_domain(host)
}

fn is_url(piece: &str) -> bool {
    piece.contains("://") || piece.starts_with("www.") || has_domain(piece)
}

/// Whether the piece, up to its first slash, ends in a known ending after a name: `shop.com/x`, not `ok.` or `2.5`.
fn has_domain(piece: &str) -> bool {
    let host = piece.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let host = host.split(['/', '?', '#', ':', ',', ')', '(', '!', '"', '\'']).next().unwrap_or("").trim_end_matches('.');
    let Some((name, ending)) = host.rsplit_once('.') else { return false };
    name.ends_with(|c: char| c.is_ascii_alphanumeric()) && ENDINGS.binary_search(&ending).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{normalise, tokens};

    fn check(text: &str, urls: u32, emails: u32) {
        let normalised = normalise(text);
        let words: Vec<&str> = tokens(&normalised).map(|t| t.text).collect();
        let got = Contacts::of(&normalised, &words);
        assert_eq!((got.urls, got.emails), (urls, emails), "{text}: {normalised}");
    }

    #[test]
    fn addresses_are_found() {
        check("go https://a.b/c and WWW.Shop.vn", 2, 0);
        check("ｓｈｏｐ．ｃｏｍ", 1, 0);
        check("wa.me/62812 bit.ly/x", 2, 0);
        check("mail m4rk@gmail.com.", 0, 1);
        check("(shop99.co.id)", 1, 0);
        assert!(ENDINGS.is_sorted());
    }

    #[test]
    fn ordinary_dots_are_not_addresses() {
        check("ok. 2.5 kg e.g. v1.2 m.n", 0, 0);
        check("@friend a@b", 0, 0);
        check("giao hàng.in đẹp", 1, 0);
    }
}
