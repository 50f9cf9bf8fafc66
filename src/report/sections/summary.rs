//! Tonight in short: what got worse, whether the run can be trusted, and the numbers that most ask for.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::monitor::{Alarm, AlarmState, Family, Segment, State};
use crate::report::build::{Night, name_of, nothing};
use crate::report::document::{Block, Item, List, Section, Tile, Tiles, Tone};
use crate::report::inputs::RunStatus;
use crate::report::number::Number;
use crate::report::shown::shown;
use crate::report::suppress::ShownFigure;
use crate::report::words::{alarm_status, family_title, metric_title, segment_text, state_status, status};

pub(super) fn section(night: &Night<'_>) -> Section {
    let run = &night.inputs.run;
    let mut blocks = Vec::new();
    if let Some(reason) = &run.status_reason {
        let (tone, begin) = match run.status {
            RunStatus::Published => (Tone::Plain, ""),
            RunStatus::Refused => (Tone::Bad, "Refused: "),
            RunStatus::Overridden => (Tone::Warning, "Published against the gate: "),
            RunStatus::Failed => (Tone::Bad, "Failed: "),
        };
        blocks.push(Block::note(tone, &format!("{begin}{reason}")));
    }
    blocks.push(Block::Tiles(Tiles { tiles: tiles(night) }));
    blocks.extend(worse(night));
    Section { id: "summary", title: "Tonight".to_owned(), status: None, blocks }
}

fn tiles(night: &Night<'_>) -> Vec<Tile> {
    let inputs = night.inputs;
    let count = |label: &str, count: usize, bad: Tone| {
        let tone = if count == 0 { Tone::Plain } else { bad };
        Tile { label: label.to_owned(), number: Number::count(count as u64), tone }
    };
    let alarms = |state| inputs.alarms.iter().filter(|alarm| alarm.state == state).count();
    let gates = |states: &[State]| inputs.run.gate.iter().filter(|line| states.contains(&line.state)).count();
    let mut tiles = vec![Tile { label: "Items scored".to_owned(), number: Number::count(inputs.run.items), tone: Tone::Plain }];
    tiles.extend(headline(night));
    tiles.push(count("Alarms raised", alarms(AlarmState::Raised), Tone::Bad));
    tiles.push(count("Alarms standing", alarms(AlarmState::Standing), Tone::Warning));
    tiles.push(count("Gate checks refused", gates(&[State::Refused]), Tone::Bad));
    tiles.push(count("Gate checks not known", gates(&[State::Unknown]), Tone::Unknown));
    tiles.push(count("Escalations", inputs.escalations.len(), Tone::Warning));
    tiles.push(count("Emerging trends", inputs.trends.len(), Tone::Warning));
    tiles
}

/// The prevalence that is least cut, of all that are shown.
fn headline(night: &Night<'_>) -> Option<Tile> {
    let n_parts = |shown: &&&ShownFigure<'_>| crate::report::words::parts(&shown.figure.segment).iter().flatten().count();
    let figures = night.family(Family::Prevalence);
    let least = figures.iter().filter(|shown| shown.number.value.is_some()).min_by_key(n_parts)?;
    let label = format!("{}, {}", metric_title(&least.figure.metric), segment_text(&least.figure.segment));
    Some(Tile { label, number: least.number.clone(), tone: Tone::Plain })
}

/// Alarms that are new or stand, then figures beyond their limits.
fn worse(night: &Night<'_>) -> Vec<Block> {
    let mut alarms: Vec<&Alarm> = night.inputs.alarms.iter().filter(|alarm| alarm.state != AlarmState::Cleared).collect();
    alarms.sort_by_key(|alarm| alarm.state);
    let mut blocks = Vec::new();
    if alarms.is_empty() {
        blocks.push(nothing("No alarm is raised or stands tonight."));
    } else {
        let items = alarms.into_iter().map(alarm_item).collect();
        blocks.push(Block::List(night.cut_list(List { caption: "What got worse".to_owned(), items, left_out: None })));
    }
    let alarmed: BTreeSet<(&str, &Segment)> =
        night.inputs.alarms.iter().map(|alarm| (alarm.check.as_str(), &alarm.segment)).collect();
    let is_beyond = |shown: &&ShownFigure<'_>| {
        let figure = shown.figure;
        let is_told = alarmed.contains(&(figure.metric.as_str(), &figure.segment));
        matches!(figure.state, State::Warning | State::Refused) && !is_told
    };
    let mut beyond: Vec<&ShownFigure<'_>> = night.figures.iter().filter(is_beyond).collect();
    beyond.sort_by_key(|shown| Reverse(shown.figure.state));
    if beyond.is_empty() {
        blocks.push(nothing("No other figure is beyond its limit tonight."));
    } else {
        let items = beyond.into_iter().map(figure_item).collect();
        let list = List { caption: "Other figures beyond their limits".to_owned(), items, left_out: None };
        blocks.push(Block::List(night.cut_list(list)));
    }
    blocks
}

/// An alarm as a finding.
pub(super) fn alarm_item(alarm: &Alarm) -> Item {
    let since = if alarm.state == AlarmState::Raised { String::new() } else { format!(" (since {})", alarm.since) };
    Item {
        status: alarm_status(alarm.state),
        name: format!("{}, {}{since}", metric_title(&alarm.check), segment_text(&alarm.segment)),
        text: shown(&alarm.message, 400),
        numbers: vec![Tile { label: "n".to_owned(), number: Number::count(alarm.n), tone: Tone::Plain }],
        lines: Vec::new(),
    }
}

fn figure_item(beyond: &ShownFigure<'_>) -> Item {
    let family = beyond.figure.family;
    Item {
        status: state_status(beyond.figure.state, family).unwrap_or_else(|| status(Tone::Plain, "read")),
        name: name_of(beyond),
        text: shown(beyond.note().unwrap_or_default(), 400),
        numbers: vec![Tile { label: family_title(family).to_owned(), number: beyond.number.clone(), tone: Tone::Plain }],
        lines: Vec::new(),
    }
}
