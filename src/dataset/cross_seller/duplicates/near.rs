//! Links between distinct texts that say nearly the same.
//!
//! Band by band, texts are sorted by their key in the band; those with equal keys are compared by their sketches, in the order in which
//! they became known. A text is compared to at most [`LEADERS`] + [`RECENT`] others of its group: to the first ones that were like
//! none before them, and to those right before it. Larger groups than that are mostly copies of one text, which the first few
//! stand for; a text that is connected already is not compared again. What is compared with what depends on earlier texts alone.

use std::path::Path;

use super::each_partition;
use super::forest::{Edge, Forest, UnionFind};
use super::records::{BandRecord, DistinctRecord};
use crate::files::{FilesError, PartitionedSpill, Spill, SpillDir};
use crate::text::BANDS;

/// Most texts of a group that were like none before them and that every later one is compared to.
const LEADERS: usize = 32;

/// How many texts right before it a text is compared to.
const RECENT: usize = 32;

/// Texts in a partition, on average, and most partitions: 14 MB in memory up to 64 million texts.
const PARTITION_TEXTS: u64 = 1 << 18;
const MOST_PARTITIONS: u64 = 256;

/// Links texts whose sketches differ in at most `most_bits`. Bands are spilled one after the other under `scratch`.
pub(super) fn link(texts: &Spill<DistinctRecord>, scratch: &Path, most_bits: u32, forest: &mut Forest) -> Result<(), FilesError> {
    let n_partitions = (texts.n_records() / PARTITION_TEXTS + 1).min(MOST_PARTITIONS) as usize;
    for band in 0..BANDS {
        let dir = SpillDir::create(scratch)?;
        let mut spill = PartitionedSpill::create(&dir, "band", n_partitions);
        for text in texts.read()? {
            let record = text?.in_band(band);
            spill.write(record.key() as usize % n_partitions, &record)?;
        }
        let spilled = spill.finish()?;
        let work = |partition: usize| {
            let records: Vec<BandRecord> = spilled.read(partition)?.collect::<Result<_, _>>()?;
            Ok(links(records, most_bits))
        };
        each_partition(n_partitions, work, |edges: Vec<Edge>| {
            forest.extend(edges);
            Ok(())
        })?;
    }
    Ok(())
}

/// The links among the texts of one partition of a band.
fn links(mut records: Vec<BandRecord>, most_bits: u32) -> Vec<Edge> {
    records.sort_unstable_by_key(|r| (r.key(), r.from(), r.item(), r.sketch().0));
    let mut edges = Vec::new();
    for group in records.chunk_by(|a, b| a.key() == b.key()).filter(|group| group.len() > 1) {
        link_group(group, most_bits, &mut edges);
    }
    edges
}

/// Adds links that connect what is alike among those that are compared; `group` is in order of time.
fn link_group(group: &[BandRecord], most_bits: u32, edges: &mut Vec<Edge>) {
    let mut connected = UnionFind::new(group.len());
    let mut leaders: Vec<usize> = Vec::with_capacity(LEADERS);
    for (at, text) in group.iter().enumerate() {
        let mut alike = false;
        for other in leaders.iter().copied().chain(at.saturating_sub(RECENT)..at) {
            if connected.find(other) != connected.find(at) {
                if group[other].sketch().distance(&text.sketch()) > most_bits {
                    continue;
                }
                edges.extend(Edge::between(group[other].item(), text.item(), text.from()));
                connected.union(other, at);
            }
            alike = true;
        }
        if !alike && leaders.len() < LEADERS {
            leaders.push(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Signature;
    use crate::units::{Timestamp, stable_hash};

    /// Texts of the same key, known one after the other, as records of one band.
    fn group(texts: &[String]) -> Vec<BandRecord> {
        let record = |(at, text): (usize, &String)| {
            let mut signature = Signature::of(text, 5, 1).unwrap();
            signature.bands = [1; BANDS];
            let record = super::super::records::TextRecord::new(0, at as u64, Timestamp(at as i64), Some(&signature));
            record.distinct().unwrap().in_band(0)
        };
        texts.iter().enumerate().map(record).collect()
    }

    #[test]
    fn ten_thousand_near_copies_are_one_tree_of_links() {
        let texts: Vec<String> =
            (0..10_000).map(|i| format!("original leather wallet for men, free shipping this week only, code {i:05}")).collect();
        let edges = links(group(&texts), 38);
        assert_eq!(edges.len(), 9_999);
        let mut connected = UnionFind::new(10_000);
        edges.iter().for_each(|e| connected.union(e.a as usize, e.b as usize));
        assert!((0..10_000).all(|i| connected.find(i) == connected.find(0)));
    }

    #[test]
    fn unlike_texts_under_one_key_stay_apart() {
        let spell = |i: u64| (0..4).map(|part| format!("{:x}", stable_hash(part, &i.to_string()))).collect::<String>();
        let texts: Vec<String> = (0..500).map(spell).collect();
        assert_eq!(links(group(&texts), 38), vec![]);
    }

    #[test]
    fn a_text_between_two_joins_them() {
        let texts = ["abcdefghijklmnopqrst", "0123456789uvwxyz", "abcdefghijklmnopqrst 0123456789uvwxyz"].map(str::to_owned);
        let edges = links(group(&texts), 100);
        assert_eq!(edges.iter().map(|e| (e.a, e.b, e.seen_at.0)).collect::<Vec<_>>(), [(0, 2, 2), (1, 2, 2)]);
    }
}
