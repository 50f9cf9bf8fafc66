//! How much is written.

use super::{TEXT, written};
use crate::features::feature::ln_count;
use crate::features::{FeatureDoc, SimpleFeature};

/// Characters.
pub(in crate::features) static TEXT_CHARS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "text_chars",
        what: "ln(1 + characters of title and body as written, HTML stripped)",
        why: "spam is very short or very long; a review of two words informs nobody",
        range: "0 and up",
        evaded_by: "padding with harmless sentences",
        ..TEXT
    },
    value: |item| {
        let known = item.content.title.is_some() || item.content.body.is_some();
        known.then(|| ln_count(u64::from(item.text.n_chars())))
    },
};

/// Tokens.
pub(in crate::features) static TEXT_TOKENS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "text_tokens",
        what: "ln(1 + words and emoji of title and body)",
        why: "keyword lists have many words, engagement bait few",
        range: "0 and up",
        evaded_by: "gluing words together",
        ..TEXT
    },
    value: |item| written(item).map(|t| ln_count(u64::from(t.n_tokens))),
};

/// Word length.
pub(in crate::features) static MEAN_WORD_CHARS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "mean_word_chars",
        what: "mean characters of a word; a run of Thai is one word",
        why: "spelt-out and glued text departs from the language's usual length",
        range: "0 and up",
        evaded_by: "spacing like everyone else",
        ..TEXT
    },
    value: |item| written(item).filter(|t| t.n_tokens > 0).map(|t| t.mean_word_chars),
};

/// Tags.
pub(in crate::features) static HTML_TAGS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "html_tags",
        what: "ln(1 + HTML tags in title and body)",
        why: "copied and mass-produced descriptions carry foreign markup",
        range: "0 and up",
        evaded_by: "pasting as plain text",
        ..TEXT
    },
    value: |item| written(item).map(|t| ln_count(u64::from(t.n_tags))),
};
