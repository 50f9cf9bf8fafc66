//! Figures over nights, as small charts side by side.

use std::collections::BTreeMap;

use super::build::Night;
use super::document::{Lines, Point, Series};
use super::format::written;
use super::number::Number;
use super::suppress::ShownFigure;
use super::words::{metric_title, segment_text};
use crate::monitor::Segment;
use crate::units::Day;

/// The series of `figures` (of tonight) through the nights before; none where no earlier night has one of them.
pub(super) fn lines(caption: &str, figures: &[&ShownFigure<'_>], night: &Night<'_>) -> Option<Lines> {
    let first = *night.past.keys().next()?;
    let mut before: BTreeMap<Key<'_>, Vec<(Day, &ShownFigure<'_>)>> =
        figures.iter().take(night.room.series).map(|shown| (key_of(shown), Vec::new())).collect();
    for (day, past) in &night.past {
        for shown in past {
            if let Some(points) = before.get_mut(&key_of(shown)) {
                points.push((*day, shown));
            }
        }
    }
    let tonight = night.inputs.run.as_of;
    let is_one_metric = figures.iter().all(|shown| figures.first().is_some_and(|f| f.figure.metric == shown.figure.metric));
    let series = |shown: &&ShownFigure<'_>| {
        let points = before.get(&key_of(shown))?;
        let all = points.iter().map(|(day, shown)| (*day, *shown)).chain([(tonight, *shown)]);
        let name = segment_text(&shown.figure.segment);
        let name = if is_one_metric { name } else { format!("{}: {name}", metric_title(&shown.figure.metric)) };
        (!points.is_empty()).then(|| series_of(name, first, &all.collect::<Vec<_>>()))
    };
    let made: Vec<Series> = figures.iter().take(night.room.series).filter_map(series).collect();
    let n_left_out = figures.len().saturating_sub(night.room.series);
    let left_out = (n_left_out > 0).then(|| Number::count(n_left_out as u64));
    let days = [first.to_string(), tonight.to_string()];
    (!made.is_empty()).then(|| Lines { caption: caption.to_owned(), days, series: made, left_out })
}

type Key<'a> = (&'a str, &'a Segment);

fn key_of<'a>(shown: &ShownFigure<'a>) -> Key<'a> {
    (&shown.figure.metric, &shown.figure.segment)
}

fn series_of(name: String, first: Day, points: &[(Day, &ShownFigure<'_>)]) -> Series {
    let point = |(day, shown): &(Day, &ShownFigure<'_>)| Point {
        day: day.to_string(),
        nights: u32::try_from(day.0.saturating_sub(first.0)).unwrap_or_default(),
        number: shown.number.clone(),
    };
    let points: Vec<Point> = points.iter().map(point).collect();
    let axis = axis_of(points.iter().map(|point| &point.number));
    let told = |at: Option<&Point>| at.map(|point| format!("{} on {}", written(&point.number).value, point.day));
    let [from, to] = [told(points.first()), told(points.last())].map(Option::unwrap_or_default);
    let description = format!("{name}: from {from} to {to}. Line: value; band: 95 % interval.");
    Series { name, description, axis, points }
}

/// The ends of an axis that holds all values and interval ends: zero is on it.
pub(super) fn axis_of<'a>(numbers: impl Iterator<Item = &'a Number> + Clone) -> [Number; 2] {
    let ends = numbers.clone().flat_map(|number| [number.value, number.low, number.high]).flatten();
    let (low, high) = ends.fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    let unit = numbers.clone().next().map_or(super::NumberUnit::Number, |number| number.unit);
    [Number::axis(round_up(low), unit), Number::axis(round_up(high), unit)]
}

/// Away from zero to 1, 1.5, 2, 3, 4, 5, 6 or 8 times a power of ten.
fn round_up(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0;
    }
    let size = value.abs();
    let power = libm::pow(10.0, libm::floor(libm::log10(size)));
    let step = [1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0].into_iter().find(|step| step * power >= size * (1.0 - 1e-12));
    step.map_or(size, |step| step * power).copysign(value)
}

#[cfg(test)]
mod tests {
    use super::round_up;

    #[test]
    fn axes_end_at_round_numbers() {
        for (value, expect) in [(0.0, 0.0), (0.7, 0.8), (1.0, 1.0), (1.2, 1.5), (9.1, 10.0), (-34.0, -40.0), (0.001_23, 0.0015)] {
            let close = (round_up(value) - expect).abs() <= expect.abs() * 1e-12;
            assert!(close, "{value} became {}", round_up(value));
        }
        assert_eq!(round_up(f64::INFINITY), 0.0);
        assert!(round_up(f64::MAX) >= 1e308);
    }
}
