//! Categories as numbers: the share of positives among the rows of a category.
//!
//! A row that trains must not meet its own verdict in its feature. So the rows are put in a random order, and each gets the share
//! among the rows of its category that stand before it, shrunk to the share among all before it (ordered target statistics:
//! Prokhorenkova and others, "CatBoost: unbiased boosting with categorical features", 2018, section 3.2):
//! (Σ w y + a p) / (Σ w + a). Rows that are scored get the same formula over all training rows.

use super::derivatives::counter_hash;

/// The code of a missing category.
pub const MISSING_CATEGORY: u32 = u32::MAX;

/// Keeps the order of rows apart from other draws of the same seed.
const ORDER_STREAM: u64 = 0x6F72_6465_7221;

/// What each category's rows were like.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CategoryTable {
    /// Weight of the positives and of all rows, by code.
    sums: Vec<[f64; 2]>,
    total: [f64; 2],
    strength: f64,
}

/// Before any row there are half a positive and half a negative.
const PRIOR: [f64; 2] = [0.5, 1.0];

impl CategoryTable {
    /// The table of all rows, and each row's value from the rows before it in a random order of this seed. `strength` above 0.
    /// One verdict and weight a code.
    pub(super) fn fit(codes: &[u32], positive: &[bool], weight: &[f64], (strength, seed): (f64, u64)) -> (Self, Vec<f32>) {
        let n_codes = codes.iter().filter(|code| **code != MISSING_CATEGORY).max().map_or(0, |code| *code as usize + 1);
        let mut table = Self { sums: vec![[0.0; 2]; n_codes], total: PRIOR, strength };
        let mut order: Vec<usize> = (0..codes.len()).collect();
        order.sort_by_key(|row| (counter_hash(seed, ORDER_STREAM, *row as u64), *row));
        let mut values = vec![f32::NAN; codes.len()];
        for row in order {
            values[row] = table.value(codes[row]);
            let hit = if positive[row] { weight[row] } else { 0.0 };
            let of_code = table.sums.get_mut(codes[row] as usize);
            for sum in of_code.into_iter().chain([&mut table.total]) {
                sum[0] += hit;
                sum[1] += weight[row];
            }
        }
        (table, values)
    }

    /// The value of a category: NaN for a missing one, the prior for one never seen.
    pub(super) fn value(&self, code: u32) -> f32 {
        if code == MISSING_CATEGORY {
            return f32::NAN;
        }
        let prior = self.total[0] / self.total[1];
        let [hits, rows] = self.sums.get(code as usize).copied().unwrap_or_default();
        ((hits + self.strength * prior) / (rows + self.strength)) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_by_hand() {
        let (table, _) = CategoryTable::fit(&[0, 0, 1], &[true, false, true], &[1.0, 1.0, 2.0], (2.0, 1));
        // All rows: weight 4, of which 3 positive, with the prior's half and one: p = 3.5 / 5.
        let p = 0.7;
        assert!((f64::from(table.value(0)) - (1.0 + 2.0 * p) / 4.0).abs() < 1e-6);
        assert!((f64::from(table.value(1)) - (2.0 + 2.0 * p) / 4.0).abs() < 1e-6);
        assert!((f64::from(table.value(9)) - p).abs() < 1e-6);
        assert!(table.value(MISSING_CATEGORY).is_nan());
    }

    #[test]
    fn the_first_row_knows_nothing_and_the_second_the_first() {
        let (_, values) = CategoryTable::fit(&[0, 0], &[true, true], &[1.0; 2], (1.0, 5));
        let mut sorted = values.clone();
        sorted.sort_by(f32::total_cmp);
        // First: the prior 1/2. Second: prior 1.5 / 2, so (1 + 0.75) / 2.
        assert_eq!(sorted, [0.5, 0.875]);
    }

    #[test]
    fn a_rows_own_verdict_is_no_part_of_its_value() {
        let codes: Vec<u32> = (0..50).map(|i| i % 4).collect();
        let mut positive: Vec<bool> = (0..50).map(|i| i % 3 == 0).collect();
        let (_, before) = CategoryTable::fit(&codes, &positive, &[1.0; 50], (2.0, 3));
        for row in 0..50 {
            positive[row] = !positive[row];
            let (_, after) = CategoryTable::fit(&codes, &positive, &[1.0; 50], (2.0, 3));
            assert_eq!(before[row], after[row]);
            positive[row] = !positive[row];
        }
    }

    #[test]
    fn a_category_for_every_row_tells_nothing() {
        // Read greedily, the share among a row's own category would be its own verdict.
        let codes: Vec<u32> = (0..2000).collect();
        let positive: Vec<bool> = (0..2000).map(|i| i % 2 == 0).collect();
        let (_, values) = CategoryTable::fit(&codes, &positive, &[1.0; 2000], (1.0, 3));
        let mean = |class: bool| {
            let of_class = values.iter().zip(&positive).filter(|(_, y)| **y == class);
            of_class.map(|(v, _)| f64::from(*v)).sum::<f64>() / 1000.0
        };
        assert!((mean(true) - mean(false)).abs() < 0.01);
    }
}
