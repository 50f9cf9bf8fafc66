//! How often a firing rate alarms where nothing happens, and whether it alarms where something does.

use super::*;
use crate::monitor::{AlarmState, Segment};
use crate::units::SplitMix;

/// P is shared among the tests of a night (20 policies × 6 markets).
const LIMITS: FiringLimits = FiringLimits { decay: 0.98, max_p: 0.005 / 120.0, min_periods: 24, min_ratio: 1.25, min_fired: 10 };

fn draw(rng: &mut SplitMix, items: u64, rate: f64) -> Firing {
    Firing { items, fired: (0..items).filter(|_| rng.uniform() < rate).count() as u64 }
}

#[test]
fn two_hundred_quiet_nights_raise_few_and_a_flood_is_caught_the_same_night() {
    let mut rng = SplitMix(7);
    let mut history: Vec<Vec<Firing>> = vec![Vec::new(); 120];
    let (mut alarms, mut raised, mut day) = (Vec::new(), 0, "2026-01-01".parse().unwrap());
    for night in 0..=200_u32 {
        let mut findings = Vec::new();
        for (cell, before) in history.iter_mut().enumerate() {
            let usual = [0.001, 0.004, 0.01, 0.03][cell % 4];
            let rate = if night == 200 && cell == 5 { usual * 5.0 } else { usual };
            let tonight = draw(&mut rng, 1_000 + 200 * (cell as u64 % 7), rate);
            let recent = &before[before.len().saturating_sub(35)..];
            if firing_rate(recent, tonight, &LIMITS).is_some() {
                let segment = Segment { subject: Some(format!("{cell:03}")), ..Segment::default() };
                findings.push(Finding { check: "firing_rate".into(), segment, message: String::new(), n: tonight.items });
            }
            before.push(tonight);
        }
        alarms = update(&alarms, &findings, day, |_| Some("firing_rate"));
        let new = alarms.iter().filter(|alarm| alarm.state == AlarmState::Raised);
        if night < 200 {
            raised += new.count();
        } else {
            assert!(new.clone().any(|alarm| alarm.segment.subject.as_deref() == Some("005")), "{alarms:?}");
        }
        day = day.plus(1);
    }
    println!("{raised} alarms in 200 quiet nights of 120 cells");
    assert!(raised <= 10, "{raised}");
}
