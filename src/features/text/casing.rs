//! Shouting: capitals, digits, signs and emoji.

use super::{TEXT, written};
use crate::features::feature::ln_count;
use crate::features::{FeatureDoc, SimpleFeature};

/// Capitals.
pub(in crate::features) static CAPS_SHARE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "caps_share",
        what: "capitals among cased letters as written",
        why: "promotion shouts",
        range: "0 to 1",
        evaded_by: "writing in lower case",
        ..TEXT
    },
    value: |item| written(item).map(|t| t.shares.caps),
};

/// Words in capitals.
pub(in crate::features) static CAPITAL_WORD_SHARE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "capital_word_share",
        what: "words of two or more letters all in capitals, among words with letters",
        why: "sets shouting apart from brand names and sentence starts",
        range: "0 to 1",
        evaded_by: "one small letter a word",
        ..TEXT
    },
    value: |item| written(item).map(|t| t.shares.capital_words),
};

/// Digits.
pub(in crate::features) static DIGIT_SHARE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "digit_share",
        what: "digits among characters as written, styled ones included",
        why: "phone numbers, prices and gambling brands are made of digits",
        range: "0 to 1",
        evaded_by: "spelling numbers out",
        ..TEXT
    },
    value: |item| written(item).map(|t| t.shares.digits),
};

/// Signs.
pub(in crate::features) static SYMBOL_SHARE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "symbol_share",
        what: "punctuation and symbols other than emoji, among characters as written",
        why: "decoration and separators inside words",
        range: "0 to 1",
        evaded_by: "padding with words",
        ..TEXT
    },
    value: |item| written(item).map(|t| t.shares.symbols),
};

/// Emoji.
pub(in crate::features) static EMOJI_SHARE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "emoji_share",
        what: "emoji among characters as written",
        why: "engagement bait and promotion decorate",
        range: "0 to 1",
        evaded_by: "leaving them out",
        ..TEXT
    },
    value: |item| written(item).map(|t| t.shares.emoji),
};

/// White space.
pub(in crate::features) static WHITE_SPACE_SHARE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "white_space_share",
        what: "white space among characters as written",
        why: "spelt-out words and blank lines that push text out of sight",
        range: "0 to 1",
        evaded_by: "other separators",
        ..TEXT
    },
    value: |item| written(item).map(|t| t.shares.white_space),
};

/// Exclamation marks.
pub(in crate::features) static EXCLAMATIONS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "exclamations",
        what: "ln(1 + exclamation marks as written)",
        why: "urgency is a selling trick",
        range: "0 and up",
        evaded_by: "full stops",
        ..TEXT
    },
    value: |item| written(item).map(|t| ln_count(u64::from(t.shares.exclamations))),
};
