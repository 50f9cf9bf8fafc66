//! Records of reporters, counted by hand. Day 4 is a Monday, and so are 11, 18 and 25.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::dataset::cross_seller::link_fixtures::{at, item, links, midnight, report, verdict};
use crate::dataset::shard::ContentHistory;
use crate::tables::{DecisionRow, ReportRow};
use crate::units::DecidedBy;
use crate::units::Verdict::{Compliant, Violating};

fn reported(id: &str, reports: Vec<ReportRow>, decisions: Vec<DecisionRow>) -> ContentHistory {
    ContentHistory { reports, decisions, ..item(id, "s", "", 0.5) }
}

/// The judged and upheld reports of `reporter` at the midnights of some days.
fn check(items: Vec<ContentHistory>, reporter: &str, expect: &[(i32, u32, u32)]) {
    let reporters = links(items).reporters;
    for (day, judged, upheld) in expect {
        let record = reporters.record(&reporter.into(), midnight(*day));
        assert_eq!(record, ReporterRecord { judged: *judged, upheld: *upheld }, "{reporter} at day {day}");
    }
}

#[test]
fn a_report_counts_from_the_monday_after_its_decision() {
    let decisions = vec![verdict("1", Violating, 6.0, None)];
    let items = vec![reported("c", vec![report("r", 5.0), report("late", 6.0), report("", 5.0)], decisions)];
    check(items.clone_all(), "r", &[(10, 0, 0), (11, 1, 1), (17, 1, 1), (400, 1, 1)]);
    // Reported at the moment of the decision: not judged by it.
    check(items.clone_all(), "late", &[(400, 0, 0)]);
    check(items, "somebody", &[(400, 0, 0)]);
}

#[test]
fn an_overturn_replaces_the_verdict_from_its_own_monday() {
    let decisions = vec![verdict("1", Violating, 6.0, None), verdict("2", Compliant, 13.0, Some("1"))];
    check(vec![reported("c", vec![report("r", 5.0)], decisions)], "r", &[(11, 1, 1), (17, 1, 1), (18, 1, 0), (25, 1, 0)]);
}

#[test]
fn the_first_review_after_the_report_judges_it_and_any_violation_upholds_it() {
    // One review of two labels, then another review a week later.
    let decisions =
        vec![verdict("1", Compliant, 6.0, None), verdict("2", Violating, 6.0, None), verdict("3", Compliant, 12.0, None)];
    let reports = vec![report("early", 4.5), report("between", 7.0), report("twice", 4.5), report("twice", 5.5)];
    let items = vec![reported("c", reports, decisions)];
    check(items.clone_all(), "early", &[(11, 1, 1), (18, 1, 1)]);
    check(items.clone_all(), "between", &[(11, 0, 0), (18, 1, 0)]);
    check(items, "twice", &[(11, 1, 1), (18, 1, 1)]);
}

/// Reported and judged in the first week, and known only on day 13: who was right is known from the next Monday on.
#[test]
fn nothing_is_known_of_a_report_before_its_item_is() {
    let mut item = reported("c", vec![report("r", 5.0)], vec![verdict("1", Violating, 6.0, None)]);
    item.versions[0].ingested_at = Some(at(13.0));
    check(vec![item], "r", &[(11, 0, 0), (17, 0, 0), (18, 1, 1)]);
}

#[test]
fn reports_on_several_items_add_up() {
    let one = |id: &str, v| reported(id, vec![report("r", 5.0)], vec![verdict(id, v, 6.0, None)]);
    check(vec![one("a", Violating), one("b", Compliant), one("c", Violating)], "r", &[(4, 0, 0), (11, 3, 2)]);
}

#[test]
fn what_arrived_late_counts_late_and_machines_judge_nobody() {
    let mut late = report("r", 5.0);
    late.ingested_at = Some(at(18.0));
    let automatic = DecisionRow { decided_by: Some(DecidedBy::Automatic), ..verdict("0", Violating, 5.5, None) };
    let decisions = vec![automatic, verdict("1", Compliant, 6.0, None)];
    check(vec![reported("c", vec![late], decisions)], "r", &[(18, 0, 0), (24, 0, 0), (25, 1, 0)]);
}

#[test]
fn decisions_that_overturn_each_other_end() {
    let decisions = vec![
        verdict("1", Violating, 6.0, Some("2")),
        verdict("2", Compliant, 7.0, Some("1")),
        verdict("3", Violating, 8.0, Some("3")),
    ];
    check(vec![reported("c", vec![report("r", 5.0)], decisions)], "r", &[(11, 1, 0)]);
}

#[test]
fn a_market_further_west_waits_until_its_monday_is_everywhere() {
    let names = BTreeMap::from([
        ("TH".parse().unwrap(), "Asia/Bangkok".to_owned()),
        ("US".parse().unwrap(), "America/New_York".to_owned()),
    ]);
    let zones = Zones::new("UTC", &names).unwrap();
    // Monday begins in Bangkok at 17:00 UTC on Sunday, while it is noon in New York.
    for (hour, counts) in [(16.98, true), (17.0, false)] {
        let mut history = reported("c", vec![report("r", 5.0)], vec![verdict("1", Violating, 10.0 + hour / 24.0, None)]);
        history.versions[0].market = "US".parse().unwrap();
        let shard = crate::dataset::cross_seller::link_fixtures::shard(vec![history]);
        let mut found = Found::default();
        let (id, history) = &shard.contents[0];
        found.look(&LinkedItem { id, history, texts: &[] }, &zones);
        let mut builder = Builder::default();
        builder.add(found);
        let record = builder.finish().record(&"r".into(), zones.as_of("TH".parse().unwrap(), Day(11)));
        assert_eq!(record.judged, u32::from(counts));
    }
}

trait CloneAll {
    fn clone_all(&self) -> Self;
}

impl CloneAll for Vec<ContentHistory> {
    fn clone_all(&self) -> Self {
        let one = |h: &ContentHistory| ContentHistory {
            versions: h.versions.clone(),
            decisions: h.decisions.clone(),
            reports: h.reports.clone(),
            ..ContentHistory::default()
        };
        self.iter().map(one).collect()
    }
}

prop_compose! {
    fn any_item()(
        reports in proptest::collection::vec((0..3_u8, 0..60_i32, proptest::option::of(0..60_i32)), 0..8),
        decisions in proptest::collection::vec((any::<bool>(), 0..60_i32, proptest::option::of(0..60_i32), proptest::option::of(0..8_usize)), 0..8),
    ) -> ContentHistory {
        let reports = reports.iter().map(|(who, day, late)| ReportRow {
            ingested_at: late.map(|late| at(f64::from(late))), ..report(&who.to_string(), f64::from(*day))
        });
        let decisions = decisions.iter().enumerate().map(|(i, (violating, day, late, overturns))| DecisionRow {
            ingested_at: late.map(|late| at(f64::from(late))),
            ..verdict(&i.to_string(), if *violating { Violating } else { Compliant }, f64::from(*day), overturns.map(|n| n.to_string()).as_deref())
        });
        reported("c", reports.collect(), decisions.collect())
    }
}

/// The items with what was known at `as_of` only.
fn past(items: &Vec<ContentHistory>, as_of: AsOf) -> Vec<ContentHistory> {
    let mut past = items.clone_all();
    for item in &mut past {
        item.reports.retain(|r| as_of.knows(r.reported_at, r.ingested_at));
        item.decisions.retain(|d| as_of.knows(d.decided_at, d.ingested_at));
    }
    past
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_future_changes_nothing_and_neither_does_order(mut items in proptest::collection::vec(any_item(), 0..4), day in 0..70_i32) {
        let all = links(items.clone_all()).reporters;
        let known = links(past(&items, midnight(day))).reporters;
        for reporter in ["0", "1", "2"] {
            let record = all.record(&reporter.into(), midnight(day));
            prop_assert_eq!(known.record(&reporter.into(), midnight(day)), record);
            prop_assert!(record.upheld <= record.judged);
        }
        items.iter_mut().for_each(|item| { item.reports.reverse(); item.decisions.reverse(); });
        items.reverse();
        prop_assert_eq!(links(items).reporters.steps, all.steps);
    }
}
