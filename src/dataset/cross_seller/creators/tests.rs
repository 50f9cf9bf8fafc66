//! Creators, counted by hand.

use proptest::prelude::*;

use super::*;
use crate::config::ContactConfig;
use crate::dataset::cross_seller::key_of;
use crate::dataset::cross_seller::link_fixtures::{at, item, links, links_under, midnight, shard, verdict};
use crate::tables::{ContentRow, DecisionRow};
use crate::units::Verdict::{Compliant, Violating};

/// A review of `seller` by `r`.
fn review(id: &str, seller: &str, day: f64, stars: Option<f32>) -> ContentHistory {
    let mut history = item(id, seller, "r", day);
    history.versions[0].rating = stars;
    history
}

fn decided(mut history: ContentHistory, decisions: &[DecisionRow]) -> ContentHistory {
    history.decisions = decisions.to_vec();
    history
}

/// What was known of `r` at the midnight of `day`.
fn view(items: Vec<ContentHistory>, day: i32) -> Option<CreatorView> {
    links(items).creators.at(key_of(&"r".into()), midnight(day))
}

#[test]
fn five_items_of_one_reviewer() {
    let items = vec![
        review("a", "s", 60.0, Some(5.0)),
        decided(review("b", "s", 90.5, Some(5.0)), &[verdict("1", Violating, 91.0, None)]),
        decided(review("c", "t", 95.0, Some(2.0)), &[verdict("2", Compliant, 96.0, None)]),
        review("d", "u", 99.2, None),
        review("e", "", 99.5, Some(4.0)),
        review("f", "u", 100.0, Some(1.0)),
    ];
    let got = view(items, 100).unwrap();
    // Sellers of the items: s twice, t, u: −½ ln ½ − 2 · ¼ ln ¼ = 1.5 ln 2.
    assert!((got.seller_entropy - 1.5 * std::f64::consts::LN_2).abs() < 1e-12, "{got:?}");
    let expect = CreatorView {
        items: 5,
        items_1d: 2,
        items_7d: 3,
        items_28d: 4,
        active_days: 4,
        sellers: 3,
        sellers_28d: 3,
        seller_items: 4,
        seller_entropy: got.seller_entropy,
        tenure_days: 40.0,
        rated_items: 4,
        mean_rating: Some(4.0),
        five_star_share: Some(0.5),
        violating_items: Some(1),
        decided_items: Some(2),
    };
    assert_eq!(got, expect);
}

#[test]
fn only_what_was_known_counts() {
    let late = |mut history: ContentHistory| {
        history.versions[0].ingested_at = Some(at(80.0));
        history
    };
    let mut overturned = verdict("2", Compliant, 75.0, Some("1"));
    overturned.ingested_at = Some(at(90.0));
    let decisions = [verdict("1", Violating, 71.0, None), overturned];
    let items = || vec![decided(review("a", "s", 70.0, Some(1.0)), &decisions), late(review("b", "t", 71.0, Some(5.0)))];
    assert_eq!(view(items(), 70), None);
    let first = view(items(), 71).unwrap();
    assert_eq!((first.items, first.sellers, first.decided_items, first.mean_rating), (1, 1, Some(0), Some(1.0)));
    assert_eq!(view(items(), 72).unwrap().violating_items, Some(1));
    assert_eq!(view(items(), 80).unwrap().items, 1);
    let both = view(items(), 81).unwrap();
    // Published on day 71, whenever it became known.
    assert_eq!((both.items, both.sellers, both.mean_rating, both.items_1d), (2, 2, Some(3.0), 0));
    let cleared = view(items(), 91).unwrap();
    assert_eq!((cleared.violating_items, cleared.decided_items), (Some(0), Some(1)));
}

#[test]
fn versions_are_one_item_with_the_stars_in_force() {
    let edited = |ingested: Option<f64>| {
        let mut history = review("a", "s", 60.0, Some(1.0));
        history.versions[0].valid_from = Some(at(60.0));
        let edit = ContentRow {
            valid_from: Some(at(70.0)),
            rating: Some(5.0),
            ingested_at: ingested.map(at),
            ..history.versions[0].clone()
        };
        history.versions.push(edit);
        vec![history, review("b", "s", 61.0, None)]
    };
    let stars = |items, day| view(items, day).map(|v| (v.items, v.mean_rating));
    assert_eq!(stars(edited(None), 70), Some((2, Some(1.0))));
    assert_eq!(stars(edited(None), 71), Some((2, Some(5.0))));
    assert_eq!(stars(edited(Some(80.0)), 80), Some((2, Some(1.0))));
    assert_eq!(stars(edited(Some(80.0)), 81), Some((2, Some(5.0))));
}

#[test]
fn an_item_belongs_to_the_creator_and_seller_named_first_from_when_they_were() {
    let mut named = item("a", "", "", 60.0);
    named.versions[0].valid_from = Some(at(60.0));
    let later = |day: f64, creator: &str, seller: Option<&str>| ContentRow {
        valid_from: Some(at(day)),
        creator_id: Some(creator.into()),
        seller_id: seller.map(Into::into),
        ..named.versions[0].clone()
    };
    let versions = [later(70.0, "r", None), later(80.0, "q", Some("s"))];
    named.versions.extend(versions);
    assert_eq!(creator_at(&named, midnight(70)), None);
    assert_eq!(creator_at(&named, midnight(71)), Some(&"r".into()));
    assert_eq!(creator_at(&named, midnight(90)), Some(&"r".into()));
    let other = || item("b", "s", "r", 65.0);
    let copy = || ContentHistory { versions: named.versions.clone(), ..ContentHistory::default() };
    let at_day = |day| view(vec![copy(), other()], day).map(|v| (v.items, v.seller_items));
    assert_eq!([at_day(66), at_day(70), at_day(71), at_day(80), at_day(81)], [(1, 1), (1, 1), (2, 1), (2, 1), (2, 2)].map(Some));
    assert_eq!(links(vec![copy(), other()]).creators.at(key_of(&"q".into()), midnight(90)), None);
}

#[test]
fn a_creator_with_one_item_is_not_kept_and_looks_the_same() {
    let one = || decided(review("a", "s", 70.0, Some(4.0)), &[verdict("1", Violating, 71.0, None)]);
    let alone = links(vec![one()]).creators;
    assert!(alone.entries.is_empty() && alone.items.is_empty());
    let with_a_later_one = vec![one(), review("b", "t", 90.0, Some(1.0))];
    let kept = links(with_a_later_one).creators;
    for day in [70, 71, 72, 90] {
        assert_eq!(kept.at(key_of(&"r".into()), midnight(day)), Creators::alone(&one(), midnight(day)), "day {day}");
    }
    assert_eq!(Creators::alone(&item("a", "s", "", 70.0), midnight(90)), None);
}

#[test]
fn rows_come_in_the_order_in_which_they_were_known() {
    let creators =
        links(vec![review("b", "t", 71.0, Some(5.0)), review("a", "s", 70.0, None), item("c", "s", "q", 1.0)]).creators;
    let rows: Vec<(u64, Option<f32>)> =
        creators.rows(key_of(&"r".into())).map(|r| (r.seller, Some(r.rating).filter(|r| r.is_finite()))).collect();
    assert_eq!(rows, [(key_of(&"s".into()), None), (key_of(&"t".into()), Some(5.0))]);
    assert_eq!(creators.rows(key_of(&"q".into())).count(), 0);
    assert_eq!(CreatorItem::of(&item("c", "s", "q", 1.0)).map(|r| (r.known, r.published_at)), Some((at(1.0), at(1.0))));
}

#[test]
fn hostile_rows_neither_stop_nor_count() {
    let far = |history: &mut ContentHistory, from: i64| history.versions[0].valid_from = Some(crate::units::Timestamp(from));
    let mut items: Vec<ContentHistory> = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 4.0]
        .into_iter()
        .enumerate()
        .map(|(i, stars)| review(&i.to_string(), "", 70.0, Some(stars)))
        .collect();
    items.iter_mut().for_each(|item| item.versions[0].seller_id = Some("".into()));
    // The year 1 and the year 9999.
    far(&mut items[0], -62_135_596_800_000_000);
    far(&mut items[1], 253_402_300_799_000_000);
    items.push(item("nobody", "s", "", 70.0));
    items[4].versions[0].creator_id = Some("".into());
    let got = view(items, 80).unwrap();
    assert_eq!((got.items, got.sellers, got.rated_items, got.mean_rating), (3, 0, 1, Some(4.0)));
}

/// Published, ingested, seller, stars, decisions (violating, decided, ingested, overturns), an edit (from, stars).
type Drawn = (i32, Option<i32>, u8, Option<u8>, Vec<(bool, i32, Option<i32>, Option<u8>)>, Option<(i32, u8)>);

fn drawn() -> impl Strategy<Value = Vec<Drawn>> {
    let decisions =
        proptest::collection::vec((any::<bool>(), 0..60, proptest::option::of(0..60), proptest::option::of(0..4_u8)), 0..4);
    let item = (
        0..60,
        proptest::option::of(0..60),
        0..4_u8,
        proptest::option::of(0..6_u8),
        decisions,
        proptest::option::of((0..60, 0..6_u8)),
    );
    proptest::collection::vec(item, 1..7)
}

fn histories(drawn: &[Drawn]) -> Vec<ContentHistory> {
    let day = |day: i32| at(f64::from(day));
    let one = |(i, (published, ingested, seller, stars, decisions, edit)): (usize, &Drawn)| {
        let seller = if *seller == 0 { String::new() } else { seller.to_string() };
        let mut history = review(&i.to_string(), &seller, f64::from(*published), stars.map(f32::from));
        history.versions[0].ingested_at = ingested.map(day);
        if let Some((from, stars)) = edit {
            history.versions[0].valid_from = Some(day(*published));
            let edit =
                ContentRow { valid_from: Some(day(*from)), rating: Some(f32::from(*stars)), ..history.versions[0].clone() };
            history.versions.push(edit);
            history.versions.sort_by_key(|v| v.valid_from);
        }
        history.decisions = decisions
            .iter()
            .enumerate()
            .map(|(n, (violating, decided, ingested, overturns))| DecisionRow {
                ingested_at: ingested.map(day),
                overturns: overturns.map(|n| n.to_string().into()),
                ..verdict(&n.to_string(), if *violating { Violating } else { Compliant }, f64::from(*decided), None)
            })
            .collect();
        history
    };
    drawn.iter().enumerate().map(one).collect()
}

/// `items` with what was known at `as_of` only.
fn past(mut items: Vec<ContentHistory>, as_of: AsOf) -> Vec<ContentHistory> {
    for item in &mut items {
        item.versions
            .retain(|v| as_of.knows(v.valid_from.unwrap_or(v.published_at), v.ingested_at) && v.published_at < as_of.instant);
        item.decisions.retain(|d| as_of.knows(d.decided_at, d.ingested_at));
    }
    items.retain(|item| !item.versions.is_empty());
    items
}

/// What is said of `r`, whether it is kept or not.
fn said(items: Vec<ContentHistory>, as_of: AsOf) -> Option<CreatorView> {
    let alone = if items.len() == 1 { Creators::alone(&items[0], as_of) } else { None };
    links(items).creators.at(key_of(&"r".into()), as_of).or(alone)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_future_changes_nothing(drawn in drawn(), day in 0..70_i32) {
        let all = said(histories(&drawn), midnight(day));
        let known = past(histories(&drawn), midnight(day));
        prop_assert_eq!(said(known, midnight(day)), all);
        if let Some(view) = all {
            prop_assert!(view.sellers <= view.seller_items && view.violating_items <= view.decided_items);
            prop_assert!(view.seller_entropy >= 0.0 && view.tenure_days >= 0.0);
        }
    }

    #[test]
    fn order_and_shards_do_not_matter(drawn in drawn(), day in 0..70_i32, cut in 0..7_usize) {
        let one = links(histories(&drawn)).creators;
        let mut items = histories(&drawn);
        let rest = items.split_off(cut.min(items.len()));
        let limits = ContactConfig { max_sellers: 50, max_media_sellers: 3, min_shared_media: 2 };
        let two = links_under(&[shard(rest), shard(items)], limits).creators;
        prop_assert_eq!(format!("{one:?}"), format!("{two:?}"));
        prop_assert_eq!(one.at(key_of(&"r".into()), midnight(day)), two.at(key_of(&"r".into()), midnight(day)));
    }
}
