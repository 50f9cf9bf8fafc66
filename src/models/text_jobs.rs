//! All text models of one label: the final one, and those whose scores are out of fold.
//!
//! Trees must learn from text scores as good as they will meet, so each row's score comes from a model that has not seen the
//! row's fold; and the stack that scores fold k for the calibrator must not have seen fold k by any road, so the scores that
//! train it come from models that have seen neither fold k nor the row's fold: one model per pair of folds. A model starts from
//! one that was fitted on a part of its rows, never from one that has seen more.

use rayon::prelude::*;

use super::TextConfig;
use super::design::Design;
use super::folds::Split;
use super::logistic::{Examples, LinearModel, fit};

/// One label's rows, in the order of its targets.
#[derive(Debug, Clone, Copy)]
pub(super) struct LabelRows<'a> {
    /// Rows of the set.
    pub(super) rows: &'a [u32],
    /// The classes.
    pub(super) positive: &'a [bool],
    /// The weights.
    pub(super) weight: &'a [f64],
}

/// The label's text model and its out-of-fold scores.
#[derive(Debug)]
pub(super) struct TextScores {
    /// `without[k][i]`: row i as scored by a model that has seen neither fold k nor row i's fold, only rows that train.
    pub(super) without: Vec<Vec<f64>>,
    /// Row i as scored by a model of all rows but its fold's: what the final trees learn from.
    pub(super) out_of_fold: Vec<f64>,
    /// Fitted on all rows.
    pub(super) model: LinearModel,
}

/// What one fit works on.
struct TextJobs<'a> {
    design: &'a Design,
    label: LabelRows<'a>,
    split: &'a Split,
    config: &'a TextConfig,
}

/// Fits all text models of one label, side by side.
pub(super) fn score_text(design: &Design, label: LabelRows, split: &Split, config: &TextConfig) -> TextScores {
    let jobs = TextJobs { design, label, split, config };
    let n_folds = split.n_folds;
    let pairs: Vec<(usize, usize)> = (0..n_folds).flat_map(|j| (j + 1..n_folds).map(move |k| (j, k))).collect();
    let fitted: Vec<LinearModel> = pairs.par_iter().map(|(j, k)| jobs.fit(&split.trains, &[*j, *k], None)).collect();
    let pair_of = |a: usize, b: usize| &fitted[pairs.iter().position(|p| *p == (a.min(b), a.max(b))).unwrap_or(0)];
    let start_of = |k: usize| pair_of(k, (k + 1) % n_folds);
    let singles: Vec<LinearModel> =
        (0..n_folds).into_par_iter().map(|k| jobs.fit(&split.trains, &[k], Some(start_of(k)))).collect();
    let without: Vec<Vec<f64>> =
        (0..n_folds).into_par_iter().map(|k| jobs.score(|fold| if fold == k { &singles[k] } else { pair_of(fold, k) })).collect();
    let everything = vec![true; label.rows.len()];
    let finals: Vec<LinearModel> = if split.trains == everything {
        singles
    } else {
        (0..n_folds).into_par_iter().map(|k| jobs.fit(&everything, &[k], Some(&singles[k]))).collect()
    };
    let out_of_fold = jobs.score(|fold| &finals[fold]);
    let model = jobs.fit(&everything, &[], finals.first());
    TextScores { without, out_of_fold, model }
}

impl TextJobs<'_> {
    /// Fits the rows that `may_train` allows, without the folds `left_out`.
    fn fit(&self, may_train: &[bool], left_out: &[usize], start: Option<&LinearModel>) -> LinearModel {
        let kept: Vec<usize> =
            (0..may_train.len()).filter(|i| may_train[*i] && !left_out.contains(&self.split.fold[*i])).collect();
        let rows: Vec<u32> = kept.iter().map(|i| self.label.rows[*i]).collect();
        let positive: Vec<bool> = kept.iter().map(|i| self.label.positive[*i]).collect();
        let weight: Vec<f64> = kept.iter().map(|i| self.label.weight[*i]).collect();
        fit(self.design, Examples { rows: &rows, positive: &positive, weight: &weight }, self.config, start)
    }

    /// Scores every row by the model that `of_fold` names for its fold.
    fn score<'m>(&self, of_fold: impl Fn(usize) -> &'m LinearModel) -> Vec<f64> {
        let folds = self.split.fold.iter();
        self.label.rows.iter().zip(folds).map(|(row, fold)| of_fold(*fold).score(self.design, *row)).collect()
    }
}
