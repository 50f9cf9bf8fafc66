//! Checks of `[features]`: ranges, and the declarations of signals as far as they can be checked without knowing the features.

use super::checker::Checker;
use super::raw::{RawFeatures, RawSignal};
use super::{ConfigError, EmbeddingConfig, FeatureConfig, SignalConfig, check_windows, history, lexicons, links, listing};
use crate::units::ContentType;

/// Everything under `[features]`.
pub(super) fn check(raw: RawFeatures, checker: &Checker<'_>) -> Result<FeatureConfig, ConfigError> {
    let text_buckets: u32 = checker.whole("features.text_buckets", raw.text_buckets, 1 << 10..=1 << 22)?;
    if !text_buckets.is_power_of_two() {
        let below = 1_u32 << text_buckets.ilog2();
        return Err(checker.refuse("features.text_buckets", format!("a power of two, for instance {below}")));
    }
    let [char_min, char_max] = raw.char_ngrams[..] else {
        return Err(checker.refuse("features.char_ngrams", "two numbers: the shortest and the longest n-gram"));
    };
    let char_min = checker.whole("features.char_ngrams[0]", char_min, 1..=8)?;
    let char_max = checker.whole("features.char_ngrams[1]", char_max, 1..=8)?;
    if char_min > char_max {
        return Err(checker.refuse("features.char_ngrams", "the shortest n-gram before the longest"));
    }
    Ok(FeatureConfig {
        text_buckets,
        word_ngrams: checker.whole("features.word_ngrams", raw.word_ngrams, 0..=3)?,
        char_ngrams: (char_min, char_max),
        listing_min_cell: checker.whole("features.listing_min_cell", raw.listing_min_cell, 1..=1_000_000)?,
        exclude_place: checker.place("features.exclude").to_string(),
        exclude: exclude(raw.exclude, checker)?,
        embedding: EmbeddingConfig {
            dims: checker.whole("features.embedding.dims", raw.embedding.dims, 0..=99)?,
            length: checker.whole("features.embedding.length", raw.embedding.length, 0..=65_536)?,
        },
        windows: check_windows::check(raw.windows.0, checker)?,
        history: history::check(&raw.history, checker)?,
        lexicons: lexicons::check(&raw.lexicons, checker)?,
        listing: listing::check(&raw.listing, checker)?,
        duplicates: raw.duplicates.check(checker)?,
        contacts: links::contacts(&raw.contacts, checker)?,
        signals: raw.signals.0.into_iter().map(|(name, raw)| signal(name, raw, checker)).collect::<Result<_, _>>()?,
    })
}

/// Names of features or groups, each once. Which names there are is for `features` to say.
fn exclude(names: Vec<String>, checker: &Checker<'_>) -> Result<Vec<String>, ConfigError> {
    match names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
        Some((at, _)) => Err(checker.refuse(&format!("features.exclude[{at}]"), "each name once")),
        None => Ok(names),
    }
}

fn signal(name: String, raw: RawSignal, checker: &Checker<'_>) -> Result<SignalConfig, ConfigError> {
    let table = format!("features.signals.{name}");
    if !is_feature_name(&name) {
        let expected = "a name of 1 to 48 lower-case letters, digits and single underscores that starts with a letter, but not \
                        with `x_`, `p_` or `embedding_`";
        return Err(checker.refuse(&table, expected));
    }
    let text = |key: &str, text: &str| match text.trim() {
        "" => Err(checker.refuse(&format!("{table}.{key}"), "a sentence: it becomes the feature's documentation")),
        text => Ok(text.to_owned()),
    };
    let listed = raw.content_types.unwrap_or_default();
    let content_types: Vec<ContentType> = ContentType::all().filter(|known| listed.contains(known)).collect();
    if content_types.len() != listed.len() {
        return Err(checker.refuse(&format!("{table}.content_types"), "content types, each once"));
    }
    Ok(SignalConfig {
        what: text("what", &raw.what)?,
        why: text("why", &raw.why)?,
        evaded_by: text("evaded_by", &raw.evaded_by)?,
        range: raw.range.map(|range| text("range", &range)).transpose()?,
        place: format!("{}, {table}.sql", checker.place(&format!("{table}.sql"))),
        content_types,
        sql: raw.sql,
        name,
    })
}

/// Whether `name` can be a column of the matrix beside the built-in ones.
fn is_feature_name(name: &str) -> bool {
    (1..=48).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && !name.ends_with('_')
        && !name.contains("__")
        && !["x_", "p_", "embedding_"].iter().any(|prefix| name.starts_with(prefix))
}
