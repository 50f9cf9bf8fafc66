//! Clusters as they were at a midnight.

use std::ops::Range;

use rayon::prelude::*;

use super::forest::Forest;
use super::records::{ItemRecord, Standing, Version};
use super::{is_comparable, media_key};
use crate::dataset::cross_seller::key_of;
use crate::dataset::shard::{ContentHistory, known_from};
use crate::features::DuplicateView;
use crate::files::FilesError;
use crate::tables::ContentRow;
use crate::units::{AsOf, Id, Timestamp};

/// The links, exact at any midnight.
#[derive(Debug, Default)]
pub struct Duplicates {
    /// The items that have links; those of a cluster, at whatever time, are neighbours.
    members: Vec<Member>,
    /// Places of members, by their key.
    by_key: Vec<u32>,
    versions: Vec<Version>,
    decisions: Vec<Standing>,
    min_chars: usize,
}

/// An item that has links.
#[derive(Debug, Clone, Copy)]
struct Member {
    key: u64,
    /// From when on it was connected to the next one.
    link: Timestamp,
    first_seen: Timestamp,
    versions: Span,
    decisions: Span,
}

/// Where the rows of a member stand.
#[derive(Debug, Clone, Copy, Default)]
struct Span {
    start: u32,
    len: u32,
}

/// What was known of some keys at some midnights.
#[derive(Debug, Default)]
pub struct DuplicateStates {
    /// By key and midnight.
    views: Vec<((u64, Timestamp), DuplicateView)>,
    min_chars: usize,
}

/// A cluster before a midnight, and the members that are asked for.
struct Cluster<'a> {
    members: Range<usize>,
    asked: &'a [(Timestamp, usize)],
}

/// What is known of a member before a midnight.
struct Seen {
    key: u64,
    first: Timestamp,
    owner: u64,
    text: u64,
    media: u64,
    decided: bool,
    violating: bool,
}

/// When an item was first known and published.
pub(super) fn first_seen(history: &ContentHistory) -> Option<Timestamp> {
    history.first().map(|first| known_from(first).max(first.published_at))
}

impl Duplicates {
    /// The clusters of `forest`, with what `items` say of their members.
    pub(super) fn new(
        forest: Forest,
        items: impl Iterator<Item = Result<ItemRecord, FilesError>>,
        min_chars: usize,
    ) -> Result<Self, FilesError> {
        let unknown = Timestamp(i64::MAX);
        let member = |leaf: super::forest::Leaf| Member {
            key: leaf.item,
            link: leaf.link,
            first_seen: unknown,
            versions: Span::default(),
            decisions: Span::default(),
        };
        let members: Vec<Member> = forest.leaves().into_iter().map(member).collect();
        let mut by_key: Vec<u32> = (0..u32::try_from(members.len()).unwrap_or(u32::MAX)).collect();
        by_key.sort_unstable_by_key(|at| members[*at as usize].key);
        let mut duplicates = Self { members, by_key, versions: Vec::new(), decisions: Vec::new(), min_chars };
        for item in items {
            let item = item?;
            if let Some(at) = duplicates.place(item.item()) {
                let versions = append(&mut duplicates.versions, item.versions());
                let decisions = append(&mut duplicates.decisions, item.decisions());
                let member = &mut duplicates.members[at];
                (member.first_seen, member.versions, member.decisions) = (item.first_seen(), versions, decisions);
            }
        }
        duplicates.versions.shrink_to_fit();
        duplicates.decisions.shrink_to_fit();
        Ok(duplicates)
    }

    /// Items that have links.
    #[must_use]
    pub fn n_members(&self) -> usize {
        self.members.len()
    }

    /// Bytes in memory.
    #[must_use]
    pub fn n_bytes(&self) -> usize {
        size_of_val(&*self.members) + size_of_val(&*self.by_key) + size_of_val(&*self.versions) + size_of_val(&*self.decisions)
    }

    /// What was known of each of `keys` (an item's hash, and a midnight). Each cluster is looked at once for each midnight: linear in
    /// its members, up to sorting.
    #[must_use]
    pub fn states(&self, keys: &[(u64, AsOf)]) -> DuplicateStates {
        let mut asked: Vec<(Timestamp, usize)> =
            keys.iter().filter_map(|(key, as_of)| Some((as_of.instant, self.place(*key)?))).collect();
        asked.sort_unstable();
        asked.dedup();
        let clusters = self.clusters(&asked);
        let mut views: Vec<_> = clusters.par_iter().flat_map_iter(|cluster| self.views(cluster)).collect();
        views.sort_unstable_by_key(|(key, _)| *key);
        DuplicateStates { views, min_chars: self.min_chars }
    }

    /// The cluster of each of `items` before its midnight, by the key of its first member; `None` for an item that had no copy.
    #[must_use]
    pub fn clusters_of(&self, items: &[(&Id, AsOf)]) -> Vec<Option<u64>> {
        let keys: Vec<(u64, AsOf)> = items.iter().map(|(id, as_of)| (key_of(id), *as_of)).collect();
        let states = self.states(&keys);
        let cluster = |(key, as_of): &(u64, AsOf)| states.get(*key, *as_of).filter(|view| view.size > 1).map(|view| view.cluster);
        keys.iter().map(cluster).collect()
    }

    /// The keys of all that were connected to `key` before the midnight, itself included; none without copies.
    pub(in crate::dataset::cross_seller) fn members_with(&self, key: u64, as_of: AsOf) -> Vec<u64> {
        let run = self.place(key).map(|place| self.run(place, as_of.instant)).filter(|run| run.len() > 1);
        run.and_then(|run| self.members.get(run)).unwrap_or_default().iter().map(|member| member.key).collect()
    }

    /// The place of the member `key`.
    fn place(&self, key: u64) -> Option<usize> {
        let found = self.by_key.binary_search_by_key(&key, |at| self.members[*at as usize].key).ok()?;
        self.by_key.get(found).map(|at| *at as usize)
    }

    /// The clusters of two or more that `asked`, which is sorted, lie in.
    fn clusters<'a>(&self, asked: &'a [(Timestamp, usize)]) -> Vec<Cluster<'a>> {
        let mut clusters = Vec::new();
        let mut from = 0;
        while let Some(&(instant, place)) = asked.get(from) {
            let members = self.run(place, instant);
            let n = asked[from..].iter().take_while(|(at, place)| *at == instant && members.contains(place)).count();
            if members.len() > 1 {
                clusters.push(Cluster { members, asked: &asked[from..from + n] });
            }
            from += n;
        }
        clusters
    }

    /// The members that were connected to that at `place` before `instant`.
    fn run(&self, place: usize, instant: Timestamp) -> Range<usize> {
        let linked = |member: &&Member| member.link < instant;
        let before = self.members[..place].iter().rev().take_while(linked).count();
        let after = self.members[place..].iter().take_while(linked).count();
        place - before..place + after + 1
    }

    /// The views of the members asked for.
    fn views(&self, cluster: &Cluster<'_>) -> Vec<((u64, Timestamp), DuplicateView)> {
        let Some(&(instant, _)) = cluster.asked.first() else { return Vec::new() };
        let seen: Vec<Seen> = self.members[cluster.members.clone()].iter().map(|m| self.seen(m, instant)).collect();
        let counts = Counts::of(&seen, instant);
        let view = |(_, place): &(Timestamp, usize)| {
            let member = &seen[place - cluster.members.start];
            ((member.key, instant), counts.view(member))
        };
        cluster.asked.iter().map(view).collect()
    }

    /// A member as it was known: its version in force, and the decisions that stood. Being linked, it had a known version.
    fn seen(&self, member: &Member, instant: Timestamp) -> Seen {
        let versions = rows(&self.versions, member.versions);
        let version = versions.iter().rev().find(|version| version.from < instant);
        let standing = || rows(&self.decisions, member.decisions).iter().filter(|decision| decision.holds(instant));
        Seen {
            key: member.key,
            first: member.first_seen,
            owner: version.map_or(member.key, |v| v.owner),
            text: version.map_or(0, |v| v.text),
            media: version.map_or(0, |v| v.media),
            decided: standing().next().is_some(),
            violating: standing().any(|decision| decision.violating),
        }
    }
}

impl DuplicateStates {
    /// What was known of `key` at `as_of`, which `states` was asked for; `None` when it had no copies then.
    #[must_use]
    pub fn get(&self, key: u64, as_of: AsOf) -> Option<DuplicateView> {
        let found = self.views.binary_search_by_key(&(key, as_of.instant), |(at, _)| *at).ok()?;
        self.views.get(found).map(|(_, view)| *view)
    }

    /// The same, an item without copies standing alone; `None` when it has neither text enough nor media to compare. `normalised`
    /// is the text of its version in force.
    #[must_use]
    pub fn view(&self, key: u64, as_of: AsOf, history: &ContentHistory, normalised: &str) -> Option<DuplicateView> {
        self.get(key, as_of).or_else(|| {
            let version = history.version_at(as_of)?;
            self.can_compare(version, || normalised).then(|| DuplicateView {
                cluster: key,
                size: 1,
                sellers: 1,
                same_seller: 1,
                exact: u32::from(!normalised.is_empty()),
                same_media: u32::from(media_key(version) != 0),
                ..DuplicateView::default()
            })
        })
    }

    /// Whether a version has media or text enough to compare. `normalised` makes its text, where that decides.
    #[must_use]
    pub fn can_compare<T: AsRef<str>>(&self, version: &ContentRow, normalised: impl FnOnce() -> T) -> bool {
        media_key(version) != 0 || is_comparable(normalised().as_ref(), self.min_chars)
    }
}

/// What is counted once for all members of a cluster. Every list is sorted.
struct Counts {
    instant: Timestamp,
    cluster: u64,
    /// Members first seen in the last 7 days.
    recent: u32,
    owners: Vec<u64>,
    sellers: u32,
    texts: Vec<u64>,
    media: Vec<u64>,
    /// When the members were first seen, and how many of them up to each were decided and violating.
    firsts: Vec<Timestamp>,
    decided: Vec<u32>,
    violating: Vec<u32>,
    /// The owners of those that were first of all, each once.
    first_owners: Vec<u64>,
}

impl Counts {
    fn of(seen: &[Seen], instant: Timestamp) -> Self {
        let sorted = |field: fn(&Seen) -> u64| {
            let mut values: Vec<u64> = seen.iter().map(field).collect();
            values.sort_unstable();
            values
        };
        let mut order: Vec<&Seen> = seen.iter().collect();
        order.sort_unstable_by_key(|s| (s.first, s.key));
        let running = |flag: fn(&Seen) -> bool| {
            let count = order.iter().scan(0, |n, s| {
                *n += u32::from(flag(s));
                Some(*n)
            });
            count.collect()
        };
        let owners = sorted(|s| s.owner);
        let earliest = order.first().map(|s| s.first);
        let mut first_owners: Vec<u64> = order.iter().take_while(|s| Some(s.first) == earliest).map(|s| s.owner).collect();
        first_owners.sort_unstable();
        first_owners.dedup();
        Self {
            instant,
            cluster: order.first().map_or(0, |s| s.key),
            recent: count(seen.iter().filter(|s| is_recent(s, instant)).count()),
            sellers: count(owners.chunk_by(|a, b| a == b).count()),
            owners,
            texts: sorted(|s| s.text),
            media: sorted(|s| s.media),
            decided: running(|s| s.decided),
            violating: running(|s| s.violating),
            first_owners,
            firsts: order.iter().map(|s| s.first).collect(),
        }
    }

    fn view(&self, member: &Seen) -> DuplicateView {
        let earlier = self.firsts.partition_point(|first| *first < member.first);
        let up_to = |running: &[u32]| earlier.checked_sub(1).and_then(|last| running.get(last)).copied().unwrap_or(0);
        DuplicateView {
            cluster: self.cluster,
            size: count(self.firsts.len()),
            others_7d: self.recent.saturating_sub(u32::from(is_recent(member, self.instant))),
            sellers: self.sellers,
            same_seller: occurrences(&self.owners, member.owner),
            exact: if member.text == 0 { 0 } else { occurrences(&self.texts, member.text) },
            same_media: if member.media == 0 { 0 } else { occurrences(&self.media, member.media) },
            rank: count(earlier),
            days_after_first: self.firsts.first().map_or(0.0, |first| member.first.days_since(*first)),
            is_copy: earlier > 0 && self.first_owners.binary_search(&member.owner).is_err(),
            decided_before: up_to(&self.decided),
            violating_before: up_to(&self.violating),
        }
    }
}

/// Whether a member was first seen in the 7 days before `instant`.
fn is_recent(member: &Seen, instant: Timestamp) -> bool {
    instant.days_since(member.first) <= 7.0
}

/// How often `value` stands in a sorted list.
fn occurrences(sorted: &[u64], value: u64) -> u32 {
    count(sorted.partition_point(|v| *v <= value) - sorted.partition_point(|v| *v < value))
}

fn rows<T>(all: &[T], span: Span) -> &[T] {
    all.get(span.start as usize..span.start as usize + span.len as usize).unwrap_or_default()
}

fn append<T>(all: &mut Vec<T>, rows: impl Iterator<Item = T>) -> Span {
    let start = all.len();
    all.extend(rows);
    Span { start: count(start), len: count(all.len() - start) }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
