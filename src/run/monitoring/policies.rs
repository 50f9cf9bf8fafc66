//! Policies' figures: how much of its scope each fires on, and how right it is where people have decided.

use std::collections::BTreeMap;

use crate::dataset::Shard;
use crate::evaluation::Proportion;
use crate::monitor::{Family, Figure, Finding, FiringHistory, Range, Segment, Unit, firing_rate_findings};
use crate::policy::PolicySet;
use crate::run::deciding::{NightRow, Verdicts};
use crate::run::monitoring::Past;
use crate::run::project::Project;
use crate::units::{Day, DecidedBy, Market, Verdict};

/// Counts what people say of items on which policies fire.
pub(super) struct PolicyWatch<'a> {
    project: &'a Project,
    set: &'a PolicySet,
    day: Day,
    /// By policy, then market: items decided, and those found violating of one of its labels.
    decided: BTreeMap<(usize, Market), (u64, u64)>,
}

const FIRING: &str = "firing_rate";

impl<'a> PolicyWatch<'a> {
    /// Nothing counted yet.
    pub(super) fn begin(project: &'a Project, set: &'a PolicySet, day: Day) -> Self {
        Self { project, set, day, decided: BTreeMap::new() }
    }

    /// Adds the scored items of a shard.
    pub(super) fn add_shard(&mut self, shard: &Shard, rows: &[NightRow]) {
        for row in rows {
            let Ok(at) = shard.contents.binary_search_by(|(id, _)| id.cmp(&row.score.content_id)) else { continue };
            let Some((_, history)) = shard.contents.get(at).filter(|(_, history)| !history.decisions.is_empty()) else {
                continue;
            };
            let as_of = self.project.config.time.zones.as_of(row.score.market, self.day);
            for trace in row.traces.iter().filter(|trace| trace.state.acts()) {
                let Some(policy) = self.set.policies.get(usize::from(trace.policy)) else { continue };
                let of_policy = |label: &str| label == "*" || policy.file.labels.iter().any(|own| own.as_str() == label);
                let said = history.decisions.iter().filter(|d| {
                    d.decided_by != Some(DecidedBy::Automatic) && as_of.knows(d.decided_at, d.ingested_at) && of_policy(&d.label)
                });
                let Some(last) = said.clone().map(|d| d.decided_at).max() else { continue };
                let violates = said.filter(|d| d.decided_at == last).any(|d| d.verdict == Verdict::Violating);
                let counts = self.decided.entry((usize::from(trace.policy), row.score.market)).or_default();
                counts.0 += 1;
                counts.1 += u64::from(violates);
            }
        }
    }

    /// The figures, and the policies that fire on more than they used to.
    pub(super) fn finish(self, verdicts: &Verdicts<'_>, past: &Past) -> (Vec<Figure>, Vec<Finding>) {
        let (mut figures, mut histories) = (Vec::new(), Vec::new());
        for (at, policy) in self.set.policies.iter().enumerate() {
            let of = |market: Option<Market>| Segment { market, subject: Some(policy.file.id.to_string()), ..Segment::default() };
            let all = verdicts.tally.of(at);
            let by_market = verdicts.tally.by_market(at).map(|(market, counts)| (Some(market), counts.acts, counts.in_scope));
            for (market, acts, in_scope) in by_market.chain([(None, all.acts, all.in_scope)]) {
                let note = "of the items in its scope, those on which it acts or would act".to_owned();
                figures.push(share(FIRING, of(market), Proportion::new(acts, in_scope), note));
            }
            histories.push(FiringHistory {
                before: before(past, &of(None)),
                segment: of(None),
                tonight: (all.acts, all.in_scope),
            });
            let decided = self.decided.iter().filter(|((policy, _), _)| *policy == at);
            let (mut n, mut violating) = (0, 0);
            for ((_, market), (of_n, of_violating)) in decided {
                (n, violating) = (n + of_n, violating + of_violating);
                figures.push(precision(of(Some(*market)), *of_violating, *of_n));
            }
            if n > 0 {
                figures.push(precision(of(None), violating, n));
            }
        }
        (figures, firing_rate_findings(&histories))
    }
}

/// Fired and seen of earlier nights, the latest first.
fn before(past: &Past, segment: &Segment) -> Vec<(u64, u64)> {
    let of_night = |figures: &Vec<Figure>| {
        let figure = figures.iter().find(|f| f.family == Family::Policy && f.metric == FIRING && f.segment == *segment)?;
        Some((figure.positives?, figure.n))
    };
    past.nights.values().rev().filter_map(|night| of_night(&night.figures)).collect()
}

fn precision(segment: Segment, violating: u64, n: u64) -> Figure {
    let note = "of the items on which it fires and that people happened to decide, those found violating; not drawn, so not all it fires on";
    share("precision", segment, Proportion::new(violating, n), note.to_owned())
}

fn share(metric: &str, segment: Segment, found: Proportion, note: String) -> Figure {
    Figure {
        value: found.share,
        interval: found.interval.map(|i| Range { low: i.low, high: i.high }),
        n: found.trials,
        positives: Some(found.successes),
        method: "wilson",
        note: Some(note),
        ..Figure::new(Family::Policy, metric, segment, Unit::Share)
    }
}
