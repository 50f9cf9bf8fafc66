//! Goals and whether they are being met.

use super::{Family, Figure, Segment, State};
use crate::units::Day;

/// Which side of the goal is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetDirection {
    /// Lower is better.
    AtMost,
    /// Higher is better.
    AtLeast,
}

/// A goal for one figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Its name in the configuration.
    pub id: String,
    /// The figure's metric.
    pub metric: String,
    /// The figure's segment, all of it.
    pub segment: Segment,
    /// The goal, in the figure's unit.
    pub goal: f64,
    /// Which side of it is good.
    pub direction: TargetDirection,
    /// When it is due.
    pub by: Option<Day>,
}

/// One figure a target, in their order: `Within` (on track) where the whole interval is on the good side of the goal, `Warning` (off track)
/// where it is on the other, else `Unknown`. `past` are earlier nights' figures, oldest first; the first with a value gives the trend.
#[must_use]
pub fn judge_targets(targets: &[Target], tonight: &[Figure], past: &[(Day, &[Figure])]) -> Vec<Figure> {
    targets.iter().map(|target| judge(target, tonight, past)).collect()
}

fn find<'a>(target: &Target, figures: &'a [Figure]) -> Option<&'a Figure> {
    // The figure of a target repeats its metric: it must not become what the next night compares with.
    (figures.iter()).find(|f| f.family != Family::Target && f.metric == target.metric && f.segment == target.segment)
}

fn judge(target: &Target, tonight: &[Figure], past: &[(Day, &[Figure])]) -> Figure {
    let found = find(target, tonight);
    let unit = found.map_or(super::Unit::Number, |figure| figure.unit);
    let segment = Segment { subject: Some(target.id.clone()), ..target.segment.clone() };
    let mut figure = Figure::new(Family::Target, &target.metric, segment, unit);
    let mut note = format!(
        "goal {} {}{}",
        if target.direction == TargetDirection::AtMost { "at most" } else { "at least" },
        target.goal,
        target.by.map(|day| format!(" by {day}")).unwrap_or_default()
    );
    figure.state = State::Unknown;
    if let Some(found) = found {
        (figure.value, figure.interval, figure.n) = (found.value, found.interval, found.n);
        (figure.positives, figure.method) = (found.positives, found.method);
        if let Some(range) = found.interval {
            let (worst, best) = match target.direction {
                TargetDirection::AtMost => (range.high - target.goal, range.low - target.goal),
                TargetDirection::AtLeast => (target.goal - range.low, target.goal - range.high),
            };
            if worst <= 0.0 {
                figure.state = State::Within;
            } else if best > 0.0 {
                figure.state = State::Warning;
            }
        }
    }
    note.push_str(match figure.state {
        State::Within => ": on_track",
        State::Warning => ": off_track",
        _ => ": not_known",
    });
    let first = past.iter().find_map(|(day, figures)| Some((day, find(target, figures)?.value?)));
    if let (Some((day, before)), Some(now)) = (first, figure.value) {
        note.push_str(&format!("; {:+.6} since {day}", now - before));
    }
    figure.note = Some(note);
    figure
}

#[cfg(test)]
mod tests {
    use super::super::{Range, Unit};
    use super::*;

    fn check(direction: TargetDirection, interval: Option<(f64, f64)>, expect: State, word: &str) {
        let segment = Segment { market: Some("SG".parse().unwrap()), ..Segment::default() };
        let mut figure = Figure::new(Family::Prevalence, "violative_view_rate", segment.clone(), Unit::PerTenThousand);
        figure.value = Some(0.0005);
        figure.interval = interval.map(|(low, high)| Range { low, high });
        let metric = figure.metric.clone();
        let target = Target { id: "t".into(), metric, segment, goal: 0.0005, direction, by: None };
        let mut before = figure.clone();
        before.value = Some(0.0007);
        let nights = [before];
        let found = judge_targets(&[target], &[figure], &[("2026-03-01".parse().unwrap(), &nights)]);
        let note = found[0].note.clone().unwrap();
        assert_eq!(found[0].state, expect, "{note}");
        assert!(note.contains(word) && note.ends_with("; -0.000200 since 2026-03-01"), "{note}");
    }

    #[test]
    fn only_a_whole_interval_decides() {
        use TargetDirection::{AtLeast, AtMost};
        check(AtMost, Some((0.0003, 0.0005)), State::Within, "on_track");
        check(AtMost, Some((0.0006, 0.0007)), State::Warning, "off_track");
        check(AtMost, Some((0.0004, 0.0006)), State::Unknown, "not_known");
        check(AtLeast, Some((0.0006, 0.0007)), State::Within, "on_track");
        check(AtLeast, Some((0.0003, 0.0004)), State::Warning, "off_track");
        check(AtMost, None, State::Unknown, "not_known");
    }

    #[test]
    fn a_figure_that_is_not_there_is_not_known() {
        let target = Target {
            id: "t".into(),
            metric: "gone".into(),
            segment: Segment::default(),
            goal: 1.0,
            direction: TargetDirection::AtMost,
            by: Some("2026-12-31".parse().unwrap()),
        };
        let found = judge_targets(&[target], &[], &[]);
        assert_eq!((found[0].state, found[0].value), (State::Unknown, None));
        assert_eq!(found[0].note.as_deref(), Some("goal at most 1 by 2026-12-31: not_known"));
    }
}
