//! What live policies change: items that a policy treats against those that it holds back, or against themselves before.
//!
//! An item's period before is the 28 days before the policy's first day in its market, its period after the whole weeks since, so that both
//! have the same weekdays. The arms are tonight's: an item on which the policy no longer fires counts for neither. Where treatment itself keeps an
//! item from firing (its views fall, and a feature of views is read) the arms drift apart; conditions on text and past decisions don't do that.

use std::collections::BTreeMap;

use crate::config::PolicyMode;
use crate::dataset::{ContentHistory, Shard};
use crate::monitor::{
    ClusterSums, Family, Figure, Guardrail, MetricEffect, Segment, State, Unit, effect, judge_outcome, outcome_figures,
};
use crate::policy::{Policy, PolicySet, TraceState};
use crate::run::deciding::{NightRow, Verdicts};
use crate::run::project::Project;
use crate::units::{AsOf, Day, Market, stable_hash};

/// Days before the policy's first that an item is compared with.
const BEFORE_DAYS: i32 = 28;
/// Days after it that count at most.
const AFTER_DAYS: i32 = 56;
/// What a policy of abuse is meant to lower.
const GOAL: &str = "reports";
/// The share of the baseline whose detection is planned for.
const LEAST_EFFECT: f64 = 0.1;
/// Seed of the numbers that stand for sellers.
const CLUSTERS: u64 = 0x6f75_7463;

/// What is measured of an item, on a day.
const METRICS: [(&str, Unit); 5] =
    [("views", Unit::Views), ("orders", Unit::Number), ("gmv", Unit::Money), ("refunds", Unit::Number), (GOAL, Unit::Number)];

/// Sums by seller of one policy in one market, by metric.
type Sums = BTreeMap<u64, [ClusterSums; METRICS.len()]>;

/// Gathers what live policies did to items.
pub(super) struct OutcomeWatch<'a> {
    project: &'a Project,
    set: &'a PolicySet,
    day: Day,
    sums: BTreeMap<(usize, Market), Sums>,
}

impl<'a> OutcomeWatch<'a> {
    /// Nothing gathered yet.
    pub(super) fn begin(project: &'a Project, set: &'a PolicySet, day: Day) -> Self {
        Self { project, set, day, sums: BTreeMap::new() }
    }

    /// Adds the scored items of a shard.
    pub(super) fn add_shard(&mut self, shard: &Shard, rows: &[NightRow]) {
        for row in rows {
            let market = row.score.market;
            for trace in &row.traces {
                let at = usize::from(trace.policy);
                let Some(policy) = self.set.policies.get(at) else { continue };
                let is_held_back = trace.state == TraceState::HeldBack;
                if !(trace.state.acts() || is_held_back) {
                    continue;
                }
                let Some((from, until)) = launch(policy, market, self.day) else { continue };
                let Ok(place) = shard.contents.binary_search_by(|(id, _)| id.cmp(&row.score.content_id)) else { continue };
                let Some((_, history)) = shard.contents.get(place) else { continue };
                let as_of = self.project.config.time.zones.as_of(market, self.day);
                let before = means(history, as_of, (from.plus(-BEFORE_DAYS), from));
                let after = means(history, as_of, (from, until));
                let cluster = stable_hash(CLUSTERS, row.score.seller_id.as_ref().unwrap_or(&row.score.content_id));
                let sums = self.sums.entry((at, market)).or_default().entry(cluster).or_default();
                for (sums, (before, after)) in sums.iter_mut().zip(before.into_iter().zip(after)) {
                    let arm = if is_held_back { &mut sums.held_back } else { &mut sums.treated };
                    arm.add(before, after);
                }
            }
        }
    }

    /// The figures of every live policy that has a first day.
    pub(super) fn finish(self, verdicts: &Verdicts<'_>) -> Vec<Figure> {
        let mut figures = Vec::new();
        for ((at, market), sums) in &self.sums {
            let Some(policy) = self.set.policies.get(*at).filter(|_| verdicts.night.is_live(*at)) else { continue };
            let of = |metric: usize| -> Vec<ClusterSums> { sums.values().filter_map(|of| of.get(metric).copied()).collect() };
            if policy.file.holdback > 0.0 {
                let metric = |(at, (metric, unit)): (usize, &(&str, Unit))| MetricEffect {
                    metric: (*metric).to_owned(),
                    unit: *unit,
                    effect: effect(&of(at)),
                };
                let effects = METRICS.iter().enumerate().map(metric).collect();
                let rails: Vec<Guardrail> = policy
                    .file
                    .guardrails
                    .iter()
                    .map(|(metric, max_loss)| Guardrail { metric: metric.clone(), max_loss: *max_loss })
                    .collect();
                let outcome = judge_outcome(policy.file.id.clone(), *market, effects, &rails, GOAL, LEAST_EFFECT);
                figures.extend(outcome_figures(&outcome));
            } else {
                let change = |(at, (metric, unit)): (usize, &(&str, Unit))| {
                    let segment =
                        Segment { market: Some(*market), subject: Some(policy.file.id.to_string()), ..Segment::default() };
                    change(&of(at), Figure::new(Family::Outcome, &format!("change_{metric}"), segment, *unit))
                };
                figures.extend(METRICS.iter().enumerate().map(change));
            }
        }
        figures
    }
}

/// The first day of a live policy in a market, and the day after the last whole week since; none before a week is over.
fn launch(policy: &Policy, market: Market, day: Day) -> Option<(Day, Day)> {
    if policy.file.mode != PolicyMode::Live {
        return None;
    }
    let own = policy.file.market_effective.iter().find(|(known, _)| *known == market).map(|(_, days)| days.from);
    let from = own.unwrap_or(policy.file.effective.from)?;
    let weeks = ((day.0 - from.0) / 7).min(AFTER_DAYS / 7);
    (weeks >= 1).then(|| (from, from.plus(7 * weeks)))
}

/// Means a day of each metric, over the days from one to before another.
fn means(history: &ContentHistory, as_of: AsOf, (from, until): (Day, Day)) -> [f64; METRICS.len()] {
    let mut sums = [0.0; METRICS.len()];
    for day in history.engagement.iter().filter(|d| d.day >= from && d.day < until && as_of.knows_day(d.day, d.ingested_at)) {
        let count = |n: Option<u64>| n.map_or(0.0, |n| n as f64);
        let of_day = [count(day.views), count(day.orders), day.gmv.unwrap_or(0.0), count(day.refunds), count(day.reports)];
        sums.iter_mut().zip(of_day).for_each(|(sum, value)| *sum += value);
    }
    let days = f64::from((until.0 - from.0).max(1));
    sums.map(|sum| sum / days)
}

/// The mean change of the treated against the time before, its variance by seller.
fn change(clusters: &[ClusterSums], figure: Figure) -> Figure {
    let n: u64 = clusters.iter().map(|c| c.treated.n).sum();
    let note =
        "against the 28 days before, the same weekdays: weaker than a holdback, for nothing says what would have been without it";
    let found = Figure { n, method: "before_after", note: Some(note.to_owned()), ..figure };
    let sellers = clusters.iter().filter(|c| c.treated.n > 0).count();
    if n == 0 || sellers < 5 {
        return Figure { state: State::Unknown, note: Some(format!("{note}; too few sellers to tell")), ..found };
    }
    let mean = clusters.iter().map(|c| c.treated.y - c.treated.x).sum::<f64>() / n as f64;
    let residual = |c: &ClusterSums| c.treated.y - c.treated.x - mean * c.treated.n as f64;
    let m = sellers as f64;
    let variance = m / (m - 1.0) * clusters.iter().map(|c| residual(c) * residual(c)).sum::<f64>() / (n as f64 * n as f64);
    let reach = crate::evaluation::student_upper_quantile(0.025, m - 1.0) * variance.sqrt();
    let interval = (reach > 0.0).then_some(crate::monitor::Range { low: mean - reach, high: mean + reach });
    Figure { value: Some(mean), interval, ..found }
}
