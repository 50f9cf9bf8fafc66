//! A declared label: one kind of abuse or poor quality that a score speaks for.

use serde::Serialize;

use crate::units::{ContentType, Id, LabelKind, Severity};

/// One kind of abuse or poor quality.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Label {
    /// Identifier: lower-case letters, digits and single underscores. Its score column is `p_<id>`.
    pub id: Id,
    /// Abuse removes or limits, quality demotes.
    pub kind: LabelKind,
    /// How bad a violation is.
    pub severity: Severity,
    /// What a reviewer checks, in one sentence.
    pub definition: String,
    /// Content types it is decided and scored for, in declaration order of [`ContentType`]; never empty.
    pub content_types: Vec<ContentType>,
    /// The exponent w of (1 − p) in `quality` = Π(1 − p)^w; only quality labels use it.
    pub weight: f64,
}

impl Label {
    /// Whether content of this type can have the label.
    #[must_use]
    pub fn covers(&self, content_type: ContentType) -> bool {
        self.content_types.contains(&content_type)
    }
}
