//! Neighbourhoods of 512 sellers. What joins sellers – campaigns, copy rings, brigades, shared accounts – lives inside one, and a
//! neighbourhood is drawn from its own stream: so nothing grows with the number of sellers, and any one can be drawn alone.

use crate::units::{Day, Id};

use super::World;
use super::ids::{Kind, id};
use super::labels::Label;
use super::place::{PLACES, PlaceIdx};
use super::random::{Domain, Rng};
use super::truth::{CampaignTruth, ReporterTruth};

/// Sellers in one neighbourhood.
pub(super) const BLOCK_SELLERS: u64 = 512;
/// Copy rings in one neighbourhood.
pub(super) const RINGS: usize = 4;
/// Accounts of one brigade.
pub(super) const BRIGADE_SIZE: usize = 12;
/// Reporters of one market in one neighbourhood.
const REPORTERS: usize = 40;
/// A campaign starts about every this many days.
const CAMPAIGN_EVERY: u32 = 12;

const CAMPAIGN_LABELS: [Label; 4] = [Label::TrafficRedirect, Label::Gambling, Label::MisleadingClaim, Label::Counterfeit];

/// One campaign: a template pushed by colluding sellers (or accounts) of one market for some days.
#[derive(Debug, Clone)]
pub(super) struct Campaign {
    pub(super) id: Id,
    pub(super) label: Label,
    pub(super) place: PlaceIdx,
    /// First and last moment, in days of the window.
    pub(super) from: f64,
    pub(super) until: f64,
    /// When the platform begins to act on it.
    pub(super) noticed: f64,
    /// Key of its template, its accounts and its handle.
    pub(super) key: u64,
}

impl Campaign {
    pub(super) fn runs_at(&self, day: f64) -> bool {
        (self.from..self.until).contains(&day)
    }

    /// How thoroughly its cues are disguised on `day`, 0 to 1: little until it is noticed, then more every day.
    pub(super) fn disguise(&self, day: f64) -> f64 {
        if day < self.noticed { 0.08 } else { (0.25 + 0.10 * (day - self.noticed)).min(0.95) }
    }
}

/// One brigade: accounts that report honest sellers in bad faith for a few days.
#[derive(Debug, Clone)]
pub(super) struct Brigade {
    pub(super) from: f64,
    pub(super) until: f64,
    first_account: u64,
}

/// One neighbourhood.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) number: u64,
    pub(super) campaigns: Vec<Campaign>,
    pub(super) ring_places: [PlaceIdx; RINGS],
    pub(super) brigades: Vec<Brigade>,
}

impl Block {
    pub(super) fn draw(world: &World, number: u64) -> Self {
        let mut rng = Rng::new(world.seed, Domain::Block, number, 0);
        let shares: Vec<f64> = PLACES.iter().map(|p| p.share).collect();
        let days = f64::from(world.days);
        let n = world.days.div_ceil(CAMPAIGN_EVERY).max(2);
        let campaigns = (0..n)
            .map(|c| {
                let last = c + 1 == n;
                let slot = days / f64::from(n);
                let from = if last { days - rng.between(2.5, 6.5) } else { slot * (f64::from(c) + rng.between(0.0, 0.8)) };
                let until = from + rng.between(12.0, 26.0);
                let noticed = from + rng.between(3.0, 7.0);
                let label = CAMPAIGN_LABELS[(c as usize + number as usize) % CAMPAIGN_LABELS.len()];
                let place = rng.weighted(&shares);
                let id = id(Kind::Campaign, number, u64::from(c));
                Campaign { id, label, place, from, until, noticed, key: rng.next() >> 8 }
            })
            .collect();
        let ring_places = [(); RINGS].map(|()| rng.weighted(&shares));
        let brigades = (0..world.days.div_ceil(28))
            .map(|k| {
                let from = (f64::from(k) * 28.0 + rng.between(4.0, 22.0)).min(days - 3.0);
                Brigade { from, until: from + rng.between(2.0, 5.0), first_account: (6 * REPORTERS) as u64 + u64::from(k) * 64 }
            })
            .collect();
        Self { number, campaigns, ring_places, brigades }
    }

    pub(super) fn ring_id(&self, ring: usize) -> Id {
        id(Kind::Ring, self.number, ring as u64)
    }

    pub(super) fn campaign_truths(&self, world: &World) -> Vec<CampaignTruth> {
        let day = |d: f64| Day(world.first_day.0 + d as i32);
        let truth = |c: &Campaign| CampaignTruth {
            campaign_id: c.id.clone(),
            label: c.label.spec().id,
            market: PLACES[c.place].code.into(),
            first_day: day(c.from),
            last_day: day(c.until),
            noticed_day: day(c.noticed),
        };
        self.campaigns.iter().map(truth).collect()
    }

    /// The `k`-th reporter of a market, with its reliability: most are fair judges, one in five reports what it dislikes.
    fn reporter(&self, world: &World, place: PlaceIdx, k: usize) -> (Id, f64) {
        let n = (place * REPORTERS + k) as u64;
        let mut rng = Rng::new(world.seed, Domain::Reporter, self.number, n);
        let reliability = if rng.chance(0.2) { 0.3 * rng.uniform() } else { 1.0 - 0.5 * rng.uniform() * rng.uniform() };
        (id(Kind::Reporter, self.number, n), reliability)
    }

    /// Who reports an item: of three willing accounts the most reliable if it violates, else the least.
    pub(super) fn reporter_of(&self, world: &World, place: PlaceIdx, violating: Violating, rng: &mut Rng) -> Id {
        let mut best = self.reporter(world, place, rng.below(REPORTERS));
        for _ in 0..2 {
            let other = self.reporter(world, place, rng.below(REPORTERS));
            if (other.1 > best.1) == (violating == Violating::Yes) {
                best = other;
            }
        }
        best.0
    }

    /// The `k`-th account of a brigade.
    pub(super) fn brigade_account(&self, brigade: &Brigade, k: usize) -> Id {
        id(Kind::Reporter, self.number, brigade.first_account + k as u64)
    }

    pub(super) fn reporter_truths(&self, world: &World) -> Vec<ReporterTruth> {
        let fair = (0..PLACES.len()).flat_map(|p| (0..REPORTERS).map(move |k| (p, k))).map(|(p, k)| {
            let (reporter_id, reliability) = self.reporter(world, p, k);
            ReporterTruth { reporter_id, reliability, brigade: false }
        });
        let foul = self.brigades.iter().flat_map(|b| (0..BRIGADE_SIZE).map(|k| self.brigade_account(b, k)));
        fair.chain(foul.map(|reporter_id| ReporterTruth { reporter_id, reliability: 0.0, brigade: true })).collect()
    }
}

/// Whether an item violates any label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Violating {
    Yes,
    No,
}
