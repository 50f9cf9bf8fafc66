//! Verdicts that look wrong, by confident learning (Northcutt, Jiang and Chuang, JAIR 70, 2021): which given labels contradict what a
//! model that never saw them is confident of, how many such there are, and in which order to look again.
//!
//! Two classes. The thresholds are each class' mean self-confidence; a row counts as truly of a class if its probability reaches the
//! threshold (of two, the likelier); the counts by given and true class, scaled to the given classes, are the confident joint.

use serde::Serialize;

use crate::units::{Probability, Verdict};

/// How far below a threshold still reaches it, as in cleanlab.
const SLACK: f64 = 1e-6;

/// A verdict beside what the model says of its row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GivenLabel {
    /// The verdict given.
    pub given: Verdict,
    /// P(violating), calibrated, from a model that saw neither the row nor its group.
    pub p: Probability,
}

/// What confident learning makes of a label's verdicts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelErrors {
    /// Mean probability of the given class where violating and where compliant was given.
    pub thresholds: ByClass<f64>,
    /// Rows by given and confidently true class, unscaled; at least one on the diagonal.
    pub confident_joint: ByClass<ByClass<u64>>,
    /// The same scaled to all rows of each given class, rounded.
    pub calibrated_joint: ByClass<ByClass<u64>>,
    /// Estimated shares of wrong verdicts.
    pub noise: Noise,
    /// All rows, the likeliest errors first.
    pub candidates: Vec<Candidate>,
}

/// One value for each class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ByClass<T> {
    /// Of violating.
    pub violating: T,
    /// Of compliant.
    pub compliant: T,
}

/// Estimated shares of wrong verdicts, from the calibrated joint.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Noise {
    /// Rows.
    pub n: u64,
    /// Of all verdicts.
    pub overall: f64,
    /// Of verdicts *violating*: P(true ≠ given | given).
    pub of_violating: f64,
    /// Of verdicts *compliant*.
    pub of_compliant: f64,
}

/// One row, for another look.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Candidate {
    /// The row, an index into the input.
    pub row: usize,
    /// The verdict given.
    pub given: Verdict,
    /// P(violating).
    pub p: f64,
    /// Self-confidence: the probability of the given class, low where it looks wrong. With two classes the normalised margin,
    /// (p_given − p_other + 1) ÷ 2, is the same number.
    pub score: f64,
    /// Whether the row is confidently of the other class, and likelier so than not: an issue by confident learning.
    pub confident: bool,
}

/// Ranks `rows` by self-confidence, ties by their place; `None` unless both verdicts occur.
#[must_use]
pub fn label_errors(rows: &[GivenLabel]) -> Option<LabelErrors> {
    let mean = |class: Verdict| {
        let own: Vec<f64> = rows.iter().filter(|row| row.given == class).map(|row| row.of(class)).collect();
        (!own.is_empty()).then(|| (own.iter().sum::<f64>() / own.len() as f64, own.len() as u64))
    };
    let ((violating, n_violating), (compliant, n_compliant)) = (mean(Verdict::Violating)?, mean(Verdict::Compliant)?);
    let thresholds = ByClass { violating, compliant };
    let mut joint = ByClass::<ByClass<u64>>::default();
    let mut candidates: Vec<Candidate> = Vec::with_capacity(rows.len());
    for (row, given) in rows.iter().enumerate() {
        let guess = given.confident_class(&thresholds);
        if let Some(guess) = guess {
            *joint.of_mut(given.given).of_mut(guess) += 1;
        }
        let confident = guess.is_some_and(|guess| guess != given.given) && given.is_likelier_wrong();
        candidates.push(Candidate { row, given: given.given, p: given.p.get(), score: given.of(given.given), confident });
    }
    joint.violating.violating = joint.violating.violating.max(1);
    joint.compliant.compliant = joint.compliant.compliant.max(1);
    candidates.sort_by(|a, b| a.score.total_cmp(&b.score).then(a.row.cmp(&b.row)));
    let calibrated_joint = calibrated(&joint, ByClass { violating: n_violating, compliant: n_compliant });
    let (wrong_violating, wrong_compliant) = (calibrated_joint.violating.compliant, calibrated_joint.compliant.violating);
    let n = n_violating + n_compliant;
    let noise = Noise {
        n,
        overall: (wrong_violating + wrong_compliant) as f64 / n as f64,
        of_violating: wrong_violating as f64 / n_violating as f64,
        of_compliant: wrong_compliant as f64 / n_compliant as f64,
    };
    Some(LabelErrors { thresholds, confident_joint: joint, calibrated_joint, noise, candidates })
}

impl GivenLabel {
    /// The probability of `class`.
    fn of(&self, class: Verdict) -> f64 {
        match class {
            Verdict::Violating => self.p.get(),
            Verdict::Compliant => 1.0 - self.p.get(),
        }
    }

    /// The class whose threshold is reached; of two, the likelier, and compliant at one half.
    fn confident_class(&self, thresholds: &ByClass<f64>) -> Option<Verdict> {
        let violating = self.of(Verdict::Violating) >= thresholds.violating - SLACK;
        let compliant = self.of(Verdict::Compliant) >= thresholds.compliant - SLACK;
        match (violating, compliant) {
            (true, true) if self.of(Verdict::Violating) > self.of(Verdict::Compliant) => Some(Verdict::Violating),
            (true, false) => Some(Verdict::Violating),
            (_, true) => Some(Verdict::Compliant),
            (false, false) => None,
        }
    }

    /// Whether the other class is likelier, and by more than rounding.
    fn is_likelier_wrong(&self) -> bool {
        let (violating, compliant) = (self.of(Verdict::Violating), self.of(Verdict::Compliant));
        match self.given {
            Verdict::Violating => violating + SLACK <= compliant,
            Verdict::Compliant => violating > compliant + SLACK,
        }
    }
}

impl<T> ByClass<T> {
    fn of_mut(&mut self, class: Verdict) -> &mut T {
        match class {
            Verdict::Violating => &mut self.violating,
            Verdict::Compliant => &mut self.compliant,
        }
    }
}

/// The joint with each given class scaled to its number of rows, rounded so that the class keeps that number.
fn calibrated(joint: &ByClass<ByClass<u64>>, given: ByClass<u64>) -> ByClass<ByClass<u64>> {
    let scaled = |row: &ByClass<u64>, n: u64| {
        let all = (row.violating + row.compliant) as f64;
        // Of two parts that sum to a whole number, rounding one settles the other; at one half the even number for the compliant part.
        let compliant = (row.compliant as f64 / all * n as f64).round_ties_even() as u64;
        ByClass { violating: n - compliant.min(n), compliant: compliant.min(n) }
    };
    ByClass { violating: scaled(&joint.violating, given.violating), compliant: scaled(&joint.compliant, given.compliant) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::feedback::fixtures::noise;
    use crate::units::Verdict::{Compliant, Violating};

    fn given(violating: bool, p: f64) -> GivenLabel {
        GivenLabel { given: if violating { Violating } else { Compliant }, p: Probability::new(p).unwrap() }
    }

    /// A joint as cleanlab prints it: given by row, true by column, compliant first.
    fn joint(of: &ByClass<ByClass<u64>>) -> [[u64; 2]; 2] {
        [of.compliant, of.violating].map(|row| [row.compliant, row.violating])
    }

    /// The confident rows, by rank.
    fn confident(found: &LabelErrors) -> Vec<usize> {
        found.candidates.iter().filter(|c| c.confident).map(|c| c.row).collect()
    }

    // Fixtures: cleanlab 2.9.0, `get_confident_thresholds`, `compute_confident_joint` (not calibrated, calibrated) and
    // `find_label_issues(filter_by="confident_learning", return_indices_ranked_by="self_confidence")`.

    #[test]
    fn a_few_rows_agree_with_cleanlab() {
        let violating = [0.9, 0.8, 0.7, 0.05, 0.55, 0.3].map(|p| given(true, p));
        let compliant = [0.1, 0.2, 0.05, 0.15, 0.95, 0.6, 0.45, 0.02].map(|p| given(false, p));
        let found = label_errors(&[&violating[..], &compliant].concat()).unwrap();
        // By hand: sums 3.3 of six and 5.48 of eight.
        assert!((found.thresholds.violating - 0.55).abs() < 1e-12 && (found.thresholds.compliant - 0.685).abs() < 1e-12);
        assert_eq!(joint(&found.confident_joint), [[5, 2], [2, 4]]);
        assert_eq!(joint(&found.calibrated_joint), [[6, 2], [2, 4]]);
        assert_eq!(confident(&found), [3, 10, 5, 11]);
        assert_eq!(found.noise, Noise { n: 14, overall: 4.0 / 14.0, of_violating: 2.0 / 6.0, of_compliant: 0.25 });
    }

    #[test]
    fn a_row_below_its_own_threshold_alone_is_no_issue() {
        let rows = [given(true, 0.9), given(true, 0.4), given(false, 0.4), given(false, 0.4), given(false, 0.4)];
        let found = label_errors(&rows).unwrap();
        assert_eq!((joint(&found.confident_joint), confident(&found)), ([[3, 0], [1, 1]], vec![1]));
    }

    #[test]
    fn four_hundred_rows_agree_with_cleanlab() {
        let seed = &mut 11;
        let rows: Vec<GivenLabel> = (0..400)
            .map(|_| {
                let violating = noise(seed) < 0.25;
                let (a, b) = (noise(seed), noise(seed));
                let p = if violating { 1.0 - a * a * 0.9 } else { a * a * 0.9 };
                given(if b < 0.08 { !violating } else { violating }, p)
            })
            .collect();
        let found = label_errors(&rows).unwrap();
        let thresholds = [found.thresholds.compliant, found.thresholds.violating];
        assert!((thresholds[0] - 0.677_052_006_054_985_2).abs() < 1e-12, "{thresholds:?}");
        assert!((thresholds[1] - 0.597_522_285_345_643_3).abs() < 1e-12, "{thresholds:?}");
        assert_eq!(joint(&found.confident_joint), [[156, 57], [25, 65]]);
        assert_eq!(joint(&found.calibrated_joint), [[207, 75], [33, 85]]);
        let ranked = [
            224, 273, 290, 164, 141, 114, 371, 380, 257, 248, 23, 113, 235, 200, 244, 191, 112, 57, 119, 254, 187, 39, 207, 395,
            4, 149, 304, 29, 229, 13, 341, 217, 30, 99, 315, 179, 153, 330, 262, 301, 98, 384, 84, 78, 111, 8, 54, 378, 167, 160,
            333, 73, 67, 82, 318, 204, 138, 396, 201, 44, 307, 197, 37, 231, 24, 126, 68, 69, 150, 137, 15, 249, 397, 300, 176,
            145, 18, 347, 133, 40, 70, 258,
        ];
        assert_eq!(confident(&found), ranked);
    }

    #[test]
    fn one_class_has_no_errors_to_find() {
        assert_eq!(label_errors(&[given(true, 0.1); 3]), None);
        assert_eq!(label_errors(&[]), None);
    }

    proptest! {
        #[test]
        fn every_row_is_ranked_once_and_classes_keep_their_size(
            rows in prop::collection::vec((any::<bool>(), 0.0..=1.0_f64), 2..60),
        ) {
            let rows: Vec<GivenLabel> = rows.into_iter().map(|(v, p)| given(v, p)).collect();
            let violating = rows.iter().filter(|r| r.given == Violating).count() as u64;
            if let Some(found) = label_errors(&rows) {
                let mut places: Vec<usize> = found.candidates.iter().map(|c| c.row).collect();
                prop_assert!(found.candidates.windows(2).all(|two| two[0].score <= two[1].score));
                places.sort_unstable();
                prop_assert_eq!(places, (0..rows.len()).collect::<Vec<_>>());
                let row = found.calibrated_joint.violating;
                prop_assert_eq!(row.violating + row.compliant, violating);
                prop_assert!((0.0..=1.0).contains(&found.noise.overall));
            }
        }
    }
}
