//! Listings: brand, title, description, price, former price and pictures.

use super::draft::Draft;
use super::ids::{Kind, id};
use super::labels::Label;
use super::lexicon::Section;
use super::writer::Writer;

const BRANDS: [&str; 14] = [
    "Kestrelle",
    "Orvando",
    "Zentory",
    "Novalune",
    "Brisco & Vane",
    "Halcyr",
    "Maredo",
    "Tolvex",
    "Aurelin",
    "Pavonne",
    "Quillon",
    "Sarvik",
    "Lumera",
    "Dastan",
];

/// Fills in a listing.
pub(super) fn listing(w: &mut Writer<'_>, d: &mut Draft) {
    let labels = w.plan.labels;
    let branded = matches!(d.category, 2 | 3 | 4 | 5 | 11);
    let has_brand = w.rng.chance(match (labels.has(Label::Counterfeit), branded) {
        (true, _) => 0.66,
        (false, true) => 0.24,
        (false, false) => 0.07,
    });
    let brand = if has_brand { w.rng.pick(&BRANDS).copied().unwrap_or("") } else { "" };
    let text = title(w, d.category, brand);
    d.title = Some(w.finish(text));
    let text = listing_body(w, branded);
    d.body = Some(w.finish(text));
    // From here on the seller's own stream, also under a shared catalogue text.
    w.rng = w.world.own_stream(w.seller, w.plan);
    if has_brand {
        d.price *= libm::exp(0.75 + 0.25 * w.rng.normal());
    }
    d.price *= libm::exp(
        -0.62 * labels.flag(Label::Counterfeit) - 0.18 * labels.flag(Label::TrafficRedirect)
            + 0.18 * labels.flag(Label::MisleadingClaim)
            - 0.2 * labels.flag(Label::TitleUnclear)
            - 0.15 * labels.flag(Label::KeywordSpam),
    );
    let depth = discount(w);
    d.list_price = depth.map(|depth| d.price / (1.0 - depth));
    let thin = labels.flag(Label::Counterfeit) + labels.flag(Label::CopiedListing) + labels.flag(Label::TitleUnclear);
    d.image_count = Some(1 + w.rng.poisson(5.0 - 1.3 * thin.min(2.0)));
    d.media_hash = Some(match w.plan.catalogue {
        Some(key) if w.rng.chance(0.7) => id(Kind::Media, 0x8000_0000 + key, 0),
        _ => id(Kind::Media, w.seller.index, w.plan.index),
    });
    let stars = (4.7 - 0.3 * labels.flag(Label::Counterfeit) - 0.15 * labels.flag(Label::MisleadingClaim)
        + 0.28 * w.rng.normal())
    .clamp(1.0, 5.0);
    d.rating = w.rng.chance(0.6).then_some(((stars * 10.0).round() / 10.0) as f32);
}

/// Share of the former price that is taken off; genuine deep discounts exist, and false ones are not always deep.
fn discount(w: &mut Writer<'_>) -> Option<f64> {
    if w.plan.labels.has(Label::FalseDiscount) {
        return w.rng.chance(0.93).then(|| w.rng.beta(5.0, 3.6).min(0.92));
    }
    w.rng.chance(0.72).then(|| if w.rng.chance(0.2) { w.rng.beta(5.0, 4.0).min(0.9) } else { w.rng.beta(2.0, 6.0) })
}

fn title(w: &mut Writer<'_>, category: usize, brand: &str) -> String {
    let unclear = w.plan.labels.has(Label::TitleUnclear);
    let vague = w.rng.chance(if unclear { 0.78 } else { 0.04 }).then(|| w.phrase(Section::Vague));
    let keeps_noun = w.rng.chance(if unclear { 0.2 } else { 0.975 });
    let noun = if keeps_noun { w.noun(category) } else { "" };
    let adj = if w.rng.chance(if unclear { 0.3 } else { 0.78 }) { w.phrase(Section::Adj) } else { "" };
    let more = if w.rng.chance(if unclear { 0.1 } else { 0.3 }) { w.phrase(Section::Adj) } else { "" };
    let code = if w.rng.chance(0.35) { variant(w) } else { String::new() };
    let mut words = vec![brand, adj, noun, more, vague.unwrap_or(""), &code];
    if w.rng.chance(0.5) {
        words.swap(1, 2);
    }
    let stuffed = w.plan.labels.has(Label::KeywordSpam);
    let n_more = match (stuffed && w.rng.chance(0.85), w.seller.style.long_titles) {
        (true, _) => 3 + w.rng.below(6),
        (false, true) => w.rng.below(7),
        (false, false) => usize::from(w.rng.chance(0.25)) * (1 + w.rng.below(2)),
    };
    let mut tail = Vec::new();
    for _ in 0..n_more {
        let far = w.rng.chance(if stuffed { 0.65 } else { 0.08 });
        let category = if far { w.rng.below(12) } else { category };
        let hype = if stuffed { 2.2 } else { 0.7 };
        tail.push(match w.rng.weighted(&[hype, 1.0, 1.0]) {
            0 => w.phrase(Section::Hype),
            1 => w.phrase(Section::Adj),
            _ => w.noun(category),
        });
    }
    words.extend(tail);
    let text = w.join_words(&words);
    if text.is_empty() { w.phrase(Section::Vague).to_owned() } else { text }
}

fn variant(w: &mut Writer<'_>) -> String {
    let n = w.rng.below(90) + 10;
    match w.rng.below(4) {
        0 => format!("{}{n}", char::from(b'A' + (n % 26) as u8)),
        1 => ["S", "M", "L", "XL", "XXL"][n % 5].to_owned(),
        2 => format!("{}ml", n * 10),
        _ => format!("{}pcs", n % 9 + 2),
    }
}

fn listing_body(w: &mut Writer<'_>, branded: bool) -> String {
    let mut parts: Vec<String> = Vec::new();
    for _ in 0..2 + w.rng.below(4) {
        parts.push(w.phrase(Section::Feat).to_owned());
    }
    for _ in 0..w.rng.below(3) {
        parts.push(w.phrase(Section::Ship).to_owned());
    }
    let claims = if matches!(w.plan.category, 3 | 8) { 0.10 } else { 0.04 };
    parts.extend(w.maybe_cue(Label::TrafficRedirect, Section::Redir, (0.72, 0.08)));
    parts.extend(w.maybe_cue(Label::MisleadingClaim, Section::Claim, (0.85, claims)));
    parts.extend(w.maybe_cue(Label::MisleadingClaim, Section::Claim, (0.4, 0.3 * claims)));
    parts.extend(w.maybe_cue(Label::FalseDiscount, Section::Urge, (0.6, 0.2)));
    parts.extend(w.maybe_cue(Label::Counterfeit, Section::Fake, (0.62, if branded { 0.14 } else { 0.04 })));
    w.join_phrases(parts)
}
