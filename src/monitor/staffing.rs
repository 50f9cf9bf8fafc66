//! What another reviewer hour would prevent in each market, and what the desk would prevent with fewer or more.

use super::figure::{Family, Figure, Segment, Unit};
use crate::queue::StaffingCurve;
use crate::units::Market;

const NOTE: &str = "as the model expects it, before reviewers err: an expectation has no interval";

/// `harm_prevented` at shares of the minutes that there are (subject `1.5x`; all teams of the market staffed alike), `next_hour` of each
/// team, and of the market, where the hour goes to the team that prevents most with it. Harm is that until the next chance of review.
#[must_use]
pub fn staffing_curve_figures(market: Market, curves: &[StaffingCurve]) -> Vec<Figure> {
    let Some(first) = curves.first() else { return Vec::new() };
    let of = |metric: &str, subject: Option<String>| {
        let segment = Segment { market: Some(market), subject, ..Segment::default() };
        Figure { method: "expected", note: Some(NOTE.to_owned()), ..Figure::new(Family::Operations, metric, segment, Unit::Harm) }
    };
    let mut figures = Vec::new();
    for (at, point) in first.points.iter().enumerate() {
        let points = || curves.iter().filter_map(|curve| curve.points.get(at));
        let (harm, n) = points().fold((0.0, 0), |(harm, n), point| (harm + point.harm, n + point.cases));
        figures.push(Figure { value: Some(harm), n, ..of("harm_prevented", Some(format!("{}x", point.share))) });
    }
    for curve in curves {
        let team = Some(curve.team.clone());
        figures.push(Figure { value: Some(curve.next_hour), n: curve.next_hour_cases, ..of("next_hour", team) });
    }
    // Of equal ones the first.
    let best = curves.iter().fold(first, |best, next| if next.next_hour > best.next_hour { next } else { best });
    let note = format!("with the team {}; {NOTE}", best.team);
    figures.push(Figure { value: Some(best.next_hour), n: best.next_hour_cases, note: Some(note), ..of("next_hour", None) });
    figures
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::StaffingPoint;

    #[test]
    fn teams_add_up_and_the_hour_goes_where_it_prevents_most() {
        let curve = |team: &str, harm: f64, next_hour| StaffingCurve {
            team: team.to_owned(),
            points: [0.5, 1.0].map(|share| StaffingPoint { share, minutes: 60.0 * share, cases: 3, harm: harm * share }).to_vec(),
            next_hour,
            next_hour_cases: 4,
        };
        let th: Market = "TH".parse().unwrap();
        let figures = staffing_curve_figures(th, &[curve("TH/th/*", 10.0, 2.0), curve("TH/en/*", 30.0, 5.0)]);
        let told: Vec<(&str, Option<&str>, Option<f64>, u64)> =
            figures.iter().map(|f| (f.metric.as_str(), f.segment.subject.as_deref(), f.value, f.n)).collect();
        assert_eq!(
            told,
            [
                ("harm_prevented", Some("0.5x"), Some(20.0), 6),
                ("harm_prevented", Some("1x"), Some(40.0), 6),
                ("next_hour", Some("TH/th/*"), Some(2.0), 4),
                ("next_hour", Some("TH/en/*"), Some(5.0), 4),
                ("next_hour", None, Some(5.0), 4),
            ]
        );
        assert!(figures.iter().all(|f| f.interval.is_none() && f.note.is_some() && f.segment.market == Some(th)));
        assert!(figures[4].note.as_ref().unwrap().contains("TH/en/*"));
        assert!(staffing_curve_figures(th, &[]).is_empty());
    }
}
