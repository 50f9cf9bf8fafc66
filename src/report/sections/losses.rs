//! Pain points: what people appeal against, report and send back.

use crate::monitor::Family;
use crate::report::build::{Night, nothing};
use crate::report::document::Section;
use crate::report::figure_table::tables;

pub(super) fn section(night: &Night<'_>) -> Section {
    let mut blocks = tables(&night.family(Family::PainPoint), night);
    if blocks.is_empty() {
        blocks.push(nothing("No appeals, reports or after-sales cases to tell of tonight."));
    }
    Section { id: "pain-points", title: "Pain points".to_owned(), status: None, blocks }
}
