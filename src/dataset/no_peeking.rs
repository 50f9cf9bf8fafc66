//! Nothing peeks, nothing skews: properties of the whole matrix over random marketplaces (DESIGN.md §3, promise 1).
//!
//! A marketplace is drawn from a seed: a past that was known at the midnight of day 100, and a future that was not, because it is
//! dated at or after the midnight or reached the lake then. The rows of the future differ, are there or are not; the matrix doesn't
//! change by a bit. Texts, contacts, pictures, creators and reporters repeat across sellers, so every link is there to be seen.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{CrossSellerBuilder, GlobalsBuilder, Intake, Presence, Shard, nightly_spine};
use crate::config::TableName;
use crate::dataset::fixtures::{content, day_us, engine};
use crate::tables::{
    ActionRow, AfterSalesRow, ContentRow, DecisionRow, EngagementRow, ReportRow, RowOrigin, RowSink, SellerRow, TableRow,
};
use crate::units::{AfterSalesKind, AsOf, ContentType, Day, DecidedBy, Id, Timestamp, Treatment, Verdict, Zones};

/// The midnight that is looked at.
const DAY: i32 = 100;
const MARKETS: [&str; 2] = ["SG", "ID"];
const TEXTS: [&str; 6] = [
    "leather phone case with strap, original box, call 0812 3456 7890",
    "leather phone case with a strap, original box, call 0812 3456 7890 now",
    "best slot gacor maxwin daftar sekarang wa.me/6281234567890",
    "good quality, colour as in the picture, will buy again from this shop",
    "ผ้านุ่มใส่สบายมากค่ะ สีตรงปก ส่งไว ไลน์ไอดี shop99",
    "ok",
];

/// Numbers drawn from a seed (splitmix64).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn chance(&mut self, p: f64) -> bool {
        self.uniform() < p
    }

    fn some<T>(&mut self, p: f64, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.chance(p).then(|| value(self))
    }

    /// An identifier of an event: some of the future restate one of the past.
    fn event(&mut self, tag: &str, n: u64) -> Id {
        if self.chance(0.2) { id("p", n) } else { id(tag, n) }
    }

    fn pick<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len() as u64) as usize]
    }
}

/// When facts happen, and when they reach the lake.
#[derive(Clone, Copy, PartialEq)]
enum Era {
    /// Before `cut`, known before it.
    Past,
    /// At or after `cut`, or ingested then.
    Future,
}

/// A day and time of `era`, and the time of ingestion, in days.
struct Clock {
    era: Era,
    /// The first midnight that belongs to the future, in days since 1970.
    cut: f64,
}

impl Clock {
    fn time(&self, draw: &mut Draw) -> (Timestamp, Option<Timestamp>) {
        let past = self.cut - 40.0 * draw.uniform() * draw.uniform() - 0.001;
        let (happened, ingested) = match self.era {
            Era::Past if draw.chance(0.2) => (past, Some(past + (self.cut - past) * 0.9 * draw.uniform())),
            Era::Past => (past, None),
            Era::Future if draw.chance(0.4) => (past, Some(self.cut + draw.pick(&[0.0, 0.3, 5.0]))),
            Era::Future => (self.cut + draw.pick(&[0.0, 0.2, 3.0, 30.0]), None),
        };
        (Timestamp(day_us(happened)), ingested.map(|at| Timestamp(day_us(at))))
    }

    fn tag(&self) -> &'static str {
        match self.era {
            Era::Past => "p",
            Era::Future => "f",
        }
    }
}

fn id(prefix: &str, n: u64) -> Id {
    format!("{prefix}{n}").as_str().into()
}

/// Items that exist in the past; 12 to 15 may only turn up in the future.
const ITEMS: u64 = 12;

fn content_rows(clock: &Clock, draw: &mut Draw, rows: &mut Vec<TableRow>) {
    let n = if clock.era == Era::Past { ITEMS + 8 } else { 10 };
    for i in 0..n {
        let item = match clock.era {
            Era::Past if i < ITEMS => i,
            Era::Past => draw.below(ITEMS),
            Era::Future => draw.below(ITEMS + 4),
        };
        let (at, ingested_at) = clock.time(draw);
        let kinds = [ContentType::Listing, ContentType::Review, ContentType::Comment, ContentType::Video];
        // What an item is and whose does not change between its versions.
        let mut fixed = Draw(item);
        let published = day_us(55.0 + fixed.below(5) as f64);
        let price = draw.some(0.9, |d| 5.0 + d.below(100) as f64);
        rows.push(TableRow::Content(Box::new(ContentRow {
            valid_from: Some(at.max(Timestamp(published))),
            content_type: fixed.pick(&kinds),
            // Rarely, an edit moves an item to another market: its midnights stay those of the version known first.
            market: if draw.chance(0.9) { fixed.pick(&MARKETS) } else { draw.pick(&MARKETS) }.parse().unwrap(),
            published_at: Timestamp(published),
            seller_id: Some(id("s", fixed.below(4))).filter(|_| draw.chance(0.8)),
            creator_id: Some(id("c", fixed.below(3))).filter(|_| draw.chance(0.8)),
            category: draw.some(0.9, |d| d.pick(&["phones/cases", "phones/parts", "bags"]).into()),
            title: draw.some(0.9, |d| d.pick(&TEXTS).to_owned()),
            body: draw.some(0.7, |d| d.pick(&TEXTS).to_owned()),
            price,
            list_price: price.filter(|_| draw.chance(0.6)).map(|p| p * 1.5),
            currency: Some("SGD".into()),
            rating: draw.some(0.8, |d| d.below(6) as f32),
            image_count: draw.some(0.8, |d| d.below(6)),
            media_hash: draw.some(0.6, |d| id("m", d.below(4))),
            embedding: draw.some(0.5, |d| (0..4).map(|_| d.uniform() as f32).collect()),
            ingested_at,
            ..content(&id("i", item), published)
        })));
    }
}

fn seller_rows(clock: &Clock, draw: &mut Draw, rows: &mut Vec<TableRow>) {
    for seller in 0..4 {
        let (at, ingested_at) = clock.time(draw);
        rows.push(TableRow::Sellers(SellerRow {
            seller_id: id("s", seller),
            valid_from: Some(at),
            registered_at: Some(Timestamp(day_us(20.0 + draw.below(30) as f64))),
            market: None,
            tier: draw.some(0.8, |d| d.pick(&["mall", "new"]).into()),
            kyc_verified: draw.some(0.8, |d| d.chance(0.5)),
            followers: draw.some(0.8, |d| d.below(1000)),
            rating: draw.some(0.8, |d| d.below(6) as f32),
            rating_count: draw.some(0.8, |d| d.below(1000)),
            late_dispatch_rate: draw.some(0.8, |d| d.uniform() as f32),
            cancel_rate: draw.some(0.8, |d| d.uniform() as f32),
            ingested_at,
        }));
    }
}

fn engagement_rows(clock: &Clock, draw: &mut Draw, rows: &mut Vec<TableRow>) {
    let mut days: BTreeMap<(u64, i32), Option<Timestamp>> = BTreeMap::new();
    for _ in 0..60 {
        let last = clock.cut.floor() as i32;
        let late = clock.era == Era::Future && draw.chance(0.4);
        // A late row may restate a day that was known.
        let day = match clock.era {
            Era::Past => last - 1 - draw.below(40) as i32,
            Era::Future if late => last - 1 - draw.below(40) as i32,
            Era::Future => last + 1 + draw.below(9) as i32,
        };
        let ingested_at = late.then(|| Timestamp(day_us(clock.cut + draw.pick(&[0.0, 0.5, 8.0]))));
        days.insert((draw.below(ITEMS), day), ingested_at);
    }
    for ((item, day), ingested_at) in days {
        rows.push(TableRow::Engagement(EngagementRow {
            content_id: id("i", item),
            day: Day(day),
            impressions: draw.some(0.9, |d| d.below(3000)),
            views: draw.some(0.9, |d| d.below(1000)),
            likes: draw.some(0.9, |d| d.below(100)),
            comments: draw.some(0.9, |d| d.below(20)),
            shares: draw.some(0.9, |d| d.below(20)),
            clicks: draw.some(0.9, |d| d.below(100)),
            orders: draw.some(0.9, |d| d.below(20)),
            refunds: draw.some(0.9, |d| d.below(5)),
            reports: draw.some(0.9, |d| d.below(5)),
            hides: draw.some(0.9, |d| d.below(5)),
            watch_s: draw.some(0.9, |d| 100.0 * d.uniform()),
            gmv: draw.some(0.9, |d| 100.0 * d.uniform()),
            ingested_at,
        }));
    }
}

fn event_rows(clock: &Clock, draw: &mut Draw, rows: &mut Vec<TableRow>) {
    let tag = clock.tag();
    for n in 0..24 {
        let (at, ingested_at) = clock.time(draw);
        let item = id("i", draw.below(ITEMS));
        let seller = id("s", draw.below(4));
        rows.push(TableRow::Decisions(DecisionRow {
            decision_id: draw.event(tag, n),
            content_id: item.clone(),
            label: draw.pick(&["scam", "counterfeit", "*"]).into(),
            verdict: draw.pick(&[Verdict::Violating, Verdict::Compliant]),
            decided_at: at,
            reviewer_id: None,
            decided_by: draw.some(0.8, |d| d.pick(&[DecidedBy::Human, DecidedBy::Automatic])),
            selected_by: None,
            inclusion_probability: None,
            // A future decision may overturn a past one.
            overturns: draw.some(0.3, |d| id("p", d.below(24))),
            golden_verdict: None,
            minutes: None,
            ingested_at,
        }));
        let (at, ingested_at) = clock.time(draw);
        let whole_seller = draw.chance(0.3);
        rows.push(TableRow::Actions(ActionRow {
            action_id: draw.event(tag, n),
            content_id: (!whole_seller).then(|| item.clone()),
            seller_id: whole_seller.then_some(seller.clone()),
            treatment: draw.pick(&[Treatment::Hold, Treatment::Downrank, Treatment::Allow, Treatment::Review]),
            policy_id: None,
            started_at: at,
            ended_at: None,
            reversed_by: None,
            ingested_at,
        }));
        let (reported_at, ingested_at) = clock.time(draw);
        rows.push(TableRow::Reports(ReportRow {
            report_id: draw.event(tag, n),
            content_id: item.clone(),
            reporter_id: draw.some(0.8, |d| id("r", d.below(5))),
            reported_at,
            reason: draw.some(0.7, |d| d.pick(&["fake", "spam"]).into()),
            ingested_at,
        }));
        let (occurred_at, ingested_at) = clock.time(draw);
        rows.push(TableRow::AfterSales(AfterSalesRow {
            event_id: draw.event(tag, n),
            content_id: (!whole_seller).then_some(item),
            seller_id: whole_seller.then_some(seller),
            occurred_at,
            kind: draw.pick(&[
                AfterSalesKind::Refund,
                AfterSalesKind::Return,
                AfterSalesKind::NotAsDescribed,
                AfterSalesKind::LowRating,
            ]),
            reason: None,
            ingested_at,
        }));
    }
}

/// The rows of an era that ends or begins at `cut`.
fn rows_of(era: Era, cut: f64, seed: u64) -> Vec<TableRow> {
    let clock = Clock { era, cut };
    let mut draw = Draw(seed);
    let mut rows = Vec::new();
    content_rows(&clock, &mut draw, &mut rows);
    seller_rows(&clock, &mut draw, &mut rows);
    engagement_rows(&clock, &mut draw, &mut rows);
    event_rows(&clock, &mut draw, &mut rows);
    rows
}

/// The matrix of the nightly spine: item, midnight, and the bits of every feature.
type Matrix = BTreeMap<Id, (AsOf, Vec<u32>)>;

/// The matrix of `rows` as read in order into `shards` shards by `threads` threads.
fn matrix(rows: &[TableRow], zones: &Zones, shards: usize, threads: usize) -> Matrix {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let scratch = tempfile::tempdir().unwrap();
        let mut intake = Intake::new(scratch.path(), shards).unwrap();
        for (n, row) in rows.iter().enumerate() {
            intake.row(row.clone(), RowOrigin { source: 0, file: 0, row: n as u64 + 1 }).unwrap();
        }
        let files = vec!["rows".to_owned()];
        let spilled = intake.finish(std::iter::empty(), &files).unwrap();
        let engine = engine();
        let mut globals = GlobalsBuilder::new(&engine.windows);
        let mut cross = CrossSellerBuilder::new(scratch.path(), &engine.config.features).unwrap();
        let load = |index| Shard::load(&spilled, index, zones, &files).unwrap().0;
        for index in 0..shards {
            globals.add(&load(index), zones);
            cross.add(&load(index), zones).unwrap();
        }
        let (globals, cross) = (globals.finish(), cross.finish().unwrap());
        let mut matrix = Matrix::new();
        for index in 0..shards {
            let shard = load(index);
            let presence = Presence::new(TableName::ALL.to_vec(), true);
            let builder = engine.builder(&shard, &globals, &cross, &presence, zones);
            for item in builder.build(&nightly_spine(&shard, Day(DAY), 365, zones)).unwrap() {
                let bits = item.features.iter().map(|v| v.to_bits()).collect();
                matrix.insert(item.content_id, (item.as_of, bits));
            }
        }
        matrix
    })
}

/// The features that differ, by name, for a message.
fn differences(a: &Matrix, b: &Matrix) -> Vec<String> {
    let features = engine().features;
    let mut found = Vec::new();
    for (item, (_, bits)) in a {
        match b.get(item) {
            None => found.push(format!("{item} is gone")),
            Some((_, other)) => {
                let differing = features.names().iter().zip(bits.iter().zip(other)).filter(|(_, (x, y))| x != y);
                found.extend(
                    differing.map(|(name, (x, y))| format!("{item} {name}: {} {}", f32::from_bits(*x), f32::from_bits(*y))),
                );
            }
        }
    }
    found.extend(b.keys().filter(|item| !a.contains_key(*item)).map(|item| format!("{item} is new")));
    found
}

fn east() -> Zones {
    Zones::new("UTC", &BTreeMap::from([("SG".parse().unwrap(), "Asia/Singapore".to_owned())])).unwrap()
}

/// The midnight of `DAY` in SG, in days since 1970.
fn eastern_midnight() -> f64 {
    let as_of: AsOf = east().as_of("SG".parse().unwrap(), Day(DAY));
    as_of.instant.0 as f64 / 86_400e6
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Adds, removes and edits rows of every table that were not known at the midnight.
    #[test]
    fn the_future_changes_no_bit(seed in any::<u64>(), future in any::<u64>(), other in any::<u64>()) {
        let past = rows_of(Era::Past, f64::from(DAY), seed);
        let with = |future: u64| [past.clone(), rows_of(Era::Future, f64::from(DAY), future)].concat();
        // The future read first, table by table: of rows that have one key the one known first stands, not the one read first.
        let before = |future: u64| {
            let mut rows = [rows_of(Era::Future, f64::from(DAY), future), past.clone()].concat();
            rows.sort_by_key(TableRow::table);
            rows
        };
        let utc = Zones::utc();
        let alone = matrix(&past, &utc, 1, 1);
        prop_assert!(alone.len() >= 10, "{}", alone.len());
        prop_assert_eq!(differences(&alone, &matrix(&with(future), &utc, 2, 2)), Vec::<String>::new());
        prop_assert_eq!(differences(&matrix(&with(other), &utc, 1, 2), &matrix(&with(future), &utc, 3, 1)), Vec::<String>::new());
        prop_assert_eq!(differences(&alone, &matrix(&before(other), &utc, 2, 1)), Vec::<String>::new());
    }

    /// The same for a market whose midnight comes eight hours before the others'.
    #[test]
    fn no_market_reads_what_another_knows_only_later(seed in any::<u64>(), future in any::<u64>()) {
        let cut = eastern_midnight();
        let past = rows_of(Era::Past, cut, seed);
        let both = [past.clone(), rows_of(Era::Future, cut, future)].concat();
        let of_sg = |rows: &[TableRow]| {
            let mut matrix = matrix(rows, &east(), 2, 2);
            // Those whose own midnight it is; an item keeps the midnights of its first market.
            let midnight = east().as_of("SG".parse().unwrap(), Day(DAY));
            matrix.retain(|_, (as_of, _)| *as_of == midnight);
            matrix
        };
        prop_assert_eq!(differences(&of_sg(&past), &of_sg(&both)), Vec::<String>::new());
    }

    /// No skew: the shards, the threads and the order of the rows are nothing to a row.
    #[test]
    fn a_row_is_the_same_anywhere(seed in any::<u64>()) {
        let rows = rows_of(Era::Past, f64::from(DAY), seed);
        let utc = Zones::utc();
        let one = matrix(&rows, &utc, 1, 1);
        prop_assert_eq!(differences(&one, &matrix(&rows, &utc, 7, 3)), Vec::<String>::new());
        let mut shuffled: Vec<TableRow> = rows.clone();
        // The order within a table is its own: keys that repeat keep their first row.
        shuffled.sort_by_key(|row| std::cmp::Reverse(row.table()));
        shuffled.sort_by_key(|row| row.table() != TableName::Content);
        prop_assert_eq!(differences(&one, &matrix(&shuffled, &utc, 3, 2)), Vec::<String>::new());
    }
}

/// What was known does change the matrix, whichever table it stands in.
#[test]
fn the_past_of_every_table_counts() {
    let rows = rows_of(Era::Past, f64::from(DAY), 7);
    let utc = Zones::utc();
    let all = matrix(&rows, &utc, 2, 2);
    for table in TableName::ALL {
        let without =
            |at: usize| rows.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, row)| row.clone()).collect::<Vec<_>>();
        let mut of_table = (0..rows.len()).rev().filter(|at| rows[*at].table() == table);
        assert!(
            of_table.any(|at| !differences(&all, &matrix(&without(at), &utc, 2, 2)).is_empty()),
            "no row of `{table}` counts"
        );
    }
}
