//! Decisions into one label a case and midnight, with what it rests on.
//!
//! Per label the cases' truth is estimated by Dawid and Skene's model, or by the majority where there is too little overlap. An appeal
//! speaks in the place of what it overturns, at the original decision's midnight. A case is the verdicts on one item and label within a few
//! days; each midnight before one of its decisions becomes a row with the case's verdict.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::cases::{CaseWindow, Truth, cases, opinions, truth};
use super::dawid_skene::{Consensus, ConsensusConfig, Method, Opinion, Rates, consensus};
use super::inclusion::drawn_by_any;
use super::voices::{DatedDecision, Hearing, Voice, Voices};
use super::{Reviewer, dawid_skene::Fit};
use crate::units::{AsOf, DecidedBy, Id, SelectedBy, Verdict};

/// How decisions become labels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AggregateConfig {
    /// Which verdicts are about one case.
    pub window: CaseWindow,
    /// What a machine's verdict counts beside a person's, 0 to 1; 0 leaves it out (0 is a start: a model that learns from its own
    /// decisions learns its mistakes). An item that a machine only selected and a person decided is a person's.
    pub automatic_weight: f64,
    /// When the reviewers' errors are estimated.
    pub consensus: ConsensusConfig,
}

/// One label to learn from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AggregatedLabel {
    /// The item.
    pub content_id: Id,
    /// The midnight before the decision: its day, in the item's market.
    #[serde(serialize_with = "as_day")]
    pub as_of: AsOf,
    /// The label.
    pub label: Id,
    /// The likelier verdict.
    pub verdict: Verdict,
    /// P(violating).
    pub p_violating: f64,
    /// What the row should weigh in training, above 0, at most 1: under Dawid–Skene the posterior of `verdict`, for a known truth 1,
    /// under the majority 1, or the machines' weight where only machines spoke.
    pub weight: f64,
    /// What the verdict rests on.
    pub basis: Basis,
    /// The probability with which the item was drawn into review before this midnight's decisions; absent where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inclusion_probability: Option<f64>,
    /// All that was said of the case, by time.
    pub sources: Vec<Source>,
}

/// What a verdict rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// A golden case's known truth.
    Golden,
    /// The posterior of Dawid and Skene's model.
    DawidSkene,
    /// The majority of the votes.
    Majority,
}

/// One decision that speaks for a case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Source {
    /// The decision.
    pub decision_id: Id,
    /// The decision in whose place it speaks, after appeals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<Id>,
    /// Who decided.
    #[serde(flatten)]
    pub reviewer: Reviewer,
    /// How the item came before the first reviewer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selected_by: Option<SelectedBy>,
    /// What was said of the label; absent where the decision only knows the truth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

/// Different verdicts on one case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conflict {
    /// The item.
    pub content_id: Id,
    /// The label.
    pub label: Id,
    /// The midnight of the first verdict.
    #[serde(serialize_with = "as_day")]
    pub as_of: AsOf,
    /// Who said what.
    pub said: Vec<Source>,
    /// What was made of it; absent where it is a tie.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

/// Decisions that did not become labels: decisions in = those among the sources + `automatic` + `out_of_scope` + `overturned` +
/// `circular`, but for the tied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct LeftOutDecisions {
    /// Made by a machine, where machines do not count.
    pub automatic: u64,
    /// For labels that are not scored for the item's content type.
    pub out_of_scope: u64,
    /// An appeal speaks in their place.
    pub overturned: u64,
    /// They overturn each other in a circle.
    pub circular: u64,
    /// Cases whose votes are a tie.
    pub tied_cases: u64,
    /// Cases whose golden answers contradict each other; they count as not golden.
    pub golden_contradictions: u64,
}

/// How one label's truth was estimated.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelConsensus {
    /// The label.
    pub label: Id,
    /// Model or majority, and why.
    #[serde(flatten)]
    pub method: Method,
    /// Cases with an opinion or a truth.
    pub cases: u64,
    /// Share of violating cases among those whose truth is not known; absent under majority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prevalence: Option<f64>,
    /// The matrix of everybody together; absent under majority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pooled: Option<Rates>,
    /// Reviewers with their matrices, by name; empty under majority.
    pub reviewers: Vec<ReviewerMatrix>,
    /// Rounds; absent under majority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iterations: Option<u64>,
    /// See [`Fit::log_likelihood`]; absent under majority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_likelihood: Option<f64>,
    /// Whether the rounds ended by themselves; absent under majority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub converged: Option<bool>,
    /// Cases whose verdict contradicts everybody who spoke: their word is not trusted far enough.
    pub against_all_votes: u64,
}

/// A reviewer's confusion matrix for one label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReviewerMatrix {
    /// Who.
    #[serde(flatten)]
    pub reviewer: Reviewer,
    /// Sensitivity and specificity, shrunk to the pool's.
    #[serde(flatten)]
    pub rates: Rates,
    /// Verdicts that they rest on.
    pub n: u64,
}

/// Labels, and how they came about.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Aggregated {
    /// By item, midnight and label.
    pub labels: Vec<AggregatedLabel>,
    /// By label.
    pub consensus: Vec<LabelConsensus>,
    /// By label, item and midnight.
    pub conflicts: Vec<Conflict>,
    /// What did not become a label.
    pub left_out: LeftOutDecisions,
}

/// One label a case and midnight from `decisions`, in any order; see the module for the rules. Decisions without `decided_by` are a
/// person's.
#[must_use]
pub fn aggregate(decisions: &[DatedDecision<'_>], config: &AggregateConfig) -> Aggregated {
    let weight_of = |reviewer: &Reviewer| config.weight_of(reviewer);
    let heard = config.hear(decisions);
    let left_out = LeftOutDecisions {
        automatic: heard.automatic,
        out_of_scope: heard.out_of_scope,
        overturned: heard.overturned,
        circular: heard.circular,
        ..LeftOutDecisions::default()
    };
    let mut found = Aggregated { left_out, ..Aggregated::default() };
    for voices in heard.voices.chunk_by(|a, b| a.label == b.label) {
        found.add_label(voices, config, weight_of);
    }
    found.labels.sort_by(|a, b| (&a.content_id, a.as_of, &a.label).cmp(&(&b.content_id, b.as_of, &b.label)));
    found
}

/// The items and midnights of which [`aggregate`] makes labels, those of ties among them. What is said of one item does not depend on
/// what is said of others, so that decisions may be given item by item.
#[must_use]
pub fn midnights<'d>(decisions: &[DatedDecision<'d>], config: &AggregateConfig) -> BTreeSet<(&'d Id, AsOf)> {
    config.hear(decisions).voices.into_iter().map(|voice| (voice.content_id, voice.as_of)).collect()
}

impl AggregateConfig {
    fn weight_of(&self, reviewer: &Reviewer) -> f64 {
        match reviewer.decided_by {
            DecidedBy::Human => 1.0,
            DecidedBy::Automatic => self.automatic_weight.clamp(0.0, 1.0),
        }
    }

    /// The last words of everybody who counts.
    fn hear<'d>(&self, decisions: &[DatedDecision<'d>]) -> Voices<'d> {
        Voices::of(decisions, Hearing::LastWord, |spoken| self.weight_of(&Reviewer::of(spoken)) > 0.0)
    }
}

impl Aggregated {
    fn add_label(&mut self, voices: &[Voice<'_>], config: &AggregateConfig, weight_of: impl Fn(&Reviewer) -> f64) {
        let cases = cases(voices, config.window);
        let truths: Vec<Truth> = cases.iter().map(|case| truth(case)).collect();
        self.left_out.golden_contradictions += truths.iter().filter(|t| **t == Truth::Contradictory).count() as u64;
        let golden: Vec<Option<Verdict>> =
            truths.iter().map(|t| if let Truth::Known(verdict) = t { Some(*verdict) } else { None }).collect();
        let (reviewers, said) = indexed(&cases, &weight_of);
        let believed = consensus(&said, &golden, &config.consensus);
        let mut against_all_votes = 0;
        for (n, case) in cases.iter().enumerate() {
            let p = believed.posterior[n];
            let verdict = p.and_then(likelier);
            let verdicts = || case.iter().filter_map(|v| v.verdict);
            if verdicts().any(|a| verdicts().any(|b| a != b)) {
                self.conflicts.push(conflict(case, verdict));
            }
            let (Some(p), Some(verdict)) = (p, verdict) else {
                self.left_out.tied_cases += 1;
                continue;
            };
            against_all_votes += u64::from(golden[n].is_none() && verdicts().all(|said| said != verdict));
            let machines = || case.iter().map(|v| weight_of(&v.reviewer())).fold(0.0, f64::max);
            let (basis, weight) = match (golden[n], believed.method) {
                (Some(_), _) => (Basis::Golden, 1.0),
                (None, Method::DawidSkene) => (Basis::DawidSkene, p.max(1.0 - p)),
                (None, Method::Majority(_)) => (Basis::Majority, machines()),
            };
            let sources: Vec<Source> = case.iter().map(source).collect();
            self.labels.extend(case.chunk_by(|a, b| a.as_of == b.as_of).map(|day| AggregatedLabel {
                content_id: day[0].content_id.clone(),
                as_of: day[0].as_of,
                label: day[0].label.clone(),
                verdict,
                p_violating: p,
                weight,
                basis,
                inclusion_probability: drawn_by_any(day.iter().filter_map(|v| v.original.inclusion_probability)),
                sources: sources.clone(),
            }));
        }
        let Some(label) = voices.first().map(|v| v.label.clone()) else { return };
        self.consensus.push(described(label, believed, reviewers, cases.len() as u64, against_all_votes));
    }
}

/// The reviewers in order, and their opinions by index.
fn indexed(cases: &[&[Voice<'_>]], weight_of: impl Fn(&Reviewer) -> f64) -> (Vec<Reviewer>, Vec<Opinion>) {
    let mut index: BTreeMap<Reviewer, usize> = cases.iter().flat_map(|case| opinions(case)).map(|v| (v.reviewer(), 0)).collect();
    index.values_mut().enumerate().for_each(|(n, place)| *place = n);
    let mut said = Vec::new();
    for (case, voices) in cases.iter().enumerate() {
        for voice in opinions(voices) {
            let (who, verdict) = (voice.reviewer(), voice.verdict);
            if let (Some(reviewer), Some(verdict)) = (index.get(&who), verdict) {
                said.push(Opinion { case, reviewer: *reviewer, verdict, weight: weight_of(&who) });
            }
        }
    }
    (index.into_keys().collect(), said)
}

fn described(label: Id, believed: Consensus, reviewers: Vec<Reviewer>, cases: u64, against_all_votes: u64) -> LabelConsensus {
    let fit: Option<Fit> = believed.fit;
    let matrices = fit.iter().flat_map(|fit| &fit.reviewers).zip(reviewers);
    LabelConsensus {
        label,
        method: believed.method,
        cases,
        reviewers: matrices.map(|(found, reviewer)| ReviewerMatrix { reviewer, rates: found.rates, n: found.n }).collect(),
        prevalence: fit.as_ref().and_then(|fit| fit.prevalence),
        pooled: fit.as_ref().map(|fit| fit.pooled),
        iterations: fit.as_ref().map(|fit| fit.iterations),
        log_likelihood: fit.as_ref().map(|fit| fit.log_likelihood),
        converged: fit.as_ref().map(|fit| fit.converged),
        against_all_votes,
    }
}

/// The verdict that is more likely than not; `None` at one half.
fn likelier(p: f64) -> Option<Verdict> {
    match p.partial_cmp(&0.5) {
        Some(std::cmp::Ordering::Greater) => Some(Verdict::Violating),
        Some(std::cmp::Ordering::Less) => Some(Verdict::Compliant),
        _ => None,
    }
}

fn conflict(case: &[Voice<'_>], verdict: Option<Verdict>) -> Conflict {
    Conflict {
        content_id: case[0].content_id.clone(),
        label: case[0].label.clone(),
        as_of: case[0].as_of,
        said: case.iter().map(source).collect(),
        verdict,
    }
}

fn source(voice: &Voice<'_>) -> Source {
    Source {
        decision_id: voice.spoken.decision_id.clone(),
        replaces: (voice.spoken.decision_id != voice.original.decision_id).then(|| voice.original.decision_id.clone()),
        reviewer: voice.reviewer(),
        selected_by: voice.original.selected_by,
        verdict: voice.verdict,
    }
}

fn as_day<S: serde::Serializer>(as_of: &AsOf, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&as_of.day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::feedback::Estimator;
    use crate::feedback::fixtures::{decision, midnight};
    use crate::tables::DecisionRow;
    use crate::units::Verdict::{Compliant, Violating};

    const CONFIG: AggregateConfig = AggregateConfig {
        window: CaseWindow { days: 7 },
        automatic_weight: 0.0,
        consensus: ConsensusConfig {
            estimator: Estimator::DawidSkene,
            min_overlap: 50,
            min_anchored: 20,
            prior_verdicts: 10.0,
            tolerance: 1e-6,
            max_iterations: 1_000,
        },
    };

    /// The labels of `rows` where `scam` and `gambling` are scored.
    fn of(rows: &[DecisionRow], config: &AggregateConfig) -> Aggregated {
        let labels = BTreeSet::from(["scam", "gambling"].map(Id::from));
        let dated: Vec<DatedDecision<'_>> = rows
            .iter()
            .map(|decision| DatedDecision { decision, as_of: midnight(decision.decided_at), labels: &labels })
            .collect();
        aggregate(&dated, config)
    }

    /// Each label as item, day, verdict and weight.
    fn check(rows: &[DecisionRow], config: &AggregateConfig, expect: &[(&str, i32, Verdict, f64)]) -> Aggregated {
        let found = of(rows, config);
        let got: Vec<_> = found.labels.iter().map(|l| (l.content_id.as_str(), l.as_of.day.0, l.verdict, l.weight)).collect();
        assert_eq!(got, expect);
        found
    }

    fn scam(id: &str, verdict: Verdict, days: f64, reviewer: &str) -> DecisionRow {
        decision(id, "c", "scam", verdict, days, reviewer)
    }

    #[test]
    fn a_second_review_within_the_window_is_the_same_case_and_later_ones_are_another() {
        let rows = [
            scam("1", Violating, 12.5, "a"),
            scam("2", Compliant, 14.5, "b"),
            scam("3", Violating, 19.9, "d"),
            scam("4", Compliant, 20.5, "b"),
        ];
        let expect = [12, 14, 19].map(|day| ("c", day, Violating, 1.0));
        let found = check(&rows, &CONFIG, &[&expect[..], &[("c", 20, Compliant, 1.0)]].concat());
        let sources: Vec<usize> = found.labels.iter().map(|l| l.sources.len()).collect();
        assert_eq!(sources, [3, 3, 3, 1]);
        let [conflict] = &found.conflicts[..] else { panic!("{:?}", found.conflicts) };
        let said: Vec<_> = conflict.said.iter().map(|s| (s.reviewer.reviewer_id.as_deref(), s.verdict)).collect();
        let voices = [("a", Violating), ("b", Compliant), ("d", Violating)].map(|(who, what)| (Some(who), Some(what)));
        assert_eq!((said, conflict.verdict), (voices.to_vec(), Some(Violating)));
        // On days of their own, every verdict stands for itself.
        let daily = AggregateConfig { window: CaseWindow { days: 0 }, ..CONFIG };
        let found = of(&rows, &daily);
        assert_eq!((found.labels.len(), found.conflicts.len()), (4, 0));
    }

    #[test]
    fn a_reviewer_who_looks_twice_counts_once_and_ties_are_left_out() {
        let rows = [scam("1", Violating, 12.2, "a"), scam("2", Compliant, 12.6, "a"), scam("3", Violating, 12.7, "b")];
        assert_eq!(check(&rows, &CONFIG, &[]).left_out.tied_cases, 1);
        check(&rows[..2], &CONFIG, &[("c", 12, Compliant, 1.0)]);
    }

    #[test]
    fn an_appeal_speaks_at_the_midnight_of_what_it_replaces() {
        let first = DecisionRow {
            selected_by: Some(SelectedBy::Random),
            inclusion_probability: Some(0.2),
            ..scam("1", Violating, 12.5, "a")
        };
        let appeal = DecisionRow {
            overturns: Some("1".into()),
            selected_by: Some(SelectedBy::Appeal),
            ..scam("2", Compliant, 30.5, "senior")
        };
        let found = check(&[first, appeal], &CONFIG, &[("c", 12, Compliant, 1.0)]);
        assert_eq!((found.left_out.overturned, found.labels[0].inclusion_probability), (1, Some(0.2)));
        let json = serde_json::to_string(&found.labels[0]).unwrap();
        assert_eq!(
            json,
            r#"{"content_id":"c","as_of":"1970-01-13","label":"scam","verdict":"compliant","p_violating":0.0,"weight":1.0,"#
                .to_owned()
                + r#""basis":"majority","inclusion_probability":0.2,"sources":[{"decision_id":"2","replaces":"1","#
                + r#""decided_by":"human","reviewer_id":"senior","selected_by":"random","verdict":"compliant"}]}"#
        );
    }

    #[test]
    fn machines_are_left_out_or_weigh_less_and_what_they_only_selected_stays() {
        let automatic = DecisionRow { decided_by: Some(DecidedBy::Automatic), ..scam("1", Violating, 12.5, "model-3") };
        let selected = DecisionRow { selected_by: Some(SelectedBy::Model), ..scam("2", Compliant, 12.6, "a") };
        let rows = [automatic, selected];
        assert_eq!(check(&rows, &CONFIG, &[("c", 12, Compliant, 1.0)]).left_out.automatic, 1);
        let lighter = AggregateConfig { automatic_weight: 0.25, ..CONFIG };
        check(&rows[..1], &lighter, &[("c", 12, Violating, 0.25)]);
        let both = check(&rows, &lighter, &[("c", 12, Compliant, 1.0)]);
        assert_eq!((both.labels[0].p_violating, both.conflicts.len()), (0.2, 1));
    }

    #[test]
    fn a_golden_answer_is_the_truth_of_its_case() {
        let golden = DecisionRow { golden_verdict: Some(Violating), ..scam("1", Compliant, 12.5, "a") };
        let other = scam("2", Compliant, 13.5, "b");
        let found = check(&[golden.clone(), other], &CONFIG, &[("c", 12, Violating, 1.0), ("c", 13, Violating, 1.0)]);
        assert_eq!((found.labels[0].basis, found.consensus[0].against_all_votes), (Basis::Golden, 0));
        let contradiction = DecisionRow { golden_verdict: Some(Compliant), ..scam("2", Compliant, 13.5, "b") };
        let found = of(&[golden, contradiction], &CONFIG);
        assert_eq!((found.left_out.golden_contradictions, found.labels[0].basis), (1, Basis::Majority));
    }

    #[test]
    fn a_star_clears_every_label_and_others_are_out_of_scope() {
        let row = |id: &str, label: &str, verdict| decision(id, "c", label, verdict, 12.5, "a");
        let found = of(&[row("1", "*", Compliant), row("2", "*", Violating), row("3", "other", Violating)], &CONFIG);
        let labels: Vec<_> = found.labels.iter().map(|l| (l.label.as_str(), l.verdict)).collect();
        assert_eq!(labels, [("gambling", Compliant), ("scam", Compliant)]);
        assert_eq!(found.left_out.out_of_scope, 2);
    }

    #[test]
    fn draws_of_one_day_add_up() {
        let drawn = |id: &str, days, pi| DecisionRow { inclusion_probability: Some(pi), ..scam(id, Violating, days, id) };
        let found = of(&[drawn("1", 12.5, 0.5), drawn("2", 12.6, 0.25), drawn("3", 13.5, 0.1)], &CONFIG);
        let pi: Vec<_> = found.labels.iter().map(|l| l.inclusion_probability).collect();
        assert_eq!(pi, [Some(0.625), Some(0.1)]);
    }

    /// 100 cases, three reviewers; `z` says the opposite of the others in every fourth case, and once stands against `a` alone.
    #[test]
    fn with_overlap_the_better_reviewer_outweighs_the_worse() {
        let mut rows = Vec::new();
        for case in 0..100 {
            let verdict = if case % 3 == 0 { Violating } else { Compliant };
            let other = if case % 3 == 0 { Compliant } else { Violating };
            for who in ["a", "b", "z"] {
                let said = if who == "z" && case % 4 == 0 { other } else { verdict };
                rows.push(decision(&format!("{case}{who}"), &format!("c{case:03}"), "scam", said, 12.5, who));
            }
        }
        rows.push(decision("xa", "x", "scam", Violating, 12.5, "a"));
        rows.push(decision("xz", "x", "scam", Compliant, 12.5, "z"));
        let found = of(&rows, &CONFIG);
        let last = found.labels.last().unwrap();
        assert_eq!((last.verdict, last.basis), (Violating, Basis::DawidSkene));
        assert!(last.weight > 0.7 && last.weight < 1.0, "{}", last.weight);
        let consensus = &found.consensus[0];
        let names: Vec<_> = consensus.reviewers.iter().map(|m| m.reviewer.reviewer_id.as_deref()).collect();
        assert_eq!(
            (names, consensus.reviewers[2].n, consensus.method),
            (vec![Some("a"), Some("b"), Some("z")], 101, Method::DawidSkene)
        );
        assert!(consensus.reviewers[2].rates.specificity < consensus.reviewers[0].rates.specificity - 0.1);
    }

    proptest! {
        /// No decision is lost, and their order changes no bit.
        #[test]
        fn decisions_are_conserved(
            specs in prop::collection::vec((0..3_usize, any::<bool>(), 0..40_u32, 0..4_usize, 0..30_usize, any::<bool>()), 1..30),
            by in 0..30_usize,
        ) {
            let mut rows: Vec<DecisionRow> = specs.iter().enumerate().map(|(n, (item, violating, days, who, of, machine))| DecisionRow {
                overturns: (*of < 10).then(|| of.to_string().into()),
                decided_by: machine.then_some(DecidedBy::Automatic),
                ..decision(
                    &n.to_string(),
                    ["p", "q", "r"][*item],
                    "scam",
                    if *violating { Violating } else { Compliant },
                    f64::from(*days) / 2.0,
                    ["a", "b", "d", ""][*who],
                )
            }).collect();
            let daily = AggregateConfig { window: CaseWindow { days: 0 }, automatic_weight: 0.0, ..CONFIG };
            let found = of(&rows, &daily);
            let used: usize = found.labels.iter().map(|l| l.sources.len()).sum();
            let tied: usize = found.conflicts.iter().filter(|c| c.verdict.is_none()).map(|c| c.said.len()).sum();
            let out = found.left_out;
            let all = used as u64 + tied as u64 + out.automatic + out.out_of_scope + out.overturned + out.circular;
            prop_assert_eq!(all, rows.len() as u64);
            let by = by % rows.len();
            rows.rotate_left(by);
            rows[..by].reverse();
            prop_assert_eq!(of(&rows, &daily), found);
        }
    }
}
