//! Rows become a profile, in integers only: neither order nor number of shards can change it.

use std::collections::BTreeMap;

use super::bins::{SIDE, number_bin, price_bin, probability_bin};
use super::profile::{Cell, Column, ColumnKind, Counts, MarketProfile, OTHER, Profile, VALUES_KEPT, Volume};
use crate::units::{Id, Market, stable_hash};

/// One row. Columns are given in the order in which [`ProfileBuilder::new`] names them.
#[derive(Debug, Clone)]
pub struct ProfiledItem<'a> {
    /// Its market.
    pub market: Market,
    /// Whether it is the first row of its seller: what all items of a seller share is counted once, because two of them tell no more than one.
    pub is_first_of_seller: bool,
    /// Feature values, NaN = null.
    pub features: &'a [f32],
    /// Scores in [0, 1].
    pub scores: &'a [Option<f32>],
    /// Columns of named values.
    pub values: &'a [Option<&'a str>],
    /// Columns of which only counts whether they are there.
    pub present: &'a [bool],
    /// Currency and price.
    pub price: Option<(&'a str, f64)>,
    /// What it adds to the sums.
    pub volumes: &'a [(Volume, u64)],
}

/// Counts rows.
#[derive(Debug, Clone)]
pub struct ProfileBuilder {
    features: Vec<String>,
    /// Whether a feature is its seller's.
    of_seller: Vec<bool>,
    scores: Vec<String>,
    values: Vec<&'static str>,
    present: Vec<&'static str>,
    markets: BTreeMap<Market, Tally>,
}

/// Whether all items of a seller share the feature, at least nearly.
fn is_of_seller(name: &str) -> bool {
    ["seller_", "ring_", "creator_"].iter().any(|prefix| name.starts_with(prefix))
}

/// Cells of a feature or score: a null one, then one a bin.
const CELLS: usize = 2 + 2 * SIDE as usize;

/// Distinct values, and currencies, of a market that are counted; beyond, those of the smallest hashes, which no order of the rows can change.
const MOST_VALUES: usize = 4096;

#[derive(Debug, Clone, Default)]
struct Tally {
    numbers: Vec<u64>,
    values: Vec<ValueTally>,
    absent: Vec<u64>,
    items: u64,
    prices: BTreeMap<Id, BTreeMap<i16, u64>>,
    volumes: BTreeMap<Volume, u64>,
}

#[derive(Debug, Clone, Default)]
struct ValueTally {
    nulls: u64,
    present: u64,
    by_value: BTreeMap<(u64, Id), u64>,
}

impl ValueTally {
    fn add(&mut self, value: Option<&str>) {
        let Some(value) = value else {
            self.nulls += 1;
            return;
        };
        self.present += 1;
        *self.by_value.entry((stable_hash(0, value), Id::from(value))).or_default() += 1;
        if self.by_value.len() > MOST_VALUES {
            self.by_value.pop_last();
        }
    }

    fn counts(&self) -> Counts {
        let mut ranked: Vec<(u64, &Id)> = self.by_value.iter().map(|((_, value), n)| (*n, value)).collect();
        ranked.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        let mut cells: BTreeMap<Cell, u64> =
            ranked.iter().take(VALUES_KEPT).map(|(n, value)| (Cell::Value(value.to_string()), *n)).collect();
        let rest = self.present - cells.values().sum::<u64>();
        if rest > 0 {
            *cells.entry(Cell::Value(OTHER.to_owned())).or_default() += rest;
        }
        Counts { nulls: self.nulls, cells, present: self.present }
    }
}

impl ProfileBuilder {
    /// Counts nothing yet.
    #[must_use]
    pub fn new(features: &[String], scores: &[String], values: &[&'static str], present: &[&'static str]) -> Self {
        Self {
            features: features.to_vec(),
            of_seller: features.iter().map(|name| is_of_seller(name)).collect(),
            scores: scores.to_vec(),
            values: values.to_vec(),
            present: present.to_vec(),
            markets: BTreeMap::new(),
        }
    }

    /// Counts a row.
    pub fn add(&mut self, item: &ProfiledItem<'_>) {
        let n_numbers = self.features.len() + self.scores.len();
        let tally = self.markets.entry(item.market).or_insert_with(|| Tally {
            numbers: vec![0; n_numbers * CELLS],
            values: vec![ValueTally::default(); self.values.len()],
            absent: vec![0; self.present.len()],
            ..Tally::default()
        });
        tally.items += 1;
        let features = item.features.iter().take(self.features.len()).map(|v| (!v.is_nan()).then(|| number_bin(f64::from(*v))));
        let scores = item.scores.iter().take(self.scores.len());
        let scores = scores.map(|p| p.filter(|p| !p.is_nan()).map(|p| probability_bin(f64::from(p))));
        let places = (0..).zip(features).chain((self.features.len()..).zip(scores));
        for (column, bin) in places {
            if !item.is_first_of_seller && self.of_seller.get(column) == Some(&true) {
                continue;
            }
            let cell = bin.map_or(0, |bin| 1 + usize::try_from(bin + SIDE).unwrap_or(0));
            if let Some(count) = tally.numbers.get_mut(column * CELLS + cell) {
                *count += 1;
            }
        }
        tally.values.iter_mut().zip(item.values).for_each(|(tally, value)| tally.add(*value));
        tally.absent.iter_mut().zip(item.present).for_each(|(absent, is_there)| *absent += u64::from(!is_there));
        if let Some((currency, bin)) = item.price.and_then(|(currency, price)| Some((currency, price_bin(price)?))) {
            *tally.prices.entry(Id::from(currency)).or_default().entry(bin).or_default() += 1;
            if tally.prices.len() > MOST_VALUES {
                tally.prices.pop_last();
            }
        }
        for (volume, n) in item.volumes {
            let sum = tally.volumes.entry(*volume).or_default();
            *sum = sum.saturating_add(*n);
        }
    }

    /// The profile.
    #[must_use]
    pub fn finish(self) -> Profile {
        let markets = self.markets.iter().map(|(market, tally)| (*market, self.market(tally)));
        Profile { markets: markets.collect() }
    }

    fn market(&self, tally: &Tally) -> MarketProfile {
        let mut columns = BTreeMap::new();
        let features = self.features.iter().map(|name| Column::new(ColumnKind::Feature, name));
        let scores = self.scores.iter().map(|name| Column::new(ColumnKind::Score, name));
        for (column, cells) in features.chain(scores).zip(tally.numbers.chunks_exact(CELLS)) {
            columns.insert(column, numbers(cells));
        }
        for (name, values) in self.values.iter().zip(&tally.values) {
            columns.insert(Column::new(ColumnKind::Content, name), values.counts());
        }
        for (name, nulls) in self.present.iter().zip(&tally.absent) {
            let counts = Counts { nulls: *nulls, present: tally.items - nulls, cells: BTreeMap::new() };
            columns.insert(Column::new(ColumnKind::Content, name), counts);
        }
        for (currency, bins) in &tally.prices {
            let cells: BTreeMap<Cell, u64> = bins.iter().map(|(bin, n)| (Cell::Bin(*bin), *n)).collect();
            let counts = Counts { nulls: 0, present: cells.values().sum(), cells };
            columns.insert(Column::new(ColumnKind::Price, currency), counts);
        }
        let mut volumes = tally.volumes.clone();
        volumes.insert(Volume::Items, tally.items);
        MarketProfile { volumes, columns }
    }
}

fn numbers(cells: &[u64]) -> Counts {
    let nulls = cells.first().copied().unwrap_or(0);
    let bins = (-SIDE..).zip(cells.iter().skip(1)).filter(|(_, n)| **n > 0);
    let cells: BTreeMap<Cell, u64> = bins.map(|(bin, n)| (Cell::Bin(bin), *n)).collect();
    Counts { nulls, present: cells.values().sum(), cells }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item<'a>(market: &str, features: &'a [f32], values: &'a [Option<&'a str>]) -> ProfiledItem<'a> {
        ProfiledItem {
            is_first_of_seller: true,
            market: market.parse().unwrap(),
            features,
            scores: &[Some(0.9)],
            values,
            present: &[false],
            price: Some(("THB", 100.0)),
            volumes: &[(Volume::DayViews, 7)],
        }
    }

    #[test]
    fn rows_are_counted_by_market() {
        let mut builder = ProfileBuilder::new(&["f".to_owned()], &["abuse".to_owned()], &["language"], &["title"]);
        builder.add(&item("TH", &[1.0], &[Some("th")]));
        builder.add(&item("TH", &[f32::NAN], &[None]));
        builder.add(&item("SG", &[-0.5], &[Some("en")]));
        let profile = builder.finish();
        let thailand = &profile.markets[&"TH".parse().unwrap()];
        assert_eq!(thailand.items(), 2);
        let of = |kind, name| &thailand.columns[&Column::new(kind, name)];
        let feature = of(ColumnKind::Feature, "f");
        assert_eq!((feature.n(), feature.nulls, feature.cells.get(&Cell::Bin(21))), (2, 1, Some(&1)));
        assert_eq!(of(ColumnKind::Content, "title").nulls, 2);
        assert_eq!(of(ColumnKind::Content, "language").cells, BTreeMap::from([(Cell::Value("th".to_owned()), 1)]));
        assert_eq!(of(ColumnKind::Price, "THB").present, 2);
        let all = profile.all();
        assert_eq!((all.items(), all.volumes[&Volume::DayViews]), (3, 21));
        assert_eq!(all.columns[&Column::new(ColumnKind::Feature, "f")].present, 2);
    }

    #[test]
    fn values_beyond_those_kept_are_counted_together_in_any_order() {
        let names: Vec<String> = (0..5000).map(|i| format!("v{i}")).collect();
        let count = |order: &mut dyn Iterator<Item = &String>| {
            let mut tally = ValueTally::default();
            order.for_each(|name| tally.add(Some(name)));
            (0..9).for_each(|_| tally.add(Some(&names[7])));
            tally
        };
        let (forth, back) = (count(&mut names.iter()), count(&mut names.iter().rev()));
        assert_eq!(forth.by_value.len(), MOST_VALUES);
        assert_eq!(forth.counts(), back.counts());
        assert_eq!(forth.counts().cells.len(), VALUES_KEPT + 1);
        assert_eq!(forth.counts().cells.values().sum::<u64>(), 5009);
    }
}
