//! Small shards for the tests of links.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use super::{CrossSeller, CrossSellerBuilder};
use crate::config::{self, ContactConfig, FeatureConfig, Overlays, ProjectFile};
use crate::dataset::fixtures::{content, day_us};
use crate::dataset::shard::{ContentHistory, Shard};
use crate::tables::{ActionRow, DecisionRow, ReportRow};
use crate::units::{AsOf, Day, Timestamp, Treatment, Verdict};

/// An instant in days since 1970.
pub(super) fn at(days: f64) -> Timestamp {
    Timestamp(day_us(days))
}

/// The midnight at which day `day` begins in UTC.
pub(super) fn midnight(day: i32) -> AsOf {
    AsOf { day: Day(day), instant: at(f64::from(day)) }
}

/// An item of `seller` published on `day`; empty names are none.
pub(super) fn item(id: &str, seller: &str, creator: &str, day: f64) -> ContentHistory {
    let mut row = content(id, day_us(day));
    row.title = None;
    row.seller_id = (!seller.is_empty()).then(|| seller.into());
    row.creator_id = (!creator.is_empty()).then(|| creator.into());
    ContentHistory { versions: vec![row], ..ContentHistory::default() }
}

/// An item of `seller` that shows `text`.
pub(super) fn showing(id: &str, seller: &str, text: &str, day: f64) -> ContentHistory {
    let mut history = item(id, seller, "", day);
    history.versions[0].title = Some(text.to_owned());
    history
}

/// A decision for label `scam`; one that overturns another names it.
pub(super) fn verdict(id: &str, verdict: Verdict, day: f64, overturns: Option<&str>) -> DecisionRow {
    DecisionRow { overturns: overturns.map(Into::into), ..crate::dataset::fixtures::decision(id, "scam", verdict, day) }
}

/// A report by `reporter`.
pub(super) fn report(reporter: &str, day: f64) -> ReportRow {
    ReportRow {
        report_id: format!("{reporter} {day}").into(),
        content_id: "c".into(),
        reporter_id: (!reporter.is_empty()).then(|| reporter.into()),
        reported_at: at(day),
        reason: None,
        ingested_at: None,
    }
}

/// An action of `treatment`.
pub(super) fn action(treatment: Treatment, day: f64, ingested: Option<f64>) -> ActionRow {
    ActionRow {
        action_id: "a".into(),
        content_id: None,
        seller_id: None,
        treatment,
        policy_id: None,
        started_at: at(day),
        ended_at: None,
        reversed_by: None,
        ingested_at: ingested.map(at),
    }
}

/// A shard of `items`.
pub(super) fn shard(items: Vec<ContentHistory>) -> Shard {
    let mut contents: Vec<_> = items.into_iter().map(|item| (item.versions[0].content_id.clone(), item)).collect();
    contents.sort_by(|a, b| a.0.cmp(&b.0));
    let mut shard = Shard { contents, ..Shard::default() };
    for (at, (_, history)) in shard.contents.iter().enumerate() {
        if let Some(seller) = history.seller() {
            shard.sellers.entry(seller.clone()).or_default().items.push(at);
        }
    }
    shard
}

/// The built-in configuration.
static DEFAULTS: LazyLock<FeatureConfig> = LazyLock::new(|| {
    let project = ProjectFile { path: Path::new("stallmark.toml"), text: None };
    config::load(&project, &Overlays { environment: &BTreeMap::new(), sets: &[] }, Path::new("project")).unwrap().features
});

/// The links of `shards`, whose contacts tie as `contacts` says.
pub(super) fn links_under(shards: &[Shard], contacts: ContactConfig) -> CrossSeller {
    let scratch = tempfile::tempdir().unwrap();
    let mut builder = CrossSellerBuilder::new(scratch.path(), &FeatureConfig { contacts, ..DEFAULTS.clone() }).unwrap();
    shards.iter().for_each(|shard| builder.add(shard, &crate::units::Zones::utc()).unwrap());
    builder.finish().unwrap()
}

/// The links of `items`, which lie in one shard.
pub(super) fn links(items: Vec<ContentHistory>) -> CrossSeller {
    links_under(&[shard(items)], DEFAULTS.contacts)
}
