//! `[features.listing]`: what listings are compared with.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::checker::Checker;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawListing {
    price_prior_n: i64,
}

/// What listings are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ListingConfig {
    /// Prices that the wider cell stands for where a category × market has few; at least 1.
    pub price_prior_n: u64,
}

/// Proves the ranges.
///
/// # Errors
/// At the first number outside its range.
pub(super) fn check(raw: &RawListing, checker: &Checker<'_>) -> Result<ListingConfig, ConfigError> {
    Ok(ListingConfig { price_prior_n: checker.whole("features.listing.price_prior_n", raw.price_prior_n, 1..=1_000_000)? })
}
