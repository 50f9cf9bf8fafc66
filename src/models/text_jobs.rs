//! All text models of all labels: the final ones, and those whose scores are out of fold.
//!
//! Trees must learn from text scores as good as they will meet, so each row's score comes from a model that has not seen the
//! row's fold; and the stack that scores fold k for the calibrator must not have seen fold k by any road, so the scores that
//! train it come from models that have seen neither fold k nor the row's fold: one model per pair of folds. A model starts from
//! one that was fitted on a part of its rows, never from one that has seen more.
//!
//! Every label scores every row of the set, judged by it or not, because labels learn from each other's scores (`shared`). A
//! group has one fold under all labels, so that a score that is out of fold for one label is so for all.

use rayon::prelude::*;

use super::design::{Design, LANES};
use super::logistic::{LinearModel, Regression, ScoreLine, fit_block};
use super::measures::logistic_loss;
use super::{TextConfig, TextWeighting};

/// One label's verdicts, for each row of the set.
#[derive(Debug, Clone)]
pub(super) struct TextLabel {
    /// The classes; of no meaning where the weight is 0.
    pub(super) positive: Vec<bool>,
    /// The weights; 0 where the label has no verdict.
    pub(super) weight: Vec<f64>,
    /// Whether a row may train what scores calibration rows.
    pub(super) trains: Vec<bool>,
}

/// One label's text model and its out-of-fold scores.
#[derive(Debug)]
pub(super) struct TextScores {
    /// `without[k][i]`: row i as scored by a model that has seen neither fold k nor row i's fold, only rows that train.
    pub(super) without: Vec<Vec<f64>>,
    /// Row i as scored by a model of all rows but its fold's: what the final trees learn from.
    pub(super) out_of_fold: Vec<f64>,
    /// Fitted on all rows.
    pub(super) model: LinearModel,
    /// How its n-grams are weighed, never automatic.
    pub(super) weighting: TextWeighting,
}

/// What the fits work on.
#[derive(Debug, Clone, Copy)]
pub(super) struct TextJobs<'a> {
    /// The rows of the set.
    pub(super) design: &'a Design,
    /// The labels.
    pub(super) labels: &'a [TextLabel],
    /// The fold of each row.
    pub(super) fold: &'a [usize],
    /// Number of folds.
    pub(super) n_folds: usize,
    /// How to fit.
    pub(super) config: &'a TextConfig,
}

/// One fit: a label, the two folds that it leaves out (none, one twice, or two), and which rows it may see.
#[derive(Debug, Clone, Copy)]
struct Job<'a> {
    label: usize,
    left_out: [usize; 2],
    late: LateRows,
    weighting: TextWeighting,
    start: Option<&'a LinearModel>,
}

/// What a fit does with the rows of a timed set that are too late to train.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LateRows {
    Seen,
    LeftOut,
}

/// No fold.
const NONE: usize = usize::MAX;

impl TextJobs<'_> {
    /// Fits all text models and scores all rows, in the order of the labels.
    pub(super) fn run(&self) -> Vec<TextScores> {
        let (n_folds, n_labels) = (self.n_folds, self.labels.len());
        let pairs: Vec<[usize; 2]> = (0..n_folds).flat_map(|j| (j + 1..n_folds).map(move |k| [j, k])).collect();
        let (by_pair, weighting) = self.fit_pairs(&pairs);
        let pair_of = |label: usize, a: usize, b: usize| {
            &by_pair[pairs.iter().position(|p| *p == [a.min(b), a.max(b)]).unwrap_or(0) * n_labels + label]
        };
        let of_folds = |late: LateRows| (0..n_folds).flat_map(move |k| (0..n_labels).map(move |label| (k, label, late)));
        let single = |(k, label, late): (usize, usize, LateRows)| Job {
            label,
            left_out: [k, k],
            late,
            weighting: weighting[label],
            start: Some(pair_of(label, k, (k + 1) % n_folds)),
        };
        let by_fold = self.fit(&of_folds(LateRows::LeftOut).map(single).collect::<Vec<_>>());
        let is_timed = self.labels.iter().any(|label| label.trains.contains(&false));
        let with_late = is_timed.then(|| self.fit(&of_folds(LateRows::Seen).map(single).collect::<Vec<_>>()));
        let finals = with_late.as_ref().unwrap_or(&by_fold);
        let last = |label: usize| Job {
            label,
            left_out: [NONE; 2],
            late: LateRows::Seen,
            weighting: weighting[label],
            start: finals.get(label),
        };
        let models = self.fit(&(0..n_labels).map(last).collect::<Vec<_>>());
        let without = |label: usize, k: usize| {
            self.score(|fold| if fold == k { &by_fold[k * n_labels + label] } else { pair_of(label, fold, k) })
        };
        (models.into_par_iter().enumerate())
            .map(|(label, model)| TextScores {
                without: (0..n_folds).into_par_iter().map(|k| without(label, k)).collect(),
                out_of_fold: self.score(|fold| &finals[fold * n_labels + label]),
                model,
                weighting: weighting[label],
            })
            .collect()
    }

    /// The models of all pairs of folds, pair by pair and label by label, and each label's weighting.
    fn fit_pairs(&self, pairs: &[[usize; 2]]) -> (Vec<LinearModel>, Vec<TextWeighting>) {
        let n_labels = self.labels.len();
        let fit = |weighting: TextWeighting| {
            let job = |(pair, label)| Job { label, left_out: pair, late: LateRows::LeftOut, weighting, start: None };
            let jobs = pairs.iter().flat_map(|pair| (0..n_labels).map(move |label| job((*pair, label))));
            self.fit(&jobs.collect::<Vec<Job>>())
        };
        if self.config.weighting != TextWeighting::Auto {
            return (fit(self.config.weighting), vec![self.config.weighting; n_labels]);
        }
        let [mut idf, naive_bayes] = [TextWeighting::Idf, TextWeighting::NaiveBayes].map(fit);
        let mut chosen = vec![TextWeighting::Idf; n_labels];
        for (label, chosen) in chosen.iter_mut().enumerate() {
            let of = |models: &[LinearModel]| {
                self.score(|fold| {
                    let pair = pairs.iter().position(|pair| pair.contains(&fold) && pair.contains(&((fold + 1) % self.n_folds)));
                    &models[pair.unwrap_or(0) * n_labels + label]
                })
            };
            if self.is_better(label, &of(&naive_bayes), &of(&idf)) {
                *chosen = TextWeighting::NaiveBayes;
            }
        }
        for (at, model) in naive_bayes.into_iter().enumerate() {
            if chosen[at % n_labels] == TextWeighting::NaiveBayes {
                idf[at] = model;
            }
        }
        (idf, chosen)
    }

    /// Whether scores have the lower log loss, each on its own line, by more than the difference's standard error, on the rows of the
    /// label that train.
    fn is_better(&self, label: usize, score: &[f64], other: &[f64]) -> bool {
        let TextLabel { positive, weight, trains } = &self.labels[label];
        let rows: Vec<usize> = (0..self.fold.len()).filter(|row| weight[*row] > 0.0 && trains[*row]).collect();
        let weight: Vec<f64> = rows.iter().map(|row| weight[*row]).collect();
        let losses = |score: &[f64]| -> Vec<f64> {
            let score: Vec<f64> = rows.iter().map(|row| score[*row]).collect();
            let target: Vec<f64> = rows.iter().map(|row| f64::from(u8::from(positive[*row]))).collect();
            let line = ScoreLine::fit(&score, &target, &weight);
            rows.iter().zip(score).map(|(row, score)| logistic_loss(line.at(score), positive[*row])).collect()
        };
        let (mut gain, mut squares) = (0.0, 0.0);
        for ((weight, found), other) in weight.iter().zip(losses(score)).zip(losses(other)) {
            let difference = weight * (other - found);
            gain += difference;
            squares += difference * difference;
        }
        let variance = squares - gain * gain / rows.len().max(1) as f64;
        gain > variance.max(0.0).sqrt()
    }

    /// Fits jobs in blocks and gives their models in order. Blocks are full where there is work for every thread without; which
    /// jobs share one changes no bit.
    fn fit(&self, jobs: &[Job]) -> Vec<LinearModel> {
        let in_a_block = jobs.len().div_ceil(rayon::current_num_threads()).clamp(1, LANES);
        jobs.par_chunks(in_a_block).flat_map_iter(|block| self.fit_block(block)).collect()
    }

    fn fit_block(&self, jobs: &[Job]) -> Vec<LinearModel> {
        let weight = |job: &Job, row: usize| {
            let label = &self.labels[job.label];
            let is_seen = (job.late == LateRows::Seen || label.trains[row]) && !job.left_out.contains(&self.fold[row]);
            if is_seen { label.weight[row] } else { 0.0 }
        };
        let rows: Vec<u32> =
            (0..self.fold.len() as u32).filter(|row| jobs.iter().any(|job| weight(job, *row as usize) > 0.0)).collect();
        let regressions: Vec<Regression> = (jobs.iter())
            .map(|job| Regression {
                positive: rows.iter().map(|row| self.labels[job.label].positive[*row as usize]).collect(),
                weighting: job.weighting,
                weight: rows.iter().map(|row| weight(job, *row as usize)).collect(),
                start: job.start,
            })
            .collect();
        fit_block(self.design, &rows, &regressions, self.config)
    }

    /// Scores every row by the model that `of_fold` names for its fold.
    fn score<'m>(&self, of_fold: impl Fn(usize) -> &'m LinearModel) -> Vec<f64> {
        self.fold.iter().enumerate().map(|(row, fold)| of_fold(*fold).score(self.design, row as u32)).collect()
    }
}
