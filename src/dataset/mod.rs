//! From checked rows to scored-able items: spilled shards, the globals of pass 1, the spine, and one `ItemView` per spine row.
//!
//! Input: rows streamed by `tables`. Output: for each shard, the rows of the spine with their features and n-grams, in an
//! order that does not depend on the number of shards or threads. Two passes (DESIGN.md §3): the first spills rows by
//! seller and then derives the globals from every shard; the second sees one shard and the globals of the latest grid
//! date. Deliberately not here: feature definitions (`features`), models, anything published.

mod cross_seller;
mod engagement;
mod error;
mod examples;
mod globals;
mod grid;
mod intake;
mod items;
mod price_cells;
mod review_state;
mod routing;
mod shard;
mod spine;
mod view_priors;
mod window_rows;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod missing_inputs;
#[cfg(test)]
mod no_peeking;
#[cfg(test)]
mod random_market;

pub use cross_seller::{
    CreatorItem, Creators, CrossSeller, CrossSellerBuilder, DuplicateStates, Duplicates, LinkKey, Reporters, RingStates, Rings,
};
pub use error::DatasetError;
pub use examples::{KnownDecision, decided_spine, known_decisions};
pub use globals::{Globals, GlobalsBuilder};
pub use intake::{Intake, Presence, Spilled, TableCounts};
pub use items::{Background, DayVolumes, Forecast, ForecastMethod, Item, ItemBuilder};
pub use price_cells::PRICE_BIN;
pub use review_state::ReviewState;
pub use routing::Routing;
pub use shard::{ContentHistory, FileNames, SellerRecords, Shard};
pub use spine::{SpineRow, asked_spine, nightly_spine};
