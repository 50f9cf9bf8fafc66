//! Decisions and actions on the seller.
//!
//! Decisions on the item itself are features of their own, so they are subtracted from the seller's.

use super::super::decisions::DecisionCounts;
use super::{HISTORY, own_decisions};
use crate::features::feature::ln_count;
use crate::features::{FeatureDoc, ItemView, SimpleFeature, VIOLATION_PRIOR};
use crate::units::Timestamp;

/// Other items of the seller that were decided.
pub(in crate::features) static SELLER_DECIDED_ITEMS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_decided_items",
        group: "seller",
        what: "ln(1 + other items of the seller that were decided)",
        why: "the n behind seller_violation_rate",
        range: "0 and up",
        evaded_by: "several accounts",
        inputs: &["decisions", "content.seller_id"],
        uses: &["decisions.overturns"],
        ..HISTORY
    },
    value: |item| elsewhere(item, |d| d.decided_items).map(ln_count),
};

/// Violating decisions on other items of the seller in the last 28 days that stand.
pub(in crate::features) static SELLER_VIOLATIONS_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_violations_28d",
        group: "seller",
        what: "ln(1 + violating decisions on other items of the seller in the last 28 days that stand)",
        why: "sellers repeat themselves",
        range: "0 and up",
        evaded_by: "a new account",
        inputs: &["decisions", "content.seller_id"],
        uses: &["decisions.overturns"],
        ..HISTORY
    },
    value: |item| elsewhere(item, |d| d.violations_28d).map(ln_count),
};

/// Violating decisions on other items of the seller in the last 90 days that stand.
pub(in crate::features) static SELLER_VIOLATIONS_90D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_violations_90d",
        group: "seller",
        what: "ln(1 + violating decisions on other items of the seller in the last 90 days that stand)",
        why: "sellers repeat themselves",
        range: "0 and up",
        evaded_by: "a new account",
        inputs: &["decisions", "content.seller_id"],
        uses: &["decisions.overturns"],
        ..HISTORY
    },
    value: |item| elsewhere(item, |d| d.violations_90d).map(ln_count),
};

/// Other items found violating per other item decided, shrunk to 0.1 worth 5 items.
pub(in crate::features) static SELLER_VIOLATION_RATE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_violation_rate",
        group: "seller",
        what: "other items found violating per other item decided, shrunk to 0.1 worth 5 items",
        why: "sellers repeat themselves",
        range: "0 to 1",
        evaded_by: "a new account",
        inputs: &["decisions", "content.seller_id"],
        uses: &["decisions.overturns"],
        ..HISTORY
    },
    value: |item| {
        let (violating, decided) = (elsewhere(item, |d| d.violating_items)?, elsewhere(item, |d| d.decided_items)?);
        Some(VIOLATION_PRIOR.shrink(violating, decided) as f32)
    },
};

/// Days since another item of the seller was found violating; missing when none was.
pub(in crate::features) static SELLER_DAYS_SINCE_VIOLATION: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_days_since_violation",
        group: "seller",
        what: "ln(1 + days since another item of the seller was found violating); missing when none was",
        why: "the longer ago, the better",
        range: "0 and up",
        evaded_by: "a new account",
        inputs: &["decisions", "content.seller_id"],
        uses: &["decisions.overturns"],
        ..HISTORY
    },
    value: |item| days_since_violation(item).map(|days| libm::log1p(days.max(0.0)) as f32),
};

/// Actions on the seller and its items in the last 90 days.
pub(in crate::features) static SELLER_ACTIONS_90D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_actions_90d",
        group: "seller",
        what: "ln(1 + actions on the seller and its items in the last 90 days)",
        why: "strikes",
        range: "0 and up",
        evaded_by: "a new account",
        inputs: &["actions", "content.seller_id"],
        uses: &["actions.content_id", "actions.seller_id"],
        ..HISTORY
    },
    value: |item| item.seller_history.and_then(|h| h.events.actions).map(|a| ln_count(u64::from(a.received_90d))),
};

/// A count of the seller's decisions less the item's own.
pub(super) fn elsewhere(item: &ItemView<'_>, count: fn(&DecisionCounts) -> u32) -> Option<u64> {
    let all = count(item.seller_history?.events.decisions.as_ref()?);
    let own = own_decisions(item).map_or(0, count);
    Some(u64::from(all.saturating_sub(own)))
}

fn days_since_violation(item: &ItemView<'_>) -> Option<f64> {
    let decisions = item.seller_history?.events.decisions.as_ref()?;
    let (last_item, last) = decisions.last_violation.as_ref()?;
    let last: Timestamp = if *last_item == item.content.content_id { decisions.last_violation_elsewhere? } else { *last };
    Some(item.as_of.instant.days_since(last))
}

#[cfg(test)]
mod tests {
    use super::super::{ITEM_ACTIONS_90D, ITEM_PRIOR_VIOLATIONS};
    use super::*;
    use crate::features::fixtures::{Fixture, as_of, context, decision, rules};
    use crate::features::{EventCounts, EventRows, Feature, SellerHistory, SellerHistoryRows};
    use crate::tables::DecisionRow;
    use crate::units::Verdict;

    /// By hand: of the other items b (violating), c and d one violates: (1 + .5) / (3 + 5) with α = .5, β = 4.5.
    #[test]
    fn the_items_own_decisions_are_not_the_sellers() {
        let rows = [
            decision("1", "a", Verdict::Violating, 99.0),
            decision("2", "b", Verdict::Violating, 97.0),
            decision("3", "c", Verdict::Compliant, 98.0),
            decision("4", "d", Verdict::Compliant, 98.0),
        ];
        let all: Vec<&DecisionRow> = rows.iter().collect();
        let rules = rules();
        let context = context(as_of(100), &rules);
        let events = EventRows { decisions: Some(&all), ..EventRows::default() };
        let seller = SellerHistory::of(&SellerHistoryRows { content: &[], events }, &context);
        let own = EventCounts::of(&EventRows { decisions: Some(&all[..1]), ..EventRows::default() }, &context);
        let fixture = Fixture::default();
        let mut item = fixture.item();
        (item.seller_history, item.item_history) = (Some(&seller), Some(&own));
        assert_eq!(SELLER_DECIDED_ITEMS.value(&item), Some(ln_count(3)));
        assert_eq!(SELLER_VIOLATION_RATE.value(&item), Some(1.5 / 8.0));
        assert_eq!(SELLER_DAYS_SINCE_VIOLATION.value(&item), Some(libm::log1p(3.0) as f32));
        assert_eq!(ITEM_PRIOR_VIOLATIONS.value(&item), Some(ln_count(1)));
        assert_eq!(ITEM_ACTIONS_90D.value(&item), None, "the table is missing");
    }
}
