//! A made-up marketplace's nights, for tests.

use std::collections::BTreeMap;

use super::*;
use crate::config::DriftLimits;
use crate::units::{Day, Market, SplitMix};

/// The limits of `config/default.toml`.
pub(super) const LIMITS: DriftLimits = DriftLimits {
    psi_warn: 0.1,
    psi_alarm: 0.25,
    null_rate_change: 0.1,
    volume_ratio: 0.65,
    price_ratio: 3.0,
    new_value_share: 0.02,
    min_rows: 100,
    training_share: 0.75,
    false_discovery_rate: 0.01,
    movers: 20,
};

/// What is wrong with a night.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fault {
    None,
    /// Every title is gone, and the feature that reads it.
    NoTitles,
    /// The feature that reads titles is null in one market.
    NullIn(&'static str),
    /// Prices of one market are in another unit.
    Prices(&'static str, f64),
    /// Half of the items.
    Half,
    /// Half of yesterday's views.
    HalfOfViews,
    /// One market is missing.
    Without(&'static str),
    /// Another model scored.
    OtherModel,
    /// A category nobody had.
    NewCategory,
}

pub(super) const MARKETS: [(&str, &str, f64); 3] = [("TH", "THB", 0.5), ("SG", "SGD", 0.3), ("VN", "VND", 0.2)];
pub(super) const N_FEATURES: usize = 40;

pub(super) fn market(name: &str) -> Market {
    name.parse().unwrap()
}

/// Standard normal, by Box and Muller.
fn normal(random: &mut SplitMix) -> f64 {
    (-2.0 * libm::log(1.0 - random.uniform())).sqrt() * libm::cos(std::f64::consts::TAU * random.uniform())
}

/// A night of about `items` items: fewer on weekends, noise in everything.
pub(super) fn night(day: i32, items: f64, fault: Fault) -> Profile {
    let features: Vec<String> = (0..N_FEATURES).map(|i| format!("f{i:02}")).collect();
    let scores = ["abuse", "p_scam"].map(str::to_owned);
    let mut builder = ProfileBuilder::new(&features, &scores, &["category", "language"], &["title", "price"]);
    let mut random = SplitMix(0xd1f7 ^ (day as u64) << 20);
    let season = if day.rem_euclid(7) >= 5 { 0.7 } else { 1.0 };
    let half = if fault == Fault::Half { 0.5 } else { 1.0 };
    for (name, currency, share) in MARKETS {
        if fault == Fault::Without(name) {
            continue;
        }
        let expected = items * share * season * half;
        let n = (expected + expected.sqrt() * normal(&mut random)).max(0.0) as usize;
        for _ in 0..n {
            let kind = random.uniform();
            let mut values: Vec<f32> = (0..N_FEATURES).map(|at| feature(at, day, kind, &mut random)).collect();
            let has_title = random.uniform() < 0.9 && fault != Fault::NoTitles;
            if !has_title || fault == Fault::NullIn(name) {
                values[1] = f32::NAN;
            }
            let risk = normal(&mut random) - 2.5 + if fault == Fault::OtherModel { 1.5 } else { 0.0 };
            let p = (1.0 / (1.0 + libm::exp(-risk))) as f32;
            let category = (random.uniform() * random.uniform() * 30.0) as usize;
            let category = if fault == Fault::NewCategory && kind < 0.1 { "vapes".to_owned() } else { format!("c{category:02}") };
            let language = if kind < 0.8 { name } else { "EN" };
            let unit = if let Fault::Prices(at, unit) = fault
                && at == name
            {
                unit
            } else {
                1.0
            };
            let price = 20.0 * libm::exp(1.2 * normal(&mut random)) * unit;
            let views = (30.0 * libm::exp(1.3 * normal(&mut random))) as u64;
            let views = if fault == Fault::HalfOfViews { views / 2 } else { views };
            builder.add(&ProfiledItem {
                is_first_of_seller: true,
                market: market(name),
                features: &values,
                scores: &[Some(p), (kind < 0.9).then_some(p * 0.5)],
                values: &[Some(&category), Some(language)],
                present: &[has_title, true],
                price: Some((currency, price)),
                volumes: &[
                    (Volume::NewItems, u64::from(random.uniform() < 1.0 / 28.0)),
                    (Volume::DayViews, views),
                    (Volume::CoverageMillionths, 900_000),
                ],
            });
        }
    }
    builder.finish()
}

/// Shares, counts, amounts and flags; one that grows with time, as tenure does; one null in a tenth of the rows, as many are.
fn feature(at: usize, day: i32, kind: f64, random: &mut SplitMix) -> f32 {
    let value = match at % 8 {
        0 => random.uniform(),
        1 => libm::floor(8.0 * random.uniform() * random.uniform()),
        2 => 10.0 * libm::exp(normal(random)),
        3 => f64::from(u8::from(random.uniform() < 0.03)),
        4 => normal(random),
        5 => 100.0 + f64::from(day) + 40.0 * random.uniform(),
        6 if random.uniform() < 0.1 => f64::NAN,
        6 => 5.0 * kind,
        _ => 1.0,
    };
    value as f32
}

/// What is found on `day` after the nights before it, of which there are `nights`.
pub(super) fn judged(day: i32, nights: i32, items: f64, fault: Fault) -> DriftReport {
    let past: BTreeMap<Day, Profile> = (day - nights..day).map(|day| (Day(day), night(day, items, Fault::None))).collect();
    let last = if fault == Fault::OtherModel { "v1" } else { "v2" };
    let models = ModelVersions { tonight: "v2", last: (nights > 0).then_some(last) };
    judge_drift(&night(day, items, fault), &Baselines::of(Day(day), &past, None), models, &LIMITS)
}
