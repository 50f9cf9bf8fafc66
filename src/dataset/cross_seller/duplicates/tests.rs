//! Clusters by hand, in any order, and with a future.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::super::{CrossSeller, text_of};
use super::*;
use crate::dataset::fixtures::{content, day_us, decision, engine};
use crate::dataset::shard::{ContentHistory, SellerRecords, Shard};
use crate::dataset::{Globals, Presence, SpineRow};
use crate::features::DuplicateView;
use crate::tables::DecisionRow;
use crate::units::{AsOf, Day, Id, Verdict, Zones};

pub(super) const CONFIG: DuplicateConfig =
    DuplicateConfig { shingle_chars: 5, min_shingles: 8, min_chars: 8, min_likeness: 0.7, max_media_items: 1000 };

pub(super) type Items = Vec<(Id, ContentHistory)>;

/// Pass 1 over `items`, `at_once` of them by each thread.
pub(super) fn linked(items: &[(Id, ContentHistory)], at_once: usize, config: DuplicateConfig) -> Duplicates {
    let scratch = tempfile::tempdir().unwrap();
    let mut builder = Builder::new(scratch.path(), config).unwrap();
    for items in items.chunks(at_once) {
        let mut found = Found::new(config);
        for (id, history) in items {
            let texts: Vec<String> = history.versions.iter().map(text_of).collect();
            found.look(&LinkedItem { id, history, texts: &texts });
        }
        builder.add(found).unwrap();
    }
    builder.finish().unwrap()
}

pub(super) fn midnight(day: i32) -> AsOf {
    AsOf { day: Day(day), instant: Timestamp(day_us(f64::from(day))) }
}

/// A version that holds and is known from `day` on.
pub(super) fn version(id: &str, owner: &str, day: f64, text: &str, media: Option<&str>) -> ContentRow {
    let seller = owner.starts_with('s').then(|| Id::from(owner));
    let creator = owner.starts_with('k').then(|| Id::from(owner));
    ContentRow {
        valid_from: Some(Timestamp(day_us(day))),
        seller_id: seller,
        creator_id: creator,
        title: None,
        body: Some(text.to_owned()),
        media_hash: media.map(Id::from),
        ..content(id, day_us(day))
    }
}

pub(super) fn item(versions: Vec<ContentRow>, decisions: Vec<DecisionRow>) -> (Id, ContentHistory) {
    (versions[0].content_id.clone(), ContentHistory { versions, decisions, ..ContentHistory::default() })
}

/// The view of `id` at the midnight of `day`.
fn view(items: &[(Id, ContentHistory)], duplicates: &Duplicates, id: &str, day: i32) -> Option<DuplicateView> {
    let history = &items.iter().find(|(known, _)| known == id)?.1;
    let text = text_of(history.version_at(midnight(day))?);
    let key = key_of(&id.into());
    duplicates.states(&[(key, midnight(day))]).view(key, midnight(day), history, &text)
}

const WALLET: &str = "original leather wallet for men, brown, free shipping this week only, order now";
const WALLET_TOO: &str = "original leather wallet for men, brown, free shipping this week only, order new";

/// Six items: b copies a to the letter, c nearly (seen 10 and 20 days later, by one seller); d shows a's picture; e is edited into a's
/// text on day 30; f has nothing to do with them. a is found violating, which is known from day 25 on; b on day 15, overturned on day
/// 35; c is cleared on day 28.
fn six_items() -> Items {
    let mut late = decision("1", "scam", Verdict::Violating, 13.0);
    late.ingested_at = Some(Timestamp(day_us(25.0)));
    let mut overturn = decision("3", "scam", Verdict::Compliant, 35.0);
    overturn.overturns = Some("2".into());
    let overturned = vec![decision("2", "scam", Verdict::Violating, 15.0), overturn];
    vec![
        item(vec![version("a", "s1", 10.0, WALLET, Some("m1"))], vec![late]),
        item(vec![version("b", "s2", 12.0, &WALLET.to_uppercase(), None)], overturned),
        item(vec![version("c", "s2", 20.0, WALLET_TOO, None)], vec![decision("4", "fake", Verdict::Compliant, 28.0)]),
        item(vec![version("d", "s3", 22.0, "garden hose, ten metres, with nozzle", Some("m1"))], vec![]),
        item(
            vec![
                version("e", "k1", 21.0, "a poem about the sea and the wind", None),
                ContentRow { published_at: Timestamp(day_us(21.0)), ..version("e", "k1", 30.0, WALLET, None) },
            ],
            vec![],
        ),
        item(vec![version("f", "s4", 23.0, "bicycle bell, loud and small", None)], vec![]),
    ]
}

#[test]
fn six_items_by_hand() {
    let items = six_items();
    let duplicates = linked(&items, 2, CONFIG);
    let (a, d) = (key_of(&"a".into()), key_of(&"d".into()));
    let check = |id: &str, day: i32, expect: DuplicateView| {
        assert_eq!(view(&items, &duplicates, id, day), Some(expect), "{id} on day {day}");
    };
    let alone = DuplicateView { size: 1, sellers: 1, same_seller: 1, exact: 1, ..DuplicateView::default() };

    // Nobody has copied a yet; b becomes known at the very midnight of day 12.
    check("a", 12, DuplicateView { cluster: a, same_media: 1, ..alone });
    // a and b. The decision on a is not known.
    let two = DuplicateView { cluster: a, size: 2, others_7d: 1, sellers: 2, same_seller: 1, exact: 2, ..alone };
    check("a", 13, DuplicateView { same_media: 1, ..two });
    check("b", 13, DuplicateView { rank: 1, days_after_first: 2.0, is_copy: true, ..two });
    // a, b, c (nearly the same) and d (the same picture). Of those before c and d only b is known to be decided.
    let four = DuplicateView { cluster: a, size: 4, others_7d: 1, sellers: 3, same_seller: 1, exact: 1, ..alone };
    let after_b = DuplicateView { is_copy: true, decided_before: 1, violating_before: 1, ..four };
    check("a", 24, DuplicateView { others_7d: 2, exact: 2, same_media: 2, ..four });
    check("c", 24, DuplicateView { same_seller: 2, rank: 2, days_after_first: 10.0, ..after_b });
    check("d", 24, DuplicateView { same_media: 2, rank: 3, days_after_first: 12.0, ..after_b });
    check("e", 24, DuplicateView { cluster: key_of(&"e".into()), ..alone });
    // e says what a says, and was seen before d. The decisions on a, b and c are known.
    let five = DuplicateView { cluster: a, size: 5, others_7d: 0, sellers: 4, same_seller: 1, exact: 3, ..alone };
    let e = DuplicateView { rank: 3, days_after_first: 11.0, is_copy: true, decided_before: 3, violating_before: 2, ..five };
    check("e", 31, e);
    check("d", 31, DuplicateView { exact: 1, same_media: 2, rank: 4, days_after_first: 12.0, ..e });
    check("a", 31, DuplicateView { same_media: 2, ..five });
    // b was cleared on appeal; the first owner inherits nothing.
    check("e", 36, DuplicateView { violating_before: 1, ..e });
    check("a", 36, DuplicateView { same_media: 2, ..five });
    check("f", 36, DuplicateView { cluster: key_of(&"f".into()), ..alone });
    assert_ne!(a, d);
}

#[test]
fn the_seller_of_the_original_copies_nobody() {
    let items = vec![
        item(vec![version("a", "s1", 10.0, WALLET, None)], vec![]),
        item(vec![version("b", "s2", 11.0, WALLET, None)], vec![]),
        item(vec![version("c", "s1", 12.0, WALLET, None)], vec![]),
        // Seen at once with the first: nobody can say who copied whom.
        item(vec![version("d", "s3", 10.0, WALLET, None)], vec![]),
    ];
    let duplicates = linked(&items, 9, CONFIG);
    let ids = ["a", "b", "elsewhere"].map(Id::from);
    let cluster = |day| duplicates.clusters_of(&ids.each_ref().map(|id| (id, midnight(day))));
    let a = key_of(&ids[0]);
    assert_eq!((cluster(11), cluster(20)), (vec![Some(a), None, None], vec![Some(a), Some(a), None]));
    let copies = ["a", "b", "c", "d"].map(|id| view(&items, &duplicates, id, 20).unwrap().is_copy);
    assert_eq!(copies, [false, true, false, false]);
    assert_eq!(["a", "b", "c", "d"].map(|id| view(&items, &duplicates, id, 20).unwrap().rank), [0, 2, 3, 0]);
}

#[test]
fn too_little_is_not_compared() {
    let short = |id: &str, owner: &str, text: &str| item(vec![version(id, owner, 10.0, text, None)], vec![]);
    let items = vec![
        short("a", "s1", "good"),
        short("b", "s2", "good"),
        short("c", "s3", ""),
        short("d", "s4", ""),
        short("e", "s5", "size 41 x"),
    ];
    let duplicates = linked(&items, 9, CONFIG);
    assert_eq!(duplicates.n_members(), 0);
    assert_eq!(view(&items, &duplicates, "a", 20), None);
    assert_eq!(view(&items, &duplicates, "c", 20), None);
    assert_eq!(view(&items, &duplicates, "e", 20).map(|v| v.size), Some(1));
    // Eight characters are compared for equality, fewer than eight distinct shingles for nothing else.
    let items = vec![short("a", "s1", "size 41 x"), short("b", "s2", "size 41 x"), short("c", "s3", "size 42 x")];
    let duplicates = linked(&items, 9, DuplicateConfig { min_likeness: 0.5, ..CONFIG });
    assert_eq!(["a", "b", "c"].map(|id| view(&items, &duplicates, id, 20).unwrap().size), [2, 2, 1]);
}

#[test]
fn a_stand_in_picture_joins_only_the_first_that_had_it() {
    let shown = |i: u32| item(vec![version(&format!("i{i}"), "s1", f64::from(i), "", Some("no picture"))], vec![]);
    let items: Items = (0..6).map(shown).collect();
    let duplicates = linked(&items, 9, DuplicateConfig { max_media_items: 3, ..CONFIG });
    assert_eq!([0, 2, 3, 5].map(|i| view(&items, &duplicates, &format!("i{i}"), 20).unwrap().size), [3, 3, 1, 1]);
}

#[test]
fn ten_thousand_of_one_text_are_one_cluster() {
    let copy =
        |i: u32| item(vec![version(&format!("i{i}"), &format!("s{}", i % 100), f64::from(i) / 1000.0, WALLET, None)], vec![]);
    let items: Items = (0..10_000).map(copy).collect();
    let duplicates = linked(&items, 1000, CONFIG);
    assert_eq!(duplicates.n_members(), 10_000);
    let keys: Vec<(u64, AsOf)> = items.iter().map(|(id, _)| (key_of(id), midnight(5))).collect();
    let states = duplicates.states(&keys);
    let got = states.get(key_of(&"i4999".into()), midnight(5)).unwrap();
    assert_eq!((got.size, got.sellers, got.exact, got.rank, got.is_copy), (5000, 100, 5000, 4999, true));
    assert_eq!(states.get(key_of(&"i5000".into()), midnight(5)), None);
}

#[test]
fn whoever_was_among_many_first_copies_nobody() {
    let copy = |i: u32, n_sellers: u32, day: f64| {
        item(vec![version(&format!("i{i}"), &format!("s{}", i % n_sellers), day, WALLET, None)], vec![])
    };
    // 2,000 at once by ten sellers, then 2,000 by these and ten others. Ten owners are kept of the first, not 2,000.
    let items: Items = (0..2000).map(|i| copy(i, 10, 1.0)).chain((2000..4000).map(|i| copy(i, 20, 2.0))).collect();
    let duplicates = linked(&items, 1000, CONFIG);
    let keys: Vec<(u64, AsOf)> = items.iter().map(|(id, _)| (key_of(id), midnight(5))).collect();
    let states = duplicates.states(&keys);
    let is_copy = keys.iter().map(|(key, as_of)| states.get(*key, *as_of).unwrap().is_copy);
    assert!(is_copy.zip(0_u32..).all(|(is_copy, i)| is_copy == (i >= 2000 && i % 20 >= 10)));
}

#[test]
fn hostile_texts_are_only_texts() {
    let huge = "x1 y2 z3 ".repeat(120_000);
    let texts = [huge.clone(), huge, "\u{0}\u{202e}\u{301}".to_owned(), "🧿".repeat(3000), "ok ".repeat(1000)];
    let items: Items =
        texts.iter().enumerate().map(|(i, t)| item(vec![version(&format!("i{i}"), "s1", 1.0, t, None)], vec![])).collect();
    let duplicates = linked(&items, 2, CONFIG);
    assert_eq!(view(&items, &duplicates, "i0", 20).unwrap().exact, 2);
}

#[test]
fn items_have_what_the_clusters_say() {
    let contents = vec![
        item(vec![version("a", "s1", 10.0, WALLET, None)], vec![]),
        item(vec![version("b", "s2", 12.0, WALLET, None)], vec![]),
        item(vec![version("c", "s2", 13.0, "bicycle bell, loud and small", None)], vec![]),
        item(vec![version("d", "s2", 15.0, "garden hose, ten metres", None)], vec![]),
    ];
    let cross = CrossSeller { duplicates: linked(&contents, 9, CONFIG), ..CrossSeller::default() };
    let seller = |items: &[usize]| SellerRecords { items: items.to_vec(), ..SellerRecords::default() };
    let sellers = BTreeMap::from([("s1".into(), seller(&[0])), ("s2".into(), seller(&[1, 2, 3]))]);
    let (engine, shard, zones) = (engine(), Shard { contents, sellers }, Zones::utc());
    let (globals, presence) = (Globals::default(), Presence::new(vec![], true));
    let builder = engine.builder(&shard, &globals, &cross, &presence, &zones);
    let check = |content: usize, day: i32, same_day: bool, expect: [f32; 4]| {
        let items = builder.build(&[SpineRow { content, as_of: midnight(day), same_day }]).unwrap();
        let value = |name: &str| items[0].features[builder.features.names().iter().position(|n| n == name).unwrap()];
        let got = ["dup_is_copy", "dup_rank", "dup_violating_before", "seller_copy_share"].map(value);
        assert_eq!(got.map(f32::to_bits), expect.map(f32::to_bits), "{content} on day {day}: {got:?}");
    };
    let ln_2 = std::f32::consts::LN_2;
    // Without decisions nobody is known to have been found violating. Of the seller's two items known one is a copy, later of three.
    check(1, 14, false, [1.0, ln_2, f32::NAN, 0.5]);
    check(2, 14, false, [0.0, 0.0, f32::NAN, 0.5]);
    check(2, 16, false, [0.0, 0.0, f32::NAN, (1.0_f64 / 3.0) as f32]);
    check(0, 16, false, [0.0, 0.0, f32::NAN, 0.0]);
    check(3, 15, true, [f32::NAN; 4]);
}

#[test]
fn what_cannot_be_compared_is_no_part_of_a_sellers_share() {
    let one = |id: &str, owner: &str, day: f64, text: &str, media| item(vec![version(id, owner, day, text, media)], vec![]);
    let contents = vec![
        one("a", "s1", 10.0, WALLET, None),
        one("b", "s2", 11.0, WALLET, None),
        // Neither text nor media, and too short a text, until day 15, when it shows something.
        one("c", "s2", 11.0, "", None),
        item(
            vec![
                version("d", "s2", 11.0, "good", None),
                ContentRow { published_at: Timestamp(day_us(11.0)), ..version("d", "s2", 15.0, "good", Some("m1")) },
            ],
            vec![],
        ),
        one("e", "s3", 11.0, "good", None),
    ];
    let cross = CrossSeller { duplicates: linked(&contents, 9, CONFIG), ..CrossSeller::default() };
    let seller = |items: &[usize]| SellerRecords { items: items.to_vec(), ..SellerRecords::default() };
    let sellers = BTreeMap::from([("s1".into(), seller(&[0])), ("s2".into(), seller(&[1, 2, 3])), ("s3".into(), seller(&[4]))]);
    let (engine, shard, zones) = (engine(), Shard { contents, sellers }, Zones::utc());
    let (globals, presence) = (Globals::default(), Presence::new(vec![], true));
    let builder = engine.builder(&shard, &globals, &cross, &presence, &zones);
    let share = |content: usize, day: i32| {
        let built = builder.build(&[SpineRow { content, as_of: midnight(day), same_day: false }]).unwrap();
        built[0].features[builder.features.names().iter().position(|n| n == "seller_copy_share").unwrap()]
    };
    assert_eq!([share(0, 14), share(1, 14), share(2, 14), share(3, 14)], [0.0, 1.0, 1.0, 1.0]);
    assert_eq!(share(1, 16), 0.5);
    assert!(share(4, 14).is_nan());
}

#[test]
fn a_lone_new_item_has_zeros() {
    let contents = vec![item(vec![version("a", "s1", 10.0, WALLET, Some("m1"))], vec![])];
    let cross = CrossSeller { duplicates: linked(&contents, 9, CONFIG), ..CrossSeller::default() };
    let sellers = BTreeMap::from([("s1".into(), SellerRecords { items: vec![0], ..SellerRecords::default() })]);
    let (engine, shard, zones) = (engine(), Shard { contents, sellers }, Zones::utc());
    let (globals, presence) = (Globals::default(), Presence::new(vec![], true));
    let builder = engine.builder(&shard, &globals, &cross, &presence, &zones);
    let built = builder.build(&[SpineRow { content: 0, as_of: midnight(11), same_day: false }]).unwrap();
    let named = builder.features.names().iter().zip(&built[0].features).filter(|(name, _)| name.starts_with("dup_"));
    let known: Vec<(&str, f32)> = named.filter(|(_, v)| !v.is_nan()).map(|(name, v)| (name.as_str(), *v)).collect();
    assert!(known.iter().any(|(name, _)| *name == "dup_copies_7d") && known.len() == 9, "{known:?}");
    assert!(known.iter().all(|(_, value)| *value == 0.0), "{known:?}");
}

/// Texts of three families of near copies, exact copies, short texts and none.
fn some_text(family: u8, edit: u8) -> String {
    let base = match family % 5 {
        0 => WALLET,
        1 => "hàng đẹp, đóng gói cẩn thận, giao nhanh, vải mềm mát nhưng hơi mỏng so với giá tiền, shop tư vấn nhiệt tình",
        2 => "ผ้านุ่มใส่สบายมากค่ะ สีตรงปก ส่งไว แพ็คของดี ราคาไม่แพง ขนาดพอดีตัว ซักแล้วไม่หด คุ้มค่ามาก",
        3 => "good product",
        _ => return String::new(),
    };
    let mut chars: Vec<char> = base.chars().collect();
    for i in 0..usize::from(edit % 4) {
        let at = (i * 29 + usize::from(edit)) % chars.len();
        chars[at] = 'q';
    }
    chars.into_iter().collect()
}

prop_compose! {
    fn any_version()(day in 1..40_u8, late in 0..30_u8, family in 0..5_u8, edit in 0..12_u8, media in 0..8_u8, named in any::<bool>()) -> (f64, ContentRow) {
        let day = f64::from(day);
        let media = (media < 3).then(|| format!("m{media}"));
        let mut row = version("", "s0", day, &some_text(family, edit), media.as_deref());
        if !named { row.seller_id = None }
        // A third of the versions reach us late.
        if late < 10 { row.ingested_at = Some(Timestamp(day_us(day + f64::from(late)))) }
        (day, row)
    }
}

prop_compose! {
    fn any_item()(
        versions in proptest::collection::vec(any_version(), 1..4), owner in 0..4_u8,
        decided in proptest::collection::vec((1..40_u8, any::<bool>(), proptest::option::of(0..3_u8)), 0..3)
    ) -> ContentHistory {
        let mut versions: Vec<ContentRow> = versions.into_iter().map(|(_, row)| row).collect();
        versions.sort_by_key(|row| row.valid_from);
        versions.dedup_by_key(|row| row.valid_from);
        for row in &mut versions {
            row.seller_id = row.seller_id.take().map(|_| format!("s{owner}").into());
        }
        let decisions = decided.iter().enumerate().map(|(i, (day, violating, overturns))| {
            let verdict = if *violating { Verdict::Violating } else { Verdict::Compliant };
            let mut row = decision(&i.to_string(), "scam", verdict, f64::from(*day));
            row.overturns = overturns.map(|id| id.to_string().into());
            row
        }).collect();
        ContentHistory { versions, decisions, ..ContentHistory::default() }
    }
}

/// What was known of an item at `as_of`.
fn as_known(history: &ContentHistory, as_of: AsOf) -> ContentHistory {
    let versions = history.versions.iter().filter(|row| known_from(row) < as_of.instant).cloned().collect();
    let decisions = history.decisions.iter().filter(|row| as_of.knows(row.decided_at, row.ingested_at)).cloned().collect();
    ContentHistory { versions, decisions, ..ContentHistory::default() }
}

fn named(histories: Vec<ContentHistory>) -> Items {
    histories.into_iter().enumerate().map(|(i, history)| (format!("i{i}").into(), history)).collect()
}

/// All views of `ids`, by id.
fn views(items: &Items, duplicates: &Duplicates, ids: &BTreeSet<Id>, day: i32) -> BTreeMap<Id, Option<DuplicateView>> {
    ids.iter().map(|id| (id.clone(), view(items, duplicates, id, day))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_becomes_known_later_changes_nothing(histories in proptest::collection::vec(any_item(), 1..14), day in 2..40_i32) {
        let as_of = midnight(day);
        let all = named(histories);
        let known: BTreeSet<Id> = all.iter().filter(|(_, history)| history.is_known(as_of)).map(|(id, _)| id.clone()).collect();
        let of_known = all.iter().filter(|(id, _)| known.contains(id));
        let mut past: Items = of_known.map(|(id, history)| (id.clone(), as_known(history, as_of))).collect();
        past.reverse();
        let expect = views(&past, &linked(&past, 3, CONFIG), &known, day);
        prop_assert_eq!(views(&all, &linked(&all, 5, CONFIG), &known, day), expect);
    }

    #[test]
    fn order_and_parts_do_not_matter(histories in proptest::collection::vec(any_item(), 1..14), day in 2..41_i32, at_once in 1..9_usize) {
        let items = named(histories);
        let ids: BTreeSet<Id> = items.iter().map(|(id, _)| id.clone()).collect();
        let expect = views(&items, &linked(&items, 100, CONFIG), &ids, day);
        let copied = |(id, history): &(Id, ContentHistory)| (id.clone(), as_known(history, midnight(99)));
        let reversed: Items = items.iter().rev().map(copied).collect();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let got = pool.install(|| views(&reversed, &linked(&reversed, at_once, CONFIG), &ids, day));
        prop_assert_eq!(got, expect);
    }
}
