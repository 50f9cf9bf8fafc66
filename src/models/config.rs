//! How models are fitted. The defaults stand in `config/default.toml`; here are only the types and their ranges.

use super::ModelError;

/// Everything that decides how a model is fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelConfig {
    /// Number of folds, 3 to 20. Whole groups fall into one fold.
    pub folds: usize,
    /// Days between the last row that trains and the first row that calibrates, for timed sets.
    pub gap_days: i32,
    /// A label with fewer positives gets no model.
    pub min_positives: u64,
    /// A label with fewer negatives gets no model.
    pub min_negatives: u64,
    /// Seed of the assignment of groups to folds.
    pub seed: u64,
    /// Whether reviewed rows are weighted by how much of the population they stand for.
    pub sampling: SamplingMode,
    /// The text model.
    pub text: TextConfig,
    /// The trees.
    pub trees: TreesConfig,
    /// How raw scores become probabilities.
    pub calibration: CalibrationMethod,
    /// Which markets may have their own correction.
    pub markets: MarketLimits,
    /// How much the peers that are only reported may cost.
    pub candidates: CandidatesConfig,
    /// What a feature alone may be able to do.
    pub leak: LeakConfig,
}

/// When a feature alone is too good to be true.
#[derive(Debug, Clone, PartialEq)]
pub struct LeakConfig {
    /// A feature is refused where the lower end of its ROC AUC's interval is above this, ½ to 1; 1 refuses none.
    pub max_auc: f64,
    /// Features that are never refused.
    pub allow: Vec<String>,
}

/// Whether reviewed rows are weighted by how much of the population they stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SamplingMode {
    /// Each row counts the same.
    None,
    /// Calibrators only.
    Calibration,
    /// Text models, trees and calibrators.
    InverseInclusion,
}

/// What a market needs for a correction of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarketLimits {
    /// Calibration rows of a label in the market; 0 for no corrections at all.
    pub min_rows: u64,
    /// Calibration rows of each class.
    pub min_of_each: u64,
}

/// Peers that are judged beside the model and never kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CandidatesConfig {
    /// Rows of a fold that the logistic regression learns from at most; 0 leaves it out.
    pub logistic_rows: usize,
    /// Rows of a fold that the random forest learns from at most; 0 leaves it out.
    pub forest_rows: usize,
    /// Trees of the forest, 1 to 1000.
    pub forest_trees: usize,
}

/// How the text model is fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct TextConfig {
    /// Inverse of the L2 penalty: the objective is C · Σ w·loss + ½‖w‖². Above 0.
    pub c: f64,
    /// Keep this many n-grams of largest |weight| per label; 0 keeps all.
    pub max_ngrams: usize,
    /// Leave out n-grams that stand in fewer documents. At least 1.
    pub min_documents: u32,
    /// Stop when the gradient is this much smaller than at zero weights.
    pub tolerance: f64,
    /// Stop after this many iterations at the latest.
    pub max_iterations: usize,
    /// How rows are scaled to unit length.
    pub blocks: TextBlocks,
    /// How much each n-gram may say.
    pub weighting: TextWeighting,
}

/// How much each n-gram may say before a label's verdicts are learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextWeighting {
    /// For each label whichever has the lower loss on other folds.
    Auto,
    /// By its inverse document frequency.
    Idf,
    /// By that and by the label's naive-Bayes log ratio.
    NaiveBayes,
}

/// Which n-grams of a row are scaled to unit length together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextBlocks {
    /// All n-grams together.
    Joint,
    /// Words (lower half of the buckets) and characters (upper half) each on their own.
    Halves,
}

/// How the trees are grown.
#[derive(Debug, Clone, PartialEq)]
pub struct TreesConfig {
    /// Number of trees at most. 0 leaves the text model alone.
    pub rounds: usize,
    /// Splits from root to leaf, 1 to 10.
    pub depth: usize,
    /// Share of each tree's step that is taken, in (0, 1].
    pub learning_rate: f64,
    /// L2 penalty on leaf values, at least 0.
    pub l2: f64,
    /// Least sum of second derivatives in a leaf of its own, at least 0.
    pub min_child_weight: f64,
    /// Bins per feature, missing among them: 3 to 255.
    pub max_bins: usize,
    /// Stop when the held-out loss has not fallen for this many rounds. At least 1.
    pub early_stopping_rounds: usize,
    /// Share of the rows on which a tree's questions are chosen, in (0, 1].
    pub row_share: f64,
    /// Share of the features that a tree may ask about, in (0, 1].
    pub column_share: f64,
    /// Seed of the draws of rows and features.
    pub seed: u64,
}

/// How raw scores become probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalibrationMethod {
    /// The best by cross-validated log loss, the simpler where the gain is small; isotonic from 1,000 rows, beta from 300.
    Auto,
    /// A sigmoid.
    Platt,
    /// A sigmoid with two slopes.
    Beta,
    /// An increasing curve.
    Isotonic,
}

impl ModelConfig {
    /// Checks every range.
    ///
    /// # Errors
    /// Names the first key that is out of range.
    pub fn check(&self) -> Result<(), ModelError> {
        let text = &self.text;
        let rules = [
            ("folds", (3..=20).contains(&self.folds), "3 to 20"),
            ("gap_days", self.gap_days >= 0, "0 or more"),
            ("text.c", text.c > 0.0 && text.c.is_finite(), "a number above 0"),
            ("text.min_documents", text.min_documents >= 1, "1 or more"),
            ("text.tolerance", text.tolerance > 0.0 && text.tolerance < 1.0, "a number between 0 and 1"),
            ("text.max_iterations", text.max_iterations >= 1, "1 or more"),
            ("leak.max_auc", (0.5..=1.0).contains(&self.leak.max_auc), "0.5 to 1"),
            ("candidates.forest_trees", (1..=1000).contains(&self.candidates.forest_trees), "1 to 1000"),
        ];
        first_broken(&rules)?;
        self.trees.check()
    }
}

impl TreesConfig {
    /// Checks every range.
    ///
    /// # Errors
    /// Names the first key that is out of range.
    pub fn check(&self) -> Result<(), ModelError> {
        first_broken(&[
            ("trees.rounds", self.rounds <= 10_000, "0 to 10000"),
            ("trees.depth", (1..=10).contains(&self.depth), "1 to 10"),
            ("trees.learning_rate", self.learning_rate > 0.0 && self.learning_rate <= 1.0, "above 0, at most 1"),
            ("trees.l2", self.l2 >= 0.0 && self.l2.is_finite(), "0 or more"),
            ("trees.min_child_weight", self.min_child_weight >= 0.0 && self.min_child_weight.is_finite(), "0 or more"),
            ("trees.max_bins", (3..=255).contains(&self.max_bins), "3 to 255"),
            ("trees.early_stopping_rounds", self.early_stopping_rounds >= 1, "1 or more"),
            ("trees.row_share", self.row_share > 0.0 && self.row_share <= 1.0, "above 0, at most 1"),
            ("trees.column_share", self.column_share > 0.0 && self.column_share <= 1.0, "above 0, at most 1"),
        ])
    }
}

fn first_broken(rules: &[(&'static str, bool, &'static str)]) -> Result<(), ModelError> {
    match rules.iter().find(|(_, holds, _)| !holds) {
        Some((key, _, expected)) => Err(ModelError::Config { key, expected }),
        None => Ok(()),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A small, quick configuration for tests.
    pub(in crate::models) fn quick() -> ModelConfig {
        ModelConfig {
            folds: 3,
            gap_days: 1,
            min_positives: 20,
            min_negatives: 20,
            seed: 7,
            sampling: SamplingMode::None,
            text: TextConfig {
                c: 3.0,
                max_ngrams: 0,
                min_documents: 1,
                tolerance: 1e-3,
                max_iterations: 100,
                blocks: TextBlocks::Joint,
                weighting: TextWeighting::Auto,
            },
            trees: TreesConfig {
                rounds: 20,
                depth: 3,
                learning_rate: 0.2,
                l2: 1.0,
                min_child_weight: 1.0,
                max_bins: 32,
                early_stopping_rounds: 5,
                row_share: 1.0,
                column_share: 1.0,
                seed: 7,
            },
            calibration: CalibrationMethod::Auto,
            markets: MarketLimits { min_rows: 200, min_of_each: 30 },
            candidates: CandidatesConfig { logistic_rows: 1000, forest_rows: 200, forest_trees: 10 },
            leak: LeakConfig { max_auc: 0.95, allow: Vec::new() },
        }
    }

    #[test]
    fn a_key_out_of_range_is_named() {
        assert_eq!(quick().check(), Ok(()));
        let mut config = quick();
        config.trees.learning_rate = f64::NAN;
        assert!(matches!(config.check(), Err(ModelError::Config { key: "trees.learning_rate", .. })));
    }
}
