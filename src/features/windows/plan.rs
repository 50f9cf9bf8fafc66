//! Declarations turned into what is summed once and what is made of it.

use std::cell::RefCell;

use super::FIT_DAYS;
use super::column::{Column, Formula, Measured, Place, WindowMoment};
use super::docs::{self, Part};
use super::group::{Group, Measure};
use super::rows::WindowRows;
use super::total::{Total, Totals};
use crate::config::{PriorFit, TableName, WindowDeclaration, WindowEntity, WindowPrior, WindowScale, WindowValue};
use crate::features::{DeclaredDoc, RatePrior, TierPriors};
use crate::units::{AsOf, ContentType};

thread_local! {
    /// The totals of one entity at a time: their memory is used again for the next.
    static SCRATCH: RefCell<Totals> = RefCell::default();
}

/// Everything that the declared windows ask for.
#[derive(Debug, Clone, Default)]
pub struct WindowPlan {
    groups: Vec<(WindowEntity, Group)>,
    columns: Vec<Column>,
    /// The same by entity, as far as values need them.
    by_entity: [Vec<Measured>; 3],
    docs: Vec<DeclaredDoc>,
    rates: Vec<Rate>,
    /// The same rates over `FIT_DAYS` days of an item, from which priors are fitted.
    fits: Vec<Group>,
}

/// A rate that has a prior of its own: windows that only differ in days or entity share one.
#[derive(Debug, Clone, PartialEq)]
struct Rate {
    table: TableName,
    events: Measure,
    chances: Measure,
    prior: WindowPrior,
    /// Where it is fitted: which of `fits`, and where its events and chances stand there.
    fit: Option<(usize, usize, usize)>,
}

/// The values of an item's entities, each as [`WindowPlan::add_values`] made them; `None` where there is no such entity.
#[derive(Debug, Clone, Copy, Default)]
pub struct WindowParts<'a> {
    /// The item's own.
    pub content: Option<&'a [f32]>,
    /// Its seller's.
    pub seller: Option<&'a [f32]>,
    /// Its creator's.
    pub creator: Option<&'a [f32]>,
}

impl WindowPlan {
    /// The plan of `declarations`, whose columns stand in their order.
    #[must_use]
    pub fn compile(declarations: &[WindowDeclaration]) -> Self {
        let mut plan = Self::default();
        for declared in declarations {
            let at = plan.group(declared.entity, declared.table);
            if let Some((_, group)) = plan.groups.get_mut(at) {
                group.add_spans(&declared.days);
            }
        }
        // Places among the totals are known once every measure is.
        for declared in declarations {
            plan.measures(declared);
        }
        for declared in declarations {
            plan.add(declared, declarations);
        }
        plan
    }

    /// The doc block of each column, in their order.
    #[must_use]
    pub fn docs(&self) -> &[DeclaredDoc] {
        &self.docs
    }

    /// Whether a window of `entity` reads `table`.
    #[must_use]
    pub fn reads(&self, entity: WindowEntity, table: TableName) -> bool {
        self.groups.iter().any(|(of, group)| *of == entity && group.table == table)
    }

    /// The longest window over engagement, in days; 0 without one.
    #[must_use]
    pub fn longest_engagement(&self) -> u32 {
        let spans =
            self.groups.iter().filter(|(_, group)| group.table == TableName::Engagement).flat_map(|(_, group)| &group.spans);
        spans.copied().max().unwrap_or(0)
    }

    /// Whether a prior is fitted to an item's rows of `table`.
    #[must_use]
    pub fn fits(&self, table: TableName) -> bool {
        self.fits.iter().any(|group| group.table == table)
    }

    /// The priors until there is history, in the order of the rates.
    #[must_use]
    pub fn configured_priors(&self) -> TierPriors {
        TierPriors::new(self.rates.iter().map(|rate| RatePrior::configured(rate.prior.mean, rate.prior.strength)).collect())
    }

    /// Events and chances of every rate over the last `FIT_DAYS` days of an item, in the order of the rates; `None` where one of
    /// them is missing or the rate is not fitted.
    #[must_use]
    pub fn fit_counts(&self, item: &WindowRows<'_>, as_of: AsOf) -> Vec<Option<(u64, u64)>> {
        let totals: Vec<Vec<Total>> = (self.fits.iter())
            .map(|group| {
                let mut totals = Totals::default();
                group.add_totals(item, as_of, &mut totals);
                totals.totals
            })
            .collect();
        let counts = self.rates.iter().map(|rate| {
            let (group, events, chances) = rate.fit?;
            let totals = totals.get(group)?;
            Some((totals.get(events)?.count()?, totals.get(chances)?.count()?))
        });
        counts.collect()
    }

    /// Adds the values of the columns of `entity`, in their order, NaN for missing ones.
    pub fn add_values(&self, entity: WindowEntity, rows: &WindowRows<'_>, moment: WindowMoment<'_>, values: &mut Vec<f32>) {
        let groups = || self.groups.iter().filter(|(of, _)| *of == entity).map(|(_, group)| group);
        let mut totals = SCRATCH.take();
        totals.totals.clear();
        totals.spans.clear();
        groups().for_each(|group| group.add_totals(rows, moment.as_of, &mut totals));
        let columns = self.by_entity.get(entity as usize).map(Vec::as_slice).unwrap_or_default();
        values.extend(columns.iter().map(|column| column.value(&totals, moment)));
        SCRATCH.set(totals);
    }

    /// The values of all columns for an item of `content_type`, in the order of the docs; columns that are not meant for it are missing.
    #[must_use]
    pub fn row(&self, parts: &WindowParts<'_>, content_type: ContentType) -> Vec<f32> {
        let of = |part: Option<&[f32]>| part.unwrap_or_default().to_vec().into_iter();
        let mut parts = WindowEntity::ALL.map(|entity| match entity {
            WindowEntity::Content => of(parts.content),
            WindowEntity::Seller => of(parts.seller),
            WindowEntity::Creator => of(parts.creator),
        });
        let value = |column: &Column| {
            let value = parts.get_mut(column.entity as usize).and_then(Iterator::next);
            let applies = column.applies_to.is_empty() || column.applies_to.contains(&content_type);
            value.filter(|_| applies).unwrap_or(f32::NAN)
        };
        self.columns.iter().map(value).collect()
    }

    /// The index of the group of an entity's table.
    fn group(&mut self, entity: WindowEntity, table: TableName) -> usize {
        let known = self.groups.iter().position(|(of, group)| *of == entity && group.table == table);
        known.unwrap_or_else(|| {
            self.groups.push((entity, Group::new(table)));
            self.groups.len() - 1
        })
    }

    /// The measures of a declaration, added if they are new: its group, its value and what it is divided by.
    fn measures(&mut self, declared: &WindowDeclaration) -> (usize, usize, Option<usize>) {
        let (value, over) = measured(declared);
        let at = self.group(declared.entity, declared.table);
        let Some((_, group)) = self.groups.get_mut(at) else { return (at, 0, None) };
        (at, group.measure(value), over.map(|over| group.measure(over)))
    }

    fn add(&mut self, declared: &WindowDeclaration, all: &[WindowDeclaration]) {
        let (at, value, over) = self.measures(declared);
        let prior = match (declared.prior, measured(declared)) {
            (Some(prior), (events, Some(chances))) => Some(self.rate(declared.table, &events, &chances, prior)),
            _ => None,
        };
        let before = self.groups.iter().take(at).filter(|(of, _)| *of == declared.entity).map(|(_, group)| group);
        let (before, spans_before) =
            before.fold((0, 0), |(n, m): (usize, usize), group| (n + group.len(), m + group.spans.len()));
        let Some((_, group)) = self.groups.get(at) else { return };
        let at = |measure: usize, days: u32| before.saturating_add(group.position(measure, days));
        let place = |days: u32| Place { at: at(value, days), span: spans_before.saturating_add(group.span(days)) };
        let mut columns = Vec::new();
        for days in &declared.days {
            let formula = match (over, prior) {
                (None, _) if declared.per_day => Formula::PerDay { sum: place(*days), days: *days },
                (None, _) => Formula::Total { sum: place(*days) },
                (Some(over), Some(prior)) => Formula::Rate { events: at(value, *days), chances: at(over, *days), prior },
                (Some(over), None) => Formula::Mean { amount: at(value, *days), count: at(over, *days) },
            };
            columns.push((Part::Value { days: *days }, formula, declared.scale));
        }
        for days in declared.days.iter().filter(|days| declared.n_column && !is_counted(declared, **days, all)) {
            if let Some(over) = over {
                columns.push((Part::Chances { days: *days }, Formula::Chances { at: at(over, *days) }, WindowScale::Ln));
            }
        }
        for (short, long) in &declared.trend {
            let formula = Formula::Trend { short: place(*short), long: place(*long) };
            columns.push((Part::Trend { short: *short, long: *long }, formula, WindowScale::None));
        }
        for (part, formula, scale) in columns {
            let applies_to = declared.content_types.clone();
            self.columns.push(Column { entity: declared.entity, applies_to });
            if let Some(columns) = self.by_entity.get_mut(declared.entity as usize) {
                columns.push(Measured { formula, scale });
            }
            self.docs.push(docs::of(declared, part));
        }
    }

    /// The index of a rate, added if it is new.
    fn rate(&mut self, table: TableName, events: &Measure, chances: &Measure, prior: WindowPrior) -> usize {
        let same = |rate: &Rate| rate.table == table && rate.events == *events && rate.chances == *chances && rate.prior == prior;
        if let Some(known) = self.rates.iter().position(same) {
            return known;
        }
        let fit = (prior.fit == PriorFit::Tier).then(|| self.fit(table, events, chances));
        self.rates.push(Rate { table, events: events.clone(), chances: chances.clone(), prior, fit });
        self.rates.len() - 1
    }

    /// Where a rate is fitted.
    fn fit(&mut self, table: TableName, events: &Measure, chances: &Measure) -> (usize, usize, usize) {
        let at = self.fits.iter().position(|group| group.table == table).unwrap_or_else(|| {
            let mut group = Group::new(table);
            group.add_spans(&[FIT_DAYS]);
            self.fits.push(group);
            self.fits.len() - 1
        });
        // One span: a measure's index is the place of its total.
        self.fits.get_mut(at).map_or((at, 0, 0), |group| (at, group.measure(events.clone()), group.measure(chances.clone())))
    }
}

/// What a declaration measures, and what that is divided by.
fn measured(declared: &WindowDeclaration) -> (Measure, Option<Measure>) {
    let over = declared.over.map(|value| Measure { value, filter: declared.filter.clone() });
    let filter = [&declared.filter[..], &declared.value_filter].concat();
    (Measure { value: declared.value, filter }, over)
}

/// Whether another window is what `declared` is divided by over `days` days.
fn is_counted(declared: &WindowDeclaration, days: u32, all: &[WindowDeclaration]) -> bool {
    let is_plain = |other: &WindowDeclaration| {
        other.over.is_none() && !other.per_day && other.scale == WindowScale::Ln && other.content_types.is_empty()
    };
    let is_same = |other: &WindowDeclaration, over: WindowValue| {
        (other.entity, other.table, other.value, &other.filter) == (declared.entity, declared.table, over, &declared.filter)
    };
    declared
        .over
        .is_some_and(|over| all.iter().any(|other| is_plain(other) && is_same(other, over) && other.days.contains(&days)))
}
