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

use super::TextConfig;
use super::design::{Design, LANES};
use super::logistic::{LinearModel, Regression, fit_block};

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
        let of_pairs: Vec<Job> = (pairs.iter())
            .flat_map(|pair| (0..n_labels).map(|label| Job { label, left_out: *pair, late: LateRows::LeftOut, start: None }))
            .collect();
        let by_pair = self.fit(&of_pairs);
        let pair_of = |label: usize, a: usize, b: usize| {
            &by_pair[pairs.iter().position(|p| *p == [a.min(b), a.max(b)]).unwrap_or(0) * n_labels + label]
        };
        let of_folds = |late: LateRows| (0..n_folds).flat_map(move |k| (0..n_labels).map(move |label| (k, label, late)));
        let single = |(k, label, late): (usize, usize, LateRows)| Job {
            label,
            left_out: [k, k],
            late,
            start: Some(pair_of(label, k, (k + 1) % n_folds)),
        };
        let by_fold = self.fit(&of_folds(LateRows::LeftOut).map(single).collect::<Vec<_>>());
        let is_timed = self.labels.iter().any(|label| label.trains.contains(&false));
        let with_late = is_timed.then(|| self.fit(&of_folds(LateRows::Seen).map(single).collect::<Vec<_>>()));
        let finals = with_late.as_ref().unwrap_or(&by_fold);
        let last = |label: usize| Job { label, left_out: [NONE; 2], late: LateRows::Seen, start: finals.get(label) };
        let models = self.fit(&(0..n_labels).map(last).collect::<Vec<_>>());
        let without = |label: usize, k: usize| {
            self.score(|fold| if fold == k { &by_fold[k * n_labels + label] } else { pair_of(label, fold, k) })
        };
        (models.into_par_iter().enumerate())
            .map(|(label, model)| TextScores {
                without: (0..n_folds).into_par_iter().map(|k| without(label, k)).collect(),
                out_of_fold: self.score(|fold| &finals[fold * n_labels + label]),
                model,
            })
            .collect()
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
