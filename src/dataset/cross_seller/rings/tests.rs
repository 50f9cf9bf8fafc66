//! Rings that a person can draw.

use proptest::prelude::*;

use super::*;
use crate::config::ContactConfig;
use crate::dataset::cross_seller::key_of;
use crate::dataset::cross_seller::link_fixtures::{action, at, item, links, links_under, midnight, shard, showing, verdict};
use crate::dataset::shard::ContentHistory;
use crate::features::RingView;
use crate::units::Verdict::{Compliant, Violating};
use crate::units::{AsOf, Treatment};

const LIMITS: ContactConfig = ContactConfig { max_sellers: 50, max_media_sellers: 3, min_shared_media: 2 };

/// The ring of `seller` at the midnight of `day`.
fn ring(rings: &Rings, seller: &str, day: i32) -> RingView {
    let key = (key_of(&seller.into()), midnight(day));
    rings.states(&[key]).get(key.0, key.1).unwrap()
}

fn sizes(rings: &Rings, seller: &str, days: &[i32]) -> Vec<u32> {
    days.iter().map(|day| ring(rings, seller, *day).size).collect()
}

/// a and b share a number on day 20, b and c another on day 30; d shares nothing.
fn chain() -> Vec<ContentHistory> {
    vec![
        showing("1", "a", "call +6281234567801", 10.0),
        showing("2", "b", "call +6281234567801", 20.0),
        showing("3", "b", "call +6281234567802", 25.0),
        showing("4", "c", "call +6281234567802", 30.0),
        showing("5", "d", "call +6281234567803", 5.0),
    ]
}

#[test]
fn a_ring_grows_with_what_is_known() {
    let rings = links(chain()).rings;
    assert_eq!(sizes(&rings, "a", &[10, 20, 21, 30, 31]), [1, 1, 2, 2, 3]);
    assert_eq!(sizes(&rings, "c", &[30, 31]), [1, 3]);
    assert_eq!(sizes(&rings, "d", &[40]), [1]);
    assert_eq!(ring(&rings, "nobody", 40), RingView::alone());
    // What a does not share itself still ties its ring; it showed its own number first.
    let expect = RingView {
        size: 3,
        shared_keys: 2,
        own_shared_keys: 1,
        is_first_owner: true,
        actioned: Some(0),
        violating: Some(0),
        days_since_link: Some(10.0),
    };
    assert_eq!(ring(&rings, "a", 40), expect);
    // b was the first to show one of its two numbers.
    assert_eq!(ring(&rings, "b", 40), RingView { own_shared_keys: 2, is_first_owner: false, ..expect });
    assert_eq!(ring(&rings, "b", 25).days_since_link, Some(5.0));
}

#[test]
fn two_who_began_at_one_moment_both_inherit() {
    let rings = links(vec![showing("1", "a", "+6281234567801", 10.0), showing("2", "b", "+6281234567801", 10.0)]).rings;
    assert!(!ring(&rings, "a", 20).is_first_owner && !ring(&rings, "b", 20).is_first_owner);
}

#[test]
fn partners_that_were_actioned_count_and_the_first_owner_inherits_nothing() {
    let mut items = chain();
    // c is limited on day 35, which is known on day 36; a was allowed, which limits nothing.
    items[3].actions.push(action(Treatment::Hold, 35.0, Some(36.0)));
    items[0].actions.push(action(Treatment::Allow, 12.0, None));
    items[3].decisions = vec![verdict("1", Violating, 35.0, None), verdict("2", Compliant, 50.0, Some("1"))];
    let rings = links(items).rings;
    let known = |seller, day| (ring(&rings, seller, day).actioned, ring(&rings, seller, day).violating);
    assert_eq!(known("b", 35), (Some(0), Some(0)));
    assert_eq!(known("b", 36), (Some(0), Some(1)));
    assert_eq!(known("b", 37), (Some(1), Some(1)));
    // Overturned on day 50; an action stays a fact.
    assert_eq!(known("b", 51), (Some(1), Some(0)));
    assert_eq!(known("a", 37), (Some(0), Some(0)));
    // Its own action is no partner's.
    assert_eq!(known("c", 37), (Some(0), Some(0)));
}

#[test]
fn an_action_on_the_seller_itself_counts() {
    let mut shard = shard(chain());
    shard.sellers.get_mut("a").unwrap().actions.push(action(Treatment::Downrank, 15.0, None));
    let rings = links_under(&[shard], LIMITS).rings;
    assert_eq!(
        [ring(&rings, "b", 21), ring(&rings, "c", 31), ring(&rings, "a", 31)].map(|r| r.actioned),
        [Some(1), Some(1), Some(0)]
    );
}

/// `n` sellers that show one number, one more each day from day 1 on.
fn hotline(n: i32) -> Vec<ContentHistory> {
    (1..=n).map(|i| showing(&i.to_string(), &format!("s{i}"), "+6281234567804", f64::from(i))).collect()
}

#[test]
fn a_hotline_lets_go_exactly_when_its_51st_seller_is_known() {
    let rings = links(hotline(60)).rings;
    assert_eq!(sizes(&rings, "s1", &[2, 3, 50, 51, 52, 200]), [1, 2, 49, 50, 1, 1]);
    assert_eq!(sizes(&rings, "s60", &[200]), [1]);
    let rings = links(hotline(50)).rings;
    assert_eq!(sizes(&rings, "s50", &[51, 200]), [50, 50]);
    // Sixty at one moment are a hotline from the beginning.
    let rings = links((1..=60).map(|i| showing(&i.to_string(), &format!("s{i}"), "+6281234567804", 1.0)).collect()).rings;
    assert_eq!(sizes(&rings, "s1", &[2]), [1]);
}

/// Seller `s{i}` shows each of `media` from day i on.
fn pictures(n: i32, media: &[&str]) -> Vec<ContentHistory> {
    let one = |i: i32, hash: &str| {
        let mut history = item(&format!("{i} {hash}"), &format!("s{i}"), "", f64::from(i));
        history.versions[0].media_hash = Some(hash.into());
        history
    };
    (1..=n).flat_map(|i| media.iter().map(move |hash| one(i, hash))).collect()
}

#[test]
fn two_pictures_tie_up_to_three_sellers_and_one_ties_nobody() {
    let two = &["p", "q"];
    assert_eq!(sizes(&links(pictures(3, &["p"])).rings, "s1", &[2, 3, 4, 9]), [1, 1, 1, 1]);
    let rings = links(pictures(3, two)).rings;
    assert_eq!(sizes(&rings, "s1", &[2, 3, 4, 9]), [1, 2, 3, 3]);
    let view = ring(&rings, "s1", 9);
    assert_eq!((view.shared_keys, view.own_shared_keys, view.is_first_owner, view.days_since_link), (2, 2, true, Some(6.0)));
    assert!(!ring(&rings, "s2", 9).is_first_owner);
    // The fourth seller makes them stock pictures.
    assert_eq!(sizes(&links(pictures(4, two)).rings, "s1", &[4, 5]), [3, 1]);
    for none in [0, 1] {
        let config = ContactConfig { max_media_sellers: none, ..LIMITS };
        assert!(links_under(&[shard(pictures(2, two))], config).rings.sellers.is_empty());
    }
    let config = ContactConfig { min_shared_media: 1, ..LIMITS };
    assert_eq!(sizes(&links_under(&[shard(pictures(2, &["p"]))], config).rings, "s1", &[3]), [2]);
}

#[test]
fn a_picture_that_a_third_seller_shares_by_chance_does_not_tie_it() {
    let mut items = pictures(2, &["p", "q"]);
    items.extend(pictures(3, &["p"]).split_off(2));
    let rings = links(items).rings;
    assert_eq!([ring(&rings, "s1", 9).size, ring(&rings, "s2", 9).size, ring(&rings, "s3", 9).size], [2, 2, 1]);
    assert_eq!(ring(&rings, "s3", 9), RingView::alone());
    assert_eq!(ring(&rings, "s2", 9).days_since_link, Some(7.0));
}

#[test]
fn what_one_seller_repeats_and_what_has_no_seller_ties_nobody() {
    let rings = links(vec![
        showing("1", "a", "+6281234567801", 1.0),
        showing("2", "a", "+6281234567801 +6281234567801", 2.0),
        showing("3", "", "+6281234567801", 3.0),
        showing("4", "b", "+6281234567805", 4.0),
    ]);
    assert!(rings.rings.sellers.is_empty());
}

#[test]
fn an_edit_shows_its_contact_from_when_it_was_known_and_never_takes_it_back() {
    let mut edited = showing("1", "a", "no number", 10.0);
    edited.versions[0].valid_from = Some(at(10.0));
    let version = |day: f64, text: &str| crate::tables::ContentRow {
        valid_from: Some(at(day)),
        title: Some(text.to_owned()),
        ..edited.versions[0].clone()
    };
    let more = [version(20.0, "+6281234567801"), version(30.0, "no number")];
    edited.versions.extend(more);
    let rings = links(vec![edited, showing("2", "b", "+6281234567801", 15.0)]).rings;
    assert_eq!(sizes(&rings, "a", &[16, 20, 21, 31]), [1, 1, 2, 2]);
    assert!(ring(&rings, "b", 31).is_first_owner && !ring(&rings, "a", 31).is_first_owner);
}

#[test]
fn hostile_rows_neither_stop_nor_tie() {
    let long = "call +6281234567801 ".repeat(5_000);
    let mut items =
        vec![showing("1", "a", &long, 1.0), showing("2", "b", "@ @. .@. a@ \u{0}\u{202e}", 1.0), showing("3", "c", &long, 2.0)];
    items.iter_mut().for_each(|item| item.versions[0].media_hash = Some("".into()));
    items[1].versions[0].seller_id = Some("".into());
    items[0].actions = vec![action(Treatment::Hold, -700_000.0, None)];
    let rings = links(items).rings;
    assert_eq!(sizes(&rings, "a", &[9]), [2]);
    assert_eq!(ring(&rings, "c", 9).actioned, Some(1));
    assert_eq!(sizes(&rings, "", &[9]), [1]);
    assert_eq!(rings.states(&[]).get(0, midnight(1)), Some(RingView::alone()));
}

/// Seller, number (or media from 4 on), day, ingested, day of an action, violating decision and its overturn.
type Drawn = (u8, u8, i32, Option<i32>, Option<i32>, Option<(i32, Option<i32>)>);

fn drawn() -> impl Strategy<Value = Vec<Drawn>> {
    let opt = || proptest::option::of(0..40);
    proptest::collection::vec((0..8_u8, 0..7_u8, 0..40, opt(), opt(), proptest::option::of((0..40, opt()))), 0..28)
}

fn histories(drawn: &[Drawn]) -> Vec<ContentHistory> {
    let one = |(i, (seller, key, day, ingested, acted, decided)): (usize, &Drawn)| {
        let mut history = item(&i.to_string(), &format!("s{seller}"), "", f64::from(*day));
        let row = &mut history.versions[0];
        if *key < 4 {
            row.title = Some(format!("call +628123456780{key}"))
        } else {
            row.media_hash = Some(key.to_string().into())
        }
        row.ingested_at = ingested.map(|day| at(f64::from(day)));
        history.actions = acted.iter().map(|day| action(Treatment::Gate, f64::from(*day), None)).collect();
        if let Some((decided, overturned)) = decided {
            history.decisions.push(verdict("1", Violating, f64::from(*decided), None));
            history.decisions.extend(overturned.map(|day| verdict("2", Compliant, f64::from(day), Some("1"))));
        }
        history
    };
    drawn.iter().enumerate().map(one).collect()
}

fn past(mut items: Vec<ContentHistory>, as_of: AsOf) -> Vec<ContentHistory> {
    items.retain(|item| as_of.knows(item.versions[0].published_at, item.versions[0].ingested_at));
    for item in &mut items {
        item.actions.retain(|a| as_of.knows(a.started_at, a.ingested_at));
        item.decisions.retain(|d| as_of.knows(d.decided_at, d.ingested_at));
    }
    items
}

/// The rings of all sellers, asked for at once and at other midnights too.
fn all(rings: &Rings, as_of: AsOf) -> Vec<RingView> {
    let sellers: Vec<u64> = (0..8).map(|i| key_of(&format!("s{i}").into())).collect();
    let keys: Vec<(u64, AsOf)> = sellers.iter().flat_map(|s| [(*s, as_of), (*s, midnight(17))]).collect();
    let states = rings.states(&keys);
    sellers.iter().map(|s| states.get(*s, as_of).unwrap()).collect()
}

/// The number of sellers that can be reached from each by contacts known at `as_of`, by brute force.
fn reached(items: &[Drawn], as_of: AsOf, limits: ContactConfig) -> Vec<u32> {
    let known = |d: &&Drawn| as_of.knows(at(f64::from(d.2)), d.3.map(|day| at(f64::from(day))));
    let shows = |key: u8, seller: u8| items.iter().filter(known).any(|d| d.1 == key && d.0 == seller);
    let sellers = |key: u8| (0..8).filter(|seller| shows(key, *seller)).count();
    let media: Vec<u8> = (4..7).filter(|key| sellers(*key) <= limits.max_media_sellers as usize).collect();
    let in_common = |a: u8, b: u8| media.iter().filter(|key| shows(**key, a) && shows(**key, b)).count();
    let join = |ring: &mut Vec<u8>, tied: &[u8]| {
        if let Some(lowest) = tied.iter().map(|s| ring[*s as usize]).min() {
            tied.iter().for_each(|s| ring[*s as usize] = lowest);
        }
    };
    let mut ring: Vec<u8> = (0..8).collect();
    for _ in 0..8 {
        for (a, b) in (0..8).flat_map(|a| (0..a).map(move |b| (a, b))) {
            if in_common(a, b) >= limits.min_shared_media as usize {
                join(&mut ring, &[a, b]);
            }
        }
        for key in 0..4_u8 {
            let mut tied: Vec<u8> = items.iter().filter(known).filter(|d| d.1 == key).map(|d| d.0).collect();
            tied.sort_unstable();
            tied.dedup();
            if tied.len() <= limits.max_sellers as usize {
                join(&mut ring, &tied);
            }
        }
    }
    ring.iter().map(|mine| ring.iter().filter(|other| *other == mine).count() as u32).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn rings_are_those_found_by_brute_force(drawn in drawn(), day in 0..45_i32, max_sellers in 2..5_u32, min_shared_media in 1..3_u32) {
        let limits = ContactConfig { max_sellers, min_shared_media, ..LIMITS };
        let rings = links_under(&[shard(histories(&drawn))], limits).rings;
        let sizes: Vec<u32> = all(&rings, midnight(day)).iter().map(|ring| ring.size).collect();
        prop_assert_eq!(sizes, reached(&drawn, midnight(day), limits));
    }

    #[test]
    fn the_future_changes_nothing(drawn in drawn(), day in 0..45_i32) {
        let views = all(&links(histories(&drawn)).rings, midnight(day));
        let known = all(&links(past(histories(&drawn), midnight(day))).rings, midnight(day));
        prop_assert_eq!(&known, &views);
        for view in views {
            let others = Some(view.size - 1);
            prop_assert!(view.actioned <= others && view.violating <= others && view.own_shared_keys <= view.shared_keys);
        }
    }

    #[test]
    fn order_shards_and_threads_do_not_matter(drawn in drawn(), day in 0..45_i32) {
        let one = links(histories(&drawn)).rings;
        // A seller lies in one shard.
        let part = |odd: u8| shard(histories(&drawn).into_iter().zip(&drawn).filter(|(_, d)| d.0 % 2 == odd).map(|(h, _)| h).collect());
        let two = links_under(&[part(1), part(0)], LIMITS).rings;
        prop_assert_eq!(&one, &two);
        let single = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(|| all(&one, midnight(day)));
        prop_assert_eq!(single, all(&two, midnight(day)));
    }
}
