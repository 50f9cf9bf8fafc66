//! Signals, the embedding and what is left out.

use super::*;

const CHEAP: &str = "[features.signals.cheap]\nsql = \"price < 1\"\nwhat = \"w\"\nwhy = \"y\"\nevaded_by = \"e\"\n";

#[test]
fn nothing_is_declared_by_default() {
    let features = load_text("").features;
    assert!(features.signals.is_empty() && features.exclude.is_empty());
    assert_eq!((features.embedding.dims, features.embedding.length), (0, 0));
}

#[test]
fn signals_keep_the_order_of_the_file_and_know_their_place() {
    let b = CHEAP.replace("cheap", "b").replace("why = \"y\"", "why = \" because \"");
    let a = CHEAP.replace("cheap", "a") + "content_types = [\"review\", \"listing\"]\nrange = \"0 or 1\"\n";
    let signals = load_text(&format!("{b}{a}")).features.signals;
    assert_eq!(signals.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(signals[0].place, "stallmark.toml:2, features.signals.b.sql");
    assert_eq!((signals[0].why.as_str(), signals[0].range.as_deref()), ("because", None));
    assert_eq!(signals[1].content_types.iter().map(|c| c.as_str()).collect::<Vec<_>>(), ["listing", "review"]);
}

#[test]
fn documentation_and_places_do_not_enter_the_run_id() {
    let one = load_text(CHEAP).canonical_json();
    assert_eq!(one, load_text(&format!("\n{}", CHEAP.replace("\"y\"", "\"z\""))).canonical_json());
    assert_ne!(one, load_text(&CHEAP.replace("< 1", "< 2")).canonical_json());
}

#[test]
fn what_cannot_be_a_signal_is_refused() {
    for name in ["Cheap", "x_cheap", "p_cheap", "embedding_00", "a__b", "a_", "9a"] {
        let message = refusal(&CHEAP.replace("cheap", name), &[], &[]);
        assert!(message.contains(&format!("`features.signals.{name}`")) && message.contains("a name of 1 to 48"), "{message}");
    }
    check_file(&CHEAP.replace("what = \"w\"\n", ""), "stallmark.toml:1: `features.signals.cheap` has no `what`: add it");
    let message = refusal(&CHEAP.replace("\"e\"", "\" \""), &[], &[]);
    assert!(message.starts_with("stallmark.toml:5: `features.signals.cheap.evaded_by` is"), "{message}");
    let message = refusal(&(CHEAP.to_owned() + "ranges = 1"), &[], &[]);
    assert!(message.contains("did you mean `features.signals.cheap."), "{message}");
}

#[test]
fn numbers_have_their_ranges() {
    assert!(refusal("[features.embedding]\ndims = 100", &[], &[]).contains("a whole number from 0 to 99"));
    assert!(refusal("[features]\nexclude = [\"text\", \"text\"]", &[], &[]).contains("each name once"));
    assert!(refusal("[train.leak]\nallow = [\"x_a\", \"x_a\"]", &[], &[]).contains("train.leak.allow[1]"));
    assert_eq!(load_text("[features]\nexclude = [\"text\"]").features.exclude_place, "stallmark.toml:2");
}
