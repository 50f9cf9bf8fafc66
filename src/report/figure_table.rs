//! Figures as tables: one a metric, a row a segment, what needs a person first.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::build::Night;
use super::document::{Block, Cell, Table};
use super::number::Number;
use super::suppress::ShownFigure;
use super::words::{DIMENSIONS, metric_title, parts, state_status};
use crate::monitor::{Family, State};

/// The figures as tables, one a metric: metrics with the worst state first, then in their makers' order. Nothing of nothing.
pub(super) fn tables(figures: &[&ShownFigure<'_>], night: &Night<'_>) -> Vec<Block> {
    let mut order: Vec<&str> = Vec::new();
    let mut by_metric: BTreeMap<&str, Vec<&ShownFigure<'_>>> = BTreeMap::new();
    for shown in figures {
        let rows = by_metric.entry(shown.figure.metric.as_str()).or_default();
        if rows.is_empty() {
            order.push(&shown.figure.metric);
        }
        rows.push(shown);
    }
    let worst =
        |metric: &&str| by_metric.get(metric).into_iter().flatten().map(|shown| shown.figure.state.max(State::Unknown)).max();
    order.sort_by_key(|metric| Reverse(worst(metric)));
    let n_left_out = order.len().saturating_sub(night.room.tables);
    let made = order.iter().take(night.room.tables).filter_map(|metric| Some((*metric, by_metric.get(metric)?)));
    let mut blocks: Vec<Block> = made.map(|(metric, rows)| Block::Table(table(metric, rows, night))).collect();
    if n_left_out > 0 {
        let rows = order.iter().skip(night.room.tables).map(|metric| vec![Cell::text(&metric_title(metric))]);
        let columns = vec!["Metrics without a table here; all stand in the table metrics".to_owned()];
        blocks.push(Block::Table(night.cut(Table { caption: "More".to_owned(), columns, rows: rows.collect(), left_out: None })));
    }
    blocks
}

/// The figures of one metric.
fn table(metric: &str, figures: &[&ShownFigure<'_>], night: &Night<'_>) -> Table {
    let mut figures = figures.to_vec();
    // Only what needs a person is moved: the others stay as their makers want them read.
    figures.sort_by_key(|shown| Reverse(shown.figure.state.max(State::Unknown)));
    let n_left_out = figures.len().saturating_sub(night.room.rows);
    figures.truncate(night.room.rows);
    let cut_by: Vec<[Option<String>; 6]> = figures.iter().map(|shown| parts(&shown.figure.segment)).collect();
    let is_used: Vec<bool> = (0..6).map(|at| cut_by.iter().any(|parts| parts.get(at).is_some_and(Option::is_some))).collect();
    let has_state = figures.iter().any(|shown| state_status(shown.figure.state, shown.figure.family).is_some());
    // What is true of all rows is said once.
    let first_note = figures.first().and_then(|shown| shown.note());
    let common_note = first_note.filter(|note| figures.len() > 1 && figures.iter().all(|shown| shown.note() == Some(*note)));
    let has_note = common_note.is_none() && figures.iter().any(|shown| shown.note().is_some());
    let used = |at: usize| is_used.get(at).copied().unwrap_or_default();
    let mut columns: Vec<String> =
        DIMENSIONS.iter().enumerate().filter(|(at, _)| used(*at)).map(|(_, name)| (*name).to_owned()).collect();
    columns.push("Value".to_owned());
    columns.push("Method".to_owned());
    columns.extend(has_state.then(|| "Status".to_owned()));
    columns.extend(has_note.then(|| "Note".to_owned()));
    let row = |(shown, parts): (&&ShownFigure<'_>, [Option<String>; 6])| {
        let named = parts.into_iter().enumerate().filter(|(at, _)| used(*at));
        let mut cells: Vec<Cell> = named.map(|(_, part)| Cell::text(part.as_deref().unwrap_or("all"))).collect();
        cells.push(Cell::Number(shown.number.clone()));
        cells.push(Cell::text(shown.figure.method));
        let status = || state_status(shown.figure.state, shown.figure.family).map_or(Cell::Empty, Cell::Status);
        cells.extend(has_state.then(status));
        cells.extend(has_note.then(|| Cell::text(shown.note().unwrap_or_default())));
        cells
    };
    let rows = figures.iter().zip(cut_by).map(row).collect();
    let left_out = (n_left_out > 0).then(|| Number::count(n_left_out as u64));
    let title = metric_title(metric);
    let caption = match figures.first().map(|shown| shown.figure.family) {
        Some(Family::Outcome) => format!("Outcome: {title}"),
        Some(Family::Target) => format!("Goal: {title}"),
        _ => title,
    };
    let caption = common_note.map_or(caption.clone(), |note| format!("{caption}: {note}"));
    Table { caption, columns, rows, left_out }
}
