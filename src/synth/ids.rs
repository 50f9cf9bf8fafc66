//! Identifiers: a bijection of (owner, counter), so that they are unique without a table and tell nothing of who or when.
//! They do not depend on the seed: two marketplaces share ids, and are never to be mixed.

use crate::units::{Id, finalise};

/// What an identifier names. Each kind permutes its numbers differently.
#[derive(Debug, Clone, Copy)]
#[repr(u64)]
pub(super) enum Kind {
    Content = 1,
    Seller,
    Decision,
    Action,
    Report,
    AfterSales,
    Account,
    Reporter,
    Media,
    Campaign,
    Ring,
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The identifier of the `n`-th thing of `owner`; unique for owners and counters below 2³².
pub(super) fn id(kind: Kind, owner: u64, n: u64) -> Id {
    let prefix = ['c', 's', 'd', 'a', 'r', 'e', 'u', 'p', 'm', 'k', 'g'][kind as usize - 1];
    let mut bits = finalise(((owner << 32) | (n & 0xFFFF_FFFF)) ^ (kind as u64).wrapping_mul(0x5851_F42D_4C95_7F2D));
    let mut out = Id::default();
    out.push(prefix);
    for _ in 0..13 {
        out.push(char::from(ALPHABET[(bits & 31) as usize]));
        bits >>= 5;
    }
    out
}
