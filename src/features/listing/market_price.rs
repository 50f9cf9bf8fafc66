//! Price against what others ask in the same category × market. Thin cells have borrowed from wider ones (`PriceCell`).

use super::LISTING;
use super::price::ln_amount;
use crate::features::feature::ln_count;
use crate::features::{FeatureDoc, ItemView, PriceCell, SimpleFeature};
use crate::units::ContentType::Listing;

/// What says which prices a price is compared with.
const CELL: FeatureDoc = FeatureDoc {
    inputs: &["content.price", "content.category", "content.market"],
    uses: &["content.currency"],
    applies_to: &[Listing],
    ..LISTING
};

/// Price against the market.
pub(in crate::features) static PRICE_Z: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "price_z",
        what: "robust z of ln(price) against its category × market: (ln p − median) / (1.4826 · MAD), both shrunk in thin cells to the path's first segment, then the market, by n / (n + price_prior_n)",
        why: "too cheap to be genuine, or priced to catch mistakes",
        range: "-20 to 20",
        evaded_by: "the wrong category, a price per piece",
        version: 2,
        ..CELL
    },
    value: |item| Some(robust_z(ln_amount(item.content.price)?, item.price_cell?)?.clamp(-20.0, 20.0) as f32),
};

/// Prices in the cell.
pub(in crate::features) static PRICE_CELL_N: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "price_cell_n",
        what: "ln(1 + prices in the category × market)",
        why: "how much price_z can be trusted; a rare category is a signal itself",
        range: "0 and up",
        evaded_by: "choosing a crowded category",
        version: 2,
        ..CELL
    },
    value: |item| item.price_cell.map(|cell| ln_count(cell.n)),
};

/// Price over the median.
pub(in crate::features) static PRICE_RATIO_TO_MEDIAN: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "price_ratio_to_median",
        what: "ln(price / median of its category × market), the median shrunk as in price_z",
        why: "half the usual price is telling even where prices are spread wide",
        range: "-20 to 20",
        evaded_by: "the wrong category, a price per piece",
        ..CELL
    },
    value: |item| over_median(item, item.content.price),
};

/// Under the lower decile.
pub(in crate::features) static PRICE_UNDER_LOW_DECILE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "price_under_low_decile",
        what: "how far ln(price) lies under the lower decile of its category × market, shrunk as in price_z; 0 above it",
        why: "bait and counterfeits undercut even the cheapest tenth",
        range: "0 to 20",
        evaded_by: "pricing like the cheapest",
        ..CELL
    },
    value: |item| {
        let under = item.price_cell?.low_ln - ln_amount(item.content.price)?;
        under.is_finite().then(|| under.clamp(0.0, 20.0) as f32)
    },
};

/// List price over the median.
pub(in crate::features) static LIST_PRICE_OVER_MEDIAN: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "list_price_over_median",
        what: "ln(list price / median price of its category × market), the median shrunk as in price_z",
        why: "a false discount starts from a list price that nobody asks",
        range: "-20 to 20",
        evaded_by: "a shallower discount",
        inputs: &["content.list_price", "content.price", "content.category", "content.market"],
        ..CELL
    },
    value: |item| over_median(item, item.content.list_price),
};

/// ln(amount / median), cut to −20 … 20.
fn over_median(item: &ItemView<'_>, amount: Option<f64>) -> Option<f32> {
    let over = ln_amount(amount)? - item.price_cell?.median_ln;
    over.is_finite().then(|| over.clamp(-20.0, 20.0) as f32)
}

/// MAD of a normal distribution is σ / 1.4826.
const MAD_TO_SIGMA: f64 = 1.4826;

/// (ln p − median) / σ with σ = 1.4826 · MAD.
fn robust_z(ln_price: f64, cell: PriceCell) -> Option<f64> {
    Some((ln_price - cell.median_ln) / (MAD_TO_SIGMA * cell.mad_ln)).filter(|z| z.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::{Fixture, content};
    use crate::tables::ContentRow;

    const CELL: PriceCell = PriceCell { median_ln: 1.0, mad_ln: 0.5, low_ln: 0.25, n: 20 };

    /// By hand: (2 − 1) / (1.4826 · .5) = 1 / .7413 = 1.348981.
    #[test]
    fn robust_z_is_the_one_done_by_hand() {
        assert!((robust_z(2.0, CELL).unwrap() - 1.348_981).abs() < 1e-6);
        assert_eq!(robust_z(2.0, PriceCell { mad_ln: f64::NAN, ..CELL }), None);
        assert_eq!(robust_z(2.0, PriceCell { mad_ln: 0.0, ..CELL }), None);
    }

    #[test]
    fn prices_are_compared_with_their_cell() {
        let value = |feature: &SimpleFeature, price: Option<f64>, list_price: Option<f64>| {
            let fixture = Fixture::of(ContentRow { price, list_price, ..content("a") });
            (feature.value)(&ItemView { price_cell: Some(CELL), ..fixture.item() })
        };
        // ln 1 = 0: 1 under the median, 0.25 under the lower decile.
        assert_eq!(value(&PRICE_RATIO_TO_MEDIAN, Some(1.0), None), Some(-1.0));
        assert_eq!(value(&PRICE_UNDER_LOW_DECILE, Some(1.0), None), Some(0.25));
        assert_eq!(value(&PRICE_UNDER_LOW_DECILE, Some(9.0), None), Some(0.0));
        assert_eq!(value(&LIST_PRICE_OVER_MEDIAN, None, Some(libm::exp(3.0))), Some(2.0));
        assert_eq!(value(&PRICE_CELL_N, None, None), Some(ln_count(20)));
        for hostile in [None, Some(0.0), Some(-1.0), Some(f64::NAN), Some(f64::INFINITY)] {
            assert_eq!(value(&PRICE_Z, hostile, None), None);
            assert_eq!(value(&PRICE_RATIO_TO_MEDIAN, hostile, None), None);
            assert_eq!(value(&PRICE_UNDER_LOW_DECILE, hostile, None), None);
            assert_eq!(value(&LIST_PRICE_OVER_MEDIAN, None, hostile), None);
        }
        assert_eq!(value(&PRICE_Z, Some(f64::MAX), None), Some(20.0));
        let fixture = Fixture::of(ContentRow { price: Some(1.0), ..content("a") });
        assert_eq!((PRICE_Z.value)(&fixture.item()), None, "no cell");
    }
}
