//! What is usual among the others: a median that leaves one value out.

/// The median of `sorted` without one occurrence of `own` (of an even count the lower middle); `None` when fewer than `fewest`
/// values remain. A value that is not there leaves nothing out.
pub(super) fn median_of_others(sorted: &[f64], own: f64, fewest: usize) -> Option<f64> {
    let at = sorted.partition_point(|value| value.total_cmp(&own).is_lt());
    let found = sorted.get(at).is_some_and(|value| value.total_cmp(&own).is_eq());
    let n = sorted.len() - usize::from(found);
    if n < fewest.max(1) {
        return None;
    }
    let middle = (n - 1) / 2;
    sorted.get(middle + usize::from(found && middle >= at)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_is_left_out() {
        let check = |sorted: &[f64], own: f64, expect: Option<f64>| assert_eq!(median_of_others(sorted, own, 2), expect);
        check(&[1.0, 2.0, 3.0, 4.0], 1.0, Some(3.0));
        check(&[1.0, 2.0, 3.0, 4.0], 3.0, Some(2.0));
        check(&[1.0, 2.0, 3.0, 4.0], 4.0, Some(2.0));
        check(&[1.0, 2.0, 3.0, 4.0], 2.5, Some(2.0));
        check(&[2.0, 2.0, 9.0], 2.0, Some(2.0));
        check(&[1.0, 2.0], 2.0, None);
        check(&[], 2.0, None);
        check(&[1.0, 2.0, 3.0], f64::NAN, Some(2.0));
    }
}
