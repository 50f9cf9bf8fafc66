//! What the rows that a model learned from looked like: counted as a night is, and kept beside the model as `reference.json`.
//!
//! Features, content type, category, language and tier; not the scores, because these rows were picked for review and say nothing about how
//! scores lie in a night.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::dataset::Item;
use crate::features::FeatureMatrix;
use crate::monitor::{Cell, Column, ColumnKind, Counts, MarketProfile, ProfileBuilder, ProfiledItem};
use crate::units::Market;

/// The form of `reference.json`.
#[derive(Serialize, Deserialize)]
struct Reference {
    format: u32,
    columns: Vec<ReferenceColumn>,
}

#[derive(Serialize, Deserialize)]
struct ReferenceColumn {
    kind: ColumnKind,
    name: String,
    nulls: u64,
    present: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    bins: Vec<(i16, u64)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    values: Vec<(String, u64)>,
}

const FORMAT: u32 = 1;
const VALUES: [&str; 4] = ["content_type", "category", "language", "tier"];

/// The training rows counted, whatever their market: a model learns from all together.
#[must_use]
pub(super) fn training_profile(items: &[Item], features: &FeatureMatrix) -> MarketProfile {
    let mut builder = ProfileBuilder::new(&features.names, &[], &VALUES, &[]);
    let mut sellers = BTreeSet::new();
    for (row, item) in items.iter().enumerate() {
        let values =
            [Some(item.content_type.as_str()), item.category.as_deref(), item.language.as_deref(), Some(item.tier.as_str())];
        builder.add(&ProfiledItem {
            market: Market::FIRST,
            is_first_of_seller: item.seller_id.as_ref().is_some_and(|seller| sellers.insert(seller)),
            features: features.row(row),
            scores: &[],
            values: &values,
            present: &[],
            price: None,
            volumes: &[],
        });
    }
    builder.finish().all()
}

/// The profile as it is stored.
#[must_use]
pub(super) fn reference_json(profile: &MarketProfile) -> Value {
    let column = |(column, counts): (&Column, &Counts)| {
        let bin = |(cell, n): (&Cell, &u64)| if let Cell::Bin(bin) = cell { Some((*bin, *n)) } else { None };
        let value = |(cell, n): (&Cell, &u64)| if let Cell::Value(value) = cell { Some((value.clone(), *n)) } else { None };
        ReferenceColumn {
            kind: column.kind,
            name: column.name.clone(),
            nulls: counts.nulls,
            present: counts.present,
            bins: counts.cells.iter().filter_map(bin).collect(),
            values: counts.cells.iter().filter_map(value).collect(),
        }
    };
    let reference = Reference { format: FORMAT, columns: profile.columns.iter().map(column).collect() };
    serde_json::to_value(reference).unwrap_or_default()
}

/// The profile of a stored reference; `None` of one in a form that is not known: then nothing is compared with training.
#[must_use]
pub(super) fn reference_of(value: &Value) -> Option<MarketProfile> {
    let reference = Reference::deserialize(value).ok().filter(|reference| reference.format == FORMAT)?;
    let counts = |column: ReferenceColumn| {
        let bins = column.bins.into_iter().map(|(bin, n)| (Cell::Bin(bin), n));
        let cells = bins.chain(column.values.into_iter().map(|(value, n)| (Cell::Value(value), n))).collect();
        let counts = Counts { nulls: column.nulls, present: column.present, cells };
        (Column { kind: column.kind, name: column.name }, counts)
    };
    Some(MarketProfile { volumes: BTreeMap::new(), columns: reference.columns.into_iter().map(counts).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_reads_back() {
        let cells = BTreeMap::from([(Cell::Bin(-3), 2), (Cell::Bin(7), 1), (Cell::Value("th".to_owned()), 4)]);
        let counts = Counts { nulls: 5, present: 7, cells };
        let columns = BTreeMap::from([(Column::new(ColumnKind::Feature, "f"), counts)]);
        let profile = MarketProfile { volumes: BTreeMap::new(), columns };
        let mut value = reference_json(&profile);
        assert_eq!(reference_of(&value), Some(profile));
        value["format"] = serde_json::json!(2);
        assert_eq!(reference_of(&value), None);
    }
}
