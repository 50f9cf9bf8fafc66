//! A planted slice is found, nothing is found where nothing is, and the test is the t-test it says.

use super::slice_search::{SliceCriterion, SliceFindings, SliceSearch};
use super::slices::{Attribute, SliceRows};

/// SplitMix64 in [0, 1).
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut x = *state;
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((x ^ (x >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// 3,000 rows of 750 sellers, calibrated; in videos of MY the truth's odds are `factor` times the model's.
fn searched(seed: u64, factor: f64, search: SliceSearch) -> SliceFindings {
    let mut state = seed;
    let (mut p, mut positive, mut weight, mut cluster) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut attributes: [Vec<&str>; 4] = Default::default();
    for seller in 0..750_u64 {
        let market = ["SG", "MY", "TH", "VN", "PH", "ID"][(uniform(&mut state) * 6.0) as usize];
        let tier = ["new", "bronze", "gold"][(uniform(&mut state) * 3.0) as usize];
        for _ in 0..4 {
            let kind = ["listing", "video", "review"][(uniform(&mut state) * 3.0) as usize];
            let length = ["short", "medium", "long"][(uniform(&mut state) * 3.0) as usize];
            let says = 0.05 + 0.5 * uniform(&mut state) * uniform(&mut state);
            let factor = if market == "MY" && kind == "video" { factor } else { 1.0 };
            let truth = factor * says / (1.0 - says + factor * says);
            p.push(says);
            positive.push(uniform(&mut state) < truth);
            weight.push(if uniform(&mut state) < 0.3 { 4.0 } else { 1.0 });
            cluster.push(seller);
            [market, tier, kind, length].into_iter().zip(&mut attributes).for_each(|(value, of)| of.push(value));
        }
    }
    let names = ["market", "tier", "content_type", "text_length"];
    let attributes: Vec<Attribute<'_>> = names.iter().zip(&attributes).map(|(name, values)| Attribute { name, values }).collect();
    search.run(&SliceRows::new(&p, &positive, &weight, &cluster, &attributes).unwrap())
}

fn of(criterion: SliceCriterion) -> SliceSearch {
    SliceSearch { criterion, ..SliceSearch::default() }
}

#[test]
fn a_planted_slice_is_found_first() {
    for criterion in [SliceCriterion::CalibrationGap, SliceCriterion::ExcessLoss] {
        let found = searched(3, 12.0, of(criterion));
        let first = &found.found[0];
        let names: Vec<&str> = first.slice.of.iter().map(|(_, value)| value.as_str()).collect();
        assert!(names.contains(&"MY") || names.contains(&"video"), "{first:?}");
        let pair = found.found.iter().find(|f| f.slice.of.len() == 2).unwrap();
        assert_eq!(pair.slice.of, [("market".into(), "MY".into()), ("content_type".into(), "video".into())]);
        assert!(pair.effect > 0.2 && pair.q_value < 1e-4 && found.tested > 50, "{pair:?} of {}", found.tested);
    }
}

/// Of 200 marketplaces without a bad slice at most q = 5 % may have a finding.
#[test]
fn nothing_is_found_where_nothing_is() {
    for criterion in [SliceCriterion::CalibrationGap, SliceCriterion::ExcessLoss] {
        let search = SliceSearch { min_effect: 0.0, ..of(criterion) };
        let false_alarms = (0..200).filter(|seed| !searched(1000 + seed, 1.0, search).found.is_empty()).count();
        eprintln!("{criterion:?}: {false_alarms} of 200");
        assert!(false_alarms <= 10, "{criterion:?}: {false_alarms} of 200");
    }
}

/// Rows of their own sellers with equal weights. By hand: gaps ½, ½, −½, ½ and −½, −½, ½, −½; means ¼ and −¼; variance
/// 8/7 (Σ (v − m)² of both sides) ÷ 16 = 8/7 · 1.5 ÷ 16, which is less than the promised 2 · 4 · ¼ ÷ 16 = 1/8.
#[test]
fn the_worked_example() {
    let positive = [true, true, false, true, false, false, true, false];
    let values = ["a", "a", "a", "a", "b", "b", "b", "b"];
    let attributes = [Attribute { name: "side", values: &values }];
    let rows = SliceRows::new(&[0.5; 8], &positive, &[1.0; 8], &[1, 2, 3, 4, 5, 6, 7, 8], &attributes).unwrap();
    let search =
        SliceSearch { q: 1.0, min_rows: 4, min_clusters: 2, min_expected: 0.0, min_effect: 0.0, ..SliceSearch::default() };
    let found = search.run(&rows).found;
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].mean, found[0].rest, found[0].share), (0.25, -0.25, 0.5));
    let error = 0.125_f64.sqrt();
    assert!((found[0].standard_error - error).abs() < 1e-12);
    // scipy 1.17.1: 2 * t.sf(0.5 / sqrt(1 / 8), 3).
    assert!((found[0].p_value - 0.252_215_496_356).abs() < 1e-9);
    assert!(SliceSearch::default().run(&rows).found.is_empty());
}
