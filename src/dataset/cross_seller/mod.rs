//! What pass 1 learns of the links between sellers: copies, shared contacts, creators and reporters.
//!
//! Input: the shards, one by one, in pass 1. Output: links with the time from which they were known, so that what an item may know
//! of them is exact at any midnight; nothing here is on a grid unless its page says so. Items, sellers, creators and reporters are
//! known by a 64-bit hash of their identifier. Deliberately not here: what is measured of a link (`features`).

mod creators;
mod duplicates;
mod members;
mod reporters;
mod rings;
mod verdicts;

#[cfg(test)]
mod link_fixtures;

use std::path::Path;

use rayon::prelude::*;

pub(in crate::dataset) use creators::creator_at;
pub use creators::{CreatorItem, Creators};
pub use duplicates::{DuplicateStates, Duplicates};
pub use members::LinkKey;
pub use reporters::Reporters;
pub use rings::{RingStates, Rings};

use super::DatasetError;
use super::shard::{ContentHistory, Shard};
use crate::config::FeatureConfig;
use crate::tables::ContentRow;
use crate::text::{normalise, strip_html};
use crate::units::{Id, Zones, stable_hash};

/// Items that one thread takes at a time.
const CHUNK_ITEMS: usize = 1024;

/// Seed of the hashes by which items, sellers, creators and reporters are known.
const SEED: u64 = 0x6372_6f73_735f_6964;

/// The hash by which an item, seller, creator or reporter is known.
#[must_use]
pub(in crate::dataset) fn key_of(id: &Id) -> u64 {
    stable_hash(SEED, id)
}

/// Gathers links shard by shard.
pub struct CrossSellerBuilder {
    duplicates: duplicates::Builder,
    rings: rings::Builder,
    creators: creators::Builder,
    reporters: reporters::Builder,
}

/// The links.
#[derive(Default)]
pub struct CrossSeller {
    /// Copies of texts and media.
    pub duplicates: Duplicates,
    /// Sellers that share contacts.
    pub rings: Rings,
    /// What creators publish, over all sellers.
    pub creators: Creators,
    /// How often reporters were right.
    pub reporters: Reporters,
}

/// One item with the normalised text of each of its versions.
pub(super) struct LinkedItem<'a> {
    /// Its identifier.
    pub id: &'a Id,
    /// Everything known of it.
    pub history: &'a ContentHistory,
    /// Title, a line break and body of each version, normalised, in the order of `history.versions`.
    pub texts: &'a [String],
}

impl CrossSellerBuilder {
    /// Links that do not fit into memory are sorted in files under `scratch`.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn new(scratch: &Path, config: &FeatureConfig) -> Result<Self, DatasetError> {
        Ok(Self {
            duplicates: duplicates::Builder::new(scratch, config.duplicates)?,
            rings: rings::Builder::new(scratch, config.contacts)?,
            creators: creators::Builder::new(scratch)?,
            reporters: reporters::Builder::default(),
        })
    }

    /// Adds one shard, its items on all threads of the current pool, in their order.
    ///
    /// # Errors
    /// When links cannot be spilled.
    pub fn add(&mut self, shard: &Shard, zones: &Zones) -> Result<(), DatasetError> {
        for items in shard.contents.chunks(CHUNK_ITEMS * 16) {
            let duplicates = self.duplicates.config();
            let begin = || duplicates::Found::new(duplicates);
            let parts: Vec<_> = items.par_chunks(CHUNK_ITEMS).map(|items| Part::of(items, zones, begin())).collect();
            for part in parts {
                self.duplicates.add(part.duplicates)?;
                self.rings.add(part.rings)?;
                self.creators.add(part.creators)?;
                self.reporters.add(part.reporters);
            }
        }
        self.rings.add_sellers(shard);
        Ok(())
    }

    /// Ends pass 1.
    ///
    /// # Errors
    /// When spilled links cannot be read back.
    pub fn finish(self) -> Result<CrossSeller, DatasetError> {
        Ok(CrossSeller {
            duplicates: self.duplicates.finish()?,
            rings: self.rings.finish()?,
            creators: self.creators.finish()?,
            reporters: self.reporters.finish(),
        })
    }
}

/// What one thread found.
struct Part {
    duplicates: duplicates::Found,
    rings: rings::Found,
    creators: creators::Found,
    reporters: reporters::Found,
}

impl Part {
    fn of(items: &[(Id, ContentHistory)], zones: &Zones, duplicates: duplicates::Found) -> Self {
        let mut part = Self {
            duplicates,
            rings: rings::Found::default(),
            creators: creators::Found::default(),
            reporters: reporters::Found::default(),
        };
        for (id, history) in items {
            let texts: Vec<String> = history.versions.iter().map(text_of).collect();
            let item = LinkedItem { id, history, texts: &texts };
            part.duplicates.look(&item);
            part.rings.look(&item, zones);
            part.creators.look(&item, zones);
            part.reporters.look(&item, zones);
        }
        part
    }
}

/// A title or body normalised: the text of a version begins with its title.
pub(in crate::dataset) fn part_of(part: Option<&str>) -> String {
    normalise(&strip_html(part.unwrap_or("")).text)
}

/// The normalised text of a version, as its profile has it, without the rest of the profile.
pub(in crate::dataset) fn text_of(version: &ContentRow) -> String {
    let (mut text, body) = (part_of(version.title.as_deref()), part_of(version.body.as_deref()));
    if !text.is_empty() && !body.is_empty() {
        text.push('\n');
    }
    text.push_str(&body);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::fixtures::content;
    use crate::text::TextProfile;

    #[test]
    fn a_text_is_that_of_the_profile() {
        for title in [None, Some(""), Some("<b> </b>"), Some("HOT Deal")] {
            for body in [None, Some(" "), Some("wa.me/628 &amp; g o o d"), Some("𝐁𝐄𝐒𝐓\n<br>price")] {
                let row = ContentRow { title: title.map(str::to_owned), body: body.map(str::to_owned), ..content("c", 0) };
                assert_eq!(text_of(&row), TextProfile::of(title, body).normalised);
            }
        }
    }
}
