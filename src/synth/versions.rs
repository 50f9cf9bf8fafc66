//! Versions of an item: copies of others' listings, edits in good and in bad faith, and the rows they become.

use crate::tables::ContentRow;
use crate::units::{ContentType, Id, Timestamp};

use super::block::Block;
use super::draft::{Draft, draft};
use super::ids::{Kind, id};
use super::labels::Label;
use super::lexicon::{CATEGORIES, Section};
use super::plan::{Plan, source_of};
use super::seller::Seller;
use super::writer::Writer;
use super::{DAY_US, SynthError, World};

/// An item with all its versions, oldest first.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) id: Id,
    pub(super) plan: Plan,
    pub(super) versions: Vec<(i64, Draft)>,
    pub(super) copied_from: Option<Id>,
    language: &'static str,
}

/// The content id of a seller's `index`-th item.
pub(super) fn content_id(seller: &Seller, index: u64) -> Id {
    id(Kind::Content, seller.index, index)
}

impl Item {
    /// Writes `plan`. A copier that finds nothing to copy does not violate that label.
    pub(super) fn write(world: &World, block: &Block, seller: &Seller, mut plan: Plan) -> Self {
        let copied = plan.labels.has(Label::CopiedListing);
        let source = if copied { source_of(world, block, seller, plan.at, plan.index) } else { None };
        if source.is_none() {
            plan.labels.remove(Label::CopiedListing);
        }
        let mut w = Writer::new(world, block, seller, &plan, 0);
        let language = w.language.tag();
        let mut first = draft(&mut w, plan.category);
        let copied_from = source.map(|(owner, taken)| {
            copy(&mut w, &mut first, &owner, &taken);
            content_id(&owner, taken.index)
        });
        let versions = if plan.kind == ContentType::Listing { edits(w, first) } else { vec![(plan.at, first)] };
        Self { id: content_id(seller, plan.index), plan, versions, copied_from, language }
    }

    /// The version in force at `at`.
    pub(super) fn version_at(&self, at: i64) -> &Draft {
        let n = self.versions.iter().take_while(|(from, _)| *from <= at).count();
        &self.versions[n.max(1) - 1].1
    }

    pub(super) fn rows(&self, seller: &Seller) -> Result<Vec<ContentRow>, SynthError> {
        let place = seller.place();
        let market = place.market()?;
        let sells = self.plan.kind == ContentType::Listing;
        let row = |(from, d): &(i64, Draft)| ContentRow {
            content_id: self.id.clone(),
            valid_from: Some(Timestamp(*from)),
            content_type: self.plan.kind,
            market,
            published_at: Timestamp(self.plan.at),
            seller_id: Some(seller.id.clone()),
            creator_id: d.creator_id.clone(),
            language: Some(self.language.into()),
            category: Some(CATEGORIES[d.category].into()),
            title: d.title.clone(),
            body: d.body.clone(),
            price: sells.then(|| place.price(d.price)),
            list_price: d.list_price.filter(|_| sells).map(|p| place.price(p)),
            currency: sells.then(|| place.currency.into()),
            rating: d.rating,
            duration_s: d.duration_s,
            image_count: d.image_count,
            media_hash: d.media_hash.clone(),
            embedding: None,
            extra: d.extra.clone(),
            ingested_at: None,
        };
        Ok(self.versions.iter().map(row).collect())
    }
}

/// Takes over another listing's text and often its picture, a little changed and a little cheaper.
fn copy(w: &mut Writer<'_>, d: &mut Draft, owner: &Seller, taken: &Plan) {
    let mut theirs = Writer::new(w.world, w.block, owner, taken, 0);
    let original = draft(&mut theirs, taken.category);
    d.category = original.category;
    d.price = original.price * w.rng.between(0.78, 1.02);
    d.title = original.title.map(|t| {
        if w.rng.chance(0.4) {
            return t;
        }
        let section = if w.rng.chance(0.5) { Section::Adj } else { Section::Hype };
        let more = w.phrase(section);
        if w.rng.chance(0.5) { w.join_words(&[&t, more]) } else { w.join_words(&[more, &t]) }
    });
    d.body = original.body.map(|b| {
        let mut parts = vec![b];
        for _ in 0..w.rng.below(3) {
            parts.push(w.phrase(Section::Ship).to_owned());
        }
        parts.extend(w.maybe_cue(Label::TrafficRedirect, Section::Redir, (0.72, 0.12)));
        w.join_phrases(parts)
    });
    if w.rng.chance(0.55) {
        d.media_hash = original.media_hash;
        d.image_count = original.image_count.map(|n| n.saturating_sub(w.rng.below(2) as u64).max(1));
    }
}

/// The versions of a listing: most have one; prices and wording move in good faith, former prices are raised and goods
/// switched in bad faith.
fn edits(mut w: Writer<'_>, first: Draft) -> Vec<(i64, Draft)> {
    let (world, plan) = (w.world, w.plan);
    let after = |days: f64| plan.at + (days * DAY_US as f64) as i64;
    let mut versions = vec![(plan.at, first.clone())];
    let mut last = first;
    if plan.labels.has(Label::FalseDiscount) && w.rng.chance(0.5) {
        // The former price appears, or grows, only some days after publication.
        let before = w.rng.between(1.02, 1.15);
        versions[0].1.list_price = w.rng.chance(0.4).then_some(last.price * before);
        versions.push((after(w.rng.between(0.5, 5.0)), last.clone()));
    } else if w.rng.chance(0.22) {
        last.price *= w.rng.between(0.85, 1.12);
        last.list_price = last.list_price.map(|p| p.max(last.price * 1.02));
        versions.push((after(w.rng.between(1.0, 14.0)), last.clone()));
    }
    if w.rng.chance(0.2) {
        let large = w.rng.chance(0.45);
        let mut again = Writer::new(world, w.block, w.seller, plan, 2);
        last.title = match last.title {
            Some(t) if !large => {
                let more = w.phrase(Section::Adj);
                Some(w.join_words(&[&t, more]))
            }
            _ => draft(&mut again, last.category).title,
        };
        if large && w.rng.chance(0.2) {
            // Filed anew in good faith: sellers choose the wrong shelf.
            last.category = w.rng.below(12);
        }
        if large && w.rng.chance(0.5) {
            last.price *= w.rng.log_normal(0.0, 0.35);
            last.list_price = last.list_price.map(|p| p.max(last.price * 1.02));
        }
        versions.push((after(w.rng.between(1.0, 14.0)), last.clone()));
    }
    if let Some(at) = plan.switched_at {
        let mut again = Writer::new(world, w.block, w.seller, plan, 1);
        let category = if w.rng.chance(0.3) { w.rng.below(12) } else { last.category };
        versions.retain(|(from, _)| *from < at);
        let mut other = draft(&mut again, category);
        other.rating = last.rating;
        if w.rng.chance(0.3) {
            // Only what is sent has changed, and how it is described.
            other = Draft { body: other.body, price: other.price, ..last };
        }
        versions.push((at, other));
    }
    versions.sort_by_key(|(from, _)| *from);
    versions.dedup_by_key(|(from, _)| *from);
    versions.retain(|(from, _)| *from < world.end);
    versions
}
