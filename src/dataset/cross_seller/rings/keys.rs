//! Contacts in a text, for the time being: REPLACE BY `crate::text::contact_keys` AND `ContactKey::stable_hash`.
//!
//! Plain digit runs of nine digits or more and tokens that look like an e-mail address are all that is found here.

use crate::units::{Market, stable_hash};

/// Seed of the hashes by which contacts are known.
const CONTACT_SEED: u64 = 0x636f_6e74_6163_7473;

/// Seed of the hashes by which media are known: a contact and a media hash of the same letters are not the same.
const MEDIA_SEED: u64 = 0x6d65_6469_6173;

/// Digits of the shortest telephone number.
const LEAST_DIGITS: usize = 9;

/// The contacts in a normalised text.
pub(super) fn keys_of(text: &str, _market: Market) -> Vec<u64> {
    let numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() >= LEAST_DIGITS);
    let mails = text.split_whitespace().filter(|word| {
        word.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && host.split_once('.').is_some_and(|(domain, top)| !domain.is_empty() && !top.is_empty())
        })
    });
    numbers.chain(mails).map(|key| stable_hash(CONTACT_SEED, key)).collect()
}

/// A picture or video as a key.
pub(super) fn media_key(hash: &str) -> u64 {
    stable_hash(MEDIA_SEED, hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_mails_are_found() {
        let found = |text: &str| keys_of(text, "SG".parse().unwrap()).len();
        assert_eq!(found("call 081234567890 now"), 1);
        assert_eq!(found("call 081234567890 or me@shop.example"), 2);
        assert_eq!(found("12345678 a@b @c.d x@.d x@y."), 0);
        assert_eq!(found(""), 0);
        assert_eq!(keys_of("a 081234567890", "SG".parse().unwrap()), keys_of("081234567890 b", "ID".parse().unwrap()));
    }
}
