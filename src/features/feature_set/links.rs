//! Which features speak of nothing but links between items and sellers.

use std::collections::BTreeSet;

use super::super::signals::CONTENT_COLUMNS;
use super::{FeatureSet, Source};

/// The groups that measure copies and rings: what others did with an item's text or contacts, which nobody can help.
const LINK_GROUPS: [&str; 2] = ["duplicates", "contacts"];

/// Columns of content that say which item it is, not what it is like.
const NEUTRAL: [&str; 8] =
    ["content_id", "content_type", "market", "language", "category", "published_at", "seller_id", "creator_id"];

impl FeatureSet {
    /// The features of copies and rings, and signals that read no other feature or content: alone they never carry a policy beyond
    /// `review` (DESIGN.md §7).
    #[must_use]
    pub fn links(&self) -> BTreeSet<&str> {
        let mut links: BTreeSet<&str> = BTreeSet::new();
        for column in &self.columns {
            let is_link = match &column.source {
                Source::Signal(signal) => {
                    let is_content = |name: &str| CONTENT_COLUMNS.iter().any(|(known, _)| *known == name);
                    let read = || signal.compiled.columns.iter().map(String::as_str);
                    let evidence = || read().filter(|name| !NEUTRAL.contains(name) && *name != "as_of");
                    evidence().next().is_some() && evidence().all(|name| !is_content(name) && links.contains(name))
                }
                _ => LINK_GROUPS.contains(&column.doc.group.as_str()),
            };
            if is_link {
                links.insert(&column.doc.name);
            }
        }
        links
    }
}
