//! Which attributes of the row are filled in.

use super::LISTING;
use crate::features::feature::flag;
use crate::features::{FeatureDoc, ItemView, SimpleFeature};
use crate::units::ContentType::{self, Comment, Listing, Live, Review, Video};

/// Attributes.
pub(in crate::features) static ATTRIBUTE_FILL: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "attribute_fill",
        what: "share present of what the type has. Listing: language, category, title, body, price, list price, currency, pictures, media hash; video, live: language, category, title, body, length, media hash; review: language, title, body, stars, pictures; comment: language, body",
        why: "throwaway listings fill in the least that is accepted",
        range: "0 to 1",
        evaded_by: "filling in nonsense",
        any_of: &[&[
            "content.language",
            "content.category",
            "content.title",
            "content.body",
            "content.price",
            "content.list_price",
            "content.currency",
            "content.rating",
            "content.duration_s",
            "content.image_count",
            "content.media_hash",
        ]],
        version: 2,
        ..LISTING
    },
    value: |item| {
        let attributes = attributes_of(item.content.content_type);
        let filled = attributes.iter().filter(|attribute| attribute.is_filled(item)).count();
        Some(filled as f32 / attributes.len() as f32)
    },
};

/// An attribute that is filled in or not.
#[derive(Clone, Copy)]
enum Attribute {
    Language,
    Category,
    Title,
    Body,
    Price,
    ListPrice,
    Currency,
    Stars,
    Length,
    Pictures,
    MediaHash,
}

impl Attribute {
    fn is_filled(self, item: &ItemView<'_>) -> bool {
        let row = item.content;
        let text = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
        match self {
            Self::Language => row.language.is_some(),
            Self::Category => row.category.is_some(),
            Self::Title => text(&row.title),
            Self::Body => text(&row.body),
            Self::Price => row.price.is_some(),
            Self::ListPrice => row.list_price.is_some(),
            Self::Currency => row.currency.is_some(),
            Self::Stars => row.rating.is_some(),
            Self::Length => row.duration_s.is_some(),
            Self::Pictures => row.image_count.is_some_and(|n| n > 0),
            Self::MediaHash => row.media_hash.is_some(),
        }
    }
}

/// What a row of this type can fill in.
fn attributes_of(content_type: ContentType) -> &'static [Attribute] {
    use Attribute::{Body, Category, Currency, Language, Length, ListPrice, MediaHash, Pictures, Price, Stars, Title};
    match content_type {
        Listing => &[Language, Category, Title, Body, Price, ListPrice, Currency, Pictures, MediaHash],
        Video | Live => &[Language, Category, Title, Body, Length, MediaHash],
        Review => &[Language, Title, Body, Stars, Pictures],
        Comment => &[Language, Body],
    }
}

/// What the features of one attribute have in common.
const HAS: FeatureDoc = FeatureDoc { range: "0 or 1", evaded_by: "filling in nonsense", ..LISTING };

/// Price.
pub(in crate::features) static HAS_PRICE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "has_price",
        what: "1 when the row has a price",
        why: "no price means `ask me elsewhere`",
        inputs: &["content.price"],
        applies_to: &[Listing],
        ..HAS
    },
    value: |item| Some(flag(Attribute::Price.is_filled(item))),
};

/// List price.
pub(in crate::features) static HAS_LIST_PRICE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "has_list_price",
        what: "1 when the row has a list price",
        why: "a discount is claimed at all",
        evaded_by: "the claim in the picture",
        inputs: &["content.list_price"],
        applies_to: &[Listing],
        ..HAS
    },
    value: |item| Some(flag(Attribute::ListPrice.is_filled(item))),
};

/// Category.
pub(in crate::features) static HAS_CATEGORY: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "has_category",
        what: "1 when the row has a category",
        why: "what has no shelf is compared with nothing and seen by no category team",
        inputs: &["content.category"],
        applies_to: &[Listing, Video, Live],
        ..HAS
    },
    value: |item| Some(flag(Attribute::Category.is_filled(item))),
};

/// Body.
pub(in crate::features) static HAS_BODY: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "has_body",
        what: "1 when the description, caption, transcript or review text is not blank",
        why: "throwaway listings and bought stars come without a text",
        inputs: &["content.body"],
        ..HAS
    },
    value: |item| Some(flag(Attribute::Body.is_filled(item))),
};

/// Language.
pub(in crate::features) static HAS_LANGUAGE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "has_language",
        what: "1 when the row names its language",
        why: "texts too short or too mixed to be told have none",
        inputs: &["content.language"],
        ..HAS
    },
    value: |item| Some(flag(Attribute::Language.is_filled(item))),
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Feature;
    use crate::features::fixtures::{Fixture, content};
    use crate::tables::ContentRow;

    #[test]
    fn what_is_filled_in_counts() {
        let bare = Fixture::default();
        assert_eq!(ATTRIBUTE_FILL.value(&bare.item()), Some(1.0 / 9.0), "the title");
        let row = ContentRow { body: Some(" ".to_owned()), price: Some(1.0), image_count: Some(0), ..content("a") };
        assert_eq!(ATTRIBUTE_FILL.value(&Fixture::of(row).item()), Some(2.0 / 9.0), "title and price");
    }

    #[test]
    fn every_type_has_its_own_attributes() {
        let fill = |content_type: ContentType| {
            let row =
                ContentRow { content_type, language: Some("en".into()), rating: Some(5.0), price: Some(1.0), ..content("a") };
            ATTRIBUTE_FILL.value(&Fixture::of(row).item())
        };
        assert_eq!(fill(Listing), Some(3.0 / 9.0), "language, title, price");
        assert_eq!(fill(Video), Some(2.0 / 6.0), "language, title");
        assert_eq!(fill(Live), Some(2.0 / 6.0));
        assert_eq!(fill(Review), Some(3.0 / 5.0), "language, title, stars");
        assert_eq!(fill(Comment), Some(0.5), "language");
    }

    #[test]
    fn attributes_are_there_or_not() {
        let all = [&HAS_PRICE, &HAS_LIST_PRICE, &HAS_CATEGORY, &HAS_BODY, &HAS_LANGUAGE];
        let values = |row: ContentRow| all.map(|feature| feature.value(&Fixture::of(row.clone()).item()));
        assert_eq!(values(ContentRow { body: Some(" ".to_owned()), ..content("a") }), [Some(0.0); 5]);
        let full = ContentRow {
            price: Some(0.0),
            list_price: Some(1.0),
            category: Some("c".into()),
            body: Some("b".to_owned()),
            language: Some("en".into()),
            ..content("a")
        };
        assert_eq!(values(full), [Some(1.0); 5]);
    }
}
