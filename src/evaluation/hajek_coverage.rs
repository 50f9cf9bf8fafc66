//! How often Hájek's intervals hold the truth, in samples that are drawn as a review queue draws them.

use super::hajek::{HajekRow, hajek};
use super::interval::Confidence;

/// SplitMix64 in [0, 1).
struct Uniform(u64);

impl Uniform {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((x ^ (x >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Sellers of 1 to 8 items; half of the violations are those of one seller in five. An item is drawn by a score that knows something
/// of the truth, at `least` to 16 times that. Returns the share of samples whose interval holds the rate, and the mean n.
fn coverage(rate: f64, n_sellers: u64, least: f64) -> (f64, f64) {
    let mut uniform = Uniform(17);
    let (mut held, mut rows_drawn, n_samples) = (0_u32, 0_usize, 1000_u32);
    for _ in 0..n_samples {
        let mut rows = Vec::new();
        for cluster in 0..n_sellers {
            let bad = uniform.next() < 0.2;
            let of_seller = if bad { 3.0 * rate } else { rate / 2.0 };
            for _ in 0..1 + (uniform.next() * 8.0) as u32 {
                let in_part = uniform.next() < of_seller;
                let score = uniform.next() + if in_part { 0.6 } else { 0.0 };
                let drawn = if score > 1.3 {
                    16.0
                } else if score > 0.8 {
                    4.0
                } else {
                    1.0
                } * least;
                if uniform.next() < drawn {
                    rows.push(HajekRow { in_part, weight: 1.0 / drawn, cluster });
                }
            }
        }
        rows_drawn += rows.len();
        if let Some(found) = hajek(&rows, Confidence::NinetyFive) {
            held += u32::from(found.interval.low <= rate && rate <= found.interval.high);
        }
    }
    (f64::from(held) / f64::from(n_samples), rows_drawn as f64 / f64::from(n_samples))
}

/// The standard error of a coverage of 95 % of 1,000 samples is 0.7 %.
#[test]
fn intervals_hold_the_rate_as_often_as_they_say() {
    for (rate, n_sellers) in [(0.2, 60), (0.2, 400), (0.05, 400), (0.05, 1500), (0.02, 1500)] {
        let (found, n) = coverage(rate, n_sellers, 0.05);
        assert!((0.925..=0.975).contains(&found), "{found} of samples of {n} rows of {n_sellers} sellers at {rate}");
    }
}

/// A dozen positives or fewer: rather too wide than too narrow.
#[test]
fn rare_positives_are_not_made_sure_of() {
    for (rate, n_sellers) in [(0.2, 30), (0.02, 400), (0.005, 1500), (0.001, 1500)] {
        let (found, n) = coverage(rate, n_sellers, 0.05);
        assert!(found >= 0.93, "{found} of samples of {n} rows of {n_sellers} sellers at {rate}");
    }
}
