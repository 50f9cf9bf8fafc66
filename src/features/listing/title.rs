//! The title by itself.

use super::LISTING;
use crate::features::feature::ln_count;
use crate::features::{FeatureDoc, SimpleFeature};

/// Characters of the title.
pub(in crate::features) static TITLE_CHARS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "title_chars",
        what: "ln(1 + characters of the title)",
        why: "unclear titles are short, stuffed ones long",
        range: "0 and up",
        evaded_by: "writing to a usual length",
        inputs: &["content.title"],
        ..LISTING
    },
    value: |item| item.text.title.map(|t| ln_count(u64::from(t.n_chars))),
};

/// Words of the title.
pub(in crate::features) static TITLE_TOKENS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "title_tokens",
        what: "ln(1 + words and emoji of the title)",
        why: "title_verbose and keyword_spam by definition",
        range: "0 and up",
        evaded_by: "moving keywords to the body",
        inputs: &["content.title"],
        ..LISTING
    },
    value: |item| item.text.title.map(|t| ln_count(u64::from(t.n_tokens))),
};

/// Capitals of the title.
pub(in crate::features) static TITLE_CAPS_SHARE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "title_caps_share",
        what: "capitals among cased letters of the title",
        why: "shouting titles",
        range: "0 to 1",
        evaded_by: "writing in lower case",
        inputs: &["content.title"],
        ..LISTING
    },
    value: |item| item.text.title.map(|t| t.caps),
};

/// Repeated words of the title.
pub(in crate::features) static TITLE_REPEATED_SHARE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "title_repeated_share",
        what: "words of the title that stood in it before, among its words",
        why: "keyword stuffing",
        range: "0 to 1",
        evaded_by: "synonyms",
        inputs: &["content.title"],
        ..LISTING
    },
    value: |item| item.text.title.filter(|t| t.n_tokens > 0).map(|t| t.repeated_share),
};
