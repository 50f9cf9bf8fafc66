//! How many views an item of a tier and age has in a day, on the weekly grid: the prior that forecasts shrink to.

use std::collections::BTreeMap;

use crate::units::{Day, Id};

/// The weeks before a grid date whose days count.
const WEEKS: i32 = 4;

/// Ages in days at which a new bucket begins: views fall steeply at first, then slowly.
const AGE_EDGES: [f64; 7] = [1.0, 2.0, 4.0, 8.0, 15.0, 29.0, 91.0];

/// Days that an item spends in each bucket: the first holds the day of publication and the one after it; the last is cut at a year.
const BUCKET_DAYS: [f64; 8] = [2.0, 1.0, 2.0, 4.0, 7.0, 14.0, 62.0, 274.0];

/// The bucket of an age in days; negative ages are 0.
pub(super) fn age_bucket(age_days: f64) -> u8 {
    AGE_EDGES.iter().filter(|edge| age_days >= **edge).count() as u8
}

/// Sums of views and counts of item-days by tier, age bucket and the grid date from which they count.
#[derive(Debug, Default)]
pub(super) struct ViewCounts {
    cells: BTreeMap<(Id, u8), BTreeMap<Day, (u64, u64)>>,
}

impl ViewCounts {
    /// Adds one item-day with `views`, known from grid date `from` on.
    pub(super) fn add(&mut self, tier: &Id, bucket: u8, from: Day, views: u64) {
        let cell = match self.cells.get_mut(&(tier.clone(), bucket)) {
            Some(weeks) => weeks.entry(from).or_default(),
            None => self.cells.entry((tier.clone(), bucket)).or_default().entry(from).or_default(),
        };
        cell.0 = cell.0.saturating_add(views);
        cell.1 += 1;
    }

    /// Adds the sums of other shards or of other items of this one.
    pub(super) fn merge(&mut self, other: Self) {
        for (key, weeks) in other.cells {
            let cell = self.cells.entry(key).or_default();
            for (week, (views, days)) in weeks {
                let sums = cell.entry(week).or_default();
                sums.0 = sums.0.saturating_add(views);
                sums.1 += days;
            }
        }
    }

    /// Mean daily views at grid date `grid` and the number of item-days behind it.
    pub(super) fn at(&self, tier: &Id, bucket: u8, grid: Day) -> Option<(f64, u64)> {
        let weeks = self.cells.get(&(tier.clone(), bucket))?;
        let span = weeks.range(grid.plus(-7 * (WEEKS - 1))..=grid);
        let (views, n) = span.fold((0u64, 0u64), |(v, n), (_, (views, days))| (v.saturating_add(*views), n + days));
        (n > 0).then(|| (views as f64 / n as f64, n))
    }

    /// Mean daily views at grid date `grid`, and the share of items that still have rows at that age: item-days per day of age over
    /// those of the first bucket, at most 1. It takes publication to have been steady. 1 where the first bucket is empty.
    pub(super) fn with_survival(&self, tier: &Id, bucket: u8, grid: Day) -> Option<(f64, f64)> {
        let per_day = |bucket: u8, n: u64| n as f64 / BUCKET_DAYS.get(usize::from(bucket)).copied().unwrap_or(1.0);
        let (mean, n) = self.at(tier, bucket, grid)?;
        let shown = self.at(tier, 0, grid).map_or(1.0, |(_, first)| (per_day(bucket, n) / per_day(0, first)).min(1.0));
        Some((mean, shown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_four_weeks_count() {
        let tier: Id = "gold".into();
        let mut counts = ViewCounts::default();
        counts.add(&tier, 0, Day(4), 10);
        counts.add(&tier, 0, Day(11), 20);
        counts.add(&tier, 0, Day(11), 60);
        assert_eq!(counts.at(&tier, 0, Day(3)), None);
        assert_eq!(counts.at(&tier, 0, Day(4)), Some((10.0, 1)));
        assert_eq!(counts.at(&tier, 0, Day(25)), Some((30.0, 3)));
        assert_eq!(counts.at(&tier, 0, Day(32)), Some((40.0, 2)));
        assert_eq!(counts.at(&tier, 1, Day(11)), None);
    }

    #[test]
    fn survival_is_per_day_of_age() {
        let tier: Id = "gold".into();
        let mut counts = ViewCounts::default();
        (0..20).for_each(|_| counts.add(&tier, 0, Day(4), 8));
        (0..5).for_each(|_| counts.add(&tier, 2, Day(4), 4));
        (0..70).for_each(|_| counts.add(&tier, 4, Day(4), 1));
        // 10 items a day of age at first, 2½ at 2 to 4 days; more than at first is all.
        assert_eq!(counts.with_survival(&tier, 2, Day(4)), Some((4.0, 0.25)));
        assert_eq!(counts.with_survival(&tier, 4, Day(4)), Some((1.0, 1.0)));
        assert_eq!(counts.with_survival(&tier, 3, Day(4)), None);
    }

    #[test]
    fn age_buckets() {
        let got: Vec<u8> = [-1.0, 0.0, 0.9, 1.0, 3.9, 7.9, 14.0, 28.0, 90.0, 400.0].into_iter().map(age_bucket).collect();
        assert_eq!(got, [0, 0, 0, 1, 2, 3, 4, 5, 6, 7]);
    }
}
