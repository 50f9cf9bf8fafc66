//! What tonight is compared with.

use std::collections::BTreeMap;

use super::counted::Counted;
use super::profile::{Column, Counts, MarketProfile, Profile, Volume};
use crate::units::{Day, Market};

/// Nights whose mean tonight is compared with.
const RECENT: usize = 7;
/// A week.
const WEEK: i32 = 7;
/// Days after which a night says nothing about tonight any more.
const OLDEST: i32 = 35;

/// What a comparison is with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// The same weekday a week ago.
    SameWeekday,
    /// The last night, where that weekday was not published.
    LastNight,
    /// The mean of the last nights.
    LastNights,
    /// The rows that the model learned from.
    Training,
}

impl Reference {
    /// The name in figures.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SameWeekday => "same_weekday",
            Self::LastNight => "last_night",
            Self::LastNights => "last_nights",
            Self::Training => "training",
        }
    }
}

/// The nights, and the training rows, that tonight is compared with.
#[derive(Debug, Clone)]
pub struct Baselines {
    /// Where the first comparison is with.
    pub(super) season: Reference,
    pub(super) season_day: Option<Day>,
    seasonal: Option<Night>,
    recent: Vec<Night>,
    training: Option<MarketProfile>,
}

/// A night by market, all markets under `None`.
#[derive(Debug, Clone)]
struct Night(BTreeMap<Option<Market>, MarketProfile>);

impl Night {
    fn of(profile: &Profile) -> Self {
        let markets = profile.markets.iter().map(|(market, profile)| (Some(*market), profile.clone()));
        Self(markets.chain([(None, profile.all())]).collect())
    }

    fn column(&self, market: Option<Market>, column: &Column) -> Option<&Counts> {
        self.0.get(&market)?.columns.get(column)
    }
}

impl Baselines {
    /// Chooses among `nights`, of which only those before `day` count.
    #[must_use]
    pub fn of(day: Day, nights: &BTreeMap<Day, Profile>, training: Option<&MarketProfile>) -> Self {
        let before = || nights.range(day.plus(-OLDEST)..day).rev();
        let weekday = nights.get(&day.plus(-WEEK)).map(|night| (Reference::SameWeekday, day.plus(-WEEK), night));
        let last = before().next().map(|(day, night)| (Reference::LastNight, *day, night));
        let season = weekday.or(last);
        Self {
            season: season.map_or(Reference::LastNight, |(reference, ..)| reference),
            season_day: season.map(|(_, day, _)| day),
            seasonal: season.map(|(.., night)| Night::of(night)),
            recent: before().take(RECENT).map(|(_, night)| Night::of(night)).collect(),
            training: training.cloned(),
        }
    }

    /// The median of a market's items on the last nights beside those of `tonight`; all markets are `None`. Empty without a night before.
    #[must_use]
    pub fn items_before(&self, tonight: &Profile) -> Vec<(Option<Market>, u64, u64)> {
        let all = tonight.markets.values().map(MarketProfile::items).sum();
        let markets = tonight.markets.iter().map(|(market, profile)| (Some(*market), profile.items()));
        let median = |(market, now): (Option<Market>, u64)| {
            let mut nights: Vec<u64> = self.volumes(market, Volume::Items).1.into_iter().flatten().collect();
            nights.sort_unstable();
            Some((market, *nights.get(nights.len() / 2)?, now))
        };
        [(None, all)].into_iter().chain(markets).filter_map(median).collect()
    }

    /// Whether there is a night before.
    #[must_use]
    pub fn has_history(&self) -> bool {
        !self.recent.is_empty()
    }

    /// How many nights the mean is of.
    #[must_use]
    pub(super) fn n_recent(&self) -> usize {
        self.recent.len()
    }

    /// What a column was like.
    pub(super) fn column(&self, reference: Reference, market: Option<Market>, column: &Column) -> Option<Counted> {
        let seasonal = || self.seasonal.iter().filter_map(|night| night.column(market, column)).collect::<Vec<_>>();
        let nights = match reference {
            Reference::SameWeekday | Reference::LastNight => seasonal(),
            Reference::LastNights => self.recent.iter().filter_map(|night| night.column(market, column)).collect(),
            // The model learned from all markets together.
            Reference::Training => {
                self.training.iter().filter(|_| market.is_none()).filter_map(|p| p.columns.get(column)).collect()
            }
        };
        Counted::mean(&nights)
    }

    /// A market's sum on the night of the first comparison, and on each of the last ones, newest first; `None` where a night has no such
    /// market.
    pub(super) fn volumes(&self, market: Option<Market>, volume: Volume) -> (Option<u64>, Vec<Option<u64>>) {
        let of = |night: &Night| night.0.get(&market)?.volumes.get(&volume).copied();
        (self.seasonal.as_ref().and_then(of), self.recent.iter().map(of).collect())
    }

    /// Every market of the last nights.
    pub(super) fn markets(&self) -> Vec<Market> {
        let mut markets: Vec<Market> = self.recent.iter().flat_map(|night| night.0.keys().flatten().copied()).collect();
        markets.sort_unstable();
        markets.dedup();
        markets
    }

    /// The least number of rows with a named value that a night of the last ones could have had without our knowing: 0 where all values
    /// were kept. `None` without such a column.
    pub(super) fn most_unseen(&self, market: Option<Market>, column: &Column) -> Option<f64> {
        use super::profile::{Cell, OTHER, VALUES_KEPT};
        let unseen = |counts: &Counts| {
            let share = |n: u64| n as f64 / counts.present.max(1) as f64;
            let other = counts.cells.get(&Cell::Value(OTHER.to_owned())).copied().unwrap_or(0);
            // Of all markets together each kept its own.
            let least = if counts.cells.len() < VALUES_KEPT { 0 } else { counts.cells.values().min().copied().unwrap_or(0) };
            share(least.min(other))
        };
        let shares = self.recent.iter().filter_map(|night| night.column(market, column)).map(unseen);
        shares.reduce(f64::max)
    }

    /// Whether one of the last nights had the value.
    pub(super) fn had(&self, market: Option<Market>, column: &Column, cell: &super::profile::Cell) -> bool {
        let nights = self.recent.iter().chain(&self.seasonal);
        nights.filter_map(|night| night.column(market, column)).any(|counts| counts.cells.contains_key(cell))
    }
}
