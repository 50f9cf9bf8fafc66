//! Identifiers, and the one hash that sharding, folds and rollout shares are drawn from.

use twox_hash::XxHash3_64;

/// An identifier as the source wrote it. Up to 24 bytes are kept without a heap allocation.
pub type Id = compact_str::CompactString;

/// XXH3-64 of `text` under `seed`: the same on every machine and in every version.
#[must_use]
pub fn stable_hash(seed: u64, text: &str) -> u64 {
    XxHash3_64::oneshot_with_seed(seed, text.as_bytes())
}
