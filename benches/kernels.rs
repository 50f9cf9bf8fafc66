//! The inner loops: texts of about 120 characters, windows of four weeks. Run with `make bench`; compare ratios, not seconds.

#![expect(clippy::panic, reason = "a benchmark ends where it cannot go on")]

use std::collections::BTreeMap;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use stallmark::config::{self, Overlays, ProjectFile, WindowEntity};
use stallmark::features::{DayCells, EngagementDays, EngagementPacker, WindowMoment, WindowPlan, WindowRows};
use stallmark::tables::EngagementRow;
use stallmark::text::{NgramConfig, Signature, TextProfile, ngram_counts, normalise};
use stallmark::units::{AsOf, Day, Timestamp};

/// Invented texts in the manner of the markets' shops: plain, disguised, Vietnamese, Thai.
const TEXTS: [&str; 4] = [
    "Good quality bag, strap is strong and the colour is the same as in the picture, delivery took three days only, will buy again",
    "𝐁𝐄𝐒𝐓 𝐏𝐑𝐈𝐂𝐄!!! h4rga mur4h b4nget, chat w.a 0 8 1 2 - 3 4 5 6 ya kaaak, sooooo cheap, link di bio, jangan sampai kehabisan gan",
    "Hàng đẹp, đóng gói cẩn thận, giao nhanh, vải mềm mát nhưng hơi mỏng so với giá tiền, shop tư vấn nhiệt tình, sẽ ủng hộ tiếp nhé",
    "ผ้านุ่มใส่สบายมากค่ะ สีตรงปก ส่งไว แพ็คของดี ราคาไม่แพง ขนาดพอดีตัว ซักแล้วไม่หด คุ้มค่ามาก แนะนำเลยค่ะ จะกลับมาซื้ออีกแน่นอน",
];

fn kernels(criterion: &mut Criterion) {
    let config = NgramConfig::default();
    let normalised: Vec<String> = TEXTS.iter().map(|text| normalise(text)).collect();
    let mut group = criterion.benchmark_group("text");
    group.throughput(Throughput::Elements(TEXTS.len() as u64));
    group.bench_function("normalise", |bench| bench.iter(|| TEXTS.iter().map(|text| normalise(text).len()).sum::<usize>()));
    group.bench_function("ngram_counts", |bench| {
        let mut out = Vec::new();
        bench.iter(|| {
            let count = |text: &String| {
                ngram_counts(text, &config, &mut out);
                out.len()
            };
            normalised.iter().map(count).sum::<usize>()
        });
    });
    group.bench_function("minhash", |bench| {
        let bands = |text: &String| Signature::of(text, 5, 8).map_or(0, |signature| u64::from(signature.bands[0]));
        bench.iter(|| normalised.iter().map(bands).sum::<u64>());
    });
    group.bench_function("profile", |bench| {
        bench.iter(|| TEXTS.iter().map(|text| TextProfile::of(None, Some(text)).normalised.len()).sum::<usize>());
    });
    group.finish();
}

/// The built-in windows of one item with four weeks of views, clicks and orders, and the packing of its rows.
fn windows(criterion: &mut Criterion) {
    let project = ProjectFile { path: Path::new("stallmark.toml"), text: None };
    let overlays = Overlays { environment: &BTreeMap::new(), sets: &[] };
    let config = config::load(&project, &overlays, Path::new(".")).unwrap_or_else(|error| panic!("{error}"));
    let plan = WindowPlan::compile(&config.features.windows);
    let priors = plan.configured_priors();
    let table: Vec<EngagementRow> = (0..28).map(day).collect();
    let days = EngagementDays::of(&table);
    let rows = WindowRows { engagement: Some(&days), ..WindowRows::default() };
    let as_of = AsOf { day: Day(28), instant: Timestamp(28 * 86_400_000_000) };
    let moment = WindowMoment { as_of, published_at: Timestamp(0), priors: &priors };
    let mut group = criterion.benchmark_group("windows");
    group.throughput(Throughput::Elements(28));
    group.bench_function("item", |bench| {
        let mut values = Vec::new();
        bench.iter(|| {
            values.clear();
            plan.add_values(WindowEntity::Content, &rows, moment, &mut values);
            values.len()
        });
    });
    group.bench_function("pack", |bench| {
        bench.iter(|| {
            let cells: Vec<DayCells> = table.iter().map(DayCells::of).collect();
            let mut packer = EngagementPacker::default();
            packer.add(&cells);
            packer.finish().len()
        });
    });
    group.finish();
}

fn day(day: i32) -> EngagementRow {
    let count = |every: i32| Some((day % every) as u64);
    EngagementRow {
        content_id: "item".into(),
        day: Day(day),
        impressions: count(97),
        views: count(31),
        watch_s: None,
        likes: None,
        comments: None,
        shares: None,
        clicks: count(7),
        orders: count(3),
        refunds: None,
        gmv: None,
        reports: count(2),
        hides: None,
        ingested_at: None,
    }
}

criterion_group!(benches, kernels, windows);
criterion_main!(benches);
