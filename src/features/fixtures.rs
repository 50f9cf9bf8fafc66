//! Small rows for tests: plain items around day 100 in UTC.

use super::{HistoryContext, HistoryRules, ItemView, ReporterRecord};
use crate::config::{HistoryConfig, ShrinkConfig};
use crate::tables::{ActionRow, AfterSalesRow, ContentRow, DecisionRow, EngagementRow, ReportRow, SellerRow};
use crate::text::TextProfile;
use crate::units::{AfterSalesKind, AsOf, ContentType, Day, Severity, Timestamp, Treatment, Verdict};

/// The midnight at which day `day` begins.
pub(crate) fn as_of(day: i32) -> AsOf {
    AsOf { day: Day(day), instant: at(f64::from(day)) }
}

/// An instant in days since 1970.
pub(crate) fn at(days: f64) -> Timestamp {
    Timestamp((days * 86_400_000_000.0) as i64)
}

/// A day with `views` and nothing else known.
pub(crate) fn engagement(day: i32, views: u64) -> EngagementRow {
    EngagementRow {
        content_id: "a".into(),
        day: Day(day),
        impressions: None,
        views: Some(views),
        watch_s: None,
        likes: None,
        comments: None,
        shares: None,
        clicks: None,
        orders: None,
        refunds: None,
        gmv: None,
        reports: None,
        hides: None,
        ingested_at: None,
    }
}

/// A decision for some label.
pub(super) fn decision(id: &str, content_id: &str, verdict: Verdict, day: f64) -> DecisionRow {
    DecisionRow {
        decision_id: id.into(),
        content_id: content_id.into(),
        label: "scam".into(),
        verdict,
        decided_at: at(day),
        reviewer_id: None,
        decided_by: None,
        selected_by: None,
        inclusion_probability: None,
        overturns: None,
        golden_verdict: None,
        minutes: None,
        ingested_at: None,
    }
}

/// A report.
pub(super) fn report(content_id: &str, reporter: Option<&str>, day: f64) -> ReportRow {
    ReportRow {
        report_id: "r".into(),
        content_id: content_id.into(),
        reporter_id: reporter.map(Into::into),
        reported_at: at(day),
        reason: None,
        ingested_at: None,
    }
}

/// An after-sales event.
pub(crate) fn after_sales(kind: AfterSalesKind, day: f64) -> AfterSalesRow {
    AfterSalesRow {
        event_id: "e".into(),
        content_id: Some("a".into()),
        seller_id: None,
        occurred_at: at(day),
        kind,
        reason: None,
        ingested_at: None,
    }
}

/// An action on an item, or else on a seller.
pub(crate) fn action(content_id: Option<&str>, treatment: Treatment, day: f64) -> ActionRow {
    ActionRow {
        action_id: "x".into(),
        content_id: content_id.map(Into::into),
        seller_id: content_id.is_none().then(|| "s".into()),
        treatment,
        policy_id: None,
        started_at: at(day),
        ended_at: None,
        reversed_by: None,
        ingested_at: None,
    }
}

/// A seller who joined on `day`.
pub(super) fn seller(day: f64) -> SellerRow {
    SellerRow {
        seller_id: "s".into(),
        valid_from: None,
        registered_at: Some(at(day)),
        market: None,
        tier: None,
        kyc_verified: None,
        followers: None,
        rating: None,
        rating_count: None,
        late_dispatch_rate: None,
        cancel_rate: None,
        ingested_at: None,
    }
}

/// Rules of history with round numbers; `scam` and `counterfeit` are of severity 5, `knockoff` of 2.
pub(crate) fn rules() -> HistoryRules {
    let severity = |level| Severity::new(level).unwrap();
    let prior = |mean, strength| ShrinkConfig { mean, strength };
    HistoryRules {
        config: HistoryConfig {
            strike_half_life_days: 45.0,
            strike_expires_days: 90,
            label_expires_days: [("counterfeit".into(), 180)].into(),
            count_automatic: false,
            unknown_label_severity: severity(1),
            bad_reporter_weight: 0.6,
            burst_free_weight: 5.0,
            after_sales_maturity_days: 14,
            overturn_prior: prior(0.1, 10.0),
            takedown_prior: prior(0.2, 5.0),
            reporter_prior: prior(0.5, 6.0),
            after_sales_prior: [prior(0.05, 20.0), prior(0.04, 20.0), prior(0.01, 20.0), prior(0.03, 20.0)],
        },
        severities: [("scam", 5), ("counterfeit", 5), ("knockoff", 2)].map(|(id, level)| (id.into(), severity(level))).into(),
    }
}

/// A midnight at which no reporter is known.
pub(super) fn context(as_of: AsOf, rules: &HistoryRules) -> HistoryContext<'_> {
    HistoryContext { as_of, rules, reporter: &|_| ReporterRecord::default() }
}

/// A listing published on day 90 with a title and nothing else.
pub(crate) fn content(id: &str) -> ContentRow {
    ContentRow {
        content_id: id.into(),
        valid_from: None,
        content_type: ContentType::Listing,
        market: "SG".parse().unwrap(),
        published_at: at(90.0),
        seller_id: None,
        creator_id: None,
        language: None,
        category: None,
        title: Some("Phone case".to_owned()),
        body: None,
        price: None,
        list_price: None,
        currency: None,
        rating: None,
        duration_s: None,
        image_count: None,
        media_hash: None,
        embedding: None,
        extra: Vec::new(),
        ingested_at: None,
    }
}

/// What an item borrows.
pub(super) struct Fixture {
    pub(super) content: ContentRow,
    pub(super) text: TextProfile,
}

impl Default for Fixture {
    fn default() -> Self {
        Self::of(content("a"))
    }
}

impl Fixture {
    pub(super) fn of(content: ContentRow) -> Self {
        let text = TextProfile::of(content.title.as_deref(), content.body.as_deref());
        Self { content, text }
    }

    /// The item as of day 100 with no tables but content.
    pub(super) fn item(&self) -> ItemView<'_> {
        ItemView {
            as_of: as_of(100),
            same_day: false,
            content: &self.content,
            versions_known: None,
            versions: &[],
            text: &self.text,
            lexicons: &[],
            windows: &[],
            item_history: None,
            seller: None,
            seller_history: None,
            duplicates: None,
            seller_copy_share: None,
            ring: None,
            creator: None,
            seller_listings: None,
            seller_reviews: None,
            switch: None,
            tone: None,
            price_cell: None,
        }
    }
}
