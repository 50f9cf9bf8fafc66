//! Why a row scores as it does: the raw score (log-odds before calibration) as a sum of contributions.
//!
//! Trees are attributed by exact Shapley values (`shapley`). The text score's share is what the starting line adds and the Shapley
//! value of the text score in the trees; it is split among the row's n-grams in proportion to w·x. The contributions sum to the
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
    /// The text score where its n-grams cancel out.
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
        let text_score = model.text.score(&scratch.text);
        let mut shares = vec![0.0; n_features + 1];
        let mut base = model.line.at(model.text.intercept);
        for (tree, table) in model.trees.iter().zip(model.shapley.of(&model.trees)) {
            let leaf = tree.leaf(|feature| model.bin(&scratch.bins, text_score, feature));
            base += table.base;
            for (feature, value) in table.of_leaf(leaf) {
                shares[feature as usize] += value;
            }
        }
        let mut found = vec![Contribution { source: ContributionSource::Base, logit: base }];
        let of_features = shares[..n_features].iter().enumerate();
        found.extend(of_features.map(|(i, logit)| Contribution { source: ContributionSource::Feature(i as u32), logit: *logit }));
        self.share_text(model, &scratch.text, shares[n_features], &mut found);
        found.retain(|c| c.logit != 0.0);
        found.sort_by(|a, b| b.logit.abs().total_cmp(&a.logit.abs()).then(a.source.cmp(&b.source)));
        Some(found)
    }

    /// Splits what the text adds among the n-grams: `from_trees` on top of slope · w·x each.
    fn share_text(&self, model: &LabelModel, row: &[(u32, f32)], from_trees: f64, found: &mut Vec<Contribution>) {
        let terms: Vec<f64> = row.iter().map(|cell| model.text.term(*cell)).collect();
        let net: f64 = terms.iter().sum();
        let gross: f64 = terms.iter().map(|term| term.abs()).sum();
        let is_cancelling = net.abs() <= CANCELLING * gross;
        let per_unit = model.line.slope + if is_cancelling { 0.0 } else { from_trees / net };
        found.extend(row.iter().zip(&terms).map(|((column, _), term)| Contribution {
            source: ContributionSource::Ngram(self.vocabulary.buckets[*column as usize]),
            logit: per_unit * term,
        }));
        if is_cancelling {
            found.push(Contribution { source: ContributionSource::Text, logit: from_trees });
        }
    }
}
