//! A two-sided cumulative sum over nights: small lasting shifts that no single night shows.

/// When a cumulative sum is an alarm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CusumLimits {
    /// Standard deviations a night that are let pass: half the shift to be found.
    pub slack: f64,
    /// Standard deviations from which on it is an alarm.
    pub decision: f64,
    /// Nights before the sums begin, from which centre and spread are learned.
    pub min_periods: usize,
}

/// The larger of the two sums after the last night, negative for a fall (Page 1954). `None` where there are too few nights, or no spread.
///
/// Centre and spread are those of the first `min_periods` nights, which no later shift can hide in. Deviations are divided by the spread
/// widened by √(1 + 1/m), because the centre is an estimate, and cut at ±4: one odd night is no lasting shift.
#[must_use]
pub fn cusum(nights: &[f64], limits: &CusumLimits) -> Option<f64> {
    let (learned, watched) = nights.split_at_checked(limits.min_periods.max(2))?;
    let m = learned.len() as f64;
    let centre = learned.iter().sum::<f64>() / m;
    let variance = learned.iter().map(|value| (value - centre) * (value - centre)).sum::<f64>() / (m - 1.0);
    let spread = (variance * (1.0 + 1.0 / m)).sqrt();
    if spread <= 0.0 || !spread.is_finite() || watched.is_empty() {
        return None;
    }
    let (mut up, mut down) = (0.0_f64, 0.0_f64);
    for value in watched {
        let z = ((value - centre) / spread).clamp(-4.0, 4.0);
        up = (up + z - limits.slack).max(0.0);
        down = (down - z - limits.slack).max(0.0);
    }
    Some(if up >= down { up } else { -down })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: CusumLimits = CusumLimits { slack: 0.5, decision: 8.0, min_periods: 4 };

    /// By hand: centre 10, spread √(4/3 · 5/4) = 1.290994; each later 12 adds 1.549193 − 0.5.
    #[test]
    fn a_shift_adds_up() {
        let nights = [9.0, 11.0, 9.0, 11.0, 12.0, 12.0, 12.0];
        assert!((cusum(&nights, &LIMITS).unwrap() - 3.0 * 1.049_193_338).abs() < 1e-8);
        assert!((cusum(&[9.0, 11.0, 9.0, 11.0, 8.0], &LIMITS).unwrap() + 1.049_193_338).abs() < 1e-8);
    }

    #[test]
    fn one_odd_night_is_no_shift_and_too_few_say_nothing() {
        assert!(cusum(&[9.0, 11.0, 9.0, 11.0, 1e9], &LIMITS).unwrap() < LIMITS.decision);
        assert_eq!(cusum(&[9.0, 11.0, 9.0, 11.0], &LIMITS), None);
        assert_eq!(cusum(&[1.0; 9], &LIMITS), None);
    }
}
