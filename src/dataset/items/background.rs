//! What was known of one item beside its numbers, for a person who asks why it scored as it did: the same views that its features are
//! made of.

use super::*;
use crate::features::DuplicateView;
use crate::tables::SellerRow;

/// What was known of one item at a midnight.
#[derive(Debug, Clone)]
pub struct Background<'a> {
    /// The version in force.
    pub content: &'a ContentRow,
    /// Versions known, oldest first; empty in a snapshot.
    pub versions: Vec<&'a ContentRow>,
    /// Everything on the item, known at the midnight or not.
    pub history: &'a ContentHistory,
    /// Its seller's data.
    pub seller: Option<&'a SellerRow>,
    /// Everything on the seller, known at the midnight or not.
    pub seller_records: Option<&'a SellerRecords>,
    /// Its seller's history.
    pub seller_history: Option<SellerHistory>,
    /// What happened to the item.
    pub events: EventCounts,
    /// Copies of its text or media; `None` when it has nothing to compare.
    pub duplicates: Option<DuplicateView>,
    /// Sellers that share contacts with its own; `None` without a seller.
    pub ring: Option<RingView>,
}

impl<'a> ItemBuilder<'a> {
    /// The background of a row's item; `None` when it has no version.
    #[must_use]
    pub fn background(&self, row: &SpineRow) -> Option<Background<'a>> {
        let (id, history) = self.shard.contents.get(row.content)?;
        let content = history.version_at(row.as_of)?;
        let keys: Vec<(&Id, AsOf)> = content.seller_id.iter().map(|seller| (seller, row.as_of)).collect();
        let links = self.links(&[(0, *row)], &keys);
        let seller_records = content.seller_id.as_ref().and_then(|seller| self.shard.sellers.get(seller));
        let normalised = TextProfile::of(content.title.as_deref(), content.body.as_deref()).normalised;
        let seller_history = seller_records.filter(|_| !row.same_day).map(|seller| self.seller_history(seller, row.as_of));
        Some(Background {
            content,
            versions: if self.presence.versioned && !row.same_day { known_versions(history, row.as_of) } else { Vec::new() },
            history,
            seller: seller_records.and_then(|seller| seller.version_at(row.as_of)),
            seller_records,
            seller_history,
            events: self.item_history(history, row.as_of),
            duplicates: if row.same_day { None } else { links.duplicates.view(key_of(id), row.as_of, history, &normalised) },
            ring: self.ring(content, row, &links),
        })
    }
}
