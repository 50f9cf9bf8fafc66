//! How far two distributions are apart: PSI, Jensen–Shannon, and Pearson's test that they are one.

use std::collections::BTreeMap;

use super::counted::Counted;
use super::profile::Cell;

/// How far apart two distributions are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Distance {
    /// Population stability index: Σ (a − e) ln(a ÷ e), natural logarithms, shares with half a row added to every bin.
    pub(super) psi: f64,
    /// Jensen–Shannon divergence of the same shares, to base 2, in [0, 1] (Lin 1991).
    pub(super) jensen_shannon: f64,
    /// P-value of Pearson's test of homogeneity on the same bins; bins − 1 degrees of freedom.
    pub(super) p_value: f64,
    /// Bins after merging.
    pub(super) bins: usize,
}

/// Of the two distributions' mean share, the least that a bin of numbers must hold: with 100 rows a side Pearson's test then holds.
const LEAST_BIN: f64 = 0.05;
/// The same for a named value.
const LEAST_VALUE: f64 = 0.02;

/// How far `actual` is from `expected`; `None` where either has no row that counts. Neighbouring bins are merged until each holds enough
/// of the mean of both: judged by one of them alone, a column that was constant would have one bin and never move.
///
/// Numbers are cut twice, into pairs of neighbouring bins from an even and from an odd one on, and the nearer cut counts: where most rows have the same
/// value, as rates without a count of their own do, a hair's change across an edge is no drift.
pub(super) fn distance(actual: &Counted, expected: &Counted) -> Option<Distance> {
    let cuts = [0, 1].map(|offset| distance_of(&paired(actual, offset), &paired(expected, offset)));
    cuts.into_iter().flatten().min_by(|a, b| a.psi.total_cmp(&b.psi))
}

/// The counts with each pair of neighbouring bins as one; the first of a pair is `offset` beyond an even one.
fn paired(counted: &Counted, offset: i16) -> Counted {
    let mut cells = BTreeMap::new();
    for (cell, n) in &counted.cells {
        let pair = match cell {
            Cell::Bin(bin) => Cell::Bin((bin - offset).div_euclid(2)),
            Cell::Value(value) => Cell::Value(value.clone()),
        };
        *cells.entry(pair).or_default() += n;
    }
    Counted { cells, ..*counted }
}

fn distance_of(actual: &Counted, expected: &Counted) -> Option<Distance> {
    let merged = merged(actual, expected)?;
    let bins = merged.len() as f64;
    let total = |side: usize| merged.iter().map(|pair| pair[side]).sum::<f64>();
    let totals = [total(0), total(1)];
    let share = |pair: &[f64; 2], side: usize| (pair[side] + 0.5) / (totals[side] + 0.5 * bins);
    let (mut psi, mut jensen_shannon, mut chi_squared) = (0.0, 0.0, 0.0);
    for pair in &merged {
        let (a, e) = (share(pair, 0), share(pair, 1));
        let middle = f64::midpoint(a, e);
        psi += (a - e) * libm::log(a / e);
        jensen_shannon += 0.5 * (a * libm::log2(a / middle) + e * libm::log2(e / middle));
        for side in [0, 1] {
            let awaited = totals[side] * (pair[0] + pair[1]) / (totals[0] + totals[1]);
            if awaited > 0.0 {
                chi_squared += (pair[side] - awaited) * (pair[side] - awaited) / awaited;
            }
        }
    }
    let p_value = chi_squared_tail(chi_squared, merged.len() - 1);
    Some(Distance { psi, jensen_shannon: jensen_shannon.max(0.0), p_value, bins: merged.len() })
}

/// Rows of both in bins that are large enough; at least one bin.
fn merged(actual: &Counted, expected: &Counted) -> Option<Vec<[f64; 2]>> {
    let totals = [actual.cells.values().sum::<f64>(), expected.cells.values().sum::<f64>()];
    if totals.iter().any(|total| *total <= 0.0) {
        return None;
    }
    let mut cells: Vec<&Cell> = actual.cells.keys().chain(expected.cells.keys()).collect();
    cells.sort_unstable();
    cells.dedup();
    let rows = |side: &Counted, cell: &Cell| side.cells.get(cell).copied().unwrap_or(0.0);
    let mass = |pair: &[f64; 2]| 0.5 * (pair[0] / totals[0] + pair[1] / totals[1]);
    let mut bins: Vec<[f64; 2]> = Vec::new();
    let mut rest = [0.0; 2];
    let add = |to: &mut [f64; 2], pair: [f64; 2]| *to = [to[0] + pair[0], to[1] + pair[1]];
    for cell in cells {
        let pair = [rows(actual, cell), rows(expected, cell)];
        match cell {
            Cell::Bin(_) => {
                add(&mut rest, pair);
                if mass(&rest) >= LEAST_BIN {
                    bins.push(std::mem::take(&mut rest));
                }
            }
            Cell::Value(_) if mass(&pair) >= LEAST_VALUE => bins.push(pair),
            Cell::Value(_) => add(&mut rest, pair),
        }
    }
    match bins.last_mut() {
        Some(last) if mass(&rest) < LEAST_VALUE => add(last, rest),
        _ => bins.push(rest),
    }
    Some(bins)
}

/// The probability that χ² with `freedom` degrees of freedom is above `x`: Q(freedom ÷ 2, x ÷ 2), by the recurrence Q(a + 1, y) =
/// Q(a, y) + yᵃ e⁻ʸ ÷ Γ(a + 1) from Q(1, y) = e⁻ʸ or Q(½, y) = erfc √y (Abramowitz and Stegun 6.5.21). 1 without a degree of freedom.
pub(super) fn chi_squared_tail(x: f64, freedom: usize) -> f64 {
    if freedom == 0 || x <= 0.0 {
        return 1.0;
    }
    let y = x / 2.0;
    let (mut a, mut tail) = if freedom.is_multiple_of(2) { (1.0, libm::exp(-y)) } else { (0.5, libm::erfc(y.sqrt())) };
    while a < freedom as f64 / 2.0 - 0.25 {
        tail += libm::exp(a * libm::log(y) - y - libm::lgamma(a + 1.0));
        a += 1.0;
    }
    tail.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy 1.17.1, `chi2.sf(x, k)`.
    #[test]
    fn the_tail_agrees_with_scipy() {
        for (x, freedom, expect) in TAILS {
            let found = chi_squared_tail(x, freedom);
            assert!((found - expect).abs() < 1e-12 * expect.max(1e-3), "{x} {freedom}: {found}");
        }
        assert_eq!((chi_squared_tail(1e6, 9), chi_squared_tail(0.0, 9), chi_squared_tail(3.0, 0)), (0.0, 1.0, 1.0));
    }

    const TAILS: [(f64, usize, f64); 10] = [
        (0.5, 1, 0.47950012218695337),
        (3.84, 1, 0.05004352124870519),
        (40.0, 1, 2.5396285894708634e-10),
        (1.0, 2, 0.6065306597126334),
        (9.2, 2, 0.010051835744633584),
        (12.5, 5, 0.028543123326167485),
        (30.0, 19, 0.05179845889302389),
        (100.0, 19, 5.355560750435117e-13),
        (18.3, 18, 0.43606020861183126),
        (300.0, 40, 1.4955969722726186e-41),
    ];

    fn counted(cells: &[f64]) -> Counted {
        // No two of them are ever a pair.
        let cells = (0_i16..).zip(cells).map(|(bin, n)| (Cell::Bin(3 * bin), *n)).collect();
        Counted { present: 0.0, nulls: 0.0, cells }
    }

    #[test]
    fn the_same_is_no_distance_apart() {
        let column = counted(&[100.0, 300.0, 50.0]);
        let found = distance(&column, &column).unwrap();
        assert_eq!((found.psi, found.jensen_shannon, found.p_value, found.bins), (0.0, 0.0, 1.0, 3));
        assert_eq!(distance(&column, &counted(&[])), None);
    }

    /// numpy 2.4.6 on the shares (n + 0.5) ÷ (Σ + 2); scipy 1.17.1, `jensenshannon(a, e, 2)**2`, `chi2_contingency(…, correction=False)`.
    #[test]
    fn distances_agree_with_scipy() {
        let found = distance(&counted(&[120.0, 300.0, 380.0, 200.0]), &counted(&[200.0, 310.0, 330.0, 160.0])).unwrap();
        assert!((found.psi - 0.056_891_525_994_828_3).abs() < 1e-14, "{found:?}");
        assert!((found.jensen_shannon - 0.010_177_115_997_329_728).abs() < 1e-14, "{found:?}");
        assert!((found.p_value - 3.411_659_666_516_797e-6).abs() < 1e-17, "{found:?}");
    }

    #[test]
    fn a_common_value_that_crosses_an_edge_has_not_moved() {
        let at =
            |bin: i16| Counted { cells: BTreeMap::from([(Cell::Bin(bin), 700.0), (Cell::Bin(9), 300.0)]), ..Counted::default() };
        for bin in [-2, -1, 0, 1, 4] {
            assert_eq!(distance(&at(bin), &at(bin + 1)).unwrap().psi, 0.0, "{bin}");
            assert!(distance(&at(bin), &at(bin + 3)).unwrap().psi > 1.0, "{bin}");
        }
    }

    #[test]
    fn a_constant_that_moves_is_seen() {
        let found = distance(&counted(&[200.0, 0.0, 800.0]), &counted(&[1000.0])).unwrap();
        assert!(found.bins == 2 && found.psi > 1.0 && found.p_value < 1e-12, "{found:?}");
    }

    #[test]
    fn rare_neighbours_share_a_bin_and_rare_values_one_place() {
        let found = distance(&counted(&[1.0, 1.0, 2.0, 96.0]), &counted(&[2.0, 1.0, 1.0, 96.0])).unwrap();
        assert_eq!(found.bins, 1);
        let named = |cells: &[(&str, f64)]| {
            let cells = cells.iter().map(|(name, n)| (Cell::Value((*name).to_owned()), *n)).collect();
            Counted { present: 0.0, nulls: 0.0, cells }
        };
        let (a, b) = (named(&[("a", 97.0), ("b", 1.0), ("c", 1.0), ("d", 1.0)]), named(&[("a", 97.0), ("x", 3.0)]));
        assert_eq!(distance(&a, &b).unwrap().bins, 2);
    }

    proptest::proptest! {
        #[test]
        fn distances_are_symmetric_and_never_negative(
            a in proptest::collection::vec(0_u32..500, 1..30),
            b in proptest::collection::vec(0_u32..500, 1..30),
        ) {
            let of = |cells: &[u32]| counted(&cells.iter().map(|n| f64::from(*n)).collect::<Vec<_>>());
            if let (Some(there), Some(back)) = (distance(&of(&a), &of(&b)), distance(&of(&b), &of(&a))) {
                assert!(there.psi >= 0.0 && (0.0..=1.0).contains(&there.jensen_shannon) && (0.0..=1.0).contains(&there.p_value));
                assert!((there.psi - back.psi).abs() < 1e-9 && (there.jensen_shannon - back.jensen_shannon).abs() < 1e-12);
            }
        }
    }
}
