//! Which of many p-values to believe: false-discovery control by the step-up procedures of Benjamini and Hochberg (1995), and of
//! Benjamini and Yekutieli (2001) where nothing is known of how the tests depend on each other.

/// How the tests may depend on each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FalseDiscoveryControl {
    /// Independent or positively dependent tests.
    BenjaminiHochberg,
    /// Any dependence; stricter by a factor of Σ 1/i.
    BenjaminiYekutieli,
}

impl FalseDiscoveryControl {
    /// The adjusted p-values, in the order of `p`: believing all that are at most q keeps the expected share of false ones at or
    /// below q. qᵢ = min over j with p₍ⱼ₎ ≥ pᵢ of p₍ⱼ₎ m ÷ j, at most 1.
    #[must_use]
    pub fn adjust(self, p: &[f64]) -> Vec<f64> {
        let factor = match self {
            Self::BenjaminiHochberg => 1.0,
            Self::BenjaminiYekutieli => (1..=p.len()).map(|i| 1.0 / i as f64).sum(),
        };
        let mut order: Vec<usize> = (0..p.len()).collect();
        order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
        let mut adjusted = vec![1.0; p.len()];
        let mut least: f64 = 1.0;
        for (rank, at) in order.iter().enumerate().rev() {
            least = least.min(p[*at] * factor * p.len() as f64 / (rank + 1) as f64);
            adjusted[*at] = least;
        }
        adjusted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy 1.17.1: `stats.false_discovery_control(p, method="bh")` and `"by"`.
    #[test]
    fn agrees_with_scipy() {
        let p = [0.01, 0.03, 0.5, 0.005, 0.03, 0.9, 0.2, 0.0001];
        let bh = [0.026_666_666_666_666_665, 0.048, 0.571_428_571_428_571_4, 0.02, 0.048, 0.9, 0.266_666_666_666_666_66, 0.0008];
        let by = [
            0.072_476_190_476_190_46,
            0.130_457_142_857_142_85,
            1.0,
            0.054_357_142_857_142_854,
            0.130_457_142_857_142_85,
            1.0,
            0.724_761_904_761_904_7,
            0.002_174_285_714_285_714,
        ];
        for (control, expect) in [(FalseDiscoveryControl::BenjaminiHochberg, bh), (FalseDiscoveryControl::BenjaminiYekutieli, by)]
        {
            let found = control.adjust(&p);
            assert!(found.iter().zip(expect).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}");
        }
    }

    #[test]
    fn nothing_tested_is_nothing_found() {
        assert!(FalseDiscoveryControl::BenjaminiHochberg.adjust(&[]).is_empty());
    }
}
