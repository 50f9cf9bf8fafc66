//! `promotions.jsonl`: who became champion when, and what was overruled. Written, never read by a run.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::{Damage, StoreError};
use super::load::damaged;
use super::names::{PROMOTIONS, label_set_folder};
use crate::files::LineJournal;

/// One change of champion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromotionRecord {
    /// When.
    pub at: String,
    /// `promote` or `rollback`.
    pub action: String,
    /// The champion since.
    pub version: String,
    /// The champion before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// Why the gate was overruled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the gate would have refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shortfalls: Vec<String>,
}

/// Adds a line to the label set's record.
///
/// # Errors
/// When the label set's name is unsafe or the file cannot be written.
pub(super) fn record(root: &Path, label_set: &str, record: &PromotionRecord) -> Result<(), StoreError> {
    let path = label_set_folder(root, label_set)?.join(PROMOTIONS);
    let line = serde_json::to_string(record).map_err(|e| damaged(&path, Damage::Json(e)))?;
    let (mut journal, _) = LineJournal::open(&path)?;
    journal.append(&line)?;
    Ok(())
}

/// The record so far, the oldest first; lines of another form are left out.
///
/// # Errors
/// When the label set's name is unsafe or the file cannot be read.
pub fn promotions(root: &Path, label_set: &str) -> Result<Vec<PromotionRecord>, StoreError> {
    let path = label_set_folder(root, label_set)?.join(PROMOTIONS);
    if !crate::files::exists(&path) {
        return Ok(Vec::new());
    }
    let text = crate::files::read_text(&path)?;
    Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_in_order() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(promotions(root.path(), "spam").unwrap(), []);
        let line = |version: &str, reason: Option<&str>| PromotionRecord {
            at: "2026-11-01T00:00:00Z".to_owned(),
            action: "promote".to_owned(),
            version: version.to_owned(),
            previous: None,
            reason: reason.map(str::to_owned),
            shortfalls: reason.map(|_| "churn".to_owned()).into_iter().collect(),
        };
        let lines = [line("a", None), line("b", Some("a festival"))];
        std::fs::create_dir(root.path().join("spam")).unwrap();
        for line in &lines {
            record(root.path(), "spam", line).unwrap();
        }
        assert_eq!(promotions(root.path(), "spam").unwrap(), lines);
        assert!(matches!(record(root.path(), "../x", &lines[0]), Err(StoreError::UnsafeName { .. })));
    }
}
