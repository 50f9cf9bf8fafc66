//! The night's rows, views and draws as `monitor::prevalence` takes them.
//!
//! Memory: 260 bytes for each cut and label, and about as many for each item that was drawn in the last 28 days.

use std::collections::BTreeMap;

use crate::config::PrevalenceConfig;
use crate::dataset::{ContentHistory, Shard};
use crate::feedback::{Draw, correctness, draws};
use crate::monitor::{
    Figure, GoldenCounts, PopulationRow, PrevalenceInput, PrevalenceLimits, PrevalenceTally, Said, SampledDraw, SampledItem,
    Views, age_group, prevalence_figures,
};
use crate::run::champion::Champion;
use crate::run::deciding::NightRow;
use crate::run::project::Project;
use crate::scoring::{ScoreRow, ScoredLabel};
use crate::tables::DecisionRow;
use crate::units::{AsOf, ContentType, Day, Id, LabelKind, Timestamp, Zones, stable_hash};

/// Days before the midnight whose draws are kept.
const KEPT_DAYS: i32 = 28;

/// Days of views that a rate weighs by.
const VIEW_DAYS: i32 = 7;

/// Seed of the numbers that stand for sellers.
const CLUSTERS: u64 = 0x7072_6576;

/// Gathers what rates of violating views are made of.
pub(super) struct Prevalence<'a> {
    labels: &'a [ScoredLabel],
    zones: &'a Zones,
    limits: PrevalenceLimits,
    day: Day,
    /// What was decided before, the model may have learned.
    trained: Timestamp,
    tally: PrevalenceTally,
    items: Vec<SampledItem>,
    golden: BTreeMap<Id, GoldenCounts>,
}

impl<'a> Prevalence<'a> {
    /// Nothing gathered yet.
    pub(super) fn begin(project: &'a Project, champion: &'a Champion, day: Day) -> Self {
        let zones = &project.config.time.zones;
        let trained = zones.default_as_of(champion.trained_as_of).instant;
        Self::of(&champion.labels, zones, &project.config.monitor.prevalence, (day, trained))
    }

    fn of(labels: &'a [ScoredLabel], zones: &'a Zones, config: &PrevalenceConfig, (day, trained): (Day, Timestamp)) -> Self {
        let PrevalenceConfig { min_labelled, min_positives, min_golden } = *config;
        Self {
            labels,
            zones,
            limits: PrevalenceLimits { min_labelled, min_positives, min_golden },
            day,
            trained,
            // Every label, and any abuse.
            tally: PrevalenceTally::new(labels.len() + 1),
            items: Vec::new(),
            golden: BTreeMap::new(),
        }
    }

    /// Adds the scored items of `shard`, and the golden cases of all its items.
    pub(super) fn add_shard(&mut self, shard: &Shard, rows: &[NightRow]) {
        self.add_scores(shard, rows.iter().map(|row| &row.score));
        let golden: Vec<DecisionRow> = shard.contents.iter().flat_map(|(_, history)| self.golden_cases(history)).collect();
        for of_label in correctness(&golden).into_iter().filter(|found| found.reviewer.is_none()) {
            let counts = self.golden.entry(of_label.label).or_default();
            counts.found += of_label.sensitivity.successes;
            counts.violating += of_label.sensitivity.trials;
            counts.cleared += of_label.specificity.successes;
            counts.compliant += of_label.specificity.trials;
        }
    }

    fn golden_cases(&self, history: &ContentHistory) -> Vec<DecisionRow> {
        let Some(first) = history.first().filter(|_| history.decisions.iter().any(|d| d.golden_verdict.is_some())) else {
            return Vec::new();
        };
        let as_of = self.zones.as_of(first.market, self.day);
        let known = |d: &&DecisionRow| d.golden_verdict.is_some() && as_of.knows(d.decided_at, d.ingested_at);
        history.decisions.iter().filter(known).cloned().collect()
    }

    fn add_scores<'r>(&mut self, shard: &Shard, rows: impl Iterator<Item = &'r ScoreRow>) {
        for row in rows {
            let Ok(at) = shard.contents.binary_search_by(|(id, _)| id.cmp(&row.content_id)) else { continue };
            let Some((_, history)) = shard.contents.get(at) else { continue };
            let Some(first) = history.first() else { continue };
            let as_of = self.zones.as_of(first.market, self.day);
            let views = views_of(history, as_of);
            let said = self.said(row);
            let age = age_group(as_of.instant.days_since(first.published_at));
            let (market, content_type) = (row.market, row.content_type);
            self.tally.add(&PopulationRow { market, content_type, category: row.category.as_ref(), age, views, said: &said });
            let draws = self.draws(history, as_of, row.content_type);
            if !draws.is_empty() && views.week > 0 {
                self.items.push(SampledItem {
                    content_id: row.content_id.clone(),
                    market,
                    content_type,
                    category: row.category.clone(),
                    cluster: stable_hash(CLUSTERS, row.seller_id.as_ref().unwrap_or(&row.content_id)),
                    age,
                    views,
                    said,
                    draws,
                });
            }
        }
    }

    /// What the model says of an item, by label, then of any abuse.
    fn said(&self, row: &ScoreRow) -> Vec<Said> {
        let of = |in_scope: bool, p: Option<f32>| match p {
            _ if !in_scope => Said::OutOfScope,
            Some(p) => Said::Probability(f64::from(p)),
            None => Said::Unscored,
        };
        let covers = |label: &ScoredLabel| label.content_types.contains(&row.content_type);
        let labels = self.labels.iter().zip(&row.probabilities).map(|(label, p)| of(covers(label), *p));
        let any = self.labels.iter().any(|label| label.kind == LabelKind::Abuse && covers(label));
        labels.chain([of(any, row.abuse)]).collect()
    }

    fn draws(&self, history: &ContentHistory, as_of: AsOf, content_type: ContentType) -> Vec<SampledDraw> {
        if history.decisions.iter().all(|d| d.inclusion_probability.is_none()) {
            return Vec::new();
        }
        let market = history.first().map(|first| first.market);
        let known: Vec<&DecisionRow> = history.decisions.iter().filter(|d| as_of.knows(d.decided_at, d.ingested_at)).collect();
        let is_new = known.iter().all(|d| d.decided_at >= self.trained);
        let day_of = |at| market.map_or(as_of.day, |market| self.zones.day_of(market, at));
        let of = |draw: &Draw| SampledDraw {
            days_ago: as_of.day.0.saturating_sub(draw.day.0),
            inclusion: draw.inclusion_probability,
            is_fresh: is_new,
            found: self.found(draw, content_type),
        };
        draws(&known, day_of).iter().map(of).filter(|draw| draw.days_ago <= KEPT_DAYS).collect()
    }

    /// What a draw found, by label, then of any abuse: that is not there only where every label that could be was cleared.
    fn found(&self, draw: &Draw, content_type: ContentType) -> Vec<Option<bool>> {
        let mut found: Vec<Option<bool>> = self.labels.iter().map(|label| draw.found(&label.id)).collect();
        let abuse = self.labels.iter().zip(&found);
        let abuse: Vec<Option<bool>> = abuse
            .filter(|(label, _)| label.kind == LabelKind::Abuse && label.content_types.contains(&content_type))
            .map(|(_, found)| *found)
            .collect();
        let is_clear = !abuse.is_empty() && abuse.iter().all(|found| *found == Some(false));
        found.push(if abuse.contains(&Some(true)) { Some(true) } else { is_clear.then_some(false) });
        found
    }

    /// The figures of the night.
    pub(super) fn finish(mut self) -> Vec<Figure> {
        self.items.sort_by(|a, b| a.content_id.cmp(&b.content_id));
        let labels: Vec<Id> = self.labels.iter().map(|label| label.id.clone()).collect();
        prevalence_figures(&PrevalenceInput {
            day: self.day,
            labels: &labels,
            tally: &self.tally,
            items: &self.items,
            golden: &self.golden,
            limits: self.limits,
        })
    }
}

/// Views of the last 7 whole days, as known at `as_of`.
fn views_of(history: &ContentHistory, as_of: AsOf) -> Views {
    let since = as_of.day.plus(-VIEW_DAYS);
    let mut views = Views::default();
    for row in history.engagement.iter().rev().take_while(|row| row.day >= since) {
        if let Some(n) = row.views.filter(|_| as_of.knows_day(row.day, row.ingested_at)) {
            views.week = views.week.saturating_add(n);
            if row.day == as_of.day.plus(-1) {
                views.day = views.day.saturating_add(n);
            }
        }
    }
    views
}
