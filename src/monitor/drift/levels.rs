//! Levels rather than shapes: volumes, price levels, values and markets that come or go.

use super::baseline::Baselines;
use super::bins::price_of_bin;
use super::figures::{about, against};
use super::judge::{Compared, DriftReport};
use super::profile::{Cell, Column, ColumnKind, Counts, MarketProfile, OTHER, Volume};
use crate::config::DriftLimits;
use crate::evaluation::{Confidence, wilson};
use crate::monitor::{Family, Figure, Range, State, Unit};
use crate::units::Market;

/// Adds the figures of volumes, prices, new values and missing markets.
pub(super) fn judge(
    segments: &[(Option<Market>, &MarketProfile)],
    baselines: &Baselines,
    compared: &[Compared],
    limits: &DriftLimits,
    report: &mut DriftReport,
) {
    for (market, profile) in segments {
        for volume in Volume::ALL {
            report.figures.extend(volume_of(*market, volume, profile, baselines, limits));
        }
        if let Some(coverage) = profile.coverage() {
            let figure = Figure::new(Family::Volume, "coverage", about(*market, None), Unit::Share);
            report.figures.push(Figure { value: Some(coverage), n: profile.items(), ..figure });
        }
        for (column, counts) in &profile.columns {
            report.figures.extend(new_values(*market, column, counts, baselines, limits));
        }
    }
    missing_markets(segments, baselines, limits, report);
    report.figures.extend(compared.chunks(2).filter_map(|pair| price_level(pair, segments, baselines, limits)));
}

/// A sum with what it was. It is a finding when it is out of proportion to the same weekday and to the median of the last nights, and beyond
/// each of these: a season swings within a week, and is not a finding.
fn volume_of(
    market: Option<Market>,
    volume: Volume,
    profile: &MarketProfile,
    baselines: &Baselines,
    limits: &DriftLimits,
) -> Option<Figure> {
    if volume == Volume::CoverageMillionths {
        return None;
    }
    let tonight = *profile.volumes.get(&volume)?;
    let unit = if volume == Volume::DayViews { Unit::Views } else { Unit::Count };
    let figure = Figure::new(Family::Volume, "volume", about(market, Some(volume.as_str())), unit);
    let figure = Figure { value: Some(tonight as f64), n: profile.items(), method: "sum", ..figure };
    let (season, nights) = baselines.volumes(market, volume);
    let mut recent: Vec<u64> = nights.into_iter().flatten().collect();
    recent.sort_unstable();
    let (Some(season), Some(median)) = (season, recent.get(recent.len() / 2).copied()) else {
        let note = if baselines.has_history() { "not there on nights before" } else { "no night before" };
        return Some(Figure { state: State::Unknown, note: Some(note.to_owned()), ..figure });
    };
    let ratio = |before: u64| tonight as f64 / before.max(1) as f64;
    let (a, b) = (ratio(season), ratio(median));
    let fell = a.max(b) <= limits.volume_ratio && recent.first().is_some_and(|least| tonight < *least);
    let rose = a.min(b) >= 1.0 / limits.volume_ratio && recent.last().is_some_and(|most| tonight > *most);
    let is_large = profile.items() >= SKEWED_ITEMS * limits.min_rows || matches!(volume, Volume::Items | Volume::NewItems);
    let has_nights = recent.len() >= LEAST_NIGHTS || volume == Volume::Items;
    let is_judged = is_large && has_nights && (season.min(median) >= limits.min_rows || (rose && tonight >= 4 * limits.min_rows));
    let state = match (is_judged, fell || rose) {
        (false, _) => State::Unknown,
        (true, true) => State::Warning,
        (true, false) => State::Within,
    };
    let what = against(baselines);
    let note = format!(
        "{season} {what}, {median} the median of {} nights; limits {:.2} and {:.2} times these",
        recent.len(),
        limits.volume_ratio,
        1.0 / limits.volume_ratio
    );
    Some(Figure { state, note: Some(note), ..figure })
}

/// Nights before without which sums of a day are not judged: one odd day is no measure.
const LEAST_NIGHTS: usize = 3;

/// Times `min_rows` items that a sum of views or orders needs to be judged: it is made of few large ones.
const SKEWED_ITEMS: u64 = 5;

/// The median price of a market in a currency, which a change of unit moves by 100 or 1,000.
fn price_level(
    pair: &[Compared],
    segments: &[(Option<Market>, &MarketProfile)],
    baselines: &Baselines,
    limits: &DriftLimits,
) -> Option<Figure> {
    let [season, last] = pair else { return None };
    if season.column.kind != ColumnKind::Price || season.market.is_none() {
        return None;
    }
    let (_, profile) = segments.iter().find(|(market, _)| *market == season.market)?;
    let cells = |counts: &Counts| counts.cells.iter().map(|(cell, n)| (cell.clone(), *n as f64)).collect::<Vec<_>>();
    let tonight = median(&cells(profile.columns.get(&season.column)?))?;
    let before = |reference| {
        let column = baselines.column(reference, season.market, &season.column)?;
        median(&column.cells.into_iter().collect::<Vec<_>>())
    };
    let (a, b) = (before(season.reference)?, before(last.reference)?);
    let ratio = |before: f64| if tonight > before { tonight / before } else { before / tonight };
    let figure = Figure::new(Family::Drift, "price_level", about(season.market, Some(&season.column.name)), Unit::Number);
    let is_judged = season.distance.is_some() && last.distance.is_some();
    let is_sure = [season, last].iter().all(|c| c.distance.is_some_and(|d| d.p_value <= limits.false_discovery_rate));
    let is_finding = ratio(a).min(ratio(b)) >= limits.price_ratio && is_sure;
    let state = match (is_judged, is_finding) {
        (false, _) => State::Unknown,
        (true, true) => State::Warning,
        (true, false) => State::Within,
    };
    let note = format!(
        "median price {tonight:.2}, {a:.2} {}, {b:.2} in the mean of {} nights; limit {} times these in either direction",
        against(baselines),
        baselines.n_recent(),
        limits.price_ratio
    );
    let n = season.present[0] as u64;
    Some(Figure { value: Some(tonight / a), n, state, method: "median_ratio", note: Some(note), ..figure })
}

/// The middle price of counted bins, to an eighth.
fn median(cells: &[(Cell, f64)]) -> Option<f64> {
    let total: f64 = cells.iter().map(|(_, n)| n).sum();
    let mut so_far = 0.0;
    for (cell, n) in cells {
        so_far += n;
        if let Cell::Bin(bin) = cell
            && 2.0 * so_far >= total
        {
            return Some(price_of_bin(*bin));
        }
    }
    None
}

/// Rows that a new value needs besides its share.
const LEAST_NEW: u64 = 10;

/// Values that no night before had.
fn new_values(
    market: Option<Market>,
    column: &Column,
    counts: &Counts,
    baselines: &Baselines,
    limits: &DriftLimits,
) -> Vec<Figure> {
    let n = counts.present;
    // All markets together say only what one of them says better.
    let Some(unseen) = market.and_then(|_| baselines.most_unseen(market, column)).filter(|_| n >= limits.min_rows) else {
        return Vec::new();
    };
    let is_new = |(cell, rows): &(&Cell, &u64)| {
        let share = **rows as f64 / n as f64;
        let is_named = matches!(cell, Cell::Value(name) if name != OTHER);
        is_named
            && **rows >= LEAST_NEW
            && share >= limits.new_value_share
            && unseen < share / 2.0
            && !baselines.had(market, column, cell)
    };
    let figure = |(cell, rows): (&Cell, &u64)| {
        let Cell::Value(name) = cell else { return None };
        let figure = Figure::new(Family::Drift, "new_value", about(market, Some(&format!("{column} = {name}"))), Unit::Share);
        let interval = wilson(*rows, n, Confidence::NinetyFive).map(|i| Range { low: i.low, high: i.high });
        let note = format!("not there on the {} nights before; limit {}", baselines.n_recent(), limits.new_value_share);
        let (value, positives) = (Some(*rows as f64 / n as f64), Some(*rows));
        Some(Figure { value, positives, n, interval, method: "wilson", state: State::Warning, note: Some(note), ..figure })
    };
    counts.cells.iter().filter(is_new).filter_map(figure).collect()
}

/// Mean items of nights before from which on a market may not be without any.
const LEAST_MARKET: u64 = 20;

fn missing_markets(
    segments: &[(Option<Market>, &MarketProfile)],
    baselines: &Baselines,
    limits: &DriftLimits,
    report: &mut DriftReport,
) {
    for market in baselines.markets() {
        let is_there = segments.iter().any(|(known, profile)| *known == Some(market) && profile.items() > 0);
        let (_, nights) = baselines.volumes(Some(market), Volume::Items);
        // A market that went some nights ago is missed as long as most nights had it.
        let mean = nights.iter().map(|n| n.unwrap_or(0)).sum::<u64>() / nights.len().max(1) as u64;
        if is_there || mean < LEAST_MARKET.min(limits.min_rows) || 2 * nights.iter().flatten().count() < nights.len() {
            continue;
        }
        report.missing_markets.push((market, mean));
        let figure = Figure::new(Family::Volume, "missing_market", about(Some(market), None), Unit::Count);
        let note = format!("{mean} items in the mean of the last {} nights, none tonight", nights.len());
        report.figures.push(Figure { value: Some(0.0), n: mean, state: State::Warning, note: Some(note), ..figure });
    }
}
