//! The few numbers that a fit needs about itself. The published metrics are the `evaluation` module's.

/// 1 / (1 + e^−x), without overflow on either side.
pub(super) fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + libm::exp(-x))
    } else {
        let e = libm::exp(x);
        e / (1.0 + e)
    }
}

/// ln(p / (1 − p)), with p kept 1e-12 away from 0 and 1.
pub(super) fn logit(p: f64) -> f64 {
    let p = p.clamp(1e-12, 1.0 - 1e-12);
    libm::log(p / (1.0 - p))
}

/// ln(1 + e^x), without overflow.
pub(super) fn softplus(x: f64) -> f64 {
    if x > 0.0 { x + libm::log1p(libm::exp(-x)) } else { libm::log1p(libm::exp(x)) }
}

/// Loss of a raw score on the log-odds scale: ln(1 + e^−x) for a positive, ln(1 + e^x) for a negative.
pub(super) fn logistic_loss(score: f64, positive: bool) -> f64 {
    softplus(if positive { -score } else { score })
}

/// Weighted mean log loss of probabilities.
pub(super) fn log_loss(probability: &[f64], positive: &[bool], weight: &[f64]) -> f64 {
    let mut sum = 0.0;
    let mut total = 0.0;
    for ((p, y), w) in probability.iter().zip(positive).zip(weight) {
        sum += w * logistic_loss(logit(*p), *y);
        total += w;
    }
    if total > 0.0 { sum / total } else { 0.0 }
}

/// Average precision Σ (R_k − R_{k−1}) P_k over distinct scores, weighted; rows of equal score count together.
/// 0 without positives.
pub(super) fn average_precision(score: &[f64], positive: &[bool], weight: &[f64]) -> f64 {
    let mut order: Vec<usize> = (0..score.len()).collect();
    order.sort_by(|a, b| score[*b].total_cmp(&score[*a]).then(a.cmp(b)));
    let (mut hits, mut seen, mut area, mut start) = (0.0, 0.0, 0.0, 0);
    while start < order.len() {
        let mut end = start;
        let mut new_hits = 0.0;
        while end < order.len() && score[order[end]] == score[order[start]] {
            let row = order[end];
            seen += weight[row];
            if positive[row] {
                new_hits += weight[row];
            }
            end += 1;
        }
        hits += new_hits;
        if seen > 0.0 {
            area += new_hits * hits / seen;
        }
        start = end.max(start + 1);
    }
    if hits > 0.0 { area / hits } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn average_precision_by_hand() {
        // Ranks 1 and 3 are positive: (1 + 2/3) / 2.
        let found = average_precision(&[0.9, 0.8, 0.7], &[true, false, true], &[1.0; 3]);
        assert!((found - 5.0 / 6.0).abs() < 1e-12);
    }

    #[test]
    fn ties_count_together() {
        let found = average_precision(&[0.5, 0.5, 0.5, 0.5], &[true, false, false, true], &[1.0; 4]);
        assert!((found - 0.5).abs() < 1e-12);
    }

    #[test]
    fn losses_do_not_overflow() {
        assert_eq!(logistic_loss(1000.0, false), 1000.0);
        assert_eq!(sigmoid(-1000.0), 0.0);
        assert!((log_loss(&[0.8], &[true], &[2.0]) - (-(0.8f64).ln())).abs() < 1e-12);
    }
}
