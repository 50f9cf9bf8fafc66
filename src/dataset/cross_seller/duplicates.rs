//! Copies of texts and media.

use std::path::Path;

use super::LinkedItem;
use crate::dataset::DatasetError;

use crate::features::DuplicateView;
use crate::units::{AsOf, Zones};

/// Gathers links in pass 1.
pub(super) struct Builder;

/// What one thread found.
#[derive(Default)]
pub(super) struct Found;

/// The links, exact at any midnight.
#[derive(Debug, Default)]
pub struct Duplicates;

/// What was known of some keys at some midnights.
#[derive(Debug, Default)]
pub struct DuplicateStates;

impl Found {
    /// Adds what an item says.
    pub(super) fn look(&mut self, _item: &LinkedItem<'_>, _zones: &Zones) {}
}

impl Builder {
    /// Spills under `scratch`.
    pub(super) fn new(_scratch: &Path) -> Result<Self, DatasetError> {
        Ok(Self)
    }

    /// Adds what a thread found.
    pub(super) fn add(&mut self, _found: Found) -> Result<(), DatasetError> {
        Ok(())
    }

    /// Ends pass 1.
    pub(super) fn finish(self) -> Result<Duplicates, DatasetError> {
        Ok(Duplicates)
    }
}

impl Duplicates {
    /// What was known of each of `keys` (an item's or seller's hash, and a midnight).
    #[must_use]
    pub fn states(&self, _keys: &[(u64, AsOf)]) -> DuplicateStates {
        DuplicateStates
    }
}

impl DuplicateStates {
    /// What was known of `key` at `as_of`, which `states` was asked for.
    #[must_use]
    pub fn get(&self, _key: u64, _as_of: AsOf) -> Option<DuplicateView> {
        None
    }
}
