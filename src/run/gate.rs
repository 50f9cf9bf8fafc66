//! When a model may take the champion's place: the limits of `[promote]`, held against a comparison.

use std::fmt;

use serde::Serialize;

use super::compare::{Comparison, LabelComparison, ViewComparison};
use super::judge::Basis;
use super::text_table::text_table;
use crate::config::PromoteConfig;
use crate::evaluation::Difference;
use crate::units::Id;

/// What the gate asked, and what it found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gate {
    /// Every question.
    pub checks: Vec<Check>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// What was measured.
    pub what: What,
    /// Of which label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<Id>,
    /// On which market.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub market: Option<String>,
    /// Rows or items behind it.
    pub n: u64,
    /// What was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The most, or for `decisions` the least, that is allowed.
    pub limit: f64,
    /// The share of resamples in which the challenger is worse, where one decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worse_in: Option<f64>,
    /// Whether it passed.
    pub passed: bool,
}

/// What a check measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Labels that can be judged at all.
    Decisions,
    /// Whether a label of the champion is scored.
    LabelScored,
    /// By how much average precision falls.
    AveragePrecisionLoss,
    /// Calibration error beyond chance.
    EceExcess,
    /// Share of items in scope that change band.
    Churn,
}

impl Gate {
    /// Holds the limits against a comparison of the champion (A) with the challenger (B). `missing` are labels that the champion
    /// scores and the challenger does not.
    #[must_use]
    pub(super) fn of(comparison: &Comparison, missing: &[Id], limits: &PromoteConfig) -> Self {
        let lost = missing.iter().map(|label| Check {
            label: Some(label.clone()),
            passed: false,
            ..Check::blank(What::LabelScored, 0, 0.0)
        });
        let mut checks: Vec<Check> = lost.collect();
        let is_judged = |n: u64, positives: u64| positives >= limits.min_of_each && n - positives >= limits.min_of_each;
        let judged: Vec<&LabelComparison> =
            comparison.labels.iter().filter(|label| is_judged(label.n, label.positives)).collect();
        let n_judged = judged.len() as f64;
        checks.push(Check {
            value: Some(n_judged),
            passed: n_judged >= 1.0,
            ..Check::blank(What::Decisions, rows_of(comparison), 1.0)
        });
        for label in judged {
            let sample = label.views.first();
            let overall = sample.and_then(|view| view.difference.average_precision);
            checks.extend(overall.map(|change| loss(change, label, None, label.n, limits)));
            let markets = label.slices.iter().filter(|slice| slice.attribute == "market");
            let large = markets.filter(|slice| slice.n >= limits.min_market_rows && is_judged(slice.n, slice.positives));
            checks.extend(large.filter_map(|slice| {
                let change = slice.difference.average_precision?;
                Some(loss(change, label, Some(slice.value.clone()), slice.n, limits))
            }));
            if let Some((view, ece)) = calibration_view(label).and_then(|view| Some((view, view.ece_b?))) {
                let check = Check::blank(What::EceExcess, view.n, limits.max_ece_excess);
                let passed = ece.excess <= limits.max_ece_excess;
                checks.push(Check { label: Some(label.label.clone()), value: Some(ece.excess), passed, ..check });
            }
        }
        if let Some(share) = comparison.churn.share {
            let check = Check::blank(What::Churn, comparison.churn.items, limits.max_churn);
            checks.push(Check { value: Some(share), passed: share <= limits.max_churn, ..check });
        }
        Self { checks }
    }

    /// Whether every check passed.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.checks.iter().all(|check| check.passed)
    }

    /// What didn't, each in a sentence.
    #[must_use]
    pub fn shortfalls(&self) -> Vec<String> {
        self.checks.iter().filter(|check| !check.passed).map(ToString::to_string).collect()
    }
}

/// The rows that calibration can be judged by. Where some are drawn with a known probability, probabilities are meant for the
/// population, and reviews that were picked by suspicion would make the best of them look too low.
fn calibration_view(label: &LabelComparison) -> Option<&ViewComparison> {
    let of = |basis| label.views.iter().find(move |view| view.basis == basis);
    of(Basis::Population).or_else(|| of(Basis::Sample).filter(|_| label.drawn == 0))
}

/// A fall of average precision counts where it is above the limit and resamples agree that it is one.
fn loss(change: Difference, label: &LabelComparison, market: Option<String>, n: u64, limits: &PromoteConfig) -> Check {
    let is_sure = change.b_is_worse.is_none_or(|share| share >= limits.min_confidence);
    Check {
        label: Some(label.label.clone()),
        market,
        value: Some(-change.value),
        worse_in: change.b_is_worse,
        passed: -change.value <= limits.max_average_precision_loss || !is_sure,
        ..Check::blank(What::AveragePrecisionLoss, n, limits.max_average_precision_loss)
    }
}

fn rows_of(comparison: &Comparison) -> u64 {
    comparison.labels.iter().map(|label| label.n).sum()
}

impl Check {
    fn blank(what: What, n: u64, limit: f64) -> Self {
        Self { what, label: None, market: None, n, value: None, limit, worse_in: None, passed: true }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = self.label.as_ref().map_or(String::new(), |label| format!("label `{label}`"));
        let place = self.market.as_ref().map_or(String::new(), |market| format!(" in market {market}"));
        let value = self.value.unwrap_or_default();
        match self.what {
            What::Decisions => write!(
                f,
                "no label can be judged by the {} rows decided after both models were trained: bring later decisions, lower \
                 promote.min_of_each, or judge by other files with `--set` and `--decisions all`",
                self.n
            ),
            What::LabelScored => write!(f, "{label}: the champion scores it, this model does not"),
            What::AveragePrecisionLoss => {
                let worse =
                    self.worse_in.map_or(String::new(), |share| format!(", worse in {:.1} % of the resamples", 100.0 * share));
                write!(
                    f,
                    "{label}{place}: average precision falls by {value:.4} on {} rows{worse}; at most {} is allowed",
                    self.n, self.limit
                )
            }
            What::EceExcess => write!(
                f,
                "{label}: the calibration error is {value:.4} beyond what chance explains, on {} rows; at most {} is allowed",
                self.n, self.limit
            ),
            What::Churn => write!(
                f,
                "{:.2} % of {} items in scope change band; at most {:.2} % is allowed",
                100.0 * value,
                self.n,
                100.0 * self.limit
            ),
        }
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |check: &Check| {
            let dash = || "–".to_owned();
            vec![
                super::compare::name_of(&check.what).replace('_', " "),
                check.label.as_ref().map_or_else(dash, ToString::to_string),
                check.market.clone().unwrap_or_else(dash),
                check.n.to_string(),
                check.value.map_or_else(dash, |value| format!("{value:.4}")),
                check.limit.to_string(),
                if check.passed { "passed".to_owned() } else { "REFUSED".to_owned() },
            ]
        };
        let head = ["check", "label", "market", "n", "found", "limit", ""];
        f.write_str(&text_table(&head, &self.checks.iter().map(row).collect::<Vec<_>>()))
    }
}
