//! Text, trees and calibrator of one label, and the out-of-fold scores that prove them.
//!
//! For each fold k a whole stack (text model, line through the text score, trees with their own early stopping) is fitted on the
//! other folds and scores fold k's calibration rows. The calibrator is fitted on those scores, so neither the text model nor the
//! trees behind a score have seen the row, its group, or (in a timed set) its time. The final text model and trees are then
//! refitted on all rows, with as many rounds as the stacks needed in the middle. The calibrator holds for them because it
//! describes how this recipe scores rows it has not seen; that the final models saw a fold more makes them a little sharper,
//! never more confident than their accuracy allows.
//!
//! Where the stack's out-of-fold log loss is no lower than the text model's, as with labels of few positives, the text model is
//! kept without trees. That choice between two is the only one made with a look at all folds.

use rayon::prelude::*;

use super::bins::{BinEdges, BinnedColumn};
use super::boosting::{BoostingRows, Stopping, boost};
use super::calibration::{Calibrator, Scored, choose, cross_fit};
use super::folds::Split;
use super::logistic::ScoreLine;
use super::measures::{average_precision, log_loss};
use super::text_jobs::{LabelRows, TextScores};
use super::tree::SymmetricTree;
use super::{CandidateKind, CandidateScore, ModelConfig};
use crate::features::Direction;

/// Trees with what they start from.
#[derive(Debug)]
pub(super) struct Trees {
    /// Log-odds from the text score.
    pub(super) line: ScoreLine,
    /// Bins of the text score, the feature after the last.
    pub(super) text_edges: BinEdges,
    /// The trees, in the order they were grown.
    pub(super) trees: Vec<SymmetricTree>,
}

/// What a label's stacks found.
#[derive(Debug)]
pub(super) struct Stacked {
    /// Fitted on all rows.
    pub(super) trees: Trees,
    /// Fitted on out-of-fold scores.
    pub(super) calibrator: Calibrator,
    /// Per row of the label: its calibrated out-of-fold probability.
    pub(super) out_of_fold: Vec<Option<f64>>,
    /// The candidates in a fixed order.
    pub(super) candidates: Vec<CandidateScore>,
    /// The one that is kept.
    pub(super) kept: CandidateKind,
}

/// A label ready to be stacked.
#[derive(Debug, Clone, Copy)]
pub(super) struct StackInput<'a> {
    /// Its rows.
    pub(super) label: LabelRows<'a>,
    /// The roles of its rows.
    pub(super) split: &'a Split,
    /// The features' bins for its rows.
    pub(super) columns: &'a [BinnedColumn],
    /// Which way the score must go as each feature rises.
    pub(super) directions: &'a [Option<Direction>],
    /// Its text scores.
    pub(super) text: &'a TextScores,
    /// How to fit.
    pub(super) config: &'a ModelConfig,
}

/// One fold's stack, applied to the fold's calibration rows.
struct FoldScores {
    rows: Vec<u32>,
    stacked: Vec<f64>,
    trees_only: Vec<f64>,
    rounds: usize,
}

/// Fits one label's stacks side by side, then its calibrator and final trees.
pub(super) fn stack(input: StackInput) -> Stacked {
    let folds: Vec<FoldScores> = (0..input.split.n_folds).into_par_iter().map(|k| score_fold(input, k)).collect();
    let n = input.label.rows.len();
    let (mut stacked, mut trees_only) = (vec![0.0; n], vec![0.0; n]);
    for fold in &folds {
        for (i, row) in fold.rows.iter().enumerate() {
            stacked[*row as usize] = fold.stacked[i];
            trees_only[*row as usize] = fold.trees_only[i];
        }
    }
    let text_only: Vec<f64> = (0..n).map(|i| input.text.without[input.split.fold[i]][i]).collect();
    let kept: Vec<u32> = (0..n as u32).filter(|i| input.split.calibrates[*i as usize]).collect();
    let base_rate = vec![0.0; n];
    let judge = Judge::new(input, &kept);
    let candidates = vec![
        judge.candidate(CandidateKind::BaseRate, &base_rate),
        judge.candidate(CandidateKind::TextOnly, &text_only),
        judge.candidate(CandidateKind::TreesOnly, &trees_only),
        judge.candidate(CandidateKind::Stacked, &stacked),
    ];
    let is_stack_better = candidates[3].log_loss < candidates[1].log_loss;
    let (kept_kind, score) = if is_stack_better {
        (CandidateKind::Stacked, judge.select(&stacked))
    } else {
        (CandidateKind::TextOnly, judge.select(&text_only))
    };
    let scored = judge.scored(&score);
    let method = choose(scored, input.config.calibration);
    let mut out_of_fold = vec![None; n];
    for (row, p) in kept.iter().zip(cross_fit(scored, method)) {
        out_of_fold[*row as usize] = Some(p);
    }
    let trees = if is_stack_better { final_trees(input, median_rounds(&folds)) } else { Trees::none() };
    Stacked { trees, calibrator: Calibrator::fit(scored, method), out_of_fold, candidates, kept: kept_kind }
}

fn median_rounds(folds: &[FoldScores]) -> usize {
    let mut rounds: Vec<usize> = folds.iter().map(|fold| fold.rounds).collect();
    rounds.sort_unstable();
    rounds[rounds.len() / 2]
}

impl Trees {
    /// The text score as it is.
    fn none() -> Self {
        Self { line: ScoreLine { intercept: 0.0, slope: 1.0 }, text_edges: BinEdges::default(), trees: Vec::new() }
    }
}

/// Trees over all rows.
fn final_trees(input: StackInput, rounds: usize) -> Trees {
    let everything: Vec<u32> = (0..input.label.rows.len() as u32).collect();
    let text_edges = text_edges(&everything, &input.text.out_of_fold, input.config);
    let line = text_line(input.label, &everything, &input.text.out_of_fold);
    let rows = with_text(input, &everything, &input.text.out_of_fold, line, &text_edges);
    Trees { line, text_edges, trees: boost(&rows, Stopping::After(rounds), &input.config.trees) }
}

/// Fits fold k's stack on the other folds, of which the next one decides when to stop, and scores fold k's calibration rows.
fn score_fold(input: StackInput, k: usize) -> FoldScores {
    let split = input.split;
    let watched = (k + 1) % split.n_folds;
    let select =
        |keep: &dyn Fn(usize) -> bool| -> Vec<u32> { (0..split.fold.len()).filter(|i| keep(*i)).map(|i| i as u32).collect() };
    let growing = select(&|i| split.trains[i] && split.fold[i] != k && split.fold[i] != watched);
    let watching = select(&|i| split.trains[i] && split.fold[i] == watched);
    let scoring = select(&|i| split.calibrates[i] && split.fold[i] == k);
    let text = &input.text.without[k];
    let edges = text_edges(&growing, text, input.config);
    let line = text_line(input.label, &growing, text);
    let held_out = with_text(input, &watching, text, line, &edges);
    let trees = boost(&with_text(input, &growing, text, line, &edges), Stopping::HeldOut(&held_out), &input.config.trees);
    let stacked = apply(&trees, &with_text(input, &scoring, text, line, &edges));
    let base = ScoreLine { intercept: text_line(input.label, &growing, &vec![0.0; text.len()]).intercept, slope: 0.0 };
    let bare_held_out = without_text(input, &watching, base);
    let bare = boost(&without_text(input, &growing, base), Stopping::HeldOut(&bare_held_out), &input.config.trees);
    let trees_only = apply(&bare, &without_text(input, &scoring, base));
    FoldScores { rows: scoring, stacked, trees_only, rounds: trees.len() }
}

fn apply(trees: &[SymmetricTree], rows: &BoostingRows) -> Vec<f64> {
    let score = |(row, start): (usize, &f64)| {
        trees.iter().fold(*start, |sum, tree| sum + tree.predict(|f| rows.columns[f as usize].bins[row]))
    };
    rows.start.iter().enumerate().map(score).collect()
}

fn text_edges(rows: &[u32], text: &[f64], config: &ModelConfig) -> BinEdges {
    BinEdges::learn(rows.iter().map(|row| text[*row as usize] as f32), config.trees.max_bins)
}

fn text_line(label: LabelRows, rows: &[u32], text: &[f64]) -> ScoreLine {
    let score: Vec<f64> = rows.iter().map(|row| text[*row as usize]).collect();
    let target: Vec<f64> = rows.iter().map(|row| f64::from(u8::from(label.positive[*row as usize]))).collect();
    let weight: Vec<f64> = rows.iter().map(|row| label.weight[*row as usize]).collect();
    ScoreLine::fit(&score, &target, &weight)
}

/// Rows whose trees start from the text score and may ask about it.
fn with_text(input: StackInput, rows: &[u32], text: &[f64], line: ScoreLine, edges: &BinEdges) -> BoostingRows {
    let mut boosting = without_text(input, rows, line);
    boosting.columns.push(BinnedColumn::new(edges, rows.iter().map(|row| text[*row as usize] as f32)));
    boosting.start = rows.iter().map(|row| line.at(text[*row as usize])).collect();
    boosting
}

/// Rows whose trees know the features only.
fn without_text(input: StackInput, rows: &[u32], line: ScoreLine) -> BoostingRows {
    BoostingRows {
        columns: input.columns.iter().map(|column| column.select(rows)).collect(),
        directions: input.directions.to_vec(),
        positive: rows.iter().map(|row| input.label.positive[*row as usize]).collect(),
        weight: rows.iter().map(|row| input.label.weight[*row as usize]).collect(),
        start: vec![line.intercept; rows.len()],
    }
}

/// The calibration rows, against which candidates are judged.
struct Judge<'a> {
    kept: &'a [u32],
    positive: Vec<bool>,
    weight: Vec<f64>,
    fold: Vec<usize>,
    method: super::CalibrationMethod,
}

impl<'a> Judge<'a> {
    fn new(input: StackInput<'a>, kept: &'a [u32]) -> Self {
        Self {
            kept,
            positive: kept.iter().map(|row| input.label.positive[*row as usize]).collect(),
            weight: kept.iter().map(|row| input.label.weight[*row as usize]).collect(),
            fold: kept.iter().map(|row| input.split.fold[*row as usize]).collect(),
            method: input.config.calibration,
        }
    }

    fn select(&self, score: &[f64]) -> Vec<f64> {
        self.kept.iter().map(|row| score[*row as usize]).collect()
    }

    fn scored<'s>(&'s self, score: &'s [f64]) -> Scored<'s> {
        Scored { score, positive: &self.positive, weight: &self.weight, fold: &self.fold }
    }

    /// Log loss after cross-fitted calibration; average precision of the raw score, which calibration does not reorder.
    fn candidate(&self, kind: CandidateKind, score: &[f64]) -> CandidateScore {
        let score = self.select(score);
        let scored = self.scored(&score);
        let probability = cross_fit(scored, choose(scored, self.method));
        CandidateScore {
            kind,
            average_precision: average_precision(&score, &self.positive, &self.weight),
            log_loss: log_loss(&probability, &self.positive, &self.weight),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::SplitKind;
    use crate::models::config::tests::quick;
    use crate::models::design::Design;
    use crate::models::text_jobs::score_text;

    const N: usize = 120;

    /// Fold 0's stack, fitted with these verdicts and applied to fold 0.
    fn scores_of_fold_0(positive: &[bool]) -> (Vec<f64>, Vec<f64>) {
        let dense: Vec<[f32; 2]> = (0..N).map(|i| [(i % 7) as f32 / 7.0, (i % 5) as f32 / 5.0]).collect();
        let design = Design::of_dense(&dense.iter().map(|row| &row[..]).collect::<Vec<_>>());
        let columns = vec![BinnedColumn { bins: (0..N).map(|i| 1 + (i % 4) as u8).collect(), n_bins: 5 }];
        let rows: Vec<u32> = (0..N as u32).collect();
        let label = LabelRows { rows: &rows, positive, weight: &[1.0; N] };
        let fold: Vec<usize> = (0..N).map(|i| i / 4 % 3).collect();
        let split = Split { kind: SplitKind::Group, n_folds: 3, fold, trains: vec![true; N], calibrates: vec![true; N] };
        let config = quick();
        let text = score_text(&design, label, &split, &config.text);
        let input = StackInput { label, split: &split, columns: &columns, directions: &[], text: &text, config: &config };
        let found = score_fold(input, 0);
        assert!(found.rows.iter().all(|row| split.fold[*row as usize] == 0));
        (found.stacked, text.without[0].clone())
    }

    #[test]
    fn a_folds_verdicts_cannot_change_its_own_scores_by_any_road() {
        let mut positive: Vec<bool> = (0..N).map(|i| (i * i + i / 3) % 7 < 3).collect();
        let before = scores_of_fold_0(&positive);
        (0..N).filter(|i| i / 4 % 3 == 0).for_each(|i| positive[i] = !positive[i]);
        assert_eq!(before, scores_of_fold_0(&positive));
        positive[4] = !positive[4];
        assert_ne!(before, scores_of_fold_0(&positive));
    }
}
