//! Sellers joined by shared contacts, payment hints and media, exact at any midnight.
//!
//! Input: what every item with a seller shows, in pass 1. Output: the ring of a seller at a midnight: the connected component of
//! sellers over the contacts that tied them together then. A contact ties sellers while at least two and at most
//! `max_sellers` of them were known to show it: a hotline lets go of its sellers on the day the 51st is known. Pictures and videos
//! are weaker: honest resellers share their maker's, and everybody shares some picture with somebody, so that single pictures would
//! chain a market's sellers into one ring (random groups of three for 5 % of 300,000 items chained 28 % of the sellers). Two
//! sellers are tied by media only when they share `min_shared_media` (two) of them, each shown by at most `max_media_sellers`
//! (three); single copies are measured by `duplicates`. Memory: 12 bytes for each seller of a contact that two sellers ever shared, 16 a
//! contact, 20 a seller with such a contact, and 16 for each time such a seller was newly found violating or cleared. Deliberately
//! not here: what is measured of a ring (`features`).

mod components;
mod gather;
mod keys;
mod records;
mod states;
mod ties;

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
    /// Pictures and videos that two sellers must share to be tied.
    min_shared_media: u32,
}

#[cfg(test)]
mod tests;
