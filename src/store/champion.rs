//! The pointer to the version in use: a small JSON file, replaced atomically.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::{Damage, StoreError};
use super::load::{damaged, load_version, parse, read_capped};
use super::manifest::{FORMAT_VERSION, json};
use super::names::{CHAMPION, is_version, label_set_folder, shown};
use super::record::{PromotionRecord, record};
use super::save::lock;
use crate::files;

/// Bytes of pointer that are read at most.
const POINTER_LIMIT: u64 = 4096;

/// What a promotion did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Promotion {
    /// The champion now.
    pub version: String,
    /// The champion before, which a roll-back would promote.
    pub previous: Option<String>,
}

/// The pointer file's content.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pointer {
    format_version: u32,
    version: String,
    previous: Option<String>,
    /// Champions before `previous`, the latest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    earlier: Vec<String>,
}

/// Earlier champions that the pointer remembers.
const MAX_EARLIER: usize = 32;

/// Makes `version` the champion, after loading it whole: what cannot be loaded is not promoted. Promoting the champion again
/// changes nothing.
///
/// # Errors
/// When the version is not there or does not pass the checks of [`load`](super::load()), or the pointer cannot be written; the
/// champion is then the old one.
pub fn promote(root: &Path, label_set: &str, version: &str) -> Result<Promotion, StoreError> {
    move_to(root, label_set, version, None)
}

/// As [`promote`], with a line in the record of champions, written before the pointer moves. `expected` is the champion that the
/// version was judged against.
///
/// # Errors
/// [`StoreError::Moved`] when another became champion meanwhile; when the record cannot be written. The champion is then the old one.
pub fn promote_judged(root: &Path, label_set: &str, version: &str, judged: &Judged<'_>) -> Result<Promotion, StoreError> {
    move_to(root, label_set, version, Some(judged))
}

/// What a promotion rests on.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'a> {
    /// The champion that the version was compared with.
    pub expected: Option<&'a str>,
    /// `promote` or `train`.
    pub action: &'a str,
    /// When.
    pub at: &'a str,
    /// Why the gate was overruled.
    pub reason: Option<&'a str>,
    /// What the gate would have refused.
    pub shortfalls: &'a [String],
}

fn move_to(root: &Path, label_set: &str, version: &str, judged: Option<&Judged<'_>>) -> Result<Promotion, StoreError> {
    load_version(root, label_set, version)?;
    let _lock = lock(root, label_set, "promoting a model")?;
    let before = match read(root, label_set) {
        // Promoting is the mend of a damaged pointer.
        Err(StoreError::Damaged { .. }) => None,
        other => other?,
    };
    let now = before.as_ref().map(|pointer| pointer.version.as_str());
    if let Some(judged) = judged.filter(|judged| judged.expected != now && now != Some(version)) {
        let shown = |version: Option<&str>| version.unwrap_or("none").to_owned();
        return Err(StoreError::Moved { version: version.to_owned(), expected: shown(judged.expected), found: shown(now) });
    }
    if let Some(judged) = judged.filter(|_| now != Some(version)) {
        let line = PromotionRecord {
            at: judged.at.to_owned(),
            action: judged.action.to_owned(),
            version: version.to_owned(),
            previous: now.map(str::to_owned),
            reason: judged.reason.map(str::to_owned),
            shortfalls: judged.shortfalls.to_vec(),
        };
        record(root, label_set, &line)?;
    }
    let (previous, earlier) = match before {
        Some(pointer) if pointer.version == version => {
            return Ok(Promotion { version: pointer.version, previous: pointer.previous });
        }
        Some(pointer) => (Some(pointer.version), pointer.earlier.into_iter().chain(pointer.previous).collect()),
        None => (None, Vec::new()),
    };
    point(root, label_set, Pointer { format_version: FORMAT_VERSION, version: version.to_owned(), previous, earlier })
}

/// Makes the champion before this one champion again, after loading it whole, and says so in the record, with the time `at`. Doing it
/// again goes back one more.
///
/// # Errors
/// [`StoreError::NoPrevious`] when no champion came before, else as [`promote`].
pub fn rollback(root: &Path, label_set: &str, at: &str) -> Result<Promotion, StoreError> {
    let _lock = lock(root, label_set, "rolling a model back")?;
    let nothing = |version| StoreError::NoPrevious { label_set: label_set.to_owned(), version };
    let Some(pointer) = read(root, label_set)? else {
        return Err(StoreError::NoChampion { label_set: label_set.to_owned(), root: root.to_owned() });
    };
    let Some(previous) = pointer.previous else { return Err(nothing(pointer.version)) };
    load_version(root, label_set, &previous)?;
    let line = PromotionRecord {
        at: at.to_owned(),
        action: "rollback".to_owned(),
        version: previous.clone(),
        previous: Some(pointer.version),
        reason: None,
        shortfalls: Vec::new(),
    };
    record(root, label_set, &line)?;
    let mut earlier = pointer.earlier;
    let before = earlier.pop();
    point(root, label_set, Pointer { format_version: FORMAT_VERSION, version: previous, previous: before, earlier })
}

/// Replaces the pointer.
fn point(root: &Path, label_set: &str, mut pointer: Pointer) -> Result<Promotion, StoreError> {
    let forgotten = pointer.earlier.len().saturating_sub(MAX_EARLIER);
    pointer.earlier.drain(..forgotten);
    let path = label_set_folder(root, label_set)?.join(CHAMPION);
    files::write_atomic(&path, &json(&pointer).map_err(|e| damaged(&path, Damage::Json(e)))?)?;
    Ok(Promotion { version: pointer.version, previous: pointer.previous })
}

/// The name of the champion; `None` before the first promotion.
///
/// # Errors
/// When the label set's name is unsafe, or the pointer cannot be read or is damaged.
pub fn champion(root: &Path, label_set: &str) -> Result<Option<String>, StoreError> {
    Ok(read(root, label_set)?.map(|pointer| pointer.version))
}

fn read(root: &Path, label_set: &str) -> Result<Option<Pointer>, StoreError> {
    let path = label_set_folder(root, label_set)?.join(CHAMPION);
    if !files::exists(&path) {
        return Ok(None);
    }
    let pointer: Pointer = parse(&path, &read_capped(&path, POINTER_LIMIT)?)?;
    let named = pointer.previous.iter().chain([&pointer.version]).chain(&pointer.earlier);
    let unsafe_name = named.into_iter().find(|name| !is_version(name)).map(|name| shown(name));
    unsafe_name.map_or(Ok(Some(pointer)), |name| Err(damaged(&path, Damage::Pointer { name })))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Which, fixture, load, save};
    use super::*;

    fn two_versions() -> (tempfile::TempDir, String, String) {
        let root = tempfile::tempdir().unwrap();
        let mut parts = fixture::parts();
        let first = save(root.path(), "spam", &parts, &fixture::facts(), &fixture::metrics()).unwrap();
        parts.spec = json!({"kind": "text only"});
        let second = save(root.path(), "spam", &parts, &fixture::facts(), &fixture::metrics()).unwrap();
        (root, first.name, second.name)
    }

    #[test]
    fn the_pointer_moves_and_remembers_where_it_was() {
        let (root, first, second) = two_versions();
        let root = root.path();
        assert_eq!(champion(root, "spam").unwrap(), None);
        assert_eq!(promote(root, "spam", &first).unwrap(), Promotion { version: first.clone(), previous: None });
        let moved = Promotion { version: second.clone(), previous: Some(first.clone()) };
        assert_eq!(promote(root, "spam", &second).unwrap(), moved);
        assert_eq!(promote(root, "spam", &second).unwrap(), moved);
        assert_eq!(champion(root, "spam").unwrap(), Some(second.clone()));
        let text = std::fs::read_to_string(root.join("spam").join(CHAMPION)).unwrap();
        let expect = format!("{{\n  \"format_version\": 1,\n  \"version\": \"{second}\",\n  \"previous\": \"{first}\"\n}}\n");
        assert_eq!(text, expect);
    }

    #[test]
    fn rolling_back_goes_one_champion_further_each_time() {
        let (root, first, second) = two_versions();
        let root = root.path();
        let third = {
            let mut parts = fixture::parts();
            parts.spec = json!({"kind": "third"});
            save(root, "spam", &parts, &fixture::facts(), &fixture::metrics()).unwrap().name
        };
        assert!(matches!(rollback(root, "spam", "2026-11-01T00:00:00Z"), Err(StoreError::NoChampion { .. })));
        for version in [&first, &second, &first, &third] {
            promote(root, "spam", version).unwrap();
        }
        let champions: Vec<String> = (0..3).map(|_| rollback(root, "spam", "2026-11-01T00:00:00Z").unwrap().version).collect();
        assert_eq!(champions, [first.clone(), second, first.clone()]);
        let error = rollback(root, "spam", "2026-11-01T00:00:00Z").unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("model `{first}` is the first champion of label set `spam`: there is none to go back to")
        );
        assert_eq!(champion(root, "spam").unwrap(), Some(first));
    }

    #[test]
    fn a_champion_that_moved_meanwhile_is_not_replaced_and_each_move_is_recorded_first() {
        let (root, first, second) = two_versions();
        let root = root.path();
        let judged = |expected| Judged { expected, action: "promote", at: "now", reason: None, shortfalls: &[] };
        promote_judged(root, "spam", &first, &judged(None)).unwrap();
        let error = promote_judged(root, "spam", &second, &judged(None)).unwrap_err();
        assert!(matches!(&error, StoreError::Moved { .. }) && error.is_transient(), "{error}");
        // A record that cannot be written leaves the champion.
        let path = root.join("spam").join("promotions.jsonl");
        let written = std::fs::read(&path).unwrap();
        std::fs::write(&path, [0xff, 0xfe, b'\n']).unwrap();
        assert!(promote_judged(root, "spam", &second, &judged(Some(&first))).is_err());
        assert_eq!(champion(root, "spam").unwrap(), Some(first.clone()));
        std::fs::write(&path, written).unwrap();
        promote_judged(root, "spam", &second, &judged(Some(&first))).unwrap();
        promote_judged(root, "spam", &second, &judged(Some(&second))).unwrap();
        rollback(root, "spam", "later").unwrap();
        let lines: Vec<(String, String)> =
            super::super::promotions(root, "spam").unwrap().into_iter().map(|line| (line.action, line.version)).collect();
        let line = |action: &str, version: &str| (action.to_owned(), version.to_owned());
        assert_eq!(lines, [line("promote", &first), line("promote", &second), line("rollback", &first)]);
    }

    #[test]
    fn a_damaged_earlier_champion_is_not_gone_back_to() {
        let (root, first, second) = two_versions();
        let root = root.path();
        promote(root, "spam", &first).unwrap();
        promote(root, "spam", &second).unwrap();
        std::fs::write(root.join("spam").join(&first).join("model.safetensors"), "x").unwrap();
        assert!(matches!(rollback(root, "spam", "2026-11-01T00:00:00Z"), Err(StoreError::Damaged { .. })));
        assert_eq!(champion(root, "spam").unwrap(), Some(second));
    }

    #[test]
    fn what_cannot_be_loaded_is_not_promoted() {
        let (root, first, second) = two_versions();
        let root = root.path();
        promote(root, "spam", &first).unwrap();
        std::fs::write(root.join("spam").join(&second).join("model.safetensors"), "x").unwrap();
        assert!(matches!(promote(root, "spam", &second), Err(StoreError::Damaged { .. })));
        assert!(matches!(promote(root, "spam", "000000000000"), Err(StoreError::NoVersion { .. })));
        assert!(matches!(promote(root, "spam", "../../x"), Err(StoreError::UnsafeName { .. })));
        assert_eq!(champion(root, "spam").unwrap(), Some(first));
    }

    #[test]
    fn a_pointer_out_of_the_store_is_refused_and_mended_by_promoting() {
        let (root, first, _) = two_versions();
        let root = root.path();
        let path = root.join("spam").join(CHAMPION);
        for (pointer, expect) in [
            (r#"{"format_version":1,"version":"../../../etc","previous":null}"#.to_owned(), "which is not a version"),
            (r#"{"format_version":1,"version":"0123456789ab","previous":null,"run":"x"}"#.to_owned(), "unknown field `run`"),
            (r#"{"format_version":2,"version":"0123456789ab"}"#.to_owned(), "format version 2"),
            ("0123456789ab\n".to_owned(), "cannot be trusted"),
            (" ".repeat(5000), "more than 4096 bytes"),
        ] {
            std::fs::write(&path, pointer).unwrap();
            let error = load(root, "spam", Which::Champion, None).unwrap_err();
            assert!(error.to_string().contains(expect), "`{error}` does not say `{expect}`");
        }
        promote(root, "spam", &first).unwrap();
        assert_eq!(champion(root, "spam").unwrap(), Some(first));
    }
}
