//! A row's place in words.

use super::case::Case;
use super::item::QueueItem;
use super::minutes::THOUSANDTHS;
use crate::config::{QueueConfig, QueueOrder};

/// A number as people read it: two or three significant digits below 100, whole numbers above.
pub(super) fn shown(value: f64) -> String {
    match value {
        v if v >= 99.95 => format!("{v:.0}"),
        v if v >= 9.995 => format!("{v:.1}"),
        v if v >= 0.0995 || v == 0.0 => format!("{v:.2}"),
        v if v >= 0.00995 => format!("{v:.3}"),
        v if v >= 0.000_995 => format!("{v:.4}"),
        v => format!("{v:.1e}"),
    }
}

/// 1st, 2nd, 3rd, 4th.
pub(super) fn ordinal(n: u64) -> String {
    let suffix = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{suffix}")
}

/// How the expected harm of an item comes about: `p 0.92 x weight 30 x 29 views in 7 days`.
fn harm_of(item: &QueueItem, days: u32) -> String {
    let views = match item.views {
        Some(views) => format!("{} views in {days} days", shown(views)),
        None => "one view, as nothing is known of them".to_owned(),
    };
    let Some(per_view) = item.harm_per_view else { return format!("no abuse label with a score x {views}") };
    let leading = item.leading.as_ref().filter(|leading| leading.weight > 0.0);
    match leading {
        Some(leading) if leading.p * leading.weight >= 0.995 * per_view => {
            format!("p {} x weight {} x {views}", shown(leading.p), shown(leading.weight))
        }
        Some(leading) => {
            let part = format!("{} p {} x weight {}", leading.label, shown(leading.p), shown(leading.weight));
            format!("{} a view ({part}, and other labels) x {views}", shown(per_view))
        }
        None => format!("{} a view x {views}", shown(per_view)),
    }
}

/// What brought a case here by the configured order.
pub(super) fn of_case(case: &Case, config: &QueueConfig) -> String {
    let item = &case.representative;
    let harm = harm_of(item, config.horizon_days);
    let harm = if case.size > 1 {
        let of_item = shown(item.harm());
        format!("expected harm {} of {} near duplicates, {of_item} of this one = {harm}", shown(case.harm), case.size)
    } else {
        format!("expected harm {} = {harm}", shown(case.harm))
    };
    let order = match config.order {
        QueueOrder::ExpectedHarm => String::new(),
        QueueOrder::Fifo => format!("waiting {} days; ", shown(case.waiting_days)),
        QueueOrder::Score => format!("probability of abuse {}; ", shown(case.abuse)),
        QueueOrder::Reports => format!("{} unanswered reports; ", case.reports),
    };
    format!("{order}{harm}; {} min", shown(case.minutes as f64 / THOUSANDTHS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let found: Vec<String> =
            [0.0, 0.000_042, 0.004, 0.0271, 0.916, 1.4, 12.34, 99.96, 812.4].into_iter().map(shown).collect();
        assert_eq!(found, ["0.00", "4.2e-5", "0.0040", "0.027", "0.92", "1.40", "12.3", "100", "812"]);
        let places: Vec<String> = [1, 2, 3, 4, 11, 12, 13, 21, 112].into_iter().map(ordinal).collect();
        assert_eq!(places, ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th"]);
    }
}
