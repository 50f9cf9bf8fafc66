//! From a metric's draws to an interval: bias-corrected and accelerated percentiles (Efron 1987, J. Am. Stat. Assoc. 82, 171–185).
//!
//! Plain percentiles were passed over. Average precision is skewed, and a draw, in which positive rows meet themselves, has a higher
//! one than the rows it was drawn from: in the simulation of `coverage_tests` (in numpy, 400 sets) percentiles of 95 % covered it in
//! 90, 91.5 and 90.5 % of sets of 20, 40 and 120 clusters, corrected ones in 92, 93 and 95 %.

/// An interval needs so many draws in which the metric is defined: with fewer, a 2.5 % tail is less than one draw.
pub(super) const MIN_DRAWS: usize = 40;

/// The ends of a 95 % interval are the quantiles at these levels, before correction.
const NORMAL_ENDS: [f64; 2] = [-1.959_963_984_540_054, 1.959_963_984_540_054];

/// Both ends of the 95 % interval of a metric that is `value` on all rows, from its draws (at least [`MIN_DRAWS`], in any order)
/// and the influence of each cluster; `None` where the draws do not vary or all lie on one side of the value.
pub(super) fn interval(value: f64, mut draws: Vec<f64>, influence: &[f64]) -> Option<[f64; 2]> {
    if draws.len() < MIN_DRAWS || is_constant(value, &draws) {
        return None;
    }
    draws.sort_by(f64::total_cmp);
    let bias = quantile_of_normal(share_below(value, &draws))?;
    let acceleration = acceleration(influence);
    Some(NORMAL_ENDS.map(|z| {
        let shifted = bias + z;
        let scale = 1.0 - acceleration * shifted;
        // Beyond the pole of the correction the end is that of all draws.
        let level = if scale > 0.0 { normal(bias + shifted / scale) } else { normal(z * f64::INFINITY) };
        quantile(&draws, level)
    }))
}

/// Whether all draws are the value, up to rounding.
pub(super) fn is_constant(value: f64, draws: &[f64]) -> bool {
    draws.iter().all(|draw| is_same(*draw, value))
}

/// Weighted sums of a draw are not compensated, those of all rows are.
fn is_same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-11 * a.abs().max(b.abs()).max(1e-3)
}

/// The share of draws below the value, equal ones counting half.
fn share_below(value: f64, draws: &[f64]) -> f64 {
    let halves: usize = draws
        .iter()
        .map(|draw| match is_same(*draw, value) {
            true => 1,
            false => 2 * usize::from(*draw < value),
        })
        .sum();
    halves as f64 / (2 * draws.len()) as f64
}

/// Σ U³ ÷ (6 (Σ U²)^1.5) over the clusters' influences U; 0 without any.
fn acceleration(influence: &[f64]) -> f64 {
    let scale = influence.iter().fold(0.0, |max: f64, u| max.max(u.abs()));
    if scale <= 0.0 {
        return 0.0;
    }
    let (mut squares, mut cubes) = (0.0, 0.0);
    for u in influence {
        let u = u / scale;
        squares += u * u;
        cubes += u * u * u;
    }
    cubes / (6.0 * squares * squares.sqrt())
}

/// The quantile of ascending draws at a level in 0 to 1: the draws are the levels i ÷ (n + 1), with straight lines between.
fn quantile(ascending: &[f64], level: f64) -> f64 {
    let last = ascending.len() - 1;
    let at = (level * (ascending.len() + 1) as f64 - 1.0).clamp(0.0, last as f64);
    let (below, part) = (at as usize, at - at.floor());
    let above = (below + 1).min(last);
    ascending[below] + (ascending[above] - ascending[below]) * part
}

/// The distribution function of the standard normal.
fn normal(z: f64) -> f64 {
    libm::erfc(-z / std::f64::consts::SQRT_2) / 2.0
}

/// Its inverse, by bisection; `None` outside 0 to 1, both excluded.
fn quantile_of_normal(level: f64) -> Option<f64> {
    if !(level > 0.0 && level < 1.0) {
        return None;
    }
    let (mut low, mut high) = (-40.0, 40.0);
    for _ in 0..64 {
        let middle = (low + high) / 2.0;
        if normal(middle) < level { low = middle } else { high = middle }
    }
    Some((low + high) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values: scipy 1.17.1, `scipy.stats.norm.ppf`.
    #[test]
    fn the_normal_quantile_agrees_with_scipy() {
        for (level, z) in
            [(0.975, NORMAL_ENDS[1]), (0.5, 0.0), (0.001, -3.090_232_306_167_813_5), (0.2, -0.841_621_233_572_914_2)]
        {
            assert!((quantile_of_normal(level).unwrap() - z).abs() < 1e-12);
        }
        assert_eq!([0.0, 1.0, -1.0].map(quantile_of_normal), [None; 3]);
    }

    #[test]
    fn quantiles_lie_between_draws() {
        let draws: Vec<f64> = (1..=39).map(f64::from).collect();
        assert_eq!(quantile(&draws, 0.025), 1.0);
        assert!((quantile(&draws, 0.9625) - 38.5).abs() < 1e-12);
        assert_eq!((quantile(&draws, 0.0), quantile(&draws, 1.0)), (1.0, 39.0));
    }

    #[test]
    fn without_bias_and_skew_the_ends_are_the_percentiles() {
        let draws: Vec<f64> = (1..=999).map(f64::from).collect();
        let [low, high] = interval(500.0, draws.clone(), &[-1.0, 1.0]).unwrap();
        assert!((low - 25.0).abs() < 1e-9 && (high - 975.0).abs() < 1e-9, "{low} {high}");
        // By hand: z0 = Φ⁻¹(0.4) = −0.253347, levels Φ(2 z0 ∓ 1.959964) = 0.006827 and 0.926935.
        let [low, high] = interval(400.0, draws, &[]).unwrap();
        assert!((low - 6.8).abs() < 0.2 && (high - 926.9).abs() < 0.6, "{low} {high}");
    }

    #[test]
    fn draws_that_do_not_vary_have_no_interval() {
        assert_eq!(interval(1.0, vec![1.0; 100], &[0.0]), None);
        assert_eq!(interval(1.0, vec![0.0, 1.0], &[0.0]), None);
        assert_eq!(interval(2.0, (0..100).map(|i| f64::from(i) / 100.0).collect(), &[]), None);
    }

    #[test]
    fn acceleration_is_a_sixth_of_the_skewness_over_the_root_of_n() {
        // By hand: U = −1, −1, 2 has Σ U³ = 6 and Σ U² = 6.
        assert!((acceleration(&[-1.0, -1.0, 2.0]) - 6.0 / (6.0 * 6.0_f64.powf(1.5))).abs() < 1e-15);
        assert_eq!(acceleration(&[0.0, 0.0]), 0.0);
    }
}
