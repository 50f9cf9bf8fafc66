//! What is known of the links of a batch's items: copies, rings, creators; and the days that its markets know nothing of.
//!
//! Input: the rows of a batch and their sellers. Output: views as known at each row's midnight, computed once for all rows that share
//! one.

use super::*;

/// What a creator looked like at one midnight, computed once for all its items.
pub(super) struct CreatorState {
    pub(super) view: CreatorView,
    pub(super) windows: Option<Vec<f32>>,
}

/// What was known of the links of a batch.
pub(super) struct Links {
    pub(super) duplicates: DuplicateStates,
    /// Of each item of the rows' sellers, by its place in the shard, which versions have something to compare.
    pub(super) comparable: BTreeMap<usize, Vec<bool>>,
    pub(super) rings: RingStates,
    pub(super) creators: BTreeMap<(u64, Market, AsOf), CreatorState>,
    pub(super) unknown_days: UnknownDays,
}

impl ItemBuilder<'_> {
    /// What was known of the links of the rows' items and sellers.
    pub(super) fn links(&self, rows: &[(usize, SpineRow)], sellers: &[(&Id, AsOf)]) -> Links {
        let own = rows.iter().map(|(_, row)| (key_of(&self.shard.contents[row.content].0), row.as_of));
        let sold =
            sellers.iter().flat_map(|(id, as_of)| self.shard.items_of(id, *as_of).map(|(_, item, _)| (key_of(item), *as_of)));
        let items: Vec<(u64, AsOf)> = own.chain(sold).collect();
        let unknown_days = self.unknown_days(rows, sellers);
        let sold_by: BTreeSet<&Id> = sellers.iter().map(|(id, _)| *id).collect();
        let sellers: Vec<(u64, AsOf)> = sellers.iter().map(|(id, as_of)| (key_of(id), *as_of)).collect();
        let creators: BTreeSet<(u64, Market, AsOf)> = rows.iter().filter_map(|(_, row)| self.creator_key(row)).collect();
        let creators: Vec<(u64, Market, AsOf)> = creators.into_iter().collect();
        let states = creators.par_iter().filter_map(|key| {
            let (id, market, as_of) = *key;
            let view = self.cross.creators.at(id, as_of)?;
            let windows = self.creator_windows(self.cross.creators.rows(id), market, as_of);
            Some((*key, CreatorState { view, windows }))
        });
        let creators: Vec<((u64, Market, AsOf), CreatorState)> = states.collect();
        let duplicates = self.cross.duplicates.states(&items);
        Links {
            comparable: self.comparable(&duplicates, &sold_by),
            duplicates,
            rings: self.cross.rings.states(&sellers),
            creators: creators.into_iter().collect(),
            unknown_days,
        }
    }

    /// The creator of an item that was there, as far as it was known.
    pub(super) fn creator_of(&self, row: &SpineRow) -> Option<&Id> {
        creator_at(&self.shard.contents[row.content].1, row.as_of).filter(|creator| !row.same_day && !creator.is_empty())
    }

    /// The creator of a row, the market whose days its life is counted in, and the midnight.
    pub(super) fn creator_key(&self, row: &SpineRow) -> Option<(u64, Market, AsOf)> {
        Some((key_of(self.creator_of(row)?), self.shard.contents[row.content].1.first()?.market, row.as_of))
    }

    /// What was known of the row's creator. One with a single item is not among the links: the item says all that is known of it.
    pub(super) fn creator(&self, row: &SpineRow, links: &Links) -> Option<CreatorView> {
        let known = links.creators.get(&self.creator_key(row)?).map(|state| state.view);
        let view = known.or_else(|| Creators::alone(&self.shard.contents[row.content].1, row.as_of))?;
        let decisions = self.presence.has(TableName::Decisions);
        let of_decisions = |n: Option<u32>| n.filter(|_| decisions);
        Some(CreatorView {
            violating_items: of_decisions(view.violating_items),
            decided_items: of_decisions(view.decided_items),
            ..view
        })
    }

    /// The windows over what a creator published, its days those of the row's `market`, whose midnight it is.
    pub(super) fn creator_windows(
        &self,
        items: impl Iterator<Item = CreatorItem>,
        market: Market,
        as_of: AsOf,
    ) -> Option<Vec<f32>> {
        self.reads(WindowEntity::Creator, TableName::Content).then(|| {
            let items: Vec<CreatorItem> = items.collect();
            let known = items.iter().filter(|item| item.known < as_of.instant);
            let since = known.map(|item| item.published_at).min().map(|at| self.zones.day_of(market, at));
            let rows = EntityRows::of_creator(items.into_iter()).living(since, &[]);
            let priors = self.windows.configured_priors();
            let moment = WindowMoment { as_of, published_at: as_of.instant, priors: &priors };
            let mut values = Vec::new();
            self.windows.add_values(WindowEntity::Creator, &rows.rows(), moment, &mut values);
            values
        })
    }

    /// What was known of the ring of the row's seller.
    pub(super) fn ring(&self, content: &ContentRow, row: &SpineRow, links: &Links) -> Option<RingView> {
        let seller = content.seller_id.as_ref().filter(|seller| !row.same_day && !seller.is_empty())?;
        let view = links.rings.get(key_of(seller), row.as_of)?;
        Some(RingView {
            actioned: view.actioned.filter(|_| self.presence.has(TableName::Actions)),
            violating: view.violating.filter(|_| self.presence.has(TableName::Decisions)),
            ..view
        })
    }

    /// Which versions of the sellers' items have something to compare. Texts are read once, whatever the number of midnights, and
    /// bodies only where the title alone is not enough.
    fn comparable(&self, duplicates: &DuplicateStates, sellers: &BTreeSet<&Id>) -> BTreeMap<usize, Vec<bool>> {
        let sold = sellers.iter().filter_map(|id| self.shard.sellers.get(*id)).flat_map(|s| s.items.iter().copied());
        let places: BTreeSet<usize> = sold.collect();
        let can_compare = |v: &ContentRow| {
            duplicates.can_compare(v, || part_of(v.title.as_deref())) || duplicates.can_compare(v, || text_of(v))
        };
        let of = |at: usize| (at, self.shard.contents[at].1.versions.iter().map(can_compare).collect());
        let known: Vec<(usize, Vec<bool>)> = places.into_par_iter().map(of).collect();
        known.into_iter().collect()
    }

    /// Whether the item at `at` had a copy at `as_of`, or its version `in_force` has something to compare.
    fn is_compared(&self, at: usize, id: &Id, in_force: &ContentRow, as_of: AsOf, links: &Links) -> bool {
        let can_compare = || {
            let version = self.shard.contents[at].1.versions.iter().position(|version| std::ptr::eq(version, in_force))?;
            links.comparable.get(&at)?.get(version).copied()
        };
        links.duplicates.get(key_of(id), as_of).is_some() || can_compare().unwrap_or(false)
    }

    /// Of the seller's items known at `as_of` that have something to compare, the share that are copies of another seller's.
    pub(super) fn copy_share(&self, seller: &Id, as_of: AsOf, links: &Links) -> Option<f64> {
        let is_copy = |id| links.duplicates.get(key_of(id), as_of).is_some_and(|view| view.is_copy);
        let items = self.shard.items_of(seller, as_of);
        let compared = items.filter(|(at, id, in_force)| self.is_compared(*at, id, in_force, as_of, links));
        let (copies, all) = compared.fold((0_u32, 0_u32), |(c, n), (_, id, _)| (c + u32::from(is_copy(id)), n + 1));
        (all > 0).then(|| f64::from(copies) / f64::from(all))
    }
}
