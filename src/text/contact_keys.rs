//! What joins sellers by the contact details they write: one value for one way to be reached, however it was written.
//!
//! Input: normalised text, its words, the market. Output: sorted keys. A phone number is its E.164 digits; an address its host, and
//! the first path segment where many share the host; a handle its service and id; a payment its scheme and account; mail is as
//! normalised. Marketplaces and networks alone are no keys: everybody names them. Deliberately not here: who else wrote a key, and
//! which keys are hotlines.

use compact_str::{CompactString, format_compact};

use super::contacts::{Found, scan};
use super::hosts;
use super::number_plans::{Written, read};
use super::payments::is_wallet;
use crate::units::{Market, stable_hash};

/// Never change: stored contact edges hold these hashes.
const SEED: u64 = 0x636f_6e74_6163_7473;
/// Characters shown at either end of a masked value.
const SHOWN: usize = 2;

/// A kind of contact detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContactKind {
    /// A phone number.
    Phone,
    /// A web address.
    Url,
    /// An e-mail address.
    Email,
    /// An id on a messaging service or network.
    Handle,
    /// An account at a bank or e-wallet.
    Payment,
}

impl ContactKind {
    /// Its name, lower case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Url => "url",
            Self::Email => "email",
            Self::Handle => "handle",
            Self::Payment => "payment",
        }
    }
}

/// One way to be reached or paid, in one form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContactKey {
    /// What it is.
    pub kind: ContactKind,
    /// The canonical value. Not for display: see [`ContactKey::masked`].
    pub value: CompactString,
}

impl ContactKey {
    /// The same on every machine and in every version; keys of different kinds differ.
    #[must_use]
    pub fn stable_hash(&self) -> u64 {
        stable_hash(SEED + self.kind as u64, &self.value)
    }

    /// The key as it may be shown: its kind, and the value with all but its ends starred. A service's or scheme's name stays.
    #[must_use]
    pub fn masked(&self) -> String {
        let (name, secret) = match self.kind {
            ContactKind::Handle | ContactKind::Payment => self.value.split_once(':').unwrap_or(("", &self.value)),
            _ => ("", self.value.as_str()),
        };
        let chars: Vec<char> = secret.chars().collect();
        let shown = if chars.len() > 3 * SHOWN { SHOWN } else { 0 };
        let hidden = |i: usize| i >= shown && i + shown < chars.len();
        let starred: String = chars.iter().enumerate().map(|(i, c)| if hidden(i) { '*' } else { *c }).collect();
        let colon = if name.is_empty() { "" } else { ":" };
        format!("{} {name}{colon}{starred}", self.kind.as_str())
    }
}

/// The contact details of `normalised`, whose words are `words` (as `tokens` slices them from it), sorted, each once. `market` decides
/// whose number a national number is, never whether it is one.
#[must_use]
pub fn contact_keys(normalised: &str, words: &[&str], market: Market) -> Vec<ContactKey> {
    let mut keys = Vec::new();
    scan(normalised, words, Some(market), &mut |found| key(&found, market, &mut keys));
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn key(found: &Found<'_>, market: Market, keys: &mut Vec<ContactKey>) {
    let mut push = |kind, value| keys.push(ContactKey { kind, value });
    match found {
        Found::Phone { number, .. } => push(ContactKind::Phone, number.as_str().into()),
        Found::Email { mailbox, labels, .. } => push(ContactKind::Email, format_compact!("{mailbox}@{}", labels.join("."))),
        Found::Url { labels, path, .. } => {
            let labels = labels.strip_prefix(&["www"]).unwrap_or(labels);
            let host = labels.join(".");
            let segment = segment(&host, path);
            match segment.filter(|_| hosts::is_shared(&host)) {
                Some(segment) => push(ContactKind::Url, format_compact!("{host}/{segment}")),
                None if hosts::is_shared(&host) || hosts::is_platform(&host) || host.is_empty() => {}
                None => push(ContactKind::Url, host.into()),
            }
            if let (Some(service), Some(id)) = (hosts::service(labels), segment.filter(|s| is_id(s))) {
                push(ContactKind::Handle, format_compact!("{}:{id}", service.as_str()));
            }
        }
        Found::Service { service, id: Some(id) } => push(ContactKind::Handle, format_compact!("{}:{id}", service.as_str())),
        Found::Service { id: None, .. } => {}
        Found::Payment { scheme, digits } => {
            let written = Written { digits, plus: false, invited: false };
            let phone = if is_wallet(scheme) { read(written, Some(market)) } else { None };
            let account = phone.as_ref().map_or_else(|| String::from_utf8_lossy(digits), |number| number.as_str().into());
            push(ContactKind::Payment, format_compact!("{scheme}:{account}"));
        }
    }
}

/// The part of the path that tells people apart; LINE's stands last.
fn segment<'a>(host: &str, path: &'a str) -> Option<&'a str> {
    let path = path.split(['?', '#']).next().unwrap_or("");
    let mut segments = path.split('/').filter(|s| !s.is_empty());
    let segment = if host == "line.me" { segments.next_back() } else { segments.next() };
    let segment = segment?.trim_start_matches(['@', '~', '+']).trim_end_matches(['.', '!', ';', ':', '*', '-', '_']);
    (!segment.is_empty() && segment != "send").then_some(segment)
}

/// Whether a path segment is somebody's id rather than a number or a page.
fn is_id(segment: &str) -> bool {
    segment.bytes().any(|b| b.is_ascii_alphabetic()) && !matches!(segment, "joinchat" | "message" | "c" | "s" | "share")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::{Contacts, normalise, tokens};

    fn keys(text: &str, market: &str) -> Vec<ContactKey> {
        let normalised = normalise(text);
        let words: Vec<&str> = tokens(&normalised).map(|t| t.text).collect();
        contact_keys(&normalised, &words, market.parse().unwrap())
    }

    fn check(text: &str, market: &str, expect: &[&str]) {
        let got: Vec<String> = keys(text, market).iter().map(|k| format!("{} {}", k.kind.as_str(), k.value)).collect();
        assert_eq!(got, expect, "{text}");
    }

    #[test]
    fn one_way_to_be_reached_is_one_key() {
        check("WA 0812-3456-7890 / wa.me/6281234567890", "ID", &["phone 6281234567890", "url wa.me/6281234567890"]);
        check("0912345678 và +84 912 345 678", "VN", &["phone 84912345678"]);
        check("line id: Shop99, ไลน์ shop99", "TH", &["handle line:shop99"]);
        check("t.me/shopabc", "SG", &["url t.me/shopabc", "handle telegram:shopabc"]);
        check("https://www.shop.com/a and SHOP.COM/b", "SG", &["url shop.com"]);
        check("shopee.co.id/toko99 dan tokopedia.com", "ID", &["url shopee.co.id/toko99"]);
        check("add wechat abc123", "MY", &["handle wechat:abc123"]);
        check("transfer gopay 081234567890", "ID", &["phone 6281234567890", "payment gopay:6281234567890"]);
        check("mail Mark@Gmail.com", "SG", &["email mark@gmail.com"]);
    }

    #[test]
    fn display_is_masked() {
        let masked = |text| keys(text, "ID").iter().map(ContactKey::masked).collect::<Vec<_>>();
        assert_eq!(masked("081234567890"), ["phone 62*********90"]);
        assert_eq!(masked("line id: shopku99"), ["handle line:sh****99"]);
        assert_eq!(masked("a.co/x zz.co"), ["url *****"]);
    }

    #[test]
    fn hashes_tell_kinds_apart_and_stay() {
        let phone = ContactKey { kind: ContactKind::Phone, value: "6281".into() };
        let handle = ContactKey { kind: ContactKind::Handle, ..phone.clone() };
        assert_ne!(phone.stable_hash(), handle.stable_hash());
        assert_eq!(phone.stable_hash(), stable_hash(SEED, "6281"));
    }

    /// Pieces that contact details are made of.
    fn text() -> impl Strategy<Value = String> {
        let pieces = vec![
            "0812",
            "3456",
            "7890",
            "+62",
            "wa",
            "line",
            "id",
            "zalo",
            "nol",
            "delapan",
            "satu",
            "shop99",
            ".",
            "com",
            " ",
            " ",
            " ",
            "-",
            "@",
            "gmail",
            "dot",
            "at",
            "titik",
            "://",
            "https",
            "bca",
            "ไลน์",
            "ศูนย์",
            "หก",
            "จุด",
            "คอม",
            "微信",
            "一",
            "九",
            ":",
            "/",
            "t.me/",
            "(",
            ")",
            "[",
            "]",
            "không",
            "ba",
            "é",
            "gopay",
            "o",
            "l",
            "telegram",
            "me",
            "www.",
            "co.id",
            "x",
        ];
        proptest::collection::vec(proptest::sample::select(pieces), 0..24).prop_map(|p| p.concat())
    }

    proptest! {
        #[test]
        fn keys_and_counts_agree(text in text()) {
            let normalised = normalise(&text);
            let words: Vec<&str> = tokens(&normalised).map(|t| t.text).collect();
            let counts = Contacts::of(&normalised, &words);
            for market in ["SG", "MY", "TH", "VN", "PH", "ID", "US"] {
                let keys = contact_keys(&normalised, &words, market.parse().unwrap());
                let n = |kind| keys.iter().filter(|k| k.kind == kind).count();
                prop_assert_eq!(n(ContactKind::Phone) > 0, counts.phones + counts.spelled_phones > 0);
                prop_assert_eq!(n(ContactKind::Email) > 0, counts.emails > 0);
                prop_assert_eq!(n(ContactKind::Payment) > 0, counts.payments > 0);
                prop_assert!(n(ContactKind::Url) as u32 <= counts.urls);
                prop_assert!(n(ContactKind::Handle) as u32 <= counts.handles.total() + counts.handles.social);
                prop_assert!(keys.windows(2).all(|w| w[0] < w[1]));
            }
        }

        #[test]
        fn case_and_invisible_characters_change_no_key(text in text(), at in 0_usize..40) {
            let plain = keys(&text, "ID");
            prop_assert_eq!(&keys(&text.to_uppercase(), "ID"), &plain);
            let hidden: String = text.chars().enumerate().flat_map(|(i, c)| [Some(c), (i % 5 == at % 5).then_some('\u{200b}')]).flatten().collect();
            prop_assert_eq!(&keys(&hidden, "ID"), &plain);
        }

        #[test]
        fn no_text_breaks_it(text in proptest::collection::vec(any::<char>(), 0..60)) {
            let text: String = text.into_iter().collect();
            prop_assert_eq!(keys(&text, "TH"), keys(&text, "TH"));
        }
    }
}
