//! What a team's minutes prevent, and what more or fewer of them would: expected harm along the order of its cases.

use super::minutes::THOUSANDTHS;
use super::order::Place;
use super::prefix::Prefix;

/// Shares of a team's minutes at which the curve is told.
const SHARES: [f64; 5] = [0.5, 1.0, 1.25, 1.5, 2.0];

/// Thousandths of a minute in an hour.
const HOUR: u64 = 60_000;

/// What one team's minutes are expected to prevent.
#[derive(Debug, Clone, PartialEq)]
pub struct StaffingCurve {
    /// The team.
    pub team: String,
    /// By share of the minutes that it has, ascending; 1 among them.
    pub points: Vec<StaffingPoint>,
    /// What a further hour would prevent: expected harm.
    pub next_hour: f64,
    /// Cases that the further hour would begin or finish.
    pub next_hour_cases: u64,
}

/// A point of the curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StaffingPoint {
    /// Share of the team's minutes.
    pub share: f64,
    /// Minutes for cases in order: what drawn items, second reviews and golden cases take is left out, in the same share.
    pub minutes: f64,
    /// Cases begun by then.
    pub cases: u64,
    /// Expected harm of the cases done by then, the last one in part.
    pub harm: f64,
}

/// A team's cases in order, as far as twice its minutes and an hour last. Memory: a place and two numbers a case.
#[derive(Debug)]
pub(super) struct Staffing {
    capacity: u64,
    cases: Prefix<Place, f64>,
}

impl Staffing {
    /// For a team that has so many thousandths of a minute.
    pub(super) fn new(capacity: u64) -> Self {
        Self { capacity, cases: Prefix::new(capacity.saturating_mul(2).saturating_add(HOUR)) }
    }

    /// Offers a case that takes `minutes` (thousandths) and whose expected harm is `harm`.
    pub(super) fn offer(&mut self, place: Place, minutes: u64, harm: f64) {
        self.cases.offer(place, minutes, harm);
    }

    /// The curve of a team of whose minutes `drawn` (thousandths) go to rows that are there for what they tell. `None` without a case.
    pub(super) fn curve(self, team: String, drawn: u64) -> Option<StaffingCurve> {
        let cases: Vec<(u64, f64)> = self.cases.into_kept().map(|(_, minutes, harm)| (minutes, harm)).collect();
        if cases.is_empty() {
            return None;
        }
        let free = self.capacity.saturating_sub(drawn) as f64;
        let point = |share: f64| {
            let (begun, harm) = done(&cases, share * free);
            StaffingPoint { share, minutes: share * free / THOUSANDTHS, cases: begun, harm }
        };
        let (now, then) = (done(&cases, free), done(&cases, free + HOUR as f64));
        let points = SHARES.iter().map(|share| point(*share)).collect();
        Some(StaffingCurve { team, points, next_hour: then.1 - now.1, next_hour_cases: then.0 - now.0 })
    }
}

/// Cases begun within `minutes` and the harm done away with, in the order of `cases`.
fn done(cases: &[(u64, f64)], minutes: f64) -> (u64, f64) {
    let (mut left, mut begun, mut sum) = (minutes, 0, 0.0);
    for (takes, harm) in cases {
        if left <= 0.0 {
            break;
        }
        let takes = *takes as f64;
        sum += harm * (left / takes).min(1.0);
        left -= takes;
        begun += 1;
    }
    (begun, sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harm_is_added_up_in_order_and_the_last_case_counts_in_part() {
        let cases = [(1000, 8.0), (2000, 6.0), (4000, 4.0)];
        assert_eq!(done(&cases, 0.0), (0, 0.0));
        assert_eq!(done(&cases, 1000.0), (1, 8.0));
        assert_eq!(done(&cases, 2000.0), (2, 11.0));
        assert_eq!(done(&cases, 1e9), (3, 18.0));
    }
}
