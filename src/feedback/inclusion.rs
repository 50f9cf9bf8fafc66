//! The probability with which an item was drawn into review by any of several slices.

/// π = 1 − Π(1 − `π_slice`) over the slices that drew the item (DESIGN.md §5); `None` where no probability is known. Equal
/// probabilities count as one slice: a second reviewer of the same case carries the same one.
#[must_use]
pub fn drawn_by_any(slices: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut known: Vec<f64> = slices.into_iter().collect();
    known.sort_by(f64::total_cmp);
    known.dedup();
    match known[..] {
        [] => None,
        [one] => Some(one),
        _ => Some(1.0 - known.iter().fold(1.0, |missed, pi| missed * (1.0 - pi))),
    }
}

#[cfg(test)]
mod tests {
    use super::drawn_by_any;

    #[test]
    fn slices_that_drew_one_item_add_up_to_one_probability() {
        assert_eq!(drawn_by_any([]), None);
        assert_eq!(drawn_by_any([0.1, 0.1]), Some(0.1));
        // 1 − ¾ · ½.
        assert_eq!(drawn_by_any([0.5, 0.25, 0.5]), Some(0.625));
    }
}
