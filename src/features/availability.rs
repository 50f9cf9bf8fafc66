//! What becomes of a feature where what it reads is not mapped. This rule alone decides both what is computed and what is reported.
//!
//! Input: what a feature reads, and which tables and columns a project maps. Output: whether it is computed as described, computed
//! from less, or missing in every row. Deliberately not here: cells that are null in a mapped column, which each feature answers
//! for itself, row by row.

use super::DeclaredDoc;

/// What becomes of a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Availability {
    /// All that it reads is mapped.
    Whole,
    /// It is computed from less.
    Reduced,
    /// It is missing in every row: something that it cannot do without is not mapped.
    Null,
}

impl Availability {
    /// Of a feature whose inputs `is_there` knows: tables (`engagement`) and columns (`content.title`).
    pub(super) fn of(doc: &DeclaredDoc, is_there: &dyn Fn(&str) -> bool) -> Self {
        let lacks = |input: &String| !is_required(input) && !is_there(input);
        let lacks_a_list = doc.any_of.iter().any(|list| list.iter().all(lacks));
        if lacks_a_list || doc.inputs.iter().any(lacks) {
            Self::Null
        } else if doc.any_of.iter().flatten().chain(&doc.uses).any(lacks) {
            Self::Reduced
        } else {
            Self::Whole
        }
    }

    /// Of an expression over `parts`: SQL goes on without a part, but not without all of them.
    pub(super) fn of_expression(parts: impl Iterator<Item = Self> + Clone) -> Self {
        let mut of_null = parts.clone().map(|part| part == Self::Null).peekable();
        if of_null.peek().is_some() && of_null.all(|is_null| is_null) {
            Self::Null
        } else if parts.into_iter().any(|part| part != Self::Whole) {
            Self::Reduced
        } else {
            Self::Whole
        }
    }
}

/// Whether every row of content has `input`, so that no project lacks it.
pub(super) fn is_required(input: &str) -> bool {
    ["content.content_id", "content.content_type", "content.market", "content.published_at"].contains(&input)
}

#[cfg(test)]
mod tests {
    use super::super::{DeclaredDoc, REGISTRY};
    use super::Availability::{self, Null, Reduced, Whole};

    fn without(name: &str, absent: &[&str]) -> Availability {
        let feature = REGISTRY.iter().find(|feature| feature.doc().name == name).unwrap();
        let is_there = |input: &str| !absent.iter().any(|absent| input == *absent || input.starts_with(&format!("{absent}.")));
        Availability::of(&DeclaredDoc::from(feature.doc()), &is_there)
    }

    #[test]
    fn a_feature_goes_with_what_it_cannot_do_without() {
        assert_eq!(without("text_chars", &[]), Whole);
        assert_eq!(without("text_chars", &["content.title"]), Reduced);
        assert_eq!(without("text_chars", &["content.title", "content.body"]), Null);
        assert_eq!(without("dup_is_copy", &["content.seller_id", "content.body"]), Reduced);
        assert_eq!(without("dup_is_copy", &["content.seller_id", "content.creator_id"]), Null);
        assert_eq!(without("dup_is_copy", &["content.title", "content.body", "content.media_hash"]), Null);
        assert_eq!(without("title_chars", &["content.title"]), Null);
        assert_eq!(without("price_z", &["content.currency"]), Reduced);
        assert_eq!(without("price_z", &["content.category"]), Null);
        assert_eq!(without("item_prior_violations", &["decisions.overturns"]), Reduced);
        assert_eq!(without("item_overturned_decisions", &["decisions.overturns"]), Null);
        assert_eq!(without("item_overturned_decisions", &["decisions"]), Null);
        assert_eq!(without("seller_rating", &["content.seller_id"]), Null);
        assert_eq!(without("age_days", &["content.published_at"]), Whole, "every row has it");
    }

    #[test]
    fn an_expression_goes_with_the_last_of_its_parts() {
        let of = |parts: &[Availability]| Availability::of_expression(parts.iter().copied());
        assert_eq!(of(&[]), Whole);
        assert_eq!(of(&[Whole, Whole]), Whole);
        assert_eq!(of(&[Whole, Null]), Reduced);
        assert_eq!(of(&[Reduced]), Reduced);
        assert_eq!(of(&[Null, Null]), Null);
    }
}
