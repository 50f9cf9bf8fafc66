//! How much of what people see is violating, over time, and the goals set for it.

use crate::monitor::{Family, Segment};
use crate::report::build::{Night, nothing};
use crate::report::document::{Bar, Bars, Block, Section, Tone};
use crate::report::figure_table::tables;
use crate::report::history::lines;
use crate::report::number::Number;
use crate::report::suppress::ShownFigure;
use crate::report::words::segment_text;

pub(super) fn section(night: &Night<'_>) -> Section {
    let figures = night.family(Family::Prevalence);
    let targets = night.family(Family::Target);
    let mut blocks = Vec::new();
    if figures.is_empty() {
        blocks.push(nothing("No prevalence tonight: it needs decisions on items that were drawn at random or by importance."));
    } else {
        blocks.push(nothing(
            "Share of views that go to violating content, with its 95 % interval. Method surrogate: no label was drawn in the \
             segment, so its scores stand in.",
        ));
        blocks.extend(bars(&figures, night).map(Block::Bars));
        blocks.extend(charts(&figures, "Prevalence over nights, each on its own scale", night));
        blocks.extend(tables(&figures, night));
    }
    if targets.is_empty() {
        blocks.push(nothing("No goal is declared."));
    } else {
        blocks.extend(charts(&targets, "Goals over nights, each on its own scale", night));
        blocks.extend(tables(&targets, night));
    }
    Section { id: "prevalence", title: "Prevalence and goals".to_owned(), status: None, blocks }
}

/// The series, or that there are none yet.
fn charts(figures: &[&ShownFigure<'_>], caption: &str, night: &Night<'_>) -> Option<Block> {
    let n_parts = |shown: &&ShownFigure<'_>| crate::report::words::parts(&shown.figure.segment).iter().flatten().count();
    let mut ordered = figures.to_vec();
    ordered.retain(|shown| shown.figure.segment.category.is_none() && shown.figure.segment.tier.is_none());
    ordered.sort_by_key(n_parts);
    if ordered.is_empty() {
        return None;
    }
    let none = || Block::note(Tone::Unknown, &format!("{caption}: no history yet, no earlier night has these figures."));
    Some(lines(caption, &ordered, night).map_or_else(none, Block::Lines))
}

/// Markets side by side, of the first metric that has them.
fn bars(figures: &[&ShownFigure<'_>], night: &Night<'_>) -> Option<Bars> {
    let is_market = |shown: &&&ShownFigure<'_>| {
        let segment = &shown.figure.segment;
        let rest = Segment { market: None, label: None, ..segment.clone() };
        segment.market.is_some() && rest == Segment::default()
    };
    let of_markets: Vec<&&ShownFigure<'_>> = figures.iter().filter(is_market).collect();
    let first = of_markets.iter().min_by_key(|shown| shown.figure.segment.label.is_some())?;
    let (metric, label) = (first.figure.metric.clone(), first.figure.segment.label.clone());
    let same = |shown: &&&&ShownFigure<'_>| shown.figure.metric == metric && shown.figure.segment.label == label;
    let of_label: Vec<&&&ShownFigure<'_>> = of_markets.iter().filter(same).collect();
    let left_out = of_label.len().saturating_sub(night.room.rows);
    let bar = |shown: &&&&ShownFigure<'_>| Bar { label: segment_text(&shown.figure.segment), number: shown.number.clone() };
    let bars = of_label.iter().take(night.room.rows).map(bar).collect();
    let left_out = (left_out > 0).then(|| Number::count(left_out as u64));
    Some(Bars { caption: "Tonight by market".to_owned(), bars, left_out })
}
