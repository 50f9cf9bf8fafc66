//! What creators and reviewers publish, over all sellers, exact at any midnight.
//!
//! Input: every item with a creator, in pass 1. An item belongs to the creator that was named first, from whenever that was known, and
//! counts once over its versions. Output: what was known of a creator at a midnight. Memory: 32 bytes for each item of a creator
//! with two items or more, 32 for each later change of one (an edit of its stars, a seller named late, a decision), 16 a
//! creator. A creator with one item is not kept: [`Creators::alone`] says of the item itself what would be said with it kept.
//! Deliberately not here: what is measured of a creator (`features`).

mod gather;
mod publication;
mod view;

pub(super) use gather::{Builder, Found};
pub use publication::CreatorItem;
use publication::{Change, Publication};

use crate::dataset::shard::ContentHistory;
use crate::features::CreatorView;
use crate::units::{AsOf, Id};

/// One creator's part of the items and changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    creator: u64,
    /// Where its items begin.
    items: u32,
    /// Where its changes begin.
    changes: u32,
}

/// Publications by creator, exact at any midnight.
#[derive(Debug, Default)]
pub struct Creators {
    /// By creator, ascending.
    entries: Vec<Entry>,
    /// By creator, then when they were known.
    items: Vec<CreatorItem>,
    /// By creator, then item, then when they were known.
    changes: Vec<Change>,
}

impl Creators {
    /// What was known of a creator; `None` when nothing was, or when it has a single item at all: see [`Creators::alone`].
    #[must_use]
    pub fn at(&self, creator: u64, as_of: AsOf) -> Option<CreatorView> {
        let (items, changes) = self.parts(creator)?;
        view::of(items, changes, as_of)
    }

    /// What the item alone says of its creator: what [`Creators::at`] would say of a creator that has no other.
    #[must_use]
    pub fn alone(history: &ContentHistory, as_of: AsOf) -> Option<CreatorView> {
        let publication = Publication::of(0, 0, history)?;
        view::of(&[publication.item], &publication.changes, as_of)
    }

    /// The items of a creator as they were when they became known, in that order; none of a creator with a single item, whose row
    /// is [`CreatorItem::of`].
    pub fn rows(&self, creator: u64) -> impl Iterator<Item = CreatorItem> {
        self.parts(creator).map_or(&[][..], |(items, _)| items).iter().copied()
    }

    fn parts(&self, creator: u64) -> Option<(&[CreatorItem], &[Change])> {
        let at = self.entries.binary_search_by_key(&creator, |entry| entry.creator).ok()?;
        let (entry, next) = (self.entries.get(at)?, self.entries.get(at + 1));
        let items = entry.items as usize..next.map_or(self.items.len(), |next| next.items as usize);
        let changes = entry.changes as usize..next.map_or(self.changes.len(), |next| next.changes as usize);
        Some((self.items.get(items)?, self.changes.get(changes)?))
    }
}

/// The creator that the item belongs to, when that was known before `as_of`.
pub(in crate::dataset) fn creator_at(history: &ContentHistory, as_of: AsOf) -> Option<&Id> {
    let (creator, known) = publication::named(history)?;
    (known < as_of.instant).then_some(creator)
}

#[cfg(test)]
mod tests;
