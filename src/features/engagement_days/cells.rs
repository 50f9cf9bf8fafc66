//! The cells of one column, and the sums of plain ones.

/// A null cell: no count is as large, and as an amount it is not a number.
pub(super) const NULL: u64 = u64::MAX;

/// The cells of one column.
#[derive(Debug, Clone, Copy)]
pub(in crate::features) enum Cells<'a> {
    /// Whole numbers without a null.
    Plain(Planes<'a>),
    /// Anything, eight bytes a cell.
    Wide(&'a [[u8; 8]]),
}

impl Cells<'_> {
    /// The count of row `at`.
    pub(in crate::features) fn count(self, at: usize) -> Option<u64> {
        match self {
            Self::Plain(planes) => planes.cell(at),
            Self::Wide(cells) => cells.get(at).map(|cell| u64::from_le_bytes(*cell)).filter(|cell| *cell != NULL),
        }
    }

    /// The amount of row `at`.
    pub(in crate::features) fn amount(self, at: usize) -> Option<f64> {
        match self {
            Self::Plain(_) => self.count(at).map(|cell| cell as f64),
            Self::Wide(_) => self.count(at).map(f64::from_bits),
        }
    }
}

/// Whole numbers by byte: the lowest byte of every cell, then the next of every cell, as many as the largest needs. A column of zeros has
/// none.
#[derive(Debug, Clone, Copy)]
pub(in crate::features) struct Planes<'a> {
    /// The bytes of the cells, and whatever stands behind them, so that eight can be read at a time.
    pub(super) bytes: &'a [u8],
    /// The number of cells.
    pub(super) n: usize,
    /// The number of bytes of a cell, at most 4.
    pub(super) width: usize,
}

impl Planes<'_> {
    /// Cell `at`.
    pub(super) fn cell(self, at: usize) -> Option<u64> {
        let byte = |plane: usize| self.bytes.get(plane * self.n + at).copied().unwrap_or(0);
        (at < self.n).then(|| (0..self.width).rev().fold(0, |cell, plane| cell << 8 | u64::from(byte(plane))))
    }

    /// The sum of the cells from `first` to before `end`, which are at most 2³².
    pub(in crate::features) fn sum(self, first: usize, end: usize) -> u64 {
        let of_plane =
            |plane: usize| self.bytes.get(plane * self.n + first..).map_or(0, |bytes| sum_of_first(bytes, end - first));
        if first >= end { 0 } else { (0..self.width).rev().fold(0, |sum, plane| (sum << 8) + of_plane(plane)) }
    }
}

/// The sum of the first `n` bytes, eight at a time: even and odd ones add up in lanes of 16 bits.
fn sum_of_first(bytes: &[u8], n: usize) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let (whole, left) = (n / 8, n % 8);
    let lanes_of = |words: &[[u8; 8]]| words.iter().fold(0, |sums, word| sums + lanes(u64::from_le_bytes(*word)));
    let whole_words = words.get(..whole).unwrap_or_default();
    // What is left of a word stands in its low bytes.
    let mut last = match words.get(whole) {
        Some(word) => u64::from_le_bytes(*word),
        None => rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    last &= (1 << (8 * left)) - 1;
    match whole_words {
        [] => all_lanes(lanes(last)),
        // 31 words and one more are at most 32 × 8 × 255 < 2¹⁶.
        words if whole < 32 => all_lanes(lanes_of(words) + lanes(last)),
        words => words.chunks(32).map(|words| all_lanes(lanes_of(words))).sum::<u64>() + all_lanes(lanes(last)),
    }
}

/// Pairs of a word's bytes added, in four lanes of 16 bits.
fn lanes(word: u64) -> u64 {
    const EVEN: u64 = 0x00ff_00ff_00ff_00ff;
    (word & EVEN) + (word >> 8 & EVEN)
}

/// The sum of four lanes, which must be below 2¹⁶.
fn all_lanes(lanes: u64) -> u64 {
    lanes.wrapping_mul(0x0001_0001_0001_0001) >> 48
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sums_are_those_of_the_cells(cells in proptest::collection::vec(0..1_u64 << 32, 0..700), most in 0..33_u32, cut in any::<(usize, usize)>(), behind in 0..20_usize) {
            let cells: Vec<u64> = cells.iter().map(|cell| cell & ((1 << most) - 1)).collect();
            let (n, width) = (cells.len(), most.div_ceil(8) as usize);
            let mut bytes: Vec<u8> = (0..width).flat_map(|plane| cells.iter().map(move |cell| (cell >> (8 * plane)) as u8)).collect();
            bytes.extend(std::iter::repeat_n(0xff, behind));
            let planes = Planes { bytes: &bytes, n, width };
            let (first, end) = (cut.0 % (n + 1), cut.1 % (n + 1));
            let expect: u64 = cells.get(first..end).unwrap_or_default().iter().sum();
            prop_assert_eq!(planes.sum(first, end), expect);
            prop_assert_eq!((0..=n).map(|at| planes.cell(at)).collect::<Vec<_>>(), cells.iter().copied().map(Some).chain([None]).collect::<Vec<_>>());
        }
    }
}
