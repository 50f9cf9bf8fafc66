//! 200 quiet nights, with a season and noise, raise next to nothing: the limits are calibrated on them.

use std::collections::BTreeMap;

use super::world::{Fault, LIMITS, night};
use super::*;
use crate::monitor::State;
use crate::units::Day;

/// Findings of 200 nights after a fortnight, and of how many figures.
fn quiet(items: f64, first: i32) -> Vec<String> {
    let mut past: BTreeMap<Day, Profile> = (first..first + 14).map(|day| (Day(day), night(day, items, Fault::None))).collect();
    let mut found = Vec::new();
    for day in first + 14..first + 214 {
        let tonight = night(day, items, Fault::None);
        let models = ModelVersions { tonight: "v1", last: Some("v1") };
        let report = judge_drift(&tonight, &Baselines::of(Day(day), &past, None), models, &LIMITS);
        let told = report.figures.iter().filter(|figure| figure.state == State::Warning);
        found.extend(told.map(|figure| format!("{day} {} {:?} {:?}", figure.metric, figure.segment, figure.note)));
        past.insert(Day(day), tonight);
        past.pop_first();
    }
    found
}

#[test]
fn two_hundred_quiet_nights_raise_at_most_three_findings() {
    for items in [500.0, 1000.0, 2000.0] {
        let found = quiet(items, 1000);
        assert!(found.len() <= 3, "{items}: {found:#?}");
    }
}
