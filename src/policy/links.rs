//! Whether what others did with an item's text and contacts would alone carry a condition, and whether the item was first of them.
//!
//! A condition is asked again with all evidence of the item itself taken away, in two ways: unknown (null), and harmless (no probability of
//! abuse, no text), so that terms that always hold, as `p_scam >= 0`, are no evidence. Where it still holds, links alone carry it. Who was
//! first of the copies of a text, or of those who show a contact, is the victim of the others: what these links say counts for nothing then,
//! and the condition is asked a third time without them.

use std::collections::BTreeMap;

use super::columns::{ColumnKind, PolicyColumn};
use super::compile::{Policy, PolicySet};
use super::error::PolicyError;
use crate::sql::{SqlColumn, SqlType, TextColumn};

/// A kind of links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LinkFamily {
    /// Of a text or picture.
    Copies,
    /// Of contacts.
    Rings,
}

impl LinkFamily {
    pub(super) const ALL: [Self; 2] = [Self::Copies, Self::Rings];

    /// Whether the link feature `name` tells of these links. A signal over links may tell of either.
    pub(super) fn has(self, name: &str) -> bool {
        let (of_copies, of_rings) = (name.starts_with("dup_") || name == "seller_copy_share", name.starts_with("ring_"));
        match self {
            Self::Copies => !of_rings,
            Self::Rings => !of_copies,
        }
    }

    /// The feature that tells who was first.
    pub(super) fn first_column(self) -> &'static str {
        match self {
            Self::Copies => "dup_is_copy",
            Self::Rings => "ring_first_owner",
        }
    }

    /// Whether `row` was first: the original is no copy, the first owner is one.
    fn is_first(self, columns: &BTreeMap<String, SqlColumn>, row: usize) -> bool {
        let of_first = match self {
            Self::Copies => 0.0,
            Self::Rings => 1.0,
        };
        match columns.get(self.first_column()) {
            Some(SqlColumn::Number(cells)) => cells.get(row).copied().flatten() == Some(of_first),
            _ => false,
        }
    }
}

/// What links are to a condition that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnLinks {
    /// It rests on more.
    More,
    /// They alone carry it.
    Alone,
    /// They alone carry it, and who is first of them is the victim.
    First,
}

/// What the evidence of the item itself is replaced by.
#[derive(Clone, Copy)]
enum Mask {
    Unknown,
    Harmless,
}

impl PolicySet {
    /// What links are to each policy of `asking` on each row of `columns`.
    ///
    /// # Errors
    /// When the engine fails.
    pub(super) fn on_links(
        &self,
        asking: &[&Policy],
        columns: &BTreeMap<String, SqlColumn>,
        n_rows: usize,
    ) -> Result<Vec<Vec<OnLinks>>, PolicyError> {
        let readers: Vec<&Policy> = asking.iter().copied().filter(|policy| !policy.firsts.is_empty()).collect();
        let mut found = vec![vec![OnLinks::More; n_rows]; asking.len()];
        if readers.is_empty() {
            return Ok(found);
        }
        let alone = self.still_hold(&readers, columns, n_rows, None)?;
        // Only who reads both kinds of links can still have some where the others count for nothing.
        let both: Vec<&Policy> = readers.iter().copied().filter(|policy| policy.firsts.len() > 1).collect();
        let mut without = Vec::new();
        for family in LinkFamily::ALL.into_iter().filter(|_| !both.is_empty()) {
            without.push((family, self.still_hold(&both, columns, n_rows, Some(family))?));
        }
        let is = |a: &Policy, b: &Policy| std::ptr::eq(a, b);
        for (policy, found) in asking.iter().zip(&mut found) {
            let Some(alone) = readers.iter().position(|reader| is(reader, policy)).and_then(|at| alone.get(at)) else { continue };
            let pair = both.iter().position(|reader| is(reader, policy));
            for (row, found) in found.iter_mut().enumerate().filter(|(row, _)| alone.get(*row) == Some(&true)) {
                let firsts: Vec<LinkFamily> =
                    policy.firsts.iter().copied().filter(|family| family.is_first(columns, row)).collect();
                let others_carry = |first: &LinkFamily| {
                    let rows = without.iter().find(|(family, _)| family == first).and_then(|(_, rows)| rows.get(pair?));
                    rows.and_then(|rows| rows.get(row)) == Some(&true)
                };
                *found = match firsts[..] {
                    [] => OnLinks::Alone,
                    [first] if policy.firsts.len() > 1 && others_carry(&first) => OnLinks::Alone,
                    _ => OnLinks::First,
                };
            }
        }
        Ok(found)
    }

    /// By policy, then row: whether its condition still holds without evidence of the item itself, and without the links `void`.
    fn still_hold(
        &self,
        policies: &[&Policy],
        columns: &BTreeMap<String, SqlColumn>,
        n_rows: usize,
        void: Option<LinkFamily>,
    ) -> Result<Vec<Vec<bool>>, PolicyError> {
        let mut held = vec![vec![false; n_rows]; policies.len()];
        for mask in [Mask::Unknown, Mask::Harmless] {
            let masked: BTreeMap<String, SqlColumn> = columns
                .iter()
                .map(|(name, cells)| {
                    let replaced = self.columns.get(name).and_then(|column| replaced(column, mask, void, n_rows));
                    (name.clone(), replaced.unwrap_or_else(|| cells.clone()))
                })
                .collect();
            let conditions: Vec<_> = policies.iter().map(|policy| &policy.when).collect();
            let answers = self.answers(&conditions, policies, &masked, n_rows)?;
            for (held, answers) in held.iter_mut().zip(answers) {
                held.iter_mut().zip(answers).for_each(|(held, answer)| *held |= answer == Some(true));
            }
        }
        Ok(held)
    }
}

/// What stands for a column, where it is replaced.
fn replaced(column: &PolicyColumn, mask: Mask, void: Option<LinkFamily>, n_rows: usize) -> Option<SqlColumn> {
    let nulls = || Some(SqlColumn::nulls(column.ty, n_rows));
    if column.kind == ColumnKind::Link {
        return void.filter(|family| family.has(&column.name)).and_then(|_| nulls());
    }
    if !column.is_evidence() {
        return None;
    }
    match (mask, column.kind, column.ty) {
        (Mask::Harmless, ColumnKind::Score, SqlType::Number) => {
            let harmless = if column.name == "quality" { 1.0 } else { 0.0 };
            Some(SqlColumn::Number(vec![Some(harmless); n_rows]))
        }
        (Mask::Harmless, ColumnKind::Score | ColumnKind::Content, SqlType::Text) => {
            let mut cells = TextColumn::default();
            (0..n_rows).for_each(|_| cells.push(Some(if column.name == "band" { "good" } else { "" })));
            Some(SqlColumn::Text(cells))
        }
        _ => nulls(),
    }
}
