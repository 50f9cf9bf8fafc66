//! A case: one item, or the near duplicates of one market that one look decides.

use std::collections::{BTreeMap, BTreeSet};

use super::item::QueueItem;
use crate::config::QueueConfig;
use crate::units::{AsOf, Id, Timestamp};

/// What a reviewer is given as one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Case {
    /// The member with the most expected harm; of equals, the first by identifier.
    pub(super) representative: QueueItem,
    /// The members with the most expected harm, the representative among them, bounded.
    members: BTreeSet<Member>,
    /// How many members there are.
    pub(super) size: u64,
    /// Σ expected harm over all members.
    pub(super) harm: f64,
    /// Thousandths of a minute.
    pub(super) minutes: u64,
    /// The longest that a member waits.
    pub(super) waiting_days: f64,
    /// The first that a member was asked for.
    pub(super) asked_since: Option<Timestamp>,
    /// Policies that ask for a member.
    pub(super) asked_by: BTreeSet<String>,
    /// Unanswered reports of all members.
    pub(super) reports: u64,
    /// The highest probability of abuse.
    pub(super) abuse: f64,
}

/// The more harm, the earlier; then by identifier.
#[derive(Debug, Clone, PartialEq)]
struct Member {
    harm: f64,
    content_id: Id,
}

impl Eq for Member {}

impl Ord for Member {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.harm.total_cmp(&self.harm).then_with(|| self.content_id.cmp(&other.content_id))
    }
}

impl PartialOrd for Member {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Case {
    /// A case of one item that takes `minutes`.
    pub(super) fn of(item: QueueItem, minutes: u64, as_of: AsOf) -> Self {
        let harm = item.harm();
        Self {
            members: BTreeSet::from([Member { harm, content_id: item.content_id.clone() }]),
            size: 1,
            harm,
            minutes,
            waiting_days: as_of.instant.days_since(item.since).max(0.0),
            asked_since: item.asked_since(),
            asked_by: item.asked_by.iter().cloned().collect(),
            reports: u64::from(item.reports),
            abuse: item.abuse.unwrap_or(0.0),
            representative: item,
        }
    }

    /// Adds another item's case. Sums are made in the order of the calls.
    fn join(&mut self, other: Self, config: &QueueConfig) {
        if other.members.first() < self.members.first() {
            self.representative = other.representative;
            self.minutes = other.minutes;
        }
        self.members.extend(other.members);
        while self.members.len() > config.max_members {
            self.members.pop_last();
        }
        self.size += other.size;
        self.harm += other.harm;
        self.waiting_days = self.waiting_days.max(other.waiting_days);
        self.asked_since = self.asked_since.into_iter().chain(other.asked_since).min();
        self.asked_by.extend(other.asked_by);
        self.reports += other.reports;
        self.abuse = self.abuse.max(other.abuse);
    }

    /// The listed members, the representative first.
    pub(super) fn members(&self) -> impl Iterator<Item = &Id> {
        self.members.iter().map(|member| &member.content_id)
    }

    /// Counts the further members that a reviewer is shown into the minutes.
    fn with_members(mut self, config: &QueueConfig) -> Self {
        let further = self.members.len().saturating_sub(1) as f64;
        self.minutes = (self.minutes as f64 * (1.0 + config.member_share * further)).round() as u64;
        self
    }
}

/// The cases of near duplicates of one market, as they come together.
#[derive(Debug, Clone, Default)]
pub(super) struct Cases(BTreeMap<u64, Case>);

impl Cases {
    /// Adds an item that lies in `cluster`.
    pub(super) fn add(&mut self, cluster: u64, case: Case, config: &QueueConfig) {
        match self.0.get_mut(&cluster) {
            Some(known) => known.join(case, config),
            None => drop(self.0.insert(cluster, case)),
        }
    }

    /// The cases, complete.
    pub(super) fn finish(self, config: &QueueConfig) -> impl Iterator<Item = Case> {
        self.0.into_values().map(|case| case.with_members(config))
    }
}
