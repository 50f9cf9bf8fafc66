//! The life of alarms: raised once, standing while what raised them is still found, cleared once.

use std::collections::BTreeMap;

use super::alarm::{Alarm, AlarmState};
use super::figure::{Figure, Segment, State};
use crate::units::Day;

/// What a check found tonight.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The check.
    pub check: String,
    /// Of which part.
    pub segment: Segment,
    /// What was found, what was expected, and the limit, in a sentence.
    pub message: String,
    /// What it rests on.
    pub n: u64,
}

impl Finding {
    /// The finding of a figure that is beyond its limit: its check is the figure's metric.
    #[must_use]
    pub fn of(figure: &Figure) -> Option<Self> {
        let is_beyond = matches!(figure.state, State::Warning | State::Refused);
        is_beyond.then(|| Self {
            check: figure.metric.clone(),
            segment: figure.segment.clone(),
            message: figure.note.clone().unwrap_or_else(|| figure.metric.replace('_', " ")),
            n: figure.n,
        })
    }
}

/// Tonight's alarms after those of the night before: a finding that was not there raises one, one that was keeps it standing, and an alarm
/// without a finding is told one last time as cleared. Of two findings of one check and part the first counts. By check, then part.
#[must_use]
pub fn update_alarms(before: &[Alarm], tonight: Vec<Finding>, day: Day) -> Vec<Alarm> {
    let mut open: BTreeMap<(String, Segment), &Alarm> = BTreeMap::new();
    for alarm in before.iter().filter(|alarm| alarm.state != AlarmState::Cleared) {
        open.insert((alarm.check.clone(), alarm.segment.clone()), alarm);
    }
    let mut alarms: BTreeMap<(String, Segment), Alarm> = BTreeMap::new();
    for Finding { check, segment, message, n } in tonight {
        let key = (check.clone(), segment.clone());
        let (state, since) = match open.get(&key) {
            Some(alarm) => (AlarmState::Standing, alarm.since),
            None => (AlarmState::Raised, day),
        };
        alarms.entry(key).or_insert(Alarm { check, segment, state, since, message, n });
    }
    for (key, alarm) in open {
        alarms.entry(key).or_insert_with(|| Alarm {
            state: AlarmState::Cleared,
            message: format!("no longer found; it was: {}", alarm.message.trim_start_matches("no longer found; it was: ")),
            ..alarm.clone()
        });
    }
    alarms.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(check: &'static str, subject: &str) -> Finding {
        let segment = Segment { subject: Some(subject.to_owned()), ..Segment::default() };
        Finding { check: check.to_owned(), segment, message: format!("{subject} is null in 9 of 10 rows"), n: 10 }
    }

    fn states(alarms: &[Alarm]) -> Vec<(&str, AlarmState, Day)> {
        alarms.iter().map(|a| (a.segment.subject.as_deref().unwrap(), a.state, a.since)).collect()
    }

    #[test]
    fn an_alarm_is_raised_stands_and_is_cleared_once() {
        use AlarmState::{Cleared, Raised, Standing};
        let first = update_alarms(&[], vec![finding("null_rate", "price"), finding("null_rate", "title")], Day(1));
        assert_eq!(states(&first), [("price", Raised, Day(1)), ("title", Raised, Day(1))]);
        let second = update_alarms(&first, vec![finding("null_rate", "price")], Day(2));
        assert_eq!(states(&second), [("price", Standing, Day(1)), ("title", Cleared, Day(1))]);
        assert!(second[1].message.starts_with("no longer found"));
        let third = update_alarms(&second, vec![finding("null_rate", "price")], Day(3));
        assert_eq!(states(&third), [("price", Standing, Day(1))]);
        // Who was cleared and comes back is raised anew.
        let fourth = update_alarms(&third, vec![finding("null_rate", "title"), finding("null_rate", "price")], Day(4));
        assert_eq!(states(&fourth), [("price", Standing, Day(1)), ("title", Raised, Day(4))]);
        // Another check of the same column is another alarm; the same finding twice is one.
        let two =
            update_alarms(&[], vec![finding("psi", "price"), finding("null_rate", "price"), finding("psi", "price")], Day(1));
        assert_eq!(two.iter().map(|a| a.check.as_str()).collect::<Vec<_>>(), ["null_rate", "psi"]);
    }
}
