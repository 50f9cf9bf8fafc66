//! Which verdicts are about the same case: one label of one item, within a few days.

use super::voices::Voice;
use crate::units::Verdict;

/// How long verdicts on one item and label are about the same thing. A second review comes a day or two after the first; months
/// later the item is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseWindow {
    /// Verdicts of at most so many days after the first one's midnight belong to its case; 0 keeps to the day (7 is a start).
    pub days: u32,
}

/// The cases of `voices`, which are by label, item and time; each is a run of them, begun by its first verdict.
pub(super) fn cases<'v, 'd>(mut voices: &'v [Voice<'d>], window: CaseWindow) -> Vec<&'v [Voice<'d>]> {
    let mut cases = Vec::new();
    while let Some(first) = voices.first() {
        let last_day = i64::from(first.as_of.day.0) + i64::from(window.days);
        let same =
            |v: &Voice<'d>| v.label == first.label && v.content_id == first.content_id && i64::from(v.as_of.day.0) <= last_day;
        let end = voices.iter().position(|v| !same(v)).unwrap_or(voices.len());
        let (case, rest) = voices.split_at(end);
        cases.push(case);
        voices = rest;
    }
    cases
}

/// The known truth of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    /// Nobody says.
    Unknown,
    /// All that say agree.
    Known(Verdict),
    /// Golden answers contradict each other, so none counts.
    Contradictory,
}

/// What the golden answers of `case` say.
pub(super) fn truth(case: &[Voice<'_>]) -> Truth {
    let mut answers = case.iter().filter_map(|v| v.golden);
    match answers.next() {
        None => Truth::Unknown,
        Some(first) if answers.all(|other| other == first) => Truth::Known(first),
        Some(_) => Truth::Contradictory,
    }
}

/// The voices that count as opinions: a named reviewer's last word on the case, and every word without a name.
pub(super) fn opinions<'v, 'd>(case: &'v [Voice<'d>]) -> impl Iterator<Item = &'v Voice<'d>> {
    case.iter().enumerate().filter(|(_, v)| v.verdict.is_some()).filter_map(|(at, voice)| {
        let reviewer = voice.reviewer();
        let again = |later: &Voice<'d>| later.verdict.is_some() && later.reviewer() == reviewer;
        let spoke_again = reviewer.reviewer_id.is_some() && case[at + 1..].iter().any(again);
        (!spoke_again).then_some(voice)
    })
}
