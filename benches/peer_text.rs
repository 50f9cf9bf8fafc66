//! Our side of the comparison with scikit-learn: times the text kernels over a file of texts, one a line, and prints one line of JSON,
//! microseconds a text on one core. Started by `benches/peer/run.sh`, which alternates it with `benches/peer/text.py`.

// A figure on standard output is the whole point, and without its texts there is nothing to measure.
#![allow(clippy::expect_used, clippy::print_stdout)]

use std::hint::black_box;
use std::time::Instant;

use stallmark::text::{NgramConfig, TextProfile, ngram_counts, normalise, profile_counts};

/// Microseconds a text.
fn time(texts: &[&str], mut work: impl FnMut(&str) -> usize) -> f64 {
    let start = Instant::now();
    black_box(texts.iter().map(|text| work(text)).sum::<usize>());
    start.elapsed().as_secs_f64() * 1e6 / texts.len() as f64
}

fn main() {
    // Cargo adds `--bench`, and without a file there is nothing to do: `cargo bench` runs the other benchmarks alone.
    let Some(path) = std::env::args().skip(1).find(|arg| !arg.starts_with("--")) else { return };
    let file = std::fs::read_to_string(&path).expect("a readable file of texts");
    let texts: Vec<&str> = file.lines().collect();
    let config = NgramConfig::default();
    let mut out = Vec::new();
    let mut ngrams = |text: &str| {
        ngram_counts(&normalise(text), &config, &mut out);
        out.len()
    };
    time(&texts, &mut ngrams);
    let ngrams = time(&texts, ngrams);
    let mut out = Vec::new();
    let group = time(&texts, |text| {
        profile_counts(&TextProfile::of(None, Some(text)), &config, &mut out);
        out.len()
    });
    println!("{}", serde_json::json!({ "normalise_and_ngrams": ngrams, "text_group": group }));
}
