//! What a seller usually does with its listings: the discounts that it claims.

use super::LISTING;
use super::price::discount;
use crate::features::others::median_of_others;
use crate::features::{FeatureDoc, SimpleFeature};
use crate::tables::ContentRow;
use crate::units::AsOf;
use crate::units::ContentType::Listing;

/// Other discounted listings that a seller needs before its usual discount is known.
const FEWEST_OTHERS: usize = 3;

/// What was known of a seller's listings before a midnight.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SellerListings {
    /// 1 − price / list price of the listings that have both, ascending.
    discounts: Vec<f64>,
}

impl SellerListings {
    /// Reads the version in force of each of the seller's items, in any order. What was not known before `as_of` is left out.
    #[must_use]
    pub fn of(rows: &[&ContentRow], as_of: AsOf) -> Self {
        let known = |row: &&&ContentRow| {
            row.content_type == Listing
                && row.published_at < as_of.instant
                && as_of.knows(row.valid_from.unwrap_or(row.published_at), row.ingested_at)
        };
        let mut discounts: Vec<f64> = rows.iter().filter(known).filter_map(|row| discount(row)).collect();
        discounts.sort_unstable_by(f64::total_cmp);
        Self { discounts }
    }
}

/// Discount over the seller's own.
pub(in crate::features) static DISCOUNT_OVER_SELLER_USUAL: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "discount_over_seller_usual",
        what: "discount_depth minus its median over the seller's other listings with a list price, of which there are three or more",
        why: "one listing far below the seller's own habit is bait or a false discount",
        range: "-2 to 2",
        evaded_by: "the same discount on everything",
        inputs: &["content.price", "content.list_price", "content.seller_id"],
        applies_to: &[Listing],
        ..LISTING
    },
    value: |item| {
        let own = discount(item.content)?;
        Some((own - median_of_others(&item.seller_listings?.discounts, own, FEWEST_OTHERS)?) as f32)
    },
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::ItemView;
    use crate::features::fixtures::{Fixture, as_of, at, content};

    fn offer(id: &str, price: f64, day: f64) -> ContentRow {
        ContentRow { price: Some(price), list_price: Some(100.0), published_at: at(day), ..content(id) }
    }

    #[test]
    fn a_discount_is_compared_with_the_sellers_others() {
        // Discounts .75 (own), .25, 0, .5; the median of the others is .25.
        let mut rows = vec![offer("a", 25.0, 90.0), offer("b", 75.0, 91.0), offer("c", 100.0, 92.0), offer("d", 50.0, 93.0)];
        let value = |rows: &[ContentRow]| {
            let listings = SellerListings::of(&rows.iter().collect::<Vec<_>>(), as_of(100));
            let fixture = Fixture::of(rows[0].clone());
            (DISCOUNT_OVER_SELLER_USUAL.value)(&ItemView { seller_listings: Some(&listings), ..fixture.item() })
        };
        assert_eq!(value(&rows), Some(0.5));
        rows[1..].reverse();
        assert_eq!(value(&rows), Some(0.5));
        assert_eq!(value(&rows[..3]), None, "two others only");

        // Later, reached us later, another kind, no list price, hostile: none of them changes anything.
        let late = ContentRow { ingested_at: Some(at(100.0)), ..offer("f", 1.0, 95.0) };
        let edited = ContentRow { valid_from: Some(at(100.0)), ..offer("g", 1.0, 95.0) };
        let video = ContentRow { content_type: crate::units::ContentType::Video, ..offer("h", 1.0, 95.0) };
        let bare = ContentRow { list_price: None, ..offer("i", 1.0, 95.0) };
        rows.extend([offer("e", 1.0, 100.0), late, edited, video, bare]);
        rows.extend([f64::NAN, f64::INFINITY, -1.0].map(|price| offer("j", price, 95.0)));
        assert_eq!(value(&rows), Some(0.5));
        assert_eq!((DISCOUNT_OVER_SELLER_USUAL.value)(&Fixture::of(offer("a", 25.0, 90.0)).item()), None, "no seller");
    }
}
