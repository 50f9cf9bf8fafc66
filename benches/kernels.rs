//! The inner loops, each on texts of about 120 characters. Run with `make bench`; compare ratios, not seconds.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use stallmark::text::{NgramConfig, Signature, TextProfile, ngram_counts, normalise};

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

criterion_group!(benches, kernels);
criterion_main!(benches);
