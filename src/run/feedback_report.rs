//! What `feedback` found, as Markdown that reads as well in a terminal.

use std::fmt;

use super::compare::name_of;
use super::feedback::Feedback;
use super::feedback_files::said;
use super::next_items::NextItems;
use super::suspects::Suspects;
use super::text_table::{shown, text_table, with_interval};
use crate::feedback::{AgreementInterval, Fallback, LabelConsensus, Method, Proportion, Reviewer};

/// Rows of a long table that are shown; all of them are in JSON and in the files.
const SHOWN: usize = 20;

impl fmt::Display for Feedback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left_out = &self.left_out;
        writeln!(f, "# {} decisions before {}\n", self.decisions, self.as_of)?;
        writeln!(
            f,
            "Not used: {} automatic, {} for labels that are not scored for their item, {} overturned, {} in circles. {} cases are ties.",
            left_out.automatic, left_out.out_of_scope, left_out.overturned, left_out.circular, left_out.tied_cases
        )?;
        self.write_labels(f)?;
        self.write_agreement(f)?;
        self.write_correctness(f)?;
        self.write_consensus(f)?;
        self.write_conflicts(f)?;
        self.write_appeals(f)?;
        self.write_policies(f)?;
        match &self.label_errors {
            Some(found) => found.write(f)?,
            None => writeln!(f, "\n## Verdicts that look wrong\n\nNot looked for: --skip-fit.")?,
        }
        match &self.next_to_label {
            Some(found) => found.write(f),
            None => writeln!(f, "\n## To label next\n\nThere is no champion: `stallmark train` makes one."),
        }
    }
}

impl Feedback {
    fn write_labels(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n## Decisions by source\n")?;
        let row = |s: &super::feedback::SourceCount| {
            let by = |name: Option<String>| name.unwrap_or_else(|| "–".to_owned());
            let (selected_by, decided_by) = (s.selected_by.as_ref().map(name_of), s.decided_by.as_ref().map(name_of));
            vec![by(selected_by), by(decided_by), s.violating.to_string(), s.compliant.to_string()]
        };
        f.write_str(&text_table(&["selected by", "decided by", "violating", "compliant"], &rows(&self.sources, row)))?;
        writeln!(f, "\n## Labels\n")?;
        let row = |l: &super::feedback::LabelCount| {
            vec![l.label.to_string(), l.violating.to_string(), l.compliant.to_string(), shown(Some(l.mean_weight))]
        };
        f.write_str(&text_table(&["label", "violating", "compliant", "mean weight"], &rows(&self.labels, row)))
    }

    fn write_agreement(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n## Do reviewers agree?\n\nReliability, not correctness: a whole desk can agree and be wrong.\n")?;
        let ends = |interval: Option<AgreementInterval>| (interval.map(|i| i.low), interval.map(|i| i.high));
        let (mut alphas, mut pairs) = (Vec::new(), Vec::new());
        for label in &self.agreement {
            if let Some(alpha) = label.alpha {
                let (low, high) = ends(alpha.interval);
                alphas.push(vec![label.label.to_string(), alpha.cases.to_string(), with_interval(Some(alpha.alpha), low, high)]);
            }
            for pair in &label.pairs {
                let (low, high) = ends(pair.kappa.and_then(|kappa| kappa.interval));
                pairs.push(vec![
                    label.label.to_string(),
                    pair.reviewers.join(" and "),
                    pair.n.to_string(),
                    pair.agreed.to_string(),
                    with_interval(pair.kappa.map(|kappa| kappa.kappa), low, high),
                ]);
            }
        }
        if alphas.is_empty() {
            return writeln!(f, "No case was seen by two reviewers.");
        }
        f.write_str(&text_table(&["label", "cases seen twice", "Krippendorff's alpha"], &alphas))?;
        if !pairs.is_empty() {
            writeln!(f)?;
        }
        f.write_str(&text_table(&["label", "reviewers", "shared cases", "agreed", "Cohen's kappa"], &pairs))
    }

    fn write_correctness(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n## Are they right?\n\nOn golden cases, which are chosen and not drawn.\n")?;
        if self.correctness.is_empty() {
            return writeln!(f, "There are no golden cases.");
        }
        let row = |c: &crate::feedback::Correctness| {
            let who = c.reviewer.as_ref().map_or("all people".to_owned(), name_of_reviewer);
            vec![c.label.to_string(), who, share(&c.sensitivity), share(&c.specificity)]
        };
        f.write_str(&text_table(&["label", "reviewer", "sensitivity", "specificity"], &rows(&self.correctness, row)))
    }

    fn write_consensus(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n## How labels were made\n")?;
        let row = |c: &LabelConsensus| {
            let pooled = |of: fn(&crate::feedback::Rates) -> f64| shown(c.pooled.as_ref().map(of));
            vec![
                c.label.to_string(),
                method(c.method),
                c.cases.to_string(),
                shown(c.prevalence),
                pooled(|rates| rates.sensitivity),
                pooled(|rates| rates.specificity),
                c.against_all_votes.to_string(),
            ]
        };
        let head = ["label", "method", "cases", "violating", "sensitivity", "specificity", "against all votes"];
        f.write_str(&text_table(&head, &rows(&self.consensus, row)))?;
        let mut reviewers = Vec::new();
        for label in &self.consensus {
            reviewers.extend(label.reviewers.iter().map(|m| {
                let rates = [m.rates.sensitivity, m.rates.specificity].map(|rate| shown(Some(rate)));
                let [sensitivity, specificity] = rates;
                vec![label.label.to_string(), name_of_reviewer(&m.reviewer), m.n.to_string(), sensitivity, specificity]
            }));
        }
        if !reviewers.is_empty() {
            writeln!(f, "\nReviewers' errors by Dawid and Skene's model, drawn towards those of all:\n")?;
        }
        f.write_str(&text_table(&["label", "reviewer", "verdicts", "sensitivity", "specificity"], &reviewers))
    }

    fn write_conflicts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n## Conflicts\n\n{} cases have different verdicts{}.\n",
            self.conflicts.len(),
            of_which(self.conflicts.len())
        )?;
        let row = |c: &crate::feedback::Conflict| {
            let said: Vec<String> = c.said.iter().filter_map(said).collect();
            let verdict = c.verdict.map_or("tie".to_owned(), |verdict| name_of(&verdict));
            vec![c.content_id.to_string(), c.label.to_string(), c.as_of.day.to_string(), said.join(", "), verdict]
        };
        f.write_str(&text_table(&["item", "label", "day", "said", "made of it"], &rows(first(&self.conflicts), row)))
    }

    fn write_appeals(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n## Appeals\n\nA biased sample: who appeals is not drawn, so this is no precision, and those who do not appeal are not counted.\n"
        )?;
        let appealed: Vec<_> = self.appeals.iter().filter(|appeals| appeals.overturned.trials > 0).collect();
        if appealed.is_empty() {
            return writeln!(f, "There are none.");
        }
        let row = |a: &&crate::feedback::Appeals| vec![a.label.to_string(), a.violating.to_string(), share(&a.overturned)];
        f.write_str(&text_table(&["label", "violating verdicts", "overturned of appealed"], &rows(&appealed, row)))
    }

    fn write_policies(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n## Policies\n")?;
        if self.policies.is_empty() {
            return writeln!(f, "No decided item was selected by a policy that had acted on it.");
        }
        let row = |p: &crate::feedback::PolicyPrecision| {
            vec![p.policy_id.to_string(), share(&p.reviewed), p.drawn.len().to_string(), p.tied.to_string()]
        };
        let head = ["policy", "violating of reviewed", "drawn with a known probability", "ties"];
        f.write_str(&text_table(&head, &rows(&self.policies, row)))
    }
}

impl Suspects {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n## Verdicts that look wrong\n\nBy models that have not seen the item's seller.\n")?;
        let row = |l: &super::suspects::LabelNoise| {
            let mut row = vec![l.label.to_string(), l.noise.n.to_string(), l.confident.to_string()];
            row.extend([l.noise.overall, l.noise.of_violating, l.noise.of_compliant].map(|share| shown(Some(share))));
            row
        };
        let head = ["label", "rows", "confident errors", "estimated share wrong", "of violating", "of compliant"];
        f.write_str(&text_table(&head, &rows(&self.labels, row)))?;
        for (label, reason) in &self.skipped {
            writeln!(f, "\n`{label}` has no model: {}.", reason.replace('_', " "))?;
        }
        if !self.rows.is_empty() {
            writeln!(f, "\nThe likeliest errors{}:\n", of_which(self.rows.len()))?;
        }
        let row = |s: &super::suspects::Suspect| {
            let (id, label, day) = (s.content_id.to_string(), s.label.to_string(), s.as_of.to_string());
            vec![id, label, day, name_of(&s.given), shown(Some(s.p)), s.rank.to_string()]
        };
        let head = ["item", "label", "day", "given", "P(violating)", "rank in label"];
        f.write_str(&text_table(&head, &rows(first(&self.rows), row)))
    }
}

impl NextItems {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n## To label next\n\nUndecided items tonight, by uncertainty of model {} x exposure{}. No sample: estimate no rate from them.\n",
            self.model,
            of_which(self.items.len())
        )?;
        let row = |item: &crate::feedback::NextToLabel| {
            let mut row = vec![item.content_id.to_string(), item.market.to_string(), item.label.to_string()];
            row.extend([item.p, item.threshold, item.uncertainty, item.exposure].map(|number| shown(Some(number))));
            row.push(item.copies_before.to_string());
            row
        };
        let head = ["item", "market", "label", "P(violating)", "threshold", "uncertainty", "exposure", "copies before"];
        f.write_str(&text_table(&head, &rows(first(&self.items), row)))
    }
}

fn rows<R>(all: &[R], row: impl Fn(&R) -> Vec<String>) -> Vec<Vec<String>> {
    all.iter().map(row).collect()
}

fn first<R>(all: &[R]) -> &[R] {
    all.get(..SHOWN).unwrap_or(all)
}

fn of_which(n: usize) -> String {
    if n > SHOWN { format!(" (the first {SHOWN} of {n}; all of them with --json or --out)") } else { String::new() }
}

fn name_of_reviewer(reviewer: &Reviewer) -> String {
    match &reviewer.reviewer_id {
        Some(id) => id.to_string(),
        None => format!("unnamed, {}", name_of(&reviewer.decided_by)),
    }
}

fn share(found: &Proportion) -> String {
    let (low, high) = (found.interval.map(|i| i.low), found.interval.map(|i| i.high));
    format!("{}/{}: {}", found.successes, found.trials, with_interval(found.share, low, high))
}

fn method(method: Method) -> String {
    match method {
        Method::DawidSkene => "Dawid–Skene".to_owned(),
        Method::Majority(Fallback::Asked) => "majority".to_owned(),
        Method::Majority(Fallback::TooLittleOverlap { cases, needed }) => {
            format!("majority: {cases} of {needed} cases with two reviewers or a known answer")
        }
        Method::Majority(Fallback::NotIdentified { cases, needed }) => {
            format!("majority: {cases} of {needed} cases with three reviewers or a known answer")
        }
        Method::Majority(Fallback::NoBetterThanChance) => "majority: the desk is no better than chance".to_owned(),
    }
}
