//! How label probabilities become quality and expected harm (`models` combines abuse, because its calibration is learned) (DESIGN.md §6).

use crate::units::Severity;

/// Quality: Π(1 − p)^w over (p, w). `None` without any.
#[must_use]
pub fn quality_product(weighted: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    product_of_complements(weighted)
}

fn product_of_complements(weighted: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    weighted.fold(None, |product, (p, w)| {
        let factor = if w == 1.0 { 1.0 - p } else { libm::pow(1.0 - p, w) };
        Some(product.unwrap_or(1.0) * factor)
    })
}

/// Expected harm: Σ p · w(severity) · forecast views. `None` when no label was scored or no view can be forecast.
#[must_use]
pub fn expected_harm(scored: impl Iterator<Item = (f64, Severity)>, views: Option<f64>) -> Option<f64> {
    let per_view = scored.fold(None, |sum, (p, severity)| Some(sum.unwrap_or(0.0) + p * severity.weight()));
    Some(per_view? * views?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hand_computed_combinations() {
        assert_eq!(quality_product([(0.5, 1.0), (0.75, 2.0)].into_iter()), Some(0.5 * 0.0625));
        assert_eq!(quality_product(std::iter::empty()), None);
        let severity = |n| Severity::new(n).unwrap();
        // 0.5 · 1 + 0.25 · 100 = 25.5 per view; 10 views.
        assert_eq!(expected_harm([(0.5, severity(1)), (0.25, severity(5))].into_iter(), Some(10.0)), Some(255.0));
        assert_eq!(expected_harm([(0.5, severity(1))].into_iter(), None), None);
        assert_eq!(expected_harm(std::iter::empty(), Some(10.0)), None);
    }
}
