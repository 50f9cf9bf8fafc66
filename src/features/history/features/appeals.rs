//! Decisions that did not stand.
//!
//! An overturn reaches features from its own time on. Those of the item itself are taken out of the seller's.

use super::seller_record::elsewhere;
use super::{HISTORY, own_decisions};
use crate::features::feature::ln_count;
use crate::features::{FeatureDoc, ItemView, SimpleFeature};

/// Decisions on this item that were overturned.
pub(in crate::features) static ITEM_OVERTURNED_DECISIONS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "item_overturned_decisions",
        group: "history",
        what: "ln(1 + decisions on this item that a later one, known before as_of, overturned)",
        why: "somebody looked twice; the first look may have been wrong",
        range: "0 and up",
        evaded_by: "appealing everything",
        inputs: &["decisions.overturns"],
        ..HISTORY
    },
    value: |item| own_decisions(item).map(|d| ln_count(u64::from(d.overturned))),
};

/// Decisions on other items of the seller that were overturned.
pub(in crate::features) static SELLER_OVERTURNED_DECISIONS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_overturned_decisions",
        group: "seller",
        what: "ln(1 + decisions on other items of the seller that a later one, known before as_of, overturned)",
        why: "seller_overturn_share divides it by the decisions on items that seller_decided_items counts; sellers who are wronged look like offenders",
        range: "0 and up",
        evaded_by: "appealing everything",
        inputs: &["decisions.overturns", "content.seller_id"],
        ..HISTORY
    },
    value: |item| elsewhere(item, |d| d.overturned).map(ln_count),
};

/// Share of the decisions on other items of the seller that were overturned.
pub(in crate::features) static SELLER_OVERTURN_SHARE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_overturn_share",
        group: "seller",
        what: "decisions overturned per decision on other items of the seller, shrunk to the configured prior",
        why: "decisions on such sellers are less certain",
        range: "0 to 1",
        evaded_by: "appealing everything",
        inputs: &["decisions.overturns", "content.seller_id"],
        ..HISTORY
    },
    value: |item| {
        let (overturned, decisions) = (elsewhere(item, |d| d.overturned)?, elsewhere(item, |d| d.decisions)?);
        Some(item.seller_history?.overturn_prior.shrink(overturned, decisions) as f32)
    },
};

/// Days since a decision on another item of the seller was overturned.
pub(in crate::features) static SELLER_DAYS_SINCE_OVERTURN: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_days_since_overturn",
        group: "seller",
        what: "ln(1 + days since a decision on another item of the seller was overturned); missing when none was",
        why: "a seller was wronged not long ago",
        range: "0 and up",
        evaded_by: "appealing everything",
        inputs: &["decisions.overturns", "content.seller_id"],
        ..HISTORY
    },
    value: |item| days_since_overturn(item).map(|days| libm::log1p(days.max(0.0)) as f32),
};

fn days_since_overturn(item: &ItemView<'_>) -> Option<f64> {
    let decisions = item.seller_history?.events.decisions.as_ref()?;
    let (last_item, last) = decisions.last_overturn.as_ref()?;
    let last = if *last_item == item.content.content_id { decisions.last_overturn_elsewhere? } else { *last };
    Some(item.as_of.instant.days_since(last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::{Fixture, as_of, context, decision, rules};
    use crate::features::{EventCounts, EventRows, Feature, SellerHistory, SellerHistoryRows};
    use crate::tables::DecisionRow;
    use crate::units::Verdict;

    /// As of day 100. The item is a. Decision 1 on a is overturned by 2 on day 99, decision 3 on b by 4 on day 93; 5 on c is overturned
    /// on day 100, which is not known. So on b and c: 3 decisions, 1 overturned; the prior is 0.1 with strength 10:
    /// (1 + 1) / (3 + 10).
    #[test]
    fn overturns_are_those_of_other_items() {
        let on = |id, item, day, overturns: Option<&str>| DecisionRow {
            overturns: overturns.map(Into::into),
            ..decision(id, item, if overturns.is_some() { Verdict::Compliant } else { Verdict::Violating }, day)
        };
        let rows = [
            on("1", "a", 90.0, None),
            on("2", "a", 99.0, Some("1")),
            on("3", "b", 91.0, None),
            on("4", "b", 93.0, Some("3")),
            on("5", "c", 92.0, None),
            on("6", "c", 100.0, Some("5")),
        ];
        let all: Vec<&DecisionRow> = rows.iter().collect();
        let rules = rules();
        let context = context(as_of(100), &rules);
        let events = EventRows { decisions: Some(&all), ..EventRows::default() };
        let seller = SellerHistory::of(&SellerHistoryRows { content: &[], events }, &context);
        let own = EventCounts::of(&EventRows { decisions: Some(&all[..2]), ..EventRows::default() }, &context);
        let fixture = Fixture::default();
        let mut item = fixture.item();
        assert_eq!(SELLER_OVERTURN_SHARE.value(&item), None, "the table is missing");
        (item.seller_history, item.item_history) = (Some(&seller), Some(&own));
        assert_eq!(ITEM_OVERTURNED_DECISIONS.value(&item), Some(ln_count(1)));
        assert_eq!(SELLER_OVERTURNED_DECISIONS.value(&item), Some(ln_count(1)));
        assert_eq!(SELLER_OVERTURN_SHARE.value(&item), Some((2.0 / 13.0) as f32));
        assert_eq!(SELLER_DAYS_SINCE_OVERTURN.value(&item), Some(libm::log1p(7.0) as f32));
        item.same_day = true;
        assert_eq!(ITEM_OVERTURNED_DECISIONS.value(&item), None);
    }
}
