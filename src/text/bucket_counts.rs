//! Counts of bucket numbers, without sorting them.
//!
//! Input: the buckets of one text, in any order. Output: each distinct bucket once with its count, in the order in which they first
//! occurred, which depends on the text alone. Deliberately not here: hashing.

/// Slots for each bucket to be counted: few enough to stay close, so many that two buckets seldom want one slot.
const SLOTS_PER_BUCKET: usize = 8;
/// Fewest slots.
const FEWEST_SLOTS: usize = 4096;

/// An open-addressed table that is never cleared between texts: a slot counts as empty when it was written for an earlier one.
#[derive(Debug, Default)]
pub(super) struct BucketCounts {
    /// `base` plus the bucket's place in the output.
    slots: Vec<u32>,
    /// What was written for earlier texts lies below.
    base: u32,
}

impl BucketCounts {
    /// Replaces `out` with the distinct `buckets` and their counts.
    pub(super) fn count(&mut self, buckets: &[&[u32]; 2], out: &mut Vec<(u32, f32)>) {
        let n_buckets = buckets[0].len() + buckets[1].len();
        let most = u32::try_from(n_buckets).unwrap_or(u32::MAX);
        let n_slots = (n_buckets * SLOTS_PER_BUCKET).next_power_of_two().max(FEWEST_SLOTS);
        if self.slots.len() < n_slots || self.base.checked_add(most).is_none_or(|end| end == u32::MAX) {
            self.slots = vec![0; n_slots.max(self.slots.len())];
            self.base = 1;
        }
        let slots = &mut self.slots[..n_slots];
        let (base, mask) = (self.base, n_slots - 1);
        out.clear();
        out.resize(n_buckets, (0, 0.0));
        let rows = out.as_mut_slice();
        let mut n = 0_usize;
        for part in buckets {
            for &bucket in *part {
                let mut slot = bucket as usize & mask;
                loop {
                    let place = slots[slot].wrapping_sub(base);
                    if place >= most {
                        slots[slot] = base + n as u32;
                        rows[n] = (bucket, 1.0);
                        n += 1;
                        break;
                    }
                    let row = &mut rows[place as usize];
                    if row.0 == bucket {
                        row.1 += 1.0;
                        break;
                    }
                    slot = (slot + 1) & mask;
                }
            }
        }
        out.truncate(n);
        self.base += most;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(counts: &mut BucketCounts, buckets: &[&[u32]; 2], expect: &[(u32, f32)]) {
        let mut out = vec![(9, 9.0)];
        counts.count(buckets, &mut out);
        assert_eq!(out, expect);
    }

    #[test]
    fn buckets_are_counted_in_the_order_of_their_first_place() {
        let mut counts = BucketCounts::default();
        check(&mut counts, &[&[5, 3, 5], &[3, 7, 5]], &[(5, 3.0), (3, 2.0), (7, 1.0)]);
        check(&mut counts, &[&[3], &[]], &[(3, 1.0)]);
        check(&mut counts, &[&[], &[]], &[]);
    }

    #[test]
    fn buckets_that_want_one_slot_are_kept_apart() {
        let mut counts = BucketCounts::default();
        check(&mut counts, &[&[1, 4097, 8193], &[4097, 2]], &[(1, 1.0), (4097, 2.0), (8193, 1.0), (2, 1.0)]);
    }

    #[test]
    fn longer_texts_and_full_numbers_begin_anew() {
        let mut counts = BucketCounts::default();
        check(&mut counts, &[&[1], &[]], &[(1, 1.0)]);
        let many: Vec<u32> = (0..2000).collect();
        let expect: Vec<(u32, f32)> = many.iter().map(|bucket| (*bucket, 1.0)).collect();
        check(&mut counts, &[&many, &[]], &expect);
        counts.base = u32::MAX - 1;
        check(&mut counts, &[&[4, 4], &[]], &[(4, 2.0)]);
    }
}
