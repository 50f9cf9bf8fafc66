//! Engagement summed over the last days before a midnight.
//!
//! Input: engagement rows of one item in day order. Output: one set of sums per span. Counts are exact; the two amounts are added
//! in day order and, for a seller, in the order of its items, so that the same rows give the same bits. Deliberately not here:
//! rates and trends, which features make of the sums.

use crate::tables::EngagementRow;
use crate::units::{AsOf, Day};

/// Sums of one window. A counter is `None` when no row of the window holds it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct WindowSums {
    /// Rows in the window; for a seller, item-days.
    pub n_days: u32,
    /// Times shown.
    pub impressions: Option<u64>,
    /// Times viewed.
    pub views: Option<u64>,
    /// Seconds watched.
    pub watch_s: Option<f64>,
    /// Likes.
    pub likes: Option<u64>,
    /// Comments received.
    pub comments: Option<u64>,
    /// Shares.
    pub shares: Option<u64>,
    /// Clicks to the product.
    pub clicks: Option<u64>,
    /// Orders.
    pub orders: Option<u64>,
    /// Refunded orders.
    pub refunds: Option<u64>,
    /// Gross merchandise value.
    pub gmv: Option<f64>,
    /// Reports received.
    pub reports: Option<u64>,
    /// Times hidden.
    pub hides: Option<u64>,
}

/// Sums over several windows that all end at the same midnight.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WindowSet {
    spans: Vec<u32>,
    sums: Vec<WindowSums>,
}

impl WindowSet {
    /// Sums `rows` (one item's, in day order) over the last `spans` days before `as_of`. Days that were not known then, and days
    /// from `until` on (the first day on which the item was acted upon), do not count.
    #[must_use]
    pub fn of(rows: &[&EngagementRow], as_of: AsOf, until: Option<Day>, spans: &[u32]) -> Self {
        debug_assert!(rows.windows(2).all(|w| w[0].day <= w[1].day), "rows must be in day order");
        let mut set = Self { spans: spans.to_vec(), sums: vec![WindowSums::default(); spans.len()] };
        for row in rows {
            if !as_of.knows_day(row.day, row.ingested_at) || until.is_some_and(|until| row.day >= until) {
                continue;
            }
            let age = i64::from(as_of.day.0) - i64::from(row.day.0);
            for (span, sums) in set.spans.iter().zip(&mut set.sums) {
                if age <= i64::from(*span) {
                    sums.add_row(row);
                }
            }
        }
        set
    }

    /// Adds another item's sums, which must have the same spans. Call it in a fixed order of items.
    pub fn add(&mut self, other: &Self) {
        if self.spans.is_empty() {
            *self = other.clone();
            return;
        }
        debug_assert_eq!(self.spans, other.spans, "windows of equal spans");
        for (mine, theirs) in self.sums.iter_mut().zip(&other.sums) {
            mine.add(theirs);
        }
    }

    /// The sums over the last `span` days; `None` when they were not asked for.
    #[must_use]
    pub fn get(&self, span: u32) -> Option<&WindowSums> {
        self.spans.iter().position(|s| *s == span).and_then(|i| self.sums.get(i))
    }
}

impl WindowSums {
    fn add_row(&mut self, row: &EngagementRow) {
        self.add(&Self {
            n_days: 1,
            impressions: row.impressions,
            views: row.views,
            watch_s: row.watch_s,
            likes: row.likes,
            comments: row.comments,
            shares: row.shares,
            clicks: row.clicks,
            orders: row.orders,
            refunds: row.refunds,
            gmv: row.gmv,
            reports: row.reports,
            hides: row.hides,
        });
    }

    fn add(&mut self, other: &Self) {
        self.n_days = self.n_days.saturating_add(other.n_days);
        add_count(&mut self.impressions, other.impressions);
        add_count(&mut self.views, other.views);
        add_amount(&mut self.watch_s, other.watch_s);
        add_count(&mut self.likes, other.likes);
        add_count(&mut self.comments, other.comments);
        add_count(&mut self.shares, other.shares);
        add_count(&mut self.clicks, other.clicks);
        add_count(&mut self.orders, other.orders);
        add_count(&mut self.refunds, other.refunds);
        add_amount(&mut self.gmv, other.gmv);
        add_count(&mut self.reports, other.reports);
        add_count(&mut self.hides, other.hides);
    }

    /// A count of the window. A window without rows counts zero: logs hold only items that were shown.
    pub(super) fn count(&self, counter: Option<u64>) -> Option<u64> {
        if self.n_days == 0 { Some(0) } else { counter }
    }
}

fn add_count(sum: &mut Option<u64>, more: Option<u64>) {
    if let Some(more) = more {
        *sum = Some(sum.unwrap_or(0).saturating_add(more));
    }
}

fn add_amount(sum: &mut Option<f64>, more: Option<f64>) {
    if let Some(more) = more.filter(|m| m.is_finite()) {
        *sum = Some(sum.unwrap_or(0.0) + more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::{as_of, engagement};

    /// As of day 100: day 99 is the last known; the 7-day window is days 93 to 99.
    #[test]
    fn windows_end_before_the_midnight() {
        let rows =
            [engagement(71, 1), engagement(72, 2), engagement(92, 4), engagement(93, 8), engagement(99, 16), engagement(100, 32)];
        let rows: Vec<&EngagementRow> = rows.iter().collect();
        let views = |until: Option<Day>, span| WindowSet::of(&rows, as_of(100), until, &[1, 7, 28]).get(span).unwrap().views;
        assert_eq!([1, 7, 28].map(|s| views(None, s)), [Some(16), Some(24), Some(30)]);
        assert_eq!([1, 7, 28].map(|s| views(Some(Day(99)), s)), [None, Some(8), Some(14)]);
    }

    #[test]
    fn late_rows_are_not_known() {
        let mut late = engagement(99, 5);
        late.ingested_at = Some(as_of(100).instant);
        let set = WindowSet::of(&[&late], as_of(100), None, &[7]);
        assert_eq!(set.get(7), Some(&WindowSums::default()));
    }

    #[test]
    fn sellers_add_up_their_items() {
        let (a, b) = (engagement(99, 5), engagement(98, 7));
        let mut sum = WindowSet::default();
        sum.add(&WindowSet::of(&[&a], as_of(100), None, &[1, 7]));
        sum.add(&WindowSet::of(&[&b], as_of(100), None, &[1, 7]));
        assert_eq!((sum.get(1).unwrap().views, sum.get(7).unwrap().views), (Some(5), Some(12)));
        assert_eq!(sum.get(7).unwrap().n_days, 2);
        assert_eq!(sum.get(7).unwrap().likes, None);
    }
}
