//! A small marketplace of three markets, night after night, and what can go wrong with it.
//!
//! Its rows are drawn item by item, so that a fault changes the rows that it is about and no other. All days are written at once: a night
//! knows nothing of the days after it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;
use stallmark::publish::{ColumnData, read_columns, read_published};
use stallmark::units::{Day, SplitMix, finalise};

use super::project::{Ran, TestProject};

/// 2026-01-01, the first day of the marketplace.
const FIRST: i32 = 20_454;
/// Days after it: up to which the model learns, and of the night that goes wrong.
pub(crate) const TRAINED: i32 = 34;
pub(crate) const FAULTY: i32 = TRAINED + 1 + BEFORE;
/// Quiet nights before: a firing rate is judged by 24 of them.
pub(crate) const BEFORE: i32 = 24;

const MARKETS: [(&str, &str, &str); 3] = [("SG", "SGD", "en"), ("TH", "THB", "th"), ("VN", "VND", "vi")];
const CATEGORIES: [&str; 4] = ["phones", "shoes", "kitchen", "toys"];
/// Listings of a market on a weekday, on average 28; a quarter more at weekends.
const TRIED: usize = 40;

/// Words of a market's ordinary titles.
fn words(market: &str) -> [&'static str; 8] {
    match market {
        "SG" => ["light", "strong", "new season", "box of six", "blue", "with warranty", "genuine", "cotton"],
        "TH" => ["ของแท้", "พร้อมส่ง", "สีน้ำเงิน", "รุ่นใหม่", "ราคาโรงงาน", "มีประกัน", "ผ้าฝ้าย", "กล่องละหก"],
        _ => ["hàng mới", "màu xanh", "bảo hành", "chính hãng", "hộp sáu", "vải bông", "giá xưởng", "siêu nhẹ"],
    }
}

/// What the spam that the model knows says.
fn known_spam(market: &str) -> &'static str {
    match market {
        "SG" => "message us outside the app for cheap promo",
        "TH" => "แอดไลน์นอกแอปรับส่วนลด",
        _ => "nhắn ngoài ứng dụng để giảm giá",
    }
}

/// One listing with all that happens to it.
#[derive(Debug, Clone)]
pub(crate) struct Listing {
    pub(crate) id: String,
    pub(crate) market: usize,
    pub(crate) day: i32,
    pub(crate) seller: String,
    pub(crate) category: &'static str,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) price: Option<f64>,
    pub(crate) is_spam: bool,
    /// Views on its first day; they halve every two days.
    pub(crate) views: f64,
    /// Reports on the day after.
    pub(crate) reports: u32,
    /// Drawn into review with equal probability.
    pub(crate) is_drawn: bool,
}

/// All rows of the marketplace.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) listings: Vec<Listing>,
    /// Price below which the policy `cheap` fires.
    pub(crate) cheap_below: f64,
}

const DRAWN: f64 = 0.3;

impl World {
    /// A quiet marketplace of the days before `FIRST + until`.
    pub(crate) fn quiet(seed: u64, until: i32) -> Self {
        let mut listings = Vec::new();
        for day in 0..until {
            for market in 0..MARKETS.len() {
                for place in 0..TRIED {
                    let number = (u64::from(day.unsigned_abs()) * 8 + market as u64) * 64 + place as u64;
                    listings.extend(listing(seed, number, (day, market)));
                }
            }
        }
        Self { listings, cheap_below: 3.0 }
    }

    /// Eight sellers of one market paste a new phrase and a new handle from `day` on, three items a day each, and buyers complain.
    pub(crate) fn with_campaign(mut self, from: i32, until: i32) -> Self {
        let openings = ["hot", "today only", "last pieces", "for members", "limited", "official", "flash", "weekend"];
        for day in from..until {
            for (seller, opening) in openings.iter().enumerate() {
                for item in 0..3 {
                    let mut random = SplitMix(finalise((day as u64) << 16 | (seller as u64) << 4 | item));
                    self.listings.push(Listing {
                        id: format!("campaign-{day}-{seller}-{item}"),
                        market: 0,
                        day,
                        seller: format!("fresh{seller}"),
                        category: CATEGORIES[random.below(4)],
                        title: format!("{opening} crystal airdrop voucher {}", words("SG")[random.below(8)]),
                        body: format!(
                            "claim the crystal airdrop voucher, write to telegram @airdropdesk77 {}",
                            10 + random.below(90)
                        ),
                        price: Some(5.0 + 45.0 * random.uniform()),
                        // Nobody hides it more than other listings, which is what the model knows spam by: it is reported alone.
                        is_spam: false,
                        views: 60.0 + 60.0 * random.uniform(),
                        reports: 1 + random.below(3) as u32,
                        is_drawn: false,
                    });
                }
            }
        }
        self
    }

    /// The marketplace with every listing changed, or left out.
    pub(crate) fn map(mut self, change: impl FnMut(Listing) -> Option<Listing>) -> Self {
        self.listings = self.listings.into_iter().filter_map(change).collect();
        self
    }

    /// Writes the tables and the policy into `project`.
    pub(crate) fn write(&self, project: &TestProject) {
        let mut content =
            "content_id,content_type,market,published_at,seller_id,language,category,title,body,price,currency\n".to_owned();
        let mut engagement = "content_id,day,impressions,views,clicks,orders,refunds,hides\n".to_owned();
        let mut decisions =
            "decision_id,content_id,label,verdict,decided_at,reviewer_id,selected_by,inclusion_probability,minutes\n".to_owned();
        let mut reports = "report_id,content_id,reporter_id,reported_at,reason\n".to_owned();
        let mut sellers: BTreeSet<(&str, i32)> = BTreeSet::new();
        for one in &self.listings {
            let Listing { id, seller, category, title, body, .. } = one;
            let (market, currency, language) = MARKETS[one.market];
            let price = one.price.map_or(String::new(), |price| format!("{price:.2}"));
            let day = date(one.day);
            let _ = writeln!(
                content,
                "{id},listing,{market},{day}T06:00:00Z,{seller},{language},{category},\"{title}\",\"{body}\",{price},{currency}"
            );
            for age in 0..8 {
                let views = (one.views * 0.5_f64.powf(f64::from(age) / 2.0)).round();
                let (day, bad) = (date(one.day + age), if one.is_spam { 0.05 } else { 0.004 });
                let (clicks, orders) = ((views * 0.2).round(), (views * 0.05).round());
                let _ = writeln!(
                    engagement,
                    "{id},{day},{},{views},{clicks},{orders},{},{}",
                    views * 8.0,
                    (orders * bad).round(),
                    (views * bad).round()
                );
            }
            let (next, verdict) = (date(one.day + 1), if one.is_spam { "violating" } else { "compliant" });
            if one.is_drawn {
                let _ = writeln!(decisions, "d-{id},{id},spam,{verdict},{next}T09:00:00Z,anna,random,{DRAWN},2.0");
            }
            for number in 0..one.reports {
                let _ = writeln!(
                    reports,
                    "r-{id}-{number},{id},p{},{next}T10:00:00Z,scam",
                    finalise(one.day as u64 ^ u64::from(number)) % 997
                );
            }
            sellers.insert((seller, if seller.starts_with("fresh") { FAULTY - 6 } else { -300 }));
        }
        let mut seller_rows = "seller_id,registered_at,tier\n".to_owned();
        for (seller, registered) in sellers {
            let _ = writeln!(
                seller_rows,
                "{seller},{}T00:00:00Z,{}",
                date(registered),
                if registered < 0 { "normal" } else { "new" }
            );
        }
        for (name, rows) in [
            ("content", content),
            ("engagement", engagement),
            ("decisions", decisions),
            ("reports", reports),
            ("sellers", seller_rows),
        ] {
            project.write(&format!("{name}.csv"), rows.as_bytes());
        }
        let policy = format!(
            "id = \"cheap\"\nowner = \"owner@example.org\"\nreason = \"tried in a test\"\nlabels = [\"spam\"]\nmode = \"live\"\nwhen = \"price < {:.1}\"\ntreatment = \"downrank\"\nmultiplier = 0.5\n[cap]\nitems = 1000000\n",
            self.cheap_below
        );
        project.write("policies/cheap.toml", policy.as_bytes());
    }
}

/// The listing with this number, where there is one.
fn listing(seed: u64, number: u64, (day, market): (i32, usize)) -> Option<Listing> {
    let mut random = SplitMix(finalise(seed.wrapping_mul(0x1_0000_0001) ^ number));
    // 2026-01-01 was a Thursday.
    let is_weekend = matches!(day.rem_euclid(7), 2 | 3);
    if random.uniform() > if is_weekend { 0.875 } else { 0.7 } {
        return None;
    }
    let (code, _, _) = MARKETS[market];
    let is_spam = random.uniform() < 0.2;
    let (first, second) = (random.below(8), random.below(8));
    let says_it = random.uniform() < if is_spam { 0.9 } else { 0.03 };
    let body = if says_it { known_spam(code) } else { "as described, sent within a day" };
    let price = if random.uniform() < 0.02 { 1.0 + 1.9 * random.uniform() } else { 5.0 + 45.0 * random.uniform() };
    Some(Listing {
        id: format!("l{number}"),
        market,
        day,
        seller: format!("{code}{}", random.below(60)),
        category: CATEGORIES[random.below(4)],
        title: format!("{} {} {}", words(code)[first], words(code)[second], random.below(1000)),
        body: format!("{body} {}", random.below(1000)),
        price: Some(price),
        is_spam,
        views: 40.0 + 120.0 * random.uniform(),
        reports: u32::from(random.uniform() < if is_spam { 0.3 } else { 0.03 }),
        is_drawn: random.uniform() < DRAWN,
    })
}

/// A day of the marketplace as a date.
pub(crate) fn date(day: i32) -> String {
    Day(FIRST + day).to_string()
}

/// A project that reads what [`World::write`] writes.
pub(crate) fn empty() -> TestProject {
    let mut toml = r#"
[project]
name = "market"
labels = ["spam"]

[train]
min_positives = 10
min_negatives = 10

[train.trees]
rounds = 20

[train.leak]
max_auc = 1.0

[promote]
max_churn = 1.0

[policies]
path = "policies"

[labels.spam]
kind = "abuse"
severity = 2
definition = "The listing leads buyers out of the app."
content_types = ["listing"]
"#
    .to_owned();
    for (table, columns) in [
        ("content", "content_id content_type market published_at seller_id language category title body price currency"),
        ("engagement", "content_id day impressions views clicks orders refunds hides"),
        ("decisions", "decision_id content_id label verdict decided_at reviewer_id selected_by inclusion_probability minutes"),
        ("reports", "report_id content_id reporter_id reported_at reason"),
        ("sellers", "seller_id registered_at tier"),
    ] {
        let map = columns.split(' ').map(|c| format!("{c} = \"{c}\"")).collect::<Vec<_>>().join(", ");
        let _ = write!(
            toml,
            "\n[sources.{table}]\npath = \"{table}.csv\"\n[[sources.{table}.feeds]]\ntable = \"{table}\"\ncolumns = {{ {map} }}\n"
        );
    }
    TestProject::new(&toml)
}

/// A project with a champion that learned from `world`, and its nights from the first one after up to the one before `last`.
pub(crate) fn with_nights(world: &World, last: i32) -> TestProject {
    let project = empty();
    world.write(&project);
    train(&project);
    for day in TRAINED + 1..last {
        let night = run(&project, day);
        assert_eq!(night.code, 0, "the quiet night of {}: {}", date(day), night.talk);
    }
    project
}

/// Trains on what is written, and returns the version.
pub(crate) fn train(project: &TestProject) -> String {
    let ran = project.run(&["train", "--as-of", &date(TRAINED), "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    serde_json::from_str::<Value>(&ran.stdout).unwrap()["version"].as_str().unwrap().to_owned()
}

/// What a night found wrong.
#[derive(Debug)]
pub(crate) struct Night {
    pub(crate) code: i32,
    /// Checks of the gate that refused, alarms raised that night, and figures beyond their limit; each `<check> <market>`.
    pub(crate) found: BTreeSet<String>,
    /// The alarms among them.
    pub(crate) raised: Vec<String>,
    pub(crate) talk: String,
}

impl Night {
    /// Whether a check of this name found anything.
    pub(crate) fn has(&self, check: &str) -> bool {
        self.found.iter().any(|found| found.split(' ').next() == Some(check))
    }
}

/// Runs one night and reads what it says of itself.
pub(crate) fn run(project: &TestProject, day: i32) -> Night {
    let Ran { code, stdout, stderr } = project.run(&["run", "--as-of", &date(day), "--json"]);
    let results: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| newest_results(project));
    let mut found = BTreeSet::new();
    for check in results["gate"]["checks"].as_array().into_iter().flatten().filter(|check| check["state"] == "refused") {
        found.insert(format!("{} {}", check["name"].as_str().unwrap_or_default(), check["market"].as_str().unwrap_or("")));
    }
    let out = project.path().join("out");
    let raised = if code == 0 { rows(&out, "alarms", "check", &["raised"], day) } else { Vec::new() };
    found.extend(raised.iter().cloned());
    if code == 0 {
        found.extend(rows(&out, "metrics", "metric", &["warning", "refused"], day));
    }
    Night { code, found, raised, talk: stderr }
}

/// The record of the run that ended last, for one that printed nothing.
fn newest_results(project: &TestProject) -> Value {
    let records = project.files_below("out/_runs").into_iter().filter(|(name, _)| name.ends_with("run_results.json"));
    let parsed = records.filter_map(|(_, bytes)| serde_json::from_slice::<Value>(&bytes).ok());
    parsed.max_by_key(|record| record["ended_at"].as_str().map(str::to_owned)).unwrap_or_default()
}

/// `<name> <market>` of the rows of a night that have one of `states`.
fn rows(out: &Path, table: &str, name: &str, states: &[&str], day: i32) -> Vec<String> {
    let Some(published) = read_published(out).unwrap() else { return Vec::new() };
    let Some(version) = published.tables.get(table).map(|of| of.version) else { return Vec::new() };
    let read = read_columns(out, table, version, &["as_of", "market", name, "state"]).unwrap();
    let text = |at: usize, row: usize| match &read.columns[at].data {
        ColumnData::Text(cells) => cells[row].clone().unwrap_or_default(),
        other => panic!("{other:?}"),
    };
    let ColumnData::Date(days) = &read.columns[0].data else { panic!("as_of is a date") };
    let of_night = (0..read.n_rows()).filter(|row| days[*row] == Some(Day(FIRST + day)));
    of_night
        .filter(|row| states.contains(&text(3, *row).as_str()))
        .map(|row| format!("{} {}", text(2, row), text(1, row)))
        .collect()
}
