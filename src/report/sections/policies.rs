//! What policies did tonight: hits, precision, overlap, and what their treatment changes.

use crate::monitor::{Family, State};
use crate::report::build::{Night, nothing};
use crate::report::document::{Block, Cell, Section, Status, Table, Tone};
use crate::report::figure_table::tables;
use crate::report::inputs::PolicyLine;
use crate::report::inputs::RunStatus;
use crate::report::words::{run_status, status};

pub(super) fn section(night: &Night<'_>) -> Section {
    let mut blocks = Vec::new();
    let lines = &night.inputs.policies;
    if lines.is_empty() {
        blocks.push(nothing("No policy is in force tonight."));
    } else {
        let about = "Acted: items treated tonight. Would act: items that a policy in shadow would treat. Alone: items on which no other \
                     policy holds, the rest is overlap.";
        blocks.push(nothing(about));
        blocks.push(Block::Table(hits(night)));
        blocks.extend(fallen(night).map(Block::Table));
    }
    let figures = night.family(Family::Policy);
    blocks.extend(tables(&figures, night));
    let outcomes = night.family(Family::Outcome);
    if outcomes.is_empty() {
        blocks
            .push(nothing("No outcome yet: it needs a live policy with units held back, or nights before and after its launch."));
    } else {
        blocks.push(nothing(
            "Outcomes: treated against held-back units. Method before_after has no held-back units, and is weaker.",
        ));
        blocks.extend(tables(&outcomes, night));
    }
    let is_harmful = outcomes.iter().any(|shown| shown.figure.state == State::Refused);
    let has_fallen = lines.iter().any(|line| line.standing_reason.is_some());
    let badge = match (is_harmful, has_fallen) {
        (true, _) => Some(status(Tone::Bad, "harmful")),
        (false, true) => Some(status(Tone::Warning, "fallen to shadow")),
        (false, false) => None,
    };
    Section { id: "policies", title: "Policies".to_owned(), status: badge, blocks }
}

fn standing(line: &PolicyLine, run: RunStatus) -> Cell {
    if matches!(run, RunStatus::Refused | RunStatus::Failed) {
        return Cell::Status(Status { tone: Tone::Bad, text: run_status(run).text });
    }
    let tone = match line.standing.as_str() {
        "live" => Tone::Good,
        "fallen" => Tone::Warning,
        _ => Tone::Plain,
    };
    Cell::Status(status(tone, &crate::report::shown::shown(&line.standing, 40)))
}

fn hits(night: &Night<'_>) -> Table {
    let mut lines: Vec<&PolicyLine> = night.inputs.policies.iter().collect();
    lines.sort_by_key(|line| (std::cmp::Reverse(line.acted.max(line.would_act)), &line.policy_id, line.market));
    let run = night.inputs.run.status;
    let precision = |line: &PolicyLine| {
        let of_policy = || {
            night.figures.iter().filter(|shown| {
                let figure = shown.figure;
                figure.family == Family::Policy
                    && figure.metric == "precision"
                    && figure.segment.subject.as_deref() == Some(line.policy_id.as_str())
            })
        };
        let of_market = of_policy().find(|shown| shown.figure.segment.market == Some(line.market));
        // What holds for all markets stands for one only where nothing is told by market.
        let of_line = of_market.or_else(|| of_policy().next().filter(|_| of_policy().all(|s| s.figure.segment.market.is_none())));
        of_line.map_or(Cell::Empty, |shown| Cell::Number(shown.number.clone()))
    };
    let row = |line: &PolicyLine| {
        vec![
            Cell::code(&line.policy_id),
            Cell::text(line.market.as_str()),
            Cell::text(&line.treatment),
            standing(line, run),
            Cell::count(line.acted),
            Cell::count(line.would_act),
            precision(line),
            Cell::count(line.alone),
            Cell::count(line.held_back),
            Cell::count(line.outside_rollout),
            Cell::count(line.excepted),
            Cell::count(line.unknown),
            Cell::count(line.in_scope),
            Cell::text(&line.owner),
        ]
    };
    let columns = [
        "Policy",
        "Market",
        "Treatment",
        "Standing",
        "Acted",
        "Would act",
        "Precision",
        "Alone",
        "Held back",
        "Outside rollout",
        "Excepted",
        "Not known",
        "In scope",
        "Owner",
    ];
    let columns = columns.map(str::to_owned).to_vec();
    night.cut(Table { caption: "Hits".to_owned(), columns, rows: lines.into_iter().map(row).collect(), left_out: None })
}

/// Policies that are live by their file and in shadow for this night.
fn fallen(night: &Night<'_>) -> Option<Table> {
    let mut rows: Vec<(&str, &str)> = night
        .inputs
        .policies
        .iter()
        .filter_map(|line| Some((line.policy_id.as_str(), line.standing_reason.as_deref()?)))
        .collect();
    rows.sort_unstable();
    rows.dedup();
    if rows.is_empty() {
        return None;
    }
    let columns = ["Policy", "Why it is in shadow tonight"].map(str::to_owned).to_vec();
    let rows = rows.into_iter().map(|(id, why)| vec![Cell::code(id), Cell::text(why)]).collect();
    Some(night.cut(Table { caption: "Fallen to shadow".to_owned(), columns, rows, left_out: None }))
}
