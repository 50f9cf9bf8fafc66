//! The registry: every feature, in the order of the matrix's columns.
//!
//! Adding a feature is one file and one line here. Order and names are part of stored models, which `fingerprint` guards.

use std::fmt::Write;

use super::{Feature, ItemView, contacts, creators, engagement, history, listing, text};
use crate::text::NORMALISE_VERSION;
use crate::units::ContentType;

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
    &engagement::VIEW_RATE_1D,
    &engagement::VIEW_RATE_7D,
    &engagement::VIEW_RATE_28D,
    &engagement::REPORT_RATE_1D,
    &engagement::REPORT_RATE_7D,
    &engagement::REPORT_RATE_28D,
    &engagement::HIDE_RATE_1D,
    &engagement::HIDE_RATE_7D,
    &engagement::HIDE_RATE_28D,
    &engagement::LIKE_RATE_7D,
    &engagement::LIKE_RATE_28D,
    &engagement::COMMENT_RATE_7D,
    &engagement::COMMENT_RATE_28D,
    &engagement::SHARE_RATE_7D,
    &engagement::SHARE_RATE_28D,
    &engagement::CLICK_RATE_1D,
    &engagement::CLICK_RATE_7D,
    &engagement::CLICK_RATE_28D,
    &engagement::ORDER_RATE_7D,
    &engagement::ORDER_RATE_28D,
    &engagement::REFUND_RATE_7D,
    &engagement::REFUND_RATE_28D,
    &engagement::SELLER_REPORT_RATE_7D,
    &engagement::SELLER_REPORT_RATE_28D,
    &engagement::SELLER_HIDE_RATE_7D,
    &engagement::SELLER_HIDE_RATE_28D,
    &engagement::SELLER_CLICK_RATE_7D,
    &engagement::SELLER_CLICK_RATE_28D,
    &engagement::SELLER_ORDER_RATE_7D,
    &engagement::SELLER_ORDER_RATE_28D,
    &engagement::SELLER_REFUND_RATE_7D,
    &engagement::SELLER_REFUND_RATE_28D,
    &engagement::IMPRESSIONS_7D,
    &engagement::IMPRESSIONS_28D,
    &engagement::VIEWS_1D,
    &engagement::VIEWS_7D,
    &engagement::VIEWS_28D,
    &engagement::CLICKS_7D,
    &engagement::CLICKS_28D,
    &engagement::ORDERS_7D,
    &engagement::ORDERS_28D,
    &engagement::REPORTS_1D,
    &engagement::REPORTS_7D,
    &engagement::REPORTS_28D,
    &engagement::HIDES_7D,
    &engagement::HIDES_28D,
    &engagement::REFUNDS_28D,
    &engagement::COMMENTS_7D,
    &engagement::SELLER_VIEWS_7D,
    &engagement::SELLER_VIEWS_28D,
    &engagement::SELLER_CLICKS_7D,
    &engagement::SELLER_CLICKS_28D,
    &engagement::SELLER_ORDERS_7D,
    &engagement::SELLER_ORDERS_28D,
    &engagement::SELLER_REPORTS_7D,
    &engagement::SELLER_REPORTS_28D,
    &engagement::VIEWS_TREND_1_7D,
    &engagement::VIEWS_TREND_7_28D,
    &engagement::REPORTS_TREND_1_7D,
    &engagement::REPORTS_TREND_7_28D,
    &engagement::ORDERS_TREND_7_28D,
    &engagement::REFUNDS_TREND_7_28D,
    &engagement::VIEWS_VELOCITY,
    &engagement::ACTIVE_DAYS_28D,
    &engagement::WATCH_S_PER_VIEW_28D,
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
    &contacts::RING_SIZE,
    &contacts::RING_SHARED_KEYS,
    &contacts::RING_OWN_SHARED_KEYS,
    &contacts::RING_ACTIONED_SHARE,
    &contacts::RING_ACTIONED,
    &contacts::RING_VIOLATING_SHARE,
    &contacts::RING_FIRST_OWNER,
    &contacts::RING_DAYS_SINCE_LINK,
    &creators::CREATOR_ITEMS,
    &creators::CREATOR_ITEMS_1D,
    &creators::CREATOR_ITEMS_7D,
    &creators::CREATOR_ITEMS_28D,
    &creators::CREATOR_ITEMS_PER_ACTIVE_DAY,
    &creators::CREATOR_TENURE,
    &creators::CREATOR_SELLERS,
    &creators::CREATOR_SELLERS_28D,
    &creators::CREATOR_SELLER_ENTROPY,
    &creators::CREATOR_RATED_ITEMS,
    &creators::CREATOR_MEAN_RATING,
    &creators::CREATOR_FIVE_STAR_SHARE,
    &creators::CREATOR_DECIDED_ITEMS,
    &creators::CREATOR_VIOLATION_RATE,
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

/// Share of known values among the features meant for `content_type`. `row` begins with the registry's values; what follows counts
/// as meant for all.
#[must_use]
pub fn coverage(content_type: ContentType, row: &[f32]) -> f32 {
    let applies = |i: usize| REGISTRY.get(i).is_none_or(|f| f.doc().applies_to(content_type));
    let (known, all) = row
        .iter()
        .enumerate()
        .filter(|(i, _)| applies(*i))
        .fold((0_u32, 0_u32), |(known, all), (_, value)| (known + u32::from(!value.is_nan()), all + 1));
    if all == 0 { 0.0 } else { known as f32 / all as f32 }
}

/// Identity of the features' definitions, as hex: equal fingerprints compute equal values from equal input.
#[must_use]
pub fn fingerprint() -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&NORMALISE_VERSION.to_le_bytes());
    for doc in REGISTRY.iter().map(|f| f.doc()) {
        for part in [doc.name, doc.group, doc.what, doc.range] {
            hasher.update(part.as_bytes());
            hasher.update(&[0]);
        }
        doc.inputs.iter().for_each(|input| {
            hasher.update(input.as_bytes());
            hasher.update(&[0]);
        });
        doc.applies_to.iter().for_each(|content_type| {
            hasher.update(content_type.as_str().as_bytes());
            hasher.update(&[0]);
        });
        hasher.update(&doc.version.to_le_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

/// The documentation's table of features, in Markdown.
#[must_use]
pub fn docs_table_markdown() -> String {
    let mut table = String::from(
        "| feature | group | what it measures | why it predicts | range | how it is evaded | reads | for |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    let escape = |text: &str| text.replace('|', "\\|");
    for doc in REGISTRY.iter().map(|f| f.doc()) {
        let applies_to: Vec<&str> = doc.applies_to.iter().map(|c| c.as_str()).collect();
        let applies_to = if applies_to.is_empty() { "all".to_owned() } else { applies_to.join(", ") };
        // Writing to a string cannot fail.
        let _ = writeln!(
            table,
            "| `{}` | {} | {} | {} | {} | {} | {} | {} |",
            doc.name,
            doc.group,
            escape(doc.what),
            escape(doc.why),
            escape(doc.range),
            escape(doc.evaded_by),
            doc.inputs.join(", "),
            applies_to
        );
    }
    table
}
