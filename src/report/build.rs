//! From the inputs to the document: as much of each part as there is room for.

use std::collections::BTreeMap;

use super::REPORT_SCHEMA;
use super::document::{Block, Document, Fact, List, Table, Tone};
use super::inputs::{IdPolicy, ReportInputs};
use super::number::Number;
use super::sections::sections;
use super::shown::{id_shown, shown};
use super::suppress::{ShownFigure, shown_figures};
use super::words::{run_status, segment_text};
use crate::monitor::Family;
use crate::units::Day;

/// The most bytes of a page.
pub const MOST_BYTES: usize = 2_000_000;

/// The most nights before tonight that are drawn.
const MOST_NIGHTS: usize = 35;

/// How much of each part is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Room {
    /// Rows of a table, bars of a chart.
    pub rows: usize,
    /// Tables of a family of figures.
    pub tables: usize,
    /// Series of a chart.
    pub series: usize,
    /// Findings of a list.
    pub items: usize,
}

/// Most first: the page takes the first with which it fits.
const ROOMS: [Room; 5] = [
    Room { rows: 50, tables: 12, series: 24, items: 30 },
    Room { rows: 30, tables: 8, series: 12, items: 20 },
    Room { rows: 15, tables: 6, series: 8, items: 10 },
    Room { rows: 8, tables: 4, series: 4, items: 6 },
    Room { rows: 4, tables: 3, series: 2, items: 3 },
];

/// What sections are made of.
pub(super) struct Night<'a> {
    pub inputs: &'a ReportInputs,
    /// Tonight's figures, as they may be shown.
    pub figures: Vec<ShownFigure<'a>>,
    /// Those of earlier nights that are drawn over time.
    pub past: BTreeMap<Day, Vec<ShownFigure<'a>>>,
    pub room: Room,
}

impl<'a> Night<'a> {
    /// Tonight's figures of a family.
    pub(super) fn family(&self, family: Family) -> Vec<&ShownFigure<'a>> {
        self.figures.iter().filter(|shown| shown.figure.family == family).collect()
    }

    /// An id as it may be shown.
    pub(super) fn id(&self, id: &str) -> String {
        id_shown(id, self.inputs.disclosure.ids)
    }

    /// What may tell an id as well, as a reason or an example may: nothing where ids are hashed.
    pub(super) fn may_name_ids(&self) -> bool {
        self.inputs.disclosure.ids == IdPolicy::Plain
    }

    /// The table without the rows that there is no room for.
    pub(super) fn cut(&self, mut table: Table) -> Table {
        let n_left_out = table.rows.len().saturating_sub(self.room.rows);
        table.rows.truncate(self.room.rows);
        table.left_out = (n_left_out > 0).then(|| Number::count(n_left_out as u64));
        table
    }

    /// The list without the findings that there is no room for.
    pub(super) fn cut_list(&self, mut list: List) -> List {
        let n_left_out = list.items.len().saturating_sub(self.room.items);
        list.items.truncate(self.room.items);
        list.left_out = (n_left_out > 0).then(|| Number::count(n_left_out as u64));
        list
    }
}

/// The report of a night: as much as fits a page of [`MOST_BYTES`], and how much more there is.
///
/// # Errors
/// When the template fails, which no input can bring about.
pub fn build(inputs: &ReportInputs) -> Result<Document, askama::Error> {
    let smallest = inputs.disclosure.smallest_cell;
    let is_drawn = |shown: &ShownFigure<'_>| matches!(shown.figure.family, Family::Prevalence | Family::Target);
    let nights = inputs.past.range(..inputs.run.as_of).rev().take(MOST_NIGHTS);
    let past = nights.map(|(day, figures)| {
        let mut figures = shown_figures(figures, smallest);
        figures.retain(is_drawn);
        (*day, figures)
    });
    let mut night = Night { inputs, figures: shown_figures(&inputs.figures, smallest), past: past.collect(), room: ROOMS[0] };
    let mut document = document_of(&night);
    for room in ROOMS.into_iter().skip(1) {
        if document.html()?.len() <= MOST_BYTES {
            break;
        }
        night.room = room;
        document = document_of(&night);
    }
    Ok(document)
}

fn document_of(night: &Night<'_>) -> Document {
    let run = &night.inputs.run;
    let fact = |name: &str, text: &str| Fact { name: name.to_owned(), text: shown(text, 120) };
    let name = if run.project.is_empty() { "Stallmark".to_owned() } else { shown(&run.project, 120) };
    let facts = vec![
        fact("As of", &format!("the midnight that begins {}", run.as_of)),
        fact("Run", &run.run_id),
        fact("Model", &run.model_version),
        fact("Policies", &run.policy_version),
    ];
    Document {
        schema: REPORT_SCHEMA,
        title: format!("{name}: night of {}", run.as_of),
        as_of: run.as_of.to_string(),
        status: run_status(run.status),
        facts,
        sections: sections(night),
    }
}

/// What of a figure is beyond its limit, in a line.
pub(super) fn name_of(shown: &ShownFigure<'_>) -> String {
    let metric = super::words::metric_title(&shown.figure.metric);
    format!("{metric}, {}", segment_text(&shown.figure.segment))
}

/// An honest line where there is nothing.
pub(super) fn nothing(text: &str) -> Block {
    Block::note(Tone::Plain, text)
}
