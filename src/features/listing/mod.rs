//! Features of the content row other than its text: price, title, pictures, attributes, rating.

mod attributes;
mod price;
mod rating;
mod title;

pub(super) use attributes::*;
pub(super) use price::*;
pub(super) use rating::*;
pub(super) use title::*;

use super::FeatureDoc;

/// What listing features have in common.
const LISTING: FeatureDoc = FeatureDoc {
    name: "",
    group: "listing",
    what: "",
    why: "",
    range: "",
    evaded_by: "",
    inputs: &[],
    applies_to: &[],
    version: 1,
};
