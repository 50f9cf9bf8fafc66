//! What rises among items that score low yet are complained of.

use crate::monitor::{Family, Trend};
use crate::report::build::{Night, nothing};
use crate::report::document::{Block, Item, List, Section, Tile, Tone};
use crate::report::figure_table::tables;
use crate::report::number::{Number, NumberUnit};
use crate::report::shown::shown;
use crate::report::words::{kind_title, status};

/// Examples of a trend that are shown.
const MOST_EXAMPLES: usize = 5;

pub(super) fn section(night: &Night<'_>) -> Section {
    let trends = &night.inputs.trends;
    let mut blocks = Vec::new();
    if trends.is_empty() {
        blocks.push(nothing("Nothing new rises tonight among items that score low."));
    } else {
        blocks.push(nothing(
            "Ranked by views at stake and growth. q bounds the share of false discoveries among all trends up to this one.",
        ));
        let items = trends.iter().take(night.room.items.saturating_add(1)).map(|trend| item(trend, night)).collect();
        let mut list = night.cut_list(List { caption: "Rising".to_owned(), items, left_out: None });
        let n_left_out = trends.len().saturating_sub(list.items.len());
        list.left_out = (n_left_out > 0).then(|| Number::count(n_left_out as u64));
        blocks.push(Block::List(list));
    }
    blocks.extend(tables(&night.family(Family::Trend), night));
    let badge = (!trends.is_empty()).then(|| status(Tone::Warning, "rising"));
    Section { id: "trends", title: "Emerging trends".to_owned(), status: badge, blocks }
}

fn item(trend: &Trend, night: &Night<'_>) -> Item {
    let smallest = night.inputs.disclosure.smallest_cell;
    let tile = |label: &str, number: Number| Tile { label: label.to_owned(), number, tone: Tone::Plain };
    let of_items = |value: f64, method: &str| Number::of(Some(value), NumberUnit::Number, trend.items, method);
    let mut growth = of_items(trend.growth, "rate ratio");
    let range = trend.growth_interval;
    growth.low = Some(range.low).filter(|low| low.is_finite());
    growth.high = Some(range.high).filter(|high| high.is_finite());
    let views = Number::of(Some(trend.views as f64), NumberUnit::Views, trend.items, "exact");
    let numbers = vec![
        tile("Items", Number::count(trend.items)),
        tile("Sellers", Number::count_of_people(trend.sellers, smallest)),
        tile("Views", views),
        tile("Complaints", Number::count(trend.complaints)),
        tile("Growth", growth),
        tile("q", of_items(trend.q_value, "benjamini-hochberg")),
    ];
    let example =
        |example: &crate::monitor::TrendExample| format!("{}: {}", night.id(&example.content_id), shown(&example.text, 200));
    let mut lines: Vec<String> = trend.examples.iter().take(MOST_EXAMPLES).map(example).collect();
    lines.extend(trend.condition.as_deref().map(|condition| format!("Condition: {}", shown(condition, 300))));
    Item {
        status: status(Tone::Warning, kind_title(trend.kind)),
        name: format!("{} in {}", shown(&trend.name, 160), trend.market),
        text: format!("Found first on the night of {}.", trend.since),
        numbers,
        lines,
    }
}
