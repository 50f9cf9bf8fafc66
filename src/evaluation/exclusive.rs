//! One class a row where labels exclude each other: a review is no spam, fake, about the brand alone, or no review.
//!
//! Input: a probability per class and row. Output: the class whose probability times its factor is largest. With factors of 1
//! that is the likeliest class, which maximises accuracy; macro-F1 counts a rare class as much as a common one and wants larger
//! factors for it. They are searched on rows that nothing was fitted on (out-of-fold probabilities), never on the rows that the
//! result is reported for. Deliberately not here: where the probabilities come from.

/// Factors by which the classes' probabilities are compared.
#[derive(Debug, Clone, PartialEq)]
pub struct ExclusiveRule {
    factors: Vec<f64>,
}

/// A factor is 2^(k / STEPS), for k from -REACH to REACH.
const STEPS: f64 = 4.0;
const REACH: i32 = 16;

/// Passes over the classes at most.
const MAX_SWEEPS: usize = 8;

impl ExclusiveRule {
    /// The likeliest class.
    #[must_use]
    pub fn likeliest(n_classes: usize) -> Self {
        Self { factors: vec![1.0; n_classes] }
    }

    /// Searches factors of high macro-F1 class by class (coordinate ascent from the likeliest class), until none gains. The first
    /// class keeps the factor 1. `probability` is row after row, one number a class; `truth` the class of each row.
    #[must_use]
    pub fn fit(probability: &[f64], truth: &[usize], n_classes: usize) -> Self {
        let mut rule = Self::likeliest(n_classes);
        let score = |rule: &Self| macro_f1_of_classes(&rule.classify(probability), truth, n_classes).unwrap_or(0.0);
        let mut best = score(&rule);
        for _ in 0..MAX_SWEEPS {
            let before = best;
            for class in 1..n_classes {
                for k in -REACH..=REACH {
                    let mut trial = rule.clone();
                    trial.factors[class] = libm::exp2(f64::from(k) / STEPS);
                    let found = score(&trial);
                    if found > best {
                        (rule, best) = (trial, found);
                    }
                }
            }
            if best <= before {
                break;
            }
        }
        rule
    }

    /// The rule with these factors; `None` unless there are any and all are above zero and finite.
    #[must_use]
    pub fn with(factors: &[f64]) -> Option<Self> {
        let is_usable = !factors.is_empty() && factors.iter().all(|factor| factor.is_finite() && *factor > 0.0);
        is_usable.then(|| Self { factors: factors.to_vec() })
    }

    /// The factors, class by class.
    #[must_use]
    pub fn factors(&self) -> &[f64] {
        &self.factors
    }

    /// The class of each row; of equals the first.
    #[must_use]
    pub fn classify(&self, probability: &[f64]) -> Vec<usize> {
        let of_row = |row: &[f64]| {
            let mut best = (0, f64::NEG_INFINITY);
            for (class, (p, factor)) in row.iter().zip(&self.factors).enumerate() {
                if p * factor > best.1 {
                    best = (class, p * factor);
                }
            }
            best.0
        };
        probability.chunks_exact(self.factors.len().max(1)).map(of_row).collect()
    }
}

/// The mean over classes of 2 TP / (2 TP + FP + FN) (scikit-learn's `f1_score(average="macro")`). `None` without rows, or when a
/// class is neither true nor predicted anywhere.
#[must_use]
pub fn macro_f1_of_classes(predicted: &[usize], truth: &[usize], n_classes: usize) -> Option<f64> {
    let (mut hits, mut wrong) = (vec![0_u64; n_classes], vec![0_u64; n_classes]);
    for (p, t) in predicted.iter().zip(truth) {
        if p == t {
            *hits.get_mut(*p)? += 1;
        } else {
            *wrong.get_mut(*p)? += 1;
            *wrong.get_mut(*t)? += 1;
        }
    }
    let of_class = |class: usize| {
        let total = 2 * hits[class] + wrong[class];
        (total > 0).then(|| 2.0 * hits[class] as f64 / total as f64)
    };
    let sum: f64 = (0..n_classes).map(of_class).sum::<Option<f64>>()?;
    (n_classes > 0).then(|| sum / n_classes as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macro_f1_by_hand() {
        // Class 0: TP 2, FP 1, FN 0: 4/5. Class 1: TP 1, FP 0, FN 1: 2/3. Class 2: TP 1: 1.
        let found = macro_f1_of_classes(&[0, 0, 0, 1, 2], &[0, 0, 1, 1, 2], 3);
        assert_eq!(found, Some((4.0 / 5.0 + 2.0 / 3.0 + 1.0) / 3.0));
        // Class 0: TP 2, FP 2, FN 0: 4/6. Class 1: as before. Class 2: never found: 0.
        let missed = macro_f1_of_classes(&[0, 0, 0, 1, 0], &[0, 0, 1, 1, 2], 3).unwrap();
        assert!((missed - (4.0 / 6.0 + 2.0 / 3.0) / 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_class_that_is_nowhere_makes_it_undefined() {
        assert_eq!(macro_f1_of_classes(&[0, 1], &[0, 1], 3), None);
        assert_eq!(macro_f1_of_classes(&[], &[], 0), None);
        assert_eq!(macro_f1_of_classes(&[5], &[0], 2), None);
    }

    #[test]
    fn a_rare_class_is_given_a_larger_factor() {
        // The rare class never reaches one half, but its rows stand out.
        let rows: Vec<([f64; 2], usize)> = (0..100).map(|i| if i < 5 { ([0.7, 0.3], 1) } else { ([0.9, 0.1], 0) }).collect();
        let probability: Vec<f64> = rows.iter().flat_map(|(p, _)| *p).collect();
        let truth: Vec<usize> = rows.iter().map(|(_, t)| *t).collect();
        assert!(!ExclusiveRule::likeliest(2).classify(&probability).contains(&1));
        let rule = ExclusiveRule::fit(&probability, &truth, 2);
        assert_eq!(rule.classify(&probability), truth);
        assert_eq!(rule.factors()[0], 1.0);
        assert!(rule.factors()[1] > 0.7 / 0.3 && rule.factors()[1] < 9.0);
    }

    #[test]
    fn only_positive_factors_make_a_rule() {
        assert_eq!(ExclusiveRule::with(&[1.0, 2.0]).unwrap().classify(&[0.6, 0.4]), [1]);
        assert!([&[][..], &[1.0, 0.0], &[f64::NAN], &[f64::INFINITY]].iter().all(|bad| ExclusiveRule::with(bad).is_none()));
    }

    #[test]
    fn of_equal_classes_the_first_is_taken() {
        assert_eq!(ExclusiveRule::likeliest(3).classify(&[0.4, 0.4, 0.2]), [0]);
    }
}
