//! Findings about policies as a terminal shows them.

use std::collections::BTreeMap;
use std::fmt;

use crate::policy::{Finding, FindingKind};

/// Findings of one kind about one policy that are written out.
const SHOWN: usize = 3;

/// A line each; of many of one kind about one policy the first three, and of steps, which are by design, their number.
pub(super) fn write_findings(f: &mut fmt::Formatter<'_>, findings: &[Finding]) -> fmt::Result {
    let (steps, odd): (Vec<&Finding>, Vec<&Finding>) = findings.iter().partition(|finding| finding.kind == FindingKind::Steps);
    let mut groups: BTreeMap<(FindingKind, &str), Vec<&Finding>> = BTreeMap::new();
    odd.into_iter().for_each(|finding| groups.entry((finding.kind, &finding.policy)).or_default().push(finding));
    for ((kind, policy), group) in &groups {
        group.iter().take(SHOWN).try_for_each(|finding| writeln!(f, "{finding}"))?;
        if group.len() > SHOWN {
            let (more, kind) = (group.len() - SHOWN, kind.as_str());
            writeln!(f, "{kind}: `{policy}` with {more} more policies: --json lists them")?;
        }
    }
    if !steps.is_empty() {
        writeln!(f, "{} pairs of policies are steps: one fires wherever the other does, and the severer decides.", steps.len())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Shown(Vec<Finding>);

    impl fmt::Display for Shown {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write_findings(f, &self.0)
        }
    }

    #[test]
    fn many_findings_about_one_policy_are_grouped_and_steps_counted() {
        let finding = |kind, n: usize| Finding {
            kind,
            policy: "a".to_owned(),
            other: Some(format!("b{n}")),
            region: Vec::new(),
            what: format!("`a` and `b{n}`"),
        };
        let mut findings: Vec<Finding> = (0..5).map(|n| finding(FindingKind::Overlapping, n)).collect();
        findings.push(finding(FindingKind::Contradictory, 9));
        findings.extend((0..2).map(|n| finding(FindingKind::Steps, n)));
        let shown = Shown(findings).to_string();
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(
            lines,
            [
                "contradictory: `a` and `b9`",
                "overlapping: `a` and `b0`",
                "overlapping: `a` and `b1`",
                "overlapping: `a` and `b2`",
                "overlapping: `a` with 2 more policies: --json lists them",
                "2 pairs of policies are steps: one fires wherever the other does, and the severer decides.",
            ]
        );
        assert_eq!(Shown(Vec::new()).to_string(), "");
    }
}
