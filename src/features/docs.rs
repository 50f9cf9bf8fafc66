//! The documentation's pages about features, made of their doc blocks: what each measures, and which go missing with an input.
//!
//! A doc block lists what a feature reads, not what it can do without. What can be said of absent inputs is this: a feature is null
//! without a whole table that it reads (`reports`), without the seller or creator that it is about, and when nothing that it reads
//! is there; one that needs all it reads (every declared window) also when a part of it is not mapped. Any other that misses only
//! a part is null or computed from less. A test holds the first of these against real matrices.

use std::fmt::Write;

use serde::Serialize;

use super::{DeclaredDoc, FeatureSet};

/// Features that suffer from absent inputs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct NullReport {
    /// Everything that they read is absent: they are null.
    pub null: Vec<String>,
    /// Part of what they read is absent: they are null, or computed from less.
    pub reduced: Vec<String>,
}

/// Inputs that every row has: they keep no feature alive by themselves.
const ALWAYS_THERE: [&str; 4] = ["content.content_id", "content.content_type", "content.market", "content.published_at"];

/// What becomes of the columns of `set` over an input of which `is_present` says whether it has a table (`engagement`) or a column
/// (`content.title`). `set` knows what is not mapped, where [`FeatureSet::reading`] said so: columns may be mapped that no row fills.
#[must_use]
pub fn null_features(set: &FeatureSet, is_present: impl Fn(&str) -> bool) -> NullReport {
    let mut report = NullReport::default();
    for (doc, is_absent) in set.docs().zip(set.is_absent()) {
        let read: Vec<&str> = optional_inputs(doc).collect();
        // What is known of a seller alone needs the seller.
        let of_seller = !read.is_empty() && read.iter().all(|input| input.starts_with("sellers."));
        let absent: Vec<&str> = read.into_iter().filter(|input| !is_present(input)).collect();
        let lacks_whom = of_seller && !is_present(SELLER);
        if is_absent || lacks_whom || absent.iter().any(|input| is_indispensable(input)) || reads_nothing_of(doc, &is_present) {
            report.null.push(doc.name.clone());
        } else if !absent.is_empty() {
            report.reduced.push(doc.name.clone());
        }
    }
    report
}

/// Whether a feature is missing for want of what it reads: all of it, or any of it where it needs all.
pub(super) fn is_unreadable(doc: &DeclaredDoc, is_mapped: impl Fn(&str) -> bool) -> bool {
    reads_nothing_of(doc, &is_mapped) || (doc.needs_all && optional_inputs(doc).any(|input| !is_mapped(input)))
}

/// Whether nothing that a feature reads is there.
fn reads_nothing_of(doc: &DeclaredDoc, is_present: impl Fn(&str) -> bool) -> bool {
    let mut read = optional_inputs(doc).peekable();
    read.peek().is_some() && read.all(|input| !is_present(input))
}

/// What ties an item to its seller.
const SELLER: &str = "content.seller_id";

/// Whether a feature that reads `input` is null without it: a whole table, or whom it is about.
fn is_indispensable(input: &str) -> bool {
    !input.contains('.') || [SELLER, "content.creator_id"].contains(&input)
}

fn optional_inputs(doc: &DeclaredDoc) -> impl Iterator<Item = &str> {
    doc.inputs.iter().map(String::as_str).filter(|input| !ALWAYS_THERE.contains(input))
}

/// The columns of `set` by group, and what is null without each of their inputs, in Markdown.
#[must_use]
pub fn docs_markdown(set: &FeatureSet) -> String {
    let mut page = String::new();
    let mut groups: Vec<&str> = Vec::new();
    for doc in set.docs().filter(|doc| doc.group != "upstream") {
        if !groups.contains(&doc.group.as_str()) {
            groups.push(&doc.group);
        }
    }
    // Writing to a string cannot fail.
    for group in groups {
        let _ = writeln!(
            page,
            "## {group}\n\n| feature | what it measures | why it predicts | range | how it is evaded | reads | for |"
        );
        page.push_str("|---|---|---|---|---|---|---|\n");
        set.docs().filter(|doc| doc.group == group).for_each(|doc| page.push_str(&row_of(doc)));
        page.push('\n');
    }
    page.push_str(
        "## Without a table or a column\n\nA feature is null without a whole table that it reads, without the seller or creator that it \
         is about, and when nothing that it\nreads is there; a window also without any column that it reads, and so are rates per order. \
         Any other that misses only a part of what\nit reads is null, or computed from less. `stallmark check` says which of both a project has.\n\n\
         | without | null | null, or computed from less |\n|---|---|---|\n",
    );
    for input in inputs_of(set) {
        let is_part =
            |other: &str| other == input || other.strip_prefix(input.as_str()).is_some_and(|rest| rest.starts_with('.'));
        let set = set.clone().reading(&[], |other| !is_part(other));
        let report = null_features(&set, |other| !is_part(other));
        let _ = writeln!(page, "| `{input}` | {} | {} |", listed(&report.null), listed(&report.reduced));
    }
    page
}

fn row_of(doc: &DeclaredDoc) -> String {
    let escape = |text: &str| text.replace('|', "\\|");
    let applies_to: Vec<&str> = doc.applies_to.iter().map(|c| c.as_str()).collect();
    let applies_to = if applies_to.is_empty() { "all".to_owned() } else { applies_to.join(", ") };
    format!(
        "| `{}` | {} | {} | {} | {} | {} | {applies_to} |\n",
        doc.name,
        escape(&doc.what),
        escape(&doc.why),
        escape(&doc.range),
        escape(&doc.evaded_by),
        doc.inputs.join(", "),
    )
}

/// Every table but content, and every column, that a feature reads and a project can lack; sorted, a table before its columns.
fn inputs_of(set: &FeatureSet) -> Vec<String> {
    let mut inputs: Vec<String> = set.docs().flat_map(optional_inputs).map(str::to_owned).collect();
    let tables = inputs.iter().filter_map(|input| input.split_once('.')).map(|(table, _)| table.to_owned());
    let tables: Vec<String> = tables.filter(|table| table != "content").collect();
    inputs.extend(tables);
    inputs.sort_unstable();
    inputs.dedup();
    inputs
}

fn listed(names: &[String]) -> String {
    match names {
        [] => "none".to_owned(),
        names => names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FeatureSpec, REGISTRY};
    use super::*;

    #[test]
    fn a_feature_goes_with_the_last_of_its_inputs() {
        let set = FeatureSet::new(FeatureSpec::default()).unwrap();
        let all = null_features(&set, |_| true);
        assert_eq!(all, NullReport::default());
        let no_title = null_features(&set, |input| input != "content.title");
        assert!(no_title.null.contains(&"title_chars".to_owned()), "{no_title:?}");
        assert!(no_title.reduced.contains(&"text_chars".to_owned()), "{no_title:?}");
        let no_reports = null_features(&set, |input| input != "reports");
        assert!(no_reports.null.contains(&"seller_reporters_7d".to_owned()) && no_reports.reduced.is_empty());
        let no_seller = null_features(&set, |input| input != "content.seller_id");
        assert!(["seller_items", "seller_rating"].iter().all(|name| no_seller.null.iter().any(|null| null == name)));
        let nothing = null_features(&set, |_| false);
        assert!(nothing.null.contains(&"item_reports_7d".to_owned()) && nothing.reduced.is_empty());
    }

    #[test]
    fn every_feature_has_its_line() {
        let set = FeatureSet::new(FeatureSpec::default()).unwrap();
        let page = docs_markdown(&set);
        for feature in REGISTRY {
            let line = format!("\n| `{}` |", feature.doc().name);
            assert_eq!(page.matches(&line).count(), 1, "{}", feature.doc().name);
        }
        assert!(page.contains("\n| `reports` | `item_reports_7d`"));
    }
}
