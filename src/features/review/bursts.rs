//! Reviews of one seller that come close together.

use super::{REVIEW, SellerReviews};
use crate::features::feature::ln_count;
use crate::features::{FeatureDoc, SimpleFeature};

/// The last day.
pub(in crate::features) static REVIEW_BURST_1D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "review_burst_1d",
        what: "ln(1 + other reviews of the seller published in the 24 hours up to this one)",
        why: "bought reviews and attacks are delivered together",
        range: "0 and up",
        evaded_by: "slow delivery",
        ..REVIEW
    },
    value: |item| Some(ln_count(SellerReviews::around(item)?.before(1))),
};

/// The last week.
pub(in crate::features) static REVIEW_BURST_7D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "review_burst_7d",
        what: "ln(1 + other reviews of the seller published in the 7 days up to this one)",
        why: "bought reviews and attacks are delivered together",
        range: "0 and up",
        evaded_by: "slower delivery",
        ..REVIEW
    },
    value: |item| Some(ln_count(SellerReviews::around(item)?.before(7))),
};

/// A day either side.
pub(in crate::features) static REVIEW_BURST_EITHER_SIDE_1D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "review_burst_either_side_1d",
        what: "ln(1 + other reviews of the seller published within 24 hours of this one and known at the midnight)",
        why: "the first review of a burst shows only by those that follow",
        range: "0 and up",
        evaded_by: "slow delivery",
        ..REVIEW
    },
    value: |item| Some(ln_count(SellerReviews::around(item)?.either_side(1))),
};

/// Against the usual.
pub(in crate::features) static REVIEW_BURST_RATE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "review_burst_rate",
        what: "ln((1 + other reviews of the 24 hours up to this one) / (1 + reviews a day before them, since the seller's first))",
        why: "ten reviews a day are a burst for a small seller and silence for a large one",
        range: "any",
        evaded_by: "a steady flow of bought reviews",
        ..REVIEW
    },
    value: |item| {
        let around = SellerReviews::around(item)?;
        Some(libm::log((1.0 + around.before(1) as f64) / (1.0 + around.usual_daily()?)) as f32)
    },
};

/// Five stars of the last week.
pub(in crate::features) static REVIEW_BURST_FIVE_STARS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "review_burst_five_stars",
        what: "share of five stars among the seller's other rated reviews of the 7 days up to this one, not shrunk: review_burst_7d says of how many, rated or not",
        why: "a burst of one opinion was ordered",
        range: "0 to 1",
        evaded_by: "some four stars among them",
        inputs: &["content.seller_id", "content.published_at", "content.rating"],
        ..REVIEW
    },
    value: |item| {
        let rated = SellerReviews::around(item)?.rated_before(7);
        (rated.n > 0).then(|| rated.five as f32 / rated.n as f32)
    },
};

/// Same stars in a row.
pub(in crate::features) static REVIEW_SAME_STARS_RUN: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "review_same_stars_run",
        what: "ln(1 + rated reviews of the seller straight before this one with the same stars)",
        why: "long runs of one rating are rarer than buyers' tastes",
        range: "0 and up",
        evaded_by: "mixing the stars",
        inputs: &["content.seller_id", "content.published_at", "content.rating"],
        ..REVIEW
    },
    value: |item| SellerReviews::around(item)?.run().map(ln_count),
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::ItemView;
    use crate::features::fixtures::{Fixture, as_of, at, content};
    use crate::tables::ContentRow;
    use crate::units::ContentType;

    fn review(id: &str, day: f64, stars: Option<f32>) -> ContentRow {
        ContentRow { content_type: ContentType::Review, published_at: at(day), rating: stars, ..content(id) }
    }

    /// The values of all features of the first row among all of them.
    fn values(rows: &[ContentRow]) -> [Option<f32>; 6] {
        let reviews = SellerReviews::of(&rows.iter().collect::<Vec<_>>(), as_of(100));
        let fixture = Fixture::of(rows[0].clone());
        let all = [
            &REVIEW_BURST_1D,
            &REVIEW_BURST_7D,
            &REVIEW_BURST_EITHER_SIDE_1D,
            &REVIEW_BURST_RATE,
            &REVIEW_BURST_FIVE_STARS,
            &REVIEW_SAME_STARS_RUN,
        ];
        all.map(|feature| (feature.value)(&ItemView { seller_reviews: Some(&reviews), ..fixture.item() }))
    }

    /// Own on day 98.5. In the 24 hours before: b and c. In the 7 days: d too. After: e within a day, f not. Long before: g and h,
    /// on days 77.5 and 87.5. Usual: 3 reviews (d, g, h) in the 20 days from 77.5 to 97.5 = .15 a day: ln(3 / 1.15).
    fn seven() -> Vec<ContentRow> {
        vec![
            review("a", 98.5, Some(5.0)),
            review("b", 98.4, Some(5.0)),
            review("c", 97.6, Some(5.0)),
            review("d", 92.0, Some(1.0)),
            review("e", 99.4, Some(1.0)),
            review("f", 99.9, Some(1.0)),
            review("g", 77.5, None),
            review("h", 87.5, Some(5.0)),
        ]
    }

    #[test]
    fn a_burst_is_counted_from_before_and_around() {
        let rate = libm::log(3.0 / 1.15) as f32;
        let expect = [ln_count(2), ln_count(3), ln_count(3), rate, 2.0 / 3.0, ln_count(2)].map(Some);
        let mut rows = seven();
        assert_eq!(values(&rows), expect);
        rows[1..].reverse();
        assert_eq!(values(&rows), expect, "order of rows");

        // What was published, edited or ingested at the midnight or later, and what is no review, changes nothing.
        let edited = ContentRow { valid_from: Some(at(100.0)), ..review("j", 98.4, Some(1.0)) };
        let late = ContentRow { ingested_at: Some(at(100.0)), ..review("k", 98.4, Some(1.0)) };
        let comment = ContentRow { content_type: ContentType::Comment, ..review("l", 98.4, Some(1.0)) };
        rows.extend([review("i", 100.0, Some(1.0)), edited, late, comment]);
        assert_eq!(values(&rows), expect);
        // What was known before does.
        rows.push(review("m", 98.45, Some(1.0)));
        assert_ne!(values(&rows), expect);
    }

    #[test]
    fn a_window_begins_just_after_its_first_moment_and_ends_with_the_review() {
        let n = |day: f64| values(&[review("b", 98.5, None), review("a", day, None)])[0];
        assert_eq!(n(97.5), Some(0.0), "24 hours before");
        assert_eq!(n(97.51), Some(ln_count(1)));
        assert_eq!(n(98.5), Some(ln_count(1)), "at the same moment");
        assert_eq!(n(98.51), Some(0.0), "after");
    }

    #[test]
    fn a_review_alone_is_no_burst() {
        let alone = [Some(0.0), Some(0.0), Some(0.0), None, None, Some(0.0)];
        assert_eq!(values(&[review("a", 98.5, Some(5.0))]), alone);
        for stars in [None, Some(f32::NAN), Some(f32::INFINITY), Some(-1.0), Some(f32::MAX)] {
            let mut expect = alone;
            expect[5] = None;
            assert_eq!(values(&[review("a", 98.5, stars), review("b", 1.0, stars)])[5], None);
            assert_eq!(values(&[review("a", 98.5, stars)]), expect);
        }
    }

    #[test]
    fn an_item_that_is_not_among_the_reviews_has_no_values() {
        let reviews = SellerReviews::of(&[], as_of(100));
        let fixture = Fixture::of(review("a", 98.5, Some(5.0)));
        assert_eq!((REVIEW_BURST_1D.value)(&ItemView { seller_reviews: Some(&reviews), ..fixture.item() }), None);
        assert_eq!((REVIEW_BURST_1D.value)(&fixture.item()), None);
    }
}
