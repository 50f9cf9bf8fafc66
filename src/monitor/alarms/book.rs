//! Each finding is told once: raised, then standing while it lasts, cleared when it is over, and gone.

use crate::monitor::{Alarm, AlarmState, Figure, Segment, State};
use crate::units::Day;

/// What a check found tonight.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The check.
    pub check: String,
    /// Of which part.
    pub segment: Segment,
    /// What was found, expected, and the limit.
    pub message: String,
    /// What it rests on.
    pub n: u64,
}

/// The figures beyond their limits, as findings of the check that their metric names.
#[must_use]
pub fn findings_of(figures: &[Figure]) -> Vec<Finding> {
    (figures.iter().filter(|figure| matches!(figure.state, State::Warning | State::Refused)))
        .map(|figure| Finding {
            check: figure.metric.clone(),
            segment: figure.segment.clone(),
            message: figure.note.clone().unwrap_or_else(|| format!("{} is beyond its limit", figure.metric)),
            n: figure.n,
        })
        .collect()
}

/// The night's alarms, by check and segment. `before` are those of the last night; a cleared one among them is over.
/// `intern` turns a check's name into the alarm's; a finding for which it has none is left out.
#[must_use]
pub fn update(before: &[Alarm], findings: &[Finding], day: Day, intern: impl Fn(&str) -> Option<&'static str>) -> Vec<Alarm> {
    let mut alarms: Vec<Alarm> = Vec::with_capacity(findings.len());
    for finding in findings {
        let Some(check) = intern(&finding.check) else { continue };
        if alarms.iter().any(|known| known.check == check && known.segment == finding.segment) {
            continue;
        }
        let known = before.iter().find(|a| a.check == check && a.segment == finding.segment && a.state != AlarmState::Cleared);
        alarms.push(Alarm {
            check,
            segment: finding.segment.clone(),
            state: if known.is_some() { AlarmState::Standing } else { AlarmState::Raised },
            since: known.map_or(day, |alarm| alarm.since),
            message: finding.message.clone(),
            n: finding.n,
        });
    }
    let over: Vec<Alarm> = (before.iter().filter(|alarm| alarm.state != AlarmState::Cleared))
        .filter(|alarm| !alarms.iter().any(|now| now.check == alarm.check && now.segment == alarm.segment))
        .map(|alarm| Alarm { state: AlarmState::Cleared, ..alarm.clone() })
        .collect();
    alarms.extend(over);
    alarms.sort_by(|a, b| (a.check, &a.segment).cmp(&(b.check, &b.segment)));
    alarms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_is_raised_stands_is_cleared_and_is_gone() {
        let finding = Finding { check: "psi".into(), segment: Segment::default(), message: "0.4".into(), n: 900 };
        let intern = |name: &str| (name == "psi").then_some("psi");
        let day = |text: &str| -> Day { text.parse().unwrap() };
        let mut alarms = Vec::new();
        for (text, found, expect) in [
            ("2026-03-01", true, Some(AlarmState::Raised)),
            ("2026-03-02", true, Some(AlarmState::Standing)),
            ("2026-03-03", false, Some(AlarmState::Cleared)),
            ("2026-03-04", false, None),
            ("2026-03-05", true, Some(AlarmState::Raised)),
        ] {
            let findings = if found { vec![finding.clone(), finding.clone()] } else { Vec::new() };
            alarms = update(&alarms, &findings, day(text), intern);
            assert_eq!(alarms.first().map(|alarm| alarm.state), expect, "{text}");
            assert!(alarms.len() <= 1);
        }
        assert_eq!(alarms[0].since, day("2026-03-05"));
    }

    #[test]
    fn figures_beyond_their_limits_are_findings() {
        let mut figure = Figure::new(crate::monitor::Family::Drift, "psi", Segment::default(), crate::monitor::Unit::Number);
        assert_eq!(findings_of(&[figure.clone()]), []);
        (figure.state, figure.note, figure.n) = (State::Warning, Some("0.4, limit 0.25".into()), 7);
        let found = findings_of(&[figure]);
        assert_eq!((found[0].check.as_str(), found[0].message.as_str(), found[0].n), ("psi", "0.4, limit 0.25", 7));
    }
}
