//! What of a shard's rows reaches the histories of an item and of its seller.

use super::*;
use crate::dataset::fixtures::engine;
use crate::features::fixtures::{action, after_sales, as_of, content, engagement, rules};
use crate::tables::{AfterSalesRow, EngagementRow};
use crate::units::{AfterSalesKind, Treatment};

fn sold(day: i32, orders: u64) -> EngagementRow {
    EngagementRow { orders: Some(orders), ..engagement(day, 0) }
}

fn refund(day: f64) -> AfterSalesRow {
    after_sales(AfterSalesKind::Refund, day)
}

/// Seller s with item a, treated on day 80, and item b. As of day 100 with 14 days of maturity, 28 days are [58, 86).
///
/// |         | item a, day 70 | item a, day 82 | item b, day 70 | seller, day 71 |
/// |---------|----------------|----------------|----------------|----------------|
/// | orders  | 10             | 99: treated    | 20             |                |
/// | refunds | 1              |                | 2              | 1              |
fn shard() -> Shard {
    let of_seller = |id: &str| ContentRow { seller_id: Some("s".into()), ..content(id) };
    let a = ContentHistory {
        versions: vec![of_seller("a")],
        engagement: EngagementDays::of(&[sold(70, 10), sold(82, 99)]),
        actions: vec![action(Some("a"), Treatment::Hold, 80.0)],
        after_sales: vec![refund(70.5)],
        ..ContentHistory::default()
    };
    let b = ContentHistory {
        versions: vec![of_seller("b")],
        engagement: EngagementDays::of(&[sold(70, 20)]),
        after_sales: vec![refund(70.5), refund(70.6)],
        ..ContentHistory::default()
    };
    let contents = vec![("a".into(), a), ("b".into(), b)];
    let daily = crate::dataset::engagement::daily_totals(contents.iter().map(|(_, history)| history), &Zones::utc());
    let daily = EngagementDays::of_cells(&daily);
    let seller = SellerRecords { items: vec![0, 1], after_sales: vec![refund(71.0)], daily, ..SellerRecords::default() };
    Shard { contents, sellers: [("s".into(), seller)].into() }
}

/// Orders and the refund rate of 28 days, of item a and of the seller.
fn mature(tables: Vec<TableName>) -> [Option<(u64, f64)>; 2] {
    let (shard, rules, zones) = (shard(), rules(), Zones::utc());
    let (engine, globals, cross, presence) = (engine(), Globals::default(), CrossSeller::default(), Presence::new(tables, false));
    let builder = ItemBuilder { history: &rules, ..engine.builder(&shard, &globals, &cross, &presence, &zones) };
    let item = builder.item_history(&shard.contents[0].1, as_of(100));
    let seller = builder.seller_history(&shard.sellers["s"], as_of(100)).events;
    [item, seller].map(|events| events.mature?.days_28.map(|span| (span.orders, span.rate(AfterSalesKind::Refund))))
}

/// The prior is 1 refund of 20 orders: (1 + 1) / (10 + 20) and (4 + 1) / (30 + 20).
#[test]
fn orders_of_both_sides_end_at_the_first_treatment() {
    let both = mature(vec![TableName::Engagement, TableName::AfterSales]);
    assert_eq!(both, [Some((10, 2.0 / 30.0)), Some((30, 5.0 / 50.0))]);
    assert_eq!(mature(vec![TableName::AfterSales]), [None, None]);
    assert_eq!(mature(vec![TableName::Engagement]), [None, None]);
}
