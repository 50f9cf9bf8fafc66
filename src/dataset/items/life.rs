//! From when on an item or a seller was there, and of which days before a midnight its engagement is not known.
//!
//! An item without a row on a day was not shown, provided that the day's rows of its market have arrived at all.

use super::*;

/// The days before each midnight of which no engagement had arrived, by market: once for all rows of a batch.
pub(super) struct UnknownDays(BTreeMap<(Market, AsOf), Vec<Day>>);

impl UnknownDays {
    /// Those of one market.
    fn of(&self, market: Market, as_of: AsOf) -> &[Day] {
        self.0.get(&(market, as_of)).map(Vec::as_slice).unwrap_or_default()
    }

    /// Those of the markets together: a day has arrived once it has in one of them.
    fn of_all(&self, markets: &BTreeSet<Market>, as_of: AsOf) -> Cow<'_, [Day]> {
        let mut markets = markets.iter();
        let first = markets.next().map_or(&[][..], |market| self.of(*market, as_of));
        markets.fold(Cow::Borrowed(first), |days, market| {
            let others = self.of(*market, as_of);
            Cow::Owned(days.iter().copied().filter(|day| others.binary_search(day).is_ok()).collect())
        })
    }
}

impl ItemBuilder<'_> {
    /// Those of the markets of the rows and of their sellers' items.
    pub(super) fn unknown_days(&self, rows: &[(usize, SpineRow)], sellers: &[(&Id, AsOf)]) -> UnknownDays {
        let longest = self.windows.longest_engagement();
        let own = rows.iter().filter_map(|(_, row)| Some((self.shard.contents[row.content].1.first()?.market, row.as_of)));
        let sold = sellers.iter().flat_map(|(id, as_of)| {
            let items = self.shard.sellers.get(*id).into_iter().flat_map(|seller| &seller.items);
            items.filter_map(|at| Some((self.shard.contents[*at].1.first()?.market, *as_of)))
        });
        let pairs: BTreeSet<(Market, AsOf)> = own.chain(sold).collect();
        let days = |(market, as_of)| ((market, as_of), self.globals.unknown_days(market, as_of, longest));
        UnknownDays(pairs.into_iter().map(days).collect())
    }

    /// The day on which an item was published, and the days of which its engagement is not known.
    pub(super) fn life<'a>(&self, item: &ContentHistory, as_of: AsOf, unknown: &'a UnknownDays) -> (Option<Day>, &'a [Day]) {
        let Some(first) = item.first() else { return (None, &[]) };
        (Some(self.zones.day_of(first.market, first.published_at)), unknown.of(first.market, as_of))
    }

    /// The day on which the first of a seller's items was published, and the days of which the engagement of all is not known.
    pub(super) fn life_of_seller<'a>(
        &self,
        items: &[&ContentHistory],
        as_of: AsOf,
        unknown: &'a UnknownDays,
    ) -> (Option<Day>, Cow<'a, [Day]>) {
        let firsts = || items.iter().filter_map(|item| item.first());
        let since = firsts().map(|first| self.zones.day_of(first.market, first.published_at)).min();
        (since, unknown.of_all(&firsts().map(|first| first.market).collect(), as_of))
    }
}
