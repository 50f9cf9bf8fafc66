//! The weekly grid of the globals, read by markets whose midnights differ.
//!
//! Rate priors and mean views mix markets, so a fact may count from a grid date on only if it was known at the first midnight at which
//! that date begins anywhere in the project: a market further east must not read what one further west had not lived yet.

use std::collections::HashMap;

use crate::units::{AsOf, Day, Market, Timestamp, Zones};

/// The first Monday after `day`.
pub(super) fn monday_after(day: Day) -> Day {
    day.week_start().plus(7)
}

/// What was known of a market at the first midnight of each grid date.
pub(super) struct Grid<'a> {
    zones: &'a Zones,
    known: HashMap<(Market, Day), AsOf>,
}

impl<'a> Grid<'a> {
    /// A grid over `zones`.
    pub(super) fn new(zones: &'a Zones) -> Self {
        Self { zones, known: HashMap::new() }
    }

    /// The moment of grid date `date` in `market`: the first midnight of that date anywhere, and the last day that has begun by
    /// then in this market.
    pub(super) fn at(&mut self, market: Market, date: Day) -> AsOf {
        let zones = self.zones;
        *self.known.entry((market, date)).or_insert_with(|| {
            let instant = zones.earliest(date);
            AsOf { day: zones.day_of(market, instant), instant }
        })
    }

    /// The grid date from which a fact of `day` in `market` counts.
    pub(super) fn of_day(&mut self, market: Market, day: Day, ingested: Option<Timestamp>) -> Day {
        let known = ingested.map_or(day, |at| day.max(self.zones.day_of(market, at)));
        let mut date = monday_after(known);
        while !self.at(market, date).knows_day(day, ingested) {
            date = date.plus(7);
        }
        date
    }

    /// The grid date from which a fact counts that was known from `known` on.
    pub(super) fn of_instant(&mut self, market: Market, known: Timestamp) -> Day {
        let mut date = monday_after(self.zones.day_of(market, known));
        while self.at(market, date).instant <= known {
            date = date.plus(7);
        }
        date
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_sunday_counts_on_monday_where_it_ends_first_and_a_week_later_elsewhere() {
        let (east, west): (Market, Market) = ("SG".parse().unwrap(), "US".parse().unwrap());
        let names = BTreeMap::from([(east, "Asia/Singapore".to_owned()), (west, "America/New_York".to_owned())]);
        let zones = Zones::new("Asia/Singapore", &names).unwrap();
        let mut grid = Grid::new(&zones);
        let day = |t: &str| t.parse::<Day>().unwrap();
        let (sunday, monday) = (day("2026-03-22"), day("2026-03-23"));
        assert_eq!(grid.of_day(east, sunday, None), monday);
        // It is still Sunday noon in New York when Monday begins in Singapore.
        assert_eq!(grid.of_day(west, sunday, None), monday.plus(7));
        assert_eq!(grid.of_day(west, sunday.plus(-1), None), monday);
        let late = Timestamp::parse("2026-03-24", chrono_tz::Tz::UTC).unwrap();
        assert_eq!(grid.of_day(east, sunday, Some(late)), monday.plus(7));

        let instant = |t: &str| Timestamp::parse(t, chrono_tz::Tz::UTC).unwrap();
        // Monday begins in Singapore at 16:00 UTC; an instant before it counts everywhere, one at it a week later.
        for market in [east, west] {
            assert_eq!(grid.of_instant(market, instant("2026-03-22T15:59:59Z")), monday);
            assert_eq!(grid.of_instant(market, instant("2026-03-22T16:00:00Z")), monday.plus(7));
        }
    }
}
