//! After-sales events per order of this item, or of its seller, once their window has closed.

use super::HISTORY;
use crate::features::feature::ln_count;
use crate::features::{FeatureDoc, ItemView, MatureRates, MatureSpan, SimpleFeature};
use crate::units::AfterSalesKind;

/// What these features have in common: without orders there is nothing to divide by.
const MATURE: FeatureDoc = FeatureDoc { version: 2, ..HISTORY };

/// The doc block of `doc` about this item.
const fn of_item(name: &'static str, doc: FeatureDoc) -> FeatureDoc {
    FeatureDoc {
        name,
        whose: "this item",
        evaded_by: if doc.evaded_by.is_empty() { "brushed orders; settling off the platform" } else { doc.evaded_by },
        inputs: &["after_sales.content_id", "engagement.orders"],
        uses: &["actions.content_id"],
        ..doc
    }
}

/// The doc block of `doc` about the seller.
const fn of_seller(name: &'static str, doc: FeatureDoc) -> FeatureDoc {
    FeatureDoc {
        name,
        group: "seller",
        whose: "the seller",
        evaded_by: if doc.evaded_by.is_empty() { "several accounts; settling off the platform" } else { doc.evaded_by },
        inputs: &["after_sales", "engagement.orders", "content.seller_id"],
        uses: &["after_sales.content_id", "after_sales.seller_id", "actions.content_id"],
        ..doc
    }
}

fn own<'a>(item: &'a ItemView<'_>) -> Option<&'a MatureRates> {
    item.events()?.mature.as_ref()
}

fn sellers<'a>(item: &'a ItemView<'_>) -> Option<&'a MatureRates> {
    item.seller_history?.events.mature.as_ref()
}

fn orders(span: Option<MatureSpan>) -> Option<f32> {
    span.map(|span| ln_count(span.orders))
}

fn rate(span: Option<MatureSpan>, kind: AfterSalesKind) -> Option<f32> {
    span.map(|span| span.rate(kind) as f32)
}

/// Orders over 28 days whose window has closed.
const MATURE_ORDERS_28D: FeatureDoc = FeatureDoc {
    what: "ln(1 + orders of {whose} over the 28 days that end one maturity window before as_of)",
    range: "0 and up",
    evaded_by: "brushed orders",
    ..MATURE
};

/// The same of this item.
pub(in crate::features) static ITEM_MATURE_ORDERS_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc { why: "the n behind item_mature_*_28d", ..of_item("item_mature_orders_28d", MATURE_ORDERS_28D) },
    value: |item| orders(own(item)?.days_28),
};

/// The same of the seller.
pub(in crate::features) static SELLER_MATURE_ORDERS_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc { why: "the n behind seller_mature_*_28d", ..of_seller("seller_mature_orders_28d", MATURE_ORDERS_28D) },
    value: |item| orders(sellers(item)?.days_28),
};

/// Refunds per order over 28 days whose window has closed.
const MATURE_REFUNDS_28D: FeatureDoc = FeatureDoc {
    what: "refunds per order of {whose} over the 28 days that end one maturity window before as_of, shrunk to the configured prior",
    why: "money back per sale",
    range: "0 to 1",
    ..MATURE
};

/// The same of this item.
pub(in crate::features) static ITEM_MATURE_REFUNDS_28D: SimpleFeature = SimpleFeature {
    doc: &of_item("item_mature_refunds_28d", MATURE_REFUNDS_28D),
    value: |item| rate(own(item)?.days_28, AfterSalesKind::Refund),
};

/// The same of the seller.
pub(in crate::features) static SELLER_MATURE_REFUNDS_28D: SimpleFeature = SimpleFeature {
    doc: &of_seller("seller_mature_refunds_28d", MATURE_REFUNDS_28D),
    value: |item| rate(sellers(item)?.days_28, AfterSalesKind::Refund),
};

/// Returns per order over 28 days whose window has closed.
const MATURE_RETURNS_28D: FeatureDoc = FeatureDoc {
    what: "returns per order of {whose} over the 28 days that end one maturity window before as_of, shrunk to the configured prior",
    why: "goods sent back per sale",
    range: "0 to 1",
    ..MATURE
};

/// The same of this item.
pub(in crate::features) static ITEM_MATURE_RETURNS_28D: SimpleFeature = SimpleFeature {
    doc: &of_item("item_mature_returns_28d", MATURE_RETURNS_28D),
    value: |item| rate(own(item)?.days_28, AfterSalesKind::Return),
};

/// The same of the seller.
pub(in crate::features) static SELLER_MATURE_RETURNS_28D: SimpleFeature = SimpleFeature {
    doc: &of_seller("seller_mature_returns_28d", MATURE_RETURNS_28D),
    value: |item| rate(sellers(item)?.days_28, AfterSalesKind::Return),
};

/// Complaints that goods are not as described per order over 28 days whose window has closed.
const MATURE_NOT_AS_DESCRIBED_28D: FeatureDoc = FeatureDoc {
    what: "complaints that goods are not as described per order of {whose} over the 28 days that end one maturity window before as_of, shrunk to the configured prior",
    why: "counterfeits and switched listings",
    range: "0 to 1",
    ..MATURE
};

/// The same of this item.
pub(in crate::features) static ITEM_MATURE_NOT_AS_DESCRIBED_28D: SimpleFeature = SimpleFeature {
    doc: &of_item("item_mature_not_as_described_28d", MATURE_NOT_AS_DESCRIBED_28D),
    value: |item| rate(own(item)?.days_28, AfterSalesKind::NotAsDescribed),
};

/// The same of the seller.
pub(in crate::features) static SELLER_MATURE_NOT_AS_DESCRIBED_28D: SimpleFeature = SimpleFeature {
    doc: &of_seller("seller_mature_not_as_described_28d", MATURE_NOT_AS_DESCRIBED_28D),
    value: |item| rate(sellers(item)?.days_28, AfterSalesKind::NotAsDescribed),
};

/// Ratings of one or two stars per order over 28 days whose window has closed.
const MATURE_LOW_RATINGS_28D: FeatureDoc = FeatureDoc {
    what: "ratings of one or two stars per order of {whose} over the 28 days that end one maturity window before as_of, shrunk to the configured prior",
    why: "disappointed buyers",
    range: "0 to 1",
    ..MATURE
};

/// The same of this item.
pub(in crate::features) static ITEM_MATURE_LOW_RATINGS_28D: SimpleFeature = SimpleFeature {
    doc: &of_item("item_mature_low_ratings_28d", MATURE_LOW_RATINGS_28D),
    value: |item| rate(own(item)?.days_28, AfterSalesKind::LowRating),
};

/// The same of the seller.
pub(in crate::features) static SELLER_MATURE_LOW_RATINGS_28D: SimpleFeature = SimpleFeature {
    doc: &of_seller("seller_mature_low_ratings_28d", MATURE_LOW_RATINGS_28D),
    value: |item| rate(sellers(item)?.days_28, AfterSalesKind::LowRating),
};

/// Orders over 90 days whose window has closed.
const MATURE_ORDERS_90D: FeatureDoc = FeatureDoc {
    what: "ln(1 + orders of {whose} over the 90 days that end one maturity window before as_of)",
    range: "0 and up",
    evaded_by: "brushed orders",
    ..MATURE
};

/// The same of this item.
pub(in crate::features) static ITEM_MATURE_ORDERS_90D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc { why: "the n behind item_mature_*_90d", ..of_item("item_mature_orders_90d", MATURE_ORDERS_90D) },
    value: |item| orders(own(item)?.days_90),
};

/// The same of the seller.
pub(in crate::features) static SELLER_MATURE_ORDERS_90D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc { why: "the n behind seller_mature_*_90d", ..of_seller("seller_mature_orders_90d", MATURE_ORDERS_90D) },
    value: |item| orders(sellers(item)?.days_90),
};

/// Refunds per order over 90 days whose window has closed.
const MATURE_REFUNDS_90D: FeatureDoc = FeatureDoc {
    what: "refunds per order of {whose} over the 90 days that end one maturity window before as_of, shrunk to the configured prior",
    why: "money back per sale",
    range: "0 to 1",
    ..MATURE
};

/// The same of this item.
pub(in crate::features) static ITEM_MATURE_REFUNDS_90D: SimpleFeature = SimpleFeature {
    doc: &of_item("item_mature_refunds_90d", MATURE_REFUNDS_90D),
    value: |item| rate(own(item)?.days_90, AfterSalesKind::Refund),
};

/// The same of the seller.
pub(in crate::features) static SELLER_MATURE_REFUNDS_90D: SimpleFeature = SimpleFeature {
    doc: &of_seller("seller_mature_refunds_90d", MATURE_REFUNDS_90D),
    value: |item| rate(sellers(item)?.days_90, AfterSalesKind::Refund),
};

/// Returns per order over 90 days whose window has closed.
const MATURE_RETURNS_90D: FeatureDoc = FeatureDoc {
    what: "returns per order of {whose} over the 90 days that end one maturity window before as_of, shrunk to the configured prior",
    why: "goods sent back per sale",
    range: "0 to 1",
    ..MATURE
};

/// The same of this item.
pub(in crate::features) static ITEM_MATURE_RETURNS_90D: SimpleFeature = SimpleFeature {
    doc: &of_item("item_mature_returns_90d", MATURE_RETURNS_90D),
    value: |item| rate(own(item)?.days_90, AfterSalesKind::Return),
};

/// The same of the seller.
pub(in crate::features) static SELLER_MATURE_RETURNS_90D: SimpleFeature = SimpleFeature {
    doc: &of_seller("seller_mature_returns_90d", MATURE_RETURNS_90D),
    value: |item| rate(sellers(item)?.days_90, AfterSalesKind::Return),
};

/// Complaints that goods are not as described per order over 90 days whose window has closed.
const MATURE_NOT_AS_DESCRIBED_90D: FeatureDoc = FeatureDoc {
    what: "complaints that goods are not as described per order of {whose} over the 90 days that end one maturity window before as_of, shrunk to the configured prior",
    why: "counterfeits and switched listings",
    range: "0 to 1",
    ..MATURE
};

/// The same of this item.
pub(in crate::features) static ITEM_MATURE_NOT_AS_DESCRIBED_90D: SimpleFeature = SimpleFeature {
    doc: &of_item("item_mature_not_as_described_90d", MATURE_NOT_AS_DESCRIBED_90D),
    value: |item| rate(own(item)?.days_90, AfterSalesKind::NotAsDescribed),
};

/// The same of the seller.
pub(in crate::features) static SELLER_MATURE_NOT_AS_DESCRIBED_90D: SimpleFeature = SimpleFeature {
    doc: &of_seller("seller_mature_not_as_described_90d", MATURE_NOT_AS_DESCRIBED_90D),
    value: |item| rate(sellers(item)?.days_90, AfterSalesKind::NotAsDescribed),
};

/// Ratings of one or two stars per order over 90 days whose window has closed.
const MATURE_LOW_RATINGS_90D: FeatureDoc = FeatureDoc {
    what: "ratings of one or two stars per order of {whose} over the 90 days that end one maturity window before as_of, shrunk to the configured prior",
    why: "disappointed buyers",
    range: "0 to 1",
    ..MATURE
};

/// The same of this item.
pub(in crate::features) static ITEM_MATURE_LOW_RATINGS_90D: SimpleFeature = SimpleFeature {
    doc: &of_item("item_mature_low_ratings_90d", MATURE_LOW_RATINGS_90D),
    value: |item| rate(own(item)?.days_90, AfterSalesKind::LowRating),
};

/// The same of the seller.
pub(in crate::features) static SELLER_MATURE_LOW_RATINGS_90D: SimpleFeature = SimpleFeature {
    doc: &of_seller("seller_mature_low_ratings_90d", MATURE_LOW_RATINGS_90D),
    value: |item| rate(sellers(item)?.days_90, AfterSalesKind::LowRating),
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::{Fixture, after_sales, as_of, context, engagement, rules};
    use crate::features::{EventRows, Feature, OrderDays, SellerHistory, SellerHistoryRows};
    use crate::tables::EngagementRow;

    /// As of day 100 with 14 days of maturity, day 80 lies in both spans and day 50 in the longer one. Priors count as 20 orders:
    /// 1 refund, 0.8 returns, 0.2 not as described, 0.6 low ratings.
    ///
    /// |                  | day 50 | day 80 | 28 days       | 90 days       |
    /// |------------------|--------|--------|---------------|---------------|
    /// | orders           | 20     | 30     | 30            | 50            |
    /// | refunds          | 1      | 2      | (2 + 1) / 50  | (3 + 1) / 70  |
    /// | returns          | 1      | 1      | (1 + 0.8) / 50 | (2 + 0.8) / 70 |
    /// | not as described |        | 1      | (1 + 0.2) / 50 | (1 + 0.2) / 70 |
    /// | low ratings      | 1      |        | 0.6 / 50      | (1 + 0.6) / 70 |
    #[test]
    fn rates_are_per_order_of_closed_days() {
        use AfterSalesKind::{LowRating, NotAsDescribed, Refund, Return};
        let sold = |day, orders| EngagementRow { orders: Some(orders), ..engagement(day, 0) };
        let days = [sold(50, 20), sold(80, 30), sold(99, 1000)];
        let happened = [
            (Refund, 50.5),
            (Return, 50.5),
            (LowRating, 50.5),
            (Refund, 80.5),
            (Refund, 80.6),
            (Return, 80.5),
            (NotAsDescribed, 80.5),
            (Refund, 99.0),
        ];
        let rows = happened.map(|(kind, day)| after_sales(kind, day));
        let rows: Vec<&_> = rows.iter().collect();
        let events = EventRows {
            after_sales: Some(&rows),
            orders: Some(OrderDays { days: &crate::features::EngagementDays::of(&days), until: None }),
            ..EventRows::default()
        };
        let history = SellerHistory::of(&SellerHistoryRows { content: &[], events }, &context(as_of(100), &rules()));
        let fixture = Fixture::default();
        let mut item = fixture.item();
        assert_eq!(ITEM_MATURE_ORDERS_28D.value(&item), None, "a table is missing");
        assert_eq!(SELLER_MATURE_ORDERS_28D.value(&item), None, "a table is missing");
        item.seller_history = Some(&history);
        assert_eq!(ITEM_MATURE_ORDERS_28D.value(&item), None, "the item's are not the seller's");
        item.item_history = Some(&history.events);
        let check = |features: [&SimpleFeature; 2], expect: f64| {
            for feature in features {
                let got = f64::from(feature.value(&item).unwrap());
                assert!((got - expect).abs() < 1e-7, "{}: {got} is not {expect}", feature.doc.name);
            }
        };
        check([&ITEM_MATURE_ORDERS_28D, &SELLER_MATURE_ORDERS_28D], libm::log1p(30.0));
        check([&ITEM_MATURE_REFUNDS_28D, &SELLER_MATURE_REFUNDS_28D], 3.0 / 50.0);
        check([&ITEM_MATURE_RETURNS_28D, &SELLER_MATURE_RETURNS_28D], 1.8 / 50.0);
        check([&ITEM_MATURE_NOT_AS_DESCRIBED_28D, &SELLER_MATURE_NOT_AS_DESCRIBED_28D], 1.2 / 50.0);
        check([&ITEM_MATURE_LOW_RATINGS_28D, &SELLER_MATURE_LOW_RATINGS_28D], 0.6 / 50.0);
        check([&ITEM_MATURE_ORDERS_90D, &SELLER_MATURE_ORDERS_90D], libm::log1p(50.0));
        check([&ITEM_MATURE_REFUNDS_90D, &SELLER_MATURE_REFUNDS_90D], 4.0 / 70.0);
        check([&ITEM_MATURE_RETURNS_90D, &SELLER_MATURE_RETURNS_90D], 2.8 / 70.0);
        check([&ITEM_MATURE_NOT_AS_DESCRIBED_90D, &SELLER_MATURE_NOT_AS_DESCRIBED_90D], 1.2 / 70.0);
        check([&ITEM_MATURE_LOW_RATINGS_90D, &SELLER_MATURE_LOW_RATINGS_90D], 1.6 / 70.0);
    }
}
