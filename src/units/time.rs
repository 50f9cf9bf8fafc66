//! Instants (UTC microseconds) and local calendar days.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An instant: microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(pub i64);

/// A calendar day: days since 1970-01-01, in whatever zone the context says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Day(pub i32);

/// The text is not a time or a date that we read.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{text}` is not {expected}")]
pub struct TimeError {
    /// The text that was given, shortened.
    pub text: String,
    /// What would have been read, with an example.
    pub expected: &'static str,
}

/// Microseconds in a day without a clock change.
const DAY_US: i64 = 86_400_000_000;

impl Timestamp {
    /// Reads RFC 3339 (`2026-11-01T08:30:00+08:00`), or a time without an offset (`2026-11-01 08:30:00.5`, `2026-11-01`)
    /// as local to `zone`. A local time that a clock change skipped or doubled reads as the earlier instant it can mean.
    ///
    /// # Errors
    /// When the text is neither, or lies outside the years 1900 to 2200.
    pub fn parse(text: &str, zone: Tz) -> Result<Self, TimeError> {
        let text = text.trim();
        let refuse = || TimeError {
            text: text.chars().take(40).collect(),
            expected: "a time between 1900 and 2200 (expected for instance 2026-11-01T08:30:00Z or 2026-11-01)",
        };
        let us = if let Ok(t) = DateTime::parse_from_rfc3339(text) {
            t.timestamp_micros()
        } else {
            let local = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"]
                .iter()
                .find_map(|f| NaiveDateTime::parse_from_str(text, f).ok())
                .or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().and_then(|d| d.and_hms_opt(0, 0, 0)))
                .ok_or_else(refuse)?;
            resolve_local(zone, local).ok_or_else(refuse)?
        };
        Self::checked(us).ok_or_else(refuse)
    }

    /// `us` microseconds since 1970 as an instant, if it lies in the years 1900 to 2200.
    #[must_use]
    pub fn checked(us: i64) -> Option<Self> {
        ((-25_567 * DAY_US)..(84_006 * DAY_US)).contains(&us).then_some(Self(us))
    }

    /// This instant moved by `days` times 24 hours.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self(self.0 + days * DAY_US)
    }

    /// Fractional days from `earlier` to this instant (negative when it is later).
    #[must_use]
    pub fn days_since(self, earlier: Self) -> f64 {
        (self.0 - earlier.0) as f64 / DAY_US as f64
    }
}

/// The earliest instant that reads `local` in `zone`; inside a skipped hour, the first instant after it.
pub(super) fn resolve_local(zone: Tz, local: NaiveDateTime) -> Option<i64> {
    (0..=180).find_map(|minutes| {
        let shifted = local.checked_add_signed(chrono::Duration::minutes(minutes))?;
        zone.from_local_datetime(&shifted).earliest().map(|t| t.timestamp_micros())
    })
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DateTime::from_timestamp_micros(self.0) {
            Some(t) => write!(f, "{}", t.format("%Y-%m-%dT%H:%M:%S%.fZ")),
            None => write!(f, "{} µs", self.0),
        }
    }
}

impl Day {
    /// The calendar day of a date.
    #[must_use]
    pub fn from_date(date: NaiveDate) -> Self {
        Self(i32::try_from(date.signed_duration_since(NaiveDate::default()).num_days()).unwrap_or(0))
    }

    /// The date of this day, if chrono can express it.
    #[must_use]
    pub fn date(self) -> Option<NaiveDate> {
        NaiveDate::default().checked_add_signed(chrono::Duration::days(i64::from(self.0)))
    }

    /// This day moved by `days`.
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0 + days)
    }

    /// The Monday on or before this day: the weekly grid of the globals.
    #[must_use]
    pub fn week_start(self) -> Self {
        Self(self.0 - (self.0 + 3).rem_euclid(7))
    }
}

impl FromStr for Day {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let text = text.trim();
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .map(Self::from_date)
            .ok()
            .filter(|d| (-25_567..84_006).contains(&d.0))
            .ok_or_else(|| TimeError {
                text: text.chars().take(40).collect(),
                expected: "a date (expected YYYY-MM-DD, for instance 2026-11-01)",
            })
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.date() {
            Some(d) => write!(f, "{}", d.format("%Y-%m-%d")),
            None => write!(f, "day {}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, zone: Tz, expect: &str) {
        let got = Timestamp::parse(text, zone).map_or_else(|e| e.to_string(), |t| t.to_string());
        assert_eq!(got, expect);
    }

    #[test]
    fn times_are_read_in_their_zone() {
        check("2026-11-01T08:30:00+08:00", Tz::UTC, "2026-11-01T00:30:00Z");
        check("2026-11-01 08:30:00", Tz::Asia__Singapore, "2026-11-01T00:30:00Z");
        check("2026-11-01", Tz::Asia__Bangkok, "2026-10-31T17:00:00Z");
        check("2026-11-01 08:30:00.25", Tz::UTC, "2026-11-01T08:30:00.250Z");
        // London, 2026-03-29: 01:30 does not exist; the first instant after the gap is 01:00Z.
        check("2026-03-29 01:30", Tz::Europe__London, "2026-03-29T01:00:00Z");
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        assert!(Timestamp::parse("yesterday", Tz::UTC).is_err());
        assert!(Timestamp::parse("0001-01-01", Tz::UTC).is_err());
        assert!("2026-02-30".parse::<Day>().is_err());
    }

    #[test]
    fn weeks_start_on_monday() {
        let day = |t: &str| t.parse::<Day>().unwrap();
        assert_eq!(day("2026-11-01").week_start(), day("2026-10-26"));
        assert_eq!(day("2026-10-26").week_start(), day("2026-10-26"));
        assert_eq!(day("1969-12-31").week_start(), day("1969-12-29"));
    }
}
