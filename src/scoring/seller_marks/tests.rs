//! What marks say of small sellers, by hand, and what may not change them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::config::{self, MarksConfig, Overlays, ProjectFile, TableName};
use crate::dataset::{ContentHistory, Presence, SellerRecords, Shard};
use crate::features::fixtures::{as_of, at, content, engagement, rules};
use crate::features::{EngagementDays, HistoryContext, HistoryRules, ReporterRecord, Strikes};
use crate::scoring::{ScoreRow, ScoredLabel};
use crate::tables::{ContentRow, DecisionRow, SellerRow};
use crate::units::{ContentType, Day, DecidedBy, Id, LabelKind, Market, Severity, Treatment, Verdict, Zones};
use Verdict::{Compliant, Violating};

/// The midnight of all tests but those of time zones.
const DAY: i32 = 200;

/// Everything that marks are counted with.
struct Fixture {
    config: MarksConfig,
    history: HistoryRules,
    labels: Vec<ScoredLabel>,
    presence: Presence,
    zones: Zones,
}

fn label(id: &str, content_types: &[ContentType]) -> ScoredLabel {
    let content_types = content_types.iter().copied().collect::<BTreeSet<_>>();
    ScoredLabel { id: id.into(), kind: LabelKind::Abuse, severity: Severity::new(1).unwrap(), weight: 1.0, content_types }
}

impl Fixture {
    /// The built-in `[marks]` but for `set`; labels scam (severity 5) on listings, knockoff (2) on listings and videos.
    fn with(set: &str) -> Self {
        let text = format!("[marks]\n{set}\n");
        let project = ProjectFile { path: Path::new("stallmark.toml"), text: Some(&text) };
        let overlays = Overlays { environment: &BTreeMap::new(), sets: &[] };
        Self {
            config: config::load(&project, &overlays, Path::new("/p")).unwrap().marks,
            history: rules(),
            labels: vec![label("scam", &[ContentType::Listing]), label("knockoff", &[ContentType::Listing, ContentType::Video])],
            presence: Presence::new(vec![TableName::Content, TableName::Decisions, TableName::Engagement], true),
            zones: Zones::utc(),
        }
    }

    fn rules(&self) -> MarkRules<'_> {
        MarkRules {
            config: &self.config,
            history: &self.history,
            labels: &self.labels,
            presence: &self.presence,
            zones: &self.zones,
            day: Day(DAY),
        }
    }

    fn marks(&self, shards: &[Shard]) -> Vec<SellerMark> {
        self.marks_of_night(shards, &[])
    }

    /// The marks of all sellers, by seller.
    fn marks_of_night(&self, shards: &[Shard], rows: &[ScoreRow]) -> Vec<SellerMark> {
        let mut builder = MarkPriorsBuilder::default();
        let mut facts: Vec<SellerFacts> = shards.iter().flat_map(|shard| self.rules().facts(shard, rows.iter())).collect();
        facts.iter().for_each(|facts| builder.add(facts));
        let priors = builder.finish(&self.config);
        facts.sort_by(|a, b| a.seller_id.cmp(&b.seller_id));
        facts.into_iter().map(|facts| priors.mark(&self.rules(), facts)).collect()
    }
}

fn decision(id: &str, item: &str, label: &str, verdict: Verdict, day: f64) -> DecisionRow {
    DecisionRow {
        decision_id: id.into(),
        content_id: item.into(),
        label: label.into(),
        verdict,
        decided_at: at(day),
        reviewer_id: None,
        decided_by: None,
        selected_by: None,
        inclusion_probability: None,
        overturns: None,
        golden_verdict: None,
        minutes: None,
        ingested_at: None,
    }
}

fn seller_row(tier: Option<&str>, market: Option<&str>) -> SellerRow {
    SellerRow {
        seller_id: "s".into(),
        valid_from: None,
        registered_at: None,
        market: market.map(|m| m.parse().unwrap()),
        tier: tier.map(Into::into),
        kyc_verified: None,
        followers: None,
        rating: None,
        rating_count: None,
        late_dispatch_rate: None,
        cancel_rate: None,
        ingested_at: None,
    }
}

/// A seller with its tier and the decisions on its items; every item named is a listing of SG published on day 90.
#[derive(Clone)]
struct Seller {
    id: String,
    tier: Option<&'static str>,
    items: Vec<String>,
    decisions: Vec<DecisionRow>,
}

fn seller(id: &str, items: &[&str], decisions: &[DecisionRow]) -> Seller {
    Seller { id: id.into(), tier: None, items: items.iter().map(ToString::to_string).collect(), decisions: decisions.to_vec() }
}

/// A seller of `tier` with `n` items decided for scam on day 150, the first `k` of them violating.
fn judged(id: &str, tier: &'static str, k: usize, n: usize) -> Seller {
    let items: Vec<String> = (0..n).map(|i| format!("{id}-{i:03}")).collect();
    let verdict = |i: usize| if i < k { Violating } else { Compliant };
    let decisions = items.iter().enumerate().map(|(i, item)| decision(&format!("d-{item}"), item, "scam", verdict(i), 150.0));
    Seller { id: id.into(), tier: Some(tier), decisions: decisions.collect(), items }
}

fn shard(sellers: &[Seller]) -> Shard {
    let mut contents: BTreeMap<Id, ContentHistory> = BTreeMap::new();
    for seller in sellers {
        for item in &seller.items {
            let version = ContentRow { seller_id: Some(seller.id.as_str().into()), ..content(item) };
            let decisions = seller.decisions.iter().filter(|d| d.content_id == item.as_str()).cloned().collect();
            contents
                .insert(item.as_str().into(), ContentHistory { versions: vec![version], decisions, ..ContentHistory::default() });
        }
    }
    let mut shard = Shard { contents: contents.into_iter().collect(), sellers: BTreeMap::new() };
    for seller in sellers {
        let items = shard.contents.iter().enumerate().filter(|(_, (id, _))| seller.items.iter().any(|item| item == id));
        let records = SellerRecords {
            versions: seller.tier.map(|tier| seller_row(Some(tier), None)).into_iter().collect(),
            items: items.map(|(at, _)| at).collect(),
            ..SellerRecords::default()
        };
        shard.sellers.insert(seller.id.as_str().into(), records);
    }
    shard
}

/// The mark of one seller whose peers are not known.
fn mark_of(fixture: &Fixture, seller: Seller) -> SellerMark {
    fixture.marks(&[shard(&[seller])]).remove(0)
}

fn near(found: f64, expect: f64) -> bool {
    (found - expect).abs() < 1e-6
}

/// Four sellers of tier a with 1, 3, 5 and 3 of 10 violating: by hand (as in `features::rates`) α = 9.705882, β = 22.647059, and the
/// first has (1 + α) / (10 + α + β) = 0.252778. Interval: scipy 1.17.1, `beta.ppf([.025, .975], 10.705882, 31.647059)`.
#[test]
fn a_rate_is_shrunk_to_its_tier() {
    let fixture = Fixture::with("min_sellers = 4");
    let tier = [judged("a1", "a", 1, 10), judged("a2", "a", 3, 10), judged("a3", "a", 5, 10), judged("a4", "a", 3, 10)];
    let marks = fixture.marks(&[shard(&tier)]);
    let scam = marks[0].labels[0];
    assert_eq!(scam.record, LabelRecord { decided: 10, violating: 1 });
    assert!(near(scam.rate, 0.252_777_777), "{scam:?}");
    assert!(near(scam.prior_mean, 0.3), "{scam:?}");
    assert!((scam.low - 0.135_452_86).abs() < 1e-7 && (scam.high - 0.392_184_38).abs() < 1e-7, "{scam:?}");
    // Of knockoff nothing was decided: the configured prior, 0.05 as 20 items.
    let knockoff = marks[0].labels[1];
    assert_eq!(knockoff.record, LabelRecord::default());
    assert!(near(knockoff.rate, 0.05) && near(knockoff.prior_mean, 0.05), "{knockoff:?}");
}

#[test]
fn a_tier_of_few_sellers_takes_the_rate_of_all_and_a_strong_prior_is_cut() {
    let all = [
        judged("a1", "a", 1, 10),
        judged("a2", "a", 3, 10),
        judged("a3", "a", 5, 10),
        judged("b1", "b", 3, 10),
        judged("b2", "b", 0, 0),
    ];
    // Four sellers in all: the prior of the test above, for every tier.
    let marks = Fixture::with("min_sellers = 4").marks(&[shard(&all)]);
    assert!(marks.iter().take(4).all(|mark| near(mark.labels[0].prior_mean, 0.3)), "{marks:?}");
    assert!(near(marks[3].labels[0].rate, (3.0 + 9.705_882) / (10.0 + 32.352_941)), "{:?}", marks[3]);
    // Too few even together: the configured prior, (3 + 1) / (10 + 20).
    let marks = Fixture::with("min_sellers = 5").marks(&[shard(&all)]);
    assert!(near(marks[3].labels[0].rate, 4.0 / 30.0), "{:?}", marks[3]);
    // Sellers that differ by nothing get a prior of 100,000 items, cut to 200: (3 + 60) / (10 + 200).
    let equal: Vec<Seller> = (0..4).map(|i| judged(&format!("c{i}"), "c", 3, 10)).collect();
    let marks = Fixture::with("min_sellers = 4").marks(&[shard(&equal)]);
    assert!(near(marks[0].labels[0].rate, 0.3), "{:?}", marks[0]);
    let mut one_worse = equal;
    one_worse.push(judged("d", "d", 10, 10));
    let marks = Fixture::with("min_sellers = 4\nmax_prior_strength = 2.0").marks(&[shard(&one_worse)]);
    let worst = marks[4].labels[0];
    assert!(near(worst.rate, (10.0 + 2.0 * worst.prior_mean) / 12.0), "{worst:?}");
}

/// As of day 200. Severities: scam and counterfeit 5 (12 points), knockoff 2 (2), `other` declared nowhere (1, 1 point); counterfeit
/// expires after 180 days, the others after 90.
///
/// | item | label       | day  | expires on | points |
/// |------|-------------|------|------------|--------|
/// | a    | scam        | 155  | 245        | 12     |
/// | b    | scam        | 110  | 200: gone  |        |
/// | b    | counterfeit | 65   | 245        | 12     |
/// | c    | knockoff    | 120  | 210        | 2      |
/// | c    | other       | 120  | 210        | 1      |
///
/// 27 points at 20 cost 540 of 1000; strike weight 100 · 2^(−45/45) + 100 · 2^(−135/45) + (3 + 1) · 2^(−80/45).
#[test]
fn strikes_points_and_health_by_hand() {
    let rows = [
        decision("1", "a", "scam", Violating, 155.0),
        decision("2", "b", "scam", Violating, 110.0),
        decision("3", "b", "counterfeit", Violating, 65.0),
        decision("4", "c", "knockoff", Violating, 120.0),
        decision("5", "c", "other", Violating, 120.0),
    ];
    let fixture = Fixture::with("");
    let mark = mark_of(&fixture, seller("s", &["a", "b", "c"], &rows));
    let record = mark.facts.record.as_ref().unwrap();
    let expiries: Vec<(i64, &str)> = record.strikes.iter().map(|(at, label)| (at.0 / 86_400_000_000, label.as_str())).collect();
    assert_eq!(expiries, [(210, "knockoff"), (210, "other"), (245, "counterfeit"), (245, "scam")]);
    assert!(near(record.strike_weight, 50.0 + 12.5 + 4.0 * libm::exp2(-80.0 / 45.0)), "{record:?}");
    assert_eq!((mark.points, mark.points_expiring, mark.health, mark.health_band), (Some(27), Some(3), Some(460), "weak"));
    assert_eq!(mark.labels.iter().map(|label| label.strikes).collect::<Vec<_>>(), [1, 1]);
    let drivers: Vec<(&str, f32)> = mark.drivers.iter().map(|(text, cost)| (text.as_str(), *cost)).collect();
    assert_eq!(
        drivers,
        [
            ("counterfeit: 1 strike, 12 points", -240.0),
            ("scam: 1 strike, 12 points; 2 of 2 decided items violating, rate 0.136, peers 0.050", -240.0),
            ("knockoff: 1 strike, 2 points; 1 of 1 decided item violating, rate 0.095, peers 0.050", -40.0),
        ]
    );
    assert_eq!((record.decisions, record.overturned, record.items_decided, record.items_violating), (5, 0, 3, 3));
    assert_eq!((record.last_decision, record.last_violation), (Some(Day(155)), Some(Day(155))));
    // The features count the same strikes.
    let history = rules();
    let context = HistoryContext { as_of: as_of(DAY), rules: &history, reporter: &|_| ReporterRecord::default() };
    let totals = Strikes::of(&rows.iter().collect::<Vec<_>>(), &context).without(&"z".into(), None);
    assert_eq!(totals.active as usize, record.strikes.len());
    assert_eq!(totals.next_expiry, record.strikes.first().map(|(at, _)| *at));
    assert!(near(totals.weight, record.strike_weight), "{totals:?}");
}

/// One found violating of one decided leaves the rate near the peers', so that health falls by the strike alone.
#[test]
fn one_item_is_not_punished_by_noise() {
    let fixture = Fixture::with("");
    let scam = |verdict| seller("s", &["a"], &[decision("1", "a", "scam", verdict, 150.0)]);
    let struck = mark_of(&fixture, scam(Violating));
    assert!(near(struck.labels[0].rate, 2.0 / 21.0), "{struck:?}");
    assert!(struck.labels[0].low < struck.labels[0].prior_mean);
    assert_eq!((struck.health, struck.drivers.len()), (Some(1000 - 240), 1));
    let cleared = mark_of(&fixture, scam(Compliant));
    assert_eq!((cleared.health, cleared.health_band, cleared.points), (Some(1000), "unproven", Some(0)));
    let undecided = mark_of(&fixture, seller("s", &["a"], &[]));
    assert_eq!((undecided.health, undecided.health_band, undecided.drivers.len()), (Some(1000), "unproven", 0));
    // A rate that many items establish costs even once the strikes have expired: 40 of 50, Beta(41, 29) under the configured prior,
    // lower end 0.469185 (scipy 1.17.1): 400 · 0.419185 = 167.7.
    let items: Vec<String> = (0..50).map(|i| format!("i{i:02}")).collect();
    let names: Vec<&str> = items.iter().map(String::as_str).collect();
    let old: Vec<DecisionRow> =
        (0..50).map(|i| decision(&i.to_string(), names[i], "scam", if i < 40 { Violating } else { Compliant }, 50.0)).collect();
    let mark = mark_of(&fixture, seller("s", &names, &old));
    assert_eq!((mark.points, mark.health, mark.health_band), (Some(0), Some(832), "healthy"), "{mark:?}");
}

#[test]
fn a_seller_whose_decisions_are_all_overturned_has_no_points() {
    let appeal = |id: &str, of: &str, item: &str, day| DecisionRow {
        overturns: Some(of.into()),
        ..decision(id, item, "scam", Compliant, day)
    };
    let mut rows = vec![
        decision("1", "a", "scam", Violating, 150.0),
        decision("2", "b", "scam", Violating, 151.0),
        appeal("3", "1", "a", 160.0),
        appeal("4", "2", "b", 161.0),
    ];
    let fixture = Fixture::with("");
    let mark = mark_of(&fixture, seller("s", &["a", "b"], &rows));
    let record = mark.facts.record.as_ref().unwrap();
    assert_eq!((mark.points, mark.health, mark.points_expiring), (Some(0), Some(1000), None));
    assert_eq!((record.overturned, record.strikes.len(), record.items_violating, record.last_violation), (2, 0, 0, None));
    assert_eq!(mark.labels[0].record, LabelRecord { decided: 2, violating: 0 }, "the appeals decided for the seller");
    // An overturn that is known only at the midnight changes nothing yet.
    rows[3].ingested_at = Some(at(200.0));
    let mark = mark_of(&fixture, seller("s", &["a", "b"], &rows));
    assert_eq!((mark.points, mark.facts.record.unwrap().overturned), (Some(12), 1));
}

#[test]
fn what_clears_all_labels_counts_for_those_that_cover_the_item_and_machines_do_not_count() {
    let fixture = Fixture::with("");
    let mut rows = vec![decision("1", "a", "*", Compliant, 150.0), decision("2", "b", "scam", Violating, 150.0)];
    rows[1].decided_by = Some(DecidedBy::Automatic);
    let mut shard = shard(&[seller("s", &["a", "b"], &rows)]);
    shard.contents[0].1.versions[0].content_type = ContentType::Video;
    let mark = fixture.marks(&[shard]).remove(0);
    let decided: Vec<u64> = mark.labels.iter().map(|label| label.record.decided).collect();
    assert_eq!(decided, [0, 1], "scam is no label of videos");
    assert_eq!((mark.points, mark.facts.record.unwrap().decisions), (Some(0), 1));
}

#[test]
fn decisions_before_the_days_of_rates_make_no_rate() {
    let fixture = Fixture::with("rate_days = 30");
    let rows = [decision("1", "a", "scam", Violating, 169.9), decision("2", "b", "scam", Violating, 170.0)];
    let mark = mark_of(&fixture, seller("s", &["a", "b"], &rows));
    assert_eq!(mark.labels[0].record, LabelRecord { decided: 1, violating: 1 });
    assert_eq!(mark.points, Some(24), "strikes have their own days");
}

#[test]
fn without_a_table_nothing_is_said_of_it() {
    let mut fixture = Fixture::with("");
    fixture.presence = Presence::new(vec![TableName::Content], true);
    let mark = mark_of(&fixture, seller("s", &["a"], &[decision("1", "a", "scam", Violating, 150.0)]));
    assert_eq!((mark.points, mark.health, mark.health_band, mark.facts.views), (None, None, "unknown", None));
    assert!(mark.labels.is_empty() && mark.drivers.is_empty());
    // Nothing known of a seller: no row.
    let mut nobody = shard(&[seller("s", &["a"], &[])]);
    nobody.contents[0].1.versions[0].published_at = at(200.0);
    assert!(fixture.marks(&[nobody]).is_empty());
}

fn score(item: &str, seller: &str, band: &str) -> ScoreRow {
    ScoreRow {
        content_id: item.into(),
        content_type: ContentType::Listing,
        seller_id: Some(seller.into()),
        market: "SG".parse().unwrap(),
        category: None,
        probabilities: Vec::new(),
        calibration: None,
        abuse: None,
        quality: None,
        expected_harm: None,
        forecast_method: String::new(),
        labels_scored: 0,
        treatment: Treatment::Allow,
        rank_multiplier: 1.0,
        band: band.to_owned(),
        policy_ids: Vec::new(),
        shadow_policy_ids: Vec::new(),
        held_back_by: Vec::new(),
        reasons: Vec::new(),
        coverage: 1.0,
        expires_at: at(202.0),
    }
}

#[test]
fn views_are_those_of_the_last_week_by_band() {
    let fixture = Fixture::with("");
    let mut shard = shard(&[seller("s", &["a", "b", "c"], &[])]);
    let mut late = engagement(199, 500);
    late.ingested_at = Some(at(200.0));
    shard.contents[0].1.engagement = EngagementDays::of(&[engagement(192, 1000), engagement(193, 5), engagement(199, 30)]);
    shard.contents[1].1.engagement = EngagementDays::of(&[engagement(199, 10), engagement(200, 70)]);
    shard.contents[2].1.engagement = EngagementDays::of(&[late]);
    let rows = [score("a", "s", "good"), score("b", "s", "severe"), score("c", "s", "poor")];
    let mark = fixture.marks_of_night(&[shard], &rows).remove(0);
    assert_eq!((mark.facts.items_scored, mark.facts.views), (3, Some([35, 0, 0, 10, 0])));
}

#[test]
fn a_sellers_midnight_is_that_of_its_home_market_or_of_most_items() {
    let market = |text: &str| text.parse::<Market>().unwrap();
    let zones = BTreeMap::from([(market("SG"), "Asia/Singapore".to_owned()), (market("US"), "America/New_York".to_owned())]);
    let fixture = Fixture { zones: Zones::new("UTC", &zones).unwrap(), ..Fixture::with("") };
    // Day 200 begins in Singapore at 16:00 UTC of day 199, and in New York at 04:00 UTC of day 200.
    let rows = [decision("1", "a", "scam", Violating, 199.8)];
    let mut both = shard(&[seller("s", &["a", "b", "c"], &rows)]);
    for at in [1, 2] {
        both.contents[at].1.versions[0].market = market("US");
    }
    let facts = |shard: &Shard| fixture.marks(std::slice::from_ref(shard)).remove(0).facts;
    let of_most = facts(&both);
    assert_eq!((of_most.market, of_most.record.unwrap().decisions), (market("US"), 1));
    both.sellers.get_mut("s").unwrap().versions = vec![seller_row(None, Some("SG"))];
    let home = facts(&both);
    assert_eq!((home.market, home.record.unwrap().decisions), (market("SG"), 0));
}

/// A seller whose items and decisions are drawn from `seed`, all before the midnight.
fn drawn(id: usize, seed: u64) -> Seller {
    let mut state = seed ^ (id as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut draw = |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let items: Vec<String> = (0..=draw(6)).map(|i| format!("{id:02}-{i}")).collect();
    let mut decisions: Vec<DecisionRow> = Vec::new();
    for i in 0..draw(12) {
        let item = &items[draw(items.len() as u64) as usize];
        let label = ["scam", "knockoff", "counterfeit", "*"][draw(4) as usize];
        let verdict = if label != "*" && draw(2) == 0 { Violating } else { Compliant };
        let mut row = decision(&format!("{id}-{i}"), item, label, verdict, 91.0 + draw(1080) as f64 / 10.0);
        let earlier = decisions.iter().find(|d| d.content_id == item.as_str()).map(|d| d.decision_id.clone());
        row.overturns = earlier.filter(|_| draw(4) == 0);
        decisions.push(row);
    }
    Seller { id: format!("s{id:02}"), tier: [None, Some("a"), Some("b")][draw(3) as usize], items, decisions }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn shards_threads_and_the_order_of_rows_change_nothing(seed in any::<u64>(), n_shards in 2_usize..5) {
        let fixture = Fixture::with("min_sellers = 3");
        let sellers: Vec<Seller> = (0..24).map(|id| drawn(id, seed)).collect();
        let one = fixture.marks(&[shard(&sellers)]);
        prop_assert!(one.len() == 24);
        let mut shuffled = sellers;
        shuffled.iter_mut().for_each(|seller| seller.decisions.reverse());
        shuffled.rotate_left((seed % 24) as usize);
        let shards: Vec<Shard> = shuffled.chunks(24_usize.div_ceil(n_shards)).map(shard).collect();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        prop_assert_eq!(pool.install(|| fixture.marks(&shards)), one);
    }

    /// Adds decisions and overturns at or after the midnight, ingested then, and versions of sellers and items of then.
    #[test]
    fn the_future_changes_nothing(seed in any::<u64>(), days in proptest::collection::vec(0.0_f64..100.0, 1..6)) {
        let fixture = Fixture::with("min_sellers = 3");
        let sellers: Vec<Seller> = (0..12).map(|id| drawn(id, seed)).collect();
        let known = fixture.marks(&[shard(&sellers)]);
        let mut later = sellers;
        for (at_row, seller) in later.iter_mut().enumerate() {
            for (i, day) in days.iter().enumerate() {
                let item = seller.items[(at_row + i) % seller.items.len()].clone();
                let mut row = decision(&format!("later-{at_row}-{i}"), &item, "scam", Violating, 200.0 + day);
                if i % 2 == 1 {
                    (row.decided_at, row.ingested_at) = (at(150.0), Some(at(200.0 + day)));
                }
                row.overturns = seller.decisions.iter().find(|d| d.content_id == item.as_str()).map(|d| d.decision_id.clone());
                seller.decisions.push(row);
            }
        }
        let mut future = shard(&later);
        for records in future.sellers.values_mut() {
            records.versions.push(SellerRow { valid_from: Some(at(200.0)), ..seller_row(Some("z"), Some("VN")) });
        }
        prop_assert_eq!(fixture.marks(&[future]), known);
    }

    /// A violating decision more never raises health, and an appeal that overturns it never lowers it.
    #[test]
    fn health_falls_with_violations_and_rises_with_appeals(seed in any::<u64>(), day in 110.0_f64..199.0) {
        let fixture = Fixture::with("min_sellers = 1000000");
        let mut seller = drawn(1, seed);
        seller.decisions.retain(|d| d.overturns.is_none());
        let health = |seller: &Seller| mark_of(&fixture, seller.clone()).health.unwrap();
        let before = health(&seller);
        let item = seller.items[0].clone();
        seller.decisions.push(decision("one more", &item, "scam", Violating, day));
        let struck = health(&seller);
        prop_assert!(struck <= before, "{struck} {before}");
        seller.decisions.push(DecisionRow { overturns: Some("one more".into()), ..decision("appeal", &item, "scam", Compliant, 199.5) });
        prop_assert!(health(&seller) >= struck);
    }
}
