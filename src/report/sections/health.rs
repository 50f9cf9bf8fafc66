//! The run itself: warnings, sources, stages.

use crate::report::build::{Night, nothing};
use crate::report::document::{Block, Cell, Item, List, Section, Table, Tone};
use crate::report::inputs::{SourceLine, StageLine};
use crate::report::number::{Number, NumberUnit};
use crate::report::shown::shown;
use crate::report::words::status;

pub(super) fn section(night: &Night<'_>) -> Section {
    let run = &night.inputs.run;
    let mut blocks = Vec::new();
    if run.warnings.is_empty() {
        blocks.push(nothing("The run warned of nothing."));
    } else {
        let item = |warning: &String| Item {
            status: status(Tone::Warning, "warning"),
            name: String::new(),
            text: shown(warning, 400),
            numbers: Vec::new(),
            lines: Vec::new(),
        };
        let items = run.warnings.iter().map(item).collect();
        blocks.push(Block::List(night.cut_list(List { caption: "Warnings".to_owned(), items, left_out: None })));
    }
    blocks.extend((!run.sources.is_empty()).then(|| Block::Table(sources(night))));
    blocks.extend((!run.stages.is_empty()).then(|| Block::Table(stages(night))));
    let badge = (!run.warnings.is_empty()).then(|| status(Tone::Warning, "warnings"));
    Section { id: "health", title: "Run health".to_owned(), status: badge, blocks }
}

fn sources(night: &Night<'_>) -> Table {
    let row = |line: &SourceLine| {
        let share = (line.rows > 0).then(|| line.rejects as f64 / line.rows as f64);
        let share = Number::of(share, NumberUnit::Share, line.rows, "exact");
        vec![Cell::code(&line.table), Cell::count(line.rows), Cell::count(line.rejects), Cell::Number(share)]
    };
    let columns = ["Table", "Rows read", "Rejected", "Share rejected"].map(str::to_owned).to_vec();
    let rows = night.inputs.run.sources.iter().map(row).collect();
    night.cut(Table { caption: "Sources".to_owned(), columns, rows, left_out: None })
}

fn stages(night: &Night<'_>) -> Table {
    let row = |line: &StageLine| {
        let seconds = Number::of(Some(line.seconds), NumberUnit::Seconds, 1, "clock");
        vec![Cell::text(&line.name), Cell::Number(seconds)]
    };
    let columns = ["Stage", "Time"].map(str::to_owned).to_vec();
    let rows = night.inputs.run.stages.iter().map(row).collect();
    night.cut(Table { caption: "Stages".to_owned(), columns, rows, left_out: None })
}
