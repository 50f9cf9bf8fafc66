//! Bins whose edges never depend on data, so that any two nights, and training, can be compared.

/// Octaves of the bins: from 2⁻¹⁰ to 2²⁰.
const OCTAVES: std::ops::Range<i32> = -10..20;
/// Bins on one side of zero.
pub(super) const SIDE: i16 = 2 * 30;
/// Where a probability of one half falls.
const HALF: i16 = 19;

/// The bin of a number: 0 for zero, else two bins an octave of its size, with its sign. Sizes below 2⁻¹⁰ and from 2²⁰ on fall into the
/// outermost bins. Rising with the number.
pub(super) fn number_bin(value: f64) -> i16 {
    if value == 0.0 || value.is_nan() {
        return 0;
    }
    let size = 1 + within(value.abs(), OCTAVES, 1);
    if value < 0.0 { -size } else { size }
}

/// The bin of a probability: as fine towards 1 as towards 0. Rising with it.
pub(super) fn probability_bin(p: f64) -> i16 {
    if p < 0.5 { number_bin(p.max(0.0)) } else { 2 * HALF - number_bin((1.0 - p).max(0.0)) }
}

/// Octaves of prices: from 2⁻¹⁰ to 2⁴⁰.
const PRICE_OCTAVES: std::ops::Range<i32> = -10..40;

/// The bin of a price above zero: four an octave. `None` for what is no price.
pub(super) fn price_bin(price: f64) -> Option<i16> {
    (price > 0.0 && price.is_finite()).then(|| within(price, PRICE_OCTAVES, 2))
}

/// The price in the middle of a bin: the geometric mean of its edges.
pub(super) fn price_of_bin(bin: i16) -> f64 {
    let edge = |bin: i32| libm::ldexp(1.0 + f64::from(bin.rem_euclid(4)) / 4.0, PRICE_OCTAVES.start + bin.div_euclid(4));
    (edge(i32::from(bin)) * edge(i32::from(bin) + 1)).sqrt()
}

/// The place of a size among octaves, each cut into 2^`cut` parts of equal width, read from the number's own bits.
fn within(size: f64, octaves: std::ops::Range<i32>, cut: u32) -> i16 {
    let bits = size.to_bits();
    let octave = (bits >> 52) as i32 - 1023;
    let last = (octaves.len() as i32) << cut;
    let place = ((octave - octaves.start) << cut) + ((bits >> (52 - cut)) & ((1 << cut) - 1)) as i32;
    place.clamp(0, last - 1) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_by_hand() {
        let found = [0.0, 1e-9, 0.5, 0.75, 1.0, 1.49, 1.5, 2.0, 1e9, -1.0, f64::INFINITY].map(number_bin);
        assert_eq!(found, [0, 1, 19, 20, 21, 21, 22, 23, SIDE, -21, SIDE]);
        let found = [0.0, 0.01, 0.49, 0.5, 0.51, 0.99, 1.0].map(probability_bin);
        assert_eq!(found, [0, 7, 18, 19, 20, 31, 38]);
        assert_eq!([0.0, -1.0, f64::NAN, f64::INFINITY].map(price_bin), [None; 4]);
        assert_eq!([1.0, 1.25, 2.0, 1000.0].map(price_bin), [Some(40), Some(41), Some(44), Some(79)]);
    }

    #[test]
    fn a_price_lies_within_an_eighth_of_its_bins_middle() {
        for price in [0.01, 1.0, 9.99, 250.0, 1e6] {
            let middle = price_of_bin(price_bin(price).unwrap());
            assert!((middle / price - 1.0).abs() < 0.125, "{price} {middle}");
        }
    }

    proptest::proptest! {
        #[test]
        fn bins_rise(a in -1e7_f64..1e7, b in -1e7_f64..1e7, p in 0.0_f64..=1.0, q in 0.0_f64..=1.0) {
            assert!((a > b) || number_bin(a) <= number_bin(b));
            assert!((p > q) || probability_bin(p) <= probability_bin(q));
            assert!(probability_bin(p) <= 2 * HALF && probability_bin(p) >= 0);
        }
    }
}
