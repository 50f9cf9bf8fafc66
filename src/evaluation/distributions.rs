//! Tails of the distributions that tests are read from.
//!
//! The incomplete beta function is Lentz's continued fraction (Press et al., Numerical Recipes, §6.4); Student's quantile the
//! Cornish–Fisher expansion (Abramowitz and Stegun 26.7.5). Deliberately not here: which test a question needs.

/// Standard normal quantile of `1 − tail`, for a `tail` in (0, ½); by bisection on the complementary error function.
pub(super) fn normal_upper_quantile(tail: f64) -> f64 {
    let (mut low, mut high) = (0.0, 40.0);
    for _ in 0..80 {
        let middle = (low + high) / 2.0;
        if libm::erfc(middle / std::f64::consts::SQRT_2) / 2.0 > tail { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

/// P(T > t) for Student's t with `df` degrees of freedom, df above 0.
#[must_use]
pub fn student_upper_tail(t: f64, df: f64) -> f64 {
    let half = incomplete_beta(df / (df + t * t), df / 2.0, 0.5) / 2.0;
    if t >= 0.0 { half } else { 1.0 - half }
}

/// The t with P(T > t) = `tail`, for a `tail` in (0, ½) and df of 1 or more; by bisection.
#[must_use]
pub fn student_upper_quantile(tail: f64, df: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1e6);
    for _ in 0..80 {
        let middle = (low + high) / 2.0;
        if student_upper_tail(middle, df) > tail { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

/// P(X ≥ `successes`) of a binomial with `trials` and probability `p`: Iₚ(k, n − k + 1).
#[must_use]
pub fn binomial_upper_tail(successes: u64, trials: u64, p: f64) -> f64 {
    match successes {
        0 => 1.0,
        _ if successes > trials => 0.0,
        _ => incomplete_beta(p, successes as f64, (trials - successes + 1) as f64),
    }
}

/// How much wider Student's interval is than the normal one of quantile `z`, for `df` degrees of freedom, df at least 1.
pub(crate) fn student_widening(z: f64, df: f64) -> f64 {
    let z2 = z * z;
    let first = (z2 + 1.0) / 4.0;
    let second = (5.0 * z2 * z2 + 16.0 * z2 + 3.0) / 96.0;
    let third = (3.0 * z2 * z2 * z2 + 19.0 * z2 * z2 + 17.0 * z2 - 15.0) / 384.0;
    1.0 + first / df + second / (df * df) + third / (df * df * df)
}

/// The regularised incomplete beta function Iₓ(a, b).
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let log_front = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * libm::log(x) + b * libm::log1p(-x);
    let front = libm::exp(log_front);
    // The fraction converges fast on this side of its turning point; the other side is the mirror image.
    if x < (a + 1.0) / (a + b + 2.0) {
        front * continued_fraction(x, a, b) / a
    } else {
        1.0 - front * continued_fraction(1.0 - x, b, a) / b
    }
}

fn continued_fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for m in 1..=1000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away(1.0 + even * d);
        c = away(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away(1.0 + odd * d);
        c = away(1.0 + odd / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expect: f64, within: f64) {
        assert!((found - expect).abs() <= within * expect.abs(), "{found} is not {expect}");
    }

    /// scipy 1.17.1: `norm.isf`, `t.sf`, `t.isf(.025, df) / norm.isf(.025)`.
    #[test]
    fn agrees_with_scipy() {
        close(normal_upper_quantile(0.025), 1.959_963_984_540_054_5, 1e-12);
        close(normal_upper_quantile(0.005), 2.575_829_303_548_901, 1e-12);
        close(normal_upper_quantile(0.0001), 3.719_016_485_455_680_4, 1e-12);
        close(normal_upper_quantile(1e-09), 5.997_807_015_007_686_5, 1e-12);
        close(student_upper_tail(0.0, 3.0), 0.5, 1e-10);
        close(student_upper_tail(1.3, 1.0), 0.208_714_400_160_152_72, 1e-10);
        close(student_upper_tail(2.1, 4.5), 0.047_968_908_481_043_133, 1e-10);
        close(student_upper_tail(-1.7, 9.0), 0.938_326_168_928_088_1, 1e-10);
        close(student_upper_tail(3.9, 60.0), 0.000_122_764_002_088_314_9, 1e-10);
        close(student_upper_tail(6.5, 2000.0), 5.056_493_830_163_485_3e-11, 1e-10);
        close(student_upper_tail(12.0, 8.0), 1.071_933_373_844_384_6e-06, 1e-10);
        close(student_widening(1.959_963_984_540_054, 5.0), 1.311_545_444_667_726_8, 0.004);
        close(student_widening(1.959_963_984_540_054, 10.0), 1.136_826_426_180_047_1, 0.0004);
        close(student_widening(1.959_963_984_540_054, 30.0), 1.041_994_889_911_458_8, 1e-05);
    }
}
