//! The reviews of one seller, in order of publication, summed so that one review is looked up in logarithmic time.
//!
//! Input: the version in force of each review. Output: counts around one review, itself left out. All sums are of integers (stars in
//! thousandths), so the order of rows does not matter.

use std::ops::Range;

use crate::features::ItemView;
use crate::features::others::median_of_others;
use crate::tables::ContentRow;
use crate::units::ContentType::Review;
use crate::units::{AsOf, Id, Timestamp};

/// What was known of a seller's reviews before a midnight.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SellerReviews {
    /// By publication, ties by identifier.
    reviews: Vec<Entry>,
    /// Reviews with stars, and with five, among the first so many reviews; one longer than `reviews`.
    rated: Vec<Rated>,
    /// Reviews by stars, rounded to whole ones.
    by_stars: [u64; 6],
    /// Creators of the reviews that name one, ascending.
    creators: Vec<Id>,
    /// Characters of the reviews, ascending.
    chars: Vec<f64>,
}

/// One review.
#[derive(Debug, Clone, PartialEq)]
struct Entry {
    at: Timestamp,
    id: Id,
    /// Thousandths of a star.
    stars: Option<u64>,
    /// Rated reviews straight before it with the same stars.
    run: u64,
}

/// Running sums over rated reviews.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Rated {
    /// Reviews with stars.
    pub(super) n: u64,
    /// Reviews with five.
    pub(super) five: u64,
    /// Sum of the stars in thousandths.
    pub(super) stars: u64,
}

impl Rated {
    fn plus(self, stars: Option<u64>) -> Self {
        match stars {
            Some(stars) => Self { n: self.n + 1, five: self.five + u64::from(stars == FIVE), stars: self.stars + stars },
            None => self,
        }
    }

    fn minus(self, other: Self) -> Self {
        Self { n: self.n - other.n, five: self.five - other.five, stars: self.stars - other.stars }
    }
}

/// Five stars in thousandths.
const FIVE: u64 = 5000;

/// Stars in thousandths; `None` unless they lie in [0, 5].
pub(super) fn thousandths(rating: Option<f32>) -> Option<u64> {
    rating.filter(|stars| (0.0..=5.0).contains(stars)).map(|stars| libm::round(f64::from(stars) * 1000.0) as u64)
}

/// Characters of title and body as the source wrote them.
fn n_chars(row: &ContentRow) -> f64 {
    let chars = |text: &Option<String>| text.as_ref().map_or(0, |text| text.chars().count());
    (chars(&row.title) + chars(&row.body)) as f64
}

impl SellerReviews {
    /// Reads the version in force of each of the seller's items, in any order; those that are no reviews and what was not known
    /// before `as_of` are left out.
    #[must_use]
    pub fn of(rows: &[&ContentRow], as_of: AsOf) -> Self {
        let known = |row: &&&ContentRow| {
            row.content_type == Review
                && row.published_at < as_of.instant
                && as_of.knows(row.valid_from.unwrap_or(row.published_at), row.ingested_at)
        };
        let mut rows: Vec<&ContentRow> = rows.iter().filter(known).copied().collect();
        rows.sort_unstable_by(|a, b| (a.published_at, &a.content_id).cmp(&(b.published_at, &b.content_id)));
        let mut all = Self { rated: vec![Rated::default()], ..Self::default() };
        let mut sums = Rated::default();
        let mut streak: (Option<u64>, u64) = (None, 0);
        for row in &rows {
            let stars = thousandths(row.rating);
            let mut run = 0;
            if let Some(stars) = stars {
                run = if streak.0 == Some(stars) { streak.1 } else { 0 };
                streak = (Some(stars), run + 1);
                if let Some(n) = all.by_stars.get_mut(((stars + 500) / 1000) as usize) {
                    *n += 1;
                }
            }
            sums = sums.plus(stars);
            all.rated.push(sums);
            all.reviews.push(Entry { at: row.published_at, id: row.content_id.clone(), stars, run });
        }
        all.creators = rows.iter().filter_map(|row| row.creator_id.clone()).collect();
        all.creators.sort_unstable();
        all.chars = rows.iter().map(|row| n_chars(row)).collect();
        all.chars.sort_unstable_by(f64::total_cmp);
        all
    }

    /// What surrounds the item; `None` when it is not among the reviews.
    pub(super) fn around<'a>(item: &ItemView<'a>) -> Option<Surroundings<'a>> {
        let all = item.seller_reviews?;
        let own = (item.content.published_at, &item.content.content_id);
        let at = all.reviews.binary_search_by(|entry| (entry.at, &entry.id).cmp(&own)).ok()?;
        Some(Surroundings { all, own: all.reviews.get(at)?, row: item.content })
    }

    /// Places of the reviews published after `after` and up to `until`.
    fn between(&self, after: Timestamp, until: Timestamp) -> Range<usize> {
        let place = |time: Timestamp| self.reviews.partition_point(|entry| entry.at <= time);
        place(after)..place(until)
    }

    fn rated(&self, range: &Range<usize>) -> Rated {
        let upto = |place: usize| self.rated.get(place).copied().unwrap_or_default();
        upto(range.end).minus(upto(range.start))
    }
}

/// The reviews around one of them, which is left out of every count.
pub(super) struct Surroundings<'a> {
    all: &'a SellerReviews,
    own: &'a Entry,
    row: &'a ContentRow,
}

impl Surroundings<'_> {
    /// Reviews published in the `days` days up to this one.
    pub(super) fn before(&self, days: i64) -> u64 {
        (self.all.between(self.own.at.plus_days(-days), self.own.at).len() as u64).saturating_sub(1)
    }

    /// Reviews published less than `days` days before this one, and up to `days` after.
    pub(super) fn either_side(&self, days: i64) -> u64 {
        (self.all.between(self.own.at.plus_days(-days), self.own.at.plus_days(days)).len() as u64).saturating_sub(1)
    }

    /// Reviews a day from the seller's first one to a day before this one, of at least a day; `None` without any so early.
    pub(super) fn usual_daily(&self) -> Option<f64> {
        let until = self.own.at.plus_days(-1);
        let n = self.all.reviews.partition_point(|entry| entry.at <= until);
        let first = self.all.reviews.first().filter(|_| n > 0)?;
        Some(n as f64 / until.days_since(first.at).max(1.0))
    }

    /// Sums over the reviews with stars of the `days` days up to this one.
    pub(super) fn rated_before(&self, days: i64) -> Rated {
        let all = self.all.rated(&self.all.between(self.own.at.plus_days(-days), self.own.at));
        all.minus(Rated::default().plus(self.own.stars))
    }

    /// Sums over all the seller's other reviews with stars.
    pub(super) fn rated_others(&self) -> Rated {
        let all = self.all.rated.last().copied().unwrap_or_default();
        all.minus(Rated::default().plus(self.own.stars))
    }

    /// The seller's other reviews.
    pub(super) fn others(&self) -> u64 {
        (self.all.reviews.len() as u64).saturating_sub(1)
    }

    /// Rated reviews straight before this one with the same stars; `None` without stars.
    pub(super) fn run(&self) -> Option<u64> {
        self.own.stars.map(|_| self.own.run)
    }

    /// Thousandths of a star.
    pub(super) fn stars(&self) -> Option<u64> {
        self.own.stars
    }

    /// Entropy of the seller's stars, rounded to whole ones and this review included, in nats: −Σ p · ln p.
    pub(super) fn entropy(&self) -> Option<f64> {
        let n: u64 = self.all.by_stars.iter().sum();
        let share = |k: &u64| *k as f64 / n as f64;
        (n > 0).then(|| 0.0 - self.all.by_stars.iter().filter(|k| **k > 0).map(|k| share(k) * libm::log(share(k))).sum::<f64>())
    }

    /// The seller's other reviews by the same creator; `None` without one.
    pub(super) fn by_same_creator(&self) -> Option<u64> {
        let creator = self.row.creator_id.as_ref()?;
        let start = self.all.creators.partition_point(|other| other < creator);
        let end = self.all.creators.partition_point(|other| other <= creator);
        Some((end.saturating_sub(start) as u64).saturating_sub(1))
    }

    /// ln((1 + characters) / (1 + their median over the seller's others)); `None` with fewer than `fewest` others.
    pub(super) fn chars_over_usual(&self, fewest: usize) -> Option<f64> {
        let own = n_chars(self.row);
        let usual = median_of_others(&self.all.chars, own, fewest)?;
        Some(libm::log((1.0 + own) / (1.0 + usual)))
    }
}
