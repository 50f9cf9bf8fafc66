//! What was known of the seller, of who saw and reported the item, and of what was done about it.

use std::collections::BTreeMap;

use super::Subject;
use crate::config::TableName;
use crate::explain::{Count, EngagementLine, EventLine, ReportCase, SellerCase, shortened};
use crate::features::{EngagementDay, standing};
use crate::tables::{ActionRow, DecisionRow};
use crate::units::{AfterSalesKind, DecidedBy, Id, SelectedBy, Timestamp, Treatment, Verdict};

/// Characters of an identifier or a reason that are shown.
const MOST_NAME: usize = 80;

/// The seller; `None` without one.
pub(super) fn seller(subject: &Subject<'_>) -> Option<SellerCase> {
    let id = subject.item.seller_id.as_ref()?;
    let (background, now) = (&subject.background, subject.item.as_of.instant);
    let history = background.seller_history.as_ref();
    let decisions = history.and_then(|history| history.events.decisions.as_ref());
    let (strikes, next_expiry) = strikes(subject);
    let tier = background.seller.and_then(|seller| seller.tier.as_ref());
    Some(SellerCase {
        seller_id: shortened(id, MOST_NAME),
        tier: tier.map(|tier| shortened(tier, MOST_NAME)),
        tenure_days: background.seller.and_then(|seller| seller.registered_at).map(|at| now.days_since(at)),
        days_since_first_item: history.and_then(|history| history.first_published).map(|at| now.days_since(at)),
        kyc_verified: background.seller.and_then(|seller| seller.kyc_verified),
        items: history.map_or([0; 3], |history| [history.items, history.items_7d, history.items_28d]),
        decided_items: decisions.map(|d| d.decided_items),
        violating_items: decisions.map(|d| d.violating_items),
        overturned: decisions.map(|d| d.overturned),
        decisions: decisions.map(|d| d.decisions),
        strikes,
        next_expiry: next_expiry.map(|at| at.to_string()),
        actions_90d: history.and_then(|history| history.events.actions).map(|actions| actions.received_90d),
    })
}

/// Strikes of the seller that have not expired, by label, and when the next one does: as `features::Strikes` counts them, the latest
/// standing violation of each item and label.
fn strikes(subject: &Subject<'_>) -> (Vec<Count>, Option<Timestamp>) {
    let (as_of, rules) = (subject.item.as_of, &subject.input.history);
    let Some(seller) = subject.background.seller_records else { return (Vec::new(), None) };
    let mut latest: BTreeMap<(&Id, &Id), Timestamp> = BTreeMap::new();
    for (_, history) in seller.items.iter().filter_map(|at| subject.shard.contents.get(*at)) {
        for stood in standing(history.decisions.iter()).filter(|stood| stood.holds(as_of.instant)) {
            let row = stood.decision;
            let counts = rules.config.count_automatic || row.decided_by != Some(DecidedBy::Automatic);
            if row.verdict == Verdict::Violating && counts && as_of.knows(row.decided_at, row.ingested_at) {
                let last = latest.entry((&row.label, &row.content_id)).or_insert(row.decided_at);
                *last = row.decided_at.max(*last);
            }
        }
    }
    let (mut by_label, mut next): (BTreeMap<&Id, u64>, Option<Timestamp>) = (BTreeMap::new(), None);
    for ((label, _), at) in latest {
        let expiry = at.plus_days(i64::from(rules.expires_days(label)));
        if expiry > as_of.instant {
            *by_label.entry(label).or_default() += 1;
            next = Some(next.map_or(expiry, |next| next.min(expiry)));
        }
    }
    (by_label.into_iter().map(|(label, n)| Count { name: shortened(label, MOST_NAME), n }).collect(), next)
}

/// Views and the like of the last day, week and four weeks; nothing without an engagement table.
pub(super) fn engagement(subject: &Subject<'_>) -> Vec<EngagementLine> {
    let as_of = subject.item.as_of;
    if !subject.input.presence.has(TableName::Engagement) {
        return Vec::new();
    }
    let days: Vec<EngagementDay> =
        subject.background.history.engagement.iter().filter(|day| as_of.knows_day(day.day, day.ingested_at)).collect();
    let line = |(name, span): (&str, i32)| {
        let within = || days.iter().filter(move |day| day.day.0 >= as_of.day.0 - span);
        let sum = |of: fn(&EngagementDay) -> Option<u64>| {
            let mut known = within().filter_map(of).peekable();
            known.peek().is_some().then(|| known.sum())
        };
        EngagementLine {
            days: name.to_owned(),
            views: sum(|day| day.views),
            likes: sum(|day| day.likes),
            orders: sum(|day| day.orders),
            refunds: sum(|day| day.refunds),
            hides: sum(|day| day.hides),
        }
    };
    [("yesterday", 1), ("last 7 days", 7), ("last 28 days", 28)].into_iter().map(line).collect()
}

/// Reports on the item; `None` without a reports table.
pub(super) fn reports(subject: &Subject<'_>) -> Option<ReportCase> {
    let counts = subject.background.events.reports.as_ref()?;
    let as_of = subject.item.as_of;
    let recent = subject
        .background
        .history
        .reports
        .iter()
        .filter(|row| as_of.knows(row.reported_at, row.ingested_at) && as_of.instant.days_since(row.reported_at) <= 28.0);
    let mut reasons: BTreeMap<&Id, u64> = BTreeMap::new();
    recent.filter_map(|row| row.reason.as_ref()).for_each(|reason| *reasons.entry(reason).or_default() += 1);
    let mut reasons: Vec<Count> = reasons.into_iter().map(|(name, n)| Count { name: shortened(name, MOST_NAME), n }).collect();
    reasons.sort_by_key(|count| std::cmp::Reverse(count.n));
    Some(ReportCase {
        reports_28d: counts.reports_28d,
        reporters_28d: counts.reporters_28d,
        weight_28d: counts.weight_28d,
        reasons,
    })
}

/// After-sales events of the item in the last 28 days; `None` without an after-sales table.
pub(super) fn after_sales(subject: &Subject<'_>) -> Option<Vec<Count>> {
    let counts = subject.background.events.after_sales?;
    let named = AfterSalesKind::all().map(|kind| {
        let n = match kind {
            AfterSalesKind::Refund => counts.refunds_28d,
            AfterSalesKind::Return => counts.returns_28d,
            AfterSalesKind::NotAsDescribed => counts.not_as_described_28d,
            AfterSalesKind::LowRating => counts.low_ratings_28d,
        };
        Count { name: kind.as_str().replace('_', " "), n: n.into() }
    });
    Some(named.collect())
}

/// Versions, decisions and actions that were known, in time order.
pub(super) fn events(subject: &Subject<'_>) -> Vec<EventLine> {
    let (background, as_of) = (&subject.background, subject.item.as_of);
    let mut events: Vec<(Timestamp, Option<Timestamp>, &'static str, String)> = Vec::new();
    events.push((background.content.published_at, None, "published", "published".to_owned()));
    for version in background.versions.iter().skip(1) {
        if let Some(from) = version.valid_from {
            events.push((from, version.ingested_at, "edited", "edited".to_owned()));
        }
    }
    for stood in standing(background.history.decisions.iter()) {
        let row = stood.decision;
        if as_of.knows(row.decided_at, row.ingested_at) {
            events.push((row.decided_at, row.ingested_at, "decision", decided(row, stood.holds(as_of.instant))));
        }
    }
    for row in background.history.actions.iter().filter(|row| as_of.knows(row.started_at, row.ingested_at)) {
        events.push((row.started_at, row.ingested_at, "action", acted(row)));
    }
    events.sort();
    let line = |(at, known, kind, what): (Timestamp, Option<Timestamp>, &'static str, String)| EventLine {
        at: at.to_string(),
        // A row that came within the day was known when it counts.
        known_at: known.filter(|known| known.days_since(at) >= 1.0).map(|known| known.to_string()),
        kind,
        what,
    };
    events.into_iter().map(line).collect()
}

fn decided(row: &DecisionRow, holds: bool) -> String {
    let label = shortened(&row.label, MOST_NAME);
    let about = if label == "*" { "every label".to_owned() } else { label };
    let verdict = match row.verdict {
        Verdict::Violating => "found violating",
        Verdict::Compliant => "found compliant",
    };
    let by = match row.decided_by {
        Some(DecidedBy::Human) => " by a person",
        Some(DecidedBy::Automatic) => " by a machine",
        None => "",
    };
    let selected = row.selected_by.map_or("", |selected| match selected {
        SelectedBy::Model => ", looked at because a model pointed to it",
        SelectedBy::Policy => ", looked at because a policy asked for it",
        SelectedBy::Report => ", looked at because it was reported",
        SelectedBy::Random | SelectedBy::Importance => ", drawn at random",
        SelectedBy::Qa => ", as a second review for quality",
        SelectedBy::Golden => ", as a case with a known answer",
        SelectedBy::Appeal => ", on appeal",
        SelectedBy::Import => ", brought in from elsewhere",
    });
    let stands = if holds { "" } else { "; overturned since" };
    format!("{verdict} for {about}{by}{selected}{stands}")
}

fn acted(row: &ActionRow) -> String {
    let what = match row.treatment {
        Treatment::Allow => "left alone",
        Treatment::Label => "shown with a warning",
        Treatment::Downrank => "ranked lower",
        Treatment::NoRecommend => "kept out of recommendations",
        Treatment::Gate => "put behind a gate",
        Treatment::Review => "sent to review",
        Treatment::Hold => "held back",
        Treatment::Escalate => "escalated",
    };
    let policy = row.policy_id.as_ref().map_or(String::new(), |policy| format!(" under policy {}", shortened(policy, MOST_NAME)));
    format!("{what}{policy}")
}

/// Decisions and actions on the item that the input has and that were not known at the midnight.
pub(super) fn not_known_yet(subject: &Subject<'_>) -> usize {
    let (history, as_of) = (subject.background.history, subject.item.as_of);
    let decisions = history.decisions.iter().filter(|row| !as_of.knows(row.decided_at, row.ingested_at)).count();
    decisions + history.actions.iter().filter(|row| !as_of.knows(row.started_at, row.ingested_at)).count()
}
