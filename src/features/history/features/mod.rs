//! Features of the histories of the item and of its seller, and of the seller itself.

mod appeals;
mod item;
mod item_after_sales;
mod item_reporters;
mod seller_after_sales;
mod seller_reception;
mod seller_record;
mod seller_reporters;
mod seller_standing;
mod seller_strikes;
mod seller_velocity;

pub(in crate::features) use appeals::*;
pub(in crate::features) use item::*;
pub(in crate::features) use item_after_sales::*;
pub(in crate::features) use item_reporters::*;
pub(in crate::features) use seller_after_sales::*;
pub(in crate::features) use seller_reception::*;
pub(in crate::features) use seller_record::*;
pub(in crate::features) use seller_reporters::*;
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
