//! Where lines, bands and bars of a chart lie: document in, coordinates out.

use super::document::{Bar, Bars, Series};
use super::history::axis_of;
use super::number::Number;

/// Width of a line chart's view box.
const WIDTH: f64 = 320.0;
/// Its plot, in the view box: left, right, top, bottom.
const PLOT: [f64; 4] = [6.0, 314.0, 18.0, 104.0];
/// Width of a bar's view box.
const BAR_WIDTH: f64 = 200.0;

/// A line with its band, as attributes of SVG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LineShape {
    /// Polygons of intervals.
    pub bands: Vec<String>,
    /// Polylines of values.
    pub lines: Vec<String>,
    /// Values that are drawn as dots: the last, and those that have no neighbour.
    pub dots: Vec<(String, String)>,
    /// Where zero is.
    pub zero: String,
}

/// A bar, as attributes of SVG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BarShape {
    /// From where and how wide the bar is; absent where there is no value.
    pub bar: Option<(String, String)>,
    /// From where to where its interval is.
    pub interval: Option<(String, String)>,
}

fn at(value: f64) -> String {
    format!("{value:.1}")
}

/// Where a value lies between the ends of the axis, from 0 to 1.
fn place(value: f64, axis: &[Number; 2]) -> f64 {
    let [low, high] = [&axis[0], &axis[1]].map(|end| end.value.unwrap_or_default());
    let width = high - low;
    if width > 0.0 && width.is_finite() { ((value - low) / width).clamp(0.0, 1.0) } else { 0.0 }
}

/// One night in the view box.
struct Spot {
    nights: u32,
    x: f64,
    y: f64,
    band: Option<(f64, f64)>,
}

/// The shape of a series whose axis of nights ends after `nights`.
pub(super) fn line_shape(series: &Series, nights: u32) -> LineShape {
    let [left, right, top, bottom] = PLOT;
    let y = |value: f64| bottom - place(value, &series.axis) * (bottom - top);
    let spot = |point: &super::Point| {
        let share = f64::from(point.nights) / f64::from(nights.max(1));
        let number = &point.number;
        let band = number.low.zip(number.high).map(|(low, high)| (y(low), y(high)));
        Some(Spot { nights: point.nights, x: left + share * (right - left), y: y(number.value?), band })
    };
    // A night without a value breaks the line, and so does one that isn't there.
    let mut runs: Vec<Vec<Spot>> = Vec::new();
    let mut is_broken = true;
    for spot in series.points.iter().map(spot) {
        let Some(spot) = spot else {
            is_broken = true;
            continue;
        };
        match runs.last_mut() {
            Some(run) if !is_broken && run.last().is_some_and(|last| spot.nights.saturating_sub(last.nights) <= 1) => {
                run.push(spot)
            }
            _ => runs.push(vec![spot]),
        }
        is_broken = false;
    }
    let pair = |x: f64, y: f64| format!("{},{}", at(x), at(y));
    let line = |run: &Vec<Spot>| run.iter().map(|spot| pair(spot.x, spot.y)).collect::<Vec<_>>().join(" ");
    let band = |run: &Vec<Spot>| {
        let with: Vec<(f64, f64, f64)> = run.iter().filter_map(|spot| spot.band.map(|(low, high)| (spot.x, low, high))).collect();
        let there = with.iter().map(|(x, low, _)| pair(*x, *low));
        let back = with.iter().rev().map(|(x, _, high)| pair(*x, *high));
        (with.len() > 1).then(|| there.chain(back).collect::<Vec<_>>().join(" "))
    };
    let alone = runs.iter().filter(|run| run.len() == 1).filter_map(|run| run.first());
    let last = runs.last().and_then(|run| run.last());
    LineShape {
        bands: runs.iter().filter_map(band).collect(),
        lines: runs.iter().filter(|run| run.len() > 1).map(line).collect(),
        dots: alone.chain(last).map(|spot| (at(spot.x), at(spot.y))).collect(),
        zero: at(y(0.0)),
    }
}

/// The view box of a line chart.
pub(super) fn line_box() -> String {
    format!("0 0 {WIDTH} 124")
}

/// The shapes of bars on one axis.
pub(super) fn bar_shapes(bars: &Bars) -> Vec<BarShape> {
    let axis = axis_of(bars.bars.iter().map(|bar| &bar.number));
    let x = |value: f64| place(value, &axis) * BAR_WIDTH;
    let shape = |bar: &Bar| {
        let span = |from: f64, to: f64| {
            let (from, to) = (x(from).min(x(to)), x(from).max(x(to)));
            (at(from), at((to - from).max(1.0)))
        };
        let ends = |(low, high): (f64, f64)| (at(x(low)), at(x(high)));
        BarShape { bar: bar.number.value.map(|value| span(0.0, value)), interval: bar.number.low.zip(bar.number.high).map(ends) }
    };
    bars.bars.iter().map(shape).collect()
}

#[cfg(test)]
mod tests {
    use super::super::number::NumberUnit;
    use super::super::{Point, Series};
    use super::*;

    fn series(values: &[(u32, Option<f64>)]) -> Series {
        let number = |value: Option<f64>| {
            let number = Number::of(value, NumberUnit::Number, 9, "exact");
            Number { low: value.map(|v| v - 1.0), high: value.map(|v| v + 1.0), ..number }
        };
        let point = |(nights, value): &(u32, Option<f64>)| Point { day: String::new(), nights: *nights, number: number(*value) };
        let axis = [Number::axis(0.0, NumberUnit::Number), Number::axis(10.0, NumberUnit::Number)];
        Series { name: String::new(), description: String::new(), axis, points: values.iter().map(point).collect() }
    }

    #[test]
    fn a_missing_night_breaks_the_line() {
        let shape = line_shape(&series(&[(0, Some(0.0)), (1, Some(10.0)), (2, None), (3, Some(5.0)), (5, Some(5.0))]), 5);
        assert_eq!(shape.lines, ["6.0,104.0 67.6,18.0"]);
        assert_eq!(shape.bands, ["6.0,104.0 67.6,26.6 67.6,18.0 6.0,95.4"]);
        let dots: Vec<&str> = shape.dots.iter().map(|(x, _)| x.as_str()).collect();
        assert_eq!(dots, ["190.8", "314.0", "314.0"]);
    }

    #[test]
    fn no_number_leaves_the_view_box() {
        let mut odd = series(&[(0, Some(f64::MAX)), (1, Some(-1e300)), (9, Some(0.0))]);
        odd.axis[1].value = None;
        let shape = line_shape(&odd, 0);
        assert!(!format!("{shape:?}").contains("NaN") && !format!("{shape:?}").contains("inf"));
    }

    #[test]
    fn bars_start_at_zero() {
        let bar = |value| Bar { label: String::new(), number: Number::of(Some(value), NumberUnit::Number, 1, "exact") };
        let shapes = bar_shapes(&Bars { caption: String::new(), bars: vec![bar(10.0), bar(5.0), bar(0.0)], left_out: None });
        let found: Vec<_> = shapes.into_iter().filter_map(|shape| shape.bar).collect();
        let pair = |x: &str, width: &str| (x.to_owned(), width.to_owned());
        assert_eq!(found, [pair("0.0", "200.0"), pair("0.0", "100.0"), pair("0.0", "1.0")]);
    }
}
