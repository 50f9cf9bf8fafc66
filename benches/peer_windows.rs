//! Twenty million engagement rows in one pass of the window engine: 1, 7 and 28-day sums of five columns and three shrunk rates.
//!
//! `benches/peer/windows.py` does the same with Polars on the same numbers. Run it with `cargo bench --bench peer_windows`; it
//! prints JSON: seconds with all threads and with one (the best of the passes), and checksums that must equal the peer's. Making
//! the rows is not timed. It needs 2 GB of memory; a first argument in millions of rows makes it smaller.

#![expect(clippy::print_stdout, clippy::panic, reason = "a benchmark prints its result and ends where it cannot go on")]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use rayon::prelude::*;
use stallmark::config::{self, Overlays, ProjectFile, WindowEntity};
use stallmark::features::{EngagementDays, TierPriors, WindowMoment, WindowPlan, WindowRows};
use stallmark::tables::EngagementRow;
use stallmark::units::{AsOf, Day, Timestamp};

/// The day that begins at the midnight of all windows.
const AS_OF: i32 = 20_000;
/// Items of a block.
const BLOCK_ITEMS: usize = 1024;
/// Passes, of which the best counts.
const PASSES: usize = 5;

/// The windows of both sides.
const WINDOWS: &str = r#"
[features.window_defaults]
scale = "none"
n_column = false
[features.windows.b_views]
value = "views"
[features.windows.b_impressions]
value = "impressions"
[features.windows.b_clicks]
value = "clicks"
[features.windows.b_orders]
value = "orders"
[features.windows.b_reports]
value = "reports"
[features.windows.b_view_rate]
value = "views"
over = "impressions"
prior = { fit = "none", mean = 0.3, strength = 50 }
[features.windows.b_report_rate]
value = "reports"
over = "views"
prior = { fit = "none", mean = 0.0005, strength = 1000 }
[features.windows.b_order_rate]
value = "orders"
over = "clicks"
prior = { fit = "none", mean = 0.03, strength = 50 }
"#;

fn main() {
    let millions = std::env::args().skip(1).find_map(|arg| arg.parse::<u64>().ok()).unwrap_or(20);
    let (plan, priors) = plan();
    let (items, stored) = rows(millions * 1_000_000);
    let n_rows: usize = items.iter().map(EngagementDays::len).sum();
    let as_of = AsOf { day: Day(AS_OF), instant: Timestamp(i64::from(AS_OF) * 86_400_000_000) };
    let moment = WindowMoment { as_of, published_at: as_of.instant, priors: &priors };
    // The matrix comes in blocks of rows, as the items of a run do.
    let values_of = |items: &[EngagementDays]| {
        let mut values = Vec::with_capacity(items.len() * plan.docs().len());
        for days in items {
            let rows = WindowRows { engagement: Some(days), ..WindowRows::default() };
            plan.add_values(WindowEntity::Content, &rows, moment, &mut values);
        }
        values
    };

    let mut best = f64::INFINITY;
    let mut values: Vec<Vec<f32>> = Vec::new();
    for _ in 0..PASSES {
        let start = Instant::now();
        values = items.par_chunks(BLOCK_ITEMS).map(values_of).collect();
        best = best.min(start.elapsed().as_secs_f64());
    }
    let mut best_alone = f64::INFINITY;
    for _ in 0..PASSES.div_ceil(2) {
        let start = Instant::now();
        let alone: Vec<Vec<f32>> = items.chunks(BLOCK_ITEMS).map(values_of).collect();
        best_alone = best_alone.min(start.elapsed().as_secs_f64());
        drop(alone);
    }

    let n_columns = plan.docs().len();
    let checksums: BTreeMap<&str, f64> = plan
        .docs()
        .iter()
        .enumerate()
        .map(|(at, doc)| {
            (doc.name.as_str(), values.iter().flat_map(|block| block.chunks(n_columns)).map(|row| f64::from(row[at])).sum())
        })
        .collect();
    let report = serde_json::json!({
        "rows": n_rows,
        "items": items.len(),
        "threads": rayon::current_num_threads(),
        "seconds_to_store_one_thread": stored,
        "seconds": best,
        "seconds_one_thread": best_alone,
        "ns_per_row": best * 1e9 / n_rows as f64,
        "ns_per_row_one_thread": best_alone * 1e9 / n_rows as f64,
        "checksums": checksums,
    });
    println!("{report:#}");
}

/// The windows, 1, 7 and 28 days each, and their priors.
fn plan() -> (WindowPlan, TierPriors) {
    let declared = |part: &str| {
        let keys = "table = \"engagement\"\ndays = [1, 7, 28]\nwhat = \"{days}\"\nwhy = \"a\"\nevaded_by = \"b\"\n";
        part.replace("]\n", &format!("]\n{keys}"))
    };
    let (defaults, windows) = WINDOWS.split_at(WINDOWS.find("[features.windows.").unwrap_or(0));
    let text = format!("{defaults}{}", declared(windows));
    let project = ProjectFile { path: Path::new("stallmark.toml"), text: Some(&text) };
    let overlays = Overlays { environment: &BTreeMap::new(), sets: &[] };
    let config = config::load(&project, &overlays, Path::new(".")).unwrap_or_else(|error| panic!("{error}"));
    let windows: Vec<_> = config.features.windows.into_iter().filter(|window| window.name.starts_with("b_")).collect();
    let plan = WindowPlan::compile(&windows);
    let priors = plan.configured_priors();
    (plan, priors)
}

/// Items of 14 to 43 days until there are `n` rows. Every number is made of its row's number, as in the peer. Beside them the seconds it took to
/// put the rows into columns with running sums, which a run does once when it loads a shard.
fn rows(n: u64) -> (Vec<EngagementDays>, f64) {
    let (mut items, mut n_rows, mut stored) = (Vec::new(), 0, 0.0);
    for item in 0.. {
        if n_rows >= n {
            break;
        }
        let days = 14 + splitmix(item) % 30;
        let id = format!("item{item}");
        let row = |k: u64| {
            let bits = splitmix(1_000_000_000 + n_rows + k);
            let views = bits % 1000;
            let clicks = views * ((bits >> 10) % 256) / 1024;
            EngagementRow {
                content_id: id.as_str().into(),
                day: Day(AS_OF - days as i32 + k as i32),
                impressions: Some(views + (bits >> 18) % 4096),
                views: Some(views),
                watch_s: None,
                likes: None,
                comments: None,
                shares: None,
                clicks: Some(clicks),
                orders: Some(clicks * ((bits >> 30) % 64) / 512),
                refunds: None,
                gmv: None,
                reports: Some(u64::from((bits >> 36).is_multiple_of(16))),
                hides: None,
                ingested_at: None,
            }
        };
        let rows: Vec<EngagementRow> = (0..days).map(row).collect();
        let start = Instant::now();
        items.push(EngagementDays::of(&rows));
        stored += start.elapsed().as_secs_f64();
        n_rows += days;
    }
    (items, stored)
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014) over a counter.
fn splitmix(index: u64) -> u64 {
    let mut z = index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
