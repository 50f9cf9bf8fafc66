//! How much engagement there is: a signal by itself, and the n behind every rate.

use super::{ENGAGEMENT, Owner};
use crate::features::feature::ln_count;
use crate::features::{Feature, FeatureDoc, ItemView, WindowSums};

/// A count over one window, as ln(1 + n).
pub(in crate::features) struct VolumeFeature {
    pub(super) doc: &'static FeatureDoc,
    pub(super) span: u32,
    pub(super) owner: Owner,
    pub(super) counter: fn(&WindowSums) -> Option<u64>,
}

impl Feature for VolumeFeature {
    fn doc(&self) -> &'static FeatureDoc {
        self.doc
    }

    fn value(&self, item: &ItemView<'_>) -> Option<f32> {
        let sums = self.owner.windows(item)?.get(self.span)?;
        sums.count((self.counter)(sums)).map(ln_count)
    }
}

/// Times shown, 7 days.
pub(in crate::features) static IMPRESSIONS_7D: VolumeFeature = VolumeFeature {
    doc: &FeatureDoc {
        name: "impressions_7d",
        what: "ln(1 + times shown over the last 7 days)",
        why: "exposure without views means nobody wants it",
        range: "0 and up",
        evaded_by: "being shown less",
        ..ENGAGEMENT
    },
    span: 7,
    owner: Owner::Item,
    counter: |sums| sums.impressions,
};

/// Times shown, 28 days.
pub(in crate::features) static IMPRESSIONS_28D: VolumeFeature = VolumeFeature {
    doc: &FeatureDoc {
        name: "impressions_28d",
        what: "ln(1 + times shown over the last 28 days)",
        why: "exposure without views means nobody wants it",
        range: "0 and up",
        evaded_by: "being shown less",
        ..ENGAGEMENT
    },
    span: 28,
    owner: Owner::Item,
    counter: |sums| sums.impressions,
};

/// Views, day.
pub(in crate::features) static VIEWS_1D: VolumeFeature = VolumeFeature {
    doc: &FeatureDoc {
        name: "views_1d",
        what: "ln(1 + views over the last day)",
        why: "reach decides harm; the n behind the rates per view",
        range: "0 and up",
        evaded_by: "bought views",
        ..ENGAGEMENT
    },
    span: 1,
    owner: Owner::Item,
    counter: |sums| sums.views,
};

/// Views, 7 days.
pub(in crate::features) static VIEWS_7D: VolumeFeature = VolumeFeature {
    doc: &FeatureDoc {
        name: "views_7d",
        what: "ln(1 + views over the last 7 days)",
        why: "reach decides harm; the n behind the rates per view",
        range: "0 and up",
        evaded_by: "bought views",
        ..ENGAGEMENT
    },
    span: 7,
    owner: Owner::Item,
    counter: |sums| sums.views,
};

/// Views, 28 days.
pub(in crate::features) static VIEWS_28D: VolumeFeature = VolumeFeature {
    doc: &FeatureDoc {
        name: "views_28d",
        what: "ln(1 + views over the last 28 days)",
        why: "reach decides harm; the n behind the rates per view",
        range: "0 and up",
        evaded_by: "bought views",
        ..ENGAGEMENT
    },
    span: 28,
    owner: Owner::Item,
    counter: |sums| sums.views,
};

/// Clicks, 7 days.
pub(in crate::features) static CLICKS_7D: VolumeFeature = VolumeFeature {
    doc: &FeatureDoc {
        name: "clicks_7d",
        what: "ln(1 + clicks over the last 7 days)",
        why: "interest; the n behind orders per click",
        range: "0 and up",
        evaded_by: "bought clicks",
        ..ENGAGEMENT
    },
    span: 7,
    owner: Owner::Item,
    counter: |sums| sums.clicks,
};

/// Clicks, 28 days.
pub(in crate::features) static CLICKS_28D: VolumeFeature = VolumeFeature {
    doc: &FeatureDoc {
        name: "clicks_28d",
        what: "ln(1 + clicks over the last 28 days)",
        why: "interest; the n behind orders per click",
        range: "0 and up",
        evaded_by: "bought clicks",
        ..ENGAGEMENT
    },
    span: 28,
    owner: Owner::Item,
    counter: |sums| sums.clicks,
};

/// Orders, 7 days.
pub(in crate::features) static ORDERS_7D: VolumeFeature = VolumeFeature {
    doc: &FeatureDoc {
        name: "orders_7d",
        what: "ln(1 + orders over the last 7 days)",
        why: "sales; the n behind refunds per order",
        range: "0 and up",
        evaded_by: "brushing",
        ..ENGAGEMENT
    },
    span: 7,
    owner: Owner::Item,
    counter: |sums| sums.orders,
};

/// Orders, 28 days.
pub(in crate::features) static ORDERS_28D: VolumeFeature = VolumeFeature {
    doc: &FeatureDoc {
        name: "orders_28d",
        what: "ln(1 + orders over the last 28 days)",
        why: "sales; the n behind refunds per order",
        range: "0 and up",
        evaded_by: "brushing",
        ..ENGAGEMENT
    },
    span: 28,
    owner: Owner::Item,
    counter: |sums| sums.orders,
};

/// Reports received, day.
pub(in crate::features) static REPORTS_1D: VolumeFeature = VolumeFeature {
    doc: &FeatureDoc {
        name: "reports_1d",
        what: "ln(1 + reports received over the last day)",
        why: "viewers notice first",
        range: "0 and up",
        evaded_by: "few views",
        ..ENGAGEMENT
    },
    span: 1,
    owner: Owner::Item,
    counter: |sums| sums.reports,
};

/// Reports received, 7 days.
pub(in crate::features) static REPORTS_7D: VolumeFeature = VolumeFeature {
    doc: &FeatureDoc {
        name: "reports_7d",
        what: "ln(1 + reports received over the last 7 days)",
        why: "viewers notice first",
        range: "0 and up",
        evaded_by: "few views",
        ..ENGAGEMENT
    },
    span: 7,
    owner: Owner::Item,
    counter: |sums| sums.reports,
};

/// Reports received, 28 days.
pub(in crate::features) static REPORTS_28D: VolumeFeature = VolumeFeature {
    doc: &FeatureDoc {
        name: "reports_28d",
        what: "ln(1 + reports received over the last 28 days)",
        why: "viewers notice first",
        range: "0 and up",
        evaded_by: "few views",
        ..ENGAGEMENT
    },
    span: 28,
    owner: Owner::Item,
    counter: |sums| sums.reports,
};

/// Times hidden, 7 days.
pub(in crate::features) static HIDES_7D: VolumeFeature = VolumeFeature {
    doc: &FeatureDoc {
        name: "hides_7d",
        what: "ln(1 + times hidden over the last 7 days)",
        why: "annoyance",
        range: "0 and up",
        evaded_by: "few views",
        ..ENGAGEMENT
    },
    span: 7,
    owner: Owner::Item,
    counter: |sums| sums.hides,
};

/// Times hidden, 28 days.
pub(in crate::features) static HIDES_28D: VolumeFeature = VolumeFeature {
    doc: &FeatureDoc {
        name: "hides_28d",
        what: "ln(1 + times hidden over the last 28 days)",
        why: "annoyance",
        range: "0 and up",
        evaded_by: "few views",
        ..ENGAGEMENT
    },
    span: 28,
    owner: Owner::Item,
    counter: |sums| sums.hides,
};

/// Refunded orders, 28 days.
pub(in crate::features) static REFUNDS_28D: VolumeFeature = VolumeFeature {
    doc: &FeatureDoc {
        name: "refunds_28d",
        what: "ln(1 + refunded orders over the last 28 days)",
        why: "disappointment",
        range: "0 and up",
        evaded_by: "refunding off the platform",
        ..ENGAGEMENT
    },
    span: 28,
    owner: Owner::Item,
    counter: |sums| sums.refunds,
};

/// Comments received, 7 days.
pub(in crate::features) static COMMENTS_7D: VolumeFeature = VolumeFeature {
    doc: &FeatureDoc {
        name: "comments_7d",
        what: "ln(1 + comments received over the last 7 days)",
        why: "engagement bait, or interest",
        range: "0 and up",
        evaded_by: "bought comments",
        ..ENGAGEMENT
    },
    span: 7,
    owner: Owner::Item,
    counter: |sums| sums.comments,
};
