//! The desk: what waits, how long decisions take, whether reviewers agree and are right.

use std::collections::BTreeMap;

use super::figure::{Family, Figure, Range, Segment, Unit};
use crate::evaluation::{Confidence, Proportion, wilson};
use crate::units::{Id, Market};

/// Answers to one report: hours from the first unanswered report to the decision, in whole seconds so that their order is total.
#[derive(Debug, Clone, Default)]
struct Desk {
    /// Items that wait with a report.
    waiting: u64,
    /// Seconds that they have waited.
    ages: Vec<u64>,
    /// Seconds from report to decision.
    answers: Vec<u64>,
    /// Thousandths of a minute, and reviews that say them.
    minutes: (u64, u64),
}

/// Right and all answers of one label.
#[derive(Debug, Clone, Copy, Default)]
struct Golden {
    right: u64,
    all: u64,
}

/// Counts the desk's work. Memory: 8 bytes for each report that waits or was answered in the last 28 days.
#[derive(Debug, Clone, Default)]
pub struct OperationsTally {
    desks: BTreeMap<Market, Desk>,
    golden: BTreeMap<(Market, Id), Golden>,
    /// Pairs of people's verdicts on one item and label: alike, and all.
    pairs: BTreeMap<(Market, Id), Golden>,
}

impl OperationsTally {
    /// An item that has been reported and not decided since, `seconds` ago.
    pub fn add_waiting(&mut self, market: Market, seconds: u64) {
        let desk = self.desks.entry(market).or_default();
        desk.waiting += 1;
        desk.ages.push(seconds);
    }

    /// A decision `seconds` after the first report that it answers.
    pub fn add_answer(&mut self, market: Market, seconds: u64) {
        self.desks.entry(market).or_default().answers.push(seconds);
    }

    /// Minutes that a review took.
    pub fn add_minutes(&mut self, market: Market, minutes: f64) {
        let desk = self.desks.entry(market).or_default();
        // The cast saturates, and what is no number counts as nothing.
        desk.minutes.0 = desk.minutes.0.saturating_add((minutes.clamp(0.0, 1e9) * 1000.0) as u64);
        desk.minutes.1 += 1;
    }

    /// A verdict on a case with a known answer.
    pub fn add_golden(&mut self, market: Market, label: &Id, is_right: bool) {
        let counts = self.golden.entry((market, label.clone())).or_default();
        counts.all += 1;
        counts.right += u64::from(is_right);
    }

    /// Two people's verdicts on one item and label.
    pub fn add_pair(&mut self, market: Market, label: &Id, is_alike: bool) {
        let counts = self.pairs.entry((market, label.clone())).or_default();
        counts.all += 1;
        counts.right += u64::from(is_alike);
    }

    /// The figures, with `agreed_hours` as the time within which a report should be answered.
    #[must_use]
    pub fn figures(mut self, agreed_hours: f64) -> Vec<Figure> {
        let mut figures = Vec::new();
        for (market, desk) in &mut self.desks {
            desk.ages.sort_unstable();
            desk.answers.sort_unstable();
            let of = |metric: &str, unit| {
                Figure::new(Family::Operations, metric, Segment { market: Some(*market), ..Segment::default() }, unit)
            };
            let note = "reported, and not decided since".to_owned();
            figures.push(Figure {
                value: Some(desk.waiting as f64),
                n: desk.waiting,
                note: Some(note),
                ..of("backlog", Unit::Count)
            });
            figures.push(quantile(&desk.ages, 0.5, of("age_median", Unit::Days)));
            figures.push(quantile(&desk.ages, 1.0, of("age_oldest", Unit::Days)));
            figures.push(quantile(&desk.answers, 0.5, of("time_to_decision_median", Unit::Days)));
            figures.push(quantile(&desk.answers, 0.9, of("time_to_decision_p90", Unit::Days)));
            let late = desk.answers.iter().filter(|seconds| **seconds as f64 > agreed_hours * 3600.0).count() as u64;
            let note = format!("reports of 28 days answered after more than {agreed_hours} hours");
            figures.push(share(of("late", Unit::Share), Proportion::new(late, desk.answers.len() as u64), Some(note)));
            let (thousandths, n) = desk.minutes;
            let value = (n > 0).then(|| thousandths as f64 / 1000.0 / n as f64);
            figures.push(Figure { value, n, method: "mean", ..of("minutes_per_review", Unit::Minutes) });
        }
        for (metric, counts, note) in [
            ("correctness", &self.golden, "verdicts on golden cases that are right; a golden set is chosen, not drawn"),
            (
                "raw_agreement",
                &self.pairs,
                "pairs of people's verdicts on one item that are alike; `stallmark feedback` has chance-corrected ones",
            ),
        ] {
            for ((market, label), counts) in counts {
                let segment = Segment { market: Some(*market), label: Some(label.clone()), ..Segment::default() };
                let figure = Figure::new(Family::Operations, metric, segment, Unit::Share);
                figures.push(share(figure, Proportion::new(counts.right, counts.all), Some(note.to_owned())));
            }
        }
        figures
    }
}

fn share(figure: Figure, found: Proportion, note: Option<String>) -> Figure {
    Figure {
        value: found.share,
        interval: found.interval.map(|i| Range { low: i.low, high: i.high }),
        n: found.trials,
        positives: Some(found.successes),
        method: "wilson",
        note,
        ..figure
    }
}

/// A quantile of sorted seconds in days, with the interval that the order statistics at Wilson's ends of the share span (Conover 1999, §3.2).
fn quantile(sorted: &[u64], q: f64, figure: Figure) -> Figure {
    let n = sorted.len();
    let days = |at: usize| sorted.get(at.min(n.saturating_sub(1))).map(|seconds| *seconds as f64 / 86_400.0);
    let place = |share: f64| ((share * n as f64).ceil() as usize).saturating_sub(1);
    let value = days(place(q));
    let interval = if q < 1.0 && n >= 5 {
        wilson((q * n as f64).round() as u64, n as u64, Confidence::NinetyFive)
            .and_then(|i| Some(Range { low: days(place(i.low))?, high: days(place(i.high))? }))
    } else {
        None
    };
    Figure { value, interval, n: n as u64, method: "order_statistic", ..figure }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(figures: &[Figure], metric: &str) -> (Option<f64>, u64) {
        let figure = figures.iter().find(|f| f.metric == metric).unwrap();
        (figure.value, figure.n)
    }

    #[test]
    fn waiting_and_answered_reports_are_told_by_market() {
        let th: Market = "TH".parse().unwrap();
        let mut tally = OperationsTally::default();
        (1..=4).for_each(|day| tally.add_waiting(th, day * 86_400));
        (1..=10).for_each(|day| tally.add_answer(th, day * 43_200));
        [2.0, 4.0].iter().for_each(|minutes| tally.add_minutes(th, *minutes));
        let scam = Id::from("scam");
        [true, true, false].iter().for_each(|right| tally.add_golden(th, &scam, *right));
        [true, false].iter().for_each(|alike| tally.add_pair(th, &scam, *alike));
        let figures = tally.figures(48.0);
        assert_eq!(told(&figures, "backlog"), (Some(4.0), 4));
        assert_eq!(told(&figures, "age_oldest"), (Some(4.0), 4));
        assert_eq!(told(&figures, "time_to_decision_median"), (Some(2.5), 10));
        assert_eq!(told(&figures, "time_to_decision_p90"), (Some(4.5), 10));
        // Of 10 answers, those of days 2.5 to 5 took more than 48 hours.
        assert_eq!(told(&figures, "late"), (Some(0.6), 10));
        assert_eq!(told(&figures, "minutes_per_review"), (Some(3.0), 2));
        assert_eq!(told(&figures, "correctness"), (Some(2.0 / 3.0), 3));
        assert_eq!(told(&figures, "raw_agreement"), (Some(0.5), 2));
        let median = figures.iter().find(|f| f.metric == "time_to_decision_median").unwrap().interval.unwrap();
        assert!(median.low < 2.5 && 2.5 < median.high && median.low >= 0.5 && median.high <= 5.0, "{median:?}");
    }
}
