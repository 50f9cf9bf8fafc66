//! Shrunk rates of engagement windows.
//!
//! A rate is (k + α) / (n + α + β) with the prior of the seller's tier; how much data is behind it stands in the volume features.

use super::{ENGAGEMENT, Owner};
use crate::features::{Feature, FeatureDoc, ItemView, RateKind};

/// A rate over one window.
pub(in crate::features) struct RateFeature {
    doc: &'static FeatureDoc,
    pub(super) kind: RateKind,
    pub(super) span: u32,
    pub(super) owner: Owner,
}

impl RateFeature {
    pub(super) const fn of(doc: &'static FeatureDoc, kind: RateKind, span: u32, owner: Owner) -> Self {
        Self { doc, kind, span, owner }
    }
}

impl Feature for RateFeature {
    fn doc(&self) -> &'static FeatureDoc {
        self.doc
    }

    fn value(&self, item: &ItemView<'_>) -> Option<f32> {
        let (events, chances) = self.kind.counts(self.owner.windows(item)?.get(self.span)?)?;
        Some(item.priors.get(self.kind).shrink(events, chances) as f32)
    }
}

/// Views per impression, day.
pub(in crate::features) static VIEW_RATE_1D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "view_rate_1d",
        what: "views per impression over the last day, shrunk to the tier's prior",
        why: "misleading covers are opened more often than their kind",
        range: "0 to 1",
        evaded_by: "an honest cover",
        ..ENGAGEMENT
    },
    RateKind::View,
    1,
    Owner::Item,
);

/// Views per impression, 7 days.
pub(in crate::features) static VIEW_RATE_7D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "view_rate_7d",
        what: "views per impression over the last 7 days, shrunk to the tier's prior",
        why: "misleading covers are opened more often than their kind",
        range: "0 to 1",
        evaded_by: "an honest cover",
        ..ENGAGEMENT
    },
    RateKind::View,
    7,
    Owner::Item,
);

/// Views per impression, 28 days.
pub(in crate::features) static VIEW_RATE_28D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "view_rate_28d",
        what: "views per impression over the last 28 days, shrunk to the tier's prior",
        why: "misleading covers are opened more often than their kind",
        range: "0 to 1",
        evaded_by: "an honest cover",
        ..ENGAGEMENT
    },
    RateKind::View,
    28,
    Owner::Item,
);

/// Reports per view, day.
pub(in crate::features) static REPORT_RATE_1D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "report_rate_1d",
        what: "reports per view over the last day, shrunk to the tier's prior",
        why: "viewers notice first",
        range: "0 to 1",
        evaded_by: "few views; counter-reports",
        ..ENGAGEMENT
    },
    RateKind::Report,
    1,
    Owner::Item,
);

/// Reports per view, 7 days.
pub(in crate::features) static REPORT_RATE_7D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "report_rate_7d",
        what: "reports per view over the last 7 days, shrunk to the tier's prior",
        why: "viewers notice first",
        range: "0 to 1",
        evaded_by: "few views; counter-reports",
        ..ENGAGEMENT
    },
    RateKind::Report,
    7,
    Owner::Item,
);

/// Reports per view, 28 days.
pub(in crate::features) static REPORT_RATE_28D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "report_rate_28d",
        what: "reports per view over the last 28 days, shrunk to the tier's prior",
        why: "viewers notice first",
        range: "0 to 1",
        evaded_by: "few views; counter-reports",
        ..ENGAGEMENT
    },
    RateKind::Report,
    28,
    Owner::Item,
);

/// Hides per view, day.
pub(in crate::features) static HIDE_RATE_1D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "hide_rate_1d",
        what: "hides per view over the last day, shrunk to the tier's prior",
        why: "annoyance that nobody bothers to report",
        range: "0 to 1",
        evaded_by: "few views",
        ..ENGAGEMENT
    },
    RateKind::Hide,
    1,
    Owner::Item,
);

/// Hides per view, 7 days.
pub(in crate::features) static HIDE_RATE_7D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "hide_rate_7d",
        what: "hides per view over the last 7 days, shrunk to the tier's prior",
        why: "annoyance that nobody bothers to report",
        range: "0 to 1",
        evaded_by: "few views",
        ..ENGAGEMENT
    },
    RateKind::Hide,
    7,
    Owner::Item,
);

/// Hides per view, 28 days.
pub(in crate::features) static HIDE_RATE_28D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "hide_rate_28d",
        what: "hides per view over the last 28 days, shrunk to the tier's prior",
        why: "annoyance that nobody bothers to report",
        range: "0 to 1",
        evaded_by: "few views",
        ..ENGAGEMENT
    },
    RateKind::Hide,
    28,
    Owner::Item,
);

/// Likes per view, 7 days.
pub(in crate::features) static LIKE_RATE_7D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "like_rate_7d",
        what: "likes per view over the last 7 days, shrunk to the tier's prior",
        why: "bought likes come without the views they need",
        range: "0 to 1",
        evaded_by: "buying views too",
        ..ENGAGEMENT
    },
    RateKind::Like,
    7,
    Owner::Item,
);

/// Likes per view, 28 days.
pub(in crate::features) static LIKE_RATE_28D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "like_rate_28d",
        what: "likes per view over the last 28 days, shrunk to the tier's prior",
        why: "bought likes come without the views they need",
        range: "0 to 1",
        evaded_by: "buying views too",
        ..ENGAGEMENT
    },
    RateKind::Like,
    28,
    Owner::Item,
);

/// Comments per view, 7 days.
pub(in crate::features) static COMMENT_RATE_7D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "comment_rate_7d",
        what: "comments per view over the last 7 days, shrunk to the tier's prior",
        why: "engagement bait asks for comments",
        range: "0 to 1",
        evaded_by: "asking elsewhere",
        ..ENGAGEMENT
    },
    RateKind::Comment,
    7,
    Owner::Item,
);

/// Comments per view, 28 days.
pub(in crate::features) static COMMENT_RATE_28D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "comment_rate_28d",
        what: "comments per view over the last 28 days, shrunk to the tier's prior",
        why: "engagement bait asks for comments",
        range: "0 to 1",
        evaded_by: "asking elsewhere",
        ..ENGAGEMENT
    },
    RateKind::Comment,
    28,
    Owner::Item,
);

/// Shares per view, 7 days.
pub(in crate::features) static SHARE_RATE_7D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "share_rate_7d",
        what: "shares per view over the last 7 days, shrunk to the tier's prior",
        why: "giveaways and outrage are shared",
        range: "0 to 1",
        evaded_by: "few views",
        ..ENGAGEMENT
    },
    RateKind::Share,
    7,
    Owner::Item,
);

/// Shares per view, 28 days.
pub(in crate::features) static SHARE_RATE_28D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "share_rate_28d",
        what: "shares per view over the last 28 days, shrunk to the tier's prior",
        why: "giveaways and outrage are shared",
        range: "0 to 1",
        evaded_by: "few views",
        ..ENGAGEMENT
    },
    RateKind::Share,
    28,
    Owner::Item,
);

/// Clicks per view, day.
pub(in crate::features) static CLICK_RATE_1D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "click_rate_1d",
        what: "clicks per view over the last day, shrunk to the tier's prior",
        why: "bait is clicked",
        range: "0 to 1",
        evaded_by: "few views",
        ..ENGAGEMENT
    },
    RateKind::Click,
    1,
    Owner::Item,
);

/// Clicks per view, 7 days.
pub(in crate::features) static CLICK_RATE_7D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "click_rate_7d",
        what: "clicks per view over the last 7 days, shrunk to the tier's prior",
        why: "bait is clicked",
        range: "0 to 1",
        evaded_by: "few views",
        ..ENGAGEMENT
    },
    RateKind::Click,
    7,
    Owner::Item,
);

/// Clicks per view, 28 days.
pub(in crate::features) static CLICK_RATE_28D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "click_rate_28d",
        what: "clicks per view over the last 28 days, shrunk to the tier's prior",
        why: "bait is clicked",
        range: "0 to 1",
        evaded_by: "few views",
        ..ENGAGEMENT
    },
    RateKind::Click,
    28,
    Owner::Item,
);

/// Orders per click, 7 days.
pub(in crate::features) static ORDER_RATE_7D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "order_rate_7d",
        what: "orders per click over the last 7 days, shrunk to the tier's prior",
        why: "clicks without orders mean disappointment, orders without clicks brushing",
        range: "0 to 1",
        evaded_by: "buying clicks too",
        ..ENGAGEMENT
    },
    RateKind::Order,
    7,
    Owner::Item,
);

/// Orders per click, 28 days.
pub(in crate::features) static ORDER_RATE_28D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "order_rate_28d",
        what: "orders per click over the last 28 days, shrunk to the tier's prior",
        why: "clicks without orders mean disappointment, orders without clicks brushing",
        range: "0 to 1",
        evaded_by: "buying clicks too",
        ..ENGAGEMENT
    },
    RateKind::Order,
    28,
    Owner::Item,
);

/// Refunds per order, 7 days.
pub(in crate::features) static REFUND_RATE_7D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "refund_rate_7d",
        what: "refunds per order over the last 7 days, shrunk to the tier's prior",
        why: "not as described",
        range: "0 to 1",
        evaded_by: "refunding off the platform",
        ..ENGAGEMENT
    },
    RateKind::Refund,
    7,
    Owner::Item,
);

/// Refunds per order, 28 days.
pub(in crate::features) static REFUND_RATE_28D: RateFeature = RateFeature::of(
    &FeatureDoc {
        name: "refund_rate_28d",
        what: "refunds per order over the last 28 days, shrunk to the tier's prior",
        why: "not as described",
        range: "0 to 1",
        evaded_by: "refunding off the platform",
        ..ENGAGEMENT
    },
    RateKind::Refund,
    28,
    Owner::Item,
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::{Fixture, as_of, engagement};
    use crate::features::{RatePrior, SPANS, WindowSet};

    /// By hand: 3 reports of 90 views under α = 1, β = 9: 4 / 100.
    #[test]
    fn a_rate_is_shrunk_to_its_prior() {
        let mut row = engagement(99, 90);
        row.reports = Some(3);
        let windows = WindowSet::of(&[&row], as_of(100), None, &SPANS);
        let mut fixture = Fixture::default();
        fixture.priors.set(RateKind::Report, RatePrior { alpha: 1.0, beta: 9.0, n: 0 });
        let mut item = fixture.item();
        item.content_windows = Some(&windows);
        assert_eq!(REPORT_RATE_7D.value(&item), Some(0.04));
        assert_eq!(LIKE_RATE_7D.value(&item), None, "the counter is missing");
        item.same_day = true;
        assert_eq!(REPORT_RATE_7D.value(&item), None);
        item.content_windows = None;
        assert_eq!(REPORT_RATE_7D.value(&item), None);
    }
}
