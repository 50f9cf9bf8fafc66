//! The queue and the people who work it.

use crate::monitor::{Family, State};
use crate::report::build::{Night, nothing};
use crate::report::document::{Block, Cell, Section, Table, Tone};
use crate::report::figure_table::tables;
use crate::report::inputs::{QueueCase, TeamLine};
use crate::report::number::{Number, NumberUnit};
use crate::report::words::status;

pub(super) fn section(night: &Night<'_>) -> Section {
    let mut blocks = Vec::new();
    if night.inputs.teams.is_empty() && night.inputs.cases.is_empty() {
        blocks.push(nothing("The queue is empty tonight."));
    }
    blocks.extend((!night.inputs.teams.is_empty()).then(|| Block::Table(teams(night))));
    blocks.extend((!night.inputs.cases.is_empty()).then(|| Block::Table(cases(night))));
    let figures = night.family(Family::Operations);
    if figures.is_empty() {
        blocks.push(nothing("No figures of reviewers' work tonight: no history yet, or nothing was decided."));
    } else {
        blocks.extend(tables(&figures, night));
    }
    let is_late = figures.iter().any(|shown| matches!(shown.figure.state, State::Warning | State::Refused));
    let badge = is_late.then(|| status(Tone::Warning, "beyond limit"));
    Section { id: "queue", title: "Queue and reviewers".to_owned(), status: badge, blocks }
}

fn teams(night: &Night<'_>) -> Table {
    let row = |line: &TeamLine| {
        let number = |value, unit, method: &str| Cell::Number(Number::of(Some(value), unit, line.cases, method));
        let capacity =
            line.capacity.map_or(Cell::Empty, |minutes| Cell::Number(Number::configured(minutes, NumberUnit::Minutes)));
        vec![
            Cell::text(&line.team),
            Cell::count(line.cases),
            number(line.minutes, NumberUnit::Minutes, "expected"),
            capacity,
            number(line.expected_harm, NumberUnit::Harm, "expected"),
        ]
    };
    let columns = ["Team", "Cases", "Minutes", "Capacity", "Expected harm"].map(str::to_owned).to_vec();
    let rows = night.inputs.teams.iter().map(row).collect();
    night.cut(Table { caption: "Teams".to_owned(), columns, rows, left_out: None })
}

fn cases(night: &Night<'_>) -> Table {
    let row = |case: &QueueCase| {
        let id = night.id(&case.content_id);
        let item = case.page.map_or_else(|| Cell::code(&id), |page| Cell::Case { text: id.clone(), page });
        let number = |value: Option<f64>, unit, n| {
            value.map_or(Cell::Empty, |value| Cell::Number(Number::of(Some(value), unit, n, "model")))
        };
        vec![
            Cell::text(case.market.as_str()),
            Cell::count(case.rank),
            item,
            case.seller_id.as_deref().map_or(Cell::Empty, |seller| Cell::code(&night.id(seller))),
            Cell::text(&case.slice),
            Cell::text(case.leading_label.as_deref().unwrap_or_default()),
            number(case.leading_p, NumberUnit::Share, 1),
            number(case.expected_harm, NumberUnit::Harm, case.cluster_size),
            Cell::count(case.cluster_size),
            Cell::text(&case.why),
        ]
    };
    let columns = ["Market", "Rank", "Item", "Seller", "Slice", "Label", "Probability", "Expected harm", "Duplicates", "Why"];
    let columns = columns.map(str::to_owned).to_vec();
    let rows = night.inputs.cases.iter().map(row).collect();
    night.cut(Table { caption: "Top of the queue".to_owned(), columns, rows, left_out: None })
}
