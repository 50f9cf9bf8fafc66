//! Reviewers: eight people a market, each with a sensitivity and a specificity of their own; the last of each is careless.

use crate::units::Id;

use super::World;
use super::place::{PLACES, PlaceIdx};
use super::random::{Domain, Rng};
use super::truth::ReviewerTruth;

/// Reviewers of each market.
pub(super) const REVIEWERS: usize = 8;

/// Sensitivity and specificity of a market's `k`-th reviewer.
pub(super) fn reviewer(world: &World, place: PlaceIdx, k: usize) -> (f64, f64) {
    let mut rng = Rng::new(world.seed, Domain::Reviewer, place as u64, k as u64);
    if k + 1 == REVIEWERS {
        (rng.between(0.55, 0.7), rng.between(0.95, 0.97))
    } else {
        (rng.beta(18.0, 2.2), 1.0 - 0.02 * rng.beta(1.5, 3.0))
    }
}

/// The id of a market's `k`-th reviewer.
pub(super) fn reviewer_id(place: PlaceIdx, k: usize) -> Id {
    compact_str::format_compact!("rev-{}-{k}", PLACES[place].code.to_ascii_lowercase())
}

/// Every reviewer's truth.
pub(super) fn reviewer_truths(world: &World) -> Vec<ReviewerTruth> {
    let all = (0..PLACES.len()).flat_map(|p| (0..REVIEWERS).map(move |k| (p, k)));
    let truth = |(p, k)| {
        let (sensitivity, specificity) = reviewer(world, p, k);
        ReviewerTruth { reviewer_id: reviewer_id(p, k), sensitivity, specificity }
    };
    all.map(truth).collect()
}
