//! What the row says besides text and price: pictures, length, age and edits.

use super::LISTING;
use crate::features::feature::{flag, ln_count};
use crate::features::{FeatureDoc, SimpleFeature};
use crate::units::ContentType::{Listing, Live, Video};

/// Pictures.
pub(in crate::features) static IMAGES: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "images",
        what: "ln(1 + pictures)",
        why: "genuine sellers photograph what they have",
        range: "0 and up",
        evaded_by: "copied pictures",
        inputs: &["content.image_count"],
        ..LISTING
    },
    value: |item| item.content.image_count.map(ln_count),
};

/// Media hash.
pub(in crate::features) static HAS_MEDIA_HASH: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "has_media_hash",
        what: "1 when the main picture or video was hashed",
        why: "no picture at all, or one that could not be read",
        range: "0 or 1",
        evaded_by: "any picture",
        inputs: &["content.media_hash"],
        applies_to: &[Listing, Video, Live],
        ..LISTING
    },
    value: |item| Some(flag(item.content.media_hash.is_some())),
};

/// Length.
pub(in crate::features) static DURATION: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "duration",
        what: "ln(1 + seconds)",
        why: "still frames and replays have telling lengths",
        range: "0 and up",
        evaded_by: "cutting to a usual length",
        inputs: &["content.duration_s"],
        applies_to: &[Video, Live],
        ..LISTING
    },
    value: |item| item.content.duration_s.filter(|d| d.is_finite() && *d >= 0.0).map(|d| libm::log1p(d) as f32),
};

/// Age.
pub(in crate::features) static AGE_DAYS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "age_days",
        what: "ln(1 + days from publication to the midnight)",
        why: "abuse is found and removed early; what is old has survived",
        range: "0 and up",
        evaded_by: "publishing early, editing later",
        inputs: &["content.published_at"],
        ..LISTING
    },
    value: |item| {
        let days = item.as_of.instant.days_since(item.content.published_at);
        Some(libm::log1p(days.max(0.0)) as f32)
    },
};

/// Edits.
pub(in crate::features) static EDITS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "edits",
        what: "ln(1 + versions known after the first)",
        why: "switched listings are edited after they earned their reviews",
        range: "0 and up",
        evaded_by: "a new listing",
        inputs: &["content.valid_from"],
        ..LISTING
    },
    value: |item| item.versions_known.map(|n| ln_count(u64::from(n.saturating_sub(1)))),
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Feature;
    use crate::features::fixtures::{Fixture, at, content};
    use crate::tables::ContentRow;

    #[test]
    fn missing_pictures_are_not_none() {
        assert_eq!(IMAGES.value(&Fixture::default().item()), None);
        assert_eq!(IMAGES.value(&Fixture::of(ContentRow { image_count: Some(0), ..content("a") }).item()), Some(0.0));
    }

    #[test]
    fn an_item_of_tomorrow_has_no_age() {
        let fixture = Fixture::of(ContentRow { published_at: at(101.0), ..content("a") });
        assert_eq!(AGE_DAYS.value(&fixture.item()), Some(0.0));
        let mut item = fixture.item();
        assert_eq!(EDITS.value(&item), None, "a snapshot");
        item.versions_known = Some(1);
        assert_eq!(EDITS.value(&item), Some(0.0));
    }
}
