//! Stars and length of a review against its own tone and against the seller's other reviews.

use super::{REVIEW, SellerReviews};
use crate::features::feature::ln_count;
use crate::features::{FeatureDoc, SimpleFeature};

/// Other reviews that a seller needs before their usual length is known.
const FEWEST_OTHERS: usize = 3;

/// What features of stars among others have in common.
const STARS: FeatureDoc = FeatureDoc { inputs: &["content.seller_id", "content.rating"], ..REVIEW };

/// Stars against tone.
pub(in crate::features) static RATING_TONE_GAP: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "rating_tone_gap",
        what: "(stars − 3) / 2, cut to −1 … 1, minus the tone of the text from −1 (complaint) to 1 (praise)",
        why: "full stars over a complaint are bought or coerced, one star over praise is an attack or a slip",
        range: "-2 to 2",
        evaded_by: "a text that fits the stars",
        inputs: &["content.rating"],
        any_of: &[&["content.title", "content.body"]],
        ..REVIEW
    },
    value: |item| {
        let stars = item.content.rating.filter(|stars| stars.is_finite())?;
        let tone = item.tone.filter(|tone| tone.is_finite())?;
        Some(((stars - 3.0) / 2.0).clamp(-1.0, 1.0) - tone.clamp(-1.0, 1.0))
    },
};

/// Reviews.
pub(in crate::features) static SELLER_REVIEWS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_reviews",
        what: "ln(1 + other reviews of the seller)",
        why: "how much the comparison with them can be trusted",
        range: "0 and up",
        evaded_by: "an old seller",
        inputs: &["content.seller_id"],
        ..REVIEW
    },
    value: |item| Some(ln_count(SellerReviews::around(item)?.others())),
};

/// Stars against the seller's.
pub(in crate::features) static RATING_OVER_SELLER_MEAN: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "rating_over_seller_mean",
        what: "stars minus the mean stars of the seller's other reviews",
        why: "five stars for a seller that others warn of, one for a seller that all praise",
        range: "-5 to 5",
        evaded_by: "reviews enough to move the mean",
        ..STARS
    },
    value: |item| {
        let around = SellerReviews::around(item)?;
        let others = around.rated_others();
        let mean = (others.n > 0).then(|| others.stars as f64 / others.n as f64)?;
        Some(((around.stars()? as f64 - mean) / 1000.0) as f32)
    },
};

/// Five stars of the others.
pub(in crate::features) static SELLER_FIVE_STAR_SHARE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_five_star_share",
        what: "share of five stars among the seller's other rated reviews, not shrunk: seller_reviews says of how many, rated or not",
        why: "hardly any seller pleases everybody",
        range: "0 to 1",
        evaded_by: "some four stars among them",
        ..STARS
    },
    value: |item| {
        let others = SellerReviews::around(item)?.rated_others();
        (others.n > 0).then(|| others.five as f32 / others.n as f32)
    },
};

/// Spread of the stars.
pub(in crate::features) static SELLER_STARS_ENTROPY: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "seller_stars_entropy",
        what: "entropy of the seller's stars, rounded to whole ones and this review included, in nats",
        why: "bought ratings are all alike, attacked sellers have two heaps",
        range: "0 to 1.8",
        evaded_by: "mixing the stars",
        ..STARS
    },
    value: |item| SellerReviews::around(item)?.entropy().map(|entropy| entropy as f32),
};

/// The same reviewer again.
pub(in crate::features) static REVIEWER_REPEATS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "reviewer_repeats",
        what: "ln(1 + other reviews of the seller by the same creator)",
        why: "one hand that praises or punishes a seller over and over",
        range: "0 and up",
        evaded_by: "an account for every review",
        inputs: &["content.seller_id", "content.creator_id"],
        ..REVIEW
    },
    value: |item| SellerReviews::around(item)?.by_same_creator().map(ln_count),
};

/// Length against the seller's.
pub(in crate::features) static REVIEW_CHARS_OVER_USUAL: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "review_chars_over_usual",
        what: "ln((1 + characters of title and body) / (1 + their median over the seller's other reviews)), of which there are three or more",
        why: "bought reviews are shorter, or more elaborate, than what buyers of these goods write",
        range: "any",
        evaded_by: "writing to the usual length",
        inputs: &["content.seller_id"],
        any_of: &[&["content.title", "content.body"]],
        ..REVIEW
    },
    value: |item| SellerReviews::around(item)?.chars_over_usual(FEWEST_OTHERS).map(|over| over as f32),
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::ItemView;
    use crate::features::fixtures::{Fixture, as_of, at, content};
    use crate::tables::ContentRow;
    use crate::units::ContentType;

    fn review(id: &str, stars: Option<f32>, creator: Option<&str>, chars: usize) -> ContentRow {
        ContentRow {
            content_type: ContentType::Review,
            rating: stars,
            creator_id: creator.map(Into::into),
            title: None,
            body: Some("ñ".repeat(chars)),
            ..content(id)
        }
    }

    fn values(rows: &[ContentRow]) -> [Option<f32>; 6] {
        let reviews = SellerReviews::of(&rows.iter().collect::<Vec<_>>(), as_of(100));
        let fixture = Fixture::of(rows[0].clone());
        let all = [
            &SELLER_REVIEWS,
            &RATING_OVER_SELLER_MEAN,
            &SELLER_FIVE_STAR_SHARE,
            &SELLER_STARS_ENTROPY,
            &REVIEWER_REPEATS,
            &REVIEW_CHARS_OVER_USUAL,
        ];
        all.map(|feature| (feature.value)(&ItemView { seller_reviews: Some(&reviews), ..fixture.item() }))
    }

    /// Own: 5 stars, 9 characters. Others: 5, 4.5, 1 and none; 3, 19, 39 and 99 characters, of which 19 is the lower middle. Mean
    /// (5 + 4.5 + 1) / 3 = 3.5; by whole stars 5, 5, 5, 1: entropy −(¾ ln ¾ + ¼ ln ¼) = .562335.
    #[test]
    fn a_review_is_compared_with_the_sellers_others() {
        let mut rows = vec![
            review("a", Some(5.0), Some("u"), 9),
            review("b", Some(5.0), Some("v"), 3),
            review("c", Some(4.5), Some("u"), 19),
            review("d", Some(1.0), None, 39),
            review("e", None, Some("t"), 99),
        ];
        let got = values(&rows);
        assert_eq!(got[..3], [Some(ln_count(4)), Some(1.5), Some(1.0 / 3.0)]);
        assert!((got[3].unwrap() - 0.562_335).abs() < 1e-6, "{got:?}");
        assert_eq!(got[4..], [Some(ln_count(1)), Some(libm::log(0.5) as f32)]);
        rows[1..].reverse();
        assert_eq!(values(&rows), got, "order of rows");
        rows.push(ContentRow { published_at: at(100.0), ..review("f", Some(1.0), Some("u"), 1) });
        assert_eq!(values(&rows), got, "the future");
    }

    #[test]
    fn what_cannot_be_known_is_missing() {
        assert_eq!(values(&[review("a", None, None, 0)]), [Some(0.0), None, None, None, None, None]);
        for stars in [f32::NAN, f32::INFINITY, -1.0, 5.1] {
            let rows = [review("a", Some(stars), None, 0), review("b", Some(stars), None, 0), review("c", Some(4.0), None, 0)];
            assert_eq!(values(&rows)[..4], [Some(ln_count(2)), None, Some(0.0), Some(0.0)], "{stars}");
        }
    }

    #[test]
    fn stars_are_held_against_the_tone() {
        let gap = |stars: Option<f32>, tone: Option<f32>| {
            let fixture = Fixture::of(review("a", stars, None, 9));
            (RATING_TONE_GAP.value)(&ItemView { tone, ..fixture.item() })
        };
        assert_eq!(gap(Some(5.0), Some(-0.5)), Some(1.5));
        assert_eq!(gap(Some(1.0), Some(1.0)), Some(-2.0));
        assert_eq!(gap(Some(0.0), Some(-1.0)), Some(0.0), "no stars at all are one");
        assert_eq!(gap(Some(5.0), None), None);
        assert_eq!(gap(None, Some(1.0)), None);
        assert_eq!(gap(Some(f32::NAN), Some(1.0)), None);
        assert_eq!(gap(Some(f32::MAX), Some(f32::NAN)), None);
    }
}
