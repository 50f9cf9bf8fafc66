//! When a model may take the champion's place: the limits of `[promote]`, held against a comparison.

use std::fmt;

use serde::Serialize;

use super::compare::{Comparison, LabelComparison, ViewComparison, name_of};
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
    /// What the rows stand for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
    /// Why there is nothing to judge by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_judged: Option<Why>,
    /// Whether it passed; what is not judged does unless `promote.refuse_unjudged` says otherwise.
    pub passed: bool,
}

/// Why a check has nothing to judge by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Fewer than `promote.min_of_each` of a class were decided after both models were trained.
    TooFewDecisions,
    /// Too few decisions were drawn with a known probability, and the others were picked by suspicion.
    TooFewDrawn,
    /// The champion does not score the label.
    NotTheChampions,
    /// No item is in scope.
    NothingInScope,
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
    /// Holds the limits against a comparison of the champion (A) with the challenger (B), which score the labels `scored`.
    #[must_use]
    pub(super) fn of(comparison: &Comparison, scored: &[Vec<Id>; 2], limits: &PromoteConfig) -> Self {
        let [ours, theirs] = scored;
        let mut checks: Vec<Check> = Vec::new();
        for label in ours.iter().filter(|label| !theirs.contains(label)) {
            checks.push(Check { label: Some(label.clone()), passed: false, ..Check::blank(What::LabelScored, 0, 0.0) });
        }
        for label in theirs.iter().filter(|label| !ours.contains(label)) {
            checks.push(Check { label: Some(label.clone()), ..Check::not_judged(What::LabelScored, 0, Why::NotTheChampions) });
        }
        let judged: Vec<&LabelComparison> =
            comparison.labels.iter().filter(|label| is_judged(label.n, label.positives, limits)).collect();
        let n_judged = judged.len() as f64;
        checks.push(Check {
            value: Some(n_judged),
            passed: n_judged >= 1.0,
            ..Check::blank(What::Decisions, rows_of(comparison), 1.0)
        });
        for label in ours.iter().filter(|label| theirs.contains(label) && !judged.iter().any(|other| other.label == **label)) {
            let n = comparison.labels.iter().find(|other| other.label == *label).map_or(0, |other| other.n);
            checks.push(Check {
                label: Some(label.clone()),
                ..Check::not_judged(What::AveragePrecisionLoss, n, Why::TooFewDecisions)
            });
        }
        judged.iter().for_each(|label| check_label(label, limits, &mut checks));
        checks.push(match comparison.churn.share {
            Some(share) => {
                let check = Check::blank(What::Churn, comparison.churn.items, limits.max_churn);
                Check { value: Some(share), passed: share <= limits.max_churn, ..check }
            }
            None => Check::not_judged(What::Churn, 0, Why::NothingInScope),
        });
        if limits.refuse_unjudged {
            checks.iter_mut().filter(|check| check.not_judged.is_some()).for_each(|check| check.passed = false);
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

fn is_judged(n: u64, positives: u64, limits: &PromoteConfig) -> bool {
    positives >= limits.min_of_each && n - positives >= limits.min_of_each
}

/// Average precision in both views and on each market, and calibration.
fn check_label(label: &LabelComparison, limits: &PromoteConfig, checks: &mut Vec<Check>) {
    for view in label.views.iter().filter(|view| is_judged(view.n, view.positives, limits)) {
        let change = view.difference.average_precision;
        checks.extend(change.map(|change| Check { basis: Some(view.basis), ..loss(change, label, None, view.n, limits) }));
    }
    for slice in label.slices.iter().filter(|slice| slice.attribute == "market") {
        let market = Some(slice.value.clone());
        let change = slice.difference.average_precision.filter(|_| is_judged(slice.n, slice.positives, limits));
        checks.push(match change {
            Some(change) if slice.n >= limits.min_market_rows => loss(change, label, market, slice.n, limits),
            // Few rows must leave no doubt.
            Some(change) => {
                let check = loss(change, label, market, slice.n, limits);
                let is_sure = change.high.is_some_and(|high| -high > limits.max_average_precision_loss);
                Check { passed: !is_sure, ..check }
            }
            None => {
                let check = Check::not_judged(What::AveragePrecisionLoss, slice.n, Why::TooFewDecisions);
                Check { label: Some(label.label.clone()), market, ..check }
            }
        });
    }
    let judged = calibration_view(label).filter(|view| is_judged(view.n, view.positives, limits));
    let check = match judged.and_then(|view| Some((view, view.ece_b?))) {
        Some((view, ece)) => {
            let is_worse = view.ece_a.is_none_or(|champion| ece.excess > champion.excess);
            let passed = ece.excess <= limits.max_ece_excess || !is_worse;
            Check {
                value: Some(ece.excess),
                basis: Some(view.basis),
                passed,
                ..Check::blank(What::EceExcess, view.n, limits.max_ece_excess)
            }
        }
        None => Check::not_judged(What::EceExcess, label.drawn, Why::TooFewDrawn),
    };
    checks.push(Check { label: Some(label.label.clone()), ..check });
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
        Self {
            what,
            label: None,
            market: None,
            n,
            value: None,
            limit,
            worse_in: None,
            basis: None,
            not_judged: None,
            passed: true,
        }
    }

    fn not_judged(what: What, n: u64, why: Why) -> Self {
        Self { not_judged: Some(why), ..Self::blank(what, n, 0.0) }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = self.label.as_ref().map_or(String::new(), |label| format!("label `{label}`"));
        let place = self.market.as_ref().map_or(String::new(), |market| format!(" in market {market}"));
        let value = self.value.unwrap_or_default();
        if let Some(why) = self.not_judged {
            let (what, why) = (name_of(&self.what).replace('_', " "), name_of(&why).replace('_', " "));
            return write!(f, "{label}{place}: {what} cannot be judged ({why}), and promote.refuse_unjudged is true");
        }
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
                name_of(&check.what).replace('_', " ")
                    + check.basis.filter(|basis| *basis == Basis::Population).map_or("", |_| " (population)"),
                check.label.as_ref().map_or_else(dash, ToString::to_string),
                check.market.clone().unwrap_or_else(dash),
                check.n.to_string(),
                check.value.map_or_else(dash, |value| format!("{value:.4}")),
                if check.not_judged.is_some() { dash() } else { check.limit.to_string() },
                match (check.passed, check.not_judged) {
                    (true, None) => "passed".to_owned(),
                    (true, Some(why)) => format!("not judged: {}", name_of(&why).replace('_', " ")),
                    (false, _) => "REFUSED".to_owned(),
                },
            ]
        };
        let head = ["check", "label", "market", "n", "found", "limit", ""];
        f.write_str(&text_table(&head, &self.checks.iter().map(row).collect::<Vec<_>>()))
    }
}
