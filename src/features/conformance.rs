//! What holds for every feature.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::fixtures::{Fixture, as_of, at, content, context, decision, engagement, report, rules};
use super::*;
use crate::config::TableName;
use crate::tables::{ContentRow, DecisionRow, EngagementRow, ReportRow, SellerRow, schema};
use crate::units::{ContentType, Timestamp, Verdict};

#[test]
fn names_are_unique_and_plain() {
    let unique: BTreeSet<&str> = names().into_iter().collect();
    assert_eq!(unique.len(), REGISTRY.len());
    for name in unique {
        assert!(name.starts_with(|c: char| c.is_ascii_lowercase()), "{name}");
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'), "{name}");
        assert!(!name.starts_with("x_") && !name.starts_with("p_"), "{name} is a name of other columns");
    }
}

#[test]
fn docs_are_filled_in() {
    for doc in REGISTRY.iter().map(|f| f.doc()) {
        for part in [doc.name, doc.what, doc.why, doc.range, doc.evaded_by] {
            assert!(!part.trim().is_empty(), "{doc:?}");
        }
        const GROUPS: [&str; 9] =
            ["text", "listing", "review", "engagement", "seller", "history", "duplicates", "contacts", "creators"];
        assert!(GROUPS.contains(&doc.group), "{doc:?}");
        assert!(doc.version >= 1, "{doc:?}");
        assert!(!doc.inputs.is_empty() || !doc.any_of.is_empty(), "{doc:?}");
        let read: Vec<&str> = doc.inputs.iter().chain(doc.any_of.iter().copied().flatten()).chain(doc.uses).copied().collect();
        let is_table = |input: &str| TableName::ALL.iter().any(|table| table.to_string() == input);
        let is_column = |input: &str| {
            input.split_once('.').is_some_and(|(table, column)| {
                TableName::ALL.into_iter().any(|t| t.to_string() == table && schema(t).iter().any(|spec| spec.column == column))
            })
        };
        for input in &read {
            assert!(is_table(input) || is_column(input), "{}: {input}", doc.name);
        }
        assert!(!DeclaredDoc::from(doc).what.contains('{') && doc.what.contains("{whose}") != doc.whose.is_empty(), "{doc:?}");
        let once: BTreeSet<&str> = read.iter().copied().collect();
        assert_eq!(once.len(), read.len(), "{} lists an input twice", doc.name);
    }
}

/// What a reader needs to judge a share by: what it is shrunk to, or how many it is a share of.
#[test]
fn docs_of_shares_say_what_they_are() {
    let doc = |name: &str| REGISTRY.iter().map(|f| f.doc()).find(|doc| doc.name == name).unwrap();
    let strength = VIOLATION_PRIOR.alpha + VIOLATION_PRIOR.beta;
    let prior = format!("shrunk to {} worth {strength} items", VIOLATION_PRIOR.alpha / strength);
    for name in ["seller_violation_rate", "creator_violation_rate"] {
        assert!(doc(name).what.ends_with(&prior), "{name}");
    }
    for (events, n) in [("seller_overturned_decisions", "seller_decided_items"), ("seller_limited_items", "seller_items")] {
        assert!(doc(events).why.contains(doc(n).name) && !doc(events).why.contains("the n behind"), "{events}");
    }
    let raw = [
        ("creator_five_star_share", "creator_rated_items"),
        ("seller_five_star_share", "seller_reviews"),
        ("review_burst_five_stars", "review_burst_7d"),
    ];
    for (share, n) in raw {
        assert!(doc(share).what.contains(&format!("not shrunk: {} says of how many", doc(n).name)), "{share}");
    }
}

/// Everything that can be hostile about an item at once.
#[derive(Debug, Clone)]
struct Hostile {
    content: ContentRow,
    earlier: ContentRow,
    seller: SellerRow,
    engagement: Vec<EngagementRow>,
    decisions: Vec<DecisionRow>,
    reports: Vec<ReportRow>,
    same_day: bool,
    ring: RingView,
    creator: CreatorView,
}

impl Hostile {
    fn row(&self) -> Vec<f32> {
        let fixture = Fixture::of(self.content.clone());
        let decisions: Vec<&DecisionRow> = self.decisions.iter().collect();
        let reports: Vec<&ReportRow> = self.reports.iter().collect();
        let days = EngagementDays::of(&self.engagement);
        let orders = Some(OrderDays { days: &days, until: None });
        let rows = EventRows {
            decisions: Some(&decisions),
            actions: Some(&[]),
            reports: Some(&reports),
            after_sales: Some(&[]),
            orders,
        };
        let rules = rules();
        let history =
            SellerHistory::of(&SellerHistoryRows { content: &[&self.content], events: rows }, &context(as_of(100), &rules));
        let mut item = fixture.item();
        item.same_day = self.same_day;
        item.versions_known = Some(u32::MAX);
        item.seller_history = Some(&history);
        item.item_history = Some(&history.events);
        item.seller = Some(&self.seller);
        let ln_price = self.content.price.unwrap_or(0.0);
        item.price_cell = Some(PriceCell { median_ln: ln_price, mad_ln: 0.0, low_ln: ln_price, n: 9 });
        item.tone = self.content.rating;
        let versions = [&self.earlier, &self.content];
        item.versions = if self.same_day { &[] } else { &versions };
        item.switch = SwitchView::of(item.versions, as_of(100), |_| self.seller.followers);
        let listings = SellerListings::of(&[&self.content, &self.earlier, &self.earlier, &self.earlier], as_of(100));
        let reviews = SellerReviews::of(&[&self.content, &self.earlier], as_of(100));
        item.seller_listings = Some(&listings);
        item.seller_reviews = Some(&reviews);
        item.ring = Some(self.ring);
        item.creator = Some(self.creator);
        let mut out = Vec::new();
        compute_row(&item, &mut out);
        out
    }
}

fn any_number() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        Just(None),
        Just(Some(f64::NAN)),
        Just(Some(f64::INFINITY)),
        Just(Some(-1.0)),
        Just(Some(0.0)),
        Just(Some(f64::MAX)),
        Just(Some(f64::MIN_POSITIVE)),
        (0.0..1e6).prop_map(Some)
    ]
}

fn any_count() -> impl Strategy<Value = Option<u64>> {
    prop_oneof![Just(None), Just(Some(0)), Just(Some(u64::MAX)), (0_u64..1000).prop_map(Some)]
}

prop_compose! {
    fn any_engagement()(day in 60..110_i32, views in any_count(), clicks in any_count(), orders in any_count(), watch_s in any_number()) -> EngagementRow {
        EngagementRow { views, clicks, orders, refunds: orders, reports: clicks, hides: views, impressions: clicks, watch_s, gmv: watch_s, ..engagement(day, 0) }
    }
}

prop_compose! {
    fn any_content()(
        kind in 0..5_usize, title in proptest::option::of("\\PC{0,20}"), body in proptest::option::of("\\PC{0,20}"),
        price in any_number(), list_price in any_number(), duration_s in any_number(), rating in any_number(),
        image_count in any_count(), published in any::<i32>()
    ) -> ContentRow {
        ContentRow {
            content_type: ContentType::all().nth(kind).unwrap(), title, body, price, list_price, duration_s,
            rating: rating.map(|r| r as f32), image_count, published_at: Timestamp(i64::from(published) * 1_000_000_000), ..content("a")
        }
    }
}

prop_compose! {
    fn any_ring()(size in any::<u32>(), n in any::<u32>(), is_first_owner in any::<bool>(), days in any_number()) -> RingView {
        RingView {
            size, shared_keys: n, own_shared_keys: n, is_first_owner, actioned: is_first_owner.then_some(n), violating: Some(n),
            days_since_link: days,
        }
    }
}

prop_compose! {
    fn any_creator()(items in any::<u32>(), n in any::<u32>(), known in any::<bool>(), number in any_number()) -> CreatorView {
        CreatorView {
            items, items_1d: n, items_7d: n, items_28d: n, active_days: n, sellers: n, sellers_28d: n, seller_items: items,
            seller_entropy: number.unwrap_or(0.0), tenure_days: number.unwrap_or(0.0), rated_items: n, mean_rating: number,
            five_star_share: number, violating_items: known.then_some(items), decided_items: known.then_some(n),
        }
    }
}

prop_compose! {
    fn any_item()(
        ring in any_ring(), creator in any_creator(),
        content in any_content(), earlier in any_content(), mut engagement in proptest::collection::vec(any_engagement(), 0..6),
        decided in proptest::collection::vec((0..4_u8, any::<bool>(), 50.0..110.0_f64), 0..6),
        followers in any_count(), rate in any_number(), same_day in any::<bool>()
    ) -> Hostile {
        engagement.sort_by_key(|row| row.day);
        let rate = rate.map(|r| r as f32);
        Hostile {
            seller: SellerRow {
                seller_id: "s".into(), valid_from: None, registered_at: Some(content.published_at), market: None, tier: None,
                kyc_verified: Some(true), followers, rating: rate, rating_count: followers, late_dispatch_rate: rate,
                cancel_rate: rate, ingested_at: None,
            },
            decisions: decided.iter().enumerate().map(|(i, (item, violating, day))| {
                let verdict = if *violating { Verdict::Violating } else { Verdict::Compliant };
                decision(&i.to_string(), &item.to_string(), verdict, *day)
            }).collect(),
            reports: decided.iter().map(|(item, named, day)| report("a", named.then_some(&*item.to_string()), *day)).collect(),
            content, earlier, engagement, same_day, ring, creator,
        }
    }
}

fn bits(row: &[f32]) -> Vec<u32> {
    row.iter().map(|v| v.to_bits()).collect()
}

proptest! {
    #[test]
    fn values_are_finite_or_missing_and_the_future_changes_nothing(item in any_item()) {
        let row = item.row();
        prop_assert_eq!(row.len(), REGISTRY.len());
        prop_assert!(row.iter().all(|v| v.is_nan() || v.is_finite()));
        prop_assert_eq!(bits(&item.row()), bits(&row), "a row does not depend on what was computed before");

        let mut past = item.clone();
        past.engagement.retain(|r| as_of(100).knows_day(r.day, None));
        past.decisions.retain(|r| as_of(100).knows(r.decided_at, None));
        past.reports.retain(|r| as_of(100).knows(r.reported_at, None));
        prop_assert_eq!(bits(&past.row()), bits(&row), "rows after as_of change nothing");
    }
}

#[test]
fn a_row_alone_is_the_row_in_a_batch() {
    let items: Vec<Fixture> = [Some("A e r o 8 8"), Some("ราคาถูก"), None, Some("Phone case")]
        .into_iter()
        .map(|title| Fixture::of(ContentRow { title: title.map(str::to_owned), published_at: at(80.0), ..content("a") }))
        .collect();
    let mut batch = Vec::new();
    items.iter().for_each(|item| compute_row(&item.item(), &mut batch));
    for (i, item) in items.iter().enumerate() {
        let mut alone = Vec::new();
        compute_row(&item.item(), &mut alone);
        assert_eq!(bits(&alone), bits(&batch[i * REGISTRY.len()..(i + 1) * REGISTRY.len()]));
    }
}
