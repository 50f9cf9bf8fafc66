//! One seller's mark: rates, points, health and what drives it.

use std::collections::BTreeMap;

use super::facts::{LabelRecord, MarkRules, SellerFacts, SellerRecord};
use super::priors::MarkPriors;
use crate::evaluation::{Confidence, beta_interval};
use crate::features::RatePrior;
use crate::units::Id;

/// A seller's mark.
#[derive(Debug, Clone, PartialEq)]
pub struct SellerMark {
    /// What was known of the seller.
    pub facts: SellerFacts,
    /// By label, in the order of [`MarkRules::labels`]; empty without a decisions table.
    pub labels: Vec<LabelMark>,
    /// Points of the strikes that have not expired; `None` without a decisions table, as is health.
    pub points: Option<u64>,
    /// Points that go when the next strike expires.
    pub points_expiring: Option<u64>,
    /// 0 to 1000.
    pub health: Option<u32>,
    /// `healthy`, `unproven`, `at_risk`, `weak`, `critical`; `unknown` without a decisions table.
    pub health_band: &'static str,
    /// What costs most health, at most three, each with the health that it costs as a negative number.
    pub drivers: Vec<(String, f32)>,
}

/// One label of a mark.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LabelMark {
    /// Items decided, and found violating.
    pub record: LabelRecord,
    /// (k + α) / (n + α + β), in (0, 1).
    pub rate: f64,
    /// Lower end of the rate's 95 % credible interval.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// The rate of the seller's peers, that of nothing decided.
    pub prior_mean: f64,
    /// Strikes that have not expired.
    pub strikes: u64,
}

/// What a label costs.
struct Cost<'a> {
    label: &'a Id,
    strikes: u64,
    points: u64,
    mark: Option<&'a LabelMark>,
    health: f64,
}

/// Health of a seller against whom nothing stands.
const FULL_HEALTH: f64 = 1000.0;

/// Reasons told at most.
const MOST_DRIVERS: usize = 3;

impl MarkPriors {
    /// The mark of a seller.
    #[must_use]
    pub fn mark(&self, rules: &MarkRules<'_>, facts: SellerFacts) -> SellerMark {
        let Some(record) = &facts.record else {
            return SellerMark {
                facts,
                labels: Vec::new(),
                points: None,
                points_expiring: None,
                health: None,
                health_band: "unknown",
                drivers: Vec::new(),
            };
        };
        let mut strikes: BTreeMap<&Id, u64> = BTreeMap::new();
        record.strikes.iter().for_each(|(_, label)| *strikes.entry(label).or_default() += 1);
        let of_label = |(at, label): (usize, &LabelRecord)| {
            let active = rules.labels.get(at).and_then(|scored| strikes.get(&scored.id)).copied().unwrap_or(0);
            label_mark(*label, self.of(facts.tier.as_ref(), at), active)
        };
        let labels: Vec<LabelMark> = record.labels.iter().enumerate().map(of_label).collect();
        let costs = costs(rules, &strikes, &labels);
        // By label in a fixed order: the sum is the same for any order of rows.
        let health = (FULL_HEALTH - costs.iter().map(|cost| cost.health).sum::<f64>()).clamp(0.0, FULL_HEALTH).round() as u32;
        let points = points_of(rules, record.strikes.iter().map(|(_, label)| label));
        let next = record.strikes.first().map(|(next, _)| *next);
        let expiring = record.strikes.iter().take_while(|(at, _)| Some(*at) == next).map(|(_, label)| label);
        let (points_expiring, drivers) = (next.map(|_| points_of(rules, expiring)), drivers(costs));
        let health_band = band_of(rules, health, record);
        SellerMark { labels, points: Some(points), points_expiring, health: Some(health), health_band, drivers, facts }
    }
}

fn label_mark(record: LabelRecord, prior: RatePrior, strikes: u64) -> LabelMark {
    let k = record.violating.min(record.decided);
    let (alpha, beta) = (k as f64 + prior.alpha, (record.decided - k) as f64 + prior.beta);
    let rate = prior.shrink(k, record.decided);
    let interval = beta_interval(alpha, beta, Confidence::NinetyFive);
    let (low, high) = interval.map_or((0.0, 1.0), |i| (i.low, i.high));
    LabelMark { record, rate, low, high, prior_mean: prior.mean(), strikes }
}

fn points_of<'a>(rules: &MarkRules<'_>, labels: impl Iterator<Item = &'a Id>) -> u64 {
    labels.map(|label| points_per_strike(rules, label)).sum()
}

fn points_per_strike(rules: &MarkRules<'_>, label: &Id) -> u64 {
    by_severity(&rules.config.points, rules, label).map_or(0, u64::from)
}

fn by_severity<T: Copy>(values: &[T; 5], rules: &MarkRules<'_>, label: &Id) -> Option<T> {
    values.get(usize::from(rules.history.severity(label).level()).checked_sub(1)?).copied()
}

/// What each label costs, by label: those with columns, and others that left a strike.
fn costs<'a>(rules: &MarkRules<'a>, strikes: &BTreeMap<&'a Id, u64>, labels: &'a [LabelMark]) -> Vec<Cost<'a>> {
    let mut all: BTreeMap<&Id, Option<&LabelMark>> = strikes.keys().map(|label| (*label, None)).collect();
    all.extend(rules.labels.iter().zip(labels).map(|(label, mark)| (&label.id, Some(mark))));
    let cost = |(label, mark): (&'a Id, Option<&'a LabelMark>)| {
        let active = strikes.get(label).copied().unwrap_or(0);
        let points = active * points_per_strike(rules, label);
        // Only what is established: a rate that one item moved lies within its interval of the peers'.
        let excess = mark.map_or(0.0, |mark| (mark.low - mark.prior_mean).max(0.0));
        let per_rate = by_severity(&rules.config.health_per_rate, rules, label).unwrap_or(0.0);
        let health = points as f64 * rules.config.health_per_point + excess * per_rate;
        Cost { label, strikes: active, points, mark, health }
    };
    all.into_iter().map(cost).collect()
}

/// The labels that cost most, the first of equals first.
fn drivers(mut costs: Vec<Cost<'_>>) -> Vec<(String, f32)> {
    costs.retain(|cost| cost.health > 0.0);
    costs.sort_by(|a, b| b.health.total_cmp(&a.health).then_with(|| a.label.cmp(b.label)));
    costs.iter().take(MOST_DRIVERS).map(|cost| (text_of(cost), -cost.health as f32)).collect()
}

fn text_of(cost: &Cost<'_>) -> String {
    let number = |n: u64, one: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") };
    let standing = format!("{}: {}, {}", cost.label, number(cost.strikes, "strike"), number(cost.points, "point"));
    match cost.mark.filter(|mark| mark.record.decided > 0) {
        Some(mark) => {
            let (k, n) = (mark.record.violating, mark.record.decided);
            format!(
                "{standing}; {k} of {} violating, rate {:.3}, peers {:.3}",
                number(n, "decided item"),
                mark.rate,
                mark.prior_mean
            )
        }
        None => standing,
    }
}

fn band_of(rules: &MarkRules<'_>, health: u32, record: &SellerRecord) -> &'static str {
    let [healthy, at_risk, weak] = rules.config.bands;
    match health {
        // That nothing stands against a seller of whom nothing was decided says nothing for it.
        h if h >= healthy && record.items_decided < rules.config.min_decided => "unproven",
        h if h >= healthy => "healthy",
        h if h >= at_risk => "at_risk",
        h if h >= weak => "weak",
        _ => "critical",
    }
}
