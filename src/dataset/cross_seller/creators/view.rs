//! What a list of items says of its creator at a midnight.

use super::super::verdicts::Standing;
use super::publication::{Change, Changed, CreatorItem};
use crate::features::CreatorView;
use crate::units::{AsOf, Timestamp};

/// Microseconds of a day.
const DAY_US: i64 = 86_400_000_000;

/// What was known of the creator of `items`, which are in the order in which they became known, and of their `changes`, by item and
/// time; `None` when no item was known.
pub(super) fn of(items: &[CreatorItem], changes: &[Change], as_of: AsOf) -> Option<CreatorView> {
    let known = items.partition_point(|item| item.known < as_of.instant);
    let items = items.get(..known).filter(|items| !items.is_empty())?;
    let mut changes = changes.iter().peekable();
    let mut tally = Tally::default();
    for (at, item) in items.iter().enumerate() {
        let mut now =
            Now { published_at: item.published_at, seller: item.seller, rating: item.rating, standing: Standing::Undecided };
        while let Some(change) = changes.next_if(|change| change.item as usize <= at) {
            if change.known < as_of.instant {
                now.take(change.changed);
            }
        }
        tally.add(&now, as_of);
    }
    Some(tally.view(as_of))
}

/// An item as it was known.
struct Now {
    published_at: Timestamp,
    seller: u64,
    rating: f32,
    standing: Standing,
}

impl Now {
    fn take(&mut self, changed: Changed) {
        match changed {
            Changed::Seller(seller) => self.seller = seller,
            Changed::Rating(rating) => self.rating = rating,
            Changed::Standing(standing) => self.standing = standing,
        }
    }
}

/// Counts over items.
#[derive(Default)]
struct Tally {
    items: u32,
    items_1d: u32,
    items_7d: u32,
    items_28d: u32,
    sellers: Vec<u64>,
    sellers_28d: Vec<u64>,
    days: Vec<i64>,
    first: Option<Timestamp>,
    rated: u32,
    stars: f64,
    five_stars: u32,
    violating: u32,
    decided: u32,
}

impl Tally {
    fn add(&mut self, item: &Now, as_of: AsOf) {
        let age = as_of.instant.days_since(item.published_at);
        self.items += 1;
        self.items_1d += u32::from(age <= 1.0);
        self.items_7d += u32::from(age <= 7.0);
        self.items_28d += u32::from(age <= 28.0);
        if item.seller != 0 {
            self.sellers.push(item.seller);
            self.sellers_28d.extend((age <= 28.0).then_some(item.seller));
        }
        self.days.push(item.published_at.0.div_euclid(DAY_US));
        self.first = Some(self.first.map_or(item.published_at, |first| first.min(item.published_at)));
        if item.rating.is_finite() {
            self.rated += 1;
            self.stars += f64::from(item.rating);
            self.five_stars += u32::from(item.rating >= 5.0);
        }
        self.decided += u32::from(item.standing != Standing::Undecided);
        self.violating += u32::from(item.standing == Standing::Violating);
    }

    fn view(mut self, as_of: AsOf) -> CreatorView {
        let per_seller = run_lengths(&mut self.sellers);
        self.days.sort_unstable();
        self.days.dedup();
        let of_rated = |sum: f64| (self.rated > 0).then(|| sum / f64::from(self.rated));
        CreatorView {
            items: self.items,
            items_1d: self.items_1d,
            items_7d: self.items_7d,
            items_28d: self.items_28d,
            active_days: count(self.days.len()),
            sellers: count(per_seller.len()),
            sellers_28d: count(run_lengths(&mut self.sellers_28d).len()),
            seller_items: count(self.sellers.len()),
            seller_entropy: entropy(per_seller),
            tenure_days: self.first.map_or(0.0, |first| as_of.instant.days_since(first)),
            rated_items: self.rated,
            mean_rating: of_rated(self.stars),
            five_star_share: of_rated(f64::from(self.five_stars)),
            violating_items: Some(self.violating),
            decided_items: Some(self.decided),
        }
    }
}

/// How often each value occurs.
fn run_lengths(values: &mut [u64]) -> Vec<usize> {
    values.sort_unstable();
    values.chunk_by(|a, b| a == b).map(<[u64]>::len).collect()
}

/// Shannon's entropy of counts, −Σ p ln p, in nats. Counts are summed in ascending order, so equal counts give equal bits.
fn entropy(mut counts: Vec<usize>) -> f64 {
    counts.sort_unstable();
    let total: usize = counts.iter().sum();
    let share = |n: usize| n as f64 / total as f64;
    let sum = counts.into_iter().fold(0.0, |sum, n| sum - share(n) * libm::log(share(n)));
    if sum > 0.0 { sum } else { 0.0 }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
