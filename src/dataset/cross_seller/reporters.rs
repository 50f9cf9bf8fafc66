//! How often reporters were right, on the weekly grid.

use super::LinkedItem;
use crate::features::ReporterRecord;
use crate::units::{AsOf, Id, Zones};

/// Gathers judged reports in pass 1.
#[derive(Default)]
pub(super) struct Builder;

/// What one thread found.
#[derive(Default)]
pub(super) struct Found;

/// Judged reports by reporter and grid date.
#[derive(Debug, Default)]
pub struct Reporters;

impl Found {
    /// Adds what an item says.
    pub(super) fn look(&mut self, _item: &LinkedItem<'_>, _zones: &Zones) {}
}

impl Builder {
    /// Adds what a thread found.
    pub(super) fn add(&mut self, _found: Found) {}

    /// Ends pass 1.
    pub(super) fn finish(self) -> Reporters {
        Reporters
    }
}

impl Reporters {
    /// The record of a reporter at the latest grid date not after `as_of`.
    #[must_use]
    pub fn record(&self, _reporter: &Id, _as_of: AsOf) -> ReporterRecord {
        ReporterRecord::default()
    }
}
