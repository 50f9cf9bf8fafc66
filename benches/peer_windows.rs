//! Twenty million engagement rows in one pass of the window engine: 1, 7 and 28-day sums of five columns and three shrunk rates.
//!
//! `benches/peer/windows.py` does the same with Polars on the same numbers, each side from its own columns in memory, none of which
//! holds anything added up: ours are what a run packs a shard's rows into, theirs a data frame sorted by item, and told so. Timed is one
//! pass from the columns to all values; the threads are those of RAYON_NUM_THREADS. Prints one line of JSON, name to microseconds a pass
//! of twenty million rows, the best of the passes; with `--report`, seconds, bytes, the cost of turning rows into columns (one thread),
//! and checksums that must equal the peer's. A number is the millions of rows, by default 20, which need 1 GB of memory.

#![expect(clippy::print_stdout, clippy::panic, reason = "a benchmark prints its result and ends where it cannot go on")]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use rayon::prelude::*;
use stallmark::config::{self, Overlays, ProjectFile, WindowEntity};
use stallmark::features::{DayCells, EngagementDays, EngagementPacker, TierPriors, WindowMoment, WindowPlan, WindowRows};
use stallmark::tables::EngagementRow;
use stallmark::units::{AsOf, Day, Timestamp};

/// The day that begins at the midnight of all windows.
const AS_OF: i32 = 20_000;
/// Items of a block.
const BLOCK_ITEMS: usize = 1024;
/// Passes, of which the best counts.
const PASSES: usize = 12;

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
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let millions = args.iter().find_map(|arg| arg.parse::<u64>().ok());
    // `cargo bench` without arguments runs the other benchmarks alone.
    let is_report = args.iter().any(|arg| arg == "--report");
    if !is_report && millions.is_none() {
        return;
    }
    let (plan, priors) = plan();
    let (items, stored) = rows(millions.unwrap_or(20) * 1_000_000);
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
    let (mut best, mut best_cpu) = (f64::INFINITY, f64::INFINITY);
    let mut values: Vec<Vec<f32>> = Vec::new();
    for _ in 0..PASSES {
        let (start, cpu_start) = (Instant::now(), cpu_seconds());
        values = items.par_chunks(BLOCK_ITEMS).map(values_of).collect();
        best = best.min(start.elapsed().as_secs_f64());
        best_cpu = best_cpu.min(cpu_seconds() - cpu_start);
    }
    if !is_report {
        println!("{}", serde_json::json!({ "window_engine": best * 2e13 / n_rows as f64 }));
        return;
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
    let bytes = EngagementDays::bytes_of(&items);
    let report = serde_json::json!({
        "rows": n_rows,
        "items": items.len(),
        "threads": rayon::current_num_threads(),
        "ns_per_row_into_columns": stored * 1e9 / n_rows as f64,
        "bytes_per_row": bytes as f64 / n_rows as f64,
        "seconds": best,
        "cpu_seconds": best_cpu,
        "ns_per_row": best * 1e9 / n_rows as f64,
        "checksums": checksums,
    });
    println!("{report:#}");
}

/// Seconds that the program's threads have run so far, as Linux tells; 0 elsewhere. On a busy machine they say more than the clock.
fn cpu_seconds() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let ran = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("schedstat")).ok());
    let nanoseconds = ran.filter_map(|text| text.split(' ').next()?.parse::<u64>().ok());
    nanoseconds.sum::<u64>() as f64 * 1e-9
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
/// put the rows into columns, which a run does once when it loads a shard.
fn rows(n: u64) -> (Vec<EngagementDays>, f64) {
    let (mut packer, mut cells) = (EngagementPacker::default(), Vec::new());
    let (mut n_rows, mut stored) = (0, 0.0);
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
        cells.clear();
        cells.extend(rows.iter().map(DayCells::of));
        packer.add(&cells);
        stored += start.elapsed().as_secs_f64();
        n_rows += days;
    }
    (packer.finish().collect(), stored)
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014) over a counter.
fn splitmix(index: u64) -> u64 {
    let mut z = index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
