//! What each decision says of each label, as it stands in the end or as it was first said.

use std::collections::BTreeSet;

use super::Reviewer;
use super::appeals::{is_appeal, last_words};
use crate::tables::DecisionRow;
use crate::units::{AsOf, Id, Verdict};

/// A decision with what only its item knows.
#[derive(Debug, Clone, Copy)]
pub struct DatedDecision<'d> {
    /// The decision. It is known: decided and ingested before the time that is looked back from.
    pub decision: &'d DecisionRow,
    /// The midnight before it, in the item's market.
    pub as_of: AsOf,
    /// The labels that the project scores for the item's content type.
    pub labels: &'d BTreeSet<Id>,
}

/// What one decision says of one label of its item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Voice<'d> {
    pub(super) label: &'d Id,
    pub(super) content_id: &'d Id,
    /// The midnight before `original`.
    pub(super) as_of: AsOf,
    /// The decision that was made first, by which the item came before a reviewer.
    pub(super) original: &'d DecisionRow,
    /// The decision that speaks: `original`, or an appeal in its place.
    pub(super) spoken: &'d DecisionRow,
    /// What it says; `None` where only the truth is known.
    pub(super) verdict: Option<Verdict>,
    /// The truth, where the case is golden.
    pub(super) golden: Option<Verdict>,
}

/// Whose word counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hearing {
    /// An appeal's, in the place of what it overturns.
    LastWord,
    /// The first reviewer's; an appeal saw the verdict before it and is no independent look.
    FirstHand,
}

/// What decisions say, and those that say nothing.
#[derive(Debug, Default)]
pub(super) struct Voices<'d> {
    /// By label, item, midnight, time and identifier.
    pub(super) voices: Vec<Voice<'d>>,
    pub(super) overturned: u64,
    pub(super) circular: u64,
    pub(super) out_of_scope: u64,
    /// Decisions by a machine that were not asked for.
    pub(super) automatic: u64,
}

impl<'d> Voices<'d> {
    /// Hears `decisions`, in any order; decisions of a reviewer whom `hears` refuses are left out.
    pub(super) fn of(decisions: &[DatedDecision<'d>], hearing: Hearing, hears: impl Fn(&DecisionRow) -> bool) -> Self {
        let mut sorted = decisions.to_vec();
        sorted.sort_by(|a, b| time_key(a.decision).cmp(&time_key(b.decision)));
        sorted.sort_by(|a, b| a.decision.content_id.cmp(&b.decision.content_id));
        let mut found = Self::default();
        for item in sorted.chunk_by(|a, b| a.decision.content_id == b.decision.content_id) {
            let rows: Vec<&DecisionRow> = item.iter().map(|d| d.decision).collect();
            let spoken = match hearing {
                Hearing::LastWord => {
                    let words = last_words(&rows);
                    found.overturned += words.overturned;
                    found.circular += words.circular;
                    words.spoken
                }
                Hearing::FirstHand => (0..rows.len()).filter(|at| !is_appeal(rows[*at])).map(|at| (at, at)).collect(),
            };
            for (original, last) in spoken {
                if hears(rows[last]) { found.hear(&item[original], rows[last]) } else { found.automatic += 1 }
            }
        }
        found.voices.sort_by(|a, b| {
            let key = |v: &Voice<'d>| (v.label, v.content_id, v.as_of);
            key(a).cmp(&key(b)).then_with(|| time_key(a.original).cmp(&time_key(b.original)))
        });
        found
    }

    fn hear(&mut self, dated: &DatedDecision<'d>, spoken: &'d DecisionRow) {
        let before = self.voices.len();
        for label in dated.labels {
            // Of `*`, only a compliant word speaks for a label.
            let speaks = |verdict: &Verdict| spoken.label == *label || (spoken.label == "*" && *verdict == Verdict::Compliant);
            let verdict = Some(spoken.verdict).filter(speaks);
            let golden = spoken.golden_verdict.filter(speaks);
            if verdict.is_some() || golden.is_some() {
                let DatedDecision { decision: original, as_of, .. } = *dated;
                self.voices.push(Voice { label, content_id: &original.content_id, as_of, original, spoken, verdict, golden });
            }
        }
        self.out_of_scope += u64::from(self.voices.len() == before);
    }
}

impl Voice<'_> {
    /// Who speaks.
    pub(super) fn reviewer(&self) -> Reviewer {
        Reviewer::of(self.spoken)
    }
}

fn time_key(decision: &DecisionRow) -> (crate::units::Timestamp, &Id) {
    (decision.decided_at, &decision.decision_id)
}
