//! Counts of bucket numbers, without sorting them.
//!
//! Input: the buckets of one text, in any order. Output: each distinct bucket once with its count, in the order in which they first
//! occurred, which depends on the text alone. Deliberately not here: hashing.

/// Slots of the table for ordinary texts, which stays in the nearest cache.
const NEAR_SLOTS: usize = 1 << 14;
/// Most buckets that are counted there: few enough that two of them seldom want one slot.
const MOST_NEAR: usize = 1024;
/// Slots for each bucket of a longer text.
const SLOTS_PER_BUCKET: usize = 8;

/// Open-addressed tables that are never cleared between texts: a slot counts as empty when it was written for an earlier one.
#[derive(Debug, Default)]
pub(super) struct BucketCounts {
    /// `near_base` plus the bucket's place in the output. A fixed size, so that no look-up asks whether it is inside; short numbers, so
    /// that twice as many slots fit the cache.
    near: Option<Box<[u16; NEAR_SLOTS]>>,
    /// What was written for earlier texts lies below; none before the first one.
    near_base: u16,
    /// The same for longer texts.
    far: Vec<u32>,
    base: u32,
}

impl BucketCounts {
    /// Replaces `out` with the distinct `buckets` and their counts.
    pub(super) fn count(&mut self, buckets: &[&[u32]; 2], out: &mut Vec<(u32, f32)>) {
        let n_buckets = buckets[0].len() + buckets[1].len();
        out.clear();
        // One row more than there can be, for there is always a free one.
        out.resize(n_buckets + 1, (0, 0.0));
        let n = match u16::try_from(n_buckets) {
            Ok(most) if n_buckets <= MOST_NEAR => self.count_near(buckets, most, out),
            _ => self.count_far(buckets, n_buckets, out),
        };
        out.truncate(n);
    }

    fn count_near(&mut self, buckets: &[&[u32]; 2], most: u16, rows: &mut [(u32, f32)]) -> usize {
        let near = self.near.get_or_insert_with(|| Box::new([0; NEAR_SLOTS]));
        if self.near_base == 0 || self.near_base.checked_add(most).is_none() {
            near.fill(0);
            self.near_base = 1;
        }
        let n = buckets.iter().fold(0, |n, part| add_near(part, near, self.near_base, n, rows));
        self.near_base += most;
        n
    }

    fn count_far(&mut self, buckets: &[&[u32]; 2], n_buckets: usize, rows: &mut [(u32, f32)]) -> usize {
        let most = u32::try_from(n_buckets).unwrap_or(u32::MAX);
        if self.base == 0 || self.base.checked_add(most).is_none_or(|end| end == u32::MAX) {
            (self.far, self.base) = (Vec::new(), 1);
        }
        let n_slots = (n_buckets * SLOTS_PER_BUCKET).next_power_of_two();
        if self.far.len() < n_slots {
            self.far = vec![0; n_slots];
        }
        let far = &mut self.far[..n_slots];
        let n = buckets.iter().fold(0, |n, part| add_far(part, far, self.base, n, rows));
        self.base += most;
        n
    }
}

/// Counts `buckets` into `rows`, of which `n` are taken, and gives how many are then. Whether a bucket is new is what nobody can
/// predict, so nothing branches on it: the first free row is made to look like the bucket's own.
#[inline(always)]
fn add_near(buckets: &[u32], slots: &mut [u16; NEAR_SLOTS], base: u16, n: usize, rows: &mut [(u32, f32)]) -> usize {
    let mut n = n;
    for &bucket in buckets {
        rows[n].0 = bucket;
        let mut slot = bucket as usize % NEAR_SLOTS;
        let mut place = slots[slot].wrapping_sub(base) as usize;
        let mut row = place.min(n);
        while rows[row].0 != bucket {
            slot = (slot + 1) % NEAR_SLOTS;
            place = slots[slot].wrapping_sub(base) as usize;
            row = place.min(n);
        }
        slots[slot] = base + row as u16;
        rows[row].1 += 1.0;
        n += usize::from(place >= n);
    }
    n
}

/// The same in a table of any power of two.
fn add_far(buckets: &[u32], slots: &mut [u32], base: u32, n: usize, rows: &mut [(u32, f32)]) -> usize {
    let (mut n, mask) = (n, slots.len() - 1);
    for &bucket in buckets {
        let mut slot = bucket as usize & mask;
        let mut place = slots[slot].wrapping_sub(base) as usize;
        while place < n && rows[place].0 != bucket {
            slot = (slot + 1) & mask;
            place = slots[slot].wrapping_sub(base) as usize;
        }
        let row = place.min(n);
        slots[slot] = base + row as u32;
        rows[row] = (bucket, rows[row].1 + 1.0);
        n += usize::from(place >= n);
    }
    n
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
        check(&mut counts, &[&[1, 16385, 32769], &[16385, 2]], &[(1, 1.0), (16385, 2.0), (32769, 1.0), (2, 1.0)]);
    }

    #[test]
    fn longer_texts_and_full_numbers_begin_anew() {
        let mut counts = BucketCounts::default();
        check(&mut counts, &[&[1], &[]], &[(1, 1.0)]);
        let many: Vec<u32> = (0..2000).collect();
        let expect: Vec<(u32, f32)> = many.iter().map(|bucket| (*bucket, 1.0)).collect();
        check(&mut counts, &[&many, &[]], &expect);
        counts.base = u32::MAX - 1;
        check(&mut counts, &[&many, &[]], &expect);
        counts.near_base = u16::MAX - 1;
        check(&mut counts, &[&[4, 4, 1], &[]], &[(4, 2.0), (1, 1.0)]);
        check(&mut counts, &[&[1, 4], &[]], &[(1, 1.0), (4, 1.0)]);
    }
}
