//! The page as a browser reads it: parsed by an HTML parser, its elements, attributes and numbers are those that the template put there.

use std::collections::{BTreeMap, BTreeSet};

use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use serde_json::Value;

use super::fixtures::{HOSTILE, demo, hostile_inputs};
use super::{Document, Number, NumberUnit, ReportInputs, Suppression, build, written};
use crate::explain::is_hidden;

/// An element of a parsed page.
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    /// Its own and its descendants' text.
    text: String,
    /// Its own text nodes.
    own: Vec<String>,
    /// Whether it or an element around it is a number of the document.
    is_number: bool,
}

fn elements(page: &str) -> Vec<Element> {
    let dom = parse_document(RcDom::default(), ParseOpts::default()).one(page);
    let mut found = Vec::new();
    collect(&dom.document, false, &mut found);
    found
}

/// Text of the node and below.
fn collect(node: &Handle, in_number: bool, found: &mut Vec<Element>) -> String {
    let NodeData::Element { name, attrs, .. } = &node.data else {
        return match &node.data {
            NodeData::Text { contents } => contents.borrow().to_string(),
            NodeData::Comment { .. } | NodeData::ProcessingInstruction { .. } => "a comment or instruction".to_owned(),
            _ => node.children.borrow().iter().map(|child| collect(child, in_number, found)).collect(),
        };
    };
    let attributes: BTreeMap<String, String> =
        attrs.borrow().iter().map(|attr| (attr.name.local.to_string(), attr.value.to_string())).collect();
    let is_number = in_number || attributes.contains_key("data-figure");
    let at = found.len();
    found.push(Element { name: name.local.to_string(), attributes, text: String::new(), own: Vec::new(), is_number });
    let (mut text, mut own) = (String::new(), Vec::new());
    for child in node.children.borrow().iter() {
        let part = collect(child, is_number, found);
        if matches!(child.data, NodeData::Text { .. }) {
            own.push(part.clone());
        }
        text.push_str(&part);
    }
    (found[at].text, found[at].own) = (text.clone(), own);
    text
}

/// All elements in their nesting, each with its attributes' names, and whatever else is no text.
fn skeleton(page: &str) -> String {
    let dom = parse_document(RcDom::default(), ParseOpts::default()).one(page);
    let mut out = String::with_capacity(page.len() / 2);
    add_skeleton(&dom.document, &mut out);
    out
}

fn add_skeleton(node: &Handle, out: &mut String) {
    match &node.data {
        NodeData::Text { .. } => return,
        NodeData::Comment { .. } | NodeData::ProcessingInstruction { .. } => out.push('!'),
        NodeData::Element { name, attrs, .. } => {
            out.push_str(&name.local);
            for attr in attrs.borrow().iter() {
                out.push(' ');
                out.push_str(&attr.name.local);
            }
        }
        NodeData::Document | NodeData::Doctype { .. } => {}
    }
    out.push('(');
    node.children.borrow().iter().for_each(|child| add_skeleton(child, out));
    out.push(')');
}

fn document(inputs: &ReportInputs) -> Document {
    build(inputs).unwrap()
}

fn page(inputs: &ReportInputs) -> String {
    document(inputs).html().unwrap()
}

/// Checks that the page with `text` everywhere differs from a harmless one in its text alone.
fn check_hostile(text: &str, expect: &str) {
    let page = page(&hostile_inputs(text));
    assert!(skeleton(&page) == expect, "{text:?} changes the page: {page}");
    assert!(!page.chars().any(|c| c != '\n' && is_hidden(c)), "a hidden character of {text:?} is left");
}

/// The `seed`-th hostile string: pieces of the known ones, cut and joined, with stray characters.
fn hostile(seed: u64) -> String {
    let mut state = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut next = |below: usize| {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % below
    };
    // A letter first: a field that shows nothing is left out, which is another page.
    let mut text = "x".to_owned();
    for _ in 0..1 + next(4) {
        let piece: Vec<char> = HOSTILE[next(HOSTILE.len())].chars().collect();
        let from = next(piece.len());
        let long = if next(40) == 0 { 50 } else { 1 };
        (0..long).for_each(|_| text.extend(&piece[from..]));
        text.push(['<', '>', '"', '\'', '&', '=', '/', '\u{202e}', '\u{0}', ' ', '`', '\u{301}'][next(12)]);
    }
    text
}

/// All strings of 10,000 are tried, in four tests so that they run side by side.
fn check_hostile_seeds(seeds: std::ops::Range<u64>) {
    let expect = skeleton(&page(&hostile_inputs("harmless")));
    seeds.for_each(|seed| check_hostile(&hostile(seed), &expect));
}

#[test]
fn hostile_strings_add_no_element_and_no_attribute() {
    let expect = skeleton(&page(&hostile_inputs("harmless")));
    HOSTILE.iter().for_each(|text| check_hostile(text, &expect));
    check_hostile_seeds(0..2_500);
}

#[test]
fn hostile_strings_add_no_element_and_no_attribute_second_quarter() {
    check_hostile_seeds(2_500..5_000);
}

#[test]
fn hostile_strings_add_no_element_and_no_attribute_third_quarter() {
    check_hostile_seeds(5_000..7_500);
}

#[test]
fn hostile_strings_add_no_element_and_no_attribute_last_quarter() {
    check_hostile_seeds(7_500..10_000);
}

#[test]
fn the_check_sees_a_planted_element() {
    let harmless = page(&hostile_inputs("harmless"));
    let expect = skeleton(&harmless);
    for (from, to) in [
        ("<bdi>harmless", "<bdi><b>harmless</b>"),
        ("<h2", "<h2 onclick=x"),
        ("harmless</bdi>", "harmless<!-- x --></bdi>"),
        ("harmless</bdi></td>", "harmless</bdi></td><td></td>"),
    ] {
        let planted = harmless.replacen(from, to, 1);
        assert!(planted != harmless && skeleton(&planted) != expect, "{to}");
    }
}

/// The source that a policy names a style sheet by: its SHA-256 in base 64.
fn style_source(style: &str) -> String {
    use sha2::Digest;
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digest = sha2::Sha256::digest(style.as_bytes());
    let mut text = String::new();
    for chunk in digest.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
        let sextet = |at: usize| char::from(ALPHABET[(bits >> (18 - 6 * at)) as usize & 63]);
        (0..4).for_each(|at| text.push(if at <= chunk.len() { sextet(at) } else { '=' }));
    }
    format!("'sha256-{text}'")
}

#[test]
fn only_the_pages_own_style_sheet_applies() {
    assert_eq!(style_source(""), "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='", "as in the specification");
    let found = elements(&page(&demo()));
    let style = found.iter().find(|element| element.name == "style").unwrap();
    let policy = found.iter().find(|element| element.attributes.contains_key("http-equiv")).unwrap();
    let expect = format!("default-src 'none'; style-src {}; base-uri 'none'; form-action 'none'", style_source(&style.text));
    assert_eq!(policy.attributes["content"], expect, "put this into templates/report.html");
}

#[test]
fn nothing_is_loaded_and_nothing_runs() {
    for element in elements(&page(&demo())) {
        let is_allowed =
            !matches!(element.name.as_str(), "script" | "link" | "img" | "iframe" | "object" | "embed" | "base" | "form");
        assert!(is_allowed, "{}", element.name);
        for (name, value) in &element.attributes {
            assert!(!name.starts_with("on") && !matches!(name.as_str(), "src" | "style" | "srcset" | "action"), "{name}");
            let is_case = value.strip_prefix("case-").and_then(|rest| rest.strip_suffix(".html"));
            let is_own = value.starts_with('#') || is_case.is_some_and(|n| n.parse::<u32>().is_ok());
            assert!(name != "href" || is_own, "{value}");
        }
    }
    assert!(page(&demo()).contains("default-src 'none'"));
}

/// All strings of the document.
fn strings<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::String(text) => {
            found.insert(text);
        }
        Value::Array(items) => items.iter().for_each(|item| strings(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| strings(field, found)),
        _ => {}
    }
}

/// How many objects of the document are numbers.
fn count_numbers(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(count_numbers).sum(),
        Value::Object(fields) if fields.contains_key("method") && fields.contains_key("low") => 1,
        Value::Object(fields) => fields.values().map(count_numbers).sum(),
        _ => 0,
    }
}

/// The number as `report.json` has it.
fn number_of(json: &Value) -> Number {
    let end = |name: &str| json[name].as_f64();
    let suppressed = match &json["suppressed"] {
        Value::String(_) => Some(Suppression::Complement),
        Value::Object(below) => below["below"].as_u64().map(Suppression::Below),
        _ => None,
    };
    let unit = match json["unit"].as_str().unwrap() {
        "share" => NumberUnit::Share,
        "per_ten_thousand" => NumberUnit::PerTenThousand,
        "count" => NumberUnit::Count,
        "views" => NumberUnit::Views,
        "money" => NumberUnit::Money,
        "seconds" => NumberUnit::Seconds,
        "minutes" => NumberUnit::Minutes,
        "days" => NumberUnit::Days,
        "harm" => NumberUnit::Harm,
        "number" => NumberUnit::Number,
        other => panic!("{other} is no unit"),
    };
    let method = json["method"].as_str().unwrap().to_owned();
    Number { value: end("value"), low: end("low"), high: end("high"), n: json["n"].as_u64(), unit, method, suppressed }
}

#[test]
fn every_number_of_the_page_is_the_one_of_report_json_and_carries_its_n() {
    for inputs in [demo(), hostile_inputs("7 of 9"), ReportInputs::default()] {
        let document = document(&inputs);
        let json: Value = serde_json::from_str(&document.json().unwrap()).unwrap();
        let found = elements(&document.html().unwrap());
        let mut shown = BTreeSet::new();
        for element in found.iter().filter(|element| element.attributes.contains_key("data-figure")) {
            let pointer = &element.attributes["data-figure"];
            let number = number_of(json.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is not in report.json")));
            let expect = written(&number);
            shown.insert(pointer.clone());
            if element.name == "text" {
                assert_eq!(element.text, expect.value, "{pointer}");
                continue;
            }
            assert_eq!(element.attributes["value"].parse().ok(), number.value, "{pointer}");
            assert_eq!(element.attributes["data-n"].parse().ok(), number.n, "{pointer}");
            assert_eq!(element.attributes["title"], expect.title, "{pointer}");
            let interval = if expect.interval.is_empty() { String::new() } else { format!(" ({})", expect.interval) };
            let n = if expect.n.is_empty() { String::new() } else { format!(" {}", expect.n) };
            assert_eq!(element.text, format!("{}{interval}{n}", expect.value), "{pointer}");
            let is_set = matches!(number.method.as_str(), super::CONFIGURED | super::AXIS);
            assert!(number.n.is_some() || number.suppressed.is_some() || is_set, "{pointer} has no n");
        }
        // All numbers but the lower ends of axes are drawn.
        let n_axes = json.to_string().matches("\"axis\":[").count();
        assert_eq!(shown.len(), count_numbers(&json) - n_axes);
        // Digits elsewhere are texts of the document, letter by letter.
        let mut texts = BTreeSet::new();
        strings(&json, &mut texts);
        for element in found.iter().filter(|element| !element.is_number && element.name != "style") {
            for text in element.own.iter().filter(|text| text.contains(|c: char| c.is_ascii_digit())) {
                assert!(texts.contains(text.trim()), "{text:?} in {} is not in report.json", element.name);
            }
        }
    }
}

#[test]
fn every_id_is_there_once_and_every_reference_has_its_target() {
    let found = elements(&page(&demo()));
    let mut ids = BTreeSet::new();
    for element in &found {
        if let Some(id) = element.attributes.get("id") {
            assert!(ids.insert(id.clone()), "{id} is there twice");
        }
    }
    for element in &found {
        let labels = element.attributes.get("aria-labelledby").into_iter().flat_map(|ids| ids.split(' '));
        let anchors = element.attributes.get("href").and_then(|href| href.strip_prefix('#'));
        labels.chain(anchors).for_each(|id| assert!(ids.contains(id), "{id}"));
        let needs_name = element.name == "svg" && element.attributes.get("role").is_some_and(|role| role == "img");
        assert!(!needs_name || element.attributes.contains_key("aria-labelledby"));
        assert!(element.name != "th" || element.attributes.contains_key("scope"));
    }
}
