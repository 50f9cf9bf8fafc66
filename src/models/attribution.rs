//! Why a row scores as it does: the raw score (log-odds before calibration) as a sum of contributions.
//!
//! Trees are attributed by exact Shapley values (`shapley`). Each text score's share is what the starting line makes of the difference
//! to a row without n-grams, and the Shapley value of the score in the trees; it is split among the row's n-grams in proportion to
//! w·x. The contributions sum to the
//! raw score.

use super::Model;
use super::model::{LabelModel, RowScratch};

/// Below this share of Σ|w·x| the n-grams cancel out, and a split in proportion to them would blow up.
const CANCELLING: f64 = 0.05;

/// What a contribution comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContributionSource {
    /// What every row starts from.
    Base,
    /// The feature of this index.
    Feature(u32),
    /// The n-gram bucket.
    Ngram(u32),
    /// The text scores whose n-grams cancel out.
    Text,
}

/// One summand of a raw score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contribution {
    /// Where it comes from.
    pub source: ContributionSource,
    /// What it adds to the log-odds before calibration.
    pub logit: f64,
}

impl Model {
    /// The contributions to one label's raw score, largest |logit| first; of equals features come before n-grams. `None` for a
    /// label without a model. The arguments are [`Model::predict_row`]'s; `label` is a position in [`Model::labels`].
    pub fn contributions(
        &self,
        label: usize,
        features: &[f32],
        text: (&[u32], &[f32]),
        scratch: &mut RowScratch,
    ) -> Option<Vec<Contribution>> {
        let model = self.labels.get(label)?.model.as_ref()?;
        self.prepare(features, text, scratch);
        let n_features = self.features.len();
        let intercepts: Vec<f64> = self.text.labels().iter().map(|text| text.intercept).collect();
        let mut shares = vec![0.0; n_features + intercepts.len()];
        let mut base = model.line.at(&intercepts);
        for (tree, table) in model.trees.iter().zip(model.shapley.of(&model.trees)) {
            let leaf = tree.leaf(|feature| scratch.bins[feature as usize]);
            base += table.base;
            for (feature, value) in table.of_leaf(leaf) {
                shares[feature as usize] += value;
            }
        }
        let mut found = vec![Contribution { source: ContributionSource::Base, logit: base }];
        let of_features = shares[..n_features].iter().enumerate();
        found.extend(of_features.map(|(i, logit)| Contribution { source: ContributionSource::Feature(i as u32), logit: *logit }));
        self.share_text(model, scratch, &shares[n_features..], &mut found);
        found.retain(|c| c.logit != 0.0);
        found.sort_by(|a, b| b.logit.abs().total_cmp(&a.logit.abs()).then(a.source.cmp(&b.source)));
        Some(found)
    }

    /// Splits what the text scores add, `from_trees` among it, among the n-grams.
    fn share_text(&self, model: &LabelModel, row: &RowScratch, from_trees: &[f64], found: &mut Vec<Contribution>) {
        let mut of_ngrams = vec![0.0; row.text.len()];
        let mut of_text = 0.0;
        for (label, weights) in self.text.labels().iter().enumerate() {
            let straight = model.line.slopes[label];
            let line = model.line.term(label, row.scores[label]) - model.line.term(label, weights.intercept);
            let terms = || row.text.iter().map(|cell| self.text.term(label, *cell));
            let (net, gross) = terms().fold((0.0, 0.0), |(net, gross), term: f64| (net + term, gross + term.abs()));
            // What the straight part of the line adds is each n-gram's own; the rest is split where that can be done.
            let bent = line + from_trees[label] - straight * net;
            let is_cancelling = net.abs() <= CANCELLING * gross;
            let per_unit = straight + if is_cancelling { 0.0 } else { bent / net };
            of_ngrams.iter_mut().zip(terms()).for_each(|(sum, term)| *sum += per_unit * term);
            if is_cancelling {
                of_text += bent;
            }
        }
        found.extend(row.text.iter().zip(of_ngrams).map(|((column, _), logit)| Contribution {
            source: ContributionSource::Ngram(self.vocabulary.buckets[*column as usize]),
            logit,
        }));
        found.push(Contribution { source: ContributionSource::Text, logit: of_text });
    }
}
