//! One item as its creator's list has it.

use serde::{Deserialize, Serialize};

use super::super::key_of;
use super::super::verdicts::{self, Standing};
use crate::dataset::shard::{ContentHistory, known_from};
use crate::tables::ContentRow;
use crate::units::{Id, Timestamp};

/// An item of a creator, as it was when it became known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CreatorItem {
    /// From when on it was known that the creator published it.
    pub known: Timestamp,
    /// When it was published.
    pub published_at: Timestamp,
    /// The hash of its seller, 0 without one.
    pub seller: u64,
    /// The hash of its category as it was first known, 0 without one.
    pub category: u64,
    /// Its stars; NaN without any.
    pub rating: f32,
}

/// What became known of an item after it did.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) enum Changed {
    /// Its seller was named.
    Seller(u64),
    /// Another version is in force, whose stars are these; NaN without any.
    Rating(f32),
    /// Its decisions say this.
    Standing(Standing),
}

/// A change of one item.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Change {
    /// The item's place in its creator's list.
    pub(super) item: u32,
    /// From when on it was known.
    pub(super) known: Timestamp,
    /// What.
    pub(super) changed: Changed,
}

/// One item with its changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Publication {
    pub(super) creator: u64,
    /// The item's hash, which orders items that became known at one moment.
    pub(super) key: u64,
    pub(super) item: CreatorItem,
    /// In the order in which they were known.
    pub(super) changes: Vec<Change>,
}

/// The creator that was named first, and from when on that was known.
pub(super) fn named(history: &ContentHistory) -> Option<(&Id, Timestamp)> {
    let first = history.first()?;
    let naming = history.versions.iter().filter(|v| v.creator_id.is_some()).min_by_key(|v| (known_from(v), v.valid_from))?;
    Some((naming.creator_id.as_ref()?, known_from(naming).max(known_from(first)).max(first.published_at)))
}

impl CreatorItem {
    /// The item of `history` as its creator's list would have it; `None` without a creator.
    #[must_use]
    pub fn of(history: &ContentHistory) -> Option<Self> {
        Some(Publication::of(0, 0, history)?.item)
    }
}

impl Publication {
    /// The item of `history`, whose creator's and own hashes are given; `None` without a creator.
    pub(super) fn of(creator: u64, key: u64, history: &ContentHistory) -> Option<Self> {
        let (_, known) = named(history)?;
        let first = history.first()?;
        let category = first.category.as_ref().map_or(0, key_of);
        let mut item = CreatorItem { known, published_at: first.published_at, seller: 0, category, rating: f32::NAN };
        let mut changes = Vec::new();
        let mut add = |at: Timestamp, changed: Changed| changes.push(Change { item: 0, known: at, changed });
        if let Some(version) = history
            .versions
            .iter()
            .filter(|v| v.seller_id.as_ref().is_some_and(|id| !id.is_empty()))
            .min_by_key(|v| known_from(v))
        {
            let seller = version.seller_id.as_ref().map_or(0, key_of);
            // What was known no later than the item is no change of it.
            if known_from(version) <= known { item.seller = seller } else { add(known_from(version), Changed::Seller(seller)) }
        }
        for (at, rating) in ratings(&history.versions) {
            if at <= known { item.rating = rating } else { add(at, Changed::Rating(rating)) }
        }
        for (at, standing) in verdicts::steps(&history.decisions) {
            add(at.max(known), Changed::Standing(standing));
        }
        changes.sort_by_key(|change| change.known);
        Some(Self { creator, key, item, changes })
    }
}

/// The stars of the version in force, from each moment on at which they changed.
fn ratings(versions: &[ContentRow]) -> Vec<(Timestamp, f32)> {
    let mut steps: Vec<(Timestamp, f32)> = Vec::new();
    let mut moments: Vec<Timestamp> = versions.iter().map(known_from).collect();
    moments.sort_unstable();
    moments.dedup();
    for moment in moments {
        // Versions lie in the order of `valid_from`: the last one known is in force.
        let in_force = versions.iter().rev().find(|v| known_from(v) <= moment);
        let stars = in_force.and_then(|v| v.rating).filter(|r| r.is_finite()).unwrap_or(f32::NAN);
        if steps.last().is_none_or(|(_, last)| last.to_bits() != stars.to_bits()) {
            steps.push((moment, stars));
        }
    }
    steps
}
