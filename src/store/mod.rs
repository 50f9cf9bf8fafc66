//! The model store: `<root>/<label set>/<version>/` with `manifest.json`, `model.safetensors`, `metrics.json` and
//! `MODEL_CARD.md`, perhaps `reference.json`, and beside the versions the pointer file `champion`.
//!
//! Input: a model taken apart into [`ModelParts`](crate::models::ModelParts), the facts of its training and its metrics.
//! Output: the same parts, byte for byte, or an error that says which file to distrust. A version is named by what it
//! computes (a hash of specification, weights and features), so that saving twice changes nothing, and it exists from the
//! moment its manifest does, which is written last. Loading runs no code and believes no number: sizes, hashes, header
//! bounds and finiteness are all checked.
//!
//! Deliberately not here: what the parts mean (`models`), whether a model deserves promotion (the gates), clocks (a version
//! has no date but that of its data), deletion.

mod card;
mod card_judged;
mod champion;
mod error;
mod load;
mod manifest;
mod names;
mod record;
mod save;
mod tensors;

#[cfg(test)]
mod damage_tests;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod golden_tests;
#[cfg(test)]
mod mutation_tests;

pub use champion::{Judged, Promotion, champion, promote, promote_judged, rollback};
pub use error::{Damage, StoreError};
pub use load::{Loaded, Which, load, parts_of, versions};
pub use manifest::{ClassFactors, DataWindow, FORMAT_VERSION, FileRecord, LabelCounts, Manifest, ManifestFacts};
pub use record::{PromotionRecord, promotions};
pub use save::{ModelVersion, SaveOutcome, save, save_with_reference};
pub use tensors::TensorsError;
