//! The page of a night: figures and findings as one document, and the document as HTML, JSON and Prometheus text.
//!
//! Input: figures, cases and findings as values. Output: text. Everything that the page shows stands in the document, and `report.json` is
//! the document: no number is made while it is drawn. Deliberately not here: files, the clock, measuring.

mod document;
mod number;
mod format;
mod inputs;
mod shown;
mod words;
mod suppress;
mod figure_table;
mod history;
mod sections;
mod build;
mod page;
mod draw;
mod prometheus;
mod lineage;
mod escalations;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod html_tests;
#[cfg(test)]
mod tests;

pub use build::{MOST_BYTES, build};
pub use document::{
    Bar, Bars, Block, Cell, Document, Fact, Item, Lines, List, Note, Point, REPORT_SCHEMA, Section, Series, Status, Table, Tile,
    Tiles, Tone,
};
pub use escalations::escalations_jsonl;
pub use format::{Written, exact, written};
pub use inputs::{
    Disclosure, EscalationLine, GateLine, IdPolicy, PolicyLine, QueueCase, ReportInputs, RunFacts, RunStatus, SellerLine,
    SourceLine, StageLine, TeamLine,
};
pub use lineage::{LineageDataset, LineageEvent, LineageRun, open_lineage};
pub use number::{AXIS, CONFIGURED, Number, NumberUnit, Suppression};
pub use prometheus::prometheus;

use shown::shown;
