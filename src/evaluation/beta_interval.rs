//! The equal-tailed interval of a beta distribution: what is known of a rate after k events of n chances under a beta prior.

use super::interval::{Confidence, Interval};

/// The interval that leaves out the same probability on each side of Beta(`alpha`, `beta`); `None` unless both are positive and finite.
/// Both ends are exact to 1e-9.
#[must_use]
pub fn beta_interval(alpha: f64, beta: f64, confidence: Confidence) -> Option<Interval> {
    let is_shape = |s: f64| s > 0.0 && s.is_finite();
    if !is_shape(alpha) || !is_shape(beta) {
        return None;
    }
    let tail = confidence.tail();
    // The upper end by the mirrored distribution, in which it is a small number and loses no digits.
    Some(Interval { low: quantile(tail, alpha, beta), high: 1.0 - quantile(tail, beta, alpha) })
}

/// The p-quantile, by Newton's method kept within a bracket that bisection closes.
fn quantile(p: f64, a: f64, b: f64) -> f64 {
    let ln_beta = ln_beta(a, b);
    let (mut low, mut high) = (0.0, 1.0);
    let mut x = a / (a + b);
    for _ in 0..MOST_STEPS {
        let error = regularized(x, a, b, ln_beta) - p;
        if error > 0.0 {
            high = x
        } else {
            low = x
        }
        let density = libm::exp((a - 1.0) * libm::log(x) + (b - 1.0) * libm::log1p(-x) - ln_beta);
        let newton = x - error / density;
        let next = if newton > low && newton < high { newton } else { f64::midpoint(low, high) };
        if (next - x).abs() < 1e-12 {
            return next;
        }
        x = next;
    }
    x
}

const MOST_STEPS: usize = 200;

fn ln_beta(a: f64, b: f64) -> f64 {
    libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b)
}

/// I_x(a, b), the regularised incomplete beta function, by its continued fraction (DLMF 8.17.22) on the side where that converges.
fn regularized(x: f64, a: f64, b: f64, ln_beta: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = libm::exp(a * libm::log(x) + b * libm::log1p(-x) - ln_beta);
    if x < (a + 1.0) / (a + b + 2.0) { front * fraction(x, a, b) / a } else { 1.0 - front * fraction(1.0 - x, b, a) / b }
}

/// The continued fraction by Lentz's method as modified by Thompson and Barnett (1986).
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    let away_from_zero = |v: f64| if v.abs() < 1e-300 { 1e-300 } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for step in 1..=MOST_TERMS {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        value *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        value *= d * c;
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}

/// Some √max(a, b) are needed: enough for a billion.
const MOST_TERMS: u32 = 100_000;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Expected values: scipy 1.17.1, `beta.ppf([tail, 1 - tail], a, b)`.
    #[test]
    fn agrees_with_scipy() {
        use Confidence::{Ninety, NinetyFive, NinetyNine};
        for (a, b, level, low, high) in SCIPY {
            let level = match level {
                90 => Ninety,
                95 => NinetyFive,
                _ => NinetyNine,
            };
            let found = beta_interval(a, b, level).unwrap();
            assert!((found.low - low).abs() < 1e-9 && (found.high - high).abs() < 1e-9, "{a} {b}: {found:?} {low} {high}");
        }
    }

    const SCIPY: [(f64, f64, u8, f64, f64); 13] = [
        (0.5, 0.5, 95, 0.0015413331334360146, 0.9984586668665639),
        (1.0, 1.0, 95, 0.025000000000000022, 0.975),
        (0.5, 9.5, 95, 5.306405341849292e-05, 0.23761009863290306),
        (1.5, 4.5, 90, 0.03644726804538883, 0.5628446105349781),
        (3.0, 20.0, 95, 0.029055851128746688, 0.29161274155393346),
        (0.05, 0.95, 95, 9.875267916846571e-33, 0.6303243922966907),
        (13.2, 240.8, 95, 0.028224225263340934, 0.08236501666044864),
        (2.25, 42.75, 99, 0.003467498255728841, 0.16673235350152302),
        (500.0, 9500.0, 95, 0.04581453350331471, 0.054355934102656864),
        (12.5, 99999.5, 95, 6.559300512678712e-05, 0.00020320102866646793),
        (100000.0, 100000.0, 95, 0.49780870143169204, 0.5021912985683079),
        (1000000.0, 3.0, 99, 0.9999907262601859, 0.9999996621370062),
        (40.0, 0.2, 90, 0.9743135130594631, 0.9999999948506033),
    ];

    #[test]
    fn what_is_no_distribution_has_no_interval() {
        for (a, b) in [(0.0, 1.0), (1.0, -1.0), (f64::NAN, 1.0), (1.0, f64::INFINITY)] {
            assert_eq!(beta_interval(a, b, Confidence::NinetyFive), None);
        }
    }

    proptest! {
        #[test]
        fn ends_are_in_order_and_mirrored(a in 0.01_f64..1e6, b in 0.01_f64..1e6) {
            let found = beta_interval(a, b, Confidence::NinetyFive).unwrap();
            prop_assert!(0.0 <= found.low && found.low <= found.high && found.high <= 1.0, "{:?}", found);
            let mirrored = beta_interval(b, a, Confidence::NinetyFive).unwrap();
            prop_assert!((found.low - (1.0 - mirrored.high)).abs() < 1e-12);
        }

        #[test]
        fn more_events_raise_both_ends(k in 0_u32..200, more in 1_u32..50, prior in 0.1_f64..5.0) {
            let of = |k: u32| beta_interval(prior + f64::from(k), 20.0 + f64::from(250 - k), Confidence::NinetyFive).unwrap();
            prop_assert!(of(k + more).low > of(k).low && of(k + more).high > of(k).high);
        }
    }
}
