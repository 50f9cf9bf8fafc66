//! The labels of the generated marketplace: a dozen of FIELD.md §9, with the content types they apply to and the share of
//! those items that violates them before campaigns and rings add theirs.

use crate::units::{ContentType, LabelKind};

/// One label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LabelSpec {
    /// Its id in decisions and configuration.
    pub id: &'static str,
    /// Abuse or quality.
    pub kind: LabelKind,
    /// Severity, 1 to 5.
    pub severity: u8,
    /// The content types it can apply to.
    pub content_types: &'static [ContentType],
    /// Base rate among items of those types, before campaigns and rings.
    pub base_rate: f64,
    /// What a reviewer is told.
    pub definition: &'static str,
}

use ContentType::{Comment, Listing, Live, Review, Video};
use LabelKind::{Abuse, Quality};

const fn spec(
    id: &'static str,
    (kind, severity): (LabelKind, u8),
    content_types: &'static [ContentType],
    base_rate: f64,
    definition: &'static str,
) -> LabelSpec {
    LabelSpec { id, kind, severity, content_types, base_rate, definition }
}

/// All labels, in a fixed order.
pub const LABELS: &[LabelSpec] = &[
    spec(
        "traffic_redirect",
        (Abuse, 4),
        &[Listing, Video, Live, Comment],
        0.035,
        "leads buyers off the platform to pay or order",
    ),
    spec("counterfeit", (Abuse, 5), &[Listing], 0.055, "sells an imitation of a brand's goods"),
    spec("misleading_claim", (Abuse, 3), &[Listing, Video, Live], 0.05, "claims an effect that the goods cannot have"),
    spec("false_discount", (Abuse, 3), &[Listing], 0.075, "a former price that was never asked"),
    spec("copied_listing", (Abuse, 2), &[Listing], 0.03, "takes another seller's listing as its own"),
    spec("switched_listing", (Abuse, 4), &[Listing], 0.03, "an established listing edited into another product"),
    spec("gambling", (Abuse, 4), &[Comment, Review], 0.04, "promotes gambling"),
    spec("fake_review", (Abuse, 3), &[Review], 0.10, "a review that was bought or written by the seller"),
    spec("engagement_bait", (Quality, 1), &[Video], 0.085, "asks for reactions that have nothing to do with the goods"),
    spec("keyword_spam", (Quality, 2), &[Listing], 0.075, "a title stuffed with unrelated search words"),
    spec("low_info_review", (Quality, 1), &[Review], 0.11, "a review that says nothing of the goods"),
    spec("title_unclear", (Quality, 1), &[Listing], 0.08, "a title that does not say what is sold"),
];

/// An index into [`LABELS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Label {
    TrafficRedirect,
    Counterfeit,
    MisleadingClaim,
    FalseDiscount,
    CopiedListing,
    SwitchedListing,
    Gambling,
    FakeReview,
    EngagementBait,
    KeywordSpam,
    LowInfoReview,
    TitleUnclear,
}

/// Every label, in order.
pub(super) const ALL: [Label; 12] = [
    Label::TrafficRedirect,
    Label::Counterfeit,
    Label::MisleadingClaim,
    Label::FalseDiscount,
    Label::CopiedListing,
    Label::SwitchedListing,
    Label::Gambling,
    Label::FakeReview,
    Label::EngagementBait,
    Label::KeywordSpam,
    Label::LowInfoReview,
    Label::TitleUnclear,
];

impl Label {
    pub(super) fn spec(self) -> &'static LabelSpec {
        &LABELS[self as usize]
    }

    pub(super) fn applies_to(self, kind: ContentType) -> bool {
        self.spec().content_types.contains(&kind)
    }
}

/// A set of labels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct LabelSet(u16);

impl LabelSet {
    pub(super) fn has(self, label: Label) -> bool {
        self.0 & (1 << label as u16) != 0
    }

    pub(super) fn insert(&mut self, label: Label) {
        self.0 |= 1 << label as u16;
    }

    pub(super) fn remove(&mut self, label: Label) {
        self.0 &= !(1 << label as u16);
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Label> {
        ALL.into_iter().filter(move |l| self.has(*l))
    }

    /// 1 for a member and 0 otherwise, for use as a factor.
    pub(super) fn flag(self, label: Label) -> f64 {
        if self.has(label) { 1.0 } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_follow_the_table() {
        assert_eq!(ALL.len(), LABELS.len());
        for (i, label) in ALL.into_iter().enumerate() {
            assert_eq!(label as usize, i);
        }
        assert_eq!(Label::Gambling.spec().id, "gambling");
        assert_eq!(Label::TitleUnclear.spec().id, "title_unclear");
    }
}
