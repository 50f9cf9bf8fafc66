//! Links between items of equal text, and between items of equal media_hash.

use super::each_partition;
use super::forest::{Edge, Forest};
use super::records::{DistinctRecord, MediaRecord, TextRecord};
use crate::files::{FilesError, SpillWriter, SpilledPartitions};

/// Links every item to the first that had its text, and writes down each distinct text by that first item.
pub(super) fn link_texts(
    texts: &SpilledPartitions<TextRecord>,
    distinct: &mut SpillWriter<DistinctRecord>,
    forest: &mut Forest,
) -> Result<(), FilesError> {
    let work = |partition: usize| {
        let mut records: Vec<TextRecord> = texts.read(partition)?.collect::<Result<_, _>>()?;
        records.sort_unstable_by_key(|r| (r.text(), r.from(), r.item()));
        let (mut edges, mut firsts) = (Vec::new(), Vec::new());
        for group in records.chunk_by(|a, b| a.text() == b.text()) {
            edges.extend(group[1..].iter().filter_map(|r| Edge::between(group[0].item(), r.item(), r.from())));
            firsts.extend(group[0].distinct());
        }
        Ok((edges, firsts))
    };
    each_partition(texts.n_partitions(), work, |(edges, firsts): (Vec<Edge>, Vec<DistinctRecord>)| {
        forest.extend(edges);
        firsts.iter().try_for_each(|record| distinct.write(record))
    })
}

/// Links every item to the first that had its media_hash, for the first `most` items that had it.
pub(super) fn link_media(media: &SpilledPartitions<MediaRecord>, most: usize, forest: &mut Forest) -> Result<(), FilesError> {
    let work = |partition: usize| {
        let mut records: Vec<MediaRecord> = media.read(partition)?.collect::<Result<_, _>>()?;
        records.sort_unstable_by_key(|r| (r.media(), r.from(), r.item()));
        let linked = |group: &[MediaRecord]| -> Vec<Edge> {
            group[1..].iter().take(most - 1).filter_map(|r| Edge::between(group[0].item(), r.item(), r.from())).collect()
        };
        Ok(records.chunk_by(|a, b| a.media() == b.media()).flat_map(linked).collect())
    };
    each_partition(media.n_partitions(), work, |edges: Vec<Edge>| {
        forest.extend(edges);
        Ok(())
    })
}
