//! What sellers can share: contacts in a text, and media.

use crate::text::{ContactKey, contact_keys, tokens};
use crate::units::{Market, stable_hash};

/// Seed of the hashes by which media are known: a contact and a media hash of the same letters are not the same.
const MEDIA_SEED: u64 = 0x6d65_6469_6173;

/// The contacts in a normalised text.
pub(super) fn keys_of(text: &str, market: Market) -> Vec<u64> {
    let words: Vec<&str> = tokens(text).map(|token| token.text).collect();
    contact_keys(text, &words, market).iter().map(ContactKey::stable_hash).collect()
}

/// A picture or video as a key.
pub(super) fn media_key(hash: &str) -> u64 {
    stable_hash(MEDIA_SEED, hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_one_key_however_it_is_written() {
        let keys = |text: &str| keys_of(text, "ID".parse().unwrap());
        assert_eq!(keys("call 081234567890 now").len(), 1);
        assert_eq!(keys("call 081234567890 now"), keys("hubungi +62 812 3456 7890"));
        assert_eq!(keys("call 081234567890 or me@shop.com").len(), 2);
        assert!(keys("good bag").is_empty() && keys("").is_empty());
    }
}
