//! Copies of texts and media: clusters of items that say or show nearly the same, exact at any midnight.
//!
//! Input: every item in pass 1. Output: [`Duplicates`], which knows each cluster as it was at any midnight. Two items are linked when
//! a version of each has the same normalised text, texts of which the estimated likeness reaches the configured one, or the
//! same media_hash, from when both versions were known; a cluster is what such links hold together, directly or through others. A
//! link stays when a text is edited away: whoever copied, copied. Items of one seller link too; the view tells sellers apart.
//!
//! The way of a text: [`Found`] notes its hash and signature, [`Builder`] spills them. At the end `exact` sorts by text: the first
//! item that had it stands for it, and the others are linked to that one. `near` compares the distinct texts by their bands. All links
//! go to a `forest`, which keeps those that decide what is connected when, and `clusters` lays the items out so that every cluster, at
//! whatever time, is one run of neighbours.
//!
//! Nothing depends on shards, threads or order of arrival: records are sorted by what they are, in order of time, so that what
//! becomes known later is never compared before what was known earlier, and cannot change it.
//!
//! Of each item with one text, 107 bytes of text and 52 of the item lie on disk, for each distinct text 89 more, and 57 while a band
//! is worked on. In memory afterwards: 76 bytes for each item that has copies, 32 for each further version that says something
//! else and 24 for each decision; nothing for other items. Deliberately not here: what is measured of a cluster (`features`),
//! signatures (`text`).

mod clusters;
mod exact;
mod forest;
mod near;
mod records;
#[cfg(test)]
mod likeness_tests;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use rayon::prelude::*;

pub use clusters::{DuplicateStates, Duplicates};

use self::clusters::first_seen;
use self::forest::Forest;
use self::records::{ItemRecord, MediaRecord, TextRecord, Version, standing_times};
use super::{LinkedItem, key_of};
use crate::config::DuplicateConfig;
use crate::dataset::DatasetError;
use crate::dataset::shard::known_from;
use crate::files::{FilesError, PartitionedSpill, SpillDir, SpillWriter};
use crate::tables::ContentRow;
use crate::text::{Signature, Sketch, fingerprint};
use crate::units::{Id, Timestamp, stable_hash};

/// Partitions that texts and media are sorted in. One of 100 million texts takes about 90 MB in memory.
const PARTITIONS: usize = 128;

/// Seeds of the hashes of texts (their second half), of media and of owners that are no sellers.
const TEXT_SEED: u64 = 0x6475_705f_7465_7874;
const MEDIA_SEED: u64 = 0x6475_705f_6d65_6469;
const CREATOR_SEED: u64 = 0x6475_705f_6372_6561;

/// Gathers links in pass 1.
pub(super) struct Builder {
    config: DuplicateConfig,
    scratch: PathBuf,
    dir: SpillDir,
    texts: PartitionedSpill<TextRecord>,
    media: PartitionedSpill<MediaRecord>,
    items: SpillWriter<ItemRecord>,
}

/// What one thread found.
pub(super) struct Found {
    config: DuplicateConfig,
    texts: Vec<TextRecord>,
    media: Vec<MediaRecord>,
    items: Vec<ItemRecord>,
}

impl Found {
    /// Nothing yet.
    pub(super) fn new(config: DuplicateConfig) -> Self {
        Self { config, texts: Vec::new(), media: Vec::new(), items: Vec::new() }
    }

    /// Adds what an item says. One with neither text enough nor media leaves nothing.
    pub(super) fn look(&mut self, item: &LinkedItem<'_>) {
        let Some(first_seen) = first_seen(item.history) else { return };
        let key = key_of(item.id);
        let (n_texts, n_media) = (self.texts.len(), self.media.len());
        let mut texts: Vec<(u128, Timestamp, &str)> = Vec::new();
        let mut media: Vec<(u64, Timestamp)> = Vec::new();
        let mut versions: Vec<Version> = Vec::new();
        for (row, text) in item.history.versions.iter().zip(item.texts) {
            let from = known_from(row).max(first_seen);
            let version = Version { from, text: text_key(text), media: media_key(row), owner: owner_key(row, key) };
            if is_comparable(text, self.config.min_chars) {
                texts.push((u128::from(version.text) << 64 | u128::from(stable_hash(TEXT_SEED, text)), from, text));
            }
            if version.media != 0 {
                media.push((version.media, from));
            }
            // A version that changes nothing here is not kept, as long as it cannot be in force without the one before.
            if !versions.last().is_some_and(|last| last.from <= from && last.says_the_same(&version)) {
                versions.push(version);
            }
        }
        texts.sort_unstable();
        texts.dedup_by_key(|(text, ..)| *text);
        media.sort_unstable();
        media.dedup_by_key(|(media, _)| *media);
        self.texts.extend(texts.into_iter().map(|(text, from, written)| {
            let signature = Signature::of(written, self.config.shingle_chars, self.config.min_shingles);
            TextRecord::new(text, key, from, signature.as_ref())
        }));
        self.media.extend(media.into_iter().map(|(media, from)| MediaRecord::new(media, key, from)));
        if (self.texts.len(), self.media.len()) != (n_texts, n_media) {
            self.items.push(ItemRecord::new(key, first_seen, &versions, &standing_times(&item.history.decisions)));
        }
    }
}

impl Builder {
    /// Spills under `scratch`.
    pub(super) fn new(scratch: &Path, config: DuplicateConfig) -> Result<Self, DatasetError> {
        let dir = SpillDir::create(scratch).map_err(DatasetError::Spill)?;
        Ok(Self {
            config,
            scratch: scratch.to_owned(),
            texts: PartitionedSpill::create(&dir, "texts", PARTITIONS),
            media: PartitionedSpill::create(&dir, "media", PARTITIONS),
            items: SpillWriter::create(&dir.file("items")).map_err(DatasetError::Spill)?,
            dir,
        })
    }

    /// What a thread begins with.
    pub(super) fn config(&self) -> DuplicateConfig {
        self.config
    }

    /// Adds what a thread found.
    pub(super) fn add(&mut self, found: Found) -> Result<(), DatasetError> {
        self.spill(found).map_err(DatasetError::Spill)
    }

    fn spill(&mut self, found: Found) -> Result<(), FilesError> {
        found.texts.iter().try_for_each(|record| self.texts.write(record.text() as usize % PARTITIONS, record))?;
        found.media.iter().try_for_each(|record| self.media.write(record.media() as usize % PARTITIONS, record))?;
        found.items.iter().try_for_each(|record| self.items.write(record))
    }

    /// Ends pass 1.
    pub(super) fn finish(self) -> Result<Duplicates, DatasetError> {
        self.linked().map_err(DatasetError::Spill)
    }

    fn linked(self) -> Result<Duplicates, FilesError> {
        let mut forest = Forest::default();
        let mut distinct = SpillWriter::create(&self.dir.file("distinct"))?;
        exact::link_texts(&self.texts.finish()?, &mut distinct, &mut forest)?;
        exact::link_media(&self.media.finish()?, self.config.max_media_items, &mut forest)?;
        near::link(&distinct.finish()?, &self.scratch, Sketch::largest_distance(self.config.min_likeness), &mut forest)?;
        Duplicates::new(forest, self.items.finish()?.read()?, self.config.min_chars)
    }
}

/// Whether a text is long enough to be compared at all.
fn is_comparable(normalised: &str, min_chars: usize) -> bool {
    normalised.chars().nth(min_chars.saturating_sub(1)).is_some()
}

/// What a text is known by, here and in views; 0 for none.
fn text_key(normalised: &str) -> u64 {
    if normalised.is_empty() { 0 } else { fingerprint(normalised).max(1) }
}

/// What a version's media are known by; 0 for none.
fn media_key(row: &ContentRow) -> u64 {
    row.media_hash.as_ref().filter(|hash| !hash.is_empty()).map_or(0, |hash| stable_hash(MEDIA_SEED, hash).max(1))
}

/// Whose a version is: its seller's, else its creator's, else nobody else's.
fn owner_key(row: &ContentRow, item: u64) -> u64 {
    let named = |id: &&Id| !id.is_empty();
    match (row.seller_id.as_ref().filter(named), row.creator_id.as_ref().filter(named)) {
        (Some(seller), _) => key_of(seller),
        (None, Some(creator)) => stable_hash(CREATOR_SEED, creator),
        (None, None) => item,
    }
}

/// Gives every partition to `work`, as many at once as there are threads, and the results to `take` in their order.
fn each_partition<T: Send>(
    n_partitions: usize,
    work: impl Fn(usize) -> Result<T, FilesError> + Sync,
    mut take: impl FnMut(T) -> Result<(), FilesError>,
) -> Result<(), FilesError> {
    let at_once = rayon::current_num_threads().max(1);
    for start in (0..n_partitions).step_by(at_once) {
        let partitions = start..n_partitions.min(start + at_once);
        let parts: Vec<Result<T, FilesError>> = partitions.into_par_iter().map(&work).collect();
        parts.into_iter().try_for_each(|part| take(part?))?;
    }
    Ok(())
}
