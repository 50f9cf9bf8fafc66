//! Drafts: one version of an item as sellers and users see it – texts, prices, pictures, detector values. True labels shift
//! each of them a little; nothing here states a label.

use crate::units::{ContentType, Id};

use super::ids::{Kind, id};
use super::labels::Label;
use super::lexicon::{CATEGORIES, Section};
use super::listing::listing;
use super::opinion::{comment, review};
use super::place::BASE_PRICE;
use super::writer::Writer;

/// One version of an item.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) category: usize,
    pub(super) title: Option<String>,
    pub(super) body: Option<String>,
    /// Before exchange: the market's price level and rounding come later.
    pub(super) price: f64,
    pub(super) list_price: Option<f64>,
    pub(super) rating: Option<f32>,
    pub(super) duration_s: Option<f64>,
    pub(super) image_count: Option<u64>,
    pub(super) media_hash: Option<Id>,
    pub(super) creator_id: Option<Id>,
    /// In the order of `EXTRA_COLUMNS`.
    pub(super) extra: Vec<Option<f32>>,
}

/// Writes the first (or, for `category` other than the plan's, a later) version.
pub(super) fn draft(w: &mut Writer<'_>, category: usize) -> Draft {
    let mut d = Draft {
        category,
        title: None,
        body: None,
        price: BASE_PRICE[category] * libm::exp(w.seller.price_level + 0.4 * w.rng.normal()),
        list_price: None,
        rating: None,
        duration_s: None,
        image_count: None,
        media_hash: None,
        creator_id: None,
        extra: vec![None, None],
    };
    match w.plan.kind {
        ContentType::Listing => listing(w, &mut d),
        ContentType::Video => film(w, &mut d, Section::Caption),
        ContentType::Live => film(w, &mut d, Section::Live),
        ContentType::Review => review(w, &mut d),
        ContentType::Comment => comment(w, &mut d),
    }
    d
}

/// A video or live stream.
fn film(w: &mut Writer<'_>, d: &mut Draft, opening: Section) {
    let live = opening == Section::Live;
    let labels = w.plan.labels;
    let (first, noun) = (w.phrase(opening), w.noun(d.category));
    let text = w.join_words(&[first, noun]);
    d.title = Some(w.finish(text));
    let mut parts = vec![noun.to_owned()];
    for _ in 0..if live { 3 + w.rng.below(4) } else { 1 + w.rng.below(2) } {
        let section = if w.rng.chance(0.7) { Section::Feat } else { opening };
        parts.push(w.phrase(section).to_owned());
    }
    if w.rng.chance(0.3) {
        parts.push(w.phrase(Section::Ship).to_owned());
    }
    if w.rng.chance(0.15) {
        parts.push(w.phrase(Section::Urge).to_owned());
    }
    parts.extend(w.maybe_cue(Label::TrafficRedirect, Section::Redir, (0.72, 0.06)));
    parts.extend(w.maybe_cue(Label::MisleadingClaim, Section::Claim, (0.85, 0.05)));
    parts.extend(w.maybe_cue(Label::MisleadingClaim, Section::Claim, (0.4, 0.015)));
    if !live {
        parts.extend(w.maybe_cue(Label::EngagementBait, Section::Bait, (0.75, 0.16)));
    }
    if w.rng.chance(0.4) {
        parts.push(format!("#{}", CATEGORIES[d.category].replace('_', "")));
    }
    let text = w.join_phrases(parts);
    d.body = Some(w.finish(text));
    d.duration_s = Some((if live { w.rng.log_normal(8.2, 0.6) } else { w.rng.log_normal(3.3, 0.6) }).round().max(3.0));
    d.media_hash = (!live).then(|| id(Kind::Media, w.seller.index, w.plan.index));
    d.creator_id = Some(if live || w.rng.chance(0.6) {
        id(Kind::Account, w.seller.index, w.rng.below(2) as u64)
    } else {
        id(Kind::Account, 0x9000_0000 + w.block.number, w.rng.below(30) as u64)
    });
    let redirect = labels.flag(Label::TrafficRedirect);
    let (claim, bait) = (labels.flag(Label::MisleadingClaim), labels.flag(Label::EngagementBait));
    let mut share = |mean: f64| ((1e4 / (1.0 + libm::exp(-(mean + 1.1 * w.rng.normal())))).round() / 1e4) as f32;
    let speech = share(0.4 + 1.2 * claim - 0.6 * bait);
    let still = share(-1.7 + 0.9 * bait + 0.7 * redirect + 0.5 * claim);
    d.extra = vec![Some(speech), Some(still)];
}
