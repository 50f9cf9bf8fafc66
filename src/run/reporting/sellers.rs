//! The sellers whose health changed most since the night before, from the published table `sellers`.
//!
//! Memory: identifier and health of one market's sellers of two nights, some 100 bytes each; what else is told is kept of the movers alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::monitor::{HealthChange, SellerHealth, SellerMove, driver_of, largest_moves};
use crate::publish::{ColumnData, PublishError, PublishedManifest, PublishedVersion, Table};
use crate::run::marks::SELLERS;
use crate::units::{Day, Id, Market};

/// Falls, and rises, that are told of each market.
const MOST_MOVES: usize = 20;

/// What the report says of a mover, of one night.
#[derive(Default)]
struct Told {
    band: String,
    drivers: Vec<(String, f32)>,
    items: u64,
}

/// The movers of the night of `day` against the last night before it that is published, by market, falls first. Empty without one.
///
/// # Errors
/// When the table cannot be read.
pub(super) fn seller_moves(root: &Path, published: &PublishedManifest, day: Day) -> Result<Vec<SellerMove>, PublishError> {
    let Some(table) = published.tables.get(SELLERS) else { return Ok(Vec::new()) };
    let version = PublishedVersion::open(root, SELLERS, table.version)?;
    let days: BTreeSet<Day> = version.partitions().into_iter().filter_map(|(day, _)| day).collect();
    let Some(before) = days.range(..day).next_back().copied() else { return Ok(Vec::new()) };
    let markets = version.partitions().into_iter().filter(|(of, _)| *of == Some(day)).filter_map(|(_, market)| market);
    let mut moves = Vec::new();
    for market in markets {
        let changes = largest_moves(healths(&version, before, market)?, healths(&version, day, market)?, MOST_MOVES);
        if changes.is_empty() {
            continue;
        }
        let movers: BTreeSet<&Id> = changes.iter().map(|change| &change.seller_id).collect();
        let then = told(&version, before, market, &movers)?;
        let now = told(&version, day, market, &movers)?;
        let nothing = Told::default();
        for change in &changes {
            let (then, now) = (then.get(&change.seller_id).unwrap_or(&nothing), now.get(&change.seller_id).unwrap_or(&nothing));
            moves.push(moved(market, change, then, now));
        }
    }
    Ok(moves)
}

fn moved(market: Market, change: &HealthChange, then: &Told, now: &Told) -> SellerMove {
    SellerMove {
        market,
        band_before: then.band.clone(),
        band: now.band.clone(),
        driver: driver_of(change.points(), &then.drivers, &now.drivers).unwrap_or_default(),
        items: now.items,
        change: change.clone(),
    }
}

/// The sellers of a partition whose health is known.
fn healths(version: &PublishedVersion, day: Day, market: Market) -> Result<Vec<SellerHealth>, PublishError> {
    let rows = version.read(day, market, &["seller_id", "health"])?;
    let (Some(ColumnData::Text(ids)), Some(ColumnData::I32(healths))) = (rows.column("seller_id"), rows.column("health")) else {
        return Ok(Vec::new());
    };
    let known = ids.iter().zip(healths);
    Ok(known.filter_map(|(id, health)| Some(SellerHealth { seller_id: Id::from(id.as_deref()?), health: (*health)? })).collect())
}

/// What a partition says of `movers`.
fn told(
    version: &PublishedVersion,
    day: Day,
    market: Market,
    movers: &BTreeSet<&Id>,
) -> Result<BTreeMap<Id, Told>, PublishError> {
    let rows = version.read(day, market, &["seller_id", "health_band", "drivers", "items_decided"])?;
    let Some(ColumnData::Text(ids)) = rows.column("seller_id") else { return Ok(BTreeMap::new()) };
    let ids = ids.iter().enumerate().filter_map(|(row, id)| Some((row, Id::from(id.as_deref()?))));
    Ok(ids.filter(|(_, id)| movers.contains(id)).map(|(row, id)| (id, told_in(&rows, row))).collect())
}

fn told_in(rows: &Table, row: usize) -> Told {
    let band = match rows.column("health_band") {
        Some(ColumnData::Text(cells)) => cells.get(row).cloned().flatten().unwrap_or_default(),
        _ => String::new(),
    };
    let drivers = match rows.column("drivers") {
        Some(ColumnData::Reasons(cells)) => cells.get(row).cloned().unwrap_or_default(),
        _ => Vec::new(),
    };
    let items = match rows.column("items_decided") {
        Some(ColumnData::I64(cells)) => cells.get(row).copied().flatten().and_then(|n| u64::try_from(n).ok()).unwrap_or(0),
        _ => 0,
    };
    Told { band, drivers, items }
}
