//! The checks of single values.
//!
//! Input: a value as a source has it. Output: the value that a row may hold, `None` for a missing one, or what is wrong with it.
//! An empty text is a missing value in every format, because CSV cannot tell them apart.

use chrono_tz::Tz;

use crate::units::{Day, Id, Timestamp};

use super::schema::Check;
use super::times::{DAY_US, local_to_utc, midnight_day, parse_plain};

/// What the checks compare with.
#[derive(Debug, Clone, Copy)]
pub(super) struct CheckLimits {
    /// The zone of times without an offset.
    pub(super) zone: Tz,
    /// Later times are refused.
    pub(super) latest: Timestamp,
    /// Longer texts are refused.
    pub(super) max_text_bytes: usize,
}

/// A value, a missing one, or what is wrong.
pub(super) type Checked<T> = Result<Option<T>, String>;

/// The longest identifier.
const MAX_ID_BYTES: usize = 256;

/// Up to here every whole number is a float of its own.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The zone furthest ahead of UTC: no day has begun anywhere before it begins there.
const FURTHEST_AHEAD_US: i64 = 14 * 3_600_000_000;

pub(super) fn id(text: &str) -> Checked<Id> {
    if text.is_empty() {
        Ok(None)
    } else if text.len() > MAX_ID_BYTES {
        Err(format!("the name has {} bytes, at most {MAX_ID_BYTES} are allowed", text.len()))
    } else if text.contains('\0') {
        Err("the name contains the character NUL: remove it".to_owned())
    } else {
        Ok(Some(Id::new(text)))
    }
}

pub(super) fn text(text: &str, limits: &CheckLimits) -> Checked<String> {
    if text.is_empty() {
        Ok(None)
    } else if text.len() > limits.max_text_bytes {
        Err(format!(
            "the text has {} bytes, at most {} are read: shorten it or raise input.max_text_bytes",
            text.len(),
            limits.max_text_bytes
        ))
    } else {
        Ok(Some(text.to_owned()))
    }
}

/// A name of an enumeration or a market, by its `FromStr`.
pub(super) fn name<T: std::str::FromStr>(text: &str) -> Checked<T>
where
    T::Err: std::fmt::Display,
{
    if text.trim().is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|e: T::Err| e.to_string()) }
}

pub(super) fn count_of_text(text: &str) -> Checked<u64> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if let Ok(n) = text.parse() {
        return Ok(Some(n));
    }
    let n: f64 = text.parse().map_err(|_| "not a whole number".to_owned())?;
    count_of_number(n)
}

pub(super) fn count_of_integer(n: i64) -> Checked<u64> {
    u64::try_from(n).map(Some).map_err(|_| "a count must not be negative".to_owned())
}

pub(super) fn count_of_number(n: f64) -> Checked<u64> {
    if !n.is_finite() {
        Err("NaN and infinite numbers are not values: leave the cell empty".to_owned())
    } else if n < 0.0 {
        Err("a count must not be negative".to_owned())
    } else if n.fract() != 0.0 || n > EXACT {
        Err("not a whole number".to_owned())
    } else {
        Ok(Some(n as u64))
    }
}

pub(super) fn number_of_text(text: &str, check: Check) -> Checked<f64> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let n: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    number(n, check)
}

pub(super) fn number(n: f64, check: Check) -> Checked<f64> {
    if !n.is_finite() {
        return Err("NaN and infinite numbers are not values: leave the cell empty".to_owned());
    }
    let (fits, range) = match check {
        // Numbers without a range of their own, the detectors' columns, are kept as f32.
        Check::None | Check::NotFuture => (n.abs() <= f64::from(f32::MAX), "that an f32 can hold"),
        Check::NotNegative => (n >= 0.0, "0 or more"),
        Check::UnitInterval => ((0.0..=1.0).contains(&n), "from 0 to 1"),
        Check::Probability => (n > 0.0 && n <= 1.0, "above 0, up to 1"),
        Check::Stars => ((0.0..=5.0).contains(&n), "from 0 to 5"),
    };
    // Negative zero would be another value in a hash and the same one in a comparison.
    if fits { Ok(Some(n + 0.0)) } else { Err(format!("out of range: expected a number {range}")) }
}

/// A finite number that an f32 can hold.
pub(super) fn small_number(n: f64) -> Result<f32, String> {
    let small = n as f32;
    if !n.is_finite() {
        Err("NaN and infinite numbers are not values: leave the cell empty".to_owned())
    } else if small.is_finite() {
        Ok(small)
    } else {
        Err("the number is too large".to_owned())
    }
}

pub(super) fn list_of_text(text: &str) -> Checked<Vec<f32>> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let numbers: Vec<f64> =
        serde_json::from_str(text).map_err(|_| "not a list of numbers, for instance [0.1, -0.2]".to_owned())?;
    numbers.into_iter().map(small_number).collect::<Result<_, _>>().map(Some)
}

pub(super) fn list(numbers: &[f32]) -> Checked<Vec<f32>> {
    numbers.iter().map(|n| small_number(f64::from(*n))).collect::<Result<_, _>>().map(Some)
}

/// The truth value that a text names, in any case.
fn flag(text: &str) -> Option<bool> {
    let is = |names: [&str; 5]| names.iter().any(|name| name.eq_ignore_ascii_case(text));
    if is(["true", "t", "yes", "y", "1"]) { Some(true) } else { is(["false", "f", "no", "n", "0"]).then_some(false) }
}

pub(super) fn flag_of_text(text: &str) -> Checked<bool> {
    match text.trim() {
        "" => Ok(None),
        text => flag(text).map(Some).ok_or_else(|| "neither true nor false".to_owned()),
    }
}

pub(super) fn flag_of_integer(n: i64) -> Checked<bool> {
    match n {
        0 => Ok(Some(false)),
        1 => Ok(Some(true)),
        _ => Err("neither true nor false: expected 0 or 1".to_owned()),
    }
}

pub(super) fn time_of_text(text: &str, check: Check, limits: &CheckLimits) -> Checked<Timestamp> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    match parse_plain(text, limits.zone) {
        Some(us) => time(us, check, limits),
        None => time(Timestamp::parse(text, limits.zone).map_err(|e| e.to_string())?.0, check, limits),
    }
}

pub(super) fn time(us: i64, check: Check, limits: &CheckLimits) -> Checked<Timestamp> {
    let at = Timestamp::checked(us).ok_or("outside the years 1900 to 2200: is the unit another one?")?;
    if check == Check::NotFuture && at > limits.latest {
        return Err(format!("in the future: the latest time that this run reads is {}", limits.latest));
    }
    Ok(Some(at))
}

/// The midnight at which a date begins, in the source's zone.
pub(super) fn time_of_date(day: i32, check: Check, limits: &CheckLimits) -> Checked<Timestamp> {
    let us = local_to_utc(i64::from(day) * DAY_US, limits.zone).ok_or("outside the years 1900 to 2200")?;
    time(us, check, limits)
}

pub(super) fn day_of_text(text: &str, limits: &CheckLimits) -> Checked<Day> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let plain = (text.len() == 10).then(|| parse_plain(text, Tz::UTC)).flatten();
    match plain.and_then(|us| i32::try_from(us.div_euclid(DAY_US)).ok()) {
        Some(day) => self::day(day, limits),
        None => self::day(text.parse::<Day>().map_err(|e| e.to_string())?.0, limits),
    }
}

pub(super) fn day(day: i32, limits: &CheckLimits) -> Checked<Day> {
    let starts = i64::from(day) * DAY_US;
    if Timestamp::checked(starts).is_none() {
        Err("outside the years 1900 to 2200".to_owned())
    } else if starts - FURTHEST_AHEAD_US > limits.latest.0 {
        Err(format!("in the future: the latest time that this run reads is {}", limits.latest))
    } else {
        Ok(Some(Day(day)))
    }
}

/// The day that begins, in the source's zone, at an instant.
pub(super) fn day_of_time(us: i64, limits: &CheckLimits) -> Checked<Day> {
    let day = midnight_day(us, limits.zone).ok_or("not a midnight, so not a day: map it by CAST(… AS DATE)")?;
    self::day(day, limits)
}
