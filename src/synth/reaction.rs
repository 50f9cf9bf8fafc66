//! How the public reacts to an item, given what it truly is: factors on engagement, the rate of honest reports, and what happens
//! after a sale. Every factor carries noise of its own, so that each is a weak trace.

use crate::units::{AfterSalesKind, ContentType};

use super::labels::Label;
use super::plan::Plan;
use super::random::Rng;

/// One item's engagement model; rates are per view unless said otherwise.
#[derive(Debug, Clone)]
pub(super) struct Reaction {
    /// Expected impressions over its life.
    pub(super) impressions: f64,
    /// Days until a share of 1/e is left.
    pub(super) life_days: f64,
    /// Views per impression.
    pub(super) view_rate: f64,
    pub(super) watch_s: Option<f64>,
    pub(super) likes: f64,
    pub(super) comments: f64,
    pub(super) shares: f64,
    pub(super) clicks: f64,
    /// Orders per click.
    pub(super) orders: f64,
    /// Quick refunds per order.
    pub(super) refunds: f64,
    pub(super) hides: f64,
    pub(super) reports: f64,
    /// After-sales events per order.
    pub(super) late: f64,
}

/// What an after-sales event is, most often.
pub(super) const LATE_KINDS: [AfterSalesKind; 4] =
    [AfterSalesKind::LowRating, AfterSalesKind::NotAsDescribed, AfterSalesKind::Refund, AfterSalesKind::Return];

/// Mean log views, spread of log views, life in days, views per impression.
fn shape(kind: ContentType) -> (f64, f64, f64, f64) {
    match kind {
        ContentType::Listing => (2.75, 1.0, 3.4, 0.25),
        ContentType::Video => (3.6, 1.25, 2.2, 0.55),
        ContentType::Live => (4.0, 1.0, 0.45, 0.4),
        ContentType::Review => (1.7, 0.8, 2.6, 0.7),
        ContentType::Comment => (1.1, 0.8, 1.1, 0.8),
    }
}

impl Reaction {
    /// The reaction to `plan`. `duration_s` is the film's length.
    pub(super) fn draw(plan: &Plan, duration_s: Option<f64>, rng: &mut Rng) -> Self {
        let f = |label| plan.labels.flag(label);
        // A switched listing was chosen because it lasted.
        let mut noisy = |mean_log: f64, sigma: f64| rng.log_normal(mean_log, sigma);
        let (views, spread, life, view_rate) = shape(plan.kind);
        // Gamed content is pushed by accounts of its own; bait travels well.
        let pushed = 0.5 * f(Label::EngagementBait)
            + 0.35 * f(Label::KeywordSpam)
            + 0.3 * f(Label::FalseDiscount)
            + 0.25 * f(Label::Counterfeit);
        let appeal = views + spread * 0.8 * plan.appeal + pushed;
        let view_rate = view_rate * noisy(-0.65 * f(Label::KeywordSpam) - 0.65 * f(Label::TitleUnclear), 0.3);
        let film = matches!(plan.kind, ContentType::Video | ContentType::Live);
        let interest = match plan.kind {
            ContentType::Listing => 0.28,
            ContentType::Video | ContentType::Live => 0.09,
            ContentType::Review | ContentType::Comment => 0.0,
        };
        let watched = noisy(-1.1 - 0.45 * f(Label::EngagementBait), 0.35).min(1.0);
        let unloved = f(Label::FakeReview) + f(Label::LowInfoReview) + f(Label::Gambling);
        let displeasing = 1.1 * f(Label::TrafficRedirect)
            + 1.3 * f(Label::Gambling)
            + 1.0 * f(Label::MisleadingClaim)
            + 0.9 * f(Label::EngagementBait)
            + 0.5 * f(Label::Counterfeit)
            + 0.5 * f(Label::KeywordSpam)
            + 0.3 * f(Label::FalseDiscount)
            + 0.3 * f(Label::CopiedListing)
            + 0.4 * f(Label::LowInfoReview);
        let view_rate = view_rate.min(0.95);
        Self {
            impressions: noisy(appeal, 0.15) / view_rate,
            life_days: life * noisy(0.6 * f(Label::SwitchedListing), 0.35),
            view_rate,
            watch_s: duration_s.filter(|_| film).map(|d| (d * watched).min(600.0)),
            likes: (0.05 * noisy(0.5 * f(Label::MisleadingClaim) + 0.4 * f(Label::EngagementBait) - 0.6 * unloved, 0.6)).min(0.9),
            comments: (0.02 * noisy(1.0 * f(Label::EngagementBait) + 0.5 * f(Label::TrafficRedirect), 0.6)).min(0.9),
            shares: (0.012 * noisy(0.9 * f(Label::EngagementBait) + 0.4 * f(Label::FalseDiscount), 0.6)).min(0.9),
            clicks: interest
                * noisy(-0.4 * f(Label::TitleUnclear) - 0.5 * f(Label::EngagementBait) - 0.25 * f(Label::KeywordSpam), 0.3),
            orders: (0.2
                * noisy(
                    -0.9 * f(Label::TrafficRedirect) + 0.45 * f(Label::Counterfeit) + 0.35 * f(Label::FalseDiscount)
                        - 0.5 * f(Label::KeywordSpam),
                    0.5,
                ))
            .min(0.8),
            refunds: (0.03
                * noisy(0.7 * f(Label::Counterfeit) + 0.9 * f(Label::SwitchedListing) + 0.4 * f(Label::MisleadingClaim), 0.5))
            .min(0.5),
            hides: (0.006 * noisy(displeasing, 0.7)).min(0.5),
            reports: reports(plan) * noisy(0.0, 0.6),
            late: (0.06
                * noisy(
                    1.5 * f(Label::Counterfeit)
                        + 1.5 * f(Label::MisleadingClaim)
                        + 1.6 * f(Label::SwitchedListing)
                        + 0.5 * f(Label::FalseDiscount)
                        + 0.6 * f(Label::TitleUnclear)
                        + 0.4 * f(Label::CopiedListing),
                    0.5,
                ))
            .min(0.8),
        }
    }
}

/// Honest reports per view: few for anything, more for what people recognise and mind.
fn reports(plan: &Plan) -> f64 {
    let mind = |label: Label| match label {
        Label::Gambling => 0.035,
        Label::TrafficRedirect => 0.012,
        Label::Counterfeit => 0.012,
        Label::MisleadingClaim => 0.013,
        Label::FakeReview => 0.012,
        Label::SwitchedListing => 0.010,
        Label::EngagementBait | Label::FalseDiscount | Label::CopiedListing => 0.004,
        Label::KeywordSpam | Label::LowInfoReview | Label::TitleUnclear => 0.002,
    };
    0.0012 + plan.labels.iter().map(mind).sum::<f64>()
}
