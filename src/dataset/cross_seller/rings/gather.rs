//! Pass 1: who showed which contact first when, spilled by contact, then the contacts of two sellers or more in memory.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::super::{LinkedItem, key_of};
use super::components::{Contact, Sighting};
use super::keys::{keys_of, media_key};
use super::records::RecordsBuilder;
use super::{Components, Rings};
use crate::config::ContactConfig;
use crate::dataset::DatasetError;
use crate::dataset::shard::{Shard, known_from};
use crate::files::{PartitionedSpill, SpillDir};
use crate::units::{Timestamp, Zones};

/// The leading bits of a contact's hash that choose its partition.
const PARTITION_BITS: u32 = 6;

/// A seller that showed a contact, and when that was first known. Ordered by contact, then seller, then time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Shown {
    key: u64,
    is_media: bool,
    seller: u64,
    known: Timestamp,
}

/// What one thread found.
#[derive(Default)]
pub(in crate::dataset::cross_seller) struct Found {
    shown: Vec<Shown>,
}

/// Gathers links in pass 1.
pub(in crate::dataset::cross_seller) struct Builder {
    shown: PartitionedSpill<Shown>,
    records: RecordsBuilder,
    config: ContactConfig,
    _dir: SpillDir,
}

impl Found {
    /// Adds what an item says.
    pub(in crate::dataset::cross_seller) fn look(&mut self, item: &LinkedItem<'_>, _zones: &Zones) {
        let Some(first) = item.history.first() else { return };
        for (version, text) in item.history.versions.iter().zip(item.texts) {
            let Some(seller) = version.seller_id.as_ref().filter(|seller| !seller.is_empty()) else { continue };
            let seller = key_of(seller);
            let known = known_from(version).max(known_from(first)).max(first.published_at);
            let media = version.media_hash.iter().filter(|hash| !hash.is_empty()).map(|hash| (media_key(hash), true));
            let contacts = keys_of(text, first.market).into_iter().map(|key| (key, false));
            self.shown.extend(contacts.chain(media).map(|(key, is_media)| Shown { key, is_media, seller, known }));
        }
    }
}

impl Builder {
    /// Spills under `scratch`.
    pub(in crate::dataset::cross_seller) fn new(scratch: &Path, config: ContactConfig) -> Result<Self, DatasetError> {
        let dir = SpillDir::create(scratch).map_err(DatasetError::Spill)?;
        let shown = PartitionedSpill::create(&dir, "contacts", 1 << PARTITION_BITS);
        Ok(Self { shown, records: RecordsBuilder::default(), config, _dir: dir })
    }

    /// Adds what a thread found.
    pub(in crate::dataset::cross_seller) fn add(&mut self, mut found: Found) -> Result<(), DatasetError> {
        keep_first(&mut found.shown);
        for shown in found.shown {
            let partition = (shown.key >> (u64::BITS - PARTITION_BITS)) as usize;
            self.shown.write(partition, &shown).map_err(DatasetError::Spill)?;
        }
        Ok(())
    }

    /// Adds what happened to the sellers of a shard.
    pub(in crate::dataset::cross_seller) fn add_sellers(&mut self, shard: &Shard) {
        self.records.add(shard);
    }

    /// Ends pass 1.
    pub(in crate::dataset::cross_seller) fn finish(self) -> Result<Rings, DatasetError> {
        let spilled = self.shown.finish().map_err(DatasetError::Spill)?;
        let mut contacts: Vec<Contact> = Vec::new();
        let mut sightings: Vec<Sighting> = Vec::new();
        for partition in 0..spilled.n_partitions() {
            let records = spilled.read(partition).map_err(DatasetError::Spill)?;
            let mut records: Vec<Shown> = records.collect::<Result<_, _>>().map_err(DatasetError::Spill)?;
            keep_first(&mut records);
            for shown in records.chunk_by(|a, b| a.key == b.key).filter(|group| group.len() > 1) {
                add_contact(shown, self.config, &mut contacts, &mut sightings);
            }
        }
        let mut sellers: Vec<u64> = sightings.iter().map(|sighting| sighting.seller).collect();
        sellers.sort_unstable();
        sellers.dedup();
        let components = Components::of(contacts, sightings, &sellers);
        let records = self.records.finish(&sellers);
        Ok(Rings { sellers, components, records, min_shared_media: self.config.min_shared_media })
    }
}

/// Sorts, and keeps the first time of each seller and contact.
fn keep_first(shown: &mut Vec<Shown>) {
    shown.sort_unstable();
    shown.dedup_by(|next, kept| (next.key, next.seller) == (kept.key, kept.seller));
}

/// Adds the sellers of one contact in the order in which they were known. One more than the cap is kept: once that one is known the
/// contact ties nobody any more, whoever else shows it.
fn add_contact(shown: &[Shown], config: ContactConfig, contacts: &mut Vec<Contact>, sightings: &mut Vec<Sighting>) {
    let Some(first) = shown.first() else { return };
    let cap = if first.is_media { config.max_media_sellers } else { config.max_sellers };
    let mut sellers: Vec<Sighting> = shown.iter().map(|s| Sighting { known: s.known, seller: s.seller }).collect();
    sellers.sort_unstable();
    sellers.truncate(cap as usize + 1);
    // A contact whose second seller never is known while it ties anybody is left out.
    if cap < 2 {
        return;
    }
    contacts.push(Contact { begin: sightings.len(), n: sellers.len(), cap, is_media: first.is_media });
    sightings.extend(sellers);
}
