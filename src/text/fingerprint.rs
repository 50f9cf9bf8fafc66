//! The identity of a normalised text: equal texts, equal numbers.

use crate::units::stable_hash;

/// Never change: fingerprints are compared across nights.
const SEED: u64 = 0x7374_616c_6c5f_6670;

/// XXH3-64 of a normalised text, for finding exact duplicates.
#[must_use]
pub fn fingerprint(normalised: &str) -> u64 {
    stable_hash(SEED, normalised)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::normalise;

    #[test]
    fn disguised_copies_share_a_fingerprint() {
        assert_eq!(fingerprint(&normalise("𝐀𝐄𝐑𝐎𝟖𝟖 gacor")), fingerprint(&normalise("AERO88  GACOR")));
        assert_ne!(fingerprint("a"), fingerprint("b"));
    }

    #[test]
    fn the_number_never_changes() {
        assert_eq!(fingerprint("stallmark"), fingerprint("stallmark"));
    }
}
