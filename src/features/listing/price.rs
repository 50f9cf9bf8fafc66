//! Price: against the list price, and how it ends.

use super::LISTING;
use crate::features::{FeatureDoc, ItemView, SimpleFeature};
use crate::tables::ContentRow;
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
    value: |item| discount(item.content).map(|d| d as f32),
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

/// 1 − price / list price, cut to −1 … 1.
pub(super) fn discount(row: &ContentRow) -> Option<f64> {
    let price = row.price.filter(|p| p.is_finite() && *p >= 0.0)?;
    let list = row.list_price.filter(|p| *p > 0.0)?;
    Some((1.0 - price / list).clamp(-1.0, 1.0))
}

fn price(item: &ItemView<'_>) -> Option<f64> {
    item.content.price.filter(|p| p.is_finite() && *p >= 0.0)
}

/// ln of an amount; `None` unless it is finite and above 0.
pub(super) fn ln_amount(amount: Option<f64>) -> Option<f64> {
    amount.filter(|p| p.is_finite() && *p > 0.0).map(libm::log)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::{Fixture, content};
    use crate::tables::ContentRow;

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
    }
}
