//! Rows for this module's tests.

use crate::tables::ContentRow;
use crate::units::{ContentType, Timestamp};

/// A bare listing of SG published at `published_us`.
pub(super) fn content(id: &str, published_us: i64) -> ContentRow {
    ContentRow {
        content_id: id.into(),
        valid_from: None,
        content_type: ContentType::Listing,
        market: "SG".parse().unwrap(),
        published_at: Timestamp(published_us),
        seller_id: None,
        creator_id: None,
        language: None,
        category: None,
        title: None,
        body: None,
        price: None,
        list_price: None,
        currency: None,
        rating: None,
        duration_s: None,
        image_count: None,
        media_hash: None,
        embedding: None,
        extra: Vec::new(),
        ingested_at: None,
    }
}
