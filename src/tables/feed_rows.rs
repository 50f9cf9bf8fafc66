//! One feed's view of one chunk: which rows are its rows, which are good, and the rows themselves.
//!
//! Input: a chunk and a feed's plan. Output: for each row of the chunk whether it is accepted, rejected, broken or none of the
//! feed's. Columns are checked in parallel; the first bad one in the order of the schema is the one that is named.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::config::TableName;
use crate::sql::{Cast, Compiled};

use super::TableRow;
use super::assemble::assemble;
use super::cells::{CellFault, Cells, ColumnCheck};
use super::checks::CheckLimits;
use super::chunk::{Chunk, Column};
use super::expressions::{ChunkOrigin, evaluate};
use super::mapping::{ColumnPlan, EXTRA, FeedPlan};
use super::schema::ColumnSpec;

/// What became of a row.
pub(super) enum Outcome {
    /// It is not one of the feed's rows.
    Filtered,
    /// The file's record is not a row at all.
    Broken(CellFault),
    /// A cell is bad.
    Rejected(CellFault),
    /// It is good.
    Accepted(TableRow),
}

/// The rows of one feed in one chunk.
pub(super) struct FeedRows {
    table: TableName,
    /// Rows that the filter keeps; `None` without a filter.
    kept: Option<Vec<Option<bool>>>,
    broken: BTreeMap<usize, CellFault>,
    faults: BTreeMap<usize, CellFault>,
    cells: Vec<Cells>,
}

/// Where the cells of a canonical column come from, and what they must satisfy.
struct Wanted<'a> {
    name: &'a str,
    spec: &'a ColumnSpec,
    plan: &'a ColumnPlan,
}

impl FeedRows {
    /// Checks every cell that `feed` takes from `chunk`.
    ///
    /// # Errors
    /// When an expression cannot be evaluated.
    pub(super) fn new(
        feed: &FeedPlan,
        chunk: &Chunk,
        origin: ChunkOrigin<'_>,
        extra_columns: &[String],
        limits: &CheckLimits,
    ) -> Result<Self, String> {
        let wanted = wanted(feed, extra_columns);
        let mut compiled: Vec<&Compiled> = feed.filter.iter().map(AsRef::as_ref).collect();
        compiled
            .extend(wanted.iter().filter_map(|w| if let ColumnPlan::Expression(c) = w.plan { Some(c.as_ref()) } else { None }));
        let needed: BTreeSet<&str> = compiled.iter().flat_map(|c| c.columns.iter().map(String::as_str)).collect();
        let casts: Vec<&Cast> = compiled.iter().flat_map(|c| &c.casts).collect();
        let expressions = compiled.iter().map(|c| c.expr.clone()).chain(casts.iter().map(|cast| cast.fails())).collect();
        let mut evaluated = evaluate(expressions, &needed, chunk, origin)?;
        let failed = evaluated.split_off(compiled.len());
        let mut evaluated = evaluated.into_iter();
        let kept = feed.filter.as_ref().and_then(|_| evaluated.next()).map(|mask| match mask {
            Column::Boolean(mask) => mask,
            _ => vec![None; chunk.n_rows],
        });
        let evaluated: Vec<Column> = evaluated.collect();
        let mut next = evaluated.iter();
        let columns: Vec<(&Wanted<'_>, Option<&Column>)> = wanted
            .iter()
            .map(|w| match w.plan {
                ColumnPlan::Absent => (w, None),
                ColumnPlan::Direct(at) => (w, chunk.columns.get(*at)),
                ColumnPlan::Expression(_) => (w, next.next()),
            })
            .collect();
        let checked: Vec<(Cells, Vec<(usize, CellFault)>)> = columns
            .into_par_iter()
            .map(|(w, column)| match column {
                None => (Cells::Absent, Vec::new()),
                Some(column) => ColumnCheck { spec: w.spec, name: w.name, limits }.cells(column),
            })
            .collect();
        let mut rows = Self { table: feed.table, kept, broken: BTreeMap::new(), faults: BTreeMap::new(), cells: Vec::new() };
        rows.note_broken(feed, chunk, origin);
        let n_filter_casts = feed.filter.as_ref().map_or(0, |filter| filter.casts.len());
        for (nth, (cast, failed)) in casts.into_iter().zip(&failed).enumerate() {
            let failed_rows = rows_where(failed);
            if failed_rows.is_empty() {
                continue;
            }
            let values = evaluate(vec![cast.value()], &needed, chunk, origin)?;
            for row in failed_rows {
                if nth < n_filter_casts {
                    rows.keep(row);
                }
                let value = values.first().map(|c| c.text_of(row)).unwrap_or_default();
                let reason = format!("an expression needs {} here", cast.to);
                rows.faults.entry(row).or_insert(CellFault { column: cast.column.clone(), value, reason });
            }
        }
        for (cells, faults) in checked {
            rows.cells.push(cells);
            for (row, fault) in faults {
                rows.faults.entry(row).or_insert(fault);
            }
        }
        rows.require_a_subject(feed, chunk.n_rows);
        Ok(rows)
    }

    /// Sets `present` where a column of the schema, or an `x_*` column, has a value.
    pub(super) fn mark_present(&self, present: &mut [bool]) {
        for (there, cells) in present.iter_mut().zip(&self.cells) {
            *there = *there || cells.any();
        }
    }

    /// What became of the row at `at`. Moves the row out.
    pub(super) fn take(&mut self, at: usize) -> Outcome {
        if let Some(fault) = self.broken.remove(&at) {
            return Outcome::Broken(fault);
        }
        let kept = self.kept.as_ref().is_none_or(|kept| kept.get(at).copied().flatten() == Some(true));
        if !kept {
            return Outcome::Filtered;
        }
        if let Some(fault) = self.faults.remove(&at) {
            return Outcome::Rejected(fault);
        }
        match assemble(self.table, &mut self.cells, at) {
            Some(row) => Outcome::Accepted(row),
            None => Outcome::Rejected(CellFault {
                column: String::new(),
                value: String::new(),
                reason: "a required value is missing".to_owned(),
            }),
        }
    }

    /// Notes the rows that the file's reader could not take apart; a bad cell counts only where the feed needs its column.
    fn note_broken(&mut self, feed: &FeedPlan, chunk: &Chunk, origin: ChunkOrigin<'_>) {
        for row in &chunk.broken {
            let fault = CellFault { column: row.column.clone(), value: row.value.clone(), reason: row.reason.clone() };
            if row.column.is_empty() {
                self.broken.entry(row.at).or_insert(fault);
            } else if feed.needs.iter().any(|at| origin.columns.get(*at).is_some_and(|c| c.name == row.column)) {
                if feed.filter.as_ref().is_some_and(|filter| filter.columns.contains(&row.column)) {
                    self.keep(row.at);
                }
                self.faults.entry(row.at).or_insert(fault);
            }
        }
    }

    /// Counts a row as the feed's because its filter could not be decided.
    fn keep(&mut self, row: usize) {
        if let Some(slot) = self.kept.as_mut().and_then(|kept| kept.get_mut(row))
            && slot.is_none()
        {
            *slot = Some(true);
        }
    }

    /// Actions and after-sales events concern an item or a seller.
    fn require_a_subject(&mut self, feed: &FeedPlan, n_rows: usize) {
        if !matches!(feed.table, TableName::Actions | TableName::AfterSales) {
            return;
        }
        let ids = |wanted: &str| {
            let at = feed.columns.iter().position(|(spec, _)| spec.column == wanted);
            match at.and_then(|at| self.cells.get(at)) {
                Some(Cells::Ids(ids)) => Some(ids),
                _ => None,
            }
        };
        let (content, seller) = (ids("content_id"), ids("seller_id"));
        let there = |ids: Option<&Vec<Option<crate::units::Id>>>, row: usize| {
            ids.and_then(|ids| ids.get(row)).is_some_and(Option::is_some)
        };
        let orphans: Vec<usize> = (0..n_rows).filter(|row| !there(content, *row) && !there(seller, *row)).collect();
        for row in orphans {
            let reason = "content_id or seller_id is required".to_owned();
            self.faults.entry(row).or_insert(CellFault { column: "content_id".to_owned(), value: String::new(), reason });
        }
    }
}

/// All columns that a row of the feed's table has: the schema's, then the plan's `x_*` columns.
fn wanted<'a>(feed: &'a FeedPlan, extra_columns: &'a [String]) -> Vec<Wanted<'a>> {
    let mut wanted: Vec<Wanted<'_>> = feed.columns.iter().map(|(spec, plan)| Wanted { name: spec.column, spec, plan }).collect();
    if feed.table == TableName::Content {
        wanted.extend(extra_columns.iter().map(|name| {
            let own = feed.extras.iter().find(|(extra, _)| extra == name);
            Wanted { name, spec: &EXTRA, plan: own.map_or(&ColumnPlan::Absent, |(_, plan)| plan) }
        }));
    }
    wanted
}

/// The rows in which a column is true.
fn rows_where(mask: &Column) -> Vec<usize> {
    match mask {
        Column::Boolean(mask) => mask.iter().enumerate().filter(|(_, cell)| **cell == Some(true)).map(|(row, _)| row).collect(),
        _ => Vec::new(),
    }
}
