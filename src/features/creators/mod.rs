//! Features of creators and reviewers: what one person publishes over all sellers.
//!
//! Input: what was known of the item's creator at the midnight, the item itself included; for a review the creator is the reviewer.
//! Decisions on the item itself are features of their own and are subtracted. Deliberately not here: which items are a creator's
//! (`dataset`), and what a seller does (`history`).

mod activity;
mod record;
mod spread;

pub(super) use activity::*;
pub(super) use record::*;
pub(super) use spread::*;

use super::FeatureDoc;

/// What creator features have in common.
const CREATORS: FeatureDoc = FeatureDoc {
    name: "",
    group: "creators",
    what: "",
    whose: "",
    why: "",
    range: "",
    evaded_by: "",
    inputs: &["content.creator_id", "content.published_at"],
    any_of: &[],
    uses: &[],
    applies_to: &[],
    version: 1,
};

/// What a creator had published before a midnight.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CreatorView {
    /// Items.
    pub items: u32,
    /// Items of the last day.
    pub items_1d: u32,
    /// Items of the last 7 days.
    pub items_7d: u32,
    /// Items of the last 28 days.
    pub items_28d: u32,
    /// Distinct days (UTC) on which it published.
    pub active_days: u32,
    /// Distinct sellers.
    pub sellers: u32,
    /// Distinct sellers of the items of the last 28 days.
    pub sellers_28d: u32,
    /// Items with a seller.
    pub seller_items: u32,
    /// Entropy of the sellers of its items, in nats.
    pub seller_entropy: f64,
    /// Days since its first item.
    pub tenure_days: f64,
    /// Items with stars.
    pub rated_items: u32,
    /// Mean stars of its rated items; `None` without any.
    pub mean_rating: Option<f64>,
    /// Share of its rated items with five stars; `None` without any.
    pub five_star_share: Option<f64>,
    /// Items found violating (standing decisions); `None` without a decisions table.
    pub violating_items: Option<u32>,
    /// Items decided (standing decisions); `None` without a decisions table.
    pub decided_items: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::{Fixture, content};
    use crate::features::{DecisionCounts, EventCounts, Feature, SimpleFeature};
    use crate::units::ContentType;

    /// Six items, four of them reviews of three sellers (2, 1, 1).
    fn view() -> CreatorView {
        CreatorView {
            items: 6,
            items_1d: 1,
            items_7d: 3,
            items_28d: 6,
            active_days: 4,
            sellers: 3,
            sellers_28d: 2,
            seller_items: 4,
            seller_entropy: 1.5 * std::f64::consts::LN_2,
            tenure_days: 19.0,
            rated_items: 4,
            mean_rating: Some(4.5),
            five_star_share: Some(0.75),
            violating_items: Some(2),
            decided_items: Some(3),
        }
    }

    /// `own` are the violating and the decided items among the item itself.
    fn check(view: CreatorView, own: (u32, u32), expect: &[(&SimpleFeature, Option<f32>)]) {
        let mut row = content("a");
        row.content_type = ContentType::Review;
        let fixture = Fixture::of(row);
        let decisions = DecisionCounts { violating_items: own.0, decided_items: own.1, ..DecisionCounts::default() };
        let history = EventCounts { decisions: Some(decisions), ..EventCounts::default() };
        let mut item = fixture.item();
        item.creator = Some(view);
        item.item_history = Some(&history);
        for (feature, expect) in expect {
            let got = feature.value(&item);
            let near = got.zip(*expect).is_some_and(|(got, expect)| (got - expect).abs() < 1e-6);
            assert!(near || got == *expect, "{}: {got:?} instead of {expect:?}", feature.doc.name);
        }
    }

    #[test]
    fn a_creator_of_six_items() {
        let ln = |n: f32| Some(n.ln());
        check(
            view(),
            (0, 0),
            &[
                (&CREATOR_ITEMS, ln(7.0)),
                (&CREATOR_ITEMS_1D, ln(2.0)),
                (&CREATOR_ITEMS_7D, ln(4.0)),
                (&CREATOR_ITEMS_28D, ln(7.0)),
                (&CREATOR_ITEMS_PER_ACTIVE_DAY, Some(1.5)),
                (&CREATOR_TENURE, ln(20.0)),
                (&CREATOR_SELLERS, ln(4.0)),
                (&CREATOR_SELLERS_28D, ln(3.0)),
                // 1.5 ln 2 of ln 4 = 2 ln 2.
                (&CREATOR_SELLER_ENTROPY, Some(0.75)),
                (&CREATOR_RATED_ITEMS, ln(5.0)),
                (&CREATOR_MEAN_RATING, Some(4.5)),
                (&CREATOR_FIVE_STAR_SHARE, Some(0.75)),
                (&CREATOR_DECIDED_ITEMS, ln(4.0)),
                // (2 + 0.5) / (3 + 5).
                (&CREATOR_VIOLATION_RATE, Some(0.3125)),
            ],
        );
    }

    #[test]
    fn decisions_on_the_item_itself_are_left_out() {
        // (1 + 0.5) / (2 + 5).
        check(view(), (1, 1), &[(&CREATOR_DECIDED_ITEMS, Some(3f32.ln())), (&CREATOR_VIOLATION_RATE, Some(1.5 / 7.0))]);
        let only = CreatorView { violating_items: Some(1), decided_items: Some(1), ..view() };
        check(only, (1, 1), &[(&CREATOR_DECIDED_ITEMS, Some(0.0)), (&CREATOR_VIOLATION_RATE, Some(0.1))]);
    }

    #[test]
    fn what_is_not_known_is_missing() {
        let one = CreatorView { items: 1, active_days: 1, ..CreatorView::default() };
        check(
            one,
            (0, 0),
            &[
                (&CREATOR_SELLER_ENTROPY, None),
                (&CREATOR_MEAN_RATING, None),
                (&CREATOR_FIVE_STAR_SHARE, None),
                (&CREATOR_VIOLATION_RATE, None),
                (&CREATOR_DECIDED_ITEMS, None),
                (&CREATOR_ITEMS_PER_ACTIVE_DAY, Some(1.0)),
            ],
        );
        assert!(Fixture::default().item().creator.is_none());
        assert_eq!(CREATOR_ITEMS.value(&Fixture::default().item()), None);
    }
}
