//! Sellers joined by shared contacts.

use std::path::Path;

use super::LinkedItem;
use crate::dataset::DatasetError;
use crate::dataset::shard::Shard;
use crate::features::RingView;
use crate::units::{AsOf, Zones};

/// Gathers links in pass 1.
pub(super) struct Builder;

/// What one thread found.
#[derive(Default)]
pub(super) struct Found;

/// The links, exact at any midnight.
#[derive(Debug, Default)]
pub struct Rings;

/// What was known of some keys at some midnights.
#[derive(Debug, Default)]
pub struct RingStates;

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

    /// Adds what a shard says of its sellers beside their items.
    pub(super) fn add_sellers(&mut self, _shard: &Shard, _zones: &Zones) -> Result<(), DatasetError> {
        Ok(())
    }
    /// Ends pass 1.
    pub(super) fn finish(self) -> Result<Rings, DatasetError> {
        Ok(Rings)
    }
}

impl Rings {
    /// What was known of each of `keys` (an item's or seller's hash, and a midnight).
    #[must_use]
    pub fn states(&self, _keys: &[(u64, AsOf)]) -> RingStates {
        RingStates
    }
}

impl RingStates {
    /// What was known of `key` at `as_of`, which `states` was asked for.
    #[must_use]
    pub fn get(&self, _key: u64, _as_of: AsOf) -> Option<RingView> {
        None
    }
}
