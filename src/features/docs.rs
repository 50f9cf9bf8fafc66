//! What of a matrix a project can have: which features go missing with what it doesn't map, and the documentation's pages of it.
//!
//! Input: a feature set over a project's mappings. Output: the names of the features that are null, computed from less, or without a
//! value so far; pages in Markdown, made of the doc blocks. The rule itself stands in `availability`, which the features are
//! computed by too.

use std::fmt::Write;

use serde::Serialize;

use super::availability::{Availability, is_required};
use super::{DeclaredDoc, FeatureSet};

/// Features that suffer from absent inputs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct NullReport {
    /// What they cannot do without is not mapped: they are null in every row.
    pub null: Vec<String>,
    /// Part of what they read is not mapped: they are computed from less.
    pub reduced: Vec<String>,
    /// What they cannot do without is mapped, but no row fills it.
    pub unfilled: Vec<String>,
}

/// What becomes of the columns of `set`, which knows what is mapped ([`FeatureSet::reading`]), over rows of which `is_filled` says
/// whether a table (`engagement`) has a source or a column (`content.title`) a value.
#[must_use]
pub fn null_features(set: &FeatureSet, is_filled: impl Fn(&str) -> bool) -> NullReport {
    let mut report = NullReport::default();
    for ((doc, mapped), filled) in set.docs().zip(set.mapped()).zip(set.filled(&is_filled)) {
        match (mapped, filled) {
            (Availability::Null, _) => report.null.push(doc.name.clone()),
            (_, Availability::Null) => report.unfilled.push(doc.name.clone()),
            (Availability::Reduced, _) => report.reduced.push(doc.name.clone()),
            (Availability::Whole, _) => {}
        }
    }
    report
}

fn optional_inputs(doc: &DeclaredDoc) -> impl Iterator<Item = &str> {
    doc.reads().filter(|input| !is_required(input))
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
        "## Without a table or a column\n\nWhat a feature reads is listed in three parts. Where a column or table of the first is not mapped, the \
         feature is null in every\nrow; so it is where nothing of what it needs any of is mapped. What it reads where mapped changes \
         it, no more: without that it is\ncomputed from less. `stallmark check` says what becomes of the features of a project.\n\n\
         | without | null | computed from less |\n|---|---|---|\n",
    );
    for input in inputs_of(set) {
        let is_part =
            |other: &str| other == input || other.strip_prefix(input.as_str()).is_some_and(|rest| rest.starts_with('.'));
        let set = set.clone().reading(&[], |other| !is_part(other));
        let report = null_features(&set, |_| true);
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
        doc.reads_in_words(),
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
    fn the_report_tells_unmapped_from_unfilled() {
        let set = FeatureSet::new(FeatureSpec::default()).unwrap();
        assert_eq!(null_features(&set, |_| true), NullReport::default());
        let no_title = |input: &str| input != "content.title";
        let unmapped = null_features(&set.clone().reading(&[], no_title), no_title);
        let has = |names: &[String], name: &str| names.iter().any(|known| known == name);
        assert!(has(&unmapped.null, "title_chars") && has(&unmapped.reduced, "text_chars"), "{unmapped:?}");
        assert!(unmapped.unfilled.is_empty());
        let unfilled = null_features(&set, no_title);
        assert!(has(&unfilled.unfilled, "title_chars") && unfilled.null.is_empty() && unfilled.reduced.is_empty());
        let nothing = null_features(&set.clone().reading(&[], |_| false), |_| false);
        assert!(has(&nothing.null, "item_reports_7d") && nothing.reduced.is_empty() && nothing.unfilled.is_empty());
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
