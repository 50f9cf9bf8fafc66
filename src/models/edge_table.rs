//! Edges laid out for many look-ups: even cells over the range of the edges say between which of them a value can lie, and a
//! search of always as many steps, side by side for a run of values and without a branch, does the rest.

use super::bins::BinEdges;

/// Values that are looked up together.
pub(super) const LANES: usize = 64;

/// Even cells over the range of the edges: so many that hardly ever two edges share one where values are spread as usual.
const CELLS: usize = 1024;

/// The edges of one feature, ready for look-ups.
#[derive(Debug, Clone)]
pub(super) struct EdgeTable {
    /// The edges, filled up with infinity, which is below no value. A search that starts at the last edge stays within.
    padded: [f32; 512],
    /// How many edges lie in the cells before each cell.
    before: [u8; CELLS],
    /// Where the cells begin.
    low: f32,
    /// Cells a unit.
    scale: f32,
    /// Steps of the search: 2^steps is above the number of edges in any one cell.
    steps: u32,
}

impl EdgeTable {
    /// A table of at most 254 edges.
    pub(super) fn new(edges: &BinEdges) -> Self {
        let edges = edges.edges.as_slice();
        let (low, high) = (edges.first().copied().unwrap_or(0.0), edges.last().copied().unwrap_or(0.0));
        let mut table =
            Self { padded: [f32::INFINITY; 512], before: [0; CELLS], low, scale: (CELLS - 1) as f32 / (high - low), steps: 0 };
        for (place, edge) in table.padded.iter_mut().zip(edges) {
            *place = *edge;
        }
        let mut counts = [0_u32; CELLS];
        for edge in edges {
            counts[table.cell(*edge)] += 1;
        }
        let mut sum = 0;
        for (before, count) in table.before.iter_mut().zip(counts) {
            *before = sum as u8;
            sum += count;
        }
        table.steps = u32::BITS - counts.into_iter().max().unwrap_or(0).leading_zeros();
        table
    }

    /// The cell of a value. It never falls as the value rises, whatever is rounded, so an edge in an earlier cell is below the
    /// value and one in a later cell is not: both ends of the arithmetic, and what is no number, are cells as well.
    fn cell(&self, value: f32) -> usize {
        const LAST: f32 = (CELLS - 1) as f32;
        /// 2^23: a float above it has its whole number in its lowest bits.
        const WHOLE: f32 = 8_388_608.0;
        let at = (value - self.low) * self.scale;
        let at = if at > 0.0 { at } else { 0.0 };
        let at = if at < LAST { at } else { LAST };
        (at + WHOLE).to_bits() as usize & (CELLS - 1)
    }

    /// The bins of some values, as [`BinEdges::bin`] has them.
    pub(super) fn bins(&self, values: &[f32], bins: &mut [u8]) {
        for (values, bins) in values.chunks(LANES).zip(bins.chunks_mut(LANES)) {
            let mut below = [0_u32; LANES];
            for (below, value) in below.iter_mut().zip(values) {
                *below = u32::from(self.before[self.cell(*value)]);
            }
            for step in (0..self.steps).rev() {
                for (below, value) in below.iter_mut().zip(values) {
                    let is_above = self.padded[((*below + (1 << step) - 1) & 511) as usize] < *value;
                    *below += u32::from(is_above) << step;
                }
            }
            for ((bin, below), value) in bins.iter_mut().zip(below).zip(values) {
                *bin = ((1 + below) * u32::from(!value.is_nan())) as u8;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Bins the values, each edge, and its neighbours both ways, and compares with the search edge by edge.
    fn check(edges: Vec<f32>, mut values: Vec<f32>) {
        let edges = BinEdges { edges };
        values.extend(edges.edges.iter().flat_map(|edge| [edge.next_down(), *edge, edge.next_up()]));
        values.extend([f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.0, -0.0, f32::MAX, f32::MIN, f32::MIN_POSITIVE, 1e-45]);
        let mut bins = vec![9; values.len()];
        EdgeTable::new(&edges).bins(&values, &mut bins);
        let expected: Vec<u8> = values.iter().map(|v| edges.bin(*v)).collect();
        assert_eq!(bins, expected, "{edges:?}");
    }

    #[test]
    fn even_edges_are_found() {
        for n in [0, 1, 2, 3, 7, 8, 100, 253, 254] {
            check((0..n).map(|i| i as f32 * 0.5).collect(), (-3..300).map(|i| i as f32 * 0.25).collect());
        }
    }

    #[test]
    fn edges_that_share_a_cell_are_found() {
        let far_apart = (0..254).map(|i| if i < 253 { i as f32 } else { f32::MAX });
        check(far_apart.collect(), (0..300).map(|i| i as f32 - 0.5).collect());
        let close = (0..254).map(|i| f32::from_bits(1.0_f32.to_bits() + i));
        check(close.collect(), vec![0.5, 2.0]);
        let smallest = (1..255).map(f32::from_bits);
        check(smallest.collect(), vec![-1.0, 1.0]);
        check(vec![f32::MIN, 0.0, f32::MAX], vec![-1.0, 1.0]);
    }

    /// Any float, of every magnitude.
    fn floats(n: std::ops::Range<usize>) -> impl Strategy<Value = Vec<f32>> {
        prop::collection::vec(prop_oneof![any::<u32>().prop_map(f32::from_bits), -100.0..100.0_f32], n)
    }

    proptest! {
        #[test]
        fn tables_bin_as_edges_do(edges in floats(0..255), values in floats(0..200)) {
            let mut edges: Vec<f32> = edges.into_iter().filter(|edge| edge.is_finite()).map(|edge| edge + 0.0).collect();
            edges.sort_unstable_by(f32::total_cmp);
            edges.dedup();
            check(edges, values);
        }
    }
}
