//! Small rows for tests: plain items around day 100 in UTC.

use super::ItemView;
use crate::tables::{ContentRow, DecisionRow, EngagementRow, ReportRow};
use crate::text::TextProfile;
use crate::units::{AsOf, ContentType, Day, Timestamp, Verdict};

/// The midnight at which day `day` begins.
pub(super) fn as_of(day: i32) -> AsOf {
    AsOf { day: Day(day), instant: at(f64::from(day)) }
}

/// An instant in days since 1970.
pub(super) fn at(days: f64) -> Timestamp {
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
            lexicon_hits: &[],
            windows: &[],
            item_history: None,
            seller: None,
            seller_history: None,
            duplicates: None,
            seller_copy_share: None,
            ring: None,
            creator: None,
            price_cell: None,
        }
    }
}
