//! Items that policies escalate: by id alone, urgent ones first.

use std::collections::BTreeMap;

use crate::report::build::{Night, nothing};
use crate::report::document::{Block, Cell, Section, Table, Tone};
use crate::report::inputs::EscalationLine;
use crate::report::words::status;

pub(super) fn section(night: &Night<'_>) -> Section {
    let mut lines: Vec<&EscalationLine> = night.inputs.escalations.iter().collect();
    lines.sort_by_key(|line| (!line.is_urgent, line.market, &line.policy_id, &line.content_id));
    let n_urgent = lines.iter().filter(|line| line.is_urgent).count();
    let blocks = if lines.is_empty() {
        vec![nothing("Nothing is escalated tonight.")]
    } else {
        let about =
            "Urgent items stand in no other table; what they are is not told here. All ids stand in the table escalations.";
        let tone = if n_urgent > 0 { Tone::Bad } else { Tone::Plain };
        vec![Block::note(tone, about), Block::Table(counts(&lines, night)), Block::Table(ids(&lines, night))]
    };
    let status = (n_urgent > 0).then(|| status(Tone::Bad, "urgent"));
    Section { id: "escalations", title: "Escalations".to_owned(), status, blocks }
}

fn urgency(line: &EscalationLine) -> Cell {
    Cell::Status(if line.is_urgent { status(Tone::Bad, "urgent") } else { status(Tone::Warning, "escalated") })
}

fn counts(lines: &[&EscalationLine], night: &Night<'_>) -> Table {
    let mut groups: BTreeMap<_, (u64, &EscalationLine)> = BTreeMap::new();
    for line in lines {
        groups.entry((!line.is_urgent, line.market, &line.policy_id)).or_insert((0, line)).0 += 1;
    }
    let row = |(count, line): (u64, &EscalationLine)| {
        vec![
            urgency(line),
            Cell::text(line.market.as_str()),
            Cell::code(&line.policy_id),
            Cell::text(&line.owner),
            Cell::count(count),
        ]
    };
    let columns = ["State", "Market", "Policy", "Owner", "Items"].map(str::to_owned).to_vec();
    let rows = groups.into_values().map(row).collect();
    night.cut(Table { caption: "Escalated items by policy".to_owned(), columns, rows, left_out: None })
}

fn ids(lines: &[&EscalationLine], night: &Night<'_>) -> Table {
    let row = |line: &&EscalationLine| {
        let id = Cell::code(&night.id(&line.content_id));
        vec![urgency(line), Cell::text(line.market.as_str()), id, Cell::code(&line.policy_id)]
    };
    let columns = ["State", "Market", "Item", "Policy"].map(str::to_owned).to_vec();
    night.cut(Table { caption: "Escalated items".to_owned(), columns, rows: lines.iter().map(row).collect(), left_out: None })
}
