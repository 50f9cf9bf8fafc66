//! Counts of reports, weighed by who reports and guarded against brigades.
//!
//! A reporter counts once, with the weight of its record (`ReporterRecord::weight`). A report without a reporter counts as one more
//! reporter of neutral weight 1, whom nobody has judged.
//!
//! The guard: the reporters of the last 28 days, each at its first report in them, are cut into bursts. A burst begins with the
//! first report that is in none and takes what follows within 24 hours of it. A burst whose reporters weigh W together counts
//! W up to the configured free weight c, and c · (1 + ln(W / c)) beyond it: at c value and slope agree, and a brigade of 1,000 in a
//! day counts as 6.3 · c with c = 5, not as 1,000. Deliberately not here: a brigade that takes its time, a report a day, which only the
//! records of its members can tell from honest ones.

use super::counts::{ReporterRecord, count, entropy, runs};
use super::rules::{HistoryContext, prior_of};
use crate::tables::ReportRow;
use crate::units::{Id, Timestamp};

const HOUR_US: i64 = 3_600_000_000;
const DAY_US: i64 = 24 * HOUR_US;

/// Reports received. Shares and entropies are of the last 28 days and `None` without a report in them.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ReportCounts {
    /// Reports in the last 7 days.
    pub reports_7d: u32,
    /// Reports in the last 28 days.
    pub reports_28d: u32,
    /// Distinct reporters in the last 7 days.
    pub reporters_7d: u32,
    /// Distinct reporters in the last 28 days.
    pub reporters_28d: u32,
    /// Σ weight of the distinct reporters in the last 7 days.
    pub weight_7d: f64,
    /// Σ weight of the distinct reporters in the last 28 days.
    pub weight_28d: f64,
    /// Σ over bursts of their guarded weight.
    pub guarded_28d: f64,
    /// Most reports in any 24 hours of the last 28 days / (1 + the other reports).
    pub burst: f64,
    /// Share of reports in the densest hour.
    pub densest_hour_share: Option<f64>,
    /// Share of reports by reporters with a bad record.
    pub bad_record_share: Option<f64>,
    /// Share of reporters of whom no report was judged yet.
    pub unjudged_share: Option<f64>,
    /// Entropy of reports by reporter, in nats.
    pub reporter_entropy: Option<f64>,
    /// Entropy of the reasons given, in nats; `None` when none was.
    pub reason_entropy: Option<f64>,
    /// Share of the commonest reason among those given.
    pub top_reason_share: Option<f64>,
}

/// A reporter within the last 28 days.
struct Reporter {
    first: Timestamp,
    last: Timestamp,
    reports: u32,
    weight: f64,
    is_bad: bool,
    is_unjudged: bool,
}

impl ReportCounts {
    /// Counts what was known before the midnight.
    #[must_use]
    pub fn of(rows: &[&ReportRow], context: &HistoryContext<'_>) -> Self {
        let as_of = context.as_of;
        let age = |at: Timestamp| as_of.instant.days_since(at);
        let known = |r: &&&ReportRow| as_of.knows(r.reported_at, r.ingested_at) && age(r.reported_at) <= 28.0;
        let recent: Vec<&ReportRow> = rows.iter().filter(known).copied().collect();
        let reporters = reporters(&recent, context);
        let mut times: Vec<Timestamp> = recent.iter().map(|r| r.reported_at).collect();
        times.sort_unstable();
        let this_week = || reporters.iter().filter(|r| age(r.last) <= 7.0);
        let (n, n_reporters) = (times.len(), reporters.len());
        let share = |part: u32, all: usize| (all > 0).then(|| f64::from(part) / all as f64);
        let most_a_day = most_within(&times, DAY_US);
        let reasons = reasons(&recent);
        Self {
            reports_7d: count(times.iter().filter(|at| age(**at) <= 7.0).count()),
            reports_28d: count(n),
            reporters_7d: count(this_week().count()),
            reporters_28d: count(n_reporters),
            weight_7d: this_week().map(|r| r.weight).sum(),
            weight_28d: reporters.iter().map(|r| r.weight).sum(),
            guarded_28d: guarded(&reporters, context.rules.config.burst_free_weight),
            burst: f64::from(most_a_day) / (1.0 + f64::from(count(n) - most_a_day)),
            densest_hour_share: share(most_within(&times, HOUR_US), n),
            bad_record_share: share(reporters.iter().filter(|r| r.is_bad).map(|r| r.reports).sum(), n),
            unjudged_share: share(count(reporters.iter().filter(|r| r.is_unjudged).count()), n_reporters),
            reporter_entropy: entropy(&reporters.iter().map(|r| r.reports).collect::<Vec<_>>()),
            reason_entropy: entropy(&reasons),
            top_reason_share: share(reasons.iter().copied().max().unwrap_or(0), reasons.iter().map(|c| *c as usize).sum()),
        }
    }
}

/// The reporters of `reports` in the order of their names, those without a name last and in order of time.
fn reporters(reports: &[&ReportRow], context: &HistoryContext<'_>) -> Vec<Reporter> {
    let config = &context.rules.config;
    let prior = prior_of(config.reporter_prior);
    let mut named: Vec<(&Id, Timestamp)> =
        reports.iter().filter_map(|r| Some((r.reporter_id.as_ref()?, r.reported_at))).collect();
    named.sort_unstable();
    let mut reporters = Vec::with_capacity(named.len());
    for by_one in named.chunk_by(|a, b| a.0 == b.0) {
        let (Some((id, first)), Some((_, last))) = (by_one.first(), by_one.last()) else { continue };
        let record: ReporterRecord = (context.reporter)(id);
        let weight = record.weight(&prior);
        reporters.push(Reporter {
            first: *first,
            last: *last,
            reports: count(by_one.len()),
            weight,
            is_bad: weight < config.bad_reporter_weight,
            is_unjudged: record.judged == 0,
        });
    }
    let mut nameless: Vec<Timestamp> = reports.iter().filter(|r| r.reporter_id.is_none()).map(|r| r.reported_at).collect();
    nameless.sort_unstable();
    let neutral = |at| Reporter { first: at, last: at, reports: 1, weight: 1.0, is_bad: false, is_unjudged: true };
    reporters.extend(nameless.into_iter().map(neutral));
    reporters
}

/// Σ over bursts of their weight, which grows with its logarithm beyond `free`.
fn guarded(reporters: &[Reporter], free: f64) -> f64 {
    let mut firsts: Vec<(Timestamp, f64)> = reporters.iter().map(|r| (r.first, r.weight)).collect();
    // Stable: reporters of one instant stay in the order of their names.
    firsts.sort_by_key(|(at, _)| *at);
    let mut total = 0.0;
    let mut rest = firsts.as_slice();
    while let Some((start, _)) = rest.first() {
        let (burst, later) = rest.split_at(rest.partition_point(|(at, _)| at.0.saturating_sub(start.0) < DAY_US));
        let weight: f64 = burst.iter().map(|(_, weight)| weight).sum();
        total += if weight <= free { weight } else { free * (1.0 + libm::log(weight / free)) };
        rest = later;
    }
    total
}

/// Most of the ascending `times` that lie within less than `span_us` of each other.
fn most_within(times: &[Timestamp], span_us: i64) -> u32 {
    let mut start = 0;
    let most = times.iter().enumerate().map(|(end, at)| {
        while times.get(start).is_some_and(|first| at.0.saturating_sub(first.0) >= span_us) {
            start += 1;
        }
        end + 1 - start
    });
    count(most.max().unwrap_or(0))
}

/// How often each reason was given, in their order.
fn reasons(reports: &[&ReportRow]) -> Vec<u32> {
    let mut given: Vec<&Id> = reports.iter().filter_map(|r| r.reason.as_ref()).collect();
    given.sort_unstable();
    runs(&given)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::{as_of, context, report, rules};

    fn counts(rows: &[ReportRow], reporter: &dyn Fn(&Id) -> ReporterRecord) -> ReportCounts {
        let rules = rules();
        ReportCounts::of(&rows.iter().collect::<Vec<_>>(), &HistoryContext { reporter, ..context(as_of(100), &rules) })
    }

    fn close(got: f64, expect: f64) {
        assert!((got - expect).abs() < 1e-9, "{got} is not {expect}");
    }

    #[test]
    fn reporters_are_distinct() {
        let rows = [
            report("a", Some("r1"), 99.0),
            report("a", Some("r1"), 98.0),
            report("b", None, 80.0),
            report("b", Some("r2"), 100.0),
        ];
        let counts = counts(&rows, &|_| ReporterRecord::default());
        assert_eq!((counts.reports_7d, counts.reports_28d, counts.reporters_7d, counts.reporters_28d), (2, 3, 1, 2));
        assert_eq!((counts.weight_7d, counts.weight_28d), (1.0, 2.0));
    }

    /// The fixture's prior is α = β = 3 and a bad record weighs under 0.6. As of day 100:
    ///
    /// | reporter | record (judged, upheld) | weight       | reports on day          | reason      |
    /// |----------|-------------------------|--------------|-------------------------|-------------|
    /// | good     | 4, 4                    | 2 · 7/10 = 1.4 | 99.5, 99.51           | fake, fake  |
    /// | bad      | 6, 0                    | 2 · 3/12 = 0.5 | 99.52, 80             | spam, none  |
    /// | new      | 0, 0                    | 1              | 95                    | fake        |
    /// | nameless |                         | 1              | 75, 71                | none        |
    ///
    /// 24 hours hold three reports at most (99.5 to 99.52), one hour too (28.8 minutes).
    #[test]
    fn records_weigh_reporters() {
        let reason = |reason: &str, row: ReportRow| ReportRow { reason: Some(reason.into()), ..row };
        let mut rows = vec![
            reason("fake", report("a", Some("good"), 99.5)),
            reason("fake", report("a", Some("good"), 99.51)),
            reason("spam", report("b", Some("bad"), 99.52)),
            report("b", Some("bad"), 80.0),
            reason("fake", report("a", Some("new"), 95.0)),
            report("c", None, 75.0),
            report("c", None, 71.0),
        ];
        let record = |id: &Id| match id.as_str() {
            "good" => ReporterRecord { judged: 4, upheld: 4 },
            "bad" => ReporterRecord { judged: 6, upheld: 0 },
            _ => ReporterRecord::default(),
        };
        let got = counts(&rows, &record);
        assert_eq!((got.reports_7d, got.reports_28d, got.reporters_7d, got.reporters_28d), (4, 6, 3, 4));
        close(got.weight_7d, 1.4 + 0.5 + 1.0);
        close(got.weight_28d, 1.4 + 0.5 + 1.0 + 1.0);
        close(got.guarded_28d, 3.9);
        close(got.burst, 3.0 / (1.0 + 3.0));
        assert_eq!(got.densest_hour_share, Some(0.5));
        assert_eq!(got.bad_record_share, Some(2.0 / 6.0));
        assert_eq!(got.unjudged_share, Some(0.5), "new and one nameless of four");
        // Of 6 reports: 2, 2, 1, 1.
        close(got.reporter_entropy.unwrap(), 2.0 * libm::log(3.0) / 3.0 + libm::log(6.0) / 3.0);
        close(got.reason_entropy.unwrap(), -0.75 * libm::log(0.75) - 0.25 * libm::log(0.25));
        assert_eq!(got.top_reason_share, Some(0.75));
        rows.reverse();
        assert_eq!(counts(&rows, &record), got, "the order of rows does not matter");
    }

    /// 40 neutral reporters in an hour: 5 · (1 + ln(40 / 5)) = 15.397; 400: 5 · (1 + ln 80) = 26.910. Spread thinner than
    /// one a day, the 28 within 28 days count in full.
    #[test]
    fn a_brigade_cannot_push_linearly() {
        let brigade = |n: u32, spacing: f64| -> Vec<ReportRow> {
            (0..n).map(|i| report("a", Some(&format!("r{i}")), 99.99 - spacing * f64::from(i))).collect()
        };
        let neutral = |_: &Id| ReporterRecord::default();
        close(counts(&brigade(5, 0.0001), &neutral).guarded_28d, 5.0);
        close(counts(&brigade(40, 0.0001), &neutral).guarded_28d, 5.0 * (1.0 + libm::log(8.0)));
        close(counts(&brigade(400, 0.0001), &neutral).guarded_28d, 5.0 * (1.0 + libm::log(80.0)));
        close(counts(&brigade(40, 1.01), &neutral).guarded_28d, 28.0);
        let burst = counts(&brigade(40, 0.0001), &neutral);
        assert_eq!((burst.burst, burst.densest_hour_share, burst.unjudged_share), (40.0, Some(1.0), Some(1.0)));
        assert_eq!(counts(&brigade(40, 1.01), &neutral).burst, 1.0 / 28.0);
        // Insisting does not help: the same reporter counts once.
        let mut one = brigade(40, 0.0001);
        one.iter_mut().for_each(|row| row.reporter_id = Some("r".into()));
        assert_eq!(counts(&one, &neutral).guarded_28d, 1.0);
    }

    #[test]
    fn without_reports_shares_are_missing() {
        assert_eq!(counts(&[report("a", Some("r"), 71.9)], &|_| ReporterRecord::default()), ReportCounts::default());
    }
}
