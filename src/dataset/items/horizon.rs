//! How many views an item may expect until its next chance of review: the coming `queue.horizon_days` days.
//!
//! From the view priors of the item's tier, by age a: m(a), the mean of the item-days that have a row, and S(a), the share of items
//! that still are shown at that age: rows per day of age over those of the first two days, at most 1. S takes publication to have
//! been steady over the four weeks of the priors. With v views on the n of the last two days of which engagement has arrived, M the
//! sum of m over them, and a prior worth k = half a day at their mean m̄:
//!
//! - seen (v > 0): (v + k·m̄) ÷ (M + k·m̄) × Σ m(a + d) · min(1, S(a + d) ÷ S(a − 1)), d = 0 … `horizon_days` − 1
//! - silent (v = 0, n > 0): k ÷ (n + k) × Σ m(a + d) · S(a + d)
//! - nothing known of it (n = 0): Σ m(a + d) · S(a + d)
//!
//! Where nothing is known of the tier: the mean of its own known days times the horizon. The form and both constants were chosen on
//! generated marketplaces by seeds 1 to 5, and are judged on seeds 6 to 10 (`tests/all/queue_worth.rs`).

use super::*;

/// Days before the midnight whose views are read.
const PAST_DAYS: i32 = 2;

/// Days that the prior counts as.
const PRIOR_DAYS: f64 = 0.5;

/// What is known of items of one tier and age.
#[derive(Debug, Clone, Copy, PartialEq)]
struct AtAge {
    /// Mean views of a day with a row.
    mean: f64,
    /// Share of items that are still shown, in [0, 1].
    shown: f64,
}

/// Views of an item's last days.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Past {
    /// Days of which engagement has arrived.
    days: u32,
    /// Views on them.
    views: u64,
    /// Σ m over them.
    expected: f64,
}

/// The forecast from what is known; see the module.
fn forecast(past: Past, before: Option<AtAge>, coming: &[AtAge]) -> f64 {
    let days = f64::from(past.days);
    if past.views == 0 {
        return PRIOR_DAYS / (days + PRIOR_DAYS) * coming.iter().fold(0.0, |sum, at| sum + at.mean * at.shown);
    }
    let views = past.views as f64;
    if past.expected <= 0.0 {
        return views / days * coming.len() as f64;
    }
    let prior = PRIOR_DAYS * past.expected / days;
    // An item that is being seen is there: what counts is how many of those that came so far go on.
    let from = before.map_or(1.0, |at| at.shown);
    let goes_on = |shown: f64| if from > 0.0 { (shown / from).min(1.0) } else { 1.0 };
    let level = (views + prior) / (past.expected + prior);
    level * coming.iter().fold(0.0, |sum, at| sum + at.mean * goes_on(at.shown))
}

impl ItemBuilder<'_> {
    /// Views expected over the coming `horizon_days` days; `None` when nothing is known.
    pub(super) fn views_over_horizon(
        &self,
        history: &ContentHistory,
        content: &ContentRow,
        as_of: AsOf,
        tier: &Id,
    ) -> Option<f64> {
        if !self.presence.has(TableName::Engagement) {
            return None;
        }
        let age = as_of.instant.days_since(content.published_at);
        let (days, views, ages) = self.last_days(history, content, as_of, age);
        let coming: Option<Vec<AtAge>> = (0..self.horizon_days).map(|d| self.at_age(tier, age + f64::from(d), as_of)).collect();
        // A tier whose oldest items are younger than this one will be: those that are there speak for the rest.
        let coming = coming.or_else(|| {
            let last = self.at_age(tier, age, as_of)?;
            Some((0..self.horizon_days).map(|d| self.at_age(tier, age + f64::from(d), as_of).unwrap_or(last)).collect())
        });
        let Some(coming) = coming else {
            return (days > 0).then(|| views as f64 / f64::from(days) * f64::from(self.horizon_days));
        };
        let expected = ages.iter().filter_map(|age| self.at_age(tier, *age, as_of)).fold(0.0, |sum, at| sum + at.mean);
        let before = self.at_age(tier, age - 1.0, as_of);
        Some(forecast(Past { days, views, expected }, before, &coming))
    }

    /// How many of the last days are known and lie after the item's first, its views on them, and its age at the midnights after them.
    fn last_days(&self, history: &ContentHistory, content: &ContentRow, as_of: AsOf, age: f64) -> (u32, u64, Vec<f64>) {
        let born = self.zones.day_of(content.market, content.published_at);
        let (mut views, mut ages) = (0_u64, Vec::new());
        for back in 1..=PAST_DAYS {
            let day = as_of.day.plus(-back);
            if day < born || !self.globals.has_day(content.market, day, as_of) {
                continue;
            }
            let row = history.engagement.iter().rev().find(|e| e.day == day && as_of.knows_day(e.day, e.ingested_at));
            views = views.saturating_add(row.and_then(|e| e.views).unwrap_or(0));
            ages.push(age - f64::from(back));
        }
        (u32::try_from(ages.len()).unwrap_or(0), views, ages)
    }

    fn at_age(&self, tier: &Id, age: f64, as_of: AsOf) -> Option<AtAge> {
        let (mean, shown) = self.globals.views_and_survival(tier, age, as_of)?;
        Some(AtAge { mean, shown })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_lately_goes_on_and_what_was_not_fades() {
        let at = |mean: f64, shown: f64| AtAge { mean, shown };
        let coming = [at(4.0, 0.5), at(2.0, 0.25)];
        // (30 + ½·5) ÷ (10 + ½·5) × (4 · 1 + 2 · ½).
        let seen = forecast(Past { days: 2, views: 30, expected: 10.0 }, Some(at(6.0, 0.5)), &coming);
        assert!((seen - 32.5 / 12.5 * 5.0).abs() < 1e-12, "{seen}");
        // ½ ÷ 2½ × (4 · ½ + 2 · ¼).
        assert_eq!(forecast(Past { days: 2, views: 0, expected: 10.0 }, Some(at(6.0, 0.5)), &coming), 0.5);
        assert_eq!(forecast(Past::default(), None, &coming), 2.5);
        // Without a mean of its age, an item goes on as it was.
        assert_eq!(forecast(Past { days: 2, views: 100, expected: 0.0 }, None, &coming), 100.0);
    }
}
