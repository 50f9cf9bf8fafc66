//! Ways to be reached that a normalised text holds: the one reading that counts and keys share.
//!
//! Input: normalised text and its words. Output: what was found, in the order payments, phones, addresses, services; and its counts.
//! Deliberately not here: canonical values (see `contact_keys`).

use super::addresses;
use super::handles::{self, HandleCounts, Service};
use super::hints::any;
use super::hosts;
use super::number_plans::E164;
use super::numbers;
use super::payments;
use super::phones;
use super::roles::{Role, marks};
use crate::units::Market;

/// Counts of contact details.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Contacts {
    /// Web addresses, with or without a scheme, spelt out or not.
    pub urls: u32,
    /// E-mail addresses.
    pub emails: u32,
    /// Phone numbers in digits.
    pub phones: u32,
    /// Phone numbers in words, wholly or in part.
    pub spelled_phones: u32,
    /// Addresses spelt out: `shop dot com`.
    pub spelled_addresses: u32,
    /// Messaging services.
    pub handles: HandleCounts,
    /// Accounts at banks and e-wallets.
    pub payments: u32,
}

impl Contacts {
    /// Counts the contact details of `normalised`, whose words are `words`, slices of it.
    #[must_use]
    pub fn of(normalised: &str, words: &[&str]) -> Self {
        let mut counts = Self::default();
        scan(normalised, words, None, &mut |found| match found {
            Found::Phone { spelled: false, .. } => counts.phones += 1,
            Found::Phone { spelled: true, .. } => counts.spelled_phones += 1,
            Found::Url { labels, spelled, .. } => {
                counts.urls += 1;
                counts.spelled_addresses += u32::from(spelled);
                if let Some(service) = hosts::service(&labels) {
                    counts.handles.add(service);
                }
            }
            Found::Email { spelled, .. } => {
                counts.emails += 1;
                counts.spelled_addresses += u32::from(spelled);
            }
            Found::Service { service, .. } => counts.handles.add(service),
            Found::Payment { .. } => counts.payments += 1,
        });
        counts
    }

    /// Ways to be reached, each mention counting once.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.urls + self.emails + self.phones + self.spelled_phones + self.handles.total() + self.handles.social + self.payments
    }
}

/// One contact detail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found<'a> {
    Phone { number: E164, spelled: bool },
    Url { labels: Vec<&'a str>, path: &'a str, spelled: bool },
    Email { mailbox: &'a str, labels: Vec<&'a str>, spelled: bool },
    Service { service: Service, id: Option<&'a str> },
    Payment { scheme: &'static str, digits: Vec<u8> },
}

/// Calls `found` with each contact detail. `home` decides which market's number a national number is, never whether it is one.
pub(super) fn scan<'a>(normalised: &'a str, words: &[&str], home: Option<Market>, found: &mut dyn FnMut(Found<'a>)) {
    let signs = Signs::of(normalised);
    let marks = marks(normalised, words);
    let has = |wanted: fn(&Role) -> bool| marks.iter().any(|m| wanted(&m.role));
    // Where each number stands, so that it is not read twice.
    let mut accounts: Vec<(usize, usize)> = Vec::new();
    let mut taken: Vec<(usize, usize)> = Vec::new();
    if signs.digits >= 9 && has(|role| matches!(role, Role::Pay(_))) {
        payments::find(normalised, &marks, &mut |account| {
            if !payments::is_wallet(account.scheme) {
                accounts.push((account.start, account.end));
            }
            found(Found::Payment { scheme: account.scheme, digits: account.digits });
        });
    }
    if has(|role| matches!(role, Role::Digit(_))) {
        numbers::find(normalised, &marks, home, &mut |number, start, end| {
            taken.push((start, end));
            found(Found::Phone { number, spelled: true });
        });
    }
    if signs.digits >= 6 {
        accounts.extend_from_slice(&taken);
        accounts.sort_unstable();
        phones::find(normalised, &marks, &accounts, home, &mut |number, start, end| {
            taken.push((start, end));
            found(Found::Phone { number, spelled: false });
        });
    }
    if signs.address || has(|role| *role == Role::Dot) {
        addresses::find(normalised, &marks, &mut |address| {
            let (labels, spelled) = (address.labels, address.spelled);
            found(match address.mailbox {
                Some(mailbox) => Found::Email { mailbox, labels, spelled },
                None => Found::Url { labels, path: address.path, spelled },
            });
        });
    }
    if has(|role| matches!(role, Role::Service(_) | Role::Maybe(_))) {
        taken.sort_unstable();
        handles::find(normalised, &marks, &taken, &mut |handle| {
            found(Found::Service { service: handle.service, id: handle.id });
        });
    }
}

/// Whether the costly readings can find anything.
struct Signs {
    digits: usize,
    address: bool,
}

impl Signs {
    fn of(text: &str) -> Self {
        // In stretches whose counts fit a byte, because the compiler then takes sixteen of them at a time.
        let count = |bytes: &[u8]| bytes.iter().fold(0_u8, |n, b| n + u8::from(b.is_ascii_digit()));
        let digits = text.as_bytes().chunks(255).map(|bytes| usize::from(count(bytes))).sum();
        let address = any(text.as_bytes(), |b| (b == b'.') | (b == b'@') | (b == b':'));
        Self { digits, address }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{normalise, tokens};

    #[test]
    fn everything_is_counted_once() {
        let text =
            normalise("WA 0812-3456-7890, t.me/x, shop dot com, a@gmail.com, bca 1234567891, nol lapan satu dua tiga empat lima");
        let words: Vec<&str> = tokens(&text).map(|t| t.text).collect();
        let got = Contacts::of(&text, &words);
        assert_eq!((got.phones, got.spelled_phones, got.urls, got.emails, got.payments), (1, 1, 2, 1, 1));
        assert_eq!((got.handles.whatsapp, got.handles.telegram, got.spelled_addresses), (1, 1, 1));
        assert_eq!(got.total(), 8);
    }

    #[test]
    fn ordinary_text_has_no_contacts() {
        for text in ["", "Kualitas bagus, ukuran 42. Harga Rp 1.500.000!", "สินค้าดีมาก ส่งไว 2 วัน", "giao hàng nhanh. 10/10 điểm"]
        {
            let text = normalise(text);
            let words: Vec<&str> = tokens(&text).map(|t| t.text).collect();
            assert_eq!(Contacts::of(&text, &words), Contacts::default(), "{text}");
        }
    }
}
