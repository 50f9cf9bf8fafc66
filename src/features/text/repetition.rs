//! How often the same is written.

use super::{TEXT, written};
use crate::features::feature::ln_count;
use crate::features::{FeatureDoc, SimpleFeature};

/// Distinct tokens.
pub(in crate::features) static DISTINCT_TOKEN_SHARE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "distinct_token_share",
        what: "distinct tokens among tokens, after normalisation",
        why: "keyword stuffing repeats its words",
        range: "above 0 to 1",
        evaded_by: "synonyms",
        ..TEXT
    },
    value: |item| written(item).filter(|t| t.n_tokens > 0).map(|t| t.distinct_share),
};

/// The most frequent token.
pub(in crate::features) static MAX_TOKEN_REPEAT: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "max_token_repeat",
        what: "ln(1 + occurrences of the most frequent token of two or more characters)",
        why: "a brand or keyword said over and over is promotion",
        range: "0 and up",
        evaded_by: "spelling it differently each time",
        ..TEXT
    },
    value: |item| written(item).map(|t| ln_count(u64::from(t.max_token_repeat))),
};

/// Names with a number.
pub(in crate::features) static NUMBERED_NAMES: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "numbered_names",
        what: "ln(1 + words of four or more letters that end in two or three digits, after normalisation)",
        why: "gambling sites and mass-made accounts are called so: `pulau77`",
        range: "0 and up",
        evaded_by: "the number in words or left out",
        ..TEXT
    },
    value: |item| written(item).map(|t| ln_count(u64::from(t.numbered_names))),
};
