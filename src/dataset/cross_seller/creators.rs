//! What creators publish, over all sellers.

use super::LinkedItem;
use crate::features::CreatorView;
use crate::units::{AsOf, Zones};

/// Gathers publications in pass 1.
#[derive(Default)]
pub(super) struct Builder;

/// What one thread found.
#[derive(Default)]
pub(super) struct Found;

/// Publications by creator, exact at any midnight.
#[derive(Debug, Default)]
pub struct Creators;

impl Found {
    /// Adds what an item says.
    pub(super) fn look(&mut self, _item: &LinkedItem<'_>, _zones: &Zones) {}
}

impl Builder {
    /// Adds what a thread found.
    pub(super) fn add(&mut self, _found: Found) {}

    /// Ends pass 1.
    pub(super) fn finish(self) -> Creators {
        Creators
    }
}

impl Creators {
    /// What was known of a creator.
    #[must_use]
    pub fn at(&self, _creator: u64, _as_of: AsOf) -> Option<CreatorView> {
        None
    }
}
