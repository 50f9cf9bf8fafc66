//! One night under several sets: evaluated market by market, then capped, then ruled.

use super::replay::ReplayItem;
use crate::policy::{Batch, Night, PolicyError, PolicySet, Tally, Trace};
use crate::units::{Id, Treatment};

/// An item that some policy of some set would act on.
pub(super) struct Touched {
    pub(super) item: ReplayItem,
    /// By set.
    pub(super) traces: Vec<Vec<Trace>>,
}

/// A night under way.
pub(super) struct ReplayNight<'a> {
    sets: &'a [PolicySet],
    pub(super) tallies: Vec<Tally>,
    /// By market, then item.
    pub(super) touched: Vec<Touched>,
    pub(super) rows: u64,
    /// Rows that were treated and that no policy of any set would act on.
    pub(super) unexplained: u64,
}

impl<'a> ReplayNight<'a> {
    pub(super) fn new(sets: &'a [PolicySet]) -> Self {
        Self { sets, tallies: vec![Tally::default(); sets.len()], touched: Vec::new(), rows: 0, unexplained: 0 }
    }

    /// Evaluates the rows of a market.
    ///
    /// # Errors
    /// When the engine fails.
    pub(super) fn add(
        &mut self,
        batch: &Batch<'_>,
        item: &dyn Fn(usize) -> ReplayItem,
        published: &[Treatment],
    ) -> Result<(), PolicyError> {
        let mut by_set = Vec::with_capacity(self.sets.len());
        for (set, tally) in self.sets.iter().zip(&mut self.tallies) {
            let traces = set.evaluate(batch)?;
            tally.add(set, batch, &traces);
            by_set.push(traces);
        }
        self.rows += batch.rows.len() as u64;
        for row in 0..batch.rows.len() {
            // What no policy would act on is counted already, and can neither be treated nor change.
            let acts = |traces: &Vec<Vec<Trace>>| traces.get(row).is_some_and(|t| t.iter().any(|trace| trace.state.acts()));
            if by_set.iter().any(acts) {
                let of_row = |traces: &mut Vec<Vec<Trace>>| traces.get_mut(row).map(std::mem::take).unwrap_or_default();
                self.touched.push(Touched { item: item(row), traces: by_set.iter_mut().map(of_row).collect() });
            } else {
                self.unexplained += u64::from(published.get(row).is_some_and(|treatment| *treatment != Treatment::Allow));
            }
        }
        Ok(())
    }

    /// Which policies of each set act, once all markets are there.
    pub(super) fn settle(&self, is_population: &dyn Fn(&Id) -> bool) -> Vec<Night> {
        self.sets.iter().zip(&self.tallies).map(|(set, tally)| Night::of(set, tally, is_population)).collect()
    }
}
