//! The questions of one tree, level by level.

use rayon::prelude::*;

use super::TreesConfig;
use super::boosting::BoostingRows;
use super::derivatives::{Derivatives, counter_hash};
use super::histograms::{FeatureHistograms, LevelRows};
use super::sampling::{Sample, SampleChunk};
use super::split_search::{FeatureSums, Split, best_of_feature, better};
use super::tree::Level;

/// Below this many rows times features a level is searched on one thread: handing out work would cost more than it saves.
const PARALLEL_FROM_CELLS: usize = 400_000;

/// Keeps the draws of columns apart from those of rows.
const COLUMN_STREAM: u64 = 0x636F_6C75_6D6E;

/// What growing trees reuses from tree to tree.
pub(super) struct Grower<'a> {
    rows: &'a BoostingRows,
    config: &'a TreesConfig,
    /// Features of more than one bin, ascending, with their histograms.
    features: Vec<(usize, FeatureHistograms)>,
    /// Whether the tree may ask about each of them.
    is_drawn: Vec<bool>,
    sample: Sample,
    levels: Vec<LevelRows>,
}

impl<'a> Grower<'a> {
    pub(super) fn new(rows: &'a BoostingRows, config: &'a TreesConfig) -> Self {
        // Nothing tells rows apart that are all missing or all alike, as features of absent tables are.
        let varies = |bins: &[u8]| bins.first().is_some_and(|first| bins.iter().any(|bin| bin != first));
        let features: Vec<(usize, FeatureHistograms)> = (rows.columns.iter().enumerate())
            .filter(|(_, column)| varies(&column.bins))
            .map(|(feature, column)| (feature, FeatureHistograms::new(column.n_bins)))
            .collect();
        let sample = Sample::new(rows.start.len());
        let levels = sample.chunks.iter().map(|_| LevelRows::default()).collect();
        Self { rows, config, is_drawn: vec![true; features.len()], features, sample, levels }
    }

    /// The tree's questions, root first; none when nothing gains anything.
    pub(super) fn grow(&mut self, derivatives: &Derivatives, round: u64) -> Vec<Split> {
        self.sample.draw(derivatives, self.config.row_share, self.config.seed, round);
        for (chunk, level) in self.sample.chunks.iter().zip(&mut self.levels) {
            level.node.clear();
            level.node.resize(chunk.rows.len(), 0);
        }
        self.draw_features(round);
        let mut splits: Vec<Split> = Vec::new();
        let mut smaller = Vec::new();
        while splits.len() < self.config.depth {
            let Some(split) = self.best_split(splits.is_empty(), &smaller) else { break };
            splits.push(split);
            if splits.len() < self.config.depth {
                smaller = self.descend(split.level, splits.len());
            }
        }
        splits
    }

    /// Draws the tree's features; all of them where the draw would leave none.
    fn draw_features(&mut self, round: u64) {
        let (share, seed) = (self.config.column_share, self.config.seed ^ COLUMN_STREAM);
        let draw = |feature: usize| (counter_hash(seed, round, feature as u64) >> 11) as f64 / ((1_u64 << 53) as f64) < share;
        for ((feature, _), is_drawn) in self.features.iter().zip(&mut self.is_drawn) {
            *is_drawn = draw(*feature);
        }
        if !self.is_drawn.contains(&true) {
            self.is_drawn.fill(true);
        }
    }

    /// Makes the level's histograms and takes the best question; of equals that of the lower feature.
    fn best_split(&mut self, is_root: bool, smaller: &[u16]) -> Option<Split> {
        let (rows, config, sample, levels) = (self.rows, self.config, &self.sample, &self.levels);
        let search = |((feature, histograms), is_drawn): (&mut (usize, FeatureHistograms), &bool)| {
            if !is_drawn {
                return None;
            }
            let column = &rows.columns[*feature];
            if is_root {
                histograms.set_root(&sample.chunks, &column.bins);
            } else {
                histograms.descend(&sample.chunks, levels, &column.bins, smaller);
            }
            let sums = FeatureSums {
                feature: *feature as u32,
                cells: &histograms.cells,
                width: histograms.width,
                n_bins: column.n_bins,
                unit: sample.unit,
                direction: rows.direction(*feature),
            };
            best_of_feature(sums, config)
        };
        let found: Vec<Option<Split>> = if rows.start.len() * self.features.len() >= PARALLEL_FROM_CELLS {
            self.features.par_iter_mut().zip(&self.is_drawn).with_max_len(1).map(search).collect()
        } else {
            self.features.iter_mut().zip(&self.is_drawn).map(search).collect()
        };
        found.into_iter().fold(None, better)
    }

    /// Sends the sampled rows to the nodes of level `depth`, and sets apart those of the smaller siblings, which it returns.
    fn descend(&mut self, question: Level, depth: usize) -> Vec<u16> {
        let bins = &self.rows.columns[question.feature as usize].bins;
        let n_nodes = 1 << depth;
        let runs = self.sample.chunks.par_iter().zip(&mut self.levels);
        let counts: Vec<Vec<u32>> = runs.map(|(chunk, level)| level.ask(chunk, question, bins, n_nodes)).collect();
        let mut total = vec![0_u64; n_nodes];
        for count in &counts {
            for (sum, n) in total.iter_mut().zip(count) {
                *sum += u64::from(*n);
            }
        }
        let siblings = total.chunks_exact(2).enumerate();
        let smaller: Vec<u16> = siblings.map(|(parent, n)| (2 * parent + usize::from(n[1] < n[0])) as u16).collect();
        let mut is_smaller = vec![false; n_nodes];
        for node in &smaller {
            is_smaller[usize::from(*node)] = true;
        }
        self.sample.chunks.par_iter().zip(&mut self.levels).for_each(|(chunk, level)| level.set_apart(chunk, &is_smaller));
        smaller
    }
}

impl LevelRows {
    /// Moves each row to its child, and counts the children's rows.
    fn ask(&mut self, chunk: &SampleChunk, question: Level, bins: &[u8], n_nodes: usize) -> Vec<u32> {
        let bins = &bins[chunk.first..chunk.first + chunk.len];
        let (shift, least) = question.comparison();
        let mut counts = vec![0; n_nodes];
        for (node, row) in self.node.iter_mut().zip(&chunk.rows) {
            *node = 2 * *node + u16::from(bins[usize::from(*row)].wrapping_sub(shift) >= least);
            counts[usize::from(*node)] += 1;
        }
        counts
    }

    /// Lists the rows of the smaller siblings, without a branch: which rows those are is anybody's guess.
    fn set_apart(&mut self, chunk: &SampleChunk, is_smaller: &[bool]) {
        let n = self.node.len();
        self.rows.resize(n, 0);
        self.nodes.resize(n, 0);
        self.packed.resize(n, 0);
        let mut kept = 0;
        for ((node, row), packed) in self.node.iter().zip(&chunk.rows).zip(&chunk.packed) {
            self.rows[kept] = *row;
            self.nodes[kept] = *node;
            self.packed[kept] = *packed;
            kept += usize::from(is_smaller[usize::from(*node)]);
        }
        self.rows.truncate(kept);
        self.nodes.truncate(kept);
        self.packed.truncate(kept);
    }
}
