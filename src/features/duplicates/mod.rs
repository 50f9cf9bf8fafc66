//! Features of copies: how many there are of an item, whose, and who was first.
//!
//! An item without copies has zeros; one with neither text enough nor media to compare has none of these.

mod others;
mod priority;

pub(super) use others::*;
pub(super) use priority::*;

use super::FeatureDoc;

/// The cluster of an item's exact and near copies, of those seen before a midnight. An item is first seen when its first version
/// was known and it was published.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct DuplicateView {
    /// The key of the member that was seen first, which names the cluster; of several at once, the smallest.
    pub cluster: u64,
    /// Members, this item included; 1 when it has no copies.
    pub size: u32,
    /// Members other than this item that were first seen in the 7 days before the midnight.
    pub others_7d: u32,
    /// Distinct sellers (creators where there is no seller, items where there is neither) of the members.
    pub sellers: u32,
    /// Members of this item's seller, this one included.
    pub same_seller: u32,
    /// Members whose normalised text, that of the version in force, equals this item's, this one included; 0 without text.
    pub exact: u32,
    /// Members with this item's media_hash, that of the version in force, this one included; 0 without one.
    pub same_media: u32,
    /// Members first seen before this item: 0 is the original.
    pub rank: u32,
    /// Days from the first member to this one.
    pub days_after_first: f64,
    /// Seen after the first member, which is another seller's.
    pub is_copy: bool,
    /// Earlier members with a standing decision.
    pub decided_before: u32,
    /// Earlier members found violating by a standing decision.
    pub violating_before: u32,
}

/// What is compared.
const LOOKS: &[&str] = &["content.title", "content.body", "content.media_hash"];

/// Whose an item is: its creator's where it has no seller.
const OWNERS: &[&str] = &["content.seller_id", "content.creator_id"];

/// What these features have in common.
const DUPLICATES: FeatureDoc = FeatureDoc {
    name: "",
    group: "duplicates",
    what: "",
    whose: "",
    why: "",
    range: "0 and up",
    evaded_by: "",
    inputs: &[],
    any_of: &[LOOKS],
    uses: &[],
    applies_to: &[],
    version: 1,
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::Fixture;
    use crate::features::{EventCounts, REGISTRY};

    /// The named features of an item with `view`, decisions being known.
    fn values(view: Option<DuplicateView>) -> Vec<(&'static str, Option<f32>)> {
        let fixture = Fixture::default();
        let history = EventCounts { decisions: Some(crate::features::DecisionCounts::default()), ..EventCounts::default() };
        let mut item = fixture.item();
        item.duplicates = view;
        item.item_history = Some(&history);
        let group = REGISTRY.iter().filter(|f| f.doc().group == "duplicates");
        group.map(|f| (f.doc().name, f.value(&item))).collect()
    }

    #[test]
    fn values_are_those_of_the_view() {
        let view = DuplicateView {
            cluster: 1,
            size: 6,
            others_7d: 3,
            sellers: 4,
            same_seller: 2,
            exact: 3,
            same_media: 1,
            rank: 4,
            days_after_first: 9.5,
            is_copy: true,
            decided_before: 2,
            violating_before: 1,
        };
        let ln = |n: f64| Some(libm::log(n) as f32);
        let expect = [
            ("dup_copies", ln(6.0)),
            ("dup_copies_7d", ln(4.0)),
            ("dup_other_sellers", ln(4.0)),
            ("dup_same_seller", ln(2.0)),
            ("dup_exact", ln(3.0)),
            ("dup_same_media", Some(0.0)),
            ("dup_rank", ln(5.0)),
            ("dup_is_copy", Some(1.0)),
            ("dup_days_after_first", ln(10.5)),
            ("dup_decided_before", ln(3.0)),
            ("dup_violating_before", ln(2.0)),
            ("dup_violating_share_before", Some(0.5)),
            ("seller_copy_share", None),
        ];
        assert_eq!(values(Some(view)), expect);
    }

    #[test]
    fn what_cannot_be_known_is_missing() {
        assert!(values(None).iter().all(|(_, value)| value.is_none()));
        let alone = values(Some(DuplicateView { size: 1, sellers: 1, same_seller: 1, ..DuplicateView::default() }));
        let missing: Vec<&str> = alone.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| *name).collect();
        assert_eq!(missing, ["dup_exact", "dup_same_media", "dup_violating_share_before", "seller_copy_share"]);
        assert!(alone.iter().all(|(_, value)| value.is_none_or(|v| v == 0.0)));
    }

    #[test]
    fn raw_shares_name_the_count_behind_them() {
        let docs = || REGISTRY.iter().map(|f| f.doc()).filter(|doc| doc.group == "duplicates");
        let raw = docs().filter_map(|doc| Some((doc.name, doc.what.split_once("raw share, read it with ")?.1)));
        let named: Vec<(&str, &str)> = raw.filter_map(|(name, rest)| Some((name, rest.split(';').next()?))).collect();
        assert_eq!(named, [("dup_violating_share_before", "dup_decided_before"), ("seller_copy_share", "seller_items")]);
        assert!(named.iter().all(|(_, count)| REGISTRY.iter().any(|f| f.doc().name == *count)));
    }
}
