//! The cases that a number of minutes lasts for, of any number offered.

use std::collections::BTreeMap;

/// Of what is offered, those that begin before the minutes are used up when all are done in the order of their keys. What is kept does
/// not depend on the order of offers: once the earlier ones fill the minutes, no later offer can bring a case back.
#[derive(Debug, Clone)]
pub(super) struct Prefix<K: Ord, T> {
    capacity: u64,
    total: u64,
    kept: BTreeMap<K, (u64, T)>,
}

impl<K: Ord, T> Prefix<K, T> {
    /// For so many thousandths of a minute.
    pub(super) fn new(capacity: u64) -> Self {
        Self { capacity, total: 0, kept: BTreeMap::new() }
    }

    /// Offers a case that takes `minutes`. Keys are distinct.
    pub(super) fn offer(&mut self, key: K, minutes: u64, case: T) {
        if self.total >= self.capacity && self.kept.last_key_value().is_none_or(|(last, _)| *last < key) {
            return;
        }
        self.total += minutes;
        self.kept.insert(key, (minutes, case));
        while let Some(last) = self.kept.last_entry() {
            if self.total - last.get().0 < self.capacity {
                break;
            }
            self.total -= last.remove().0;
        }
    }

    /// What was kept, in order, with its minutes.
    pub(super) fn into_kept(self) -> impl Iterator<Item = (K, u64, T)> {
        self.kept.into_iter().map(|(key, (minutes, case))| (key, minutes, case))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kept(capacity: u64, offers: &[(u32, u64)]) -> Vec<u32> {
        let mut prefix = Prefix::new(capacity);
        offers.iter().for_each(|(key, minutes)| prefix.offer(*key, *minutes, ()));
        prefix.into_kept().map(|(key, _, ())| key).collect()
    }

    #[test]
    fn the_last_case_may_end_after_the_minutes() {
        assert_eq!(kept(10, &[(3, 5), (1, 4), (4, 1), (2, 5)]), [1, 2, 3]);
        assert_eq!(kept(9, &[(3, 5), (1, 4), (4, 1), (2, 5)]), [1, 2]);
        assert_eq!(kept(0, &[(1, 1)]), Vec::<u32>::new());
    }

    proptest! {
        /// The same as sorting everything and adding up.
        #[test]
        fn it_is_the_sorted_prefix(capacity in 0_u64..40, minutes in prop::collection::vec(1_u64..9, 0..30), seed in any::<u64>()) {
            let mut offers: Vec<(u32, u64)> = (0..).zip(minutes).collect();
            let (mut used, mut expect) = (0, Vec::new());
            for (key, minutes) in &offers {
                if used < capacity {
                    expect.push(*key);
                }
                used += minutes;
            }
            offers.sort_by_key(|(key, _)| crate::units::finalise(seed ^ u64::from(*key)));
            prop_assert_eq!(kept(capacity, &offers), expect);
        }
    }
}
