//! The queue of a night: what the scored items, the decisions and the policies say goes to reviewers.
//!
//! Shard by shard the minutes that reviews took and the decided items that may be shown again are gathered; when all rows are decided,
//! they are read twice in the order of market and content, once for each market's frame and once for its queue.

use std::collections::{BTreeMap, BTreeSet};

use super::deciding::{NightRow, Verdicts};
use super::merge::ShardRows;
use super::project::Project;
use crate::config::QueueConfig;
use crate::dataset::{ContentHistory, Item, ReviewState, Shard};
use crate::files::FilesError;
use crate::policy::Ruling;
use crate::queue::{
    CheckCase, CheckKind, Frame, GoldenAnswer, Leading, MarketQueue, MinutesTaken, QueueItem, QueueRules, TeamResult,
};
use crate::scoring::ScoredLabel;
use crate::tables::{ContentRow, DecisionRow};
use crate::units::{AsOf, Day, DecidedBy, Id, LabelKind, Market, SelectedBy, Treatment, Zones};
use serde::{Deserialize, Serialize};

/// What the queue must know of an item beside its score.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ReviewFacts {
    language: Option<Id>,
    views: Option<f64>,
    cluster: Option<u64>,
    state: ReviewState,
}

impl ReviewFacts {
    pub(super) fn of(item: &Item) -> Self {
        Self { language: item.language.clone(), views: item.views_over_horizon, cluster: item.cluster, state: item.review }
    }
}

/// What is gathered from every shard.
#[derive(Default)]
pub(super) struct Gathered {
    taken: MinutesTaken,
    checks: Vec<CheckCase>,
}

impl Gathered {
    /// Adds the decisions of a shard that are known at the midnight of `day`: some 150 bytes for each that may be shown again.
    pub(super) fn add(&mut self, shard: &Shard, day: Day, zones: &Zones, config: &QueueConfig) {
        for (id, history) in &shard.contents {
            let Some(market) = history.first().map(|first| first.market).filter(|_| !history.decisions.is_empty()) else {
                continue;
            };
            let as_of = zones.as_of(market, day);
            let Some(content) = history.version_at(as_of).filter(|_| history.is_known(as_of)) else { continue };
            let people = history.decisions.iter().filter(|d| d.decided_by != Some(DecidedBy::Automatic));
            for decision in people.filter(|d| as_of.knows(d.decided_at, d.ingested_at)) {
                if let Some(minutes) = decision.minutes {
                    self.taken.add(content.content_type, &decision.label, minutes);
                }
                self.checks.extend(kind_of(decision, history, as_of, config).map(|kind| check_case(id, content, decision, kind)));
            }
        }
    }
}

/// What a decided item may be shown again for, as long as it is what was decided then.
fn kind_of(decision: &DecisionRow, history: &ContentHistory, as_of: AsOf, config: &QueueConfig) -> Option<CheckKind> {
    let edited = |v: &ContentRow| v.valid_from.is_some_and(|at| at > decision.decided_at && as_of.knows(at, v.ingested_at));
    if history.versions.iter().any(edited) {
        return None;
    }
    if let Some(verdict) = decision.golden_verdict {
        return Some(CheckKind::Golden(GoldenAnswer { decision_id: decision.decision_id.clone(), verdict }));
    }
    let asked = [SelectedBy::Qa, SelectedBy::Golden, SelectedBy::Appeal, SelectedBy::Import];
    let is_first_look = decision.selected_by.is_none_or(|by| !asked.contains(&by));
    let is_recent = as_of.instant.days_since(decision.decided_at) <= f64::from(config.qa_days);
    (is_first_look && is_recent).then_some(CheckKind::Qa)
}

fn check_case(id: &Id, content: &ContentRow, decision: &DecisionRow, kind: CheckKind) -> CheckCase {
    CheckCase {
        content_id: id.clone(),
        content_type: content.content_type,
        market: content.market,
        seller_id: content.seller_id.clone(),
        language: content.language.clone(),
        label: decision.label.clone(),
        kind,
    }
}

/// A night's queue.
pub(super) struct NightQueue {
    /// By market.
    pub markets: Vec<(Market, MarketQueue)>,
    /// What to tell.
    pub warnings: Vec<String>,
}

impl NightQueue {
    /// How far each team's minutes went.
    pub(super) fn teams(&self) -> Vec<TeamResult> {
        self.markets.iter().flat_map(|(_, queue)| queue.teams.iter().cloned()).collect()
    }
}

/// Builds the queue of a night whose policies are settled.
///
/// # Errors
/// When rows cannot be read back.
pub(super) fn night_queue(
    project: &Project,
    scores: &ShardRows<NightRow>,
    gathered: Gathered,
    (verdicts, labels): (&Verdicts<'_>, &[ScoredLabel]),
    day: Day,
) -> anyhow::Result<NightQueue> {
    let config = &project.config.queue;
    let Gathered { taken, checks } = gathered;
    let rules = QueueRules::new(config, taken);
    let read = || -> Result<_, FilesError> {
        Ok(scores.merged()?.map(|row| -> Result<Option<QueueItem>, FilesError> { Ok(queue_item(row?, verdicts, labels, day)) }))
    };
    let mut frames: BTreeMap<Market, Frame> = BTreeMap::new();
    let mut known: BTreeSet<Id> = BTreeSet::new();
    let may_be_shown: BTreeSet<&Id> = checks.iter().map(|case| &case.content_id).collect();
    for row in scores.merged()? {
        let row = row?;
        let (id, market) = (row.score.content_id.clone(), row.score.market);
        match queue_item(row, verdicts, labels, day) {
            Some(item) => rules.frame(frames.entry(market).or_default(), &item),
            // What is passed on by its id alone stands nowhere else.
            None if may_be_shown.contains(&id) => drop(known.insert(id)),
            None => {}
        }
    }
    let mut by_market: BTreeMap<Market, Vec<CheckCase>> = BTreeMap::new();
    for case in checks.into_iter().filter(|case| !known.contains(&case.content_id)) {
        by_market.entry(case.market).or_default().push(case);
    }
    let mut rows = read()?.filter_map(Result::transpose).peekable();
    let mut markets = Vec::with_capacity(frames.len());
    let mut warnings = Vec::new();
    for (market, frame) in &frames {
        let of_market = std::iter::from_fn(|| rows.next_if(|row| row.as_ref().map_or(true, |item| item.market == *market)));
        let night = (*market, project.config.time.zones.as_of(*market, day));
        markets.push((*market, rules.market(night, frame, of_market, by_market.remove(market).unwrap_or_default())?));
        if frame.without_team > 0 {
            let (n, of) = (frame.without_team, frame.items);
            warnings.push(format!(
                "{n} of {of} items of {market} are reviewed by nobody: no entry of queue.capacity has their market, language and skill"
            ));
        }
    }
    if config.key.is_default() {
        warnings.push(
            "queue.key is empty, so that anybody can tell what will be drawn for review; set STALLMARK_QUEUE_KEY".to_owned(),
        );
    }
    Ok(NightQueue { markets, warnings })
}

/// A decided row as the queue sees it; `None` where it stands in `escalations` alone.
fn queue_item(mut row: NightRow, verdicts: &Verdicts<'_>, labels: &[ScoredLabel], day: Day) -> Option<QueueItem> {
    let ruling = verdicts.apply(&mut row);
    if ruling.is_urgent {
        return None;
    }
    let NightRow { score, review, .. } = row;
    let scored = || labels.iter().zip(&score.probabilities).filter_map(|(label, p)| Some((label, f64::from((*p)?))));
    let of_kind = |kind: LabelKind| scored().filter(move |(label, _)| label.kind == kind);
    let harm = of_kind(LabelKind::Abuse).fold(None, |sum, (label, p)| Some(sum.unwrap_or(0.0) + p * label.severity.weight()));
    let snoozed = verdicts.set.is_snoozed(&score.content_id, score.seller_id.as_deref(), day);
    Some(QueueItem {
        asked_by: asking(&ruling, verdicts),
        minutes: verdicts.set.minutes(&ruling),
        content_id: score.content_id.clone(),
        content_type: score.content_type,
        market: score.market,
        seller_id: score.seller_id.clone(),
        language: review.language,
        abuse: score.abuse.map(f64::from),
        harm_per_view: harm,
        leading: leading(of_kind(LabelKind::Abuse), |label| label.severity.weight())
            .or_else(|| leading(of_kind(LabelKind::Quality), |_| 0.0)),
        views: review.views,
        cluster: review.cluster,
        is_settled: review.state.is_settled || snoozed,
        since: review.state.since,
        reported_since: review.state.reported_since,
        reports: review.state.reports,
    })
}

/// The label with the largest p · weight, of equal ones the largest p, then the first.
fn leading<'l>(scored: impl Iterator<Item = (&'l ScoredLabel, f64)>, weight: impl Fn(&ScoredLabel) -> f64) -> Option<Leading> {
    let weighed = scored.map(|(label, p)| (label, p, weight(label)));
    let best = weighed.fold(None, |best: Option<(&ScoredLabel, f64, f64)>, next| match best {
        Some(best) if (best.1 * best.2, best.1) >= (next.1 * next.2, next.1) => Some(best),
        _ => Some(next),
    });
    best.map(|(label, p, weight)| Leading { label: label.id.clone(), p, weight })
}

/// The live policies that want a person to look, where that is what is done.
fn asking(ruling: &Ruling, verdicts: &Verdicts<'_>) -> Vec<String> {
    if ruling.treatment < Treatment::Review {
        return Vec::new();
    }
    let asks = |at: &usize| verdicts.set.policies.get(*at).is_some_and(|policy| policy.file.treatment >= Treatment::Review);
    let asking: Vec<usize> = ruling.acting.iter().copied().filter(asks).collect();
    verdicts.set.ids(&asking)
}
