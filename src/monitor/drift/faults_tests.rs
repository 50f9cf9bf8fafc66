//! Planted faults: each is found the same night, by the check that is named for it, and by no other that has nothing to do with it.

use super::world::*;
use super::*;
use crate::monitor::State;

/// The findings as `metric market subject`.
fn findings(report: &DriftReport) -> Vec<String> {
    let found = report.figures.iter().filter(|figure| figure.state == State::Warning);
    let name = |figure: &crate::monitor::Figure| {
        let market = figure.segment.market.map_or("all".to_owned(), |market| market.to_string());
        format!("{} {market} {}", figure.metric, figure.segment.subject.as_deref().unwrap_or("-"))
    };
    let mut found: Vec<String> = found.map(name).collect();
    found.sort();
    found
}

fn check(fault: Fault, expect: &[&str]) -> DriftReport {
    // A week and a half of nights, on a working day, and one night alone.
    for nights in [10, 1] {
        let report = judged(17, nights, 1200.0, fault);
        assert_eq!(findings(&report), expect, "{fault:?} after {nights} nights");
    }
    judged(17, 10, 1200.0, fault)
}

#[test]
fn a_quiet_night_has_no_finding() {
    let report = check(Fault::None, &[]);
    assert!(report.columns_compared > 40 && report.columns_moved == 0 && report.gone_null.is_empty());
}

#[test]
fn a_column_that_goes_null() {
    let report = check(Fault::NoTitles, &["null_rate all content.title", "null_rate all f01"]);
    assert_eq!(report.gone_null.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["content.title", "f01"]);
    let report = check(Fault::NullIn("SG"), &["null_rate SG f01"]);
    assert!(report.gone_null.is_empty());
}

#[test]
fn a_currency_that_changes_its_unit() {
    for unit in [1000.0, 0.001, 100.0] {
        check(Fault::Prices("VN", unit), &["price_level VN VND", "psi VN price.VND"]);
    }
}

#[test]
fn volumes_that_halve() {
    let expect = ["volume SG items", "volume TH items", "volume VN items", "volume all items"];
    let report = judged(17, 10, 1200.0, Fault::Half);
    let found = findings(&report);
    assert!(expect.iter().all(|name| found.contains(&(*name).to_owned())), "{found:?}");
    assert!(found.iter().all(|name| name.starts_with("volume")), "{found:?}");
    let found = findings(&judged(17, 10, 3000.0, Fault::HalfOfViews));
    assert!(found.contains(&"volume all day_views".to_owned()), "{found:?}");
}

#[test]
fn a_market_that_disappears() {
    for (nights, name) in [(10, "SG"), (1, "TH")] {
        let report = judged(17, nights, 1200.0, Fault::Without(name));
        let found = findings(&report);
        assert!(found.contains(&format!("missing_market {name} -")), "{found:?}");
        assert_eq!(report.missing_markets.iter().map(|(market, _)| market.as_str()).collect::<Vec<_>>(), [name]);
    }
}

#[test]
fn a_model_that_is_swapped() {
    let report = check(Fault::OtherModel, &["model_changed all -", "psi all abuse", "psi all p_scam"]);
    let (score, psi, n) = report.score_moved.clone().unwrap();
    assert!(score == "abuse" && psi > 1.0 && n > 1000, "{score} {psi} {n}");
    let note = report.figures.iter().find(|figure| figure.metric == "model_changed").unwrap().note.clone().unwrap();
    assert!(note.starts_with("model v1 scored the last night, model v2 this one; abuse moved most"), "{note}");
}

#[test]
fn a_value_nobody_had() {
    let report = judged(17, 10, 1200.0, Fault::NewCategory);
    let found = findings(&report);
    assert!(found.contains(&"new_value TH content.category = vapes".to_owned()), "{found:?}");
}

#[test]
fn the_first_night_has_nothing_to_go_by() {
    let report = judged(17, 0, 1200.0, Fault::None);
    assert_eq!(findings(&report), Vec::<String>::new());
    let notes: Vec<&str> =
        report.figures.iter().filter(|f| f.metric == "drift_share").filter_map(|f| f.note.as_deref()).collect();
    assert_eq!(notes, ["no_history: no night before"; 2]);
    let volumes = report.figures.iter().filter(|f| f.metric == "volume");
    assert!(volumes.clone().count() > 4 && volumes.clone().all(|f| f.state == State::Unknown && f.value.is_some()));
}

#[test]
fn every_finding_says_what_it_rests_on() {
    for fault in [Fault::NoTitles, Fault::Prices("VN", 1000.0), Fault::Half, Fault::Without("SG"), Fault::OtherModel] {
        let report = judged(17, 10, 1200.0, fault);
        let found = report.figures.iter().filter(|figure| figure.state == State::Warning);
        assert!(
            found.clone().count() > 0
                && found.clone().all(|figure| figure.n > 0 && figure.note.is_some() && figure.value.is_some())
        );
    }
}
