//! The published table `profile`: a night's rows counted, one partition a market, so that later nights can be compared with it.

use std::collections::BTreeMap;
use std::path::Path;

use crate::monitor::{Cell, Column as Watched, ColumnKind as WatchedKind, Counts, MarketProfile, Profile, Volume};
use crate::publish::{
    Column, ColumnData, ColumnKind, ColumnSpec, PublishError, PublishedVersion, Table, TableSchema, read_published,
};
use crate::units::Day;

/// Its name.
pub(super) const PROFILE: &str = "profile";

/// What `kind` says of a row that is a sum.
const VOLUME: &str = "volume";

/// `profile`.
#[must_use]
pub(super) fn profile_schema() -> TableSchema {
    let spec = |name: &str, kind, doc: &str| ColumnSpec { name: name.to_owned(), kind, doc: doc.to_owned() };
    TableSchema {
        name: PROFILE,
        columns: vec![
            spec(
                "kind",
                ColumnKind::Text,
                "content, feature, score, price (prices in one currency), or volume (a sum over items)",
            ),
            spec("column", ColumnKind::Text, "the column; of prices the currency, of volumes what is summed"),
            spec("cell", ColumnKind::Text, "null, present, bin, value or sum"),
            spec("bin", ColumnKind::I32, "the bin: its edges are the same on every night"),
            spec("value", ColumnKind::Text, "the named value; (other) for those beyond the 50 most frequent"),
            spec("rows", ColumnKind::I64, "items in the cell, or the sum"),
            spec("model_version", ColumnKind::Text, "the model"),
            spec("run_id", ColumnKind::Text, "hash of inputs, configuration and model"),
        ],
    }
}

struct Row<'a> {
    kind: &'a str,
    column: &'a str,
    cell: &'a str,
    bin: Option<i32>,
    value: Option<&'a str>,
    rows: u64,
}

/// A market's profile as rows of [`profile_schema`].
#[must_use]
pub(super) fn profile_columns(profile: &MarketProfile, model_version: &str, run_id: &str) -> Table {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for (volume, sum) in &profile.volumes {
        rows.push(Row { kind: VOLUME, column: volume.as_str(), cell: "sum", bin: None, value: None, rows: *sum });
    }
    for (column, counts) in &profile.columns {
        let (kind, name) = (column.kind.as_str(), column.name.as_str());
        let plain = |cell, rows| Row { kind, column: name, cell, bin: None, value: None, rows };
        rows.push(plain("null", counts.nulls));
        rows.push(plain("present", counts.present));
        rows.extend(counts.cells.iter().map(|(cell, n)| match cell {
            Cell::Bin(bin) => Row { bin: Some(i32::from(*bin)), ..plain("bin", *n) },
            Cell::Value(value) => Row { value: Some(value), ..plain("value", *n) },
        }));
    }
    let text = |of: &dyn Fn(&Row<'_>) -> Option<String>| ColumnData::Text(rows.iter().map(of).collect());
    let columns = [
        ("kind", text(&|row| Some(row.kind.to_owned()))),
        ("column", text(&|row| Some(row.column.to_owned()))),
        ("cell", text(&|row| Some(row.cell.to_owned()))),
        ("bin", ColumnData::I32(rows.iter().map(|row| row.bin).collect())),
        ("value", text(&|row| row.value.map(str::to_owned))),
        ("rows", ColumnData::counts(rows.iter().map(|row| Some(row.rows)))),
        ("model_version", text(&|_| Some(model_version.to_owned()))),
        ("run_id", text(&|_| Some(run_id.to_owned()))),
    ];
    Table { columns: columns.into_iter().map(|(name, data)| Column { name: name.to_owned(), data }).collect() }
}

/// A market's profile from its rows; a row of a form that is not known is passed over.
#[must_use]
pub(super) fn profile_of(table: &Table) -> MarketProfile {
    let text = |name: &str| match table.column(name) {
        Some(ColumnData::Text(cells)) => cells.as_slice(),
        _ => &[],
    };
    let (kinds, names, cells, values) = (text("kind"), text("column"), text("cell"), text("value"));
    let (Some(ColumnData::I32(bins)), Some(ColumnData::I64(rows))) = (table.column("bin"), table.column("rows")) else {
        return MarketProfile::default();
    };
    fn at(cells: &[Option<String>], row: usize) -> Option<&str> {
        cells.get(row)?.as_deref()
    }
    let mut profile = MarketProfile::default();
    let mut columns: BTreeMap<(WatchedKind, &str), Counts> = BTreeMap::new();
    for (row, n) in rows.iter().enumerate() {
        let n = n.and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
        let (Some(kind), Some(name), Some(cell)) = (at(kinds, row), at(names, row), at(cells, row)) else { continue };
        if kind == VOLUME {
            let known = Volume::ALL.into_iter().find(|volume| volume.as_str() == name);
            profile.volumes.extend(known.map(|volume| (volume, n)));
            continue;
        }
        let Ok(kind) = kind.parse::<WatchedKind>() else { continue };
        let counts = columns.entry((kind, name)).or_default();
        let bin = || i16::try_from(bins.get(row).copied().flatten()?).ok().map(Cell::Bin);
        match cell {
            "null" => counts.nulls = n,
            "present" => counts.present = n,
            "bin" => counts.cells.extend(bin().map(|cell| (cell, n))),
            "value" => counts.cells.extend(at(values, row).map(|value| (Cell::Value(value.to_owned()), n))),
            _ => {}
        }
    }
    profile.columns = columns.into_iter().map(|((kind, name), counts)| (Watched::new(kind, name), counts)).collect();
    profile
}

/// Past profiles.
#[derive(Debug, Default)]
pub(super) struct PastProfiles {
    /// The nights that tonight may be compared with, by day.
    pub nights: BTreeMap<Day, Profile>,
    /// The model of the last of them.
    pub model_version: Option<String>,
}

/// Days back to which nights are read.
const OLDEST: i32 = 35;
/// Nights that are read, besides that of a week ago.
const NIGHTS: usize = 7;

/// Reads the profiles that `day` is compared with: the last seven nights before it, and that of a week ago. None before the first run.
///
/// # Errors
/// When what is published cannot be read.
pub(super) fn read_profiles(root: &Path, day: Day) -> Result<PastProfiles, PublishError> {
    let Some(published) = read_published(root)? else { return Ok(PastProfiles::default()) };
    let Some(table) = published.tables.get(PROFILE) else { return Ok(PastProfiles::default()) };
    let table = PublishedVersion::open(root, PROFILE, table.version)?;
    let partitions: Vec<_> = table.partitions().into_iter().filter_map(|(night, market)| Some((night?, market?))).collect();
    let mut days: Vec<Day> = partitions.iter().map(|(night, _)| *night).collect();
    days.retain(|night| *night < day && *night >= day.plus(-OLDEST));
    days.dedup();
    let last = days.last().copied();
    let first = days.len().saturating_sub(NIGHTS);
    let wanted: Vec<Day> =
        days.iter().enumerate().filter(|(at, night)| *at >= first || **night == day.plus(-7)).map(|(_, night)| *night).collect();
    let mut past = PastProfiles::default();
    for (night, market) in partitions.into_iter().filter(|(night, _)| wanted.contains(night)) {
        let rows = table.read(night, market, &["kind", "column", "cell", "bin", "value", "rows"])?;
        past.nights.entry(night).or_default().markets.insert(market, profile_of(&rows));
        if Some(night) == last && past.model_version.is_none() {
            past.model_version = table.read_first_text(night, market, "model_version")?;
        }
    }
    Ok(past)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::{ProfileBuilder, ProfiledItem};

    #[test]
    fn what_is_written_reads_back() {
        let mut builder = ProfileBuilder::new(&["f".to_owned()], &["abuse".to_owned()], &["category"], &["title"]);
        for (feature, category) in [(0.5, Some("shoes")), (f32::NAN, None), (-3.0, Some("(other)"))] {
            builder.add(&ProfiledItem {
                is_first_of_seller: true,
                market: "TH".parse().unwrap(),
                features: &[feature],
                scores: &[Some(0.25)],
                values: &[category],
                present: &[false],
                price: Some(("THB", 99.0)),
                volumes: &[(Volume::DayViews, 3)],
            });
        }
        let profile = builder.finish().markets.into_values().next().unwrap();
        assert_eq!(profile.columns.len(), 5);
        assert_eq!(profile_of(&profile_columns(&profile, "m1", "r1")), profile);
        let mut foreign = profile_columns(&profile, "m1", "r1");
        foreign.columns[0].data = ColumnData::Text(vec![Some("new kind".to_owned()); foreign.n_rows()]);
        assert_eq!(profile_of(&foreign), MarketProfile::default());
    }
}
