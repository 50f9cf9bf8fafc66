//! Sellers joined by shared contacts, payment hints and media, exact at any midnight.
//!
//! Input: what every item with a seller shows, in pass 1. Output: the ring of a seller at a midnight: the connected component of
//! sellers over the contacts that tied them together then. A contact ties sellers while at least two and at most
//! `max_sellers` of them were known to show it: a hotline lets go of its sellers on the day the 51st is known. A picture or video
//! ties at most `max_media_sellers`, three unless configured: honest resellers share their maker's pictures, and since
//! everybody shares some picture with somebody, a wider cap would chain most sellers of a market into one ring; copies of
//! pictures are measured by `duplicates` anyway. Memory: 12 bytes for each seller of a contact that two sellers ever shared, 16 a
//! contact, and 28 a seller with such a contact. Deliberately not here: what is measured of a ring (`features`).

mod components;
mod gather;
mod keys;
mod records;
mod states;

pub(super) use gather::{Builder, Found};
pub use states::RingStates;

use components::Components;
use records::Records;

/// The links, exact at any midnight.
#[derive(Debug, Default, PartialEq)]
pub struct Rings {
    /// Hashes of the sellers that ever shared a contact, ascending.
    sellers: Vec<u64>,
    /// Who shared what, from when on.
    components: Components,
    /// What was done to these sellers.
    records: Records,
}

#[cfg(test)]
mod tests;
