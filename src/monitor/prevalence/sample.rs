//! Drawn items, and their rows weighted to tonight's views.

use std::collections::BTreeMap;

use super::SampledRow;
use super::tally::{AGES, Cut, PrevalenceTally, Said, ViewWindow, Views};
use crate::units::{ContentType, Id, Market};

/// Rows of a market without which an age group is joined with its neighbours.
const LEAST_ROWS: usize = 30;

/// One draw of an item.
#[derive(Debug, Clone, PartialEq)]
pub struct SampledDraw {
    /// Days from the one on which it was decided to tonight's; at least 1 but where a market's day has not ended.
    pub days_ago: i32,
    /// π, in (0, 1].
    pub inclusion: f64,
    /// Whether the model cannot have learned of it: it was decided after the model was trained, and nothing of the item before.
    pub is_fresh: bool,
    /// Whether the item was found violating, by subject; `None` where nothing was said.
    pub found: Vec<Option<bool>>,
}

/// One of tonight's items that was drawn in the last 28 days.
#[derive(Debug, Clone, PartialEq)]
pub struct SampledItem {
    /// The item: rows are summed in this order.
    pub content_id: Id,
    /// Market.
    pub market: Market,
    /// Kind of content.
    pub content_type: ContentType,
    /// Category.
    pub category: Option<Id>,
    /// The seller, or another number where it has none.
    pub cluster: u64,
    /// By `age_group`.
    pub age: usize,
    /// Views.
    pub views: Views,
    /// By subject.
    pub said: Vec<Said>,
    /// Its draws.
    pub draws: Vec<SampledDraw>,
}

impl SampledItem {
    /// What the model says of it; the outer `None` where the subject is not of its content type.
    pub(super) fn predicted(&self, subject: usize) -> Option<Said> {
        self.said.get(subject).copied().filter(|said| *said != Said::OutOfScope)
    }

    /// The item's draws of the last `days` days that say something of `subject`.
    pub(super) fn said_of(&self, subject: usize, days: i32) -> impl Iterator<Item = (&SampledDraw, bool)> {
        let draws = self.draws.iter().filter(move |draw| draw.days_ago <= days && draw.inclusion > 0.0);
        draws.filter_map(move |draw| Some((draw, draw.found.get(subject).copied().flatten()?)))
    }
}

/// A drawn item and the numbers of the cuts that it lies in, its market's second.
pub(super) struct Placed<'a> {
    pub item: &'a SampledItem,
    cuts: Vec<usize>,
}

/// The items beside those of their cuts that are `told`, by cluster, which rows are summed by, then in their order.
pub(super) fn place<'a>(items: &'a [SampledItem], told: &[(&Cut, usize)]) -> Vec<Placed<'a>> {
    let cuts = |item: &SampledItem| {
        let all = Cut::all_of(item.market, item.content_type, item.category.as_ref());
        all.filter_map(|cut| told.binary_search_by(|(other, _)| (*other).cmp(&cut)).ok())
            .filter_map(|at| Some(told.get(at)?.1))
            .collect()
    };
    let mut placed: Vec<Placed<'a>> = items.iter().map(|item| Placed { item, cuts: cuts(item) }).collect();
    placed.sort_by_key(|placed| placed.item.cluster);
    placed
}

/// The rows of one subject by number of the cut, in the order of `items`; none of cuts that are not told.
pub(super) fn rows_by_cut(
    items: &[Placed<'_>],
    tally: &PrevalenceTally,
    (subject, window, days): (usize, ViewWindow, i32),
) -> Vec<Vec<SampledRow>> {
    let mut of_market: BTreeMap<usize, Vec<(&Placed<'_>, SampledRow)>> = BTreeMap::new();
    for placed in items {
        let (item, views) = (placed.item, placed.item.views.of(window));
        let (Some(said), Some(market)) = (item.predicted(subject), placed.cuts.get(1)) else { continue };
        let predicted = if let Said::Probability(p) = said { Some(p) } else { None };
        for (draw, violating) in item.said_of(subject, days).filter(|_| views > 0) {
            let weight = views as f64 / draw.inclusion;
            let row = SampledRow { violating, predicted, weight, inclusion: draw.inclusion, cluster: item.cluster };
            of_market.entry(*market).or_default().push((placed, row));
        }
    }
    let mut found = vec![Vec::new(); tally.len()];
    for (market, rows) in of_market {
        let Some(cell) = tally.cell(market, subject, window) else { continue };
        let factors = age_factors(&rows, &cell.ages);
        for (placed, mut row) in rows {
            row.weight *= factors.get(placed.item.age).copied().unwrap_or(1.0);
            for cut in &placed.cuts {
                if let Some(of) = found.get_mut(*cut) {
                    of.push(row);
                }
            }
        }
    }
    found
}

/// What the rows of each age group are multiplied with to stand for `views`. Groups with few rows are joined with older ones.
fn age_factors(rows: &[(&Placed<'_>, SampledRow)], views: &[u64; AGES]) -> [f64; AGES] {
    let mut factors = [0.0; AGES];
    let of_age = |age: usize| rows.iter().filter(move |(placed, _)| placed.item.age == age);
    let mut groups: Vec<(Vec<usize>, usize)> = Vec::new();
    let mut open: (Vec<usize>, usize) = Default::default();
    for age in 0..AGES {
        open.0.push(age);
        open.1 += of_age(age).count();
        if open.1 >= LEAST_ROWS {
            groups.push(std::mem::take(&mut open));
        }
    }
    match groups.last_mut() {
        Some(last) => last.0.append(&mut open.0),
        None => groups.push(open),
    }
    for (ages, _) in groups {
        let known: f64 = ages.iter().filter_map(|age| views.get(*age)).map(|views| *views as f64).sum();
        let drawn: f64 = ages.iter().flat_map(|age| of_age(*age)).map(|(_, row)| row.weight).sum();
        for age in ages {
            if let Some(factor) = factors.get_mut(age).filter(|_| drawn > 0.0) {
                *factor = known / drawn;
            }
        }
    }
    factors
}
