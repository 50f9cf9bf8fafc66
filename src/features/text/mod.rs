//! Text features, each read off the item's `TextProfile`.

mod casing;
mod contacts;
mod length;
mod obfuscation;
mod repetition;
mod scripts;

pub(super) use casing::*;
pub(super) use contacts::*;
pub(super) use length::*;
pub(super) use obfuscation::*;
pub(super) use repetition::*;
pub(super) use scripts::*;

use super::{FeatureDoc, ItemView};
use crate::text::TextProfile;

/// What text features have in common.
const TEXT: FeatureDoc = FeatureDoc {
    name: "",
    group: "text",
    what: "",
    whose: "",
    why: "",
    range: "",
    evaded_by: "",
    inputs: &[],
    any_of: &[&["content.title", "content.body"]],
    uses: &[],
    applies_to: &[],
    version: 1,
};

/// The profile of an item that has any text.
fn written<'a>(item: &ItemView<'a>) -> Option<&'a TextProfile> {
    Some(item.text).filter(|t| t.n_chars() > 0)
}
