//! A sum whose order changes nothing: what shards add up to is the same whatever their number.

/// Fixed point with 2⁻⁴⁰ as its unit. A term beyond ±2⁸⁰ counts as that, one that is no number as nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExactSum(i128);

const UNIT: f64 = (1_u64 << 40) as f64;

impl ExactSum {
    /// Adds `value`, rounded to the unit.
    pub fn add(&mut self, value: f64) {
        // The cast saturates, and NaN is 0.
        self.0 = self.0.saturating_add((value.clamp(-MOST, MOST) * UNIT) as i128);
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: Self) {
        self.0 = self.0.saturating_add(other.0);
    }

    /// The sum.
    #[must_use]
    pub fn value(self) -> f64 {
        self.0 as f64 / UNIT
    }
}

const MOST: f64 = (1_u128 << 80) as f64;

#[cfg(test)]
mod tests {
    use super::ExactSum;

    #[test]
    fn order_changes_no_bit() {
        let values: Vec<f64> = (0..1000).map(|i| f64::from((i * 7919) % 1000) * 0.1).collect();
        let sum = |values: &mut dyn Iterator<Item = &f64>| {
            let mut sum = ExactSum::default();
            values.for_each(|value| sum.add(*value));
            sum
        };
        let (forth, back) = (sum(&mut values.iter()), sum(&mut values.iter().rev()));
        assert_eq!(forth, back);
        assert!((forth.value() - 49_950.0).abs() < 1e-6);
        let mut odd = ExactSum::default();
        [f64::NAN, f64::INFINITY, -1e300].iter().for_each(|value| odd.add(*value));
        assert_eq!(odd.value(), 0.0);
    }
}
