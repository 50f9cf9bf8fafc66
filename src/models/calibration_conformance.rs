//! What calibration must do within a whole model: markets, known inclusion probabilities, class weights, and its stored form.

use std::sync::LazyLock;

use super::config::tests::quick;
use super::conformance::{FITTED, WORLD, World, features_of, fitted, world};
use super::*;
use crate::units::{Market, SplitMix};

/// The world of [`world`] with a market where everything is judged more leniently, and rows drawn for review.
fn world_of_markets() -> (World, Vec<Market>) {
    let mut world = world(1600);
    let mut seed = SplitMix(5);
    let market = |i: usize| if i.is_multiple_of(3) { "ID" } else { "SG" }.parse().unwrap();
    let markets: Vec<Market> = (0..1600).map(market).collect();
    for i in (0..1600).step_by(3) {
        world.targets[0].positive[i] &= seed.uniform() < 0.3;
    }
    for (i, pi) in world.targets[1].inclusion.iter_mut().enumerate() {
        *pi = (i % 2 == 0).then_some(if i % 4 == 0 { 0.5 } else { 0.1 });
    }
    (world, markets)
}

static FITTED_BY_MARKET: LazyLock<Fitted> = LazyLock::new(|| {
    let (world, markets) = world_of_markets();
    fitted_by_market(&world, &markets, CalibrationMethod::Beta)
});

fn fitted_by_market(world: &World, markets: &[Market], calibration: CalibrationMethod) -> Fitted {
    let set = TrainingSet {
        features: &world.features,
        text: &world.text,
        groups: &world.groups,
        days: &world.days,
        markets,
        timed: false,
    };
    let config = ModelConfig { calibration, markets: MarketLimits { min_rows: 200, min_of_each: 20 }, ..quick() };
    fit(&set, &world.targets[..3], &config, &|_| {}).unwrap()
}

#[test]
fn a_lenient_market_has_lower_probabilities_for_the_same_row() {
    let found = &FITTED_BY_MARKET;
    assert!(found.reports[0].markets.iter().all(|m| m.kept), "{:?}", found.reports[0].markets);
    let p = |row: usize, market: Option<&str>| {
        let market = market.map(|code| code.parse().unwrap());
        found.model.predict_row(features_of(&WORLD, row), WORLD.text.row(row), market, &mut RowScratch::default())[0].unwrap()
    };
    let mean = |market| (0..400).map(|row| p(row, market)).sum::<f64>() / 400.0;
    let (common, lenient, strict) = (mean(None), mean(Some("ID")), mean(Some("SG")));
    assert!(lenient < common - 0.05 && common + 0.02 < strict, "{lenient} {common} {strict}");
    assert!((0..400).all(|row| p(row, Some("VN")) == p(row, None)));
}

#[test]
fn rows_drawn_with_known_probabilities_calibrate_alone() {
    let reports = &FITTED_BY_MARKET.reports;
    assert_eq!(reports[0].basis, Some(CalibrationBasis::Sample));
    assert_eq!(reports[1].basis, Some(CalibrationBasis::Population));
    assert!(reports[1].calibration_weight.iter().enumerate().all(|(i, w)| (*w > 0.0) == (i % 2 == 0)));
    assert!(reports[1].out_of_fold.iter().all(Option::is_some));
    assert_eq!(FITTED_BY_MARKET.model.calibration_basis(1), Some(CalibrationBasis::Population));
    // Weighted by 1/π, mean probability and rate agree.
    let (mut p, mut y, mut total) = (0.0, 0.0, 0.0);
    let (world, _) = world_of_markets();
    for (i, w) in reports[1].calibration_weight.iter().enumerate() {
        p += w * reports[1].out_of_fold[i].unwrap();
        y += if world.targets[1].positive[i] { *w } else { 0.0 };
        total += w;
    }
    assert!((p / total - y / total).abs() < 0.02, "{} {}", p / total, y / total);
}

#[test]
fn class_weights_are_undone_by_calibration() {
    let mut world = world(1200);
    for target in &mut world.targets {
        target.weight = target.positive.iter().map(|y| if *y { 8.0 } else { 1.0 }).collect();
    }
    let report = &fitted(&world, false, &quick()).reports[0];
    let mean = report.out_of_fold.iter().flatten().sum::<f64>() / 1200.0;
    let rate = report.positives as f64 / 1200.0;
    assert!((mean - rate).abs() < 0.01, "{mean} {rate}");
}

#[test]
fn markets_and_methods_have_the_same_bits_on_any_number_of_threads_and_come_back_from_parts() {
    let (world, markets) = world_of_markets();
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let fitted = pool.install(|| fitted_by_market(&world, &markets, CalibrationMethod::Beta));
        (fitted.model.to_parts(), fitted.reports)
    };
    let one = run(1);
    assert_eq!(one, run(3));
    assert_eq!(Model::from_parts(&one.0).unwrap(), FITTED_BY_MARKET.model);
    assert_eq!(
        one.0.tensors["label_000.calibrator.markets"],
        FITTED_BY_MARKET.model.to_parts().tensors["label_000.calibrator.markets"]
    );
}

#[test]
fn damaged_markets_are_refused() {
    let good = FITTED_BY_MARKET.model.to_parts();
    let refused = |change: &dyn Fn(&mut ModelParts)| {
        let mut parts = good.clone();
        change(&mut parts);
        Model::from_parts(&parts).unwrap_err()
    };
    let name = "label_000.calibrator.markets";
    let is_spec = |error| matches!(error, ModelPartsError::Spec { .. });
    assert!(is_spec(refused(&|p| p.spec["labels"][0]["markets"][0] = "Indonesia".into())));
    assert!(is_spec(refused(&|p| p.spec["labels"][0]["markets"] = serde_json::json!(["SG", "ID"]))));
    assert!(is_spec(refused(&|p| p.spec["labels"][0]["calibration"] = serde_json::Value::Null)));
    let is_invalid = |error| matches!(error, ModelPartsError::Invalid { tensor, .. } if tensor == name);
    assert!(is_invalid(refused(&|p| drop(p.tensors.insert(name.into(), vec![0.0, 0.0, 0.0].into())))));
    assert!(is_invalid(refused(&|p| drop(p.tensors.insert(name.into(), vec![0.0, -1.5, 0.0, 0.0].into())))));
}

#[test]
fn a_model_of_before_markets_still_loads() {
    // Its specification has neither `basis` nor `markets`: what is of a sample and has no markets is written without them.
    let parts = FITTED.model.to_parts();
    let label = parts.spec["labels"][0].as_object().unwrap();
    assert_eq!(label.keys().collect::<Vec<_>>(), ["label", "kind", "calibration"]);
}
