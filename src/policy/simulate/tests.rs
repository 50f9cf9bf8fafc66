//! What a simulation counts, on rows that can be counted by hand.

use super::super::fixtures::{Row, row, set, text, with_batch};
use super::*;
use crate::policy::PolicySet;

fn factor(treatment: Treatment, own: Option<f64>) -> f64 {
    own.unwrap_or(match treatment {
        Treatment::Hold | Treatment::NoRecommend => 0.0,
        Treatment::Downrank => 0.5,
        _ => 1.0,
    })
}

/// What a replay gave: sets, outcomes, swap set, rows that differ from what was published.
type Replayed = (Vec<(SetTotals, Vec<PolicyReplay>)>, Vec<Outcome>, Vec<SwapRow>, u64);

/// Replays `nights` of rows; each row has 10 views, 2 orders and 1.5 THB.
fn replayed(sets: &[PolicySet], judged: &Judged, nights: &[Vec<Row>]) -> Replayed {
    let mut replay = Replay::new(sets, judged, 2.0, &factor);
    let mut swaps = Vec::new();
    for rows in nights {
        let item = |at: usize| ReplayItem {
            content_id: rows[at].content_id.as_str().into(),
            seller_id: rows[at].seller_id.as_deref().map(Id::from),
            market: rows[at].market,
            content_type: rows[at].content_type,
            tier: Some("gold".into()),
            category: None,
            currency: Some("THB".into()),
            views: Some(10),
            orders: Some(2),
            gmv: Some(1.5),
            published: Treatment::Allow,
        };
        with_batch(rows, |batch| replay.add(batch, &item, &vec![Treatment::Allow; rows.len()])).unwrap();
        let ended: Result<(), ()> = replay.end_night(&|_| true, &mut |_, row| {
            swaps.push(row);
            Ok(())
        });
        ended.unwrap();
    }
    let differing = replay.differing;
    let (sets, outcomes) = replay.finish();
    (sets, outcomes, swaps, differing)
}

fn judged(verdicts: &[(&str, &str, bool)]) -> Judged {
    let mut judged = Judged::default();
    for (item, label, violating) in verdicts {
        judged.labels.entry((*item).into()).or_default().insert((*label).into(), *violating);
        if *violating {
            judged.violating_sellers.insert(Id::from(format!("seller of {item}")));
        }
    }
    judged
}

#[test]
fn every_change_has_its_name() {
    use Treatment::{Allow, Downrank, Hold, Review};
    let of = |a: (Treatment, f64), b: (Treatment, f64)| Change::between(a, b).map(Change::as_str);
    assert_eq!(of((Allow, 1.0), (Review, 1.0)), Some("newly_actioned"));
    assert_eq!(of((Hold, 0.0), (Allow, 1.0)), Some("newly_freed"));
    assert_eq!(of((Review, 1.0), (Hold, 0.0)), Some("harsher"));
    assert_eq!(of((Review, 1.0), (Downrank, 0.5)), Some("milder"));
    assert_eq!(of((Review, 1.0), (Review, 0.5)), Some("less_reach"));
    assert_eq!(of((Downrank, 0.5), (Downrank, 0.7)), Some("more_reach"));
    assert_eq!(of((Review, 1.0), (Review, 1.0)), None);
}

/// Two nights of four items under a current policy at 0.9 and a candidate at 0.5: items are counted once, nights twice; the honest
/// seller and the decided items are told.
#[test]
fn items_are_counted_once_and_volumes_every_night() {
    let current = set(&[text("a", "treatment = \"review\"\nminutes = 5.0")]);
    let candidate = set(&[text("a", "treatment = \"review\"\nwhen = \"p_gambling >= 0.5\"\nminutes = 5.0")]);
    let rows: Vec<Row> =
        [("1", 0.95), ("2", 0.6), ("3", 0.7), ("4", 0.1)].iter().map(|(id, p)| row(id, &[("p_gambling", *p)])).collect();
    let judged = judged(&[("2", "gambling", false), ("3", "gambling", true), ("4", "gambling", true), ("2", "knockoff", true)]);
    let judged = Judged { violating_sellers: [Id::from("seller of 3")].into(), ..judged };
    let (sets, outcomes, swaps, differing) = replayed(&[current, candidate], &judged, &[rows.clone(), rows]);
    assert_eq!(differing, 2, "item 1 was published as allow on both nights");
    let (totals, policies) = &sets[1];
    assert_eq!(
        (totals.item_nights, totals.items, totals.sellers, totals.reviewed_items, totals.review_minutes),
        (6, 3, 3, 3, 15.0)
    );
    assert_eq!(totals.by_treatment, std::collections::BTreeMap::from([("review", 6)]));
    assert_eq!((policies[0].acts, policies[0].items, policies[0].alone, policies[0].in_scope), (6, 3, 6, 8));
    // Of items 2 and 3 its own label was decided, once violating; what was decided of another label says nothing of it.
    assert_eq!((policies[0].precision.successes, policies[0].precision.trials), (1, 2));
    assert_eq!(sets[0].0.item_nights, 2);

    let changes = outcomes[0].changes();
    assert_eq!(changes.len(), 1);
    let new = &changes[0];
    assert_eq!((new.change, new.item_nights, new.items, new.sellers), (Change::NewlyActioned, 4, 2, 2));
    assert_eq!((new.views, new.orders, new.gmv.clone(), new.unknown_views), (40, 8, [("THB".to_owned(), 6.0)].into(), 0));
    assert_eq!((new.violating.successes, new.violating.trials), (1, 2));
    assert_eq!(swaps.iter().map(|s| s.content_id.as_str()).collect::<Vec<_>>(), ["2", "3", "2", "3"]);
    assert_eq!(
        (swaps[0].before, swaps[0].after, swaps[0].after_policies.as_slice()),
        (Treatment::Allow, Treatment::Review, &["a".to_owned()][..])
    );
    let honest = outcomes[0].honest_sellers(10);
    assert_eq!(honest, [SellerHit { seller_id: "seller of 2".to_owned(), items: 1, views: 20, found_compliant: 1 }]);
    assert_eq!(outcomes[0].transitions(), [Transition { before: Treatment::Allow, after: Treatment::Review, item_nights: 4 }]);
    let segments = outcomes[0].segments();
    assert_eq!((segments.len(), segments[0].tier.as_deref(), segments[0].items), (1, Some("gold"), 2));
}

/// A cap is judged night by night, and a night over it counts as fallen: nothing is acted on in it.
#[test]
fn caps_are_judged_night_by_night() {
    let candidate = set(&[text("a", "[cap]\nitems = 1"), text("b", "when = \"p_gambling >= 0.93\"\ntreatment = \"downrank\"")]);
    let high = |id: &str, p: f64| row(id, &[("p_gambling", p)]);
    let nights = [vec![high("1", 0.95), high("2", 0.92)], vec![high("1", 0.95)]];
    let (sets, outcomes, swaps, _) = replayed(&[set(&[]), candidate], &Judged::default(), &nights);
    let (totals, policies) = &sets[1];
    assert_eq!(
        (policies[0].fallen_nights, policies[0].acts, policies[0].alone, policies[0].overlaps, policies[0].conflicts),
        (1, 3, 1, 2, 2)
    );
    assert!(policies[0].fallen_reason.as_ref().unwrap().contains("2 items"));
    assert_eq!(totals.by_treatment, std::collections::BTreeMap::from([("downrank", 1), ("hold", 1)]));
    assert_eq!((outcomes[0].changes()[0].item_nights, swaps.len()), (2, 2));
}
