//! Traces of hiding words from filters: what normalisation had to undo.

use super::{TEXT, written};
use crate::features::feature::ln_count;
use crate::features::{FeatureDoc, SimpleFeature};

/// Invisible characters.
pub(in crate::features) static INVISIBLE_CHARS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "invisible_chars",
        what: "ln(1 + zero-width, bidirectional and other invisible characters)",
        why: "they split words for filters and not for readers",
        range: "0 and up",
        evaded_by: "another disguise",
        ..TEXT
    },
    value: |item| written(item).map(|t| ln_count(u64::from(t.undone.invisible))),
};

/// Display letters.
pub(in crate::features) static STYLED_CHARS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "styled_chars",
        what: "ln(1 + letters and digits in mathematical, circled, boxed, wide or small-capital form)",
        why: "gambling promotion writes its brand in display letters",
        range: "0 and up",
        evaded_by: "another disguise",
        ..TEXT
    },
    value: |item| written(item).map(|t| ln_count(u64::from(t.undone.styled))),
};

/// Look-alikes.
pub(in crate::features) static CONFUSABLE_CHARS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "confusable_chars",
        what: "ln(1 + letters of another script that stand for the Latin letter they look like)",
        why: "nobody types Cyrillic into a Latin word by accident",
        range: "0 and up",
        evaded_by: "another disguise",
        ..TEXT
    },
    value: |item| written(item).map(|t| ln_count(u64::from(t.undone.confusable))),
};

/// Marks.
pub(in crate::features) static EXCESS_MARKS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "excess_marks",
        what: "ln(1 + combining marks that the script does not use on their letter)",
        why: "underlines and stacked marks break words for filters",
        range: "0 and up",
        evaded_by: "another disguise",
        ..TEXT
    },
    value: |item| written(item).map(|t| ln_count(u64::from(t.undone.marks_dropped))),
};

/// Spelt-out words.
pub(in crate::features) static SPELLED_CHARS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "spelled_chars",
        what: "ln(1 + characters of words and numbers spelt out with separators)",
        why: "`a e r o 8 8` is read by people and not by word lists",
        range: "0 and up",
        evaded_by: "uneven separators",
        ..TEXT
    },
    value: |item| written(item).map(|t| ln_count(u64::from(t.undone.spelled))),
};

/// Digits for letters.
pub(in crate::features) static LEET_CHARS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "leet_chars",
        what: "ln(1 + digits and signs read as letters inside words)",
        why: "`sl0t` is meant to be missed",
        range: "0 and up",
        evaded_by: "digits at the ends of words",
        ..TEXT
    },
    value: |item| written(item).map(|t| ln_count(u64::from(t.undone.leet))),
};

/// Stretched letters.
pub(in crate::features) static STRETCHED_LETTERS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "stretched_letters",
        what: "ln(1 + letters beyond the second in runs of one letter)",
        why: "padding to a length limit, or honest enthusiasm",
        range: "0 and up",
        evaded_by: "doubling only",
        ..TEXT
    },
    value: |item| written(item).map(|t| ln_count(u64::from(t.undone.stretched))),
};

/// All hiding together.
pub(in crate::features) static HIDDEN_CHAR_SHARE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "hidden_char_share",
        what: "invisible, styled, look-alike, over-marked, spelt-out and leet characters among characters as written, cut at 1",
        why: "who changes disguises still disguises",
        range: "0 to 1",
        evaded_by: "hiding one word in a long text",
        ..TEXT
    },
    value: |item| {
        written(item).map(|t| {
            let u = t.undone;
            let hidden = u.invisible + u.styled + u.confusable + u.marks_dropped + u.spelled + u.leet;
            (hidden as f32 / t.n_chars() as f32).min(1.0)
        })
    },
};
