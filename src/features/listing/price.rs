//! Price: against the list price, against the market, and how it ends.

use super::LISTING;
use crate::features::{FeatureDoc, ItemView, PriceCell, SimpleFeature};
use crate::units::ContentType::Listing;

/// Discount.
pub(in crate::features) static DISCOUNT_DEPTH: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "discount_depth",
        what: "1 − price / list price, cut to −1 … 1",
        why: "false discounts are deep; counterfeits undercut their own claimed price",
        range: "-1 to 1",
        evaded_by: "no list price",
        inputs: &["content.price", "content.list_price"],
        applies_to: &[Listing],
        ..LISTING
    },
    value: |item| {
        let list = item.content.list_price.filter(|p| *p > 0.0)?;
        Some((1.0 - price(item)? / list).clamp(-1.0, 1.0) as f32)
    },
};

/// Price against the market.
pub(in crate::features) static PRICE_Z: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "price_z",
        what: "robust z of ln(price) against its category × market: (ln p − median) / σ, σ = 1.4826 · MAD shrunk to 1 in thin cells",
        why: "too cheap to be genuine, or priced to catch mistakes",
        range: "-20 to 20",
        evaded_by: "the wrong category, a price per piece",
        inputs: &["content.price", "content.category", "content.market"],
        applies_to: &[Listing],
        ..LISTING
    },
    value: |item| Some(robust_z(libm::log(positive_price(item)?), item.price_cell?)?.clamp(-20.0, 20.0) as f32),
};

/// Prices in the cell.
pub(in crate::features) static PRICE_CELL_N: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "price_cell_n",
        what: "ln(1 + prices in the category × market)",
        why: "how much price_z can be trusted; a rare category is a signal itself",
        range: "0 and up",
        evaded_by: "choosing a crowded category",
        inputs: &["content.price", "content.category", "content.market"],
        applies_to: &[Listing],
        ..LISTING
    },
    value: |item| item.price_cell.map(|cell| crate::features::feature::ln_count(cell.n)),
};

/// Price.
pub(in crate::features) static LN_PRICE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "ln_price",
        what: "ln(1 + price) in the listing's currency",
        why: "what is worth faking depends on the price",
        range: "0 and up",
        evaded_by: "price in variants",
        inputs: &["content.price"],
        applies_to: &[Listing],
        ..LISTING
    },
    value: |item| price(item).map(|p| libm::log1p(p) as f32),
};

/// Nine at the end.
pub(in crate::features) static PRICE_ENDS_IN_NINE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "price_ends_in_nine",
        what: "1 when the last digit other than zero is a nine (19.90, 99,000)",
        why: "shops price so; placeholders and bait do not",
        range: "0 or 1",
        evaded_by: "a psychological price",
        inputs: &["content.price"],
        applies_to: &[Listing],
        ..LISTING
    },
    value: |item| significant(positive_price(item)?).map(|digits| crate::features::feature::flag(digits % 10 == 9)),
};

/// One digit all along.
pub(in crate::features) static PRICE_ONE_DIGIT: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "price_one_digit",
        what: "1 when all digits but the zeros at the end are the same (1, 111, 9999, 500)",
        why: "placeholder prices that mean `ask me elsewhere`",
        range: "0 or 1",
        evaded_by: "any other price",
        inputs: &["content.price"],
        applies_to: &[Listing],
        ..LISTING
    },
    value: |item| {
        let digits = significant(positive_price(item)?)?.to_string();
        let first = digits.as_bytes()[0];
        Some(crate::features::feature::flag(digits.bytes().all(|d| d == first)))
    },
};

fn price(item: &ItemView<'_>) -> Option<f64> {
    item.content.price.filter(|p| p.is_finite() && *p >= 0.0)
}

fn positive_price(item: &ItemView<'_>) -> Option<f64> {
    price(item).filter(|p| *p > 0.0)
}

/// The digits of a price in hundredths, without the zeros at the end.
fn significant(price: f64) -> Option<u64> {
    let hundredths = libm::round(price * 100.0);
    if !(1.0..1e15).contains(&hundredths) {
        return None;
    }
    let mut digits = hundredths as u64;
    while digits.is_multiple_of(10) {
        digits /= 10;
    }
    Some(digits)
}

/// Below this a cell says nothing.
const FEWEST_PRICES: u64 = 5;
/// A spread of ln(price) of 1 (a factor of e either way) stands for this many prices.
const PSEUDO_PRICES: f64 = 20.0;
/// MAD of a normal distribution is σ / 1.4826.
const MAD_TO_SIGMA: f64 = 1.4826;

/// (ln p − median) / σ with σ = (n · 1.4826 · MAD + 20 · 1) / (n + 20). `None` in cells of fewer than five prices.
fn robust_z(ln_price: f64, cell: PriceCell) -> Option<f64> {
    if cell.n < FEWEST_PRICES {
        return None;
    }
    let n = cell.n as f64;
    let sigma = (n * MAD_TO_SIGMA * cell.mad_ln + PSEUDO_PRICES) / (n + PSEUDO_PRICES);
    Some((ln_price - cell.median_ln) / sigma).filter(|z| z.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::{Fixture, content};
    use crate::tables::ContentRow;

    /// By hand: n = 20, MAD = .5: σ = (20 · .7413 + 20) / 40 = .87065; z = (2 − 1) / .87065 = 1.148567.
    #[test]
    fn robust_z_is_the_one_done_by_hand() {
        let cell = PriceCell { median_ln: 1.0, mad_ln: 0.5, n: 20 };
        assert!((robust_z(2.0, cell).unwrap() - 1.148_567).abs() < 1e-6);
        assert_eq!(robust_z(2.0, PriceCell { n: 4, ..cell }), None);
        assert_eq!(robust_z(2.0, PriceCell { mad_ln: f64::NAN, ..cell }), None);
        assert!(robust_z(2.0, PriceCell { mad_ln: 0.0, n: 1_000_000_000, ..cell }).unwrap() > 1e6);
    }

    #[test]
    fn digits_of_a_price() {
        assert_eq!([19.9, 99_000.0, 500.0, 0.01].map(significant), [Some(199), Some(99), Some(5), Some(1)]);
        assert_eq!(significant(1e300), None);
        assert_eq!(significant(0.001), None);
    }

    #[test]
    fn prices_give_their_features() {
        let value = |feature: &SimpleFeature, price: f64, list_price: Option<f64>| {
            let fixture = Fixture::of(ContentRow { price: Some(price), list_price, ..content("a") });
            (feature.value)(&fixture.item())
        };
        assert_eq!(value(&DISCOUNT_DEPTH, 25.0, Some(100.0)), Some(0.75));
        assert_eq!(value(&DISCOUNT_DEPTH, 500.0, Some(100.0)), Some(-1.0));
        assert_eq!(value(&DISCOUNT_DEPTH, 25.0, Some(0.0)), None);
        assert_eq!(value(&DISCOUNT_DEPTH, f64::NAN, Some(1.0)), None);
        assert_eq!([19.9, 99_000.0, 20.0].map(|p| value(&PRICE_ENDS_IN_NINE, p, None)), [Some(1.0), Some(1.0), Some(0.0)]);
        assert_eq!([1.0, 9999.0, 123.0].map(|p| value(&PRICE_ONE_DIGIT, p, None)), [Some(1.0), Some(1.0), Some(0.0)]);
        assert_eq!(value(&PRICE_ONE_DIGIT, 0.0, None), None);
        assert_eq!(value(&PRICE_Z, 1.0, None), None, "no cell");
    }
}
