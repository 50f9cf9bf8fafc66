//! Pass 1: publications spilled by creator, then those of creators with two items or more in memory.

use std::path::Path;

use super::super::{LinkedItem, key_of};
use super::publication::{Change, Publication, named};
use super::{Creators, Entry};
use crate::dataset::DatasetError;
use crate::files::{PartitionedSpill, SpillDir};
use crate::units::Zones;

/// The leading bits of a creator's hash that choose its partition: partitions follow each other in the order of creators.
const PARTITION_BITS: u32 = 6;

/// What one thread found.
#[derive(Default)]
pub(in crate::dataset::cross_seller) struct Found {
    publications: Vec<Publication>,
}

/// Gathers publications in pass 1.
pub(in crate::dataset::cross_seller) struct Builder {
    publications: PartitionedSpill<Publication>,
    _dir: SpillDir,
}

impl Found {
    /// Adds what an item says.
    pub(in crate::dataset::cross_seller) fn look(&mut self, item: &LinkedItem<'_>, _zones: &Zones) {
        let Some((creator, _)) = named(item.history).filter(|(creator, _)| !creator.is_empty()) else { return };
        self.publications.extend(Publication::of(key_of(creator), key_of(item.id), item.history));
    }
}

impl Builder {
    /// Spills under `scratch`.
    pub(in crate::dataset::cross_seller) fn new(scratch: &Path) -> Result<Self, DatasetError> {
        let dir = SpillDir::create(scratch).map_err(DatasetError::Spill)?;
        Ok(Self { publications: PartitionedSpill::create(&dir, "creators", 1 << PARTITION_BITS), _dir: dir })
    }

    /// Adds what a thread found.
    pub(in crate::dataset::cross_seller) fn add(&mut self, found: Found) -> Result<(), DatasetError> {
        for publication in found.publications {
            let partition = (publication.creator >> (u64::BITS - PARTITION_BITS)) as usize;
            self.publications.write(partition, &publication).map_err(DatasetError::Spill)?;
        }
        Ok(())
    }

    /// Ends pass 1.
    pub(in crate::dataset::cross_seller) fn finish(self) -> Result<Creators, DatasetError> {
        let spilled = self.publications.finish().map_err(DatasetError::Spill)?;
        let mut creators = Creators::default();
        for partition in 0..spilled.n_partitions() {
            let records = spilled.read(partition).map_err(DatasetError::Spill)?;
            let mut records: Vec<Publication> = records.collect::<Result<_, _>>().map_err(DatasetError::Spill)?;
            records.sort_unstable_by_key(|p| (p.creator, p.item.known, p.key));
            for publications in records.chunk_by(|a, b| a.creator == b.creator).filter(|group| group.len() > 1) {
                creators.push(publications);
            }
        }
        creators.entries.shrink_to_fit();
        creators.items.shrink_to_fit();
        creators.changes.shrink_to_fit();
        Ok(creators)
    }
}

impl Creators {
    /// Adds all publications of a creator, in the order in which they were known. Creators come in ascending order.
    fn push(&mut self, publications: &[Publication]) {
        let Some(first) = publications.first() else { return };
        self.entries.push(Entry { creator: first.creator, items: place(self.items.len()), changes: place(self.changes.len()) });
        for (item, publication) in publications.iter().enumerate() {
            self.items.push(publication.item);
            let changes = publication.changes.iter().map(|change| Change { item: place(item), ..*change });
            self.changes.extend(changes);
        }
    }
}

/// A place in a list. 2³² items of creators with more than one do not fit into the memory of one machine.
fn place(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
