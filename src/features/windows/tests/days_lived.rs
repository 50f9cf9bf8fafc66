//! Trends, and windows of days that have not arrived.

use super::*;

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
