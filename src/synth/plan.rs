//! Plans: what an item is before it is written – kind, time, true labels, campaign – as a pure function of (seed, seller, item),
//! so that a copier can look up the listing that it copies without anything being kept.

use crate::units::ContentType;

use super::block::{BLOCK_SELLERS, Block};
use super::labels::{ALL, Label, LabelSet};
use super::random::{Domain, Rng};
use super::seller::{EXEMPLAR, Seller};
use super::{DAY_US, World};

const KINDS: [(ContentType, f64); 5] = [
    (ContentType::Listing, 0.40),
    (ContentType::Video, 0.15),
    (ContentType::Live, 0.05),
    (ContentType::Review, 0.25),
    (ContentType::Comment, 0.15),
];

/// Share of the day's publications in each hour of UTC: the evening of UTC+7 and +8 is noon to three there.
const HOURS: [f64; 24] =
    [2.0, 3.0, 4.0, 4.5, 5.0, 4.5, 4.0, 4.0, 4.0, 4.2, 4.5, 5.5, 7.0, 8.0, 7.5, 6.0, 4.0, 2.5, 1.5, 1.0, 0.8, 0.8, 1.0, 1.5];

/// One planned item.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) index: u64,
    pub(super) kind: ContentType,
    /// Published, µs.
    pub(super) at: i64,
    pub(super) labels: LabelSet,
    /// Index among the neighbourhood's campaigns.
    pub(super) campaign: Option<usize>,
    pub(super) category: usize,
    /// Log popularity against the mean of its kind.
    pub(super) appeal: f64,
    /// Key of the catalogue entry whose text and picture many honest resellers share.
    pub(super) catalogue: Option<u64>,
    /// When a switched listing is switched, µs.
    pub(super) switched_at: Option<i64>,
    /// How thoroughly its cues are disguised, 0 to 1.
    pub(super) disguise: f64,
}

impl Plan {
    pub(super) fn draw(world: &World, block: &Block, seller: &Seller, index: u64) -> Self {
        let mut rng = Rng::new(world.seed, Domain::Item, seller.index, index);
        let shown = (seller.index == EXEMPLAR && index < 48 && index.is_multiple_of(4)).then(|| ALL[index as usize / 4]);
        let kind = match shown.and_then(|l| l.spec().content_types.first()) {
            Some(kind) => *kind,
            None => KINDS[rng.weighted(&KINDS.map(|(_, w)| w))].0,
        };
        let mut at = time_of(world, seller.registered, &mut rng);
        for c in &seller.joined {
            let c = &block.campaigns[*c];
            if c.label.applies_to(kind) && rng.chance(0.3) {
                let pulled = world.start + (rng.between(c.from, c.until.min(f64::from(world.days) - 0.1)) * DAY_US as f64) as i64;
                at = pulled.max(at.min(seller.registered + DAY_US)).min(world.end - DAY_US / 24);
            }
        }
        if shown == Some(Label::CopiedListing) {
            // Late enough for a source to be there.
            at = world.end - 3 * DAY_US;
        }
        let category = if rng.chance(0.12) { rng.below(12) } else { seller.categories[usize::from(rng.chance(0.3))] };
        let mut labels = LabelSet::default();
        for label in ALL.into_iter().filter(|l| l.applies_to(kind)) {
            let p =
                label.spec().base_rate * seller.temptation(label) * pull_of_category(label, category) + from_ring(label, seller);
            if rng.chance(p.min(0.6)) || shown == Some(label) {
                labels.insert(label);
            }
        }
        let campaign = campaign_of(world, block, seller, (kind, at), &mut rng);
        if let Some(c) = campaign {
            labels.insert(block.campaigns[c].label);
        }
        drop_contradictions(&mut labels, shown);
        let switched_at = labels.has(Label::SwitchedListing).then(|| at + (rng.between(1.5, 7.0) * DAY_US as f64) as i64);
        let switched_at = match (switched_at, shown) {
            (Some(t), Some(Label::SwitchedListing)) => Some(t.min(world.end - DAY_US / 48).max(at + 1)),
            (t, _) => t.filter(|t| *t < world.end - DAY_US / 2),
        };
        if switched_at.is_none() {
            labels.remove(Label::SwitchedListing);
        }
        let resells = kind == ContentType::Listing && !labels.has(Label::CopiedListing) && rng.chance(0.10);
        let shelf = (block.number * 8 + seller.place_idx as u64) * 16 + category as u64;
        let catalogue = resells.then(|| shelf * 8 + rng.below(6) as u64);
        let disguise = match campaign.map(|c| &block.campaigns[c]) {
            Some(c) => c.disguise(world.day_of(at)),
            None if labels.is_empty() => 0.02,
            None => 0.35 * rng.uniform(),
        };
        let appeal = seller.fame + 1.2 * rng.normal();
        Self { index, kind, at, labels, campaign, category, appeal, catalogue, switched_at, disguise }
    }

    /// Whether the item violates `label` at `at`.
    pub(super) fn violates(&self, label: Label, at: i64) -> bool {
        self.labels.has(label) && (label != Label::SwitchedListing || self.switched_at.is_some_and(|t| t <= at))
    }
}

/// When the item is published: any day since the seller joined, in the market's waking hours.
fn time_of(world: &World, registered: i64, rng: &mut Rng) -> i64 {
    let low = registered.max(world.start);
    let day = (low - world.start) / DAY_US;
    let day = day + (rng.uniform() * (i64::from(world.days) - day) as f64) as i64;
    let hour = rng.weighted(&HOURS) as f64 + rng.uniform();
    let at = world.start + day * DAY_US + (hour / 24.0 * DAY_US as f64) as i64;
    at.clamp(low + 60_000_000, world.end - DAY_US / 24)
}

/// Some categories tempt more: brands are imitated, creams and food promise wonders.
fn pull_of_category(label: Label, category: usize) -> f64 {
    match (label, category) {
        (Label::Counterfeit, 2 | 3 | 4 | 5 | 11) => 1.7,
        (Label::Counterfeit, _) => 0.45,
        (Label::MisleadingClaim, 3 | 8) => 2.3,
        (Label::MisleadingClaim, 5..=7) => 1.0,
        (Label::MisleadingClaim, _) => 0.6,
        _ => 1.0,
    }
}

/// Rings live by copying and by leading buyers away.
fn from_ring(label: Label, seller: &Seller) -> f64 {
    match (seller.ring, label) {
        (Some(_), Label::CopiedListing) => 0.38,
        (Some(_), Label::TrafficRedirect) => 0.12,
        _ => 0.0,
    }
}

fn campaign_of(world: &World, block: &Block, seller: &Seller, (kind, at): (ContentType, i64), rng: &mut Rng) -> Option<usize> {
    let day = world.day_of(at);
    let running = |c: &usize| block.campaigns[*c].runs_at(day) && block.campaigns[*c].label.applies_to(kind);
    if let Some(c) = seller.joined.iter().copied().find(running) {
        return rng.chance(0.6).then_some(c);
    }
    // Gambling needs no accomplice: its accounts comment under anybody's goods.
    let bots = |c: &usize| block.campaigns[*c].label == Label::Gambling && block.campaigns[*c].place == seller.place_idx;
    let c = (0..block.campaigns.len()).filter(running).find(bots)?;
    rng.chance(0.11).then_some(c)
}

/// Some labels exclude others; the first named stays, and the label that the item is to show always does.
fn drop_contradictions(labels: &mut LabelSet, shown: Option<Label>) {
    const EXCLUSIVE: [(Label, Label); 6] = [
        (Label::CopiedListing, Label::SwitchedListing),
        (Label::CopiedListing, Label::TitleUnclear),
        (Label::KeywordSpam, Label::TitleUnclear),
        (Label::Gambling, Label::FakeReview),
        (Label::Gambling, Label::LowInfoReview),
        (Label::FakeReview, Label::LowInfoReview),
    ];
    for (first, second) in EXCLUSIVE {
        if labels.has(first) && labels.has(second) {
            labels.remove(if shown == Some(second) { first } else { second });
        }
    }
}

/// The listing that a copier took: a popular, honest one of an earlier seller of the neighbourhood in the same market,
/// published at least half a day before. `None` when there is none yet.
pub(super) fn source_of(world: &World, block: &Block, copier: &Seller, at: i64, index: u64) -> Option<(Seller, Plan)> {
    let mut rng = Rng::new(world.seed, Domain::Source, copier.index, index);
    let first = block.number * BLOCK_SELLERS;
    let before = copier.index.checked_sub(first).filter(|n| *n > 0)?;
    let mut best: Option<(Seller, Plan)> = None;
    let mut found = 0;
    for _ in 0..60 {
        let owner = Seller::draw(world, block, first + rng.below(before as usize) as u64);
        if owner.place_idx != copier.place_idx || owner.honesty < 0.5 {
            continue;
        }
        let rounds = if copier.index == EXEMPLAR { 20 } else { 3 };
        for _ in 0..rounds {
            let plan = Plan::draw(world, block, &owner, rng.below(owner.n_items as usize) as u64);
            let fit = plan.kind == ContentType::Listing && plan.labels.is_empty() && plan.at + DAY_US / 2 < at;
            if fit {
                found += 1;
                if best.as_ref().is_none_or(|(_, b)| plan.appeal > b.appeal) {
                    best = Some((owner.clone(), plan));
                }
            }
        }
        if found >= 4 {
            break;
        }
    }
    best
}
