//! Reviews and comments, and who wrote them.

use crate::units::Id;

use super::draft::Draft;
use super::ids::{Kind, id};
use super::labels::Label;
use super::lexicon::Section;
use super::writer::{Intent, Writer};

/// Fills in a review.
pub(super) fn review(w: &mut Writer<'_>, d: &mut Draft) {
    let labels = w.plan.labels;
    let (fake, low) = (labels.has(Label::FakeReview), labels.has(Label::LowInfoReview));
    let unhappy = 0.5 + 1.2 * (1.0 - w.seller.honesty);
    let stars = if fake && w.rng.chance(0.93) {
        5
    } else {
        5 - w.rng.weighted(&[0.56, 0.2, 0.1 * unhappy, 0.05 * unhappy, 0.12 * unhappy])
    };
    let mut parts: Vec<String> = Vec::new();
    if fake && w.rng.chance(0.74) {
        for _ in 0..1 + w.rng.below(2) {
            parts.push(w.phrase(Section::Praise).to_owned());
        }
        if w.rng.chance(0.25) {
            parts.push(w.phrase(Section::Pos).to_owned());
        }
    } else if low && w.rng.chance(0.85) || !low && w.rng.chance(0.06) {
        for _ in 0..1 + w.rng.below(2) {
            parts.push(w.phrase(Section::Low).to_owned());
        }
        if low && w.rng.chance(0.35) {
            parts.push(w.phrase(Section::Comment).to_owned());
        }
    } else {
        let lists = match stars {
            4.. => [Section::Pos, Section::Pos, Section::Mid],
            3 => [Section::Mid, Section::Pos, Section::Neg],
            _ => [Section::Neg, Section::Neg, Section::Mid],
        };
        let n_parts = 1 + w.rng.weighted(&[0.24, 0.42, 0.34]);
        for section in lists.into_iter().take(n_parts) {
            parts.push(w.phrase(section).to_owned());
        }
        if stars == 5 && w.rng.chance(0.27) {
            parts.push(w.phrase(Section::Praise).to_owned());
        }
        if w.rng.chance(0.25) {
            parts.push(w.noun(d.category).to_owned());
        }
        if w.rng.chance(0.08) {
            parts.push(w.phrase(Section::Low).to_owned());
        }
    }
    parts.extend(w.maybe_cue(Label::Gambling, Section::Gamble, (0.85, 0.035)));
    let text = w.join_phrases(parts);
    d.body = Some(w.finish(text));
    d.rating = Some(stars as f32);
    let pictured = if low {
        0.07
    } else if fake {
        0.22
    } else {
        0.33
    };
    d.image_count = Some(if w.rng.chance(pictured) { 1 + w.rng.below(3) as u64 } else { 0 });
    d.creator_id = Some(author(w, if fake { Intent::Guilty } else { Intent::Innocent }));
}

/// Fills in a comment.
pub(super) fn comment(w: &mut Writer<'_>, d: &mut Draft) {
    let mut parts = Vec::new();
    if w.plan.labels.is_empty() || w.rng.chance(0.35) {
        parts.push(w.phrase(Section::Comment).to_owned());
    }
    if w.rng.chance(0.15) {
        parts.push(w.phrase(Section::Pos).to_owned());
    }
    parts.extend(w.maybe_cue(Label::Gambling, Section::Gamble, (0.85, 0.045)));
    parts.extend(w.maybe_cue(Label::TrafficRedirect, Section::Redir, (0.78, 0.04)));
    if parts.is_empty() {
        parts.push(w.phrase(Section::Comment).to_owned());
    }
    let text = w.join_phrases(parts);
    d.body = Some(w.finish(text));
    d.creator_id = Some(author(w, if w.plan.labels.is_empty() { Intent::Innocent } else { Intent::Guilty }));
}

/// Who wrote a review or comment: the public, a few very active people, or accounts that a campaign, ring or seller keeps.
fn author(w: &mut Writer<'_>, intent: Intent) -> Id {
    let public = 0xA000_0000 + w.block.number;
    if intent == Intent::Innocent || w.rng.chance(0.4) {
        let active = w.rng.chance(0.15);
        return id(Kind::Account, public, if active { 5000 + w.rng.below(40) } else { w.rng.below(4000) } as u64);
    }
    match (w.plan.campaign, w.seller.ring) {
        (Some(c), _) => id(Kind::Account, 0xC000_0000 + w.block.number, (c * 64 + w.rng.below(20)) as u64),
        (None, Some(ring)) => id(Kind::Account, 0xB000_0000 + w.block.number, (ring * 64 + w.rng.below(24)) as u64),
        (None, None) => id(Kind::Account, w.seller.index, 16 + w.rng.below(10) as u64),
    }
}
