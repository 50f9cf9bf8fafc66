//! What a search has found so far, one JSON object a line.
//!
//! The first line names the digest of everything that decides a result: rows, verdicts, configuration, ranges, program. A
//! journal of another digest is refused, never mixed in. Results are keyed by trial and share of the sellers, so a later search
//! with more trials uses them too.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::halving::{Job, Loss};
use crate::files::LineJournal;
use crate::run::exit::VerbError;

/// The version of these lines.
const FORMAT: u32 = 1;

/// How the first line begins.
const HEAD: &str = "{\"tuning_journal\":";

/// What becomes of results that an earlier search left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JournalPolicy {
    /// They are used.
    Resume,
    /// They are removed.
    Restart,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    tuning_journal: u32,
    digest: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    /// One of this many sellers took part.
    one_in: u64,
    trial: usize,
    log_loss: Loss,
    parameters: Map<String, Value>,
}

/// An open journal.
#[derive(Debug)]
pub(super) struct Journal {
    lines: LineJournal,
}

impl Journal {
    /// Opens the journal for a search of this digest, and returns what it knows already.
    ///
    /// # Errors
    /// [`VerbError::OtherJournal`] for one of another search, or with a line that is not ours; when the file cannot be used.
    pub(super) fn open(path: &Path, digest: &str, policy: JournalPolicy) -> anyhow::Result<(Self, BTreeMap<Job, Loss>)> {
        let (mut lines, found) = LineJournal::open(path)?;
        let other = |reason: String| VerbError::OtherJournal { path: PathBuf::from(path), reason };
        // Whatever the key names, only a journal is ever written to or emptied.
        let begins = |text: &str| text.starts_with(HEAD) || HEAD.starts_with(text);
        if found.whole.first().is_some_and(String::is_empty) || !begins(found.whole.first().unwrap_or(&found.cut)) {
            return Err(VerbError::NoJournal { path: PathBuf::from(path) }.into());
        }
        let Some((head, results)) = found.whole.split_first().filter(|_| policy == JournalPolicy::Resume) else {
            lines.clear()?;
            lines.append(&serde_json::to_string(&Head { tuning_journal: FORMAT, digest: digest.to_owned() })?)?;
            return Ok((Self { lines }, BTreeMap::new()));
        };
        let is_ours = serde_json::from_str(head).is_ok_and(|head: Head| head.tuning_journal == FORMAT && head.digest == digest);
        if !is_ours {
            return Err(other("was made with other data, another configuration or another program".to_owned()).into());
        }
        let mut known = BTreeMap::new();
        for (i, line) in results.iter().enumerate() {
            let line: Line = serde_json::from_str(line).map_err(|e| other(format!("cannot be read at line {}: {e}", i + 2)))?;
            known.insert(Job { one_in: line.one_in, trial: line.trial }, line.log_loss);
        }
        Ok((Self { lines }, known))
    }

    /// Adds a result.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn add(&mut self, job: Job, log_loss: Loss, parameters: Map<String, Value>) -> anyhow::Result<()> {
        let line = Line { one_in: job.one_in, trial: job.trial, log_loss, parameters };
        Ok(self.lines.append(&serde_json::to_string(&line)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jobs() -> [(Job, Loss); 3] {
        [
            (Job { one_in: 3, trial: 1 }, Some(0.1 + 0.2)),
            (Job { one_in: 3, trial: 0 }, None),
            (Job { one_in: 1, trial: 1 }, Some(1.0 / 3.0)),
        ]
    }

    fn written(path: &Path) -> String {
        let (mut journal, known) = Journal::open(path, "d1", JournalPolicy::Resume).unwrap();
        assert!(known.is_empty());
        for (job, loss) in jobs() {
            journal.add(job, loss, Map::new()).unwrap();
        }
        std::fs::read_to_string(path).unwrap()
    }

    #[test]
    fn results_come_back_to_the_bit_from_any_cut() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tuning.jsonl");
        let text = written(&path);
        for cut in 0..=text.len() {
            std::fs::write(&path, &text[..cut]).unwrap();
            let (_, known) = Journal::open(&path, "d1", JournalPolicy::Resume).unwrap();
            let n_whole = text[..cut].matches('\n').count().saturating_sub(1);
            let expect: BTreeMap<Job, Loss> = jobs().into_iter().take(n_whole).collect();
            assert_eq!(known, expect);
        }
    }

    #[test]
    fn another_search_s_journal_is_refused_or_begun_anew() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tuning.jsonl");
        let text = written(&path);
        for (content, expect) in [
            (text.replace("d1", "d2"), "another configuration"),
            (text.replace("\"tuning_journal\":1", "\"tuning_journal\":2"), "another program"),
            (text.replace("\"trial\":0", "\"trial\":-1"), "line 3"),
        ] {
            std::fs::write(&path, &content).unwrap();
            let error = Journal::open(&path, "d1", JournalPolicy::Resume).unwrap_err().to_string();
            assert!(error.contains(expect) && error.contains("--restart-tuning"), "{error}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), content, "a refusal changes nothing");
        }
        let (_, known) = Journal::open(&path, "d1", JournalPolicy::Restart).unwrap();
        assert!(known.is_empty());
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 1);
    }

    #[test]
    fn a_file_that_is_no_journal_is_never_touched() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("reviews.csv");
        for content in ["id,price\n1,2\n", "id,price", "\n"] {
            std::fs::write(&path, content).unwrap();
            for policy in [JournalPolicy::Resume, JournalPolicy::Restart] {
                let error = Journal::open(&path, "d1", policy).unwrap_err();
                assert!(matches!(error.downcast_ref(), Some(VerbError::NoJournal { .. })), "{error}");
                assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
            }
        }
    }
}
