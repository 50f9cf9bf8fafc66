//! The engine against the plain sum of every window.

use proptest::prelude::*;

use super::*;

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
