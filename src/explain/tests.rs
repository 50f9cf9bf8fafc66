//! A whole case in all its forms.

use super::fixtures::case;
use super::{TerminalStyle, is_hidden};

/// Every sentence of a case, word for word.
#[test]
fn a_case_reads_like_this() {
    assert_eq!(case("Slot").text(TerminalStyle::Plain), include_str!("case.txt"));
}

/// The fields of the JSON, down to the last: readers build on them. `schema` is raised when one changes its meaning.
#[test]
fn the_json_has_these_fields() {
    let json = serde_json::to_value(case("x")).unwrap();
    let mut paths = Vec::new();
    collect("", &json, &mut paths);
    paths.sort();
    paths.dedup();
    assert_eq!(paths.join("\n") + "\n", include_str!("case_fields.txt"));
}

fn collect(path: &str, value: &serde_json::Value, paths: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| collect(&format!("{path}.{name}"), value, paths))
        }
        serde_json::Value::Array(items) if items.iter().any(serde_json::Value::is_object) => {
            items.iter().for_each(|item| collect(&format!("{path}[]"), item, paths));
        }
        _ => paths.push(path.trim_start_matches('.').to_owned()),
    }
}

/// Whatever stands in a case, the page has the elements of the template, and neither form has a character that acts.
#[test]
fn nothing_in_a_case_acts() {
    let tags = |page: &str| {
        let names =
            page.match_indices('<').map(|(at, _)| page[at..].chars().take_while(|c| !matches!(c, ' ' | '>')).collect::<String>());
        names.collect::<Vec<_>>()
    };
    let expect = tags(&case("harmless").html().unwrap());
    for hostile in
        ["</p><script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "\u{1b}[2J\u{202e}\u{9b}31m\u{0}", "{{ x }}<!--"]
    {
        let case = case(hostile);
        let page = case.html().unwrap();
        assert_eq!(tags(&page), expect, "{hostile}");
        for text in [page, case.text(TerminalStyle::Plain)] {
            assert!(!text.chars().any(|c| c != '\n' && is_hidden(c)), "{hostile}");
        }
    }
}
