//! Sums over all of tonight's items, by part of the marketplace and by label.

use std::collections::BTreeMap;

use super::surrogate::{BUCKETS, bucket};
use crate::monitor::ExactSum;
use crate::units::{ContentType, Id, Market};

/// First days of the age groups after the first.
const AGE_EDGES: [f64; 4] = [3.0, 7.0, 14.0, 28.0];

/// Number of age groups.
pub(super) const AGES: usize = AGE_EDGES.len() + 1;

/// The group of an item published so many days ago.
#[must_use]
pub fn age_group(days: f64) -> usize {
    AGE_EDGES.iter().filter(|edge| days >= **edge).count()
}

/// Categories that have figures at most.
const MOST_CATEGORIES: usize = 100;

/// Which views count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ViewWindow {
    /// Of the last 7 whole days.
    Week,
    /// Of the last whole day.
    Day,
}

/// An item's views.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Views {
    /// Of the last 7 whole days.
    pub week: u64,
    /// Of the last of them.
    pub day: u64,
}

impl Views {
    /// Those of `window`.
    #[must_use]
    pub(super) fn of(self, window: ViewWindow) -> u64 {
        match window {
            ViewWindow::Week => self.week,
            ViewWindow::Day => self.day,
        }
    }
}

/// What the model says of an item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Said {
    /// The label is none of its content type's.
    OutOfScope,
    /// Nothing.
    Unscored,
    /// The calibrated probability, in [0, 1].
    Probability(f64),
}

/// One of tonight's items.
#[derive(Debug, Clone, Copy)]
pub struct PopulationRow<'a> {
    /// Market.
    pub market: Market,
    /// Kind of content.
    pub content_type: ContentType,
    /// Category.
    pub category: Option<&'a Id>,
    /// By [`age_group`].
    pub age: usize,
    /// Views.
    pub views: Views,
    /// By subject: every label, then any abuse.
    pub said: &'a [Said],
}

/// A part of the marketplace. What is absent is not cut by.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cut {
    /// Market.
    pub market: Option<Market>,
    /// Content type, always within a market.
    pub content_type: Option<ContentType>,
    /// Category, in all markets.
    pub category: Option<Id>,
}

impl Cut {
    /// The cuts that an item lies in.
    pub(super) fn all_of(market: Market, content_type: ContentType, category: Option<&Id>) -> impl Iterator<Item = Self> {
        let of_market = Self { market: Some(market), ..Self::default() };
        let of_type = Self { content_type: Some(content_type), ..of_market.clone() };
        let of_category = category.map(|id| Self { category: Some(id.clone()), ..Self::default() });
        [Self::default(), of_market, of_type].into_iter().chain(of_category)
    }
}

/// What the items of a cut add up to, for one subject and window.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Cell {
    /// Views by age group.
    pub ages: [u64; AGES],
    /// Views by score bucket.
    pub buckets: [u64; BUCKETS],
    /// Σ V f.
    pub predicted: ExactSum,
    /// Views of items that the model says nothing of.
    pub unscored: u64,
}

impl Cell {
    fn add(&mut self, age: usize, views: u64, said: Said) {
        let saturating = |into: Option<&mut u64>| {
            if let Some(sum) = into {
                *sum = sum.saturating_add(views);
            }
        };
        match said {
            Said::OutOfScope => return,
            Said::Unscored => saturating(Some(&mut self.unscored)),
            Said::Probability(p) => {
                saturating(self.buckets.get_mut(bucket(p)));
                self.predicted.add(views as f64 * p);
            }
        }
        saturating(self.ages.get_mut(age));
    }

    /// Views.
    #[must_use]
    pub(super) fn views(&self) -> f64 {
        self.ages.iter().map(|views| *views as f64).sum()
    }

    /// Σ V f ÷ Σ V; `None` without views, or where some have no prediction.
    #[must_use]
    pub(super) fn mean_predicted(&self) -> Option<f64> {
        let views = self.views();
        (views > 0.0 && self.unscored == 0).then(|| self.predicted.value() / views)
    }
}

/// Sums of all items; the order in which they come changes no sum. Some 260 bytes for each cut and subject.
#[derive(Debug, Clone)]
pub struct PrevalenceTally {
    subjects: usize,
    numbers: BTreeMap<Cut, usize>,
    /// By the cut's number, then by subject: of the week and of the day.
    cells: Vec<Vec<[Cell; 2]>>,
}

impl PrevalenceTally {
    /// Nothing added yet, for so many subjects.
    #[must_use]
    pub fn new(subjects: usize) -> Self {
        Self { subjects, numbers: BTreeMap::new(), cells: Vec::new() }
    }

    /// Adds an item. One without views in the last 7 days weighs nothing.
    pub fn add(&mut self, row: &PopulationRow<'_>) {
        if row.views.week == 0 {
            return;
        }
        for cut in Cut::all_of(row.market, row.content_type, row.category) {
            let number = *self.numbers.entry(cut).or_insert(self.cells.len());
            if number == self.cells.len() {
                self.cells.push(vec![<[Cell; 2]>::default(); self.subjects]);
            }
            let cells = self.cells.get_mut(number).into_iter().flatten();
            for ([week, day], said) in cells.zip(row.said) {
                week.add(row.age, row.views.week, *said);
                day.add(row.age, row.views.day, *said);
            }
        }
    }

    /// The number of `cut`; `None` where no item of it was viewed.
    pub(super) fn number(&self, cut: &Cut) -> Option<usize> {
        self.numbers.get(cut).copied()
    }

    /// The cuts that have figures, with their numbers, in the order of the cuts: of categories the most viewed ones.
    pub(super) fn told(&self) -> Vec<(&Cut, usize)> {
        let views = |number: usize| {
            let cells = self.cells.get(number).into_iter().flatten();
            cells.map(|[week, _]| week.ages.iter().fold(0, |sum: u64, views| sum.saturating_add(*views))).max().unwrap_or(0)
        };
        let is_category = |(cut, _): &(&Cut, usize)| cut.category.is_some();
        let (mut categories, mut cuts): (Vec<_>, Vec<_>) =
            self.numbers.iter().map(|(cut, number)| (cut, *number)).partition(is_category);
        categories.sort_by_cached_key(|(cut, number)| (std::cmp::Reverse(views(*number)), *cut));
        cuts.extend(categories.into_iter().take(MOST_CATEGORIES));
        cuts.sort();
        cuts
    }

    /// How many cuts there are.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// The cell of a cut.
    pub(super) fn cell(&self, cut: usize, subject: usize, window: ViewWindow) -> Option<&Cell> {
        let [week, day] = self.cells.get(cut)?.get(subject)?;
        Some(match window {
            ViewWindow::Week => week,
            ViewWindow::Day => day,
        })
    }
}
