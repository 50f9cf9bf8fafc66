//! Strikes of the seller.
//!
//! Strikes of the item itself are taken out, as its decisions are: `item_prior_violations` speaks of those.

use super::{HISTORY, own_decisions};
use crate::features::feature::ln_count;
use crate::features::{FeatureDoc, ItemView, SimpleFeature, StrikeTotals};

/// Strikes of the seller that have not expired.
pub(in crate::features) static SELLER_STRIKES_ACTIVE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_strikes_active",
        group: "seller",
        what: "ln(1 + strikes of other items of the seller that have not expired, one per item and label)",
        why: "what stands against a seller now",
        range: "0 and up",
        evaded_by: "a new account; waiting for them to expire",
        inputs: &["decisions", "content.seller_id"],
        uses: &["decisions.overturns", "decisions.decided_by"],
        ..HISTORY
    },
    value: |item| totals(item).map(|t| ln_count(u64::from(t.active))),
};

/// Strikes of the seller by severity and age.
pub(in crate::features) static SELLER_STRIKE_WEIGHT: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_strike_weight",
        group: "seller",
        what: "ln(1 + sum over unexpired strikes of other items of the severity weight (1, 3, 10, 30, 100) halved every half-life)",
        why: "grave and fresh violations tell most",
        range: "0 and up",
        evaded_by: "a new account; lying low",
        inputs: &["decisions", "content.seller_id"],
        uses: &["decisions.overturns", "decisions.decided_by"],
        ..HISTORY
    },
    value: |item| totals(item).map(|t| libm::log1p(t.weight) as f32),
};

/// Strikes of the seller in the last 30 days.
pub(in crate::features) static SELLER_STRIKES_30D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_strikes_30d",
        group: "seller",
        what: "ln(1 + strikes of other items of the seller in the last 30 days, expired or not)",
        why: "sellers repeat themselves",
        range: "0 and up",
        evaded_by: "a new account",
        inputs: &["decisions", "content.seller_id"],
        uses: &["decisions.overturns", "decisions.decided_by"],
        ..HISTORY
    },
    value: |item| totals(item).map(|t| ln_count(u64::from(t.within[0]))),
};

/// Strikes of the seller in the last 90 days.
pub(in crate::features) static SELLER_STRIKES_90D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_strikes_90d",
        group: "seller",
        what: "ln(1 + strikes of other items of the seller in the last 90 days, expired or not)",
        why: "sellers repeat themselves",
        range: "0 and up",
        evaded_by: "a new account",
        inputs: &["decisions", "content.seller_id"],
        uses: &["decisions.overturns", "decisions.decided_by"],
        ..HISTORY
    },
    value: |item| totals(item).map(|t| ln_count(u64::from(t.within[1]))),
};

/// Strikes of the seller in the last 180 days.
pub(in crate::features) static SELLER_STRIKES_180D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_strikes_180d",
        group: "seller",
        what: "ln(1 + strikes of other items of the seller in the last 180 days, expired or not)",
        why: "sellers repeat themselves",
        range: "0 and up",
        evaded_by: "a new account",
        inputs: &["decisions", "content.seller_id"],
        uses: &["decisions.overturns", "decisions.decided_by"],
        ..HISTORY
    },
    value: |item| totals(item).map(|t| ln_count(u64::from(t.within[2]))),
};

/// Most strikes of one label.
pub(in crate::features) static SELLER_STRIKES_OF_A_LABEL: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_strikes_of_a_label",
        group: "seller",
        what: "ln(1 + most strikes of one label on other items of the seller, expired ones among them)",
        why: "a trade, not an accident",
        range: "0 and up",
        evaded_by: "a new account; changing the trick",
        inputs: &["decisions", "content.seller_id"],
        uses: &["decisions.overturns", "decisions.decided_by"],
        ..HISTORY
    },
    value: |item| totals(item).map(|t| ln_count(u64::from(t.most_of_a_label))),
};

/// Strikes that repeat a label while one stands.
pub(in crate::features) static SELLER_STRIKE_REPEATS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_strike_repeats",
        group: "seller",
        what: "ln(1 + unexpired strikes of the label that has most of them on other items, less the first)",
        why: "went on after being told",
        range: "0 and up",
        evaded_by: "a new account; changing the trick",
        inputs: &["decisions", "content.seller_id"],
        uses: &["decisions.overturns", "decisions.decided_by"],
        ..HISTORY
    },
    value: |item| totals(item).map(|t| ln_count(u64::from(t.repeats))),
};

/// Labels with an unexpired strike.
pub(in crate::features) static SELLER_STRIKE_LABELS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_strike_labels",
        group: "seller",
        what: "ln(1 + labels with an unexpired strike on other items of the seller)",
        why: "trouble of many kinds",
        range: "0 and up",
        evaded_by: "a new account",
        inputs: &["decisions", "content.seller_id"],
        uses: &["decisions.overturns", "decisions.decided_by"],
        ..HISTORY
    },
    value: |item| totals(item).map(|t| ln_count(u64::from(t.active_labels))),
};

/// Days until the next strike of the seller expires.
pub(in crate::features) static SELLER_DAYS_TO_STRIKE_EXPIRY: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_days_to_strike_expiry",
        group: "seller",
        what: "ln(1 + days until the next strike on another item of the seller expires); missing when none stands",
        why: "sellers behave until a strike is gone",
        range: "0 and up",
        evaded_by: "a new account",
        inputs: &["decisions", "content.seller_id"],
        uses: &["decisions.overturns", "decisions.decided_by"],
        ..HISTORY
    },
    value: |item| {
        let expiry = totals(item)?.next_expiry?;
        Some(libm::log1p(expiry.days_since(item.as_of.instant).max(0.0)) as f32)
    },
};

/// The seller's strikes without the item's own.
fn totals(item: &ItemView<'_>) -> Option<StrikeTotals> {
    let decisions = item.seller_history?.events.decisions.as_ref()?;
    Some(decisions.strikes.without(&item.content.content_id, own_decisions(item).map(|d| &d.strikes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::{Fixture, as_of, context, decision, rules};
    use crate::features::{EventCounts, EventRows, Feature, SellerHistory, SellerHistoryRows};
    use crate::tables::DecisionRow;
    use crate::units::Verdict;

    /// As of day 100, half-life 45 days. The item is a; its strike does not count.
    ///
    /// | item | label       | day | age | expires on day | weight             |
    /// |------|-------------|-----|-----|----------------|--------------------|
    /// | a    | scam        | 95  | 5   | 185            |                    |
    /// | b    | scam        | 55  | 45  | 145            | 100 / 2 = 50       |
    /// | c    | scam        | 10  | 90  | 100: expired   |                    |
    /// | d    | scam        | 55  | 45  | 145            | 100 / 2 = 50       |
    /// | d    | counterfeit | 10  | 90  | 190            | 100 / 4 = 25       |
    #[test]
    fn strikes_are_those_of_other_items() {
        let on = |item, label: &str, day| DecisionRow { label: label.into(), ..decision("d", item, Verdict::Violating, day) };
        let rows = [
            on("a", "scam", 95.0),
            on("b", "scam", 55.0),
            on("c", "scam", 10.0),
            on("d", "scam", 55.0),
            on("d", "counterfeit", 10.0),
        ];
        let all: Vec<&DecisionRow> = rows.iter().collect();
        let rules = rules();
        let context = context(as_of(100), &rules);
        let events = EventRows { decisions: Some(&all), ..EventRows::default() };
        let seller = SellerHistory::of(&SellerHistoryRows { content: &[], events }, &context);
        let own = EventCounts::of(&EventRows { decisions: Some(&all[..1]), ..EventRows::default() }, &context);
        let fixture = Fixture::default();
        let mut item = fixture.item();
        assert_eq!(SELLER_STRIKES_ACTIVE.value(&item), None, "the table is missing");
        (item.seller_history, item.item_history) = (Some(&seller), Some(&own));
        assert_eq!(SELLER_STRIKES_ACTIVE.value(&item), Some(ln_count(3)));
        assert_eq!(SELLER_STRIKE_WEIGHT.value(&item), Some(libm::log1p(125.0) as f32));
        assert_eq!(SELLER_STRIKES_30D.value(&item), Some(0.0));
        assert_eq!(SELLER_STRIKES_90D.value(&item), Some(ln_count(4)));
        assert_eq!(SELLER_STRIKES_180D.value(&item), Some(ln_count(4)));
        assert_eq!(SELLER_STRIKES_OF_A_LABEL.value(&item), Some(ln_count(3)));
        assert_eq!(SELLER_STRIKE_REPEATS.value(&item), Some(ln_count(1)));
        assert_eq!(SELLER_STRIKE_LABELS.value(&item), Some(ln_count(2)));
        assert_eq!(SELLER_DAYS_TO_STRIKE_EXPIRY.value(&item), Some(libm::log1p(45.0) as f32));
    }
}
