//! Whether innocents are suspected equally often everywhere: false-positive rates by market or by tier.
//!
//! Each group's rate is a Hájek share over its compliant rows (`hajek`). That the groups differ at all is tested by permutation: whole
//! sellers (within a group) are dealt out anew, so that neither their rows' dependence nor unequal weights nor small counts need a
//! distribution; the statistic is Σ W (r − r̄)² over the groups. The largest and the smallest rate are compared by difference and ratio,
//! with intervals made of theirs (MOVER: Newcombe 1998, method 10; Donner and Zou 2012), at a confidence raised for the k (k − 1) ÷ 2
//! pairs that they were picked from (Bonferroni).
//!
//! Deliberately not here: what difference is acceptable.

use std::collections::BTreeMap;

use serde::Serialize;

use super::distributions::normal_upper_quantile;
use super::hajek::{HajekEstimate, HajekRow, hajek, hajek_at};
use super::interval::{Confidence, Interval};
use super::sum::Sum;
use crate::units::SplitMix;

/// Permutations of the sellers: the smallest p-value is 1 in 2,000.
pub const PERMUTATIONS: u64 = 1999;

/// Where the permutations start: fixed, so that one set of rows has one figure.
const SEED: u64 = 0x0050_4152_4954_5900;

/// A compliant row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CompliantRow<'a> {
    /// The market, tier or other group.
    pub group: &'a str,
    /// Whether the model called it violating.
    pub called: bool,
    /// 1, or 1/π where it was drawn with known probability.
    pub weight: f64,
    /// Its seller.
    pub cluster: u64,
}

/// One group's rate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupRate {
    /// The group.
    pub group: String,
    /// Its false-positive rate; `n` counts compliant rows, `positives` those that were called violating.
    pub rate: HajekEstimate,
    /// Whether it has rows enough to be compared.
    pub compared: bool,
}

/// The largest rate against the smallest.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gap {
    /// The group with the largest rate.
    pub highest: String,
    /// The group with the smallest rate.
    pub lowest: String,
    /// Largest − smallest.
    pub difference: f64,
    /// Its interval, over all pairs that could have been picked.
    pub difference_interval: Interval,
    /// Largest ÷ smallest; absent where the smallest is 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
    /// The least that the ratio may be.
    pub ratio_low: f64,
    /// The most that it may be; absent where the smallest rate may be 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio_high: Option<f64>,
    /// How often as large a spread of rates comes about where all groups are alike.
    pub p_value: f64,
}

/// False-positive rates by group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Parity {
    /// All groups, by name.
    pub groups: Vec<GroupRate>,
    /// Absent unless two groups are compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap: Option<Gap>,
}

/// False-positive rates of the groups of `rows`; groups with fewer than `min_rows` rows are given and not compared.
#[must_use]
pub fn parity(rows: &[CompliantRow<'_>], min_rows: u64, confidence: Confidence) -> Parity {
    let mut by_group: BTreeMap<&str, Vec<HajekRow>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.weight > 0.0 && row.weight.is_finite()) {
        let of_group = by_group.entry(row.group).or_default();
        of_group.push(HajekRow { in_part: row.called, weight: row.weight, cluster: row.cluster });
    }
    let groups: Vec<GroupRate> = (by_group.iter())
        .filter_map(|(group, rows)| {
            let rate = hajek(rows, confidence)?;
            Some(GroupRate { group: (*group).to_owned(), rate, compared: rate.n >= min_rows })
        })
        .collect();
    by_group.retain(|_, rows| rows.len() as u64 >= min_rows);
    let gap = gap(&by_group, confidence);
    Parity { groups, gap }
}

fn gap(groups: &BTreeMap<&str, Vec<HajekRow>>, confidence: Confidence) -> Option<Gap> {
    let n_pairs = (groups.len() * groups.len().saturating_sub(1)) as f64 / 2.0;
    if n_pairs < 1.0 {
        return None;
    }
    let z = normal_upper_quantile(confidence.tail() / n_pairs);
    let rates: Vec<(&str, HajekEstimate)> =
        groups.iter().filter_map(|(group, rows)| Some((*group, hajek_at(rows, z)?))).collect();
    let by_rate = |a: &&(&str, HajekEstimate), b: &&(&str, HajekEstimate)| a.1.share.total_cmp(&b.1.share);
    let highest = rates.iter().max_by(by_rate)?;
    // Of equal rates the first is the lowest and the last the highest.
    let lowest = rates.iter().min_by(by_rate)?;
    let ((high, of_high), (low, of_low)) = ((highest.1.share, highest.1.interval), (lowest.1.share, lowest.1.interval));
    let down = libm::hypot(high - of_high.low, of_low.high - low);
    let up = libm::hypot(of_high.high - high, low - of_low.low);
    let (ratio_low, ratio_high) = ratio_interval((high, of_high), (low, of_low));
    Some(Gap {
        highest: highest.0.to_owned(),
        lowest: lowest.0.to_owned(),
        difference: high - low,
        difference_interval: Interval { low: (high - low - down).max(-1.0), high: (high - low + up).min(1.0) },
        ratio: (low > 0.0).then(|| high / low),
        ratio_low,
        ratio_high,
        p_value: equality(groups),
    })
}

/// Donner and Zou's limits of a ratio of two shares from the shares' own; no upper limit where the denominator's lower limit is 0.
fn ratio_interval((a, of_a): (f64, Interval), (b, of_b): (f64, Interval)) -> (f64, Option<f64>) {
    let root = |x: f64| x.max(0.0).sqrt();
    let under = of_b.high * (2.0 * b - of_b.high);
    let (l, u) = (of_a.low * (2.0 * a - of_a.low), of_a.high * (2.0 * a - of_a.high));
    // (ab − √((ab)² − l·under)) ÷ under, multiplied out so that an `under` of 0 or below does no harm.
    let low = l / (a * b + root(a * b * (a * b) - l * under));
    let over = of_b.low * (2.0 * b - of_b.low);
    let high = (over > 0.0).then(|| (a * b + root(a * b * (a * b) - u * over)) / over);
    (if low.is_finite() { low } else { 0.0 }, high)
}

/// Share of the deals of sellers, the real one among them, in which the groups' rates lie at least as far apart.
fn equality(groups: &BTreeMap<&str, Vec<HajekRow>>) -> f64 {
    let mut sellers: Vec<(f64, f64)> = Vec::new();
    let mut sizes = Vec::new();
    for rows in groups.values() {
        let mut rows = rows.clone();
        rows.sort_by(|a, b| a.cluster.cmp(&b.cluster).then(a.weight.total_cmp(&b.weight)).then(a.in_part.cmp(&b.in_part)));
        let before = sellers.len();
        for seller in rows.chunk_by(|a, b| a.cluster == b.cluster) {
            let weight =
                |keep: fn(&HajekRow) -> bool| seller.iter().filter(|row| keep(row)).map(|row| row.weight).collect::<Sum>();
            sellers.push((weight(|_| true).value(), weight(|row| row.in_part).value()));
        }
        sizes.push(sellers.len() - before);
    }
    let observed = spread(&sellers, &sizes);
    // Sums in another order differ by rounding: a deal that is the same must count as such.
    let as_far = observed * (1.0 - 1e-9);
    let mut random = SplitMix(SEED);
    let mut n_as_far = 1;
    for _ in 0..PERMUTATIONS {
        for last in (1..sellers.len()).rev() {
            sellers.swap(last, (random.next_u64() % (last as u64 + 1)) as usize);
        }
        n_as_far += u64::from(spread(&sellers, &sizes) >= as_far);
    }
    n_as_far as f64 / (PERMUTATIONS + 1) as f64
}

/// Σ W (r − r̄)² over groups of the given numbers of sellers, one after another: Σ C² ÷ W less a constant.
fn spread(sellers: &[(f64, f64)], sizes: &[usize]) -> f64 {
    let (mut start, mut squares, mut all) = (0, 0.0, (0.0, 0.0));
    for size in sizes {
        let of_group = sellers.iter().skip(start).take(*size);
        let (weight, called) = of_group.fold((0.0, 0.0), |sum: (f64, f64), seller| (sum.0 + seller.0, sum.1 + seller.1));
        squares += called * called / weight;
        all = (all.0 + weight, all.1 + called);
        start += size;
    }
    (squares - all.1 * all.1 / all.0).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `called` of `n` rows in each group, a seller for every `per_seller` rows.
    fn rows(groups: &[(&'static str, u64, u64)], per_seller: u64) -> Vec<CompliantRow<'static>> {
        let of_group = |(at, (group, called, n)): (usize, &(&'static str, u64, u64))| {
            let (group, called, at) = (*group, *called, at as u64);
            (0..*n).map(move |i| CompliantRow { group, called: i < called, weight: 1.0, cluster: at * 100_000 + i / per_seller })
        };
        groups.iter().enumerate().flat_map(of_group).collect()
    }

    #[test]
    fn an_unequal_market_is_found_and_named() {
        let found =
            parity(&rows(&[("MY", 10, 500), ("PH", 60, 500), ("SG", 12, 500), ("VN", 1, 5)], 1), 30, Confidence::NinetyFive);
        let rates: Vec<_> = found.groups.iter().map(|g| (g.group.as_str(), g.rate.positives, g.rate.n, g.compared)).collect();
        assert_eq!(rates, [("MY", 10, 500, true), ("PH", 60, 500, true), ("SG", 12, 500, true), ("VN", 1, 5, false)]);
        let gap = found.gap.unwrap();
        assert_eq!((gap.highest.as_str(), gap.lowest.as_str()), ("PH", "MY"));
        assert!((gap.difference - 0.1).abs() < 1e-12 && (gap.ratio.unwrap() - 6.0).abs() < 1e-12);
        assert!(gap.difference_interval.low > 0.05 && gap.ratio_low > 2.0 && gap.ratio_high.unwrap() > 10.0, "{gap:?}");
        assert_eq!(gap.p_value, 1.0 / 2000.0);
    }

    #[test]
    fn the_same_counts_prove_nothing_where_few_sellers_make_them() {
        let alone = parity(&rows(&[("MY", 20, 400), ("SG", 40, 400)], 1), 30, Confidence::NinetyFive).gap.unwrap();
        let bulk = parity(&rows(&[("MY", 20, 400), ("SG", 40, 400)], 20), 30, Confidence::NinetyFive).gap.unwrap();
        assert!(alone.p_value < 0.02 && bulk.p_value > 0.2, "{} {}", alone.p_value, bulk.p_value);
        assert!(bulk.difference_interval.low < 0.0 && alone.difference_interval.low > 0.0);
    }

    /// Every deal lies at least as far apart as equal rates.
    #[test]
    fn equal_rates_are_as_likely_as_can_be() {
        let gap = parity(&rows(&[("a", 1, 3), ("b", 1, 3)], 1), 1, Confidence::NinetyFive).gap.unwrap();
        assert_eq!((gap.p_value, gap.difference, gap.ratio), (1.0, 0.0, Some(1.0)));
        // Two of three against none of three: 2 · C(4, 3) ÷ C(6, 3) = 0.4 of the deals are as far apart.
        let gap = parity(&rows(&[("a", 2, 3), ("b", 0, 3)], 1), 1, Confidence::NinetyFive).gap.unwrap();
        assert!((gap.p_value - 0.4).abs() < 0.04, "{}", gap.p_value);
        assert_eq!((gap.ratio, gap.ratio_high), (None, None));
    }

    /// Newcombe 1998, table II, example (a), method 10: 56/70 − 48/80 = 0.2, 0.0524 to 0.3339. Here wider by Student's quantile.
    #[test]
    fn the_difference_has_newcombes_interval() {
        let gap = parity(&rows(&[("a", 56, 70), ("b", 48, 80)], 1), 1, Confidence::NinetyFive).gap.unwrap();
        let Interval { low, high } = gap.difference_interval;
        assert!(
            (gap.difference - 0.2).abs() < 1e-12 && (low - 0.0524).abs() < 0.006 && (high - 0.3339).abs() < 0.006,
            "{low} {high}"
        );
        assert!(gap.ratio_low > 1.0 && gap.ratio_low < 4.0 / 3.0 && gap.ratio_high.unwrap() > 4.0 / 3.0);
    }

    #[test]
    fn alike_groups_are_called_unequal_as_seldom_as_they_should_be() {
        let mut random = SplitMix(5);
        let alarms = (0..200).filter(|_| {
            let mut rows = Vec::new();
            for seller in 0..60_u64 {
                let mood = if random.next_u64().is_multiple_of(4) { 40 } else { 5 };
                for _ in 0..1 + random.next_u64() % 6 {
                    let called = random.next_u64() % 100 < mood;
                    let weight = if random.next_u64().is_multiple_of(2) { 1.0 } else { 5.0 };
                    rows.push(CompliantRow { group: ["a", "b", "c"][(seller % 3) as usize], called, weight, cluster: seller });
                }
            }
            parity(&rows, 1, Confidence::NinetyFive).gap.is_some_and(|gap| gap.p_value <= 0.05)
        });
        let alarms = alarms.count();
        // 10 expected; 19 or more have a probability below 1 %.
        assert!((2..19).contains(&alarms), "{alarms} of 200");
    }

    #[test]
    fn one_group_alone_has_no_gap() {
        assert_eq!(parity(&rows(&[("SG", 3, 50)], 1), 1, Confidence::NinetyFive).gap, None);
        assert!(parity(&[], 1, Confidence::NinetyFive).groups.is_empty());
    }
}
