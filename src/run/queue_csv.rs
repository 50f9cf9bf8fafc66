//! `queue`: the review queue of the last published night as CSV, every cell of which opens as text.

use std::path::Path;

use super::exit::VerbError;
use super::project::Project;
use super::queue_table::queue_schema;
use crate::files::{self, FilesError};
use crate::publish::{self, ColumnData};
use crate::queue::csv_line;
use crate::units::Market;

/// Reads the queue of the night that `_published.json` names and writes it as CSV, by market and rank: a header, then a record a case.
/// Lists are joined by spaces.
///
/// # Errors
/// When nothing has been published, `market` is none, or the table cannot be read.
pub fn queue_csv(project: &Project, market: Option<&str>) -> anyhow::Result<String> {
    let argument = |argument, reason| VerbError::Argument { argument, reason };
    let wanted: Option<Market> =
        market.map(str::parse).transpose().map_err(|e: crate::units::MarketError| argument("--market", e.to_string()))?;
    let root = &project.config.output.path;
    let published = publish::read_published(root)?;
    let of_queue = published.as_ref().and_then(|night| Some((night, night.tables.get("queue")?.version)));
    let Some((night, version)) = of_queue else {
        let reason = format!("{} has no published queue; `stallmark run` makes one", root.display());
        return Err(argument("--project", reason).into());
    };
    let schema = queue_schema();
    let names: Vec<&str> = ["as_of", "market"].into_iter().chain(schema.columns.iter().map(|c| c.name.as_str())).collect();
    let table = publish::read_columns(root, "queue", version, &names)?;
    let mut csv = csv_line(names.iter().copied());
    for row in 0..table.n_rows() {
        let cells: Vec<String> = table.columns.iter().map(|column| cell(&column.data, row)).collect();
        let is_wanted = wanted.is_none_or(|market| cells.get(1).is_some_and(|of| *of == market.as_str()));
        if is_wanted && cells.first().is_some_and(|as_of| *as_of == night.as_of) {
            csv += &csv_line(cells.iter().map(String::as_str));
        }
    }
    Ok(csv)
}

/// Writes the CSV to `path`, whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn write_queue_csv(path: &Path, csv: &str) -> Result<(), FilesError> {
    files::write_atomic(path, csv.as_bytes())
}

/// A cell as text; empty for null.
fn cell(data: &ColumnData, row: usize) -> String {
    fn shown<T: ToString>(values: &[Option<T>], row: usize) -> String {
        values.get(row).and_then(Option::as_ref).map_or_else(String::new, ToString::to_string)
    }
    match data {
        ColumnData::Text(values) => shown(values, row),
        ColumnData::F32(values) => shown(values, row),
        ColumnData::F64(values) => shown(values, row),
        ColumnData::I64(values) => shown(values, row),
        ColumnData::I32(values) => shown(values, row),
        ColumnData::Boolean(values) => shown(values, row),
        ColumnData::Date(values) => shown(values, row),
        ColumnData::Timestamp(values) => shown(values, row),
        ColumnData::TextList(lists) => lists.get(row).map_or_else(String::new, |list| list.join(" ")),
        ColumnData::Reasons(lists) => lists
            .get(row)
            .map_or_else(String::new, |list| list.iter().map(|(code, _)| code.as_str()).collect::<Vec<_>>().join(" ")),
    }
}
