//! The as-of rule: which midnight a row is scored at, and what was known before it (DESIGN.md §3).

use std::collections::BTreeMap;

use chrono::TimeZone;
use chrono_tz::Tz;
use thiserror::Error;

use super::time::resolve_local;
use super::{Day, Market, Timestamp};

/// A midnight: the day that begins at it, and the instant it falls on in the row's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AsOf {
    /// The day that begins at this midnight.
    pub day: Day,
    /// The midnight itself.
    pub instant: Timestamp,
}

impl AsOf {
    /// Whether a fact that happened at `happened` and reached us at `ingested` (where that is recorded) was known before
    /// this midnight.
    #[must_use]
    pub fn knows(&self, happened: Timestamp, ingested: Option<Timestamp>) -> bool {
        happened < self.instant && ingested.is_none_or(|at| at < self.instant)
    }

    /// Whether a fact of calendar day `day` was known: it is, from the next midnight on.
    #[must_use]
    pub fn knows_day(&self, day: Day, ingested: Option<Timestamp>) -> bool {
        day < self.day && ingested.is_none_or(|at| at < self.instant)
    }
}

/// The time zone of the project and of the markets that have their own.
#[derive(Debug, Clone, PartialEq)]
pub struct Zones {
    default: Tz,
    by_market: BTreeMap<Market, Tz>,
}

/// The name is not in the IANA time zone database.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{name}` is not a time zone: expected an IANA name, for instance Asia/Singapore or UTC")]
pub struct ZonesError {
    /// The name that was given.
    pub name: String,
}

impl Zones {
    /// Resolves IANA names.
    ///
    /// # Errors
    /// At the first name that is not in the database.
    pub fn new(default: &str, by_market: &BTreeMap<Market, String>) -> Result<Self, ZonesError> {
        let resolve = |name: &str| name.parse::<Tz>().map_err(|_| ZonesError { name: name.to_owned() });
        let by_market = by_market.iter().map(|(m, name)| Ok((*m, resolve(name)?))).collect::<Result<_, ZonesError>>()?;
        Ok(Self { default: resolve(default)?, by_market })
    }

    /// Every market in UTC.
    #[must_use]
    pub fn utc() -> Self {
        Self { default: Tz::UTC, by_market: BTreeMap::new() }
    }

    /// The zone of `market`.
    #[must_use]
    pub fn of(&self, market: Market) -> Tz {
        self.by_market.get(&market).copied().unwrap_or(self.default)
    }

    /// The midnight at which `day` begins in `market`.
    #[must_use]
    pub fn as_of(&self, market: Market, day: Day) -> AsOf {
        midnight(self.of(market), day)
    }

    /// The midnight at which `day` begins in the project's own zone.
    #[must_use]
    pub fn default_as_of(&self, day: Day) -> AsOf {
        midnight(self.default, day)
    }

    /// The calendar day that `instant` falls on in the project's own zone.
    #[must_use]
    pub fn default_day_of(&self, instant: Timestamp) -> Day {
        local_day(self.default, instant)
    }

    /// The first midnight at which `day` begins in any zone of the project.
    #[must_use]
    pub fn earliest(&self, day: Day) -> Timestamp {
        let zones = std::iter::once(&self.default).chain(self.by_market.values());
        zones.map(|zone| midnight(*zone, day).instant).min().unwrap_or(midnight(self.default, day).instant)
    }

    /// The calendar day that `instant` falls on in `market`.
    #[must_use]
    pub fn day_of(&self, market: Market, instant: Timestamp) -> Day {
        local_day(self.of(market), instant)
    }
}

fn midnight(zone: Tz, day: Day) -> AsOf {
    let local = day.date().and_then(|d| d.and_hms_opt(0, 0, 0));
    let us = local.and_then(|l| resolve_local(zone, l)).unwrap_or(i64::from(day.0) * 86_400_000_000);
    AsOf { day, instant: Timestamp(us) }
}

fn local_day(zone: Tz, instant: Timestamp) -> Day {
    match zone.timestamp_micros(instant.0).single() {
        Some(t) => Day::from_date(t.date_naive()),
        None => Day(i32::try_from(instant.0.div_euclid(86_400_000_000)).unwrap_or(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_known_from_the_next_midnight_of_its_market() {
        let sg: Market = "SG".parse().unwrap();
        let zones = Zones::new("UTC", &BTreeMap::from([(sg, "Asia/Singapore".to_owned())])).unwrap();
        let day: Day = "2026-11-01".parse().unwrap();
        let as_of = zones.as_of(sg, day);
        assert_eq!(as_of.instant.to_string(), "2026-10-31T16:00:00Z");
        assert!(as_of.knows_day(day.plus(-1), None));
        assert!(!as_of.knows_day(day, None));
        assert!(!as_of.knows(as_of.instant, None));
        assert!(as_of.knows(Timestamp(as_of.instant.0 - 1), None));
        assert!(!as_of.knows(Timestamp(0), Some(as_of.instant)));
        assert_eq!(zones.day_of(sg, as_of.instant), day);
        assert_eq!(zones.day_of(sg, Timestamp(as_of.instant.0 - 1)), day.plus(-1));
    }
}
