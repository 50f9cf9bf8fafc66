//! How engagement changes: short windows against longer ones.

use super::{ENGAGEMENT, sums};
use crate::features::feature::ln_count;
use crate::features::{Feature, FeatureDoc, ItemView, SimpleFeature, WindowSums};

/// ln of the mean day of a short window over the mean day of a longer one, each plus one.
pub(in crate::features) struct TrendFeature {
    doc: &'static FeatureDoc,
    short: u32,
    long: u32,
    counter: fn(&WindowSums) -> Option<u64>,
}

impl Feature for TrendFeature {
    fn doc(&self) -> &'static FeatureDoc {
        self.doc
    }

    fn value(&self, item: &ItemView<'_>) -> Option<f32> {
        let mean_day = |span: u32| {
            let sums = sums(item, span)?;
            Some(sums.count((self.counter)(sums))? as f64 / f64::from(span))
        };
        Some(libm::log((mean_day(self.short)? + 1.0) / (mean_day(self.long)? + 1.0)) as f32)
    }
}

/// Views, 1 against 7 days.
pub(in crate::features) static VIEWS_TREND_1_7D: TrendFeature = TrendFeature {
    doc: &FeatureDoc {
        name: "views_trend_1_7d",
        what: "ln((1 + views a day over the last day) / (1 + views a day over the last 7 days))",
        why: "what goes viral harms fast; bought traffic comes in a burst",
        range: "any",
        evaded_by: "buying slowly",
        ..ENGAGEMENT
    },
    short: 1,
    long: 7,
    counter: |sums| sums.views,
};

/// Views, 7 against 28 days.
pub(in crate::features) static VIEWS_TREND_7_28D: TrendFeature = TrendFeature {
    doc: &FeatureDoc {
        name: "views_trend_7_28d",
        what: "ln((1 + views a day over the last 7 days) / (1 + views a day over the last 28 days))",
        why: "a week that departs from the month",
        range: "any",
        evaded_by: "buying slowly",
        ..ENGAGEMENT
    },
    short: 7,
    long: 28,
    counter: |sums| sums.views,
};

/// Reports, 1 against 7 days.
pub(in crate::features) static REPORTS_TREND_1_7D: TrendFeature = TrendFeature {
    doc: &FeatureDoc {
        name: "reports_trend_1_7d",
        what: "ln((1 + reports a day over the last day) / (1 + reports a day over the last 7 days))",
        why: "a wave of reports: new abuse, or brigading",
        range: "any",
        evaded_by: "few views",
        ..ENGAGEMENT
    },
    short: 1,
    long: 7,
    counter: |sums| sums.reports,
};

/// Reports, 7 against 28 days.
pub(in crate::features) static REPORTS_TREND_7_28D: TrendFeature = TrendFeature {
    doc: &FeatureDoc {
        name: "reports_trend_7_28d",
        what: "ln((1 + reports a day over the last 7 days) / (1 + reports a day over the last 28 days))",
        why: "reports that grow",
        range: "any",
        evaded_by: "few views",
        ..ENGAGEMENT
    },
    short: 7,
    long: 28,
    counter: |sums| sums.reports,
};

/// Orders, 7 against 28 days.
pub(in crate::features) static ORDERS_TREND_7_28D: TrendFeature = TrendFeature {
    doc: &FeatureDoc {
        name: "orders_trend_7_28d",
        what: "ln((1 + orders a day over the last 7 days) / (1 + orders a day over the last 28 days))",
        why: "brushing and flash abuse come in bursts",
        range: "any",
        evaded_by: "steady brushing",
        ..ENGAGEMENT
    },
    short: 7,
    long: 28,
    counter: |sums| sums.orders,
};

/// Refunds, 7 against 28 days.
pub(in crate::features) static REFUNDS_TREND_7_28D: TrendFeature = TrendFeature {
    doc: &FeatureDoc {
        name: "refunds_trend_7_28d",
        what: "ln((1 + refunds a day over the last 7 days) / (1 + refunds a day over the last 28 days))",
        why: "disappointment follows a switched listing",
        range: "any",
        evaded_by: "refunding off the platform",
        ..ENGAGEMENT
    },
    short: 7,
    long: 28,
    counter: |sums| sums.refunds,
};

/// Views a day since publication.
pub(in crate::features) static VIEWS_VELOCITY: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "views_velocity",
        what: "ln(1 + views of the last 7 days per day that the item existed of them)",
        why: "reach that is fast for the item's age",
        range: "0 and up",
        evaded_by: "slow growth",
        inputs: &["engagement", "content.published_at"],
        ..ENGAGEMENT
    },
    value: |item| {
        let sums = sums(item, 7)?;
        let views = sums.count(sums.views)?;
        let days = item.as_of.instant.days_since(item.content.published_at).clamp(1.0, 7.0);
        Some(libm::log1p(views as f64 / days) as f32)
    },
};

/// Days with engagement.
pub(in crate::features) static ACTIVE_DAYS_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "active_days_28d",
        what: "ln(1 + days of the last 28 with engagement)",
        why: "how long the other windows really are",
        range: "0 and up",
        evaded_by: "a new listing",
        ..ENGAGEMENT
    },
    value: |item| sums(item, 28).map(|sums| ln_count(u64::from(sums.n_days))),
};

/// Seconds watched.
pub(in crate::features) static WATCH_S_PER_VIEW_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "watch_s_per_view_28d",
        what: "ln(1 + seconds watched per view over the last 28 days)",
        why: "bait is opened and left; bought views do not watch",
        range: "0 and up",
        evaded_by: "bots that watch",
        ..ENGAGEMENT
    },
    value: |item| {
        let sums = sums(item, 28)?;
        let (watched, views) = (sums.watch_s?, sums.views.filter(|v| *v > 0)?);
        Some(libm::log1p((watched / views as f64).max(0.0)) as f32)
    },
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::{Fixture, as_of, engagement};
    use crate::features::{SPANS, WindowSet};
    use crate::tables::EngagementRow;

    /// By hand: 13 views yesterday and 14 in the week are 13 a day against 2: ln(14 / 3). Published ten days ago: 14 / 7 a day.
    #[test]
    fn trends_compare_mean_days() {
        let rows = [engagement(94, 1), engagement(99, 13)];
        let rows: Vec<&EngagementRow> = rows.iter().collect();
        let windows = WindowSet::of(&rows, as_of(100), None, &SPANS);
        let fixture = Fixture::default();
        let mut item = fixture.item();
        item.content_windows = Some(&windows);
        assert_eq!(VIEWS_TREND_1_7D.value(&item), Some(libm::log(14.0 / 3.0) as f32));
        assert_eq!(VIEWS_VELOCITY.value(&item), Some(libm::log1p(2.0) as f32));
        assert_eq!(ACTIVE_DAYS_28D.value(&item), Some(libm::log1p(2.0) as f32));
        assert_eq!(ORDERS_TREND_7_28D.value(&item), None, "the counter is missing");
    }
}
