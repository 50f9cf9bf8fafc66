//! After-sales events per order, once the window of the orders has closed.
//!
//! The outcome of an order is in after m days (`after_sales_maturity_days`). At a midnight T the span of s days therefore ends at
//! T − m: the rate is the events of [T − m − s, T − m) per order of the same days, both known before T, shrunk to the configured
//! prior. So orders too young to have an outcome don't dilute the rate, and events have m days to arrive.
//!
//! Limits. An event does not name its order: what happened in the span to orders before it stands for what happens after it to
//! orders in it. The two agree while sales are steady; while they grow, the rate lags. Days of orders are the market's, times of
//! events are counted back from T in days of 24 hours, so that a clock change moves an hour of events. Orders from the item's first
//! treatment on don't count, as in every window; more events than orders count as one per order.

use super::rules::{HistoryContext, prior_of};
use crate::features::{EngagementDay, EngagementDays};
use crate::tables::AfterSalesRow;
use crate::units::{AfterSalesKind, AsOf, Day};

/// The spans in days.
pub(super) const MATURE_SPANS: [u32; 2] = [28, 90];

/// The daily engagement of an item or a seller.
#[derive(Debug, Clone, Copy)]
pub struct OrderDays<'a> {
    /// Its rows.
    pub days: &'a EngagementDays,
    /// The first day that doesn't count: that of the item's first treatment.
    pub until: Option<Day>,
}

/// After-sales events per order over the last 28 and 90 days whose window has closed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct MatureRates {
    /// Over 28 days; `None` when orders are not recorded.
    pub days_28: Option<MatureSpan>,
    /// Over 90 days; `None` when orders are not recorded.
    pub days_90: Option<MatureSpan>,
}

/// After-sales events per order of one span.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MatureSpan {
    /// Orders.
    pub orders: u64,
    /// Events per order by kind, in the order of declaration, each shrunk to its prior.
    rates: [f64; 4],
}

impl MatureSpan {
    /// Events of `kind` per order, shrunk to the prior.
    #[must_use]
    pub fn rate(&self, kind: AfterSalesKind) -> f64 {
        self.rates[kind as usize]
    }
}

impl MatureRates {
    /// Counts what was known before the midnight.
    #[must_use]
    pub fn of(events: &[&AfterSalesRow], orders: &OrderDays<'_>, context: &HistoryContext<'_>) -> Self {
        let as_of = context.as_of;
        let maturity = f64::from(context.rules.config.after_sales_maturity_days);
        let mut counts = [[0_u64; 4]; 2];
        for row in events.iter().filter(|r| as_of.knows(r.occurred_at, r.ingested_at)) {
            let age = as_of.instant.days_since(row.occurred_at) - maturity;
            for (counts, span) in counts.iter_mut().zip(MATURE_SPANS) {
                counts[row.kind as usize] += u64::from(age > 0.0 && age <= f64::from(span));
            }
        }
        let span = |at: usize| {
            let orders = orders.within(as_of, context.rules.config.after_sales_maturity_days, MATURE_SPANS[at])?;
            let mut rates = [0.0; 4];
            for ((rate, events), prior) in rates.iter_mut().zip(counts[at]).zip(context.rules.config.after_sales_prior) {
                *rate = prior_of(prior).shrink(events, orders);
            }
            Some(MatureSpan { orders, rates })
        };
        Self { days_28: span(0), days_90: span(1) }
    }
}

impl OrderDays<'_> {
    /// Orders of the `span` days that end `maturity` days before the midnight. Days without a row have none; `None` when rows don't
    /// say.
    fn within(&self, as_of: AsOf, maturity: u32, span: u32) -> Option<u64> {
        let end = i64::from(as_of.day.0) - i64::from(maturity);
        let counts =
            |row: &EngagementDay| as_of.knows_day(row.day, row.ingested_at) && self.until.is_none_or(|until| row.day < until);
        let mut rows = self.days.between(end - i64::from(span), end).filter(counts).map(|row| row.orders).peekable();
        if rows.peek().is_none() {
            return Some(0);
        }
        rows.fold(None, |sum, orders| orders.map_or(sum, |orders| Some(sum.unwrap_or(0_u64).saturating_add(orders))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::{after_sales, as_of, context, engagement, rules};
    use crate::tables::EngagementRow;

    fn sold(day: i32, orders: Option<u64>) -> EngagementRow {
        EngagementRow { orders, ..engagement(day, 0) }
    }

    fn rates(events: &[AfterSalesRow], days: &[EngagementRow], until: Option<Day>) -> MatureRates {
        let rules = rules();
        let events: Vec<&AfterSalesRow> = events.iter().collect();
        MatureRates::of(&events, &OrderDays { days: &EngagementDays::of(days), until }, &context(as_of(200), &rules))
    }

    /// As of day 200 with 14 days of maturity, 28 days are [158, 186) and 90 days are [96, 186). The fixture's priors of refunds are
    /// 0.05 · 20 = 1 of 20, of low ratings 0.03 · 20 = 0.6 of 20.
    ///
    /// | day        | 95 | 96 | 157.9 | 158 | 185 | 185.9 | 186 | 199 |
    /// |------------|----|----|-------|-----|-----|-------|-----|-----|
    /// | orders     | 1  | 10 |       | 20  | 10  |       | 50  | 9   |
    /// | refunds    | 1  |    | 1     |     |     | 1     | 1   | 1   |
    /// | low rating |    |    |       | 1   | 1   |       |     |     |
    ///
    /// 28 days: 30 orders, 1 refund, 2 low ratings: (1 + 1) / (30 + 20) and (2 + 0.6) / 50. 90 days: 40 orders, 2 refunds:
    /// (2 + 1) / (40 + 20).
    #[test]
    fn outcomes_count_once_their_window_has_closed() {
        use AfterSalesKind::{LowRating, NotAsDescribed, Refund};
        let events = [
            after_sales(Refund, 95.0),
            after_sales(Refund, 157.9),
            after_sales(LowRating, 158.0),
            after_sales(LowRating, 185.0),
            after_sales(Refund, 185.9),
            after_sales(Refund, 186.0),
            after_sales(Refund, 199.0),
            after_sales(Refund, 201.0),
        ];
        let days = [
            sold(95, Some(1)),
            sold(96, Some(10)),
            sold(158, Some(20)),
            sold(185, Some(10)),
            sold(186, Some(50)),
            sold(199, Some(9)),
        ];
        let got = rates(&events, &days, None);
        let (short, long) = (got.days_28.unwrap(), got.days_90.unwrap());
        assert_eq!((short.orders, long.orders), (30, 40));
        assert_eq!(short.rate(Refund), 2.0 / 50.0);
        assert_eq!(short.rate(LowRating), 2.6 / 50.0);
        assert_eq!(long.rate(Refund), 3.0 / 60.0);
        assert_eq!(long.rate(NotAsDescribed), 0.2 / 60.0);

        // An event that arrives late is not known, and neither are days from the first treatment on.
        let mut late = events.clone();
        late[4].ingested_at = Some(as_of(200).instant);
        assert_eq!(rates(&late, &days, None).days_28.unwrap().rate(Refund), 1.0 / 50.0);
        assert_eq!(rates(&events, &days, Some(Day(185))).days_28.unwrap().orders, 20);
    }

    #[test]
    fn orders_that_are_not_recorded_make_rates_missing() {
        assert_eq!(rates(&[], &[sold(180, None)], None), MatureRates::default());
        assert_eq!(rates(&[], &[], None).days_28.unwrap().orders, 0, "no row, no order");
        assert_eq!(rates(&[], &[], None).days_90.unwrap().rate(AfterSalesKind::Return), 0.04);
    }
}
