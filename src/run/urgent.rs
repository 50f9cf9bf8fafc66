//! Items that stand in `escalations` alone: what is published of them is their identifier, there and nowhere else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::publish::{ColumnData, PublishError, PublishedVersion, read_published};
use crate::units::{Day, Id};

/// The urgent items that are published, by night.
///
/// # Errors
/// When a published table cannot be read.
pub(super) fn published_urgent(root: &Path) -> Result<BTreeMap<Day, BTreeSet<Id>>, PublishError> {
    let mut urgent: BTreeMap<Day, BTreeSet<Id>> = BTreeMap::new();
    let Some(published) = read_published(root)? else { return Ok(urgent) };
    let Some(table) = published.tables.get("escalations") else { return Ok(urgent) };
    let version = PublishedVersion::open(root, "escalations", table.version)?;
    for (day, market) in version.partitions().into_iter().filter_map(|(day, market)| Some((day?, market?))) {
        let rows = version.read(day, market, &["content_id", "urgent"])?;
        let (Some(ColumnData::Text(ids)), Some(ColumnData::Boolean(flags))) = (rows.column("content_id"), rows.column("urgent"))
        else {
            continue;
        };
        let of_night =
            ids.iter().zip(flags).filter(|(_, flag)| **flag == Some(true)).filter_map(|(id, _)| id.as_deref().map(Id::from));
        urgent.entry(day).or_default().extend(of_night);
    }
    Ok(urgent)
}
