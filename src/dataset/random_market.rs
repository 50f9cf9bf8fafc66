//! Random marketplaces for properties of the whole matrix, and the matrix.
//!
//! A marketplace is drawn from a seed: a past that was known at a midnight, and a future that was not, because it is dated at or after
//! the midnight or reached the lake then. Texts, contacts, pictures, creators and reporters repeat across sellers, so every link is
//! there to be seen.

use std::collections::BTreeMap;

use super::fixtures::{Engine, content, day_us};
use super::{CrossSellerBuilder, GlobalsBuilder, Intake, Presence, Shard, SpineRow, nightly_spine};
use crate::config::TableName;
use crate::tables::{
    ActionRow, AfterSalesRow, ContentRow, DecisionRow, EngagementRow, ReportRow, RowOrigin, RowSink, SellerRow, TableRow,
};
use crate::units::{AfterSalesKind, AsOf, ContentType, Day, DecidedBy, Id, SplitMix, Timestamp, Treatment, Verdict, Zones};

/// The midnight that is looked at.
pub(super) const DAY: i32 = 100;
const MARKETS: [&str; 2] = ["SG", "ID"];
const TEXTS: [&str; 6] = [
    "leather phone case with strap, original box, call 0812 3456 7890",
    "leather phone case with a strap, original box, call 0812 3456 7890 now",
    "best slot gacor maxwin daftar sekarang wa.me/6281234567890",
    "good quality, colour as in the picture, will buy again from this shop",
    "ผ้านุ่มใส่สบายมากค่ะ สีตรงปก ส่งไว ไลน์ไอดี shop99",
    "ok",
];

/// Numbers drawn from a seed.
pub(super) struct Draw(SplitMix);

impl Draw {
    pub(super) fn new(seed: u64) -> Self {
        Self(SplitMix(seed))
    }

    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.0.next_u64() % n
    }

    fn uniform(&mut self) -> f64 {
        self.0.uniform()
    }

    pub(super) fn chance(&mut self, p: f64) -> bool {
        self.uniform() < p
    }

    fn some<T>(&mut self, p: f64, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.chance(p).then(|| value(self))
    }

    /// An identifier of an event: some of the future restate one of the past.
    fn event(&mut self, tag: &str, n: u64) -> Id {
        if self.chance(0.2) { id("p", n) } else { id(tag, n) }
    }

    /// The item of a row of engagement. Every seventh day has rows of newcomers alone: they decide whether it has arrived in a market.
    fn reported_item(&mut self, clock: &Clock, day: i32) -> u64 {
        let items = clock.size.items;
        if day % 7 == 0 { items + self.below(NEWCOMERS) } else { self.below(items + NEWCOMERS) }
    }

    fn pick<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len() as u64) as usize]
    }
}

/// When facts happen, and when they reach the lake.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Era {
    /// Before `cut`, known before it.
    Past,
    /// At or after `cut`, or ingested then.
    Future,
}

/// A day and time of `era`, and the time of ingestion, in days.
pub(super) struct Clock {
    era: Era,
    /// The first midnight that belongs to the future, in days since 1970.
    cut: f64,
    size: Size,
}

/// Items that only the future may bring. Rows of the past name them too, and say nothing until then.
const NEWCOMERS: u64 = 4;

/// How large a marketplace is.
#[derive(Clone, Copy)]
pub(super) struct Size {
    /// Items that exist in the past; `NEWCOMERS` more may only turn up in the future.
    items: u64,
    /// Their versions.
    versions: u64,
    sellers: u64,
    /// Share of versions that name another seller than the item's, which are refused.
    astray: f64,
}

/// Enough for every link to be there.
const SMALL: Size = Size { items: 12, versions: 20, sellers: 4, astray: 0.05 };

/// The same without versions that are refused.
pub(super) const SPARSE: Size = Size { astray: 0.0, ..SMALL };

/// Enough for nearly every feature to have a value.
pub(super) const RICH: Size = Size { items: 36, versions: 150, sellers: 3, astray: 0.0 };

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

fn content_rows(clock: &Clock, draw: &mut Draw, rows: &mut Vec<TableRow>) {
    let Size { items, versions, sellers, astray } = clock.size;
    let n = if clock.era == Era::Past { versions } else { 10 };
    for i in 0..n {
        let item = match clock.era {
            Era::Past if i < items => i,
            Era::Past => draw.below(items),
            Era::Future => draw.below(items + NEWCOMERS),
        };
        let (at, ingested_at) = clock.time(draw);
        let kinds = [ContentType::Listing, ContentType::Review, ContentType::Comment, ContentType::Video];
        // What an item is and whose does not change between its versions.
        let mut fixed = Draw::new(item);
        let published = day_us(55.0 + fixed.below(5) as f64);
        let (home, owner) = (fixed.pick(&MARKETS), fixed.below(sellers));
        let seller = if draw.chance(astray) { draw.below(sellers) } else { owner };
        let price = draw.some(0.9, |d| 5.0 + d.below(100) as f64);
        rows.push(TableRow::Content(Box::new(ContentRow {
            valid_from: Some(at.max(Timestamp(published))),
            content_type: fixed.pick(&kinds),
            // Rarely, an edit moves an item to another market: its midnights stay those of the version known first.
            market: if draw.chance(0.9) { home } else { draw.pick(&MARKETS) }.parse().unwrap(),
            published_at: Timestamp(published),
            seller_id: Some(id("s", seller)).filter(|_| draw.chance(0.8)),
            creator_id: Some(id("c", fixed.below(3))).filter(|_| draw.chance(0.8)),
            category: draw.some(0.9, |d| d.pick(&["phones/cases", "phones/parts", "bags"]).into()),
            title: draw.some(0.9, |d| d.pick(&TEXTS).to_owned()),
            body: draw.some(0.7, |d| d.pick(&TEXTS).to_owned()),
            price,
            list_price: price.filter(|_| draw.chance(0.6)).map(|p| p * 1.5),
            currency: draw.some(0.9, |d| d.pick(&["SGD", "SGD", "IDR"]).into()),
            rating: draw.some(0.8, |d| d.below(6) as f32),
            image_count: draw.some(0.8, |d| d.below(6)),
            language: draw.some(0.7, |d| d.pick(&["en", "id", "th"]).into()),
            duration_s: draw.some(0.7, |d| 300.0 * d.uniform()),
            media_hash: draw.some(0.6, |d| id("m", d.below(4))),
            embedding: draw.some(0.5, |d| (0..4).map(|_| d.uniform() as f32).collect()),
            ingested_at,
            ..content(&id("i", item), published)
        })));
    }
}

fn seller_rows(clock: &Clock, draw: &mut Draw, rows: &mut Vec<TableRow>) {
    for seller in 0..clock.size.sellers {
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
    for _ in 0..5 * clock.size.items {
        let last = clock.cut.floor() as i32;
        let late = clock.era == Era::Future && draw.chance(0.4);
        // A late row may restate a day that was known.
        let day = match clock.era {
            Era::Past => last - 1 - draw.below(40) as i32,
            Era::Future if late => last - 1 - draw.below(40) as i32,
            Era::Future => last + 1 + draw.below(9) as i32,
        };
        let ingested_at = late.then(|| Timestamp(day_us(clock.cut + draw.pick(&[0.0, 0.5, 8.0]))));
        days.insert((draw.reported_item(clock, day), day), ingested_at);
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
    let Size { items, sellers, .. } = clock.size;
    let mut decided: Vec<(Id, Id)> = Vec::new();
    for n in 0..2 * items {
        let (at, ingested_at) = clock.time(draw);
        let item = id("i", draw.below(items + NEWCOMERS));
        let seller = id("s", draw.below(sellers));
        // A decision may overturn one on another item, which does not count, and a future one one of the past.
        let overturned = draw.some(0.2, |d| id("p", d.below(2 * items))).map(|decision| (decision, item.clone()));
        let appealed = draw.some(0.2, |d| (!decided.is_empty()).then(|| decided[d.below(decided.len() as u64) as usize].clone()));
        let overturned = overturned.or(appealed.flatten());
        let decision_id = draw.event(tag, n);
        let of = overturned.as_ref().map_or(item.clone(), |(_, item)| item.clone());
        decided.push((decision_id.clone(), of.clone()));
        rows.push(TableRow::Decisions(DecisionRow {
            decision_id,
            content_id: of,
            label: draw.pick(&["scam", "counterfeit", "*"]).into(),
            verdict: draw.pick(&[Verdict::Violating, Verdict::Compliant]),
            decided_at: at,
            reviewer_id: None,
            decided_by: draw.some(0.8, |d| d.pick(&[DecidedBy::Human, DecidedBy::Automatic])),
            selected_by: None,
            inclusion_probability: None,
            overturns: overturned.map(|(decision, _)| decision),
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
            reason: draw.some(0.7, |d| d.pick(&["broken", "fake"]).into()),
            ingested_at,
        }));
    }
}

/// The rows of an era that ends or begins at `cut`, of a small marketplace.
pub(super) fn rows_of(era: Era, cut: f64, seed: u64) -> Vec<TableRow> {
    rows_of_size(era, cut, seed, SMALL)
}

/// The same of one of any size.
pub(super) fn rows_of_size(era: Era, cut: f64, seed: u64, size: Size) -> Vec<TableRow> {
    let clock = Clock { era, cut, size };
    let mut draw = Draw::new(seed);
    let mut rows = Vec::new();
    content_rows(&clock, &mut draw, &mut rows);
    seller_rows(&clock, &mut draw, &mut rows);
    engagement_rows(&clock, &mut draw, &mut rows);
    event_rows(&clock, &mut draw, &mut rows);
    rows
}

/// A matrix: by item and midnight, the bits of every feature.
pub(super) type Matrix = BTreeMap<(Id, AsOf), Vec<u32>>;

/// How a marketplace is read and computed.
pub(super) struct Reading<'a> {
    pub(super) engine: &'a Engine,
    /// Which tables have a source.
    pub(super) presence: Presence,
    pub(super) zones: &'a Zones,
    pub(super) shards: usize,
    pub(super) threads: usize,
}

impl<'a> Reading<'a> {
    /// All tables, versions among them, into one shard by one thread.
    pub(super) fn whole(engine: &'a Engine, zones: &'a Zones) -> Self {
        Self { engine, presence: Presence::new(TableName::ALL.to_vec(), true), zones, shards: 1, threads: 1 }
    }

    /// The matrix of the nightly spine of `DAY` over `rows` as read in order.
    pub(super) fn matrix(&self, rows: &[TableRow]) -> Matrix {
        self.matrix_of(rows, |shard| vec![nightly_spine(shard, Day(DAY), 365, self.zones)])
    }

    /// The matrix of the spines that `spines` takes from each shard, each computed in one call.
    pub(super) fn matrix_of(&self, rows: &[TableRow], spines: impl Fn(&Shard) -> Vec<Vec<SpineRow>> + Sync) -> Matrix {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.threads).build().unwrap();
        pool.install(|| {
            let scratch = tempfile::tempdir().unwrap();
            let mut intake = Intake::new(scratch.path(), self.shards).unwrap();
            for (n, row) in rows.iter().enumerate() {
                intake.row(row.clone(), RowOrigin { source: 0, file: 0, row: n as u64 + 1 }).unwrap();
            }
            let files = vec!["rows".to_owned()];
            let spilled = intake.finish(std::iter::empty(), &files).unwrap();
            let engine = self.engine;
            let mut globals = GlobalsBuilder::new(&engine.windows);
            let mut cross = CrossSellerBuilder::new(scratch.path(), &engine.config.features).unwrap();
            let load = |index| Shard::load(&spilled, index, self.zones, &files).unwrap().0;
            for index in 0..self.shards {
                globals.add(&load(index), self.zones);
                cross.add(&load(index), self.zones).unwrap();
            }
            let (globals, cross) = (globals.finish(), cross.finish().unwrap());
            let mut matrix = Matrix::new();
            for index in 0..self.shards {
                let shard = load(index);
                let builder = engine.builder(&shard, &globals, &cross, &self.presence, self.zones);
                for spine in spines(&shard) {
                    for item in builder.build(&spine).unwrap() {
                        let bits = item.features.iter().map(|v| v.to_bits()).collect();
                        matrix.insert((item.content_id, item.as_of), bits);
                    }
                }
            }
            matrix
        })
    }
}

/// The features of `engine` that differ, by name, for a message.
pub(super) fn differences(engine: &Engine, a: &Matrix, b: &Matrix) -> Vec<String> {
    let mut found = Vec::new();
    for (key, bits) in a {
        let (item, midnight) = (&key.0, key.1.day.0);
        match b.get(key) {
            None => found.push(format!("{item} of {midnight} is gone")),
            Some(other) => {
                let differing = engine.features.names().iter().zip(bits.iter().zip(other)).filter(|(_, (x, y))| x != y);
                found.extend(differing.map(|(name, (x, y))| {
                    format!("{item} of {midnight}, {name}: {} {}", f32::from_bits(*x), f32::from_bits(*y))
                }));
            }
        }
    }
    found.extend(
        b.keys().filter(|key| !a.contains_key(*key)).map(|(item, midnight)| format!("{item} of {} is new", midnight.day.0)),
    );
    found
}
