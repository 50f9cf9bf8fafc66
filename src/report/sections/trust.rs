//! Whether tonight's run can be trusted: the gate's checks, drift, calibration, alarms that are over.

use crate::monitor::{AlarmState, Family, State};
use crate::report::build::{Night, nothing};
use crate::report::document::{Block, Cell, Item, List, Section, Table, Tile, Tone};
use crate::report::figure_table::tables;
use crate::report::inputs::GateLine;
use crate::report::number::{Number, NumberUnit};
use crate::report::shown::shown;
use crate::report::words::{metric_title, segment_text, state_status, status};

pub(super) fn section(night: &Night<'_>) -> Section {
    let gate = &night.inputs.run.gate;
    let mut blocks = Vec::new();
    if gate.is_empty() {
        blocks.push(Block::note(Tone::Unknown, "The publish gate judged nothing tonight."));
    } else {
        blocks.push(Block::Table(checks(night)));
        blocks.extend(movers(night).map(Block::List));
    }
    let mut is_empty = true;
    for family in [Family::Volume, Family::Drift, Family::Calibration, Family::Run] {
        let figures = night.family(family);
        is_empty &= figures.is_empty();
        blocks.extend(tables(&figures, night));
    }
    if is_empty {
        blocks.push(nothing("No figures of volume, drift or calibration tonight: no history yet."));
    }
    let cleared: Vec<Item> =
        night.inputs.alarms.iter().filter(|alarm| alarm.state == AlarmState::Cleared).map(super::summary::alarm_item).collect();
    if !cleared.is_empty() {
        let list = List { caption: "Alarms that are over".to_owned(), items: cleared, left_out: None };
        blocks.push(Block::List(night.cut_list(list)));
    }
    let worst = gate.iter().map(|line| line.state).max();
    let badge = match worst {
        Some(State::Refused) => Some(status(Tone::Bad, "gate refused")),
        Some(State::Warning) => Some(status(Tone::Warning, "gate warns")),
        Some(State::Within) => Some(status(Tone::Good, "gate passed")),
        Some(State::Unknown) => Some(status(Tone::Unknown, "gate: some not known")),
        Some(State::Plain) | None => None,
    };
    Section { id: "trust", title: "Gate, drift and calibration".to_owned(), status: badge, blocks }
}

fn checks(night: &Night<'_>) -> Table {
    let mut lines: Vec<&GateLine> = night.inputs.run.gate.iter().collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.state));
    let row = |line: &GateLine| {
        let unit = NumberUnit::from(line.unit);
        let value = line.value.map_or(Cell::Empty, |value| Cell::Number(Number::of(Some(value), unit, line.n, "check")));
        let limit = line.limit.map_or(Cell::Empty, |limit| Cell::Number(Number::configured(limit, unit)));
        let state = state_status(line.state, Family::Run).map_or(Cell::Empty, Cell::Status);
        let name = Cell::text(&metric_title(&line.name));
        vec![state, name, Cell::text(&segment_text(&line.segment)), value, limit, Cell::text(&line.reason)]
    };
    let columns = ["State", "Check", "Of", "Found", "Limit", "Why"].map(str::to_owned).to_vec();
    let rows = lines.into_iter().map(row).collect();
    night.cut(Table { caption: "Publish gate".to_owned(), columns, rows, left_out: None })
}

/// What moved most, of checks that did not pass.
fn movers(night: &Night<'_>) -> Option<List> {
    let is_told = |line: &&GateLine| !line.movers.is_empty() && matches!(line.state, State::Warning | State::Refused);
    let item = |line: &GateLine| {
        let rests_on = Tile { label: "n".to_owned(), number: Number::count(line.n), tone: Tone::Plain };
        Item {
            status: state_status(line.state, Family::Run).unwrap_or_else(|| status(Tone::Plain, "read")),
            name: format!("{}, {}", metric_title(&line.name), segment_text(&line.segment)),
            text: shown(&line.reason, 400),
            numbers: vec![rests_on],
            lines: line.movers.iter().take(10).map(|mover| shown(mover, 200)).collect(),
        }
    };
    let items: Vec<Item> = night.inputs.run.gate.iter().filter(is_told).map(item).collect();
    (!items.is_empty()).then(|| night.cut_list(List { caption: "What moved most".to_owned(), items, left_out: None }))
}
