//! Policies that get in each other's way, found without a row: those that never hold or never decide, those that undo one another, and
//! those that fire on the same items.
//!
//! Input: a compiled set. Output: findings, by kind and policy. What is said rests on [`Ranges`]: a policy that is called unreachable
//! surely is; of those that meet it is only said that they may. Deliberately not here: what they do on real items (`simulate`), and
//! which day it is.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::compile::{Policy, PolicySet};
use crate::config::{EffectiveDays, PolicyMode};
use crate::sql::{Range, Ranges, SqlType};
use crate::units::Treatment;

/// Columns that say where a policy applies rather than what it is about.
const SCOPE: [&str; 4] = ["market", "content_type", "tier", "language"];

/// What is the matter, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// It never fires, or never decides.
    Unreachable,
    /// One lets through what the other acts on.
    Contradictory,
    /// Both fire on some items and do different things.
    Overlapping,
    /// As overlapping, and by design: one fires wherever the other does.
    Steps,
}

impl FindingKind {
    /// The name in lists.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Contradictory => "contradictory",
            Self::Overlapping => "overlapping",
            Self::Steps => "steps",
        }
    }
}

/// Something about one policy, or about two.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// What is the matter.
    pub kind: FindingKind,
    /// The policy that it is about.
    pub policy: String,
    /// The other one.
    pub other: Option<String>,
    /// Where both hold: columns and ranges, as `p_scam >= 0.95`; empty where that is not known, or anywhere.
    pub region: Vec<String>,
    /// The whole of it in a sentence.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.as_str(), self.what)
    }
}

/// A policy and where it can fire.
struct Reach<'a> {
    policy: &'a Policy,
    ranges: Ranges,
    /// From the first day in any market to the last.
    days: EffectiveDays,
    /// Columns that its condition limits, but for those of its scope.
    about: Vec<String>,
}

impl PolicySet {
    /// What is odd about the policies that a run evaluates, by kind and policy. Policies meet if they share a label or a column that
    /// both limit; of others everybody knows that an item can fulfil both. An `allow` is held against all.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let columns: Vec<(String, SqlType)> = self.columns.iter().map(|column| (column.name.clone(), column.ty)).collect();
        let reaches: Vec<Reach<'_>> = self.policies.iter().filter_map(|policy| Reach::of(policy, &columns)).collect();
        let mut found: Vec<Finding> = Vec::new();
        for reach in reaches.iter().filter(|reach| reach.ranges.is_never()) {
            let what = format!("`{}` never fires: no item can fulfil {}", reach.id(), reach.policy.file.when);
            found.push(Finding { kind: FindingKind::Unreachable, policy: reach.id(), other: None, region: Vec::new(), what });
        }
        for (at, a) in reaches.iter().enumerate() {
            for b in reaches.iter().skip(at + 1) {
                found.extend(pair(a, b));
            }
        }
        found.sort();
        found
    }
}

impl<'a> Reach<'a> {
    /// `None` where the condition cannot be read, which compiling it would have said.
    fn of(policy: &'a Policy, columns: &[(String, SqlType)]) -> Option<Self> {
        let file = &policy.file;
        let condition = Ranges::of(&file.when, columns, &file.parameters).ok()?;
        let about = condition.limited().into_iter().filter(|name| !SCOPE.contains(name)).map(str::to_owned).collect();
        let mut ranges = condition;
        if !file.markets.is_empty() {
            ranges = ranges.within("market", Range::texts(file.markets.iter().map(|market| market.as_str())));
        }
        if !file.content_types.is_empty() {
            let names: Vec<String> = file.content_types.iter().map(ToString::to_string).collect();
            ranges = ranges.within("content_type", Range::texts(names.iter().map(String::as_str)));
        }
        let own = file.market_effective.iter().map(|(_, days)| *days);
        let days = own.fold(file.effective, |all, days| EffectiveDays {
            from: all.from.zip(days.from).map(|(a, b)| a.min(b)),
            until: all.until.zip(days.until).map(|(a, b)| a.max(b)),
        });
        Some(Self { policy, ranges, days, about })
    }

    fn id(&self) -> String {
        self.policy.file.id.to_string()
    }

    fn named(&self) -> String {
        format!("`{}` ({}, priority {})", self.policy.file.id, self.policy.file.treatment, self.policy.file.priority)
    }

    /// Where both can fire; `None` where they never do.
    fn meeting(&self, other: &Self) -> Option<Vec<String>> {
        let apart = |a: &EffectiveDays, b: &EffectiveDays| a.until.zip(b.from).is_some_and(|(until, from)| until <= from);
        if apart(&self.days, &other.days) || apart(&other.days, &self.days) {
            return None;
        }
        let met: BTreeMap<String, Range> = self.ranges.meeting(&other.ranges)?;
        Some(met.iter().filter(|(name, _)| *name != "content_type").map(|(name, range)| format!("{name} {range}")).collect())
    }

    /// Whether both speak of the same thing.
    fn is_akin(&self, other: &Self) -> bool {
        self.policy.file.labels.iter().any(|label| other.policy.file.labels.contains(label))
            || self.about.iter().any(|name| other.about.contains(name))
    }

    /// Whether it decides nothing while `other` acts.
    fn is_covered_by(&self, other: &Self) -> bool {
        let (own, file) = (&self.policy.file, &other.policy.file);
        // At one priority a milder treatment that lowers rank still does: the least factor of all that apply counts.
        let adds_nothing = !matches!(own.treatment, Treatment::Downrank | Treatment::NoRecommend | Treatment::Gate);
        let is_severer = file.priority == own.priority && file.treatment > own.treatment && adds_nothing;
        let outranks = file.priority > own.priority || is_severer;
        // What is shared out, held back or bound to who was first does not act everywhere that it holds.
        let acts_everywhere = file.rollout >= 1.0 && file.holdback == 0.0 && other.policy.firsts.is_empty();
        let days_cover = file.market_effective.is_empty()
            && file.effective.from.is_none_or(|from| self.days.from.is_some_and(|own| own >= from))
            && file.effective.until.is_none_or(|until| self.days.until.is_some_and(|own| own <= until));
        let stands = file.mode == PolicyMode::Live || own.mode != PolicyMode::Live;
        // An escalation is always made.
        own.treatment != Treatment::Escalate
            && outranks
            && acts_everywhere
            && days_cover
            && stands
            && self.ranges.surely_implies(&other.ranges)
    }
}

/// What is odd about two policies.
fn pair(a: &Reach<'_>, b: &Reach<'_>) -> Option<Finding> {
    if a.ranges.is_never() || b.ranges.is_never() || a.policy.file.treatment == b.policy.file.treatment {
        return same_treatment(a, b);
    }
    for (inner, outer) in [(a, b), (b, a)] {
        if inner.is_covered_by(outer) {
            return Some(unreachable(inner, outer));
        }
    }
    let region = a.meeting(b)?;
    let (milder, severer) = if a.policy.file.treatment < b.policy.file.treatment { (a, b) } else { (b, a) };
    let (mild, severe) = (&milder.policy.file, &severer.policy.file);
    let place = if region.is_empty() { String::new() } else { format!(" where {}", region.join(", ")) };
    if mild.treatment == Treatment::Allow {
        let what = if mild.priority > severe.priority {
            format!("{} lets through what {} acts on{place}", milder.named(), severer.named())
        } else if mild.priority == severe.priority {
            format!(
                "{} and {} both hold{place}, and the severer decides: give the allow a higher priority",
                milder.named(),
                severer.named()
            )
        } else {
            return None;
        };
        return (severe.treatment != Treatment::Escalate)
            .then(|| finding(FindingKind::Contradictory, milder, severer, region, what));
    }
    if !a.is_akin(b) {
        return None;
    }
    let nested = severer.ranges.surely_implies(&milder.ranges) || milder.ranges.surely_implies(&severer.ranges);
    let is_step = severe.priority >= mild.priority && nested;
    let decides = if mild.priority > severe.priority && severe.treatment != Treatment::Escalate { mild } else { severe };
    let what = format!("{} and {} both fire{place}: `{}` decides", milder.named(), severer.named(), decides.id);
    Some(finding(if is_step { FindingKind::Steps } else { FindingKind::Overlapping }, milder, severer, region, what))
}

/// Of two that do the same only what outranks the other is of interest.
fn same_treatment(a: &Reach<'_>, b: &Reach<'_>) -> Option<Finding> {
    let pairs = [(a, b), (b, a)];
    let both_fire = !a.ranges.is_never() && !b.ranges.is_never();
    pairs
        .into_iter()
        .find(|(inner, outer)| both_fire && inner.is_covered_by(outer))
        .map(|(inner, outer)| unreachable(inner, outer))
}

fn unreachable(inner: &Reach<'_>, outer: &Reach<'_>) -> Finding {
    let what = format!("{} never decides while {} acts, which fires wherever it does", inner.named(), outer.named());
    finding(FindingKind::Unreachable, inner, outer, inner.meeting(outer).unwrap_or_default(), what)
}

fn finding(kind: FindingKind, policy: &Reach<'_>, other: &Reach<'_>, region: Vec<String>, what: String) -> Finding {
    Finding { kind, policy: policy.id(), other: Some(other.id()), region, what }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::*;
    use super::*;

    /// The kinds and sentences of what is found in policies a, b, c (lines).
    fn found(policies: &[&str]) -> Vec<String> {
        let texts: Vec<String> = policies.iter().zip(["a", "b", "c"]).map(|(lines, id)| text(id, lines)).collect();
        set(&texts).findings().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_policy_that_no_item_can_fulfil_is_named() {
        let said = found(&["when = \"p_gambling > 0.9 AND p_gambling < low\"\n[parameters]\nlow = 0.5"]);
        assert_eq!(said, ["unreachable: `a` never fires: no item can fulfil p_gambling > 0.9 AND p_gambling < low"]);
        assert_eq!(found(&["when = \"market = 'ID' AND p_gambling > 0.5\"\nmarkets = [\"TH\", \"VN\"]"]).len(), 1);
        assert!(found(&["when = \"market = 'TH' AND p_gambling > 0.5\"\nmarkets = [\"TH\", \"VN\"]"]).is_empty());
        assert_eq!(found(&["when = \"content_type = 'video' AND p_gambling > 0.5\"\ncontent_types = [\"listing\"]"]).len(), 1);
    }

    #[test]
    fn a_policy_that_never_decides_is_named_with_what_covers_it() {
        let wide = "when = \"p_gambling >= 0.5\"";
        assert_eq!(
            found(&["treatment = \"review\"", wide]),
            [
                "unreachable: `a` (review, priority 100) never decides while `b` (hold, priority 100) acts, which fires wherever it does"
            ]
        );
        let none = |first: &str, second: &str| !found(&[first, second]).iter().any(|said| said.starts_with("unreachable"));
        // Not where it covers less, is in shadow, begins later, covers one market, is shared out or reads what is not understood.
        assert!(none("treatment = \"review\"", "when = \"p_gambling > 0.9\""));
        assert!(none("treatment = \"review\"", &format!("{wide}\nmode = \"shadow\"")));
        assert!(none("treatment = \"review\"", &format!("{wide}\n[effective]\nfrom = \"2026-03-01\"")));
        assert!(none("treatment = \"review\"", &format!("{wide}\nmarkets = [\"TH\"]")));
        assert!(none("treatment = \"review\"", &format!("{wide}\nrollout = 0.5")));
        assert!(none("treatment = \"review\"", "when = \"p_gambling >= 0.5 AND LENGTH(title) > 2\""));
        assert!(none("treatment = \"escalate\"", &format!("{wide}\npriority = 200")));
        // A higher priority decides though it is milder.
        assert!(!none("", &format!("{wide}\npriority = 200\ntreatment = \"label\"")));
        assert!(!none("markets = [\"TH\"]\ntreatment = \"review\"", &format!("{wide}\nmarkets = [\"TH\", \"VN\"]")));
    }

    #[test]
    fn an_allow_against_a_treatment_is_contradictory() {
        let trusted = |priority: u32| format!("when = \"urls = 0\"\ntreatment = \"allow\"\npriority = {priority}");
        assert_eq!(
            found(&[&trusted(200), ""]),
            [
                "contradictory: `a` (allow, priority 200) lets through what `b` (hold, priority 100) acts on where p_gambling >= 0.9, urls = 0"
            ]
        );
        let same = found(&[&trusted(100), ""]);
        assert!(same.len() == 1 && same[0].contains("the severer decides"), "{same:?}");
        assert!(found(&[&trusted(50), ""]).is_empty());
        assert!(found(&[&trusted(200), "when = \"p_gambling > 0.5 AND urls > 0\""]).is_empty());
        assert!(found(&[&trusted(200), "treatment = \"escalate\""]).is_empty());
    }

    #[test]
    fn policies_that_both_fire_are_named_with_where() {
        let other = "treatment = \"no_recommend\"\nwhen = \"p_gambling > 0.5 AND urls > 2\"";
        assert_eq!(
            found(&[other, ""]),
            [
                "overlapping: `a` (no_recommend, priority 100) and `b` (hold, priority 100) both fire where p_gambling >= 0.9, urls > 2: `b` decides"
            ]
        );
        let higher = found(&[&format!("{other}\npriority = 101"), ""]);
        assert!(higher[0].ends_with("`a` decides"), "{higher:?}");
        assert!(found(&[other, "when = \"p_gambling >= 0.9 AND urls <= 2\""]).is_empty());
        assert!(found(&[other, "markets = [\"TH\"]", "markets = [\"VN\"]\ntreatment = \"gate\""]).len() == 2);
        // One after the other; and about things that have nothing to do with each other.
        let (until, from) = ("[effective]\nuntil = \"2026-03-01\"", "[effective]\nfrom = \"2026-03-01\"");
        assert!(found(&[&format!("{other}\n{until}"), from]).is_empty());
        assert!(found(&["", "labels = [\"knockoff\"]\nwhen = \"p_knockoff > 0.5\"\ntreatment = \"review\""]).is_empty());
    }

    #[test]
    fn a_severer_policy_inside_a_milder_one_is_a_step() {
        let found = set(&[text("a", "when = \"p_gambling >= 0.5\"\ntreatment = \"review\""), text("b", "")]).findings();
        let [step] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((step.kind, step.policy.as_str(), step.other.as_deref()), (FindingKind::Steps, "a", Some("b")));
        assert_eq!(step.region, ["p_gambling >= 0.9"]);
        // Out of recommendations while a person looks: both apply.
        let found =
            set(&[text("a", "treatment = \"no_recommend\""), text("b", "when = \"p_gambling >= 0.5\"\ntreatment = \"review\"")])
                .findings();
        assert_eq!(found.iter().map(|f| f.kind).collect::<Vec<_>>(), [FindingKind::Steps]);
    }
}
