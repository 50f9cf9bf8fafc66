//! What the report shows, leaves out and admits not to know.

use proptest::prelude::*;

use super::fixtures::{demo, huge_inputs, tonight};
use super::{Block, Cell, Disclosure, Document, IdPolicy, MOST_BYTES, ReportInputs, RunStatus, Section, build};
use crate::monitor::{Family, Figure, Segment, Unit};

fn document(inputs: &ReportInputs) -> Document {
    build(inputs).unwrap()
}

fn section<'a>(document: &'a Document, id: &str) -> &'a Section {
    document.sections.iter().find(|section| section.id == id).unwrap()
}

fn notes(section: &Section) -> Vec<&str> {
    section
        .blocks
        .iter()
        .filter_map(|block| if let Block::Note(note) = block { Some(note.text.as_str()) } else { None })
        .collect()
}

#[test]
fn escalations_come_first_and_urgent_ones_by_id_alone() {
    let document = document(&demo());
    let order: Vec<&str> = document.sections.iter().map(|section| section.id).collect();
    let expect =
        ["summary", "escalations", "prevalence", "policies", "queue", "trust", "trends", "pain-points", "sellers", "health"];
    assert_eq!(order, expect);
    let Block::Table(table) = &section(&document, "escalations").blocks[2] else { panic!() };
    assert_eq!(table.rows[0][2], Cell::Code { text: "item-12".to_owned() });
    assert_eq!(section(&document, "escalations").status.as_ref().unwrap().text, "urgent");
}

#[test]
fn an_empty_night_says_so_everywhere() {
    let document = document(&ReportInputs::default());
    for section in &document.sections {
        assert!(!notes(section).is_empty(), "{} says nothing", section.id);
    }
    assert_eq!(notes(section(&document, "trends")), ["Nothing new rises tonight among items that score low."]);
    assert!(document.html().unwrap().len() < 20_000);
}

#[test]
fn without_earlier_nights_there_is_no_history() {
    let first = ReportInputs { past: std::collections::BTreeMap::new(), ..demo() };
    let document = document(&first);
    let said = notes(section(&document, "prevalence")).join(" ");
    assert!(said.contains("Prevalence over nights, each on its own scale: no history yet"), "{said}");
}

#[test]
fn nights_to_come_and_long_ago_are_not_drawn() {
    let mut inputs = demo();
    let figures = inputs.past[&tonight().plus(-1)].clone();
    inputs.past.insert(tonight().plus(1), figures.clone());
    inputs.past.insert(tonight().plus(-400), figures);
    (29..36).for_each(|ago| drop(inputs.past.insert(tonight().plus(-ago), Vec::new())));
    let document = document(&inputs);
    let lines = section(&document, "prevalence").blocks.iter().find_map(|block| match block {
        Block::Lines(lines) => Some(lines),
        _ => None,
    });
    let lines = lines.unwrap();
    assert_eq!(lines.days, ["2025-12-24".to_owned(), "2026-01-28".to_owned()]);
    assert_eq!(lines.series[0].points.len(), 29);
}

#[test]
fn a_refusal_is_told_first() {
    let mut inputs = demo();
    (inputs.run.status, inputs.run.status_reason) = (RunStatus::Refused, Some("volume halved in VN".to_owned()));
    let document = document(&inputs);
    assert_eq!(notes(&document.sections[0])[0], "Refused: volume halved in VN");
    assert!(document.html().unwrap().contains("refused: nothing is published"));
}

#[test]
fn small_cells_about_people_are_not_shown() {
    let cases = |market: Option<&str>, n: u64| {
        let segment = Segment { market: market.map(|m| m.parse().unwrap()), ..Segment::default() };
        let mut figure = Figure::new(Family::PainPoint, "cases", segment, Unit::Count);
        (figure.value, figure.n, figure.note) = (Some(n as f64), n, Some(format!("{n} told")));
        figure
    };
    let figures = vec![cases(None, 467), cases(Some("SG"), 4), cases(Some("TH"), 63), cases(Some("VN"), 400)];
    let inputs = ReportInputs { figures, ..ReportInputs::default() };
    let shown = document(&inputs);
    let (html, json) = (shown.html().unwrap(), shown.json().unwrap());
    assert!(html.contains(">&#60; 10<") && html.contains(">withheld<"), "{html}");
    let is_shown = |n: u64| html.contains(&format!(">{n}<")) || json.contains(&format!("\"n\":{n},"));
    assert!(is_shown(467) && is_shown(400) && !is_shown(4));
    assert!(!is_shown(63), "with it the one below could be worked out");
    assert!(!json.contains("4 told") && !json.contains("63 told"));
    let all = ReportInputs { disclosure: Disclosure { smallest_cell: 0, ..Disclosure::default() }, ..inputs };
    assert!(document(&all).json().unwrap().contains("4 told"));
}

#[test]
fn ids_are_hashed_when_asked() {
    let plain = demo();
    let hashed = ReportInputs { disclosure: Disclosure { ids: IdPolicy::Keyed([7; 32]), ..plain.disclosure }, ..plain.clone() };
    let text = |inputs: &ReportInputs| document(inputs).json().unwrap();
    for id in ["item-70011", "item-12\"", "seller-100\"", "seller-500", "item-88100"] {
        assert!(text(&plain).contains(id), "{id} is not in the plain report");
        assert!(!text(&hashed).contains(id), "{id} is in the hashed report");
    }
}

/// For looking at: `cargo test --lib write_the_demo_page -- --ignored` writes `stallmark-report.html` to the folder for temporary files.
#[test]
#[ignore = "writes a page to look at"]
fn write_the_demo_page() {
    let document = document(&demo());
    std::fs::write(std::env::temp_dir().join("stallmark-report.html"), document.html().unwrap()).unwrap();
    std::fs::write(std::env::temp_dir().join("stallmark-report.json"), document.json().unwrap()).unwrap();
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let (one, two) = (document(&demo()), document(&demo()));
    assert_eq!(one.html().unwrap(), two.html().unwrap());
    assert_eq!(one.json().unwrap(), two.json().unwrap());
}

#[test]
fn what_there_is_no_room_for_is_counted() {
    let mut inputs = demo();
    inputs.sellers = vec![inputs.sellers[0].clone(); 73];
    let document = document(&inputs);
    let Block::Table(table) = &section(&document, "sellers").blocks[0] else { panic!() };
    assert_eq!(table.rows.len(), 50);
    assert_eq!(table.left_out.as_ref().unwrap().value, Some(23.0));
    assert!(document.html().unwrap().contains("more not shown"));
}

#[test]
fn the_largest_page_stays_below_two_megabytes() {
    for text in ["<", "\u{202e}", "\u{1f468}", "ครับ", "&\"'", "x "] {
        let size = document(&huge_inputs(700, text)).html().unwrap().len();
        assert!(size <= MOST_BYTES, "{size} bytes of {text:?}");
        assert!(size > 100_000, "{size} bytes of {text:?} is little");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_text_and_any_count_fits(text in "\\PC{1,20}", n in 1_usize..300) {
        let document = document(&huge_inputs(n, &text));
        prop_assert!(document.html().unwrap().len() <= MOST_BYTES);
    }
}
