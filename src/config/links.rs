//! `[features.contacts]`: how widely a contact may be shared and still tie its sellers together.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::checker::Checker;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawContacts {
    max_sellers: i64,
    max_media_sellers: i64,
    min_shared_media: i64,
}

/// How widely a contact may be shared and still tie its sellers into a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ContactConfig {
    /// Sellers beyond which a contact is a hotline and ties nobody.
    pub max_sellers: u32,
    /// Sellers beyond which a picture or video is a stock one and ties nobody; below 2 none ever does.
    pub max_media_sellers: u32,
    /// Pictures and videos that two sellers must share to be tied by them.
    pub min_shared_media: u32,
}

/// Checks `[features.contacts]`.
pub(super) fn contacts(raw: &RawContacts, checker: &Checker<'_>) -> Result<ContactConfig, ConfigError> {
    Ok(ContactConfig {
        max_sellers: checker.whole("features.contacts.max_sellers", raw.max_sellers, 2..=10_000)?,
        max_media_sellers: checker.whole("features.contacts.max_media_sellers", raw.max_media_sellers, 0..=20)?,
        min_shared_media: checker.whole("features.contacts.min_shared_media", raw.min_shared_media, 1..=100)?,
    })
}
