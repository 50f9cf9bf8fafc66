//! Who reports this item, or the seller's items with this item among them, and whether it looks like a brigade.

use super::HISTORY;
use crate::features::{FeatureDoc, ItemView, ReportCounts, SimpleFeature};

/// What these features have in common. `content.seller_id` stands last in the inputs: the item's own do without.
const REPORTERS: FeatureDoc = FeatureDoc { inputs: &["reports", "content.seller_id"], ..HISTORY };

/// The doc block of `doc` about this item.
const fn of_item(name: &'static str, doc: FeatureDoc) -> FeatureDoc {
    let inputs = match doc.inputs {
        [inputs @ .., _] => inputs,
        [] => &[],
    };
    FeatureDoc { name, whose: "this item", inputs, ..doc }
}

/// The doc block of `doc` about the seller's items.
const fn of_seller(name: &'static str, doc: FeatureDoc) -> FeatureDoc {
    FeatureDoc { name, group: "seller", whose: "the seller's items", ..doc }
}

fn own<'a>(item: &'a ItemView<'_>) -> Option<&'a ReportCounts> {
    item.events()?.reports.as_ref()
}

fn sellers<'a>(item: &'a ItemView<'_>) -> Option<&'a ReportCounts> {
    item.seller_history?.events.reports.as_ref()
}

fn share(value: Option<f64>) -> Option<f32> {
    value.map(|v| v as f32)
}

/// Reporters in the last 7 days by their record.
const REPORTER_WEIGHT_7D: FeatureDoc = FeatureDoc {
    what: "ln(1 + distinct reporters of {whose} in the last 7 days, each weighed by how often its reports were upheld; 1 while unknown)",
    why: "people who were right before are right again",
    range: "0 and up",
    inputs: &["reports.reporter_id", "content.seller_id"],
    uses: &["decisions", "decisions.overturns", "decisions.decided_by"],
    ..REPORTERS
};

/// The same of this item.
pub(in crate::features) static ITEM_REPORTER_WEIGHT_7D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc { evaded_by: "few views", ..of_item("item_reporter_weight_7d", REPORTER_WEIGHT_7D) },
    value: |item| own(item).map(|r| libm::log1p(r.weight_7d) as f32),
};

/// The same of the seller's items.
pub(in crate::features) static SELLER_REPORTER_WEIGHT_7D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc { evaded_by: "several accounts", ..of_seller("seller_reporter_weight_7d", REPORTER_WEIGHT_7D) },
    value: |item| sellers(item).map(|r| libm::log1p(r.weight_7d) as f32),
};

/// Reporters in the last 28 days by their record.
const REPORTER_WEIGHT_28D: FeatureDoc = FeatureDoc {
    what: "ln(1 + distinct reporters of {whose} in the last 28 days, each weighed by how often its reports were upheld; 1 while unknown)",
    why: "people who were right before are right again",
    range: "0 and up",
    inputs: &["reports.reporter_id", "content.seller_id"],
    uses: &["decisions", "decisions.overturns", "decisions.decided_by"],
    ..REPORTERS
};

/// The same of this item.
pub(in crate::features) static ITEM_REPORTER_WEIGHT_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc { evaded_by: "few views", ..of_item("item_reporter_weight_28d", REPORTER_WEIGHT_28D) },
    value: |item| own(item).map(|r| libm::log1p(r.weight_28d) as f32),
};

/// The same of the seller's items.
pub(in crate::features) static SELLER_REPORTER_WEIGHT_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc { evaded_by: "several accounts", ..of_seller("seller_reporter_weight_28d", REPORTER_WEIGHT_28D) },
    value: |item| sellers(item).map(|r| libm::log1p(r.weight_28d) as f32),
};

/// Reporters in the last 28 days, guarded against bursts.
const GUARDED_REPORTS_28D: FeatureDoc = FeatureDoc {
    what: "ln(1 + weighed reporters of {whose} in the last 28 days, what 24 hours add beyond the free weight counting by its logarithm)",
    why: "reports that no brigade can push",
    range: "0 and up",
    evaded_by: "a brigade that takes weeks",
    inputs: &["reports.reporter_id", "content.seller_id"],
    uses: &["decisions", "decisions.overturns", "decisions.decided_by"],
    ..REPORTERS
};

/// The same of this item.
pub(in crate::features) static ITEM_GUARDED_REPORTS_28D: SimpleFeature = SimpleFeature {
    doc: &of_item("item_guarded_reports_28d", GUARDED_REPORTS_28D),
    value: |item| own(item).map(|r| libm::log1p(r.guarded_28d) as f32),
};

/// The same of the seller's items.
pub(in crate::features) static SELLER_GUARDED_REPORTS_28D: SimpleFeature = SimpleFeature {
    doc: &of_seller("seller_guarded_reports_28d", GUARDED_REPORTS_28D),
    value: |item| sellers(item).map(|r| libm::log1p(r.guarded_28d) as f32),
};

/// How much of the reports came in one day.
const REPORT_BURST_28D: FeatureDoc = FeatureDoc {
    what: "ln(1 + most reports of {whose} in any 24 hours of the last 28 days / (1 + the other reports))",
    why: "brigades come at once",
    range: "0 and up",
    evaded_by: "a brigade that takes weeks",
    ..REPORTERS
};

/// The same of this item.
pub(in crate::features) static ITEM_REPORT_BURST_28D: SimpleFeature = SimpleFeature {
    doc: &of_item("item_report_burst_28d", REPORT_BURST_28D),
    value: |item| own(item).map(|r| libm::log1p(r.burst) as f32),
};

/// The same of the seller's items.
pub(in crate::features) static SELLER_REPORT_BURST_28D: SimpleFeature = SimpleFeature {
    doc: &of_seller("seller_report_burst_28d", REPORT_BURST_28D),
    value: |item| sellers(item).map(|r| libm::log1p(r.burst) as f32),
};

/// Share of the reports that came in one hour.
const REPORT_DENSEST_HOUR_28D: FeatureDoc = FeatureDoc {
    what: "share of the reports of {whose} in the last 28 days that came in their densest hour; missing without a report",
    why: "brigades come at once",
    range: "0 to 1",
    evaded_by: "a brigade that takes weeks",
    ..REPORTERS
};

/// The same of this item.
pub(in crate::features) static ITEM_REPORT_DENSEST_HOUR_28D: SimpleFeature = SimpleFeature {
    doc: &of_item("item_report_densest_hour_28d", REPORT_DENSEST_HOUR_28D),
    value: |item| own(item).and_then(|r| share(r.densest_hour_share)),
};

/// The same of the seller's items.
pub(in crate::features) static SELLER_REPORT_DENSEST_HOUR_28D: SimpleFeature = SimpleFeature {
    doc: &of_seller("seller_report_densest_hour_28d", REPORT_DENSEST_HOUR_28D),
    value: |item| sellers(item).and_then(|r| share(r.densest_hour_share)),
};

/// Share of the reports by reporters with a bad record.
const BAD_REPORTER_SHARE_28D: FeatureDoc = FeatureDoc {
    what: "share of the reports of {whose} in the last 28 days whose reporter has a bad record; missing without a report",
    why: "reports that were wrong before are wrong again",
    range: "0 to 1",
    evaded_by: "fresh accounts",
    inputs: &["reports.reporter_id", "decisions", "content.seller_id"],
    uses: &["decisions.overturns", "decisions.decided_by"],
    ..REPORTERS
};

/// The same of this item.
pub(in crate::features) static ITEM_BAD_REPORTER_SHARE_28D: SimpleFeature = SimpleFeature {
    doc: &of_item("item_bad_reporter_share_28d", BAD_REPORTER_SHARE_28D),
    value: |item| own(item).and_then(|r| share(r.bad_record_share)),
};

/// The same of the seller's items.
pub(in crate::features) static SELLER_BAD_REPORTER_SHARE_28D: SimpleFeature = SimpleFeature {
    doc: &of_seller("seller_bad_reporter_share_28d", BAD_REPORTER_SHARE_28D),
    value: |item| sellers(item).and_then(|r| share(r.bad_record_share)),
};

/// Share of the reporters whom nobody has judged.
const UNJUDGED_REPORTER_SHARE_28D: FeatureDoc = FeatureDoc {
    what: "share of the reporters of {whose} in the last 28 days of whom no report was judged before; missing without a report",
    why: "brigades are made of fresh accounts",
    range: "0 to 1",
    evaded_by: "aged accounts",
    inputs: &["reports.reporter_id", "decisions", "content.seller_id"],
    uses: &["decisions.overturns", "decisions.decided_by"],
    ..REPORTERS
};

/// The same of this item.
pub(in crate::features) static ITEM_UNJUDGED_REPORTER_SHARE_28D: SimpleFeature = SimpleFeature {
    doc: &of_item("item_unjudged_reporter_share_28d", UNJUDGED_REPORTER_SHARE_28D),
    value: |item| own(item).and_then(|r| share(r.unjudged_share)),
};

/// The same of the seller's items.
pub(in crate::features) static SELLER_UNJUDGED_REPORTER_SHARE_28D: SimpleFeature = SimpleFeature {
    doc: &of_seller("seller_unjudged_reporter_share_28d", UNJUDGED_REPORTER_SHARE_28D),
    value: |item| sellers(item).and_then(|r| share(r.unjudged_share)),
};

/// How evenly the reports spread over reporters.
const REPORTER_ENTROPY_28D: FeatureDoc = FeatureDoc {
    what: "entropy of the reports of {whose} in the last 28 days by reporter, in nats; missing without a report",
    why: "many people agree; one person insists",
    range: "0 and up",
    evaded_by: "several accounts",
    inputs: &["reports.reporter_id", "content.seller_id"],
    ..REPORTERS
};

/// The same of this item.
pub(in crate::features) static ITEM_REPORTER_ENTROPY_28D: SimpleFeature = SimpleFeature {
    doc: &of_item("item_reporter_entropy_28d", REPORTER_ENTROPY_28D),
    value: |item| own(item).and_then(|r| share(r.reporter_entropy)),
};

/// The same of the seller's items.
pub(in crate::features) static SELLER_REPORTER_ENTROPY_28D: SimpleFeature = SimpleFeature {
    doc: &of_seller("seller_reporter_entropy_28d", REPORTER_ENTROPY_28D),
    value: |item| sellers(item).and_then(|r| share(r.reporter_entropy)),
};

/// How evenly the reports spread over reasons.
const REPORT_REASON_ENTROPY_28D: FeatureDoc = FeatureDoc {
    what: "entropy of the reasons of the reports of {whose} in the last 28 days, in nats; missing without a reason",
    why: "people who saw the same say the same",
    range: "0 and up",
    evaded_by: "agreeing on a reason",
    inputs: &["reports.reason", "content.seller_id"],
    ..REPORTERS
};

/// The same of this item.
pub(in crate::features) static ITEM_REPORT_REASON_ENTROPY_28D: SimpleFeature = SimpleFeature {
    doc: &of_item("item_report_reason_entropy_28d", REPORT_REASON_ENTROPY_28D),
    value: |item| own(item).and_then(|r| share(r.reason_entropy)),
};

/// The same of the seller's items.
pub(in crate::features) static SELLER_REPORT_REASON_ENTROPY_28D: SimpleFeature = SimpleFeature {
    doc: &of_seller("seller_report_reason_entropy_28d", REPORT_REASON_ENTROPY_28D),
    value: |item| sellers(item).and_then(|r| share(r.reason_entropy)),
};

/// Share of the commonest reason.
const TOP_REPORT_REASON_SHARE_28D: FeatureDoc = FeatureDoc {
    what: "share of the commonest reason among those given for {whose} in the last 28 days; missing without a reason",
    why: "people who saw the same say the same",
    range: "0 to 1",
    evaded_by: "agreeing on a reason",
    inputs: &["reports.reason", "content.seller_id"],
    ..REPORTERS
};

/// The same of this item.
pub(in crate::features) static ITEM_TOP_REPORT_REASON_SHARE_28D: SimpleFeature = SimpleFeature {
    doc: &of_item("item_top_report_reason_share_28d", TOP_REPORT_REASON_SHARE_28D),
    value: |item| own(item).and_then(|r| share(r.top_reason_share)),
};

/// The same of the seller's items.
pub(in crate::features) static SELLER_TOP_REPORT_REASON_SHARE_28D: SimpleFeature = SimpleFeature {
    doc: &of_seller("seller_top_report_reason_share_28d", TOP_REPORT_REASON_SHARE_28D),
    value: |item| sellers(item).and_then(|r| share(r.top_reason_share)),
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::{Fixture, as_of, context, rules};
    use crate::features::{EventCounts, Feature, SellerHistory, SellerHistoryRows};

    /// Each feature reads its own count; the counts are computed by hand in `reports`.
    #[test]
    fn every_count_has_its_feature() {
        let reports = ReportCounts {
            weight_7d: 1.0,
            weight_28d: 2.0,
            guarded_28d: 3.0,
            burst: 4.0,
            densest_hour_share: Some(0.1),
            bad_record_share: Some(0.2),
            unjudged_share: Some(0.3),
            reporter_entropy: Some(0.4),
            reason_entropy: Some(0.5),
            top_reason_share: None,
            ..ReportCounts::default()
        };
        let events = EventCounts { reports: Some(reports), ..EventCounts::default() };
        // The seller's differ in each count, so that neither is read for the other.
        let of_seller = EventCounts {
            reports: Some(ReportCounts {
                weight_7d: 10.0,
                weight_28d: 20.0,
                guarded_28d: 30.0,
                burst: 40.0,
                densest_hour_share: Some(0.15),
                bad_record_share: Some(0.25),
                unjudged_share: Some(0.35),
                reporter_entropy: Some(0.45),
                reason_entropy: None,
                top_reason_share: Some(0.65),
                ..ReportCounts::default()
            }),
            ..EventCounts::default()
        };
        let history = SellerHistory {
            events: of_seller,
            ..SellerHistory::of(&SellerHistoryRows::default(), &context(as_of(100), &rules()))
        };
        let fixture = Fixture::default();
        let mut item = fixture.item();
        assert_eq!(ITEM_REPORTER_WEIGHT_7D.value(&item), None, "the table is missing");
        assert_eq!(SELLER_REPORTER_WEIGHT_7D.value(&item), None, "the table is missing");
        item.item_history = Some(&events);
        item.seller_history = Some(&history);
        let ln1p = |x: f64| Some(libm::log1p(x) as f32);
        assert_eq!(ITEM_REPORTER_WEIGHT_7D.value(&item), ln1p(1.0));
        assert_eq!(ITEM_REPORTER_WEIGHT_28D.value(&item), ln1p(2.0));
        assert_eq!(ITEM_GUARDED_REPORTS_28D.value(&item), ln1p(3.0));
        assert_eq!(ITEM_REPORT_BURST_28D.value(&item), ln1p(4.0));
        assert_eq!(ITEM_REPORT_DENSEST_HOUR_28D.value(&item), Some(0.1));
        assert_eq!(ITEM_BAD_REPORTER_SHARE_28D.value(&item), Some(0.2));
        assert_eq!(ITEM_UNJUDGED_REPORTER_SHARE_28D.value(&item), Some(0.3));
        assert_eq!(ITEM_REPORTER_ENTROPY_28D.value(&item), Some(0.4));
        assert_eq!(ITEM_REPORT_REASON_ENTROPY_28D.value(&item), Some(0.5));
        assert_eq!(ITEM_TOP_REPORT_REASON_SHARE_28D.value(&item), None, "no reason was given");
        assert_eq!(SELLER_REPORTER_WEIGHT_7D.value(&item), ln1p(10.0));
        assert_eq!(SELLER_REPORTER_WEIGHT_28D.value(&item), ln1p(20.0));
        assert_eq!(SELLER_GUARDED_REPORTS_28D.value(&item), ln1p(30.0));
        assert_eq!(SELLER_REPORT_BURST_28D.value(&item), ln1p(40.0));
        assert_eq!(SELLER_REPORT_DENSEST_HOUR_28D.value(&item), Some(0.15));
        assert_eq!(SELLER_BAD_REPORTER_SHARE_28D.value(&item), Some(0.25));
        assert_eq!(SELLER_UNJUDGED_REPORTER_SHARE_28D.value(&item), Some(0.35));
        assert_eq!(SELLER_REPORTER_ENTROPY_28D.value(&item), Some(0.45));
        assert_eq!(SELLER_REPORT_REASON_ENTROPY_28D.value(&item), None, "no reason was given");
        assert_eq!(SELLER_TOP_REPORT_REASON_SHARE_28D.value(&item), Some(0.65));
    }
}
