//! Sellers: latent honesty and what follows from it with much noise. A seller is a pure function of (seed, index), so it does
//! not depend on how many others are generated.

use crate::tables::SellerRow;
use crate::units::{Id, Timestamp};

use super::block::{BLOCK_SELLERS, Block, RINGS};
use super::ids::{Kind, id};
use super::labels::{ALL, Label};
use super::place::{PLACES, Place, PlaceIdx};
use super::random::{Domain, Rng};
use super::{DAY_US, SynthError, World};

/// Tiers from the lowest.
const TIERS: [&str; 4] = ["bronze", "silver", "gold", "mall"];
/// The mean of (1 − honesty)^1.4 over sellers: makes `temptation` average about 1.
const MEAN_TEMPTATION: f64 = 0.21;
/// The first two sellers are drawn so that a hundred items already show every label: one honest, one not.
pub(super) const EXEMPLAR: u64 = 1;

/// One seller's latent facts.
#[derive(Debug, Clone)]
pub(super) struct Seller {
    pub(super) index: u64,
    pub(super) id: Id,
    pub(super) place_idx: PlaceIdx,
    pub(super) honesty: f64,
    pub(super) ring: Option<usize>,
    /// Indices of the neighbourhood's campaigns that it colludes in.
    pub(super) joined: Vec<usize>,
    /// Index of the brigade that reports it.
    pub(super) brigade: Option<usize>,
    /// Items over the window.
    pub(super) n_items: u64,
    pub(super) registered: i64,
    pub(super) categories: [usize; 2],
    /// Log price level and log popularity against others.
    pub(super) price_level: f64,
    pub(super) fame: f64,
    pub(super) tier: usize,
    /// Writing habits.
    pub(super) style: Style,
    appetite: [f64; 12],
}

/// How a seller writes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) shouts: bool,
    pub(super) emoji: bool,
    pub(super) long_titles: bool,
    pub(super) drops_marks: bool,
    pub(super) ornate: f64,
}

impl Seller {
    pub(super) fn draw(world: &World, block: &Block, index: u64) -> Self {
        let mut rng = Rng::new(world.seed, Domain::Seller, index, 0);
        let shares: Vec<f64> = PLACES.iter().map(|p| p.share).collect();
        let exemplar = index <= EXEMPLAR;
        let ring = (rng.chance(0.05) && !exemplar).then(|| rng.below(RINGS));
        let drawn = rng.weighted(&shares);
        let place_idx = if exemplar { 0 } else { ring.map_or(drawn, |r| block.ring_places[r]) };
        let honesty = match (index, ring) {
            (0, _) => 0.93,
            (EXEMPLAR, _) => 0.3,
            (_, Some(_)) => rng.beta(2.5, 4.5),
            _ => match rng.weighted(&[0.72, 0.17, 0.11]) {
                0 => rng.beta(8.0, 1.6),
                1 => rng.beta(2.5, 2.5),
                _ => rng.beta(1.3, 5.0),
            },
        };
        let join = if honesty < 0.35 {
            0.8
        } else if honesty < 0.6 {
            0.35
        } else {
            0.0
        };
        let colludes = |c: &super::block::Campaign| c.place == place_idx && c.label != Label::Gambling;
        let joined = (0..block.campaigns.len()).filter(|c| rng.chance(join) && colludes(&block.campaigns[*c])).collect();
        let pareto = 5.0 / libm::pow(1.0 - rng.uniform(), 1.0 / 1.45);
        let n_items = match index {
            0 => 20,
            EXEMPLAR => 60,
            _ => pareto.min(500.0) as u64,
        };
        let brigade = (honesty > 0.6 && n_items > 9 && rng.chance(0.09)).then(|| rng.below(block.brigades.len()));
        let tenure_days = if rng.chance(0.12 + 0.12 * (1.0 - honesty)) && !exemplar {
            -rng.between(0.0, 0.7 * f64::from(world.days))
        } else {
            rng.log_normal(5.6 + 0.9 * honesty, 0.9).min(4000.0)
        };
        let fame = 0.5 * rng.normal();
        let standing = 1.6 * honesty + 0.5 * fame + 0.25 * libm::log(n_items as f64) + 0.8 * rng.normal();
        Self {
            index,
            id: id(Kind::Seller, 0, index),
            place_idx,
            honesty,
            ring,
            joined,
            brigade,
            n_items,
            registered: world.start - (tenure_days * DAY_US as f64) as i64,
            categories: [rng.below(12), rng.below(12)],
            price_level: 0.28 * rng.normal(),
            fame,
            tier: [1.3, 2.3, 3.6].iter().filter(|cut| standing > **cut).count(),
            style: Style {
                shouts: rng.chance(0.08),
                emoji: rng.chance(0.3),
                long_titles: rng.chance(0.28),
                drops_marks: rng.chance(0.25),
                ornate: if rng.chance(0.12) { 0.25 } else { 0.02 },
            },
            appetite: ALL.map(|_| if rng.chance(0.25) { 2.5 } else { 0.5 }),
        }
    }

    pub(super) fn place(&self) -> &'static Place {
        &PLACES[self.place_idx]
    }

    pub(super) fn block_number(&self) -> u64 {
        self.index / BLOCK_SELLERS
    }

    /// How much more often than the average seller it violates `label`.
    pub(super) fn temptation(&self, label: Label) -> f64 {
        libm::pow(1.0 - self.honesty, 1.4) / MEAN_TEMPTATION * self.appetite[label as usize]
    }

    /// Key of the handle it gives to buyers: a ring shares one.
    pub(super) fn contact_key(&self) -> u64 {
        match self.ring {
            Some(ring) => (1 << 40) + self.block_number() * 16 + ring as u64,
            None => (1 << 41) + self.index,
        }
    }

    /// Its versions: tier, rating and rates move a few times in the window.
    pub(super) fn rows(&self, world: &World) -> Result<Vec<SellerRow>, SynthError> {
        let mut rng = Rng::new(world.seed, Domain::SellerVersions, self.index, 0);
        let market = self.place().market()?;
        let kyc = rng.chance(0.72 + 0.24 * self.honesty);
        let mut followers = rng.log_normal(4.2 + 0.8 * self.fame + 0.5 * self.tier as f64, 1.1);
        let mut n_ratings = rng.log_normal(3.2 + 0.5 * libm::log(self.n_items as f64), 1.0);
        let mut rating = 4.78 - 0.45 * (1.0 - self.honesty) + 0.16 * rng.normal();
        let mut late = libm::exp(-3.1 + 0.9 * (1.0 - self.honesty) + 0.7 * rng.normal());
        let mut cancel = libm::exp(-3.6 + 0.9 * (1.0 - self.honesty) + 0.7 * rng.normal());
        let mut tier = self.tier;
        let n_versions = 1 + if rng.chance(0.45) { 1 + rng.below(3) } else { 0 };
        let room = (world.end - self.registered.max(world.start) - DAY_US).max(1);
        let mut starts: Vec<i64> =
            (1..n_versions).map(|_| self.registered.max(world.start) + (rng.uniform() * room as f64) as i64 + 1).collect();
        starts.sort_unstable();
        starts.dedup();
        starts.insert(0, self.registered);
        let mut rows = Vec::with_capacity(starts.len());
        for (v, from) in starts.into_iter().enumerate() {
            if v > 0 {
                followers *= rng.between(1.0, 1.25);
                n_ratings *= rng.between(1.02, 1.4);
                rating += 0.05 * rng.normal() - 0.03 * (1.0 - self.honesty);
                late *= rng.log_normal(0.0, 0.2);
                cancel *= rng.log_normal(0.0, 0.2);
                tier = match rng.weighted(&[0.6, 0.25, 0.15]) {
                    0 => tier,
                    1 => (tier + 1).min(3),
                    _ => tier.saturating_sub(1),
                };
            }
            rows.push(SellerRow {
                seller_id: self.id.clone(),
                valid_from: Some(Timestamp(from)),
                registered_at: Some(Timestamp(self.registered)),
                market: Some(market),
                tier: Some(TIERS[tier].into()),
                kyc_verified: Some(kyc),
                followers: Some(followers as u64),
                rating: Some(((rating.clamp(1.0, 5.0) * 100.0).round() / 100.0) as f32),
                rating_count: Some(n_ratings as u64),
                late_dispatch_rate: Some(((late.min(0.9) * 1e4).round() / 1e4) as f32),
                cancel_rate: Some(((cancel.min(0.9) * 1e4).round() / 1e4) as f32),
                ingested_at: None,
            });
        }
        Ok(rows)
    }
}
