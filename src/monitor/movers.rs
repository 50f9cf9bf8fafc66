//! Sellers whose health changed most from one night to another.

use std::cmp::Ordering;

use crate::units::{Id, Market};

/// A seller's health on one night.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SellerHealth {
    /// The seller.
    pub seller_id: Id,
    /// 0 to 1000.
    pub health: i32,
}

/// A seller that two nights know, and how its health changed between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthChange {
    /// The seller.
    pub seller_id: Id,
    /// Health before, 0 to 1000.
    pub before: i32,
    /// Health tonight, 0 to 1000.
    pub health: i32,
}

/// A seller that moved, with all that the report says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct SellerMove {
    /// Market.
    pub market: Market,
    /// The seller and its health.
    pub change: HealthChange,
    /// Band before.
    pub band_before: String,
    /// Band tonight.
    pub band: String,
    /// What costs more, or less, than before; empty where no driver is known.
    pub driver: String,
    /// Decided items that tonight's health rests on.
    pub items: u64,
}

impl HealthChange {
    /// Points gained; negative for a fall.
    #[must_use]
    pub fn points(&self) -> i32 {
        self.health.saturating_sub(self.before)
    }
}

/// The `most` largest falls, then the `most` largest rises, each largest first, of equal ones by identifier. Both nights in any order; a
/// seller that only one of them knows did not move.
#[must_use]
pub fn largest_moves(mut before: Vec<SellerHealth>, mut tonight: Vec<SellerHealth>, most: usize) -> Vec<HealthChange> {
    before.sort_unstable_by(|a, b| a.seller_id.cmp(&b.seller_id));
    tonight.sort_unstable_by(|a, b| a.seller_id.cmp(&b.seller_id));
    let mut earlier = before.into_iter().peekable();
    let (mut falls, mut rises) = (Vec::new(), Vec::new());
    for now in tonight {
        while earlier.next_if(|then| then.seller_id < now.seller_id).is_some() {}
        let Some(then) = earlier.next_if(|then| then.seller_id == now.seller_id) else { continue };
        let change = HealthChange { seller_id: now.seller_id, before: then.health, health: now.health };
        match change.points().cmp(&0) {
            Ordering::Less => falls.push(change),
            Ordering::Equal => {}
            Ordering::Greater => rises.push(change),
        }
    }
    for moves in [&mut falls, &mut rises] {
        moves.sort_by(|a, b| (b.points().abs(), &a.seller_id).cmp(&(a.points().abs(), &b.seller_id)));
        moves.truncate(most);
    }
    falls.append(&mut rises);
    falls
}

/// Of the drivers of two nights, each a cause with the health that it costs as a negative number, the one whose cost changed most in the
/// direction of `points`. `None` where no cost went that way.
#[must_use]
pub fn driver_of(points: i32, before: &[(String, f32)], tonight: &[(String, f32)]) -> Option<String> {
    let cost = |drivers: &[(String, f32)], code: &str| drivers.iter().find(|(of, _)| of == code).map_or(0.0, |(_, cost)| *cost);
    let towards = |code: &str| (cost(tonight, code) - cost(before, code)) * if points < 0 { -1.0 } else { 1.0 };
    let mut codes: Vec<&str> = before.iter().chain(tonight).map(|(code, _)| code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    let moved = codes.into_iter().map(|code| (code, towards(code))).filter(|(_, towards)| *towards > 0.0);
    // Of equal ones the first.
    let most =
        moved.fold(None, |best: Option<(&str, f32)>, next| if best.is_some_and(|b| b.1 >= next.1) { best } else { Some(next) });
    most.map(|(code, _)| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn night(rows: &[(&str, i32)]) -> Vec<SellerHealth> {
        rows.iter().map(|(id, health)| SellerHealth { seller_id: Id::from(*id), health: *health }).collect()
    }

    #[test]
    fn the_largest_falls_come_first_then_the_largest_rises() {
        let before = night(&[("a", 900), ("b", 900), ("c", 400), ("d", 100), ("e", 700), ("gone", 10)]);
        let tonight = night(&[("e", 700), ("d", 500), ("c", 900), ("b", 300), ("a", 800), ("new", 0), ("f", 1)]);
        let moves = largest_moves(before, tonight, 2);
        let told: Vec<(&str, i32)> = moves.iter().map(|m| (m.seller_id.as_str(), m.points())).collect();
        assert_eq!(told, [("b", -600), ("a", -100), ("c", 500), ("d", 400)]);
    }

    #[test]
    fn of_equal_moves_the_identifier_decides_and_no_more_than_asked_are_told() {
        let before = night(&[("c", 500), ("b", 500), ("a", 500)]);
        let tonight = night(&[("b", 400), ("a", 400), ("c", 400)]);
        let moves = largest_moves(before, tonight, 2);
        assert_eq!(moves.iter().map(|m| m.seller_id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert!(largest_moves(night(&[("a", 1)]), Vec::new(), 2).is_empty());
    }

    #[test]
    fn a_driver_moved_health_the_way_it_went() {
        let of = |costs: &[(&str, f32)]| costs.iter().map(|(code, cost)| ((*code).to_owned(), *cost)).collect::<Vec<_>>();
        let (before, tonight) =
            (of(&[("scam", -100.0), ("spam", -300.0)]), of(&[("scam", -350.0), ("spam", -50.0), ("fake", -20.0)]));
        assert_eq!(driver_of(-20, &before, &tonight).as_deref(), Some("scam"));
        assert_eq!(driver_of(20, &before, &tonight).as_deref(), Some("spam"));
        assert_eq!(driver_of(-20, &before, &before), None);
    }
}
