//! A case in words: what a stranger reads, in the order in which they would ask.

mod background;
mod changes;
mod figures;
mod policies;
mod score;

use std::collections::BTreeMap;

use super::case::{Case, LabelCase, NO_TEXT};
use super::document::{Document, Piece, Style, code, plain, strong};
use super::spans::{TextCase, TextPart, TextTrait};
pub(super) use figures::natural;
use figures::{effect, percent};

/// The case as a document.
pub(super) fn document_of(case: &Case) -> Document {
    let item = &case.item;
    let mut document = Document {
        title: format!(
            "{} {} in market {}, as known when {} began",
            capital(item.content_type),
            item.content_id,
            item.market,
            item.as_of
        ),
        blocks: Vec::new(),
    };
    in_short(case, &mut document);
    the_item(case, &mut document);
    if let Some(text) = &case.text {
        the_text(text, case.labels.first(), &mut document);
    }
    score::tell(case, &mut document);
    policies::tell(case, &mut document);
    changes::tell(case, &mut document);
    background::tell(case, &mut document);
    how_to_read(&mut document);
    document
}

/// The answer first.
fn in_short(case: &Case, document: &mut Document) {
    let score = &case.score;
    document.heading("In short");
    let mut pieces = vec![
        plain("The item is in band "),
        strong(&score.band),
        plain(", and what is recommended is "),
        strong(treatment(score.treatment)),
        plain(". "),
    ];
    let leading = case.labels.first();
    let of_score = leading.and_then(|leading| score.labels.iter().find(|label| label.id == leading.label));
    match (leading, of_score) {
        (Some(leading), Some(label)) => {
            pieces.extend([
                plain(if leading.acted_on { "A policy about " } else { "Of all that is scored, " }),
                code(&label.id),
                plain(if leading.acted_on { " acts on it" } else { " weighs most" }),
                plain(": the model gives it a probability of "),
                strong(percent(label.p)),
                plain(format!(
                    " ({}, severity {} of 5). The label means: {}. ",
                    label.kind,
                    label.severity,
                    label.definition.trim_end_matches('.')
                )),
            ]);
            pieces.extend(strongest(leading, case.text.as_ref()));
        }
        _ => pieces.push(plain("No label has a score for it.")),
    }
    document.paragraph(pieces);
    if let Some(change) = case.changes.tried.iter().find(|change| change.flips && change.what != NO_TEXT) {
        document.say(format!("If {}, it would be at {}, with {}.", change.what, percent(change.p), changes::outcome(change)));
    }
}

/// What speaks for and against the leading label most.
fn strongest(label: &LabelCase, text: Option<&TextCase>) -> Vec<Piece> {
    let spans = text.map(|text| text.spans.as_slice()).unwrap_or_default();
    let of_spans = spans.iter().map(|span| (span.logit, vec![plain("the text “"), strong(&span.text), plain("”")]));
    let of_features = label.features.iter().map(|f| {
        let (what, value) = natural(&f.what, f.value);
        (f.logit, vec![code(&f.name), plain(" = "), strong(value), plain(format!(" ({})", first_clause(&what)))])
    });
    let mut all: Vec<(f64, Vec<Piece>)> = of_spans.chain(of_features).collect();
    all.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
    let mut pieces = Vec::new();
    for (is_for, words) in [(true, "Most speaks for it: "), (false, "Most speaks against it: ")] {
        if let Some((logit, found)) = all.iter().find(|(logit, _)| (*logit > 0.0) == is_for && *logit != 0.0) {
            pieces.push(plain(words));
            pieces.extend(found.iter().cloned());
            pieces.push(plain(format!(", {}. ", effect(*logit))));
        }
    }
    pieces
}

fn the_item(case: &Case, document: &mut Document) {
    let item = &case.item;
    document.heading("The item");
    let known = |name: &str, value: &Option<String>| value.as_ref().map(|value| (name.to_owned(), vec![plain(value)]));
    let mut items = vec![("published".to_owned(), vec![plain(figures::moment(&item.published_at))])];
    items.extend(known("seller", &item.seller_id));
    items.extend(known("creator", &item.creator_id));
    items.extend(known("category", &item.category));
    items.extend(known("language", &item.language));
    items.extend(item.versions.map(|n| ("versions".to_owned(), vec![plain(format!("{n} known; this is the latest of them"))])));
    items.extend(item.facts.iter().map(|fact| (fact.name.replace('_', " "), vec![plain(&fact.value)])));
    document.items(items);
}

fn the_text(text: &TextCase, label: Option<&LabelCase>, document: &mut Document) {
    document.heading("What it says");
    let mut note = match label {
        Some(label) if !text.spans.is_empty() => {
            format!(
                "Marked is what the model read for or against `{}`, numbered from the strongest: [[…]] raises its score, ((…)) lowers it. ",
                label.label
            )
        }
        _ => String::new(),
    };
    if text.masked_chars > 0 {
        note.push_str("Contact details and long numbers are masked (* and #); --show-contacts shows them. ");
    }
    if text.n_tags > 0 {
        note.push_str(&format!("{} left out. ", figures::counted(text.n_tags.into(), "HTML tag is", "HTML tags are")));
    }
    if !note.is_empty() {
        document.say(note.trim_end());
    }
    marked_text(text, document);
}

/// The text with its marks, and what each of them adds.
pub(super) fn marked_text(text: &TextCase, document: &mut Document) {
    let logits: Vec<f64> = text.spans.iter().map(|span| span.logit).collect();
    text.parts.iter().for_each(|part| document.blocks.push(quote(part, &logits)));
    let mut items: Vec<(String, Vec<Piece>)> = Vec::new();
    for (at, span) in text.spans.iter().enumerate() {
        let mut pieces = vec![plain(format!("{}. “", at + 1)), strong(&span.text), plain("”")];
        if let Some(read_as) = &span.read_as {
            pieces.extend([plain(", read as “"), plain(read_as), plain("”")]);
        }
        pieces.push(plain(format!(", in the {}: {}", span.part, effect(span.logit))));
        items.push((figures::signed(span.logit), pieces));
    }
    items.extend(traits(&text.traits));
    if figures::matters(text.rest) {
        items.push((figures::signed(text.rest), vec![plain("all other words together")]));
    }
    document.items(items);
}

/// What the text as a whole is like. A model reads each trait as a ladder (at least 1, 2, 3 …): a person reads its last rung, and the sum.
fn traits(all: &[TextTrait]) -> Vec<(String, Vec<Piece>)> {
    let mut ladders: BTreeMap<&str, (u64, f64)> = BTreeMap::new();
    for found in all {
        let (name, rung) = found.name.split_once(" >= ").unwrap_or((&found.name, ""));
        let (most, logit) = ladders.entry(name).or_default();
        (*most, *logit) = (rung.parse().unwrap_or(0).max(*most), *logit + found.logit);
    }
    let mut ladders: Vec<(&str, (u64, f64))> = ladders.into_iter().filter(|(_, (_, logit))| figures::matters(*logit)).collect();
    ladders.sort_by(|a, b| b.1.1.abs().total_cmp(&a.1.1.abs()));
    let said = |(name, (most, logit)): (&str, (u64, f64))| {
        let what = match name {
            "characters" => format!("its length: {most} characters or more"),
            "styled characters" => format!("{most} or more characters in a special type, such as 𝐀, Ⓐ or Ａ"),
            "spelt-out characters" => format!("{most} or more characters of words that are spelt out, such as a-b-c-d"),
            "stretched letters" => format!("{most} or more letters too many, as in goooood"),
            "look-alike characters" => format!("{most} or more letters of other scripts that look like Latin ones"),
            "excess marks" => format!("{most} or more marks stacked on letters that don't take them"),
            "leet characters" => format!("{most} or more digits and signs that stand for letters, as in h4ck"),
            _ => format!("{most} or more {name}"),
        };
        (figures::signed(logit), vec![plain(format!("the text as a whole: {what}"))])
    };
    ladders.into_iter().map(said).collect()
}

fn quote(part: &TextPart, logits: &[f64]) -> super::document::Block {
    let mut pieces = Vec::new();
    for segment in &part.segments {
        if segment.after_gap {
            pieces.push(plain(" […] "));
        }
        let style = match segment.span {
            Some(number) if logits.get(number - 1).is_some_and(|logit| *logit < 0.0) => Style::Lowers(number),
            Some(number) => Style::Raises(number),
            None => Style::Plain,
        };
        pieces.push(Piece { text: segment.text.clone(), style });
    }
    super::document::Block::Quote { name: format!("{}, {} characters", part.name, part.n_chars), pieces }
}

fn how_to_read(document: &mut Document) {
    document.heading("How to read the numbers");
    document.say(
        "Effects are log-odds: they add up, and +0.7 doubles the odds, -0.7 halves them; +2.3 makes them ten times as high. Their sum is turned \
         into a probability by a calibration that was fitted to decisions which the model had not learned from. Effects tell what this model made \
         of this item; they are no proof that one thing caused another. Nothing that became known after the midnight above plays a part.",
    );
}

/// The first letter as a capital.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// What a treatment means.
pub(super) fn treatment(name: &str) -> String {
    let meaning = match name {
        "allow" => "to leave it alone",
        "label" => "to show it with a warning",
        "downrank" => "to rank it lower",
        "no_recommend" => "to keep it out of recommendations",
        "gate" => "to show it behind a gate",
        "review" => "to have a person look at it",
        "hold" => "to hold it back until a person has decided",
        "escalate" => "to send it to the owner at once",
        other => other,
    };
    format!("{meaning} ({name})")
}

/// The beginning of a doc's `what`, up to the first semicolon or full stop.
fn first_clause(what: &str) -> &str {
    let end = what.find([';', ':']).or_else(|| what.find(". ")).unwrap_or(what.len());
    what.get(..end).unwrap_or(what).trim_end_matches('.')
}
