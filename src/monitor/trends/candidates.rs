//! What the items of a sample may have in common: terms, copies, contacts.

use std::collections::BTreeMap;

use super::super::TrendKind;
use super::held::Held;
use super::rising::{author_days, log_odds_z};
use super::terms::terms;
use crate::text::{ContactKind, contact_keys, tokens};
use crate::units::{Market, stable_hash};

/// Items with something in common.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    pub kind: TrendKind,
    /// As it may be shown.
    pub name: String,
    /// Places among the items, ascending.
    pub items: Vec<u32>,
}

/// A market's candidates.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    /// Those of enough items that are worth a test of their own.
    pub list: Vec<Candidate>,
    /// All of enough items: what the false discoveries are counted among.
    pub n_tested: u64,
}

/// The least log-odds of a term, in standard errors, by which suspicious items say it more than the market does.
const LEAST_Z: f64 = 1.96;

const SEED: u64 = 0x0074_6572_6d73;

/// What `items` of `market` have in common, wherever `min_items` share it and at least `min_sellers` author-days lie within the last
/// `recent_days`. What fails the second is counted among the tests, because it was looked at.
pub(super) fn candidates(
    items: &[Held],
    background: &[Held],
    market: Market,
    (min_items, min_sellers, recent_days): (u64, u64, u32),
) -> Candidates {
    let mut groups: BTreeMap<(TrendKind, String), Vec<u32>> = BTreeMap::new();
    let mut put = |kind, name: String, at: usize| {
        let group: &mut Vec<u32> = groups.entry((kind, name)).or_default();
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        if group.last() != Some(&at) {
            group.push(at);
        }
    };
    for (at, item) in items.iter().enumerate() {
        if let Some(cluster) = item.cluster {
            put(TrendKind::Cluster, format!("{cluster:016x}"), at);
        }
        let words: Vec<&str> = tokens(&item.normalised).map(|token| token.text).collect();
        for key in contact_keys(&item.normalised, &words, market) {
            let kind = if key.kind == ContactKind::Url { TrendKind::Domain } else { TrendKind::Handle };
            // Masked values can be alike where the values are not.
            put(kind, format!("{} #{:04x}", key.masked(), key.stable_hash() & 0xffff), at);
        }
    }
    let mut found = Candidates::default();
    let is_recent = |group: &[u32]| {
        let held = group.iter().filter_map(|at| items.get(*at as usize)).filter(|item| item.age_days < recent_days);
        author_days(held.map(|item| (item.author, item.age_days))) >= min_sellers
    };
    for ((kind, name), group) in groups {
        if group.len() as u64 >= min_items {
            found.n_tested += 1;
            if is_recent(&group) {
                found.list.push(Candidate { kind, name, items: group });
            }
        }
    }
    add_terms(items, background, min_items, &is_recent, &mut found);
    found
}

/// Terms are counted by their hash first, so that only those of enough items are held.
fn add_terms(items: &[Held], background: &[Held], min_items: u64, is_recent: &dyn Fn(&[u32]) -> bool, found: &mut Candidates) {
    let mut counts: std::collections::HashMap<u64, u32> = std::collections::HashMap::new();
    for item in items {
        for term in terms(&item.normalised) {
            *counts.entry(stable_hash(SEED, term)).or_default() += 1;
        }
    }
    counts.retain(|_, n| u64::from(*n) >= min_items);
    found.n_tested += counts.len() as u64;
    let mut groups: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (at, item) in items.iter().enumerate() {
        for term in terms(&item.normalised) {
            if counts.contains_key(&stable_hash(SEED, term)) {
                groups.entry(term).or_default().push(u32::try_from(at).unwrap_or(u32::MAX));
            }
        }
    }
    groups.retain(|_, group| is_recent(group));
    let mut said: BTreeMap<&str, u64> = groups.keys().map(|term| (*term, 0)).collect();
    for item in background {
        terms(&item.normalised).into_iter().for_each(|term| {
            if let Some(n) = said.get_mut(term) {
                *n += 1;
            }
        });
    }
    // Terms of the very same items are one: the longest speaks for all.
    let mut distinct: BTreeMap<Vec<u32>, &str> = BTreeMap::new();
    for (term, group) in groups {
        let with_background = said.get(term).copied().unwrap_or(0);
        let z = log_odds_z(group.len() as u64, items.len() as u64, with_background, background.len() as u64);
        if z < LEAST_Z {
            continue;
        }
        let longest = distinct.entry(group).or_insert(term);
        if (term.len(), *longest) > (longest.len(), term) {
            *longest = term;
        }
    }
    found.list.extend(distinct.into_iter().map(|(items, term)| Candidate {
        kind: TrendKind::Term,
        name: term.to_owned(),
        items,
    }));
}
