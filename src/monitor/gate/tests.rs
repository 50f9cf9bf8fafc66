//! Each check refuses beyond its limit, passes at it, and says nothing without history.

use super::*;
use crate::config::GateLimits;
use crate::monitor::drift::{DriftReport, ModelVersions};
use crate::monitor::{Range, Segment};

const LIMITS: GateLimits = GateLimits {
    enabled: true,
    max_reject_share: 0.1,
    min_rows: 100,
    min_volume_ratio: 0.5,
    min_coverage: 0.2,
    max_gone_null_share: 0.1,
    max_score_psi: 0.5,
    max_drift_share: 0.5,
    max_churn: 0.25,
    max_churn_new_model: 0.5,
    max_calibration_gap: 0.2,
    max_actioned_share: 0.3,
    max_missing_markets: 0,
};

/// A healthy night, changed.
fn refusals(change: impl FnOnce(&mut Night)) -> Vec<String> {
    let mut night = Night::healthy();
    change(&mut night);
    let report = night.judge();
    assert_eq!(report.is_refused(), !report.shortfalls().is_empty());
    report.shortfalls()
}

struct Night {
    tables: Vec<TableShare>,
    items_before: Vec<(Option<Market>, u64, u64)>,
    coverage: f64,
    drift: DriftReport,
    churn: Option<Churn>,
    last_model: Option<&'static str>,
    policies: Vec<PolicyShare>,
    figures: Vec<Figure>,
}

fn th() -> Market {
    "TH".parse().unwrap()
}

fn churned(items: u64, changed: u64) -> Churn {
    let mut churn = Churn::default();
    for at in 0..items {
        let bands = if at < changed { ["good", "poor"] } else { ["good", "good"] };
        churn.add(Mover {
            content_id: format!("i{at:04}").into(),
            market: th(),
            abuse: [Some(0.0), Some(at as f32 / items as f32)],
            band: bands.map(str::to_owned),
            reasons: Vec::new(),
        });
    }
    churn
}

impl Night {
    fn healthy() -> Self {
        let drift = DriftReport {
            columns_compared: 100,
            columns_moved: 50,
            score_moved: Some(("abuse".to_owned(), 0.5, 1000)),
            gone_null: (0..11).map(|i| (format!("f{i}"), 1000)).collect(),
            ..DriftReport::default()
        };
        Self {
            tables: vec![TableShare { table: "content", rows: 1000, rejected: 100 }],
            items_before: vec![(None, 2000, 1000), (Some(th()), 2000, 1000)],
            coverage: 0.2,
            drift,
            churn: Some(churned(1000, 250)),
            last_model: Some("m2"),
            policies: vec![PolicyShare { id: "flood".into(), in_scope: 1000, acted: 300 }],
            figures: vec![gap(0.2, None)],
        }
    }

    fn judge(&self) -> GateReport {
        let inputs = GateInputs {
            tables: &self.tables,
            items: 1000,
            items_before: &self.items_before,
            coverage: Some(self.coverage),
            drift: &self.drift,
            has_history: self.last_model.is_some(),
            churn: self.churn.as_ref(),
            models: ModelVersions { tonight: "m2", last: self.last_model },
            policies: &self.policies,
            figures: &self.figures,
        };
        judge_gate(&inputs, &LIMITS)
    }
}

fn gap(value: f64, interval: Option<Range>) -> Figure {
    let segment = Segment { label: Some("scam".into()), ..Segment::default() };
    Figure { value: Some(value), n: 300, interval, ..Figure::new(Family::Calibration, "calibration_gap", segment, Unit::Number) }
}

#[test]
fn at_its_limits_a_night_goes_out() {
    assert_eq!(refusals(|_| {}), Vec::<String>::new());
    let report = Night::healthy().judge();
    assert!(report.checks.iter().all(|check| check.state == GateState::Passed), "{:?}", report.checks);
    assert_eq!(report.checks.len(), 11);
}

#[test]
fn each_check_refuses_in_a_sentence() {
    let check = |change: &dyn Fn(&mut Night), expect: &str| assert_eq!(refusals(change), [expect]);
    check(
        &|n| n.tables[0].rejected = 101,
        "rejects: 101 of the 1000 rows of content (10.10 %) were set aside; at most 10.00 % may be",
    );
    check(
        &|n| n.items_before[1] = (Some(th()), 2001, 1000),
        "volume: 1000 items in TH, 0.50 times the 2001 of the median of the last nights; at least 0.50 times are needed",
    );
    check(&|n| n.coverage = 0.19, "coverage: 19.00 % of the features are there in the mean; at least 20.00 % must be");
    check(
        &|n| n.drift.gone_null.push(("f11".to_owned(), 1000)),
        "gone null: 12 of 112 columns (f0, f1, f2, f3, f4 and 7 more) have no value tonight; at most 10.00 % may",
    );
    check(
        &|n| n.drift.score_moved = Some(("p_scam".to_owned(), 0.51, 900)),
        "score drift: p_scam moved by a PSI of 0.510 from the nights before, on 900 items; at most 0.5",
    );
    check(&|n| n.drift.columns_moved = 51, "drift share: 51 of 100 columns have drifted (51.00 %); at most 50.00 % may");
    check(
        &|n| n.churn = Some(churned(1000, 251)),
        "churn: 251 of the 1000 items of both nights (25.10 %) change band; at most 25.00 % may",
    );
    check(
        &|n| n.figures = vec![gap(-0.21, None)],
        "calibration: p_scam is -0.210 away from what 300 fresh decisions say; at most 0.2",
    );
    check(
        &|n| n.policies[0].acted = 301,
        "firing rate: policy `flood` acts on 301 of 1000 items in its scope (30.10 %); at most 30.00 %",
    );
    check(
        &|n| n.drift.missing_markets = vec![(th(), 40)],
        "missing market: TH (40 items a night before); at most 0 may be missing",
    );
}

#[test]
fn a_gap_that_may_be_chance_does_not_refuse() {
    let range = |low, high| Some(Range { low, high });
    assert!(refusals(|n| n.figures = vec![gap(0.3, range(0.1, 0.5))]).is_empty());
    assert_eq!(refusals(|n| n.figures = vec![gap(0.3, range(0.25, 0.35))]).len(), 1);
}

#[test]
fn another_model_has_its_own_limit_and_is_named() {
    let swapped = |changed| {
        refusals(|n| {
            n.last_model = Some("m1");
            n.drift.score_moved = Some(("abuse".to_owned(), 3.0, 1000));
            n.churn = Some(churned(1000, changed));
        })
    };
    assert!(swapped(500).is_empty());
    let expect =
        "churn: model m1 gave way to m2: 501 of the 1000 items of both nights (50.10 %) change band; at most 50.00 % may";
    assert_eq!(swapped(501), [expect]);
}

#[test]
fn the_first_night_is_judged_by_fixed_limits_alone() {
    let mut night = Night::healthy();
    (night.last_model, night.churn, night.items_before) = (None, None, Vec::new());
    night.drift = DriftReport::default();
    let report = night.judge();
    let unknown: Vec<&str> = report.checks.iter().filter(|c| c.state == GateState::Unknown).map(|c| c.name).collect();
    assert_eq!(unknown, ["volume", "missing_market", "gone_null", "score_drift", "drift_share", "churn"]);
    assert!(!report.is_refused());
    night.coverage = 0.1;
    assert!(night.judge().is_refused());
}

#[test]
fn little_is_not_judged() {
    let quiet = refusals(|n| {
        n.tables[0] = TableShare { table: "reports", rows: 99, rejected: 99 };
        n.policies[0] = PolicyShare { id: "small".into(), in_scope: 99, acted: 99 };
        n.items_before = vec![(Some(th()), 99, 0)];
        n.churn = Some(churned(99, 99));
    });
    assert_eq!(quiet, Vec::<String>::new());
}

#[test]
fn movers_are_the_same_in_any_order_and_figures_carry_the_checks() {
    let report = Night::healthy().judge();
    assert_eq!(report.movers.len(), 20);
    assert_eq!(report.movers[0].content_id, "i0249");
    let figures = report.figures();
    assert_eq!(figures.len(), report.checks.len());
    assert!(figures.iter().all(|f| f.n > 0 && f.metric.starts_with("gate_") && f.note.is_some()));
}
