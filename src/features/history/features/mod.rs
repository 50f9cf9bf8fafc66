//! Features of the histories of the item and of its seller, and of the seller itself.

mod after_sales;
mod appeals;
mod item;
mod reporters;
mod seller_reception;
mod seller_record;
mod seller_standing;
mod seller_strikes;
mod seller_velocity;

pub(in crate::features) use after_sales::*;
pub(in crate::features) use appeals::*;
pub(in crate::features) use item::*;
pub(in crate::features) use reporters::*;
pub(in crate::features) use seller_reception::*;
pub(in crate::features) use seller_record::*;
pub(in crate::features) use seller_standing::*;
pub(in crate::features) use seller_strikes::*;
pub(in crate::features) use seller_velocity::*;

use super::decisions::DecisionCounts;
use crate::features::{FeatureDoc, ItemView};

/// What these features have in common.
const HISTORY: FeatureDoc = FeatureDoc {
    name: "",
    group: "history",
    what: "",
    whose: "",
    why: "",
    range: "",
    evaded_by: "",
    inputs: &[],
    any_of: &[],
    uses: &[],
    applies_to: &[],
    version: 1,
};

/// Decisions on the item itself.
fn own_decisions<'a>(item: &'a ItemView<'_>) -> Option<&'a DecisionCounts> {
    item.events().and_then(|e| e.decisions.as_ref())
}
