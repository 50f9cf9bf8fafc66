//! Gathers a night's items and finds what rises among them.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Trend, TrendExample, TrendKind};
use super::candidates::{Candidate, candidates};
use super::condition::condition;
use super::held::{Held, Sample, TrendItem};
use super::rising::{Windows, author_days};
use crate::evaluation::FalseDiscoveryControl;
use crate::text::{contact_spans, tokens};
use crate::units::{Day, Market};

/// What counts as a trend.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrendRules {
    /// The last so many days are recent.
    pub recent_days: u32,
    /// The days before that they are held against.
    pub baseline_days: u32,
    /// Suspicious items, of both windows, that a candidate needs.
    pub min_items: u64,
    /// Author-days of the last days that it needs.
    pub min_sellers: u64,
    /// Least growth: the lower end of its interval must lie above 1, the ratio itself at this or above.
    pub min_growth: f64,
    /// Share of false ones to be expected among the findings.
    pub false_discovery_rate: f64,
    /// Trends told at most.
    pub most: usize,
    /// Items of a market and window that are looked at: more are drawn from by the hash of their id.
    pub sample: usize,
}

#[derive(Debug)]
struct MarketItems {
    recent: Sample,
    baseline: Sample,
    background: Sample,
    views: u64,
    complaints: u64,
}

impl MarketItems {
    fn new(sample: usize) -> Self {
        let of = || Sample::new(sample);
        Self { recent: of(), baseline: of(), background: of(), views: 0, complaints: 0 }
    }
}

impl Default for TrendRules {
    fn default() -> Self {
        Self {
            recent_days: 3,
            baseline_days: 25,
            min_items: 5,
            min_sellers: 3,
            min_growth: 2.0,
            false_discovery_rate: 0.05,
            most: 50,
            sample: 5000,
        }
    }
}

/// A night's items, market by market.
#[derive(Debug)]
pub struct TrendFinder {
    rules: TrendRules,
    markets: BTreeMap<Market, MarketItems>,
}

impl TrendFinder {
    /// Nothing gathered yet.
    #[must_use]
    pub fn new(rules: TrendRules) -> Self {
        Self { rules, markets: BTreeMap::new() }
    }

    /// Adds an item of the scope. Older ones than both windows count for the market's rate of complaints alone.
    pub fn add(&mut self, item: &TrendItem<'_>) {
        let market = self.markets.entry(item.market).or_insert_with(|| MarketItems::new(self.rules.sample));
        market.views = market.views.saturating_add(item.views);
        market.complaints = market.complaints.saturating_add(item.complaints);
        let is_recent = item.age_days < self.rules.recent_days;
        if item.age_days >= self.rules.recent_days.saturating_add(self.rules.baseline_days) {
            return;
        }
        match (item.is_suspicious, is_recent) {
            (true, true) => market.recent.add(item),
            (true, false) => market.baseline.add(item),
            (false, _) => market.background.add(item),
        }
    }

    /// The trends of the night of `day`, the gravest first, each as if no other had its items. One that `past` knows, of the nights
    /// before, keeps the day on which it was first found.
    #[must_use]
    pub fn finish(self, day: Day, past: &[Trend]) -> Vec<Trend> {
        let rules = self.rules;
        let mut found: Vec<Found> = Vec::new();
        let (mut p_values, mut untested) = (Vec::new(), 0);
        for (market, items) in self.markets {
            let exposure =
                [f64::from(rules.recent_days) * items.recent.share(), f64::from(rules.baseline_days) * items.baseline.share()];
            let rate = items.complaints as f64 / (items.views.max(1)) as f64;
            let background = items.background.into_items();
            let mut held = items.recent.into_items();
            held.extend(items.baseline.into_items());
            let all = split_days(held.iter(), rules.recent_days);
            let all = MarketView { market, held, background, exposure, rate, all };
            let sizes = (rules.min_items, rules.min_sellers, rules.recent_days);
            let candidates = candidates(&all.held, &all.background, market, sizes);
            untested += candidates.n_tested.saturating_sub(candidates.list.len() as u64);
            let mut risen = Vec::new();
            for candidate in candidates.list {
                let windows = all.windows(&candidate.items, rules.recent_days);
                p_values.push(windows.p_value());
                risen.push((candidate, windows, p_values.len() - 1));
            }
            found.extend(risen.into_iter().filter_map(|(candidate, windows, at)| all.found(candidate, windows, at, &rules)));
            // Conditions and examples need the texts: they are made while these are here.
            keep_distinct(&mut found, market, |finding| all.complete(finding, rules.recent_days));
        }
        // What was looked at and not worth a test of its own is a test all the same.
        p_values.extend((0..untested).map(|_| 1.0));
        let q = FalseDiscoveryControl::BenjaminiHochberg.adjust(&p_values);
        let mut trends: Vec<Trend> = Vec::new();
        for mut finding in found {
            finding.trend.q_value = q.get(finding.test).copied().unwrap_or(1.0);
            if finding.trend.q_value <= rules.false_discovery_rate {
                let id = finding.trend.id();
                let known = past.iter().filter(|trend| trend.id() == id).map(|trend| trend.since).min();
                finding.trend.since = known.map_or(day, |since| since.min(day));
                trends.push(finding.trend);
            }
        }
        trends.sort_by(|a, b| b.rank_score.total_cmp(&a.rank_score).then_with(|| a.id().cmp(&b.id())));
        trends.truncate(rules.most);
        trends
    }
}

/// A trend that is not yet known to be none of chance.
#[derive(Debug)]
struct Found {
    trend: Trend,
    items: Vec<u32>,
    test: usize,
    p: f64,
}

struct MarketView {
    market: Market,
    held: Vec<Held>,
    background: Vec<Held>,
    exposure: [f64; 2],
    rate: f64,
    /// Author-days of all held items, of the last days and before.
    all: [u64; 2],
}

/// Author-days of the last days and before.
fn split_days<'h>(held: impl Iterator<Item = &'h Held> + Clone, recent_days: u32) -> [u64; 2] {
    [true, false].map(|recent| {
        let of = held.clone().filter(|item| (item.age_days < recent_days) == recent);
        author_days(of.map(|item| (item.author, item.age_days)))
    })
}

impl MarketView {
    fn windows(&self, items: &[u32], recent_days: u32) -> Windows {
        let of = items.iter().filter_map(|at| self.held.get(*at as usize));
        let ([recent, baseline], [all_recent, all_baseline]) = (split_days(of, recent_days), self.all);
        Windows { recent, baseline, all_recent, all_baseline }
    }

    /// What is told of a candidate that grew.
    fn found(&self, candidate: Candidate, windows: Windows, test: usize, rules: &TrendRules) -> Option<Found> {
        let (growth, growth_interval) = windows.growth(self.exposure)?;
        let p = windows.p_value();
        if growth < rules.min_growth || growth_interval.low <= 1.0 || p > rules.false_discovery_rate {
            return None;
        }
        let recent = candidate.items.iter().filter_map(|at| self.held.get(*at as usize));
        let recent: Vec<&Held> = recent.filter(|item| item.age_days < rules.recent_days).collect();
        let views = recent.iter().fold(0_u64, |sum, item| sum.saturating_add(item.views));
        let complaints = recent.iter().fold(0_u64, |sum, item| sum.saturating_add(item.complaints));
        let expected = self.rate * views as f64;
        let excess = ((complaints as f64 - expected) / (complaints.max(1) as f64)).clamp(0.0, 1.0);
        let sellers = recent.iter().map(|item| item.author).collect::<BTreeSet<_>>().len() as u64;
        let trend = Trend {
            kind: candidate.kind,
            name: candidate.name,
            market: self.market,
            since: Day(0),
            items: recent.len() as u64,
            sellers,
            views,
            complaints,
            growth,
            growth_interval,
            q_value: 1.0,
            rank_score: views as f64 * excess * libm::log2(1.0 + growth_interval.low),
            examples: Vec::new(),
            condition: None,
        };
        Some(Found { trend, items: candidate.items, test, p })
    }

    /// Name, examples and condition, of a trend that is told.
    fn complete(&self, finding: &mut Found, recent_days: u32) {
        let mut members: Vec<&Held> = finding.items.iter().filter_map(|at| self.held.get(*at as usize)).collect();
        members.sort_by(|a, b| b.views.cmp(&a.views).then_with(|| a.content_id.cmp(&b.content_id)));
        let example = |item: &&Held| TrendExample { content_id: item.content_id.clone(), text: shown(&item.normalised, 160) };
        finding.trend.examples = members.iter().take(MOST_EXAMPLES).map(example).collect();
        if finding.trend.kind == TrendKind::Cluster
            && let Some(first) = members.iter().max_by_key(|item| (item.age_days, std::cmp::Reverse(&item.content_id)))
        {
            finding.trend.name = shown(&first.normalised, 60);
        }
        finding.trend.condition = condition(&finding.items, &self.held, &self.background, recent_days);
    }
}

const MOST_EXAMPLES: usize = 5;

/// Trends of a market whose conditions are made.
const MOST_OF_MARKET: usize = 20;

/// Of findings of `market` that have most of their items in common only the one of strongest evidence stays; of as strong ones a
/// handle before a domain, copies, a term, a cohort.
fn keep_distinct(found: &mut Vec<Found>, market: Market, complete: impl Fn(&mut Found)) {
    let (mut of_market, others): (Vec<Found>, Vec<Found>) =
        std::mem::take(found).into_iter().partition(|f| f.trend.market == market);
    *found = others;
    let order = |kind: TrendKind| match kind {
        TrendKind::Handle => 0,
        TrendKind::Domain => 1,
        TrendKind::Cluster => 2,
        TrendKind::Term => 3,
        TrendKind::Ring | TrendKind::Group => 4,
        TrendKind::Cohort => 5,
    };
    of_market.sort_by(|a, b| {
        let length = || b.trend.name.len().cmp(&a.trend.name.len());
        a.p.total_cmp(&b.p)
            .then_with(|| order(a.trend.kind).cmp(&order(b.trend.kind)))
            .then_with(length)
            .then_with(|| a.trend.name.cmp(&b.trend.name))
    });
    let mut kept: Vec<(BTreeSet<u32>, Found)> = Vec::new();
    for finding in of_market {
        let items: BTreeSet<u32> = finding.items.iter().copied().collect();
        let is_told = kept.iter().any(|(known, _)| {
            let common = known.intersection(&items).count();
            2 * common >= known.len().min(items.len())
        });
        if !is_told && kept.len() < MOST_OF_MARKET {
            kept.push((items, finding));
        }
    }
    found.extend(kept.into_iter().map(|(_, mut finding)| {
        complete(&mut finding);
        finding
    }));
}

/// The beginning of a normalised text, contact details starred.
fn shown(normalised: &str, most: usize) -> String {
    let words: Vec<&str> = tokens(normalised).map(|token| token.text).collect();
    let spans = contact_spans(normalised, &words);
    let hidden = |at: usize| spans.iter().any(|span| span.contains(&at));
    normalised
        .char_indices()
        .take(most)
        .map(|(at, c)| {
            if hidden(at) {
                '*'
            } else if c.is_control() {
                ' '
            } else {
                c
            }
        })
        .collect()
}
