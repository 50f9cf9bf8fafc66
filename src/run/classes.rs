//! Labels that exclude each other, as one class an item: how the classes are compared is learned by `train` and measured by both
//! `train` (on folds that it was not learned from) and `evaluate`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::decided::{Decided, DecidedLabel};
use super::training::{LabelledItems, Matrices};
use crate::config::ClassesConfig;
use crate::evaluation::{ExclusiveRule, macro_f1_of_classes};
use crate::models::LabelReport;
use crate::store::ClassFactors;
use crate::units::{Id, finalise};

/// Parts of the rows that the factors are measured on, each with the factors of the others.
const FOLDS: u64 = 5;

/// How well classes are told apart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassMetrics {
    /// The classification.
    pub classes: Id,
    /// Rows that have a verdict and a probability for each of its labels.
    pub n: u64,
    /// Rows left out because their verdicts contradict each other: two classes at once, or none where one was said to hold.
    pub contradictory: u64,
    /// Mean F1 of the classes, that of none among them; absent where a class never occurs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub macro_f1: Option<f64>,
    /// The same for the likeliest class of each row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub macro_f1_of_the_likeliest: Option<f64>,
    /// The rows of each class, that of none first.
    pub rows_of_class: Vec<u64>,
}

/// Rows with a class: their probabilities, row after row, and the class that is true.
#[derive(Debug, Default)]
struct Rows {
    probability: Vec<f64>,
    truth: Vec<usize>,
    group: Vec<u64>,
    contradictory: u64,
}

/// One label's part of a row.
type Judged = (f64, bool);

/// What each classification's factors are, and how well they do on parts of the rows that they were not learned from.
pub(super) fn learn(
    classes: &[ClassesConfig],
    labelled: &LabelledItems,
    matrices: &Matrices,
    reports: &[LabelReport],
) -> (BTreeMap<String, ClassFactors>, Vec<ClassMetrics>) {
    let judged = |label: &Id| -> Option<BTreeMap<u32, Judged>> {
        let at = labelled.targets.iter().position(|target| target.label == *label)?;
        let (target, said) = (&labelled.targets[at], &reports.get(at)?.out_of_fold);
        let rows = target.rows.iter().zip(&target.positive).zip(said);
        Some(rows.filter_map(|((row, positive), p)| Some((*row, ((*p)?, *positive)))).collect())
    };
    let (mut factors, mut metrics) = (BTreeMap::new(), Vec::new());
    for config in classes {
        let rows = rows_of(config, &matrices.groups, &judged);
        if rows.truth.is_empty() {
            continue;
        }
        let n_classes = config.labels.len() + 1;
        let rule = ExclusiveRule::fit(&rows.probability, &rows.truth, n_classes);
        metrics.push(measured(config, &rows, &cross_fitted(&rows, n_classes)));
        let names = |ids: &[Id]| ids.iter().map(ToString::to_string).collect();
        let learned = ClassFactors {
            labels: names(&config.labels),
            any: config.any.as_ref().map(ToString::to_string),
            factors: rule.factors().to_vec(),
        };
        factors.insert(config.id.to_string(), learned);
    }
    (factors, metrics)
}

/// How well a stored model's factors do on other rows.
pub(super) fn measure(stored: &BTreeMap<String, ClassFactors>, found: &Decided) -> Vec<ClassMetrics> {
    let label_of = |name: &str| found.labels.iter().find(|label| label.label.id == *name);
    let groups: Vec<u64> = found.items.iter().map(|item| u64::from(item.cluster)).collect();
    let mut metrics = Vec::new();
    for (id, classes) in stored {
        let Some(rule) = ExclusiveRule::with(&classes.factors).filter(|_| classes.factors.len() == classes.labels.len() + 1)
        else {
            continue;
        };
        let ids = |names: &[String]| names.iter().map(|name| Id::from(name.as_str())).collect();
        let any = classes.any.as_deref().map(Id::from);
        let config = ClassesConfig { id: Id::from(id.as_str()), labels: ids(&classes.labels), any };
        let judged = |label: &Id| Some(judged_rows(label_of(label)?));
        let rows = rows_of(&config, &groups, &judged);
        if !rows.truth.is_empty() {
            metrics.push(measured(&config, &rows, &rule.classify(&rows.probability)));
        }
    }
    metrics
}

fn judged_rows(label: &DecidedLabel) -> BTreeMap<u32, Judged> {
    let said = label.probability[0].iter().copied().zip(label.positive.iter().copied());
    label.rows.iter().copied().zip(said).collect()
}

fn measured(config: &ClassesConfig, rows: &Rows, predicted: &[usize]) -> ClassMetrics {
    let n_classes = config.labels.len() + 1;
    let likeliest = ExclusiveRule::likeliest(n_classes).classify(&rows.probability);
    let rows_of_class = (0..n_classes).map(|class| rows.truth.iter().filter(|truth| **truth == class).count() as u64);
    ClassMetrics {
        classes: config.id.clone(),
        n: rows.truth.len() as u64,
        contradictory: rows.contradictory,
        macro_f1: macro_f1_of_classes(predicted, &rows.truth, n_classes),
        macro_f1_of_the_likeliest: macro_f1_of_classes(&likeliest, &rows.truth, n_classes),
        rows_of_class: rows_of_class.collect(),
    }
}

/// The class of each row by factors that were learned from the groups of the other folds.
fn cross_fitted(rows: &Rows, n_classes: usize) -> Vec<usize> {
    let mut predicted = vec![0; rows.truth.len()];
    for fold in 0..FOLDS {
        let (inside, outside): (Vec<usize>, Vec<usize>) =
            (0..rows.truth.len()).partition(|i| finalise(rows.group[*i]) % FOLDS == fold);
        let of = |rows_in: &[usize]| -> Vec<f64> {
            rows_in.iter().flat_map(|i| rows.probability[i * n_classes..(i + 1) * n_classes].iter().copied()).collect()
        };
        let truth: Vec<usize> = outside.iter().map(|i| rows.truth[*i]).collect();
        let rule = ExclusiveRule::fit(&of(&outside), &truth, n_classes);
        for (i, class) in inside.iter().zip(rule.classify(&of(&inside))) {
            predicted[*i] = class;
        }
    }
    predicted
}

/// The rows that every label of the classification was judged and scored for.
fn rows_of(config: &ClassesConfig, groups: &[u64], judged_of: &dyn Fn(&Id) -> Option<BTreeMap<u32, Judged>>) -> Rows {
    let mut rows = Rows::default();
    let Some(labels) = config.labels.iter().map(judged_of).collect::<Option<Vec<_>>>() else { return rows };
    let any = match config.any.as_ref().map(judged_of) {
        Some(None) => return rows,
        Some(found) => found,
        None => None,
    };
    for row in labels.first().into_iter().flat_map(BTreeMap::keys) {
        let Some(judged) = labels.iter().map(|of| of.get(row).copied()).collect::<Option<Vec<Judged>>>() else { continue };
        let any = match any.as_ref().map(|of| of.get(row).copied()) {
            Some(None) => continue,
            Some(found) => found,
            None => None,
        };
        let Some(truth) = class_of(&judged, any) else {
            rows.contradictory += 1;
            continue;
        };
        let sum: f64 = judged.iter().map(|(p, _)| p).sum();
        rows.probability.push(any.map_or((1.0 - sum).max(0.0), |(p, _)| 1.0 - p));
        rows.probability.extend(judged.iter().map(|(p, _)| p));
        rows.truth.push(truth);
        rows.group.push(groups.get(*row as usize).copied().unwrap_or(0));
    }
    rows
}

/// The class that verdicts speak for, 0 for none; `None` where they contradict each other.
fn class_of(judged: &[Judged], any: Option<Judged>) -> Option<usize> {
    let holds: Vec<usize> = judged.iter().enumerate().filter(|(_, (_, positive))| *positive).map(|(at, _)| at + 1).collect();
    let class = match holds[..] {
        [] => 0,
        [one] => one,
        _ => return None,
    };
    any.is_none_or(|(_, positive)| positive == (class > 0)).then_some(class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_name_one_class_or_contradict_each_other() {
        let [yes, no] = [(0.5, true), (0.5, false)];
        assert_eq!(class_of(&[no, no], None), Some(0));
        assert_eq!(class_of(&[no, yes], None), Some(2));
        assert_eq!(class_of(&[no, yes], Some(yes)), Some(2));
        assert_eq!(class_of(&[yes, yes], None), None);
        assert_eq!(class_of(&[no, no], Some(yes)), None);
        assert_eq!(class_of(&[yes, no], Some(no)), None);
    }

    #[test]
    fn only_rows_that_every_label_speaks_of_have_a_class() {
        let judged = |label: &Id| -> Option<BTreeMap<u32, Judged>> {
            let rows: &[(u32, f64, bool)] = match label.as_str() {
                "any" => &[(0, 0.9, true), (1, 0.2, false), (2, 0.6, true), (4, 0.3, false)],
                "a" => &[(0, 0.7, true), (1, 0.1, false), (2, 0.3, false), (3, 0.8, true)],
                "b" => &[(0, 0.1, false), (1, 0.1, false), (2, 0.2, false), (3, 0.1, false), (4, 0.1, false)],
                _ => return None,
            };
            Some(rows.iter().map(|(row, p, positive)| (*row, (*p, *positive))).collect())
        };
        let mut config = ClassesConfig { id: "kind".into(), labels: vec!["a".into(), "b".into()], any: Some("any".into()) };
        let rows = rows_of(&config, &[7; 5], &judged);
        // Row 2 is said to have a class and has none; rows 3 and 4 lack a verdict.
        assert_eq!((&rows.truth[..], rows.contradictory), (&[1, 0][..], 1));
        assert_eq!(rows.probability, [1.0 - 0.9, 0.7, 0.1, 1.0 - 0.2, 0.1, 0.1]);
        config.any = None;
        let rows = rows_of(&config, &[7; 5], &judged);
        assert_eq!(rows.truth, [1, 0, 0, 1]);
        assert!((rows.probability[0] - 0.2).abs() < 1e-12);
        config.labels.push("unheard".into());
        assert!(rows_of(&config, &[7; 5], &judged).truth.is_empty());
    }
}
