//! What a feature is: a value and the doc block that every registered thing carries.

use serde::Serialize;

use super::ItemView;
use crate::text::LexiconDoc;
use crate::units::ContentType;

/// What a feature measures, why it predicts, and how it is evaded.
#[derive(Debug, PartialEq, Eq)]
pub struct FeatureDoc {
    /// Column name, lower snake case, unique in the registry. Never reused with another meaning.
    pub name: &'static str,
    /// `text`, `listing`, `review`, `engagement`, `seller`, `history`, `duplicates`, `contacts` or `creators`.
    pub group: &'static str,
    /// What is measured, with its unit.
    pub what: &'static str,
    /// Whose events `what` speaks of where it says `{whose}`.
    pub whose: &'static str,
    /// Why it tells abuse or poor quality apart.
    pub why: &'static str,
    /// Values it can take.
    pub range: &'static str,
    /// How somebody who knows it gets around it.
    pub evaded_by: &'static str,
    /// Canonical columns or tables that it cannot do without, for instance `content.title` or `engagement`: where one of them is
    /// not mapped, it is missing.
    pub inputs: &'static [&'static str],
    /// Of each of these lists any one will do: where none of a list is mapped, it is missing.
    pub any_of: &'static [&'static [&'static str]],
    /// What else changes its value where it is mapped.
    pub uses: &'static [&'static str],
    /// The content types it is meant for; empty means all. Others get a missing value.
    pub applies_to: &'static [ContentType],
    /// Raised when the value changes for equal input.
    pub version: u32,
}

/// The doc block of a feature that configuration declares: a window, a lexicon, a signal, a part of the embedding. A registered
/// feature has one too, made of its [`FeatureDoc`], so that all columns of a matrix are described alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeclaredDoc {
    /// Column name, unique among all features.
    pub name: String,
    /// `engagement`, `history`, `lexicon`, `embedding`, `upstream` (an `x_*` column) or `signal`.
    pub group: String,
    /// What is measured, with its unit.
    pub what: String,
    /// Why it tells abuse or poor quality apart.
    pub why: String,
    /// Values it can take.
    pub range: String,
    /// How somebody who knows it gets around it.
    pub evaded_by: String,
    /// Canonical columns or tables that it cannot do without; of a signal, whatever it reads.
    pub inputs: Vec<String>,
    /// Lists of canonical columns or tables, of each of which it needs one.
    pub any_of: Vec<Vec<String>>,
    /// What else changes its value where it is mapped.
    pub uses: Vec<String>,
    /// The content types it is meant for; empty means all.
    pub applies_to: Vec<ContentType>,
    /// Everything that decides its value, in a fixed text that its fingerprint is made of.
    pub definition: String,
}

impl DeclaredDoc {
    /// Whether the feature is meant for `content_type`.
    #[must_use]
    pub fn applies_to(&self, content_type: ContentType) -> bool {
        self.applies_to.is_empty() || self.applies_to.contains(&content_type)
    }

    /// Every canonical column or table that can change its value.
    pub fn reads(&self) -> impl Iterator<Item = &str> {
        self.inputs.iter().chain(self.any_of.iter().flatten()).chain(&self.uses).map(String::as_str)
    }

    /// What it reads, in words.
    #[must_use]
    pub fn reads_in_words(&self) -> String {
        let any_of = self.any_of.iter().map(|list| ("any of ", list));
        let parts = [("", &self.inputs)].into_iter().chain(any_of).chain([("where mapped ", &self.uses)]);
        let parts = parts.filter(|(_, inputs)| !inputs.is_empty());
        parts.map(|(what, inputs)| format!("{what}{}", inputs.join(", "))).collect::<Vec<_>>().join("; ")
    }

    /// Identity of its definition, as 16 hexadecimal digits: equal ones compute equal values from equal input.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        let content_types = self.applies_to.iter().map(|content_type| content_type.as_str());
        for part in [self.name.as_str(), self.definition.as_str()].into_iter().chain(content_types) {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.finalize().to_hex()[..16].to_owned()
    }
}

impl From<&FeatureDoc> for DeclaredDoc {
    fn from(doc: &FeatureDoc) -> Self {
        let owned = |inputs: &[&str]| -> Vec<String> { inputs.iter().map(|input| (*input).to_owned()).collect() };
        let mut declared = Self {
            name: doc.name.to_owned(),
            group: doc.group.to_owned(),
            what: doc.what.replace("{whose}", doc.whose),
            why: doc.why.to_owned(),
            range: doc.range.to_owned(),
            evaded_by: doc.evaded_by.to_owned(),
            inputs: owned(doc.inputs),
            any_of: doc.any_of.iter().map(|list| owned(list)).collect(),
            uses: owned(doc.uses),
            applies_to: doc.applies_to.to_vec(),
            definition: String::new(),
        };
        declared.definition =
            format!("registered, version {}: {}; {}; reads {}", doc.version, declared.what, doc.range, declared.reads_in_words());
        declared
    }
}

impl From<LexiconDoc> for DeclaredDoc {
    /// What terms a lexicon has is no part of its definition: a change of terms is recorded and warned of, not refused.
    fn from(doc: LexiconDoc) -> Self {
        Self {
            definition: format!("{}: {}", doc.name, doc.what),
            name: doc.name,
            group: "lexicon".to_owned(),
            what: doc.what,
            why: doc.why,
            range: doc.range,
            evaded_by: doc.evaded_by,
            inputs: vec!["content.market".to_owned()],
            any_of: vec![vec!["content.title".to_owned(), "content.body".to_owned()]],
            uses: Vec::new(),
            applies_to: Vec::new(),
        }
    }
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
