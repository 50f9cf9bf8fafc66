//! Prices that earlier versions of a listing asked: what a promotion claims against what was ever charged.
//!
//! Input: the versions known, oldest first. Only versions in today's currency with a price above 0 count; each price held from its
//! version's `valid_from` until the next version's. A promotion is a version whose list price is above its price; it began with
//! the first of the unbroken run of such versions that ends today. Deliberately not here: snapshots, which have no history, and
//! `same_day` items; both give missing values.

use super::LISTING;
use super::price::ln_amount;
use crate::features::feature::{flag, ln_count};
use crate::features::{FeatureDoc, ItemView, SimpleFeature};
use crate::tables::ContentRow;
use crate::units::ContentType::Listing;
use crate::units::Timestamp;

/// What features of price history have in common.
const HISTORY: FeatureDoc = FeatureDoc {
    inputs: &["content.price", "content.valid_from"],
    uses: &["content.currency"],
    applies_to: &[Listing],
    ..LISTING
};

/// The same of those that ask for a promotion.
const PROMOTION: FeatureDoc = FeatureDoc {
    inputs: &["content.price", "content.list_price", "content.valid_from"],
    evaded_by: "a new listing for the promotion",
    ..HISTORY
};

/// Rise before the promotion.
pub(in crate::features) static PRE_PROMOTION_RISE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "pre_promotion_rise",
        what: "ln(highest price of the 28 days before the promotion / price at their beginning, or the first known in them)",
        why: "a price raised shortly before its discount makes the discount false",
        range: "0 to 20",
        ..PROMOTION
    },
    value: |item| {
        let promotion = Promotion::of(item)?;
        let mut before = promotion.in_last_days(28);
        let base = before.next()?;
        Some((before.fold(base, f64::max) - base).min(CUT) as f32)
    },
};

/// A list price that nobody paid.
pub(in crate::features) static LIST_PRICE_NEVER_CHARGED: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "list_price_never_charged",
        what: "1 when the list price is above every price known before the promotion",
        why: "a discount from a price that was never asked is false",
        range: "0 or 1",
        ..PROMOTION
    },
    value: |item| {
        let promotion = Promotion::of(item)?;
        (!promotion.earlier.is_empty()).then(|| flag(promotion.earlier.iter().all(|held| held.ln_price < promotion.ln_list)))
    },
};

/// List price over the recent low.
pub(in crate::features) static LIST_PRICE_OVER_30D_LOW: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "list_price_over_30d_low",
        what: "ln(list price / lowest price of the 30 days before the promotion)",
        why: "an honest reference price is the lowest of the last 30 days, as consumer law has it in several markets",
        range: "-20 to 20",
        ..PROMOTION
    },
    value: |item| {
        let promotion = Promotion::of(item)?;
        Some((promotion.ln_list - promotion.in_last_days(30).reduce(f64::min)?).clamp(-CUT, CUT) as f32)
    },
};

/// Price over the recent low.
pub(in crate::features) static PRICE_OVER_30D_LOW: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "price_over_30d_low",
        what: "ln(price / lowest price of the 30 days before today's price took effect)",
        why: "a promotion that costs more than last month is none; a jump after a sale is a switch",
        range: "-20 to 20",
        evaded_by: "waiting a month",
        ..HISTORY
    },
    value: |item| {
        let held = prices_held(item)?;
        let now = held.last()?.ln_price;
        let others = held.iter().rposition(|h| h.ln_price != now)? + 1;
        let (earlier, since) = held.split_at_checked(others)?;
        let low = last_days(earlier, since.first()?.from, 30).reduce(f64::min)?;
        Some((now - low).clamp(-CUT, CUT) as f32)
    },
};

/// Price changes.
pub(in crate::features) static PRICE_CHANGES_28D: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "price_changes_28d",
        what: "ln(1 + price changes of the last 28 days)",
        why: "prices that go up and down hide what is usual",
        range: "0 and up",
        evaded_by: "vouchers instead of prices",
        ..HISTORY
    },
    value: |item| {
        let held = prices_held(item)?;
        let recent =
            |pair: &&[Held]| matches!(pair, [a, b] if a.ln_price != b.ln_price && item.as_of.instant.days_since(b.from) <= 28.0);
        Some(ln_count(held.windows(2).filter(recent).count() as u64))
    },
};

/// Largest jump.
pub(in crate::features) static PRICE_LARGEST_JUMP: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "price_largest_jump",
        what: "|ln(price / price before)| of the largest change known; above 1.1 a factor of three",
        why: "other goods under an old listing come at another price",
        range: "0 to 20",
        evaded_by: "many small steps",
        ..HISTORY
    },
    value: |item| {
        let held = prices_held(item)?;
        let jumps = held.windows(2).filter_map(|pair| match pair {
            [a, b] => Some((b.ln_price - a.ln_price).abs()),
            _ => None,
        });
        Some(jumps.fold(0.0, f64::max).min(CUT) as f32)
    },
};

/// Where ratios are cut.
const CUT: f64 = 20.0;

/// A price and when it held.
struct Held {
    ln_price: f64,
    from: Timestamp,
    until: Timestamp,
}

/// What a version's price held for; `until` is when the next version took over. `None` without a price in `currency`.
fn held(version: &ContentRow, now: &ContentRow, until: Timestamp) -> Option<Held> {
    let ln_price = ln_amount(version.price).filter(|_| version.currency == now.currency)?;
    Some(Held { ln_price, from: starts(version), until })
}

fn starts(version: &ContentRow) -> Timestamp {
    version.valid_from.unwrap_or(version.published_at)
}

/// The prices of `versions`, of which the last holds until `end`.
fn prices_of(versions: &[&ContentRow], now: &ContentRow, end: Timestamp) -> Vec<Held> {
    let untils = versions.iter().skip(1).map(|next| starts(next)).chain([end]);
    versions.iter().zip(untils).filter_map(|(version, until)| held(version, now, until)).collect()
}

/// The prices known; `None` without versions or without a price today.
fn prices_held(item: &ItemView<'_>) -> Option<Vec<Held>> {
    let now = item.versions.last()?;
    ln_amount(now.price)?;
    Some(prices_of(item.versions, now, item.as_of.instant))
}

/// ln of the prices held within the `days` days before `end`, oldest first.
fn last_days(held: &[Held], end: Timestamp, days: i64) -> impl Iterator<Item = f64> {
    let start = end.plus_days(-days);
    held.iter().filter(move |held| held.until > start && held.from < end).map(|held| held.ln_price)
}

/// A promotion that is on, and the prices before it.
struct Promotion {
    ln_list: f64,
    started: Timestamp,
    earlier: Vec<Held>,
}

impl Promotion {
    /// `None` when the version in force is no promotion.
    fn of(item: &ItemView<'_>) -> Option<Self> {
        let now = item.versions.last()?;
        let is_on = |version: &&&ContentRow| {
            let prices = ln_amount(version.price).zip(ln_amount(version.list_price));
            prices.is_some_and(|(price, list)| list > price) && version.currency == now.currency
        };
        let run = item.versions.iter().rev().take_while(is_on).count();
        let (before, promoted) = item.versions.split_at_checked(item.versions.len() - run)?;
        let started = starts(promoted.first()?);
        Some(Self { ln_list: ln_amount(now.list_price)?, started, earlier: prices_of(before, now, started) })
    }

    /// ln of the prices held within the `days` days before the promotion, oldest first.
    fn in_last_days(&self, days: i64) -> impl Iterator<Item = f64> {
        last_days(&self.earlier, self.started, days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::{Fixture, at, content};

    const ALL: [&SimpleFeature; 6] = [
        &PRE_PROMOTION_RISE,
        &LIST_PRICE_NEVER_CHARGED,
        &LIST_PRICE_OVER_30D_LOW,
        &PRICE_OVER_30D_LOW,
        &PRICE_CHANGES_28D,
        &PRICE_LARGEST_JUMP,
    ];

    /// The values of all features of a listing with these versions (day, price, list price), at day 100.
    fn values(versions: &[(f64, f64, Option<f64>)]) -> [Option<f32>; 6] {
        let row = |(day, price, list_price): &(f64, f64, Option<f64>)| ContentRow {
            valid_from: Some(at(*day)),
            price: Some(*price),
            list_price: *list_price,
            ..content("a")
        };
        of_rows(&versions.iter().map(row).collect::<Vec<_>>())
    }

    fn of_rows(rows: &[ContentRow]) -> [Option<f32>; 6] {
        let versions: Vec<&ContentRow> = rows.iter().collect();
        let fixture = Fixture::of(rows.last().cloned().unwrap_or_else(|| content("a")));
        ALL.map(|feature| (feature.value)(&ItemView { versions: &versions, ..fixture.item() }))
    }

    fn ln(ratio: f64) -> Option<f32> {
        Some(libm::log(ratio) as f32)
    }

    fn close(got: [Option<f32>; 6], expect: [Option<f32>; 6]) {
        let same = |(a, b): (&Option<f32>, &Option<f32>)| match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() < 1e-6,
            (a, b) => a == b,
        };
        assert!(got.iter().zip(&expect).all(same), "{got:?}, expected {expect:?}");
    }

    /// 100 for long, 150 from day 80, on day 90 "half price": 100 instead of 200.
    #[test]
    fn a_price_raised_before_its_discount_shows() {
        let got = values(&[(10.0, 100.0, None), (80.0, 150.0, None), (90.0, 100.0, Some(200.0))]);
        close(got, [ln(1.5), Some(1.0), ln(2.0), ln(1.0), Some(ln_count(2)), ln(1.5)]);
        // An honest one: 150 asked for two months, then 100 instead of 150.
        let got = values(&[(10.0, 150.0, None), (90.0, 100.0, Some(150.0))]);
        close(got, [Some(0.0), Some(0.0), Some(0.0), ln(100.0 / 150.0), Some(ln_count(1)), ln(1.5)]);
    }

    /// On since day 60 with a lower price from day 95 on: the promotion began on day 60, today's price on day 95.
    #[test]
    fn a_promotion_begins_with_its_first_version() {
        let got = values(&[(10.0, 80.0, None), (50.0, 100.0, None), (60.0, 70.0, Some(90.0)), (95.0, 60.0, Some(90.0))]);
        close(got, [ln(100.0 / 80.0), Some(0.0), ln(90.0 / 80.0), ln(60.0 / 70.0), Some(ln_count(1)), ln(100.0 / 70.0)]);
    }

    #[test]
    fn what_cannot_be_known_is_missing() {
        close(values(&[]), [None; 6]);
        // No promotion, and no price before today's.
        close(values(&[(10.0, 5.0, None)]), [None, None, None, None, Some(0.0), Some(0.0)]);
        // A promotion from the first day on.
        close(values(&[(10.0, 5.0, Some(9.0))]), [None, None, None, None, Some(0.0), Some(0.0)]);
        // Two versions of one price.
        close(values(&[(10.0, 5.0, None), (95.0, 5.0, None)]), [None, None, None, None, Some(0.0), Some(0.0)]);
        // Prices of another currency are no prices.
        let old = ContentRow { valid_from: Some(at(10.0)), price: Some(1.0), currency: Some("USD".into()), ..content("a") };
        let new = ContentRow { valid_from: Some(at(95.0)), price: Some(9.0), list_price: Some(10.0), ..content("a") };
        close(of_rows(&[old, new]), [None, None, None, None, Some(0.0), Some(0.0)]);
    }

    #[test]
    fn hostile_prices_are_no_prices() {
        for hostile in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            close(values(&[(10.0, 5.0, None), (95.0, hostile, Some(9.0))]), [None; 6]);
            let got = values(&[(10.0, hostile, None), (95.0, 5.0, Some(hostile))]);
            close(got, [None, None, None, None, Some(0.0), Some(0.0)]);
        }
        let got = values(&[(10.0, f64::MIN_POSITIVE, None), (95.0, f64::MAX / 2.0, Some(f64::MAX))]);
        close(got, [Some(0.0), Some(1.0), Some(20.0), Some(20.0), Some(ln_count(1)), Some(20.0)]);
    }
}
