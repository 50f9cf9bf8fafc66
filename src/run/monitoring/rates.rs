//! How often items are reported, by the tier of their sellers, and lasting shifts of that and of the daily rate of violating views.

use std::collections::BTreeMap;

use crate::dataset::Item;
use crate::dataset::Shard;
use crate::evaluation::Proportion;
use crate::monitor::{CusumLimits, Family, Figure, Finding, Range, Segment, Unit, cusum};
use crate::run::monitoring::Past;
use crate::tables::ContentRow;
use crate::units::{Day, Id};

const REPORT_RATE: &str = "report_rate";
/// What is watched for lasting shifts.
const WATCHED: [&str; 2] = [REPORT_RATE, "violative_view_rate_day"];
/// A shift that counts is a fifth of the level before, on the mean of the last week: what is large against quiet noise may be small.
const LEAST_SHIFT: f64 = 0.2;
/// Half a standard deviation a night is let pass; the nights from which centre and spread are learned are half of those looked back on.
const LIMITS: CusumLimits = CusumLimits { slack: 0.5, decision: 10.0, min_periods: 14 };

/// Counts yesterday's reports and views.
pub(super) struct Rates {
    day: Day,
    by_tier: BTreeMap<Id, (u64, u64)>,
}

impl Rates {
    /// Nothing counted yet.
    pub(super) fn begin(day: Day) -> Self {
        Self { day, by_tier: BTreeMap::new() }
    }

    /// Adds a batch of a shard's items.
    pub(super) fn add_batch(&mut self, shard: &Shard, items: &[(Item, &ContentRow)]) {
        for (item, _) in items {
            let Ok(at) = shard.contents.binary_search_by(|(id, _)| id.cmp(&item.content_id)) else { continue };
            let Some((_, history)) = shard.contents.get(at) else { continue };
            let yesterday = self.day.plus(-1);
            let known = history.engagement.iter().filter(|d| d.day == yesterday && item.as_of.knows_day(d.day, d.ingested_at));
            for day in known {
                let (Some(views), Some(reports)) = (day.views, day.reports) else { continue };
                let counts = self.by_tier.entry(item.tier.clone()).or_default();
                counts.0 = counts.0.saturating_add(reports.min(views));
                counts.1 = counts.1.saturating_add(views);
            }
        }
    }

    /// The rate of each tier, and what has shifted in `figures` and in it against the nights before.
    pub(super) fn finish(self, figures: &[Figure], past: &Past) -> (Vec<Figure>, Vec<Finding>) {
        let rate = |(tier, (reports, views)): (&Id, &(u64, u64))| {
            let found = Proportion::new(*reports, *views);
            let segment = Segment { tier: Some(tier.to_string()), ..Segment::default() };
            Figure {
                value: found.share,
                interval: found.interval.map(|i| Range { low: i.low, high: i.high }),
                n: found.trials,
                positives: Some(found.successes),
                method: "wilson",
                note: Some("reports of yesterday's views".to_owned()),
                ..Figure::new(Family::Volume, REPORT_RATE, segment, Unit::PerTenThousand)
            }
        };
        let own: Vec<Figure> = self.by_tier.iter().map(rate).collect();
        let watched = own.iter().chain(figures).filter(|f| WATCHED.contains(&f.metric.as_str()));
        let findings = watched.filter_map(|tonight| shifted(tonight, past)).collect();
        (own, findings)
    }
}

/// A lasting shift of a figure.
fn shifted(tonight: &Figure, past: &Past) -> Option<Finding> {
    let of_night = |figures: &Vec<Figure>| {
        let found =
            figures.iter().find(|f| f.family == tonight.family && f.metric == tonight.metric && f.segment == tonight.segment);
        found.and_then(|figure| figure.value)
    };
    let mut nights: Vec<f64> = past.nights.values().filter_map(|night| of_night(&night.figures)).collect();
    nights.push(tonight.value?);
    let sum = cusum(&nights, &LIMITS)?;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let (before, week) = (mean(nights.get(..LIMITS.min_periods)?), mean(&nights[nights.len().saturating_sub(7)..]));
    if (week - before).abs() < LEAST_SHIFT * before {
        return None;
    }
    let message = || {
        let way = if sum > 0.0 { "up" } else { "down" };
        let centre = nights.iter().take(LIMITS.min_periods).sum::<f64>() / LIMITS.min_periods as f64;
        format!(
            "a lasting shift {way}: {:.2} per 10,000 tonight, {:.2} on average of the first {} of {} nights; the cumulative sum is {:.1} standard \
             deviations, and {} is the limit",
            tonight.value.unwrap_or_default() * 10_000.0,
            centre * 10_000.0,
            LIMITS.min_periods,
            nights.len(),
            sum.abs(),
            LIMITS.decision
        )
    };
    let check = format!("cusum_{}", tonight.metric);
    (sum.abs() >= LIMITS.decision).then(|| Finding { check, segment: tonight.segment.clone(), message: message(), n: tonight.n })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::monitoring::PastNight;
    use crate::units::SplitMix;

    fn figure(value: f64) -> Figure {
        Figure {
            value: Some(value),
            n: 1000,
            ..Figure::new(Family::Volume, REPORT_RATE, Segment::default(), Unit::PerTenThousand)
        }
    }

    /// Nights of `rate` with a spread of a tenth, as a sum of twelve uniforms makes it nearly normal.
    fn series(seed: u64, rate: impl Fn(usize) -> f64, nights: usize) -> Vec<f64> {
        let mut random = SplitMix(seed);
        let normal = |random: &mut SplitMix| (0..12).map(|_| random.uniform()).sum::<f64>() - 6.0;
        (0..nights).map(|night| rate(night) * (1.0 + 0.1 * normal(&mut random))).collect()
    }

    /// Whether a shift is found on each night, looked at as the run looks.
    fn found(values: &[f64]) -> Vec<bool> {
        let look = |night: usize| {
            let first = night.saturating_sub(35);
            let nights = (first..night).map(|at| {
                let of_night = PastNight { figures: vec![figure(values[at])], ..PastNight::default() };
                (Day(at as i32), of_night)
            });
            shifted(&figure(values[night]), &Past { nights: nights.collect() }).is_some()
        };
        (0..values.len()).map(look).collect()
    }

    /// Raised anew, not standing.
    fn alarms(found: &[bool]) -> usize {
        (0..found.len()).filter(|at| found[*at] && (*at == 0 || !found[at - 1])).count()
    }

    #[test]
    fn quiet_nights_are_quiet_and_a_shift_is_found() {
        let quiet: usize = (0..6).map(|seed| alarms(&found(&series(seed, |_| 0.002, 200)))).sum();
        assert!(quiet <= 3, "{quiet} alarms in 6 series of 200 quiet nights");
        let shifted = found(&series(9, |night| if night < 60 { 0.002 } else { 0.0026 }, 80));
        let first = shifted.iter().skip(60).position(|found| *found).unwrap();
        assert!(first <= 8 && shifted[..60].iter().all(|found| !found), "found after {first} nights");
    }
}
