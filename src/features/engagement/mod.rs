//! Features of engagement windows: volumes, shrunk rates and trends, for the item and for its seller.

mod rate;
mod seller_rate;
mod seller_volume;
mod trend;
mod volume;

pub(super) use rate::*;
pub(super) use seller_rate::*;
pub(super) use seller_volume::*;
pub(super) use trend::*;
pub(super) use volume::*;

use super::{FeatureDoc, ItemView, WindowSet, WindowSums};

/// What engagement features have in common.
const ENGAGEMENT: FeatureDoc = FeatureDoc {
    name: "",
    group: "engagement",
    what: "",
    why: "",
    range: "",
    evaded_by: "",
    inputs: &["engagement"],
    applies_to: &[],
    version: 1,
};

/// Whose windows a feature reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Item,
    Seller,
}

impl Owner {
    fn windows<'a>(self, item: &'a ItemView<'_>) -> Option<&'a WindowSet> {
        match self {
            Self::Item => item.engagement(),
            Self::Seller => item.seller_windows,
        }
    }
}

/// A window of an item's engagement.
fn sums<'a>(item: &'a ItemView<'_>, span: u32) -> Option<&'a WindowSums> {
    Owner::Item.windows(item)?.get(span)
}
