//! The registry: every feature, in the order of the matrix's columns.
//!
//! Adding a feature is one file and one line here. Order and names are part of stored models, which their fingerprint guards (`FeatureSet`).

use super::{Feature, ItemView, history, listing, text};

/// All features.
pub const REGISTRY: &[&dyn Feature] = &[
    &text::TEXT_CHARS,
    &text::TEXT_TOKENS,
    &text::MEAN_WORD_CHARS,
    &text::HTML_TAGS,
    &text::DISTINCT_TOKEN_SHARE,
    &text::MAX_TOKEN_REPEAT,
    &text::CAPS_SHARE,
    &text::CAPITAL_WORD_SHARE,
    &text::DIGIT_SHARE,
    &text::SYMBOL_SHARE,
    &text::EMOJI_SHARE,
    &text::WHITE_SPACE_SHARE,
    &text::EXCLAMATIONS,
    &text::LATIN_SHARE,
    &text::THAI_SHARE,
    &text::EAST_ASIAN_SHARE,
    &text::OTHER_SCRIPT_SHARE,
    &text::N_SCRIPTS,
    &text::FOREIGN_SCRIPT_SHARE,
    &text::INVISIBLE_CHARS,
    &text::STYLED_CHARS,
    &text::CONFUSABLE_CHARS,
    &text::EXCESS_MARKS,
    &text::SPELLED_CHARS,
    &text::LEET_CHARS,
    &text::STRETCHED_LETTERS,
    &text::HIDDEN_CHAR_SHARE,
    &text::URLS,
    &text::EMAILS,
    &text::PHONES,
    &text::SPELLED_PHONES,
    &text::MESSAGING_HANDLES,
    &text::CONTACT_KINDS,
    &listing::TITLE_CHARS,
    &listing::TITLE_TOKENS,
    &listing::TITLE_CAPS_SHARE,
    &listing::TITLE_REPEATED_SHARE,
    &listing::DISCOUNT_DEPTH,
    &listing::PRICE_Z,
    &listing::PRICE_CELL_N,
    &listing::LN_PRICE,
    &listing::PRICE_ENDS_IN_NINE,
    &listing::PRICE_ONE_DIGIT,
    &listing::IMAGES,
    &listing::ATTRIBUTE_FILL,
    &listing::HAS_MEDIA_HASH,
    &listing::DURATION,
    &listing::AGE_DAYS,
    &listing::EDITS,
    &listing::RATING,
    &listing::RATING_EXTREMITY,
    &listing::RATING_PER_LENGTH,
    &history::ITEM_PRIOR_VIOLATIONS,
    &history::ITEM_PRIOR_DECISIONS,
    &history::ITEM_ACTIONS_90D,
    &history::ITEM_REPORTS_7D,
    &history::ITEM_REPORTERS_28D,
    &history::ITEM_NOT_AS_DESCRIBED_28D,
    &history::ITEM_LOW_RATINGS_28D,
    &history::SELLER_TENURE,
    &history::SELLER_ITEMS,
    &history::SELLER_ITEMS_1D,
    &history::SELLER_ITEMS_7D,
    &history::SELLER_ITEMS_28D,
    &history::SELLER_DECIDED_ITEMS,
    &history::SELLER_VIOLATIONS_28D,
    &history::SELLER_VIOLATIONS_90D,
    &history::SELLER_VIOLATION_RATE,
    &history::SELLER_DAYS_SINCE_VIOLATION,
    &history::SELLER_ACTIONS_90D,
    &history::SELLER_RECEIVED_REPORTS_7D,
    &history::SELLER_RECEIVED_REPORTS_28D,
    &history::SELLER_REPORTERS_7D,
    &history::SELLER_REPORTERS_28D,
    &history::SELLER_AFTER_SALES_REFUNDS_28D,
    &history::SELLER_AFTER_SALES_RETURNS_28D,
    &history::SELLER_AFTER_SALES_NOT_AS_DESCRIBED_28D,
    &history::SELLER_AFTER_SALES_LOW_RATINGS_28D,
    &history::SELLER_FOLLOWERS,
    &history::SELLER_RATING,
    &history::SELLER_RATING_COUNT,
    &history::SELLER_LATE_DISPATCH_RATE,
    &history::SELLER_CANCEL_RATE,
    &history::SELLER_KYC_VERIFIED,
];

/// Column names, in registry order.
#[must_use]
pub fn names() -> Vec<&'static str> {
    REGISTRY.iter().map(|f| f.doc().name).collect()
}

/// Appends the item's values in registry order: missing, inapplicable and non-finite ones as NaN.
pub fn compute_row(item: &ItemView<'_>, out: &mut Vec<f32>) {
    out.extend(REGISTRY.iter().map(|feature| {
        let applies = feature.doc().applies_to(item.content.content_type);
        let value = if applies { feature.value(item) } else { None };
        value.filter(|v| v.is_finite()).unwrap_or(f32::NAN)
    }));
}
