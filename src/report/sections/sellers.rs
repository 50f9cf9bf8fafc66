//! Sellers whose health moved since the last night.

use crate::monitor::{Family, Segment};
use crate::report::build::{Night, nothing};
use crate::report::document::{Block, Cell, Section, Table};
use crate::report::figure_table::tables;
use crate::report::inputs::SellerLine;
use crate::report::number::{Number, NumberUnit};
use crate::report::suppress::ShownFigure;

pub(super) fn section(night: &Night<'_>) -> Section {
    let (falls, rises): (Vec<&SellerLine>, Vec<&SellerLine>) = night.inputs.sellers.iter().partition(|line| line.change < 0.0);
    let mut blocks = Vec::new();
    let parts = [("Health fell", falls), ("Health rose", rises)];
    let told = parts.into_iter().filter(|(_, lines)| !lines.is_empty());
    blocks.extend(told.map(|(caption, lines)| Block::Table(table(caption, &lines, night))));
    // The subject of such a figure may be a seller's id, which cannot be told from other words.
    let may_show = |shown: &&ShownFigure<'_>| night.may_name_ids() || Segment::default().subject == shown.figure.segment.subject;
    let figures: Vec<&ShownFigure<'_>> = night.family(Family::Seller).into_iter().filter(may_show).collect();
    blocks.extend(tables(&figures, night));
    if blocks.is_empty() {
        blocks.push(nothing("No seller moved, or no history yet."));
    }
    Section { id: "sellers", title: "Sellers that moved".to_owned(), status: None, blocks }
}

fn table(caption: &str, lines: &[&SellerLine], night: &Night<'_>) -> Table {
    let row = |line: &&SellerLine| {
        let number = |value| Cell::Number(Number::of(Some(value), NumberUnit::Number, line.items, "items"));
        vec![
            Cell::code(&night.id(&line.seller_id)),
            Cell::text(line.market.as_str()),
            number(line.change),
            number(line.health),
            Cell::text(&line.band),
            Cell::text(&line.driver),
        ]
    };
    let columns = ["Seller", "Market", "Change", "Health", "Band", "Driver"].map(str::to_owned).to_vec();
    night.cut(Table { caption: caption.to_owned(), columns, rows: lines.iter().map(row).collect(), left_out: None })
}
