//! Every kind of window on tables that a person can check, and the engine against a plain computation window by window.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::config::{self, Overlays, ProjectFile, TableName, WindowColumn, WindowDeclaration, WindowEntity};
use crate::features::fixtures::{as_of, at, decision, engagement, report};
use crate::features::{EngagementDays, RatePrior, TierPriors};
use crate::tables::{DecisionRow, EngagementRow, ReportRow, schema};
use crate::units::{ContentType, Day, Timestamp, Verdict};

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

/// The trends of an item published on day `since`: 2 views on day 97, 4 on 98, 12 on 99, as far as it was there.
fn trends(since: Option<i32>, unknown: &[i32], until: Option<i32>) -> [f32; 3] {
    static PLAN: LazyLock<WindowPlan> =
        LazyLock::new(|| plan("days = [1, 2, 7, 28]\nvalue = \"views\"\ntrend = [[1, 2], [1, 7], [7, 28]]"));
    let mut rows = [(97, 2), (98, 4), (99, 12)].map(|(day, views)| engagement(day, views)).to_vec();
    rows.retain(|row| since.is_none_or(|since| row.day.0 >= since));
    let rows = days(&rows);
    let unknown: Vec<Day> = unknown.iter().copied().map(Day).collect();
    let rows = WindowRows { since: since.map(Day), until: until.map(Day), unknown_days: &unknown, ..of_days(&rows) };
    let values = of(&PLAN, WindowEntity::Content, &rows, &TierPriors::default());
    [values[4], values[5], values[6]]
}

/// ln((1 + a) / (1 + b)).
fn ln_ratio(a: f64, b: f64) -> f32 {
    ((1.0 + a) / (1.0 + b)).ln() as f32
}

#[test]
fn trends_are_of_the_days_that_an_item_lived() {
    let is_missing = |values: [f32; 3]| values.map(f32::is_nan);
    // Always there: 12, 16 / 2, 18 / 7 and 18 / 28 a day.
    assert_eq!(trends(None, &[], None), [ln_ratio(12.0, 8.0), ln_ratio(12.0, 18.0 / 7.0), ln_ratio(18.0 / 7.0, 18.0 / 28.0)]);
    // Three days old: 18 / 3 a day, not 18 / 7; a week and four weeks are the same three days.
    let young = trends(Some(97), &[], None);
    assert_eq!(young[..2], [ln_ratio(12.0, 8.0), ln_ratio(12.0, 6.0)]);
    assert_eq!(is_missing(young), [false, false, true]);
    // Ten days old: 18 / 7 against 18 / 10.
    assert_eq!(trends(Some(90), &[], None)[2], ln_ratio(18.0 / 7.0, 1.8));
    // Published yesterday: nothing to compare with.
    assert_eq!(is_missing(trends(Some(99), &[], None)), [true; 3]);
    // Held back on day 99: yesterday is missing; 6 views in the six days from 93 to 98, and in the 27 from 72.
    let held = trends(None, &[], Some(99));
    assert_eq!(is_missing(held), [true, true, false]);
    assert_eq!(held[2], ln_ratio(1.0, 6.0 / 27.0));
    // Days 72 to 91 and 95 never came: 18 views in six days of the week, and in seven of the eight before the midnight.
    let gaps: Vec<i32> = (72..92).chain([95]).collect();
    assert_eq!(trends(None, &gaps, None)[2], ln_ratio(3.0, 18.0 / 7.0));
    assert_eq!(trends(Some(95), &[95], None)[1], ln_ratio(12.0, 18.0 / 4.0));
}

#[test]
fn trends_of_events_are_of_the_days_that_an_item_lived_too() {
    let plan = events("table = \"reports\"\ndays = [1, 7]\nvalue = \"*\"\ntrend = [[1, 7]]");
    let rows = reports();
    let rows: Vec<&ReportRow> = rows.iter().collect();
    let trend = |since: i32| {
        let rows =
            WindowRows { reports: Some(&rows), since: Some(Day(since)), unknown_days: &[Day(99)], ..WindowRows::default() };
        values(&plan, &rows)[2].1
    };
    // One report in a day; four in 7 days, or in the 5 since day 95 (one was filed before the item says it was published).
    assert_eq!([trend(80), trend(95)], [ln_ratio(1.0, 4.0 / 7.0), ln_ratio(1.0, 4.0 / 5.0)]);
    assert!(trend(99).is_nan());
}

/// As of day 100: 16 views on day 99, 8 on 93, 4 on 92, 2 on 72.
#[test]
fn days_that_have_not_arrived_are_not_zero() {
    let with = |keys: &str, since: Option<i32>, unknown: &[i32]| {
        let mut rows = a_month();
        rows.retain(|row| since.is_none_or(|since| row.day.0 >= since));
        let rows = days(&rows);
        let unknown: Vec<Day> = unknown.iter().copied().map(Day).collect();
        values(&plan(keys), &WindowRows { since: since.map(Day), unknown_days: &unknown, ..of_days(&rows) })
    };
    let views = |since, unknown: &[i32]| with(VIEWS, since, unknown).iter().map(|(_, value)| *value).collect::<Vec<_>>();
    // Day 95 never came: 24 views in six days of seven, 30 in 27 of 28.
    assert_eq!(views(None, &[95]), [16.0, 28.0, (30.0_f64 * 28.0 / 27.0) as f32]);
    // Of an item of day 96 it is no part.
    assert_eq!(views(Some(96), &[95]), [16.0, 16.0, 16.0]);
    // A log that begins on day 92: of an item that was there before, 28 views in 8 of 28 days would be 105 with the two on day 72.
    let log: Vec<i32> = (10..92).collect();
    assert_eq!(views(None, &log), [16.0, 24.0, 105.0]);
    // Nothing has arrived for a week: nothing is known of it.
    let week: Vec<i32> = (93..100).collect();
    let none = views(None, &week);
    assert!(none[0].is_nan() && none[1].is_nan() && none[2] == 40.0, "30 × 28 / 21, {none:?}");
    // Rates are of the known days, and so is what stands behind them.
    let rate = "days = [1, 7]\nvalue = \"views\"\nover = \"*\"\nprior = { fit = \"none\", mean = 0.5, strength = 2 }";
    check(
        &with(rate, None, &[95, 99]),
        &[("t_x_1d", f64::NAN), ("t_x_7d", 3.0 / 4.0), ("t_x_n_1d", f64::NAN), ("t_x_n_7d", 3.0_f64.ln())],
    );
    // A day that was not zero is no day without engagement either.
    check(&with("days = [7]\nvalue = \"*\"\nscale = \"none\"", None, &[95]), &[("t_x_7d", 2.0 * 7.0 / 6.0)]);
    // 24 views in six days of seven, of the ten that the item was there: 28 / 7.
    check(&with("days = [7]\nvalue = \"views\"\nper_day = true\nscale = \"none\"", Some(90), &[95]), &[("t_x_7d", 4.0)]);
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

fn events(keys: &str) -> WindowPlan {
    WindowPlan::compile(&declared(&window("x", keys)))
}

#[test]
fn names_are_counted_once_and_entropy_is_that_of_their_shares() {
    let rows = reports();
    let rows: Vec<&ReportRow> = rows.iter().collect();
    let rows = WindowRows { reports: Some(&rows), ..WindowRows::default() };
    let distinct = "table = \"reports\"\ndays = [1, 7, 28]\nvalue = \"distinct:reporter_id\"\nscale = \"none\"";
    check(&values(&events(distinct), &rows), &[("t_x_1d", 1.0), ("t_x_7d", 2.0), ("t_x_28d", 3.0)]);
    // The day: fake. 7 days: fake 3, scam 1. 28 days: 3 and 2.
    let h = |p: f64| -p * p.ln() - (1.0 - p) * (1.0 - p).ln();
    let entropy = events("table = \"reports\"\ndays = [1, 7, 28]\nvalue = \"entropy:reason\"");
    let got = values(&entropy, &rows);
    assert!(got.iter().zip([0.0, h(0.25), h(0.4)]).all(|((_, got), expect)| (f64::from(*got) - expect).abs() < 1e-6), "{got:?}");
    let none = WindowRows { reports: Some(&[]), ..WindowRows::default() };
    check(&values(&events(distinct), &none), &[("t_x_1d", 0.0), ("t_x_7d", 0.0), ("t_x_28d", 0.0)]);
    assert!(values(&entropy, &none).iter().all(|(_, value)| value.is_nan()), "no names, no entropy");
}

/// Of three human decisions in 28 days two found a violation: (2 + 1) / (3 + 4). A decision by nobody known is not human.
#[test]
fn filters_choose_rows_and_value_filters_only_those_that_count() {
    use crate::units::DecidedBy::{Automatic, Human};
    let decided =
        |id: &str, verdict, day, by| DecisionRow { decided_by: by, minutes: Some(1.5), ..decision(id, "a", verdict, day) };
    let mut rows = [
        decided("1", Verdict::Violating, 90.0, Some(Human)),
        decided("2", Verdict::Violating, 91.0, Some(Automatic)),
        decided("3", Verdict::Compliant, 92.0, Some(Human)),
        decided("4", Verdict::Violating, 93.0, None),
        decided("5", Verdict::Violating, 94.0, Some(Human)),
        decided("6", Verdict::Violating, 95.0, Some(Human)),
    ];
    rows[5].ingested_at = Some(at(100.0));
    let rows: Vec<&DecisionRow> = rows.iter().collect();
    let rows = WindowRows { decisions: Some(&rows), ..WindowRows::default() };
    let by_people = "table = \"decisions\"\ndays = [28]\nfilter = { decided_by = [\"human\"] }";
    let rate = "value = \"*\"\nover = \"*\"\nvalue_filter = { verdict = [\"violating\"] }\nprior = { fit = \"none\", mean = 0.25, strength = 4 }";
    check(&values(&events(&format!("{by_people}\n{rate}")), &rows), &[("t_x_28d", 3.0 / 7.0), ("t_x_n_28d", 4.0_f64.ln())]);
    let minutes = format!("{by_people}\nvalue = \"minutes\"\nscale = \"none\"");
    check(&values(&events(&minutes), &rows), &[("t_x_28d", 4.5)]);
    let both = "table = \"decisions\"\ndays = [28]\nvalue = \"*\"\nscale = \"none\"\nfilter = { decided_by = [\"human\"], verdict = [\"violating\"] }";
    check(&values(&events(both), &rows), &[("t_x_28d", 2.0)]);
}

#[test]
fn each_entity_has_its_own_rows_and_types_that_are_not_meant_are_missing() {
    let text = [
        window("a", "table = \"engagement\"\ndays = [7]\nvalue = \"views\"\nscale = \"none\"\ncontent_types = [\"video\"]"),
        window("b", "table = \"engagement\"\nentity = \"seller\"\ndays = [7]\nvalue = \"views\"\nscale = \"none\""),
        window("c", "table = \"content\"\nentity = \"creator\"\ndays = [7]\nvalue = \"distinct:category\"\nscale = \"none\""),
        window("d", "table = \"engagement\"\ndays = [1]\nvalue = \"views\"\nscale = \"none\""),
    ];
    let plan = WindowPlan::compile(&declared(&text.concat()));
    let of = |entity, rows: &WindowRows<'_>| of(&plan, entity, rows, &plan.configured_priors());
    let published = |day: f64, category| PublicationRow {
        published_at: at(day),
        known_from: None,
        seller: Some(1),
        category: Some(category),
        rating: None,
    };
    let publications = [published(80.0, 1), published(95.0, 2), published(96.0, 3), published(97.0, 3)];
    let (own, seller) = (a_month(), [engagement(98, 500)]);
    let content = of(WindowEntity::Content, &of_days(&days(&own)));
    let seller = of(WindowEntity::Seller, &of_days(&days(&seller)));
    let creator = of(WindowEntity::Creator, &WindowRows { publications: Some(&publications), ..WindowRows::default() });
    let parts = WindowParts { content: Some(&content), seller: Some(&seller), creator: Some(&creator) };
    let expect = [("t_a_7d", 24.0), ("t_b_7d", 500.0), ("t_c_7d", 2.0), ("t_d_1d", 16.0)];
    check(&named(&plan, &plan.row(&parts, ContentType::Video)), &expect);
    let alone = WindowParts { content: Some(&content), ..WindowParts::default() };
    let expect = [("t_a_7d", f64::NAN), ("t_b_7d", f64::NAN), ("t_c_7d", f64::NAN), ("t_d_1d", 16.0)];
    check(&named(&plan, &plan.row(&alone, ContentType::Listing)), &expect);
    assert!(plan.reads(WindowEntity::Creator, TableName::Content) && !plan.reads(WindowEntity::Content, TableName::Reports));
}

#[test]
fn docs_and_definitions_say_what_a_column_is() {
    let plan = plan("days = [1, 7]\nvalue = \"views\"\ntrend = [[1, 7]]");
    let docs: Vec<(&str, &str, &str)> =
        plan.docs().iter().map(|doc| (doc.what.as_str(), doc.range.as_str(), doc.definition.as_str())).collect();
    assert_eq!(
        docs,
        [
            ("ln(1 + things over the last day)", "0 and up", "window 3: 1 days of views of engagement of content ln"),
            ("ln(1 + things over the last 7 days)", "0 and up", "window 3: 7 days of views of engagement of content ln"),
            (
                "ln((1 + things a day over the last day) / (1 + things a day over the last 7 days))",
                "any",
                "window 3: trend 1 to 7 days of views of engagement of content"
            ),
        ]
    );
    let rate = events(
        "table = \"decisions\"\nentity = \"seller\"\ndays = [90]\nvalue = \"*\"\nover = \"*\"\nvalue_filter = { verdict = [\"violating\"] }\n\
         filter = { decided_by = [\"human\"] }\nprior = { fit = \"tier\", mean = 0.25, strength = 4 }\ncontent_types = [\"listing\"]",
    );
    let [value, n] = rate.docs() else { panic!("two columns") };
    assert_eq!(value.what, "things over the last 90 days, shrunk to the tier's prior");
    assert_eq!((value.group.as_str(), value.range.as_str()), ("seller", "0 to 1"));
    assert_eq!(value.inputs, ["decisions", "content.seller_id", "decisions.decided_by", "decisions.verdict"]);
    assert_eq!(n.inputs, ["decisions", "content.seller_id", "decisions.decided_by"]);
    assert_eq!(
        value.definition,
        "window 2: 90 days of * of decisions of seller over * where decided_by in [\"human\"] value where verdict in [\"violating\"] \
         prior 0.25 of 4.0 fitted by tier over 28 days for listing"
    );
    assert_eq!(n.definition, "window 2: 90 days of * of decisions of seller where decided_by in [\"human\"] ln for listing");
}

#[test]
fn a_column_reads_the_columns_that_it_is_made_of() {
    let rate = plan("days = [7]\nvalue = \"refunds\"\nover = \"orders\"\nprior = { fit = \"none\", mean = 0.1, strength = 10 }");
    let inputs: Vec<&[String]> = rate.docs().iter().map(|doc| &doc.inputs[..]).collect();
    assert_eq!(
        inputs,
        [&["engagement.refunds".to_owned(), "engagement.orders".to_owned()][..], &["engagement.orders".to_owned()]]
    );
    assert_eq!(plan("days = [7]\nvalue = \"*\"").docs()[0].inputs, ["engagement"]);
    let reporters = events("table = \"reports\"\ndays = [7]\nvalue = \"distinct:reporter_id\"");
    assert_eq!(reporters.docs()[0].inputs, ["reports.reporter_id"]);
    // Engagement ends with an action, and a prior fitted by tier needs to know the tier.
    assert!(rate.docs().iter().all(|doc| doc.uses == ["actions.content_id"]));
    assert!(reporters.docs()[0].uses.is_empty());
    let fitted =
        plan("days = [7]\nvalue = \"refunds\"\nover = \"orders\"\nprior = { fit = \"tier\", mean = 0.1, strength = 10 }");
    assert_eq!(fitted.docs()[0].uses, ["actions.content_id", "sellers.tier", "content.seller_id"]);
}

#[test]
fn the_built_in_windows_have_full_docs_and_unique_names() {
    let project = ProjectFile { path: Path::new("stallmark.toml"), text: None };
    let config = config::load(&project, &Overlays { environment: &BTreeMap::new(), sets: &[] }, Path::new("/p")).unwrap();
    let plan = WindowPlan::compile(&config.features.windows);
    let mut names: Vec<&str> = plan.docs().iter().map(|doc| doc.name.as_str()).chain(crate::features::names()).collect();
    for kept in ["view_rate_1d", "seller_refund_rate_28d", "views_trend_7_28d", "refunds_28d", "active_days_28d", "comments_7d"] {
        assert!(names.contains(&kept), "{kept}");
    }
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    for doc in plan.docs() {
        for part in [&doc.what, &doc.why, &doc.range, &doc.evaded_by, &doc.definition] {
            assert!(!part.is_empty() && !part.contains("{days}"), "{doc:?}");
        }
        assert!(!doc.inputs.is_empty(), "{doc:?}");
    }
}

#[test]
fn columns_of_windows_are_columns_of_the_contract() {
    for (table, column) in WindowColumn::all() {
        assert!(schema(table).iter().any(|spec| spec.column == column.as_str()), "{table}.{}", column.as_str());
    }
}

/// The sum over one window, read off the definition.
fn plain(rows: &[EngagementRow], days: i32, until: Option<Day>) -> f32 {
    let within = |row: &&EngagementRow| {
        as_of(100).knows_day(row.day, row.ingested_at) && row.day.0 >= 100 - days && until.is_none_or(|until| row.day < until)
    };
    let known: Vec<&EngagementRow> = rows.iter().filter(within).collect();
    let cells: Vec<u64> = known.iter().filter_map(|row| row.views).collect();
    if until.is_some_and(|until| until.0 <= 100 - days) {
        return f32::NAN;
    }
    match (known.is_empty(), cells.is_empty()) {
        (true, _) => 0.0,
        (false, true) => f32::NAN,
        _ => cells.iter().fold(0_u64, |sum, cell| sum.saturating_add((*cell).min(u64::MAX - 1))) as f32,
    }
}

prop_compose! {
    fn any_days()(rows in proptest::collection::vec((-5..200_i32, proptest::option::of(prop_oneof![0..1000_u64, Just(u64::MAX)]),
        proptest::option::of(90.0..110.0_f64), proptest::option::of(0.0..1e9_f64)), 0..60)) -> Vec<EngagementRow> {
        let mut rows: Vec<EngagementRow> = rows.into_iter().map(|(day, views, ingested, gmv)| EngagementRow {
            views, gmv, ingested_at: ingested.map(at), ..engagement(day, 0)
        }).collect();
        rows.sort_by_key(|row| row.day);
        rows
    }
}

/// A window of every kind that adds something up.
static PEEKING: LazyLock<WindowPlan> = LazyLock::new(|| {
    let text = [
        window("a", "table = \"engagement\"\ndays = [1, 7, 28]\nvalue = \"gmv\"\ntrend = [[1, 7]]"),
        window(
            "b",
            "table = \"engagement\"\ndays = [7, 90]\nvalue = \"*\"\nover = \"views\"\nprior = { fit = \"tier\", mean = 0.1, strength = 3 }",
        ),
        window("c", "table = \"reports\"\ndays = [2, 30]\nvalue = \"distinct:reporter_id\""),
        window(
            "d",
            "table = \"reports\"\ndays = [2, 30]\nvalue = \"entropy:reporter_id\"\nfilter = { reporter_id = [\"1\", \"2\", \"3\"] }",
        ),
    ];
    WindowPlan::compile(&declared(&text.concat()))
});

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

proptest! {
    #[test]
    fn the_engine_is_the_plain_sum_of_every_window(rows in any_days(), until in proptest::option::of(60..110_i32)) {
        static PLAN: LazyLock<WindowPlan> = LazyLock::new(|| plan("days = [1, 7, 28, 90]\nvalue = \"views\"\nscale = \"none\""));
        let until = until.map(Day);
        let got = of(&PLAN, WindowEntity::Content, &WindowRows { until, ..of_days(&days(&rows)) }, &TierPriors::default());
        prop_assert_eq!(bits(&got), bits(&[1, 7, 28, 90].map(|days| plain(&rows, days, until))));
    }

    #[test]
    fn what_is_not_known_at_the_midnight_changes_nothing_by_a_bit(rows in any_days(), since in proptest::option::of(60..105_i32), named in proptest::collection::vec((0..5_u8, 50.0..110.0_f64, any::<bool>()), 0..30)) {
        let plan = &*PEEKING;
        let reports: Vec<ReportRow> = named.iter().map(|(who, day, late)| ReportRow {
            ingested_at: late.then(|| at(day + 5.0)), ..report("a", Some(&who.to_string()), *day)
        }).collect();
        let values = |rows: &[EngagementRow], reports: Vec<&ReportRow>| {
            let rows = days(rows);
            let rows = WindowRows { reports: Some(&reports), since: since.map(Day), ..of_days(&rows) };
            let values = of(plan, WindowEntity::Content, &rows, &plan.configured_priors());
            (bits(&values), plan.fit_counts(&rows, as_of(100)))
        };
        let known: Vec<EngagementRow> = rows.iter().filter(|row| as_of(100).knows_day(row.day, row.ingested_at)).cloned().collect();
        let past = reports.iter().filter(|row| as_of(100).knows(row.reported_at, row.ingested_at)).collect();
        prop_assert_eq!(values(&rows, reports.iter().collect()), values(&known, past));
    }
}
