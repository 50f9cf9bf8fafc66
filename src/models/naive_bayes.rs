//! Naive-Bayes weights of n-grams for one label: what stands in violating rows as often as in others gets little to say.
//!
//! Wang and Manning ("Baselines and Bigrams", ACL 2012) multiply each n-gram by r = ln((p/‖p‖₁) / (q/‖q‖₁)), p = 1 + violating rows
//! with the n-gram, q = 1 + others, before a linear classifier. With an L2 penalty the sign makes no difference; here it is √|r|,
//! which was better on real data than |r|, scaled so that rows keep their mean length and the penalty its meaning.

use super::design::Design;
use super::logistic::Regression;

/// One factor for each column of the design, from the rows that the regression sees.
pub(super) fn factors(design: &Design, rows: &[u32], regression: &Regression) -> Vec<f64> {
    // By class: violating, others.
    let mut counts = vec![[1.0_f64; 2]; design.n_columns];
    let seen = || rows.iter().zip(&regression.positive).zip(&regression.weight).filter(|(_, weight)| **weight > 0.0);
    for ((row, positive), weight) in seen() {
        for column in design.row(*row).0 {
            counts[*column as usize][usize::from(!*positive)] += weight;
        }
    }
    let mut totals = [0.0_f64; 2];
    for [p, q] in &counts {
        totals[0] += p;
        totals[1] += q;
    }
    let mut factors: Vec<f64> = counts.iter().map(|[p, q]| libm::log((p / totals[0]) / (q / totals[1])).abs().sqrt()).collect();
    let (mut before, mut after) = (0.0, 0.0);
    for ((row, _), weight) in seen() {
        let (columns, values) = design.row(*row);
        for (column, value) in columns.iter().zip(values) {
            let square = weight * f64::from(*value) * f64::from(*value);
            let factor = factors[*column as usize];
            before += square;
            after += square * factor * factor;
        }
    }
    // Where no n-gram tells anything, all count the same.
    let scale = if after > 0.0 { (before / after).sqrt() } else { 0.0 };
    factors.iter_mut().for_each(|factor| *factor = if scale > 0.0 { *factor * scale } else { 1.0 });
    factors
}

#[cfg(test)]
mod tests {
    use super::super::design::Vocabulary;
    use super::super::{TextBlocks, TextWeighting};
    use super::*;
    use crate::text::SparseRows;

    fn factors_of(weight: [f64; 5], positive: [bool; 5]) -> Vec<f64> {
        let mut texts = SparseRows::new(8);
        [1, 1, 2, 1, 2].iter().for_each(|bucket| texts.push_row(&[(*bucket, 1.0)]));
        let design = Design::new(&Vocabulary::learn(&texts, 1, TextBlocks::Joint), &texts);
        let (positive, weight) = (positive.to_vec(), weight.to_vec());
        let regression = Regression { positive, weight, weighting: TextWeighting::NaiveBayes, start: None };
        factors(&design, &[0, 1, 2, 3, 4], &regression)
    }

    #[test]
    fn factors_by_hand() {
        // The first n-gram stands in two violating rows and one other, the second in one other; the last row has no weight. So r is
        // ln((3 / 4) / (2 / 4)) and ln((1 / 4) / (2 / 4)), and the mean square over the four rows is 1.
        let found = factors_of([1.0, 1.0, 1.0, 1.0, 0.0], [true, true, false, false, true]);
        assert!((found[0] - 0.921_599_168_880).abs() < 1e-9 && (found[1] - 1.204_975_068_521).abs() < 1e-9, "{found:?}");
        assert!((3.0 * found[0] * found[0] + found[1] * found[1] - 4.0).abs() < 1e-9);
    }

    #[test]
    fn where_nothing_tells_all_count_the_same() {
        assert_eq!(factors_of([1.0, 0.0, 0.0, 1.0, 0.0], [true, false, false, false, true]), [1.0, 1.0]);
    }
}
