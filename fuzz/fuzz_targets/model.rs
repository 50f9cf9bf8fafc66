//! A specification and weights from anywhere: refused, or a model whose probabilities are numbers from 0 to 1.
//!
//! Input: the specification's JSON on the first line, then the bytes of `model.safetensors`. The hashes of a manifest would keep
//! all but the seeds from the checks behind them, so they are left out here; `store/mutation_tests.rs` goes through them.

#![no_main]
#![allow(missing_docs, dead_code, unused_imports, unreachable_pub)]

#[path = "../../src/units/mod.rs"]
pub mod units;
#[path = "../../src/files/mod.rs"]
pub mod files;
#[path = "../parts/text.rs"]
pub mod text;
#[path = "../parts/features.rs"]
pub mod features;
#[path = "../../src/models/mod.rs"]
pub mod models;
#[path = "../../src/store/mod.rs"]
pub mod store;

use libfuzzer_sys::fuzz_target;
use models::{Model, RowScratch};

const ROWS: [([f32; 3], &[u32], &[f32]); 4] = [
    ([0.4, 0.7, 0.2], &[0, 12, 40], &[1.0, 2.0, 1.0]),
    ([1.3, f32::NAN, 0.9], &[1, 63, 64, u32::MAX], &[3.0, 1.0, 1.0, 1.0]),
    ([f32::NAN, f32::NAN, f32::NAN], &[], &[]),
    ([f32::INFINITY, f32::NEG_INFINITY, -0.0], &[1, 0], &[1e30, f32::NAN]),
];

fuzz_target!(|data: &[u8]| {
    let _ = serde_json::from_slice::<store::Manifest>(data);
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else { return };
    let (spec, weights) = (&data[..end], &data[end + 1..]);
    let Ok(spec) = serde_json::from_slice(spec) else { return };
    let Ok(parts) = store::parts_of(spec, weights) else { return };
    let Ok(model) = Model::from_parts(&parts) else { return };
    let mut scratch = RowScratch::default();
    for (features, buckets, counts) in &ROWS {
        let market = [None, "SG".parse().ok()][buckets.len() % 2];
        let p = model.predict_row(features, (buckets, counts), market, &mut scratch);
        let abuse = model.abuse(&p);
        assert!(p.iter().copied().chain([abuse]).flatten().all(|p| (0.0..=1.0).contains(&p)), "{p:?} {abuse:?}");
        for label in 0..p.len() {
            let found = model.contributions(label, features, (buckets, counts), &mut scratch);
            assert!(found.iter().flatten().all(|c| c.logit.is_finite()), "{found:?}");
        }
    }
    // What was read is what is written again.
    assert_eq!(Model::from_parts(&model.to_parts()).as_ref(), Ok(&model));
});
