//! What a feature is: a value and the doc block that every registered thing carries.

use super::ItemView;
use crate::units::ContentType;

/// What a feature measures, why it predicts, and how it is evaded.
#[derive(Debug, PartialEq, Eq)]
pub struct FeatureDoc {
    /// Column name, lower snake case, unique in the registry. Never reused with another meaning.
    pub name: &'static str,
    /// `text`, `listing`, `engagement`, `seller`, `history` or `duplicates`.
    pub group: &'static str,
    /// What is measured, with its unit.
    pub what: &'static str,
    /// Why it tells abuse or poor quality apart.
    pub why: &'static str,
    /// Values it can take.
    pub range: &'static str,
    /// How somebody who knows it gets around it.
    pub evaded_by: &'static str,
    /// Canonical columns or tables that it reads, for instance `content.title` or `engagement`.
    pub inputs: &'static [&'static str],
    /// The content types it is meant for; empty means all. Others get a missing value.
    pub applies_to: &'static [ContentType],
    /// Raised when the value changes for equal input.
    pub version: u32,
}

/// The doc block of a feature that configuration declares: a window, a lexicon, a signal, a part of the embedding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredDoc {
    /// Column name, unique among all features.
    pub name: String,
    /// `engagement`, `history`, `lexicon`, `embedding` or `signal`.
    pub group: String,
    /// What is measured, with its unit.
    pub what: String,
    /// Why it tells abuse or poor quality apart.
    pub why: String,
    /// Values it can take.
    pub range: String,
    /// How somebody who knows it gets around it.
    pub evaded_by: String,
    /// Canonical columns or tables that it reads.
    pub inputs: Vec<String>,
    /// The content types it is meant for; empty means all.
    pub applies_to: Vec<ContentType>,
    /// Everything that decides its value, in a fixed text that its fingerprint is made of.
    pub definition: String,
}

impl FeatureDoc {
    /// Whether the feature is meant for `content_type`.
    #[must_use]
    pub fn applies_to(&self, content_type: ContentType) -> bool {
        self.applies_to.is_empty() || self.applies_to.contains(&content_type)
    }
}

/// A feature of an item.
pub trait Feature: Sync {
    /// Its doc block.
    fn doc(&self) -> &'static FeatureDoc;
    /// Its value; `None` when it cannot be known.
    fn value(&self, item: &ItemView<'_>) -> Option<f32>;
}

/// A feature that is one function of the item.
pub struct SimpleFeature {
    /// Its doc block.
    pub doc: &'static FeatureDoc,
    /// Its value.
    pub value: fn(&ItemView<'_>) -> Option<f32>,
}

impl Feature for SimpleFeature {
    fn doc(&self) -> &'static FeatureDoc {
        self.doc
    }

    fn value(&self, item: &ItemView<'_>) -> Option<f32> {
        (self.value)(item)
    }
}

/// ln(1 + n) of a count.
pub(super) fn ln_count(n: u64) -> f32 {
    libm::log1p(n as f64) as f32
}

/// Yes as 1, no as 0.
pub(super) fn flag(yes: bool) -> f32 {
    f32::from(u8::from(yes))
}
