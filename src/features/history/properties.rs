//! What holds for histories of any rows.

use proptest::prelude::*;

use super::*;
use crate::features::fixtures::{
    Fixture, action, after_sales, as_of, at, content, context, decision, engagement, report, rules, seller,
};
use crate::features::{EngagementDays, REGISTRY, compute_row};
use crate::tables::{ActionRow, AfterSalesRow, ContentRow, DecisionRow, EngagementRow, ReportRow};
use crate::units::{AfterSalesKind, DecidedBy, Id, Timestamp, Treatment, Verdict};

/// A seller's rows, in any order, some of them later than the midnight of day 100.
#[derive(Debug, Clone)]
struct Rows {
    content: Vec<ContentRow>,
    decisions: Vec<DecisionRow>,
    actions: Vec<ActionRow>,
    reports: Vec<ReportRow>,
    after_sales: Vec<AfterSalesRow>,
    engagement: Vec<EngagementRow>,
}

/// What reporter `r0` to `r5` achieved.
fn record(reporter: &Id) -> ReporterRecord {
    let n = reporter.bytes().next_back().map_or(0, |b| u32::from(b - b'0'));
    ReporterRecord { judged: n * 2, upheld: n * n / 2 }
}

impl Rows {
    /// The features of item `a` and its seller.
    fn row(&self) -> Vec<u32> {
        let rules = rules();
        let context = HistoryContext { reporter: &record, ..context(as_of(100), &rules) };
        let own = |id: &Id| id == "a";
        let content: Vec<&ContentRow> = self.content.iter().collect();
        let history = |all: bool| {
            let decisions: Vec<&DecisionRow> = self.decisions.iter().filter(|r| all || own(&r.content_id)).collect();
            let actions: Vec<&ActionRow> =
                self.actions.iter().filter(|r| all || r.content_id.as_ref().is_some_and(own)).collect();
            let reports: Vec<&ReportRow> = self.reports.iter().filter(|r| all || own(&r.content_id)).collect();
            let sales: Vec<&AfterSalesRow> = self.after_sales.iter().collect();
            let mut days = self.engagement.clone();
            days.sort_by_key(|row| row.day);
            let days = EngagementDays::of(&days);
            let orders = Some(OrderDays { days: &days, until: None });
            let (decisions, actions) = (Some(decisions.as_slice()), Some(actions.as_slice()));
            let events = EventRows { decisions, actions, reports: Some(&reports), after_sales: Some(&sales), orders };
            SellerHistory::of(&SellerHistoryRows { content: &content, events }, &context)
        };
        let (all, item) = (history(true), history(false).events);
        let fixture = Fixture::default();
        let registered = seller(20.0);
        let mut view = fixture.item();
        (view.seller_history, view.item_history, view.seller) = (Some(&all), Some(&item), Some(&registered));
        view.versions_known = Some(1);
        let mut out = Vec::new();
        compute_row(&view, &mut out);
        assert_eq!(out.len(), REGISTRY.len());
        assert!(out.iter().all(|v| v.is_nan() || v.is_finite()));
        out.iter().map(|v| v.to_bits()).collect()
    }

    fn reversed(&self) -> Self {
        let mut rows = self.clone();
        rows.content.reverse();
        rows.decisions.reverse();
        rows.actions.reverse();
        rows.reports.reverse();
        rows.after_sales.reverse();
        rows.engagement.reverse();
        rows
    }

    /// Only what was known at the midnight.
    fn past(&self) -> Self {
        let mut rows = self.clone();
        let midnight = as_of(100);
        rows.content.retain(|r| midnight.knows(r.published_at, r.ingested_at));
        rows.decisions.retain(|r| midnight.knows(r.decided_at, r.ingested_at));
        rows.actions.retain(|r| midnight.knows(r.started_at, r.ingested_at));
        rows.reports.retain(|r| midnight.knows(r.reported_at, r.ingested_at));
        rows.after_sales.retain(|r| midnight.knows(r.occurred_at, r.ingested_at));
        rows.engagement.retain(|r| midnight.knows_day(r.day, r.ingested_at));
        rows
    }
}

const ITEMS: [&str; 3] = ["a", "b", "c"];
const LABELS: [&str; 4] = ["scam", "counterfeit", "knockoff", "other"];

/// Mostly before day 100, at times the midnight itself, down to the time that a strike needs to expire.
fn any_day() -> impl Strategy<Value = f64> {
    prop_oneof![Just(100.0), -200.0..110.0_f64, 95.0..100.0_f64, Just(10.0)]
}

fn any_ingest() -> impl Strategy<Value = Option<Timestamp>> {
    prop_oneof![Just(None), (0.0..110.0_f64).prop_map(|day| Some(at(day)))]
}

prop_compose! {
    fn any_decision()(item in 0..3_usize, label in 0..4_usize, id in 0..6_u8, overturns in proptest::option::of(0..6_u8), violating in any::<bool>(), machine in any::<bool>(), day in any_day(), ingested_at in any_ingest()) -> DecisionRow {
        let verdict = if violating { Verdict::Violating } else { Verdict::Compliant };
        DecisionRow {
            label: LABELS[label].into(), overturns: overturns.map(|id| id.to_string().into()),
            decided_by: machine.then_some(DecidedBy::Automatic), ingested_at, ..decision(&id.to_string(), ITEMS[item], verdict, day)
        }
    }
}

prop_compose! {
    fn any_report()(item in 0..3_usize, by in proptest::option::of(0..6_u8), reason in proptest::option::of(0..3_u8), day in any_day(), ingested_at in any_ingest()) -> ReportRow {
        ReportRow { reason: reason.map(|r| r.to_string().into()), ingested_at, ..report(ITEMS[item], by.map(|n| format!("r{n}")).as_deref(), day) }
    }
}

prop_compose! {
    fn any_content()(item in 0..3_usize, category in proptest::option::of(0..3_u8), day in any_day(), ingested_at in any_ingest(), versioned in any::<bool>()) -> ContentRow {
        ContentRow {
            published_at: at(day), valid_from: versioned.then(|| at(day)), category: category.map(|c| c.to_string().into()), ingested_at,
            ..content(ITEMS[item])
        }
    }
}

prop_compose! {
    fn any_action()(item in proptest::option::of(0..3_usize), held in any::<bool>(), day in any_day(), ingested_at in any_ingest()) -> ActionRow {
        let treatment = if held { Treatment::Hold } else { Treatment::Allow };
        ActionRow { ingested_at, ..action(item.map(|i| ITEMS[i]), treatment, day) }
    }
}

prop_compose! {
    fn any_after_sales()(kind in 0..4_usize, day in any_day(), ingested_at in any_ingest()) -> AfterSalesRow {
        AfterSalesRow { ingested_at, ..after_sales(AfterSalesKind::all().nth(kind).unwrap(), day) }
    }
}

prop_compose! {
    fn any_engagement()(day in -10..105_i32, orders in prop_oneof![Just(None), Just(Some(u64::MAX)), (0..50_u64).prop_map(Some)], ingested_at in any_ingest()) -> EngagementRow {
        EngagementRow { orders, ingested_at, ..engagement(day, 0) }
    }
}

prop_compose! {
    fn any_rows()(
        content in proptest::collection::vec(any_content(), 0..6), decisions in proptest::collection::vec(any_decision(), 0..10),
        actions in proptest::collection::vec(any_action(), 0..5), reports in proptest::collection::vec(any_report(), 0..12),
        after_sales in proptest::collection::vec(any_after_sales(), 0..8), engagement in proptest::collection::vec(any_engagement(), 0..8)
    ) -> Rows {
        Rows { content, decisions, actions, reports, after_sales, engagement }
    }
}

proptest! {
    #[test]
    fn neither_the_order_of_rows_nor_the_future_matters(rows in any_rows()) {
        let expect = rows.row();
        prop_assert_eq!(&rows.reversed().row(), &expect, "order");
        prop_assert_eq!(&rows.past().row(), &expect, "future");
    }

    #[test]
    fn strikes_of_the_others_are_all_less_the_items_own(decisions in proptest::collection::vec(any_decision(), 0..12)) {
        let rules = rules();
        let context = context(as_of(100), &rules);
        let of = |kept: &dyn Fn(&DecisionRow) -> bool| {
            let rows: Vec<&DecisionRow> = decisions.iter().filter(|r| kept(r)).collect();
            DecisionCounts::of(&rows, &context)
        };
        let (all, others, own) = (of(&|_| true), of(&|r| r.content_id != "a"), of(&|r| r.content_id == "a"));
        prop_assert_eq!(all.strikes.without(&"a".into(), Some(&own.strikes)), others.strikes.without(&"a".into(), None));
        prop_assert_eq!(all.overturned - own.overturned, others.overturned);
        prop_assert_eq!(all.decisions - own.decisions, others.decisions);
    }

    #[test]
    fn guarded_reports_never_count_more_than_the_weight(reports in proptest::collection::vec(any_report(), 0..30)) {
        let rules = rules();
        let rows: Vec<&ReportRow> = reports.iter().collect();
        let counts = ReportCounts::of(&rows, &HistoryContext { reporter: &record, ..context(as_of(100), &rules) });
        prop_assert!(counts.guarded_28d <= counts.weight_28d + 1e-9 && counts.weight_7d <= counts.weight_28d + 1e-9);
        for share in [counts.densest_hour_share, counts.bad_record_share, counts.unjudged_share, counts.top_reason_share].into_iter().flatten() {
            prop_assert!((0.0..=1.0).contains(&share));
        }
    }
}
