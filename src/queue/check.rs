//! Cases that check reviewers: second reviews, and cases with a known answer, which look the same.

use std::collections::BTreeMap;

use crate::units::{ContentType, Id, Market, Verdict};

/// A decided item that may be shown again.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckCase {
    /// The item.
    pub content_id: Id,
    /// Kind of content.
    pub content_type: ContentType,
    /// Market.
    pub market: Market,
    /// Seller.
    pub seller_id: Option<Id>,
    /// Language.
    pub language: Option<Id>,
    /// The label that was decided.
    pub label: Id,
    /// What for.
    pub kind: CheckKind,
}

/// What a check is for.
#[derive(Debug, Clone, PartialEq)]
pub enum CheckKind {
    /// A second review of what was decided lately.
    Qa,
    /// A case whose answer is known.
    Golden(GoldenAnswer),
}

/// The known answer, which no reviewer may see.
#[derive(Debug, Clone, PartialEq)]
pub struct GoldenAnswer {
    /// The decision that it stands in.
    pub decision_id: Id,
    /// The right verdict.
    pub verdict: Verdict,
}

/// The checks of one market, each item once: a golden case where it is one.
#[derive(Debug, Clone, Default)]
pub(super) struct Checks {
    qa: BTreeMap<Id, CheckCase>,
    golden: BTreeMap<Id, CheckCase>,
}

impl Checks {
    /// Adds a case. Of several of one item, the first by label and decision stands, whatever order they come in.
    pub(super) fn add(&mut self, case: CheckCase) {
        let of_kind = match case.kind {
            CheckKind::Qa => &mut self.qa,
            CheckKind::Golden(_) => &mut self.golden,
        };
        match of_kind.get_mut(&case.content_id) {
            Some(known) if key(&case) < key(known) => *known = case,
            Some(_) => {}
            None => drop(of_kind.insert(case.content_id.clone(), case)),
        }
    }

    /// The golden cases, then the second reviews of other items, each by item.
    pub(super) fn finish(self) -> (Vec<CheckCase>, Vec<CheckCase>) {
        let Self { mut qa, golden } = self;
        qa.retain(|id, _| !golden.contains_key(id));
        (golden.into_values().collect(), qa.into_values().collect())
    }
}

fn key(case: &CheckCase) -> (&Id, Option<&Id>) {
    let decision = match &case.kind {
        CheckKind::Qa => None,
        CheckKind::Golden(answer) => Some(&answer.decision_id),
    };
    (&case.label, decision)
}
