//! What is kept of an item: a bounded sample of each market's suspicious items, of both windows, and of its background.

use std::collections::BTreeMap;

use crate::units::{Id, Market, stable_hash};

/// Never change: which items stand for a night depends on it.
const SEED: u64 = 0x7472_656e_6473;

/// Characters of a text that are looked at.
const MOST_CHARS: usize = 500;

/// One item of tonight's scope.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendItem<'a> {
    /// The item.
    pub content_id: &'a Id,
    /// Where.
    pub market: Market,
    /// Who stands behind it: its seller, else its creator, else the item itself.
    pub author: &'a str,
    /// Whole days between its publication and the midnight, from 0.
    pub age_days: u32,
    /// The text as `text::TextProfile` normalises it.
    pub normalised: &'a str,
    /// Title as written.
    pub title: &'a str,
    /// Body as written.
    pub body: &'a str,
    /// The cluster of copies that it lies in.
    pub cluster: Option<u64>,
    /// Views so far.
    pub views: u64,
    /// Reports, refunds and hides so far.
    pub complaints: u64,
    /// It scores low, though people complain of it.
    pub is_suspicious: bool,
}

/// What is kept of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Held {
    pub content_id: Id,
    pub author: u64,
    pub age_days: u32,
    pub normalised: String,
    /// Title and body in lower case, each as a policy's condition reads it.
    pub fields: [String; 2],
    pub cluster: Option<u64>,
    pub views: u64,
    pub complaints: u64,
}

impl Held {
    fn of(item: &TrendItem<'_>) -> Self {
        let lower = |text: &str| head(text).to_lowercase();
        Self {
            content_id: item.content_id.clone(),
            author: stable_hash(SEED, item.author),
            age_days: item.age_days,
            normalised: head(item.normalised).to_owned(),
            fields: [lower(item.title), lower(item.body)],
            cluster: item.cluster,
            views: item.views,
            complaints: item.complaints,
        }
    }
}

/// The first characters of `text`.
fn head(text: &str) -> &str {
    text.char_indices().nth(MOST_CHARS).map_or(text, |(end, _)| text.get(..end).unwrap_or(text))
}

/// The items of smallest hash: the same ones, in whatever order all are added.
#[derive(Debug, Default)]
pub(super) struct Sample {
    most: usize,
    kept: BTreeMap<(u64, Id), Held>,
    /// All that were added.
    pub n: u64,
}

impl Sample {
    pub(super) fn new(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    pub(super) fn add(&mut self, item: &TrendItem<'_>) {
        self.n += 1;
        let hash = stable_hash(SEED, item.content_id);
        if self.kept.len() >= self.most && self.kept.last_key_value().is_some_and(|((last, _), _)| hash > *last) {
            return;
        }
        self.kept.insert((hash, item.content_id.clone()), Held::of(item));
        if self.kept.len() > self.most {
            self.kept.pop_last();
        }
    }

    /// The kept ones, by hash.
    pub(super) fn into_items(self) -> Vec<Held> {
        self.kept.into_values().collect()
    }

    /// The share of all that is kept.
    pub(super) fn share(&self) -> f64 {
        if self.n == 0 { 1.0 } else { self.kept.len() as f64 / self.n as f64 }
    }
}
