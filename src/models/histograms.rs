//! Sums of packed derivatives by node and bin, one feature at a time.
//!
//! Of two siblings only the one with fewer rows is added up; the other is the difference to their parent, exactly, because the
//! sums are whole numbers.

use super::sampling::SampleChunk;

/// The rows of a level's smaller siblings, run by run.
#[derive(Debug, Default)]
pub(super) struct LevelRows {
    /// Each sampled row's node in the level.
    pub(super) node: Vec<u16>,
    /// The rows that are added up, by their place in the run.
    pub(super) rows: Vec<u16>,
    /// Their nodes.
    pub(super) nodes: Vec<u16>,
    /// Their packed derivatives.
    pub(super) packed: Vec<i64>,
}

/// One feature's histograms of a level.
#[derive(Debug, Default)]
pub(super) struct FeatureHistograms {
    /// Cells of a node: the number of bins, rounded up to a power of two.
    pub(super) width: usize,
    /// Node after node.
    pub(super) cells: Vec<i64>,
    parents: Vec<i64>,
}

impl FeatureHistograms {
    /// None yet, of a feature of `n_bins`.
    pub(super) fn new(n_bins: usize) -> Self {
        Self { width: n_bins.next_power_of_two().clamp(4, 256), ..Self::default() }
    }

    /// The root's.
    pub(super) fn set_root(&mut self, chunks: &[SampleChunk], bins: &[u8]) {
        self.cells.clear();
        self.cells.resize(self.width, 0);
        match self.width {
            4 => add_all::<4>(&mut self.cells, chunks, bins),
            8 => add_all::<8>(&mut self.cells, chunks, bins),
            16 => add_all::<16>(&mut self.cells, chunks, bins),
            32 => add_all::<32>(&mut self.cells, chunks, bins),
            64 => add_all::<64>(&mut self.cells, chunks, bins),
            128 => add_all::<128>(&mut self.cells, chunks, bins),
            _ => add_all::<256>(&mut self.cells, chunks, bins),
        }
    }

    /// Those of the next level: `smaller[p]` is the child of node p whose rows stand in `levels`.
    pub(super) fn descend(&mut self, chunks: &[SampleChunk], levels: &[LevelRows], bins: &[u8], smaller: &[u16]) {
        std::mem::swap(&mut self.cells, &mut self.parents);
        self.cells.clear();
        self.cells.resize(2 * self.parents.len(), 0);
        match self.width {
            4 => add_smaller::<4>(&mut self.cells, chunks, levels, bins),
            8 => add_smaller::<8>(&mut self.cells, chunks, levels, bins),
            16 => add_smaller::<16>(&mut self.cells, chunks, levels, bins),
            32 => add_smaller::<32>(&mut self.cells, chunks, levels, bins),
            64 => add_smaller::<64>(&mut self.cells, chunks, levels, bins),
            128 => add_smaller::<128>(&mut self.cells, chunks, levels, bins),
            _ => add_smaller::<256>(&mut self.cells, chunks, levels, bins),
        }
        let width = self.width;
        let parents = self.parents.chunks_exact(width).zip(self.cells.chunks_exact_mut(2 * width));
        for ((parent, children), child) in parents.zip(smaller) {
            let (left, right) = children.split_at_mut(width);
            let (added, other) = if child % 2 == 0 { (left, right) } else { (right, left) };
            for ((other, parent), added) in other.iter_mut().zip(parent).zip(added) {
                *other = parent.wrapping_sub(*added);
            }
        }
    }
}

fn add_all<const W: usize>(cells: &mut [i64], chunks: &[SampleChunk], bins: &[u8]) {
    let (histograms, _) = cells.as_chunks_mut::<W>();
    let Some(histogram) = histograms.first_mut() else { return };
    for chunk in chunks {
        let bins = &bins[chunk.first..chunk.first + chunk.len];
        for (row, packed) in chunk.rows.iter().zip(&chunk.packed) {
            let cell = &mut histogram[usize::from(bins[usize::from(*row)]) % W];
            *cell = cell.wrapping_add(*packed);
        }
    }
}

fn add_smaller<const W: usize>(cells: &mut [i64], chunks: &[SampleChunk], levels: &[LevelRows], bins: &[u8]) {
    let (histograms, _) = cells.as_chunks_mut::<W>();
    for (chunk, level) in chunks.iter().zip(levels) {
        let bins = &bins[chunk.first..chunk.first + chunk.len];
        for ((row, node), packed) in level.rows.iter().zip(&level.nodes).zip(&level.packed) {
            let cell = &mut histograms[usize::from(*node)][usize::from(bins[usize::from(*row)]) % W];
            *cell = cell.wrapping_add(*packed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::derivatives::{CHUNK, Derivatives};
    use crate::models::sampling::Sample;

    #[test]
    fn siblings_by_difference_are_the_sums_of_their_rows() {
        let n = CHUNK + 700;
        for n_bins in [3, 8, 17, 64, 120, 255] {
            let bins: Vec<u8> = (0..n).map(|i| (i * 31 % n_bins) as u8).collect();
            let mut derivatives = Derivatives::new(&vec![1.0; n]);
            let positive: Vec<bool> = (0..n).map(|i| i % 7 == 0).collect();
            derivatives.update(&vec![-0.7; n], &positive, &vec![1.0; n]);
            let mut sample = Sample::new(n);
            sample.draw(&derivatives, 0.5, 1, 2);
            let mut histograms = FeatureHistograms::new(n_bins);
            histograms.set_root(&sample.chunks, &bins);
            // A third of the rows goes right.
            let side = |row: usize| row.is_multiple_of(3);
            let mut expected = vec![0_i64; 2 * histograms.width];
            let mut levels = Vec::new();
            for chunk in &sample.chunks {
                let mut level = LevelRows::default();
                for (row, packed) in chunk.rows.iter().zip(&chunk.packed) {
                    let at = chunk.first + usize::from(*row);
                    expected[usize::from(side(at)) * histograms.width + usize::from(bins[at])] += packed;
                    if side(at) {
                        level.rows.push(*row);
                        level.nodes.push(1);
                        level.packed.push(*packed);
                    }
                }
                levels.push(level);
            }
            histograms.descend(&sample.chunks, &levels, &bins, &[1]);
            assert_eq!(histograms.cells, expected, "{n_bins} bins");
        }
    }
}
