//! Every kind of window on tables that a person can check, and the engine against a plain computation window by window.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use super::*;
use crate::config::{self, Overlays, ProjectFile, TableName, WindowColumn, WindowDeclaration, WindowEntity};
use crate::features::fixtures::{as_of, at, decision, engagement, report};
use crate::features::{EngagementDays, RatePrior, TierPriors};
use crate::tables::{DecisionRow, EngagementRow, ReportRow, schema};
use crate::units::{ContentType, Day, Timestamp, Verdict};

mod days_lived;
mod docs;
mod events;
mod properties;

/// The windows whose names begin with `t_` of a project file with `text`.
fn declared(text: &str) -> Vec<WindowDeclaration> {
    let project = ProjectFile { path: Path::new("stallmark.toml"), text: Some(text) };
    let config = config::load(&project, &Overlays { environment: &BTreeMap::new(), sets: &[] }, Path::new("/p")).unwrap();
    config.features.windows.into_iter().filter(|window| window.name.starts_with("t_")).collect()
}

/// The window `t_<name>` with `keys`.
fn window(name: &str, keys: &str) -> String {
    format!("[features.windows.t_{name}]\nwhat = \"things over {{days}}\"\nwhy = \"w\"\nevaded_by = \"e\"\n{keys}\n")
}

/// A plan of one window over engagement.
fn plan(keys: &str) -> WindowPlan {
    WindowPlan::compile(&declared(&window("x", &format!("table = \"engagement\"\n{keys}"))))
}

/// The entity's values as of day 100, for an item published on day 90.
fn of(plan: &WindowPlan, entity: WindowEntity, rows: &WindowRows<'_>, priors: &TierPriors) -> Vec<f32> {
    let mut values = Vec::new();
    plan.add_values(entity, rows, WindowMoment { as_of: as_of(100), published_at: at(90.0), priors }, &mut values);
    values
}

/// The item's columns by name.
fn values(plan: &WindowPlan, rows: &WindowRows<'_>) -> Vec<(String, f32)> {
    let values = of(plan, WindowEntity::Content, rows, &plan.configured_priors());
    named(plan, &plan.row(&WindowParts { content: Some(&values), ..WindowParts::default() }, ContentType::Listing))
}

fn named(plan: &WindowPlan, row: &[f32]) -> Vec<(String, f32)> {
    assert_eq!(plan.docs().len(), row.len());
    plan.docs().iter().map(|doc| doc.name.clone()).zip(row.iter().copied()).collect()
}

#[track_caller]
fn check(got: &[(String, f32)], expect: &[(&str, f64)]) {
    let names: Vec<&str> = got.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, expect.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    for ((name, got), (_, expect)) in got.iter().zip(expect) {
        assert!((got.is_nan() && expect.is_nan()) || *got == *expect as f32, "{name} is {got}, expected {expect}");
    }
}

fn days(rows: &[EngagementRow]) -> EngagementDays {
    EngagementDays::of(rows)
}

fn of_days(rows: &EngagementDays) -> WindowRows<'_> {
    WindowRows { engagement: Some(rows), ..WindowRows::default() }
}

/// As of day 100: the last known day is 99, the 7-day window is days 93 to 99, the 28-day one days 72 to 99.
fn a_month() -> Vec<EngagementRow> {
    [(71, 1), (72, 2), (92, 4), (93, 8), (99, 16), (100, 32)].map(|(day, views)| engagement(day, views)).to_vec()
}

const VIEWS: &str = "days = [1, 7, 28]\nvalue = \"views\"\nscale = \"none\"";

#[test]
fn sums_end_before_the_midnight() {
    let rows = a_month();
    check(&values(&plan(VIEWS), &of_days(&days(&rows))), &[("t_x_1d", 16.0), ("t_x_7d", 24.0), ("t_x_28d", 30.0)]);
    let ln = "days = [7]\nvalue = \"views\"";
    check(&values(&plan(ln), &of_days(&days(&rows))), &[("t_x_7d", 25.0_f64.ln())]);
}

#[test]
fn an_action_ends_the_items_windows() {
    let rows = a_month();
    let rows = days(&rows);
    let until = WindowRows { until: Some(Day(99)), ..of_days(&rows) };
    // Days 93 to 98 hold 8; of the last day before the midnight nothing is known.
    check(&values(&plan(VIEWS), &until), &[("t_x_1d", f64::NAN), ("t_x_7d", 8.0), ("t_x_28d", 14.0)]);
    let kinds = "days = [1, 7]\nvalue = \"reports\"\nover = \"views\"\nprior = { fit = \"none\", mean = 0.1, strength = 10 }";
    let (rates, sums) = (plan(kinds), plan("days = [1, 7]\nvalue = \"views\"\ntrend = [[1, 7]]"));
    let missing = |plan: &WindowPlan, rows| values(plan, rows).iter().map(|(_, value)| value.is_nan()).collect::<Vec<_>>();
    let nothing = EngagementDays::default();
    let of_nothing = WindowRows { until: Some(Day(93)), ..of_days(&nothing) };
    assert_eq!((missing(&rates, &of_nothing), missing(&sums, &of_nothing)), (vec![true; 4], vec![true; 3]));
    let of_a_day = WindowRows { until: Some(Day(94)), ..of_days(&nothing) };
    assert_eq!(missing(&rates, &of_a_day), [true, false, true, false]);
    assert_eq!(missing(&sums, &of_a_day), [true, false, true]);
}

/// Published on day 97 and treated then or before: no day is its own.
#[test]
fn an_item_that_was_treated_before_it_lived_has_no_windows() {
    let nothing = EngagementDays::default();
    let rate = "days = [1, 7, 28]\nvalue = \"reports\"\nover = \"views\"\nn_column = false\nprior = { fit = \"none\", mean = 0.1, strength = 10 }";
    let of = |keys: &str, until: i32| {
        values(&plan(keys), &WindowRows { since: Some(Day(97)), until: Some(Day(until)), ..of_days(&nothing) })
    };
    for until in [97, 96, 60] {
        let got = [of(VIEWS, until), of(rate, until)].concat();
        assert!(got.iter().all(|(_, value)| value.is_nan()), "{until}: {got:?}");
    }
    check(&of(VIEWS, 98), &[("t_x_1d", f64::NAN), ("t_x_7d", 0.0), ("t_x_28d", 0.0)]);
    check(&of(rate, 98), &[("t_x_1d", f64::NAN), ("t_x_7d", 0.1), ("t_x_28d", 0.1)]);
}

/// 10 views on each of days 72 to 99 of an item that says it was published on day 97.
#[test]
fn an_item_that_is_listed_anew_was_there_before() {
    let sums = plan("days = [1, 7, 28]\nvalue = \"views\"\nscale = \"none\"\ntrend = [[1, 7], [7, 28]]");
    let per_day = plan("days = [1, 7, 28]\nvalue = \"views\"\nscale = \"none\"\nper_day = true");
    let of = |rows: &[EngagementRow], unknown: &[Day]| {
        let (mut values, priors) = (Vec::new(), TierPriors::default());
        let moment = WindowMoment { as_of: as_of(100), published_at: at(97.5), priors: &priors };
        let rows = days(rows);
        let rows = WindowRows { since: Some(Day(97)), unknown_days: unknown, ..of_days(&rows) };
        sums.add_values(WindowEntity::Content, &rows, moment, &mut values);
        per_day.add_values(WindowEntity::Content, &rows, moment, &mut values);
        values
    };
    let mut rows: Vec<EngagementRow> = (72..100).map(|day| engagement(day, 10)).collect();
    let steady = [10.0, 70.0, 280.0, 0.0, 0.0, 10.0, 10.0, 10.0];
    assert_eq!(of(&rows, &[]), steady);
    // Day 95 never came: 60 views in six days of seven, 270 in 27 of 28.
    let without: Vec<EngagementRow> = rows.iter().filter(|row| row.day != Day(95)).cloned().collect();
    assert_eq!(of(&without, &[Day(95)]), steady);
    // Days 72 to 75 reached us at the midnight: what is known of the item begins on day 76.
    rows.iter_mut().take(4).for_each(|row| row.ingested_at = Some(at(100.0)));
    assert_eq!(of(&rows, &[]), [10.0, 70.0, 240.0, 0.0, 0.0, 10.0, 10.0, 10.0]);
    // Without rows before it, life begins with the publication, halfway through day 97.
    let new = of(&rows[25..], &[]);
    assert_eq!((&new[..4], &new[5..]), (&[10.0, 30.0, 30.0, 0.0][..], &[10.0, 12.0, 12.0][..]));
    assert!(new[4].is_nan());
}

#[test]
fn late_rows_are_not_known_yet() {
    let mut rows = a_month();
    rows[4].ingested_at = Some(as_of(100).instant);
    rows[3].ingested_at = Some(Timestamp(as_of(100).instant.0 - 1));
    check(&values(&plan(VIEWS), &of_days(&days(&rows))), &[("t_x_1d", 0.0), ("t_x_7d", 8.0), ("t_x_28d", 14.0)]);
}

#[test]
fn no_rows_count_zero_no_cell_is_missing_and_so_is_no_table() {
    let orders = "days = [1, 7]\nvalue = \"orders\"";
    check(&values(&plan(orders), &of_days(&EngagementDays::default())), &[("t_x_1d", 0.0), ("t_x_7d", 0.0)]);
    // Day 95 has views and no orders column: what was ordered is not known; yesterday had no row: nothing was ordered.
    check(&values(&plan(orders), &of_days(&days(&[engagement(95, 3)]))), &[("t_x_1d", 0.0), ("t_x_7d", f64::NAN)]);
    check(&values(&plan(orders), &WindowRows::default()), &[("t_x_1d", f64::NAN), ("t_x_7d", f64::NAN)]);
}

#[test]
fn rows_of_engagement_are_days_and_amounts_are_sums() {
    let rows = a_month();
    check(&values(&plan("days = [28]\nvalue = \"*\"\nscale = \"none\""), &of_days(&days(&rows))), &[("t_x_28d", 4.0)]);
    let mut rows = a_month();
    (rows[3].gmv, rows[4].gmv) = (Some(2.5), Some(f64::NAN));
    let gmv = "days = [1, 7, 28]\nvalue = \"gmv\"\nscale = \"none\"";
    check(&values(&plan(gmv), &of_days(&days(&rows))), &[("t_x_1d", f64::NAN), ("t_x_7d", 2.5), ("t_x_28d", 2.5)]);
}

/// 3 reports of 24 views, prior 0.1 worth 10 views: (3 + 1) / (24 + 10). Yesterday had 16 views and nothing reported.
#[test]
fn rates_are_shrunk_and_keep_their_n() {
    let mut rows = a_month();
    (rows[3].reports, rows[4].reports) = (Some(3), Some(0));
    let rate = "days = [1, 7]\nvalue = \"reports\"\nover = \"views\"\nprior = { fit = \"none\", mean = 0.1, strength = 10 }";
    let expect = [("t_x_1d", 1.0 / 26.0), ("t_x_7d", 4.0 / 34.0), ("t_x_n_1d", 17.0_f64.ln()), ("t_x_n_7d", 25.0_f64.ln())];
    check(&values(&plan(rate), &of_days(&days(&rows))), &expect);
    // Without a row it is the prior; with more events than chances, one a chance.
    let n = ["t_x_n_1d", "t_x_n_7d"];
    check(
        &values(&plan(rate), &of_days(&EngagementDays::default())),
        &[("t_x_1d", 0.1), ("t_x_7d", 0.1), (n[0], 0.0), (n[1], 0.0)],
    );
    rows[4].reports = Some(99);
    let expect = [("t_x_1d", 17.0 / 26.0), ("t_x_7d", 25.0 / 34.0), (n[0], 17.0_f64.ln()), (n[1], 25.0_f64.ln())];
    check(&values(&plan(rate), &of_days(&days(&rows))), &expect);
    check(&values(&plan(&format!("{rate}\nn_column = false")), &of_days(&days(&rows))), &expect[..2]);
}

#[test]
fn the_tiers_prior_replaces_the_configured_one() {
    let mut rows = a_month();
    (rows[3].reports, rows[4].reports) = (Some(3), Some(0));
    let keys = "days = [7]\nvalue = \"reports\"\nover = \"views\"\nn_column = false\nprior = { fit = \"tier\", mean = 0.1, strength = 10 }";
    let plan = plan(keys);
    assert_eq!(plan.fit_counts(&of_days(&days(&rows)), as_of(100)), [Some((3, 30))], "28 days, whatever the window's");
    let tier = plan.configured_priors().fitted([Some(RatePrior { alpha: 2.0, beta: 4.0, n: 9 })].into_iter());
    let got = of(&plan, WindowEntity::Content, &of_days(&days(&rows)), &tier);
    assert_eq!(got, [(5.0_f64 / 30.0) as f32]);
    let unknown = of(&plan, WindowEntity::Content, &of_days(&days(&rows)), &TierPriors::default());
    assert!(unknown[0].is_nan(), "no prior, no rate");
}

#[test]
fn windows_that_differ_in_days_or_entity_share_a_prior_and_n_is_not_kept_twice() {
    let rate =
        "table = \"engagement\"\nvalue = \"reports\"\nover = \"views\"\nprior = { fit = \"tier\", mean = 0.1, strength = 10 }";
    let text = [
        window("a", &format!("{rate}\ndays = [7, 28]")),
        window("b", &format!("{rate}\ndays = [1]\nentity = \"seller\"")),
        window("c", "table = \"engagement\"\nvalue = \"views\"\ndays = [7]"),
    ];
    let plan = WindowPlan::compile(&declared(&text.concat()));
    assert_eq!(plan.fit_counts(&of_days(&days(&a_month())), as_of(100)).len(), 1);
    let names: Vec<&str> = plan.docs().iter().map(|doc| doc.name.as_str()).collect();
    assert_eq!(names, ["t_a_7d", "t_a_28d", "t_a_n_28d", "t_b_1d", "t_b_n_1d", "t_c_7d"], "t_c_7d is the n of t_a_7d");
}

/// 60 seconds of 24 views: 2.5 each.
#[test]
fn an_amount_over_a_count_is_a_mean() {
    let mut rows = a_month();
    (rows[3].watch_s, rows[4].watch_s) = (Some(50.0), Some(10.0));
    let mean = "days = [7]\nvalue = \"watch_s\"\nover = \"views\"\nscale = \"none\"\nn_column = false";
    check(&values(&plan(mean), &of_days(&days(&rows))), &[("t_x_7d", 2.5)]);
    check(&values(&plan(mean), &of_days(&EngagementDays::default())), &[("t_x_7d", f64::NAN)]);
}

/// 16 a day against 24 in 7: ln(17 / (1 + 24/7)). Published ten days ago: all seven days; published two days ago: two of them.
#[test]
fn trends_compare_mean_days_and_velocity_counts_the_days_lived() {
    let rows = a_month();
    let trend = values(&plan("days = [1, 7]\nvalue = \"views\"\ntrend = [[1, 7]]"), &of_days(&days(&rows)));
    let expect = (17.0_f64 / (1.0 + 24.0 / 7.0)).ln();
    check(&trend, &[("t_x_1d", 17.0_f64.ln()), ("t_x_7d", 25.0_f64.ln()), ("t_x_trend_1_7d", expect)]);
    let plan = plan("days = [7]\nvalue = \"views\"\nper_day = true\nscale = \"none\"");
    let per_day = |published: f64| {
        let (mut values, priors) = (Vec::new(), plan.configured_priors());
        let moment = WindowMoment { as_of: as_of(100), published_at: at(published), priors: &priors };
        plan.add_values(WindowEntity::Content, &of_days(&days(&rows)), moment, &mut values);
        values[0]
    };
    assert_eq!([per_day(90.0), per_day(98.0), per_day(99.9)], [(24.0_f64 / 7.0) as f32, 12.0, 24.0]);
}

fn events(keys: &str) -> WindowPlan {
    WindowPlan::compile(&declared(&window("x", keys)))
}

/// Three reports in 7 days by two people and one nameless, a fourth person before; one filed at the midnight is not known.
fn reports() -> Vec<ReportRow> {
    let named = |who: Option<&str>, reason: &str, day: f64| ReportRow { reason: Some(reason.into()), ..report("a", who, day) };
    vec![
        named(Some("p4"), "scam", 80.0),
        named(Some("p1"), "fake", 93.5),
        named(None, "fake", 95.0),
        named(Some("p1"), "scam", 98.0),
        named(Some("p2"), "fake", 99.5),
        named(Some("p3"), "scam", 100.0),
    ]
}
