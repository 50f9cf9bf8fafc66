//! Queues of hand-made items.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;

use super::*;
use crate::config::{Overlays, ProjectFile, QueueConfig, load};
use crate::units::{AsOf, ContentType, Day, Id, Market, Timestamp, Verdict};

/// The night of day 100 in Thailand.
fn night() -> (Market, AsOf) {
    ("TH".parse().unwrap(), AsOf { day: Day(100), instant: at(100.0) })
}

fn at(days: f64) -> Timestamp {
    Timestamp((days * 86_400e6) as i64)
}

/// A queue of `minutes` a night and nothing reserved, one minute a review, with `text` beside.
fn config(minutes: u32, text: &str) -> QueueConfig {
    let sets: Vec<String> = [
        &format!("queue.capacity=[{{market=\"*\",language=\"*\",skill=\"*\",minutes={minutes}}}]"),
        "queue.minutes={listing=1.0,video=1.0,live=1.0,review=1.0,comment=1.0}",
        "queue.shares={random=0.0,importance=0.0,qa=0.0,golden=0.0,age_out=0.0}",
        "queue.key=test",
    ]
    .map(str::to_owned)
    .to_vec();
    let sets: Vec<String> = sets.into_iter().chain(text.lines().map(str::to_owned)).collect();
    let overlays = Overlays { environment: &BTreeMap::new(), sets: &sets };
    load(&ProjectFile { path: Path::new("s.toml"), text: None }, &overlays, Path::new("/p")).unwrap().queue
}

/// A listing of p = 0.5 for scam (weight 100) with `views` to come, there for `days`.
fn item(id: &str, views: f64, days: f64) -> QueueItem {
    QueueItem {
        content_id: id.into(),
        content_type: ContentType::Listing,
        market: night().0,
        seller_id: Some("s".into()),
        language: Some("th".into()),
        abuse: Some(0.5),
        harm_per_view: Some(50.0),
        leading: Some(Leading { label: "scam".into(), p: 0.5, weight: 100.0 }),
        views: Some(views),
        cluster: None,
        is_settled: false,
        since: at(100.0 - days),
        reported_since: None,
        reports: 0,
        minutes: None,
        asked_by: Vec::new(),
    }
}

fn reported(id: &str, views: f64, days: f64, reports: u32) -> QueueItem {
    let since = at(100.0 - days);
    QueueItem { reports, reported_since: Some(since), ..item(id, views, days) }
}

fn queue_with(config: &QueueConfig, items: &[QueueItem], checks: Vec<CheckCase>) -> MarketQueue {
    let rules = QueueRules::new(config, MinutesTaken::default());
    let mut items = items.to_vec();
    items.sort_by(|a, b| a.content_id.cmp(&b.content_id));
    let mut frame = Frame::default();
    items.iter().for_each(|item| rules.frame(&mut frame, item));
    let Ok(made) = rules.market(night(), &frame, items.into_iter().map(Ok::<_, Infallible>), checks);
    made
}

fn queue(config: &QueueConfig, items: &[QueueItem]) -> MarketQueue {
    queue_with(config, items, Vec::new())
}

fn ids(made: &MarketQueue) -> Vec<&str> {
    made.rows.iter().map(|row| row.content_id.as_str()).collect()
}

#[test]
fn each_order_puts_its_own_first() {
    let items = [item("a", 10.0, 1.0), reported("b", 5.0, 2.0, 3), QueueItem { abuse: Some(0.9), ..item("c", 1.0, 3.0) }];
    for (order, expect, priority) in [
        ("expected_harm", ["a", "b", "c"], 500.0),
        ("fifo", ["c", "b", "a"], 3.0),
        ("score", ["c", "a", "b"], 0.9),
        ("reports", ["b", "a", "c"], 3.0),
    ] {
        let made = queue(&config(10, &format!("queue.order={order}")), &items);
        assert_eq!(ids(&made), expect, "{order}");
        assert_eq!(made.rows[0].priority, Some(priority), "{order}");
    }
}

#[test]
fn a_place_is_explained() {
    let mut first = item("a", 29.0, 1.5);
    (first.leading, first.harm_per_view) = (Some(Leading { label: "gambling".into(), p: 0.92, weight: 30.0 }), Some(27.6));
    let made = queue(&config(10, ""), &[first, item("b", 1.0, 1.0)]);
    assert_eq!(made.rows[0].why, "expected harm 800 = p 0.92 x weight 30.0 x 29.0 views in 7 days; 1.00 min; 1st of 2 in TH/*/*");
    let row = &made.rows[0];
    assert_eq!((row.rank, row.slice, row.minutes, row.waiting_days), (1, Slice::Order, 1.0, Some(1.5)));
    assert_eq!((row.leading_label.as_deref(), row.leading_p, row.inclusion_probability), (Some("gambling"), Some(0.92), None));
}

#[test]
fn without_a_forecast_the_harm_of_a_view_decides() {
    let unknown = |id: &str, harm: f64| QueueItem { views: None, harm_per_view: Some(harm), ..item(id, 0.0, 1.0) };
    let made = queue(
        &config(10, ""),
        &[unknown("a", 1.0), unknown("b", 60.0), QueueItem { harm_per_view: None, ..item("c", 9.0, 1.0) }],
    );
    assert_eq!(ids(&made), ["b", "a", "c"]);
    assert!(made.rows[0].why.contains("x one view, as nothing is known of them"), "{}", made.rows[0].why);
    assert_eq!((made.rows[0].forecast_views, made.rows[0].expected_harm), (None, Some(60.0)));
}

#[test]
fn the_minutes_are_filled_and_what_is_left_is_counted() {
    let items: Vec<QueueItem> = (0..9).map(|n| item(&format!("i{n}"), f64::from(n), 1.0)).collect();
    let made = queue(&config(4, ""), &items);
    assert_eq!(ids(&made), ["i8", "i7", "i6", "i5"]);
    let team =
        TeamResult { team: "TH/*/*".to_owned(), capacity_minutes: 4.0, planned_minutes: 4.0, rows: 4, left: 5, left_asked: 0 };
    assert_eq!(made.teams, [team]);
}

#[test]
fn what_is_settled_needs_no_review_and_what_a_policy_asks_for_is_reached() {
    let settled = QueueItem { is_settled: true, ..item("settled", 1000.0, 1.0) };
    let asked = QueueItem { asked_by: vec!["hold_scams".to_owned()], ..item("asked", 1.0, 1.0) };
    let made = queue(&config(2, ""), &[settled, asked, item("a", 10.0, 1.0), item("b", 9.0, 1.0)]);
    assert_eq!(ids(&made), ["a", "asked"], "it takes the place of b, and not that of a");
    let row = &made.rows[1];
    assert_eq!((row.slice, row.policy_ids.as_slice()), (Slice::Policy, &["hold_scams".to_owned()][..]));
    assert!(row.why.starts_with("asked for by hold_scams; expected harm 50.0 = "), "{}", row.why);
}

#[test]
fn near_duplicates_are_one_case() {
    let copy = |id: &str, views: f64| QueueItem { cluster: Some(7), ..item(id, views, 1.0) };
    let items = [copy("a", 1.0), copy("c", 3.0), copy("b", 3.0), copy("d", 2.0), item("e", 8.0, 2.0)];
    let made = queue(&config(10, "queue.max_members=3\nqueue.member_share=0.25"), &items);
    assert_eq!(ids(&made), ["e", "b"], "9 views in 1.5 minutes come after 8 in one");
    let case = &made.rows[1];
    assert_eq!((case.cluster_size, case.expected_harm, case.minutes), (4, Some(450.0), 1.5));
    assert_eq!(case.members, ["b", "c", "d"], "most harm first, ties by name, three listed and four counted");
    assert!(case.why.starts_with("expected harm 450 of 4 near duplicates, 150 of this one"), "{}", case.why);
    let apart = queue(&config(10, "queue.join_duplicates=false"), &items);
    assert_eq!(ids(&apart), ["e", "b", "c", "d", "a"]);
}

#[test]
fn what_has_waited_too_long_gets_its_share() {
    let items = [
        reported("old", 0.1, 20.0, 1),
        reported("older", 0.1, 21.0, 1),
        item("unasked", 0.1, 22.0),
        item("a", 9.0, 1.0),
        item("b", 8.0, 1.0),
        item("c", 7.0, 1.0),
    ];
    let share = "queue.shares={random=0.0,importance=0.0,qa=0.0,golden=0.0,age_out=0.25}";
    let made = queue(&config(4, share), &items);
    assert_eq!(ids(&made), ["older", "a", "b", "c"]);
    assert_eq!(made.rows[0].slice, Slice::AgeOut);
    assert_eq!(made.teams[0].left_asked, 1);
    // Without anything that waits, its minutes go to the order.
    assert_eq!(ids(&queue(&config(4, share), &items[2..])), ["a", "b", "c", "unasked"]);
    // What the order reaches anyhow takes none of the share.
    let reached = [reported("older", 90.0, 21.0, 1), items[0].clone(), items[3].clone(), items[4].clone(), items[5].clone()];
    assert_eq!(ids(&queue(&config(4, share), &reached)), ["old", "older", "a", "b"]);
}

#[test]
fn items_go_to_the_team_that_names_most() {
    let teams = "queue.skills={risk=[\"scam\"]}\nqueue.capacity=[{market=\"*\",language=\"*\",skill=\"*\",minutes=1},\
                 {market=\"*\",language=\"en\",skill=\"*\",minutes=1},{market=\"TH\",language=\"*\",skill=\"risk\",minutes=1}]";
    let other = |id: &str, language: Option<&str>| QueueItem {
        leading: Some(Leading { label: "knockoff".into(), p: 0.5, weight: 3.0 }),
        language: language.map(Into::into),
        ..item(id, 1.0, 1.0)
    };
    let items = [item("a", 1.0, 1.0), other("b", Some("en-GB")), other("c", Some("th")), other("d", None)];
    let made = queue(&config(1, teams), &items);
    let places: Vec<(&str, &str, &str)> =
        made.rows.iter().map(|row| (row.content_id.as_str(), row.skill.as_str(), row.team.as_deref().unwrap())).collect();
    assert_eq!(places, [("a", "risk", "TH/*/risk"), ("b", "general", "TH/en/*"), ("c", "general", "TH/*/*")]);
    let nobody = queue(&config(1, "queue.capacity=[]"), &items);
    assert_eq!((nobody.rows.len(), nobody.teams.len()), (0, 0));
}

/// Which way items come, and how far they are apart, is all that a shard could change.
#[test]
fn a_queue_does_not_depend_on_the_order_of_checks() {
    let shares = "queue.shares={random=0.1,importance=0.1,qa=0.3,golden=0.3,age_out=0.1}";
    let items: Vec<QueueItem> = (0..60).map(|n| item(&format!("i{n}"), f64::from(n % 7), f64::from(n))).collect();
    let mut checks: Vec<CheckCase> = (0..40).map(|n| check(&format!("k{}", n / 2), n)).collect();
    let one = queue_with(&config(30, shares), &items, checks.clone());
    checks.reverse();
    assert_eq!(queue_with(&config(30, shares), &items, checks), one);
}

fn check(id: &str, n: u32) -> CheckCase {
    let answer = GoldenAnswer { decision_id: format!("d{n}").into(), verdict: Verdict::Violating };
    CheckCase {
        content_id: id.into(),
        content_type: ContentType::Listing,
        market: night().0,
        seller_id: None,
        language: None,
        label: "scam".into(),
        kind: if n.is_multiple_of(4) { CheckKind::Golden(answer) } else { CheckKind::Qa },
    }
}

/// All that a reviewer could tell a golden case by is what the item itself shows.
#[test]
fn golden_cases_look_like_second_reviews() {
    let shares = "queue.shares={random=0.0,importance=0.0,qa=0.4,golden=0.4,age_out=0.0}";
    let checks: Vec<CheckCase> = (0..40).map(|n| check(&format!("k{n}"), n)).collect();
    let made = queue_with(&config(25, shares), &[item("a", 1.0, 1.0)], checks);
    let shown: Vec<&QueueRow> = made.rows.iter().filter(|row| row.slice == Slice::Qa).collect();
    let is_golden = |row: &&&QueueRow| made.golden.iter().any(|golden| golden.case_id == row.case_id);
    let (golden, qa): (Vec<&QueueRow>, Vec<&QueueRow>) = shown.iter().copied().partition(|row| is_golden(&row));
    assert!(golden.len() > 3 && qa.len() > 3, "{} {}", golden.len(), qa.len());
    assert_eq!(golden.len(), made.golden.len());
    let blind = |row: &QueueRow| QueueRow {
        rank: 0,
        case_id: String::new(),
        content_id: Id::default(),
        members: Vec::new(),
        ..row.clone()
    };
    assert!(shown.iter().all(|row| blind(row) == blind(shown[0])));
    assert_eq!((shown[0].leading_p, shown[0].expected_harm, shown[0].inclusion_probability), (None, None, None));
    let ranks: Vec<u64> = golden.iter().map(|row| row.rank).collect();
    assert!(ranks.iter().max().unwrap() > &qa.iter().map(|row| row.rank).min().unwrap(), "not all before or after the others");
}

/// 10,000 nights: each item's frequency lies within binomial bounds (a standard error of at most 0.005), and the squares of all
/// standardised differences sum to what as many independent ones do (chi-square, 40 degrees: 99.99 % below 82.1, by scipy's chi2.ppf).
#[test]
fn items_are_drawn_as_often_as_the_row_says() {
    let shares = "queue.shares={random=0.2,importance=0.2,qa=0.0,golden=0.0,age_out=0.0}";
    let config = config(20, shares);
    let rules = QueueRules::new(&config, MinutesTaken::default());
    let items: Vec<QueueItem> = (0..40)
        .map(|n| QueueItem {
            abuse: (n % 5 > 0).then(|| f64::from(n % 10) / 10.0),
            is_settled: n % 3 == 0,
            cluster: (n % 4 == 0).then_some(1),
            ..item(&format!("i{n:02}"), f64::from(n * n), 1.0)
        })
        .collect();
    let mut frame = Frame::default();
    items.iter().for_each(|item| rules.frame(&mut frame, item));
    let teams = Teams::of(night().0, &config.capacity);
    let expected: Vec<f64> = items
        .iter()
        .map(|item| {
            1.0 - (1.0 - frame.random_probability(&teams, &config)) * (1.0 - frame.importance_probability(item, &teams, &config))
        })
        .collect();
    assert!(expected.iter().all(|p| *p > 0.0 && *p < 1.0) && expected[39] > 2.0 * expected[0], "{expected:?}");
    let nights = 10_000;
    let (mut drawn, mut both) = (vec![0_u32; items.len()], 0_u32);
    for day in 0..nights {
        let as_of = AsOf { day: Day(day), instant: at(100.0) };
        let Ok(made) = rules.market((night().0, as_of), &frame, items.iter().cloned().map(Ok::<_, Infallible>), Vec::new());
        let mut of_night = [false; 40];
        for row in made.rows.iter().filter(|row| row.slice <= Slice::Importance) {
            let at: usize = row.content_id[1..].parse().unwrap();
            assert!((row.inclusion_probability.unwrap() - expected[at]).abs() < 1e-12);
            assert_eq!((row.cluster_size, row.random_probability.is_some()), (1, row.slice == Slice::Random));
            of_night[at] = true;
            drawn[at] += 1;
        }
        both += u32::from(of_night[38] && of_night[39]);
    }
    let n = f64::from(nights);
    let z: Vec<f64> = drawn.iter().zip(&expected).map(|(k, p)| (f64::from(*k) - n * p) / (n * p * (1.0 - p)).sqrt()).collect();
    assert!(z.iter().all(|z| z.abs() < 4.5), "{z:?}");
    let chi_square: f64 = z.iter().map(|z| z * z).sum();
    assert!(chi_square < 82.1, "{chi_square}");
    // Draws of two items are independent: that is what the estimators' variances take for granted.
    let p = expected[38] * expected[39];
    assert!(((f64::from(both) - n * p) / (n * p * (1.0 - p)).sqrt()).abs() < 4.5);
}

#[test]
fn minutes_of_reviews_are_learned() {
    let config = config(10, "queue.minutes_prior_n=10");
    let mut taken = MinutesTaken::default();
    let (scam, other): (Id, Id) = ("scam".into(), "other".into());
    assert_eq!(taken.expected(ContentType::Listing, Some(&scam), &config), 1000);
    (0..10).for_each(|_| taken.add(ContentType::Listing, &scam, 3.0));
    taken.add(ContentType::Listing, &scam, f64::NAN);
    taken.add(ContentType::Listing, &scam, -1.0);
    // (10 · 3 + 10 · 1) ÷ 20 = 2 for listings; (10 · 3 + 10 · 2) ÷ 20 for scams among them.
    assert_eq!(taken.expected(ContentType::Listing, Some(&other), &config), 2000);
    assert_eq!(taken.expected(ContentType::Listing, Some(&scam), &config), 2500);
    assert_eq!(taken.expected(ContentType::Video, Some(&scam), &config), 1000);
    let mut more = MinutesTaken::default();
    more.add(ContentType::Listing, &scam, 600.0);
    taken.merge(more);
    // A tab left open counts as an hour: (30 + 60 + 10) ÷ 21.
    assert_eq!(taken.expected(ContentType::Listing, None, &config), 4762);
}

/// Ten items of harm 500, 450 down to 50, a minute each, and four minutes for them.
#[test]
fn the_curve_says_what_more_minutes_would_prevent() {
    let items: Vec<QueueItem> = (1..=10_u32).map(|n| item(&format!("i{n:02}"), f64::from(n), 1.0)).collect();
    let made = queue(&config(4, ""), &items);
    let [curve] = &made.staffing[..] else { panic!("{:?}", made.staffing) };
    let told: Vec<(f64, f64, u64)> = curve.points.iter().map(|point| (point.share, point.harm, point.cases)).collect();
    assert_eq!(told, [(0.5, 950.0, 2), (1.0, 1700.0, 4), (1.25, 2000.0, 5), (1.5, 2250.0, 6), (2.0, 2600.0, 8)]);
    assert_eq!((curve.next_hour, curve.next_hour_cases, curve.team.as_str()), (1050.0, 6, "TH/*/*"));
    let planned: f64 = made.rows.iter().filter_map(|row| row.expected_harm).sum();
    assert_eq!(planned, curve.points[1].harm);
    assert!(queue(&config(4, ""), &[]).staffing.is_empty());
}
