//! Text, trees and calibrator of one label, and the out-of-fold scores that prove them.
//!
//! For each fold k a whole stack (text models of all labels, line through their scores, trees with their own early stopping) is
//! fitted on the other folds and scores fold k's calibration rows. The calibrator is fitted on those scores, so neither the text
//! models nor the trees behind a score have seen the row, its group, or (in a timed set) its time. The final text model and
//! trees are then refitted on all rows, with as many rounds as the stacks needed in the middle. The calibrator holds for them
//! because it describes how this recipe scores rows it has not seen; that the final models saw a fold more makes them a little sharper,
//! never more confident than their accuracy allows.
//!
//! In each fold the trees start from the line through all labels' scores or from that through the label's own, whichever has the
//! lower loss in the fold that decides when to stop; the final trees start as most folds do. With few rows the own score is often
//! better. Of the label's own text score, the line through all labels' scores, and the stack, the one of lowest out-of-fold log loss is
//! kept; of equals the simpler. That choice, and how a label's n-grams are weighed (`text_jobs`), are the only ones made with a look at all
//! folds.

use rayon::prelude::*;

use super::bins::{BinEdges, BinnedColumn};
use super::boosting::{BoostingRows, Stopping, boost};
use super::calibration::{Scored, choose, cross_fit};
use super::folds::Split;
use super::logistic::ScoreLine;
use super::market_calibration::{Calibrated, calibrate};
use super::measures::{average_precision, log_loss, logistic_loss};
use super::peers::Peer;
use super::shared::{SharedLine, SharedRows};
use super::text_jobs::TextScores;
use super::tree::SymmetricTree;
use super::{CandidateKind, CandidateScore, ModelConfig};
use crate::features::Direction;
use crate::units::Market;

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

/// Trees with what they start from.
#[derive(Debug)]
pub(super) struct Trees {
    /// Log-odds from the text scores.
    pub(super) line: SharedLine,
    /// The trees, in the order they were grown. The text scores are the features after the last.
    pub(super) trees: Vec<SymmetricTree>,
}

/// What a label's stacks found.
#[derive(Debug)]
pub(super) struct Stacked {
    /// Fitted on all rows.
    pub(super) trees: Trees,
    /// Fitted on out-of-fold scores.
    pub(super) calibrated: Calibrated,
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
    /// The text scores of all labels that have a model.
    pub(super) texts: &'a [TextScores],
    /// Which of them are this label's.
    pub(super) own: usize,
    /// Which of them it may use: those that have seen no verdict later than its own may be.
    pub(super) usable: &'a [bool],
    /// Bins of the text scores in the final model.
    pub(super) text_edges: &'a [BinEdges],
    /// How much each row counts in calibration.
    pub(super) calibration_weight: &'a [f64],
    /// The market of each row; empty where none is known.
    pub(super) markets: &'a [Market],
    /// Out-of-fold scores of the peers that are only reported.
    pub(super) peers: &'a [Peer],
    /// How to fit.
    pub(super) config: &'a ModelConfig,
}

/// One fold's stack, applied to the fold's calibration rows.
struct FoldScores {
    rows: Vec<u32>,
    shared: Vec<f64>,
    stacked: Vec<f64>,
    trees_only: Vec<f64>,
    rounds: usize,
    shares: bool,
}

/// Fits one label's stacks side by side, then its calibrator and final trees.
pub(super) fn stack(input: StackInput) -> Stacked {
    let folds: Vec<FoldScores> = (0..input.split.n_folds).into_par_iter().map(|k| score_fold(input, k)).collect();
    let n = input.label.rows.len();
    let collect = |part: &dyn Fn(&FoldScores) -> &[f64]| {
        let mut all = vec![0.0; n];
        for fold in &folds {
            fold.rows.iter().zip(part(fold)).for_each(|(row, score)| all[*row as usize] = *score);
        }
        all
    };
    let own = &input.texts[input.own].without;
    let text_only = (0..n).map(|i| own[input.split.fold[i]][input.label.rows[i] as usize]).collect();
    let mut tried = vec![(CandidateKind::BaseRate, vec![0.0; n]), (CandidateKind::TextOnly, text_only)];
    if input.shares() {
        tried.push((CandidateKind::SharedText, collect(&|fold| &fold.shared)));
    }
    tried.push((CandidateKind::TreesOnly, collect(&|fold| &fold.trees_only)));
    tried.push((CandidateKind::Stacked, collect(&|fold| &fold.stacked)));

    let kept_rows: Vec<u32> = (0..n as u32).filter(|i| input.split.calibrates[*i as usize]).collect();
    let judge = Judge::new(input, &kept_rows);
    let mut candidates: Vec<CandidateScore> = tried.par_iter().map(|(kind, score)| judge.candidate(*kind, score)).collect();
    let kept = keep(&candidates);
    let peers = input.peers.par_iter();
    candidates.par_extend(
        peers.map(|peer| CandidateScore { learned_from: Some(peer.learned_from), ..judge.candidate(peer.kind, &peer.score) }),
    );
    let score = tried.iter().find(|(kind, _)| *kind == kept).map(|(_, score)| judge.select(score)).unwrap_or_default();
    let calibrated = calibrate(judge.calibration(&score), input.config.calibration, input.config.markets);
    let mut out_of_fold = vec![None; n];
    for (row, p) in kept_rows.iter().zip(&calibrated.out_of_fold) {
        out_of_fold[*row as usize] = Some(*p);
    }
    let trees = match kept {
        CandidateKind::Stacked if 2 * folds.iter().filter(|fold| fold.shares).count() > folds.len() => {
            final_trees(input, median_rounds(&folds))
        }
        CandidateKind::Stacked => final_trees(input.alone(&input.only_own()), median_rounds(&folds)),
        CandidateKind::SharedText => final_trees(input, 0),
        _ => {
            let line = ScoreLine { intercept: 0.0, slope: 1.0 };
            Trees { line: SharedLine::of_one(line, input.own, input.texts.len()), trees: Vec::new() }
        }
    };
    Stacked { trees, calibrated, out_of_fold, candidates, kept }
}

/// The candidate of lowest log loss that a model can be made of; of equals the simpler.
fn keep(candidates: &[CandidateScore]) -> CandidateKind {
    let mut best: Option<&CandidateScore> = None;
    for candidate in candidates {
        let may_be_kept = matches!(candidate.kind, CandidateKind::TextOnly | CandidateKind::SharedText | CandidateKind::Stacked);
        if may_be_kept && best.is_none_or(|best| candidate.log_loss < best.log_loss) {
            best = Some(candidate);
        }
    }
    best.map_or(CandidateKind::TextOnly, |best| best.kind)
}

fn median_rounds(folds: &[FoldScores]) -> usize {
    let mut rounds: Vec<usize> = folds.iter().map(|fold| fold.rounds).collect();
    rounds.sort_unstable();
    rounds[rounds.len() / 2]
}

/// Trees over all rows.
fn final_trees(input: StackInput, rounds: usize) -> Trees {
    let everything: Vec<u32> = (0..input.label.rows.len() as u32).collect();
    let text: Vec<&[f64]> = input.texts.iter().map(|text| &text.out_of_fold[..]).collect();
    let line = input.line(&everything, &text);
    let rows = input.with_text(&everything, &text, &line, input.text_edges);
    Trees { line, trees: boost(&rows, Stopping::After(rounds), &input.config.trees) }
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
    let text: Vec<&[f64]> = input.texts.iter().map(|text| &text.without[k][..]).collect();
    let edges: Vec<BinEdges> = text.iter().map(|text| input.text_edges(&growing, text)).collect();
    let shared_line = input.line(&growing, &text);
    let shared = input.with_text(&scoring, &text, &shared_line, &edges).start;
    // The trees start from the line that tells more of rows that it has not seen.
    let only_own = input.only_own();
    let own_line = input.alone(&only_own).line(&growing, &text);
    let shares = input.shares() && input.loss(&watching, &text, &shared_line) < input.loss(&watching, &text, &own_line);
    let (input, line) = if shares { (input, shared_line) } else { (input.alone(&only_own), own_line) };
    let held_out = input.with_text(&watching, &text, &line, &edges);
    let trees = boost(&input.with_text(&growing, &text, &line, &edges), Stopping::HeldOut(&held_out), &input.config.trees);
    let stacked = apply(&trees, &input.with_text(&scoring, &text, &line, &edges));
    let base = input.base_rate(&growing);
    let bare_held_out = input.without_text(&watching, base);
    let bare = boost(&input.without_text(&growing, base), Stopping::HeldOut(&bare_held_out), &input.config.trees);
    let trees_only = apply(&bare, &input.without_text(&scoring, base));
    FoldScores { rows: scoring, shared, stacked, trees_only, rounds: trees.len(), shares }
}

fn apply(trees: &[SymmetricTree], rows: &BoostingRows) -> Vec<f64> {
    let score = |(row, start): (usize, &f64)| {
        trees.iter().fold(*start, |sum, tree| sum + tree.predict(|f| rows.columns[f as usize].bins[row]))
    };
    rows.start.iter().enumerate().map(score).collect()
}

impl<'a> StackInput<'a> {
    /// The same without the other labels.
    fn alone(self, only_own: &'a [bool]) -> Self {
        Self { usable: only_own, ..self }
    }

    /// The label's own score, and no other.
    fn only_own(&self) -> Vec<bool> {
        (0..self.texts.len()).map(|label| label == self.own).collect()
    }

    /// Mean log loss of a line for some of the label's rows.
    fn loss(&self, rows: &[u32], text: &[&[f64]], line: &SharedLine) -> f64 {
        let (mut sum, mut total) = (0.0, 0.0);
        for row in rows {
            let scores: Vec<f64> = text.iter().map(|text| text[self.set_row(*row)]).collect();
            let weight = self.label.weight[*row as usize];
            sum += weight * logistic_loss(line.at(&scores), self.label.positive[*row as usize]);
            total += weight;
        }
        if total > 0.0 { sum / total } else { 0.0 }
    }

    /// Whether another label's score may be used.
    fn shares(&self) -> bool {
        self.usable.iter().enumerate().any(|(label, usable)| *usable && label != self.own)
    }

    /// The row of the set of one of the label's rows.
    fn set_row(&self, row: u32) -> usize {
        self.label.rows[row as usize] as usize
    }

    /// Bins of a text score, from some of the label's rows.
    fn text_edges(&self, rows: &[u32], text: &[f64]) -> BinEdges {
        BinEdges::learn(rows.iter().map(|row| text[self.set_row(*row)] as f32), self.config.trees.max_bins)
    }

    /// Log-odds from the text scores, learned from some of the label's rows.
    fn line(&self, rows: &[u32], text: &[&[f64]]) -> SharedLine {
        SharedLine::fit(SharedRows {
            scores: text,
            usable: self.usable,
            own: self.own,
            rows: &rows.iter().map(|row| self.label.rows[*row as usize]).collect::<Vec<_>>(),
            positive: &rows.iter().map(|row| self.label.positive[*row as usize]).collect::<Vec<_>>(),
            weight: &rows.iter().map(|row| self.label.weight[*row as usize]).collect::<Vec<_>>(),
        })
    }

    /// The log-odds of a positive among some of the label's rows.
    fn base_rate(&self, rows: &[u32]) -> f64 {
        let target: Vec<f64> = rows.iter().map(|row| f64::from(u8::from(self.label.positive[*row as usize]))).collect();
        let weight: Vec<f64> = rows.iter().map(|row| self.label.weight[*row as usize]).collect();
        ScoreLine::fit(&vec![0.0; rows.len()], &target, &weight).intercept
    }

    /// Rows whose trees start from the text scores and may ask about them.
    fn with_text(&self, rows: &[u32], text: &[&[f64]], line: &SharedLine, edges: &[BinEdges]) -> BoostingRows {
        let mut boosting = self.without_text(rows, 0.0);
        for (label, (text, edges)) in text.iter().zip(edges).enumerate() {
            let value = |row: &u32| if self.usable[label] { text[self.set_row(*row)] as f32 } else { f32::NAN };
            boosting.columns.push(BinnedColumn::new(edges, rows.iter().map(value)));
        }
        let mut scores = Vec::with_capacity(text.len());
        boosting.start = (rows.iter())
            .map(|row| {
                scores.clear();
                scores.extend(text.iter().map(|text| text[self.set_row(*row)]));
                line.at(&scores)
            })
            .collect();
        boosting
    }

    /// Rows whose trees know the features only, and start from one number.
    fn without_text(&self, rows: &[u32], start: f64) -> BoostingRows {
        BoostingRows {
            columns: self.columns.iter().map(|column| column.select(rows)).collect(),
            directions: self.directions.to_vec(),
            positive: rows.iter().map(|row| self.label.positive[*row as usize]).collect(),
            weight: rows.iter().map(|row| self.label.weight[*row as usize]).collect(),
            start: vec![start; rows.len()],
        }
    }
}

/// The calibration rows, against which candidates are judged.
struct Judge<'a> {
    kept: &'a [u32],
    positive: Vec<bool>,
    weight: Vec<f64>,
    calibration_weight: Vec<f64>,
    fold: Vec<usize>,
    market: Vec<Market>,
    method: super::CalibrationMethod,
}

impl<'a> Judge<'a> {
    fn new(input: StackInput<'a>, kept: &'a [u32]) -> Self {
        Self {
            kept,
            positive: kept.iter().map(|row| input.label.positive[*row as usize]).collect(),
            weight: kept.iter().map(|row| input.label.weight[*row as usize]).collect(),
            calibration_weight: kept.iter().map(|row| input.calibration_weight[*row as usize]).collect(),
            fold: kept.iter().map(|row| input.split.fold[*row as usize]).collect(),
            market: kept.iter().filter_map(|row| input.markets.get(*row as usize).copied()).collect(),
            method: input.config.calibration,
        }
    }

    fn select(&self, score: &[f64]) -> Vec<f64> {
        self.kept.iter().map(|row| score[*row as usize]).collect()
    }

    fn scored<'s>(&'s self, score: &'s [f64]) -> Scored<'s> {
        Scored { score, positive: &self.positive, weight: &self.weight, fold: &self.fold, market: &[] }
    }

    /// The same rows as the calibrator sees them: without the weights of training, with those of the population.
    fn calibration<'s>(&'s self, score: &'s [f64]) -> Scored<'s> {
        Scored { weight: &self.calibration_weight, market: &self.market, ..self.scored(score) }
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
            n: self.kept.len() as u64,
            learned_from: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::SplitKind;
    use crate::models::config::tests::quick;
    use crate::models::design::Design;
    use crate::models::text_jobs::{TextJobs, TextLabel};

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
        let other: Vec<bool> = positive.iter().enumerate().map(|(i, y)| *y || i % 5 == 0).collect();
        let labels =
            [positive.to_vec(), other].map(|positive| TextLabel { positive, weight: vec![1.0; N], trains: vec![true; N] });
        let jobs = TextJobs { design: &design, labels: &labels, fold: &split.fold, n_folds: 3, config: &config.text };
        let texts = jobs.run();
        let input = StackInput {
            label,
            split: &split,
            columns: &columns,
            directions: &[],
            texts: &texts,
            own: 0,
            usable: &[true, true],
            text_edges: &[],
            calibration_weight: &[1.0; N],
            markets: &[],
            peers: &[],
            config: &config,
        };
        let found = score_fold(input, 0);
        assert!(found.rows.iter().all(|row| split.fold[*row as usize] == 0));
        (found.stacked, texts.iter().flat_map(|text| text.without[0].clone()).collect())
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
