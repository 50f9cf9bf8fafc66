//! What people complain of, in one ranked list: reasons of reports and of after-sales events, and appeals, by market and category, against
//! the time before.
//!
//! Of two equal stretches of time, the share of the events that lie in the later one is a proportion; its Wilson interval turned into odds is
//! the interval of the ratio of the two rates (the conditional test of two Poisson rates, Przyborowski and Wilenski 1940).

use std::collections::BTreeMap;

use super::figure::{Family, Figure, Range, Segment, Unit};
use crate::evaluation::{Confidence, wilson};
use crate::units::{Id, Market};

/// Pain points that are told, the most frequent of the last days.
const MOST: usize = 60;
/// Characters of a reason.
const MOST_REASON: usize = 60;
/// Reasons that are counted apart; the others count together.
const MOST_REASONS: usize = 2000;

/// When something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stretch {
    /// In the last 28 days.
    Recent,
    /// In the 28 days before them.
    Before,
}

/// Events of one reason in one market and category.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    recent: u64,
    before: u64,
}

/// Counts complaints.
#[derive(Debug, Clone, Default)]
pub struct PainTally {
    counts: BTreeMap<(Market, String, Option<Id>), Counts>,
}

impl PainTally {
    /// Adds an event: `what` is its kind, `reason` as it was given.
    pub fn add(&mut self, what: &str, reason: Option<&str>, (market, category): (Market, Option<&Id>), stretch: Stretch) {
        let reason = consolidated(reason.unwrap_or_default());
        let name = if reason.is_empty() { what.to_owned() } else { format!("{what}: {reason}") };
        let mut key = (market, name, category.cloned());
        // A source that writes free text has as many reasons as rows.
        if self.counts.len() >= MOST_REASONS && !self.counts.contains_key(&key) {
            key = (market, format!("{what}: other"), None);
        }
        let counts = self.counts.entry(key).or_default();
        match stretch {
            Stretch::Recent => counts.recent += 1,
            Stretch::Before => counts.before += 1,
        }
    }

    /// `cases` and `growth` of each pain point, the most frequent first.
    #[must_use]
    pub fn figures(&self) -> Vec<Figure> {
        let mut ranked: Vec<_> = self.counts.iter().filter(|(_, counts)| counts.recent > 0).collect();
        ranked.sort_by(|a, b| b.1.recent.cmp(&a.1.recent).then(a.0.cmp(b.0)));
        let mut figures = Vec::new();
        for ((market, name, category), counts) in ranked.into_iter().take(MOST) {
            let segment = Segment {
                market: Some(*market),
                category: category.as_ref().map(ToString::to_string),
                subject: Some(name.clone()),
                ..Segment::default()
            };
            figures.push(Figure {
                value: Some(counts.recent as f64),
                n: counts.recent,
                note: Some(format!("in 28 days; {} in the 28 days before", counts.before)),
                ..Figure::new(Family::PainPoint, "cases", segment.clone(), Unit::Count)
            });
            let (value, interval) = growth(counts);
            figures.push(Figure {
                value,
                interval,
                n: counts.recent + counts.before,
                positives: Some(counts.recent),
                method: "wilson",
                ..Figure::new(Family::PainPoint, "growth", segment, Unit::Number)
            });
        }
        figures
    }
}

/// The ratio of the later count to the earlier one.
fn growth(counts: &Counts) -> (Option<f64>, Option<Range>) {
    let odds = |share: f64| share / (1.0 - share);
    let value = (counts.before > 0).then(|| counts.recent as f64 / counts.before as f64);
    let interval = wilson(counts.recent, counts.recent + counts.before, Confidence::NinetyFive);
    let interval = interval.filter(|i| i.high < 1.0).map(|i| Range { low: odds(i.low), high: odds(i.high) });
    (value, interval)
}

/// A reason in one spelling: lower case, words apart by single spaces, shortened.
fn consolidated(reason: &str) -> String {
    let words: Vec<String> = reason
        .split(|c: char| c.is_whitespace() || c == '_' || c == '-' || c.is_control())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let text = words.join(" ");
    let text = text.trim_end_matches(['.', '!', '?', ',', ';', ':']);
    text.chars().take(MOST_REASON).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_consolidated_ranked_and_compared() {
        let th: Market = "TH".parse().unwrap();
        let bags = Id::from("bags");
        let mut tally = PainTally::default();
        for reason in ["Fake product", "fake_product", " FAKE-PRODUCT! "] {
            tally.add("report", Some(reason), (th, Some(&bags)), Stretch::Recent);
        }
        tally.add("report", Some("fake product"), (th, Some(&bags)), Stretch::Before);
        tally.add("return", None, (th, None), Stretch::Recent);
        tally.add("report", Some("gone"), (th, None), Stretch::Before);
        let figures = tally.figures();
        let told: Vec<_> =
            figures.iter().map(|f| (f.metric.as_str(), f.segment.subject.as_deref().unwrap(), f.value, f.n)).collect();
        assert_eq!(
            told,
            [
                ("cases", "report: fake product", Some(3.0), 3),
                ("growth", "report: fake product", Some(3.0), 4),
                ("cases", "return", Some(1.0), 1),
                ("growth", "return", None, 1),
            ]
        );
        // scipy 1.17.1: `binomtest(3, 4).proportion_ci(0.95, "wilson")` is 0.3006418 to 0.9544127, as odds 0.42988 and 20.935.
        let range = figures[1].interval.unwrap();
        assert!((range.low - 0.429_88).abs() < 1e-4 && (range.high - 20.935).abs() < 1e-2, "{range:?}");
        // Nothing before: no ratio, but a lower end.
        assert_eq!(figures[3].interval, None);
    }

    #[test]
    fn free_text_does_not_fill_the_memory() {
        let th: Market = "TH".parse().unwrap();
        let mut tally = PainTally::default();
        for i in 0..5000 {
            tally.add("report", Some(&format!("reason {i}")), (th, None), Stretch::Recent);
        }
        assert!(tally.counts.len() <= MOST_REASONS + 1);
        assert_eq!(tally.figures()[0].segment.subject.as_deref(), Some("report: other"));
        assert_eq!(tally.figures()[0].n, 3000);
    }
}
